//! A commitment is closed only if whoever saw its findings looked again in the same way, and they are gone. Every other
//! way in which a finding can leave a report keeps it open, and is said.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use detente::follow::closure::{Outcome, contradicted, judge};
use detente::model::category::Category;
use detente::model::ledger::{
    Baseline, BaselineException, BaselineFinding, BaselineScan, BaselineSuppressed, CommitmentEvent, Entry, Event,
    Promise, Promised, Saw,
};
use detente::model::severity::Severity;
use detente::model::word::Word;
use detente::model::work::TreatmentKind;

const HEAD: &str = "1111111111111111111111111111111111111111";

fn scan(tool: &str, version: &str) -> BaselineScan {
    BaselineScan {
        tool: tool.to_owned(),
        version: version.to_owned(),
        kinds: vec![Word(Category::Code)],
        complete: true,
        dropped: Vec::new(),
    }
}

fn finding(id: &str, path: &str, tool: &str, rule: &str) -> BaselineFinding {
    BaselineFinding {
        id: id.to_owned(),
        category: Word(Category::Code),
        title: "SQL injection".to_owned(),
        severity: Word(Severity::High),
        path: path.to_owned(),
        package: String::new(),
        saw: vec![(tool.to_owned(), rule.to_owned())],
        rate: 1.0,
        since: "2026-11-20T09:00:00Z".parse().unwrap(),
    }
}

fn baseline(day: &str, scans: Vec<BaselineScan>, findings: Vec<BaselineFinding>) -> Baseline {
    Baseline {
        branch: "main".to_owned(),
        commit: "2222222222222222222222222222222222222222".to_owned(),
        at: format!("2026-11-{day}T09:00:00Z").parse().unwrap(),
        scans,
        findings,
        suppressed: Vec::new(),
        exceptions: Vec::new(),
        contains: vec![HEAD.to_owned()],
        quarter: "2026-Q4".to_owned(),
        spent: 0.0,
        spent_since: "2026-10-01T00:00:00Z".parse().unwrap(),
    }
}

/// The promise to remove one finding that `tool` saw under `rule`.
fn promise(tool: &str, rule: &str) -> Vec<Entry<CommitmentEvent>> {
    let at = "2026-11-20T09:00:00Z".parse().unwrap();
    let saw = Saw { tool: tool.to_owned(), version: "1.2.3".to_owned(), rule: rule.to_owned() };
    let promised = Promised {
        id: "f-1".to_owned(),
        title: "SQL injection".to_owned(),
        path: "src/order.py".to_owned(),
        saw: vec![saw],
    };
    let promise = Promise {
        work: "w-1".to_owned(),
        title: "Use bound parameters".to_owned(),
        treatment: "fix-code".to_owned(),
        kind: Word(TreatmentKind::Fix),
        hours: 4.0,
        uncalibrated: None,
        due: "2026-12-05T09:00:00Z".parse().unwrap(),
        findings: vec![promised],
    };
    let event = Event::Made {
        change: "pull/1".to_owned(),
        head: HEAD.to_owned(),
        appetite: String::new(),
        approval: Vec::new(),
        promise,
        decision: String::new(),
        lane: None,
    };
    let record = CommitmentEvent { commitment: "c-1".to_owned(), made: at, at, event, signature: String::new() };
    vec![Entry { path: "commitment/1".to_owned(), record }]
}

/// The finding as it stood on the branch, seen by semgrep 1.2.3.
fn there() -> Baseline {
    baseline("21", vec![scan("semgrep", "1.2.3")], vec![finding("f-1", "src/order.py", "semgrep", "sqli")])
}

/// What is said of the promise at `now`, after [`there`].
fn after(now: &Baseline) -> Outcome {
    judge(&promise("semgrep", "sqli"), Some(&there()), now)
}

#[track_caller]
fn not_closed(now: &Baseline, says: &str) {
    match after(now) {
        Outcome::NotClosed(why) => assert!(why.contains(says), "{why}"),
        other => panic!("{other:?}"),
    }
}

fn gone() -> Baseline {
    baseline("22", vec![scan("semgrep", "1.2.3")], Vec::new())
}

