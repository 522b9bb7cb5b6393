//! Third-party components and what is known of their fixes.

use std::fmt;

/// A package as a report names it, normalised far enough to be compared across scanners.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Component {
    /// Package type in the words of the purl specification (`npm`, `pypi`, `maven`, `golang`, `cargo`, `gem`,
    /// `nuget`, `composer`, `deb`, `rpm`, `apk` …); empty if the report does not say.
    pub ecosystem: String,
    /// Full package name as its ecosystem writes it (`@scope/name`, `group:artifact`, `github.com/a/b`).
    pub name: String,
    /// Installed version as reported; empty if unknown.
    pub version: String,
    /// Package URL, if the report gives one or it follows from the other fields.
    pub purl: Option<String>,
    /// Whether the project asks for it itself (`Some(true)`) or another dependency does (`Some(false)`).
    pub direct: Option<bool>,
    /// What is known about a version without the problem.
    pub fix: Fix,
}

/// What a report says about a fixed version of a component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Fix {
    /// The report does not say.
    #[default]
    Unknown,
    /// The report says that there is none, or none is planned.
    NotAvailable,
    /// Versions that no longer have the problem, as reported, lowest first where they can be compared.
    Available(Vec<String>),
}

impl Fix {
    /// A fix in these versions; blank ones are dropped, and without any the state is `Unknown`.
    pub fn in_versions<S: Into<String>>(versions: impl IntoIterator<Item = S>) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for version in versions {
            let version = version.into().trim().to_owned();
            if !version.is_empty() && !kept.contains(&version) {
                kept.push(version);
            }
        }
        if kept.is_empty() { Self::Unknown } else { Self::Available(kept) }
    }

    /// The fixed versions, none if unknown or not available.
    pub fn versions(&self) -> &[String] {
        match self {
            Self::Available(versions) => versions,
            Self::Unknown | Self::NotAvailable => &[],
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.version.is_empty() { f.write_str(&self.name) } else { write!(f, "{} {}", self.name, self.version) }
    }
}
