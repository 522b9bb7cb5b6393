//! The briefs that every renderer is shown with: a change to a checkout service, told in six ways.
//!
//! Days, exposure and scores are worked out here from the steps by DESIGN section 5, so that the figures belong
//! together; everything else is written down.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday, date, time};
use jiff::{SignedDuration, Timestamp};

use crate::model::appetite::{
    Agreed, Agreement, AgreementState, Appetite, Arbiter, Authority, Cadence, Capacity, CostOfDelay, CoverageRule,
    DefaultChoice, Delivery, Money, OptionName, Party, WeekdayOrd,
};
use crate::model::assessment::{AssessedFinding, Assessment, Due, Rate, RowResult};
use crate::model::basis::{Basis, Range};
use crate::model::brief::{Brief, NextStep, ReportSummary};
use crate::model::calendar::{Calendar, ReleaseWindow, WorkWindow};
use crate::model::category::Category;
use crate::model::change::{Base, Change};
use crate::model::component::{Component, Fix};
use crate::model::coverage::{Coverage, CoverageState};
use crate::model::digest::Digest;
use crate::model::facts::Facts;
use crate::model::finding::{Finding, Source, Suppressed};
use crate::model::identifier::Identifier;
use crate::model::intel::{Epss, Kev, Knowledge, ScoredVector};
use crate::model::location::Location;
use crate::model::option::{
    Commitment, Cost, Merged, Optimality, Phase, Plan, PlanOption, Planning, Ships, Step, Waiver,
};
use crate::model::origin::Origin;
use crate::model::report::Problem;
use crate::model::rules::Effort;
use crate::model::service::{Criticality, NetworkExposure, Service};
use crate::model::severity::Severity;
use crate::model::ssvc::TimeLimit;
use crate::model::verdict::Verdict;
use crate::model::work::{TakesEffect, Treatment, TreatmentKind, WorkItem};

const HORIZON: f64 = 90.0;

/// Every brief by name.
pub fn all() -> Vec<(&'static str, Brief)> {
    vec![
        ("beyond-tolerance", beyond_tolerance()),
        ("within-tolerance", within_tolerance()),
        ("within-appetite", within_appetite()),
        ("unresolved", unresolved()),
        ("advice", advice()),
        ("without-capacity", without_capacity()),
    ]
}

