//! What must hold of whole plans, whatever the findings: checked from the outside, on the figures that are published.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::problem::HORIZON;
use super::sample::{self, with};
use super::{cases, plan_work, same_day};
use crate::model::appetite::{Appetite, Cadence, Delivery, Freeze, Money, OptionName};
use crate::model::assessment::{Assessment, RowResult};
use crate::model::option::{Phase, Plan, PlanOption};
use crate::model::origin::Origin;
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;
use crate::model::work::{TakesEffect, Treatment, WorkItem};

/// Origin, rate, due date (days from now, whether it may be waived), and rows that count it as a mask.
type Fact = (Origin, f64, Option<(i64, bool)>, u32);

/// A random assessment with its work items and appetite.
#[derive(Debug, Clone)]
struct Case {
    findings: Vec<Fact>,
    /// How many findings each work item has, and its treatments.
    work: Vec<(usize, Vec<Treatment>)>,
    rows: Vec<(u64, Option<u64>, bool)>,
    engineers: f64,
    cadence: Option<Cadence>,
    freeze: Option<(i64, i64)>,
    waivers: bool,
    declared: bool,
    prices: bool,
}

impl Case {
    fn pose(&self) -> (Assessment, Appetite, Vec<WorkItem>) {
        let id = |n: usize| format!("f-{n:02}");
        let mut findings = Vec::new();
        for (n, &(origin, rate, due, _)) in self.findings.iter().enumerate() {
            let mut finding = with(&id(n), origin, rate);
            finding.due = due.map(|(days, waivable)| sample::due(days, waivable));
            finding.finding.severity = [Severity::Critical, Severity::High, Severity::Low, Severity::Unknown][n % 4];
            findings.push(finding);
        }
        let open: Vec<usize> = (0..findings.len()).filter(|&n| self.findings[n].0 != Origin::Resolved).collect();
        let mut left = open.iter();
        let mut work = Vec::new();
        for (n, (size, treatments)) in self.work.iter().enumerate() {
            let ids: Vec<String> = left.by_ref().take(*size).map(|&n| id(n)).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            if !ids.is_empty() {
                let mut treatments = treatments.clone();
                for (n, treatment) in treatments.iter_mut().enumerate() {
                    treatment.id = format!("t-{n}");
                }
                work.push(sample::work(&format!("w-{n:02}"), &ids, treatments));
            }
        }
        for &n in left {
            work.push(sample::work(&format!("w-{:02}", 50 + n), &[&id(n)], Vec::new()));
        }
        let mut assessment = sample::assessment(findings);
        for (n, &(appetite, more, before_ship)) in self.rows.iter().enumerate() {
            let ids: Vec<String> = open.iter().filter(|&&f| self.findings[f].3 & 1 << n != 0).map(|&f| id(f)).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            assessment.rows.push(sample::row(
                &format!("row-{n}"),
                &ids,
                appetite,
                more.map(|m| appetite + m),
                before_ship,
            ));
        }
        let worst = assessment.rows.iter().map(|row| row.state).max().unwrap_or(Verdict::WithinTolerance);
        assessment.verdict = worst.max(Verdict::WithinTolerance);
        let mut delivery =
            Delivery { cadence: self.cadence, ..if self.declared { sample::declared() } else { Delivery::default() } };
        if let Some(capacity) = &mut delivery.capacity {
            capacity.engineers = self.engineers;
        }
        let today = sample::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        delivery.freezes.extend(self.freeze.map(|(from, length)| Freeze {
            from: today + jiff::Span::new().days(from),
            to: today + jiff::Span::new().days(from + length),
            why: String::new(),
        }));
        if self.prices {
            let euro = |amount| Money { amount, currency: "EUR".to_owned() };
            delivery.hourly_rate = Some(euro(95.0));
            delivery.cost_of_delay = Some(crate::model::appetite::CostOfDelay { per_day: euro(400.0) });
            delivery.loss_per_point = Some(euro(20.0));
        }
        (assessment, sample::appetite(delivery, self.waivers), work)
    }

    fn plan(&self) -> Plan {
        let (assessment, appetite, work) = self.pose();
        plan_work(&assessment, &appetite, work)
    }
}

fn treatment() -> impl Strategy<Value = Treatment> {
    let effect = prop_oneof![Just(TakesEffect::AtRelease), Just(TakesEffect::AtOnce)];
    (0.5..30.0_f64, prop_oneof![Just(0.0), 0.0..0.8_f64], effect, prop_oneof![4 => Just(0.0), 1 => 0.0..10.0_f64])
        .prop_map(|(hours, residual, effect, lead)| sample::treatment(hours, residual, effect, lead))
}

