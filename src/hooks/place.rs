//! Who keeps the hooks of a repository, and where.
//!
//! Git itself is asked, because only it knows every way to say where hooks lie (work trees, submodules, `core.hooksPath`
//! in any file, `GIT_*` variables).

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::HookError;

/// Who keeps the hooks.
pub enum Keeper {
    /// Git runs what lies in the folder.
    Git {
        /// The folder.
        hooks: PathBuf,
    },
    /// Husky runs what lies in the folder, which is part of the repository.
    Husky {
        /// The folder.
        hooks: PathBuf,
    },
    /// Lefthook writes git's hooks from its configuration.
    Lefthook {
        /// The part of the configuration that is one person's own.
        local: PathBuf,
    },
}

/// Names of Lefthook's configuration without its ending, each with the name of one's own part.
const LEFTHOOK: [(&str, &str); 3] =
    [("lefthook", "lefthook-local"), (".lefthook", ".lefthook-local"), (".config/lefthook", ".config/lefthook-local")];

/// Endings of Lefthook's configuration.
const ENDINGS: [&str; 4] = ["yml", "yaml", "toml", "json"];

/// Finds who keeps the hooks of the repository that `folder` lies in.
pub fn find(folder: &Path) -> Result<Keeper, HookError> {
    let root = path(git(folder, &["rev-parse", "--show-toplevel"])?);
    for (name, local) in LEFTHOOK {
        if ENDINGS.iter().any(|ending| root.join(format!("{name}.{ending}")).is_file()) {
            let own = if root.join(format!("{local}.yaml")).is_file() { "yaml" } else { "yml" };
            return Ok(Keeper::Lefthook { local: root.join(format!("{local}.{own}")) });
        }
    }
    let hooks = root.join(path(git(&root, &["rev-parse", "--git-path", "hooks"])?));
    if let Ok(said) = git(&root, &["config", "--show-scope", "--get", "core.hooksPath"]) {
        match said.split(|byte| byte.is_ascii_whitespace()).next() {
            Some(b"global") => return Err(HookError::Shared { scope: "user", hooks }),
            Some(b"system") => return Err(HookError::Shared { scope: "machine", hooks }),
            _ => {}
        }
    }
    // Husky 9 has git look into `.husky/_`, whose scripts run those in `.husky`; before, git looked there itself.
    let husky = hooks.ancestors().take(2).find(|folder| folder.file_name().is_some_and(|name| name == ".husky"));
    Ok(match husky {
        Some(hooks) => Keeper::Husky { hooks: hooks.to_owned() },
        None => Keeper::Git { hooks },
    })
}

/// A path as git says it: on Unix any bytes.
#[cfg(unix)]
fn path(said: Vec<u8>) -> PathBuf {
    <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(said).into()
}

/// A path as git says it: elsewhere UTF-8.
#[cfg(not(unix))]
fn path(said: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&said).into_owned().into()
}

/// What git answers in `folder`.
fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, HookError> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().map_err(HookError::NoGit)?;
    if output.status.success() {
        return Ok(output.stdout.trim_ascii_end().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    Err(HookError::NoWorkTree { folder: folder.to_owned(), said })
}