/// A known exploited dependency, a working key and an injection come with the change: three options.
pub fn beyond_tolerance() -> Brief {
    let findings = findings();
    let work = work_items();
    let rows = vec![
        row(
            "known-exploited",
            "Nothing already exploited in the wild goes live on an internet-facing service.",
            (0, Some(0)),
            true,
            &["f-log4shell"],
        ),
        row("live-secret", "No working credential leaves the team.", (0, Some(0)), true, &["f-aws-key"]),
        row("new-high", "", (0, Some(2)), false, &["f-log4shell", "f-aws-key", "f-injection", "f-jackson"]),
        row("configuration", "Weak settings are worked off, not collected.", (60, Some(80)), false, &["f-bucket"]),
    ];
    let planner = Planner { findings: &findings, work: &work, calendar: calendar() };
    let fastest = PlanOption {
        waivers: vec![Waiver { row: "new-high".to_owned(), until_day: 2.05, until: at_day(2.05) }],
        state_at_ship: Verdict::WithinTolerance,
        approval: strings(&["delivery-delegate", "security-delegate"]),
        budget_share: Some(0.34),
        pros: strings(&["Ships today: no day of delay, EUR 4,000 a day saved against balanced."]),
        cons: strings(&["Leaves 2 high findings open until Wed 2026-11-25; the agreed limit is 14 days."]),
        ..planner.option(OptionName::Fastest, &["w-key", "w-log4j"], &["w-injection", "w-jackson", "w-bucket"])
    };
    let balanced = PlanOption {
        approval: strings(&["security-delegate"]),
        budget_share: Some(0.09),
        pros: strings(&["Within tolerance at ship: needs no waiver.", "Costs 1 working day less than most secure."]),
        cons: strings(&["Ships 1 working day after fastest."]),
        ..planner.option(OptionName::Balanced, &["w-key", "w-log4j", "w-injection"], &["w-jackson", "w-bucket"])
    };
    let most_secure = PlanOption {
        approval: strings(&["anyone"]),
        budget_share: Some(0.004),
        pros: strings(&["Leaves nothing of this change open."]),
        cons: strings(&["Ships 2 working days after fastest."]),
        ..planner.option(
            OptionName::MostSecure,
            &["w-key", "w-log4j", "w-injection", "w-jackson", "w-bucket", "w-root"],
            &[],
        )
    };
    Brief {
        reports: reports(),
        appetite: appetite(),
        change: Change {
            head: Some("8f14e45fceea167a5a36dedd4bea2543c0ffee01".to_owned()),
            base: Some(Base {
                name: "origin/main".to_owned(),
                commit: "c9f0f895fb98ab9159f51fd0297e236d0000babe".to_owned(),
                tip: "45c48cce2e2d7fbdea1afc51c7c6ad260000cafe".to_owned(),
            }),
            ..Change::default()
        },
        intel: strings(&["KEV 2026.11.20, 1,612 entries", "EPSS v2025.03.14 of 2026-11-22"]),
        assessment: Assessment {
            now: now(),
            verdict: Verdict::BeyondTolerance,
            unresolved_because: Vec::new(),
            coverage: coverage(),
            findings,
            suppressed: vec![Suppressed {
                finding: finding("f-test-key", Category::Secret, "Private key", Severity::High, Origin::Ambient),
                kind: ".gitleaksignore".to_owned(),
                reason: "test fixture".to_owned(),
            }],
            rows,
            counterfactual: strings(&[
                "Would be within tolerance if log4j-core were 2.17.1 or later and the key were rotated.",
            ]),
        },
        plan: Plan {
            planning: planning(true),
            work,
            options: vec![fastest, balanced, most_secure],
            merged: Vec::new(),
            recommended: Some(OptionName::Balanced),
            common: strings(&["w-key", "w-log4j"]),
            optimality: Optimality { exact: true, gap: 0.0 },
            remarks: Vec::new(),
        },
        next: vec![
            step("Record the choice.", Some("detente choose balanced --reason \"key and log4j first\"")),
            step("Rotate the AWS key and take it out of the file.", None),
            step("Judge the change again after the work.", Some("detente gate --base origin/main reports/")),
        ],
    }
}

/// Amber only, and two of the three options fall together.
pub fn within_tolerance() -> Brief {
    let mut brief = beyond_tolerance();
    let ids = ["f-jackson", "f-bucket", "f-old"];
    let gone = |id: &str| id.starts_with("f-") && !id.starts_with("f-root") && !ids.contains(&id);
    brief.assessment.findings.retain(|assessed| !gone(&assessed.finding.id));
    brief.assessment.verdict = Verdict::WithinTolerance;
    brief.assessment.rows = vec![
        row("known-exploited", "Nothing already exploited in the wild goes live.", (0, Some(0)), true, &[]),
        row("new-high", "", (0, Some(2)), false, &["f-jackson"]),
    ];
    brief.assessment.counterfactual =
        strings(&["Would be within appetite if jackson-databind were 2.13.4.2 or later."]);
    brief.plan.work.retain(|item| matches!(item.id.as_str(), "w-jackson" | "w-bucket" | "w-root"));
    let planner = Planner { findings: &brief.assessment.findings, work: &brief.plan.work, calendar: calendar() };
    let fastest = PlanOption {
        approval: strings(&["tech-lead"]),
        budget_share: Some(0.03),
        pros: strings(&["Ships now."]),
        cons: strings(&["Leaves 1 high finding open until Mon 2026-11-23; the agreed limit is 14 days."]),
        ..planner.option(OptionName::Fastest, &[], &["w-jackson", "w-bucket"])
    };
    let balanced = PlanOption {
        approval: strings(&["anyone"]),
        budget_share: Some(0.01),
        pros: strings(&["Within appetite at ship."]),
        cons: strings(&["Ships some hours after fastest."]),
        ..planner.option(OptionName::Balanced, &["w-jackson", "w-bucket"], &[])
    };
    brief.plan.options = vec![fastest, balanced];
    brief.plan.common = Vec::new();
    brief.plan.merged = vec![Merged {
        names: [OptionName::Balanced, OptionName::MostSecure].into(),
        why: "Balanced and most secure are one option here: the same ship day, and scores within one point.".to_owned(),
    }];
    brief.next = vec![step("Record the choice.", Some("detente choose balanced --reason \"small and safe\""))];
    brief
}

