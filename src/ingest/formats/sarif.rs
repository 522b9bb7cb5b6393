//! SARIF 2.1.0 (OASIS), and its 2.2 drafts as far as they agree: what nearly every static analyser can write.
//!
//! A log is read run by run. Rules, base addresses and artifacts may come after the results that they give a meaning, so
//! a large log is looked through for them first, and its results are then understood one at a time. What can be read
//! only once, or is small, is read once, and the results are held until their run ends. Each becomes an observation:
//! first as the specification reads it ([`observe`]), then as the tool means it ([`dialects`]). Where results are only
//! counted, those that count alike are folded while they are read ([`counting`]).

mod apart;
mod class;
mod context;
mod counting;
mod credentials;
mod dialects;
mod finish;
mod fold;
mod identifiers;
mod inherited;
mod message;
mod observe;
mod places;
mod properties;
mod rules;
mod run;
mod severity;
mod title;
mod visits;
mod wire;

use std::collections::VecDeque;

use self::finish::Meaning;
use self::run::Run;
use self::visits::{BESIDE, VISITS, Visit, end, fill};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{Kind, Pattern};
use crate::ingest::read_error::ReadError;
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

fn read(document: &mut Document<'_>, collector: &mut Collector) -> Result<(), ReadError> {
    if collector.only_counts()
        && let Some(outcome) = counting::at_once(document, collector)
    {
        return outcome;
    }
    match look_ahead(document, collector) {
        Some((runs, fault)) => {
            let is_known = fault.is_none();
            match (read_results(document, runs, is_known, collector), fault) {
                // What is wrong beside the results is not met again; where the document breaks off is.
                (Ok(()) | Err(ReadError::NoList { .. }), Some(fault)) => Err(fault),
                (outcome, _) => outcome,
            }
        }
        None => read_once(document, collector),
    }
}

/// Everything about the runs but their results, if the document can be looked through before it is read; and what is wrong
/// with it, behind which nothing is known.
fn look_ahead(document: &Document<'_>, collector: &mut Collector) -> Option<(VecDeque<Run>, Option<ReadError>)> {
    let patterns = VISITS.iter().map(|(pattern, visit)| match (pattern, visit) {
        (Pattern::Value(path), Visit::Result) => Pattern::Later(path),
        (pattern, _) => *pattern,
    });
    let patterns: Vec<Pattern<'_>> = patterns.collect();
    let mut runs = VecDeque::new();
    let outcome = document.look_ahead(&patterns, &mut |event| {
        match (VISITS[event.pattern].1, event.kind) {
            (Visit::Run, Kind::Begin) => runs.push_back(Run::default()),
            (Visit::Run, Kind::End) => {}
            (Visit::InlineResults, Kind::Begin) => collector.missing(BESIDE),
            (visit, kind) => {
                if let Some(run) = runs.back_mut() {
                    fill(run, visit, event.key, &kind, collector);
                }
            }
        }
        Ok(())
    });
    outcome.map(|outcome| (runs, outcome.err()))
}

/// Reads the results of runs of which everything else is known, or as much as there was before something was wrong.
fn read_results(
    document: &mut Document<'_>,
    mut runs: VecDeque<Run>,
    is_known: bool,
    collector: &mut Collector,
) -> Result<(), ReadError> {
    const RUN: usize = 0;
    let patterns = [Pattern::Scope("runs[]"), Pattern::Ahead("runs[].results[]")];
    let mut current: Option<Meaning> = None;
    let mut count = 0_u32;
    let outcome = document.json(&patterns, &mut |event| {
        match (event.pattern, event.kind) {
            (RUN, Kind::Begin) => {
                let run = runs.pop_front().unwrap_or_else(|| {
                    if is_known {
                        collector.missing("the log was changed while it was read; give it when it is complete");
                    }
                    Run::default()
                });
                current = Some(run.meaning(collector));
            }
            (RUN, Kind::End) => {
                count += 1;
                current.take().into_iter().for_each(|meaning| meaning.finish(collector));
            }
            (_, Kind::Value(text)) => {
                if let Some(meaning) = current.as_mut() {
                    meaning.read(text, collector);
                }
            }
            (_, Kind::Ahead(ahead)) => {
                if let Some(meaning) = current.as_mut() {
                    meaning.read_ahead(ahead, collector);
                }
            }
            _ => {}
        }
        Ok(())
    });
    end(current, count, collector);
    outcome
}

