//! The findings: the first of them as rows that need no script, and all of them as data for the script that searches,
//! sorts and filters.
//!
//! The data are rows of numbers that point into one list of texts, because most texts occur many times: fifty thousand
//! findings are some megabytes, and a browser reads them in a moment.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use crate::model::assessment::AssessedFinding;
use crate::model::basis::{Basis, Range};
use crate::model::brief::Brief;
use crate::model::origin::Origin;
use crate::model::severity::Severity;

use super::super::dates::Dates;
use super::super::escape::{self, clip};
use super::super::page;
use super::super::words;
use super::marks;

/// The script of the list.
pub const SCRIPT: &str = include_str!("findings.js");

/// Rows that are there without script, and rows of a page with it.
const SHOWN: usize = 50;
/// Places of one finding that are named.
const PLACES: usize = 5;

/// The list of findings.
pub struct Findings {
    /// How many there are.
    pub total: usize,
    /// The same, for people.
    pub count: String,
    /// The first of them.
    pub shown: Vec<Line>,
    /// How many are not among the first, for people; empty if none.
    pub left: String,
    /// All of them, for the script.
    pub data: String,
    /// What can be filtered by.
    pub facets: Vec<Facet>,
    /// Whether options are offered, in which a finding can be open.
    pub options: bool,
}

/// Something to filter by.
pub struct Facet {
    /// Its name in the data.
    pub id: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// Values and their names, in order.
    pub values: Vec<(usize, String)>,
}

/// One finding in words.
pub struct Line {
    severity: Severity,
    /// Severity as judged.
    pub severity_word: &'static str,
    /// How many of four bars it fills.
    pub bars: u8,
    /// What it is.
    pub title: String,
    /// Where it is.
    pub place: String,
    /// What is known about it.
    pub known: String,
    /// The service concerned.
    pub service: String,
    /// Its kind.
    pub category: &'static str,
    /// Its relation to the change.
    pub origin: &'static str,
    /// By when it has to be treated; empty if nothing says so.
    pub due: String,
    due_day: Option<f64>,
    /// Points a day, in words.
    pub rate: String,
    points: f64,
    /// Options in which it is open at ship, and their shapes.
    pub open: Vec<(&'static str, &'static str)>,
    open_in: u8,
    /// Where all this comes from.
    pub basis: Vec<String>,
}

/// Every finding, the highest exposure rate first.
pub fn findings(brief: &Brief, dates: &Dates) -> Findings {
    let mut ranked: Vec<&AssessedFinding> = brief.assessment.findings.iter().collect();
    ranked.sort_by(|a, b| {
        let by_rate = b.rate.points_per_day.likely.total_cmp(&a.rate.points_per_day.likely);
        by_rate.then_with(|| b.severity.value.cmp(&a.severity.value)).then_with(|| a.finding.id.cmp(&b.finding.id))
    });
    let open: Vec<HashSet<&str>> =
        brief.plan.options.iter().map(|option| option.open_at_ship.iter().map(String::as_str).collect()).collect();
    let lines: Vec<Line> = ranked.iter().map(|assessed| line(brief, assessed, &open, dates)).collect();
    let (data, facets) = data(brief, &lines);
    let left = lines.len().saturating_sub(SHOWN);
    Findings {
        total: lines.len(),
        count: words::count(lines.len(), "finding"),
        left: if left > 0 { words::grouped(left as u64) } else { String::new() },
        shown: lines.into_iter().take(SHOWN).collect(),
        data,
        facets,
        options: !brief.plan.options.is_empty(),
    }
}

