//! Timeline tables: read, and checked to answer every case exactly once.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::yaml::{self, Claim};
use crate::document::{Document, DocumentError};
use crate::model::rules::{ANY_VALUE, Outcome, TimelineRow, TimelineTable};
use crate::model::ssvc;

/// Outcomes of CERT/CC's deployer tree, which other tables can refer to.
const SSVC_OUTCOMES: [&str; 4] = ["defer", "scheduled", "out-of-cycle", "immediate"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    version: String,
    source: String,
    columns: Vec<String>,
    outcomes: BTreeMap<String, FileOutcome>,
    /// One value per column, then the outcome.
    rows: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOutcome {
    days: Option<f64>,
    ssvc: Option<String>,
    basis: Claim,
}

/// Reads the timeline table `id`.
pub fn read(id: &str, document: &Document) -> Result<TimelineTable, DocumentError> {
    let file: File = document.content()?;
    let mut outcomes = BTreeMap::new();
    for (name, outcome) in file.outcomes {
        let outcome = meaning(id, outcome).map_err(|error| document.error_at(&format!("outcomes.{name}"), error))?;
        outcomes.insert(name, outcome);
    }
    let mut rows = Vec::new();
    for (number, mut values) in file.rows.into_iter().enumerate() {
        let outcome = values.pop().unwrap_or_default();
        if !outcomes.contains_key(&outcome) {
            let message = format!("`{outcome}` is not among the outcomes; the outcome of a row comes last");
            return Err(document.error_at(&format!("rows[{number}]"), message));
        }
        rows.push(TimelineRow { values, outcome });
    }
    check_complete(&file.columns, &rows).map_err(|Wrong { at, message }| document.error_at(&at, message))?;
    Ok(TimelineTable {
        id: id.to_owned(),
        title: yaml::said(&file.title, document, "title")?,
        version: yaml::said(&file.version, document, "version")?,
        source: yaml::said(&file.source, document, "source")?,
        columns: file.columns,
        rows,
        outcomes,
    })
}

fn meaning(id: &str, outcome: FileOutcome) -> Result<Outcome, String> {
    if outcome.days.is_some_and(|days| !(days.is_finite() && days >= 0.0)) {
        return Err("days must be a number from 0 on, or left out if no date is set".to_owned());
    }
    if let Some(ssvc) = outcome.ssvc.as_deref().filter(|ssvc| !SSVC_OUTCOMES.contains(ssvc)) {
        return Err(format!("ssvc is `{ssvc}`, expected one of {}", SSVC_OUTCOMES.join(", ")));
    }
    Ok(Outcome { days: outcome.days, ssvc: outcome.ssvc, basis: outcome.basis.into_basis(id) })
}

/// What is wrong, and the path in the document at which it is.
#[derive(Debug)]
struct Wrong {
    at: String,
    message: String,
}

/// Refuses a table that answers some case not at all or twice: what the order of rows decides is easily misread.
fn check_complete(columns: &[String], rows: &[TimelineRow]) -> Result<(), Wrong> {
    let wrong = |at: String, message: String| Err(Wrong { at, message });
    if columns.is_empty() {
        return wrong("columns".to_owned(), "name the decision points that the rows go by".to_owned());
    }
    let mut domains = Vec::new();
    for (number, column) in columns.iter().enumerate() {
        let at = format!("columns[{number}]");
        if columns[..number].contains(column) {
            return wrong(at, format!("`{column}` is there twice"));
        }
        domains.push(domain(column).map_err(|message| Wrong { at, message })?);
    }
    for (number, row) in rows.iter().enumerate() {
        let at = format!("rows[{number}]");
        if row.values.len() != columns.len() {
            let (values, columns) = (row.values.len(), columns.len());
            return wrong(
                at,
                format!("the row has {values} values before its outcome, and there are {columns} columns"),
            );
        }
        for ((column, value), domain) in columns.iter().zip(&row.values).zip(&domains) {
            if value != ANY_VALUE && !domain.contains(&value.as_str()) {
                let expected = domain.join(", ");
                return wrong(at, format!("`{value}` is not a value of {column}; expected {expected} or {ANY_VALUE}"));
            }
        }
    }
    for case in combinations(&domains) {
        let fits = |row: &TimelineRow| row.values.iter().zip(&case).all(|(value, v)| value == ANY_VALUE || value == v);
        let mut matching = rows.iter().enumerate().filter(|(_, row)| fits(row)).map(|(number, _)| number);
        match (matching.next(), matching.next()) {
            (Some(_), None) => {}
            (None, _) => return wrong("rows".to_owned(), format!("no row for {}", describe(columns, &case))),
            (Some(first), Some(second)) => {
                let message = format!("row {first} already answers {}; rows count from 0", describe(columns, &case));
                return wrong(format!("rows[{second}]"), message);
            }
        }
    }
    Ok(())
}

fn domain(column: &str) -> Result<&'static [&'static str], String> {
    ssvc::values_of(column).ok_or_else(|| {
        let known: Vec<_> = ssvc::DECISION_POINTS.iter().map(|(key, _)| *key).collect();
        format!("`{column}` is not a decision point; expected {}", known.join(", "))
    })
}

