//! The parts of a GitLab security report that matter here, under the schema's names.

use serde::Deserialize;

use crate::ingest::lenient::{Number, Text, or_default};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Scan {
    #[serde(rename = "type")]
    kind: Text,
    pub status: Text,
    pub scanner: Option<Scanner>,
    pub analyzer: Option<Scanner>,
    pub start_time: Text,
    pub end_time: Text,
    #[serde(deserialize_with = "or_default")]
    pub messages: Vec<Message>,
}

impl Scan {
    /// `type`, empty if the report does not describe the scan.
    pub fn kind(&self) -> &str {
        self.kind.trim()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Scanner {
    id: Text,
    name: Text,
    pub version: Text,
}

impl Scanner {
    /// The tool's name in lower case: the id, which is shorter and steadier than the name.
    pub fn tool(&self) -> String {
        self.id.given().or(self.name.given()).unwrap_or_default().to_lowercase()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Message {
    pub level: Text,
    pub value: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Vulnerability {
    pub id: Text,
    pub category: Text,
    pub name: Text,
    pub message: Text,
    pub description: Text,
    pub cve: Text,
    pub severity: Text,
    pub confidence: Text,
    pub solution: Text,
    pub scanner: Option<Scanner>,
    #[serde(deserialize_with = "or_default")]
    pub location: Location,
    #[serde(deserialize_with = "or_default")]
    pub identifiers: Vec<Identifier>,
    #[serde(deserialize_with = "or_default")]
    pub cvss_vectors: Vec<CvssVector>,
    #[serde(deserialize_with = "or_default")]
    pub flags: Vec<Flag>,
    pub details: Option<Details>,
    pub tracking: Option<Tracking>,
    pub raw_source_code_extract: Text,
    pub state: Text,
    pub dismissed: Option<bool>,
    pub dismissed_at: Text,
    pub dismissal_reason: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Location {
    pub file: Text,
    pub start_line: Number,
    pub end_line: Number,
    pub dependency: Option<Dependency>,
    pub operating_system: Text,
    pub image: Text,
    pub kubernetes_resource: Option<Workload>,
    pub hostname: Text,
    pub path: Text,
    pub method: Text,
    pub param: Text,
    pub crash_type: Text,
    pub crash_state: Text,
}

impl Location {
    /// Name of the package; several producers write an empty one where there is none.
    pub fn package(&self) -> Option<&str> {
        self.dependency.as_ref()?.package.name.given()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Dependency {
    #[serde(deserialize_with = "or_default")]
    pub package: Package,
    pub version: Text,
    pub direct: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Package {
    pub name: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Workload {
    namespace: Text,
    kind: Text,
    name: Text,
    container_name: Text,
}

impl Workload {
    /// `namespace/kind/name/container`, as far as given.
    pub fn name(&self) -> String {
        let parts = [&self.namespace, &self.kind, &self.name, &self.container_name];
        parts.into_iter().filter_map(|part| part.given()).collect::<Vec<_>>().join("/")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Identifier {
    #[serde(rename = "type")]
    pub kind: Text,
    pub name: Text,
    pub value: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CvssVector {
    pub vendor: Text,
    pub vector: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Flag {
    #[serde(rename = "type")]
    pub kind: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Details {
    confidence: serde_json::Value,
}

impl Details {
    /// The confidence, where it has the shape of a named text: details are free in form.
    pub fn confidence(&self) -> Option<&str> {
        self.confidence.get("value")?.as_str()
    }
}

/// How GitLab itself recognises a finding again after the code has moved.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Tracking {
    #[serde(deserialize_with = "or_default")]
    items: Vec<Tracked>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tracked {
    #[serde(deserialize_with = "or_default")]
    signatures: Vec<Signature>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Signature {
    algorithm: String,
    value: String,
}

impl Tracking {
    /// The signature by the place in the code's structure, which does not move with line numbers.
    pub fn signature(&self) -> Option<String> {
        let signatures = || self.items.iter().flat_map(|item| &item.signatures);
        ["scope_offset_compressed", "scope_offset"]
            .into_iter()
            .find_map(|algorithm| signatures().find(|s| s.algorithm == algorithm && !s.value.is_empty()))
            .map(|signature| signature.value.clone())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Remediation {
    #[serde(deserialize_with = "or_default")]
    fixes: Vec<Fixed>,
    pub summary: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fixed {
    id: Text,
    cve: Text,
}

impl Remediation {
    /// Whether it resolves this vulnerability.
    pub fn is_for(&self, vulnerability: &Vulnerability) -> bool {
        let same = |a: &Text, b: &Text| a.given().is_some() && a == b;
        self.fixes.iter().any(|fix| same(&fix.id, &vulnerability.id) || same(&fix.cve, &vulnerability.cve))
    }
}
