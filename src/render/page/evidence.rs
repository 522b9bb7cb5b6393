//! The evidence: findings, coverage, reports, and where the figures come from.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::assessment::AssessedFinding;
use crate::model::basis::Basis;
use crate::model::brief::Brief;
use crate::model::category::Category;
use crate::model::coverage::CoverageState;
use crate::model::finding::{Finding, Suppressed};
use crate::model::identifier::Identifier;
use crate::model::origin::Origin;
use crate::model::severity::Severity;
use crate::model::version;
use crate::model::work::Treatment;

use super::super::dates::Dates;
use super::super::escape::clip;
use super::super::words;
use super::lengths::{PLACE, TITLE};

/// Most statements (VEX) that are listed.
const MOST_STATED: usize = 20;

/// Longest reason of a statement.
const REASON: usize = 200;

/// One finding in words, or several that read the same.
pub struct FindingLine {
    /// Severity as judged.
    pub severity: &'static str,
    /// Title, with its first public name unless the title has it.
    pub title: String,
    /// How many findings this line stands for: those that differ in nothing but their place.
    pub number: usize,
    /// Where it is; the first place of several.
    pub place: String,
    /// What is known about it, most pressing first.
    pub known: Vec<String>,
    /// Relation to the change.
    pub origin: Origin,
    /// Day by which a timeline table wants it treated.
    pub due: Option<String>,
    /// Exposure of all of them, in points a day.
    pub rate: String,
}

/// One report in words.
pub struct ReportLine {
    /// Its path.
    pub path: String,
    /// The tool and its version.
    pub tool: String,
    /// What was read out of it.
    pub read: String,
    /// What is wrong with it.
    pub problems: Vec<String>,
}

/// Findings that count as coming with the change, and all others; each with the highest exposure rate first.
pub fn findings(brief: &Brief, dates: &Dates) -> (Vec<FindingLine>, Vec<FindingLine>) {
    let mut ranked: Vec<&AssessedFinding> = brief.assessment.findings.iter().collect();
    ranked.sort_by(|a, b| {
        let by_rate = b.rate.points_per_day.likely.total_cmp(&a.rate.points_per_day.likely);
        by_rate.then_with(|| b.severity.value.cmp(&a.severity.value)).then_with(|| a.finding.id.cmp(&b.finding.id))
    });
    let (introduced, others): (Vec<_>, Vec<_>) =
        ranked.into_iter().partition(|assessed| assessed.finding.origin.counts_as_introduced());
    (lines(&introduced, dates), lines(&others, dates))
}

/// Lines in the order of the findings, those that differ in nothing but their place together.
fn lines(findings: &[&AssessedFinding], dates: &Dates) -> Vec<FindingLine> {
    let mut places = BTreeMap::new();
    let mut lines: Vec<(FindingLine, f64)> = Vec::new();
    for assessed in findings {
        let line = finding(assessed, dates);
        let rate = assessed.rate.points_per_day.likely;
        let key = (line.severity, line.title.clone(), line.known.clone(), line.due.clone(), line.origin);
        let place = *places.entry(key).or_insert(lines.len());
        match lines.get_mut(place) {
            Some((known, sum)) => {
                known.number += 1;
                *sum += rate;
            }
            None => lines.push((line, rate)),
        }
    }
    let finished = |(mut line, rate): (FindingLine, f64)| {
        line.rate = words::points(rate);
        if line.number > 1 {
            line.place = format!("{} and {} more", line.place, words::grouped(line.number as u64 - 1));
        }
        line
    };
    lines.into_iter().map(finished).collect()
}

/// One finding by itself; its rate is left to whoever adds rates up.
pub fn finding(assessed: &AssessedFinding, dates: &Dates) -> FindingLine {
    let finding = &assessed.finding;
    let mut title = clip(&finding.title, TITLE);
    if let Some(name) = finding.identifiers.first().map(Identifier::as_str)
        && !title.contains(name)
    {
        title = format!("{title} ({name})");
    }
    FindingLine {
        severity: match assessed.severity.value {
            Severity::Unknown => "severity unknown",
            known => known.as_str(),
        },
        title,
        number: 1,
        place: place(finding),
        known: known(assessed),
        origin: finding.origin,
        due: assessed.due.as_ref().map(|due| dates.day(due.at)),
        rate: String::new(),
    }
}

fn place(finding: &Finding) -> String {
    let mut parts = Vec::new();
    if let Some(component) = &finding.component {
        parts.push(clip(&component.to_string(), PLACE));
    }
    if let Some(location) = finding.locations.first() {
        let path = clip(&location.path, PLACE);
        parts.push(location.line.map_or_else(|| path.clone(), |line| format!("{path}:{line}")));
        if finding.locations.len() > 1 {
            parts.push(format!("and {} in other places", words::grouped(finding.locations.len() as u64 - 1)));
        }
    }
    if let Some(endpoint) = &finding.endpoint {
        let method = endpoint.method.as_deref().unwrap_or_default();
        parts.push(clip(&format!("{method} {}", endpoint.url), PLACE));
    }
    if parts.is_empty()
        && let Some(artefact) = &finding.artefact
    {
        parts.push(clip(artefact, PLACE));
    }
    parts.join(", ")
}

