//! What a brief says to people, in plain text and reading order.
//!
//! The same words for every reader: the answer first, then the options side by side, then the reasons, then the
//! evidence. Nothing here is escaped or laid out; a renderer passes every string through [`escape`](super::escape).

mod comparison;
mod decision;
mod evidence;
mod lengths;
mod reasons;

use std::collections::HashSet;

use crate::model::appetite::AgreementState;
use crate::model::assessment::AssessedFinding;
use crate::model::brief::{Brief, NextStep};
use crate::model::origin::Origin;
use crate::model::standing::DecisionState;
use crate::model::verdict::Verdict;

use super::dates::Dates;
use super::escape::clip;
use super::words;

pub use comparison::{Answer, Argument, Comparison, column, planned, score, ships, step_title, treatment};
pub use evidence::{FindingLine, ReportLine, finding as finding_line};
use lengths::TITLE;
pub use reasons::{DueLine, RowLine, line as row_line};

/// Everything that is said to people.
pub struct Page {
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict and what it asks for, in a few words.
    pub headline: String,
    /// Said first and plainly if nothing is enforced.
    pub advice: Option<String>,
    /// What stands against what was agreed, a sentence each.
    pub summary: Vec<String>,
    /// Why the verdict is unresolved and what to do, a sentence each.
    pub unresolved: Vec<String>,
    /// What was decided, or why it is not yet; the first sentence is the answer. Empty if nobody chose.
    pub decision: Vec<String>,
    /// Whether the change is decided, so that there is nothing left to choose.
    pub decided: bool,
    /// What to do, in short.
    pub answer: Option<Answer>,
    /// The options side by side.
    pub comparison: Option<Comparison>,
    /// What was wished, and the answer in sentences.
    pub wish: Option<(String, Vec<String>)>,
    /// What speaks for and against each option.
    pub arguments: Vec<Argument>,
    /// What takes effect if nobody chooses.
    pub default: Option<String>,
    /// Tolerance rows that are not within appetite, worst first.
    pub rows: Vec<RowLine>,
    /// How many rows are within appetite.
    pub rows_within: usize,
    /// What would change the verdict.
    pub counterfactual: Vec<String>,
    /// Due dates, earliest first.
    pub due: Vec<DueLine>,
    /// Open findings that count as coming with the change, highest exposure rate first.
    pub introduced: Vec<FindingLine>,
    /// All other findings, highest exposure rate first.
    pub others: Vec<FindingLine>,
    /// What was tested, in one sentence.
    pub checked: String,
    /// Kinds of test and how their evidence stands.
    pub coverage: Vec<String>,
    /// Of that, what is not counted and by whose word.
    pub not_counted: Vec<String>,
    /// Reports that were read.
    pub reports: Vec<ReportLine>,
    /// What was judged against what, in one sentence.
    pub judged: String,
    /// What was judged when: name of the appetite, moment, commit.
    pub setting: String,
    /// Where the figures come from.
    pub basis: Vec<String>,
    /// What the reader should know besides.
    pub notices: Vec<String>,
    /// Exceptions for scanners that the change adds and nobody signed, one line each.
    pub exceptions: Vec<String>,
    /// What to do before everything else, whatever is chosen.
    pub first: Vec<NextStep>,
    /// What to do next.
    pub next: Vec<NextStep>,
}

impl Page {
    /// What `brief` says to whoever reads it at once.
    pub fn of(brief: &Brief) -> Self {
        Self::dated(brief, &Dates::of(&brief.plan.planning))
    }

    /// What `brief` says to whoever finds it another day.
    pub fn to_keep(brief: &Brief) -> Self {
        Self::dated(brief, &Dates::to_keep(&brief.plan.planning))
    }

    fn dated(brief: &Brief, dates: &Dates) -> Self {
        let (introduced, others) = evidence::findings(brief, dates);
        let (rows, rows_within) = reasons::rows(brief);
        let whatever = brief.first();
        let (first, next) = brief.next.iter().cloned().partition(|step| whatever.as_ref() == Some(step));
        Self {
            verdict: brief.assessment.verdict,
            headline: headline(brief),
            advice: advice(brief),
            summary: summary(brief),
            unresolved: brief.assessment.unresolved_because.clone(),
            decision: decision::decision(brief, dates),
            decided: brief.is_decided(),
            answer: comparison::answer(brief, dates),
            comparison: comparison::comparison(brief, dates),
            wish: comparison::wish(brief, dates),
            arguments: comparison::arguments(brief),
            default: comparison::default_choice(brief, dates).filter(|_| !brief.is_decided()),
            rows,
            rows_within,
            counterfactual: brief.assessment.counterfactual.clone(),
            due: reasons::due(brief, dates),
            introduced,
            others,
            checked: evidence::checked(brief),
            coverage: evidence::coverage(brief),
            not_counted: evidence::not_counted(&brief.assessment.suppressed),
            reports: evidence::reports(brief),
            judged: judged(brief),
            setting: setting(brief, dates),
            basis: evidence::basis(brief),
            notices: notices(brief),
            exceptions: evidence::exceptions(brief),
            first,
            next,
        }
    }

