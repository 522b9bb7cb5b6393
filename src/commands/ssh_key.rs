//! Signing with the SSH key that a person already has.
//!
//! `ssh-keygen` makes the signature: it knows encrypted keys, agents and security keys, and asks for a passphrase or a
//! touch itself.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::commands::error::CommandError;
use crate::signature;

/// A key that can sign.
pub(super) struct SigningKey {
    path: PathBuf,
    /// The file is ours and goes with this.
    written: bool,
    /// The public key in authorized-keys form.
    pub public: String,
}

impl SigningKey {
    /// The key at `path`: a private key, or a public one whose private half an agent holds.
    pub(super) fn at(path: &Path) -> Result<Self, CommandError> {
        let shown = path.display();
        if !path.is_file() {
            return Err(CommandError::usage(format!("--key {shown}: there is no such file"))
                .hint("name the SSH key that you sign with, for example --key ~/.ssh/id_ed25519"));
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".pub");
        let known = std::fs::read_to_string(path).ok().filter(|text| is_public(text));
        let known = known.or_else(|| std::fs::read_to_string(&beside).ok().filter(|text| is_public(text)));
        let public = match known {
            Some(text) => text,
            None => run(
                Command::new("ssh-keygen").arg("-y").arg("-f").arg(path).stderr(Stdio::piped()),
                path,
                &[],
                &format!("--key {shown}"),
            )?,
        };
        let public: Vec<&str> = public.split_whitespace().take(2).collect();
        Ok(Self { path: path.to_owned(), written: false, public: public.join(" ") })
    }

    /// A public key that git names by its text; an agent holds the private half. `ssh-keygen` takes it from a file only.
    fn written(text: &str) -> Result<Self, CommandError> {
        let public: Vec<&str> = text.split_whitespace().take(2).collect();
        let public = public.join(" ");
        let path = std::env::temp_dir().join(format!("detente-{}.pub", std::process::id()));
        let made = std::fs::File::create_new(&path).and_then(|mut file| writeln!(file, "{public}"));
        made.map_err(|error| {
            CommandError::usage(format!("{}: the public key that git names cannot be written: {error}", path.display()))
                .hint("name a key file with --key")
        })?;
        Ok(Self { path, written: true, public })
    }

    /// The key named on the command line, else the one that git signs with, else the usual one.
    pub(super) fn find(given: Option<&Path>, repository: &Path) -> Result<Self, CommandError> {
        if let Some(path) = given {
            return Self::at(path);
        }
        if git_config(repository, "gpg.format").as_deref() == Some("ssh")
            && let Some(named) = git_config(repository, "user.signingkey")
        {
            let text = named.strip_prefix("key::").unwrap_or(&named);
            if is_public(text) {
                return Self::written(text);
            }
            let path = expanded(named);
            if path.is_file() {
                return Self::at(&path);
            }
        }
        let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].map(|name| expanded(format!("~/.ssh/{name}")));
        match usual.iter().find(|path| path.is_file()) {
            Some(path) => Self::at(path),
            None => Err(CommandError::usage(
                "no SSH key was found to sign with: git names none (user.signingkey with gpg.format ssh), and in ~/.ssh there \
                 is no id_ed25519, id_ecdsa or id_rsa",
            )
            .hint("name one with --key FILE, or make one: `ssh-keygen -t ed25519`")),
        }
    }

    /// Signs `bytes` for one purpose.
    pub(super) fn sign(&self, bytes: &[u8], purpose: &str) -> Result<String, CommandError> {
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "sign", "-q", "-n", purpose, "-f"]).arg(&self.path);
        // A security key asks to be touched there.
        command.stderr(Stdio::inherit());
        run(&mut command, &self.path, bytes, &format!("signing with {}", self.path.display()))
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        if self.written {
            // What is left is a public key in a folder that is emptied anyway.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A setting of git, if there is one.
pub(super) fn git_config(repository: &Path, name: &str) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(repository).args(["config", "--get", name]).output().ok()?;
    let value = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !value.is_empty()).then_some(value)
}

fn is_public(text: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| text.starts_with(start))
}

fn expanded(path: String) -> PathBuf {
    // Windows has the other one.
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

fn run(command: &mut Command, key: &Path, input: &[u8], what: &str) -> Result<String, CommandError> {
    let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| {
        CommandError::usage(format!("{what}: `ssh-keygen` could not be started: {error}"))
            .hint("install OpenSSH 8.2 or later")
    })?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends early says why on its own.
        let _ = stdin.write_all(input);
    }
    let output =
        child.wait_with_output().map_err(|error| CommandError::usage(format!("{what}: ssh-keygen: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = match said.trim() {
            "" => "ssh-keygen did not do it".to_owned(),
            said => format!("ssh-keygen says: {said}"),
        };
        return Err(CommandError::usage(format!("{what}: {said}")).hint(advice(key)));
    }
    String::from_utf8(output.stdout).map_err(|_| CommandError::usage(format!("{what}: ssh-keygen wrote no text")))
}

/// What is probably wrong with a key that ssh-keygen does not take.
fn advice(key: &Path) -> String {
    let begin = std::fs::read(key).unwrap_or_default();
    let begin = String::from_utf8_lossy(&begin[..begin.len().min(200)]).into_owned();
    if begin.starts_with("PuTTY-User-Key-File") {
        format!("{0} is a PuTTY key: convert it with `puttygen {0} -O private-openssh -o id_key`", key.display())
    } else if begin.contains("PRIVATE KEY") {
        "if it has a passphrase, sign at a terminal, or put the key into ssh-agent (`ssh-add`) and name its .pub file"
            .to_owned()
    } else if signature::public_key(&begin).is_ok() || key.extension().is_some_and(|ending| ending == "pub") {
        "this is a public key: its private key has to be in ssh-agent (`ssh-add -l` lists what is there)".to_owned()
    } else {
        format!("{} is not a private SSH key; expected what `ssh-keygen -t ed25519` makes", key.display())
    }
}
