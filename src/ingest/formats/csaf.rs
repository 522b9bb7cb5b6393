//! CSAF 2.0: security advisories and VEX. How each product stands to a vulnerability is kept as statements, which are
//! applied to what other reports show (`correlate`); each vulnerability is shown once.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::packages;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::statements::{self, About};
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::severity::Severity;
use crate::model::vex::{Product, Statement, Status};

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "csaf",
    title: "CSAF",
    kinds: &[Category::Dependency, Category::Container],
    versions: "2.0 (`csaf_vex`, `csaf_security_advisory`)",
    specification: "https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("document.csaf_version") && sniff.has("document.tracking")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Log {
    #[serde(deserialize_with = "or_default")]
    document: Head,
    #[serde(deserialize_with = "or_default")]
    product_tree: Tree,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Head {
    #[serde(deserialize_with = "or_default")]
    publisher: Publisher,
    #[serde(deserialize_with = "or_default")]
    tracking: Tracking,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Publisher {
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tracking {
    current_release_date: Text,
    status: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tree {
    #[serde(deserialize_with = "or_default")]
    branches: Vec<Branch>,
    #[serde(deserialize_with = "or_default")]
    full_product_names: Vec<Named>,
    #[serde(deserialize_with = "or_default")]
    relationships: Vec<Relationship>,
    #[serde(deserialize_with = "or_default")]
    product_groups: Vec<Group>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Branch {
    #[serde(deserialize_with = "or_default")]
    branches: Vec<Branch>,
    product: Option<Named>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    name: Text,
    product_id: Text,
    #[serde(deserialize_with = "or_default")]
    product_identification_helper: Helper,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Helper {
    purl: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Relationship {
    product_reference: Text,
    relates_to_product_reference: Text,
    #[serde(deserialize_with = "or_default")]
    full_product_name: Named,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Group {
    group_id: String,
    #[serde(deserialize_with = "or_default")]
    product_ids: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    cve: Text,
    title: Text,
    #[serde(deserialize_with = "or_default")]
    ids: Vec<Id>,
    #[serde(deserialize_with = "or_default")]
    cwe: Cwe,
    #[serde(deserialize_with = "or_default")]
    scores: Vec<Score>,
    #[serde(deserialize_with = "or_default")]
    product_status: BTreeMap<String, Texts>,
    #[serde(deserialize_with = "or_default")]
    flags: Vec<Note>,
    #[serde(deserialize_with = "or_default")]
    threats: Vec<Note>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Id {
    text: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cwe {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Score {
    #[serde(deserialize_with = "or_default")]
    cvss_v3: Cvss,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Cvss {
    base_score: Number,
}

/// A flag (a justification) or a threat (a sentence about impact), and the products that it is about.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Note {
    label: Text,
    category: Text,
    details: Text,
    #[serde(deserialize_with = "or_default")]
    product_ids: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    group_ids: Vec<String>,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "csaf".into();
    let log: Log = document.whole_json()?;
    report.scan.at = log.document.tracking.current_release_date.trim().parse().ok();
    if &*log.document.tracking.status == "draft" {
        report.remark("the document is a draft");
    }
    let products = products(&log.product_tree);
    for vulnerability in &log.vulnerabilities {
        observe(vulnerability, &log, &products, report);
    }
    Ok(())
}

/// Every product by its id.
fn products(tree: &Tree) -> BTreeMap<&str, Product> {
    let mut names: BTreeMap<&str, &Named> = BTreeMap::new();
    let mut waiting: Vec<&Branch> = tree.branches.iter().collect();
    while let Some(branch) = waiting.pop() {
        names.extend(branch.product.as_ref().map(|product| (&*product.product_id, product)));
        waiting.extend(&branch.branches);
    }
    names.extend(tree.full_product_names.iter().map(|product| (&*product.product_id, product)));
    let name = |product: &Named| product.product_identification_helper.purl.given().unwrap_or(&product.name).to_owned();
    let mut products: BTreeMap<&str, Product> =
        names.iter().map(|(id, product)| (*id, Product { name: name(product), ..Product::default() })).collect();
    for relationship in &tree.relationships {
        let whole = names.get(&*relationship.relates_to_product_reference).map(|product| name(product));
        let part = names.get(&*relationship.product_reference).map(|product| name(product));
        let own = &relationship.full_product_name;
        let product = Product {
            name: whole.unwrap_or_else(|| name(own)),
            parts: part.into_iter().collect(),
            ..Product::default()
        };
        products.insert(&own.product_id, product);
    }
    products
}

const STATUSES: [(&str, Status); 6] = [
    ("known_not_affected", Status::NotAffected),
    ("fixed", Status::Fixed),
    ("first_fixed", Status::Fixed),
    ("under_investigation", Status::UnderInvestigation),
    ("known_affected", Status::Affected),
    ("first_affected", Status::Affected),
];

fn observe(vulnerability: &Vulnerability, log: &Log, products: &BTreeMap<&str, Product>, report: &mut Collector) {
    let names = vulnerability.cve.given().into_iter().chain(vulnerability.ids.iter().filter_map(|id| id.text.given()));
    let names: Vec<&str> = names.collect();
    let Some(rule) = names.first().copied().or_else(|| vulnerability.title.given()) else {
        return report.unread("a vulnerability without a name");
    };
    let mut statements = Vec::new();
    for (word, status) in STATUSES {
        for id in vulnerability.product_status.get(word).into_iter().flat_map(|ids| ids.iter()) {
            let product = products.get(id.as_str()).cloned();
            statements.push(Statement {
                vulnerability: names.iter().filter_map(|name| Identifier::parse(name)).collect(),
                products: vec![product.unwrap_or_else(|| Product { name: id.clone(), ..Product::default() })],
                status,
                justification: justification(vulnerability, id, &log.product_tree),
                author: log.document.publisher.name.0.clone(),
                at: report.scan.at,
            });
        }
    }
    if statements.is_empty() {
        // An advisory that says of no product how it stands to the vulnerability leaves that open.
        let vulnerability = names.iter().filter_map(|name| Identifier::parse(name)).collect();
        statements.push(Statement { vulnerability, ..Statement::default() });
    }
    let score = vulnerability.scores.iter().find_map(|score| score.cvss_v3.base_score.0);
    let about = About {
        rule: rule.to_owned(),
        text: vulnerability.title.0.clone(),
        severity: score.map_or(Severity::Unknown, Severity::from_score),
        cwe: packages::cwe_numbers([&*vulnerability.cwe.id]),
    };
    statements::add(&about, statements, report);
}

/// What is said of a product: the label of its flag, and the sentence about the impact on it.
fn justification(vulnerability: &Vulnerability, product: &str, tree: &Tree) -> String {
    let concerns = |note: &&Note| {
        let in_group = |group: &&Group| note.group_ids.contains(&group.group_id);
        note.product_ids.iter().any(|id| id == product)
            || tree.product_groups.iter().filter(in_group).any(|group| group.product_ids.iter().any(|id| id == product))
    };
    let flags = vulnerability.flags.iter().filter(concerns).filter_map(|flag| flag.label.given());
    let impacts = vulnerability.threats.iter().filter(|threat| &*threat.category == "impact").filter(concerns);
    flags.chain(impacts.filter_map(|threat| threat.details.given())).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn each_product_keeps_how_it_stands_and_why() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/csaf/shop.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.statements.len()), (1, 1, 3));
        let part = &report.statements[0];
        assert_eq!((part.status, part.author.as_str()), (Status::NotAffected, "Shop Example Ltd"));
        assert_eq!(part.products[0].parts, ["pkg:deb/debian/zlib1g@1.2.13"]);
        assert_eq!(part.justification, "vulnerable_code_not_in_execute_path; The shop never reads such archives.");
        assert_eq!(report.observations[0].severity, Severity::Critical);
    }
}
