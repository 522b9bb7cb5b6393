//! The parts of a GitLab security report that matter here, under the schema's names.

use serde::Deserialize;
use serde::de::Deserializer;

/// `null` where a list is expected counts as absent.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Scan {
    #[serde(rename = "type")]
    kind: Option<String>,
    pub status: Option<String>,
    pub scanner: Option<Scanner>,
    pub analyzer: Option<Scanner>,
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub messages: Vec<Message>,
}

impl Scan {
    /// `type`, empty if the report does not describe the scan.
    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or_default()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Scanner {
    id: Option<String>,
    name: Option<String>,
    pub version: Option<String>,
}

impl Scanner {
    /// The tool's name in lower case: the id, which is shorter and steadier than the name.
    pub fn tool(&self) -> String {
        self.id.as_deref().or(self.name.as_deref()).unwrap_or_default().trim().to_lowercase()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Message {
    pub level: Option<String>,
    pub value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Vulnerability {
    pub id: Option<String>,
    pub category: Option<String>,
    pub name: Option<String>,
    pub message: Option<String>,
    pub description: Option<String>,
    pub cve: Option<String>,
    pub severity: Option<String>,
    pub confidence: Option<String>,
    pub solution: Option<String>,
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
    pub raw_source_code_extract: Option<String>,
    pub state: Option<String>,
    pub dismissed: Option<bool>,
    pub dismissed_at: Option<String>,
    pub dismissal_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Location {
    pub file: Option<String>,
    pub start_line: Option<u32>,
    pub end_line: Option<u32>,
    pub dependency: Option<Dependency>,
    pub operating_system: Option<String>,
    pub image: Option<String>,
    pub kubernetes_resource: Option<Workload>,
    pub hostname: Option<String>,
    pub path: Option<String>,
    pub method: Option<String>,
    pub param: Option<String>,
    pub crash_type: Option<String>,
    pub crash_state: Option<String>,
}

impl Location {
    /// Name of the package; several producers write an empty one where there is none.
    pub fn package(&self) -> Option<&str> {
        self.dependency.as_ref()?.package.name.as_deref().filter(|name| !name.is_empty())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Dependency {
    #[serde(deserialize_with = "or_default")]
    pub package: Package,
    pub version: Option<String>,
    pub direct: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Package {
    pub name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Workload {
    namespace: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    container_name: Option<String>,
}

impl Workload {
    /// `namespace/kind/name/container`, as far as given.
    pub fn name(&self) -> String {
        let parts = [&self.namespace, &self.kind, &self.name, &self.container_name];
        parts.into_iter().filter_map(Option::as_deref).collect::<Vec<_>>().join("/")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Identifier {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub name: Option<String>,
    pub value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CvssVector {
    pub vendor: Option<String>,
    pub vector: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Flag {
    #[serde(rename = "type")]
    pub kind: Option<String>,
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
    pub summary: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fixed {
    id: Option<String>,
    cve: Option<String>,
}

impl Remediation {
    /// Whether it resolves this vulnerability.
    pub fn is_for(&self, vulnerability: &Vulnerability) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        self.fixes.iter().any(|fix| same(&fix.id, &vulnerability.id) || same(&fix.cve, &vulnerability.cve))
    }
}
