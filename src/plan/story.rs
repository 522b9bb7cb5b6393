//! One change as a reader meets it, worked out by hand, and the odd cases that an appetite can bring about.

use super::plan_work;
use super::sample::{self, treatment, with, work};
use crate::model::appetite::{AgreementState, CostOfDelay, Delivery, Freeze, Money, OptionName};
use crate::model::assessment::{Assessment, DueKind};
use crate::model::option::{BalancedBy, Phase, Plan};
use crate::model::origin::Origin;
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;
use crate::model::work::{TakesEffect, WorkItem};

/// A secret that must be rotated before ship (2 h, at once), an introduced critical (8 h), an introduced high (30 h) due
/// in 14 days, and an older high that has nothing to do with the change (4 h).
fn change() -> (Assessment, Vec<WorkItem>) {
    let mut secret = with("f-1", Origin::Introduced, 5.0);
    let mut critical = with("f-2", Origin::Introduced, 4.0);
    let mut high = with("f-3", Origin::Introduced, 2.0);
    let older = with("f-4", Origin::Ambient, 1.0);
    secret.finding.severity = Severity::Critical;
    critical.finding.severity = Severity::Critical;
    high.due = Some(sample::due(14, true));
    let mut assessment = sample::assessment(vec![secret, critical, high, older]);
    assessment.rows = vec![
        sample::row("live-secrets", &["f-1"], 0, Some(0), true),
        sample::row("new-critical", &["f-1", "f-2"], 0, Some(0), false),
        sample::row("new-high", &["f-3"], 0, Some(1), false),
    ];
    let work = vec![
        work("w-1", &["f-1"], vec![treatment(2.0, 0.0, TakesEffect::AtOnce, 0.0)]),
        work("w-2", &["f-2"], vec![treatment(8.0, 0.0, TakesEffect::AtRelease, 0.0)]),
        work("w-3", &["f-3"], vec![treatment(30.0, 0.0, TakesEffect::AtRelease, 0.0)]),
        work("w-4", &["f-4"], vec![treatment(4.0, 0.0, TakesEffect::AtRelease, 0.0)]),
    ];
    (assessment, work)
}

fn plan(delivery: Delivery, waivers: bool) -> Plan {
    let (assessment, work) = change();
    plan_work(&assessment, &sample::appetite(delivery, waivers), work)
}

#[test]
fn three_options_come_out_of_the_agreement() {
    let plan = plan(sample::declared(), true);
    let names: Vec<_> = plan.options.iter().map(|option| option.name).collect();
    assert_eq!(names, OptionName::ALL);
    let [fastest, balanced, secure] = &plan.options[..] else { panic!("three options") };

    // Two hours of a working day of six in eight: 2 h 40 min after nine.
    assert!((fastest.ships.day - 8.0 / 3.0 / 24.0).abs() < 1e-9);
    let waived: Vec<_> = fastest.waivers.iter().map(|waiver| waiver.row.as_str()).collect();
    assert_eq!(waived, ["new-critical"]);
    assert_eq!(fastest.state_at_ship, Verdict::BeyondTolerance);
    assert_eq!(fastest.open_at_ship, ["f-2", "f-3", "f-4"]);

    // Ten hours: four of them tomorrow, 5 h 20 min after nine.
    assert!((balanced.ships.day - (1.0 + 16.0 / 3.0 / 24.0)).abs() < 1e-9, "{}", balanced.ships.day);
    assert_eq!(balanced.ships.delay_working_days, 1);
    assert!(balanced.waivers.is_empty());
    assert_eq!(balanced.state_at_ship, Verdict::WithinTolerance);

    // Within appetite at ship: the thirty hours stand before it, too.
    assert_eq!(secure.state_at_ship, Verdict::WithinAppetite);
    assert_eq!(plan.recommended, Some(OptionName::Balanced));
    assert_eq!(plan.common, ["w-1"]);
    assert!(plan.optimality.exact);
    assert_eq!(plan.selection.unwrap().balanced_by, BalancedBy::ClosestToIdeal);

    // The promise is the agreed date, not the day on which it happens to be done.
    let promised = fastest.commitments.iter().find(|commitment| commitment.work == "w-3").unwrap();
    assert_eq!(promised.due.to_string(), "2026-12-07T09:00:00Z");
}

