//! The hook as a part of Lefthook's configuration.
//!
//! Lefthook writes git's hooks anew from its configuration, so a script of ours would be lost. One's own part of the
//! configuration (`lefthook-local.yml`) is merged with the project's by Lefthook itself: nobody else is affected.

use std::fs;
use std::io;
use std::path::Path;

use super::done::{Done, Manner};
use super::error::HookError;
use super::script::{BEGIN, END, without_block};

/// Our command, as it stands under `commands:`.
fn command(manner: Manner) -> String {
    let run = match manner {
        Manner::Advise => "detente hook run --carry {1} || true",
        // A program that cannot judge, or is not there, holds nothing: only 1 says that a row is open.
        Manner::Hold => "detente hook run --hold --carry {1} || test $? -ne 1",
    };
    format!("    detente:\n      run: {run}\n")
}

/// Puts our block into `file`.
pub fn install(file: &Path, manner: Manner) -> Result<Done, HookError> {
    let before = read(file)?;
    let rest = without_block(&before, file)?.unwrap_or_else(|| before.clone());
    if rest.lines().any(|line| line.trim_end() == "pre-push:" || line.starts_with("pre-push: ")) {
        return Err(HookError::Merge { file: file.to_owned(), snippet: command(manner) });
    }
    let gap = if rest.is_empty() || rest.ends_with('\n') { "" } else { "\n" };
    let text = format!("{rest}{gap}{BEGIN}\npre-push:\n  commands:\n{}{END}\n", command(manner));
    let changed = text != before;
    if changed {
        fs::write(file, text).map_err(HookError::file(file))?;
    }
    let notes = vec![
        "Lefthook keeps the hooks here: run `lefthook install` once, so that git runs its pre-push hook.".to_owned(),
        "It judges what is checked out, whatever is pushed: Lefthook does not say what is.".to_owned(),
        "The file is yours alone; to have everybody advised, add the same lines to the project's configuration."
            .to_owned(),
    ];
    Ok(Done { file: file.to_owned(), changed, notes })
}

/// Takes our block out of `file`, and the file away if nothing else is in it.
pub fn uninstall(file: &Path) -> Result<Done, HookError> {
    let before = read(file)?;
    let Some(rest) = without_block(&before, file)? else {
        let notes = vec!["It was not installed.".to_owned()];
        return Ok(Done { file: file.to_owned(), changed: false, notes });
    };
    if rest.trim().is_empty() {
        fs::remove_file(file).map_err(HookError::file(file))?;
    } else {
        fs::write(file, rest).map_err(HookError::file(file))?;
    }
    Ok(Done { file: file.to_owned(), changed: true, notes: Vec::new() })
}

fn read(file: &Path) -> Result<String, HookError> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(HookError::file(file)(error)),
    }
}