/// What is known about a finding that makes it more or less pressing. Unknown facts are not mentioned here.
fn known(assessed: &AssessedFinding) -> Vec<String> {
    let (finding, knowledge) = (&assessed.finding, &assessed.knowledge);
    let mut out = Vec::new();
    if knowledge.kev.as_ref().is_some_and(|kev| kev.listed) {
        out.push("known to be exploited".to_owned());
    }
    match finding.verified {
        Some(true) if finding.category == Category::Secret => out.push("tried, and it works".to_owned()),
        Some(false) if finding.category == Category::Secret => out.push("tried, and it does not work".to_owned()),
        _ => {}
    }
    if let Some(epss) = &knowledge.epss {
        out.push(format!("EPSS {}", words::percent(epss.probability)));
    }
    if let Some(cvss) = &knowledge.cvss {
        out.push(format!("CVSS {:.1}", cvss.score));
    }
    match finding.reachable {
        Some(true) => out.push("reachable".to_owned()),
        Some(false) => out.push("not reachable".to_owned()),
        None => {}
    }
    if let Some(component) = &finding.component
        && let Some(target) = version::least_above(&component.ecosystem, &component.version, component.fix.versions())
    {
        out.push(format!("fixed in {}", clip(target, 40)));
    }
    if finding.origin == Origin::Unknown {
        out.push("new or old not known".to_owned());
    }
    out
}

/// "Checked: dependency, code and secret, from 3 reports."
pub fn checked(brief: &Brief) -> String {
    let present = brief.assessment.coverage.iter().filter(|coverage| coverage.state == CoverageState::Present);
    let kinds: Vec<&str> = present.map(|coverage| coverage.kind.as_str()).collect();
    let kinds = if kinds.is_empty() { "nothing".to_owned() } else { words::list(&kinds, "and") };
    format!("Checked: {kinds}, from {}.", words::count(brief.reports.len(), "report"))
}

/// `code: present`, or what is missing and what to do; kinds that are neither required nor there are left out.
pub fn coverage(brief: &Brief) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for coverage in &brief.assessment.coverage {
        let required = if coverage.required { ", required" } else { "" };
        match coverage.state {
            CoverageState::Missing if !coverage.required => {}
            CoverageState::Present => {
                let reports: Vec<String> = coverage.reports.iter().map(|path| clip(path, PLACE)).collect();
                out.push(format!("{}: present{required} ({})", coverage.kind, words::list_up_to(&reports, 3)));
            }
            state => out.push(format!("{}: {}{required}. {}", coverage.kind, state.as_str(), coverage.remark)),
        }
    }
    out.extend(not_counted(&brief.assessment.suppressed));
    out
}

/// What is not counted, and by whose word; statements (VEX) with author and justification.
pub fn not_counted(suppressed: &[Suppressed]) -> Vec<String> {
    let (stated, told): (Vec<&Suppressed>, Vec<&Suppressed>) = suppressed.iter().partition(|it| it.is_stated());
    let are = |list: &[&Suppressed]| {
        let is = if list.len() == 1 { "is" } else { "are" };
        format!("{} {is} not counted", words::count(list.len(), "finding"))
    };
    let mut out = Vec::new();
    if !told.is_empty() {
        out.push(format!("{}, because a scanner was told so.", are(&told)));
    }
    if !stated.is_empty() {
        out.push(format!("{} by a VEX statement:", are(&stated)));
        let line = |it: &&Suppressed| format!("{}: {}", clip(&it.finding.title, PLACE), clip(&it.reason, REASON));
        out.extend(stated.iter().take(MOST_STATED).map(line));
        let more = stated.len().saturating_sub(MOST_STATED);
        out.extend((more > 0).then(|| format!("and {more} more by a VEX statement, all in the JSON form")));
    }
    out
}

/// Every report in a line.
pub fn reports(brief: &Brief) -> Vec<ReportLine> {
    let line = |report: &crate::model::brief::ReportSummary| {
        let mut read = words::count(usize::try_from(report.findings).unwrap_or(usize::MAX), "finding");
        if report.unread > 0 {
            read = format!("{read}, {} not understood", words::grouped(report.unread));
        }
        ReportLine {
            path: clip(&report.path, PLACE),
            tool: clip(&format!("{} {}", report.tool, report.tool_version), 60),
            read,
            problems: report.problems.iter().map(|problem| problem.message.clone()).collect(),
        }
    };
    brief.reports.iter().map(line).collect()
}

