//! What kind of security problem a finding is, which is also what kind of test finds it.

use std::fmt;
use std::str::FromStr;

/// The kind of a finding and of the test that looks for it (DESIGN: category, coverage kind).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// A known vulnerability in a third-party component of the application (software composition analysis).
    Dependency,
    /// A weakness in the project's own code (static analysis).
    Code,
    /// A credential where it does not belong.
    Secret,
    /// A weak setting, in infrastructure code or in a running system.
    Configuration,
    /// A weakness seen in a running application (dynamic analysis).
    Runtime,
    /// A known vulnerability in the operating-system layer of an image or host.
    Container,
    /// A package or file that is itself malicious.
    Malware,
    /// A licence that the agreement does not allow.
    Licence,
}

impl Category {
    /// Every category, in the order used for lists.
    pub const ALL: [Self; 8] = [
        Self::Dependency,
        Self::Code,
        Self::Secret,
        Self::Configuration,
        Self::Runtime,
        Self::Container,
        Self::Malware,
        Self::Licence,
    ];

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dependency => "dependency",
            Self::Code => "code",
            Self::Secret => "secret",
            Self::Configuration => "configuration",
            Self::Runtime => "runtime",
            Self::Container => "container",
            Self::Malware => "malware",
            Self::Licence => "licence",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Category {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|c| c.as_str() == text).ok_or_else(|| format!("not a category: {text}"))
    }
}
