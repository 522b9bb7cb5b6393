//! What an assessment must get right: evidence before thresholds, unknown never clean, figures that add up.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Evidence, assess};
use crate::model::acceptance::Acceptance;
use crate::model::appetite::{
    Agreement, AgreementState, Appetite, Authority, CoverageRule, Delivery, IfUnknown, ToleranceRow,
};
use crate::model::assessment::Assessment;
use crate::model::basis::{Basis, Range};
use crate::model::category::Category;
use crate::model::change::Change;
use crate::model::clock::Clock;
use crate::model::condition::Condition;
use crate::model::coverage::CoverageState;
use crate::model::digest::Digest;
use crate::model::finding::{Finding, Inventory, Source};
use crate::model::identifier::Identifier;
use crate::model::intel::{Epss, Kev, Knowledge, ScoredVector, VectorMetrics};
use crate::model::origin::Origin;
use crate::model::report::{Problem, Report, Scan};
use crate::model::rules::{ExposureRules, Outcome, RuleSet, TimelineRow, TimelineTable};
use crate::model::service::{Criticality, NetworkExposure, Service};
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;

fn now() -> Timestamp {
    "2026-11-24T09:30:00Z".parse().unwrap()
}

fn finding(id: &str, category: Category, severity: Severity, origin: Origin) -> Finding {
    Finding {
        identifiers: vec![Identifier::parse("CVE-2021-44228").unwrap()],
        sources: vec![Source { tool: "trivy".to_owned(), rule: "r".to_owned(), report: "r.json".to_owned() }],
        origin,
        ..Finding::new(id.to_owned(), category, format!("title of {id}"), severity)
    }
}

fn row(id: &str, when: &str, appetite: u64, tolerance: Option<u64>, if_unknown: IfUnknown) -> ToleranceRow {
    ToleranceRow {
        id: id.to_owned(),
        says: String::new(),
        when: Condition::compile(when).unwrap(),
        appetite,
        tolerance,
        before_ship: false,
        if_unknown,
    }
}

fn report(kind: Category) -> Report {
    Report {
        path: format!("{kind}.json"),
        format: Some("trivy".into()),
        sha256: Digest::of(b""),
        scan: Scan { kinds: BTreeSet::from([kind]), ..Scan::default() },
        observations: Vec::new(),
        suppressed: Vec::new(),
        statements: Vec::new(),
        unread: 0,
        problems: Vec::new(),
    }
}

fn appetite(tolerance: Vec<ToleranceRow>) -> Appetite {
    Appetite {
        origin: "test".to_owned(),
        sha256: Digest::of(b""),
        agreement: Agreement { state: AgreementState::Agreed, signers: Vec::new(), remark: String::new() },
        name: String::new(),
        statement: String::new(),
        agreed: None,
        levels: BTreeMap::new(),
        services: vec![Service {
            name: "checkout".to_owned(),
            paths: Vec::new(),
            images: Vec::new(),
            exposure: NetworkExposure::Internet,
            criticality: Criticality::Essential,
            data: Vec::new(),
            obligations: Vec::new(),
            decision_points: BTreeMap::new(),
            declared: true,
        }],
        timeline: Some("seven".to_owned()),
        timelines: BTreeMap::new(),
        clock: Clock::default(),
        clocks: BTreeMap::new(),
        tolerance,
        assumed_severity: BTreeMap::new(),
        coverage: CoverageRule::default(),
        budget: None,
        delivery: Delivery::default(),
        authority: Authority::default(),
        roles: BTreeMap::new(),
        baseline: None,
    }
}

