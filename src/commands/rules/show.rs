//! One rule as a page.

use std::collections::BTreeMap;

use crate::commands::sheet::{Sheet, counted, figure};
use crate::model::basis::Range;
use crate::model::effort::Effort;
use crate::model::mapping::{Described, Mapping};
use crate::model::rules::{ExposureRules, RuleSet, TimelineTable, TreatmentRule};
use crate::rules::{RuleKind, RuleName};

/// The remarks at the beginning of a rule's file: often where its figures come from.
pub(super) fn remarks(text: &[u8], sheet: &mut Sheet) {
    let text = String::from_utf8_lossy(text);
    let mut paragraph = String::new();
    for line in text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).chain([""]) {
        if (line.is_empty() || line.starts_with("- ")) && !paragraph.is_empty() {
            sheet.say(&paragraph);
            paragraph.clear();
        }
        if !paragraph.is_empty() {
            paragraph.push(' ');
        }
        paragraph.push_str(line);
    }
}

/// Writes the rule of that name.
pub(super) fn rule(rules: &RuleSet, name: &RuleName, sheet: &mut Sheet) {
    match name.kind {
        RuleKind::Timeline => {
            if let Some(table) = rules.timelines.get(&name.id) {
                timeline(table, sheet);
            }
        }
        RuleKind::Treatment => {
            if let Some(rule) = rules.treatments.iter().find(|rule| rule.id == name.id) {
                treatment(rule, sheet);
            }
        }
        RuleKind::Exposure => exposure(&rules.exposure, sheet),
        RuleKind::Format => match rules.formats.iter().find(|format| format.id == name.id).map(Described::whole) {
            Some(Ok(mapping)) => format(mapping, sheet),
            Some(Err(fault)) => sheet.say(fault),
            None => {}
        },
    }
}

fn format(mapping: &Mapping, sheet: &mut Sheet) {
    let kinds: Vec<&str> = mapping.kinds.iter().map(|kind| kind.as_str()).collect();
    sheet.say(&format!("Kinds of test: {}. Versions: {}.", kinds.join(", "), mapping.versions));
    sheet.say(&format!("Documented at {}", mapping.specification));
}

fn timeline(table: &TimelineTable, sheet: &mut Sheet) {
    sheet.say(&format!("Version {}. Published: {}", table.version, table.source));
    sheet.heading("Rows, counted from 0; * is any value");
    let header: Vec<String> = ["Row"]
        .into_iter()
        .map(str::to_owned)
        .chain(table.columns.iter().cloned())
        .chain(["Outcome".to_owned()])
        .collect();
    let rows = table.rows.iter().enumerate().map(|(number, row)| {
        [number.to_string()].into_iter().chain(row.values.iter().cloned()).chain([row.outcome.clone()]).collect()
    });
    sheet.wide_table(header, rows);
    sheet.heading("Outcomes");
    let rows = table.outcomes.iter().map(|(name, outcome)| {
        let days = outcome.days.map_or_else(|| "sets no date".to_owned(), |days| counted(days, "day"));
        [name.clone(), days, outcome.ssvc.clone().unwrap_or_else(|| "–".to_owned()), outcome.basis.to_string()]
    });
    sheet.table(["Outcome", "Limit", "SSVC outcome", "Basis"], rows);
}

fn treatment(rule: &TreatmentRule, sheet: &mut Sheet) {
    sheet.heading("When it applies");
    sheet.say(&format!("{}, to a work item if this holds for every finding in it:", rule.kind.as_str()));
    sheet.formula(rule.when.text().trim());
    if rule.remains {
        sheet.say(
            "Scanners go on reporting the finding. So it is offered where nothing that was agreed asks for the finding: no \
             limit and no date is kept by it.",
        );
    }
    sheet.heading("Effort and effect");
    let hours = |effort: Effort| format!("{} h (p50), {} h (p90)", figure(effort.p50), figure(effort.p90));
    let lead = if rule.lead_days > 0.0 {
        format!("{}, {} after the work", rule.takes_effect.as_str(), counted(rule.lead_days, "day"))
    } else {
        rule.takes_effect.as_str().to_owned()
    };
    let disruption = if rule.disruption.is_empty() { "none" } else { &rule.disruption };
    sheet.table(
        ["Figure", "Value", "Basis"],
        [
            ["Effort of the first finding".to_owned(), hours(rule.effort), rule.effort_basis.to_string()],
            ["Effort of each further one".to_owned(), hours(rule.effort_each_further), rule.effort_basis.to_string()],
            ["Share of the rate that remains".to_owned(), spread(rule.residual), rule.residual_basis.to_string()],
            ["Takes effect".to_owned(), lead, "–".to_owned()],
            ["What others notice".to_owned(), disruption.to_owned(), "–".to_owned()],
        ],
    );
    for (title, texts) in [("For it", &rule.pros), ("Against it", &rule.cons), ("References", &rule.references)] {
        if !texts.is_empty() {
            sheet.heading(title);
            texts.iter().for_each(|text| sheet.item(text));
        }
    }
}

/// `0.02 (0 to 0.1)`
fn spread(range: Range) -> String {
    format!("{} ({} to {})", figure(range.likely), figure(range.low), figure(range.high))
}

fn exposure(rules: &ExposureRules, sheet: &mut Sheet) {
    sheet.heading("Probability of exploitation within 30 days: likely (low to high)");
    let single = [
        ("known exploited: at least", rules.kev_floor),
        ("secret that was tried and works", rules.verified_secret),
        ("factor on an EPSS score", rules.epss_spread),
    ];
    sheet.table(["Case", "Value"], single.map(|(case, range)| [case.to_owned(), spread(range)]));
    sheet.heading("The same where no feed gives one");
    let rows = rules.prior.iter().flat_map(|(category, by_severity)| {
        by_severity
            .iter()
            .map(move |(severity, &range)| [category.as_str().to_owned(), severity.as_str().to_owned(), spread(range)])
    });
    sheet.table(["Category", "Severity", "Value"], rows);
    factors("Factor of who can reach the service", "Reachable from", names(&rules.network, |key| key.as_str()), sheet);
    factors(
        "Impact in points where no CVSS vector gives one",
        "Severity",
        names(&rules.impact, |key| key.as_str()),
        sheet,
    );
    let criticality = names(&rules.criticality, |key| key.as_str());
    factors("Factor of how much depends on the service", "Criticality", criticality, sheet);
}

fn names<K: Copy>(ranges: &BTreeMap<K, Range>, name: fn(K) -> &'static str) -> Vec<(&'static str, Range)> {
    ranges.iter().map(|(&key, &range)| (name(key), range)).collect()
}

fn factors(title: &str, key: &str, ranges: Vec<(&'static str, Range)>, sheet: &mut Sheet) {
    sheet.heading(title);
    sheet.table([key, "Value"], ranges.into_iter().map(|(name, range)| [name.to_owned(), spread(range)]));
}
