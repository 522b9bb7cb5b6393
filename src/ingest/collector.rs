//! What an adapter fills while it reads: the report in the making.
//!
//! Every observation passes through here, so this is also where hostile or careless values are brought within bounds:
//! one-line titles, limited texts, probabilities between 0 and 1, paths with `/`.

use std::collections::BTreeMap;

use super::credentials;
use super::plain;
use super::tally::{Keep, Tally};
use crate::model::category::Category;
use crate::model::digest::Digest;
use crate::model::report::{Observation, Observations, Problem, Scan};
use crate::model::severity::Severity;
use crate::model::vex::Statement;

/// Most observations kept of one report. A report beyond it is marked as incomplete rather than read without bound.
const MOST_OBSERVATIONS: usize = 5_000_000;

/// Most problems, and most remarks, kept of one report: a million broken records are one message with a count, not a
/// million messages.
const MOST_PROBLEMS: usize = 20;

/// Most characters of a title, rule or name.
const LINE: usize = 300;

/// Most characters of a description or quoted code.
const TEXT: usize = 2_000;

/// Most bytes of a text that are searched for credentials.
const MASKED: usize = 64 << 10;

/// Most places, names and assessments kept of one observation.
const LIST: usize = 200;

/// The report in the making.
#[derive(Debug, Clone, Default)]
pub struct Collector {
    /// What the report says about the scan; adapters fill it as they meet it.
    pub scan: Scan,
    /// What the report states about vulnerabilities in products.
    pub statements: Vec<Statement>,
    keep: Keep,
    tally: Tally,
    observations: Observations,
    suppressed: Observations,
    unread: u64,
    problems: Vec<Problem>,
    /// Where the row with this digest went: whether to the suppressed ones, and its place in the list.
    rows: BTreeMap<Digest, (bool, usize)>,
}

/// What a collector holds when reading has ended.
#[derive(Debug)]
pub struct Collected {
    /// About the scan.
    pub scan: Scan,
    /// Statements about vulnerabilities in products.
    pub statements: Vec<Statement>,
    /// How many observations there were, whether or not they were kept.
    pub tally: Tally,
    /// Open observations.
    pub observations: Observations,
    /// Observations that someone told the scanner not to count.
    pub suppressed: Observations,
    /// Records that were not understood.
    pub unread: u64,
    /// What is wrong, in words.
    pub problems: Vec<Problem>,
}

impl Collector {
    /// A collector that keeps so much of what is added.
    pub fn keeping(keep: Keep) -> Self {
        Self { keep, ..Self::default() }
    }

    /// Adds one observation: to the suppressed ones if it says why it is not counted, else to the open ones.
    /// Every observation counts at least one occurrence, and its category is evidence that this kind of test ran.
    pub fn push(&mut self, observation: Observation) {
        self.scan.kinds.extend(observation.category);
        self.state(observation);
    }

    /// Whether numbers alone are kept, so that what can be counted need not be made an observation of.
    pub fn only_counts(&self) -> bool {
        self.keep == Keep::Numbers
    }

    /// Whether the scanner's own ids are kept, so that it is worth to make them.
    pub fn keeps_native_ids(&self) -> bool {
        self.keep == Keep::Everything
    }

    /// Counts so many alike observations that are not made, as [`push`](Self::push) would.
    pub fn count(&mut self, number: u64, category: Category, severity: Severity, suppressed: bool) {
        self.scan.kinds.insert(category);
        self.has_room_for(number, severity, suppressed);
    }

    /// Adds one observation that somebody states and no test found: it is evidence of no kind.
    pub fn state(&mut self, mut observation: Observation) {
        debug_assert!(observation.category.is_some(), "an adapter must say what kind of problem it read");
        let suppressed = observation.suppression.is_some();
        if self.has_room_for(1, observation.severity, suppressed) && !self.only_counts() {
            if credentials::is_about_one(&observation) {
                cut_for_masking(&mut observation);
                credentials::hide(&mut observation);
            }
            bring_within_bounds(&mut observation);
            if self.keep == Keep::Judged {
                forget_texts(&mut observation);
            }
            let list = if suppressed { &mut self.suppressed } else { &mut self.observations };
            list.push(Box::new(observation));
        }
    }

    /// Counts so many more observations, as far as there are not too many; whether there was room for all of them.
    fn has_room_for(&mut self, number: u64, severity: Severity, suppressed: bool) -> bool {
        let before = if suppressed { self.tally.suppressed } else { self.tally.open() };
        let room = MOST_OBSERVATIONS.saturating_sub(before);
        let fitting = usize::try_from(number).unwrap_or(usize::MAX).min(room);
        self.tally.add(fitting, severity, suppressed);
        let beyond = number - fitting as u64;
        (0..beyond).for_each(|_| self.unread(&format!("more than {MOST_OBSERVATIONS} results")));
        beyond == 0
    }

