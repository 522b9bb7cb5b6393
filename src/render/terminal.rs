//! The brief in a terminal or a job log.
//!
//! The first lines are the answer, the last ones what to do next, because that is where the eye is before and after
//! scrolling. The options stand side by side where there is room for it, and below each other where there is not.
//! Styles only stress what the words already say.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};

use crate::model::brief::{Brief, NextStep};
use crate::model::verdict::Verdict;

use super::page::{Comparison, FindingLine, Page};
use super::renderer::{Form, Renderer, Screen};
use super::{escape, words};

/// This renderer's row.
pub const RENDERER: Renderer = Renderer {
    id: "terminal",
    about: "for people, in a terminal or a job log",
    endings: &[".txt", ".log"],
    form: Form::Whole(render),
};

/// Below this width the options stand below each other.
const SIDE_BY_SIDE: u16 = 70;
/// Lines longer than this are hard to read, however wide the screen is.
const LONGEST_LINE: u16 = 110;
/// The narrowest page.
const NARROWEST: u16 = 20;
/// Steps before ship that the answer names.
const STEPS: usize = 4;
/// Findings of the change, and steps to take next, that are listed.
const FINDINGS: usize = 8;
/// Reasons and dates that are listed, each.
const LINES: usize = 6;
/// Arguments for an option that are listed, and against it: as many as the planner has for an ordinary change.
const ARGUMENTS: usize = 12;

const PLAIN: Style = Style::new();
const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Renders a brief for a screen.
pub fn render(brief: &Brief, screen: &Screen) -> String {
    let page = Page::of(brief);
    let mut out = Printer { out: String::new(), screen };
    out.paragraph(verdict_style(page.verdict), 0, &page.headline);
    if let Some(advice) = &page.advice {
        out.paragraph(STRONG, 0, advice);
    }
    out.paragraph(PLAIN, 0, &page.summary.join(" "));
    if let Some((first, more)) = page.decision.split_first() {
        out.paragraph(STRONG, 0, first);
        more.iter().for_each(|line| out.item(PLAIN, 2, "-", line));
    }
    if page.is_clear() {
        out.clear(&page);
    } else {
        out.full(&page);
    }
    out.out
}

const fn verdict_style(verdict: Verdict) -> Style {
    let color = match verdict {
        Verdict::WithinAppetite => AnsiColor::Green,
        Verdict::WithinTolerance => AnsiColor::Yellow,
        Verdict::BeyondTolerance => AnsiColor::Red,
        Verdict::Unresolved => AnsiColor::Magenta,
    };
    Style::new().bold().fg_color(Some(anstyle::Color::Ansi(color)))
}

struct Printer<'a> {
    out: String,
    screen: &'a Screen,
}

