//! What a person who chooses sees, and what each key does: a state and its picture, without a terminal.
//!
//! Options stand side by side as far as the width allows: with a column of labels, else with the labels above each row,
//! else one option at a time. The chosen column is marked by a sign and not by a style alone.

use textwrap::core::display_width;

use crate::model::appetite::OptionName;
use crate::render::{Detail, Offer, Offered};

/// How a piece of a line looks; nothing is said by a look alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    Plain,
    /// Stressed.
    Strong,
    /// Stepping back.
    Faint,
}

/// One line of the picture: pieces one after the other.
pub type Line = Vec<(Look, String)>;

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The option to the left.
    Left,
    /// The option to the right.
    Right,
    /// A line up.
    Up,
    /// A line down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Go on.
    Enter,
    /// Go back.
    Escape,
    /// Take back a character.
    Backspace,
    /// Leave at once.
    Interrupt,
    /// A character.
    Char(char),
}

/// What comes of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Draw again.
    Stay,
    /// Nothing was chosen.
    Leave,
    /// An option was chosen, for a reason.
    Chosen(OptionName, String),
}

/// Least width of a column of options.
const COLUMN: usize = 17;
/// Width of the column of labels, and from which width on there is one.
const LABELS: usize = 26;
/// Gap between columns.
const GAP: usize = 2;
/// Lines longer than this are hard to read.
const LONGEST: usize = 110;
/// Below this width keys are named in short.
const NARROW: usize = 40;
/// Longest reason.
const REASON: usize = 500;

/// The state.
pub struct Panel {
    offer: Offer,
    /// Sign before the chosen option.
    sign: &'static str,
    at: usize,
    detail: Option<Detail>,
    scroll: usize,
    reason: Option<String>,
    remark: &'static str,
    /// How many lines of the middle were shown last: a page.
    page: std::cell::Cell<(usize, usize)>,
}

impl Panel {
    /// Begins at the recommended option; with `unicode` false in ASCII alone.
    pub fn new(offer: Offer, unicode: bool) -> Self {
        let at = offer.options.iter().position(|option| option.recommended).unwrap_or(0);
        let sign = if unicode { "▸ " } else { "> " };
        Self { offer, sign, at, detail: None, scroll: 0, reason: None, remark: "", page: std::cell::Cell::new((1, 0)) }
    }

    /// What a key does.
    pub fn press(&mut self, key: Key) -> Step {
        self.remark = "";
        if key == Key::Interrupt {
            return Step::Leave;
        }
        if self.reason.is_some() { self.write(key) } else { self.look(key) }
    }

    fn look(&mut self, key: Key) -> Step {
        let last = self.offer.options.len().saturating_sub(1);
        let (page, most) = self.page.get();
        match key {
            Key::Left => self.at = self.at.saturating_sub(1),
            Key::Right => self.at = (self.at + 1).min(last),
            Key::Up => self.scroll = self.scroll.saturating_sub(1),
            Key::Down => self.scroll = (self.scroll + 1).min(most),
            Key::PageUp => self.scroll = self.scroll.saturating_sub(page),
            Key::PageDown | Key::Char(' ') => self.scroll = (self.scroll + page).min(most),
            Key::Enter => self.reason = Some(String::new()),
            Key::Escape | Key::Char('q') if self.detail.is_none() => return Step::Leave,
            Key::Escape | Key::Char('q' | 'o') => self.turn_to(None),
            Key::Char('t') => self.turn_to(Some(Detail::Timeline)),
            Key::Char('p') => self.turn_to(Some(Detail::ProsAndCons)),
            Key::Char('f') => self.turn_to(Some(Detail::Findings)),
            Key::Char('w') => self.turn_to(Some(Detail::Why)),
            _ => {}
        }
        Step::Stay
    }

    /// Takes in what was pasted: a part of the reason, and never a key. A line break in it would otherwise choose.
    pub fn paste(&mut self, text: &str) {
        self.remark = "";
        for c in text.trim().chars() {
            if self.reason.is_some() {
                self.write(Key::Char(if c.is_whitespace() { ' ' } else { c }));
            }
        }
    }

    fn turn_to(&mut self, detail: Option<Detail>) {
        self.detail = detail;
        self.scroll = 0;
    }

    fn write(&mut self, key: Key) -> Step {
        let Some(reason) = &mut self.reason else { return Step::Stay };
        match key {
            Key::Char(c) if !c.is_control() && reason.chars().count() < REASON => reason.push(c),
            Key::Backspace => drop(reason.pop()),
            Key::Escape => self.reason = None,
            Key::Enter if reason.trim().is_empty() => {
                self.remark = "Say in a few words why; it is kept with the decision."
            }
            Key::Enter => {
                if let Some(option) = self.offer.options.get(self.at) {
                    return Step::Chosen(option.name, reason.trim().to_owned());
                }
            }
            _ => {}
        }
        Step::Stay
    }

