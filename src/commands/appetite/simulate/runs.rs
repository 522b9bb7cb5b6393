//! Past runs, as evidence that can be judged anew: stored briefs, or dated folders of reports.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::commands::error::CommandError;
use crate::commands::{brief_file, evidence, rulebook};
use crate::correlate;
use crate::ingest::Formats;
use crate::model::change::Change;
use crate::model::clock::Stated;
use crate::model::component::{Component, Fix};
use crate::model::coverage::CoverageState;
use crate::model::cvss::Cvss;
use crate::model::digest::Digest;
use crate::model::finding::{Finding, Inventory, Source};
use crate::model::identifier::Identifier;
use crate::model::location::{Endpoint, Location};
use crate::model::report::{Confidence, Problem, Report, Scan};
use crate::render::json::v1;

/// One run's evidence.
pub(super) struct Run {
    /// Path of the brief or of the folder.
    pub name: String,
    /// The moment at which it was judged.
    pub now: Timestamp,
    pub reports: Vec<Report>,
    pub inventory: Inventory,
}

/// The runs at `path`.
pub(super) fn read(path: &Path) -> Result<Vec<Run>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![from_brief(path)?]);
    }
    let problem = |error: std::io::Error| CommandError::usage(format!("{}: cannot be read: {error}", path.display()));
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(problem)? {
        entries.push(entry.map_err(problem)?.path());
    }
    entries.sort();
    let dated: Vec<(Date, &PathBuf)> =
        entries.iter().filter(|entry| entry.is_dir()).filter_map(|entry| Some((date(entry)?, entry))).collect();
    let mut runs = from_reports(&dated)?;
    for brief in entries.iter().filter(|entry| entry.extension().is_some_and(|ending| ending == "json")) {
        runs.push(from_brief(brief)?);
    }
    Ok(runs)
}

/// The date with which a folder's name begins.
fn date(folder: &Path) -> Option<Date> {
    folder.file_name()?.to_str()?.get(..10)?.parse().ok()
}

/// Each folder of reports is compared with the one before: what is new in it came in between.
fn from_reports(dated: &[(Date, &PathBuf)]) -> Result<Vec<Run>, CommandError> {
    let mut runs: Vec<Run> = Vec::new();
    let rules = rulebook::on_disk(Path::new("."))?;
    for (day, folder) in dated {
        let reports = evidence::read(&[folder.display().to_string()], &Formats::with(&rules.formats))?;
        let reports = correlate::heed(reports);
        let before = runs.last_mut().map(|run| run.reports.iter_mut().map(Report::take_observations).collect());
        let inventory = correlate::correlate(&reports, before, &Change::default());
        let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).map_err(CommandError::usage)?;
        runs.push(Run { name: folder.display().to_string(), now: noon.timestamp(), reports, inventory });
    }
    Ok(runs)
}

fn from_brief(path: &Path) -> Result<Run, CommandError> {
    let brief = brief_file::read(path)?;
    let name = path.display().to_string();
    let now =
        brief.now.parse().map_err(|error| CommandError::usage(format!("{name}: its `now` is no moment: {error}")))?;
    let mut findings: Vec<Finding> = brief.findings.iter().map(finding).collect();
    findings.sort_by(|a, b| a.id.cmp(&b.id));
    let reports = brief.reports.iter().map(|report| self::report(report, &brief.coverage)).collect();
    Ok(Run { name, now, reports, inventory: Inventory { findings, ..Inventory::default() } })
}

/// A report as far as the evidence goes: which kinds of test it was for, and whether it could be read.
fn report(report: &v1::Report, coverage: &[v1::Coverage]) -> Report {
    let of_report = |kind: &&v1::Coverage| kind.reports.contains(&report.path);
    let mut problems: Vec<Problem> = report
        .problems
        .iter()
        .map(|problem| Problem { evidence_missing: problem.evidence_missing, message: problem.message.clone() })
        .collect();
    // A report that was too old, or of another commit, is no evidence under another draft either.
    let stale = coverage.iter().filter(of_report).find(|kind| kind.state.0 == CoverageState::Stale);
    problems.extend(stale.map(|kind| Problem { evidence_missing: true, message: kind.remark.clone() }));
    let kinds = coverage.iter().filter(of_report).map(|kind| kind.kind.0).collect();
    let scan = Scan { tool: report.tool.clone(), tool_version: report.tool_version.clone(), kinds, ..Scan::default() };
    Report {
        path: report.path.clone(),
        format: None,
        sha256: Digest::of(report.sha256.as_bytes()),
        scan,
        observations: Vec::new(),
        suppressed: Vec::new(),
        statements: Vec::new(),
        unread: report.unread,
        problems,
    }
}

fn finding(finding: &v1::Finding) -> Finding {
    let location =
        |place: &v1::Location| Location { path: place.path.clone(), line: place.line, ..Location::default() };
    let source = |source: &v1::Source| Source {
        tool: source.tool.clone(),
        rule: source.rule.clone(),
        report: source.report.clone(),
    };
    // A severity that the appetite of that time declared is for another draft to declare anew.
    let declared = finding.severity_basis.as_deref() == Some("declared");
    Finding {
        id: finding.id.clone(),
        by_count: false,
        by_base_report: false,
        category: finding.category.0,
        title: finding.title.clone(),
        severity: if declared { crate::model::severity::Severity::Unknown } else { finding.severity.0 },
        cvss: finding
            .cvss
            .iter()
            .map(|cvss| Cvss { vector: cvss.vector.clone(), score: Some(cvss.score), source: cvss.source.clone() })
            .collect(),
        identifiers: finding.identifiers.iter().filter_map(|name| Identifier::parse(name)).collect(),
        cwe: finding.cwe.clone(),
        component: finding.component.as_ref().map(component),
        locations: finding.locations.iter().map(location).collect(),
        endpoint: finding.endpoint.as_ref().map(|url| Endpoint { url: url.clone(), ..Endpoint::default() }),
        artefact: finding.artefact.clone(),
        confidence: finding.confidence.as_deref().and_then(Confidence::from_word),
        verified: finding.verified,
        reachable: finding.reachable,
        reported_epss: finding.epss,
        reported_kev: finding.kev,
        published: Stated::by_some_report(finding.published.as_deref()),
        fixed_since: Stated::by_some_report(finding.fixed_since.as_deref()),
        sources: finding.sources.iter().map(source).collect(),
        origin: finding.origin.0,
        origin_evidence: finding.origin_evidence.clone(),
    }
}

fn component(component: &v1::Component) -> Component {
    Component {
        ecosystem: component.ecosystem.clone(),
        name: component.name.clone(),
        version: component.version.clone(),
        purl: component.purl.clone(),
        direct: component.direct,
        fix: match component.fixed_in.as_deref() {
            None => Fix::Unknown,
            Some([]) => Fix::NotAvailable,
            Some(versions) => Fix::Available(versions.to_vec()),
        },
    }
}
