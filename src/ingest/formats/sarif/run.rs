//! One run of a log (SARIF 2.1.0, 3.14) while it is read.

use std::ops::Deref;

use super::places::Places;
use super::properties::Properties;
use super::rules::Rules;
use super::wire::{Invocation, LogicalLocation, Reference, VersionControl};

/// One run while it is read.
#[derive(Debug, Default)]
pub struct Run {
    pub rules: Rules,
    pub version: Option<String>,
    /// Whether `results` is there as a list, even an empty one; absent or `null` says that nothing was scanned.
    pub has_results: bool,
    /// Results that wait for the end of their run, as they are written.
    pub results: Vec<Box<str>>,
    pub places: Places,
    pub invocations: Vec<Invocation>,
    pub version_control: Vec<VersionControl>,
    pub properties: Properties,
    /// `logicalLocations`, for results that only give an index.
    pub logical: Vec<LogicalLocation>,
    pub taxonomies: Vec<Taxonomy>,
}

/// A list of terms beside the rules, such as the one of weaknesses (3.14.8).
#[derive(Debug, Default)]
pub struct Taxonomy {
    pub name: String,
    /// Ids of its terms, in their order.
    pub taxa: Vec<String>,
}

impl Run {
    /// The name of a term's taxonomy, and the term's id, which may be given by its place in the taxonomy alone.
    pub fn taxon<'r, S: Deref<Target = str>>(
        taxonomies: &'r [Taxonomy],
        taxon: &'r Reference<S>,
    ) -> (&'r str, Option<&'r str>) {
        let of = &taxon.tool_component;
        let by_index = of.index.and_then(|index| taxonomies.get(usize::try_from(index).ok()?));
        let by_name = || of.name.as_deref().and_then(|name| taxonomies.iter().find(|taxonomy| taxonomy.name == name));
        let taxonomy = by_index.or_else(by_name);
        let listed = || taxonomy?.taxa.get(usize::try_from(taxon.index?).ok()?).map(String::as_str);
        let name = of.name.as_deref().or(taxonomy.map(|taxonomy| taxonomy.name.as_str()));
        (name.unwrap_or_default(), taxon.id.as_deref().or_else(listed))
    }
}
