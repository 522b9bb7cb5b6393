//! The briefs that every renderer is shown with: a change to a checkout service, told in six ways.
//!
//! Days, exposure and scores are worked out here from the steps by DESIGN section 5, so that the figures belong
//! together; everything else is written down.

mod findings;
mod options;
mod setting;

use crate::model::appetite::{Agreement, AgreementState, Delivery, OptionName};
use crate::model::assessment::Assessment;
use crate::model::brief::Brief;
use crate::model::category::Category;
use crate::model::change::{Base, Change};
use crate::model::coverage::CoverageState;
use crate::model::finding::Suppressed;
use crate::model::option::{BalancedBy, Merged, Optimality, Plan, PlanOption, Point, Selection, Waivable, Waiver};
use crate::model::origin::Origin;
use crate::model::outlook::Simulation;
use crate::model::report::Problem;
use crate::model::severity::Severity;
use crate::model::standing::{Approval, DecisionState, Standing};
use crate::model::verdict::Verdict;

pub use findings::assessed;
pub use setting::strings;

use findings::{finding, findings};
use options::{Planner, work_items};
use setting::{appetite, at_day, calendar, coverage, now, planning, reports, row, step};

/// Every brief by name.
pub fn all() -> Vec<(&'static str, Brief)> {
    vec![
        ("beyond-tolerance", beyond_tolerance()),
        ("within-tolerance", within_tolerance()),
        ("within-appetite", within_appetite()),
        ("unresolved", unresolved()),
        ("advice", advice()),
        ("without-capacity", without_capacity()),
        ("decided", decided()),
        ("void", void()),
    ]
}

