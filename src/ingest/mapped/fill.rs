//! A row → an observation; what the document says about the scan → the scan.

use std::collections::BTreeSet;

use super::rows::{Fact, ScanTexts, written};
use super::select::{self, Level};
use crate::ingest::collector::Collector;
use crate::ingest::{packages, place, plain, rating, secret};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::identifier::Identifier;
use crate::model::mapping::{Check, Expression, FindingMap, Mapping, Path, names};
use crate::model::report::{Confidence, Observation, Suppression};
use crate::model::severity::Severity;

/// Adds what a row says, unless the mapping leaves the row out.
pub fn observe(mapping: &Mapping, levels: &[Level<'_>], report: &mut Collector) {
    let holds = |check: &Check| select::holds(levels, check);
    if mapping.except.iter().any(holds) {
        return;
    }
    if let Some(untested) = mapping.untested.iter().find(|untested| untested.when.iter().all(holds)) {
        let what = select::first(levels, &untested.say).unwrap_or_default();
        return report.missing(format!("not all of it was tested: {}", plain::title(&what)));
    }
    if !mapping.only.iter().all(holds) {
        return;
    }
    let map = &mapping.finding;
    let first = |expressions: &[Expression]| select::first(levels, expressions).unwrap_or_default();
    let every = |expressions: &[Expression]| select::every(levels, expressions);
    let rule = first(&map.rule);
    if rule.is_empty() {
        return report.unread("a row that does not say which rule or check it is about");
    }
    let component = component(map, &first, &every);
    let category = category(mapping, &first(&map.category), component.as_ref());
    // A file with a credential in it is no package.
    let component = component.filter(|_| category != Category::Secret);
    let score = first(&map.score).parse::<f64>().ok().filter(|score| (0.0..=10.0).contains(score));
    let mut cvss: Vec<_> =
        every(&map.cvss).iter().filter_map(|text| rating::vector(bare_vector(text), &mapping.tool)).collect();
    if let (Some(first), Some(score)) = (cvss.first_mut(), score) {
        first.score = Some(score);
    }
    let line = |expressions: &[Expression]| {
        let number: u32 = first(expressions).parse().ok()?;
        number.checked_add(u32::from(map.lines_from_zero)).filter(|line| *line > 0)
    };
    let mut location = place::in_file(&first(&map.path), line(&map.line), line(&map.end_line));
    if let Some(location) = &mut location {
        location.snippet = select::first(levels, &map.snippet);
    }
    let word = first(&map.severity);
    let mut severity = severity(map, &word);
    if severity == Severity::Unknown {
        // Beside a word that says nothing (`Untriaged`) a score of 0 says that nobody gave one.
        let score = score.filter(|score| *score > 0.0 || word.is_empty());
        severity = score.map_or_else(|| rating::severity(&cvss), Severity::from_score);
    }
    let title = plain::title(&plain::from_html(&first(&map.title)));
    let mut observation = Observation {
        category: Some(category),
        title: if title.is_empty() { plain::title(&rule) } else { title },
        description: plain::paragraphs(every(&map.description).iter().map(|text| plain::from_html(text))),
        severity,
        cvss,
        identifiers: identifiers(&every(&map.identifiers)),
        cwe: packages::cwe_numbers(every(&map.cwe).iter().flat_map(|text| text.split([',', ';', '|']))),
        native_id: select::first(levels, &map.native_id),
        confidence: Confidence::from_word(&first(&map.confidence)),
        component,
        locations: location.into_iter().collect(),
        endpoint: place::endpoint(&first(&map.url), &first(&map.method), &first(&map.parameter)),
        artefact: select::first(levels, &map.artefact),
        epss: first(&map.epss).parse().ok(),
        suppression: suppression(mapping, levels),
        rule,
        ..Observation::default()
    };
    let credential = first(&map.secret);
    if !credential.is_empty() {
        hide(&credential, &mut observation);
    }
    report.push(observation);
}

fn category(mapping: &Mapping, word: &str, component: Option<&Component>) -> Category {
    let word = word.to_lowercase();
    let named = mapping.finding.categories.iter().find(|(known, _)| *known == word).map(|(_, category)| *category);
    let known = component.map(|component| &component.ecosystem).filter(|ecosystem| !ecosystem.is_empty());
    let packaged = known.map(|ecosystem| packages::category(ecosystem));
    let packaged = packaged.filter(|category| mapping.kinds.contains(category));
    named.or(packaged).or(mapping.kinds.first().copied()).unwrap_or(Category::Code)
}

fn severity(map: &FindingMap, word: &str) -> Severity {
    let lower = word.to_lowercase();
    let named = map.severities.iter().find(|(known, _)| *known == lower);
    named.map_or_else(|| Severity::from_word(word), |(_, severity)| *severity)
}

fn identifiers(texts: &[String]) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = Vec::new();
    for text in texts {
        let named = Identifier::find_in(text);
        // An address that holds no name is no name itself.
        let whole = if named.is_empty() && !text.contains("://") { Identifier::parse(text) } else { None };
        for identifier in named.into_iter().chain(whole) {
            Identifier::add_to(&mut found, identifier);
        }
    }
    found
}