#[test]
fn the_same_scanner_looked_and_it_is_gone() {
    let Outcome::Closed(evidence) = after(&gone()) else { panic!("{:?}", after(&gone())) };
    assert_eq!(evidence, "semgrep ran sqli at 2222222222, and it is no longer found");
}

#[test]
fn what_is_still_found_is_open() {
    assert_eq!(after(&there()), Outcome::Open);
}

#[test]
fn a_scanner_that_was_dropped_closes_nothing() {
    let now = Baseline { scans: vec![scan("trivy", "0.60")], ..gone() };
    not_closed(&now, "semgrep did not run any more, so nobody looked");
}

#[test]
fn a_report_that_could_not_be_read_in_full_closes_nothing() {
    let now = Baseline { scans: vec![BaselineScan { complete: false, ..scan("semgrep", "1.2.3") }], ..gone() };
    not_closed(&now, "could not be read in full");
}

#[test]
fn another_version_of_the_rules_closes_nothing_unless_the_rule_is_a_public_advisory() {
    let now = Baseline { scans: vec![scan("semgrep", "1.3.0")], ..gone() };
    not_closed(&now, "semgrep is another version now (1.3.0 instead of 1.2.3), and its rule sqli may be another one");
    let before = Baseline { scans: vec![scan("semgrep", "")], ..there() };
    let Outcome::NotClosed(why) = judge(&promise("semgrep", "sqli"), Some(&before), &gone()) else { panic!() };
    assert!(why.contains("(1.2.3 instead of not stated)"), "{why}");
    // An advisory is the same whatever version looks for it; a rule that is only called like one is the scanner's own.
    for (rule, closed) in [
        ("CVE-2021-44228", true),
        ("CVE-2021-44228-log4j-core", true),
        ("GHSA-jfh8-c2jp-5v3q", true),
        ("GHSA-jfh8-c2jp-5v3q-log4j-core", true),
        ("RUSTSEC-2023-0071", true),
        ("GO-2022-0969", true),
        ("MAL-2024-1", true),
        ("CVE-lookup", false),
        ("CVE-2021-lookup", false),
        ("CVE-lint-1", false),
        ("GHSA-check", false),
        ("GHSA-check-something", false),
        ("GO-S2", false),
        ("GO-1-2", false),
        ("MAL-", false),
        ("sqli-2021-44228", false),
    ] {
        let before = baseline("21", vec![scan("trivy", "0.60")], vec![finding("f-1", "pom.xml", "trivy", rule)]);
        let now = Baseline { scans: vec![scan("trivy", "0.61")], ..gone() };
        let outcome = judge(&promise("trivy", rule), Some(&before), &now);
        assert_eq!(matches!(outcome, Outcome::Closed(_)), closed, "{rule}: {outcome:?}");
    }
}

#[test]
fn a_rule_that_was_left_out_closes_nothing() {
    let without = BaselineScan { dropped: vec!["sqli".to_owned()], ..scan("semgrep", "1.2.3") };
    let now = Baseline { scans: vec![without.clone()], ..gone() };
    not_closed(&now, "semgrep ran without its rule sqli, so nobody looked");
    // Of two reports of the scanner one is enough.
    let now = Baseline { scans: vec![without, scan("semgrep", "1.2.3")], ..gone() };
    assert!(matches!(after(&now), Outcome::Closed(_)));
}

#[test]
fn a_renamed_file_closes_nothing() {
    let now = Baseline { findings: vec![finding("f-2", "src/orders/query.py", "semgrep", "sqli")], ..gone() };
    not_closed(&now, "sqli is new in src/orders/query.py since then; it looks renamed or moved, not fixed");
    // What was there before under the same rule is another problem.
    let mut before = there();
    before.findings.push(finding("f-2", "src/orders/query.py", "semgrep", "sqli"));
    assert!(matches!(judge(&promise("semgrep", "sqli"), Some(&before), &now), Outcome::Closed(_)));
}