/// Two tables with one row each: everything within seven days, everything within three.
fn rules() -> RuleSet {
    let table = |id: &str, days: f64| TimelineTable {
        id: id.to_owned(),
        title: String::new(),
        version: String::new(),
        source: String::new(),
        columns: vec!["severity".to_owned()],
        rows: vec![TimelineRow { values: vec!["*".to_owned()], outcome: "fix".to_owned() }],
        outcomes: BTreeMap::from([(
            "fix".to_owned(),
            Outcome { days: Some(days), ssvc: None, basis: Basis::Assumed("test".to_owned()) },
        )]),
    };
    RuleSet {
        timelines: BTreeMap::from([
            ("seven".to_owned(), table("seven", 7.0)),
            ("three".to_owned(), table("three", 3.0)),
        ]),
        treatments: Vec::new(),
        exposure: ExposureRules {
            id: "exposure".to_owned(),
            kev_floor: Range { low: 0.1, likely: 0.5, high: 0.9 },
            verified_secret: Range::exactly(0.3),
            prior: BTreeMap::from([(
                Category::Dependency,
                BTreeMap::from([(Severity::High, Range { low: 0.01, likely: 0.02, high: 0.1 })]),
            )]),
            epss_spread: Range { low: 0.5, likely: 1.0, high: 2.0 },
            network: BTreeMap::from([(NetworkExposure::Internet, Range::exactly(1.0))]),
            impact: BTreeMap::from([(Severity::High, Range::exactly(70.0))]),
            criticality: BTreeMap::from([(Criticality::Essential, Range::exactly(1.2))]),
        },
        formats: Vec::new(),
    }
}

/// Judges findings about which nothing is known, on evidence of the given reports.
fn judge(appetite: &Appetite, findings: Vec<Finding>, reports: &[Report], change: &Change) -> Assessment {
    let knowledge = vec![Knowledge::default(); findings.len()];
    let inventory = Inventory { findings, ..Inventory::default() };
    let evidence = Evidence {
        reports,
        change,
        appetite,
        rules: &rules(),
        accepted: &BTreeMap::new(),
        known_since: &BTreeMap::new(),
        now: now(),
    };
    assess(&evidence, inventory, knowledge)
}

#[test]
fn a_row_is_amber_above_its_appetite_and_red_above_its_tolerance() {
    let high = |id: &str| finding(id, Category::Dependency, Severity::High, Origin::Introduced);
    let appetite = appetite(vec![row(
        "new-high",
        "finding.introduced && finding.severity >= HIGH",
        1,
        Some(2),
        IfUnknown::Unresolved,
    )]);
    let verdict = |count: usize| {
        let findings = ["f-1", "f-2", "f-3"][..count].iter().map(|id| high(id)).collect();
        judge(&appetite, findings, &[report(Category::Dependency)], &Change::default()).verdict
    };
    assert_eq!(verdict(1), Verdict::WithinAppetite);
    assert_eq!(verdict(2), Verdict::WithinTolerance);
    assert_eq!(verdict(3), Verdict::BeyondTolerance);
}

#[test]
fn what_the_change_resolves_is_not_counted_and_an_unknown_origin_is() {
    let rows = vec![row("any-new", "finding.introduced", 0, Some(0), IfUnknown::Unresolved)];
    let findings = vec![
        finding("f-1", Category::Dependency, Severity::High, Origin::Resolved),
        finding("f-2", Category::Dependency, Severity::High, Origin::Ambient),
        finding("f-3", Category::Dependency, Severity::High, Origin::Unknown),
    ];
    let judged = judge(&appetite(rows), findings, &[report(Category::Dependency)], &Change::default());
    assert_eq!(judged.rows[0].findings, ["f-3"]);
}

#[test]
fn missing_evidence_is_decided_before_any_threshold() {
    let mut appetite = appetite(vec![row("none", "true", 0, Some(0), IfUnknown::Unresolved)]);
    appetite.coverage.require = vec![Category::Dependency, Category::Secret];
    let findings = vec![finding("f-1", Category::Dependency, Severity::High, Origin::Introduced)];
    let judged = judge(&appetite, findings, &[report(Category::Dependency)], &Change::default());
    assert_eq!(judged.verdict, Verdict::Unresolved);
    assert!(judged.unresolved_because[0].contains("secret"), "{:?}", judged.unresolved_because);
    assert_eq!(judged.rows[0].state, Verdict::BeyondTolerance, "what is known is still shown");
}

