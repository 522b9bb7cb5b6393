//! What somebody states about vulnerabilities in products (VEX, Vulnerability Exploitability eXchange), whatever form it
//! came in.

use jiff::Timestamp;

use super::identifier::Identifier;

/// One statement: how products stand to one vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statement {
    /// Names of the vulnerability, aliases included.
    pub vulnerability: Vec<Identifier>,
    /// The products that it is about.
    pub products: Vec<Product>,
    /// How they stand to it.
    pub status: Status,
    /// Why, in the word of the form (`vulnerable_code_not_present`), and in the author's sentence; empty if not said.
    pub justification: String,
    /// Who states it; empty if not said.
    pub author: String,
    /// When it was stated.
    pub at: Option<Timestamp>,
}

/// A product, and the parts of it that a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Product {
    /// Package URL, or another name.
    pub name: String,
    /// The versions concerned, where they stand beside the name; none if the name says everything.
    pub versions: Vec<String>,
    /// Package URLs of the parts concerned; none if it is about the product as a whole.
    pub parts: Vec<String>,
}

/// How a product stands to a vulnerability (CISA, Minimum Requirements for VEX).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Status {
    /// No action is needed: the vulnerability does no harm there.
    NotAffected,
    /// The product contains a remedy.
    Fixed,
    /// Nobody knows yet.
    #[default]
    UnderInvestigation,
    /// Something has to be done.
    Affected,
}

impl Status {
    /// The name used in every form and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
        }
    }

    /// Whether a finding of it no longer counts.
    pub const fn closes(self) -> bool {
        matches!(self, Self::NotAffected | Self::Fixed)
    }
}

impl Statement {
    /// The reason that a finding keeps: status, why, who and when.
    pub fn reason(&self) -> String {
        let mut reason = self.status.as_str().to_owned();
        if !self.justification.is_empty() {
            reason += &format!(": {}", self.justification);
        }
        if !self.author.is_empty() {
            reason += &format!(" (stated by {}", self.author);
            if let Some(at) = self.at {
                reason += &format!(", {}", at.strftime("%Y-%m-%d"));
            }
            reason.push(')');
        }
        reason
    }
}
