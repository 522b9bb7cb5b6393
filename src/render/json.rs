//! The brief for programs: schema `detente.brief/1` (DESIGN section 9).
//!
//! [`v1`] is the published shape, apart from the model, so that the model can move and the contract cannot. It is
//! written and read back: later commands take a brief from a file. [`from_brief`] fills it, [`read_back`] turns it into what
//! pages are made of.

mod figure;
mod from_brief;
mod read_back;
mod read_finding;
mod read_part;
pub mod v1;

use std::io::{self, Write};

use crate::model::brief::Brief;

use super::dates::Dates;
use super::renderer::{Form, Renderer};
use super::written::{Rows, write_json};

pub use read_back::brief as read_back;

/// This renderer's row.
pub const RENDERER: Renderer = Renderer {
    id: "json",
    about: "for programs, schema detente.brief/1",
    endings: &[".json"],
    form: Form::Written(write),
};

/// Writes a brief as `detente.brief/1`. Findings and work take their published shape one at a time: there may be a million.
fn write(brief: &Brief, out: &mut dyn Write) -> io::Result<()> {
    let dates = Dates::of(&brief.plan.planning);
    let findings = Rows(brief.assessment.findings.iter().map(|assessed| from_brief::finding(assessed, &dates)));
    let work = Rows(brief.plan.work.iter().map(from_brief::work));
    write_json(&from_brief::brief(brief, findings, work), out)
}

/// The JSON Schema of `detente.brief/1`.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<v1::Brief>()
        .to_value()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::fixture;
    use super::*;

    fn render(brief: &Brief) -> String {
        let mut text = Vec::new();
        write(brief, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn rendered(brief: &Brief) -> Value {
        serde_json::from_str(&render(brief)).unwrap()
    }

    #[test]
    fn every_brief_is_valid_against_the_schema() {
        let schema = schema();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        for (name, brief) in fixture::all() {
            let errors: Vec<String> = validator.iter_errors(&rendered(&brief)).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{name}");
        }
        let mut broken = rendered(&fixture::beyond_tolerance());
        broken["verdict"] = "passed".into();
        assert!(!validator.is_valid(&broken), "the schema knows the verdicts");
        broken = rendered(&fixture::beyond_tolerance());
        broken["options"][0].as_object_mut().unwrap().remove("score");
        assert!(!validator.is_valid(&broken), "the schema knows what an option must have");
    }

    #[test]
    fn what_is_written_can_be_read_back() {
        for (name, brief) in fixture::all() {
            let text = render(&brief);
            let read: v1::Brief = serde_json::from_str(&text).unwrap();
            assert_eq!(read, v1::Brief::from(&brief), "{name}");
        }
        let unknown = render(&fixture::beyond_tolerance()).replacen("beyond-tolerance", "fine", 1);
        let error = serde_json::from_str::<v1::Brief>(&unknown).unwrap_err().to_string();
        assert!(error.contains("within-appetite, within-tolerance, beyond-tolerance or unresolved"), "{error}");
    }

    /// DESIGN section 5, "recomputable": an outsider must come to the same exposure and score from the JSON alone.
    #[test]
    fn exposure_and_score_can_be_recomputed_from_the_json() {
        let brief = rendered(&fixture::beyond_tolerance());
        let horizon = brief["planning"]["horizon_days"].as_f64().unwrap();
        for option in brief["options"].as_array().unwrap() {
            let ship = option["ships"]["day"].as_f64().unwrap();
            let (mut exposure, mut baseline) = (0.0, 0.0);
            for finding in brief["findings"].as_array().unwrap() {
                let rate = finding["rate"]["likely"].as_f64().unwrap();
                if finding["origin"] == "resolved" {
                    exposure += rate * ship.min(horizon);
                    continue;
                }
                let start = if finding["origin"] == "ambient" { 0.0 } else { ship };
                let mut effect = (f64::INFINITY, 1.0);
                for step in option["steps"].as_array().unwrap() {
                    let work =
                        brief["work"].as_array().unwrap().iter().find(|item| item["id"] == step["work"]).unwrap();
                    let covers = work["findings"].as_array().unwrap().contains(&finding["id"]);
                    if let Some(day) = step["effect_day"].as_f64().filter(|&day| covers && day < effect.0) {
                        let treatments = work["treatments"].as_array().unwrap();
                        let treatment = treatments.iter().find(|t| t["id"] == step["treatment"]).unwrap();
                        effect = (day, treatment["residual"].as_f64().unwrap());
                    }
                }
                exposure += rate * (effect.0.min(horizon) - start).max(0.0);
                if effect.0.is_finite() {
                    exposure += rate * effect.1 * (horizon - effect.0.max(start)).max(0.0);
                }
                baseline += rate * horizon;
            }
            let close = |name: &str, expected: f64| {
                let stated = option[name].as_f64().unwrap();
                assert!((stated - expected).abs() <= 1e-6 * expected.abs(), "{name}: {stated}, recomputed {expected}");
            };
            close("exposure", exposure);
            close("baseline_exposure", baseline);
            close("score", 100.0 * (1.0 - exposure / baseline));
        }
    }

    #[test]
    fn without_a_declared_capacity_there_are_days_and_no_dates() {
        let brief = rendered(&fixture::without_capacity());
        assert_eq!(brief["planning"]["dated"], false);
        for option in brief["options"].as_array().unwrap() {
            assert_eq!(option["ships"]["date"], Value::Null);
            assert!(option["ships"]["day"].is_number());
            for commitment in option["commitments"].as_array().unwrap() {
                assert!(commitment["due"].is_number(), "{commitment}");
            }
        }
    }

    #[test]
    fn hidden_characters_of_reports_are_written_by_number() {
        let mut brief = fixture::beyond_tolerance();
        brief.assessment.findings[0].finding.title = "user\u{202e}nimda\u{9b}31m".to_owned();
        let text = render(&brief);
        assert!(text.contains("user\\u202enimda\\u009b31m") && !text.contains('\u{202e}'), "{text}");
        let read: v1::Brief = serde_json::from_str(&text).unwrap();
        assert_eq!(read.findings[0].title, brief.assessment.findings[0].finding.title);
    }

    #[test]
    fn numbers_that_json_cannot_hold_are_null() {
        let mut brief = fixture::beyond_tolerance();
        brief.plan.planning.calendar.releases[0].to = f64::INFINITY;
        brief.plan.options[0].score_range.low = f64::NAN;
        let json = rendered(&brief);
        assert_eq!(json["planning"]["release_windows"][0]["to"], Value::Null);
        assert_eq!(json["options"][0]["score_range"]["low"], Value::Null);
    }

    #[test]
    fn the_wire_format_is_what_was_published() {
        insta::assert_snapshot!("brief.json", render(&fixture::beyond_tolerance()));
        insta::assert_snapshot!("schema.json", serde_json::to_string_pretty(&schema()).unwrap());
    }
}