    /// Whether there is nothing to choose and nothing to do: the page then gets out of the way.
    pub const fn is_clear(&self) -> bool {
        matches!(self.verdict, Verdict::WithinAppetite) && self.comparison.is_none()
    }
}

/// What the reader should know besides: the advice, if it is only that, then limits of the figures.
pub fn notices(brief: &Brief) -> Vec<String> {
    let mut out = about_judgement(brief);
    out.extend(brief.plan.remarks.iter().cloned());
    out
}

/// What to know of the judgement, without the bases of the plans' figures.
pub fn about_judgement(brief: &Brief) -> Vec<String> {
    let mut out: Vec<String> = advice(brief).into_iter().collect();
    if brief.appetite.binds() && !brief.appetite.agreement.remark.is_empty() {
        out.push(brief.appetite.agreement.remark.clone());
    }
    if !brief.change.unknown_because.is_empty() {
        out.push(brief.change.unknown_because.clone());
    }
    let unplaced = brief.count(Origin::Unknown);
    if unplaced > 0 {
        let counts = if unplaced == 1 { "counts" } else { "count" };
        out.push(format!(
            "{} could not be told to be new or old, and {counts} as new.",
            words::count(unplaced, "finding")
        ));
    }
    out.extend(brief.notices.iter().cloned());
    out
}

fn headline(brief: &Brief) -> String {
    let options = brief.plan.options.len();
    if brief.is_decided() {
        let held = if brief.ships() || brief.held().is_empty() { "" } else { ", held until a row is treated" };
        return format!("{}: decided{held}", words::capitalised(words::verdict(brief.assessment.verdict)));
    }
    match (brief.assessment.verdict, options) {
        (Verdict::WithinAppetite, _) => "Within appetite: go ahead",
        (Verdict::WithinTolerance, 0) => "Within tolerance: go ahead",
        (Verdict::WithinTolerance, 1) => "Within tolerance: one way to proceed",
        (Verdict::WithinTolerance, _) => "Within tolerance: choose how to proceed",
        (Verdict::BeyondTolerance, 0) => "Beyond tolerance: a decision is needed",
        (Verdict::BeyondTolerance, 1) => "Beyond tolerance: one way to proceed",
        (Verdict::BeyondTolerance, _) => "Beyond tolerance: choose how to proceed",
        (Verdict::Unresolved, _) => "Unresolved: evidence is missing",
    }
    .to_owned()
}

fn advice(brief: &Brief) -> Option<String> {
    let agreement = &brief.appetite.agreement;
    let state = match agreement.state {
        AgreementState::Agreed => return None,
        AgreementState::Unsigned => "is not signed yet",
        AgreementState::HalfSigned => "is signed by one of the two parties",
        AgreementState::Altered => "is not the one that was signed",
        AgreementState::Unverified => "cannot be verified from this clone",
        AgreementState::Lapsed => "is signed, but not in effect today",
    };
    // Missing evidence is not advice: it ends the run with a code of its own, whoever agreed on what.
    let what = if brief.assessment.verdict == Verdict::Unresolved { "no finding" } else { "nothing here" };
    let sentence = format!(
        "Advice only: the risk appetite {state}, so {what} holds the release. {}",
        words::capitalised(&agreement.remark)
    );
    Some(sentence.trim_end().to_owned())
}

