//! A solved plan as an option: steps, dates, waivers, commitments, price.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::calendar::{days_until, moment, working_days_after};
use super::evaluate::{Evaluator, Measure, Queue};
use super::pose::open_findings;
use super::problem::{EPSILON, HORIZON, Problem};
use super::work::{self, is_open};
use crate::model::appetite::{Appetite, Money, OptionName};
use crate::model::assessment::{AssessedFinding, Assessment, Due};
use crate::model::basis::Range;
use crate::model::budget::Budget;
use crate::model::effort::Effort;
use crate::model::option::{Commitment, Cost, Phase, PlanOption, Planning, Ships, Step, Waiver};
use crate::model::outlook::Outlook;
use crate::model::verdict::Verdict;
use crate::model::work::WorkItem;

/// What every option is described with.
pub struct Setting<'a> {
    /// The judgement.
    pub assessment: &'a Assessment,
    /// The agreement.
    pub appetite: &'a Appetite,
    /// Capacity, calendar and prices.
    pub planning: &'a Planning,
    /// Work items.
    pub work: &'a [WorkItem],
    /// The same in numbers.
    pub problem: &'a Problem,
    /// Findings by id.
    pub findings: HashMap<&'a str, &'a AssessedFinding>,
    /// Index of the work item of each open finding.
    pub item_of: HashMap<&'a str, usize>,
    /// How the exposure budget of the quarter stands, if anything is known of it.
    pub budget: Option<&'a Budget>,
    /// Work items by id.
    pub items: HashMap<&'a str, &'a WorkItem>,
}

const NOTHING: Effort = Effort { p50: 0.0, p90: 0.0 };

impl<'a> Setting<'a> {
    /// Prepares the look-ups.
    pub fn new(
        assessment: &'a Assessment,
        appetite: &'a Appetite,
        planning: &'a Planning,
        work: &'a [WorkItem],
        problem: &'a Problem,
    ) -> Self {
        let findings = assessment.findings.iter().map(|f| (f.finding.id.as_str(), f)).collect();
        let item_of = work
            .iter()
            .enumerate()
            .flat_map(|(index, item)| item.findings.iter().map(move |id| (id.as_str(), index)))
            .collect();
        let items = work.iter().map(|item| (item.id.as_str(), item)).collect();
        Self { assessment, appetite, planning, work, problem, findings, item_of, items, budget: None }
    }

    /// 100·(1 − E/E₀); 100 if there is nothing to avoid.
    pub fn score(&self, exposure: f64) -> f64 {
        let baseline = self.problem.totals.baseline();
        if baseline > 0.0 { 100.0 * (1.0 - exposure / baseline) } else { 100.0 }
    }

    /// The option that a queue amounts to, without its texts and what can be done meanwhile.
    pub fn option(&self, name: OptionName, queue: &Queue, measure: &Measure, outlook: Outlook) -> PlanOption {
        let steps = self.steps(queue, measure.ship);
        let effects = self.effects(&steps);
        let open = |id: &&str| self.effect_of(id, &effects) > measure.ship + EPSILON;
        let open_at_ship: Vec<String> = self
            .assessment
            .findings
            .iter()
            .filter(|f| is_open(f))
            .map(|f| f.finding.id.as_str())
            .filter(open)
            .map(str::to_owned)
            .collect();
        let state_at_ship = self.assessment.rows.iter().map(|row| {
            let count = open_findings(row, &self.findings).into_iter().filter(open).count();
            row.state_at(count as u64)
        });
        let total = |phase: Option<Phase>| {
            steps
                .iter()
                .filter(|step| phase.is_none_or(|phase| step.phase == phase))
                .fold(NOTHING, |sum, step| Effort { p50: sum.p50 + step.effort.p50, p90: sum.p90 + step.effort.p90 })
        };
        let effort = total(None);
        let now = self.planning.calendar.now;
        let at = moment(now, measure.ship);
        let score = self.score(measure.exposure);
        PlanOption {
            name,
            ships: Ships {
                day: measure.ship,
                at,
                delay_working_days: working_days_after(now, at, &self.planning.capacity),
                hours_before_ship: total(Some(Phase::BeforeShip)),
            },
            score,
            score_range: Range { low: score.min(outlook.score.p10), likely: score, high: score.max(outlook.score.p90) },
            outlook,
            exposure: measure.exposure,
            baseline_exposure: self.problem.totals.baseline(),
            effort,
            cost: self.cost(effort.p50, measure),
            open_at_ship,
            state_at_ship: state_at_ship.max().unwrap_or(Verdict::WithinAppetite),
            waivers: self.waivers(&effects, measure.ship),
            meanwhile: Vec::new(),
            commitments: self.commitments(&steps),
            budget_share: self.budget_left().filter(|left| *left > 0.0).map(|left| measure.exposure / left),
            approval: self.appetite.approvers(self.assessment.verdict, name).to_vec(),
            pros: Vec::new(),
            cons: Vec::new(),
            steps,
        }
    }

    /// What is left of the quarter's exposure budget; all of it where nothing is known to be spent.
    fn budget_left(&self) -> Option<f64> {
        self.budget.map(Budget::left).or(self.appetite.budget)
    }

