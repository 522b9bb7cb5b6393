//! A brief → what is published about it, the same for every forge.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use crate::forge::publication::{Conclusion, Publication, Remark, Status};
use crate::model::assessment::AssessedFinding;
use crate::model::brief::Brief;
use crate::model::option::PlanOption;
use crate::model::verdict::Verdict;
use crate::render;

/// What is published about `brief`. `head` is the commit that it is about, as the forge says.
pub(super) fn of(brief: &Brief, head: Option<&str>) -> Publication {
    let text = markdown(brief);
    let conclusion = conclusion(brief);
    let resolved = brief.assessment.verdict == Verdict::WithinAppetite && brief.plan.options.is_empty();
    Publication {
        change: brief.change.name.clone(),
        note: note(&text, &render::headline(brief), head, resolved),
        marker: render::MARKER,
        resolved,
        status: Status {
            conclusion,
            title: render::headline(brief),
            summary: render::short_markdown(brief),
            remarks: remarks(brief),
        },
        labels: vec![if brief.ships() { "detente: decided" } else { label(brief.assessment.verdict) }],
        outputs: outputs(brief, conclusion),
    }
}

/// The whole comment, which is also the summary of a job.
pub(super) fn markdown(brief: &Brief) -> String {
    render::comment(brief)
}

/// The comment with the commit that it is about, folded if there is nothing to choose.
fn note(text: &str, headline: &str, head: Option<&str>, resolved: bool) -> String {
    let rest = text.strip_prefix(render::MARKER).unwrap_or(text);
    let about = head.map(|head| format!("\n{}", about(head))).unwrap_or_default();
    if resolved {
        let headline = render::markdown_text(headline);
        return format!("{}{about}\n<details><summary>{headline}</summary>\n{rest}\n</details>\n", render::MARKER);
    }
    format!("{}{about}{rest}", render::MARKER)
}

/// Hidden line of the comment that names the commit that it is about.
pub(super) fn about(head: &str) -> String {
    let plain: String = head.chars().filter(char::is_ascii_hexdigit).collect();
    format!("<!-- detente:head:{plain} -->")
}

/// Hidden line of the comment that says since when it offers the same: what was decided since is written into it, too.
const SINCE: &str = "<!-- detente:since:";

/// The comment about `head` with the moment since which it offers the same.
pub(super) fn with_since(note: &str, head: &str, since: Timestamp) -> String {
    let about = about(head);
    note.replacen(&about, &format!("{about}\n{SINCE}{since} -->"), 1)
}

/// That moment, if a comment says it.
pub(super) fn since(note: &str) -> Option<Timestamp> {
    note.lines().take(4).find_map(|line| line.strip_prefix(SINCE)?.trim_end().strip_suffix(" -->")?.parse().ok())
}

/// The comment without that moment.
pub(super) fn without_since(note: &str) -> String {
    note.split_inclusive('\n').filter(|line| !line.starts_with(SINCE)).collect()
}

/// How the change stands, in one word, as a gate ends that requires a decision. Advice asks for nothing but
/// evidence: as long as it is missing, the gate ends with a code of its own, and whoever reads this has to know what to complete.
fn conclusion(brief: &Brief) -> Conclusion {
    let proceeds = brief.assessment.verdict == Verdict::WithinAppetite
        || brief.assessment.verdict != Verdict::Unresolved && brief.ships();
    match brief.needs_decision() {
        true => Conclusion::Needed,
        false if proceeds => Conclusion::Proceed,
        false => Conclusion::Advice,
    }
}

const fn label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WithinAppetite => "detente: within appetite",
        Verdict::WithinTolerance => "detente: within tolerance",
        Verdict::BeyondTolerance => "detente: beyond tolerance",
        Verdict::Unresolved => "detente: unresolved",
    }
}

/// Findings of the change on their lines, those beyond tolerance first, then by exposure.
fn remarks(brief: &Brief) -> Vec<Remark> {
    let beyond = |assessed: &AssessedFinding| {
        let concerns = |state: Verdict| {
            brief.assessment.rows.iter().any(|row| row.state == state && row.findings.contains(&assessed.finding.id))
        };
        concerns(Verdict::BeyondTolerance)
    };
    let mut new: Vec<&AssessedFinding> =
        brief.open_findings().filter(|assessed| assessed.finding.origin.counts_as_introduced()).collect();
    new.sort_by(|a, b| {
        let rate = |assessed: &AssessedFinding| assessed.rate.points_per_day.likely;
        beyond(b).cmp(&beyond(a)).then_with(|| rate(b).total_cmp(&rate(a)))
    });
    new.into_iter()
        .filter_map(|assessed| {
            let place = assessed.finding.locations.first()?;
            Some(Remark {
                path: place.path.clone(),
                line: place.line.filter(|&line| line > 0)?,
                weighty: beyond(assessed),
                title: render::plain(&assessed.finding.title).chars().take(200).collect(),
                message: message(assessed),
            })
        })
        .collect()
}

fn message(assessed: &AssessedFinding) -> String {
    let finding = &assessed.finding;
    let mut parts = vec![format!("{} {}", assessed.severity.value.as_str(), finding.category.as_str())];
    parts.extend(finding.identifiers.first().map(ToString::to_string));
    if let Some(component) = &finding.component {
        parts.push(component.to_string());
        parts.extend(component.fix.versions().first().map(|version| format!("fixed in {version}")));
    }
    let tools: Vec<&str> = finding.sources.iter().map(|source| source.tool.as_str()).collect();
    parts.push(format!("seen by {}", tools.join(", ")));
    parts.push(format!("detente explain finding {}", finding.id));
    render::plain(&parts.join("; "))
}

fn outputs(brief: &Brief, conclusion: Conclusion) -> BTreeMap<&'static str, String> {
    let options: Vec<_> = brief.plan.options.iter().map(|option| summary(option, brief.plan.planning.dated)).collect();
    let recommended = brief.plan.recommended.map(|name| name.as_str().to_owned()).unwrap_or_default();
    BTreeMap::from([
        ("verdict", brief.assessment.verdict.as_str().to_owned()),
        ("decision-needed", (conclusion == Conclusion::Needed).to_string()),
        ("advice", (!brief.appetite.binds()).to_string()),
        ("recommended", recommended),
        ("options", serde_json::Value::from(options).to_string()),
    ])
}

fn summary(option: &PlanOption, dated: bool) -> serde_json::Value {
    json!({
        "name": option.name.as_str(),
        "ships": dated.then(|| option.ships.at.to_string()),
        "delay_working_days": option.ships.delay_working_days,
        "score": (option.score * 10.0).round() / 10.0,
        "hours": option.effort.p50,
        "open_at_ship": option.open_at_ship.len(),
        "state_at_ship": option.state_at_ship.as_str(),
        "approval": option.approval,
    })
}