    /// Adds one observation, unless an equal row was there before: then that one counts once more. `row` is whatever
    /// makes two rows of this format the same; formats whose tool never repeats itself use [`push`](Self::push).
    pub fn push_once(&mut self, row: &[&str], observation: Observation) {
        let row = Digest::of(row.join("\0").as_bytes());
        let suppressed = observation.suppression.is_some();
        let list = if suppressed { &mut self.suppressed } else { &mut self.observations };
        if let Some((_, at)) = self.rows.get(&row).filter(|(before, _)| *before == suppressed) {
            if let Some(before) = list.get_mut(*at) {
                before.occurrences = before.occurrences.saturating_add(observation.occurrences.max(1));
            }
        } else {
            self.rows.insert(row, (suppressed, list.len()));
            self.push(observation);
        }
    }

    /// Counts one record that was not understood, with the reason. Evidence is missing because of it.
    pub fn unread(&mut self, why: &str) {
        self.unread += 1;
        if self.unread <= 3 {
            self.missing(format!("a record was not understood: {why}"));
        }
    }

    /// Says that evidence is missing: the scan did not succeed, the list is cut off, totals disagree with rows.
    pub fn missing(&mut self, message: impl Into<String>) {
        self.problem(true, message.into());
    }

    /// Says something worth knowing that does not make evidence missing.
    pub fn remark(&mut self, message: impl Into<String>) {
        self.problem(false, message.into());
    }

    /// Says that the scanner, by its own count, looked at none of the `things` that it tests. That can be right, where a
    /// change touches none of them; but then that it found nothing says nothing.
    pub fn looked_at_no(&mut self, things: &str) {
        self.remark(format!(
            "it looked at no {things}, by its own count: that it found nothing says nothing. Check what it was given, unless \
             there is none of it here"
        ));
    }

