//! The exhaustive twin: every treatment of every item, in every order, with the marker in every place, added up per
//! finding exactly as DESIGN section 5 writes it. It shares no arithmetic with the solvers.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::choose::{self, Approved, choose};
use super::evaluate::{Evaluator, Measure, Place, Queue};
use super::objective::{self, Compromise, Ends, Objective};
use super::problem::{Choice, Clock, Due, HORIZON, Item, Problem, Row, Totals};
use super::search::Budget;
use super::{bound, cases, exact, prices, search};
use crate::model::calendar::{Calendar, ReleaseWindow, WorkWindow};

/// One finding of a random problem.
#[derive(Debug, Clone)]
struct Fact {
    rate: f64,
    introduced: bool,
    due: Option<(f64, bool)>,
    /// Rows that count it, as a mask.
    rows: u32,
}

#[derive(Debug, Clone)]
struct Work {
    findings: Vec<Fact>,
    choices: Vec<Choice>,
}

#[derive(Debug, Clone)]
struct Limits {
    appetite: u32,
    tolerance: Option<u32>,
    before_ship: bool,
}

#[derive(Clone)]
struct World {
    work: Vec<Work>,
    resolved: f64,
    rows: Vec<Limits>,
    calendar: Calendar,
}

impl std::fmt::Debug for World {
    /// Without the hundreds of windows, so that a failing case can be read.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "World resolved {} rows {:?}", self.resolved, self.rows)?;
        self.work.iter().try_for_each(|work| writeln!(f, "  {work:?}"))?;
        let (work, releases) = (&self.calendar.work, &self.calendar.releases);
        writeln!(f, "  work {:?} releases {:?}", &work[..work.len().min(4)], &releases[..releases.len().min(3)])
    }
}

impl World {
    /// The problem as the planner's own code would build it.
    fn problem(&self) -> Problem {
        let mut totals = Totals { resolved: self.resolved, ..Totals::default() };
        let mut items = Vec::new();
        for (work, entry) in self.work.iter().enumerate() {
            let mut item = Item { work, choices: entry.choices.clone(), ..Item::default() };
            for finding in &entry.findings {
                let (sum, total) = if finding.introduced {
                    (&mut item.introduced, &mut totals.introduced)
                } else {
                    (&mut item.ambient, &mut totals.ambient)
                };
                *sum += finding.rate;
                *total += finding.rate;
                if let Some((day, firm)) = finding.due {
                    item.dues.push(Due { day, introduced: finding.introduced, firm, count: 1 });
                    *(if firm { &mut totals.firm_dues } else { &mut totals.soft_dues }) += 1;
                }
            }
            for row in 0..self.rows.len() {
                let count = entry.findings.iter().filter(|f| f.rows & 1 << row != 0).count();
                if count > 0 {
                    item.rows.push((row, u32::try_from(count).unwrap()));
                }
            }
            if !item.choices.is_empty() {
                items.push(item);
            }
        }
        let rows = self.rows.iter().enumerate().map(|(index, row)| Row {
            total: u32::try_from(self.findings().filter(|(_, f)| f.rows & 1 << index != 0).count()).unwrap(),
            appetite: row.appetite,
            tolerance: row.tolerance.unwrap_or(u32::MAX),
            before_ship: row.before_ship,
        });
        Problem { items, rows: rows.collect(), clock: Clock::new(self.calendar.clone()), totals }
    }

    fn findings(&self) -> impl Iterator<Item = (usize, &Fact)> {
        self.work.iter().enumerate().flat_map(|(work, entry)| entry.findings.iter().map(move |f| (work, f)))
    }

