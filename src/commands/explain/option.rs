//! One option: queue, ship day, exposure sum, cost, and why it has its name.

use crate::model::appetite::{AgreementState, OptionName};
use crate::model::figure::grouped;
use crate::model::option::{BalancedBy, Phase};
use crate::model::origin::Origin;
use crate::recompute::{self, Exposed, Exposure, Queue};
use crate::render::json::v1::{Brief, Outlook, PlanOption, Point, Quantiles, Selection, When};

use crate::commands::sheet::{Sheet, counted, figure, figure_or};

/// How many findings the exposure sum lists one by one.
const MOST_ROWS: usize = 500;

/// Writes everything about one option.
pub(super) fn explain(brief: &Brief, option: &PlanOption, sheet: &mut Sheet) {
    let name = option.name.0.as_str();
    let recommended = brief.recommended.is_some_and(|word| word == option.name);
    let date = option.ships.date.as_ref().map_or_else(String::new, |date| format!(" ({date})"));
    sheet.title(&format!(
        "Option {name}{}: planned to ship on day {}{date}, security score {}, {} of work",
        if recommended { " (recommended)" } else { "" },
        figure(option.ships.day),
        figure(option.score),
        counted(option.effort_hours.p50, "hour"),
    ));
    sheet.say(&format!("Days are calendar days since {}; hours are those of one person.", brief.now));
    let again = recompute::queue(brief, option);
    queue(brief, option, &again, sheet);
    ship_day(option, &again, sheet);
    exposure(brief, option, &recompute::exposure(brief, option), sheet);
    cost(brief, option, sheet);
    sheet.heading(&format!("Why it is called {name}"));
    match &brief.selection {
        Some(selection) => why(brief, option, selection, sheet),
        None => sheet.say("The brief does not say how the options were chosen."),
    }
    promises(brief, option, sheet);
}

fn queue(brief: &Brief, option: &PlanOption, again: &Queue<'_>, sheet: &mut Sheet) {
    sheet.heading("Queue: work items are done one after another");
    let capacity = &brief.planning.capacity;
    sheet.say(&format!(
        "{} with {} a working day ({}: {}). Hours are the p50 of each treatment, p90 in brackets.",
        counted(capacity.engineers, "engineer"),
        counted(capacity.focus_hours, "focus hour"),
        capacity.basis,
        capacity.basis_source
    ));
    let rows = again.steps.iter().enumerate().map(|(number, queued)| {
        let step = queued.step;
        let number = (number + 1).to_string();
        let (work, phase) = (step.work.clone(), step.phase.0.as_str().to_owned());
        if step.phase.0 == Phase::Accept {
            let [hours, sum, done] = ["–", "–", "–"].map(str::to_owned);
            return [number, work, phase, hours, sum, done, "never".to_owned()];
        }
        let effect = queued.treatment.map_or("", |treatment| treatment.takes_effect.0.as_str());
        [
            number,
            work,
            phase,
            format!("{} ({})", figure(step.hours), figure(step.hours_p90)),
            figure(queued.hours_so_far),
            figure_or(queued.done, "never"),
            format!("{} ({effect})", figure_or(queued.effect, "never")),
        ]
    });
    sheet.table(["#", "Work item", "Phase", "Hours", "Sum", "Done on day", "In effect on day"], rows);
    for (number, queued) in again.steps.iter().enumerate() {
        let title = queued.work.map_or("not in the brief", |item| item.title.as_str());
        let how = queued.treatment.map_or_else(String::new, |treatment| {
            let lead = match treatment.lead_days {
                days if days > 0.0 => format!("; in effect {} after the work", counted(days, "day")),
                _ => String::new(),
            };
            format!("; hours {}: {}{lead}", treatment.basis, treatment.basis_source)
        });
        sheet.numbered(number + 1, &format!("{title}: {}{how}", queued.step.treatment));
    }
    let windows = brief.planning.work_windows.iter().take(3);
    let windows: Vec<String> = windows
        .map(|window| format!("day {} to {}, {} h", figure(window.from), figure(window.to), figure(window.hours)))
        .collect();
    sheet.say(&format!("Hours become days by the working times of the brief: {} and so on.", windows.join("; ")));
    sheet.say(&format!(
        "Effort: {} h (p50), {} h (p90); before ship {} h and {} h.",
        figure(option.effort_hours.p50),
        figure(option.effort_hours.p90),
        figure(option.ships.hours_before_ship),
        figure(option.ships.hours_before_ship_p90)
    ));
}