    /// Steps in the order of work, then what is accepted in order of id.
    fn steps(&self, queue: &Queue, ship: f64) -> Vec<Step> {
        let timings = Evaluator::new(self.problem).times(queue).map_or_else(Vec::new, |(_, timings)| timings);
        let mut treated = vec![false; self.work.len()];
        let mut steps = Vec::with_capacity(self.work.len());
        for (place, timing) in queue.places.iter().zip(&timings) {
            let item = &self.problem.items[place.item];
            let choice = item.choices[place.choice];
            let treatment = &self.work[item.work].treatments[choice.treatment];
            treated[item.work] = true;
            let before = timing.done + choice.lead <= ship + EPSILON;
            steps.push(Step {
                work: self.work[item.work].id.clone(),
                treatment: treatment.id.clone(),
                phase: if before { Phase::BeforeShip } else { Phase::AfterShip },
                effort: treatment.effort,
                done: Some(timing.done),
                effect: Some(timing.effect),
            });
        }
        let accepted = self.work.iter().zip(treated).filter(|(_, treated)| !treated);
        steps.extend(accepted.map(|(item, _)| Step {
            work: item.id.clone(),
            treatment: "accept".to_owned(),
            phase: Phase::Accept,
            effort: NOTHING,
            done: None,
            effect: None,
        }));
        steps
    }

    /// Effect day per work item, infinite if it is accepted.
    pub fn effects(&self, steps: &[Step]) -> Vec<f64> {
        let by_id: HashMap<&str, f64> =
            steps.iter().map(|step| (step.work.as_str(), step.effect.unwrap_or(f64::INFINITY))).collect();
        self.work.iter().map(|item| by_id.get(item.id.as_str()).copied().unwrap_or(f64::INFINITY)).collect()
    }

    /// Effect day of the work item of a finding.
    fn effect_of(&self, id: &str, effects: &[f64]) -> f64 {
        self.item_of.get(id).map_or(f64::INFINITY, |&item| effects[item])
    }

    fn cost(&self, hours: f64, measure: &Measure) -> Option<Cost> {
        let rate = self.planning.hourly_rate.as_ref()?;
        let priced = |money: Option<&Money>, amount: f64| {
            money.filter(|money| money.currency == rate.currency).map_or(0.0, |money| money.amount * amount)
        };
        Some(Cost {
            effort: rate.amount * hours,
            delay: priced(self.planning.cost_of_delay.as_ref().map(|delay| &delay.per_day), measure.ship),
            loss: priced(self.planning.loss_per_point.as_ref(), measure.exposure),
            currency: rate.currency.clone(),
        })
    }

    /// Rows beyond tolerance at ship that may be waived, and tables whose dates are missed, each until the plan has it
    /// right again, at the latest until the horizon: a waiver is never open-ended.
    fn waivers(&self, effects: &[f64], ship: f64) -> Vec<Waiver> {
        let until = |row: String, day: f64| {
            // One that begins after the horizon runs as long as one that begins today.
            let horizon = if ship > HORIZON { ship + HORIZON } else { HORIZON };
            let until_day = if day.is_finite() { day } else { horizon };
            Waiver { row, until_day, until: moment(self.planning.calendar.now, until_day) }
        };
        let mut waivers = Vec::new();
        for row in self.assessment.rows.iter().filter(|row| !row.before_ship) {
            let Some(tolerance) = row.tolerance.and_then(|t| usize::try_from(t).ok()) else { continue };
            let mut days: Vec<f64> = open_findings(row, &self.findings)
                .into_iter()
                .map(|id| self.effect_of(id, effects))
                .filter(|&effect| effect > ship + EPSILON)
                .collect();
            if days.len() > tolerance {
                days.sort_by(f64::total_cmp);
                waivers.push(until(row.id.clone(), days[days.len() - tolerance - 1]));
            }
        }
        let mut late: BTreeMap<&str, f64> = BTreeMap::new();
        for (_, due, effect) in self.missed(effects, ship) {
            if due.waivable {
                let last = late.entry(due.limit.table.as_str()).or_insert(effect);
                *last = last.max(effect);
            }
        }
        waivers.extend(late.into_iter().map(|(table, day)| until(format!("due:{table}"), day)));
        waivers
    }

    /// Open findings whose due date is missed, with the date and the day on which they are treated.
    pub fn missed(&self, effects: &[f64], ship: f64) -> Vec<(&'a AssessedFinding, &'a Due, f64)> {
        let mut missed = Vec::new();
        for finding in self.assessment.findings.iter().filter(|f| is_open(f)) {
            let Some(due) = work::due(finding, self.assessment.now) else { continue };
            let effect = self.effect_of(&finding.finding.id, effects);
            let open_from = if finding.finding.origin.counts_as_introduced() { ship } else { 0.0 };
            let day = days_until(self.assessment.now, due.at);
            if effect > day.max(open_from) + EPSILON {
                missed.push((finding, due, effect));
            }
        }
        missed
    }

    fn commitments(&self, steps: &[Step]) -> Vec<Commitment> {
        let promised = |step: &Step| -> Option<Timestamp> {
            let findings = &self.items.get(step.work.as_str())?.findings;
            let dues = findings.iter().filter_map(|id| self.findings.get(id.as_str())?.due.as_ref());
            let effect = moment(self.planning.calendar.now, step.effect?);
            // A date that the plan lets pass cannot be promised; the day on which it has the treatment in effect can.
            Some(dues.map(|due| due.at).min().filter(|at| *at >= effect).unwrap_or(effect))
        };
        let after = steps.iter().filter(|step| step.phase == Phase::AfterShip);
        after.filter_map(|step| promised(step).map(|due| Commitment { work: step.work.clone(), due })).collect()
    }
}
