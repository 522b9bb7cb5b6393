//! The origin as far as git decides it: what the change touches.

use crate::model::category::Category;
use crate::model::change::Change;
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::origin::Origin;

use super::super::package;
use super::container;
use super::dependency::Manifests;
use super::submodule;
use super::verdict::{Verdict, unknown};

/// The change, made ready for many questions.
pub struct Git<'c> {
    change: &'c Change,
    manifests: Manifests<'c>,
}

impl<'c> Git<'c> {
    /// Makes a change ready.
    pub fn of(change: &'c Change) -> Self {
        Self { change, manifests: Manifests::of(change) }
    }

    /// Whether the change brings any package to a place where it was not before.
    pub fn may_bring(&self) -> bool {
        self.change.unknown_because.is_empty() && self.manifests.may_bring()
    }

    /// How the change brings a known problem to a place where it was not before, if it does.
    pub fn arrival(&self, finding: &Finding, was_in: &dyn Fn(&str) -> bool) -> Option<String> {
        self.manifests.arrival(finding, was_in)
    }

    /// The origin of a finding.
    pub fn judge(&self, finding: &Finding) -> Verdict {
        if !self.change.unknown_because.is_empty() {
            return unknown(&self.change.unknown_because);
        }
        if self.change.base.is_none() {
            return unknown("there is nothing to compare with: name the target branch with --base, or a base report");
        }
        match self.by_files(finding) {
            (Origin::Ambient, evidence) => {
                submodule::doubt(finding, self.change).unwrap_or((Origin::Ambient, evidence))
            }
            verdict => verdict,
        }
    }

    fn by_files(&self, finding: &Finding) -> Verdict {
        match (finding.category, &finding.component) {
            (Category::Runtime, _) => {
                unknown("it was seen in a running system, of which git knows nothing: a base report would tell")
            }
            (_, Some(component)) if package::is_of_distribution(&component.ecosystem) => {
                container::judge(finding, self.change)
            }
            (Category::Dependency | Category::Container | Category::Malware | Category::Licence, Some(component)) => {
                match self.manifests.judge(finding, component) {
                    // A package of the application can also come with the base image.
                    (Origin::Ambient, _) if finding.category == Category::Container => {
                        container::judge(finding, self.change)
                    }
                    verdict => verdict,
                }
            }
            (Category::Container, None) => container::judge(finding, self.change),
            _ => self.by_lines(finding),
        }
    }

    /// Whether the change added or changed the lines where the finding is.
    fn by_lines(&self, finding: &Finding) -> Verdict {
        let verdicts: Vec<Verdict> =
            finding.locations.iter().map(|location| self.by_line(location, finding.category)).collect();
        // One touched place is enough; one that cannot be told leaves it open.
        let of = |origin: Origin| verdicts.iter().find(|(judged, _)| *judged == origin);
        of(Origin::Introduced)
            .or_else(|| of(Origin::Unknown))
            .or_else(|| verdicts.first())
            .cloned()
            .unwrap_or_else(|| unknown("the report names no file"))
    }

    fn by_line(&self, location: &Location, category: Category) -> Verdict {
        let path = &location.path;
        let Some(file) = self.change.files.get(path) else {
            return if self.change.paths.contains(path) {
                (Origin::Ambient, format!("{path} is not touched by this change"))
            } else {
                unknown(&format!("no file of the repository is recognised as {path}"))
            };
        };
        if file.created {
            return (Origin::Introduced, format!("{path} is new with this change"));
        }
        // What is missing can be the problem; a secret is one by itself.
        let lost = |first: u32, last: u32| category != Category::Secret && file.loses(first, last);
        // What is found about a configuration as a whole is often put at its first line.
        let whole = |first: u32, last: u32| category == Category::Configuration && first <= 1 && last <= 1;
        let end = |line: u32| location.end_line.unwrap_or(line).max(line);
        match location.line {
            _ if file.opaque => {
                unknown(&format!("{path} is touched by this change, but its lines could not be compared"))
            }
            Some(line) if file.touches(line, end(line)) => {
                (Origin::Introduced, format!("this change touches {path} at line {line}"))
            }
            Some(line) if whole(line, end(line)) && lost(0, u32::MAX) => {
                unknown(&format!("this change removes lines of {path}, and whether they prevented this cannot be told"))
            }
            Some(line) if lost(line, end(line)) => unknown(&format!(
                "this change removes lines at or next to line {line} of {path}, and whether they prevented this cannot be told"
            )),
            Some(line) => (Origin::Ambient, format!("this change touches {path}, but not line {line}")),
            None if file.added.is_empty() && lost(0, u32::MAX) => {
                unknown(&format!("this change removes lines of {path}, and whether they prevented this cannot be told"))
            }
            None if file.added.is_empty() => (Origin::Ambient, format!("this change adds no line to {path}")),
            None => unknown(&format!("this change touches {path}, and the report gives no line")),
        }
    }
}
