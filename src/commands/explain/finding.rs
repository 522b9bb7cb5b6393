//! One finding: rate, due date, and what each option leaves open of it.

use std::collections::BTreeMap;

use crate::commands::error::CommandError;
use crate::model::origin::Origin;
use crate::recompute::{self, Exposed};
use crate::render;
use crate::render::json::v1::{Brief, Finding, PlanOption, Rate, Spread};

use crate::commands::sheet::{Sheet, counted, figure, figure_or};

/// How many ids a message about an unknown one lists.
const MOST_NEAR: usize = 8;

/// The findings with that id, or with that public name.
pub(super) fn find<'a>(brief: &'a Brief, id: &str) -> Result<Vec<&'a Finding>, CommandError> {
    let named = |finding: &&Finding| {
        finding.id == id || finding.identifiers.iter().any(|identifier| identifier.eq_ignore_ascii_case(id))
    };
    let found: Vec<&Finding> = brief.findings.iter().filter(named).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let error = CommandError::usage(format!("the brief has no finding {}", id.escape_debug()));
    if brief.suppressed.iter().any(|suppressed| suppressed.id == id) {
        return Err(error.hint("a scanner was told not to count it, so nothing was judged about it"));
    }
    let mut known: Vec<(usize, String)> = brief
        .findings
        .iter()
        .map(|finding| (strsim::levenshtein(&finding.id, id), format!("{} ({})", finding.id, finding.title)))
        .collect();
    known.sort();
    let known: Vec<String> = known.into_iter().take(MOST_NEAR).map(|(_, shown)| render::plain(&shown)).collect();
    Err(error.hint(format!("there is {}", known.join("; "))))
}

/// Writes everything about one finding.
pub(super) fn explain(brief: &Brief, finding: &Finding, sheet: &mut Sheet) {
    sheet.title(&format!("{}: {}", finding.id, finding.title));
    for line in about(finding) {
        sheet.say(&line);
    }
    sheet.heading("Exposure rate ρ: expected harm, in points a day");
    rate(finding, sheet);
    sheet.heading("Due date");
    due(brief, finding, sheet);
    sheet.heading("In each option");
    options(brief, finding, sheet);
}

fn about(finding: &Finding) -> Vec<String> {
    let severity = match (&finding.severity_basis, &finding.severity_basis_source) {
        (Some(basis), Some(source)) => format!("{basis}: {source}"),
        _ => "no basis".to_owned(),
    };
    let mut lines = vec![format!(
        "{} {} finding ({severity}); {}: {}.",
        finding.severity.0.as_str(),
        finding.category.0.as_str(),
        finding.origin.0.as_str(),
        finding.origin_evidence
    )];
    if !finding.identifiers.is_empty() {
        lines.push(finding.identifiers.join(", "));
    }
    if let Some(component) = &finding.component {
        let fixed = match component.fixed_in.as_deref() {
            None => "whether a fix exists is not known".to_owned(),
            Some([]) => "no fix exists".to_owned(),
            Some(versions) => format!("fixed in {}", versions.join(", ")),
        };
        lines.push(format!("{} {}; {fixed}", component.name, component.version));
    }
    let places = finding.locations.iter().map(|place| match place.line {
        Some(line) => format!("{}:{line}", place.path),
        None => place.path.clone(),
    });
    let places: Vec<String> = places.chain(finding.endpoint.clone()).chain(finding.artefact.clone()).collect();
    if !places.is_empty() {
        lines.push(places.join(", "));
    }
    let sources = finding.sources.iter().map(|source| format!("{} ({}, {})", source.tool, source.rule, source.report));
    lines.push(format!("Seen by {}.", sources.collect::<Vec<_>>().join(", ")));
    lines
}

fn rate(finding: &Finding, sheet: &mut Sheet) {
    let stated = &finding.rate;
    let Some(again) = recompute::rate(stated) else {
        sheet.say("This brief does not publish the parts of the likelihood and the impact.");
        let (likelihood, impact) = (figure(stated.likelihood_per_day), figure(stated.impact));
        sheet.formula(&format!("ρ = {likelihood} × {impact} = {}", figure(stated.likelihood_per_day * stated.impact)));
        return;
    };
    let part = |name: &str| stated.parts.get(name).copied().unwrap_or(Spread { low: 0.0, likely: 0.0, high: 0.0 });
    let row = |what: &str, range: Spread, basis: String| {
        [what.to_owned(), figure(range.low), figure(range.likely), figure(range.high), basis]
    };
    let (p, network, impact, criticality) = (part("likelihood"), part("network"), part("impact"), part("criticality"));
    sheet.table(
        ["Part", "Low", "Likely", "High", "Basis"],
        [
            row("p: probability of exploitation within 30 days", p, basis(stated, "likelihood")),
            row("n: factor of who can reach the service", network, basis(stated, "network")),
            row("likelihood per day = −ln(1 − p)/30 × n", again.per_day, "computed".to_owned()),
            row("b: impact in points", impact, basis(stated, "impact")),
            row("k: factor of how much depends on the service", criticality, basis(stated, "criticality")),
            row("impact = min(100, b × k)", again.impact, "computed".to_owned()),
            row("ρ = likelihood per day × impact", again.points_per_day, "computed".to_owned()),
        ],
    );
    sheet.say("The planner plans with the likely values:");
    let (p, n) = (figure(p.likely), figure(network.likely));
    sheet.formula(&format!("likelihood per day = −ln(1 − {p})/30 × {n} = {}", figure(again.per_day.likely)));
    let (b, k) = (figure(impact.likely), figure(criticality.likely));
    sheet.formula(&format!("impact = min(100, {b} × {k}) = {}", figure(again.impact.likely)));
    let (likelihood, impact) = (figure(again.per_day.likely), figure(again.impact.likely));
    sheet.formula(&format!("ρ = {likelihood} × {impact} = {}", figure(again.points_per_day.likely)));
}

