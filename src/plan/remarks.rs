//! What the reader should know about the planning itself: what is assumed, unknown, or cannot be had.

use std::collections::BTreeSet;

use super::calendar::time_zone;
use super::choose::Chosen;
use super::describe::Setting;
use super::pose::open_findings;
use super::simulate::Run;
use super::words::plural;
use super::work::is_open;
use crate::model::assessment::AssessedFinding;
use crate::model::basis::Basis;
use crate::model::figure::{self, grouped};
use crate::model::option::PlanOption;
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;

/// Remarks on what the plan is made with.
pub fn on_setting(setting: &Setting<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    let planning = setting.planning;
    if !planning.dated {
        remarks.push(
            "No capacity is declared, so there are hours and no dates; exposure and score assume one engineer with six \
             focus hours a weekday. Declare delivery.capacity in the appetite to get dates."
                .to_owned(),
        );
    }
    if !time_zone(&planning.capacity).1 {
        remarks.push(format!(
            "The time zone {} is not known; working hours are planned in UTC. Write an IANA name such as Europe/Berlin.",
            planning.capacity.time_zone
        ));
    }
    if planning.calendar.work.is_empty() {
        remarks.push(
            "The declared capacity leaves no working time, so no treatment can be planned. Check engineers, focus_hours and \
             week under delivery.capacity."
                .to_owned(),
        );
    }
    let currencies = [&planning.hourly_rate, &planning.loss_per_point];
    let delay = planning.cost_of_delay.as_ref().map(|delay| &delay.per_day);
    let mut currencies: Vec<&str> =
        currencies.into_iter().flatten().chain(delay).map(|money| money.currency.as_str()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    if currencies.len() > 1 {
        remarks.push(format!(
            "Prices are declared in {}; they are not added up. Declare them in one currency.",
            currencies.join(" and ")
        ));
    }
    remarks.extend(unknown_likelihoods(setting));
    remarks.extend(unknown_severities(setting));
    remarks.extend(assumed_efforts(setting));
    remarks
}

/// How many findings have no severity.
fn unknown_severities(setting: &Setting<'_>) -> Option<String> {
    let unknown = |f: &&AssessedFinding| is_open(f) && f.severity.value == Severity::Unknown;
    let count = setting.assessment.findings.iter().filter(unknown).count();
    let (has, its) = if count == 1 { ("has", "its") } else { ("have", "their") };
    (count > 0).then(|| {
        format!("{} {has} no severity; the impact in {its} exposure rate is a prior.", figure::count(count, "finding"))
    })
}

/// How many treatments have efforts that nobody measured.
fn assumed_efforts(setting: &Setting<'_>) -> Option<String> {
    let all = || setting.work.iter().flat_map(|item| &item.treatments);
    let assumed = all().filter(|treatment| matches!(*treatment.effort_basis, Basis::Assumed(_))).count();
    (assumed > 0).then(|| {
        format!(
            "Efforts of {} of {} possible treatments are assumed by the rules, not measured; closures of such work \
             correct them (--closures).",
            grouped(assumed),
            grouped(all().count())
        )
    })
}

/// How many findings have a prior for their likelihood, and from which rules.
fn unknown_likelihoods(setting: &Setting<'_>) -> Option<String> {
    let mut count = 0;
    let mut rules: BTreeSet<&str> = BTreeSet::new();
    for finding in setting.assessment.findings.iter().filter(|f| is_open(f)) {
        if let Some(Basis::Assumed(rule)) = finding.rate.basis.get("likelihood") {
            count += 1;
            rules.insert(rule);
        }
    }
    let (has, rule) = (if count == 1 { "has" } else { "have" }, plural(rules.len(), "rule"));
    let (prior, used) = if rules.len() == 1 { ("prior", "is used") } else { ("priors", "are used") };
    let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
    (count > 0).then(|| {
        format!(
            "{} {has} no exploit data; the class {prior} of {rule} {rules} {used}.",
            figure::count(count, "finding")
        )
    })
}

/// That nothing can ship.
pub fn no_release() -> String {
    "No release can happen within 400 days: freezes and cadence leave no release window. Shorten delivery.freezes or \
     change delivery.releases."
        .to_owned()
}

/// That a wish needs something to choose.
pub fn nothing_to_wish(verdict: Verdict) -> String {
    match verdict {
        Verdict::Unresolved => {
            "The wish is not answered: evidence is missing, so nothing can be planned yet.".to_owned()
        }
        _ => "The wish needs no plan: the change can ship as it is.".to_owned(),
    }
}

/// Share of runs in which options have to differ to be told apart.
const APART: f64 = 0.8;

/// Which options the simulation cannot tell apart, by score and by ship day. All options met the same draws.
pub fn on_runs(options: &[PlanOption], runs: &[Vec<Run>], same_day: impl Fn(f64, f64) -> bool) -> Vec<String> {
    let mut remarks = Vec::new();
    for (pair, runs) in options.windows(2).zip(runs.windows(2)) {
        let (a, b) = (pair[0].name.title(), pair[1].name.title());
        let share = |differ: &dyn Fn(&Run, &Run) -> bool| {
            let count = runs[0].iter().zip(&runs[1]).filter(|(a, b)| differ(a, b)).count();
            #[expect(clippy::cast_precision_loss, reason = "at most a thousand runs")]
            let share = count as f64 / runs[0].len().max(1) as f64;
            share
        };
        let safer = share(&|a, b| b.score >= a.score + 1.0);
        let sooner = share(&|a, b| b.ship > a.ship && !(b.ship.is_finite() && same_day(a.ship, b.ship)));
        if safer < APART {
            remarks.push(format!(
                "The scores of {a} and {b} {}: in {} of 100 simulated runs {b} scores at least one point more. Choose \
                 between them by ship date, effort and what is open at ship.",
                not_apart(safer),
                hundredths(safer)
            ));
        }
        if sooner < APART && pair[1].ships.day > pair[0].ships.day {
            remarks.push(format!(
                "The ship days of {a} and {b} {}: in {} of 100 simulated runs {a} ships on an earlier day, in the others \
                 not.",
                not_apart(sooner),
                hundredths(sooner)
            ));
        }
    }
    remarks
}

/// How far from apart figures are that differ in such a share of the runs.
fn not_apart(share: f64) -> &'static str {
    if share < 0.5 { "can hardly be told apart" } else { "are not surely apart" }
}

