//! What a run (SARIF 2.1.0, 3.14) says about the scan, and what its results mean by that.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::context::Context;
use super::dialects::{self, Class, Dialect};
use super::fold::Fold;
use super::inherited::{Inherited, inherits};
use super::rules::{Place as RulePlace, Rules};
use super::run::Run;
use super::wire::{Invocation, Record, Reference, Suppression};
use super::{apart, class, observe, rules};
use crate::ingest::collector::Collector;
use crate::ingest::json::Ahead;
use crate::ingest::plain;
use crate::model::figure;
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

/// A result that is a finding, and what it counts as.
struct Met<'m> {
    context: Context<'m>,
    class: Class,
    suppression: Option<report::Suppression>,
    dialect: Option<&'static Dialect>,
    /// The tool, where the report is named after another one.
    tool: Option<&'m str>,
}

/// A run of which everything is known that gives its results their meaning.
pub struct Meaning {
    run: Run,
    dialect: Option<&'static Dialect>,
    /// The tool as people are told of it.
    shown: String,
    /// The tool, where the report is named after another one.
    other: Option<String>,
    roots: Vec<String>,
    /// Levels that an invocation sets in place of the rules' own.
    levels: BTreeMap<String, String>,
    /// What each rule that was met says of its results, by the place of the rule.
    inherited: HashMap<RulePlace, Inherited>,
    /// Rules with a result, whatever became of it.
    met: BTreeSet<RulePlace>,
    taken: u64,
    no_problem: u64,
    gone: u64,
    /// Results that are counted when there are enough of them.
    fold: Fold,
}

impl Run {
    /// Ends a run whose results were held.
    pub fn finish(self, collector: &mut Collector) {
        self.with_results(collector).finish(collector);
    }

    /// What the run means, and every result that was held as an observation.
    pub fn with_results(mut self, collector: &mut Collector) -> Meaning {
        let results = std::mem::take(&mut self.results);
        let mut meaning = self.meaning(collector);
        results.iter().for_each(|text| meaning.read(text, collector));
        meaning
    }

    /// Takes over what the run says about the scan.
    pub fn meaning(mut self, collector: &mut Collector) -> Meaning {
        let dialect = dialects::of(&self.rules.driver.name);
        let tool = self.tool(dialect);
        let shown = if tool.is_empty() { "a tool without a name".to_owned() } else { tool.clone() };
        if !self.has_results {
            collector.missing(format!(
                "{shown} lists no results, not even an empty list: the scan did not take place or its results were lost"
            ));
        }
        self.say_what_went_wrong(&shown, collector);
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
        let fold = Fold::of(dialects::asks(&self.rules.driver.name));
        let levels = self.invocations.iter().flat_map(|invocation| levels_set(invocation, &self.rules)).collect();
        let other = (!tool.is_empty() && tool != collector.scan.tool).then_some(tool);
        Meaning {
            run: self,
            dialect,
            shown,
            other,
            roots,
            levels,
            inherited: HashMap::new(),
            met: BTreeSet::new(),
            taken: 0,
            no_problem: 0,
            gone: 0,
            fold,
        }
    }

    fn tool(&self, dialect: Option<&Dialect>) -> String {
        dialect.map_or_else(|| plain::title(&self.rules.driver.name.to_lowercase()), |dialect| dialect.tool.to_owned())
    }

    fn describe_scan(&self, tool: &str, collector: &mut Collector) {
        let scan = &mut collector.scan;
        scan.add_tool(tool, self.version.as_deref().unwrap_or_default());
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

impl Meaning {
    /// Takes the result that begins here, if it can be read before its end is known.
    pub fn read_ahead(&mut self, ahead: Ahead<'_>, collector: &mut Collector) {
        if collector.only_counts() {
            self.fold.take_ahead(ahead);
            self.settle_if_full(collector);
        } else if let Some(record) = ahead.read() {
            self.take(&record, collector);
        }
    }

    /// Takes a result, if it can be read.
    pub fn read(&mut self, text: &str, collector: &mut Collector) {
        if collector.only_counts() {
            self.fold.take(text).unwrap_or_else(|error| unread(&error, collector));
            self.settle_if_full(collector);
        } else {
            match apart::read(text) {
                Ok(record) => self.take(&record, collector),
                Err(error) => unread(&error, collector),
            }
        }
    }

    fn settle_if_full(&mut self, collector: &mut Collector) {
        if self.fold.is_full() {
            let folded = self.fold.drain();
            self.settle(folded, collector);
        }
    }

    /// Counts results that were folded.
    pub fn settle(&mut self, folded: Vec<(Box<str>, u64)>, collector: &mut Collector) {
        for (reduced, number) in folded {
            match apart::read(&reduced) {
                Ok(record) => self.count(&record, number, collector),
                Err(error) => (0..number).for_each(|_| unread(&error, collector)),
            }
        }
    }

    fn count(&mut self, record: &Record<'_>, number: u64, collector: &mut Collector) {
        let Some(Met { context, class, suppression, dialect, .. }) = self.meet(record, number) else { return };
        let each_place = dialect.is_some_and(|dialect| dialect.each_place);
        let places = if each_place { observe::observation(&context, class, dialect).locations.len().max(1) } else { 1 };
        collector.count(number * places as u64, class.category, class.severity, suppression.is_some());
    }

    /// Makes an observation of a result.
    fn take(&mut self, record: &Record<'_>, collector: &mut Collector) {
        let Some(Met { context, class, suppression, dialect, tool }) = self.meet(record, 1) else { return };
        let mut observation = observe::observation(&context, class, dialect);
        observation.suppression = suppression;
        observation.tool = tool.map(str::to_owned);
        if let Some(dialect) = dialect.filter(|_| collector.keeps_native_ids()) {
            observation.native_id = dialects::native_id(dialect, record, &observation);
        }
        if dialect.is_some_and(|dialect| dialect.each_place) && observation.locations.len() > 1 {
            for place in observation.locations.clone() {
                collector.push(Observation { locations: vec![place], ..observation.clone() });
            }
        } else {
            collector.push(observation);
        }
    }

    /// What a result is, that is there so many times; `None` if it is no finding.
    fn meet<'m>(&'m mut self, record: &'m Record<'_>, number: u64) -> Option<Met<'m>> {
        self.taken += number;
        let Self { run, dialect, roots, levels, inherited, other, .. } = self;
        let run: &Run = run;
        let place = run.rules.place_of(record);
        self.met.extend(place);
        let suppression = match standing(record) {
            Standing::Finding(suppression) => suppression,
            Standing::NoProblem => {
                self.no_problem += number;
                return None;
            }
            Standing::Gone => {
                self.gone += number;
                return None;
            }
        };
        let rule = place.and_then(|place| run.rules.at(place));
        let inherited = place
            .zip(rule)
            .filter(|(_, rule)| inherits(record, rule))
            .map(|(place, rule)| &*inherited.entry(place).or_insert_with(|| Inherited::of(rule)));
        let set = |id: &str| if levels.is_empty() { None } else { levels.get(id) };
        let level = rules::id_of(record).or(rule.map(|rule| rule.id.as_str())).and_then(set);
        let context = Context {
            record,
            rule,
            inherited,
            level: level.map(String::as_str),
            places: &run.places,
            roots,
            run,
            said: OnceCell::new(),
        };
        let class = class::of(&context, *dialect);
        Some(Met { context, class, suppression, dialect: *dialect, tool: other.as_deref() })
    }