#[test]
fn a_report_that_lost_evidence_is_never_clean() {
    let mut cut_off = report(Category::Code);
    cut_off.problems.push(Problem { evidence_missing: true, message: "cut off at line 3".to_owned() });
    let judged = judge(&appetite(Vec::new()), Vec::new(), &[cut_off], &Change::default());
    assert_eq!(judged.verdict, Verdict::Unresolved);
    assert_eq!(judged.coverage[0].state, CoverageState::Failed);

    let mut nothing_understood = report(Category::Code);
    nothing_understood.scan.kinds.clear();
    nothing_understood.problems.push(Problem { evidence_missing: true, message: "is empty".to_owned() });
    let judged = judge(&appetite(Vec::new()), Vec::new(), &[nothing_understood], &Change::default());
    assert_eq!(judged.verdict, Verdict::Unresolved);
}

#[test]
fn a_stale_or_foreign_scan_is_not_evidence() {
    let mut appetite = appetite(Vec::new());
    appetite.coverage.max_age = Some(SignedDuration::from_hours(24));
    let mut old = report(Category::Code);
    old.scan.at = Some("2026-11-23T09:00:00Z".parse().unwrap());
    let state = |report: Report, change: &Change| judge(&appetite, Vec::new(), &[report], change).coverage[0].state;
    assert_eq!(state(old, &Change::default()), CoverageState::Stale);
    // The wall clock of one that writes no zone may be ahead; nobody's is by a day.
    let dated = |at: &str| {
        let mut report = report(Category::Code);
        report.scan.at = Some(at.parse().unwrap());
        report
    };
    assert_eq!(state(dated("2026-11-24T22:00:00Z"), &Change::default()), CoverageState::Present);
    assert_eq!(state(dated("2027-11-24T09:00:00Z"), &Change::default()), CoverageState::Stale);
    // One that does not say how old it is passes, and not in silence.
    let undated = judge(&appetite, Vec::new(), &[report(Category::Code)], &Change::default()).coverage.remove(0);
    assert_eq!(undated.state, CoverageState::Present);
    assert!(undated.remark.contains("does not say when the scan ran"), "{}", undated.remark);

    let change = Change {
        head: Some("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        scanned_as: vec!["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb".to_owned()],
        ..Change::default()
    };
    let of_commit = |commit: &str| {
        let mut report = report(Category::Code);
        report.scan.commit = Some(commit.to_owned());
        report
    };
    assert_eq!(state(of_commit("aaaaaaaaaa"), &change), CoverageState::Present);
    assert_eq!(state(of_commit("bbbbbbbbbb"), &change), CoverageState::Present, "a parent of the tested merge");
    assert_eq!(state(of_commit("cccccccccc"), &change), CoverageState::Stale);
}

#[test]
fn an_unknown_fact_leaves_a_row_unresolved_only_where_it_could_matter() {
    let unknown = || vec![finding("f-1", Category::Dependency, Severity::Unknown, Origin::Introduced)];
    let judged =
        |row: ToleranceRow| judge(&appetite(vec![row]), unknown(), &[report(Category::Dependency)], &Change::default());
    let critical = "finding.severity >= CRITICAL";
    let strict = judged(row("r", critical, 0, Some(0), IfUnknown::Unresolved));
    assert_eq!(strict.verdict, Verdict::Unresolved);
    assert!(strict.unresolved_because[0].contains("finding.severity"), "{:?}", strict.unresolved_because);
    assert_eq!(judged(row("r", critical, 1, Some(1), IfUnknown::Unresolved)).verdict, Verdict::WithinAppetite);
    assert_eq!(judged(row("r", critical, 0, Some(0), IfUnknown::Count)).verdict, Verdict::BeyondTolerance);
    assert_eq!(judged(row("r", critical, 0, Some(0), IfUnknown::Skip)).verdict, Verdict::WithinAppetite);
}

#[test]
fn a_declared_severity_fills_in_and_says_so() {
    let mut appetite = appetite(vec![row("r", "finding.severity >= HIGH", 0, Some(0), IfUnknown::Unresolved)]);
    appetite.assumed_severity = BTreeMap::from([(Category::Secret, Severity::High)]);
    let findings = vec![finding("f-1", Category::Secret, Severity::Unknown, Origin::Introduced)];
    let judged = judge(&appetite, findings, &[report(Category::Secret)], &Change::default());
    assert_eq!(judged.verdict, Verdict::BeyondTolerance);
    assert_eq!(judged.findings[0].severity.basis, Some(Basis::Declared("unknown.severity.secret".to_owned())));
    assert_eq!(judged.findings[0].finding.severity, Severity::Unknown, "what the scanner said is kept");
}

#[test]
fn an_obligation_sets_the_earlier_date_and_cannot_be_waived() {
    let mut appetite = appetite(Vec::new());
    let findings = || vec![finding("f-1", Category::Dependency, Severity::High, Origin::Introduced)];
    let due = |appetite: &Appetite| {
        judge(appetite, findings(), &[report(Category::Dependency)], &Change::default()).findings[0]
            .due
            .clone()
            .unwrap()
    };
    let agreed = due(&appetite);
    assert_eq!((agreed.limit.table.as_str(), agreed.waivable), ("seven", true));
    assert_eq!(agreed.at, "2026-12-01T09:30:00Z".parse().unwrap());
    appetite.services[0].obligations = vec!["three".to_owned()];
    let obliged = due(&appetite);
    assert_eq!((obliged.limit.table.as_str(), obliged.waivable), ("three", false));
}

#[test]
fn a_decision_point_declared_for_the_service_counts_before_what_is_derived() {
    let mut rules = rules();
    let table = rules.timelines.get_mut("seven").unwrap();
    let row =
        |exposure: &str, outcome: &str| TimelineRow { values: vec![exposure.to_owned()], outcome: outcome.to_owned() };
    table.columns = vec!["system_exposure".to_owned()];
    table.rows = vec![row("open", "fix"), row("small", "later")];
    table.outcomes.insert("later".to_owned(), Outcome { days: Some(30.0), ..table.outcomes["fix"].clone() });
    let mut appetite = appetite(Vec::new());
    let judged = |appetite: &Appetite| {
        let findings = vec![finding("f-1", Category::Dependency, Severity::High, Origin::Introduced)];
        let inventory = Inventory { findings, ..Inventory::default() };
        let (reports, change) = ([report(Category::Dependency)], Change::default());
        let evidence = Evidence {
            reports: &reports,
            change: &change,
            appetite,
            rules: &rules,
            accepted: &BTreeMap::new(),
            known_since: &BTreeMap::new(),
            now: now(),
        };
        let judged = assess(&evidence, inventory, vec![Knowledge::default()]).findings.swap_remove(0);
        let points = judged.decision_points.iter().filter(|point| point.key == "system_exposure");
        let points: Vec<_> = points.map(|point| (point.value.clone(), point.rule.clone())).collect();
        assert_eq!(points.len(), 1);
        (judged.due.unwrap().at.to_string(), points[0].0.clone(), points[0].1.clone())
    };
    let (due, exposure, _) = judged(&appetite);
    assert_eq!((due.as_str(), exposure.as_str()), ("2026-12-01T09:30:00Z", "open"), "an internet-facing service");
    appetite.services[0].decision_points.insert("system_exposure".to_owned(), "small".to_owned());
    let (due, exposure, rule) = judged(&appetite);
    assert_eq!((due.as_str(), exposure.as_str()), ("2026-12-24T09:30:00Z", "small"));
    assert_eq!(rule, "declared for checkout");
}

#[test]
fn a_finding_without_public_name_has_no_date_from_the_default_table() {
    let mut code = finding("f-1", Category::Code, Severity::High, Origin::Introduced);
    code.identifiers.clear();
    let mut appetite = appetite(Vec::new());
    let due = |appetite: &Appetite| {
        judge(appetite, vec![code.clone()], &[report(Category::Code)], &Change::default()).findings[0].due.clone()
    };
    assert_eq!(due(&appetite), None);
    appetite.timelines = BTreeMap::from([(Category::Code, "three".to_owned())]);
    assert_eq!(due(&appetite).unwrap().limit.table, "three");
}

#[test]
fn what_is_accepted_does_not_count_except_before_ship_and_is_due_when_that_ends() {
    let findings = vec![finding("f-1", Category::Dependency, Severity::High, Origin::Introduced)];
    let inventory = Inventory { findings, ..Inventory::default() };
    let held = ToleranceRow { before_ship: true, ..row("held", "finding.introduced", 0, Some(0), IfUnknown::Count) };
    let appetite = appetite(vec![row("new", "finding.introduced", 0, Some(0), IfUnknown::Count), held]);
    let until = now() + SignedDuration::from_hours(24 * 20);
    let acceptance = |severity: Severity| Acceptance {
        waiver: "v-1".to_owned(),
        until,
        owner: "A. Example".to_owned(),
        reason: String::new(),
        severity,
        exploited: false,
    };
    let judged = |severity: Severity| {
        let evidence = Evidence {
            reports: &[report(Category::Dependency)],
            change: &Change::default(),
            appetite: &appetite,
            rules: &rules(),
            accepted: &BTreeMap::from([("f-1".to_owned(), acceptance(severity))]),
            known_since: &BTreeMap::new(),
            now: now(),
        };
        assess(&evidence, inventory.clone(), vec![Knowledge::default()])
    };
    let accepted = judged(Severity::High);
    let counts = |assessment: &Assessment| assessment.rows.iter().map(|row| row.measured).collect::<Vec<_>>();
    assert_eq!(counts(&accepted), [0, 1]);
    assert_eq!(accepted.rows[0].accepted, ["f-1"]);
    assert!(accepted.rows[1].accepted.is_empty());
    // Accepted as medium, it is high now.
    let outgrown = judged(Severity::Medium);
    assert_eq!(counts(&outgrown), [1, 1]);
    assert_eq!(outgrown.findings[0].accepted, None);
    assert!(accepted.findings[0].rate == outgrown.findings[0].rate, "exposure does not change by being accepted");
}

#[test]
fn the_rate_is_likelihood_times_impact_with_a_basis_for_each_part() {
    let findings = vec![finding("f-1", Category::Dependency, Severity::High, Origin::Introduced)];
    let inventory = Inventory { findings, ..Inventory::default() };
    let appetite = appetite(Vec::new());
    let rate_of = |knowledge: Knowledge| {
        let evidence = Evidence {
            reports: &[report(Category::Dependency)],
            change: &Change::default(),
            appetite: &appetite,
            rules: &rules(),
            accepted: &BTreeMap::new(),
            known_since: &BTreeMap::new(),
            now: now(),
        };
        assess(&evidence, inventory.clone(), vec![knowledge]).findings[0].rate.clone()
    };
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");

    let prior = rate_of(Knowledge::default());
    close(prior.likelihood_per_day.likely, -(1.0f64 - 0.02).ln() / 30.0);
    close(prior.impact.likely, 70.0 * 1.2);
    close(prior.points_per_day.likely, prior.likelihood_per_day.likely * prior.impact.likely);
    assert_eq!(prior.basis["likelihood"].kind(), "assumed");

    let epss = Epss { probability: 0.2, source: "EPSS of 2026-08-16".to_owned(), reported: false };
    let vector = ScoredVector {
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
        score: 9.8,
        version: "3.1".to_owned(),
        source: String::new(),
        impact: Some(0.95),
        metrics: None::<VectorMetrics>,
    };
    let known = rate_of(Knowledge { cvss: Some(vector), epss: Some(epss.clone()), kev: None });
    close(known.likelihood_per_day.high, -(1.0f64 - 0.4).ln() / 30.0);
    close(known.impact.likely, 100.0); // 95 × 1.2, capped
    assert_eq!(known.basis["likelihood"], Basis::Published("EPSS of 2026-08-16".to_owned()));

    let kev = Kev { listed: true, added: None, source: "KEV".to_owned(), reported: false };
    let exploited = rate_of(Knowledge { cvss: None, epss: Some(epss), kev: Some(kev) });
    close(exploited.likelihood_per_day.likely, -(1.0f64 - 0.5).ln() / 30.0);
    assert!(exploited.points_per_day.low <= exploited.points_per_day.likely);
}

#[test]
fn the_counterfactual_names_the_smallest_step() {
    let rows = vec![row("new-high", "finding.introduced", 1, Some(2), IfUnknown::Unresolved)];
    let findings =
        (1..=5).map(|n| finding(&format!("f-{n}"), Category::Dependency, Severity::High, Origin::Introduced));
    let judged = judge(&appetite(rows), findings.collect(), &[report(Category::Dependency)], &Change::default());
    assert_eq!(
        judged.counterfactual,
        ["new-high: 5 findings now; within tolerance with 3 of them treated, within appetite with 4 of them treated."]
    );
}
