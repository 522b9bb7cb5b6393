//! How bad a result is: the sources of SARIF in their order of precedence.
//!
//! 1. `security-severity`, a CVSS-like score, of the result, else of its rule; a CVSS base score counts as one,
//!    and 0.0 as none, which is how tools write that they do not know;
//! 2. a severity word in the properties of the result, else of its rule, under the names that tools use;
//! 3. `level` of the result (3.27.10), else what the invocation sets for the rule, else the rule's default;
//! 4. `problem.severity` of the rule;
//! 5. the specification's default: warning.

use super::wire::{Record, Rule};
use crate::model::severity::Severity;

/// Names under which tools write a severity in words.
const WORDS: &[&str] =
    &["severity", "Severity", "issue_severity", "zizmor/severity", "DevSkimSeverity", "cvssv3_baseSeverity"];

/// Names under which tools write a score from 0 to 10.
const SCORES: &[&str] = &["security-severity", "cvssv4_baseScore", "cvssv3_baseScore"];

/// The severity that a result or its rule states in numbers or words.
pub fn stated(record: &Record<'_>, rule: Option<&Rule>) -> Option<Severity> {
    let of_rule = rule.map(|rule| &rule.properties);
    let known = |severity: &Severity| *severity != Severity::Unknown;
    let scores = [record.properties.number(SCORES), of_rule.and_then(|bag| bag.number(SCORES))];
    let given = scores.into_iter().flatten().filter(|score| *score > 0.0);
    given.map(Severity::from_score).find(known).or_else(|| {
        let words = [record.properties.text(WORDS), of_rule.and_then(|bag| bag.text(WORDS))];
        words.into_iter().flatten().map(Severity::from_word).find(known)
    })
}

/// The severity by level, where none is stated. `set` is the level that the invocation sets for the rule, if it does.
pub fn by_level(record: &Record<'_>, rule: Option<&Rule>, set: Option<&str>) -> Severity {
    if let Some(level) = record.level.as_deref() {
        return from_level(level, record.kind.as_deref());
    }
    // Without a level, a result that is not a plain "fail" has none: the concept does not apply to it.
    if record.kind.as_deref().is_some_and(|kind| kind != "fail") {
        return Severity::Unknown;
    }
    let default = || rule?.default_configuration.as_ref()?.level.as_deref();
    if let Some(level) = set.or_else(default) {
        return from_level(level, None);
    }
    let problem = rule.and_then(|rule| rule.properties.text(&["problem.severity"])).map(Severity::from_word);
    problem.filter(|severity| *severity != Severity::Unknown).unwrap_or(Severity::Medium)
}

fn from_level(level: &str, kind: Option<&str>) -> Severity {
    match level {
        "error" => Severity::High,
        "warning" => Severity::Medium,
        "note" => Severity::Low,
        // The tool reports it and says that it does no harm; unless it leaves the question to a person.
        "none" if kind.is_none_or(|kind| kind == "fail") => Severity::Info,
        _ => Severity::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severity(record: &str, rule: Option<&str>, set: Option<&str>) -> Severity {
        let rule: Option<Rule> = rule.map(|rule| serde_json::from_str(rule).unwrap());
        let record = serde_json::from_str(record).unwrap();
        stated(&record, rule.as_ref()).unwrap_or_else(|| by_level(&record, rule.as_ref(), set))
    }

    #[test]
    fn a_score_beats_a_word_beats_a_level() {
        let rule =
            r#"{"properties":{"security-severity":"9.8","severity":"low"},"defaultConfiguration":{"level":"note"}}"#;
        assert_eq!(severity(r#"{"level":"note"}"#, Some(rule), None), Severity::Critical);
        assert_eq!(severity(r#"{"properties":{"security-severity":5}}"#, Some(rule), None), Severity::Medium);
        let rule = r#"{"properties":{"security-severity":"0.0"},"defaultConfiguration":{"level":"note"}}"#;
        assert_eq!(severity("{}", Some(rule), None), Severity::Low);
        let rule = r#"{"properties":{"security-severity":"n/a","severity":"Low"}}"#;
        assert_eq!(severity(r#"{"level":"error"}"#, Some(rule), None), Severity::Low);
    }

    #[test]
    fn a_word_counts_with_a_capital_too() {
        assert_eq!(severity(r#"{"properties":{"Severity":"High"}}"#, None, None), Severity::High);
        assert_eq!(severity(r#"{"properties":{"Severity":"Low"}}"#, None, None), Severity::Low);
    }

    #[test]
    fn an_absent_level_comes_from_the_invocation_then_the_rule_then_the_default() {
        let rule = r#"{"defaultConfiguration":{"level":"error"},"properties":{"problem.severity":"recommendation"}}"#;
        assert_eq!(severity("{}", Some(rule), Some("note")), Severity::Low);
        assert_eq!(severity("{}", Some(rule), None), Severity::High);
        assert_eq!(severity("{}", Some(r#"{"properties":{"problem.severity":"error"}}"#), None), Severity::High);
        assert_eq!(severity("{}", None, None), Severity::Medium);
    }

    #[test]
    fn a_result_for_review_without_a_level_has_no_severity() {
        assert_eq!(severity(r#"{"kind":"review"}"#, None, None), Severity::Unknown);
        assert_eq!(severity(r#"{"kind":"review","level":"warning"}"#, None, None), Severity::Medium);
        assert_eq!(severity(r#"{"level":"none"}"#, None, None), Severity::Info);
        assert_eq!(severity(r#"{"level":"purple"}"#, None, None), Severity::Unknown);
    }
}
