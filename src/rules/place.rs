//! Where a rule file lies says what it holds; its name is the rule's id.

use std::fmt;

/// What a rule file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleKind {
    /// A decision table from facts to a time limit.
    Timeline,
    /// A way to deal with a work item.
    Treatment,
    /// The assumptions behind the exposure rate.
    Exposure,
    /// How to read the reports of a tool.
    Format,
}

impl RuleKind {
    /// The name used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeline => "timeline",
            Self::Treatment => "treatment",
            Self::Exposure => "exposure",
            Self::Format => "format",
        }
    }
}

/// A rule by kind and id: a file of the same kind and id replaces a built-in rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleName {
    /// What the file holds.
    pub kind: RuleKind,
    /// The file name without its ending.
    pub id: String,
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            RuleKind::Exposure => f.write_str(&self.id),
            kind => write!(f, "{} {}", kind.as_str(), self.id),
        }
    }
}

/// What the file at `path` holds, by its folder, and the id that its name gives it.
pub fn name(path: &str) -> Result<RuleName, String> {
    let folder = path.rsplit(['/', '\\']).nth(1).unwrap_or_default();
    let id = id(path)?;
    let kind = match (folder, id) {
        ("timelines", _) => RuleKind::Timeline,
        ("treatments", _) => RuleKind::Treatment,
        ("formats", _) => RuleKind::Format,
        ("profiles", _) => return Err("is an appetite file and no rule: give it with --appetite".to_owned()),
        ("presets", _) => {
            return Err("is a preset and no rule: `detente appetite new --preset` takes those built in".to_owned());
        }
        (_, "exposure") => RuleKind::Exposure,
        _ => {
            return Err("is not where rules are: expected timelines/<id>.yaml, treatments/<id>.yaml, \
                        formats/<id>.yaml or exposure.yaml"
                .to_owned());
        }
    };
    Ok(RuleName { kind, id: id.to_owned() })
}

/// The id that the name of a rule file gives the rule.
pub fn id(path: &str) -> Result<&str, String> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let id = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))
        .ok_or("is not a rule file: its name must end in .yaml or .yml")?;
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.')) {
        return Err(format!("the file name is the rule's id: `{id}` must be lower-case letters, digits, `-` and `.`"));
    }
    Ok(id)
}