/// Two to four sentences: what stands against what was agreed, what does not count, what gets better.
fn summary(brief: &Brief) -> Vec<String> {
    let assessment = &brief.assessment;
    let introduced = brief.count(Origin::Introduced) + brief.count(Origin::Unknown);
    let mut out = Vec::new();
    let decisive = assessment.rows.iter().filter(|row| row.state == assessment.verdict);
    let decisive: HashSet<&String> = decisive.flat_map(|row| &row.findings).collect();
    let concerned: Vec<&AssessedFinding> =
        brief.open_findings().filter(|assessed| decisive.contains(&assessed.finding.id)).collect();
    match assessment.verdict {
        Verdict::BeyondTolerance => out.push(against(&concerned, &format!("beyond {}", brief.appetite.standard()))),
        Verdict::WithinTolerance => {
            let agreed = if brief.appetite.binds() { "agreed " } else { "" };
            out.push(against(&concerned, &format!("above the {agreed}appetite, within the {agreed}tolerance,")));
        }
        Verdict::WithinAppetite => {
            let brings = match introduced {
                0 => "This change brings no finding".to_owned(),
                some => {
                    format!(
                        "This change brings {}, within {}",
                        words::count(some, "finding"),
                        brief.appetite.standard()
                    )
                }
            };
            let older = match brief.count(Origin::Ambient) {
                0 => String::new(),
                1 => "; 1 older does not hold it".to_owned(),
                some => format!("; {} older do not hold it", words::grouped(some as u64)),
            };
            out.push(format!("{brings}{older}."));
        }
        Verdict::Unresolved => out.push(format!(
            "Nothing is judged until the evidence is complete, and the gate ends with exit code 3 until then. Known so \
             far: {} with this change.",
            words::count(introduced, "finding")
        )),
    }
    let held = brief.held();
    // A decision says by itself what has to be done before it ships.
    let said = brief
        .standing
        .as_ref()
        .is_some_and(|standing| matches!(standing.state, DecisionState::Decided | DecisionState::ByDefault));
    if !held.is_empty() && !said {
        let agreed = if brief.appetite.binds() { ", as both leaders agreed" } else { "" };
        out.push(format!("To be treated before ship{agreed}: {}.", words::list(&held, "and")));
    }
    let older = brief.count(Origin::Ambient);
    if older > 0 && assessment.verdict != Verdict::WithinAppetite {
        let counted = concerned.iter().any(|assessed| assessed.finding.origin == Origin::Ambient);
        let (is, does) = if older == 1 { ("is", "does") } else { ("are", "do") };
        let judged = assessment.verdict != Verdict::Unresolved && !counted;
        let tail = if judged { format!(" and {does} not hold it") } else { String::new() };
        out.push(format!("{} {is} not caused by it{tail}.", words::count(older, "older finding")));
    }
    let resolved = brief.count(Origin::Resolved);
    if resolved > 0 {
        out.push(format!("It resolves {}.", words::count(resolved, "finding")));
    }
    let exceptions: usize = brief.change.files.values().map(|file| file.exceptions.len()).sum();
    if exceptions > 0 {
        let hide = if exceptions == 1 { "hides is" } else { "hide is" };
        out.push(format!(
            "It adds {} for scanners that nobody signed; what {} {hide} not judged here.",
            words::count(exceptions, "exception"),
            if exceptions == 1 { "it" } else { "they" },
        ));
    }
    out
}

/// "This change brings 2 findings beyond what was agreed for checkout (internet-facing)."
fn against(concerned: &[&AssessedFinding], what: &str) -> String {
    let all = concerned.len();
    let new = concerned.iter().filter(|assessed| assessed.finding.origin.counts_as_introduced()).count();
    let services = services(concerned);
    let for_services = if services.is_empty() { String::new() } else { format!(" for {services}") };
    if new == all {
        return format!("This change brings {} {what}{for_services}.", words::count(all, "finding"));
    }
    let (are, come) = (if all == 1 { "is" } else { "are" }, if new == 1 { "comes" } else { "come" });
    let share = if new == 0 { "none of them".to_owned() } else { format!("{new} of them") };
    let come = if new == 0 { "comes" } else { come };
    format!("{} {are} {what}{for_services}; {share} {come} with this change.", words::count(all, "finding"))
}

/// `checkout (internet-facing)`, at most two by name.
fn services(findings: &[&AssessedFinding]) -> String {
    let mut names: Vec<String> = Vec::new();
    for service in findings.iter().map(|assessed| &assessed.service) {
        let name = if service.declared {
            format!("{} ({})", clip(&service.name, TITLE), words::exposure(service.exposure))
        } else {
            "code outside any declared service".to_owned()
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    words::list_up_to(&names, 2)
}

/// "Payments platform · judged Tue 2026-11-24, 09:30 UTC · 8f14e45fceea against origin/main".
fn setting(brief: &Brief, dates: &Dates) -> String {
    let name = clip(&brief.appetite.name, TITLE);
    let mut parts = vec![name, format!("judged {} {}", dates.full(brief.assessment.now), dates.zone_name())];
    if let Some(head) = &brief.change.head {
        let short = head.get(..12).unwrap_or(head);
        let base = brief.change.base.as_ref().map(|base| format!(" against {}", clip(&base.name, TITLE)));
        parts.push(format!("{short}{}", base.unwrap_or_default()));
    }
    parts.join(" · ")
}

/// "Judged against “Payments platform” (agreed by cio and ciso)."
fn judged(brief: &Brief) -> String {
    let appetite = &brief.appetite;
    let agreement = match appetite.agreement.state {
        AgreementState::Agreed => format!("agreed by {}", words::list(&appetite.agreement.signers, "and")),
        state => state.as_str().to_owned(),
    };
    format!("Judged against “{}” ({agreement}).", clip(&appetite.name, TITLE))
}
