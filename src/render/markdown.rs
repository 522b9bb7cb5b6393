//! The comment on a change (DESIGN section 10), for GitHub and GitLab.
//!
//! Ten lines that both leaders understand, everything else folded under them. Every part has a share of the space that
//! a forge gives a comment; what does not fit is counted, never silently dropped.

mod explanation;
mod gantt;
mod writer;

use crate::model::brief::{Brief, NextStep};
use crate::model::origin::Origin;

use super::page::{Comparison, FindingLine, Page};
use super::renderer::{Form, Renderer, Screen};
use super::words;
pub use explanation::explanation;
use writer::{Markup, joined};

/// This renderer's row.
pub const RENDERER: Renderer = Renderer {
    id: "markdown",
    about: "the comment on a change, for GitHub and GitLab",
    endings: &[".md", ".markdown"],
    form: Form::Whole(render),
};

/// First line of the comment, by which it is found again.
pub const MARKER: &str = "<!-- detente:brief:1 -->";

/// Findings that are listed.
const FINDINGS: usize = 50;

/// Bytes that each part may take. GitHub accepts 65,536 characters; the parts and the fixed words around them stay
/// below 60,000, so that whoever publishes the comment can add a line.
mod room {
    pub const TOP: usize = 5_000;
    pub const TABLE: usize = 9_000;
    pub const NEXT: usize = 2_500;
    pub const TIMELINE: usize = 6_000;
    pub const ARGUMENTS: usize = 7_000;
    pub const REASONS: usize = 8_000;
    pub const FINDINGS: usize = 12_500;
    pub const EVIDENCE: usize = 4_000;
    pub const BASIS: usize = 3_000;
    pub const NOTICES: usize = 1_500;
    pub const EXCEPTIONS: usize = 2_000;
}

/// Renders a brief as a comment.
pub fn render(brief: &Brief, _: &Screen) -> String {
    let page = Page::to_keep(brief);
    let mut out = Markup::new();
    out.raw(MARKER).raw("\n### ").text(&page.headline).raw("\n\n");
    // A choice is about this commit; the comment is read when others have followed.
    out.text(&page.setting).raw("\n\n");
    out.append(&top(&page));
    if let Some(comparison) = &page.comparison {
        let table = table(comparison);
        let lines = page.default.iter().chain(&comparison.notes);
        let notes = joined(lines.map(|line| Markup::of_text(line).then("\n\n")), room::TOP / 4, "remark");
        if page.decided {
            // What was decided is the news then; what else there was is for whoever wants to know.
            out.append(&folded("Options that were offered", table.and(&notes)));
        } else {
            out.append(&table);
            if brief.appetite.binds() {
                out.append(&checkboxes(comparison));
            }
            out.append(&notes);
        }
    }
    if !page.is_clear() {
        let next = next(&page);
        // Without options this is the answer.
        out.append(&if page.comparison.is_some() { folded("What to do next", next) } else { next });
        if let Some((wish, lines)) = &page.wish {
            out.append(&Markup::of("**").and_text(wish).then("**\n\n"));
            out.append(&bullets(lines, room::NEXT, "line").then("\n"));
        }
        out.append(&folded("Timeline", gantt::timeline(brief, room::TIMELINE)));
        out.append(&folded("Pros and cons", arguments(&page)));
        out.append(&folded("Why, row by row, and what would change the verdict", reasons(&page)));
    }
    let exceptions = bullets(&page.exceptions, room::EXCEPTIONS, "exception");
    out.append(&folded("Exceptions for scanners that this change adds, signed by nobody", exceptions));
    out.append(&folded("Findings", findings(&page)));
    out.append(&folded("Coverage", evidence(&page)));
    if !page.is_clear() {
        out.append(&folded("Basis of the figures", bullets(&page.basis, room::BASIS, "figure")));
    }
    let notices: Vec<String> =
        page.notices.iter().filter(|&notice| Some(notice) != page.advice.as_ref()).cloned().collect();
    if !notices.is_empty() {
        out.append(&folded("Good to know", bullets(&notices, room::NOTICES, "remark")));
    }
    out.into_string()
}

/// The headline's reasons and the options side by side.
pub fn short(brief: &Brief) -> String {
    let page = Page::to_keep(brief);
    let mut out = top(&page);
    if let Some(comparison) = &page.comparison {
        out.append(&table(comparison));
    }
    out.into_string()
}