fn line(brief: &Brief, assessed: &AssessedFinding, open: &[HashSet<&str>], dates: &Dates) -> Line {
    let words_of = page::finding_line(assessed, dates);
    let finding = &assessed.finding;
    let mut open_in = 0;
    let mut open_names = Vec::new();
    for (place, (option, ids)) in brief.plan.options.iter().zip(open).enumerate() {
        if ids.contains(finding.id.as_str()) {
            open_in |= 1 << place;
            open_names.push((marks::option(option.name), words::option(option.name)));
        }
    }
    Line {
        severity: assessed.severity.value,
        severity_word: match assessed.severity.value {
            Severity::Unknown => "unknown",
            known => known.as_str(),
        },
        bars: marks::severity(assessed.severity.value),
        title: escape::clean(&words_of.title),
        place: escape::clean(&words_of.place),
        known: escape::clean(&words_of.known.join("; ")),
        service: if assessed.service.declared { clip(&assessed.service.name, 60) } else { "no service".to_owned() },
        category: finding.category.as_str(),
        origin: match finding.origin {
            Origin::Introduced => "introduced",
            Origin::Ambient => "older",
            Origin::Resolved => "resolved",
            Origin::Unknown => "not known",
        },
        due: assessed.due.as_ref().map(|due| dates.weekday(due.at)).unwrap_or_default(),
        due_day: assessed.due.as_ref().map(|due| dates.day_of(due.at)),
        rate: words::points(assessed.rate.points_per_day.likely),
        points: assessed.rate.points_per_day.likely,
        open: open_names,
        open_in,
        basis: basis(assessed),
    }
}

/// Where everything that is said about a finding comes from, one sentence each.
fn basis(assessed: &AssessedFinding) -> Vec<String> {
    let (finding, rate) = (&assessed.finding, &assessed.rate);
    let mut out = Vec::new();
    if let Some(basis) = &assessed.severity.basis {
        out.push(format!("Severity: {}, {basis}.", assessed.severity.value.as_str()));
    }
    out.push(format!(
        "Points a day: {} ({}), likelihood a day {} × impact {}.",
        words::points(rate.points_per_day.likely),
        range(rate.points_per_day, words::points),
        significant(rate.likelihood_per_day.likely),
        words::points(rate.impact.likely),
    ));
    for (&part, basis) in rate.basis.iter() {
        let Some(&spread) = rate.parts.get(part) else { continue };
        out.push(rate_part(part, spread, basis));
    }
    if let Some(due) = &assessed.due {
        let fixed = if due.waivable { "" } else { "; an obligation, not to be waived" };
        out.push(format!(
            "Due: table {} row {}, {}; the clock: {}{fixed}.",
            due.limit.table, due.limit.row, due.limit.outcome, due.clock
        ));
    }
    if !finding.origin_evidence.is_empty() {
        out.push(format!("Relation to the change: {}.", finding.origin_evidence.trim_end_matches('.')));
    }
    let sources: BTreeSet<String> = finding
        .sources
        .iter()
        .map(|source| format!("{} ({}, rule {})", source.report, source.tool, source.rule))
        .collect();
    let sources: Vec<String> = sources.into_iter().map(|source| clip(&source, 160)).collect();
    if !sources.is_empty() {
        out.push(format!("Seen in {}.", words::list_up_to(&sources, PLACES)));
    }
    let places = finding.locations.iter().skip(1).take(PLACES).map(|location| {
        location.line.map_or_else(|| location.path.clone(), |line| format!("{}:{line}", location.path))
    });
    let places: Vec<String> = places.map(|place| clip(&place, 120)).collect();
    if !places.is_empty() {
        out.push(format!("Also at {}.", words::list(&places, "and")));
    }
    out.push(format!("Id {}.", finding.id));
    out.iter().map(|sentence| escape::clean(sentence)).collect()
}

fn rate_part(part: &str, spread: Range, basis: &Basis) -> String {
    match part {
        "likelihood" => format!(
            "Likelihood of exploitation within 30 days: {} ({}), {basis}.",
            words::percent(spread.likely),
            range(spread, words::percent)
        ),
        "network" => format!(
            "Reach of the service: factor {} ({}), {basis}.",
            words::points(spread.likely),
            range(spread, words::points)
        ),
        "impact" => {
            format!("Impact: {} of 100 ({}), {basis}.", words::points(spread.likely), range(spread, words::points))
        }
        "criticality" => format!(
            "Criticality of the service: factor {} ({}), {basis}.",
            words::points(spread.likely),
            range(spread, words::points)
        ),
        other => format!("{other}: {}, {basis}.", words::points(spread.likely)),
    }
}