/// Nothing to choose.
pub fn within_appetite() -> Brief {
    let mut brief = beyond_tolerance();
    brief
        .assessment
        .findings
        .retain(|assessed| assessed.finding.origin == Origin::Ambient || assessed.finding.id == "f-bucket");
    for assessed in &mut brief.assessment.findings {
        if assessed.finding.id == "f-bucket" {
            assessed.finding.origin = Origin::Introduced;
        }
    }
    brief.assessment.verdict = Verdict::WithinAppetite;
    brief.assessment.rows = vec![row("new-high", "", (0, Some(2)), false, &[])];
    brief.assessment.counterfactual = Vec::new();
    brief.assessment.suppressed = Vec::new();
    brief.plan = Plan { options: Vec::new(), work: Vec::new(), recommended: None, common: Vec::new(), ..brief.plan };
    brief.next = vec![step("Nothing to do: merge when you are ready.", None)];
    brief
}

/// A required test is missing and a report could not be read.
pub fn unresolved() -> Brief {
    let mut brief = beyond_tolerance();
    brief.assessment.verdict = Verdict::Unresolved;
    brief.assessment.rows = Vec::new();
    brief.assessment.counterfactual = Vec::new();
    brief.assessment.unresolved_because = strings(&[
        "No report of kind secret was given; run a secret scanner and pass its report, for example gitleaks.",
        "reports/semgrep.sarif ends in the middle of a result at byte 40960; run the scan again.",
    ]);
    for coverage in &mut brief.assessment.coverage {
        match coverage.kind {
            Category::Secret => {
                coverage.state = CoverageState::Missing;
                coverage.reports = Vec::new();
                coverage.remark = "No report of this kind was given.".to_owned();
            }
            Category::Code => {
                coverage.state = CoverageState::Failed;
                coverage.remark = "reports/semgrep.sarif could not be read in full.".to_owned();
            }
            _ => {}
        }
    }
    brief
        .assessment
        .findings
        .retain(|assessed| !matches!(assessed.finding.category, Category::Secret | Category::Code));
    brief.reports.remove(2);
    brief.reports[1].unread = 3;
    brief.reports[1].problems = vec![Problem {
        evidence_missing: true,
        message: "reports/semgrep.sarif ends in the middle of a result at byte 40960; run the scan again".to_owned(),
    }];
    brief.plan = Plan { options: Vec::new(), work: Vec::new(), recommended: None, common: Vec::new(), ..brief.plan };
    brief.next = vec![
        step("Run the secret scan.", Some("gitleaks dir . --report-format sarif --report-path reports/gitleaks.sarif")),
        step("Judge the change again with every report.", Some("detente gate --base origin/main reports/")),
    ];
    brief
}

/// The same change, but nobody signed the appetite.
pub fn advice() -> Brief {
    let mut brief = beyond_tolerance();
    brief.appetite.agreement = Agreement {
        state: AgreementState::Unsigned,
        signers: Vec::new(),
        remark: "Both leaders sign it with “detente appetite sign”.".to_owned(),
    };
    brief
}

/// The same change, but the CIO declared no capacity.
pub fn without_capacity() -> Brief {
    let mut brief = beyond_tolerance();
    brief.plan.planning = planning(false);
    brief.appetite.delivery = Delivery::default();
    for option in &mut brief.plan.options {
        option.cost = None;
        option.pros = strings(&["Less work before ship than the others."]);
        option.cons = Vec::new();
    }
    brief
}

// --- the parts ---------------------------------------------------------------------------------------------------

fn now() -> Timestamp {
    // A Monday, 09:00 in Berlin.
    "2026-11-23T08:00:00Z".parse().unwrap()
}

fn at_day(day: f64) -> Timestamp {
    now() + SignedDuration::from_secs_f64(day * 86_400.0)
}

pub fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn step(say: &str, command: Option<&str>) -> NextStep {
    NextStep { say: say.to_owned(), command: command.map(str::to_owned) }
}

fn assumed(rule: &str) -> Basis {
    Basis::Assumed(rule.to_owned())
}

