//! The rules that a run judges by: those built in, with the repository's own.
//!
//! The author of a change controls its files, and a rule decides what counts as treated and by when. A repository's
//! rules are therefore taken from the target branch, like the appetite; what lies on disk counts only where no target
//! branch was named or is known.

use std::path::Path;

use walkdir::WalkDir;

use crate::change;
use crate::commands::error::CommandError;
use crate::commands::{governance, own_copy};
use crate::ingest::Formats;
use crate::model::change::{Change, Target};
use crate::model::mapping::Described;
use crate::model::rules::RuleSet;
use crate::rules::{self, RuleKind, RuleName, RulesError};

/// Where a repository keeps its rules.
pub(super) const FOLDER: &str = ".detente/rules";

/// Most rule files that are read from disk.
const MOST_FILES: usize = 2_000;

/// A rule file as (path, content).
pub(super) type RuleFile = (String, Vec<u8>);

/// Rules, and what the reader should know about where they come from.
pub(super) struct Rulebook {
    /// All rules of the run.
    pub rules: RuleSet,
    /// Remarks, one sentence each.
    pub notices: Vec<String>,
}

/// The rules that govern `change`.
pub(super) fn of_change(repository: &Path, change: &Change) -> Result<Rulebook, CommandError> {
    let folder = governance::at_root(repository, FOLDER);
    let mut notices = Vec::new();
    let (files, place, hint) = match &change.target {
        Some(Target { name, tip: Some(tip) }) => {
            let files = from_target(repository, name, tip)?;
            let edits = edited(change);
            if !edits.is_empty() {
                refuse_links(repository)?;
                notices.extend(said_of_edits(&edits, &folder, name, &files)?);
            }
            let hint = format!("it is read from {name}, not from the change: correct it there");
            (files, format!("{FOLDER} on {name}"), hint)
        }
        Some(Target { name, tip: None }) => {
            notices.extend(folder.is_dir().then(|| {
                format!("The rules in {FOLDER} are read from {name}, which is not in this clone: those built in judge alone.")
            }));
            (Vec::new(), String::new(), String::new())
        }
        _ if folder.is_dir() => {
            refuse_links(repository)?;
            let place = format!("{} on disk, because no target branch is known,", folder.display());
            (from_disk(&folder)?, place, format!("`detente rules test {}` checks every file", folder.display()))
        }
        _ => (Vec::new(), String::new(), String::new()),
    };
    let rules = rules::load(&files).map_err(|error| refused(&error).hint(hint))?;
    notices.extend(said_of_origin(&files, &place));
    Ok(Rulebook { rules, notices })
}

/// A folder of rules that is a link could lead out of the repository.
fn refuse_links(repository: &Path) -> Result<(), CommandError> {
    let root = change::root(repository);
    let root = root.as_deref().unwrap_or(repository);
    own_copy::link(root, FOLDER).map_or(Ok(()), |link| Err(CommandError::usage(link)))
}

/// The rules as they lie on disk in a repository, for commands that judge nothing.
pub(super) fn on_disk(repository: &Path) -> Result<RuleSet, CommandError> {
    refuse_links(repository)?;
    let folder = governance::at_root(repository, FOLDER);
    let files = if folder.is_dir() { from_disk(&folder)? } else { Vec::new() };
    rules::load(&files).map_err(|error| refused(&error))
}

/// How reports are read, as it lies on disk in a repository; what else its rules say is not looked at.
pub(super) fn formats_on_disk(repository: &Path) -> Result<Vec<Described>, CommandError> {
    refuse_links(repository)?;
    let folder = governance::at_root(repository, FOLDER);
    let files = if folder.is_dir() { from_disk(&folder)? } else { Vec::new() };
    rules::load_formats(&files).map_err(|error| refused(&error))
}

/// One description of a format, wherever it lies.
pub(super) fn mapping(path: &Path) -> Result<Described, CommandError> {
    let bytes = super::governance::read_bytes(path)?;
    rules::mapping(&path.display().to_string(), &bytes).map_err(|error| refused(&error))
}

