//! Decisions that lie in an archive beside its report: `audit.xml` in an FPR of Fortify, where people mark results as no
//! issue or suppress them.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use super::plain;
use super::read_error::ReadError;
use super::xml::{self, Element, Visit};
use crate::model::report::{Problem, Report, Suppression};

/// Decisions by the scanner's stable id of a result.
#[derive(Debug, Default)]
pub struct Decisions(BTreeMap<String, Suppression>);

/// Whether a member of an archive holds decisions.
pub fn is_audit(member: &str) -> bool {
    member.rsplit('/').next() == Some("audit.xml")
}

impl Decisions {
    /// Reads the decisions in `audit.xml`.
    pub fn read(bytes: &mut dyn Read) -> Result<Self, ReadError> {
        let mut decisions = Self::default();
        xml::walk(&mut BufReader::new(bytes), &["**/Issue"], &mut |visit| {
            if let Visit::Element(issue) = visit
                && let Some(decision) = decision(issue)
            {
                decisions.0.insert(issue.attribute("instanceId").to_owned(), decision);
            }
            Ok(())
        })?;
        Ok(decisions)
    }

    /// Sets the results apart that somebody decided about.
    pub fn heed(&self, reports: &mut [Report]) {
        for report in reports.iter_mut().filter(|report| report.format.as_deref() == Some("fortify-fvdl")) {
            let decision = |id: &Option<String>| id.as_ref().and_then(|id| self.0.get(id));
            let (decided, open) =
                std::mem::take(&mut report.observations).into_iter().partition(|o| decision(&o.native_id).is_some());
            report.observations = open;
            for mut observation in decided {
                observation.suppression = decision(&observation.native_id).cloned();
                report.suppressed.push(observation);
            }
        }
    }
}

/// Says of the reports that the decisions about them cannot be read: every result counts as open.
pub fn unreadable(error: &ReadError, reports: &mut [Report]) {
    for report in reports.iter_mut().filter(|report| report.format.as_deref() == Some("fortify-fvdl")) {
        let message = format!("the decisions in its audit.xml cannot be read ({error}): every result counts as open");
        report.problems.push(Problem { evidence_missing: false, message });
    }
}

fn decision(issue: &Element) -> Option<Suppression> {
    let dismissed = issue.each("Tag", "Value").any(|value| value.text.eq_ignore_ascii_case("Not an Issue"));
    let kind = match (issue.attribute("suppressed") == "true", dismissed) {
        (true, _) => "suppressed in Fortify",
        (false, true) => "Not an Issue in Fortify",
        (false, false) => return None,
    };
    let said = issue.each("ThreadedComments", "Comment").last();
    let reason = said.map_or(String::new(), |comment| match comment.text_of("Username") {
        "" => plain::title(comment.text_of("Content")),
        who => plain::title(&format!("{} ({who})", comment.text_of("Content"))),
    });
    Some(Suppression { kind: kind.to_owned(), reason })
}