fn ship_day(option: &PlanOption, again: &Queue<'_>, sheet: &mut Sheet) {
    sheet.heading("Ship day");
    let Some(shipping) = again.shipping else {
        sheet.say("No release window is left for it in the calendar of the brief.");
        return;
    };
    let ready = if shipping.ready > 0.0 {
        format!("The work before ship is over on day {}.", figure(shipping.ready))
    } else {
        "No work stands before ship.".to_owned()
    };
    let moment = option.ships.at.as_ref().map_or_else(String::new, |at| format!(" ({at})"));
    sheet.say(&format!(
        "{ready} The first release window that is not over then is number {} (counted from 0), from day {} to {}: it \
         ships on day {}{moment}, {} after today.",
        shipping.number,
        figure(shipping.window.from),
        figure_or(shipping.window.to, "no end"),
        figure(shipping.day),
        counted(f64::from(option.ships.delay_working_days), "working day")
    ));
    let Some(Outlook { ship_day: Quantiles { p50, p90, .. }, middle_date, late_date, .. }) = &option.outlook else {
        return;
    };
    let by = |day: &Option<f64>, date: &Option<String>| match (day, date) {
        (None, _) => "not within the calendar".to_owned(),
        (Some(day), None) => format!("by day {}", figure(*day)),
        (Some(day), Some(date)) => format!("by day {} ({date})", figure(*day)),
    };
    sheet.say(&format!(
        "That is planned with the p50 of each step, and the p50 of their sum is more as a rule: half of the simulated runs ship {}, \
         nine of ten {}.",
        by(p50, middle_date),
        by(p90, late_date)
    ));
}

fn exposure(brief: &Brief, option: &PlanOption, again: &Exposure<'_>, sheet: &mut Sheet) {
    sheet.heading("Exposure, finding by finding");
    let horizon = figure(brief.planning.horizon_days);
    sheet.say(&format!(
        "E_f = ρ·max(0, min(c, H) − s) + ρ·residual·max(0, H − max(c, s)), with H = {horizon} days; of a finding that the \
         change resolves ρ·min(ship day, H). s is the ship day for findings of the change and 0 for older ones; c is the \
         day in effect, none if accepted. `detente explain finding ID` shows how ρ comes about."
    ));
    let mut order: Vec<_> = again.findings.iter().collect();
    // In the order of the queue; what is in no work item comes last.
    let place = |exposed: &Exposed<'_>| {
        let id = exposed.work.map(|item| item.id.as_str());
        option.steps.iter().position(|step| Some(step.work.as_str()) == id).unwrap_or(usize::MAX)
    };
    order.sort_by_cached_key(|exposed| place(exposed));
    let (shown, rest) = order.split_at(order.len().min(MOST_ROWS));
    let rows = shown.iter().map(|exposed| {
        let number = place(exposed);
        let (finding, effect) = (exposed.finding, exposed.effect.as_ref());
        let resolved = finding.origin.0 == Origin::Resolved;
        [
            if number == usize::MAX { "–".to_owned() } else { (number + 1).to_string() },
            finding.id.clone(),
            finding.origin.0.as_str().to_owned(),
            figure(finding.rate.likely),
            if resolved { "–".to_owned() } else { figure(exposed.start) },
            effect.map_or_else(|| if resolved { "–" } else { "none" }.to_owned(), |effect| figure(effect.day)),
            figure_or(effect.map(|effect| effect.treatment.residual), "–"),
            figure(exposed.points),
        ]
    });
    sheet.table(["#", "Finding", "Origin", "ρ", "s", "c", "Residual", "E_f"], rows);
    if !rest.is_empty() {
        let points = rest.iter().map(|exposed| exposed.points).sum();
        sheet.say(&format!("{} further findings have Σ E_f = {}.", rest.len(), figure(points)));
    }
    let (total, baseline) = (figure(again.total), figure(again.baseline));
    sheet.formula(&format!("E = Σ E_f = {total} points"));
    sheet.formula(&format!(
        "E₀ = Σ ρ·{horizon} over what is not resolved (ship now, treat nothing) = {baseline} points"
    ));
    if again.baseline > 0.0 {
        sheet.formula(&format!("score = 100·(1 − {total}/{baseline}) = {}", figure(again.score)));
    } else {
        sheet.formula("score = 100: there is nothing to avoid");
    }
    let runs = option.outlook.as_ref().map(|outlook| outlook.score);
    if let Some(Quantiles { p10: Some(low), p90: Some(high), .. }) = runs {
        let outside = match option.score {
            planned if planned > high => "; what is planned lies above that",
            planned if planned < low => "; what is planned lies below that",
            _ => "",
        };
        sheet.say(&format!(
            "Range {} to {}: nine of ten simulated runs reach the one, and one of ten the other{outside}; {}.",
            figure(low),
            figure(high),
            brief.simulation.as_ref().map_or_else(String::new, |simulation| format!(
                "{} runs from seed {}, drawn as the schema says (detente schema brief)",
                simulation.runs, simulation.seed
            ))
        ));
    }
    if let Some(share) = option.budget_share {
        let (of, points) = match (&brief.budget, brief.planning.exposure_budget) {
            (Some(budget), _) => (
                format!(
                    "what is left of the exposure budget of {} ({} − {} spent since {})",
                    budget.quarter,
                    figure(budget.agreed),
                    figure(budget.spent),
                    budget.since
                ),
                Some(budget.agreed - budget.spent),
            ),
            (None, agreed) => ("the quarter's exposure budget (declared)".to_owned(), agreed),
        };
        let parts =
            points.map_or_else(String::new, |points| format!("{} / {} = ", figure(option.exposure), figure(points)));
        sheet.formula(&format!("share of {of}: {parts}{} %", figure(100.0 * share)));
    }
}

