//! One result as the specification reads it → an observation; what only its tool knows is added by its dialect.

use super::class::MOST_PLACES;
use super::context::Context;
use super::dialects::{Class, Dialect};
use super::inherited::{Inherited, Rest};
use super::run::Run;
use super::{credentials, identifiers, places, title};
use crate::ingest::path::Place;
use crate::ingest::{packages, place};
use crate::model::cvss::Cvss;
use crate::model::report::{Confidence, Observation};

/// Makes an observation of a result that counts as `class`.
pub fn observation(context: &Context<'_>, class: Class, dialect: Option<&Dialect>) -> Observation {
    let record = context.record;
    let inherited = context.inherited.map(|rule| rest(rule, context));
    let mut observation = Observation {
        rule: context.rule_id().to_owned(),
        category: Some(class.category),
        title: inherited.and_then(|rule| rule.title.clone()).unwrap_or_else(|| title::of(context)),
        severity: class.severity,
        cvss: inherited.map_or_else(|| cvss(context), |rule| rule.cvss.clone()),
        identifiers: identifiers::of(context).into_owned(),
        cwe: inherited.map_or_else(|| weaknesses(context), |rule| rule.cwe.clone()),
        confidence: inherited.map_or_else(|| confidence(context), |rule| rule.confidence),
        occurrences: record.occurrence_count.and_then(|count| u32::try_from(count).ok()).unwrap_or(1),
        ..Observation::default()
    };
    put_places(context, &mut observation);
    observation.description = description(context, &observation.title);
    if let Some(dialect) = dialect {
        (dialect.refine)(context, &mut observation);
    }
    credentials::hide(record, &mut observation);
    observation
}

/// What a result inherits beside its severity and its identifiers.
fn rest<'i>(inherited: &'i Inherited, context: &Context<'_>) -> &'i Rest {
    let read = |rule: &Context<'_>| Rest {
        title: title::of_rule(rule),
        cvss: cvss(rule),
        cwe: weaknesses(rule),
        confidence: confidence(rule),
    };
    inherited.rest.get_or_init(|| Box::new(context.of_rule_alone(read)))
}

fn description(context: &Context<'_>, title: &str) -> String {
    let full = context.rule.map_or("", |rule| rule.full_description.plain());
    let texts = [context.message(), full];
    texts.into_iter().find(|text| !text.is_empty() && *text != title).unwrap_or_default().to_owned()
}

fn put_places(context: &Context<'_>, observation: &mut Observation) {
    let record = context.record;
    observation.locations.reserve_exact(record.locations.len().min(MOST_PLACES));
    for written in record.locations.iter().take(MOST_PLACES) {
        let Some(artifact) = &written.physical_location.artifact_location else { continue };
        match context.places.resolve(artifact, context.roots) {
            Some(Place::File(path)) => observation.locations.push(places::in_file(path, written)),
            Some(Place::Address(url)) => {
                observation.endpoint = observation.endpoint.take().or_else(|| place::endpoint(&url, "", ""));
            }
            Some(Place::Thing(thing)) => drop(observation.artefact.get_or_insert(thing)),
            None => {}
        }
    }
    if observation.locations.is_empty() && observation.endpoint.is_none() && observation.artefact.is_none() {
        observation.artefact = context.logical_names().next().map(str::to_owned);
    }
}

fn weaknesses(context: &Context<'_>) -> Vec<u32> {
    const NAMES: [&str; 3] = ["cwe", "cwes", "CWE"];
    let taxonomies = &context.run.taxonomies;
    let related = context.rule.map_or(&[][..], |rule| rule.relationships.as_slice()).iter();
    let related = related.map(|related| Run::taxon(taxonomies, &related.target));
    let taxa = related.chain(context.record.taxa.iter().map(|taxon| Run::taxon(taxonomies, taxon)));
    let taxa = taxa.filter(|(of, id)| of.eq_ignore_ascii_case("cwe") || id.is_some_and(names_weakness));
    let taxa = taxa.filter_map(|(_, id)| id);
    let stated = NAMES.iter().flat_map(|name| context.record.properties.list(name)).map(|text| &**text);
    let of_rule = context.rule.into_iter().flat_map(|rule| NAMES.iter().flat_map(|name| rule.properties.list(name)));
    packages::cwe_numbers(
        taxa.chain(stated)
            .chain(of_rule.map(String::as_str))
            .chain(context.tags().filter(|tag| names_weakness(tag)))
            .chain(is_weakness(context.rule_id()).then_some(context.rule_id())),
    )
}

/// Whether a rule's id as a whole is that of a weakness: `CWE-79`.
fn is_weakness(id: &str) -> bool {
    let number = id.strip_prefix("CWE-").or_else(|| id.strip_prefix("cwe-"));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a text names a weakness rather than being just any number.
fn names_weakness(text: &str) -> bool {
    text.to_ascii_lowercase().contains("cwe")
}

/// CVSS assessments under the names that tools use for them.
fn cvss(context: &Context<'_>) -> Vec<Cvss> {
    const NAMES: [(&[&str], &[&str]); 3] = [
        (&["cvssv4_vector", "cvssV4_vector"], &["cvssv4_baseScore", "cvssv4_score"]),
        (
            &["cvssv3_vector", "cvssV3_vector", "cvss_vector", "cvssVector"],
            &["cvssv3_baseScore", "cvss_score", "cvssv3_score", "cvssV3"],
        ),
        (&["cvssv2_vector"], &["cvssv2_score"]),
    ];
    let read = |(vector, score): (&[&str], &[&str])| {
        let vector = context.property(vector).unwrap_or_default().to_owned();
        let score = context.property(score).and_then(|score| score.parse().ok()).filter(|s| (0.0..=10.0).contains(s));
        (!vector.is_empty() || score.is_some()).then(|| Cvss { vector, score, source: String::new() })
    };
    NAMES.into_iter().filter_map(read).collect()
}

/// How sure the tool is of the result; else how precise its rule is, which is never proof.
fn confidence(context: &Context<'_>) -> Option<Confidence> {
    const NAMES: &[&str] = &["issue_confidence", "zizmor/confidence", "DevSkimConfidence", "confidence"];
    let stated = context.property(NAMES).and_then(Confidence::from_word);
    let precise = || context.property(&["precision"]).and_then(Confidence::from_word);
    stated.or_else(|| precise().map(|precision| precision.min(Confidence::High)))
}
