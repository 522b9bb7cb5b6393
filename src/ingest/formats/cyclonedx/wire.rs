//! The parts of a `CycloneDX` document that matter here, under the specification's names.

use serde::Deserialize;

use crate::ingest::lenient::{Texts, or_default};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Metadata {
    pub timestamp: Option<String>,
    tools: Option<Tools>,
    pub component: Option<BomComponent>,
    #[serde(deserialize_with = "or_default")]
    authors: Vec<Party>,
    #[serde(alias = "manufacture")]
    manufacturer: Option<Party>,
    supplier: Option<Party>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Party {
    name: Option<String>,
}

/// Until 1.4 a list of tools, since 1.5 an object that lists them as components and services.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Tools {
    List(Vec<Tool>),
    Object {
        #[serde(default, deserialize_with = "or_default")]
        components: Vec<Tool>,
        #[serde(default, deserialize_with = "or_default")]
        services: Vec<Tool>,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Tool {
    pub name: Option<String>,
    pub version: Option<String>,
}

impl Metadata {
    /// What a document in another notation says of itself.
    pub fn new(timestamp: Option<String>, tools: Vec<Tool>, component: Option<BomComponent>) -> Self {
        Self { timestamp, tools: Some(Tools::List(tools)), component, ..Self::default() }
    }

    /// Who made the document: its authors, or else the organisation behind it.
    pub fn author(&self) -> String {
        let mut organisation = self.manufacturer.iter().chain(&self.supplier);
        let name = |party: &Party| party.name.clone().filter(|name| !name.trim().is_empty());
        let authors: Vec<String> = self.authors.iter().filter_map(name).collect();
        if authors.is_empty() { organisation.find_map(name).unwrap_or_default() } else { authors.join(", ") }
    }

    /// Name and version of the tool that made the document; the library that wrote it down comes last.
    pub fn tool(&self) -> Option<(&str, &str)> {
        let tools: Vec<&Tool> = match self.tools.as_ref()? {
            Tools::List(tools) => tools.iter().collect(),
            Tools::Object { components, services } => components.iter().chain(services).collect(),
        };
        let named = || tools.iter().filter(|tool| tool.name.as_deref().is_some_and(|name| !name.is_empty()));
        let library = |tool: &&&&Tool| !tool.name.as_deref().unwrap_or_default().to_lowercase().contains("cyclonedx");
        let chosen = named().find(|tool| library(&tool)).or_else(|| named().next())?;
        Some((chosen.name.as_deref()?, chosen.version.as_deref().unwrap_or_default()))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BomComponent {
    #[serde(rename = "bom-ref")]
    pub reference: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub group: Option<String>,
    pub name: Option<String>,
    pub version: Option<String>,
    pub purl: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub properties: Vec<Property>,
    #[serde(deserialize_with = "or_default")]
    pub components: Vec<Self>,
}

impl BomComponent {
    /// Whether this is a container image.
    pub fn is_image(&self) -> bool {
        self.kind.as_deref() == Some("container")
    }

    /// The first property under any of these names.
    pub fn property(&self, names: &[&str]) -> Option<&str> {
        let value = |name: &&str| self.properties.iter().find(|p| p.name.as_deref() == Some(*name))?.value.as_deref();
        names.iter().find_map(value).filter(|value| !value.is_empty())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Property {
    name: Option<String>,
    value: Option<String>,
}

impl From<(&str, &str)> for Property {
    fn from((name, value): (&str, &str)) -> Self {
        Self { name: Some(name.to_owned()), value: Some(value.to_owned()) }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Vulnerability {
    pub id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub source: Source,
    #[serde(deserialize_with = "or_default")]
    pub references: Vec<Reference>,
    #[serde(deserialize_with = "or_default")]
    pub ratings: Vec<Rating>,
    pub cwes: Texts,
    pub description: Option<String>,
    pub detail: Option<String>,
    pub recommendation: Option<String>,
    pub published: Option<String>,
    pub analysis: Option<Analysis>,
    #[serde(deserialize_with = "or_default")]
    pub affects: Vec<Affected>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Source {
    pub name: Option<String>,
    pub url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reference {
    pub id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Rating {
    #[serde(deserialize_with = "or_default")]
    pub source: Source,
    pub score: Option<f64>,
    pub severity: Option<String>,
    pub method: Option<String>,
    pub vector: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Analysis {
    pub state: Option<String>,
    pub justification: Option<String>,
    pub detail: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Affected {
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub versions: Vec<AffectedVersion>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AffectedVersion {
    pub version: Option<String>,
    pub status: Option<String>,
}
