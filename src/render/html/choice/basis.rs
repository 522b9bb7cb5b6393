//! Where each figure on a card comes from: what it was computed from, and who says so.

use crate::model::brief::Brief;
use crate::model::option::{Phase, PlanOption, Step};

use super::super::super::dates::Dates;
use super::super::super::page;
use super::super::super::words;

/// Steps that a figure names.
const STEPS: usize = 30;

/// The basis of the figure with that label, one sentence each.
pub fn of(brief: &Brief, option: &PlanOption, label: &str, dates: &Dates) -> Vec<String> {
    match label {
        "Ships" => ships(brief, option, dates),
        "Work before / after ship" => work(brief, option),
        "Cost" => cost(brief, option),
        "Security score" => score(brief, option),
        "Open at ship" => vec![
            "Findings of the change and older ones that no step of this option has taken effect on when it ships."
                .to_owned(),
            "The list of findings below shows them one by one.".to_owned(),
        ],
        "State at ship" => vec![
            "The worst tolerance row on that day, counted as under “Why” without what is treated by then.".to_owned(),
        ],
        "Promised after ship" => promised(brief, option, dates),
        "Exposure budget used" => budget(brief, option),
        "Who approves" => vec![format!(
            "Declared: authority for {} at “{}”, in {}.",
            words::option(option.name).to_lowercase(),
            words::verdict(brief.assessment.verdict),
            brief.appetite.origin
        )],
        _ => Vec::new(),
    }
}

fn ships(brief: &Brief, option: &PlanOption, dates: &Dates) -> Vec<String> {
    let capacity = &brief.plan.planning.capacity;
    let before = match words::hours(option.ships.hours_before_ship).as_str() {
        "none" => "No work stands before ship.".to_owned(),
        hours => format!(
            "{hours} of work before ship; planned with the lower figure, the sum of the steps' medians. More often than not all of \
             them together take longer: by when half of the runs ship stands beside, where that is another day."
        ),
    };
    let mut out = vec![
        before,
        format!(
            "Capacity: {} with {} a working day ({}).",
            words::count_of(capacity.engineers, "engineer"),
            words::count_of(capacity.focus_hours, "focus hour"),
            capacity.basis
        ),
        "It ships with the first release that the calendar of the appetite allows after that.".to_owned(),
    ];
    let outlook = &option.outlook;
    if let (Some(early), Some(middle), true) = (outlook.early, outlook.middle, brief.plan.planning.dated) {
        let late = match outlook.late {
            Some(late) => format!("in nine of ten by {}", dates.time(late)),
            None => "and in one of ten not within the calendar".to_owned(),
        };
        out.push(format!(
            "In one of ten {} it has shipped by {}, in half by {}, {late}.",
            simulated(brief),
            dates.time(early),
            dates.time(middle)
        ));
    }
    out
}

fn work(brief: &Brief, option: &PlanOption) -> Vec<String> {
    let steps: Vec<&Step> = option.steps.iter().filter(|step| step.phase != Phase::Accept).collect();
    let mut out = vec!["Half of such tasks take at most the first figure, nine in ten the second.".to_owned()];
    if steps.len() > 1 {
        out.push("Together they are the sums of these figures; the first is exceeded more often than not.".to_owned());
    }
    out.extend(steps.iter().take(STEPS).map(|step| {
        let basis = page::treatment(brief, step).map(|treatment| format!(" ({})", treatment.effort_basis));
        format!("{}: {}{}.", page::step_title(brief, step), words::hours(step.effort), basis.unwrap_or_default())
    }));
    if steps.len() > STEPS {
        out.push(format!("And {}.", words::count(steps.len() - STEPS, "more step")));
    }
    out
}

fn cost(brief: &Brief, option: &PlanOption) -> Vec<String> {
    let planning = &brief.plan.planning;
    let mut out = Vec::new();
    if let Some(rate) = &planning.hourly_rate {
        out.push(format!(
            "Work: {} hours (p50) at {} (declared: delivery.hourly_rate).",
            words::points(option.effort.p50),
            words::money(rate)
        ));
    }
    if let Some(delay) = &planning.cost_of_delay {
        out.push(format!(
            "Delay: {} calendar days until ship at {} a calendar day (declared: delivery.cost_of_delay).",
            words::points(option.ships.day),
            words::money(&delay.per_day)
        ));
    }
    if let Some(loss) = &planning.loss_per_point {
        out.push(format!(
            "Expected loss: {} points of exposure at {} (declared: delivery.loss_per_point).",
            words::points(option.exposure),
            words::money(loss)
        ));
    }
    out
}

fn score(brief: &Brief, option: &PlanOption) -> Vec<String> {
    let runs = option.outlook.score;
    let outside = match option.score {
        planned if planned > runs.p90 => " What is planned lies above that.",
        planned if planned < runs.p10 => " What is planned lies below that.",
        _ => "",
    };
    vec![
        format!(
            "100 × (1 − {} ÷ {}): the points of exposure that this option leaves within {} days, against shipping now and treating nothing.",
            words::points(option.exposure),
            words::points(option.baseline_exposure),
            brief.plan.planning.horizon_days
        ),
        format!(
            "The range: nine of ten {} reach at least {}, one of ten reaches {} or more.{}",
            simulated(brief),
            words::score(runs.p10),
            words::score(runs.p90),
            outside
        ),
        "Exposure adds up the points a day of every finding while it is open; the list of findings says where each comes from.".to_owned(),
    ]
}

/// "of 2,000 simulated runs (seed 17)": how to repeat the simulation.
fn simulated(brief: &Brief) -> String {
    brief.plan.simulation.map_or_else(
        || "simulated runs".to_owned(),
        |simulation| {
            format!("of {} simulated runs (seed {})", words::grouped(u64::from(simulation.runs)), simulation.seed)
        },
    )
}

fn promised(brief: &Brief, option: &PlanOption, dates: &Dates) -> Vec<String> {
    let title = |work: &str| brief.work(work).map_or_else(|| work.to_owned(), |item| item.title.clone());
    let mut out =
        vec!["By the earliest due date of its findings, or when this option has it done if none is due.".to_owned()];
    let promises = option.commitments.iter().take(STEPS).map(|promise| {
        if brief.plan.planning.dated {
            format!("{}: {}.", dates.weekday(promise.due), title(&promise.work))
        } else {
            format!("{}.", title(&promise.work))
        }
    });
    out.extend(promises);
    if option.commitments.len() > STEPS {
        out.push(format!("And {}.", words::count(option.commitments.len() - STEPS, "more commitment")));
    }
    out
}

fn budget(brief: &Brief, option: &PlanOption) -> Vec<String> {
    let points = words::points(option.exposure);
    if let Some(budget) = &brief.plan.budget {
        return vec![
            format!(
                "{points} points of exposure, against {} of {} points left for {} (declared: budget.exposure).",
                words::points(budget.left()),
                words::points(budget.agreed),
                budget.quarter
            ),
            format!(
                "{} spent since {}, {} by the end of the quarter if nothing changes (recorded on the default branch).",
                words::points(budget.spent),
                budget.since.strftime("%Y-%m-%d"),
                words::points(budget.forecast)
            ),
        ];
    }
    let of = brief.appetite.budget.map(|budget| format!(" of {} points", words::points(budget))).unwrap_or_default();
    vec![format!("{points} points of exposure, against the quarter's budget{of} (declared: budget.exposure).")]
}
