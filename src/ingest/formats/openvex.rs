//! OpenVEX: statements about vulnerabilities in products. Each statement is shown, and is applied to what other reports
//! show (`correlate`).

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::statements::{self, About};
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::vex::{Product, Statement, Status};

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "openvex",
    title: "OpenVEX",
    kinds: &[Category::Dependency, Category::Container],
    versions: "0.0.1 to 0.2.0",
    specification: "https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.text("@context").is_some_and(|context| context.contains("openvex")) && sniff.has("statements")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    vulnerability: Value,
    #[serde(deserialize_with = "or_default")]
    products: Vec<Value>,
    #[serde(deserialize_with = "or_default")]
    subcomponents: Vec<Value>,
    status: Text,
    justification: Text,
    impact_statement: Text,
    action_statement: Text,
    status_notes: Text,
    timestamp: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    #[serde(rename = "@id")]
    id: Text,
    name: Text,
    description: Text,
    aliases: Texts,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "openvex".into();
    let patterns = [
        Pattern::Value("statements[]"),
        Pattern::Value("author"),
        Pattern::Value("timestamp"),
        Pattern::Value("last_updated"),
    ];
    let (mut author, mut rows) = (String::new(), Vec::new());
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Row>(text) {
                Ok(row) => rows.push(row),
                Err(error) => report.unread(&error.to_string()),
            },
            1 => author = json::read::<Text>(text)?.0,
            _ => report.scan.at = json::read::<Text>(text)?.trim().parse().ok().or(report.scan.at),
        }
        Ok(())
    })?;
    for row in &rows {
        observe(row, &author, report);
    }
    Ok(())
}

fn observe(row: &Row, author: &str, report: &mut Collector) {
    let vulnerability = match &row.vulnerability {
        Value::String(name) => Vulnerability { name: Text(name.clone()), ..Vulnerability::default() },
        other => serde_json::from_value(other.clone()).unwrap_or_default(),
    };
    let Some(rule) = vulnerability.name.given().or_else(|| vulnerability.id.given()) else {
        return report.unread("a statement that names no vulnerability");
    };
    let status = match row.status.trim() {
        "not_affected" => Status::NotAffected,
        "fixed" => Status::Fixed,
        "under_investigation" => Status::UnderInvestigation,
        "affected" => Status::Affected,
        other => return report.unread(&format!("a statement with the status {other}")),
    };
    let names = std::iter::once(rule).chain(vulnerability.aliases.iter().map(String::as_str));
    let general: Vec<String> = row.subcomponents.iter().map(name_of).filter(|name| !name.is_empty()).collect();
    let products: Vec<Product> = row.products.iter().map(|product| of_product(product, &general)).collect();
    if products.is_empty() && status.closes() {
        report.remark(format!("the statement about {rule} names no product: it is applied to nothing"));
    }
    let why = [&row.justification, &row.impact_statement, &row.action_statement, &row.status_notes];
    let why: Vec<&str> = why.into_iter().filter_map(Text::given).collect();
    let statement = Statement {
        vulnerability: names.filter_map(Identifier::parse).collect(),
        products,
        status,
        justification: why.join("; "),
        author: author.to_owned(),
        at: row.timestamp.trim().parse().ok().or(report.scan.at),
    };
    let about = About { rule: rule.to_owned(), text: vulnerability.description.0.clone(), ..About::default() };
    statements::add(&about, vec![statement], report);
}

fn of_product(product: &Value, general: &[String]) -> Product {
    let parts = product["subcomponents"].as_array().into_iter().flatten().map(name_of);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).chain(general.iter().cloned()).collect();
    Product { name: name_of(product), parts, ..Product::default() }
}

/// The package URL of a product or part, or its name.
fn name_of(thing: &Value) -> String {
    let purl = thing["identifiers"]["purl"].as_str();
    let id = thing["@id"].as_str().or_else(|| thing.as_str());
    purl.or(id).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn statements_are_kept_with_author_and_justification_and_are_evidence_of_no_test() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/openvex/shop.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.statements.len()), (2, 2, 4));
        assert!(report.scan.kinds.is_empty());
        let first = &report.statements[0];
        assert_eq!((first.status, first.author.as_str()), (Status::NotAffected, "Shop security team"));
        assert!(first.justification.starts_with("vulnerable_code_not_in_execute_path"), "{}", first.justification);
        assert_eq!(first.products[0].parts, ["pkg:npm/lodash@4.17.20"]);
        assert!(report.suppressed[0].suppression.as_ref().unwrap().reason.contains("stated by Shop security team"));
    }

    #[test]
    fn a_status_that_nobody_knows_is_unread() {
        let text =
            r#"{"@context":"https://openvex.dev/ns","statements":[{"vulnerability":"CVE-2024-0001","status":"fine"}]}"#;
        assert_eq!(collect(&FORMAT, text).unread, 1);
    }
}