fn appetite() -> Appetite {
    let party = |name: &str| Party { name: name.to_owned(), keys: vec!["ssh-ed25519 AAAA".to_owned()] };
    let delivery = Delivery {
        capacity: Some(capacity(true)),
        cadence: Some(Cadence::Daily),
        hourly_rate: Some(eur(95.0)),
        cost_of_delay: Some(CostOfDelay { per_day: eur(4_000.0) }),
        ..Delivery::default()
    };
    Appetite {
        origin: ".detente/appetite.yml at origin/main".to_owned(),
        sha256: Digest::of(b"appetite"),
        agreement: Agreement {
            state: AgreementState::Agreed,
            signers: strings(&["cio", "ciso"]),
            remark: String::new(),
        },
        name: "Payments platform".to_owned(),
        statement: "We ship daily.".to_owned(),
        agreed: Some(Agreed {
            effective: date(2026, 11, 1),
            review_by: date(2027, 2, 1),
            parties: [("cio".to_owned(), party("A. Example")), ("ciso".to_owned(), party("B. Example"))].into(),
            arbiter: Some(Arbiter { role: "coo".to_owned(), name: "C. Example".to_owned() }),
        }),
        levels: BTreeMap::new(),
        services: vec![checkout()],
        timeline: Some("cisa-bod-26-04".to_owned()),
        timelines: BTreeMap::new(),
        tolerance: Vec::new(),
        assumed_severity: BTreeMap::new(),
        coverage: CoverageRule::default(),
        budget: Some(500.0),
        delivery,
        authority: Authority {
            approvers: BTreeMap::new(),
            default: Some(DefaultChoice { option: OptionName::Balanced, after_hours: 4.0 }),
        },
        roles: BTreeMap::new(),
    }
}

fn eur(amount: f64) -> Money {
    Money { amount, currency: "EUR".to_owned() }
}

fn checkout() -> Service {
    Service {
        name: "checkout".to_owned(),
        paths: strings(&["services/checkout/**"]),
        images: Vec::new(),
        exposure: NetworkExposure::Internet,
        criticality: Criticality::Essential,
        data: strings(&["cardholder"]),
        obligations: strings(&["pci-dss-6.3.3"]),
        declared: true,
    }
}

fn capacity(declared: bool) -> Capacity {
    let week: BTreeSet<WeekdayOrd> = Weekday::Monday.cycle_forward().take(5).map(WeekdayOrd).collect();
    let (engineers, focus_hours, time_zone, basis) = if declared {
        (2.0, 5.0, "Europe/Berlin", Basis::Declared("delivery.capacity".to_owned()))
    } else {
        (1.0, 6.0, "UTC", assumed("nominal-capacity"))
    };
    let hours = (time(9, 0, 0, 0), time(17, 0, 0, 0));
    let holidays = [date(2026, 12, 25)].into();
    Capacity { engineers, focus_hours, week, holidays, hours, time_zone: time_zone.to_owned(), basis }
}

fn planning(dated: bool) -> Planning {
    let price = |money: Money| dated.then_some(money);
    Planning {
        horizon_days: HORIZON,
        capacity: capacity(dated),
        dated,
        calendar: calendar(),
        hourly_rate: price(eur(95.0)),
        cost_of_delay: price(eur(4_000.0)).map(|per_day| CostOfDelay { per_day }),
        loss_per_point: None,
    }
}

/// Weekdays, ten person-hours each from 09:00 to 17:00; releases in the same hours, but not around the year's end.
fn calendar() -> Calendar {
    let first = date(2026, 11, 23);
    let day = |offset: i32| first.checked_add(jiff::Span::new().days(offset)).unwrap();
    let open = |day: Date| day.weekday().to_monday_zero_offset() < 5 && day != date(2026, 12, 25);
    let days: Vec<(f64, Date)> =
        (0..110).map(|offset| (f64::from(offset), day(offset))).filter(|&(_, day)| open(day)).collect();
    let frozen = |day: Date| (date(2026, 12, 18)..=date(2027, 1, 4)).contains(&day);
    let work = days.iter().map(|&(from, _)| WorkWindow { from, to: from + 1.0 / 3.0, hours: 10.0 }).collect();
    let releases =
        days.iter().filter(|(_, day)| !frozen(*day)).map(|&(from, _)| ReleaseWindow { from, to: from + 1.0 / 3.0 });
    Calendar { now: now(), work, releases: releases.collect() }
}