/// What stands above the table: advice, summary, what is missing, and what to do.
fn top(page: &Page) -> Markup {
    let mut paragraphs: Vec<Markup> = Vec::new();
    let summary = || Markup::of_text(&page.summary.join(" ")).then("\n\n");
    paragraphs.extend(page.advice.iter().map(|advice| Markup::of("> **").and_text(advice).then("**\n\n")));
    if !page.decided {
        paragraphs.push(summary());
    }
    if let Some((first, more)) = page.decision.split_first() {
        paragraphs.push(Markup::of("**").and_text(first).then("**\n\n"));
        paragraphs.extend(more.iter().map(|line| Markup::of("- ").and_text(line).then("\n")));
        if !more.is_empty() {
            paragraphs.push(Markup::of("\n"));
        }
    }
    paragraphs.extend(page.unresolved.iter().map(|reason| Markup::of("- ").and_text(reason).then("\n")));
    if !page.unresolved.is_empty() {
        paragraphs.push(Markup::of("\n"));
    }
    if let Some(answer) = &page.answer {
        let line = format!("{} {}", answer.line, answer.approval);
        paragraphs.push(if page.decided {
            Markup::of_text(line.trim_end()).then("\n\n")
        } else {
            Markup::of("**").and_text(&line).then("**\n\n")
        });
    }
    if page.decided {
        paragraphs.push(summary());
    }
    if page.is_clear() {
        paragraphs.push(Markup::of_text(&format!("{} {}", page.checked, page.judged)).then("\n\n"));
        paragraphs.extend(page.next.iter().map(|step| Markup::of_text(&step.say).then("\n\n")));
    }
    joined(paragraphs, room::TOP, "remark")
}

fn table(comparison: &Comparison) -> Markup {
    let mut out = Markup::of("| |");
    for column in &comparison.columns {
        match column.tag {
            Some(tag) => out.raw(" **").text(&column.name).raw("** (").raw(tag).raw(") |"),
            None => out.raw(" ").text(&column.name).raw(" |"),
        };
    }
    out.raw("\n|---|").raw(&"---|---|---|"[..4 * comparison.columns.len().min(3)]).raw("\n");
    let rows = comparison.rows.iter().map(|(label, cells)| {
        let mut row = Markup::of("| ").and_text(label).then(" |");
        for cell in cells {
            row.raw(" ").text(cell).raw(" |");
        }
        row.then("\n")
    });
    out.append(&joined(rows, room::TABLE, "row"));
    out.then("\n")
}

/// One task-list item per option. The hidden name is what a choice is recognised by.
fn checkboxes(comparison: &Comparison) -> Markup {
    let mut out = Markup::new();
    for column in &comparison.columns {
        out.raw("- [ ] choose **").text(&column.name).raw("** <!-- detente:choose:").raw(column.id).raw(" -->\n");
    }
    let example = comparison.columns.iter().find(|column| column.recommended).or(comparison.columns.first());
    if let Some(column) = example {
        out.raw("\nor reply `/detente choose ").raw(column.id).raw(" because …`\n\n");
    }
    out
}

fn next(page: &Page) -> Markup {
    let step = |step: &NextStep| {
        let mut line = Markup::of("1. ").and_text(&step.say);
        if let Some(command) = &step.command {
            line.raw("<br><code>").code(command).raw("</code>");
        }
        line.then("\n")
    };
    let mut lines: Vec<Markup> = page.first.iter().map(|step| Markup::of_text(&step.say).then("\n\n")).collect();
    let before = page.answer.iter().flat_map(|answer| &answer.steps).map(step);
    let steps = page.next.iter().map(step);
    let heading = if page.decided { "Before ship, as decided:\n\n" } else { "Before ship, as recommended:\n\n" };
    lines.extend(headed(heading, before));
    lines.extend(headed("\nNext:\n\n", steps));
    joined(lines, room::NEXT, "step").then("\n")
}

fn arguments(page: &Page) -> Markup {
    let mut lines = Vec::new();
    for argument in &page.arguments {
        lines.push(Markup::of("\n**").and_text(&argument.name).then("**\n\n"));
        lines.extend(argument.pros.iter().map(|pro| Markup::of("- ➕ ").and_text(pro).then("\n")));
        lines.extend(argument.cons.iter().map(|con| Markup::of("- ➖ ").and_text(con).then("\n")));
    }
    joined(lines, room::ARGUMENTS, "line")
}

fn reasons(page: &Page) -> Markup {
    let mut lines = Vec::new();
    for row in &page.rows {
        let mut line = Markup::of("- **").and_text(&row.id).then("**: ").and_text(row.state).then(". ");
        if !row.says.is_empty() {
            line.text(&row.says).raw(" ");
        }
        line.raw("Measured: ").text(&row.measured).raw(".");
        if !row.findings.is_empty() {
            line.raw(" These are: ").text(&row.findings).raw(".");
        }
        lines.push(line.then("\n"));
    }
    if page.rows_within > 0 && !page.rows.is_empty() {
        lines.push(Markup::of("- ").and_text(&words::count(page.rows_within, "other row")).then(" within appetite.\n"));
    }
    let counterfactual = page.counterfactual.iter().map(|sentence| Markup::of("- ").and_text(sentence).then("\n"));
    lines.extend(headed("\nWhat would change the verdict:\n\n", counterfactual));
    let due = page.due.iter().map(|due| {
        Markup::of("- ")
            .and_text(&due.day)
            .then(": ")
            .and_text(&due.findings)
            .then(" (")
            .and_text(&due.table)
            .then(")\n")
    });
    lines.extend(headed("\nDue dates:\n\n", due));
    joined(lines, room::REASONS, "line")
}

