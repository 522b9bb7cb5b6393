//! Where reports are: files, folders, patterns and standard input become a list of files.
//!
//! A folder is searched; a file in it that is no report is passed over when it is read. A file that was named, or that
//! a pattern names, is expected to be a report. Links inside a searched folder are followed to files within that
//! folder only: the author of a change must not be able to have files from elsewhere read and quoted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use tracing::{debug, warn};
use walkdir::{DirEntry, WalkDir};

use super::bytes::Limits;

/// Folders that hold what version control and package managers keep, never a report of this pipeline. A folder that
/// is itself given as an input is searched all the same.
const NOT_SEARCHED: [&str; 8] = [".git", ".hg", ".svn", ".jj", ".bzr", "node_modules", "target", ".venv"];

/// How deep folders are searched.
const DEPTH: usize = 32;

/// An input that leads to no report: the pipeline looks in the wrong place.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// No input was given.
    #[error("no report was given; name report files, folders or patterns, or - for standard input")]
    NoInput,
    /// A folder holds no report.
    #[error(
        "the folder {folder} holds no report: {looked} file(s) were looked at{examples}; check that the scanners write \
         there, or name the report files (`detente formats` lists those that are understood)"
    )]
    NoReport {
        /// The folder, as given.
        folder: String,
        /// How many files were looked at.
        looked: usize,
        /// Some of them, in words.
        examples: String,
    },
    /// A pattern matches no file.
    #[error("no file matches {pattern} (searched in {base}); check the pattern and that the scanners ran")]
    NoMatch {
        /// The pattern, as given.
        pattern: String,
        /// Where the search began.
        base: String,
    },
    /// A pattern is not well formed.
    #[error("{pattern} is not a pattern: {source}; use *, ?, ** and {{a,b}}, or [[] for a literal bracket")]
    Pattern {
        /// The pattern, as given.
        pattern: String,
        /// What is wrong with it.
        source: globset::Error,
    },
    /// A folder holds more files than are looked at.
    #[error("{input} holds more than {most} files; name the folder that the scanners write to")]
    TooMany {
        /// The input, as given.
        input: String,
        /// The bound.
        most: usize,
    },
}

/// One file to read.
#[derive(Debug)]
pub struct File {
    /// Path as the user would write it, with `/`.
    pub name: String,
    /// Path to open.
    pub path: PathBuf,
    /// Whether it was named, rather than come upon in a folder.
    pub named: bool,
    /// Indices of the folders that it was come upon in.
    folders: BTreeSet<usize>,
}

/// What the inputs lead to.
#[derive(Debug, Default)]
pub struct Found {
    /// Files, each once, ordered by name.
    pub files: Vec<File>,
    /// Whether standard input is to be read.
    pub stdin: bool,
    /// The folders that were searched, as given.
    folders: Vec<String>,
}

impl Found {
    /// Checks that each searched folder held a report. `is_report` tells which of `files` are.
    pub fn confirm(&self, is_report: &[bool]) -> Result<(), IngestError> {
        for (index, folder) in self.folders.iter().enumerate() {
            let here: Vec<usize> = (0..self.files.len()).filter(|&f| self.files[f].folders.contains(&index)).collect();
            if here.iter().any(|&file| is_report.get(file) == Some(&true)) {
                continue;
            }
            let examples: Vec<&str> = here.iter().take(3).map(|&file| self.files[file].name.as_str()).collect();
            return Err(IngestError::NoReport {
                folder: folder.clone(),
                looked: here.len(),
                examples: if examples.is_empty() {
                    String::new()
                } else {
                    format!(", for example {}", examples.join(", "))
                },
            });
        }
        Ok(())
    }
}

impl IngestError {
    /// The other inputs, where the error is about one that leads nowhere and is to be told of beside what the others say.
    pub fn others(&self, inputs: &[String]) -> Option<Vec<String>> {
        let (Self::NoReport { folder: at, .. } | Self::NoMatch { pattern: at, .. } | Self::TooMany { input: at, .. }) =
            self
        else {
            return None;
        };
        let others: Vec<String> =
            inputs.iter().filter(|input| *input != at && tidy(Path::new(input)) != *at).cloned().collect();
        (others.len() < inputs.len()).then_some(others)
    }

    /// The input that it is about, as given.
    pub fn input(&self) -> &str {
        match self {
            Self::NoInput => "",
            Self::NoReport { folder, .. } => folder,
            Self::NoMatch { pattern, .. } | Self::Pattern { pattern, .. } => pattern,
            Self::TooMany { input, .. } => input,
        }
    }
}

