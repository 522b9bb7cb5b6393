//! The credential that a result quotes, where the log tells what of the quoted lines it is.
//!
//! A scanner for secrets quotes the secret, or the lines around it with columns that tell the secret. Where the columns do
//! not tell, all that is quoted is masked.

use super::wire::{Record, Region};
use crate::ingest::{credentials, secret};
use crate::model::category::Category;
use crate::model::report::Observation;

/// Masks the credential of a result that is about one.
pub fn hide(record: &Record<'_>, observation: &mut Observation) {
    if !credentials::is_about_one(observation) {
        return;
    }
    for location in &record.locations {
        let Some(quoted) = quoted(&location.physical_location.region) else { continue };
        // What is quoted of settings is a whole block, which is no credential that another scanner may have found too.
        if observation.category != Some(Category::Configuration) {
            observation.secret_digest = observation.secret_digest.or_else(|| secret::digest(quoted));
        }
        observation.title = secret::hide(&observation.title, quoted);
        observation.description = secret::hide(&observation.description, quoted);
        for place in &mut observation.locations {
            place.snippet = place.snippet.take().map(|snippet| secret::hide(&snippet, quoted));
        }
    }
}

/// What a region of one line quotes: the part between its columns if the snippet is the whole line, else all of it.
fn quoted<'r>(region: &'r Region<'_>) -> Option<&'r str> {
    let snippet = region.snippet.as_deref()?.plain_untrimmed();
    let one_line = region.end_line.is_none() || region.end_line == region.start_line;
    let column = |column: Option<i64>| usize::try_from(column?).ok()?.checked_sub(1);
    let part = || {
        let line = snippet.lines().next().filter(|_| one_line)?;
        let at = |column: usize| line.char_indices().map(|(at, _)| at).chain([line.len()]).nth(column);
        line.get(at(column(region.start_column)?)?..at(column(region.end_column)?)?).filter(|part| part.len() > 3)
    };
    let quoted = part().unwrap_or(snippet).trim();
    (!quoted.is_empty()).then_some(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::location::Location;

    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn hidden(record: &str, category: Category, cwe: &[u32]) -> Observation {
        let record: Record<'_> = serde_json::from_str(record).unwrap();
        let snippet = record.locations[0].physical_location.region.snippet.as_ref().map(|s| s.plain().to_owned());
        let mut observation = Observation {
            category: Some(category),
            cwe: cwe.to_vec(),
            title: format!("Possible hardcoded password: '{KEY}'"),
            locations: vec![Location { path: "app.py".into(), snippet, ..Location::default() }],
            ..Observation::default()
        };
        hide(&record, &mut observation);
        observation
    }

    #[test]
    fn the_columns_tell_the_credential_in_its_line() {
        let record = format!(
            r#"{{"locations":[{{"physicalLocation":{{"region":{{"startLine":4,"startColumn":10,"endColumn":52,
                "snippet":{{"text":"SECRET = \"{KEY}\"\n"}}}}}}}}]}}"#
        );
        let shown = hidden(&record, Category::Code, &[259]);
        assert_eq!(shown.title, "Possible hardcoded password: 'wJal****'");
        assert_eq!(shown.locations[0].snippet.as_deref(), Some("SECRET = \"wJal****\""));
        assert_eq!(shown.secret_digest, secret::digest(KEY));
    }

    #[test]
    fn without_columns_all_that_is_quoted_is_masked() {
        let record =
            format!(r#"{{"locations":[{{"physicalLocation":{{"region":{{"snippet":{{"text":"{KEY}"}}}}}}}}]}}"#);
        let shown = hidden(&record, Category::Secret, &[]);
        assert_eq!(shown.locations[0].snippet.as_deref(), Some("wJal****"));
        assert!(!format!("{shown:?}").contains("rXUtn"));
    }

    #[test]
    fn a_result_about_something_else_is_left_alone() {
        let record = r#"{"locations":[{"physicalLocation":{"region":{"snippet":{"text":"eval(\"x + y\")"}}}}]}"#;
        let shown = hidden(record, Category::Code, &[95]);
        assert_eq!(shown.locations[0].snippet.as_deref(), Some("eval(\"x + y\")"));
        assert_eq!(shown.secret_digest, None);
    }
}