fn cost(brief: &Brief, option: &PlanOption, sheet: &mut Sheet) {
    sheet.heading("Cost");
    let Some(cost) = &option.cost else {
        sheet.say("No price of an hour is declared, so there is no cost.");
        return;
    };
    let planning = &brief.planning;
    let parts = [
        ("effort", &planning.hourly_rate, "an hour", option.effort_hours.p50, "hour", cost.effort),
        ("delay", &planning.cost_of_delay, "a calendar day of delay", option.ships.day, "calendar day", cost.delay),
        ("exposure", &planning.loss_per_point, "a point of exposure", option.exposure, "point", cost.loss),
    ];
    for (what, price, each, amount, unit, total) in parts {
        match price {
            Some(price) => sheet.formula(&format!(
                "{what}: {} × {} {each} (declared) = {}",
                counted(amount, unit),
                money(&price.currency, price.amount),
                money(&cost.currency, total)
            )),
            None => sheet.formula(&format!("{what}: no price of {each} is declared, so it counts nothing")),
        }
    }
    sheet.formula(&format!("sum: {}", money(&cost.currency, cost.total)));
}

/// `EUR 9,600`, as on every page, with as many digits as any figure here.
fn money(currency: &str, amount: f64) -> String {
    format!("{currency} {}", grouped(figure(amount)))
}

