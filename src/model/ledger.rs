//! The ledger's records: what was judged, decided, promised, kept (DESIGN section 6).
//!
//! A record is one small JSON file, named by the SHA-256 of its bytes and never changed afterwards; what happens later
//! is a further record. Two writers who do not know of each other therefore never write the same file with different
//! content, and two ledgers are merged by taking both. The first key says what a record is (`detente.decision/1`).
//!
//! | kind | lies in | read |
//! |---|---|---|
//! | baseline | branch, month | the latest, on every run |
//! | assessment, decision | change | those of one change, on its runs |
//! | commitment | month in which it was made | the names on every run; the content of those still open |
//! | waiver | month in which it began | those not expired |
//! | appetite | its own digest | where a decision under it is checked |

mod agreement;
mod baseline;
mod commitment;
mod decision;
mod history;
mod waiver;

pub use agreement::AppetiteVersion;
pub use baseline::{
    Assessed, Baseline, BaselineException, BaselineFinding, BaselineScan, BaselineSuppressed, SeverityCount,
};
pub use commitment::{CommitmentEvent, Event, Lane, commitment_id};
pub use decision::{
    Decided, Decider, Decision, ForgeIdentity, Offer, Person, Promise, Promised, Saw, Waived, findings_digest,
};
pub use history::{Entry, History};
pub use waiver::{WaivedFinding, Waiver, waiver_id};

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record")]
pub enum Record {
    /// The findings of the default branch at a commit.
    #[serde(rename = "detente.baseline/1")]
    Baseline(Baseline),
    /// One judgement of a change.
    #[serde(rename = "detente.assessment/1")]
    Assessment(Assessed),
    /// One person's choice.
    #[serde(rename = "detente.decision/1")]
    Decision(Decision),
    /// Something that happened to a commitment.
    #[serde(rename = "detente.commitment/1")]
    Commitment(CommitmentEvent),
    /// Something accepted until a date.
    #[serde(rename = "detente.waiver/1")]
    Waiver(Waiver),
    /// A version of the appetite that decisions were made under.
    #[serde(rename = "detente.appetite/1")]
    Appetite(AppetiteVersion),
}

/// The kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// [`Record::Baseline`].
    Baseline,
    /// [`Record::Assessment`].
    Assessment,
    /// [`Record::Decision`].
    Decision,
    /// [`Record::Commitment`].
    Commitment,
    /// [`Record::Waiver`].
    Waiver,
    /// [`Record::Appetite`].
    Appetite,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Baseline, Self::Assessment, Self::Decision, Self::Commitment, Self::Waiver, Self::Appetite];

    /// The name, which is also that of the folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Assessment => "assessment",
            Self::Decision => "decision",
            Self::Commitment => "commitment",
            Self::Waiver => "waiver",
            Self::Appetite => "appetite",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Record {
    /// What kind of record it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Baseline(_) => Kind::Baseline,
            Self::Assessment(_) => Kind::Assessment,
            Self::Decision(_) => Kind::Decision,
            Self::Commitment(_) => Kind::Commitment,
            Self::Waiver(_) => Kind::Waiver,
            Self::Appetite(_) => Kind::Appetite,
        }
    }

    /// When it was made.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Baseline(record) => record.at,
            Self::Assessment(record) => record.at,
            Self::Decision(record) => record.at,
            Self::Commitment(record) => record.at,
            Self::Waiver(record) => record.at,
            Self::Appetite(record) => record.at,
        }
    }

    /// The file's bytes: one line of JSON, keys in a fixed order.
    #[expect(clippy::expect_used, reason = "structs of our own with string keys, written to memory: nothing can fail")]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("own structs serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Reads a record back. What is not exactly what [`bytes`](Self::bytes) writes is refused: two spellings of one
    /// record would be two names for it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let record: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if record.bytes() == bytes { Ok(record) } else { Err("is not written as a record is".to_owned()) }
    }

    /// Where the file lies: a path whose folders let a run read only what it needs, and whose name ends with the
    /// digest of the content.
    pub fn path(&self) -> String {
        self.path_of(&Digest::of(&self.bytes()))
    }

    /// The [`path`](Self::path), where the digest of the bytes is known.
    pub fn path_of(&self, digest: &Digest) -> String {
        let at = self.at().strftime("%Y%m%dT%H%M%SZ");
        match self {
            Self::Baseline(record) => {
                format!("{}{at}.{digest}.json", baseline_folder(&record.branch) + &month(record.at) + "/")
            }
            Self::Assessment(record) => {
                format!("{}{at}.{digest}.json", change_folder(Kind::Assessment, &record.change))
            }
            Self::Decision(record) => format!("{}{at}.{digest}.json", change_folder(Kind::Decision, &record.change)),
            Self::Commitment(record) => {
                let (id, event) = (&record.commitment, record.event.name());
                let shard: String = id.chars().skip(2).take(1).collect();
                format!("commitment/{}/{shard}/{id}.{event}.{digest}.json", month(record.made))
            }
            Self::Waiver(record) => {
                format!("waiver/{}/{}.{digest}.json", month(record.from), record.until.strftime("%Y%m%d"))
            }
            Self::Appetite(record) => format!("appetite/{}.{digest}.json", record.sha256),
        }
    }
}