#[test]
fn words_compare_and_give_the_benefit_first() {
    let plan = plan(sample::declared(), true);
    let all = |texts: &[String]| texts.join("\n");
    let [fastest, balanced, secure] = &plan.options[..] else { panic!("three options") };
    assert!(fastest.pros[0].starts_with("Ships today, "), "{}", all(&fastest.pros));
    assert!(fastest.pros[0].contains("before Most secure"), "{}", all(&fastest.pros));
    assert!(all(&fastest.cons).contains("the shortest agreed limit among them is 14 days"));
    assert!(all(&fastest.cons).contains("Accepts 1 older finding for now (1 high)."), "{}", all(&fastest.cons));
    assert!(all(&fastest.cons).contains("Needs a waiver for new-critical, which is back within tolerance by 2026-11-"));
    assert!(balanced.pros[0].starts_with("Ships on 2026-11-24"), "{}", all(&balanced.pros));
    assert!(all(&balanced.cons).contains("Ships 1 working day after Fastest."), "{}", all(&balanced.cons));
    assert!(all(&secure.pros).contains("of the quarter's exposure budget"), "{}", all(&secure.pros));
    for option in &plan.options {
        for text in option.pros.iter().chain(&option.cons) {
            assert!(!text.contains('!') && text.ends_with('.'), "{text}");
        }
    }
    assert!(
        plan.remarks.iter().any(|r| r == "4 findings have no exploit data; the class prior of rule exposure is used.")
    );
}

/// A release that is held for weeks has a high score because nothing is live meanwhile: then that is said.
#[test]
fn a_score_that_comes_of_waiting_is_called_that() {
    let says = |hours: f64| {
        let (assessment, mut work) = change();
        work[0].treatments = vec![treatment(hours, 0.0, TakesEffect::AtOnce, 0.0)];
        let plan = plan_work(&assessment, &sample::appetite(sample::declared(), true), work);
        plan.options.iter().flat_map(|option| option.cons.clone()).find(|text| text.contains("avoided by waiting"))
    };
    assert_eq!(says(2.0), None);
    // The last of fifty working days is a Friday.
    let text = says(300.0).unwrap();
    assert!(text.contains("for 67 of the 90 days that count nothing of the change is live"), "{text}");
}

/// What is said of a date goes by what makes it one, whatever its text says.
#[test]
fn a_limit_a_promise_and_a_waiver_are_told_apart() {
    let said = |kind: DueKind| {
        let (mut assessment, work) = change();
        let due = assessment.findings[2].due.as_mut().unwrap();
        due.kind = kind;
        due.limit.outcome = "promised by somebody".to_owned();
        let plan = plan_work(&assessment, &sample::appetite(sample::declared(), true), work);
        plan.options[0].cons.join(" ")
    };
    let limit = said(DueKind::Limit);
    assert!(limit.contains("; the shortest agreed limit among them is 14 days (promised by somebody)."), "{limit}");
    let promise = said(DueKind::Promise);
    assert!(promise.contains("; the first of them promised by somebody."), "{promise}");
    let waiver = said(DueKind::Waiver);
    assert!(waiver.contains("; the first of them accepted until 2026-12-07."), "{waiver}");
}

/// What nobody agreed is not called agreed.
#[test]
fn limits_that_do_not_bind_are_limits() {
    let (assessment, work) = change();
    let mut appetite = sample::appetite(sample::declared(), true);
    appetite.agreement.state = AgreementState::Unsigned;
    let plan = plan_work(&assessment, &appetite, work);
    let said: Vec<&String> = plan.options.iter().flat_map(|option| option.pros.iter().chain(&option.cons)).collect();
    assert!(said.iter().any(|text| text.contains("; the shortest limit among them is 14 days.")), "{said:?}");
    assert!(said.iter().any(|text| text.contains("with no limit exceeded")), "{said:?}");
    assert!(!said.iter().any(|text| text.contains("agreed")), "{said:?}");
}

/// One limit is said of several findings only where it is the limit of each.
#[test]
fn a_limit_that_not_all_share_is_called_the_shortest() {
    let said = |other: Option<i64>| {
        let (mut assessment, work) = change();
        assessment.findings[1].due = other.map(|days| sample::due(days, true));
        let plan = plan_work(&assessment, &sample::appetite(sample::declared(), true), work);
        plan.options[0].cons.iter().find(|text| text.starts_with("Leaves 2 high findings")).cloned().unwrap()
    };
    let end = |text: &str| text.split_once("; ").unwrap().1.to_owned();
    assert_eq!(end(&said(Some(14))), "the agreed limit is 14 days.");
    assert_eq!(end(&said(Some(30))), "the shortest agreed limit among them is 14 days.");
    assert_eq!(end(&said(None)), "the shortest agreed limit among them is 14 days.");
}

#[test]
fn without_authority_for_a_waiver_the_row_is_treated_before_ship() {
    let plan = plan(sample::declared(), false);
    assert!(plan.options.iter().all(|option| option.waivers.is_empty()));
    assert!(plan.options.iter().all(|option| !option.open_at_ship.contains(&"f-2".to_owned())));
}

#[test]
fn without_a_declared_capacity_words_speak_of_hours() {
    let plan = plan(Delivery::default(), true);
    assert!(!plan.planning.dated);
    for option in &plan.options {
        for text in option.pros.iter().chain(&option.cons) {
            assert!(!text.contains("2026") && !text.contains("working day"), "{text}");
        }
    }
    assert!(plan.options[0].pros[0].starts_with("Ships after 2 hours of work, "), "{}", plan.options[0].pros[0]);
}

