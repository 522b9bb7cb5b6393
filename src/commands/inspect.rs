//! `detente inspect`: what each report holds, as understood; nothing is judged.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::commands::error::CommandError;
use crate::commands::table::table;
use crate::commands::{evidence, output, rulebook};
use crate::exit::Exit;
use crate::ingest::{Counted, Formats, Tally};
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::report::{Confidence, Observation, Problem, Report};
use crate::render;

/// Show what each report holds, as understood; nothing is judged
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente inspect results/
  detente inspect trivy.json --format json | jq '.reports[].findings'
  detente inspect our-tool.json --mapping our-tool.yaml      try a description of a format of your own

A repository's own formats (.detente/rules/formats) are read from the disk here; `detente gate` takes them from the
target branch.")]
pub struct Args {
    /// Reports: files, folders, globs, or `-` for standard input
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<String>,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Read the reports by this description of a format, and by no other
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Form {
    /// A table
    #[default]
    Terminal,
    /// Every fact that was read
    Json,
}

/// Reads the reports and shows them. A report that could not be read in full ends with exit code 3.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let tried = args.mapping.as_deref().map(rulebook::mapping).transpose()?;
    let known = rulebook::formats_on_disk(Path::new("."))?;
    let formats = tried.as_ref().map_or_else(|| Formats::with(&known), Formats::only);
    let (text, incomplete) = match args.format {
        Form::Terminal => {
            let reports = evidence::count(&args.reports, &formats)?;
            (overview(&reports), reports.iter().any(|report| is_incomplete(&report.problems)))
        }
        Form::Json => {
            let reports = evidence::read(&args.reports, &formats)?;
            let machine: Vec<Value> = reports.iter().map(machine).collect();
            let text = format!("{:#}\n", json!({ "schema": "detente.inspect/1", "reports": machine }));
            (text, reports.iter().any(|report| is_incomplete(&report.problems)))
        }
    };
    output::print(&text)?;
    Ok(if incomplete { Exit::Unresolved } else { Exit::Proceed })
}

fn is_incomplete(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.evidence_missing)
}

fn overview(reports: &[Counted]) -> String {
    let header = ["Report", "Format", "Tool", "Kinds", "Findings", "Not counted", "Unread"];
    let rows = reports.iter().map(|report| {
        let kinds: Vec<&str> = report.scan.kinds.iter().map(|kind| kind.as_str()).collect();
        vec![
            render::plain(&report.path),
            report.format.clone().unwrap_or_else(|| "not recognised".to_owned()),
            render::plain(format!("{} {}", report.scan.tool, report.scan.tool_version).trim()),
            kinds.join(", "),
            by_severity(&report.tally),
            report.tally.suppressed.to_string(),
            report.unread.to_string(),
        ]
    });
    let table = table(header.map(str::to_owned).to_vec(), rows.collect(), output::screen().width.into());
    let problems = reports.iter().flat_map(|report| {
        report.problems.iter().map(move |problem| {
            let weight = if problem.evidence_missing { "evidence is missing" } else { "remark" };
            format!("{} ({weight}): {}\n", render::plain(&report.path), render::plain(&problem.message))
        })
    });
    std::iter::once(table).chain(problems).collect()
}

/// `12 (2 critical, 10 high)`
fn by_severity(tally: &Tally) -> String {
    let parts: Vec<String> = tally.open.iter().rev().map(|(severity, count)| format!("{count} {severity}")).collect();
    if parts.is_empty() { "0".to_owned() } else { format!("{} ({})", tally.open(), parts.join(", ")) }
}

fn machine(report: &Report) -> Value {
    json!({
        "path": report.path,
        "format": report.format,
        "tool": report.scan.tool,
        "tool_version": report.scan.tool_version,
        "sha256": report.sha256.to_string(),
        "scanned_at": report.scan.at.map(|at| at.to_string()),
        "commit": report.scan.commit,
        "artefact": report.scan.artefact,
        "kinds": report.scan.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        "findings": report.observations.len(),
        "suppressed": report.suppressed.len(),
        "unread": report.unread,
        "problems": report.problems.iter().map(|p| json!({ "evidence_missing": p.evidence_missing, "message": p.message })).collect::<Vec<_>>(),
        "statements": report.statements.iter().map(|stated| json!({
            "vulnerability": stated.vulnerability.iter().map(Identifier::as_str).collect::<Vec<_>>(),
            "products": stated.products.iter().map(|product| json!({ "name": product.name, "parts": product.parts })).collect::<Vec<_>>(),
            "status": stated.status.as_str(),
            "justification": stated.justification,
            "author": stated.author,
            "at": stated.at.map(|at| at.to_string()),
        })).collect::<Vec<_>>(),
        "observations": report.observations.iter().chain(&report.suppressed).map(observation).collect::<Vec<_>>(),
    })
}

fn observation(seen: &Observation) -> Value {
    json!({
        "rule": seen.rule,
        "category": seen.category.map(Category::as_str),
        "title": seen.title,
        "severity": seen.severity.as_str(),
        "cvss": seen.cvss.iter().map(|cvss| json!({ "vector": cvss.vector, "score": cvss.score, "source": cvss.source })).collect::<Vec<_>>(),
        "identifiers": seen.identifiers.iter().map(Identifier::as_str).collect::<Vec<_>>(),
        "cwe": seen.cwe,
        "component": seen.component.as_ref().map(|component| json!({
            "ecosystem": component.ecosystem,
            "name": component.name,
            "version": component.version,
            "purl": component.purl,
            "direct": component.direct,
            "fixed_in": component.fix.versions(),
        })),
        "locations": seen.locations.iter().map(|place| json!({ "path": place.path, "line": place.line })).collect::<Vec<_>>(),
        "endpoint": seen.endpoint.as_ref().map(|endpoint| json!({
            "url": endpoint.url, "method": endpoint.method, "parameter": endpoint.parameter,
        })),
        "artefact": seen.artefact,
        "confidence": seen.confidence.map(Confidence::as_str),
        "verified": seen.verified,
        "epss": seen.epss,
        "kev": seen.kev,
        "occurrences": seen.occurrences,
        "suppressed": seen.suppression.as_ref().map(|why| json!({ "kind": why.kind, "reason": why.reason })),
    })
}