/// A known exploited dependency, a working key and an injection come with the change: three options.
#[expect(clippy::too_many_lines, reason = "one story, told in one place")]
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
        row("new-high", "", (0, Some(1)), false, &["f-log4shell", "f-aws-key", "f-injection", "f-jackson"]),
        row("configuration", "Weak settings are worked off, not collected.", (60, Some(80)), false, &["f-bucket"]),
    ];
    let planner = Planner { findings: &findings, work: &work, calendar: calendar() };
    let fastest = planner.option(OptionName::Fastest, &["w-key", "w-log4j"], &["w-injection", "w-jackson", "w-bucket"]);
    let until_day = fastest.steps[2].effect.unwrap();
    let fastest = PlanOption {
        waivers: vec![Waiver { row: "new-high".to_owned(), until_day, until: at_day(until_day) }],
        state_at_ship: Verdict::BeyondTolerance,
        approval: strings(&["delivery-delegate", "security-delegate"]),
        budget_share: Some(0.34),
        pros: strings(&["Ships 1 working day before balanced: EUR 4,000 of delay saved."]),
        cons: strings(&[
            "Leaves 2 high findings open at ship, the last until Wed 2026-11-25; the agreed limit is 30 days.",
        ]),
        ..fastest
    };
    let balanced = PlanOption {
        approval: strings(&["security-delegate"]),
        budget_share: Some(0.09),
        pros: strings(&["Within tolerance at ship: needs no waiver.", "Ships 1 working day before most secure."]),
        cons: strings(&["Ships 1 working day after fastest."]),
        ..planner.option(
            OptionName::Balanced,
            &["w-key", "w-log4j", "w-injection"],
            &["w-jackson", "w-bucket", "w-root"],
        )
    };
    let most_secure = PlanOption {
        approval: strings(&["anyone"]),
        budget_share: Some(0.004),
        pros: strings(&["Leaves nothing of this change open."]),
        cons: strings(&["Ships 2 working days after fastest."]),
        ..planner.option(
            OptionName::MostSecure,
            &["w-key", "w-log4j", "w-injection", "w-jackson", "w-bucket"],
            &["w-root"],
        )
    };
    let point = |option: &PlanOption| Point {
        ship_day: option.ships.day,
        exposure: option.exposure,
        effort_hours: option.effort.p50,
    };
    let selection = Selection {
        fastest: point(&fastest),
        balanced: Some(point(&balanced)),
        most_secure: Some(point(&most_secure)),
        least_exposure: most_secure.exposure,
        exposure_bound: most_secure.exposure,
        balanced_by: BalancedBy::ClosestToIdeal,
        waivable: Waivable { fastest: true, balanced: true, most_secure: true },
    };
    Brief {
        reports: reports(),
        appetite: appetite(),
        change: Change {
            head: Some("8f14e45fceea167a5a36dedd4bea2543c0ffee01".to_owned()),
            base: Some(Base {
                name: "origin/main".to_owned(),
                commit: "c9f0f895fb98ab9159f51fd0297e236d0000babe".to_owned(),
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
            selection: Some(selection),
            simulation: Some(Simulation { seed: 1_234_567, runs: 1_000 }),
            budget: None,
            wished: None,
            remarks: Vec::new(),
        },
        standing: None,
        default_at: None,
        notices: Vec::new(),
        next: vec![
            step(
                "Do this whatever is chosen: Rotate the AWS access key and take it out of services/checkout/deploy/.env; \
                 Upgrade log4j-core to 2.17.1.",
                None,
            ),
            step("Record the choice.", Some("detente choose balanced --reason \"key and log4j first\"")),
            step("Judge the change again after the work.", Some("detente gate --base origin/main reports/")),
        ],
    }
}

/// Amber only, and two of the three options fall together.
pub fn within_tolerance() -> Brief {
    let mut brief = beyond_tolerance();
    let ids = ["f-jackson", "f-bucket"];
    let gone = |id: &str| id.starts_with("f-") && !id.starts_with("f-root") && !ids.contains(&id);
    brief.assessment.findings.retain(|assessed| !gone(&assessed.finding.id));
    brief.assessment.verdict = Verdict::WithinTolerance;
    brief.assessment.rows = vec![
        row("known-exploited", "Nothing already exploited in the wild goes live.", (0, Some(0)), true, &[]),
        row("new-high", "", (0, Some(1)), false, &["f-jackson"]),
    ];
    brief.assessment.counterfactual =
        strings(&["Would be within appetite if jackson-databind were 2.13.4.2 or later."]);
    brief.plan.work.retain(|item| matches!(item.id.as_str(), "w-jackson" | "w-bucket" | "w-root"));
    let planner = Planner { findings: &brief.assessment.findings, work: &brief.plan.work, calendar: calendar() };
    let fastest = PlanOption {
        approval: strings(&["tech-lead"]),
        budget_share: Some(0.03),
        pros: strings(&["Ships now."]),
        cons: strings(&["Leaves 1 high finding open for some hours; the agreed limit is 30 days."]),
        ..planner.option(OptionName::Fastest, &[], &["w-jackson", "w-bucket", "w-root"])
    };
    let balanced = PlanOption {
        approval: strings(&["anyone"]),
        budget_share: Some(0.01),
        pros: strings(&["Within appetite at ship."]),
        cons: strings(&["Ships some hours after fastest."]),
        ..planner.option(OptionName::Balanced, &["w-jackson", "w-bucket"], &["w-root"])
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
    brief.plan = Plan {
        options: Vec::new(),
        work: Vec::new(),
        recommended: None,
        common: Vec::new(),
        selection: None,
        simulation: None,
        wished: None,
        ..brief.plan
    };
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
    brief.plan = Plan {
        options: Vec::new(),
        work: Vec::new(),
        recommended: None,
        common: Vec::new(),
        selection: None,
        simulation: None,
        wished: None,
        ..brief.plan
    };
    brief.next = vec![
        step("Run the secret scan.", Some("gitleaks dir . --report-format sarif --report-path reports/gitleaks.sarif")),
        step("Judge the change again with every report.", Some("detente gate --base origin/main reports/")),
    ];
    brief
}

/// The same change, decided by those who are entitled to it.
pub fn decided() -> Brief {
    let mut brief = beyond_tolerance();
    let approval = |who: &str, role: &str, hours: f64| Approval {
        who: who.to_owned(),
        how: "forge",
        roles: strings(&[role]),
        at: at_day(hours / 24.0),
        reason: "quarter end; the rest follows this week".to_owned(),
    };
    brief.standing = Some(Standing {
        state: DecisionState::Decided,
        option: OptionName::Fastest,
        approvals: vec![
            approval("@octo-delivery", "delivery-delegate", -1.0),
            approval("@octo-sec", "security-delegate", -0.5),
        ],
        decided_at: Some(at_day(-0.5 / 24.0)),
        missing: Vec::new(),
        void_because: Vec::new(),
        not_counted: strings(&["The choice of fastest by @octo-bot does not count: a program may not accept risk."]),
        first_verdict: at_day(-3.0 / 24.0),
        hours_to_yes: Some(2.5),
        commitments: vec![("c-0123456789ab".to_owned(), at_day(2.0)), ("c-123456789abc".to_owned(), at_day(9.0))],
        record: "decision/8f/8f14e45fceea167a/20261123T090000Z.00.json".to_owned(),
    });
    brief.next = vec![step("Treat what comes before ship, then proceed with fastest, as decided.", None)];
    brief
}

/// The same change after a push that brought a finding.
pub fn void() -> Brief {
    let mut brief = Brief { next: beyond_tolerance().next, ..decided() };
    if let Some(standing) = &mut brief.standing {
        standing.state = DecisionState::Void;
        standing.void_because = strings(&["A finding came after the decision: SQL injection (f-injection)."]);
        (standing.decided_at, standing.hours_to_yes) = (None, None);
        standing.commitments = Vec::new();
    }
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
