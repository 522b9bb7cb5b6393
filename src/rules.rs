//! Stage: `rules/**/*.yaml` → [`RuleSet`](crate::model::rules::RuleSet).
//!
//! ```text
//! timelines/<id>.yaml    decision tables from facts to a time limit
//! treatments/<id>.yaml   ways to deal with a work item, with their price and effect
//! exposure.yaml          assumptions behind the exposure rate
//! formats/<id>.yaml      how to read the reports of a tool
//! profiles/<name>.yaml   appetite files to start from, and to advise by where nobody agreed anything
//! presets/<id>.yaml      what a regulation asks of an appetite file
//! ```
//!
//! The pack is embedded. A repository adds to it and overrides it file by file: the id of a rule is its file name, and
//! a file with the id of a built-in rule replaces it. Whatever is wrong with a rule file stops the run with the file's
//! name: a rule that is silently left out would change a verdict.

mod difference;
mod exposure;
mod format;
mod pack;
mod place;
mod preset;
mod timeline;
mod treatment;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use include_dir::Dir;

use crate::document::{Document, DocumentError, MOST_BYTES};
use crate::model::mapping::Described;
use crate::model::preset::Preset;
use crate::model::rules::{ExposureRules, RuleSet, TimelineTable, TreatmentRule};

pub use difference::difference;
use pack::{FORMATS, PACK, PACKED, Packed, built_in_path};
pub use place::{RuleKind, RuleName};

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

/// One rule out of one file.
enum Rule {
    Timeline(TimelineTable),
    Treatment(Box<TreatmentRule>),
    Exposure(Box<ExposureRules>),
    Format(Described),
}

/// Loads the built-in rules with a repository's additions and overrides.
///
/// `overrides` are the repository's rule files as (path, content). The folder says what a file holds: `timelines/`,
/// `treatments/` and `formats/` hold one rule per file, `exposure.yaml` replaces the assumptions as a whole.
///
/// # Errors
/// If a file is not a rule file, is not well formed, or contradicts itself.
pub fn load(overrides: &[(String, Vec<u8>)]) -> Result<RuleSet, RulesError> {
    let mut timelines: BTreeMap<String, TimelineTable> = BTreeMap::new();
    let mut treatments: BTreeMap<String, TreatmentRule> = BTreeMap::new();
    let mut exposure: Option<ExposureRules> = None;
    let mut formats = built_in_formats();
    let mut own = BTreeSet::new();
    for (path, _) in overrides {
        if !own.insert(name(path)?) {
            let message = "is there twice, with both endings: keep one of them".to_owned();
            return Err(RulesError::Place { path: path.clone(), message });
        }
    }
    for rule in built_in()?.into_iter().chain(added(overrides, |_| true)) {
        match rule? {
            Rule::Timeline(table) => drop(timelines.insert(table.id.clone(), table)),
            Rule::Treatment(rule) => drop(treatments.insert(rule.id.clone(), *rule)),
            Rule::Exposure(rules) => exposure = Some(*rules),
            Rule::Format(mapping) => add(&mut formats, mapping),
        }
    }
    let exposure = exposure.ok_or_else(|| RulesError::Place {
        path: "built-in rules".to_owned(),
        message: "exposure.yaml is missing from the build".to_owned(),
    })?;
    Ok(RuleSet { timelines, treatments: treatments.into_values().collect(), exposure, formats })
}

/// Loads only how reports are read: for who judges nothing.
///
/// # Errors
/// As [`load`], for files in `formats/`; what else there is is not looked at.
pub fn load_formats(overrides: &[(String, Vec<u8>)]) -> Result<Vec<Described>, RulesError> {
    let mut formats = built_in_formats();
    for rule in added(overrides, |kind| kind == RuleKind::Format) {
        if let Rule::Format(mapping) = rule? {
            add(&mut formats, mapping);
        }
    }
    Ok(formats)
}

/// The built-in formats, by id.
fn built_in_formats() -> Vec<Described> {
    FORMATS.iter().map(format::later).collect()
}

/// Adds a format to those in order of their ids, in place of one with the same id.
fn add(formats: &mut Vec<Described>, mapping: Described) {
    match formats.binary_search_by(|known| known.id.cmp(&mapping.id)) {
        Ok(at) => formats[at] = mapping,
        Err(at) => formats.insert(at, mapping),
    }
}

