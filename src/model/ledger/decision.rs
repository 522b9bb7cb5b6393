//! A decision: who chose which option, when, why, on which evidence.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::appetite::OptionName;
use super::super::digest::Digest;
use super::super::severity::Severity;
use super::super::verdict::Verdict;
use super::super::word::Word;
use super::super::work::TreatmentKind;

/// One person's choice of an option for a change. Where the agreement asks for several roles, each of them is one
/// decision, and they add up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Name of the change (`pull/12`, `branch/feature-x`).
    pub change: String,
    /// Full id of the commit that was judged.
    pub head: String,
    /// When it was decided.
    pub at: Timestamp,
    /// The option.
    pub option: Word<OptionName>,
    /// The verdict it was chosen at.
    pub verdict: Word<Verdict>,
    /// Why.
    pub reason: String,
    /// Who chose.
    pub by: Decider,
    /// Who wrote the change, as far as it was known.
    pub authors: Vec<Person>,
    /// Digest of the appetite file.
    pub appetite: String,
    /// [`findings_digest`] of `findings`.
    pub findings_digest: String,
    /// What was decided about: findings that come with the change, and others that stand against the agreement.
    pub findings: Vec<Decided>,
    /// When they were judged.
    pub assessed_at: Timestamp,
    /// What the option promised.
    pub offer: Offer,
    /// Signature of the decider over everything else, as `ssh-keygen -Y sign` makes it; empty if the forge vouches.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature: String,
}

impl Decision {
    /// Purpose for which a decision is signed.
    pub const NAMESPACE: &str = "detente-decision";

    /// What is signed: everything but the signature.
    #[expect(clippy::expect_used, reason = "structs of our own with string keys, written to memory: nothing can fail")]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Self { signature: String::new(), ..self.clone() };
        serde_json::to_vec(&unsigned).expect("own structs serialise")
    }
}

/// Who decided, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum Decider {
    /// The holder of an SSH key, who signed.
    SshKey {
        /// The public key in authorized-keys form.
        key: String,
        /// Name that the signer goes by in git.
        name: String,
        /// Address that the signer goes by in git.
        email: String,
    },
    /// A person whom a forge has signed in.
    Forge(ForgeIdentity),
    /// Nobody: the option that both leaders agreed to take effect if nobody chooses.
    Default,
}

/// A person as a forge knows them. The forge's word is what makes it true: it is asked, never the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgeIdentity {
    /// `github` or `gitlab`.
    pub forge: String,
    /// Host name of the forge (`github.com`).
    pub host: String,
    /// The forge's own number of the account, which a renamed account keeps.
    pub id: u64,
    /// Name of the account.
    pub login: String,
    /// Whether the account is a program's.
    pub bot: bool,
    /// Teams or groups that the forge says the account is in, by organisation and slug, or by path.
    pub teams: Vec<String>,
    /// Address of what the person wrote or pressed.
    pub evidence: String,
    /// Whether that was edited since: an edited comment does not count.
    pub edited: bool,
}

/// Somebody who wrote part of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Name in git.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Address in git.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Public key that signed a commit, in authorized-keys form.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// `github` or `gitlab`, if a forge names the author.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub forge: String,
    /// The forge's number of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Name of the account.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub login: String,
}

/// One finding as it stood when it was decided about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// Its id.
    pub id: String,
    /// Short name.
    pub title: String,
    /// Severity as judged.
    pub severity: Word<Severity>,
    /// Whether it was known to be exploited.
    pub exploited: bool,
}

/// The digest of what was decided about: the same findings, equally severe, give the same digest.
pub fn findings_digest(findings: &[Decided]) -> String {
    let mut lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {} {}\n", finding.id, finding.severity.0.as_str(), finding.exploited))
        .collect();
    lines.sort();
    Digest::of(lines.concat().as_bytes()).to_string()
}

/// What an option promised when it was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Roles that the agreement asks for.
    pub approval: Vec<String>,
    /// Ship day, in days since it was judged.
    pub ships_day: f64,
    /// Ship day of a gate that blocks on every new high or critical finding; absent where nothing can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking_day: Option<f64>,
    /// Working days after the day of judgement.
    pub delay_working_days: u32,
    /// Security score.
    pub score: f64,
    /// Exposure within the horizon, in points.
    pub exposure: f64,
    /// Effort of all steps (p50), in hours.
    pub effort_hours: f64,
    /// Rows that are accepted to be beyond tolerance, until when.
    pub waivers: Vec<Waived>,
    /// What is promised for after ship.
    pub promises: Vec<Promise>,
}

/// A row that is accepted to be beyond tolerance until a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waived {
    /// Id of the row, or `due:` and a timeline table.
    pub row: String,
    /// Until when.
    pub until: Timestamp,
}

/// One promise: what is done by when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Id of the work item.
    pub work: String,
    /// What it is about.
    pub title: String,
    /// Id of the treatment.
    pub treatment: String,
    /// Kind of the treatment.
    pub kind: Word<TreatmentKind>,
    /// Estimated effort, p50.
    pub hours: f64,
    /// By when.
    pub due: Timestamp,
    /// Findings that it resolves.
    pub findings: Vec<Promised>,
}

/// A finding that is promised to be gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promised {
    /// Its id.
    pub id: String,
    /// Short name.
    pub title: String,
    /// Principal file, empty if none.
    pub path: String,
    /// Who saw it.
    pub saw: Vec<Saw>,
}

/// A scanner that saw a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saw {
    /// Tool.
    pub tool: String,
    /// Its version, empty if not given.
    pub version: String,
    /// The tool's rule.
    pub rule: String,
}