    /// Measures a plan given as (work, choice) in order of work, with `marker` of them before ship.
    fn measure(&self, plan: &[(usize, usize)], marker: usize) -> Option<Measure> {
        let mut hours = 0.0;
        let mut ready = Vec::new();
        for &(work, choice) in plan {
            let choice = self.work[work].choices[choice];
            hours += choice.hours;
            ready.push(self.calendar.day_of_hours(hours)? + choice.lead);
        }
        let ship = self.calendar.release_at_or_after(ready[..marker].iter().copied().fold(0.0, f64::max))?;
        let mut effect = vec![(f64::INFINITY, 1.0); self.work.len()];
        for (&(work, choice), &ready) in plan.iter().zip(&ready) {
            let choice = self.work[work].choices[choice];
            let day = if choice.at_once { ready } else { self.calendar.release_at_or_after(ready.max(ship))? };
            effect[work] = (day, choice.residual);
        }
        let h = HORIZON;
        let mut exposure = self.resolved * ship.min(h);
        let (mut firm, mut missed, mut lasting) = (0, 0, 0);
        for (work, finding) in self.findings() {
            let (c, residual) = effect[work];
            let s = if finding.introduced { ship } else { 0.0 };
            exposure += finding.rate * (c.min(h) - s).max(0.0) + finding.rate * residual * (h - c.max(s)).max(0.0);
            if let Some((due, is_firm)) = finding.due {
                // Open at some moment after the date: it is open from s to c.
                if c > due + 1e-9 && c > s + 1e-9 {
                    *(if is_firm { &mut firm } else { &mut missed }) += 1;
                    if c > h + 1e-9 && c > due + 1e-9 {
                        lasting += 1;
                    }
                }
            }
        }
        let (mut held, mut red, mut amber) = (0, 0, 0);
        for (index, row) in self.rows.iter().enumerate() {
            let open = |day: f64| {
                self.findings().filter(|(work, f)| f.rows & 1 << index != 0 && effect[*work].0 > day + 1e-9).count()
            };
            let over = |count: usize, limit: u32| u32::try_from(count).unwrap().saturating_sub(limit);
            let at_ship = open(ship);
            let tolerance = row.tolerance.unwrap_or(u32::MAX);
            *(if row.before_ship { &mut held } else { &mut red }) += over(at_ship, tolerance);
            amber += over(at_ship, row.appetite);
            lasting += over(open(ship.max(h)), tolerance);
        }
        Some(Measure { held, firm, missed, lasting, red, amber, ship, effort: hours, exposure })
    }

    /// Without rows and due dates, so that exposure is all that counts.
    fn forget_limits(&mut self) {
        self.rows.clear();
        for finding in self.work.iter_mut().flat_map(|work| &mut work.findings) {
            finding.due = None;
            finding.rows = 0;
        }
    }

    /// The least exposure of any plan, by the planner; there must be no limits. `None` if nothing ships.
    fn least_exposure(&self) -> Option<f64> {
        let ((_, measure), _) = choose::wished(&self.problem(), true, objective::Limits::NONE, false, &[])?;
        Some(measure.exposure)
    }

    /// Every plan.
    fn every_plan(&self) -> Vec<Measure> {
        let mut all = Vec::new();
        self.extend(&mut Vec::new(), &mut all);
        all
    }

    fn extend(&self, plan: &mut Vec<(usize, usize)>, all: &mut Vec<Measure>) {
        all.extend((0..=plan.len()).filter_map(|marker| self.measure(plan, marker)));
        for work in 0..self.work.len() {
            if plan.iter().any(|&(w, _)| w == work) {
                continue;
            }
            for choice in 0..self.work[work].choices.len() {
                plan.push((work, choice));
                self.extend(plan, all);
                plan.pop();
            }
        }
    }
}

fn choice() -> impl Strategy<Value = Choice> {
    // Few distinct values make ties, which is where mistakes hide; zero effort and full residual are legal.
    let hours = prop_oneof![Just(0.0), Just(2.0), Just(6.0), 0.5..40.0_f64];
    let lead = prop_oneof![4 => Just(0.0), 1 => Just(3.0), 1 => 0.0..20.0_f64];
    (hours, prop_oneof![Just(0.0), 0.0..=1.0_f64], any::<bool>(), lead)
        .prop_map(|(hours, residual, at_once, lead)| Choice { treatment: 0, hours, residual, at_once, lead })
}

