//! The wire's brief → the model's, as far as people are shown it.
//!
//! What is published on a forge is rendered where the token is, which is not where the brief was made: text from there
//! would be anybody's markup, a brief is data. A test holds that both render the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::appetite::{
    Agreement, Appetite, Authority, Capacity, CostOfDelay, CoverageRule, DefaultChoice, Delivery, Money,
};
use crate::model::assessment::{Assessment, RowResult};
use crate::model::brief::{Brief, NextStep, ReportSummary};
use crate::model::budget::Budget;
use crate::model::calendar::{Calendar, ReleaseWindow, WorkWindow};
use crate::model::change::{AddedException, Base, Change, ChangedFile};
use crate::model::clock::Clock;
use crate::model::coverage::Coverage;
use crate::model::digest::Digest;
use crate::model::effort::Effort;
use crate::model::facts::FACTS;
use crate::model::option::{
    Commitment, Cost, Meanwhile, Merged, Optimality, Plan, PlanOption, Planning, Point, Selection, Ships, Step,
    Waivable, Waiver, Wished,
};
use crate::model::outlook::{Outlook, Simulation, Spread};
use crate::model::report::Problem;
use crate::model::standing::{Approval, Standing};
use crate::model::upgrade::UpgradeCommand;
use crate::model::wish::Wish;
use crate::model::work::{Treatment, WorkItem};
use crate::model::zone::zone;

use super::super::page;
use super::read_finding;
use super::read_part::{basis, moment, plain, range};
use super::v1;

/// How it is known who decided.
const HOW: [&str; 3] = ["ssh-key", "forge", "default"];
/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

/// Reads a brief back.
///
/// # Errors
/// If a date or a digest in it is none; the message says where.
pub fn brief(wire: &v1::Brief) -> Result<Brief, String> {
    let now = moment("now", &wire.now)?;
    let mut brief = Brief {
        reports: wire.reports.iter().map(report).collect::<Result<_, _>>()?,
        appetite: appetite(wire)?,
        change: Change {
            name: wire.change.name.clone(),
            head: wire.change.head.clone(),
            base: wire.change.base.as_ref().map(|base| Base { name: base.name.clone(), commit: base.commit.clone() }),
            unknown_because: wire.change.unknown_because.clone(),
            files: exceptions(&wire.change.exceptions),
            ..Change::default()
        },
        intel: wire.intel.clone(),
        assessment: Assessment {
            now,
            verdict: wire.verdict.0,
            unresolved_because: wire.unresolved_because.clone(),
            coverage: wire.coverage.iter().map(coverage).collect(),
            findings: wire.findings.iter().map(read_finding::finding).collect::<Result<_, _>>()?,
            suppressed: wire.suppressed.iter().map(read_finding::suppressed).collect(),
            rows: wire.tolerance.iter().map(row).collect(),
            counterfactual: wire.counterfactual.clone(),
        },
        plan: plan(wire, now)?,
        standing: wire.decision.as_ref().map(standing).transpose()?,
        default_at: default_at(wire)?,
        notices: Vec::new(),
        next: wire.next.iter().map(|next| NextStep { say: next.say.clone(), command: next.command.clone() }).collect(),
    };
    // The first notices are said anew from the rest of the brief; only what is added to them is kept.
    let said = page::notices(&brief);
    brief.notices = wire.notices.iter().filter(|notice| !said.contains(notice)).cloned().collect();
    Ok(brief)
}

/// The files of the change as far as they are shown: lines that tell a scanner not to count something.
fn exceptions(wire: &[v1::Exception]) -> BTreeMap<String, ChangedFile> {
    let mut files: BTreeMap<String, ChangedFile> = BTreeMap::new();
    for exception in wire {
        let (line, tool, text) = (exception.line, exception.tool.clone(), exception.text.clone());
        files.entry(exception.path.clone()).or_default().exceptions.push(AddedException { line, tool, text });
    }
    files
}

fn digest(place: &str, text: &str) -> Result<Digest, String> {
    let pairs = text.is_ascii().then(|| text.as_bytes().chunks(2));
    let bytes: Option<Vec<u8>> =
        pairs.and_then(|pairs| pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect());
    bytes
        .and_then(|bytes| Some(Digest::from_bytes(bytes.try_into().ok()?)))
        .ok_or_else(|| format!("`{place}` is “{}”, expected a SHA-256 digest in hexadecimal", plain(text)))
}