    /// The picture: at most `height` lines of at most `width` columns.
    pub fn lines(&self, width: usize, height: usize) -> Vec<Line> {
        let (width, height) = (width.max(8), height.max(4));
        let text = width.min(LONGEST);
        let mut top: Vec<Line> = wrapped(Look::Strong, &self.offer.headline, text);
        let mut foot = self.foot(text, false);
        let summary = wrapped(Look::Plain, &self.offer.summary.join(" "), text);
        // What stands against the agreement is worth a third of the screen, not more.
        let room = (height / 3).saturating_sub(top.len());
        if summary.len() <= room.max(1) {
            top.extend(summary);
        } else {
            top.extend(summary.into_iter().take(room.max(1)));
        }
        top.push(Line::new());
        top.truncate(height.saturating_sub(foot.len() + 1));
        let middle = match self.detail {
            None => self.compared(width),
            Some(detail) => self.detailed(detail, text),
        };
        let mut room = height.saturating_sub(top.len() + foot.len());
        if middle.len() > room {
            foot = self.foot(text, true);
            room = height.saturating_sub(top.len() + foot.len());
        }
        let most = middle.len().saturating_sub(room);
        let from = self.scroll.min(most);
        self.page.set((room.max(1), most));
        let shown = middle.into_iter().skip(from).take(room);
        top.into_iter().chain(shown).chain(foot).take(height).collect()
    }

    /// The options side by side.
    fn compared(&self, width: usize) -> Vec<Line> {
        let options = &self.offer.options;
        let number = options.len().max(1);
        let gaps = GAP * (number - 1);
        let labelled = width >= LABELS + GAP + number * (COLUMN + 5) + gaps;
        let side_by_side = width >= number * COLUMN + gaps;
        let text = width.min(LABELS + GAP + number * 44);
        let mut lines = Vec::new();
        if side_by_side {
            let labels = if labelled { LABELS + GAP } else { 0 };
            let column = (text - labels - gaps) / number;
            let headings: Vec<String> = (0..options.len()).map(|index| self.heading(index)).collect();
            lines.extend(row("", labels, &headings, column, Some(self.at)));
            let facts = options.first().map_or(0, |option| option.facts.len());
            for fact in 0..facts {
                let label = options.first().map_or("", |option| option.facts[fact].0);
                let cells: Vec<String> = options
                    .iter()
                    .map(|o| o.facts.get(fact).map_or_else(String::new, |(_, cell)| cell.clone()))
                    .collect();
                if !labelled {
                    lines.push(vec![(Look::Faint, label.to_owned())]);
                }
                lines.extend(row(label, labels, &cells, column, None));
            }
        } else if let Some(option) = options.get(self.at) {
            lines.extend(wrapped(Look::Faint, &format!("Option {} of {number}", self.at + 1), width));
            lines.extend(wrapped(Look::Strong, &self.heading(self.at), width));
            for (label, cell) in &option.facts {
                lines.push(vec![(Look::Faint, clipped(label, width))]);
                lines.extend(wrapped(Look::Plain, cell, width));
            }
        }
        lines.push(Line::new());
        for note in &self.offer.notes {
            lines.extend(wrapped(Look::Faint, note, width.min(LONGEST)));
        }
        lines
    }

    fn heading(&self, index: usize) -> String {
        let Some(option) = self.offer.options.get(index) else { return String::new() };
        let sign = if index == self.at { self.sign } else { "  " };
        let recommended = if option.recommended { " (recommended)" } else { "" };
        format!("{sign}{}{recommended}", option.heading)
    }

    /// One detail of the chosen option.
    fn detailed(&self, detail: Detail, width: usize) -> Vec<Line> {
        let Some(option) = self.offer.options.get(self.at) else { return Vec::new() };
        let heading = match detail {
            Detail::Why => detail.heading().to_owned(),
            _ => format!("{} of {}", detail.heading(), option.heading),
        };
        let mut lines = wrapped(Look::Strong, &heading, width);
        lines.extend(about(option, detail).iter().flat_map(|line| wrapped(Look::Plain, line, width)));
        lines
    }