fn range(range: Range, word: fn(f64) -> String) -> String {
    let high = if range.high.is_finite() { word(range.high) } else { "no bound".to_owned() };
    format!("{} to {high}", word(range.low))
}

/// Three significant digits, so that the product can be checked by hand.
fn significant(figure: f64) -> String {
    let rounded: f64 = format!("{figure:.2e}").parse().unwrap_or(figure);
    format!("{rounded}")
}

/// Texts by their place in the list of texts.
#[derive(Default)]
struct Texts {
    places: BTreeMap<String, usize>,
    texts: Vec<String>,
}

impl Texts {
    fn place(&mut self, text: &str) -> usize {
        if let Some(&place) = self.places.get(text) {
            return place;
        }
        self.texts.push(text.to_owned());
        self.places.insert(text.to_owned(), self.texts.len() - 1);
        self.texts.len() - 1
    }
}

/// All findings as the script reads them.
#[derive(Serialize)]
struct Data<'a> {
    page: usize,
    options: Vec<(&'static str, &'static str)>,
    texts: &'a [String],
    /// Severity, its bars and word; title, place, known, service, category, origin, due in words and in days, points in
    /// words and as a figure, options as bits, basis.
    rows: Vec<Row>,
}

type Row = (u8, u8, usize, usize, usize, usize, usize, usize, usize, usize, Option<f64>, usize, f64, (u8, Vec<usize>));

fn data(brief: &Brief, lines: &[Line]) -> (String, Vec<Facet>) {
    let mut texts = Texts::default();
    let rank = |severity: Severity| Severity::ALL.iter().position(|known| *known == severity).unwrap_or(0);
    let rows: Vec<Row> = lines
        .iter()
        .map(|line| {
            (
                u8::try_from(rank(line.severity)).unwrap_or(0),
                line.bars,
                texts.place(line.severity_word),
                texts.place(&line.title),
                texts.place(&line.place),
                texts.place(&line.known),
                texts.place(&line.service),
                texts.place(line.category),
                texts.place(line.origin),
                texts.place(&line.due),
                line.due_day.map(rounded),
                texts.place(&line.rate),
                rounded(line.points),
                (line.open_in, line.basis.iter().map(|sentence| texts.place(sentence)).collect()),
            )
        })
        .collect();
    let facets = facets(lines, &texts);
    let options = brief.plan.options.iter().map(|option| (marks::option(option.name), words::option(option.name)));
    let data = Data { page: SHOWN, options: options.collect(), texts: &texts.texts, rows };
    // Numbers and strings: nothing in it can fail to be written.
    let json = serde_json::to_string(&data).unwrap_or_else(|_| "null".to_owned());
    (escape::json(&json), facets)
}

/// Six significant digits: enough to sort by, and short.
fn rounded(figure: f64) -> f64 {
    format!("{figure:.5e}").parse().unwrap_or(0.0)
}

/// Values that occur, each where there is more than one to choose from.
fn facets(lines: &[Line], texts: &Texts) -> Vec<Facet> {
    let facet = |id, label, value: &dyn Fn(&Line) -> &str, order: &dyn Fn(&Line) -> usize| {
        let occurring: BTreeSet<(usize, String)> =
            lines.iter().map(|line| (order(line), value(line).to_owned())).collect();
        let values = occurring.into_iter().filter_map(|(_, name)| Some((*texts.places.get(&name)?, name))).collect();
        Facet { id, label, values }
    };
    let all = [
        facet("severity", "Severity", &|line| line.severity_word, &|line| {
            Severity::ALL.iter().rev().position(|known| *known == line.severity).unwrap_or(0)
        }),
        facet("origin", "Origin", &|line| line.origin, &|_| 0),
        facet("category", "Category", &|line| line.category, &|_| 0),
        facet("service", "Service", &|line| &line.service, &|_| 0),
    ];
    all.into_iter().filter(|facet| facet.values.len() > 1).collect()
}