fn report(report: &v1::Report) -> Result<ReportSummary, String> {
    Ok(ReportSummary {
        path: report.path.clone(),
        format: report.format.clone(),
        tool: report.tool.clone(),
        tool_version: report.tool_version.clone(),
        sha256: digest("reports.sha256", &report.sha256)?,
        findings: report.findings,
        suppressed: report.suppressed,
        unread: report.unread,
        problems: report
            .problems
            .iter()
            .map(|problem| Problem { evidence_missing: problem.evidence_missing, message: problem.message.clone() })
            .collect(),
    })
}

fn appetite(wire: &v1::Brief) -> Result<Appetite, String> {
    let default = wire
        .default
        .as_ref()
        .map(|default| DefaultChoice { option: default.option.0, after_hours: default.after_hours });
    Ok(Appetite {
        origin: wire.appetite.origin.clone(),
        sha256: digest("appetite.sha256", &wire.appetite.sha256)?,
        agreement: Agreement {
            state: wire.appetite.agreement.0,
            signers: wire.appetite.signers.clone(),
            remark: wire.appetite.remark.clone(),
        },
        name: wire.appetite.name.clone(),
        statement: String::new(),
        agreed: None,
        levels: BTreeMap::new(),
        services: Vec::new(),
        timeline: None,
        timelines: BTreeMap::new(),
        clock: Clock::default(),
        clocks: BTreeMap::new(),
        tolerance: Vec::new(),
        assumed_severity: BTreeMap::new(),
        coverage: CoverageRule::default(),
        budget: None,
        delivery: Delivery::default(),
        authority: Authority { approvers: BTreeMap::new(), default, withheld_if_overdue: None },
        roles: BTreeMap::new(),
        baseline: None,
    })
}

fn default_at(wire: &v1::Brief) -> Result<Option<Timestamp>, String> {
    let at = wire.default.as_ref().and_then(|default| default.at.as_deref());
    at.map(|at| moment("default.at", at)).transpose()
}

fn coverage(coverage: &v1::Coverage) -> Coverage {
    Coverage {
        kind: coverage.kind.0,
        required: coverage.required,
        state: coverage.state.0,
        reports: coverage.reports.clone(),
        remark: coverage.remark.clone(),
    }
}

fn row(row: &v1::Row) -> RowResult {
    let known = |fact: &String| FACTS.iter().find(|known| known.name == fact).map(|known| known.name);
    RowResult {
        id: row.id.clone(),
        says: row.says.clone(),
        measured: row.measured,
        appetite: row.appetite,
        tolerance: row.tolerance,
        state: row.state.0,
        before_ship: row.before_ship,
        findings: row.findings.clone(),
        accepted: row.accepted.clone(),
        undecided: row
            .undecided
            .iter()
            .map(|(id, facts)| (id.clone(), facts.iter().filter_map(known).collect()))
            .collect(),
    }
}

fn plan(wire: &v1::Brief, now: Timestamp) -> Result<Plan, String> {
    let mut work: Vec<WorkItem> = wire.work.iter().map(work_item).collect();
    work.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Plan {
        planning: planning(&wire.planning, now),
        work,
        options: wire.options.iter().map(|option| plan_option(option, wire, now)).collect::<Result<_, _>>()?,
        merged: wire
            .merged_options
            .iter()
            .map(|merged| Merged { names: merged.names.iter().map(|name| name.0).collect(), why: merged.why.clone() })
            .collect(),
        recommended: wire.recommended.map(|name| name.0),
        common: wire.common_work.clone(),
        selection: wire.selection.as_ref().map(selection),
        optimality: Optimality { exact: wire.optimality.exact, gap: wire.optimality.gap },
        simulation: wire.simulation.as_ref().map(simulation).transpose()?,
        wished: wire.wish.as_ref().map(|wish| wished(wish, wire, now)).transpose()?,
        budget: wire.budget.as_ref().map(budget).transpose()?,
        // They are among the notices.
        remarks: Vec::new(),
    })
}

fn budget(budget: &v1::Budget) -> Result<Budget, String> {
    Ok(Budget {
        quarter: budget.quarter.clone(),
        from: moment("budget.from", &budget.from)?,
        to: moment("budget.to", &budget.to)?,
        agreed: budget.agreed,
        spent: budget.spent,
        since: moment("budget.since", &budget.since)?,
        per_day: budget.per_day,
        forecast: budget.forecast,
    })
}