fn fact(rows: usize) -> impl Strategy<Value = Fact> {
    let due = proptest::option::weighted(0.3, (prop_oneof![-5.0..60.0_f64, Just(3.0), 80.0..130.0_f64], any::<bool>()));
    let rate = prop_oneof![1 => Just(0.0), 2 => Just(1.0), 4 => 0.01..5.0_f64];
    (rate, any::<bool>(), due, 0..1_u32 << rows).prop_map(|(rate, introduced, due, rows)| Fact {
        rate,
        introduced,
        due,
        rows,
    })
}

fn work(rows: usize) -> impl Strategy<Value = Work> {
    (proptest::collection::vec(fact(rows), 1..3), proptest::collection::vec(choice(), 0..3))
        .prop_map(|(findings, choices)| Work { findings, choices })
}

fn limits() -> impl Strategy<Value = Limits> {
    (0..2_u32, proptest::option::weighted(0.8, 0..2_u32), any::<bool>()).prop_map(|(appetite, more, before_ship)| {
        Limits { appetite, tolerance: more.map(|more| appetite + more), before_ship }
    })
}

/// Working days of eight hours with a gap now and then; releases always, or in windows.
fn calendar() -> impl Strategy<Value = Calendar> {
    (1.0..10.0_f64, 0.0..1.0_f64, 1..5_u32, proptest::option::of((0.0..10.0_f64, 1.0..15.0_f64, 0.1..3.0_f64)))
        .prop_map(|(hours, first, gap, windows)| {
            let day = |n: u32| f64::from(n + n / gap) + first;
            let work = (0..250).map(|n| WorkWindow { from: day(n), to: day(n) + 1.0 / 3.0, hours }).collect();
            let releases = windows.map_or_else(
                || vec![ReleaseWindow { from: 0.0, to: f64::INFINITY }],
                |(start, every, length)| {
                    (0..40_u32)
                        .map(|n| start + f64::from(n) * (every + length))
                        .map(|from| ReleaseWindow { from, to: from + length })
                        .collect()
                },
            );
            Calendar { now: Timestamp::UNIX_EPOCH, work, releases }
        })
}

