//! The parts of a SARIF log that matter here, under the specification's names (SARIF 2.1.0, section 3). Everything
//! optional may be absent or `null`; members that are not listed are passed over.

use std::collections::BTreeMap;
use std::ops::Deref;

use serde::{Deserialize, Deserializer};

use super::properties::Properties;
use crate::ingest::lenient::or_default;
use crate::ingest::written::Written;

/// A result (3.27), whose texts the log lends. See [`apart::read`](super::apart::read).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Record<'a> {
    #[serde(borrow)]
    pub rule_id: Option<Written<'a>>,
    pub rule_index: Option<i64>,
    pub rule: Option<Box<Reference<Written<'a>>>>,
    pub kind: Option<Written<'a>>,
    pub level: Option<Written<'a>>,
    #[serde(deserialize_with = "or_default")]
    pub message: Message<Written<'a>>,
    #[serde(deserialize_with = "or_default")]
    pub locations: Vec<Location<'a>>,
    pub analysis_target: Option<Box<ArtifactLocation<Written<'a>>>>,
    #[serde(deserialize_with = "or_default")]
    pub suppressions: Vec<Suppression<'a>>,
    pub baseline_state: Option<Written<'a>>,
    pub occurrence_count: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    pub fingerprints: Properties<Written<'a>>,
    #[serde(deserialize_with = "or_default")]
    pub partial_fingerprints: Properties<Written<'a>>,
    #[serde(deserialize_with = "or_default")]
    pub taxa: Vec<Reference<Written<'a>>>,
    #[serde(deserialize_with = "or_default")]
    pub properties: Properties<Written<'a>>,
}

/// A reference to a reporting descriptor (3.52): a rule or a taxon.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "S: Deserialize<'de> + Default"))]
pub struct Reference<S = String> {
    pub id: Option<S>,
    pub index: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    pub tool_component: ComponentReference<S>,
}

/// A reference to a tool component (3.54).
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "S: Deserialize<'de> + Default"))]
pub struct ComponentReference<S = String> {
    pub name: Option<S>,
    pub index: Option<i64>,
    pub guid: Option<S>,
}

/// A message (3.11) or multiformat message string (3.12).
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "S: Deserialize<'de> + Default"))]
pub struct Message<S = String> {
    pub text: Option<S>,
    pub markdown: Option<S>,
    pub id: Option<S>,
    #[serde(deserialize_with = "or_default")]
    pub arguments: Vec<S>,
}

impl<S: Deref<Target = str>> Message<S> {
    /// The plain text, or the markdown if there is no plain text.
    pub fn plain(&self) -> &str {
        let given = |text: &Option<S>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let text = if given(&self.text) { &self.text } else { &self.markdown };
        text.as_deref().unwrap_or_default().trim()
    }

    /// The plain text with its white space, in which columns count.
    pub fn plain_untrimmed(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// The plain text of a message that a rule keeps: only that, and not without end, because rules are held while a run is
/// read and there may be thousands.
#[derive(Debug, Default)]
pub struct Plain(Box<str>);

/// Most characters kept of each text of a rule.
const LONGEST: usize = 8000;

impl Plain {
    /// The text.
    pub fn plain(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut message = Message::<Written<'de>>::deserialize(deserializer)?;
        [&mut message.text, &mut message.markdown].into_iter().flatten().for_each(|text| text.cut(LONGEST));
        Ok(Self(message.plain().into()))
    }
}

/// A location (3.28).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Location<'a> {
    #[serde(borrow, deserialize_with = "or_default")]
    pub physical_location: PhysicalLocation<'a>,
    #[serde(deserialize_with = "or_default")]
    pub logical_locations: Vec<LogicalLocation<Written<'a>>>,
}

/// A physical location (3.29).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PhysicalLocation<'a> {
    #[serde(borrow)]
    pub artifact_location: Option<ArtifactLocation<Written<'a>>>,
    #[serde(deserialize_with = "or_default")]
    pub region: Region<'a>,
    #[serde(deserialize_with = "or_default")]
    pub context_region: Region<'a>,
}

/// An artifact location (3.4).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ArtifactLocation<S = String> {
    pub uri: Option<S>,
    pub uri_base_id: Option<S>,
    pub index: Option<i64>,
}

/// An artifact (3.24): only where it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Artifact {
    pub location: Option<ArtifactLocation>,
}

/// A region (3.30).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Region<'a> {
    pub start_line: Option<i64>,
    pub end_line: Option<i64>,
    pub start_column: Option<i64>,
    pub end_column: Option<i64>,
    #[serde(borrow)]
    pub snippet: Option<Box<Message<Written<'a>>>>,
}

/// A logical location (3.33).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogicalLocation<S = String> {
    pub fully_qualified_name: Option<S>,
    pub name: Option<S>,
    pub index: Option<i64>,
}

impl<S: Deref<Target = str>> LogicalLocation<S> {
    /// Its name, fully qualified if it is given so.
    pub fn said(&self) -> Option<&str> {
        self.fully_qualified_name.as_deref().or(self.name.as_deref()).filter(|name| !name.trim().is_empty())
    }
}

/// A suppression (3.35). Drafts called its `status` a `state`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Suppression<'a> {
    #[serde(borrow)]
    pub kind: Option<Written<'a>>,
    #[serde(alias = "state")]
    pub status: Option<Written<'a>>,
    pub justification: Option<Written<'a>>,
}

/// A reporting descriptor (3.49): a rule.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    pub id: String,
    pub name: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub short_description: Plain,
    #[serde(deserialize_with = "or_default")]
    pub full_description: Plain,
    #[serde(deserialize_with = "or_default")]
    pub help: Plain,
    #[serde(deserialize_with = "or_default")]
    pub message_strings: BTreeMap<String, Plain>,
    pub default_configuration: Option<Configuration>,
    #[serde(deserialize_with = "or_default")]
    pub relationships: Vec<Relationship>,
    #[serde(deserialize_with = "or_default")]
    pub properties: Properties,
}

/// A reporting configuration (3.50).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Configuration {
    pub level: Option<String>,
}

/// A relationship between descriptors (3.53).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Relationship {
    #[serde(deserialize_with = "or_default")]
    pub target: Reference,
}

/// An invocation (3.20).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Invocation {
    pub execution_successful: Option<bool>,
    pub exit_code_description: Option<String>,
    pub process_start_failure_message: Option<String>,
    pub start_time_utc: Option<String>,
    pub end_time_utc: Option<String>,
    pub working_directory: Option<ArtifactLocation>,
    #[serde(deserialize_with = "or_default")]
    pub tool_execution_notifications: Vec<Notification>,
    #[serde(deserialize_with = "or_default")]
    pub tool_configuration_notifications: Vec<Notification>,
    #[serde(deserialize_with = "or_default")]
    pub rule_configuration_overrides: Vec<Override>,
}

/// A notification (3.58).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Notification {
    pub level: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub message: Message,
}

/// A configuration override (3.51).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Override {
    #[serde(deserialize_with = "or_default")]
    pub descriptor: Reference,
    #[serde(deserialize_with = "or_default")]
    pub configuration: Configuration,
}

/// Version control details (3.23).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VersionControl {
    pub revision_id: Option<String>,
    pub mapped_to: Option<ArtifactLocation>,
}