fn hundredths(share: f64) -> String {
    format!("{:.0}", 100.0 * share)
}

/// Remarks on what the options could not attain, and on how sure they are.
pub fn on_options(setting: &Setting<'_>, chosen: &Chosen, options: &[PlanOption], gap: f64) -> Vec<String> {
    let mut remarks = Vec::new();
    for row in setting.assessment.rows.iter().filter(|row| row.before_ship) {
        let fewest = options
            .iter()
            .map(|option| {
                open_findings(row, &setting.findings)
                    .into_iter()
                    .filter(|id| option.open_at_ship.binary_search_by(|open| open.as_str().cmp(id)).is_ok())
                    .count() as u64
            })
            .min()
            .unwrap_or(0);
        if row.state_at(fewest) == Verdict::BeyondTolerance {
            remarks.push(format!(
                "{} has to hold before ship, but no plan brings it within tolerance: {fewest} {} would be open at ship. \
                 Remove them from the change, or agree a treatment for them.",
                row.id,
                plural(usize::try_from(fewest).unwrap_or(usize::MAX), "finding"),
            ));
        }
    }
    if let Some(option) = options.first() {
        let effects = setting.effects(&option.steps);
        let firm = setting.missed(&effects, option.ships.day).iter().filter(|(_, due, _)| !due.waivable).count();
        if firm > 0 {
            remarks.push(format!(
                "{firm} due {} that may not be waived cannot be met by any plan, or {} passed already; they are treated \
                 as early as the rest allows and need the authority of the obligation.",
                plural(firm, "date"),
                if firm == 1 { "has" } else { "have" }
            ));
        }
    }
    if chosen.secure.is_none() {
        let who = if chosen.exact { "every plan that holds" } else { "every plan found that holds" };
        remarks.push(format!(
            "Only the fastest option is offered: {who} the release for the tolerance rows ships later and exposes more, \
             because what is already live stays open while the release waits."
        ));
    }
    if !chosen.exact {
        remarks.push(format!(
            "The plans are the best that were found; there are too many combinations to prove it. The least exposure found \
             is at most {:.2} % of the baseline above that of any plan that keeps as much of the agreement.",
            100.0 * gap
        ));
    }
    remarks
}