fn reports() -> Vec<ReportSummary> {
    let report = |path: &str, format, tool: &str, version: &str, findings| ReportSummary {
        path: path.to_owned(),
        format: Some(format),
        tool: tool.to_owned(),
        tool_version: version.to_owned(),
        sha256: Digest::of(path.as_bytes()),
        findings,
        suppressed: 0,
        unread: 0,
        problems: Vec::new(),
    };
    vec![
        report("reports/trivy.json", "trivy", "trivy", "0.67.2", 44),
        report("reports/semgrep.sarif", "sarif", "semgrep", "1.139.0", 1),
        report("reports/gitleaks.json", "gitleaks", "gitleaks", "8.28.0", 1),
    ]
}

fn coverage() -> Vec<Coverage> {
    let present = |kind, required, path: &str| Coverage {
        kind,
        required,
        state: CoverageState::Present,
        reports: vec![path.to_owned()],
        remark: String::new(),
    };
    vec![
        present(Category::Dependency, true, "reports/trivy.json"),
        present(Category::Code, true, "reports/semgrep.sarif"),
        present(Category::Secret, true, "reports/gitleaks.json"),
        present(Category::Configuration, false, "reports/trivy.json"),
        Coverage {
            kind: Category::Runtime,
            required: false,
            state: CoverageState::Missing,
            reports: Vec::new(),
            remark: String::new(),
        },
    ]
}

fn row(
    id: &str,
    says: &str,
    (appetite, tolerance): (u64, Option<u64>),
    before_ship: bool,
    findings: &[&str],
) -> RowResult {
    let mut row = RowResult {
        id: id.to_owned(),
        says: says.to_owned(),
        measured: findings.len() as u64,
        appetite,
        tolerance,
        state: Verdict::WithinAppetite,
        before_ship,
        findings: strings(findings),
        undecided: BTreeMap::new(),
    };
    row.state = row.state_at(row.measured);
    row
}

fn findings() -> Vec<AssessedFinding> {
    let due = |days: f64, row: usize, waivable: bool| {
        Some(Due {
            at: at_day(days),
            limit: TimeLimit {
                table: "cisa-bod-26-04".to_owned(),
                row,
                outcome: format!("{days} days"),
                days: Some(days),
                because: Vec::new(),
            },
            clock: "detected now".to_owned(),
            waivable,
        })
    };
    let mut log4shell =
        dependency("f-log4shell", "log4j-core", "2.14.1", "2.17.1", "CVE-2021-44228", Severity::Critical, 10.0);
    log4shell.finding.title = "Apache Log4j2 JNDI features allow remote code execution".to_owned();
    log4shell.knowledge.kev = Some(Kev {
        listed: true,
        added: Some(date(2021, 12, 10)),
        source: "KEV 2026.11.20".to_owned(),
        reported: false,
    });
    log4shell.knowledge.epss = epss(0.944);
    log4shell.rate = rate(0.944, 95.0, Basis::Published("EPSS v2025.03.14 of 2026-11-22".to_owned()));
    log4shell.due = due(14.0, 3, false);

    let mut key = assessed("f-aws-key", Category::Secret, "AWS access key", Severity::High, Origin::Introduced);
    key.finding.verified = Some(true);
    key.finding.locations = vec![place("services/checkout/deploy/.env", 3)];
    key.rate = rate(0.8, 80.0, assumed("exposure"));

    let mut injection =
        assessed("f-injection", Category::Code, "SQL injection in order search", Severity::High, Origin::Introduced);
    injection.finding.cwe = vec![89];
    injection.finding.locations = vec![place("services/checkout/src/main/java/shop/OrderRepository.java", 118)];
    injection.rate = rate(0.05, 80.0, assumed("exposure"));

    let mut jackson =
        dependency("f-jackson", "jackson-databind", "2.13.3", "2.13.4.2", "CVE-2022-42003", Severity::High, 7.5);
    jackson.finding.title = "Uncontrolled resource consumption in jackson-databind".to_owned();
    jackson.knowledge.epss = epss(0.004);
    jackson.rate = rate(0.004, 40.0, Basis::Published("EPSS v2025.03.14 of 2026-11-22".to_owned()));
    jackson.due = due(30.0, 7, true);

    let mut bucket =
        assessed("f-bucket", Category::Configuration, "S3 bucket is not encrypted", Severity::Medium, Origin::Unknown);
    bucket.finding.locations = vec![place("services/checkout/infra/storage.tf", 12)];
    bucket.finding.origin_evidence = "no base report of this kind, and the file could not be compared".to_owned();
    bucket.rate = rate(0.01, 30.0, assumed("exposure"));

    let mut old = dependency("f-old", "commons-text", "1.9", "1.10.0", "CVE-2022-42889", Severity::Critical, 9.8);
    old.finding.title = "Apache Commons Text interpolation allows remote code execution".to_owned();
    old.finding.origin = Origin::Resolved;
    old.rate = rate(0.9, 90.0, Basis::Published("EPSS v2025.03.14 of 2026-11-22".to_owned()));

    let mut all = vec![log4shell, key, injection, jackson, bucket, old];
    all.extend((1..=41).map(|number| {
        let severity = [Severity::Low, Severity::Medium, Severity::High][number % 3];
        let mut root = assessed(
            &format!("f-root-{number:02}"),
            Category::Configuration,
            "Container runs as root",
            severity,
            Origin::Ambient,
        );
        root.finding.locations = vec![place(&format!("deploy/worker-{number:02}.yaml"), 7)];
        root.rate = rate(0.001, 20.0, assumed("exposure"));
        root
    }));
    all.sort_by(|a, b| a.finding.id.cmp(&b.finding.id));
    all
}