/// A vector without what stands around it: `7.5 (AV:N/…)`, `(AV:N/…)`, `9.8 [CVSS:3.0/AV:N/…]`.
fn bare_vector(text: &str) -> &str {
    let inner = text.rsplit_once(['(', '[']).map_or(text, |(_, inner)| inner).trim_end_matches([')', ']']);
    let inner = inner.trim();
    if inner.contains("AV:") { inner } else { "" }
}

fn component(
    map: &FindingMap,
    first: &dyn Fn(&[Expression]) -> String,
    every: &dyn Fn(&[Expression]) -> Vec<String>,
) -> Option<Component> {
    let of_purl = packages::component(&first(&map.purl));
    let name = first(&map.package);
    let mut component = match of_purl {
        Some(component) => component,
        None if name.is_empty() => return None,
        None => {
            let (ecosystem, version) = (packages::ecosystem(&first(&map.ecosystem)), version(&first(&map.version)));
            let purl = packages::purl(ecosystem, &name, &version);
            Component { ecosystem: ecosystem.to_owned(), name, version, purl, ..Component::default() }
        }
    };
    let fixed = every(&map.fixed_in);
    let versions = fixed.iter().flat_map(|text| versions(text));
    // Versions have digits; words such as `None` or `won't fix` have not.
    component.fix = Fix::in_versions(versions.filter(|text| text.contains(|c: char| c.is_ascii_digit())));
    Some(component)
}

/// The versions in a text such as `1.2.3, 2.0.1`, `fixed in 1.2.3` or `Upgrade to 1.2.3`. Of a range (`~> 2.1, >= 2.1.3`) it
/// is the version that it begins with; so it is of intervals (`[1.2.3]`, `[1.2,2.0)`), where the beginning belongs to them.
fn versions(text: &str) -> Vec<&str> {
    if text.starts_with(['[', '(']) {
        let intervals = text.split([']', ')']).filter_map(|part| part.trim_start_matches([',', ' ']).strip_prefix('['));
        return intervals.filter_map(|interval| interval.split(',').next()).map(str::trim).collect();
    }
    let parts: Vec<&str> = text.split([',', ';', '|']).map(str::trim).collect();
    let begins: Vec<&str> = parts.iter().filter_map(|part| part.strip_prefix(">=")).map(str::trim).collect();
    if !begins.is_empty() {
        return begins;
    }
    parts.into_iter().filter_map(in_words).collect()
}

/// The version in a few words.
fn in_words(part: &str) -> Option<&str> {
    let words = part.split_whitespace().map(|word| word.trim_start_matches(['>', '=', '~', '^']));
    let mut words = words.filter(|word| !word.is_empty());
    if part.contains(char::is_whitespace) {
        words.find(|word| word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()))
    } else {
        words.next()
    }
}

/// One version: `= 5.3.0` is, a range is not.
fn version(text: &str) -> String {
    let version = text.trim_start_matches(['=', ' ']);
    if version.starts_with(['<', '>', '~', '^', '*']) { String::new() } else { version.to_owned() }
}

