//! Trivy, `--format json`: images, file systems, repositories, SBOMs and `trivy k8s`; also the array of version 1.
//!
//! A document is a list of results, one per scanned target: a lock file, the packages of an operating system, a
//! Terraform file. The target and its class may stand after the findings (sorted by `jq`), so the rows of one result
//! are kept until its end and completed then. Only a result is evidence that a kind of test ran: Trivy writes nothing
//! about a scanner that looked and found no target.

mod row;
mod wire;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use self::row::Row;
use self::wire::{Licence, Misconfiguration, Modified, Package, Secret, Vulnerability};
use super::super::collector::Collector;
use super::super::document::Document;
use super::super::format::Format;
use super::super::json::{self, Event, Kind, Pattern};
use super::super::packages;
use super::super::read_error::ReadError;
use super::super::sniff::{Shape, Sniff};
use crate::model::category::Category;
use crate::model::location::Location;
use crate::model::severity::Severity;

pub const FORMAT: Format = Format {
    id: "trivy",
    title: "Trivy JSON",
    kinds: &[Category::Container, Category::Dependency, Category::Configuration, Category::Secret, Category::Licence],
    versions: "schema version 2, the array before it (Trivy 0.19 and earlier), trivy k8s --format json",
    specification: "https://trivy.dev/docs/latest/configuration/reporting/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    match sniff.shape {
        Shape::JsonObject => {
            let current = sniff.has("SchemaVersion") && (sniff.has("ArtifactName") || sniff.has("Results"));
            // Members may have been sorted, and the schema version may be too far behind to be seen.
            let sorted = sniff.has("ArtifactName") && sniff.has("ArtifactType");
            current || sorted || is_cluster(sniff)
        }
        Shape::JsonArray => sniff.has("[].Target") && (sniff.has("[].Vulnerabilities") || sniff.has("[].Type")),
        _ => false,
    }
}

fn is_cluster(sniff: &Sniff) -> bool {
    sniff.has("ClusterName")
        && ["Resources", "Vulnerabilities", "Misconfigurations", "Findings"].iter().any(|list| sniff.has(list))
}

/// The patterns of a document whose results are at `$result`, and, behind them, those of its head.
macro_rules! patterns {
    ($result:literal) => {
        [
            Pattern::Scope($result),
            Pattern::Value(concat!($result, ".Target")),
            Pattern::Value(concat!($result, ".Class")),
            Pattern::Value(concat!($result, ".Type")),
            Pattern::Value(concat!($result, ".Packages[]")),
            Pattern::Value(concat!($result, ".Vulnerabilities[]")),
            Pattern::Value(concat!($result, ".Misconfigurations[]")),
            Pattern::Value(concat!($result, ".Secrets[]")),
            Pattern::Value(concat!($result, ".Licenses[]")),
            Pattern::Value(concat!($result, ".ExperimentalModifiedFindings[]")),
            Pattern::Value("ArtifactName"),
            Pattern::Value("ArtifactType"),
            Pattern::Value("CreatedAt"),
            Pattern::Value("Trivy.Version"),
            Pattern::Value("Metadata.RepoDigests[]"),
            Pattern::Value("Metadata.Commit"),
            Pattern::Value("ClusterName"),
            Pattern::Value("*[].Namespace"),
            Pattern::Value("*[].Kind"),
            Pattern::Value("*[].Name"),
            Pattern::Value("*[].Error"),
        ]
    };
}

const RESULT: usize = 0;
const TARGET: usize = 1;
const CLASS: usize = 2;
const TYPE: usize = 3;
const PACKAGE: usize = 4;
const VULNERABILITY: usize = 5;
const MISCONFIGURATION: usize = 6;
const SECRET: usize = 7;
const LICENCE: usize = 8;
const MODIFIED: usize = 9;
const ARTIFACT_NAME: usize = 10;
const ARTIFACT_TYPE: usize = 11;
const CREATED: usize = 12;
const VERSION: usize = 13;
const DIGEST: usize = 14;
const COMMIT: usize = 15;
const CLUSTER: usize = 16;
const NAMESPACE: usize = 17;
const KIND: usize = 18;
const NAME: usize = 19;
const ERROR: usize = 20;

