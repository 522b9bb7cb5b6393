//! What becomes of a run (SARIF 2.1.0, 3.14) at its end.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::context::Context;
use super::dialects::{self, Dialect};
use super::rules::Rules;
use super::run::Run;
use super::wire::{Invocation, Record, Reference, Suppression};
use super::{message, observe, rules};
use crate::ingest::collector::Collector;
use crate::ingest::plain;
use crate::model::report::{self, Observation};

/// What a result is, before anything is read from it.
enum Standing {
    /// A finding, open or suppressed.
    Finding(Option<report::Suppression>),
    /// Not a problem at all, by its kind.
    NoProblem,
    /// A problem of an earlier scan that is gone.
    Gone,
}

impl Run {
    /// Ends the run: every result becomes an observation, and what the run says about the scan is taken over.
    pub fn finish(mut self, collector: &mut Collector) {
        let dialect = dialects::of(&self.rules.driver.name);
        let tool = self.tool(dialect);
        let shown = if tool.is_empty() { "a tool without a name" } else { tool.as_str() };
        if !self.has_results {
            collector.missing(format!(
                "{shown} lists no results, not even an empty list: the scan did not take place or its results were lost"
            ));
        }
        self.say_what_went_wrong(shown, collector);
        self.describe_scan(&tool, collector);
        if self.has_results {
            let (kinds, remark) = dialects::kinds(dialect, &self);
            collector.scan.kinds.extend(kinds);
            if let Some(remark) = remark {
                collector.remark(remark);
            }
        }

        self.places.repository = self.version_control.iter().filter_map(|v| v.mapped_to.clone()).collect();
        self.places.working = self.invocations.iter().filter_map(|i| i.working_directory.clone()).collect();
        let roots = self.places.roots();
        let set: BTreeMap<String, String> =
            self.invocations.iter().flat_map(|invocation| levels_set(invocation, &self.rules)).collect();
        let other = (!tool.is_empty() && tool != collector.scan.tool).then(|| tool.clone());
        let (mut no_problem, mut gone) = (0_u64, 0_u64);
        let results = std::mem::take(&mut self.results);
        self.say_what_was_looked_for(&results, collector);
        for record in results {
            let suppression = match standing(&record) {
                Standing::Finding(suppression) => suppression,
                Standing::NoProblem => {
                    no_problem += 1;
                    continue;
                }
                Standing::Gone => {
                    gone += 1;
                    continue;
                }
            };
            let rule = self.rules.of(&record);
            let level = rules::id_of(&record).or(rule.map(|rule| rule.id.as_str())).and_then(|id| set.get(id));
            let context = Context {
                record: &record,
                rule,
                message: message::of(&record, rule),
                level: level.map(String::as_str),
                places: &self.places,
                roots: &roots,
                run: &self,
            };
            let mut observation = observe::observation(&context, dialect);
            observation.suppression = suppression;
            observation.tool.clone_from(&other);
            if dialect.is_some_and(|dialect| dialect.each_place) && observation.locations.len() > 1 {
                for place in observation.locations.clone() {
                    collector.push(Observation { locations: vec![place], ..observation.clone() });
                }
            } else {
                collector.push(observation);
            }
        }
        if no_problem > 0 {
            collector.remark(format!(
                "{no_problem} results of {shown} are of kind pass, notApplicable, open or informational: not findings, \
                 passed over"
            ));
        }
        if gone > 0 {
            collector.remark(format!(
                "{gone} results of {shown} are marked as absent from this scan (baselineState): resolved, passed over"
            ));
        }
    }

    /// Many tools list only rules that found something; one that lists others too says what it looked for.
    fn say_what_was_looked_for(&self, results: &[Record], collector: &mut Collector) {
        let mut without: BTreeSet<&str> = self.rules.ids().collect();
        for rule in results.iter().filter_map(|record| self.rules.of(record)) {
            without.remove(rule.id.as_str());
        }
        if !without.is_empty() {
            collector.scan.rules.extend(self.rules.ids().map(str::to_owned));
        }
    }

    fn tool(&self, dialect: Option<&Dialect>) -> String {
        dialect.map_or_else(|| plain::title(&self.rules.driver.name.to_lowercase()), |dialect| dialect.tool.to_owned())
    }

    fn describe_scan(&self, tool: &str, collector: &mut Collector) {
        let scan = &mut collector.scan;
        if scan.tool.is_empty() {
            tool.clone_into(&mut scan.tool);
            scan.tool_version = self.version.clone().unwrap_or_default();
        }
        // Of several scans in one log the oldest tells how fresh the whole is.
        let ended = self.invocations.iter().filter_map(|invocation| {
            let time = |text: &Option<String>| text.as_deref()?.parse::<Timestamp>().ok();
            time(&invocation.end_time_utc).or_else(|| time(&invocation.start_time_utc))
        });
        scan.at = ended.chain(scan.at).min();
        if scan.commit.is_none() {
            scan.commit = self.version_control.iter().find_map(|v| v.revision_id.clone()).filter(|id| !id.is_empty());
        }
        if scan.artefact.is_none() {
            scan.artefact = dialects::artefact(self);
        }
    }

    /// Says what the invocations (3.20) and their notifications (3.58) report as gone wrong.
    fn say_what_went_wrong(&self, tool: &str, collector: &mut Collector) {
        for invocation in &self.invocations {
            if invocation.execution_successful == Some(false) {
                let why = invocation.exit_code_description.as_deref().map(plain::title).filter(|why| !why.is_empty());
                let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
                collector
                    .missing(format!("{tool} says that its run did not succeed (executionSuccessful: false){why}"));
            }
            if let Some(why) = &invocation.process_start_failure_message {
                collector.missing(format!("{tool} could not be started: {}", plain::title(why)));
            }
            let notes =
                invocation.tool_execution_notifications.iter().chain(&invocation.tool_configuration_notifications);
            for note in notes.filter(|note| note.level.as_deref() == Some("error")) {
                collector.missing(format!("{tool} reports an error: {}", plain::title(note.message.plain())));
            }
        }
    }
}

/// Levels that an invocation sets in place of the rules' defaults (3.20.5).
fn levels_set(invocation: &Invocation, rules: &Rules) -> Vec<(String, String)> {
    let set = invocation.rule_configuration_overrides.iter();
    let id = |descriptor: &Reference| {
        descriptor.id.clone().or_else(|| rules.referred(descriptor).map(|rule| rule.id.clone()))
    };
    set.filter_map(|o| Some((id(&o.descriptor)?, o.configuration.level.clone()?))).collect()
}

fn standing(record: &Record) -> Standing {
    match (record.kind.as_deref(), record.baseline_state.as_deref()) {
        (Some("pass" | "notApplicable" | "open" | "informational"), _) => Standing::NoProblem,
        (_, Some("absent")) => Standing::Gone,
        _ => Standing::Finding(suppression(&record.suppressions)),
    }
}

/// A result is suppressed if it has suppressions and none of them is still under review or was rejected (3.27.23).
fn suppression(suppressions: &[Suppression]) -> Option<report::Suppression> {
    let undecided = |s: &Suppression| matches!(s.status.as_deref(), Some("underReview" | "rejected"));
    if suppressions.iter().any(undecided) {
        return None;
    }
    let first = suppressions.first()?;
    let said = |s: &Suppression| {
        s.justification.as_deref().map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty())
    };
    Some(report::Suppression {
        kind: first.kind.as_deref().map_or_else(|| "external".to_owned(), plain::title),
        reason: suppressions.iter().find_map(said).unwrap_or_default(),
    })
}
