//! pip-audit, `--format json`.
//!
//! The report has no severity and no CVSS: severities stay unknown until a feed supplies them. A dependency that could
//! not be audited has a `skip_reason`, and pip-audit still exits with "no known vulnerabilities": that is missing
//! evidence, not a clean result.

use serde::Deserialize;

use super::super::collector::Collector;
use super::super::document::Document;
use super::super::format::Format;
use super::super::json::{self, Kind, Pattern};
use super::super::lenient::or_default;
use super::super::packages;
use super::super::read_error::ReadError;
use super::super::sniff::{Shape, Sniff};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::identifier::Identifier;
use crate::model::report::Observation;

pub const FORMAT: Format = Format {
    id: "pip-audit",
    title: "pip-audit JSON",
    kinds: &[Category::Dependency],
    versions: "pip-audit 1.0 and later (--format json), with and without the list of fixes",
    specification: "https://github.com/pypa/pip-audit",
    recognise,
    read,
};

#[derive(Deserialize)]
struct Dependency {
    name: String,
    #[serde(default)]
    version: String,
    skip_reason: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    vulns: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    aliases: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    fix_versions: Vec<String>,
    #[serde(default)]
    description: Option<String>,
}

fn recognise(sniff: &Sniff) -> bool {
    let listed = |at: &str| {
        sniff.has(&format!("{at}[].name"))
            && (sniff.has(&format!("{at}[].vulns")) || sniff.has(&format!("{at}[].skip_reason")))
    };
    match sniff.shape {
        Shape::JsonObject => listed("dependencies") || (sniff.has("dependencies") && sniff.has("fixes")),
        Shape::JsonArray => listed(""),
        _ => false,
    }
}

fn read(document: &mut Document<'_>, out: &mut Collector) -> Result<(), ReadError> {
    out.scan.kinds.insert(Category::Dependency);
    let (mut audited, mut skipped) = (0_u64, Vec::new());
    document.json(&[Pattern::Value("dependencies[]"), Pattern::Value("[]")], &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match json::read::<Dependency>(text) {
            Err(error) => out.unread(&error.to_string()),
            Ok(Dependency { skip_reason: Some(reason), name, .. }) => skipped.push((name, reason)),
            Ok(dependency) => {
                audited += 1;
                for vulnerability in &dependency.vulns {
                    out.push(observation(&dependency, vulnerability));
                }
            }
        }
        Ok(())
    })?;
    if audited == 0 && skipped.is_empty() {
        out.looked_at_no("dependency");
    }
    if let Some((name, reason)) = skipped.first() {
        let scope = if audited == 0 { "no dependency was audited" } else { "some dependencies were not audited" };
        out.missing(format!(
            "{scope}: {} of {} skipped, the first is {name} ({reason}); audit them where their index can be reached, or \
             leave them out of the requirements that are audited",
            skipped.len(),
            skipped.len() as u64 + audited,
        ));
    }
    Ok(())
}

fn observation(dependency: &Dependency, vulnerability: &Vulnerability) -> Observation {
    let names = std::iter::once(&vulnerability.id).chain(&vulnerability.aliases);
    Observation {
        rule: vulnerability.id.clone(),
        category: Some(Category::Dependency),
        title: format!("{} in {} {}", vulnerability.id, dependency.name, dependency.version),
        description: vulnerability.description.clone().unwrap_or_default(),
        identifiers: names.filter_map(|name| Identifier::parse(name)).collect(),
        component: Some(Component {
            ecosystem: "pypi".to_owned(),
            name: dependency.name.clone(),
            version: dependency.version.clone(),
            purl: packages::purl("pypi", &dependency.name, &dependency.version),
            direct: None,
            // pip-audit always writes the list, so an empty one says that there is none.
            fix: match Fix::in_versions(vulnerability.fix_versions.iter().cloned()) {
                Fix::Unknown => Fix::NotAvailable,
                fix => fix,
            },
        }),
        ..Observation::default()
    }
}