fn basis(rate: &Rate, part: &str) -> String {
    match (rate.basis.get(part), rate.basis_source.get(part)) {
        (Some(basis), Some(source)) => format!("{basis}: {source}"),
        _ => "no basis".to_owned(),
    }
}

fn due(brief: &Brief, finding: &Finding, sheet: &mut Sheet) {
    if let Some(ssvc) = &finding.ssvc {
        sheet.say(&format!("SSVC outcome: {ssvc}."));
    }
    let Some(due) = &finding.due else {
        sheet.say("No timeline table sets a date for it.");
        return;
    };
    let waivable = if due.waivable { "It may be waived." } else { "It is an obligation and cannot be waived." };
    let days = due.days.map_or_else(String::new, |days| counted(days, "day"));
    let days = if days.is_empty() || due.outcome == days { String::new() } else { format!(" ({days})") };
    sheet.say(&format!(
        "{} by table {}, row {} (counted from 0): {}{days}; the clock: {}, at {}. {waivable}",
        due.date, due.table, due.row, due.outcome, due.clock, brief.now
    ));
    sheet.say(&format!("`detente rules show {}` prints the table.", due.table));
    if !due.because.is_empty() {
        let row = |point: &crate::render::json::v1::DecisionPoint| {
            [point.key.clone(), point.value.clone(), point.rule.clone()]
        };
        sheet.table(["Decision point", "Value", "Derived from"], due.because.iter().map(row));
    }
}

fn options(brief: &Brief, finding: &Finding, sheet: &mut Sheet) {
    let items: Vec<_> = brief.work.iter().filter(|item| item.findings.contains(&finding.id)).collect();
    match items.as_slice() {
        [] => sheet.say("It is in no work item: nothing has to be done about it."),
        items => {
            for item in items {
                sheet.say(&format!("Work item {}: {}.", item.id, item.title));
            }
        }
    }
    if brief.options.is_empty() {
        sheet.say("The brief offers no option: nothing has to be chosen.");
        return;
    }
    let exposed: Vec<(&PlanOption, Exposed<'_>)> = brief
        .options
        .iter()
        .filter_map(|option| {
            let again = recompute::exposure(brief, option);
            Some((option, again.findings.into_iter().find(|exposed| exposed.finding.id == finding.id)?))
        })
        .collect();
    sheet.table(
        ["Option", "Treatment", "s: exposed from day", "c: in effect on day", "Residual", "E_f in points"],
        exposed.iter().map(|(option, exposed)| {
            let effect = exposed.effect.as_ref();
            let resolved = finding.origin.0 == Origin::Resolved;
            let none = if resolved { "the change resolves it" } else { "accepted" };
            [
                option.name.0.as_str().to_owned(),
                effect.map_or_else(|| none.to_owned(), |effect| effect.treatment.id.clone()),
                figure(exposed.start),
                figure_or(effect.map(|effect| effect.day).or(resolved.then_some(option.ships.day)), "never"),
                figure_or(effect.map(|effect| effect.treatment.residual), "–"),
                figure(exposed.points),
            ]
        }),
    );
    let treatments: BTreeMap<&str, _> = exposed
        .iter()
        .filter_map(|(_, exposed)| exposed.effect.map(|effect| (effect.treatment.id.as_str(), effect.treatment)))
        .collect();
    for (id, treatment) in treatments {
        let (residual, basis) = (figure(treatment.residual), &treatment.residual_basis);
        sheet.say(&format!("{id} leaves {residual} of the rate ({basis}: {}).", treatment.residual_basis_source));
    }
    let horizon = figure(brief.planning.horizon_days);
    sheet.say(&if finding.origin.0 == Origin::Resolved {
        format!("H = {horizon} days. The change resolves it, so E_f = ρ·min(ship day, H):")
    } else {
        format!("H = {horizon} days. E_f = ρ·max(0, min(c, H) − s) + ρ·residual·max(0, H − max(c, s)):")
    });
    for (option, exposed) in &exposed {
        sheet.formula(&format!("{}: {}", option.name.0.as_str(), with_numbers(brief, option, exposed)));
    }
}

/// The exposure formula with the numbers of one finding filled in.
fn with_numbers(brief: &Brief, option: &PlanOption, exposed: &Exposed<'_>) -> String {
    let rate = figure(exposed.finding.rate.likely);
    let (h, s, points) = (figure(brief.planning.horizon_days), figure(exposed.start), figure(exposed.points));
    match &exposed.effect {
        _ if exposed.finding.origin.0 == Origin::Resolved => {
            format!("{rate}·min({}, {h}) = {points}", figure(option.ships.day))
        }
        None => format!("{rate}·max(0, {h} − {s}) = {points}"),
        Some(effect) => {
            let (c, residual) = (figure(effect.day), figure(effect.treatment.residual));
            format!("{rate}·max(0, min({c}, {h}) − {s}) + {rate}·{residual}·max(0, {h} − max({c}, {s})) = {points}")
        }
    }
}