fn work_item(item: &v1::Work) -> WorkItem {
    WorkItem {
        id: item.id.clone(),
        title: item.title.clone(),
        findings: item.findings.clone(),
        treatments: item.treatments.iter().map(treatment).collect(),
    }
}

fn treatment(treatment: &v1::Treatment) -> Treatment {
    let command = |command: &String| UpgradeCommand {
        command: command.clone(),
        manager: "",
        assumed: false,
        note: treatment.command_note.clone(),
    };
    Treatment {
        id: treatment.id.clone(),
        title: treatment.title.clone(),
        kind: treatment.kind.0,
        effort: effort(treatment.effort_hours),
        uncalibrated: treatment.uncalibrated_hours,
        takes_effect: treatment.takes_effect.0,
        residual: range(treatment.residual, treatment.residual_range),
        lead_days: treatment.lead_days,
        effort_basis: basis(&treatment.basis, &treatment.basis_source).into(),
        residual_basis: basis(&treatment.residual_basis, &treatment.residual_basis_source).into(),
        disruption: treatment.disruption.as_str().into(),
        // What they say stands in the options already.
        pros: Arc::default(),
        cons: Arc::default(),
        references: treatment.references.as_slice().into(),
        command: treatment.command.as_ref().map(command),
    }
}

fn meanwhile(way: &v1::Meanwhile) -> Meanwhile {
    Meanwhile {
        work: way.work.clone(),
        treatment: treatment(&way.treatment),
        in_effect_day: way.in_effect_day,
        until_day: way.until_day,
    }
}

const fn effort(effort: v1::Effort) -> Effort {
    Effort { p50: effort.p50, p90: effort.p90 }
}

fn money(money: &v1::Money) -> Money {
    Money { amount: money.amount, currency: money.currency.clone() }
}

fn planning(planning: &v1::Planning, now: Timestamp) -> Planning {
    let windows = planning.work_windows.iter();
    let releases = planning.release_windows.iter();
    Planning {
        horizon_days: planning.horizon_days,
        capacity: Capacity {
            engineers: planning.capacity.engineers,
            focus_hours: planning.capacity.focus_hours,
            week: std::collections::BTreeSet::new(),
            holidays: std::collections::BTreeSet::<Date>::new(),
            hours: (Time::MIN, Time::MAX),
            time_zone: planning.time_zone.clone(),
            basis: basis(&planning.capacity.basis, &planning.capacity.basis_source),
        },
        dated: planning.dated,
        calendar: Calendar {
            now,
            work: windows.map(|w| WorkWindow { from: w.from, to: w.to, hours: w.hours }).collect(),
            releases: releases.map(|w| ReleaseWindow { from: w.from, to: w.to.unwrap_or(f64::INFINITY) }).collect(),
        },
        hourly_rate: planning.hourly_rate.as_ref().map(money),
        cost_of_delay: planning.cost_of_delay.as_ref().map(|cost| CostOfDelay { per_day: money(cost) }),
        loss_per_point: planning.loss_per_point.as_ref().map(money),
        exposure_budget: planning.exposure_budget,
    }
}

