//! The hook as a part of a shell script that git or Husky runs.
//!
//! Our block stands first, because a script often ends with `exec` or `exit`; what git says on standard input it hands on to
//! the hooks that need it too (Git LFS does). A hook that is no shell script is kept beside, and run after ours.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::done::{Done, Manner};
use super::error::HookError;

/// Begins our part of a file.
pub const BEGIN: &str = "# >>> detente >>>";
/// Ends it.
pub const END: &str = "# <<< detente <<<";

/// What a script begins with.
const SHEBANG: &str = "#!/bin/sh\n";

/// What a hook that is no shell script is kept as.
const KEPT: &str = "pre-push.before-detente";

/// Our part of a script. A program that cannot judge, or is not there, holds nothing: only 1 says that a row is open.
fn block(manner: Manner) -> String {
    let (says, hold, or) = match manner {
        Manner::Advise => ("It advises and never holds the push.", "", ":"),
        Manner::Hold => (
            "It holds the push while a row that both leaders agreed on holds the change.",
            " --hold",
            "{ detente_code=$?; if [ \"$detente_code\" -eq 1 ]; then exit 1; fi; \
             echo \"detente: ended with $detente_code, so this push was not judged and is not held\" >&2; }",
        ),
    };
    format!(
        "{BEGIN}\n# Says before a push how the change stands. {says}\n# `detente hook uninstall` takes this out.\n\
         if command -v detente >/dev/null 2>&1; then\n  \
         detente_pushed=; if [ ! -t 0 ]; then detente_pushed=$(cat); fi\n  \
         printf '%s\\n' \"$detente_pushed\" | detente hook run{hold} --carry \"$1\" --pushed - || {or}\n  \
         # What git says is for the hooks after this one, too.\n  \
         if [ -n \"$detente_pushed\" ]; then exec <<DETENTE\n$detente_pushed\nDETENTE\n  fi\n\
         else\n  \
         echo 'detente: not found on the PATH, so nothing was judged before this push' >&2\nfi\n{END}\n"
    )
}

/// Puts our block into `file`.
#[allow(clippy::single_match_else, reason = "two kinds of hook of equal weight")]
pub fn install(file: &Path, manner: Manner) -> Result<Done, HookError> {
    let mut notes = Vec::new();
    let block = block(manner);
    let text = match fs::symlink_metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => format!("{SHEBANG}{block}"),
        Err(error) => return Err(HookError::file(file)(error)),
        Ok(kind) => {
            let bytes = if kind.is_file() { fs::read(file).map_err(HookError::file(file))? } else { Vec::new() };
            match String::from_utf8(bytes).ok().filter(|text| kind.is_file() && is_shell(text, file)) {
                Some(text) => {
                    if !text.contains(BEGIN) && !is_husky(file) && !is_executable(&kind) {
                        return Err(HookError::Dormant(file.to_owned()));
                    }
                    let rest = without_block(&text, file)?.unwrap_or(text);
                    if !rest.trim().is_empty() && rest.trim() != SHEBANG.trim() {
                        notes.push("The hook that was there stays, and runs after this one.".to_owned());
                    }
                    let (first, rest) = split_shebang(&rest);
                    format!("{first}{block}{rest}")
                }
                None => {
                    keep(file)?;
                    notes.push(format!("The hook that was there is kept as {KEPT} and runs after this one."));
                    format!("{SHEBANG}{block}exec \"$(dirname \"$0\")/{KEPT}\" \"$@\"\n")
                }
            }
        }
    };
    let changed = fs::read_to_string(file).ok().as_deref() != Some(&text);
    if changed {
        write(file, &text)?;
    }
    Ok(Done { file: file.to_owned(), changed, notes })
}

/// Takes our block out of `file`.
pub fn uninstall(file: &Path) -> Result<Done, HookError> {
    let nothing = |note: &str| Done { file: file.to_owned(), changed: false, notes: vec![note.to_owned()] };
    let text = match fs::read(file) {
        Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(HookError::file(file)(error)),
    };
    let Some(rest) = without_block(&text, file)? else { return Ok(nothing("It was not installed.")) };
    let kept = beside(file);
    let mut notes = Vec::new();
    if rest.contains(KEPT) && fs::symlink_metadata(&kept).is_ok() {
        fs::rename(&kept, file).map_err(HookError::file(&kept))?;
        notes.push("The hook that was there before is back.".to_owned());
    } else if rest.trim().is_empty() || rest.trim() == SHEBANG.trim() {
        fs::remove_file(file).map_err(HookError::file(file))?;
    } else {
        write(file, &rest)?;
    }
    Ok(Done { file: file.to_owned(), changed: true, notes })
}

/// The text without our block; `None` if there is none.
pub fn without_block(text: &str, file: &Path) -> Result<Option<String>, HookError> {
    let (Some(begin), Some(end)) = (text.find(BEGIN), text.find(END)) else {
        return match text.contains(BEGIN) || text.contains(END) {
            true => Err(HookError::Marks { file: file.to_owned(), begin: BEGIN, end: END }),
            false => Ok(None),
        };
    };
    if end < begin {
        return Err(HookError::Marks { file: file.to_owned(), begin: BEGIN, end: END });
    }
    let after = &text[end + END.len()..];
    let after = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')).unwrap_or(after);
    Ok(Some(format!("{}{after}", &text[..begin])))
}

/// Whether a script is one that a POSIX shell runs. Husky's need no first line that says so.
fn is_shell(text: &str, file: &Path) -> bool {
    let Some(shebang) = text.lines().next().and_then(|line| line.strip_prefix("#!")) else {
        return is_husky(file) || text.trim().is_empty();
    };
    let program = shebang.split_whitespace().find(|word| !word.ends_with("/env") && !word.starts_with('-'));
    let name = program.and_then(|program| program.rsplit('/').next()).unwrap_or_default();
    ["sh", "bash", "dash", "ash", "ksh", "zsh"].contains(&name)
}

fn is_husky(file: &Path) -> bool {
    file.parent().and_then(Path::file_name).is_some_and(|name| name == ".husky")
}

fn split_shebang(text: &str) -> (String, &str) {
    if text.starts_with("#!") {
        let end = text.find('\n').map_or(text.len(), |end| end + 1);
        let newline = if text[..end].ends_with('\n') { "" } else { "\n" };
        return (format!("{}{newline}", &text[..end]), &text[end..]);
    }
    (String::new(), text)
}

fn beside(file: &Path) -> PathBuf {
    file.with_file_name(KEPT)
}

/// Moves a hook that is no shell script out of the way.
fn keep(file: &Path) -> Result<(), HookError> {
    let kept = beside(file);
    if fs::symlink_metadata(&kept).is_ok() {
        return Err(HookError::KeptInTheWay(kept));
    }
    fs::rename(file, &kept).map_err(HookError::file(file))
}

/// Writes a script beside its place first, so that git never runs half of it.
fn write(file: &Path, text: &str) -> Result<(), HookError> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(HookError::file(folder))?;
    }
    let part = file.with_file_name("pre-push.part");
    fs::write(&part, text).map_err(HookError::file(&part))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Who may run and read a hook that is there stays as it was.
        let known = fs::metadata(file).ok().filter(|known| is_executable(known) || is_husky(file));
        let mode = known.map_or(0o755, |known| known.permissions().mode());
        fs::set_permissions(&part, fs::Permissions::from_mode(mode)).map_err(HookError::file(&part))?;
    }
    fs::rename(&part, file).map_err(HookError::file(file))
}

#[cfg(unix)]
fn is_executable(kind: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    kind.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
const fn is_executable(_: &fs::Metadata) -> bool {
    true
}