    fn problem(&mut self, evidence_missing: bool, message: String) {
        let problem = Problem { evidence_missing, message };
        let alike = self.problems.iter().filter(|other| other.evidence_missing == evidence_missing).count();
        if alike < MOST_PROBLEMS && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Completes the observations so far, for facts that the document states only after them. Not for their severity or
    /// suppression, by which they are counted already.
    pub fn amend(&mut self, mut with: impl FnMut(&mut Observation)) {
        self.observations.iter_mut().chain(&mut self.suppressed).for_each(|observation| with(observation));
    }

    /// Number of open observations so far.
    pub fn len(&self) -> usize {
        self.tally.open()
    }

    /// Ends reading.
    pub fn finish(self) -> Collected {
        Collected {
            scan: self.scan,
            statements: self.statements,
            tally: self.tally,
            observations: self.observations,
            suppressed: self.suppressed,
            unread: self.unread,
            problems: self.problems,
        }
    }
}

/// Lets go of what nothing is judged by.
pub fn forget_texts(observation: &mut Observation) {
    observation.description = String::new();
    observation.native_id = None;
}

/// Lets go of what is far beyond all bounds, so that it is not searched for credentials first: each quotation is compared with
/// each place. What is kept in the end begins long before the cut, with all that can stand in its quotations.
fn cut_for_masking(observation: &mut Observation) {
    let cut = |text: &mut String| {
        let end = (0..=MASKED.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    };
    observation.locations.truncate(LIST);
    let texts = [&mut observation.rule, &mut observation.title, &mut observation.description];
    texts.into_iter().for_each(cut);
    for location in &mut observation.locations {
        cut(&mut location.path);
        location.snippet.iter_mut().for_each(cut);
    }
}

fn bring_within_bounds(observation: &mut Observation) {
    observation.occurrences = observation.occurrences.max(1);
    for line in [&mut observation.rule, &mut observation.title] {
        keep_one_line(line);
    }
    if observation.title.is_empty() {
        observation.title.clone_from(&observation.rule);
    }
    keep_text(&mut observation.description);
    observation.description_digest = match observation.description.as_str() {
        "" => 0,
        text => Digest::of(text.as_bytes()).number(),
    };
    observation.cvss.truncate(LIST);
    observation.identifiers.truncate(LIST);
    observation.cwe.truncate(LIST);
    observation.locations.truncate(LIST);
    for location in &mut observation.locations {
        keep_path(&mut location.path);
        location.snippet.iter_mut().for_each(keep_text);
    }
    observation.locations.retain(|location| !location.path.is_empty());
    observation.artefact.iter_mut().for_each(keep_one_line);
    observation.artefact = observation.artefact.take().filter(|name| !name.is_empty());
    observation.epss = observation.epss.filter(|probability| (0.0..=1.0).contains(probability));
}

/// Brings a line within bounds; most are.
fn keep_one_line(line: &mut String) {
    let is_fine = if line.is_ascii() { line.len() <= LINE && plain::is_line(line) } else { is_one_line(line) };
    if !is_fine {
        *line = one_line(line);
    }
}

/// Whether [`one_line`] would change nothing.
fn is_one_line(line: &str) -> bool {
    let mut before = ' ';
    let fits = |c: char| {
        let fits = !c.is_control() && !(c.is_whitespace() && (c != ' ' || before == ' '));
        before = c;
        fits
    };
    line.len() <= 4 * LINE && line.chars().all(fits) && !line.ends_with(' ') && line.chars().count() <= LINE
}

/// White space and control characters become single spaces.
fn one_line(line: &str) -> String {
    let plain: String = line.chars().take(4 * LINE).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut short: String = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = short.char_indices().nth(LINE) {
        short.truncate(cut);
        short.push('…');
    }
    short
}

/// Brings a text within bounds; most are.
fn keep_text(long: &mut String) {
    if long.len() > TEXT || !plain::all_fit(long.as_bytes(), |byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        *long = text(long);
    }
}

/// Control characters other than line ends and tabs are dropped.
fn text(long: &str) -> String {
    let plain = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let mut kept: String = long.chars().filter(plain).take(TEXT + 1).collect();
    if let Some((cut, _)) = kept.char_indices().nth(TEXT) {
        kept.truncate(cut);
        kept.push('…');
    }
    kept
}

fn keep_path(path: &mut String) {
    keep_one_line(path);
    if path.contains('\\') {
        *path = path.replace('\\', "/");
    }
    let before = path.len() - path.trim_start_matches("./").len();
    path.drain(..before);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::location::Location;
    use crate::model::report::Suppression;

    #[test]
    fn hostile_values_are_brought_within_bounds() {
        let mut collector = Collector::default();
        collector.push(Observation {
            category: Some(Category::Code),
            rule: "r\u{1b}[31m\n1".into(),
            description: format!("\u{0}{}", "x".repeat(TEXT + 5)),
            locations: vec![Location { path: ".\\src\\a.rs".into(), ..Location::default() }, Location::default()],
            epss: Some(7.0),
            ..Observation::default()
        });
        let read = collector.finish().observations.remove(0);
        assert_eq!((read.rule.as_str(), read.title.as_str()), ("r [31m 1", "r [31m 1"));
        assert_eq!(read.description.chars().count(), TEXT + 1);
        assert_eq!(read.locations.len(), 1);
        assert_eq!(read.locations[0].path, "src/a.rs");
        assert_eq!((read.epss, read.occurrences), (None, 1));
    }

    #[test]
    fn what_is_within_bounds_is_what_bounds_would_leave() {
        let lines = [
            "",
            " ",
            "a",
            " a",
            "a ",
            "a  b",
            "a b",
            "a\tb",
            "a\u{7f}b",
            "é",
            "a\u{a0}b",
            "x\u{85}",
            "é é",
            "é  é",
            " é",
            "é ",
            "é\u{a0}é",
            "é\n",
            &"x".repeat(LINE),
            &"x".repeat(LINE + 1),
            &"é".repeat(LINE),
            &"é".repeat(LINE + 1),
            &"𝄞".repeat(2 * LINE),
        ];
        for line in lines {
            let mut kept = line.to_owned();
            keep_one_line(&mut kept);
            assert_eq!(kept, one_line(line), "{line:?}");
            let mut kept = line.to_owned();
            keep_text(&mut kept);
            assert_eq!(kept, text(line), "{line:?}");
        }
    }

    #[test]
    fn numbers_alone_are_those_of_what_would_be_kept() {
        let suppression = || Some(Suppression { kind: "in source".into(), reason: String::new() });
        let tally = |keep| {
            let mut collector = Collector::keeping(keep);
            for severity in [Severity::High, Severity::Low, Severity::High] {
                collector.push(Observation { category: Some(Category::Code), severity, ..Observation::default() });
            }
            let code = || Observation { category: Some(Category::Code), ..Observation::default() };
            collector.push(Observation { suppression: suppression(), ..code() });
            collector.push_once(&["same", "row"], code());
            collector.push_once(&["same", "row"], code());
            let collected = collector.finish();
            let kept = (collected.observations.len(), collected.suppressed.len());
            (collected.tally, kept, collected.scan.kinds)
        };
        let (numbers, kept, kinds) = tally(Keep::Numbers);
        assert_eq!((numbers.open(), numbers.open[&Severity::High], numbers.suppressed), (4, 2, 1));
        assert_eq!((kept, kinds.len()), ((0, 0), 1));
        assert_eq!(tally(Keep::Everything), (numbers, (4, 1), kinds));
    }

    #[test]
    fn missing_evidence_is_told_however_many_remarks_there_are() {
        let mut collector = Collector::default();
        for number in 0..100 {
            collector.remark(format!("remark {number}"));
        }
        (0..100).for_each(|_| collector.unread("no id"));
        let collected = collector.finish();
        assert_eq!(collected.unread, 100);
        assert_eq!(collected.problems.iter().filter(|problem| problem.evidence_missing).count(), 1);
        assert_eq!(collected.problems.len(), MOST_PROBLEMS + 1);
    }

    #[test]
    fn what_a_scanner_was_told_not_to_count_is_kept_apart_but_its_kind_of_test_ran() {
        let mut collector = Collector::default();
        let suppression = Some(Suppression { kind: "in source".into(), reason: String::new() });
        collector.push(Observation { category: Some(Category::Code), suppression, ..Observation::default() });
        collector.amend(|observation| observation.artefact = Some("image".into()));
        let collected = collector.finish();
        assert!(collected.observations.is_empty() && collected.scan.kinds.contains(&Category::Code));
        assert_eq!(collected.suppressed[0].artefact.as_deref(), Some("image"));
    }
}
