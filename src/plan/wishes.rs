//! The plan for a wish (DESIGN section 5's other points of the frontier), or what makes the wish impossible.
//!
//! The agreement comes before the wish, as in every option: a plan that meets a wish by breaking a `before_ship` row is
//! none. A wish that cannot be met gets the plan nearest to it, and the reasons: each part of the wish alone is held
//! against the best that any plan reaches.

use std::collections::BTreeSet;

use super::calendar::{days_until, moment, time_zone};
use super::choose::{Chosen, wished};
use super::describe::Setting;
use super::evaluate::{Measure, Queue, Solved};
use super::objective::Limits;
use super::pose::open_findings;
use super::simulate;
use super::words::{hours, plural};
use crate::model::appetite::OptionName;
use crate::model::option::{PlanOption, Wished};
use crate::model::outlook::Simulation;
use crate::model::verdict::Verdict;
use crate::model::wish::Wish;

/// Answers a wish.
pub fn answer(
    setting: &Setting<'_>,
    chosen: &Chosen,
    approved: bool,
    simulation: Simulation,
    wish: Wish,
) -> Option<Wished> {
    let asked = Asked { setting, chosen, approved, wish };
    let limits = asked.limits();
    // With a score to reach, the question is how soon; else it is how secure.
    let (solved, exact) = asked.solve(limits, wish.min_score.is_some())?;
    let met = limits.excess(&solved.1) <= 0.0;
    let plan = asked.describe(&solved, simulation);
    let says = if met { asked.met(&plan) } else { asked.missed(limits, &solved.1) };
    Some(Wished { wish, met, exact, says, plan })
}

struct Asked<'a> {
    setting: &'a Setting<'a>,
    chosen: &'a Chosen,
    approved: bool,
    wish: Wish,
}

