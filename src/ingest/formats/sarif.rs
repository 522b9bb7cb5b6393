//! SARIF 2.1.0 (OASIS), and its 2.2 drafts as far as they agree: what nearly every static analyser can write.
//!
//! A log is read run by run. Results are held until their run ends, because rules, base addresses and artifacts may
//! come after them; only the members that matter are held. Then each becomes an observation: first as the
//! specification reads it ([`observe`]), then as the tool means it ([`dialects`]).

mod credentials;
mod dialects;
mod message;
mod observe;
mod places;
mod properties;
mod rules;
mod run;
mod severity;
mod wire;

use serde::de::DeserializeOwned;

use self::run::Run;
use crate::ingest::collector::Collector;
use crate::ingest::document::{Document, ReadError};
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::sniff::Sniff;
use crate::model::category::Category;

/// The row of the table of formats.
pub const FORMAT: Format = Format {
    id: "sarif",
    title: "SARIF",
    kinds: &Category::ALL,
    versions: "2.1.0, 2.2 drafts",
    specification: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let version = sniff.text("version").is_some_and(|version| version.starts_with("2."));
    let schema = sniff.text("$schema").is_some_and(|schema| schema.to_ascii_lowercase().contains("sarif"));
    sniff.has("runs") && (version || schema || sniff.has("runs[].tool.driver"))
}

/// What is visited, and what is done with it.
const VISITS: &[(Pattern, Visit)] = &[
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
];

#[derive(Debug, Clone, Copy)]
enum Visit {
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
}

fn read(document: &mut Document<'_>, collector: &mut Collector) -> Result<(), ReadError> {
    let patterns: Vec<Pattern> = VISITS.iter().map(|(pattern, _)| *pattern).collect();
    let mut current: Option<Run> = None;
    let mut runs = 0_u32;
    let outcome = document.json(&patterns, &mut |event| {
        let visit = VISITS[event.pattern].1;
        match (visit, event.kind) {
            (Visit::Run, Kind::Begin) => current = Some(Run::default()),
            (Visit::Run, Kind::End) => {
                runs += 1;
                current.take().into_iter().for_each(|run| run.finish(collector));
            }
            (_, kind) => {
                if let Some(run) = current.as_mut() {
                    fill(run, visit, event.key, &kind, collector);
                }
            }
        }
        Ok(())
    });
    // A log that breaks off in the middle of a run still has the results that came before.
    if let Some(run) = current.take() {
        run.finish(collector);
    } else if runs == 0 {
        collector.missing("the log holds no run: no tool says that it scanned anything");
    }
    outcome
}

fn fill(run: &mut Run, visit: Visit, key: &str, kind: &Kind<'_>, collector: &mut Collector) {
    match (visit, kind) {
        (Visit::Results, Kind::Begin) => run.has_results = true,
        (Visit::Extension, Kind::Begin) => run.rules.extensions.push(rules::ToolComponent::default()),
        (_, Kind::Begin | Kind::End) => {}
        (Visit::ExternalResults, Kind::Value(_)) => collector
            .missing("results stand in files of their own (externalPropertyFileReferences); have the tool inline them"),
        (visit, Kind::Value(text)) => {
            if let Err(error) = fill_value(run, visit, key, text) {
                collector.unread(&format!("{} ({error})", what(visit)));
            }
        }
    }
}

fn fill_value(run: &mut Run, visit: Visit, key: &str, text: &str) -> Result<(), serde_json::Error> {
    let extension = |run: &mut Run, set: &dyn Fn(&mut rules::ToolComponent, String)| {
        let value = string(text);
        run.rules.extensions.last_mut().into_iter().for_each(|extension| set(extension, value.clone()));
    };
    match visit {
        Visit::Result => run.results.push(parse(text)?),
        Visit::Rule => run.rules.driver.push(parse(text)?),
        Visit::ExtensionRule => {
            let rule = parse(text)?;
            if let Some(extension) = run.rules.extensions.last_mut() {
                extension.push(rule);
            }
        }
        Visit::Name => run.rules.driver.name = string(text),
        Visit::Version => run.version = Some(string(text)).filter(|v| !v.is_empty()).or(run.version.take()),
        Visit::ExtensionName => extension(run, &|extension, name| extension.name = name),
        Visit::ExtensionGuid => extension(run, &|extension, guid| extension.guid = guid),
        Visit::Invocation => run.invocations.push(parse(text)?),
        Visit::VersionControl => run.version_control.push(parse(text)?),
        Visit::UriBase => drop(run.places.bases.insert(key.to_owned(), parse(text)?)),
        Visit::Artifact => run.places.artifacts.push(parse::<wire::Artifact>(text)?.location),
        Visit::Properties => run.properties = parse(text)?,
        Visit::Run | Visit::Results | Visit::Extension | Visit::ExternalResults => {}
    }
    Ok(())
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
        _ => "a result",
    }
}