fn why(brief: &Brief, option: &PlanOption, selection: &Selection, sheet: &mut Sheet) {
    let baseline = option.baseline_exposure;
    match option.name.0 {
        OptionName::Fastest => sheet.say(
            "Of all plans that keep what the appetite asks for, it ships earliest; of those it misses the fewest due dates, \
             then takes the least effort, then leaves the least exposure.",
        ),
        OptionName::MostSecure => {
            let enough = selection.least_exposure + baseline / 100.0;
            sheet.say(
                "Of all plans that are within appetite at ship, wherever any is that exposes no more than the fastest, and \
                 within one point of score of the least exposure E*, it ships earliest, then takes the least effort.",
            );
            let holds = option.exposure <= enough * (1.0 + 1e-6);
            sheet.formula(&format!(
                "E* + E₀/100 = {} + {} = {}; its exposure is {}: {}",
                figure(selection.least_exposure),
                figure(baseline / 100.0),
                figure(enough),
                figure(option.exposure),
                if holds { "within it" } else { "above it, because no plan that keeps the rows reaches it" }
            ));
            sheet.formula(&format!("No plan can have less than {} (lower bound).", figure(selection.exposure_bound)));
        }
        OptionName::Balanced => sheet.say(match selection.balanced_by.0 {
            BalancedBy::ClosestToIdeal => {
                "Of all plans that need no waiver, wherever any is, and lie between the two ends, it is closest to the \
                 ideal point: the best ship day, exposure and effort of the two ends, each scaled to 0..1 between them."
            }
            BalancedBy::LeastCost => {
                "Of all plans that need no waiver, wherever any is, and lie between the two ends, it costs least, by the \
                 prices of an hour, of a calendar day of delay and of a point of exposure that the leaders declared."
            }
        }),
    }
    let points = [
        ("fastest", Some(selection.fastest)),
        ("balanced", selection.balanced),
        ("most-secure", selection.most_secure),
    ];
    let (measure, header) = match selection.balanced_by.0 {
        BalancedBy::ClosestToIdeal => {
            (distance as fn(&Brief, &Selection, Point) -> Option<f64>, "Distance to the ideal")
        }
        BalancedBy::LeastCost => (price as fn(&Brief, &Selection, Point) -> Option<f64>, "Money"),
    };
    let rows = points.into_iter().filter_map(|(name, point)| {
        let point = point?;
        let figures = [point.ship_day, point.exposure, point.effort_hours].map(figure);
        let [ship, exposure, effort] = figures;
        Some([name.to_owned(), ship, exposure, effort, figure_or(measure(brief, selection, point), "–")])
    });
    sheet.table(["Plan", "Ship day", "Exposure", "Effort in hours", header], rows);
    for merged in &brief.merged_options {
        sheet.say(&merged.why);
    }
    sheet.say(&if brief.optimality.exact {
        "Each option is proven best of its kind.".to_owned()
    } else {
        let gap = figure(100.0 * brief.optimality.gap);
        format!(
            "The options are the best that were found; the least exposure is proven to within {gap} % of E₀, among plans \
             that keep as much of the agreement."
        )
    });
}

/// Euclidean distance to the ideal point of the two ends.
fn distance(_: &Brief, selection: &Selection, point: Point) -> Option<f64> {
    let (fastest, secure) = (selection.fastest, selection.most_secure?);
    let scaled = |value: f64, a: f64, b: f64| {
        let span = (a - b).abs();
        if span <= 1e-9 { 0.0 } else { ((value - a.min(b)) / span).max(0.0) }
    };
    let ship = scaled(point.ship_day, fastest.ship_day, secure.ship_day);
    let exposure = scaled(point.exposure, fastest.exposure, secure.exposure);
    let effort = scaled(point.effort_hours, fastest.effort_hours, secure.effort_hours);
    Some((ship * ship + exposure * exposure + effort * effort).sqrt())
}

/// Effort, delay and exposure at the declared prices.
fn price(brief: &Brief, _: &Selection, point: Point) -> Option<f64> {
    let planning = &brief.planning;
    let of = |money: &Option<crate::render::json::v1::Money>| money.as_ref().map_or(0.0, |money| money.amount);
    let effort = of(&planning.hourly_rate) * point.effort_hours;
    let delay = of(&planning.cost_of_delay) * point.ship_day;
    Some(effort + delay + of(&planning.loss_per_point) * point.exposure)
}

fn promises(brief: &Brief, option: &PlanOption, sheet: &mut Sheet) {
    sheet.heading("Waivers and commitments");
    sheet.say(&format!("State at ship: {}.", option.state_at_ship.0.as_str()));
    if option.waiver_dates.is_empty() {
        sheet.say("It needs no waiver.");
    }
    for waiver in &option.waiver_dates {
        let until = waiver.until.as_ref().map_or_else(String::new, |until| format!(" ({until})"));
        sheet.item(&format!("waiver of {} until day {}{until}", waiver.row, figure(waiver.until_day)));
    }
    if option.commitments.is_empty() {
        sheet.say("It makes no commitment.");
    }
    for commitment in &option.commitments {
        let due = match &commitment.due {
            When::Date(date) => date.clone(),
            When::Day(day) => format!("day {}", figure(*day)),
        };
        sheet.item(&format!("commitment: {} by {due}", commitment.work));
    }
    let approval = if option.approval.is_empty() { "nobody may".to_owned() } else { option.approval.join(" and ") };
    let binds = brief.appetite.agreement.0 == AgreementState::Agreed;
    let when = if binds || option.approval.is_empty() { "" } else { " (once the appetite is agreed)" };
    sheet.say(&format!("Who approves it: {approval}{when}."));
}
