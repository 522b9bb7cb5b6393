//! Semgrep's own JSON (`semgrep scan --json`, `semgrep ci --json`): code, secrets and supply chain in one list.
//!
//! Semgrep merges nothing: the same rule at the same place may stand there twice, when two rule packs hold it. Such
//! rows are one observation. Results for a rule of category `correctness` and the like are kept: the rule set is the
//! user's choice.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain, secret};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::figure;
use crate::model::identifier::Identifier;
use crate::model::report::{Confidence, Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "semgrep",
    title: "Semgrep JSON",
    kinds: &[Category::Code, Category::Secret, Category::Dependency],
    versions: "Semgrep 0.30 and later, Community Edition and AppSec Platform; also Opengrep",
    specification: "https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif",
    recognise,
    read,
};

/// Semgrep writes this in place of what only its platform gives.
const WITHHELD: &str = "requires login";

/// Weaknesses that consist in a credential in the code (hard-coded password, key, credentials): the lines of such a
/// result are not kept, whatever the rule calls itself.
const CREDENTIALS: [u32; 3] = [259, 321, 798];

fn recognise(sniff: &Sniff) -> bool {
    let frame = sniff.has("results") && sniff.has("errors") && sniff.has("paths");
    (frame && !sniff.has("metrics")) || (sniff.has("results[].check_id") && sniff.has("results[].extra"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    check_id: Text,
    path: Text,
    start: Position,
    end: Position,
    extra: Extra,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Position {
    line: Number,
    col: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Extra {
    message: Text,
    severity: Text,
    lines: Text,
    fingerprint: Text,
    is_ignored: Option<bool>,
    validation_state: Text,
    #[serde(deserialize_with = "or_default")]
    metadata: Metadata,
    sca_info: Option<SupplyChain>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
struct Metadata {
    cwe: Texts,
    owasp: Texts,
    confidence: Text,
    likelihood: Text,
    impact: Text,
    technology: Texts,
    product: Text,
    #[serde(rename = "secret_type")]
    secret_type: Text,
    cve: Texts,
    ghsa: Texts,
    sca_severity: Text,
    sca_vuln_database_identifier: Texts,
    #[serde(deserialize_with = "or_default")]
    sca_fix_versions: Vec<std::collections::BTreeMap<String, Text>>,
    publish_date: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SupplyChain {
    reachable: Option<bool>,
    reachability_rule: Option<bool>,
    dependency_match: DependencyMatch,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct DependencyMatch {
    found_dependency: FoundDependency,
    lockfile: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FoundDependency {
    package: Text,
    version: Text,
    ecosystem: Text,
    transitivity: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Failure {
    level: Text,
    message: Text,
    #[serde(rename = "long_msg")]
    long: Text,
    #[serde(rename = "short_msg")]
    short: Text,
    path: Text,
    rule_id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Skipped {
    path: Text,
    reason: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "semgrep".into();
    report.scan.kinds.insert(Category::Code);
    let patterns = [
        Pattern::Value("results[]"),
        Pattern::Value("version"),
        Pattern::Value("errors[]"),
        Pattern::Scope("paths.scanned"),
        Pattern::Value("paths.scanned[]"),
        Pattern::Value("paths.skipped[]"),
        Pattern::Value("skipped_rules[]"),
    ];
    let (mut skipped_files, mut skipped_rules) = (0_u32, 0_u32);
    let (mut lists_files, mut scanned_files) = (false, 0_u32);
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else {
            lists_files = true;
            return Ok(());
        };
        match event.pattern {
            0 => match json::read::<Row>(text) {
                Ok(row) => observe(&row, report),
                Err(error) => report.unread(&error.to_string()),
            },
            1 => report.scan.tool_version = json::read::<Text>(text).unwrap_or_default().0,
            2 => failure(&json::read(text)?, report),
            4 => scanned_files += 1,
            5 => {
                let skipped: Skipped = json::read(text)?;
                if skipped.reason.contains("analysis_failed") {
                    report.missing(format!("Semgrep could not analyse {}", skipped.path));
                } else {
                    skipped_files += 1;
                }
            }
            _ => skipped_rules += 1,
        }
        Ok(())
    })?;
    if lists_files && scanned_files == 0 {
        report.looked_at_no("file");
    }
    let were = |number: u32, noun| figure::subject(number.into(), noun, ["was", "were"]);
    if skipped_files > 0 {
        report.remark(format!("{} skipped, as the settings of Semgrep say", were(skipped_files, "file")));
    }
    if skipped_rules > 0 {
        report
            .remark(format!("{} skipped because this version of Semgrep cannot run them", were(skipped_rules, "rule")));
    }
    Ok(())
}

/// An entry of `errors`. Level `error` means that something was not scanned; `warn` that a rule or a part of a file
/// was given up, which Semgrep itself does not hold against the scan.
fn failure(failure: &Failure, report: &mut Collector) {
    let what = plain::first_title(&[&failure.message, &failure.long, &failure.short, "an error without a message"]);
    let place = match (failure.path.given(), failure.rule_id.given()) {
        (Some(path), _) => format!(" ({path})"),
        (None, Some(rule)) => format!(" (rule {rule})"),
        (None, None) => String::new(),
    };
    if failure.level.eq_ignore_ascii_case("error") {
        report.missing(format!("Semgrep reports an error{place}: {what}"));
    } else {
        report.remark(format!("Semgrep reports a warning{place}: {what}"));
    }
}

fn observe(row: &Row, report: &mut Collector) {
    let Row { check_id, path, start, end, extra } = row;
    let Some(rule) = check_id.given() else {
        return report.unread("a result without check_id");
    };
    let mut observation = Observation {
        rule: rule.to_owned(),
        // The fingerprint follows the code, not the line: semgrep.dev/docs/semgrep-code/remove-duplicates.
        native_id: extra.fingerprint.given().filter(|id| *id != WITHHELD).map(str::to_owned),
        category: Some(Category::Code),
        title: title(rule),
        description: description(extra),
        severity: severity(&extra.severity),
        cwe: extra.metadata.cwe.iter().filter_map(|text| cwe(text)).collect(),
        locations: place::in_file(path, start.line.line(), end.line.line()).into_iter().collect(),
        confidence: Confidence::from_word(&extra.metadata.confidence),
        suppression: (extra.is_ignored == Some(true))
            .then(|| Suppression { kind: "nosemgrep".into(), reason: String::new() }),
        ..Observation::default()
    };
    let quoted = extra.lines.given().filter(|lines| *lines != WITHHELD);
    if let Some(supply_chain) = &extra.sca_info {
        dependency(&extra.metadata, supply_chain, &mut observation);
    } else if is_secret(rule, extra) {
        secret_found(extra, quoted.and_then(|_| matched(&extra.lines, start, end)), &mut observation);
    } else if !observation.cwe.iter().any(|cwe| CREDENTIALS.contains(cwe))
        && let (Some(location), Some(lines)) = (observation.locations.first_mut(), quoted)
    {
        location.snippet = Some(lines.to_owned());
    }
    let at = |position: &Position| format!("{:?}:{:?}", position.line.0, position.col.0);
    report.push_once(&[rule, path, &at(start), &at(end), &extra.message], observation);
}

/// The last part of a rule's name, which is its name: `python.lang.security.x.x` → `x`.
fn title(rule: &str) -> String {
    plain::title(&rule.rsplit('.').next().unwrap_or(rule).replace(['-', '_'], " "))
}

fn description(extra: &Extra) -> String {
    let Metadata { owasp, likelihood, impact, .. } = &extra.metadata;
    let list = |label: &str, text: &str| if text.is_empty() { String::new() } else { format!("{label}: {text}.") };
    let rating = [list("Likelihood", &likelihood.to_lowercase()), list("Impact", &impact.to_lowercase())];
    plain::paragraphs([&extra.message.0, &list("OWASP", &owasp.join("; ")), &rating.join(" ")])
}

/// Semgrep's levels; the three older ones stand for high, medium and low, `INFO` included
/// (semgrep.dev/docs/writing-rules/rule-syntax).
fn severity(word: &str) -> Severity {
    match word {
        "INFO" => Severity::Low,
        "INVENTORY" | "EXPERIMENT" => Severity::Info,
        word => Severity::from_word(word),
    }
}

fn is_secret(rule: &str, extra: &Extra) -> bool {
    extra.metadata.product.eq_ignore_ascii_case("secrets")
        || extra.metadata.secret_type.given().is_some()
        || extra.metadata.technology.iter().any(|technology| technology == "secrets")
        || rule.contains(".secrets.")
        || matches!(&*extra.validation_state, "CONFIRMED_VALID" | "CONFIRMED_INVALID" | "VALIDATION_ERROR")
}

fn secret_found(extra: &Extra, found: Option<&str>, observation: &mut Observation) {
    observation.category = Some(Category::Secret);
    observation.verified = match &*extra.validation_state {
        "CONFIRMED_VALID" => Some(true),
        "CONFIRMED_INVALID" => Some(false),
        _ => None,
    };
    // Without knowing which part of the line is the secret, the line is not kept at all.
    let Some(found) = found else { return };
    observation.secret_digest = secret::digest(found);
    observation.description = secret::hide(&observation.description, found);
    if let Some(location) = observation.locations.first_mut() {
        location.snippet = Some(secret::hide(extra.lines.trim_end(), found));
    }
}

/// The matched part of `lines`, which are whole lines while the columns, from 1, say where the match is.
fn matched<'a>(lines: &'a str, start: &Position, end: &Position) -> Option<&'a str> {
    let (first, last) = (start.col.line()? as usize, end.col.line()? as usize);
    let one_line = start.line.0 == end.line.0 && !lines.trim_end().contains('\n');
    lines.get(first - 1..last - 1).filter(|found| one_line && !found.trim().is_empty())
}

fn dependency(metadata: &Metadata, supply_chain: &SupplyChain, observation: &mut Observation) {
    let found = &supply_chain.dependency_match.found_dependency;
    let names = metadata.sca_vuln_database_identifier.iter().chain(metadata.cve.iter()).chain(metadata.ghsa.iter());
    for identifier in names.filter_map(|name| Identifier::parse(name)) {
        Identifier::add_to(&mut observation.identifiers, identifier);
    }
    let fixes = metadata.sca_fix_versions.iter().filter_map(|fixes| fixes.get(&found.package.0));
    let identifier = observation.identifiers.first().map_or(observation.rule.as_str(), Identifier::as_str);
    observation.title = plain::title(&format!("{identifier} in {}", found.package));
    observation.category = Some(Category::Dependency);
    if metadata.sca_severity.given().is_some() {
        observation.severity = Severity::from_word(&metadata.sca_severity);
    }
    observation.published = metadata.publish_date.trim().parse().ok();
    // Only a rule that looks at calls can say that there are none.
    observation.reachable =
        supply_chain.reachable.filter(|reachable| *reachable || supply_chain.reachability_rule == Some(true));
    observation.component = Some(Component {
        ecosystem: packages::ecosystem(&found.ecosystem).to_owned(),
        name: found.package.0.clone(),
        version: found.version.0.clone(),
        purl: packages::purl(packages::ecosystem(&found.ecosystem), &found.package, &found.version),
        direct: match &*found.transitivity {
            "direct" => Some(true),
            "transitive" => Some(false),
            _ => None,
        },
        fix: Fix::in_versions(fixes.map(|fix| fix.0.clone())),
    });
    let lockfile = place::in_file(&supply_chain.dependency_match.lockfile, None, None);
    observation.locations.extend(lockfile.filter(|file| observation.locations.iter().all(|at| at.path != file.path)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    fn fixture() -> crate::ingest::collector::Collected {
        collect(&FORMAT, include_str!("../../../tests/fixtures/reports/semgrep/shop.json"))
    }

    #[test]
    fn code_results_keep_what_the_rule_says() {
        let report = fixture();
        assert_eq!((report.scan.tool_version.as_str(), report.observations.len(), report.unread), ("1.128.1", 4, 0));
        let sql = &report.observations[0];
        assert_eq!((sql.title.as_str(), sql.severity, sql.occurrences), ("formatted sql string", Severity::High, 2));
        assert_eq!((sql.cwe.as_slice(), sql.confidence), (&[89][..], Some(Confidence::Medium)));
        assert!(sql.description.contains("OWASP: A03:2021 - Injection.") && sql.description.contains("Impact: high."));
        let at = &sql.locations[0];
        assert_eq!((at.path.as_str(), at.line, at.end_line), ("app/orders.py", Some(41), Some(42)));
        assert!(at.snippet.as_deref().unwrap().contains("cursor.execute"));
        assert_eq!(report.observations[3].severity, Severity::Low, "INFO is the lowest of the three older levels");
    }

    #[test]
    fn a_secret_is_masked_and_its_validation_kept() {
        let report = fixture();
        let token = report.observations.iter().find(|o| o.category == Some(Category::Secret)).unwrap();
        assert_eq!(token.verified, Some(true));
        assert_eq!(token.locations[0].snippet.as_deref(), Some("SLACK = \"xoxb****\""));
        assert_eq!(token.secret_digest, secret::digest("xoxb-000000000000-EXAMPLEEXAMPLE"));
        assert!(!format!("{report:?}").contains("EXAMPLEEXAMPLE"));
    }

    #[test]
    fn a_supply_chain_result_is_a_dependency() {
        let report = fixture();
        let minimist = report.observations.iter().find(|o| o.category == Some(Category::Dependency)).unwrap();
        let component = minimist.component.as_ref().unwrap();
        assert_eq!((component.ecosystem.as_str(), component.to_string()), ("npm", "minimist 1.2.0".to_owned()));
        assert_eq!((component.fix.versions(), component.direct), (&["1.2.6".to_owned()][..], Some(false)));
        assert_eq!((minimist.identifiers[0].as_str(), minimist.severity), ("CVE-2021-44906", Severity::Critical));
        assert_eq!((minimist.reachable, minimist.title.as_str()), (Some(false), "CVE-2021-44906 in minimist"));
    }

    #[test]
    fn errors_are_missing_evidence_warnings_are_not_and_ignored_results_are_kept_apart() {
        let report = fixture();
        assert_eq!(
            (report.suppressed.len(), report.suppressed[0].suppression.as_ref().unwrap().kind.as_str()),
            (1, "nosemgrep")
        );
        let missing: Vec<_> =
            report.problems.iter().filter(|p| p.evidence_missing).map(|p| p.message.as_str()).collect();
        assert_eq!(missing.len(), 2, "{missing:?}");
        assert!(missing[0].contains("app/legacy.py") && missing[1].contains("app/huge.py"));
        assert_eq!(report.problems.len(), 5);
    }
}