impl Printer<'_> {
    /// Nothing to choose: what was checked, against what, and out of the way.
    fn clear(&mut self, page: &Page) {
        self.paragraph(PLAIN, 0, &page.checked);
        self.paragraph(PLAIN, 0, &page.judged);
        page.not_counted.iter().for_each(|line| self.paragraph(PLAIN, 0, line));
        self.exceptions(page);
        for notice in page.notices.iter().filter(|&notice| Some(notice) != page.advice.as_ref()) {
            self.paragraph(PLAIN, 0, notice);
        }
        for step in &page.next {
            self.step(0, "", step);
        }
    }

    fn full(&mut self, page: &Page) {
        for reason in page.unresolved.iter().take(LINES) {
            self.item(PLAIN, 2, "-", reason);
        }
        self.rest(2, page.unresolved.len(), LINES, "reason");
        self.answer(page);
        if let Some(comparison) = &page.comparison {
            self.heading("Options");
            if self.screen.width < SIDE_BY_SIDE {
                self.stacked(comparison);
            } else {
                self.table(comparison);
            }
            for note in comparison.notes.iter().chain(&page.default) {
                self.paragraph(PLAIN, 0, note);
            }
        }
        if let Some((wish, lines)) = &page.wish {
            self.list(wish, lines);
        }
        self.arguments(page);
        self.why(page);
        self.findings(page);
        self.exceptions(page);
        self.list("Evidence", &page.coverage);
        self.paragraph(PLAIN, 2, &page.judged);
        let notices: Vec<String> =
            page.notices.iter().filter(|&notice| Some(notice) != page.advice.as_ref()).cloned().collect();
        self.list("Good to know", &notices);
        if !(page.first.is_empty() && page.next.is_empty()) {
            self.heading("Next");
            self.next(page);
        }
    }

    fn answer(&mut self, page: &Page) {
        let Some(answer) = &page.answer else { return };
        self.paragraph(STRONG, 0, &answer.line);
        for (index, step) in answer.steps.iter().take(STEPS).enumerate() {
            self.step(2, &format!("{}.", index + 1), step);
        }
        if answer.steps.len() > STEPS {
            self.paragraph(
                PLAIN,
                2,
                &format!("and {} more before ship", words::count(answer.steps.len() - STEPS, "step")),
            );
        }
        if !answer.approval.is_empty() {
            self.paragraph(PLAIN, 0, &answer.approval);
        }
    }

    fn table(&mut self, comparison: &Comparison) {
        let mut table = Table::new();
        table
            .load_style(if self.screen.unicode { presets::UTF8_FULL_CONDENSED } else { presets::ASCII_FULL_CONDENSED })
            .set_content_arrangement(ContentArrangement::Dynamic)
            .force_no_tty()
            .set_width(self.screen.width);
        let heading = comparison.columns.iter().map(|column| self.text(&column.heading()));
        table.set_header(std::iter::once(String::new()).chain(heading));
        for (label, cells) in &comparison.rows {
            let cells = cells.iter().map(|cell| self.text(cell));
            table.add_row(std::iter::once((*label).to_owned()).chain(cells));
        }
        self.out.push_str(&table.trim_fmt());
        self.out.push('\n');
    }

    fn stacked(&mut self, comparison: &Comparison) {
        for (index, column) in comparison.columns.iter().enumerate() {
            self.paragraph(STRONG, 2, &column.heading());
            for (label, cells) in &comparison.rows {
                if let Some(cell) = cells.get(index) {
                    self.item(PLAIN, 4, &format!("{label}:"), cell);
                }
            }
        }
    }

    fn arguments(&mut self, page: &Page) {
        if page.arguments.is_empty() {
            return;
        }
        self.heading("What speaks for and against");
        for argument in &page.arguments {
            self.paragraph(STRONG, 2, &argument.name);
            for (mark, lines) in [("+", &argument.pros), ("-", &argument.cons)] {
                for line in lines.iter().take(ARGUMENTS) {
                    self.item(PLAIN, 4, mark, line);
                }
                let more = lines.len().saturating_sub(ARGUMENTS);
                if more > 0 {
                    self.item(PLAIN, 4, mark, &format!("and {} more", words::grouped(more as u64)));
                }
            }
        }
    }

    fn why(&mut self, page: &Page) {
        if !page.rows.is_empty() || !page.counterfactual.is_empty() {
            self.heading("Why");
        }
        for row in page.rows.iter().take(LINES) {
            self.paragraph(STRONG, 2, &format!("{}: {}", row.id, row.state));
            let says = if row.says.is_empty() { String::new() } else { format!("{} ", row.says) };
            self.paragraph(PLAIN, 4, &format!("{says}Measured: {}.", row.measured));
            if !row.findings.is_empty() {
                self.paragraph(FAINT, 4, &row.findings);
            }
        }
        self.rest(2, page.rows.len(), LINES, "row");
        if page.rows_within > 0 && !page.rows.is_empty() {
            self.paragraph(PLAIN, 2, &format!("{} within appetite.", words::count(page.rows_within, "other row")));
        }
        for sentence in page.counterfactual.iter().take(LINES) {
            self.item(PLAIN, 2, "-", sentence);
        }
        self.rest(2, page.counterfactual.len(), LINES, "way");
        if !page.due.is_empty() {
            self.heading("Due dates");
            for due in page.due.iter().take(LINES) {
                self.item(PLAIN, 2, &format!("{}:", due.day), &format!("{} ({})", due.findings, due.table));
            }
            self.rest(2, page.due.len(), LINES, "date");
        }
    }

    fn findings(&mut self, page: &Page) {
        if page.introduced.is_empty() {
            return;
        }
        self.heading("What the change introduced, most exposure first");
        for finding in page.introduced.iter().take(FINDINGS) {
            self.finding(finding);
        }
        let left: usize = page.introduced.iter().skip(FINDINGS).map(|finding| finding.number).sum();
        self.rest(2, left, 0, "finding");
    }

    fn finding(&mut self, finding: &FindingLine) {
        self.item(PLAIN, 2, &format!("{}:", finding.severity), &finding.title);
        let due = finding.due.iter().map(|day| format!("due {day}"));
        let details: Vec<String> = finding.known.iter().cloned().chain(due).collect();
        if !finding.place.is_empty() {
            self.paragraph(FAINT, 4, &finding.place);
        }
        if !details.is_empty() {
            self.paragraph(FAINT, 4, &details.join("; "));
        }
    }

    fn list(&mut self, heading: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.heading(heading);
        for line in lines {
            self.item(PLAIN, 2, "-", line);
        }
    }

    fn exceptions(&mut self, page: &Page) {
        let shown: Vec<String> = page.exceptions.iter().take(FINDINGS).cloned().collect();
        self.list("Exceptions for scanners that this change adds, signed by nobody", &shown);
        self.rest(2, page.exceptions.len(), FINDINGS, "exception");
    }

    fn next(&mut self, page: &Page) {
        for (index, step) in page.first.iter().chain(&page.next).take(FINDINGS).enumerate() {
            self.step(0, &format!("{}.", index + 1), step);
        }
        self.rest(0, page.first.len() + page.next.len(), FINDINGS, "step");
    }

    /// What to do, with the command on a line of its own that is never broken.
    fn step(&mut self, indent: usize, number: &str, step: &NextStep) {
        if number.is_empty() {
            self.paragraph(PLAIN, indent, &step.say);
        } else {
            self.item(PLAIN, indent, number, &step.say);
        }
        if let Some(command) = &step.command {
            let command = self.text(command);
            self.line(STRONG, &format!("{}     {command}", " ".repeat(indent)));
        }
    }

    /// Says how many of `all` were not shown.
    fn rest(&mut self, indent: usize, all: usize, shown: usize, noun: &str) {
        if all > shown {
            self.paragraph(
                PLAIN,
                indent,
                &format!(
                    "and {} more {noun}{}",
                    words::grouped((all - shown) as u64),
                    if all - shown == 1 { "" } else { "s" }
                ),
            );
        }
    }

    fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.paragraph(STRONG, 0, text);
    }

    fn paragraph(&mut self, style: Style, indent: usize, text: &str) {
        let blank = " ".repeat(indent);
        self.wrapped(style, &blank, &blank, text);
    }

    /// A paragraph behind a mark, its further lines under its first word.
    fn item(&mut self, style: Style, indent: usize, mark: &str, text: &str) {
        let mark = self.text(mark);
        let blank = " ".repeat(indent);
        let first = format!("{blank}{mark} ");
        let beside = textwrap::core::display_width(&first);
        if beside > indent + 4 {
            // A long mark leaves no room beside it, and may itself be longer than the line.
            return self.wrapped(style, &blank, &format!("{blank}    "), &format!("{mark} {text}"));
        }
        let further = " ".repeat(beside);
        self.wrapped(style, &first, &further, text);
    }

    fn wrapped(&mut self, style: Style, first: &str, further: &str, text: &str) {
        for line in lines(self.screen, first, further, text) {
            self.line(style, &line);
        }
    }

    fn line(&mut self, style: Style, line: &str) {
        let indent = line.len() - line.trim_start().len();
        let (blank, content) = line.split_at(indent);
        self.out.push_str(blank);
        // A line that starts with two colons is a command to a runner that reads the log.
        if content.starts_with("::") {
            self.out.push('.');
        }
        let styled = self.screen.color && style != PLAIN;
        let (on, off) =
            if styled { (style.render().to_string(), style.render_reset().to_string()) } else { Default::default() };
        self.out.extend([on.as_str(), content, off.as_str()]);
        self.out.push('\n');
    }

    fn text(&self, text: &str) -> String {
        escape::terminal(text, self.screen.unicode)
    }
}

