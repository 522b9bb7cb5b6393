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

use crate::model::rules::{ExposureRules, RuleSet, TimelineTable, TreatmentRule};

static PACK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// What is wrong with a rule file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct RulesError {
    /// The file, as given; built-in files are named `built-in rules/…`.
    pub path: String,
    /// What is wrong, where in the file, what was expected and what to do.
    pub message: String,
}

/// Loads the built-in rules with a repository's additions and overrides.
///
/// `overrides` are the repository's rule files as (path, content). The folder says what a file holds: `timelines/` and
/// `treatments/` hold one rule per file, `exposure.yaml` replaces the assumptions as a whole.
///
/// # Errors
/// If a file is not a rule file, is not well formed, or contradicts itself.
pub fn load(overrides: &[(String, Vec<u8>)]) -> Result<RuleSet, RulesError> {
    let built_in = files_of(&PACK).map(|file| (format!("built-in rules/{}", file.path().display()), file.contents()));
    let added = overrides.iter().map(|(path, content)| (path.clone(), content.as_slice()));
    let mut timelines: BTreeMap<String, TimelineTable> = BTreeMap::new();
    let mut treatments: BTreeMap<String, TreatmentRule> = BTreeMap::new();
    let mut exposure: Option<ExposureRules> = None;
    for (path, content) in built_in.chain(added) {
        let read = || -> Result<Read, String> {
            let (holds, id) = classify(&path)?;
            let text = std::str::from_utf8(content).map_err(|error| format!("is not UTF-8: {error}"))?;
            Ok(match holds {
                Holds::Timeline => Read::Timeline(timeline::read(&id, text)?),
                Holds::Treatment => Read::Treatment(treatment::read(&id, text)?),
                Holds::Exposure => Read::Exposure(exposure::read(&id, text)?),
                Holds::Profile => Read::Profile,
            })
        };
        match read().map_err(|message| RulesError { path: path.clone(), message })? {
            Read::Timeline(table) => drop(timelines.insert(table.id.clone(), table)),
            Read::Treatment(rule) => drop(treatments.insert(rule.id.clone(), rule)),
            Read::Exposure(rules) => exposure = Some(rules),
            // A profile is an appetite file: it is read by the stage `appetite` when someone asks for it.
            Read::Profile => {}
        }
    }
    let exposure = exposure.ok_or_else(|| RulesError {
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
    Profile,
}

/// A rule file's content.
enum Read {
    Timeline(TimelineTable),
    Treatment(TreatmentRule),
    Exposure(ExposureRules),
    Profile,
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
        ("profiles", _) => Holds::Profile,
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