    /// Many tools list only rules that found something; one that lists others too says what it looked for.
    fn say_what_was_looked_for(&self, collector: &mut Collector) {
        let rules = &self.run.rules;
        let met: BTreeSet<&str> = self.met.iter().filter_map(|&place| Some(rules.at(place)?.id.as_str())).collect();
        if rules.ids().any(|id| !met.contains(id)) {
            let scan = &mut collector.scan;
            let other = self.other.as_ref().and_then(|tool| scan.others.get_mut(tool));
            other.map_or(&mut scan.rules, |other| &mut other.rules).extend(rules.ids().map(str::to_owned));
        }
    }

    /// Ends the run.
    pub fn finish(mut self, collector: &mut Collector) {
        let folded = self.fold.drain();
        self.settle(folded, collector);
        self.say_what_was_looked_for(collector);
        let Self { shown, no_problem, gone, .. } = self;
        // Results of an unknown tool say themselves what they are; without any the tags of its rules may. A guess would let a
        // linter of settings stand for a test of code that never ran.
        if self.run.has_results && self.taken == 0 && self.dialect.is_none() {
            let driver = &self.run.rules.driver;
            let mut kinds = class::of_rules(driver.rules().iter());
            kinds.extend(class::of_tool(&driver.name));
            if kinds.is_empty() {
                collector.remark(format!(
                    "{shown} found nothing, and its log does not say what it looks for, so it is evidence for no kind of \
                     test; tags of its rules such as sast, secrets, iac, sca or dast would say it"
                ));
            }
            collector.scan.kinds.extend(kinds);
        }
        let results = |number: u64| {
            let are = if number == 1 { "is" } else { "are" };
            format!("{} of {shown} {are}", figure::count(usize::try_from(number).unwrap_or(usize::MAX), "result"))
        };
        if no_problem > 0 {
            collector.remark(format!(
                "{} of kind pass, notApplicable, open or informational: no problem, passed over",
                results(no_problem)
            ));
        }
        if gone > 0 {
            collector.remark(format!(
                "{} marked as absent from this scan (baselineState): resolved, passed over",
                results(gone)
            ));
        }
    }
}

/// Says that a result was not understood.
pub fn unread(error: &serde_json::Error, collector: &mut Collector) {
    collector.unread(&format!("a result ({error})"));
}

/// Levels that an invocation sets in place of the rules' defaults (3.20.5).
fn levels_set(invocation: &Invocation, rules: &Rules) -> Vec<(String, String)> {
    let set = invocation.rule_configuration_overrides.iter();
    let id = |descriptor: &Reference| {
        descriptor.id.clone().or_else(|| rules.referred(descriptor).map(|rule| rule.id.clone()))
    };
    set.filter_map(|o| Some((id(&o.descriptor)?, o.configuration.level.clone()?))).collect()
}

fn standing(record: &Record<'_>) -> Standing {
    match (record.kind.as_deref(), record.baseline_state.as_deref()) {
        (Some("pass" | "notApplicable" | "open" | "informational"), _) => Standing::NoProblem,
        (_, Some("absent")) => Standing::Gone,
        _ => Standing::Finding(suppression(&record.suppressions)),
    }
}

/// A result is suppressed if it has suppressions and none of them is still under review or was rejected (3.27.23).
fn suppression(suppressions: &[Suppression<'_>]) -> Option<report::Suppression> {
    let undecided = |s: &Suppression<'_>| matches!(s.status.as_deref(), Some("underReview" | "rejected"));
    if suppressions.iter().any(undecided) {
        return None;
    }
    let first = suppressions.first()?;
    let said = |s: &Suppression<'_>| {
        s.justification.as_deref().map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty())
    };
    Some(report::Suppression {
        kind: first.kind.as_deref().map_or_else(|| "external".to_owned(), plain::title),
        reason: suppressions.iter().find_map(said).unwrap_or_default(),
    })
}