fn case(items: usize) -> impl Strategy<Value = Case> {
    let origin = prop_oneof![
        3 => Just(Origin::Introduced), 1 => Just(Origin::Unknown), 3 => Just(Origin::Ambient), 1 => Just(Origin::Resolved)
    ];
    let due = proptest::option::weighted(0.3, (1..60_i64, proptest::bool::weighted(0.8)));
    let finding = (origin, 0.01..5.0_f64, due, 0..4_u32);
    let cadence = prop_oneof![
        Just(None),
        Just(Some(Cadence::Continuous)),
        Just(Some(Cadence::Daily)),
        Just(Some(Cadence::Weekly(jiff::civil::Weekday::Thursday)))
    ];
    let rows = proptest::collection::vec((0..2_u64, proptest::option::weighted(0.8, 0..2_u64), any::<bool>()), 0..3);
    (
        (
            proptest::collection::vec(finding, 1..2 * items),
            proptest::collection::vec((1..3_usize, proptest::collection::vec(treatment(), 0..3)), 1..=items),
            rows,
        ),
        (0.5..3.0_f64, cadence, proptest::option::of((0..10_i64, 1..20_i64))),
        (any::<bool>(), any::<bool>(), any::<bool>()),
    )
        .prop_map(|((findings, work, rows), (engineers, cadence, freeze), (waivers, declared, prices))| Case {
            findings,
            work,
            rows,
            engineers,
            cadence,
            freeze,
            waivers,
            declared,
            prices,
        })
}

/// Exposure of an option, finding by finding, from its published days: the formula under *Recomputable* of DESIGN.
fn recomputed_exposure(assessment: &Assessment, work: &[WorkItem], option: &PlanOption) -> f64 {
    let (h, ship) = (HORIZON, option.ships.day);
    let mut treated: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for step in &option.steps {
        let item = work.iter().find(|item| item.id == step.work).unwrap();
        let Some(effect) = step.effect else { continue };
        let residual = item.treatments.iter().find(|t| t.id == step.treatment).unwrap().residual.likely;
        treated.extend(item.findings.iter().map(|id| (id.as_str(), (effect, residual))));
    }
    let exposure = |f: &crate::model::assessment::AssessedFinding| {
        let rate = f.rate.points_per_day.likely;
        let start = match f.finding.origin {
            Origin::Resolved => return rate * ship.min(h),
            Origin::Ambient => 0.0,
            Origin::Introduced | Origin::Unknown => ship,
        };
        let (c, residual) = treated.get(f.finding.id.as_str()).copied().unwrap_or((f64::INFINITY, 1.0));
        rate * (c.min(h) - start).max(0.0) + rate * residual * (h - c.max(start)).max(0.0)
    };
    assessment.findings.iter().map(exposure).sum()
}

fn open_in(row: &RowResult, option: &PlanOption) -> u64 {
    row.findings.iter().filter(|id| option.open_at_ship.contains(id)).count() as u64
}

/// Whether some shown plan keeps the whole agreement: then every option must, as far as it is bound to.
fn all_attainable(plan: &Plan, assessment: &Assessment) -> bool {
    plan.options.iter().any(|option| {
        option.waivers.is_empty() && firm_rows_hold(assessment, option) && missed(plan, assessment, option).is_empty()
    })
}

/// Ids of open findings whose due date an option misses.
fn missed(plan: &Plan, assessment: &Assessment, option: &PlanOption) -> Vec<String> {
    let mut missed = Vec::new();
    for f in assessment.findings.iter().filter(|f| f.finding.origin != Origin::Resolved) {
        let Some(due) = &f.due else { continue };
        let day = super::calendar::days_until(assessment.now, due.at);
        let item = plan.work.iter().find(|item| item.findings.contains(&f.finding.id)).unwrap();
        let step = option.steps.iter().find(|step| step.work == item.id).unwrap();
        let start = if f.finding.origin.counts_as_introduced() { option.ships.day } else { 0.0 };
        if step.effect.is_none_or(|c| c > day.max(start) + 1e-6) {
            missed.push(f.finding.id.clone());
        }
    }
    missed
}

fn firm_rows_hold(assessment: &Assessment, option: &PlanOption) -> bool {
    let firm = assessment.rows.iter().filter(|row| row.before_ship);
    firm.into_iter().all(|row| row.state_at(open_in(row, option)) != Verdict::BeyondTolerance)
}