    /// What can be pressed, or the reason that is being written.
    #[allow(clippy::single_match_else, reason = "two states of equal weight")]
    fn foot(&self, width: usize, scrolls: bool) -> Vec<Line> {
        let mut lines = vec![Line::new()];
        match &self.reason {
            Some(reason) => {
                let name = self.offer.options.get(self.at).map_or("", |option| option.name.as_str());
                lines.extend(wrapped(Look::Strong, &format!("Why {name}? It is kept with the decision:"), width));
                let reason = tail(reason, width.saturating_sub(3));
                lines.push(vec![(Look::Plain, format!("> {reason}_"))]);
                let keys = "Enter signs and records it; Esc goes back.";
                lines.extend(wrapped(Look::Faint, if self.remark.is_empty() { keys } else { self.remark }, width));
            }
            None => {
                let back = if self.detail.is_some() { "Esc options" } else { "q leave" };
                let more = if scrolls { "Up/Down more   " } else { "" };
                let keys = if width < NARROW {
                    // The options need the room.
                    let back = back.split(' ').next().unwrap_or_default();
                    format!("Arrows, t p f w, Enter choose, {back} back")
                } else {
                    format!(
                        "Left/Right option   {more}t timeline   p pros and cons   f findings   w why   Enter choose   {back}"
                    )
                };
                lines.extend(wrapped(Look::Faint, &keys, width));
            }
        }
        lines
    }
}

/// The lines of one detail.
pub fn about(option: &Offered, detail: Detail) -> &[String] {
    option.details.iter().find(|(known, _)| *known == detail).map_or(&[], |(_, lines)| lines)
}

/// Cells side by side, each wrapped in its column.
fn row(label: &str, labels: usize, cells: &[String], column: usize, strong: Option<usize>) -> Vec<Line> {
    let wrapped_label = if labels > 0 { split(label, labels - GAP) } else { Vec::new() };
    let cells: Vec<Vec<String>> = cells.iter().map(|cell| split(cell, column)).collect();
    let height = cells.iter().map(Vec::len).chain([wrapped_label.len()]).max().unwrap_or(0);
    (0..height)
        .map(|index| {
            let mut line = Line::new();
            if labels > 0 {
                line.push((Look::Faint, padded(wrapped_label.get(index).map_or("", String::as_str), labels)));
            }
            for (number, cell) in cells.iter().enumerate() {
                let look = if strong == Some(number) { Look::Strong } else { Look::Plain };
                let text = cell.get(index).map_or("", String::as_str);
                let last = number + 1 == cells.len();
                line.push((look, if last { text.to_owned() } else { padded(text, column + GAP) }));
            }
            line
        })
        .collect()
}

fn split(text: &str, width: usize) -> Vec<String> {
    // Two blanks at the start stand where the sign of the chosen one stands elsewhere.
    let indent = &text[..text.len() - text.trim_start().len()];
    let options = within(width).initial_indent(indent).subsequent_indent(indent);
    textwrap::wrap(text.trim_start(), options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// Lines of a width; a date is not cut at its hyphens.
fn within<'w>(width: usize) -> textwrap::Options<'w> {
    textwrap::Options::new(width.max(1)).word_splitter(textwrap::WordSplitter::NoHyphenation)
}

fn wrapped(look: Look, text: &str, width: usize) -> Vec<Line> {
    let indent = if text.starts_with("- ") || text.starts_with("+ ") { "  " } else { "" };
    let options = within(width).subsequent_indent(indent);
    textwrap::wrap(text, options).into_iter().map(|line| vec![(look, line.into_owned())]).collect()
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(text))))
}

fn clipped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if display_width(&out) + display_width(c.encode_utf8(&mut [0; 4])) > width {
            break;
        }
        out.push(c);
    }
    out
}

