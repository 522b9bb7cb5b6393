//! What is visited in a log, and what its runs learn from it.

use serde::de::DeserializeOwned;

use super::dialects;
use super::finish::Meaning;
use super::rules;
use super::run::{Run, Taxonomy};
use super::wire;
use crate::ingest::collector::Collector;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::path::Place;

/// What is visited, and what is done with it.
pub const VISITS: &[(Pattern<'_>, Visit)] = &[
    (Pattern::Scope("runs[]"), Visit::Run),
    (Pattern::Scope("runs[].results"), Visit::Results),
    (Pattern::Value("runs[].results[]"), Visit::Result),
    (Pattern::Value("runs[].tool.driver.name"), Visit::Name),
    (Pattern::Value("runs[].tool.driver.version"), Visit::Version),
    (Pattern::Value("runs[].tool.driver.semanticVersion"), Visit::Version),
    (Pattern::Value("runs[].tool.driver.rules[]"), Visit::Rule),
    (Pattern::Scope("runs[].tool.extensions[]"), Visit::Extension),
    (Pattern::Value("runs[].tool.extensions[].name"), Visit::ExtensionName),
    (Pattern::Value("runs[].tool.extensions[].guid"), Visit::ExtensionGuid),
    (Pattern::Value("runs[].tool.extensions[].rules[]"), Visit::ExtensionRule),
    (Pattern::Value("runs[].invocations[]"), Visit::Invocation),
    (Pattern::Value("runs[].versionControlProvenance[]"), Visit::VersionControl),
    (Pattern::Value("runs[].originalUriBaseIds.*"), Visit::UriBase),
    (Pattern::Value("runs[].artifacts[]"), Visit::Artifact),
    (Pattern::Value("runs[].externalPropertyFileReferences.results[]"), Visit::ExternalResults),
    (Pattern::Value("runs[].properties"), Visit::Properties),
    (Pattern::Value("runs[].logicalLocations[]"), Visit::Logical),
    (Pattern::Scope("runs[].taxonomies[]"), Visit::Taxonomy),
    (Pattern::Value("runs[].taxonomies[].name"), Visit::TaxonomyName),
    (Pattern::Value("runs[].taxonomies[].taxa[].id"), Visit::Taxon),
    (Pattern::Scope("inlineExternalProperties[].results"), Visit::InlineResults),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    Run,
    Results,
    Result,
    Name,
    Version,
    Rule,
    Extension,
    ExtensionName,
    ExtensionGuid,
    ExtensionRule,
    Invocation,
    VersionControl,
    UriBase,
    Artifact,
    ExternalResults,
    Properties,
    Logical,
    Taxonomy,
    TaxonomyName,
    Taxon,
    InlineResults,
}

/// What is said of results that stand beside their runs.
pub const BESIDE: &str =
    "results stand beside their runs (inlineExternalProperties); have the tool write them into the runs";

/// Ends the log: one that breaks off in the middle of a run still has the results that came before.
pub fn end(current: Option<Meaning>, runs: u32, collector: &mut Collector) {
    if let Some(meaning) = current {
        meaning.finish(collector);
    } else if runs == 0 {
        collector.missing("the log holds no run: no tool says that it scanned anything");
    }
}

/// Adds to a run what a visit tells of it.
pub fn fill(run: &mut Run, visit: Visit, key: &str, kind: &Kind<'_>, collector: &mut Collector) {
    match (visit, kind) {
        (Visit::Results, Kind::Begin) => run.has_results = true,
        (Visit::Taxonomy, Kind::Begin) => run.taxonomies.push(Taxonomy::default()),
        (Visit::Extension, Kind::Begin) => run.rules.extensions.push(rules::ToolComponent::default()),
        (_, Kind::Begin | Kind::End | Kind::Ahead(_)) => {}
        (Visit::ExternalResults, Kind::Value(_)) => collector
            .missing("results stand in files of their own (externalPropertyFileReferences); have the tool inline them"),
        (visit, Kind::Value(text)) => {
            let named = (visit == Visit::Name).then(|| run.rules.driver.name.clone());
            if let Err(error) = fill_value(run, visit, key, text, collector.only_counts()) {
                collector.unread(&format!("{} ({error})", what(visit)));
            }
            // What its results mean depends on the tool.
            if named.is_some_and(|named| !named.is_empty() && named != run.rules.driver.name) {
                collector.missing("a run names two tools; have the scanner write one run for each");
            }
        }
    }
}

fn fill_value(run: &mut Run, visit: Visit, key: &str, text: &str, only_counts: bool) -> Result<(), serde_json::Error> {
    let extension = |run: &mut Run, set: &dyn Fn(&mut rules::ToolComponent, String)| {
        let value = string(text);
        run.rules.extensions.last_mut().into_iter().for_each(|extension| set(extension, value.clone()));
    };
    match visit {
        Visit::Result => run.results.push(text.into()),
        Visit::Rule => run.rules.push_to_driver(without_idle_texts(parse(text)?, run, only_counts)),
        Visit::ExtensionRule => run.rules.push_to_last_extension(without_idle_texts(parse(text)?, run, only_counts)),
        Visit::Name => run.rules.driver.name = string(text),
        Visit::Version => run.version = Some(string(text)).filter(|v| !v.is_empty()).or(run.version.take()),
        Visit::ExtensionName => extension(run, &|extension, name| extension.name = name),
        Visit::ExtensionGuid => extension(run, &|extension, guid| extension.guid = guid),
        Visit::Invocation => run.invocations.push(parse(text)?),
        Visit::VersionControl => run.version_control.push(parse(text)?),
        Visit::UriBase => drop(run.places.bases.insert(key.to_owned(), parse(text)?)),
        Visit::Artifact => {
            let location = parse::<wire::Artifact>(text)?.location;
            run.places.artifacts.push(location.as_ref().filter(|at| !only_counts || may_tell_the_kind(at, run)));
        }
        Visit::Properties => run.properties = parse(text)?,
        Visit::Logical => run.logical.push(parse(text)?),
        Visit::TaxonomyName => run.taxonomies.last_mut().into_iter().for_each(|taxonomy| taxonomy.name = string(text)),
        Visit::Taxon => run.taxonomies.last_mut().into_iter().for_each(|taxonomy| taxonomy.taxa.push(string(text))),
        Visit::Run
        | Visit::Results
        | Visit::Extension
        | Visit::ExternalResults
        | Visit::Taxonomy
        | Visit::InlineResults => {}
    }
    Ok(())
}

/// A rule without those of its long texts that nobody is going to read: rules are held while results are read, and there
/// may be tens of thousands.
fn without_idle_texts(rule: wire::Rule, run: &Run, only_counts: bool) -> wire::Rule {
    let driver = &run.rules.driver.name;
    let read = driver.is_empty() || dialects::of(driver).is_some_and(|dialect| dialect.reads_rules);
    match (read, only_counts) {
        (true, _) => rule,
        (false, false) => wire::Rule { help: wire::Plain::default(), ..rule },
        (false, true) => wire::Rule { help: wire::Plain::default(), full_description: wire::Plain::default(), ..rule },
    }
}

/// Whether a number can depend on where an artifact is: what is found at an address in a running system counts as another
/// kind than what is found in a file, and results of some tools count once for each place.
fn may_tell_the_kind(location: &wire::ArtifactLocation, run: &Run) -> bool {
    let is_file = || location.uri.as_deref().and_then(Place::of_uri).is_none_or(|at| matches!(at, Place::File(_)));
    let driver = &run.rules.driver.name;
    let each_place = driver.is_empty() || dialects::of(driver).is_some_and(|dialect| dialect.each_place);
    each_place || !is_file()
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    json::read(text)
}

/// A JSON string, or nothing if the value is something else.
fn string(text: &str) -> String {
    serde_json::from_str::<String>(text).unwrap_or_default().trim().to_owned()
}

const fn what(visit: Visit) -> &'static str {
    match visit {
        Visit::Rule | Visit::ExtensionRule => "a rule",
        Visit::Invocation => "an invocation",
        Visit::VersionControl => "version control details",
        Visit::UriBase => "a base address",
        Visit::Artifact => "an artifact",
        Visit::Properties => "the run's properties",
        Visit::Logical => "a logical location",
        Visit::TaxonomyName | Visit::Taxon => "a taxonomy",
        _ => "a result",
    }
}