impl Asked<'_> {
    /// The wish in the solvers' terms.
    fn limits(&self) -> Limits {
        let planning = self.setting.planning;
        let zone = time_zone(&planning.capacity).0;
        // The end of that day in the team's time zone.
        let end = |date: jiff::civil::Date| {
            let midnight = date.tomorrow().ok()?.at(0, 0, 0, 0);
            let at = zone.to_ambiguous_timestamp(midnight).compatible().ok()?;
            Some(days_until(planning.calendar.now, at) - 1e-6)
        };
        let baseline = self.setting.problem.totals.baseline();
        Limits {
            ship: self.wish.ship_by.and_then(end).unwrap_or(f64::INFINITY),
            effort: self.wish.max_effort.unwrap_or(f64::INFINITY),
            exposure: self.wish.min_score.map_or(f64::INFINITY, |score| baseline * (1.0 - score / 100.0)),
        }
    }

    fn solve(&self, limits: Limits, soonest: bool) -> Option<(Solved, bool)> {
        let known: Vec<&Queue> = self.chosen.known.iter().collect();
        wished(self.setting.problem, self.approved, limits, soonest, &known)
    }

    /// The plan as an option, under the name of the option whose authority it falls under.
    fn describe(&self, solved: &Solved, simulation: Simulation) -> PlanOption {
        let (queue, measure) = solved;
        let runs = simulate::simulate(self.setting, &[queue], simulation);
        let outlook = simulate::outlook(self.setting, &runs[0]);
        let plan = self.setting.option(OptionName::Fastest, queue, measure, outlook);
        if plan.waivers.is_empty() { self.setting.option(OptionName::Balanced, queue, measure, outlook) } else { plan }
    }

    fn met(&self, plan: &PlanOption) -> Vec<String> {
        let open = plan.open_at_ship.len();
        let leaves = if open == 0 {
            "nothing is open at ship".to_owned()
        } else {
            format!("{open} {} {} open at ship", plural(open, "finding"), if open == 1 { "is" } else { "are" })
        };
        let mut says = vec![format!(
            "Possible: {} with {} of work and a security score of {:.0}; {leaves}.",
            self.ships(plan.ships.day),
            hours(plan.effort.p50),
            plan.score
        )];
        if !plan.waivers.is_empty() {
            let rows: Vec<&str> = plan.waivers.iter().map(|waiver| waiver.row.as_str()).collect();
            says.push(format!("It needs {} for {}.", waivers(rows.len()), rows.join(", ")));
        }
        says
    }

    /// What makes the wish impossible, and how near to it the plan comes.
    fn missed(&self, limits: Limits, nearest: &Measure) -> Vec<String> {
        let mut says = Vec::new();
        if limits.ship.is_finite() {
            says.extend(self.too_soon(limits.ship));
        }
        if limits.effort.is_finite() {
            says.extend(self.too_little(limits.effort));
        }
        if limits.exposure.is_finite() {
            says.extend(self.too_secure(limits.exposure));
        }
        if says.is_empty() {
            says.push("Each part of the wish is possible alone, and not all of them together.".to_owned());
        }
        says.push(format!(
            "The nearest possible plan {}, takes {} of work and reaches a security score of {:.1}.",
            self.ships(nearest.ship),
            hours(nearest.effort),
            self.setting.score(nearest.exposure)
        ));
        says
    }

    /// Why nothing ships as soon as wished, if nothing does.
    fn too_soon(&self, limit: f64) -> Option<String> {
        let (queue, fastest) = &self.chosen.fastest;
        if fastest.ship <= limit {
            return None;
        }
        if limit < 0.0 {
            return Some("That day is over already.".to_owned());
        }
        let first = self.setting.problem.clock.release(0.0);
        if first > limit {
            return Some(format!("Nothing can be released before {}: cadence and freezes say so.", self.date(first)));
        }
        let before: f64 = queue.places[..queue.marker]
            .iter()
            .map(|place| self.setting.problem.items[place.item].choices[place.choice].hours)
            .sum();
        Some(format!(
            "No plan ships before {}: {} before ship, which takes {} and whatever has to pass after it.",
            self.date(fastest.ship),
            self.held(),
            hours(before)
        ))
    }

    /// What has to be treated before ship.
    fn held(&self) -> String {
        let over = |row: &&crate::model::assessment::RowResult| {
            let open = open_findings(row, &self.setting.findings).len() as u64;
            (row.before_ship || !self.approved) && row.state_at(open) == Verdict::BeyondTolerance
        };
        let rows: Vec<&str> = self.setting.assessment.rows.iter().filter(over).map(|row| row.id.as_str()).collect();
        if rows.is_empty() {
            "due dates and rows ask for work".to_owned()
        } else {
            format!("{} {} to be treated", rows.join(", "), if rows.len() == 1 { "has" } else { "have" })
        }
    }

    /// Why no plan makes do with so little work, if none does.
    fn too_little(&self, limit: f64) -> Option<String> {
        let ((_, least), _) = self.solve(Limits { effort: 0.0, ..Limits::NONE }, true)?;
        (least.effort > limit + 1e-6).then(|| {
            let dates: BTreeSet<&str> = self
                .setting
                .assessment
                .findings
                .iter()
                .filter_map(|finding| finding.due.as_ref())
                .map(|due| due.limit.table.as_str())
                .collect();
            let dates = if dates.is_empty() {
                String::new()
            } else {
                format!(", and dates of {} have to be kept", dates.into_iter().collect::<Vec<_>>().join(" and "))
            };
            let asked = if self.setting.appetite.binds() { "What was agreed" } else { "What the appetite asks for" };
            format!("{asked} takes at least {} of work: {}{dates}.", hours(least.effort), self.held())
        })
    }

    /// Why no plan is as secure as wished, if none is.
    fn too_secure(&self, limit: f64) -> Option<String> {
        let (solved, _) = self.solve(Limits { exposure: 0.0, ..Limits::NONE }, true)?;
        let least = &solved.1;
        (least.exposure > limit && least.exposure - limit > 1e-6).then(|| {
            let untreatable = self.setting.work.iter().filter(|item| item.treatments.is_empty()).count();
            let more = match untreatable {
                0 => String::new(),
                1 => " 1 work item has no treatment at all.".to_owned(),
                n => format!(" {n} work items have no treatment at all."),
            };
            format!(
                "No plan reaches a security score above {:.1}: what stays is exposure until treatments take effect, and what \
                 they leave.{more}",
                self.setting.score(least.exposure)
            )
        })
    }

    fn ships(&self, day: f64) -> String {
        if self.setting.planning.dated {
            format!("ships on {}", self.date(day))
        } else {
            let work = self.setting.problem.clock.hours_by(day);
            if work > 0.0 { format!("ships after about {} of work", hours(work)) } else { "ships now".to_owned() }
        }
    }

    fn date(&self, day: f64) -> String {
        if !self.setting.planning.dated {
            return format!("about {} of work", hours(self.setting.problem.clock.hours_by(day)));
        }
        let zone = time_zone(&self.setting.planning.capacity).0;
        let at = moment(self.setting.planning.calendar.now, day).to_zoned(zone);
        at.strftime("%a %Y-%m-%d").to_string()
    }
}

fn waivers(count: usize) -> String {
    if count == 1 { "a waiver".to_owned() } else { format!("{count} waivers") }
}
