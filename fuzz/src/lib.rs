//! What the fuzz targets share: reading in memory, and what has to hold of every report whatever its bytes were.

use std::sync::LazyLock;

use detente::ingest::{Formats, Limits, count, ingest_bytes};
use detente::model::mapping::Described;
use detente::model::report::{Observation, Problem, Report};

/// Bounds small enough that a bomb is met within a run.
const LIMITS: Limits = Limits { bytes: 4 << 20, ratio: 250, ratio_from: 1 << 20, files: 100 };

/// Most characters of one text of an observation.
const MOST_TEXT: usize = 2_001;

/// Most places, names and assessments of one observation.
const MOST_LIST: usize = 200;

/// The formats described by data.
pub fn mappings() -> &'static [Described] {
    static MAPPINGS: LazyLock<Vec<Described>> =
        LazyLock::new(|| detente::rules::load(&[]).expect("the built-in rules are read").formats);
    &MAPPINGS
}

/// Reads a report as `gate -` does, twice, and counts it as `inspect -` does: each time must say the same, within bounds.
pub fn read(bytes: &[u8], formats: &Formats<'_>) -> Report {
    let report = ingest_bytes("-", bytes, formats, &LIMITS).expect("standard input is always told about");
    let said = format!("{report:?}");
    let again = ingest_bytes("-", bytes, formats, &LIMITS);
    assert_eq!(again.map(|report| format!("{report:?}")), Some(said), "the same bytes say something else");
    hold(&report);
    hold_count(&report, bytes, formats);
    report
}

/// What is counted of a report is what is read of it, and nothing else is said of it.
fn hold_count(report: &Report, mut bytes: &[u8], formats: &Formats<'_>) {
    let counted = count(&["-".to_owned()], &mut bytes, formats, &LIMITS).expect("standard input is always told about");
    let [counted] = counted.as_slice() else { return };
    // Of many records that are not understood the first are told, which need not be the same.
    let sorted = |problems: &[Problem]| {
        let told = |problem: &&Problem| !problem.message.starts_with("a record was not understood");
        let mut problems: Vec<Problem> = problems.iter().filter(told).cloned().collect();
        problems.sort();
        problems
    };
    assert_eq!((counted.unread, sorted(&counted.problems)), (report.unread, sorted(&report.problems)));
    assert_eq!(counted.scan.kinds, report.scan.kinds);
    assert_eq!((counted.tally.open(), counted.tally.suppressed), (report.observations.len(), report.suppressed.len()));
    for (severity, number) in &counted.tally.open {
        assert_eq!(report.observations.iter().filter(|open| open.severity == *severity).count(), *number);
    }
}

/// Whether a report says that it is not the whole truth.
pub fn is_told(report: &Report) -> bool {
    report.unread > 0 || report.problems.iter().any(|problem| problem.evidence_missing)
}

fn hold(report: &Report) {
    assert!(report.problems.len() <= 40, "{} problems", report.problems.len());
    report.observations.iter().for_each(|observation| hold_observation(observation));
    report.suppressed.iter().for_each(|observation| hold_observation(observation));
    assert!(report.observations.iter().all(|open| open.suppression.is_none()), "a suppressed result counts as open");
    assert!(report.suppressed.iter().all(|closed| closed.suppression.is_some()), "a result is closed without a reason");
}

fn hold_observation(observation: &Observation) {
    let snippets = observation.locations.iter().filter_map(|location| location.snippet.as_ref());
    for text in [&observation.rule, &observation.title, &observation.description].into_iter().chain(snippets) {
        assert!(text.chars().count() <= MOST_TEXT, "a text of {} bytes", text.len());
        assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "a control character in {text:?}");
    }
    assert!(observation.occurrences > 0 && observation.category.is_some());
    for length in
        [observation.locations.len(), observation.identifiers.len(), observation.cwe.len(), observation.cvss.len()]
    {
        assert!(length <= MOST_LIST, "a list of {length}");
    }
    let scores = observation.cvss.iter().filter_map(|cvss| cvss.score);
    assert!(scores.chain(observation.epss).all(f64::is_finite));
}
