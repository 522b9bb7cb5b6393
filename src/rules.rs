//! Stage: `rules/**/*.yaml` → [`RuleSet`](crate::model::rules::RuleSet).
//!
//! ```text
//! timelines/<id>.yaml    decision tables from facts to a time limit
//! treatments/<id>.yaml   ways to deal with a work item, with their price and effect
//! exposure.yaml          assumptions behind the exposure rate
//! profiles/<name>.yaml   appetite files to start from, and to advise by where nobody agreed anything
//! ```
//!
//! The pack is embedded. A repository adds to it and overrides it file by file: the id of a rule is its file name, and
//! a file with the id of a built-in rule replaces it. Whatever is wrong with a rule file stops the run with the file's
//! name: a rule that is silently left out would change a verdict.

mod exposure;
mod timeline;
mod treatment;
mod yaml;

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};

use crate::document::{Document, DocumentError, MOST_BYTES};
use crate::model::rules::{ExposureRules, RuleSet, TimelineTable, TreatmentRule};

static PACK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// What is wrong with a rule file. Built-in files are named `built-in rules/…`.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// It is not where rules are.
    #[error("{path}: {message}")]
    Place {
        /// The file, as given.
        path: String,
        /// What is wrong and what was expected.
        message: String,
    },
    /// Its content is not a rule.
    #[error(transparent)]
    Content(#[from] DocumentError),
}

/// Loads the built-in rules with a repository's additions and overrides.
///
/// `overrides` are the repository's rule files as (path, content). The folder says what a file holds: `timelines/` and
/// `treatments/` hold one rule per file, `exposure.yaml` replaces the assumptions as a whole.
///
/// # Errors
/// If a file is not a rule file, is not well formed, or contradicts itself.
pub fn load(overrides: &[(String, Vec<u8>)]) -> Result<RuleSet, RulesError> {
    // Profiles are appetite files: the stage `appetite` reads one when someone asks for it.
    let built_in = files_of(&PACK).filter(|file| !file.path().starts_with("profiles"));
    let built_in = built_in.map(|file| (format!("built-in rules/{}", file.path().display()), file.contents()));
    let added = overrides.iter().map(|(path, content)| (path.clone(), content.as_slice()));
    let mut timelines: BTreeMap<String, TimelineTable> = BTreeMap::new();
    let mut treatments: BTreeMap<String, TreatmentRule> = BTreeMap::new();
    let mut exposure: Option<ExposureRules> = None;
    for (path, content) in built_in.chain(added) {
        let (holds, id) = classify(&path).map_err(|message| RulesError::Place { path: path.clone(), message })?;
        let document = Document::read(content, &path, MOST_BYTES)?;
        match holds {
            Holds::Timeline => drop(timelines.insert(id.clone(), timeline::read(&id, &document)?)),
            Holds::Treatment => drop(treatments.insert(id.clone(), treatment::read(&id, &document)?)),
            Holds::Exposure => exposure = Some(exposure::read(&id, &document)?),
        }
    }
    let exposure = exposure.ok_or_else(|| RulesError::Place {
        path: "built-in rules".to_owned(),
        message: "exposure.yaml is missing from the build".to_owned(),
    })?;
    Ok(RuleSet { timelines, treatments: treatments.into_values().collect(), exposure })
}

/// The text of a built-in appetite profile (`averse`, `minimal`, `cautious`, `open`, `eager`); `None` if there is none
/// of that name.
pub fn profile(name: &str) -> Option<&'static str> {
    PACK.get_file(format!("profiles/{name}.yaml"))?.contents_utf8()
}

/// Names of the built-in appetite profiles, sorted.
pub fn profiles() -> Vec<&'static str> {
    let folder = PACK.get_dir("profiles");
    let names = folder.into_iter().flat_map(Dir::files).filter_map(|file| file.path().file_stem()?.to_str());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

/// What a rule file holds.
enum Holds {
    Timeline,
    Treatment,
    Exposure,
}

/// What the file at `path` holds, by its folder, and the id that its name gives it.
fn classify(path: &str) -> Result<(Holds, String), String> {
    let mut parts = path.rsplit(['/', '\\']);
    let name = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    let id = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))
        .ok_or("is not a rule file: its name must end in .yaml or .yml")?;
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.')) {
        return Err(format!("the file name is the rule's id: `{id}` must be lower-case letters, digits, `-` and `.`"));
    }
    let holds = match (folder, id) {
        ("timelines", _) => Holds::Timeline,
        ("treatments", _) => Holds::Treatment,
        ("profiles", _) => return Err("is an appetite file and no rule: give it with --appetite".to_owned()),
        (_, "exposure") => Holds::Exposure,
        _ => {
            return Err("is not where rules are: expected timelines/<id>.yaml, treatments/<id>.yaml or exposure.yaml"
                .to_owned());
        }
    };
    Ok((holds, id.to_owned()))
}

fn files_of<'a>(folder: &'a Dir<'a>) -> Box<dyn Iterator<Item = &'a include_dir::File<'a>> + 'a> {
    Box::new(folder.files().chain(folder.dirs().flat_map(files_of)))
}

#[cfg(test)]
mod tests;