fn plan_option(option: &v1::PlanOption, wire: &v1::Brief, now: Timestamp) -> Result<PlanOption, String> {
    let at =
        |place: &str, at: Option<&String>, day: f64| at.map_or_else(|| Ok(after(now, day)), |text| moment(place, text));
    let waiver = |waiver: &v1::Waiver| {
        let until = match &waiver.until {
            Some(date) => end_of_day(date, &wire.planning.time_zone)?,
            None => after(now, waiver.until_day),
        };
        // The moment itself is finer than its date.
        let exact = after(now, waiver.until_day);
        let until =
            if waiver.until.is_some() && !same_day(exact, until, &wire.planning.time_zone) { until } else { exact };
        Ok::<_, String>(Waiver { row: waiver.row.clone(), until_day: waiver.until_day, until })
    };
    let commitment = |promise: &v1::Commitment| {
        let due = match (&promise.at, &promise.due) {
            (Some(text), _) => moment("options.commitments.at", text)?,
            (None, v1::When::Day(day)) => after(now, *day),
            (None, v1::When::Date(date)) => end_of_day(date, &wire.planning.time_zone)?,
        };
        Ok::<_, String>(Commitment { work: promise.work.clone(), due })
    };
    Ok(PlanOption {
        name: option.name.0,
        ships: Ships {
            day: option.ships.day,
            at: at("options.ships.at", option.ships.at.as_ref(), option.ships.day)?,
            delay_working_days: option.ships.delay_working_days,
            hours_before_ship: Effort { p50: option.ships.hours_before_ship, p90: option.ships.hours_before_ship_p90 },
        },
        score: option.score,
        score_range: range(option.score, option.score_range),
        outlook: outlook(option, wire, now)?,
        exposure: option.exposure,
        baseline_exposure: option.baseline_exposure,
        effort: effort(option.effort_hours),
        cost: option.cost.as_ref().map(|cost| Cost {
            effort: cost.effort,
            delay: cost.delay,
            loss: cost.loss,
            currency: cost.currency.clone(),
        }),
        steps: option.steps.iter().map(step).collect(),
        open_at_ship: option.open_at_ship.clone(),
        state_at_ship: option.state_at_ship.0,
        meanwhile: option.meanwhile.iter().map(meanwhile).collect(),
        waivers: option.waiver_dates.iter().map(waiver).collect::<Result<_, _>>()?,
        commitments: option.commitments.iter().map(commitment).collect::<Result<_, _>>()?,
        budget_share: option.budget_share,
        approval: option.approval.clone(),
        pros: option.pros.clone(),
        cons: option.cons.clone(),
    })
}

fn simulation(simulation: &v1::Simulation) -> Result<Simulation, String> {
    let seed = simulation
        .seed
        .parse()
        .map_err(|_| format!("`simulation.seed` is “{}”, expected a number below 2⁶⁴", plain(&simulation.seed)))?;
    Ok(Simulation { seed, runs: simulation.runs })
}

/// What the simulation said; an option of which it says nothing is as sure as its own figures.
fn outlook(option: &v1::PlanOption, wire: &v1::Brief, now: Timestamp) -> Result<Outlook, String> {
    let Some(outlook) = &option.outlook else {
        let sure = |value: f64| Spread { p10: value, p50: value, p90: value };
        let at = Some(after(now, option.ships.day));
        let (ship_day, score) = (sure(option.ships.day), sure(option.score));
        return Ok(Outlook { ship_day, early: at, middle: at, late: at, score });
    };
    let spread = |of: v1::Quantiles| Spread {
        p10: of.p10.unwrap_or(f64::INFINITY),
        p50: of.p50.unwrap_or(f64::INFINITY),
        p90: of.p90.unwrap_or(f64::INFINITY),
    };
    let zone = &wire.planning.time_zone;
    // The date is what people are shown; the day is finer, and the same day as far as its figures go.
    let at = |date: Option<&String>, day: Option<f64>| match (date, day) {
        (_, None) => Ok(None),
        (None, Some(day)) => Ok(Some(after(now, day))),
        (Some(date), Some(day)) => {
            let (exact, end) = (after(now, day), end_of_day(date, zone)?);
            Ok::<_, String>(Some(if same_day(exact, end, zone) { exact } else { end }))
        }
    };
    Ok(Outlook {
        ship_day: spread(outlook.ship_day),
        early: at(outlook.early_date.as_ref(), outlook.ship_day.p10)?,
        middle: at(outlook.middle_date.as_ref(), outlook.ship_day.p50)?,
        late: at(outlook.late_date.as_ref(), outlook.ship_day.p90)?,
        score: spread(outlook.score),
    })
}

fn wished(wished: &v1::Wished, wire: &v1::Brief, now: Timestamp) -> Result<Wished, String> {
    let ship_by = wished.ship_by.as_ref().map(|date| {
        date.parse().map_err(|_| format!("`wish.ship_by` is “{}”, expected a date such as 2026-11-24", plain(date)))
    });
    Ok(Wished {
        wish: Wish { ship_by: ship_by.transpose()?, max_effort: wished.max_effort, min_score: wished.min_score },
        met: wished.met,
        exact: wished.exact,
        says: wished.says.clone(),
        plan: plan_option(&wished.plan, wire, now)?,
    })
}