fn suppression(mapping: &Mapping, levels: &[Level<'_>]) -> Option<Suppression> {
    let decision =
        mapping.not_counted.iter().find(|decision| decision.when.iter().all(|check| select::holds(levels, check)))?;
    let reason = select::first(levels, &decision.reason).unwrap_or_default();
    Some(Suppression { kind: decision.kind.clone(), reason })
}

fn hide(credential: &str, observation: &mut Observation) {
    observation.secret_digest = secret::digest(credential);
    for text in [&mut observation.title, &mut observation.description] {
        *text = secret::hide(text, credential);
    }
    for location in &mut observation.locations {
        location.snippet = location.snippet.take().map(|snippet| secret::hide(&snippet, credential));
    }
}

/// What the document says about the scan, as it is gathered.
#[derive(Debug, Default)]
pub struct ScanFacts {
    tool_version: Option<String>,
    at: Option<String>,
    commit: Option<String>,
    artefact: Option<String>,
    total: Option<u64>,
    failures: Vec<String>,
    ran: BTreeSet<usize>,
}

impl ScanFacts {
    /// Notes texts at a path; of several the first counts.
    pub fn note(&mut self, found: ScanTexts<'_>) {
        let ScanTexts { fact, mut texts } = found;
        let slot = match fact {
            Fact::ToolVersion => &mut self.tool_version,
            Fact::At => &mut self.at,
            Fact::Commit => &mut self.commit,
            Fact::Artefact => &mut self.artefact,
            Fact::Total => {
                self.total = self.total.or_else(|| texts.first()?.parse().ok());
                return;
            }
            Fact::Failure(path, usual) => {
                texts.retain(|text| !usual.iter().any(|value| names(value, text)));
                let left = 3_usize.saturating_sub(self.failures.len());
                let told = texts.iter().take(left);
                self.failures.extend(told.map(|text| format!("{}: {}", written(&path.0), plain::title(text))));
                return;
            }
            Fact::Ran(number, signs) => {
                if texts.iter().any(|text| signs.iter().any(|sign| names(sign, text))) {
                    self.ran.insert(number);
                }
                return;
            }
        };
        if slot.is_none() {
            *slot = texts.into_iter().next();
        }
    }

    /// Tells what was noted, and what it means for the evidence.
    pub fn tell(self, mapping: &Mapping, rows: u64, report: &mut Collector) {
        // A scan that found nothing at all still ran.
        if report.scan.kinds.is_empty() {
            report.scan.kinds.extend(mapping.kinds.iter().copied());
        }
        let mut ran = mapping.scan.ran.iter().enumerate();
        if let Some((_, (path, signs))) = ran.find(|(number, _)| !self.ran.contains(number)) {
            report.scan.kinds.clear();
            report.remark(none_ran(mapping, path, signs));
        }
        report.scan.tool_version = self.tool_version.unwrap_or_default();
        report.scan.at = self.at.as_deref().and_then(moment);
        report.scan.commit = self.commit;
        report.scan.artefact = self.artefact;
        if let Some(total) = self.total.filter(|total| *total > rows) {
            report.missing(format!(
                "it says that there are {total} results, but {rows} are listed: it may be one page of a longer list"
            ));
        }
        for failure in self.failures {
            report.missing(format!("the scan did not succeed, or this is not all of it ({failure})"));
        }
    }
}

/// Why a report is evidence of nothing.
fn none_ran(mapping: &Mapping, path: &Path, signs: &[String]) -> String {
    let kinds: Vec<&str> = mapping.kinds.iter().map(|kind| kind.as_str()).collect();
    let ran = if signs == ["*"] { "anything was tested".to_owned() } else { format!("{} ran", signs.join(" or ")) };
    format!("it is no evidence of {}: it does not say ({}) that {ran}", kinds.join(" or "), written(&path.0))
}

/// A moment with its offset from UTC, in one of the usual spellings; seconds or milliseconds since 1970.
fn moment(text: &str) -> Option<jiff::Timestamp> {
    let text = text.trim();
    let Ok(number) = text.parse::<f64>() else { return text.parse().ok() };
    let number = Some(number).filter(|number| (0.0..1e14).contains(number))?;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    let whole = number as i64;
    if number < 1e11 { jiff::Timestamp::from_second(whole) } else { jiff::Timestamp::from_millisecond(whole) }.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_text_or_a_number_of_seconds_or_milliseconds() {
        for text in
            ["2020-01-24T04:11:45Z", "1579839105", "1579839105.0", "1579839105000", " 2020-01-24T05:11:45+01:00 "]
        {
            assert_eq!(moment(text).unwrap().to_string(), "2020-01-24T04:11:45Z", "{text}");
        }
        for text in ["", "now", "-1", "1e300", "inf", "NaN"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