/// Text as a paragraph of a screen, its lines behind those beginnings.
pub fn paragraph(screen: &Screen, first: &str, further: &str, text: &str) -> String {
    lines(screen, first, further, text).into_iter().map(|line| line + "\n").collect()
}

/// Text as the lines of a screen, the first behind `first` and the others behind `further`.
fn lines(screen: &Screen, first: &str, further: &str, text: &str) -> Vec<String> {
    let width = usize::from(screen.width.clamp(NARROWEST, LONGEST_LINE));
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(further)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&escape::terminal(text, screen.unicode), options).into_iter().map(Cow::into_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn every_brief_reads_well() {
        for (name, brief) in fixture::all() {
            insta::assert_snapshot!(format!("{name}.terminal"), render(&brief, &Screen::default()));
        }
    }

    #[test]
    fn the_page_follows_the_width() {
        let brief = fixture::beyond_tolerance();
        for width in [60, 120] {
            let screen = Screen { width, ..Screen::default() };
            insta::assert_snapshot!(format!("beyond-tolerance-{width}.terminal"), render(&brief, &screen));
        }
        for width in (20..=200).step_by(6).chain([69, 70]) {
            let text = render(&brief, &Screen { width, ..Screen::default() });
            // Commands are not broken, so that they can be copied.
            let too_long = text.lines().find(|line| {
                !["detente", "cd"].iter().any(|word| line.trim_start().starts_with(word))
                    && textwrap::core::display_width(line) > usize::from(width)
            });
            assert_eq!(too_long, None, "at {width}");
            assert_eq!(text.contains('│'), width >= SIDE_BY_SIDE, "at {width}");
        }
    }

    #[test]
    fn color_changes_nothing_but_color() {
        for (name, brief) in fixture::all() {
            let plain = render(&brief, &Screen::default());
            let colored = render(&brief, &Screen { color: true, ..Screen::default() });
            assert!(!plain.contains('\u{1b}'), "{name}");
            assert!(colored.starts_with('\u{1b}'), "{name}");
            assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain, "{name}");
        }
    }

    #[test]
    fn an_ascii_screen_gets_ascii() {
        let text = render(&fixture::beyond_tolerance(), &Screen { unicode: false, ..Screen::default() });
        assert!(text.is_ascii(), "{text}");
        assert!(text.contains("9-17 h"), "{text}");
    }

    #[test]
    fn arguments_that_are_not_shown_are_counted() {
        let mut brief = fixture::beyond_tolerance();
        let option = &mut brief.plan.options[0];
        option.cons = (1..=15).map(|number| format!("Argument {number}.")).collect();
        let text = render(&brief, &Screen::default());
        assert!(text.contains("    - Argument 12.\n    - and 3 more\n"), "{text}");
    }

    #[test]
    fn nothing_to_choose_takes_five_lines() {
        let text = render(&fixture::within_appetite(), &Screen::default());
        assert_eq!(text.lines().count(), 5, "{text}");
    }
}