/// Where the figures come from: every basis with the number of figures that rest on it.
pub fn basis(brief: &Brief) -> Vec<String> {
    let planning = &brief.plan.planning;
    let mut out = Vec::new();
    let mut rates: BTreeMap<&str, BTreeMap<&Basis, usize>> = BTreeMap::new();
    for (bases, number) in shared(brief.assessment.findings.iter().map(|assessed| &assessed.rate.basis)) {
        for (&part, basis) in bases {
            *rates.entry(part).or_default().entry(basis).or_default() += number;
        }
    }
    for (part, bases) in &rates {
        let label = match *part {
            "likelihood" => "Likelihood of exploitation",
            "network" => "Reach of the service",
            "impact" => "Impact",
            "criticality" => "Criticality of the service",
            other => other,
        };
        out.push(format!("{label}: {}.", ranked(bases, "finding")));
    }
    if brief.plan.options.is_empty() {
        out.extend(brief.intel.iter().cloned());
        return out;
    }
    let of_treatments = |basis_of: fn(&Treatment) -> &Arc<Basis>| {
        let treatments = brief.plan.work.iter().flat_map(|item| &item.treatments);
        let mut bases: BTreeMap<&Basis, usize> = BTreeMap::new();
        for (basis, number) in shared(treatments.map(basis_of)) {
            *bases.entry(basis).or_default() += number;
        }
        bases
    };
    for (label, bases) in [
        (
            "Effort (half of such tasks take at most the first figure, nine in ten the second)",
            of_treatments(|treatment| &treatment.effort_basis),
        ),
        ("Risk that remains after treatment", of_treatments(|treatment| &treatment.residual_basis)),
    ] {
        if !bases.is_empty() {
            out.push(format!("{label}: {}.", ranked(&bases, "treatment")));
        }
    }
    let capacity = &planning.capacity;
    out.push(format!(
        "Capacity: {} with {} a working day ({}).",
        words::count_of(capacity.engineers, "engineer"),
        words::count_of(capacity.focus_hours, "focus hour"),
        capacity.basis
    ));
    let prices = [
        ("An hour of work", planning.hourly_rate.as_ref()),
        ("A calendar day of delay", planning.cost_of_delay.as_ref().map(|cost| &cost.per_day)),
        ("A point of exposure", planning.loss_per_point.as_ref()),
    ];
    for (label, price) in prices {
        if let Some(price) = price {
            out.push(format!("{label}: {} (declared).", words::money(price)));
        }
    }
    let horizon = planning.horizon_days;
    out.push(format!(
        "Security score: the share of exposure that an option avoids within {horizon} days, against shipping now and treating nothing; 100 is none left."
    ));
    if let Some(simulation) = &brief.plan.simulation {
        out.push(format!(
            "Ranges in brackets: what nine of ten and what one of ten of {} simulated runs reach (seed {}); the figure before them is as planned.",
            words::grouped(u64::from(simulation.runs)),
            simulation.seed
        ));
    }
    let optimality = &brief.plan.optimality;
    out.push(if optimality.exact {
        "Every option is proven to be the best of its kind.".to_owned()
    } else {
        format!(
            "The options are near the best of their kind: at most {} of the untreated exposure could still be saved.",
            words::percent(optimality.gap)
        )
    });
    out.extend(brief.intel.iter().cloned());
    out
}

/// How often each thing is shared: there are many that share few, which so need not be compared each time.
fn shared<'s, T: 's>(things: impl Iterator<Item = &'s Arc<T>>) -> impl Iterator<Item = (&'s T, usize)> {
    let mut counts: HashMap<*const T, (&T, usize)> = HashMap::new();
    for thing in things {
        counts.entry(Arc::as_ptr(thing)).or_insert((thing, 0)).1 += 1;
    }
    counts.into_values()
}

/// Bases with what rests on them, the most used first.
fn ranked(bases: &BTreeMap<&Basis, usize>, noun: &str) -> String {
    let mut ranked: Vec<(&&Basis, &usize)> = bases.iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let texts: Vec<String> = ranked
        .into_iter()
        .map(|(basis, &number)| format!("{} ({})", clip(&basis.to_string(), PLACE), words::count(number, noun)))
        .collect();
    words::list_up_to(&texts, 6)
}

/// "src/app.py:12 (Bandit): `# nosec`", by path and line.
pub fn exceptions(brief: &Brief) -> Vec<String> {
    let files = brief.change.files.iter();
    let added = files.flat_map(|(path, file)| file.exceptions.iter().map(move |added| (path, added)));
    added.map(|(path, added)| format!("{path}:{} ({}): {}", added.line, added.tool, added.text)).collect()
}