#[test]
fn what_a_scanner_was_told_not_to_count_is_not_closed() {
    let told =
        BaselineSuppressed { id: "f-1".to_owned(), title: "SQL injection".to_owned(), kind: "inSource".to_owned() };
    not_closed(&Baseline { suppressed: vec![told], ..gone() }, "a scanner was told not to count it");
}

#[test]
fn a_line_that_hides_the_finding_closes_nothing() {
    let line = |path: &str, tool: &str, text: &str| BaselineException {
        path: path.to_owned(),
        tool: tool.to_owned(),
        text: text.to_owned(),
    };
    let with = |line: &BaselineException| Baseline { exceptions: vec![line.clone()], ..gone() };
    for hiding in [
        line("src/order.py", "Semgrep", "run(x)  # nosemgrep"),
        line(".semgrepignore", "Semgrep", "src/"),
        line(".semgrepignore", "Semgrep", "/src/order.py"),
    ] {
        not_closed(&with(&hiding), &format!("{} tells Semgrep to leave something out", hiding.path));
        // One that was there when it was still found did not hide it.
        let before = Baseline { exceptions: vec![hiding.clone()], ..there() };
        let outcome = judge(&promise("semgrep", "sqli"), Some(&before), &with(&hiding));
        assert!(matches!(outcome, Outcome::Closed(_)), "{outcome:?}");
    }
    // One that was there when it was not found may have hidden it then, too.
    let hiding = line(".semgrepignore", "Semgrep", "src/");
    let before = Baseline { exceptions: vec![hiding.clone()], findings: Vec::new(), ..there() };
    let outcome = judge(&promise("semgrep", "sqli"), Some(&before), &with(&hiding));
    assert!(matches!(outcome, Outcome::NotClosed(_)), "{outcome:?}");
    for other in [
        line("src/order.py", "Bandit, gosec", "run(x)  # nosec"),
        line("src/other.py", "Semgrep", "run(x)  # nosemgrep"),
        line(".semgrepignore", "Semgrep", "src/order"),
    ] {
        assert!(matches!(after(&with(&other)), Outcome::Closed(_)), "{other:?}");
    }
    // An advisory by its name, wherever the list lies.
    let before =
        baseline("21", vec![scan("trivy", "0.60")], vec![finding("f-1", "pom.xml", "trivy", "CVE-2021-44228")]);
    let now = Baseline { scans: vec![scan("trivy", "0.60")], ..with(&line(".trivyignore", "Trivy", "CVE-2021-44228")) };
    let outcome = judge(&promise("trivy", "CVE-2021-44228"), Some(&before), &now);
    assert!(matches!(outcome, Outcome::NotClosed(_)), "{outcome:?}");
}

#[test]
fn what_is_not_merged_is_not_closed() {
    let now = Baseline { contains: Vec::new(), ..gone() };
    assert_eq!(judge(&promise("semgrep", "sqli"), None, &now), Outcome::NotMerged);
    // Never seen on the branch: once it is merged, the change's own scan says how to look.
    assert!(matches!(judge(&promise("semgrep", "sqli"), None, &gone()), Outcome::Closed(_)));
}

#[test]
fn a_closure_that_its_baseline_does_not_show_is_contradicted() {
    let events = promise("semgrep", "sqli");
    let Event::Made { promise, .. } = &events[0].record.event else { panic!() };
    assert_eq!(contradicted(promise, &gone()), None);
    let told = BaselineSuppressed { id: "f-1".to_owned(), title: String::new(), kind: String::new() };
    for (now, says) in [
        (there(), "is still found"),
        (Baseline { suppressed: vec![told], ..gone() }, "was told not to count"),
        (Baseline { scans: Vec::new(), ..gone() }, "did not run in full"),
        (Baseline { scans: vec![BaselineScan { complete: false, ..scan("semgrep", "1.2.3") }], ..gone() }, "in full"),
        (
            Baseline {
                scans: vec![BaselineScan { dropped: vec!["sqli".into()], ..scan("semgrep", "1.2.3") }],
                ..gone()
            },
            "without its rule",
        ),
    ] {
        let why = contradicted(promise, &now).unwrap();
        assert!(why.contains(says), "{why}");
    }
}