fn findings(page: &Page) -> Markup {
    let all: Vec<&FindingLine> = page.introduced.iter().chain(&page.others).collect();
    if all.is_empty() {
        return Markup::new();
    }
    let mut out = Markup::of("| Severity | Finding | What is known | Due | Points a day |\n|---|---|---|---|---|\n");
    let (rows, left) = writer::fitting(all.iter().take(FINDINGS).map(|line| finding(line)), room::FINDINGS);
    let shown = all.len().min(FINDINGS) - left;
    let missing: usize = all.iter().skip(shown).map(|line| line.number).sum();
    out.append(&rows);
    if missing > 0 {
        out.raw("\nand ").text(&words::grouped(missing as u64)).raw(" more; the JSON brief has all of them.\n");
    }
    out
}

fn finding(finding: &FindingLine) -> Markup {
    let relation = match finding.origin {
        Origin::Introduced => "introduced",
        Origin::Ambient => "older",
        Origin::Resolved => "resolved",
        Origin::Unknown => "not known",
    };
    // Few columns, and places that may break: a comment is not wide, and what has to be scrolled to is not read.
    let mut row = Markup::of("| ").and_text(finding.severity).then("<br>").then(relation).then(" | ");
    row.text(&finding.title).raw("<br>");
    for part in finding.place.split_inclusive('/') {
        row.text(part).raw(if part.ends_with('/') { "<wbr>" } else { "" });
    }
    row.raw(" | ").text(&finding.known.join("; "));
    row.raw(" | ").text(finding.due.as_deref().unwrap_or_default());
    row.raw(" | ").text(&finding.rate).raw(" |\n");
    row
}

fn evidence(page: &Page) -> Markup {
    let mut lines: Vec<Markup> = page.coverage.iter().map(|line| Markup::of("- ").and_text(line).then("\n")).collect();
    lines.extend(headed(
        "\nReports read:\n\n",
        page.reports.iter().map(|report| {
            let mut line = Markup::of("- ").and_text(&report.path).then(", ").and_text(&report.tool).then(": ");
            line.text(&report.read);
            for problem in &report.problems {
                line.raw(". ").text(problem);
            }
            line.then("\n")
        }),
    ));
    if !page.is_clear() {
        lines.push(Markup::of("\n").and_text(&page.judged).then("\n"));
    }
    joined(lines, room::EVIDENCE, "line")
}

fn bullets(lines: &[String], room: usize, noun: &'static str) -> Markup {
    joined(lines.iter().map(|line| Markup::of("- ").and_text(line).then("\n")), room, noun)
}

/// `lines` under a heading; nothing if there are none.
fn headed(heading: &'static str, lines: impl Iterator<Item = Markup>) -> Vec<Markup> {
    let mut out: Vec<Markup> = lines.collect();
    if let Some(first) = out.first_mut() {
        *first = Markup::of(heading).and(first);
    }
    out
}

/// `content` folded under a summary; nothing if it is empty.
fn folded(summary: &'static str, content: Markup) -> Markup {
    if content.is_empty() {
        return content;
    }
    Markup::of("<details><summary>")
        .then(summary)
        .then("</summary>\n\n")
        .and(&content.trimmed())
        .then("\n\n</details>\n")
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn every_brief_reads_well() {
        for (name, brief) in fixture::all() {
            insta::assert_snapshot!(format!("{name}.md"), render(&brief, &Screen::default()));
        }
    }

    #[test]
    fn choices_are_offered_only_where_a_choice_binds() {
        let offered = |brief: &Brief| render(brief, &Screen::default()).matches("\n- [ ] ").count();
        assert_eq!(offered(&fixture::beyond_tolerance()), 3);
        assert_eq!(offered(&fixture::within_tolerance()), 2);
        assert_eq!(offered(&fixture::advice()), 0);
        assert_eq!(offered(&fixture::within_appetite()), 0);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let mut brief = fixture::beyond_tolerance();
        let template = brief.assessment.findings.pop().unwrap();
        brief.assessment.findings = vec![template; 1_234];
        for (number, assessed) in brief.assessment.findings.iter_mut().enumerate() {
            assessed.finding.title = format!("Finding {number}");
        }
        assert!(render(&brief, &Screen::default()).contains("\nand 1,184 more; the JSON brief has all of them."));
    }
}