#[test]
fn prices_decide_the_balance_if_they_are_declared() {
    let euro = |amount| Money { amount, currency: "EUR".to_owned() };
    let priced = |day, point| Delivery {
        hourly_rate: Some(euro(95.0)),
        cost_of_delay: Some(CostOfDelay { per_day: euro(day) }),
        loss_per_point: Some(euro(point)),
        ..sample::declared()
    };
    let (dear_delay, dear_loss) = (plan(priced(50_000.0, 1.0), true), plan(priced(1.0, 5_000.0), true));
    assert_eq!(dear_delay.selection.unwrap().balanced_by, BalancedBy::LeastCost);
    let balanced = |plan: &Plan| plan.selection.unwrap().balanced.unwrap();
    assert!(balanced(&dear_delay).ship_day < balanced(&dear_loss).ship_day + 1e-9);
    assert!(balanced(&dear_delay).exposure > balanced(&dear_loss).exposure);
    let option = &dear_delay.options[0];
    let cost = option.cost.as_ref().unwrap();
    assert!((cost.delay - 50_000.0 * option.ships.day).abs() < 1e-6);
}

#[test]
fn nothing_is_offered_where_nothing_has_to_be_chosen() {
    for verdict in [Verdict::WithinAppetite, Verdict::Unresolved] {
        let (mut assessment, work) = change();
        assessment.verdict = verdict;
        let plan = plan_work(&assessment, &sample::appetite(sample::declared(), true), work);
        assert!(plan.options.is_empty() && plan.recommended.is_none());
        assert_eq!(plan.work.len(), 4);
    }
}

#[test]
fn freezes_without_end_are_explained() {
    let freeze = Freeze { from: "2026-01-01".parse().unwrap(), to: "2036-01-01".parse().unwrap(), why: String::new() };
    let plan = plan(Delivery { freezes: vec![freeze], ..sample::declared() }, true);
    assert!(plan.options.is_empty());
    assert!(plan.remarks.iter().any(|remark| remark.starts_with("No release can happen within 400 days")));
}

#[test]
fn a_row_that_nothing_can_meet_holds_what_can_be_held() {
    let (mut assessment, mut work) = change();
    // A second secret, which nobody knows how to treat.
    assessment.findings.push(with("f-5", Origin::Introduced, 1.0));
    assessment.rows[0] = sample::row("live-secrets", &["f-1", "f-5"], 0, Some(0), true);
    work.push(sample::work("w-5", &["f-5"], Vec::new()));
    let plan = plan_work(&assessment, &sample::appetite(sample::declared(), true), work);
    assert!(!plan.options.is_empty());
    for option in &plan.options {
        let first = option.steps.iter().find(|step| step.work == "w-1").unwrap();
        assert_eq!(first.phase, Phase::BeforeShip, "the secret that can be rotated is rotated before ship");
    }
    assert!(plan.remarks.iter().any(|r| r.starts_with("live-secrets has to hold before ship, but no plan")));
}

#[test]
fn zero_capacity_leaves_only_acceptance_and_says_so() {
    let mut delivery = sample::declared();
    delivery.capacity.as_mut().unwrap().engineers = 0.0;
    let plan = plan(delivery, true);
    assert!(plan.options.iter().all(|option| option.steps.iter().all(|step| step.phase == Phase::Accept)));
    assert!(plan.remarks.iter().any(|remark| remark.contains("leaves no working time")));
}

#[test]
fn an_older_finding_whose_day_has_passed_asks_this_change_for_nothing_but_an_obligation_does() {
    let plan = |waivable: bool| {
        let mut older = with("f-1", Origin::Ambient, 1.0);
        older.due = Some(sample::due(-30, waivable));
        let mut assessment = sample::assessment(vec![older, with("f-2", Origin::Introduced, 0.1)]);
        assessment.rows = vec![sample::row("new", &["f-2"], 0, Some(0), false)];
        let items = vec![
            work("w-1", &["f-1"], vec![treatment(3.0, 0.0, TakesEffect::AtOnce, 0.0)]),
            work("w-2", &["f-2"], vec![treatment(3.0, 0.0, TakesEffect::AtRelease, 0.0)]),
        ];
        plan_work(&assessment, &sample::appetite(sample::declared(), true), items)
    };
    for option in &plan(true).options {
        assert!(!option.waivers.iter().any(|waiver| waiver.row.starts_with("due:")), "{:?}", option.waivers);
    }
    let obliged = plan(false);
    assert!(!obliged.options.is_empty());
    for option in &obliged.options {
        let step = option.steps.iter().find(|step| step.work == "w-1").unwrap();
        assert_ne!(step.phase, Phase::Accept, "{:?}", option.name);
    }
}