proptest! {
    #![proptest_config(cases::of(150))]

    #[test]
    fn options_are_ordered_undominated_and_recomputable(case in case(5)) {
        let (assessment, appetite, work) = case.pose();
        let plan = plan_work(&assessment, &appetite, work);
        prop_assert!(plan.optimality.exact);
        for pair in plan.options.windows(2) {
            prop_assert!(pair[0].name < pair[1].name);
            prop_assert!(pair[0].ships.day <= pair[1].ships.day + 1e-9);
            prop_assert!(pair[0].score <= pair[1].score + 1e-6);
        }
        for a in &plan.options {
            for b in plan.options.iter().filter(|b| b.name != a.name) {
                let no_better = a.ships.day >= b.ships.day - 1e-9 && a.exposure >= b.exposure - 1e-6
                    && a.effort.p50 >= b.effort.p50 - 1e-9;
                let worse = a.ships.day > b.ships.day + 1e-6 || a.exposure > b.exposure + 1e-5
                    || a.effort.p50 > b.effort.p50 + 1e-6;
                prop_assert!(!(no_better && worse), "{:?} is dominated by {:?}", a.name, b.name);
                let alike = same_day(&plan.planning, a.ships.day, b.ships.day) && (a.score - b.score).abs() <= 0.999
                    && (a.effort.p50 - b.effort.p50).abs() <= 0.0999 * a.effort.p50.max(b.effort.p50);
                prop_assert!(!alike, "{:?} and {:?} do not differ", a.name, b.name);
            }
            let exposure = recomputed_exposure(&assessment, &plan.work, a);
            prop_assert!((exposure - a.exposure).abs() < 1e-6, "{exposure} {}", a.exposure);
            prop_assert!(a.score_range.low <= a.score && a.score <= a.score_range.high);
        }
        if !plan.options.is_empty() {
            let recommended = plan.recommended.unwrap();
            prop_assert!(plan.options.iter().any(|option| option.name == recommended));
        }
    }

    #[test]
    fn days_follow_from_the_queue(case in case(5)) {
        let plan = case.plan();
        let calendar = &plan.planning.calendar;
        for option in &plan.options {
            let mut hours = 0.0;
            let mut latest: f64 = 0.0;
            let mut ready_days = Vec::new();
            for step in option.steps.iter().filter(|step| step.phase != Phase::Accept) {
                let item = plan.work.iter().find(|item| item.id == step.work).unwrap();
                let treatment = item.treatments.iter().find(|t| t.id == step.treatment).unwrap();
                hours += treatment.effort.p50;
                let done = calendar.day_of_hours(hours).unwrap();
                prop_assert!((done - step.done.unwrap()).abs() < 1e-6);
                let ready = done + treatment.lead_days;
                ready_days.push((step, treatment.takes_effect, ready));
                if step.phase == Phase::BeforeShip {
                    latest = latest.max(ready);
                }
            }
            let ship = option.ships.day;
            prop_assert!((calendar.release_at_or_after(latest).unwrap() - ship).abs() < 1e-6);
            for (step, takes_effect, ready) in ready_days {
                let expected = match takes_effect {
                    TakesEffect::AtOnce => ready,
                    TakesEffect::AtRelease if step.phase == Phase::BeforeShip => ship,
                    TakesEffect::AtRelease => calendar.release_at_or_after(ready.max(ship)).unwrap(),
                };
                prop_assert!((expected - step.effect.unwrap()).abs() < 1e-6);
                prop_assert_eq!(step.phase == Phase::BeforeShip, ready <= ship + 1e-9);
            }
        }
    }

    #[test]
    fn the_agreement_is_kept_where_it_can_be(case in case(5)) {
        let (assessment, appetite, work) = case.pose();
        let plan = plan_work(&assessment, &appetite, work);
        if !all_attainable(&plan, &assessment) {
            return Ok(());
        }
        for option in &plan.options {
            prop_assert!(firm_rows_hold(&assessment, option), "{:?}", option.name);
            prop_assert_eq!(missed(&plan, &assessment, option), Vec::<String>::new(), "{:?}", option.name);
            if option.name == OptionName::Balanced || !case.waivers {
                prop_assert!(option.waivers.is_empty(), "{:?} {:?}", option.name, option.waivers);
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_plan(case in case(6)) {
        let (a, b) = (case.plan(), case.plan());
        prop_assert_eq!(format!("{:?}", a.options), format!("{:?}", b.options));
        prop_assert_eq!(a.remarks, b.remarks);
    }

    #[test]
    fn more_capacity_never_delays_the_earliest_ship(mut case in case(5), more in 1.01..4.0_f64) {
        case.declared = true;
        let plan = case.plan();
        let (assessment, _, _) = case.pose();
        // Where the agreement cannot be kept, more capacity may keep more of it, and that may take longer.
        if !all_attainable(&plan, &assessment) {
            return Ok(());
        }
        case.engineers *= more;
        let faster = case.plan();
        let (a, b) = (plan.selection.unwrap().fastest, faster.selection.unwrap().fastest);
        prop_assert!(b.ship_day <= a.ship_day + 1e-9, "{a:?} {b:?}");
    }

    #[test]
    fn another_finding_never_brings_the_earliest_ship_forward(case in case(4), rate in 0.01..5.0_f64, rows in 0..4_u32) {
        let mut more = case.clone();
        // It joins the work items as one without a place among them, so that all other work stays as it is.
        more.findings.push((Origin::Introduced, rate, None, rows));
        let open = case.findings.iter().filter(|f| f.0 != Origin::Resolved).count();
        let placed: usize = case.work.iter().map(|(size, _)| size).sum();
        let (plan, larger) = (case.plan(), more.plan());
        let (assessment, _, _) = more.pose();
        if placed > open || !all_attainable(&larger, &assessment) {
            return Ok(());
        }
        let (a, b) = (plan.selection.unwrap().fastest, larger.selection.unwrap().fastest);
        prop_assert!(b.ship_day >= a.ship_day - 1e-9, "{a:?} {b:?}");
    }
}
