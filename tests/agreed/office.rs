//! A repository with two leaders and their keys.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// What the program said, and how it ended.
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl Said {
    /// Line breaks and padding aside.
    pub fn flat(&self) -> String {
        format!("{} {}", self.out, self.err)
            .split_whitespace()
            .filter(|word| *word != "│")
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[track_caller]
    pub fn says(&self, parts: &[&str]) -> &Self {
        let flat = self.flat();
        for part in parts {
            assert!(flat.contains(part), "`{part}` is not in:\n{}\n{}", self.out, self.err);
        }
        self
    }

    #[track_caller]
    pub fn ends(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }
}

/// A repository on `main` with keys for a CIO, a CISO, an arbiter and a stranger beside it.
pub struct Office {
    folder: TempDir,
}

pub const APPETITE: &str = ".detente/appetite.yml";

impl Office {
    /// `None` if there is no `ssh-keygen` here.
    pub fn open() -> Option<Self> {
        let office = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(office.path("repo")).unwrap();
        office.git(&["init", "-q", "-b", "main", "."]);
        for name in ["cio", "ciso", "coo", "other", "new"] {
            if !office.make_key(name, &["-t", "ed25519", "-N", ""]) {
                println!("passed over: ssh-keygen is not installed");
                return None;
            }
        }
        Some(office)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn repo(&self) -> PathBuf {
        self.path("repo")
    }

    /// Whether `ssh-keygen` is there.
    pub fn make_key(&self, name: &str, kind: &[&str]) -> bool {
        let made =
            Command::new("ssh-keygen").arg("-q").args(kind).args(["-C", name, "-f"]).arg(self.path(name)).output();
        made.map(|output| assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr))).is_ok()
    }

    pub fn public(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap();
        text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.repo().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.repo().join(path)).unwrap()
    }

    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = self.git_in("repo", arguments);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn git_in(&self, folder: &str, arguments: &[&str]) -> Output {
        Command::new("git")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .args(["-c", "user.name=A. Example", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"])
            .args(arguments)
            .current_dir(self.path(folder))
            .output()
            .unwrap()
    }

    pub fn commit(&self, message: &str) -> &Self {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with("repo", &[], arguments)
    }

    /// Runs the program with the environment scrubbed, but for `variables`.
    pub fn run_with(&self, folder: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Said {
        let output = assert_cmd::Command::cargo_bin("detente")
            .unwrap()
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(variables.iter().copied())
            .current_dir(self.path(folder))
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
    }

    /// Signs as `role` with the key `name`.
    #[track_caller]
    pub fn sign(&self, role: &str, name: &str) -> &Self {
        self.run(&["appetite", "sign", "--as", role, "--key", self.path(name).to_str().unwrap()]).ends(0);
        self
    }

    /// Signs with `ssh-keygen` alone, which asks no questions about whose key it is.
    pub fn sign_plainly(&self, role: &str, name: &str) -> &Self {
        let file = self.repo().join(APPETITE);
        let mut arguments = vec!["-q", "-Y", "sign", "-n", "detente-appetite", "-f"];
        let key = self.path(name);
        arguments.push(key.to_str().unwrap());
        let signed = Command::new("ssh-keygen").args(arguments).stdin(fs::File::open(file).unwrap()).output().unwrap();
        assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
        self.write(&format!("{APPETITE}.{role}.sig"), signed.stdout)
    }

    /// An appetite whose parties sign with the keys of these names, with an arbiter; not signed yet.
    pub fn agree_on(&self, cio: &str, ciso: &str, high: u32) -> &Self {
        self.agree_as(("A. Example", cio), ("B. Example", ciso), high)
    }

    pub fn agree_as(&self, cio: (&str, &str), ciso: (&str, &str), high: u32) -> &Self {
        let text = format!(
            "version: 1\nname: Shop\nstatement: Short.\nagreed:\n  effective: 2026-11-01\n  review_by: 2030-02-01\n  parties:\n    \
             cio: {{ name: {}, keys: [\"{}\"] }}\n    ciso: {{ name: {}, keys: [\"{}\"] }}\n  \
             arbiter: {{ role: coo, name: C. Example, keys: [\"{}\"] }}\ntolerance:\n  \
             - id: new-high\n    when: finding.introduced && finding.severity == HIGH\n    appetite: 0\n    tolerance: {high}\n",
            cio.0,
            self.public(cio.1),
            ciso.0,
            self.public(ciso.1),
            self.public("coo"),
        );
        self.write(APPETITE, text)
    }

    /// The first version, agreed and committed.
    pub fn agreed() -> Option<Self> {
        let office = Self::open()?;
        office.agree_on("cio", "ciso", 3).sign("cio", "cio").sign("ciso", "ciso").commit("Agree the appetite");
        Some(office)
    }

    pub fn verify(&self) -> Said {
        self.run(&["appetite", "verify", "--now", "2026-12-01T12:00:00Z"])
    }
}