/// The rule files of a folder on disk, sorted. Other files (a README) are no rules and are left out.
pub(super) fn from_disk(folder: &Path) -> Result<Vec<RuleFile>, CommandError> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| CommandError::usage(format!("{}: {error}", folder.display())))?;
        let path = entry.path().display().to_string();
        if entry.file_type().is_dir() || !is_rule_file(&path) {
            continue;
        }
        // A link could lead anywhere.
        if !entry.file_type().is_file() {
            return Err(CommandError::usage(format!("{}: is not a plain file", path.escape_debug())));
        }
        if files.len() == MOST_FILES {
            return Err(CommandError::usage(format!("{}: holds more than {MOST_FILES} rules", folder.display())));
        }
        let bytes = governance::read_bytes(entry.path())?;
        files.push((path, bytes));
    }
    Ok(files)
}

/// A rule file that cannot be used, with its place.
pub(super) fn refused(error: &RulesError) -> CommandError {
    CommandError::usage(error)
}

fn from_target(repository: &Path, name: &str, tip: &str) -> Result<Vec<RuleFile>, CommandError> {
    let unreadable = |error: change::ChangeError| {
        CommandError::usage(error).hint(format!("rules are read from {name}: correct it there"))
    };
    let paths = change::trusted_folder(repository, tip, FOLDER).map_err(unreadable)?;
    let mut files = Vec::new();
    for path in paths.into_iter().filter(|path| is_rule_file(path)) {
        if let Some(bytes) = change::trusted_file(repository, tip, &path).map_err(unreadable)? {
            files.push((path, bytes));
        }
    }
    Ok(files)
}

fn is_rule_file(path: &str) -> bool {
    [".yaml", ".yml"].iter().any(|ending| path.ends_with(ending))
}

/// Rule files that the change adds, edits or removes.
fn edited(change: &Change) -> Vec<String> {
    let is_rule =
        |path: &str| path.strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/')) && is_rule_file(path);
    let paths = change.files.iter().flat_map(|(path, file)| [Some(path), file.old_path.as_ref()]).flatten();
    let mut paths: Vec<String> = paths.filter(|path| is_rule(path)).cloned().collect();
    paths.sort();
    paths.dedup();
    paths
}

/// An edit is not in effect; and if it is wrong, nothing can be judged once it is.
fn said_of_edits(
    edits: &[String],
    folder: &Path,
    name: &str,
    target: &[RuleFile],
) -> Result<Vec<String>, CommandError> {
    let mut said = vec![format!(
        "This change edits rules ({}). It is judged by those on {name}; the edit takes effect once it is merged.",
        edits.join(", ")
    )];
    let edited = if folder.is_dir() { from_disk(folder)? } else { Vec::new() };
    for problem in rules::problems(&edited) {
        said.push(format!("Correct this rule before it is merged, or no change can be judged: {problem}"));
    }
    if let (Ok(old), Ok(new)) = (rules::load(target), rules::load(&edited)) {
        said.extend(governance::in_words(&rules::difference(&old, &new)));
    }
    Ok(said)
}

/// "2 rules of .detente/rules on origin/main replace built-in ones: …" A description of a format takes the place of the
/// reader that is written in Rust, too.
fn said_of_origin(files: &[RuleFile], place: &str) -> Vec<String> {
    let built_in = rules::built_in_texts();
    let native = |name: &RuleName| {
        name.kind == RuleKind::Format && Formats::with(&[]).all().any(|reader| reader.id() == name.id)
    };
    let names = files.iter().filter_map(|(path, _)| rules::name(path).ok());
    let (readers, names): (Vec<RuleName>, Vec<RuleName>) = names.partition(native);
    let (replaced, added): (Vec<RuleName>, Vec<RuleName>) =
        names.into_iter().partition(|name| built_in.contains_key(name));
    let said = |names: &[RuleName], one: &str, many: &str| {
        let shown: Vec<String> = names.iter().map(ToString::to_string).collect();
        let (rules, does) = if names.len() == 1 { ("rule", one) } else { ("rules", many) };
        let sentence = format!("{} {rules} of {place} {does}: {}.", names.len(), shown.join(", "));
        (!names.is_empty()).then_some(sentence)
    };
    let replaced = said(&replaced, "replaces a built-in one", "replace built-in ones");
    let readers =
        said(&readers, "replaces the built-in reader of that name", "replace the built-in readers of those names");
    let added = said(&added, "adds to those built in", "add to those built in");
    [replaced, readers, added].into_iter().flatten().collect()
}
