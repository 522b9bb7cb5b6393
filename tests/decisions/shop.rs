//! A shop with a real bare repository, clones of it, and people with SSH keys of their own.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use detente::model::ledger::{Decider, ForgeIdentity};
use serde_json::Value;
use tempfile::TempDir;

/// Sample reports of the demo.
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/demo");

/// The moment of the demo, a Tuesday.
pub const TUESDAY: &str = "2026-11-24T09:30:00Z";

/// Everybody with a key.
const PEOPLE: [&str; 6] = ["cio", "ciso", "lead", "delivery", "security", "dev"];

pub struct Shop {
    pub folder: TempDir,
}

impl Shop {
    /// An agreed appetite on `main`, and a change on `feature`.
    pub fn open() -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap() };
        shop.run(shop.path(""), "git", &["init", "-q", "--bare", "-b", "main", "origin.git"]);
        for name in PEOPLE {
            let key = shop.key(name);
            shop.run(
                shop.path(""),
                "ssh-keygen",
                &["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key.to_str().unwrap()],
            );
        }
        let signers = ["cio", "ciso"].map(|name| format!("{name} {}\n", shop.public(name))).concat();
        fs::write(shop.path("allowed_signers"), signers).unwrap();
        let work = shop.clone_as("work", "dev");
        fs::create_dir_all(work.join(".detente")).unwrap();
        fs::write(work.join("README.md"), "# Shop\n").unwrap();
        shop.agree(&work, &shop.appetite());
        shop.git(&work, &["push", "-q", "origin", "HEAD:main"]);
        shop.git(&work, &["checkout", "-q", "-b", "feature"]);
        shop.commit(&work, "pay.js", "pay();\n");
        shop
    }

    /// The demo's agreement, with people who hold the roles.
    pub fn appetite(&self) -> String {
        let text = fs::read_to_string(format!("{SAMPLES}/appetite.yml")).unwrap();
        // No day for what stands in the code, so that the three options lie well apart.
        let agreed = "timelines: { default: cisa-bod-26-04, code: fedramp-rev5 }";
        assert!(text.contains(agreed));
        let text = text.replace(agreed, "timelines: cisa-bod-26-04");
        let (head, _) = text.split_once("\nroles:").unwrap();
        // The parties' own keys in place of the demo's.
        let party = |line: &str| {
            let (start, _) = line.split_once("keys: [")?;
            let role = ["cio", "ciso"].into_iter().find(|role| line.trim_start().starts_with(&format!("{role}:")))?;
            Some(format!("{start}keys: [\"{}\"] }}", self.public(role)))
        };
        let head: Vec<String> = head.lines().map(|line| party(line).unwrap_or_else(|| line.to_owned())).collect();
        let head = head.join("\n");
        let role = |role: &str, name: &str| format!("  {role}: {{ keys: [\"{}\"] }}\n", self.public(name));
        let roles =
            role("tech-lead", "lead") + &role("delivery-delegate", "delivery") + &role("security-delegate", "security");
        format!("{head}\nroles:\n{roles}")
    }

    /// Puts an appetite on the branch that is checked out, signed by both.
    pub fn agree(&self, work: &Path, text: &str) {
        let file = work.join(".detente/appetite.yml");
        fs::write(&file, text).unwrap();
        for role in ["cio", "ciso"] {
            let key = self.key(role);
            let file = file.to_str().unwrap();
            self.run(
                work.to_owned(),
                "ssh-keygen",
                &["-q", "-Y", "sign", "-n", "detente-appetite", "-f", key.to_str().unwrap(), file],
            );
            fs::rename(format!("{file}.sig"), format!("{file}.{role}.sig")).unwrap();
        }
        self.git(work, &["add", "-A"]);
        self.git(work, &["commit", "-q", "-m", "Agree the appetite"]);
    }

    /// A shop whose agreement was altered, with a change on `feature` that builds on it.
    pub fn agreed(alter: impl Fn(String) -> String) -> (Self, PathBuf) {
        let shop = Self::open();
        let work = shop.path("work");
        let text = alter(shop.appetite());
        if text == shop.appetite() {
            return (shop, work);
        }
        shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
        shop.agree(&work, &text);
        shop.git(&work, &["push", "-q", "origin", "HEAD:main"]);
        shop.git(&work, &["checkout", "-q", "-B", "feature", "main"]);
        shop.commit(&work, "pay.js", "pay();\n");
        (shop, work)
    }

    pub fn clone_as(&self, folder: &str, name: &str) -> PathBuf {
        self.run(self.path(""), "git", &["clone", "-q", "origin.git", folder]);
        let work = self.path(folder);
        self.work_as(&work, name);
        work
    }

    pub fn commit(&self, work: &Path, file: &str, text: &str) {
        fs::write(work.join(file), text).unwrap();
        self.work_as(work, "dev");
        self.git(work, &["add", "-A"]);
        self.git(work, &["commit", "-q", "-m", "Work on it"]);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn key(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.key"))
    }

    pub fn public(&self, name: &str) -> String {
        fs::read_to_string(self.path(&format!("{name}.key.pub"))).unwrap().trim().to_owned()
    }

    /// `name`, as a record names somebody with a key.
    pub fn by_key(&self, name: &str) -> Decider {
        let key = self.public(name).split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        Decider::SshKey { key, name: name.to_owned(), email: String::new() }
    }

    /// The signature of `name` over some bytes, made by `ssh-keygen`.
    pub fn sign(&self, name: &str, purpose: &str, bytes: &[u8]) -> String {
        let file = self.path("signed");
        fs::write(&file, bytes).unwrap();
        let _ = fs::remove_file(self.path("signed.sig"));
        let (key, file) = (self.key(name), file.to_str().unwrap());
        let arguments = ["-q", "-Y", "sign", "-n", purpose, "-f", key.to_str().unwrap(), file];
        self.run(self.path(""), "ssh-keygen", &arguments);
        fs::read_to_string(self.path("signed.sig")).unwrap()
    }

    pub fn git(&self, work: &Path, arguments: &[&str]) -> String {
        self.run(work.to_owned(), "git", arguments)
    }

    fn run(&self, folder: PathBuf, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(program);
        command.current_dir(folder).args(arguments);
        quiet(&mut command, self);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Reports in a folder of their own: `name` and where it comes from.
    pub fn reports(&self, folder: &str, names: &[&str]) -> PathBuf {
        let to = self.path(folder);
        let _ = fs::remove_dir_all(&to);
        fs::create_dir_all(&to).unwrap();
        for name in names {
            fs::copy(format!("{SAMPLES}/{name}"), to.join(name.rsplit('/').next().unwrap())).unwrap();
        }
        to
    }

    /// Reports of a change that is beyond tolerance, and of which no row must be treated before ship.
    pub fn beyond(&self) -> PathBuf {
        self.reports("beyond", &["change/trivy.json", "change/semgrep.json", "base/gitleaks.sarif"])
    }

    /// Puts reports where `detente` looks for them by itself.
    pub fn lay(work: &Path, reports: &Path) {
        let folder = work.join("results");
        fs::create_dir_all(&folder).unwrap();
        for report in fs::read_dir(reports).unwrap().map(|report| report.unwrap().path()) {
            fs::copy(&report, folder.join(report.file_name().unwrap())).unwrap();
        }
    }

    /// `detente` in a folder, as `name`.
    pub fn detente(&self, folder: &Path, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
        quiet(&mut command, self);
        command.env("DETENTE_ALLOWED_SIGNERS", self.path("allowed_signers")).env("COLUMNS", "400");
        Run::of(&command.current_dir(folder).args(arguments).output().unwrap())
    }

    /// The same where nobody hands in keys: the history of the agreement vouches for it.
    pub fn by_continuity(&self, folder: &Path, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
        quiet(&mut command, self);
        Run::of(&command.env("COLUMNS", "400").current_dir(folder).args(arguments).output().unwrap())
    }

    /// `detente gate` on reports, at a moment.
    pub fn gate(&self, work: &Path, reports: &Path, now: &str, more: &[&str]) -> Run {
        self.gate_by(&Self::feeds(), work, reports, now, more)
    }

    /// The same by other feeds.
    fn gate_by(&self, [kev, epss]: &[String; 2], work: &Path, reports: &Path, now: &str, more: &[&str]) -> Run {
        let base = format!("{SAMPLES}/base");
        let reports = reports.to_str().unwrap();
        let arguments = ["gate", reports, "--base", "origin/main", "--base-report", &base, kev, epss, "--now", now];
        self.detente(work, &[&arguments[..], more].concat())
    }

    /// Where the feeds of the demo lie.
    pub fn feeds() -> [String; 2] {
        [format!("--kev={SAMPLES}/kev.json"), format!("--epss={SAMPLES}/epss.csv")]
    }

    /// The brief of that gate.
    pub fn brief(&self, work: &Path, reports: &Path, now: &str, more: &[&str]) -> Value {
        let run = self.gate(work, reports, now, &[&["--format", "json"], more].concat());
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
    }

    /// The brief of that gate once a vulnerability is known to be exploited.
    pub fn brief_once_exploited(&self, cve: &str, work: &Path, reports: &Path, now: &str) -> Value {
        let file = self.path("kev.json");
        let entry = format!(r#"{{ "cveID": "{cve}", "dateAdded": "2026-11-24" }}"#);
        fs::write(&file, format!(r#"{{ "catalogVersion": "2026.11.25", "vulnerabilities": [{entry}] }}"#)).unwrap();
        let [_, epss] = Self::feeds();
        let feeds = [format!("--kev={}", file.display()), epss];
        let run = self.gate_by(&feeds, work, reports, now, &["--format", "json"]);
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
    }

    /// From now on it is `name` who works in a clone.
    pub fn work_as(&self, work: &Path, name: &str) {
        self.git(work, &["config", "user.name", name]);
        self.git(work, &["config", "user.email", &format!("{name}@example.com")]);
    }

    /// `name` accepts a finding until the end of the year, by a brief.
    pub fn waive(&self, work: &Path, name: &str, id: &str, reason: &str, brief: &Value, now: &str) -> Run {
        let file = self.path("brief.json");
        fs::write(&file, brief.to_string()).unwrap();
        self.work_as(work, name);
        let key = self.key(name);
        let arguments = ["waive", id, "--until", "2026-12-31", "--reason", reason, "--brief"];
        let more = [file.to_str().unwrap(), "--key", key.to_str().unwrap(), "--now", now];
        self.detente(work, &[&arguments[..], &more].concat())
    }

    /// `name` chooses, by the brief that lies in the work tree's parent.
    pub fn choose(&self, work: &Path, name: &str, option: &str, brief: &Value, now: &str) -> Run {
        let file = self.path("brief.json");
        fs::write(&file, brief.to_string()).unwrap();
        self.work_as(work, name);
        let key = self.key(name);
        let arguments = [
            "choose",
            option,
            "--reason",
            "as discussed",
            "--brief",
            file.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
            "--now",
            now,
        ];
        self.detente(work, &arguments)
    }
}

/// Somebody whom only the forge vouches for, with the role of the delivery delegate.
pub fn on_forge(bot: bool, edited: bool) -> Decider {
    Decider::Forge(ForgeIdentity {
        forge: "github".to_owned(),
        host: "github.com".to_owned(),
        id: 7,
        login: "helper".to_owned(),
        bot,
        teams: vec!["delivery-delegate".to_owned()],
        evidence: String::new(),
        edited,
    })
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// Neither the settings of the machine nor the moment of the test make a difference.
pub fn quiet(command: &mut Command, shop: &Shop) {
    let path = std::env::var_os("PATH").unwrap();
    command.env_clear().env("PATH", path).env("HOME", shop.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
    command.env("GIT_AUTHOR_DATE", "2026-11-24T09:00:00Z").env("GIT_COMMITTER_DATE", "2026-11-24T09:00:00Z");
}