fn finding(id: &str, category: Category, title: &str, severity: Severity, origin: Origin) -> Finding {
    let tool = match category {
        Category::Code => "semgrep",
        Category::Secret => "gitleaks",
        _ => "trivy",
    };
    Finding {
        id: id.to_owned(),
        category,
        title: title.to_owned(),
        description: String::new(),
        severity,
        cvss: Vec::new(),
        identifiers: Vec::new(),
        cwe: Vec::new(),
        component: None,
        locations: Vec::new(),
        endpoint: None,
        artefact: None,
        confidence: None,
        verified: None,
        reachable: None,
        reported_epss: None,
        reported_kev: None,
        published: None,
        sources: vec![Source {
            tool: tool.to_owned(),
            rule: id[2..].to_owned(),
            report: format!("reports/{tool}.json"),
        }],
        origin,
        origin_evidence: "not in the base report".to_owned(),
    }
}

pub fn assessed(id: &str, category: Category, title: &str, severity: Severity, origin: Origin) -> AssessedFinding {
    let service = checkout();
    let facts = Facts {
        category,
        severity,
        cvss: None,
        epss: None,
        kev: None,
        origin,
        fix_available: None,
        upgrade: None,
        direct: None,
        reachable: None,
        verified: None,
        confidence: None,
        age_days: None,
        identifiers: Vec::new(),
        cwe: Vec::new(),
        tools: Vec::new(),
        rules: Vec::new(),
        title: title.to_owned(),
        path: String::new(),
        ecosystem: String::new(),
        package: String::new(),
        ssvc: None,
        service: service.name.clone(),
        exposure: service.exposure,
        criticality: service.criticality,
        data: service.data.clone(),
        obligations: service.obligations.clone(),
    };
    AssessedFinding {
        finding: finding(id, category, title, severity, origin),
        knowledge: Knowledge::default(),
        service,
        facts,
        decision_points: Vec::new(),
        due: None,
        rate: rate(0.01, 10.0, assumed("exposure")),
    }
}

fn dependency(
    id: &str,
    name: &str,
    version: &str,
    fixed: &str,
    cve: &str,
    severity: Severity,
    score: f64,
) -> AssessedFinding {
    let mut assessed = assessed(id, Category::Dependency, name, severity, Origin::Introduced);
    assessed.finding.identifiers = Identifier::parse(cve).into_iter().collect();
    assessed.finding.component = Some(Component {
        ecosystem: "maven".to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        purl: Some(format!("pkg:maven/org.example/{name}@{version}")),
        direct: Some(true),
        fix: Fix::in_versions([fixed]),
    });
    assessed.finding.locations = vec![place("services/checkout/pom.xml", 87)];
    assessed.knowledge.kev =
        Some(Kev { listed: false, added: None, source: "KEV 2026.11.20".to_owned(), reported: false });
    assessed.knowledge.cvss = Some(ScoredVector {
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H".to_owned(),
        score,
        version: "3.1".to_owned(),
        source: "nvd".to_owned(),
        impact: Some(1.0),
        metrics: None,
    });
    assessed
}