/// A figure with six decimals. One with more digits may be read back as its neighbour, which would be another record:
/// every figure that is computed or given passes through here before it is recorded.
pub fn rounded(figure: f64) -> f64 {
    (figure * 1e6).round() / 1e6
}

/// Folder of the records of `kind` about one change, with a slash at the end.
pub fn change_folder(kind: Kind, change: &str) -> String {
    let name = Digest::of(change.as_bytes()).to_string();
    format!("{kind}/{}/{}/", &name[..2], &name[..16])
}

/// Folder of the baselines of a branch, with a slash at the end.
pub fn baseline_folder(branch: &str) -> String {
    format!("baseline/{}/", &Digest::of(branch.as_bytes()).to_string()[..16])
}

/// The month as folders are named: `2026-11`.
pub fn month(at: Timestamp) -> String {
    let date: Date = at.to_zoned(TimeZone::UTC).date();
    date.strftime("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiver(reason: &str) -> Record {
        Record::Waiver(Waiver {
            id: "v-0123456789ab".to_owned(),
            at: "2026-11-24T09:30:00Z".parse().unwrap(),
            from: "2026-11-24T09:30:00Z".parse().unwrap(),
            until: "2026-12-24T00:00:00Z".parse().unwrap(),
            row: String::new(),
            change: String::new(),
            findings: Vec::new(),
            owner: "A. Example".to_owned(),
            reason: reason.to_owned(),
            by: Decider::Default,
            authors: Vec::new(),
            appetite: String::new(),
            decision: String::new(),
            signature: String::new(),
        })
    }

    #[test]
    fn a_record_is_read_back_only_as_it_was_written() {
        let record = waiver("old parser, replaced in December");
        let bytes = record.bytes();
        assert_eq!(Record::read(&bytes).unwrap(), record);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("{\"record\":\"detente.waiver/1\""), "{text}");
        // Another spelling, a key more: another file with the same meaning would have another name.
        for altered in [text.replace("\":\"", "\": \""), text.replace("\"owner\"", "\"x\":1,\"owner\"")] {
            assert_ne!(altered, text);
            assert!(Record::read(altered.as_bytes()).is_err(), "{altered}");
        }
    }

    #[test]
    fn a_rounded_figure_is_read_back_as_it_was_written() {
        for figure in (1..2_000).map(|number| f64::from(number) * 0.3 * 1.3) {
            let text = serde_json::to_string(&rounded(figure)).unwrap();
            let read: f64 = serde_json::from_str(&text).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }

    #[test]
    fn the_name_is_that_of_the_content() {
        let (one, other) = (waiver("a"), waiver("b"));
        assert_ne!(one.path(), other.path());
        assert!(one.path().contains(&Digest::of(&one.bytes()).to_string()));
        assert!(one.path().starts_with("waiver/2026-11/20261224."));
    }
}