/// Work of which some is as the work before it: the same mistake is found in several files.
fn works(rows: usize, items: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Work>> {
    let entry = (work(rows), proptest::bool::weighted(0.3));
    proptest::collection::vec(entry, items).prop_map(|entries| {
        let mut works: Vec<Work> = Vec::new();
        for (work, repeats) in entries {
            let repeated = works.last().filter(|_| repeats).cloned();
            works.push(repeated.unwrap_or(work));
        }
        works
    })
}

fn world(items: std::ops::Range<usize>) -> impl Strategy<Value = World> {
    (0..3_usize).prop_flat_map(move |rows| {
        (
            works(rows, items.clone()),
            prop_oneof![Just(0.0), 0.0..5.0_f64],
            proptest::collection::vec(limits(), rows),
            calendar(),
        )
            .prop_map(|(work, resolved, rows, calendar)| World { work, resolved, rows, calendar })
    })
}

fn approved() -> impl Strategy<Value = Approved> {
    any::<[bool; 3]>().prop_map(|[fastest, balanced, secure]| Approved { fastest, balanced, secure })
}

fn compromise() -> impl Strategy<Value = Compromise> {
    prop_oneof![
        Just(Compromise::Closest),
        (0.0..200.0_f64, 0.0..500.0_f64, 0.0..50.0_f64).prop_map(|(hour, day, point)| Compromise::Cheapest {
            hour,
            day,
            point
        })
    ]
}

fn least(plans: &[Measure], objective: &Objective) -> Option<Measure> {
    plans.iter().copied().reduce(
        |best, next| {
            if objective.key(&next).better_than(&objective.key(&best)) { next } else { best }
        },
    )
}

fn same(a: &Measure, b: &Measure, objective: &Objective) -> Result<(), TestCaseError> {
    prop_assert!(objective.key(a).compare(&objective.key(b)).is_eq(), "{objective:?}\n solver {a:?}\n twin   {b:?}\n");
    Ok(())
}

proptest! {
    #![proptest_config(cases::of(1_000))]

    #[test]
    fn the_evaluator_adds_up_as_the_design_says(
        world in world(1..6), picks in proptest::collection::vec((0..6_usize, 0..3_usize), 0..6), marker in 0..6_usize,
    ) {
        let problem = world.problem();
        let mut queue = Queue::default();
        for (item, choice) in picks {
            if item < problem.items.len() && choice < problem.items[item].choices.len()
                && queue.places.iter().all(|place| place.item != item) {
                queue.places.push(Place { item, choice });
            }
        }
        queue.marker = marker.min(queue.places.len());
        let plan: Vec<_> = queue.places.iter().map(|p| (problem.items[p.item].work, p.choice)).collect();
        let ours = Evaluator::new(&problem).measure(&queue);
        let twin = world.measure(&plan, queue.marker);
        prop_assert_eq!(ours.is_some(), twin.is_some());
        if let (Some(ours), Some(twin)) = (ours, twin) {
            prop_assert!((ours.exposure - twin.exposure).abs() < 1e-6, "{ours:?} {twin:?}");
            prop_assert!((ours.ship - twin.ship).abs() < 1e-9);
            let counts = |m: &Measure| (m.held, m.firm, m.missed, m.lasting, m.red, m.amber);
            prop_assert_eq!(counts(&ours), counts(&twin));
            // The ship waits anyway for what is done by then; for more it waits longer.
            let mut evaluator = Evaluator::new(&problem);
            let waits = evaluator.by_ship(&queue);
            prop_assert_eq!(evaluator.measure_waiting(&queue, &waits), Some(ours));
            let later = evaluator.measure_waiting(&queue, &vec![true; queue.places.len()]);
            let is_all = waits.iter().all(|waits| *waits);
            prop_assert!(later.is_none_or(|later| later.ship >= ours.ship && (is_all || later.ship > ours.ship)));
        }
    }

    #[test]
    fn no_release_is_held_for_what_may_be_waived(mut world in world(1..8), by in compromise()) {
        world.rows.iter_mut().for_each(|row| row.before_ship = false);
        let findings = world.work.iter_mut().flat_map(|work| &mut work.findings);
        findings.filter_map(|finding| finding.due.as_mut()).for_each(|due| due.1 = false);
        let first = world.calendar.release_at_or_after(0.0);
        let chosen = choose(&world.problem(), Approved { fastest: true, balanced: true, secure: true }, by);
        prop_assert_eq!(chosen.map(|chosen| chosen.fastest.1.ship), first);
    }
}

proptest! {
    // Every plan of every problem is looked at, which takes its time.
    #![proptest_config(cases::of(300))]

    /// What search finds is mostly the best already, and would hide what the exact solver leaves out.
    #[test]
    fn exact_needs_no_good_beginning(world in world(1..5), approved in any::<bool>()) {
        let problem = world.problem();
        let plans = world.every_plan();
        let all: Vec<usize> = (0..problem.items.len()).collect();
        let empty = Queue::default();
        let Some(known) = Evaluator::new(&problem).measure(&empty) else { return Ok(()) };
        for objective in
            [Objective::Fastest { approved }, Objective::LeastExposure { approved, fastest: f64::INFINITY }]
        {
            let proven = exact::best(&problem, &all, &objective, &(empty.clone(), known));
            let (proven, twin) = (proven.expect("it is small"), least(&plans, &objective).expect("the empty plan ships"));
            same(&proven.1, &twin, &objective)?;
        }
    }

    #[test]
    fn exact_agrees_with_the_twin(world in world(1..5), approved in approved(), by in compromise()) {
        let problem = world.problem();
        let plans = world.every_plan();
        let chosen = choose(&problem, approved, by);
        let fast = Objective::Fastest { approved: approved.fastest };
        let Some(fastest) = least(&plans, &fast) else {
            prop_assert!(chosen.is_none());
            return Ok(());
        };
        let chosen = chosen.expect("the twin ships");
        prop_assert!(chosen.exact);
        same(&chosen.fastest.1, &fastest, &fast)?;

        let least_exposure = Objective::LeastExposure { approved: approved.secure, fastest: fastest.exposure };
        let star = least(&plans, &least_exposure).unwrap();
        prop_assert!((chosen.least_exposure - star.exposure).abs() < 1e-6, "{} {star:?} {:?}", chosen.least_exposure, chosen.fastest);
        let enough = star.exposure + problem.totals.baseline() / 100.0;
        let secure = Objective::MostSecure { approved: approved.secure, fastest: fastest.exposure, enough };
        let twin_secure = least(&plans, &secure).unwrap();
        let ordered = twin_secure.exposure <= fastest.exposure + 1e-7 && twin_secure.ship >= fastest.ship - 1e-7;
        prop_assert_eq!(chosen.secure.is_some(), ordered);
        if let (Some((_, ours)), Some((_, balanced))) = (&chosen.secure, &chosen.balanced) {
            same(ours, &twin_secure, &secure)?;
            let ends = Ends { fastest: chosen.fastest.1, secure: *ours };
            let box_ = Objective::Balanced { approved: approved.balanced, ends, by, floor: true };
            same(balanced, &least(&plans, &box_).unwrap(), &box_)?;
        }
    }

    /// The words of DESIGN section 5 as filters over every plan, without the keys by which the solvers compare.
    #[test]
    fn options_are_what_their_names_say(world in world(1..5), approved in approved()) {
        let plans = world.every_plan();
        let problem = world.problem();
        let Some(chosen) = choose(&problem, approved, Compromise::Closest) else { return Ok(()) };
        // What nobody may waive is kept, waivers are for somebody to approve, and each of them has an end.
        let keeps = |m: &Measure, may_waive: bool| m.held + m.firm == 0 && m.lasting == 0 && (may_waive || m.red + m.missed == 0);
        let lowest = |plans: &[Measure], of: fn(&Measure) -> f64| plans.iter().map(of).fold(f64::INFINITY, f64::min);
        let of_least = |plans: Vec<Measure>, of: fn(&Measure) -> f64| {
            let least = lowest(&plans, of) + 1e-7;
            plans.into_iter().filter(|m| of(m) <= least).collect::<Vec<_>>()
        };

        let fastest = chosen.fastest.1;
        // No date is worth a release that is held: what holds it is treated first, as far as any plan does.
        let held = plans.iter().map(|m| m.held).min().unwrap_or(0);
        for option in [Some(&chosen.fastest), chosen.secure.as_ref(), chosen.balanced.as_ref()].into_iter().flatten() {
            prop_assert_eq!(option.1.held, held);
        }
        let kept: Vec<Measure> = plans.iter().copied().filter(|m| keeps(m, approved.fastest)).collect();
        if !kept.is_empty() {
            prop_assert!(keeps(&fastest, approved.fastest), "{fastest:?}");
            let best = of_least(kept, |m| m.ship);
            let best = of_least(best, |m| f64::from(m.missed));
            let best = of_least(best, |m| m.effort);
            let least = lowest(&best, |m| m.exposure);
            prop_assert!((best[0].ship - fastest.ship).abs() < 1e-6, "{fastest:?} {:?}", best[0]);
            prop_assert_eq!(best[0].missed, fastest.missed);
            prop_assert!((best[0].effort - fastest.effort).abs() < 1e-6, "{fastest:?} {:?}", best[0]);
            prop_assert!((least - fastest.exposure).abs() < 1e-5, "{fastest:?} {least}");
        }
        let (Some((_, secure)), Some((_, balanced))) = (&chosen.secure, &chosen.balanced) else { return Ok(()) };
        let without_waiver = |m: &&Measure| {
            keeps(m, false) && m.ship <= HORIZON && m.exposure <= fastest.exposure + 1e-7
        };
        let kept: Vec<Measure> = plans.iter().filter(without_waiver).filter(|m| m.amber == 0).copied().collect();
        if !kept.is_empty() {
            prop_assert!(without_waiver(&secure) && secure.amber == 0, "{secure:?}");
            let enough = lowest(&kept, |m| m.exposure) + problem.totals.baseline() / 100.0 + 1e-6;
            prop_assert!(secure.exposure <= enough, "{secure:?} {enough}");
            let best = of_least(kept.into_iter().filter(|m| m.exposure <= enough).collect(), |m| m.ship);
            let effort = lowest(&best, |m| m.effort);
            prop_assert!((best[0].ship - secure.ship).abs() < 1e-6, "{secure:?} {:?}", best[0]);
            prop_assert!((effort - secure.effort).abs() < 1e-6, "{secure:?} {effort}");
        }
        if plans.iter().filter(without_waiver).any(|m| m.ship <= secure.ship) {
            prop_assert!(keeps(balanced, false), "{balanced:?}");
            prop_assert!(balanced.ship <= secure.ship + 1e-7 && balanced.exposure <= fastest.exposure + 1e-6);
        }
    }

    #[test]
    fn the_plan_for_a_wish_agrees_with_the_twin(
        world in world(1..5), approved: bool, soonest: bool,
        ship in 0.0..30.0_f64, effort in 0.0..60.0_f64, share in 0.0..1.0_f64, wished in any::<[bool; 3]>(),
    ) {
        let problem = world.problem();
        let limit = |is_wished: bool, value: f64| if is_wished { value } else { f64::INFINITY };
        let limits = objective::Limits {
            ship: limit(wished[0], ship),
            effort: limit(wished[1], effort),
            exposure: limit(wished[2], share * problem.totals.baseline()),
        };
        let objective = Objective::Wished { approved, limits, soonest };
        let best = least(&world.every_plan(), &objective);
        let found = choose::wished(&problem, approved, limits, soonest, &[]);
        prop_assert_eq!(found.is_some(), best.is_some());
        if let (Some(((_, found), exact)), Some(best)) = (found, best) {
            prop_assert!(exact);
            same(&found, &best, &objective)?;
        }
    }

    /// A finding that nothing can be done about only adds to the exposure of every plan.
    #[test]
    fn a_finding_without_treatment_never_lowers_the_least_exposure(
        mut world in world(1..5), rate in 0.01..5.0_f64, introduced: bool,
    ) {
        world.forget_limits();
        let Some(before) = world.least_exposure() else { return Ok(()) };
        let finding = Fact { rate, introduced, due: None, rows: 0 };
        world.work.push(Work { findings: vec![finding], choices: Vec::new() });
        let after = world.least_exposure().unwrap();
        prop_assert!(after >= before - 1e-6, "{before} {after}");
        if !introduced {
            prop_assert!((after - before - rate * HORIZON).abs() < 1e-6, "{before} {after}");
        }
    }

    /// Neither does one that can be treated, where nothing else comes with the change: without its work everything else
    /// is done, and ships, no later.
    #[test]
    fn another_finding_never_lowers_the_least_exposure_of_what_is_live(mut world in world(1..4), more in work(0)) {
        world.forget_limits();
        for finding in world.work.iter_mut().flat_map(|work| &mut work.findings) {
            finding.introduced = false;
        }
        let Some(before) = world.least_exposure() else { return Ok(()) };
        world.work.push(more);
        let after = world.least_exposure().unwrap();
        prop_assert!(after >= before - 1e-6, "{before} {after}");
    }

    #[test]
    fn the_bound_holds(world in world(1..5)) {
        let problem = world.problem();
        let bound = bound::least_exposure(&problem);
        let least = world.every_plan().iter().map(|m| m.exposure).fold(f64::INFINITY, f64::min);
        prop_assert!(bound <= least + 1e-6, "bound {bound}, plan {least}");
    }

    /// The bound by prices knows the agreement: it is held against every plan that keeps as much of it.
    #[test]
    fn the_bound_by_prices_holds(world in world(1..5), approved: bool, cap in 0.0..1.5_f64) {
        let problem = world.problem();
        let plans = world.every_plan();
        let fastest = cap * problem.totals.baseline();
        let objective = Objective::LeastExposure { approved, fastest };
        let Some(known) = search::best(&problem, &[], &objective, &[], Budget::Polish) else { return Ok(()) };
        let appetite = |m: &Measure| m.exposure <= fastest;
        let Some(closed) = prices::close_in(&problem, &objective, &known, appetite) else { return Ok(()) };
        let best = closed.best.1;
        prop_assert!(!objective.key(&known.1).better_than(&objective.key(&best)));
        prop_assert_eq!(Evaluator::new(&problem).measure(&closed.best.0), Some(best));
        let keeps = |m: &&Measure| {
            m.held <= best.held && m.firm <= best.firm && m.missed <= best.missed && m.lasting <= best.lasting && m.red <= best.red
                && (m.amber <= best.amber || !appetite(&best)) && (m.ship <= HORIZON || best.ship > HORIZON)
        };
        let least = plans.iter().filter(keeps).map(|m| m.exposure).fold(f64::INFINITY, f64::min);
        prop_assert!(closed.bound <= least + 1e-6, "bound {}, plan {least}\n {best:?}", closed.bound);
    }
}

/// Without that proviso it would be wrong: work before ship keeps what comes with the change from going live, and while it
/// does, nothing of it is exposed. (Whoever wants that can wait without a reason, too; the planner does not.)
#[test]
fn work_before_ship_can_lower_the_least_exposure() {
    let day = |n: u32| WorkWindow { from: f64::from(n), to: f64::from(n) + 0.25, hours: 6.0 };
    let fact = |rate| Fact { rate, introduced: true, due: None, rows: 0 };
    let mut world = World {
        work: vec![Work { findings: vec![fact(10.0)], choices: Vec::new() }],
        resolved: 0.0,
        rows: Vec::new(),
        calendar: Calendar {
            now: Timestamp::UNIX_EPOCH,
            work: (0..100).map(day).collect(),
            releases: vec![ReleaseWindow { from: 0.0, to: f64::INFINITY }],
        },
    };
    assert!((world.least_exposure().unwrap() - 900.0).abs() < 1e-9);
    let choice = Choice { treatment: 0, hours: 60.0, residual: 0.0, at_once: false, lead: 0.0 };
    world.work.push(Work { findings: vec![fact(0.01)], choices: vec![choice] });
    // Ten days of work: ships on day 9.25, and the first finding is exposed for so much less.
    assert!((world.least_exposure().unwrap() - 10.0 * (90.0 - 9.25)).abs() < 1e-9);
}

/// How far search is from exact over many problems that are solved exactly, too.
#[derive(Debug, Default)]
struct Distance {
    problems: u32,
    /// Same findings over a limit and same dates missed.
    same_counts: u32,
    /// Nothing to choose between them.
    same: u32,
    /// Most exposure above the least, as a share of the baseline, where the counts are the same and that is what is sought.
    above: f64,
}

impl Distance {
    fn add(&mut self, objective: &Objective, found: &Measure, proven: &Measure, baseline: f64) {
        let (ours, best) = (objective.key(found), objective.key(proven));
        assert!(!ours.better_than(&best), "search is better than exact: {found:?} {proven:?}");
        self.problems += 1;
        self.same += u32::from(ours.compare(&best).is_eq());
        // How far rows are open is not what the fastest plan is about, so long as it is approved.
        let rows = |m: &Measure| if matches!(objective, Objective::Fastest { .. }) { (0, 0) } else { (m.red, m.amber) };
        let counts = |m: &Measure| (m.held, m.firm, m.missed, m.lasting, rows(m));
        if counts(found) == counts(proven) {
            self.same_counts += 1;
            let least = matches!(objective, Objective::LeastExposure { .. }) && baseline > 0.0;
            self.above = self.above.max(if least { (found.exposure - proven.exposure) / baseline } else { 0.0 });
        }
    }
}

/// Search alone, without the exact solver that small problems get: how often it attains the best, and how far it is from it
/// otherwise. It never is better.
#[test]
fn search_comes_close_to_exact() {
    let config = cases::of(60);
    let problems = config.cases;
    let mut runner = TestRunner::new(config);
    let (mut fastest, mut exposure) = (Distance::default(), Distance::default());
    for _ in 0..problems {
        let world = world(4..8).new_tree(&mut runner).unwrap().current();
        let approved = approved().new_tree(&mut runner).unwrap().current();
        let problem = world.problem();
        let all: Vec<usize> = (0..problem.items.len()).collect();
        let baseline = problem.totals.baseline();
        let fast = Objective::Fastest { approved: approved.fastest };
        let Some(found) = search::best(&problem, &all, &fast, &[], Budget::Full) else { continue };
        let Some(proven) = exact::best(&problem, &all, &fast, &found) else { continue };
        fastest.add(&fast, &found.1, &proven.1, baseline);
        let least = Objective::LeastExposure { approved: approved.secure, fastest: proven.1.exposure };
        let found = search::best(&problem, &all, &least, &[], Budget::Full).unwrap();
        let Some(proven) = exact::best(&problem, &all, &least, &found) else { continue };
        exposure.add(&least, &found.1, &proven.1, baseline);
    }
    for (name, distance) in [("fastest", &fastest), ("least exposure", &exposure)] {
        println!(
            "{name}: {} problems, same counts {}, same key {}, exposure at most {:.4} % of the baseline above the least",
            distance.problems,
            distance.same_counts,
            distance.same,
            100.0 * distance.above
        );
        // Of 2,000 such problems from another seed all were the same; this leaves room for a few that are not.
        assert!(distance.problems > 0);
        assert!(100 * distance.same_counts >= 98 * distance.problems, "{name}: {distance:?}");
        assert!(100 * distance.same >= 97 * distance.problems, "{name}: {distance:?}");
        assert!(distance.above <= 0.01, "{name}: {distance:?}");
    }
}

/// How far the bound by prices is from the least exposure, where that is proven: a bound of 0 would hold, too.
#[test]
fn the_bound_by_prices_comes_close() {
    let config = cases::of(40);
    let problems = config.cases;
    let mut runner = TestRunner::new(config);
    let (mut count, mut sum, mut most) = (0, 0.0, 0.0_f64);
    for _ in 0..problems {
        let problem = world(4..8).new_tree(&mut runner).unwrap().current().problem();
        let all: Vec<usize> = (0..problem.items.len()).collect();
        let objective = Objective::LeastExposure { approved: true, fastest: f64::INFINITY };
        let Some(found) = search::best(&problem, &all, &objective, &[], Budget::Full) else { continue };
        let Some(proven) = exact::best(&problem, &all, &objective, &found) else { continue };
        let Some(closed) = prices::close_in(&problem, &objective, &proven, |_| true) else { continue };
        let gap = (proven.1.exposure - closed.bound) / problem.totals.baseline().max(1e-9);
        count += 1;
        sum += gap;
        most = most.max(gap);
    }
    let mean = sum / f64::from(count);
    println!(
        "{count} problems: bound {:.3} % of the baseline below the least in the mean, {:.3} % at most",
        100.0 * mean,
        100.0 * most
    );
    assert!(mean < 0.01, "{mean}");
}
