//! Treatments: read, and checked for figures that cannot be.

use serde::Deserialize;

use super::yaml::{self, Claim, Spread};
use crate::model::condition::Condition;
use crate::model::rules::{Effort, TreatmentRule};
use crate::model::work::{TakesEffect, TreatmentKind};

/// What a title can have filled in.
const PLACEHOLDERS: [&str; 4] = ["component", "fixed_in", "title", "path"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    kind: String,
    when: String,
    effort: Hours,
    effort_each_further: Hours,
    effort_basis: Claim,
    takes_effect: String,
    #[serde(default)]
    lead_days: f64,
    residual: Spread,
    residual_basis: Claim,
    #[serde(default)]
    disruption: String,
    pros: Vec<String>,
    cons: Vec<String>,
    #[serde(default)]
    references: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    p50: f64,
    p90: f64,
}

impl Hours {
    fn checked(self, what: &str) -> Result<Effort, String> {
        let Self { p50, p90 } = self;
        if 0.0 <= p50 && p50 <= p90 && p90.is_finite() {
            Ok(Effort { p50, p90 })
        } else {
            Err(format!("{what}: expected hours with 0 ≤ p50 ≤ p90, found {p50} and {p90}"))
        }
    }
}

/// Reads the treatment `id`.
pub fn read(id: &str, text: &str) -> Result<TreatmentRule, String> {
    let file: File = yaml::read(text)?;
    let when = file.when.trim();
    if !(0.0..=365.0).contains(&file.lead_days) {
        return Err(format!("lead_days: expected calendar days from 0 to 365, found {}", file.lead_days));
    }
    if let Some(reference) = file.references.iter().find(|reference| !reference.starts_with("https://")) {
        return Err(format!("references: `{reference}` is not an https address"));
    }
    Ok(TreatmentRule {
        id: id.to_owned(),
        title: title(&file.title)?,
        kind: kind(&file.kind)?,
        when: Condition::compile(when)
            .map_err(|error| format!("when: {error}, at character {} of `{when}`", error.offset))?,
        effort: file.effort.checked("effort")?,
        effort_each_further: file.effort_each_further.checked("effort_each_further")?,
        effort_basis: file.effort_basis.into_basis(id),
        takes_effect: takes_effect(&file.takes_effect)?,
        lead_days: file.lead_days,
        residual: file.residual.within(1.0, "residual")?,
        residual_basis: file.residual_basis.into_basis(id),
        disruption: file.disruption.trim().to_owned(),
        pros: sentences(&file.pros, "pros")?,
        cons: sentences(&file.cons, "cons")?,
        references: file.references,
    })
}

fn title(text: &str) -> Result<String, String> {
    let text = yaml::said(text, "title")?;
    for part in text.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !PLACEHOLDERS.contains(&name) {
            return Err(format!("title: nothing is filled in for {{{name}}}; expected {}", PLACEHOLDERS.join(", ")));
        }
    }
    Ok(text)
}

fn kind(word: &str) -> Result<TreatmentKind, String> {
    // To accept a finding until a date is always possible and needs no rule.
    let offered = TreatmentKind::ALL.into_iter().filter(|kind| *kind != TreatmentKind::Accept);
    let known = offered.clone().find(|kind| kind.as_str() == word);
    known.ok_or_else(|| {
        let names: Vec<_> = offered.map(TreatmentKind::as_str).collect();
        format!("kind: `{word}` is not known; expected {}", names.join(", "))
    })
}

fn takes_effect(word: &str) -> Result<TakesEffect, String> {
    [TakesEffect::AtRelease, TakesEffect::AtOnce]
        .into_iter()
        .find(|moment| moment.as_str() == word)
        .ok_or_else(|| format!("takes_effect: `{word}` is not known; expected at-release or at-once"))
}

/// Every treatment has something for it and something against it; one that has not was not thought through.
fn sentences(texts: &[String], what: &str) -> Result<Vec<String>, String> {
    if texts.is_empty() {
        return Err(format!("{what} is empty: say at least one"));
    }
    texts.iter().map(|text| yaml::said(text, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "title: Upgrade {component} to {fixed_in}\nkind: fix\nwhen: finding.fix == \"available\"\n\
        effort: { p50: 1, p90: 4 }\neffort_each_further: { p50: 0, p90: 0 }\neffort_basis: assumed\n\
        takes_effect: at-release\nresidual: { low: 0, likely: 0.02, high: 0.1 }\n\
        residual_basis: { published: a paper }\npros: [The cause is gone.]\ncons: [It needs a release.]\n\
        references: [\"https://example.org/\"]\n";

    #[test]
    fn a_treatment_is_read_as_written() {
        let rule = read("upgrade", GOOD).unwrap();
        assert_eq!((rule.kind, rule.takes_effect, rule.lead_days), (TreatmentKind::Fix, TakesEffect::AtRelease, 0.0));
        assert_eq!((rule.effort.p50, rule.effort.p90, rule.residual.likely), (1.0, 4.0, 0.02));
        assert_eq!(rule.effort_basis.to_string(), "assumed: upgrade");
        assert_eq!(rule.residual_basis.to_string(), "published: a paper");
        assert_eq!(rule.when.text(), "finding.fix == \"available\"");
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_key() {
        for (good, bad, expected) in [
            ("p50: 1, p90: 4", "p50: 4, p90: 1", "effort: expected hours"),
            ("high: 0.1", "high: 1.1", "residual: expected 0 ≤ low"),
            ("low: 0,", "low: .nan,", "residual: expected 0 ≤ low"),
            ("{fixed_in}", "{version}", "title: nothing is filled in for {version}"),
            ("kind: fix", "kind: accept", "kind: `accept` is not known"),
            ("at-release", "later", "takes_effect: `later`"),
            ("https://", "http://", "references: `http://example.org/`"),
            ("[It needs a release.]", "[]", "cons is empty"),
            ("effort_basis: assumed", "effort_basis: guessed", "`guessed` is no basis"),
            ("{ published: a paper }", "{ heard: a paper }", "expected `assumed`, or `published:`"),
            ("effort_basis: assumed", "effort_basis: assumed\nsurprise: 1", "unknown field `surprise`"),
        ] {
            assert!(GOOD.contains(good), "{good}");
            let error = read("upgrade", &GOOD.replace(good, bad)).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