fn read(document: &mut Document<'_>, out: &mut Collector) -> Result<(), ReadError> {
    let cluster = is_cluster(document.sniff());
    let patterns = match document.sniff().shape {
        Shape::JsonArray => patterns!("[]"),
        _ if cluster => patterns!("*[].Results[]"),
        _ => patterns!("Results[]"),
    };
    let mut head = Head { cluster, ..Head::default() };
    let mut result = ScanResult::default();
    let outcome = document.json(&patterns, &mut |event| {
        match (event.pattern, &event.kind) {
            (RESULT, Kind::Begin) => result = ScanResult::default(),
            (RESULT, Kind::End) => std::mem::take(&mut result).finish(&head, out),
            (TARGET..=MODIFIED, Kind::Value(text)) => result.take(event.pattern, text, out),
            _ => head.take(&event, out),
        }
        Ok(())
    });
    // Rows of a result that was cut off count as well.
    result.finish(&head, out);
    head.finish(out);
    outcome
}

/// What stands beside the results.
#[derive(Default)]
struct Head {
    cluster: bool,
    artifact: String,
    is_image: bool,
    digest: String,
    /// Namespace, kind and name of the cluster's resource that is being read.
    resource: [String; 3],
}

impl Head {
    fn take(&mut self, event: &Event<'_>, out: &mut Collector) {
        let Kind::Value(text) = event.kind else { return };
        let value: String = json::read(text).unwrap_or_default();
        match event.pattern {
            ARTIFACT_NAME | CLUSTER => self.artifact = value,
            ARTIFACT_TYPE => self.is_image = value == "container_image",
            CREATED => out.scan.at = json::read::<Timestamp>(text).ok(),
            VERSION => out.scan.tool_version = value,
            DIGEST if self.digest.is_empty() => {
                self.digest = value.split_once('@').map_or_else(String::new, |(_, digest)| digest.to_owned());
            }
            COMMIT if !value.is_empty() => out.scan.commit = Some(value),
            NAMESPACE => self.resource[0] = value,
            KIND => self.resource[1] = value,
            NAME => self.resource[2] = value,
            ERROR if self.cluster && !value.is_empty() => {
                out.missing(format!("{} could not be scanned: {value}", self.place().unwrap_or_default()));
            }
            _ => {}
        }
    }

    /// The thing scanned, where it is not a file.
    fn place(&self) -> Option<String> {
        let parts: Vec<&str> = self.resource.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        (self.cluster && !parts.is_empty()).then(|| parts.join("/"))
    }

    fn finish(self, out: &mut Collector) {
        if out.scan.kinds.is_empty() {
            out.remark(
                "it lists no scanned target, so it is no evidence for any kind of test: Trivy found nothing that the \
                 chosen scanners look at",
            );
        }
        if self.artifact.is_empty() {
            return;
        }
        let with_digest = !self.digest.is_empty() && !self.artifact.contains('@');
        out.scan.artefact =
            Some(if with_digest { format!("{}@{}", self.artifact, self.digest) } else { self.artifact.clone() });
        if self.is_image {
            out.amend(|observation| observation.artefact = Some(self.artifact.clone()));
        }
    }
}

/// One result: the rows of one target, until the target is known.
#[derive(Default)]
struct ScanResult {
    target: String,
    class: String,
    kind: String,
    packages: HashMap<String, Package>,
    rows: Vec<Row>,
    /// Where numbers alone are kept: how many rows there are of a kind of problem, severity, and suppressed or not.
    counted: BTreeMap<(Option<Category>, Severity, bool), u64>,
}

