//! `snyk test --json`, `snyk container test --json` and `snyk iac test --json`: one project, a list of projects, or an
//! image with the applications in it.
//!
//! Snyk lists a vulnerability once for each path of dependencies that leads to the package; these rows are kept, as
//! Snyk and its users count them, and become one finding when findings are compared. A project that could not be
//! tested stands in the list as an error.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "snyk-test",
    title: "Snyk test JSON",
    kinds: &[Category::Dependency, Category::Container, Category::Configuration, Category::Licence],
    versions: "Snyk CLI 1.2xx and later (Open Source, Container, Infrastructure as Code)",
    specification: "https://docs.snyk.io/snyk-cli/commands/test",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let project = |prefix: &str| {
        let has = |name: &str| sniff.has(&format!("{prefix}{name}"));
        // The service itself counts `numDependencies`, the program `dependencyCount`.
        let counted = has("dependencyCount") || has("numDependencies");
        has("ok") && ((has("vulnerabilities") && counted) || (has("error") && has("path")))
    };
    project("") || project("[].")
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Row {
    id: Text,
    title: Text,
    description: Text,
    severity: Text,
    #[serde(rename = "type")]
    kind: Text,
    malicious: Option<bool>,
    package_manager: Text,
    package_name: Text,
    name: Text,
    version: Text,
    #[serde(rename = "CVSSv3")]
    cvss_vector: Text,
    cvss_score: Number,
    #[serde(deserialize_with = "or_default")]
    epss_details: Epss,
    #[serde(deserialize_with = "or_default")]
    identifiers: Names,
    fixed_in: Option<Texts>,
    nearest_fixed_in_version: Text,
    from: Texts,
    reachability: Text,
    disclosure_time: Text,
    publication_time: Text,
    #[serde(deserialize_with = "or_default")]
    filtered: Filtered,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Epss {
    probability: Number,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "UPPERCASE")]