fn place(path: &str, line: u32) -> Location {
    Location { path: path.to_owned(), line: Some(line), ..Location::default() }
}

fn epss(probability: f64) -> Option<Epss> {
    Some(Epss { probability, source: "EPSS v2025.03.14 of 2026-11-22".to_owned(), reported: false })
}

/// DESIGN section 5, with a range of half to double.
fn rate(probability: f64, impact: f64, likelihood: Basis) -> Rate {
    let per_day = -(1.0 - probability).ln() / 30.0;
    let likelihood_per_day = Range { low: per_day / 2.0, likely: per_day, high: per_day * 2.0 };
    let impact = Range::exactly(impact);
    let basis = [
        ("likelihood", likelihood),
        ("network", assumed("exposure")),
        ("impact", assumed("exposure")),
        ("criticality", Basis::Declared("services.checkout".to_owned())),
    ];
    Rate { points_per_day: likelihood_per_day.times(impact), likelihood_per_day, impact, basis: basis.into() }
}

fn work_items() -> Vec<WorkItem> {
    let item = |id: &str, title: &str, findings: Vec<String>, treatment: Treatment| WorkItem {
        id: id.to_owned(),
        title: title.to_owned(),
        findings,
        treatments: vec![treatment],
    };
    let roots = (1..=41).map(|number| format!("f-root-{number:02}")).collect();
    vec![
        item(
            "w-bucket",
            "S3 bucket is not encrypted",
            strings(&["f-bucket"]),
            treatment(
                "change-setting",
                "Encrypt the bucket in services/checkout/infra/storage.tf",
                (1.0, 2.0),
                TakesEffect::AtRelease,
                0.0,
            ),
        ),
        item(
            "w-injection",
            "SQL injection in order search",
            strings(&["f-injection"]),
            treatment(
                "fix-code",
                "Use a prepared statement in OrderRepository.java",
                (3.0, 6.0),
                TakesEffect::AtRelease,
                0.02,
            ),
        ),
        item(
            "w-jackson",
            "jackson-databind 2.13.3",
            strings(&["f-jackson"]),
            treatment("upgrade", "Upgrade jackson-databind to 2.13.4.2", (2.0, 4.0), TakesEffect::AtRelease, 0.0),
        ),
        item(
            "w-key",
            "AWS access key in deploy/.env",
            strings(&["f-aws-key"]),
            treatment(
                "rotate-secret",
                "Rotate the AWS access key and take it out of services/checkout/deploy/.env",
                (1.0, 2.0),
                TakesEffect::AtOnce,
                0.01,
            ),
        ),
        item(
            "w-log4j",
            "log4j-core 2.14.1",
            strings(&["f-log4shell"]),
            treatment("upgrade", "Upgrade log4j-core to 2.17.1", (2.0, 4.0), TakesEffect::AtRelease, 0.0),
        ),
        item(
            "w-root",
            "41 containers run as root",
            roots,
            treatment(
                "change-setting",
                "Set runAsNonRoot in the worker manifests",
                (12.0, 24.0),
                TakesEffect::AtRelease,
                0.0,
            ),
        ),
    ]
}

fn treatment(id: &str, title: &str, (p50, p90): (f64, f64), takes_effect: TakesEffect, residual: f64) -> Treatment {
    Treatment {
        id: id.to_owned(),
        title: title.to_owned(),
        kind: TreatmentKind::Fix,
        effort: Effort { p50, p90 },
        takes_effect,
        residual: Range { low: residual / 2.0, likely: residual, high: residual * 2.0 },
        lead_days: 0.0,
        effort_basis: assumed(id),
        residual_basis: assumed(id),
        disruption: String::new(),
        pros: Vec::new(),
        cons: Vec::new(),
        references: Vec::new(),
    }
}

/// Puts given work items into a queue and works out what follows from it.
struct Planner<'a> {
    findings: &'a [AssessedFinding],
    work: &'a [WorkItem],
    calendar: Calendar,
}