/// Reads one mapping by itself, wherever its file lies.
///
/// # Errors
/// If it is not well formed, or contradicts itself.
pub fn mapping(path: &str, content: &[u8]) -> Result<Described, RulesError> {
    let id = place::id(path).map_err(|message| RulesError::Place { path: path.to_owned(), message })?;
    Ok(format::read(id, &Document::read(content, path, MOST_BYTES)?)?.into())
}

/// Everything that is wrong with any of these files, the first problem of each; those built in are not looked at.
pub fn problems(files: &[(String, Vec<u8>)]) -> Vec<RulesError> {
    files.iter().filter_map(|(path, content)| read(path, content).err()).collect()
}

/// What the file at `path` holds and the id of the rule in it, by its place and name.
///
/// # Errors
/// If this is not where rules are.
pub fn name(path: &str) -> Result<RuleName, RulesError> {
    place::name(path).map_err(|message| RulesError::Place { path: path.to_owned(), message })
}

/// Every built-in rule with the text of its file.
pub fn built_in_texts() -> BTreeMap<RuleName, &'static [u8]> {
    let rules = files_of(&PACK).filter(|file| !is_no_rule(&file.path().to_string_lossy()));
    let named = rules.map(|file| (place::name(&file.path().to_string_lossy()), file.contents()));
    named.filter_map(|(name, content)| Some((name.ok()?, content))).collect()
}

fn read(path: &str, content: &[u8]) -> Result<Rule, RulesError> {
    rule(&name(path)?, &Document::read(content, path, MOST_BYTES)?)
}

fn rule(RuleName { kind, id }: &RuleName, document: &Document) -> Result<Rule, RulesError> {
    Ok(match kind {
        RuleKind::Timeline => Rule::Timeline(timeline::read(id, document)?),
        RuleKind::Treatment => Rule::Treatment(Box::new(treatment::read(id, document)?)),
        RuleKind::Exposure => Rule::Exposure(Box::new(exposure::read(id, document)?)),
        RuleKind::Format => Rule::Format(format::read(id, document)?.into()),
    })
}

/// The built-in rules that are no formats.
fn built_in() -> Result<Vec<Result<Rule, RulesError>>, RulesError> {
    let mut rules = Vec::new();
    for Packed { path, content } in PACKED.iter().filter(|packed| !is_no_rule(packed.path)) {
        rules.push(rule(&name(path)?, &Document::packed(content, &built_in_path(path))));
    }
    Ok(rules)
}

/// Those of a repository.
fn added(
    overrides: &[(String, Vec<u8>)],
    wanted: impl Fn(RuleKind) -> bool,
) -> impl Iterator<Item = Result<Rule, RulesError>> {
    overrides.iter().filter_map(move |(path, content)| match name(path) {
        Ok(name) if !wanted(name.kind) => None,
        Ok(_) => Some(read(path, content)),
        Err(error) => Some(Err(error)),
    })
}

/// Profiles are appetite files, which the stage `appetite` reads when someone asks for one; presets are asked for too.
fn is_no_rule(path: &str) -> bool {
    path.starts_with("profiles") || path.starts_with("presets")
}

/// The text of a built-in appetite profile (`averse`, `minimal`, `cautious`, `open`, `eager`); `None` if there is none
/// of that name.
pub fn profile(name: &str) -> Option<&'static str> {
    PACK.get_file(format!("profiles/{name}.yaml"))?.contents_utf8()
}

/// The built-in preset of that id; `None` if there is none.
///
/// # Errors
/// If its file is not well formed.
pub fn preset(id: &str) -> Result<Option<Preset>, RulesError> {
    let path = format!("presets/{id}.yaml");
    let Some(packed) = PACKED.iter().find(|packed| packed.path == path) else { return Ok(None) };
    let document = Document::packed(packed.content, &built_in_path(&path));
    Ok(Some(preset::read(id, &document)?))
}

/// Ids of the built-in presets, sorted.
pub fn presets() -> Vec<&'static str> {
    names_in("presets")
}

/// Names of the built-in appetite profiles, sorted.
pub fn profiles() -> Vec<&'static str> {
    names_in("profiles")
}

fn names_in(folder: &str) -> Vec<&'static str> {
    let folder = PACK.get_dir(folder);
    let names = folder.into_iter().flat_map(Dir::files).filter_map(|file| file.path().file_stem()?.to_str());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

fn files_of<'a>(folder: &'a Dir<'a>) -> Box<dyn Iterator<Item = &'a include_dir::File<'a>> + 'a> {
    Box::new(folder.files().chain(folder.dirs().flat_map(files_of)))
}

#[cfg(test)]
mod tests;