/// The end of a text that fits, because that is where one writes.
fn tail(text: &str, width: usize) -> &str {
    let mut from = text.len();
    for (index, _) in text.char_indices().rev() {
        if display_width(&text[index..]) > width {
            break;
        }
        from = index;
    }
    &text[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer() -> Offer {
        let option = |name: OptionName, heading: &str, ships: &str| Offered {
            name,
            heading: heading.to_owned(),
            recommended: name == OptionName::Balanced,
            facts: vec![("Ships", ships.to_owned()), ("Open at ship", "1 critical, 3 high; 41 older".to_owned())],
            details: vec![
                (Detail::Timeline, (0..40).map(|n| format!("- step {n} of a long line of work that wraps")).collect()),
                (Detail::Why, vec!["new-critical: none is tolerated".to_owned()]),
            ],
        };
        Offer {
            headline: "Beyond tolerance: choose how to proceed".to_owned(),
            summary: vec![
                "This change brings 2 findings beyond what was agreed for checkout (internet-facing).".to_owned(),
            ],
            options: vec![
                option(OptionName::Fastest, "Fastest", "today, 15:30"),
                option(OptionName::Balanced, "Balanced", "Wed 2026-11-25 (1 working day later)"),
                option(OptionName::MostSecure, "Most secure", "Mon 2026-11-30 (4 working days later)"),
            ],
            notes: vec!["If nobody chooses by 16:40, Balanced takes effect, as agreed.".to_owned()],
        }
    }

    fn text(lines: &[Line]) -> String {
        lines.iter().map(|line| line.iter().map(|(_, text)| text.as_str()).collect::<String>() + "\n").collect()
    }

    #[test]
    fn every_picture_fits_its_screen() {
        for width in [1, 8, 20, 40, 59, 60, 61, 99, 100, 120, 160, 300] {
            for height in [1, 4, 10, 24, 60] {
                let mut panel = Panel::new(offer(), true);
                for key in [Key::Down, Key::Char('t'), Key::PageDown, Key::Escape, Key::Enter, Key::Char('é')] {
                    let lines = panel.lines(width, height);
                    assert!(lines.len() <= height.max(4), "{width}x{height}");
                    for line in &lines {
                        let wide: usize = line.iter().map(|(_, text)| display_width(text)).sum();
                        assert!(wide <= width.max(8), "{width}x{height}: {line:?}");
                    }
                    panel.press(key);
                }
            }
        }
    }

    #[test]
    fn options_stand_side_by_side_as_far_as_the_width_allows() {
        let panel = Panel::new(offer(), true);
        let wide = text(&panel.lines(120, 30));
        assert!(
            wide.lines().any(|line| line.starts_with("Ships") && line.contains("today") && line.contains("Mon")),
            "{wide}"
        );
        let narrow = text(&panel.lines(60, 30));
        assert!(narrow.lines().any(|line| line.contains("Fastest") && line.contains("Most secure")), "{narrow}");
        let tiny = text(&panel.lines(20, 40));
        assert!(tiny.contains("Option 2 of 3") && !tiny.contains("Fastest"), "{tiny}");
        assert!(wide.contains("▸ Balanced (recommended)"), "{wide}");
        assert!(text(&Panel::new(offer(), false).lines(120, 30)).contains("> Balanced"));
    }

    #[test]
    fn a_choice_takes_a_reason() {
        let mut panel = Panel::new(offer(), true);
        assert_eq!(panel.press(Key::Right), Step::Stay);
        assert_eq!(panel.press(Key::Enter), Step::Stay);
        assert_eq!(panel.press(Key::Enter), Step::Stay, "no reason, no choice");
        assert!(text(&panel.lines(80, 24)).contains("few words why"));
        for c in "the q fair".chars() {
            assert_eq!(panel.press(Key::Char(c)), Step::Stay);
        }
        assert_eq!(panel.press(Key::Backspace), Step::Stay);
        assert_eq!(panel.press(Key::Enter), Step::Chosen(OptionName::MostSecure, "the q fai".to_owned()));
    }

    #[test]
    fn what_is_pasted_presses_no_key() {
        let mut panel = Panel::new(offer(), true);
        panel.paste("q\n\nyes\n");
        assert_eq!(panel.press(Key::Enter), Step::Stay, "nothing was begun by it");
        panel.paste("the fair\nopens\r\n\u{1b}[A");
        assert_eq!(panel.press(Key::Enter), Step::Chosen(OptionName::Balanced, "the fair opens  [A".to_owned()));
    }

    #[test]
    fn nothing_is_chosen_by_leaving() {
        let mut panel = Panel::new(offer(), true);
        panel.press(Key::Char('t'));
        assert_eq!(panel.press(Key::Char('q')), Step::Stay, "from a detail back to the options");
        assert_eq!(panel.press(Key::Char('q')), Step::Leave);
        panel.press(Key::Enter);
        assert_eq!(panel.press(Key::Escape), Step::Stay);
        panel.press(Key::Enter);
        assert_eq!(panel.press(Key::Interrupt), Step::Leave);
    }

    #[test]
    fn details_scroll_to_their_end_and_not_beyond() {
        let mut panel = Panel::new(offer(), true);
        panel.press(Key::Char('t'));
        let first = text(&panel.lines(80, 20));
        assert!(first.contains("step 0 ") && !first.contains("step 39"), "{first}");
        for _ in 0..20 {
            panel.press(Key::PageDown);
            panel.lines(80, 20);
        }
        assert!(text(&panel.lines(80, 20)).contains("step 39"));
        panel.press(Key::Up);
        assert!(!text(&panel.lines(80, 20)).contains("step 39"), "one line up is one line up");
    }
}
