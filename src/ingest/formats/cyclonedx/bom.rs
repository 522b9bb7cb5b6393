//! A document while it is read, and what becomes of it at its end.

use super::components::{self, Components};
use super::observe::{observation, statement};
use super::wire::{Metadata, Vulnerability};
use crate::ingest::collector::Collector;
use crate::model::category::Category;
use crate::model::vex::Statement;

/// A document while it is read.
#[derive(Debug, Default)]
pub struct Bom {
    /// Whether there is a list of vulnerabilities, even an empty one.
    pub listed: bool,
    pub vulnerabilities: Vec<Vulnerability>,
    pub components: Components,
    pub metadata: Metadata,
}

impl Bom {
    /// Ends the document: every pair of a vulnerability and an affected component becomes an observation.
    pub fn finish(mut self, collector: &mut Collector) {
        describe(&self.metadata, collector);
        if let Some(component) = self.metadata.component.take() {
            self.components.add_subject(component);
        }
        if !self.listed {
            collector.missing(
                "this is a bill of materials without a list of vulnerabilities: it does not show that anything looked \
                 for vulnerabilities; hand in the scanner's report",
            );
        } else if self.vulnerabilities.is_empty() {
            nothing_found(&self.components, collector);
        }
        let (author, at) = (self.metadata.author(), collector.scan.at);
        for vulnerability in &self.vulnerabilities {
            let stated = statement(vulnerability, &self.components, &author);
            collector.statements.extend(stated.map(|statement| Statement { at, ..statement }));
            if vulnerability.affects.is_empty() {
                collector.push(observation(vulnerability, None, &self.components));
            }
            for affected in &vulnerability.affects {
                collector.push(observation(vulnerability, Some(affected), &self.components));
            }
        }
    }
}

fn describe(metadata: &Metadata, collector: &mut Collector) {
    let (name, version) = metadata.tool().unwrap_or(("cyclonedx", ""));
    collector.scan.tool = name.to_lowercase();
    version.clone_into(&mut collector.scan.tool_version);
    collector.scan.at = metadata.timestamp.as_deref().and_then(|at| at.parse().ok());
    collector.scan.artefact = metadata.component.as_ref().filter(|c| c.is_image()).map(components::image);
}

/// An empty list of vulnerabilities is a clean scan, unless the tool writes the list whether or not it looked.
fn nothing_found(components: &Components, collector: &mut Collector) {
    if collector.scan.tool == "trivy" {
        collector.remark(
            "Trivy writes an empty list of vulnerabilities also when it was not told to look for any (--scanners vuln), \
             so this bill of materials is evidence for no test; hand in Trivy's own JSON",
        );
        return;
    }
    collector.scan.kinds.insert(Category::Dependency);
    if components.of_image {
        collector.scan.kinds.insert(Category::Container);
    }
}