struct Names {
    cve: Texts,
    ghsa: Texts,
    cwe: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Filtered {
    #[serde(deserialize_with = "or_default")]
    ignored: Vec<Ignored>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Ignored {
    reason: Text,
}

/// A setting in infrastructure code.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Setting {
    id: Text,
    public_id: Text,
    title: Text,
    severity: Text,
    issue: Text,
    impact: Text,
    resolve: Text,
    path: Texts,
    line_number: Number,
    is_ignored: Option<bool>,
}

/// A project in the making: what says where it is may come after its vulnerabilities.
#[derive(Default)]
struct Project {
    rows: Vec<Row>,
    ignored: Vec<Row>,
    settings: Vec<Setting>,
    is_infrastructure: bool,
    target: Text,
    package_manager: Text,
    target_file: Text,
    error: Text,
    path: Text,
}

/// The patterns of a project below `$prefix`.
macro_rules! project {
    ($prefix:literal) => {
        [
            Pattern::Scope($prefix),
            Pattern::Value(concat!($prefix, ".vulnerabilities[]")),
            Pattern::Value(concat!($prefix, ".filtered.ignore[]")),
            Pattern::Value(concat!($prefix, ".displayTargetFile")),
            Pattern::Value(concat!($prefix, ".packageManager")),
            Pattern::Value(concat!($prefix, ".error")),
            Pattern::Value(concat!($prefix, ".path")),
            Pattern::Value(concat!($prefix, ".targetFile")),
            Pattern::Scope(concat!($prefix, ".infrastructureAsCodeIssues")),
            Pattern::Value(concat!($prefix, ".infrastructureAsCodeIssues[]")),
        ]
    };
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "snyk".into();
    let kinds = [project!(""), project!("[]"), project!("applications[]"), project!("[].applications[]")];
    let facts = kinds[0].len();
    let mut open: Vec<Project> = Vec::new();
    document.json(&kinds.concat(), &mut |event| {
        let fact = event.pattern % facts;
        match event.kind {
            Kind::Begin if fact == 0 => open.push(Project::default()),
            Kind::Ahead(_) => {}
            Kind::Begin => open.iter_mut().last().into_iter().for_each(|project| project.is_infrastructure = true),
            Kind::End if fact != 0 => {}
            Kind::End => open.pop().iter().for_each(|project| finish(project, report)),
            Kind::Value(text) => {
                let Some(project) = open.last_mut() else { return Ok(()) };
                match fact {
                    1 | 2 => match json::read::<Row>(text) {
                        Ok(row) if fact == 1 => project.rows.push(row),
                        Ok(row) => project.ignored.push(row),
                        Err(error) => report.unread(&error.to_string()),
                    },
                    3 => project.target = json::read(text)?,
                    4 => project.package_manager = json::read(text)?,
                    5 => project.error = json::read(text)?,
                    6 => project.path = json::read(text)?,
                    7 => project.target_file = json::read(text)?,
                    _ => match json::read::<Setting>(text) {
                        Ok(row) => project.settings.push(row),
                        Err(error) => report.unread(&error.to_string()),
                    },
                }
            }
        }
        Ok(())
    })
}

fn finish(project: &Project, report: &mut Collector) {
    if let Some(error) = project.error.given() {
        report.missing(format!("Snyk could not test {}: {}", project.path, plain::title(error)));
    }
    if project.is_infrastructure {
        report.scan.kinds.insert(Category::Configuration);
        project.settings.iter().for_each(|row| report.push(setting(row, project)));
    } else if let Some(manager) = project.package_manager.given() {
        report.scan.kinds.insert(packages::category(packages::ecosystem(manager)));
    }
    for (row, ignored) in
        project.rows.iter().map(|row| (row, false)).chain(project.ignored.iter().map(|row| (row, true)))
    {
        if row.id.given().is_some() {
            report.push(observation(row, project, ignored));
        } else {
            report.unread("a vulnerability without id");
        }
    }
}

fn setting(row: &Setting, project: &Project) -> Observation {
    Observation {
        rule: row.public_id.given().or(row.id.given()).unwrap_or_default().to_owned(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[&row.title, &row.issue]),
        description: plain::paragraphs([&row.issue.0, &row.impact.0, &row.resolve.0]),
        severity: Severity::from_word(&row.severity),
        locations: place::in_file(&project.target_file, row.line_number.line(), None).into_iter().collect(),
        artefact: Some(row.path.join(" > ")),
        suppression: (row.is_ignored == Some(true))
            .then(|| Suppression { kind: "Snyk policy".into(), reason: String::new() }),
        ..Observation::default()
    }
}

fn observation(row: &Row, project: &Project, ignored: bool) -> Observation {
    let ecosystem = packages::ecosystem(row.package_manager.given().unwrap_or(&project.package_manager));
    let name = row.package_name.given().or(row.name.given()).unwrap_or_default();
    let category = match (&*row.kind, row.malicious) {
        ("license", _) => Category::Licence,
        (_, Some(true)) => Category::Malware,
        _ => packages::category(ecosystem),
    };
    let names =
        [&*row.id].into_iter().chain(row.identifiers.cve.iter().chain(row.identifiers.ghsa.iter()).map(String::as_str));
    let has_score = row.cvss_score.0.is_some() || row.cvss_vector.given().is_some();
    let reason = row.filtered.ignored.first().map(|ignored| ignored.reason.trim().to_owned()).unwrap_or_default();
    Observation {
        rule: row.id.0.clone(),
        category: Some(category),
        title: plain::title(&format!("{} in {name}", row.title)),
        description: row.description.0.clone(),
        severity: Severity::from_word(&row.severity),
        cvss: has_score
            .then(|| Cvss { vector: row.cvss_vector.0.clone(), score: row.cvss_score.0, source: "snyk".into() })
            .into_iter()
            .collect(),
        identifiers: if category == Category::Licence {
            Vec::new()
        } else {
            names.filter_map(Identifier::parse).collect()
        },
        cwe: packages::cwe_numbers(row.identifiers.cwe.iter()),
        epss: row.epss_details.probability.share(),
        reachable: match &*row.reachability {
            "reachable" => Some(true),
            "not-reachable" => Some(false),
            _ => None,
        },
        published: [&row.disclosure_time, &row.publication_time].into_iter().find_map(|time| time.trim().parse().ok()),
        locations: place::in_file(&project.target, None, None).into_iter().collect(),
        suppression: ignored.then(|| Suppression { kind: "Snyk policy".into(), reason }),
        component: Some(Component {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
            version: row.version.0.clone(),
            purl: packages::purl(ecosystem, name, &row.version),
            // The first of `from` is the project, the last the package. An image asks for nothing itself.
            direct: (category != Category::Container && row.from.len() > 1).then(|| row.from.len() == 2),
            fix: fix(row),
        }),
        ..Observation::default()
    }
}

fn fix(row: &Row) -> Fix {
    let named = row.fixed_in.iter().flat_map(|versions| versions.iter().cloned());
    match Fix::in_versions(named.chain([row.nearest_fixed_in_version.0.clone()])) {
        // The list is there and empty: Snyk knows of no fixed version.
        Fix::Unknown if row.fixed_in.is_some() => Fix::NotAvailable,
        fix => fix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn projects_of_a_list_are_read_and_one_that_was_not_tested_is_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/snyk-test/projects.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        let xml = &report.observations[0];
        assert_eq!(
            (xml.category, xml.severity, xml.epss),
            (Some(Category::Dependency), Severity::Medium, Some(0.00189))
        );
        assert_eq!(
            xml.identifiers.iter().map(Identifier::as_str).collect::<Vec<_>>(),
            ["SNYK-JAVA-XMLSEC-460281", "CVE-2019-12400"]
        );
        assert_eq!(xml.locations[0].path, "pom.xml");
        let component = xml.component.as_ref().unwrap();
        assert_eq!((component.name.as_str(), component.direct), ("org.apache.santuario:xmlsec", Some(true)));
        assert_eq!(component.fix.versions(), ["2.1.4"]);
        assert_eq!(report.observations[1].category, Some(Category::Licence));
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "not used at run time");
        assert_eq!(report.problems[0].message, "Snyk could not test /src/web: Missing node_modules folder");
        assert!(report.problems[0].evidence_missing);
    }

    #[test]
    fn settings_of_infrastructure_code_are_read() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/snyk-test/infrastructure.json"));
        assert_eq!((report.observations.len(), report.suppressed.len()), (1, 1));
        let setting = &report.observations[0];
        assert_eq!((setting.rule.as_str(), setting.severity), ("SNYK-CC-TF-45", Severity::High));
        assert_eq!((setting.locations[0].path.as_str(), setting.locations[0].line), ("main.tf", Some(12)));
        assert_eq!(setting.artefact.as_deref(), Some("resource > aws_s3_bucket[logs] > acl"));
        assert_eq!(report.scan.kinds.into_iter().collect::<Vec<_>>(), [Category::Configuration]);
    }

    #[test]
    fn an_image_and_the_applications_in_it_are_told_apart() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/snyk-test/image.json"));
        let seen: Vec<_> =
            report.observations.iter().map(|o| (o.category, o.component.as_ref().unwrap().fix.clone())).collect();
        assert_eq!(seen[0], (Some(Category::Dependency), Fix::Available(vec!["4.17.21".into()])));
        assert_eq!(seen[1], (Some(Category::Container), Fix::NotAvailable));
        assert_eq!(report.observations[0].locations[0].path, "/app/package.json");
    }
}
