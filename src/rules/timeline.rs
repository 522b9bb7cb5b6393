//! Timeline tables: read, and checked to answer every case exactly once.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::yaml::{self, Claim};
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
pub fn read(id: &str, text: &str) -> Result<TimelineTable, String> {
    let file: File = yaml::read(text)?;
    let outcomes: BTreeMap<String, Outcome> = file
        .outcomes
        .into_iter()
        .map(|(name, outcome)| Ok((name.clone(), meaning(id, &name, outcome)?)))
        .collect::<Result<_, String>>()?;
    let rows = file
        .rows
        .into_iter()
        .enumerate()
        .map(|(number, mut values)| {
            let outcome = values.pop().ok_or_else(|| format!("row {number} is empty"))?;
            if !outcomes.contains_key(&outcome) {
                return Err(format!("row {number}: `{outcome}` is not among the outcomes"));
            }
            Ok(TimelineRow { values, outcome })
        })
        .collect::<Result<Vec<_>, String>>()?;
    check_complete(&file.columns, &rows)?;
    Ok(TimelineTable {
        id: id.to_owned(),
        title: yaml::said(&file.title, "title")?,
        version: yaml::said(&file.version, "version")?,
        source: yaml::said(&file.source, "source")?,
        columns: file.columns,
        rows,
        outcomes,
    })
}

fn meaning(id: &str, name: &str, outcome: FileOutcome) -> Result<Outcome, String> {
    if outcome.days.is_some_and(|days| !(days.is_finite() && days >= 0.0)) {
        return Err(format!("outcome `{name}`: days must be a number from 0 on, or left out if no date is set"));
    }
    if let Some(ssvc) = outcome.ssvc.as_deref().filter(|ssvc| !SSVC_OUTCOMES.contains(ssvc)) {
        return Err(format!("outcome `{name}`: ssvc is `{ssvc}`, expected one of {}", SSVC_OUTCOMES.join(", ")));
    }
    Ok(Outcome { days: outcome.days, ssvc: outcome.ssvc, basis: outcome.basis.into_basis(id) })
}

/// Refuses a table that answers some case not at all or twice: what the order of rows decides is easily misread.
fn check_complete(columns: &[String], rows: &[TimelineRow]) -> Result<(), String> {
    if columns.is_empty() {
        return Err("columns is empty: name the decision points that the rows go by".to_owned());
    }
    if columns.iter().collect::<BTreeSet<_>>().len() < columns.len() {
        return Err("columns names a decision point twice".to_owned());
    }
    let domains = columns.iter().map(|column| domain(column)).collect::<Result<Vec<_>, String>>()?;
    for (number, row) in rows.iter().enumerate() {
        if row.values.len() != columns.len() {
            return Err(format!(
                "row {number} has {} values for {} columns; the outcome comes last",
                row.values.len(),
                columns.len()
            ));
        }
        for ((column, value), domain) in columns.iter().zip(&row.values).zip(&domains) {
            if value != ANY_VALUE && !domain.contains(&value.as_str()) {
                return Err(format!(
                    "row {number}: `{value}` is not a value of {column}; expected {} or {ANY_VALUE}",
                    domain.join(", ")
                ));
            }
        }
    }
    for case in combinations(&domains) {
        let fits = |row: &TimelineRow| row.values.iter().zip(&case).all(|(value, v)| value == ANY_VALUE || value == v);
        let matching: Vec<_> =
            rows.iter().enumerate().filter(|(_, row)| fits(row)).map(|(n, _)| n.to_string()).collect();
        match matching.as_slice() {
            [_] => {}
            [] => return Err(format!("no row for {}", describe(columns, &case))),
            several => {
                return Err(format!("rows {} all fit {}", several.join(" and "), describe(columns, &case)));
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
        read("example", &text)
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
        assert_eq!(error, "no row for in_kev yes, technical_impact total");
    }

    #[test]
    fn a_case_with_two_rows_is_named_even_if_they_agree() {
        let error = table("- ['*', '*', later]\n- ['yes', total, later]\n").unwrap_err();
        assert_eq!(error, "rows 0 and 1 all fit in_kev yes, technical_impact total");
    }

    #[test]
    fn strange_words_are_refused_with_what_was_expected() {
        let error = table("- ['maybe', '*', later]\n").unwrap_err();
        assert_eq!(error, "row 0: `maybe` is not a value of in_kev; expected no, yes or *");
        assert_eq!(table("- ['*', '*', never]\n").unwrap_err(), "row 0: `never` is not among the outcomes");
        assert!(table("- ['*', later]\n").unwrap_err().starts_with("row 0 has 1 values for 2 columns"));
        assert!(domain("weather").unwrap_err().contains("expected automatable, exploitation"));
    }
}
