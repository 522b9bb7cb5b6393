//! cargo-audit, `--json`.
//!
//! The severity is that of the advisory's CVSS vector; there is no word for it. As `cargo audit` itself does, only its
//! `vulnerabilities` are findings. Of the informational `warnings`, `unsound` names a memory-safety defect and is kept
//! at the severity that the advisory database gives it (informational); unmaintained, yanked and other notices are no
//! security problem of their own and are told in a remark.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::super::collector::Collector;
use super::super::document::Document;
use super::super::format::Format;
use super::super::json::{self, Kind, Pattern};
use super::super::lenient::or_default;
use super::super::read_error::ReadError;
use super::super::sniff::{Shape, Sniff};
use super::super::{packages, rating};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

pub const FORMAT: Format = Format {
    id: "cargo-audit",
    title: "cargo-audit JSON",
    kinds: &[Category::Dependency],
    versions: "cargo-audit 0.12 and later (--json)",
    specification: "https://github.com/rustsec/rustsec",
    recognise,
    read,
};

#[derive(Deserialize)]
struct Entry {
    /// Of a warning only.
    kind: Option<String>,
    advisory: Option<Advisory>,
    versions: Option<Versions>,
    package: Package,
}

#[derive(Deserialize)]
struct Advisory {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default, deserialize_with = "or_default")]
    aliases: Vec<String>,
    date: Option<Date>,
    cvss: Option<String>,
}

#[derive(Deserialize)]
struct Versions {
    #[serde(default, deserialize_with = "or_default")]
    patched: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

fn recognise(sniff: &Sniff) -> bool {
    sniff.shape == Shape::JsonObject
        && sniff.has("vulnerabilities.list")
        && (sniff.has("lockfile.dependency-count") || sniff.has("database.advisory-count"))
}

fn read(document: &mut Document<'_>, out: &mut Collector) -> Result<(), ReadError> {
    const LIST: usize = 0;
    const COUNT: usize = 1;
    const DEPENDENCIES: usize = 2;
    let patterns = [
        Pattern::Value("vulnerabilities.list[]"),
        Pattern::Value("vulnerabilities.count"),
        Pattern::Value("lockfile.dependency-count"),
        Pattern::Value("warnings.*[]"),
    ];
    out.scan.kinds.insert(Category::Dependency);
    let (mut listed, mut count): (u64, Option<u64>) = (0, None);
    let mut notices: BTreeMap<String, u64> = BTreeMap::new();
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            COUNT => count = text.parse().ok(),
            DEPENDENCIES if text == "0" => {
                out.missing(
                    "no dependency was scanned: check that the lock file of the project was given to cargo audit",
                );
            }
            DEPENDENCIES => {}
            pattern => match json::read::<Entry>(text) {
                Err(error) => out.unread(&error.to_string()),
                Ok(Entry { advisory: Some(advisory), versions, package, .. }) if pattern == LIST => {
                    listed += 1;
                    out.push(observation(&advisory, versions.as_ref(), &package));
                }
                Ok(Entry { kind: Some(kind), advisory: Some(advisory), versions, package }) if kind == "unsound" => {
                    let severity = Severity::Info;
                    out.push(Observation { severity, ..observation(&advisory, versions.as_ref(), &package) });
                }
                Ok(Entry { kind, .. }) if pattern != LIST => *notices.entry(kind.unwrap_or_default()).or_default() += 1,
                Ok(entry) => out.unread(&format!("no advisory is given for {}", entry.package.name)),
            },
        }
        Ok(())
    })?;
    if let Some(count) = count
        && count > listed
    {
        out.missing(format!("the report counts {count} vulnerabilities but lists {listed}; make it again"));
    }
    if !notices.is_empty() {
        let kinds: Vec<String> = notices.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        out.remark(format!("cargo audit also warns of crates that are no vulnerability: {}", kinds.join(", ")));
    }
    Ok(())
}

fn observation(advisory: &Advisory, versions: Option<&Versions>, package: &Package) -> Observation {
    let cvss: Vec<_> = advisory.cvss.as_deref().and_then(|text| rating::vector(text, "rustsec")).into_iter().collect();
    let names = std::iter::once(&advisory.id).chain(&advisory.aliases);
    Observation {
        rule: advisory.id.clone(),
        category: Some(Category::Dependency),
        title: advisory.title.clone(),
        description: advisory.description.clone(),
        severity: rating::severity(&cvss),
        cvss,
        identifiers: names.filter_map(|name| Identifier::parse(name)).collect(),
        component: Some(Component {
            ecosystem: "cargo".to_owned(),
            name: package.name.clone(),
            version: package.version.clone(),
            purl: packages::purl("cargo", &package.name, &package.version),
            direct: None,
            fix: versions.map_or(Fix::Unknown, |versions| {
                if versions.patched.is_empty() {
                    Fix::NotAvailable
                } else {
                    Fix::in_versions(versions.patched.iter().flat_map(|range| packages::first_of_ranges(range)))
                }
            }),
        }),
        published: advisory.date.and_then(|date| date.to_zoned(TimeZone::UTC).ok()).map(|zoned| zoned.timestamp()),
        ..Observation::default()
    }
}