fn combinations(domains: &[&'static [&'static str]]) -> Vec<Vec<&'static str>> {
    domains.iter().fold(vec![Vec::new()], |cases, domain| {
        cases
            .iter()
            .flat_map(|case| domain.iter().map(move |value| case.iter().copied().chain([*value]).collect()))
            .collect()
    })
}

fn describe(columns: &[String], case: &[&str]) -> String {
    let parts: Vec<_> = columns.iter().zip(case).map(|(column, value)| format!("{column} {value}")).collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &str) -> Result<TimelineTable, String> {
        let text = format!(
            "title: Example\nversion: '1'\nsource: the test\ncolumns: [in_kev, technical_impact]\noutcomes:\n  \
             now: {{ days: 3, basis: {{ published: a standard }} }}\n  later: {{ basis: assumed }}\nrows:\n{rows}"
        );
        let document = Document::read(text.as_bytes(), "example.yaml", 4096).map_err(|error| error.to_string())?;
        read("example", &document).map_err(|error| error.to_string())
    }

    #[test]
    fn a_complete_table_is_read_with_its_wildcards() {
        let table = table("- ['no', '*', later]\n- ['yes', partial, now]\n- ['yes', total, now]\n").unwrap();
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.outcomes["now"].days, Some(3.0));
        assert_eq!(table.outcomes["later"].basis.to_string(), "assumed: example");
    }

    #[test]
    fn a_case_without_a_row_is_named() {
        let error = table("- ['no', '*', later]\n- ['yes', partial, now]\n").unwrap_err();
        assert!(error.ends_with("no row for in_kev yes, technical_impact total"), "{error}");
    }

    #[test]
    fn a_case_with_two_rows_is_named_even_if_they_agree() {
        let error = table("- ['*', '*', later]\n- ['yes', total, later]\n").unwrap_err();
        assert!(
            error.starts_with("example.yaml:10:3: row 0 already answers in_kev yes, technical_impact total"),
            "{error}"
        );
    }

    #[test]
    fn strange_words_are_refused_at_their_place_with_what_was_expected() {
        let error = table("- ['*', '*', later]\n- ['maybe', '*', later]\n").unwrap_err();
        assert!(
            error.starts_with("example.yaml:10:3: `maybe` is not a value of in_kev; expected no, yes or *"),
            "{error}"
        );
        assert!(table("- ['*', '*', never]\n").unwrap_err().contains("`never` is not among the outcomes"));
        assert!(table("- ['*', later]\n").unwrap_err().contains("has 1 values before its outcome"));
        assert!(table("- []\n").unwrap_err().contains("`` is not among the outcomes"));
        assert!(domain("weather").unwrap_err().contains("expected automatable, exploitation"));
    }
}