impl Planner<'_> {
    fn option(&self, name: OptionName, before: &[&str], after: &[&str]) -> PlanOption {
        let item = |id: &str| self.work.iter().find(|item| item.id == id).unwrap();
        let hours = |ids: &[&str]| {
            ids.iter().map(|&id| item(id).treatments[0].effort).fold(Effort { p50: 0.0, p90: 0.0 }, |sum, effort| {
                Effort { p50: sum.p50 + effort.p50, p90: sum.p90 + effort.p90 }
            })
        };
        let ship = self.calendar.release_at_or_after(self.calendar.day_of_hours(hours(before).p50).unwrap()).unwrap();
        let mut done_hours = 0.0;
        let mut steps = Vec::new();
        for (ids, phase) in [(before, Phase::BeforeShip), (after, Phase::AfterShip)] {
            for &id in ids {
                let treatment = &item(id).treatments[0];
                done_hours += treatment.effort.p50;
                let done = self.calendar.day_of_hours(done_hours).unwrap();
                let effect = match treatment.takes_effect {
                    TakesEffect::AtOnce => done,
                    TakesEffect::AtRelease => self.calendar.release_at_or_after(done.max(ship)).unwrap(),
                };
                steps.push(Step {
                    work: id.to_owned(),
                    treatment: treatment.id.clone(),
                    phase,
                    effort: treatment.effort,
                    done: Some(done),
                    effect: Some(effect),
                });
            }
        }
        let (exposure, baseline) = self.exposure(&steps, ship);
        let score = 100.0 * (1.0 - exposure / baseline);
        let effort = hours(&[before, after].concat());
        let open = |assessed: &&AssessedFinding| {
            assessed.finding.origin != Origin::Resolved
                && self.effect_of(&steps, &assessed.finding.id).is_none_or(|(day, _)| day > ship)
        };
        let commitments = after
            .iter()
            .map(|&id| Commitment { work: id.to_owned(), due: at_day(if id == "w-jackson" { 30.0 } else { 2.05 }) });
        PlanOption {
            name,
            ships: Ships {
                day: ship,
                at: at_day(ship),
                delay_working_days: if ship < 1.0 { 0 } else { ship.floor() as u32 },
                hours_before_ship: hours(before),
            },
            score,
            score_range: Range { low: score - 4.0, likely: score, high: (score + 2.0).min(100.0) },
            exposure,
            baseline_exposure: baseline,
            effort,
            cost: Some(Cost {
                effort: effort.p50 * 95.0,
                delay: ship.floor() * 4_000.0,
                loss: 0.0,
                currency: "EUR".to_owned(),
            }),
            open_at_ship: self.findings.iter().filter(open).map(|assessed| assessed.finding.id.clone()).collect(),
            steps,
            state_at_ship: Verdict::WithinTolerance,
            waivers: Vec::new(),
            commitments: commitments.collect(),
            budget_share: None,
            approval: Vec::new(),
            pros: Vec::new(),
            cons: Vec::new(),
        }
    }

    fn effect_of(&self, steps: &[Step], finding: &str) -> Option<(f64, f64)> {
        let item = self.work.iter().find(|item| item.findings.iter().any(|id| id == finding))?;
        let step = steps.iter().find(|step| step.work == item.id)?;
        Some((step.effect?, item.treatments[0].residual.likely))
    }

    /// E(plan) and E₀.
    fn exposure(&self, steps: &[Step], ship: f64) -> (f64, f64) {
        let (mut exposure, mut baseline) = (0.0, 0.0);
        for assessed in self.findings {
            let rate = assessed.rate.points_per_day.likely;
            let start = match assessed.finding.origin {
                Origin::Resolved => {
                    exposure += rate * ship.min(HORIZON);
                    continue;
                }
                Origin::Ambient => 0.0,
                Origin::Introduced | Origin::Unknown => ship,
            };
            baseline += rate * HORIZON;
            let (effect, residual) = self.effect_of(steps, &assessed.finding.id).unwrap_or((f64::INFINITY, 0.0));
            exposure += rate * (effect.min(HORIZON) - start).max(0.0)
                + rate * residual * (HORIZON - effect.max(start)).max(0.0);
        }
        (exposure, baseline)
    }
}