/// Reads a document that can be read once only.
fn read_once(document: &mut Document<'_>, collector: &mut Collector) -> Result<(), ReadError> {
    let patterns: Vec<Pattern<'_>> = VISITS.iter().map(|(pattern, _)| *pattern).collect();
    let mut current: Option<Run> = None;
    let mut count = 0_u32;
    let outcome = document.json(&patterns, &mut |event| {
        let visit = VISITS[event.pattern].1;
        match (visit, event.kind) {
            (Visit::Run, Kind::Begin) => current = Some(Run::default()),
            (Visit::Run, Kind::End) => {
                count += 1;
                current.take().into_iter().for_each(|run| run.finish(collector));
            }
            (Visit::InlineResults, Kind::Begin) => collector.missing(BESIDE),
            (_, kind) => {
                if let Some(run) = current.as_mut() {
                    fill(run, visit, event.key, &kind, collector);
                }
            }
        }
        Ok(())
    });
    let rest = current.map(|run| run.with_results(collector));
    end(rest, count, collector);
    outcome
}

#[cfg(test)]
mod altered;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ingest::collector::Collected;
    use crate::ingest::document::{Again, Look};
    use crate::ingest::formats::collect;
    use crate::ingest::secret;
    use crate::ingest::tally::Keep;
    use crate::model::severity::Severity;

    const CODE: &str = include_str!("../../../tests/fixtures/reports/sarif/code.sarif");
    const ANALYSERS: &str = include_str!("../../../tests/fixtures/reports/sarif/analysers.sarif");
    const PACKAGES: &str = include_str!("../../../tests/fixtures/reports/sarif/packages.sarif");

    /// What becomes of a log that can be read once.
    pub(super) fn collect_once(log: &str, keep: Keep) -> Collected {
        collect_from(log, keep, None)
    }

    /// What becomes of a log that can be read again.
    pub(super) fn collect_twice(log: &str, keep: Keep) -> Collected {
        collect_from(log, keep, Some(&|look: &mut Look<'_>| Some(look(&mut log.as_bytes()))))
    }

    fn collect_from(log: &str, keep: Keep, again: Option<&Again<'_>>) -> Collected {
        let sniff = Sniff::of(log.as_bytes());
        let mut collector = Collector::keeping(keep);
        let mut document = Document::new(&sniff, log).or_again(again);
        if let Err(error) = read(&mut document, &mut collector) {
            collector.missing(error.to_string());
        }
        collector.finish()
    }

    #[test]
    fn what_is_wrong_beside_the_results_is_told_also_where_they_are_read_alone() {
        let broken = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x","rules":{"a":1}}},"results":
            [{"ruleId":"a"}]},{"tool":{"driver":{"name":"y"}},"results":[]}]}"#;
        for keep in [Keep::Everything, Keep::Numbers] {
            let problems = collect_twice(broken, keep).problems;
            let missing: Vec<&str> =
                problems.iter().filter(|problem| problem.evidence_missing).map(|p| p.message.as_str()).collect();
            assert!(missing.iter().any(|message| message.contains("expected a list")), "{missing:?}");
            assert!(!missing.iter().any(|message| message.contains("changed")), "{missing:?}");
        }
    }

    #[test]
    fn credentials_that_an_analyser_of_code_found_are_told_by_the_tag_of_their_rules() {
        let log = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"datadog-static-analyzer","rules":[
            {"id":"secrets/key","properties":{"tags":["DATADOG_RULE_TYPE:SECRET"]}},
            {"id":"go/sql","properties":{"tags":["DATADOG_RULE_TYPE:STATIC_ANALYSIS","CWE:89"]}}]}},"results":[
            {"ruleId":"secrets/key","message":{"text":"A key"}},{"ruleId":"go/sql","message":{"text":"A query"}}]}]}"#;
        let categories: Vec<_> = collect(&FORMAT, log).observations.iter().map(|found| found.category).collect();
        assert_eq!(categories, [Some(Category::Secret), Some(Category::Code)]);
    }

    #[test]
    fn a_search_for_credentials_by_an_analyser_of_code_is_no_evidence_for_code() {
        let kinds = |tool: &str, tags: &[&str]| {
            let rules: Vec<String> =
                tags.iter().map(|tag| format!(r#"{{"id":"{tag}","properties":{{"tags":["{tag}"]}}}}"#)).collect();
            let log = format!(
                r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"{tool}","rules":[{}]}}}},"results":[]}}]}}"#,
                rules.join(",")
            );
            let once: Vec<Category> = collect(&FORMAT, &log).scan.kinds.into_iter().collect();
            let counted = collect_twice(&log, Keep::Numbers).scan.kinds;
            assert_eq!(once, counted.into_iter().collect::<Vec<_>>());
            once
        };
        let (secret, code) = ("DATADOG_RULE_TYPE:SECRET", "DATADOG_RULE_TYPE:STATIC_ANALYSIS");
        assert_eq!(kinds("datadog-static-analyzer", &[secret]), [Category::Secret]);
        assert_eq!(kinds("datadog-static-analyzer", &[code, "CWE:89"]), [Category::Code]);
        assert_eq!(kinds("datadog-static-analyzer", &[code, secret]).len(), 2);
        assert_eq!(kinds("datadog-static-analyzer", &[]), []);
        let none =
            r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"datadog-static-analyzer"}},"results":[]}]}"#;
        assert!(collect(&FORMAT, none).problems[0].message.contains("lists no rule that ran"));
        assert_eq!(kinds("Datadog IaC Scanning", &[]), [Category::Configuration]);
    }

    #[test]
    fn what_nobody_counts_by_loses_no_result_whatever_its_shape() {
        let odd = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"ruleId":"a","locations":
            [{"physicalLocation":{"artifactLocation":{"uri":"a.c"},"region":{"startLine":"7"},"contextRegion":[]}}],
            "fingerprints":{"hash":{"value":"1"}},"partialFingerprints":"none","occurrenceCount":"two",
            "message":[7],"fingerprints":{},"analysisTarget":"all"}]}]}"#;
        let once = collect(&FORMAT, odd);
        for collected in [once, collect_twice(odd, Keep::Everything)] {
            assert_eq!((collected.unread, collected.observations.len()), (0, 1));
            assert_eq!(collected.observations[0].locations[0].path, "a.c");
        }
        let counted = collect_twice(odd, Keep::Numbers);
        assert_eq!((counted.unread, counted.tally.open()), (0, 1));
    }

    #[test]
    fn a_log_that_is_looked_through_first_holds_what_it_holds_when_read_once() {
        let behind = r#"{"version":"2.1.0","runs":[{"results":[{"ruleId":"a/b","message":{"id":"m"},"locations":
            [{"physicalLocation":{"artifactLocation":{"index":1}}}]},{"ruleId":7},{"ruleId":"c","kind":"pass"}],
            "artifacts":[{"location":{"uri":"x"}},{"location":{"uri":"y.c","uriBaseId":"SRC"}}],
            "originalUriBaseIds":{"SRC":{"uri":"src/"}},"tool":{"driver":{"name":"x","rules":[{"id":"a",
            "messageStrings":{"m":{"text":"said"}},"defaultConfiguration":{"level":"error"}}]}}},
            {"tool":{"driver":{"name":"y"}},"results":[]},{"tool":{"driver":{"name":"z"}}}]}"#;
        let first = &collect_twice(behind, Keep::Everything).observations[0];
        assert_eq!((first.title.as_str(), first.severity), ("said", Severity::High));
        assert_eq!(first.locations[0].path, "src/y.c");
        // A tool that nobody knows, whose results count by where their artifacts are; and one whose results count by place.
        let listed = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"artifacts":[{"location":
            {"uri":"a.c"}},{"location":{"uri":"https://shop.example/pay"}},{}],"results":[
            {"ruleId":"a","locations":[{"physicalLocation":{"artifactLocation":{"index":1}}}]}]},
            {"tool":{"driver":{"name":"njsscan"}},"artifacts":[{"location":{"uri":"a.js"}},{"location":
            {"uri":"b.js"}}],"results":[{"ruleId":"b","locations":[{"physicalLocation":{"artifactLocation":{"index":0}}},
            {"physicalLocation":{"artifactLocation":{"index":1}}}]}]}]}"#;
        let counted = collect_twice(listed, Keep::Numbers);
        assert_eq!(counted.tally.open(), 3);
        assert!(counted.scan.kinds.contains(&Category::Runtime));
        for log in [CODE, ANALYSERS, PACKAGES, behind, listed, "{\"version\":\"2.1.0\",\"runs\":[]}"] {
            for cut in [log.len(), log.len() * 2 / 3, log.len() / 3] {
                let log = log.get(..cut).unwrap_or(log);
                let (once, mut twice) = (collect_once(log, Keep::Everything), collect_twice(log, Keep::Everything));
                // What could not be understood is said in another order.
                let mut problems = once.problems.clone();
                problems.sort();
                twice.problems.sort();
                assert_eq!(problems, twice.problems);
                let told = |c: &Collected| format!("{:?} {:?} {:?} {}", c.scan, c.observations, c.suppressed, c.unread);
                assert_eq!(told(&once), told(&twice));
                // And what is only counted is counted as what is read.
                let mut counted = collect_twice(log, Keep::Numbers);
                counted.problems.sort();
                assert_eq!(problems, counted.problems);
                assert_eq!((&once.tally, &once.scan.kinds), (&counted.tally, &counted.scan.kinds));
                assert!(counted.observations.is_empty() && counted.suppressed.is_empty());
            }
        }
    }

    #[test]
    fn results_of_which_too_many_count_differently_to_be_held_are_counted_all_the_same() {
        let long = "x".repeat(1500);
        let result = |number: usize| {
            let severity = ["CRITICAL", "LOW"][number % 2];
            format!(r#"{{"ruleId":"a","message":{{"text":"Package: p{number}\nSeverity: {severity}\n{long}"}}}}"#)
        };
        let results: Vec<String> = (0..1000).map(result).collect();
        let log = format!(
            r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"other"}}}},"results":[{{"level":"note"}}]}},
            {{"results":[{}],"tool":{{"driver":{{"name":"Trivy"}}}}}}]}}"#,
            results.join(",")
        );
        let given_up = {
            let sniff = Sniff::of(log.as_bytes());
            let again = |look: &mut Look<'_>| Some(look(&mut log.as_bytes()));
            let mut document = Document::new(&sniff, log.as_str()).or_again(Some(&again));
            counting::at_once(&mut document, &mut Collector::keeping(Keep::Numbers)).is_none()
        };
        assert!(given_up);
        let (kept, counted) = (collect_twice(&log, Keep::Everything), collect_twice(&log, Keep::Numbers));
        assert_eq!((&kept.tally, &kept.scan.kinds), (&counted.tally, &counted.scan.kinds));
        let by = |severity| counted.tally.open[&severity];
        assert_eq!((by(Severity::Critical), by(Severity::Low), counted.unread), (500, 501, 0));
    }

    #[test]
    fn a_run_that_names_two_tools_lacks_evidence() {
        let log = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Trivy"}},"results":[{"ruleId":"a"}],
            "tool":{"driver":{"name":"CodeQL"}}}]}"#;
        for keep in [Keep::Everything, Keep::Numbers] {
            assert!(collect_twice(log, keep).problems.iter().any(|p| p.message.contains("two tools")));
        }
        let same = log.replace("CodeQL", "Trivy");
        assert!(!collect_twice(&same, Keep::Numbers).problems.iter().any(|p| p.evidence_missing));
    }

    #[test]
    fn a_log_speaks_for_the_tools_of_all_its_runs() {
        let log = r#"{"version":"2.1.0","runs":[
            {"tool":{"driver":{"name":"x","version":"1"}},"results":[{"ruleId":"a"}]},
            {"tool":{"driver":{"name":"y","version":"2","rules":[{"id":"b"},{"id":"c"}]}},"results":[]}]}"#;
        let scan = collect(&FORMAT, log).scan;
        assert_eq!(scan.tools().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!((scan.others["y"].version.as_str(), scan.others["y"].rules.len(), scan.rules.len()), ("2", 2, 0));
    }

    #[test]
    fn each_observation_names_the_tool_of_its_own_run() {
        let report = collect(&FORMAT, PACKAGES);
        let mut tools: BTreeMap<&str, u32> = BTreeMap::new();
        for observation in &report.observations {
            *tools.entry(observation.tool.as_deref().unwrap_or(&report.scan.tool)).or_default() += 1;
        }
        assert_eq!(tools["trivy"], 4);
        assert_eq!((tools["grype"], tools["snyk container"], tools["govulncheck"]), (2, 1, 1));
    }

    #[test]
    fn scanners_of_one_image_agree_on_vulnerability_package_and_version() {
        let report = collect(&FORMAT, PACKAGES);
        let of = |name: &str| {
            let about = report.observations.iter().filter(|o| o.identifiers.iter().any(|id| id.as_str() == name));
            about.filter_map(|o| o.component.as_ref()).map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(of("CVE-2023-38545"), ["curl 7.88.1-10", "curl 7.88.1-10", "libcurl4 7.88.1-10"]);
        assert_eq!(of("CVE-2021-23337"), ["lodash 4.17.20"; 3]);
    }

    #[test]
    fn no_secret_is_kept_in_clear_and_one_secret_has_one_digest() {
        for log in [CODE, ANALYSERS] {
            let shown = format!("{:?}", collect(&FORMAT, log));
            assert!(!shown.contains("IOSFODNN7EXAMPLE") && !shown.contains("horse-battery"), "{shown}");
        }
        let key = secret::digest("AKIAIOSFODNN7EXAMPLE");
        let digests = |report: &Collected| report.observations.iter().filter(|o| o.secret_digest == key).count();
        assert_eq!((digests(&collect(&FORMAT, CODE)), digests(&collect(&FORMAT, ANALYSERS))), (1, 1));
    }

    #[test]
    fn a_fingerprint_that_is_the_same_on_every_result_is_none() {
        let report = collect(&FORMAT, CODE);
        let flask = report.observations.iter().find(|o| o.rule == "python.flask.debug-enabled").unwrap();
        assert_eq!(flask.native_id, None);
    }

    #[test]
    fn the_results_before_a_break_in_the_log_count_and_the_break_is_an_error() {
        let cut = CODE.find("js/xss/reflected").unwrap();
        let report = collect(&FORMAT, &CODE[..cut]);
        assert_eq!(report.observations.len(), 1);
        assert!(report.problems.iter().any(|problem| problem.evidence_missing));
    }

    #[test]
    fn a_broken_result_is_counted_and_the_others_are_read() {
        let log = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},
            "results":[{"ruleId":7},{"ruleId":"a","message":{"text":"m"}}]}]}"#;
        let report = collect(&FORMAT, log);
        assert_eq!((report.unread, report.observations.len()), (1, 1));
    }

    #[test]
    fn only_a_decided_suppression_takes_a_result_out() {
        for (suppressions, open) in [
            ("[]", 1),
            (r#"[{"kind":"inSource"}]"#, 0),
            (r#"[{"kind":"external","status":"accepted"}]"#, 0),
            (r#"[{"kind":"external","state":"accepted"}]"#, 0),
            (r#"[{"kind":"external","status":"underReview"}]"#, 1),
            (r#"[{"kind":"inSource"},{"kind":"external","status":"rejected"}]"#, 1),
        ] {
            let log = format!(
                r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"x"}}}},
                    "results":[{{"ruleId":"a","message":{{"text":"m"}},"suppressions":{suppressions}}}]}}]}}"#
            );
            let report = collect(&FORMAT, &log);
            assert_eq!((report.observations.len(), report.suppressed.len()), (open, 1 - open), "{suppressions}");
        }
    }

    #[test]
    fn results_that_are_absent_or_null_are_no_clean_scan() {
        for results in ["", r#","results":null"#] {
            let log = format!(r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"CodeQL"}}}}{results}}}]}}"#);
            let report = collect(&FORMAT, &log);
            assert!(report.problems[0].evidence_missing && report.scan.kinds.is_empty(), "{log}");
        }
        let report =
            collect(&FORMAT, r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"CodeQL"}},"results":[]}]}"#);
        assert!(report.problems.is_empty() && report.scan.kinds.contains(&Category::Code));
    }
}