impl ScanResult {
    fn take(&mut self, pattern: usize, text: &str, out: &mut Collector) {
        let row = match pattern {
            TARGET => return self.target = json::read(text).unwrap_or_default(),
            CLASS => return self.class = json::read(text).unwrap_or_default(),
            TYPE => return self.kind = json::read(text).unwrap_or_default(),
            PACKAGE if out.only_counts() => return,
            PACKAGE => {
                // Only adds where a package stands and who asks for it; without that the finding is whole all the same.
                let package = json::read::<Package>(text).ok();
                self.packages.extend(package.map(|package| (package.id.clone(), package)));
                return;
            }
            VULNERABILITY => json::read(text).map(|row: Vulnerability| Some(row.into())),
            MISCONFIGURATION => json::read(text).map(Misconfiguration::into_row),
            SECRET => json::read(text).map(|row: Secret| Some(row.into())),
            LICENCE => json::read(text).map(|row: Licence| Some(row.into())),
            _ => json::read(text).and_then(Modified::into_row),
        };
        match row {
            Ok(Some(Row { observation, .. })) if out.only_counts() => {
                let row = (observation.category, observation.severity, observation.suppression.is_some());
                *self.counted.entry(row).or_default() += 1;
            }
            Ok(row) => self.rows.extend(row),
            Err(error) => out.unread(&error.to_string()),
        }
    }

    fn finish(mut self, head: &Head, out: &mut Collector) {
        let ecosystem = packages::ecosystem(&self.kind);
        let packages_kind = match self.class.as_str() {
            "os-pkgs" => Category::Container,
            "lang-pkgs" => Category::Dependency,
            _ => packages::category(ecosystem),
        };
        out.scan.kinds.extend(match self.class.as_str() {
            "config" => Some(Category::Configuration),
            "secret" => Some(Category::Secret),
            "license" | "license-file" => Some(Category::Licence),
            // Before classes existed every result was about packages.
            "os-pkgs" | "lang-pkgs" => Some(packages_kind),
            "" if !ecosystem.is_empty() => Some(packages_kind),
            _ => None,
        });
        for ((category, severity, suppressed), number) in std::mem::take(&mut self.counted) {
            out.count(number, category.unwrap_or(packages_kind), severity, suppressed);
        }
        let place = head.place();
        for Row { mut observation, package, path } in std::mem::take(&mut self.rows) {
            let category = *observation.category.get_or_insert(packages_kind);
            let known = self.packages.get(&package);
            if let Some(component) = &mut observation.component {
                if component.ecosystem.is_empty() {
                    ecosystem.clone_into(&mut component.ecosystem);
                }
                component.purl = component
                    .purl
                    .take()
                    .or_else(|| packages::purl(&component.ecosystem, &component.name, &component.version));
                component.direct = known.and_then(Package::direct);
            }
            observation.artefact = observation.artefact.or_else(|| place.clone());
            let file = if path.is_empty() { self.file(category, head.cluster) } else { Some(path) };
            if let Some(path) = file {
                let (line, end_line) = known
                    .and_then(|package| package.locations.first())
                    .map_or((None, None), |place| (Some(place.start_line), Some(place.end_line)));
                match observation.locations.first_mut() {
                    // The row has brought the lines, the result brings the file.
                    Some(own) if own.path.is_empty() => own.path = path,
                    Some(_) => {}
                    None => observation.locations.push(Location { path, line, end_line, snippet: None }),
                }
            }
            out.push(observation);
        }
    }

    /// The target, if it is a file. Packages of an operating system, packages that Trivy collects per language, and
    /// resources of a cluster are not in one.
    fn file(&self, category: Category, cluster: bool) -> Option<String> {
        const COLLECTED: [&str; 8] = ["", "Java", "Node.js", "Python", "Ruby", "Conda", "PHP", "Kubernetes"];
        let elsewhere = category == Category::Container
            || cluster
            || COLLECTED.contains(&self.target.as_str())
            || (category == Category::Licence && self.class == "license");
        (!elsewhere).then(|| self.target.clone())
    }
}
