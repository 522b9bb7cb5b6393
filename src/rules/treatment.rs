//! Treatments: read, and checked for figures that cannot be.

use serde::Deserialize;

use super::yaml::{self, Claim, Spread};
use crate::document::{Document, DocumentError};
use crate::model::condition::Condition;
use crate::model::effort::Effort;
use crate::model::rules::TreatmentRule;
use crate::model::work::{TakesEffect, TreatmentKind};

/// A year: what takes longer is no treatment of a finding.
const MOST_LEAD_DAYS: f64 = 365.0;

/// What a title can have filled in.
const PLACEHOLDERS: [&str; 4] = ["component", "fixed_in", "title", "path"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    kind: String,
    remains: Option<bool>,
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
    fn checked(self, document: &Document, at: &str) -> Result<Effort, DocumentError> {
        let Self { p50, p90 } = self;
        if 0.0 <= p50 && p50 <= p90 && p90.is_finite() {
            Ok(Effort { p50, p90 })
        } else {
            Err(document.error_at(at, format!("expected hours with 0 ≤ p50 ≤ p90, found {p50} and {p90}")))
        }
    }
}

/// Reads the treatment `id`.
pub fn read(id: &str, document: &Document) -> Result<TreatmentRule, DocumentError> {
    let file: File = document.content()?;
    if !(0.0..=MOST_LEAD_DAYS).contains(&file.lead_days) {
        return Err(document.error_at("lead_days", format!("expected calendar days from 0 to {MOST_LEAD_DAYS}")));
    }
    if let Some(number) = file.references.iter().position(|reference| !reference.starts_with("https://")) {
        return Err(document.error_at(&format!("references[{number}]"), "expected an https address"));
    }
    let when =
        Condition::compile(&file.when).map_err(|error| document.error_within("when", error.offset, error.message))?;
    let kind = kind(&file.kind).map_err(|message| document.error_at("kind", message))?;
    Ok(TreatmentRule {
        id: id.to_owned(),
        title: title(&file.title, document)?,
        kind,
        remains: file.remains.unwrap_or(kind == TreatmentKind::Mitigate),
        when,
        effort: file.effort.checked(document, "effort")?,
        effort_each_further: file.effort_each_further.checked(document, "effort_each_further")?,
        effort_basis: file.effort_basis.into_basis(id).into(),
        takes_effect: takes_effect(&file.takes_effect).map_err(|message| document.error_at("takes_effect", message))?,
        lead_days: file.lead_days,
        residual: file.residual.within(1.0, document, "residual")?,
        residual_basis: file.residual_basis.into_basis(id).into(),
        disruption: file.disruption.trim().into(),
        pros: sentences(&file.pros, document, "pros")?.into(),
        cons: sentences(&file.cons, document, "cons")?.into(),
        references: file.references.into(),
    })
}

fn title(text: &str, document: &Document) -> Result<String, DocumentError> {
    let text = yaml::said(text, document, "title")?;
    for part in text.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !PLACEHOLDERS.contains(&name) {
            let message = format!("nothing is filled in for {{{name}}}; expected {}", PLACEHOLDERS.join(", "));
            return Err(document.error_at("title", message));
        }
    }
    Ok(text)
}

fn kind(word: &str) -> Result<TreatmentKind, String> {
    // To accept a finding until a date is always possible and needs no rule.
    let offered = TreatmentKind::ALL.into_iter().filter(|kind| *kind != TreatmentKind::Accept);
    offered.clone().find(|kind| kind.as_str() == word).ok_or_else(|| {
        let names: Vec<_> = offered.map(TreatmentKind::as_str).collect();
        format!("`{word}` is not a kind of treatment; expected {}", names.join(", "))
    })
}

fn takes_effect(word: &str) -> Result<TakesEffect, String> {
    [TakesEffect::AtRelease, TakesEffect::AtOnce]
        .into_iter()
        .find(|moment| moment.as_str() == word)
        .ok_or_else(|| format!("`{word}` is not a moment; expected at-release or at-once"))
}

/// Every treatment has something for it and something against it; one that has not was not thought through.
fn sentences(texts: &[String], document: &Document, at: &str) -> Result<Vec<String>, DocumentError> {
    if texts.is_empty() {
        return Err(document.error_at(at, "say at least one"));
    }
    texts.iter().map(|text| yaml::said(text, document, at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "title: Upgrade {component} to {fixed_in}\nkind: fix\nwhen: finding.fix == \"available\"\n\
        effort: { p50: 1, p90: 4 }\neffort_each_further: { p50: 0, p90: 0 }\neffort_basis: assumed\n\
        takes_effect: at-release\nresidual: { low: 0, likely: 0.02, high: 0.1 }\n\
        residual_basis: { published: a paper }\npros: [The cause is gone.]\ncons: [It needs a release.]\n\
        references: [\"https://example.org/\"]\n";

    fn rule(text: &str) -> Result<TreatmentRule, String> {
        let document = Document::read(text.as_bytes(), "upgrade.yaml", 4096).map_err(|error| error.to_string())?;
        read("upgrade", &document).map_err(|error| error.to_string())
    }

    #[test]
    fn a_treatment_is_read_as_written() {
        let rule = rule(GOOD).unwrap();
        assert_eq!((rule.kind, rule.takes_effect, rule.lead_days), (TreatmentKind::Fix, TakesEffect::AtRelease, 0.0));
        assert_eq!((rule.effort.p50, rule.effort.p90, rule.residual.likely), (1.0, 4.0, 0.02));
        assert_eq!(rule.effort_basis.to_string(), "assumed: upgrade");
        assert_eq!(rule.residual_basis.to_string(), "published: a paper");
        assert_eq!(rule.when.text(), "finding.fix == \"available\"");
    }

    #[test]
    fn what_only_lowers_the_risk_leaves_the_finding_unless_the_file_says_otherwise() {
        let remains = |text: &str| rule(&GOOD.replacen("kind: fix", text, 1)).unwrap().remains;
        assert!(!remains("kind: fix") && !remains("kind: avoid") && !remains("kind: mitigate\nremains: false"));
        assert!(remains("kind: mitigate") && remains("kind: avoid\nremains: true"));
    }

    #[test]
    fn what_cannot_be_is_refused_at_its_place() {
        for (good, bad, expected) in [
            ("p50: 1, p90: 4", "p50: 4, p90: 1", "4:9: expected hours"),
            ("high: 0.1", "high: 1.1", "8:11: expected 0 ≤ low"),
            ("low: 0,", "low: .nan,", "8:11: expected 0 ≤ low"),
            ("{fixed_in}", "{version}", "1:8: nothing is filled in for {version}"),
            ("kind: fix", "kind: accept", "2:7: `accept` is not a kind"),
            ("finding.fix", "finding.fux", "3:7: there is no fact `finding.fux`"),
            ("at-release", "later", "7:15: `later` is not a moment"),
            ("https://", "http://", "expected an https address"),
            ("[It needs a release.]", "[]", "say at least one"),
            ("effort_basis: assumed", "effort_basis: guessed", "`guessed` is no basis"),
            ("{ published: a paper }", "{ heard: a paper }", "expected `assumed`, or `published:`"),
            ("effort_basis: assumed", "effort_basis: assumed\nsurprise: 1", "`surprise`"),
            ("kind: fix", "kind: fix\nkind: fix", "kind"),
        ] {
            assert!(GOOD.contains(good), "{good}");
            let error = rule(&GOOD.replacen(good, bad, 1)).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
