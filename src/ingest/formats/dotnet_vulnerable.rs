//! `dotnet list package --vulnerable --format json`: NuGet packages with advisories, of each project and framework.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "dotnet-vulnerable",
    title: "dotnet list package --vulnerable JSON",
    kinds: &[Category::Dependency],
    versions: "output version 1 (.NET SDK 7.0.200 and later)",
    specification: "https://learn.microsoft.com/en-us/dotnet/core/tools/dotnet-package-list",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("projects") && sniff.text("parameters").is_some_and(|given| given.contains("--vulnerable"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Project {
    path: Text,
    #[serde(deserialize_with = "or_default")]
    frameworks: Vec<Framework>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Framework {
    #[serde(deserialize_with = "or_default")]
    top_level_packages: Vec<Package>,
    #[serde(deserialize_with = "or_default")]
    transitive_packages: Vec<Package>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Package {
    id: Text,
    resolved_version: Text,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Advisory>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Advisory {
    severity: Text,
    advisoryurl: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Trouble {
    level: Text,
    text: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "dotnet".into();
    report.scan.kinds.insert(Category::Dependency);
    let is_direct_only =
        document.sniff().text("parameters").is_some_and(|given| !given.contains("--include-transitive"));
    if is_direct_only {
        report.missing("only direct packages were looked at: run it again with --include-transitive");
    }
    let patterns = [Pattern::Value("projects[]"), Pattern::Value("problems[]")];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        if event.pattern == 1 {
            let trouble = json::read::<Trouble>(text)?;
            let message = format!("dotnet reports: {}", plain::title(&trouble.text));
            if &*trouble.level == "error" {
                report.missing(message)
            } else {
                report.remark(message)
            }
            return Ok(());
        }
        match json::read::<Project>(text) {
            Ok(project) => observe(&project, report),
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })
}

fn observe(project: &Project, report: &mut Collector) {
    for framework in &project.frameworks {
        let direct = framework.top_level_packages.iter().map(|package| (package, true));
        for (package, direct) in direct.chain(framework.transitive_packages.iter().map(|package| (package, false))) {
            for advisory in &package.vulnerabilities {
                // `https://github.com/advisories/GHSA-…`
                let rule = advisory.advisoryurl.rsplit('/').next().unwrap_or_default();
                if rule.is_empty() {
                    report.unread("an advisory without advisoryurl");
                    continue;
                }
                // A project lists its packages once for each framework.
                let row = [&*project.path.0, &package.id.0, &package.resolved_version.0, rule];
                report.push_once(&row, observation(project, package, advisory, rule, direct));
            }
        }
    }
}

fn observation(project: &Project, package: &Package, advisory: &Advisory, rule: &str, direct: bool) -> Observation {
    let (name, version) = (package.id.0.clone(), package.resolved_version.0.clone());
    Observation {
        rule: rule.to_owned(),
        category: Some(Category::Dependency),
        title: plain::title(&format!("{rule} in {name}")),
        severity: Severity::from_word(&advisory.severity),
        identifiers: Identifier::parse(rule).into_iter().collect(),
        locations: place::in_file(&project.path, None, None).into_iter().collect(),
        component: Some(Component {
            purl: packages::purl("nuget", &name, &version),
            ecosystem: "nuget".into(),
            name,
            version,
            direct: Some(direct),
            ..Component::default()
        }),
        ..Observation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn packages_of_every_framework_count_once() {
        let text = include_str!("../../../tests/fixtures/reports/dotnet-vulnerable/shop.json");
        let report = collect(&FORMAT, text);
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (2, 0, 0));
        assert_eq!(report.observations[0].occurrences, 2);
        let package = report.observations[1].component.as_ref().unwrap();
        assert_eq!((package.direct, package.purl.as_deref()), (Some(false), Some("pkg:nuget/System.Net.Http@4.3.0")));
        let report = collect(&FORMAT, &text.replace(" --include-transitive", ""));
        assert!(report.problems[0].evidence_missing, "half of the packages were not looked at");
    }
}