fn standing(decision: &v1::Decision) -> Result<Standing, String> {
    let approval = |approval: &v1::Approval| {
        Ok::<_, String>(Approval {
            who: approval.who.clone(),
            how: HOW.into_iter().find(|how| *how == approval.how).unwrap_or_default(),
            roles: approval.roles.clone(),
            at: moment("decision.approvals.at", &approval.at)?,
            reason: approval.reason.clone(),
        })
    };
    Ok(Standing {
        state: decision.state.0,
        option: decision.option.0,
        approvals: decision.approvals.iter().map(approval).collect::<Result<_, _>>()?,
        decided_at: decision.decided_at.as_deref().map(|at| moment("decision.decided_at", at)).transpose()?,
        missing: decision.missing.clone(),
        void_because: decision.void_because.clone(),
        not_counted: decision.not_counted.clone(),
        first_verdict: moment("decision.first_verdict", &decision.first_verdict)?,
        hours_to_yes: decision.hours_to_yes,
        commitments: decision
            .commitments
            .iter()
            .map(|promise| Ok::<_, String>((promise.id.clone(), moment("decision.commitments.due", &promise.due)?)))
            .collect::<Result<_, _>>()?,
        record: decision.record.clone(),
    })
}

fn step(step: &v1::Step) -> Step {
    Step {
        work: step.work.clone(),
        treatment: step.treatment.clone(),
        phase: step.phase.0,
        effort: Effort { p50: step.hours, p90: step.hours_p90 },
        done: step.done,
        effect: step.effect_day,
    }
}

fn selection(selection: &v1::Selection) -> Selection {
    let point = |point: v1::Point| Point {
        ship_day: point.ship_day,
        exposure: point.exposure,
        effort_hours: point.effort_hours,
    };
    Selection {
        fastest: point(selection.fastest),
        balanced: selection.balanced.map(point),
        most_secure: selection.most_secure.map(point),
        least_exposure: selection.least_exposure,
        exposure_bound: selection.exposure_bound,
        balanced_by: selection.balanced_by.0,
        waivable: selection.waivable.map_or_else(Waivable::default, |waivable| Waivable {
            fastest: waivable.fastest,
            balanced: waivable.balanced,
            most_secure: waivable.most_secure,
        }),
    }
}

/// The moment so many calendar days after `now`; `now` itself if there is no such moment.
fn after(now: Timestamp, days: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "a cast saturates, and the addition then says so")]
    let milliseconds = (days * DAY).round() as i64;
    now.checked_add(SignedDuration::from_millis(milliseconds)).unwrap_or(now)
}

fn zone_of(name: &str) -> TimeZone {
    zone(name).unwrap_or(TimeZone::UTC)
}

fn same_day(one: Timestamp, other: Timestamp, zone_name: &str) -> bool {
    one.to_zoned(zone_of(zone_name)).date() == other.to_zoned(zone_of(zone_name)).date()
}

fn end_of_day(date: &str, zone_name: &str) -> Result<Timestamp, String> {
    let day: Date = date.parse().map_err(|_| format!("“{}” is not a date such as 2026-11-24", plain(date)))?;
    let noon = day.at(12, 0, 0, 0).to_zoned(zone_of(zone_name)).map_err(|error| error.to_string())?;
    Ok(noon.timestamp())
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::super::super::markdown;
    use super::super::super::renderer::Screen;
    use super::*;

    #[test]
    fn what_is_read_back_is_shown_as_the_original() {
        for (name, original) in fixture::all() {
            let text = serde_json::to_string(&v1::Brief::from(&original)).unwrap();
            let wire: v1::Brief = serde_json::from_str(&text).unwrap();
            let read = brief(&wire).unwrap();
            let shown = |brief: &Brief| markdown::render(brief, &Screen::default());
            assert_eq!(shown(&read), shown(&original), "{name}");
        }
    }

    #[test]
    fn a_moment_that_is_none_is_named() {
        let mut wire = v1::Brief::from(&fixture::beyond_tolerance());
        wire.now = "yesterday\u{1b}".to_owned();
        assert_eq!(
            brief(&wire).unwrap_err(),
            "`now` is “yesterday\\u{1b}”, expected a moment such as 2026-11-24T09:30:00Z"
        );
        let mut wire = v1::Brief::from(&fixture::beyond_tolerance());
        wire.appetite.sha256 = "abc".to_owned();
        assert!(brief(&wire).unwrap_err().contains("appetite.sha256"));
    }
}
