//! Statements of VEX as they are read: kept to be applied to what other reports show, and shown as findings themselves.

use super::collector::Collector;
use super::{packages, plain};
use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;
use crate::model::vex::Statement;

/// What a document says of a vulnerability beside the statements about it.
#[derive(Debug, Default)]
pub struct About {
    /// Name as the document writes it.
    pub rule: String,
    /// Title or description, if it gives one.
    pub text: String,
    /// Severity, if it gives one.
    pub severity: Severity,
    /// CWE numbers.
    pub cwe: Vec<u32>,
}

/// Adds the statements about one vulnerability, and shows them as one observation: open if any product is affected or
/// under investigation. A statement is no test: it is evidence for no kind.
pub fn add(about: &About, statements: Vec<Statement>, report: &mut Collector) {
    let Some(gravest) = statements.iter().max_by_key(|statement| statement.status) else { return };
    let product = gravest.products.first();
    let named = product.and_then(|product| product.parts.first().or(Some(&product.name)));
    let component = named.and_then(|name| packages::component(name)).filter(|component| component.ecosystem != "oci");
    let category =
        component.as_ref().map_or(Category::Dependency, |known: &Component| packages::category(&known.ecosystem));
    let title = if about.text.is_empty() { &about.rule } else { &about.text };
    report.state(Observation {
        rule: about.rule.clone(),
        category: Some(category),
        title: plain::title(title),
        description: plain::paragraphs([about.text.as_str(), &gravest.justification]),
        severity: about.severity,
        identifiers: gravest.vulnerability.clone(),
        cwe: about.cwe.clone(),
        artefact: product.filter(|_| component.is_none()).map(|product| product.name.clone()),
        component,
        suppression: gravest.status.closes().then(|| Suppression { kind: "vex".to_owned(), reason: gravest.reason() }),
        ..Observation::default()
    });
    report.statements.extend(statements);
}