/// Expands `inputs`.
pub fn find(inputs: &[String], limits: &Limits) -> Result<Found, IngestError> {
    if inputs.is_empty() {
        return Err(IngestError::NoInput);
    }
    let mut found = Found::default();
    // By real path, so that a file is read once although several inputs lead to it.
    let mut files: BTreeMap<PathBuf, File> = BTreeMap::new();
    for input in inputs {
        let path = Path::new(input);
        if input == "-" {
            found.stdin = true;
        } else if path.is_dir() {
            let folder = found.folders.len();
            found.folders.push(tidy(path));
            search(path, input, limits, &mut |file| add(&mut files, file, Some(folder)))?;
        } else if is_pattern(input) && !path.exists() {
            let base = literal_base(input);
            let matcher = matcher(input)?;
            let mut any = false;
            search(&base, input, limits, &mut |file| {
                if matcher.is_match(tidy(file)) {
                    any = true;
                    add(&mut files, file, None);
                }
            })?;
            if !any {
                return Err(IngestError::NoMatch { pattern: input.clone(), base: tidy(&base) });
            }
        } else {
            add(&mut files, path, None);
        }
    }
    found.files = files.into_values().collect();
    found.files.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    Ok(found)
}

/// Whether a path, with `/` and relative to where `inputs` are given from, is one that they would lead to.
pub fn leads_to(inputs: &[String]) -> impl Fn(&str) -> bool + use<> {
    let names: Vec<String> = inputs.iter().map(|input| tidy(Path::new(input))).collect();
    // What is not well formed leads nowhere; whoever gave it has been told so.
    let matchers: Vec<GlobMatcher> =
        inputs.iter().filter(|input| is_pattern(input)).filter_map(|pattern| matcher(pattern).ok()).collect();
    move |path| {
        let below = |name: &String| path.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/'));
        names.iter().any(|name| name == "." || name == path || below(name))
            || matchers.iter().any(|matcher| matcher.is_match(path))
    }
}

fn add(files: &mut BTreeMap<PathBuf, File>, path: &Path, folder: Option<usize>) {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = tidy(path);
    let file = files.entry(real).or_insert_with(|| File {
        name: name.clone(),
        path: path.to_owned(),
        named: false,
        folders: BTreeSet::new(),
    });
    // Of several names for one file the first in order is kept, whichever input came first.
    if name < file.name {
        file.name = name;
    }
    file.named |= folder.is_none();
    file.folders.extend(folder);
}

/// Calls `on` for each file at or below `folder`, in a stable order.
fn search(folder: &Path, input: &str, limits: &Limits, on: &mut dyn FnMut(&Path)) -> Result<(), IngestError> {
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let searched = |entry: &DirEntry| {
        entry.depth() == 0 || !entry.file_type().is_dir() || !NOT_SEARCHED.iter().any(|name| entry.file_name() == *name)
    };
    let entries = WalkDir::new(folder).max_depth(DEPTH).sort_by_file_name().into_iter().filter_entry(searched);
    let mut count = 0;
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                warn!("a folder cannot be searched: {error}");
                continue;
            }
        };
        if entry.file_type().is_dir() || !is_within(&entry, &real) {
            continue;
        }
        count += 1;
        if count > limits.files {
            return Err(IngestError::TooMany { input: input.to_owned(), most: limits.files });
        }
        on(entry.path());
    }
    Ok(())
}

/// Whether an entry is a file, or a link to a file within the searched folder.
fn is_within(entry: &DirEntry, folder: &Path) -> bool {
    if entry.file_type().is_file() {
        return true;
    }
    if !entry.file_type().is_symlink() {
        debug!("passed over, not a regular file: {}", entry.path().display());
        return false;
    }
    match entry.path().canonicalize() {
        Ok(target) if target.is_dir() => false,
        Ok(target) if target.starts_with(folder) => true,
        Ok(_) => {
            warn!("passed over, a link out of the folder: {}; name it if it is a report", entry.path().display());
            false
        }
        Err(error) => {
            warn!("passed over, a link that leads nowhere: {}: {error}", entry.path().display());
            false
        }
    }
}

/// The path as the user would write it: `/` between parts, no `./` before them.
fn tidy(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut text = text.as_str();
    while let Some(rest) = text.strip_prefix("./") {
        text = rest.trim_start_matches('/');
    }
    let text = if text.len() > 1 { text.trim_end_matches('/') } else { text };
    if text.is_empty() { ".".to_owned() } else { text.to_owned() }
}

fn is_pattern(input: &str) -> bool {
    input.contains(['*', '?', '[', '{'])
}

/// The folder that a pattern's search begins in: its parts before the first special character.
fn literal_base(pattern: &str) -> PathBuf {
    let literal: PathBuf =
        Path::new(pattern).components().take_while(|part| !is_pattern(&part.as_os_str().to_string_lossy())).collect();
    if literal.as_os_str().is_empty() { PathBuf::from(".") } else { literal }
}

fn matcher(pattern: &str) -> Result<GlobMatcher, IngestError> {
    let glob = GlobBuilder::new(&tidy(Path::new(pattern)))
        .literal_separator(true)
        .build()
        .map_err(|source| IngestError::Pattern { pattern: pattern.to_owned(), source })?;
    Ok(glob.compile_matcher())
}
