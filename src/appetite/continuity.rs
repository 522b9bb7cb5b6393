//! Trust by continuity: each version is vouched for by the parties of the version agreed before it, as the root role of
//! TUF is rotated.
//!
//! ```text
//! first agreed version ──its parties' keys──▶ second ──its parties' keys──▶ third …
//! ```
//!
//! - The chain begins with the version that was pinned from outside, or else with the first version on the target branch
//!   that both parties signed with keys which it names: trust on first use, and said so.
//! - A version joins if both parties of the last one signed it. It may name other keys: from then on those count.
//! - A key that is lost, or a leader who has left: the arbiter whom the last version names signs in that party's place,
//!   together with the other party and with the new key, which the new version names. One of the two parties can be
//!   replaced like this, never both at once.
//! - A version that does not join is as if it had never been written, and so is an earlier one that is brought back.
//! - A clone that does not reach back to the beginning proves nothing, unless it reaches back to what was pinned.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ssh_key::PublicKey;
use ssh_key::public::KeyData;

use super::agreement::{ARBITER, NAMESPACE, PARTIES, agreement, names, person};
use super::reading;
use super::trust::TrustedKeys;
use crate::model::appetite::{Agreed, Agreement, AgreementState, Appetite};
use crate::model::digest::Digest;
use crate::model::history::{History, Version};
use crate::signature::signer;

/// The versions of an appetite file that were agreed one after another.
#[derive(Debug, Clone, Default)]
pub struct Continuity {
    /// Where the chain begins.
    first: Option<Link>,
    /// Where it ends.
    last: Option<Link>,
    /// Agreed versions that were replaced, with when they were.
    replaced: BTreeMap<Digest, Date>,
    /// Why there is no chain, and what to do; empty if there is one.
    broken_because: String,
    /// Whether the history ends before its beginning.
    short: bool,
    pinned: bool,
}

/// One agreed version.
#[derive(Debug, Clone)]
struct Link {
    digest: Digest,
    commit: String,
    day: Date,
    agreed: Agreed,
    /// The keys by which it joined.
    joined_by: TrustedKeys,
}

impl Link {
    fn name(&self) -> String {
        format!("{} of {}", self.commit.get(..10).unwrap_or(&self.commit), self.day)
    }

    /// The keys that count for a version that follows this one.
    fn keys_for(&self, bytes: &[u8], appetite: &Appetite, signatures: &BTreeMap<String, Vec<u8>>) -> TrustedKeys {
        let keys = TrustedKeys::of_parties(&self.agreed)
            .vouched_for_by(format!("the version agreed before it ({})", self.name()));
        // The same version, signed anew or as it was when it joined.
        if Digest::of(bytes) == self.digest {
            return keys.and(&self.joined_by);
        }
        let replaced = appetite.agreed.as_ref().and_then(|next| {
            let role = replaced_party(&self.agreed, next, bytes, signatures)?;
            Some(TrustedKeys::of_party(role, next.parties.get(role)?))
        });
        match replaced {
            Some(new) => keys.and(&new),
            None => keys,
        }
    }
}

/// The party for whom the arbiter of the `last` version vouches in the next one: all the conditions at the top.
fn replaced_party(
    last: &Agreed,
    next: &Agreed,
    bytes: &[u8],
    signatures: &BTreeMap<String, Vec<u8>>,
) -> Option<&'static str> {
    let signed = |role: &str| signer(bytes, signatures.get(role)?, NAMESPACE).ok();
    let arbiter = last.arbiter.as_ref()?;
    let by = signed(ARBITER)?;
    let is = |text: &String, key: &KeyData| PublicKey::from_openssh(text).is_ok_and(|named| named.key_data() == key);
    let is_third = PARTIES.iter().all(|role| !names(last, role, &by) && !names(next, role, &by));
    if !arbiter.keys.iter().any(|key| is(key, &by)) || !is_third {
        return None;
    }
    PARTIES.into_iter().find(|&role| {
        let other = if role == PARTIES[0] { PARTIES[1] } else { PARTIES[0] };
        let (Some(new), Some(stays)) = (signed(role), signed(other)) else { return false };
        let name = next.parties.get(role).map(|party| person(&party.name));
        !names(last, role, &new)
            && names(next, role, &new)
            && names(last, other, &stays)
            && new != stays
            && name.is_some_and(|name| name != person(&arbiter.name))
    })
}

impl Continuity {
    /// Follows the versions of the file `name` through `history`. `pinned` is the digest (SHA-256, hexadecimal) of the
    /// version with which the chain begins, if somebody outside the repository wrote it down.
    pub fn follow(history: &History, name: &str, pinned: Option<&str>) -> Self {
        let mut chain = Self { pinned: pinned.is_some(), short: !history.complete, ..Self::default() };
        for version in &history.versions {
            let Some(bytes) = version.files.get(name) else { continue };
            let Ok(appetite) = reading::read(bytes, name) else { continue };
            let signatures = signatures(version, name);
            let digest = Digest::of(bytes);
            let keys = match &chain.last {
                Some(last) if last.digest == digest || chain.replaced.contains_key(&digest) => continue,
                Some(last) => last.keys_for(bytes, &appetite, &signatures),
                None if !Self::may_begin(digest, pinned, history) => continue,
                None => match &appetite.agreed {
                    Some(agreed) => TrustedKeys::of_parties(agreed),
                    None => continue,
                },
            };
            let judged = agreement(bytes, &appetite, &signatures, Some(&keys), version.at);
            let both = matches!(judged.state, AgreementState::Agreed | AgreementState::Lapsed);
            let (true, Some(agreed)) = (both, appetite.agreed) else { continue };
            let day = version.at.to_zoned(TimeZone::UTC).date();
            let link = Link { digest, commit: version.commit.clone(), day, agreed, joined_by: keys };
            if let Some(last) = chain.last.replace(link.clone()) {
                chain.replaced.insert(last.digest, day);
            }
            chain.first.get_or_insert(link);
        }
        if chain.last.is_none() {
            chain.broken_because = broken_because(pinned, history);
        }
        chain
    }

    /// Whether a chain may begin with a version of this digest.
    fn may_begin(digest: Digest, pinned: Option<&str>, history: &History) -> bool {
        match pinned {
            Some(pinned) => digest.to_string().eq_ignore_ascii_case(pinned.trim()),
            None => history.complete,
        }
    }

    /// Whether a version is one of those that were agreed one after another.
    pub fn has(&self, digest: Digest) -> bool {
        self.replaced.contains_key(&digest) || self.last.as_ref().is_some_and(|last| last.digest == digest)
    }

    /// How far a version that follows is agreed at `now`. It may be the last one of the history itself.
    pub fn judge(
        &self,
        bytes: &[u8],
        appetite: &Appetite,
        signatures: &BTreeMap<String, Vec<u8>>,
        now: Timestamp,
    ) -> Agreement {
        let Some(last) = &self.last else {
            let mut judged = agreement(bytes, appetite, signatures, None, now);
            let both = PARTIES.iter().all(|&role| signatures.contains_key(role));
            // Without anybody who vouches that is what two good signatures come to.
            if both && self.short && judged.state == AgreementState::Unsigned && appetite.agreed.is_some() {
                judged.state = AgreementState::Unverified;
                judged.remark.clone_from(&self.broken_because);
            } else if signatures.keys().any(|role| PARTIES.contains(&role.as_str())) {
                judged.remark = format!("{}; {}", judged.remark, self.broken_because);
            }
            return judged;
        };
        if let Some(day) = self.replaced.get(&Digest::of(bytes)) {
            return Agreement {
                state: AgreementState::Altered,
                signers: Vec::new(),
                remark: format!(
                    "it is an earlier version brought back, which both parties replaced on {day}; to return to it, give it \
                     a new `effective` day and let both sign it"
                ),
            };
        }
        let mut judged = agreement(bytes, appetite, signatures, Some(&last.keys_for(bytes, appetite, signatures)), now);
        if judged.state == AgreementState::Altered && judged.remark.contains("not trusted") {
            let arbiter = last.agreed.arbiter.as_ref();
            let way = match arbiter.filter(|arbiter| !arbiter.keys.is_empty()) {
                Some(arbiter) => format!(
                    "if a key is lost or its holder has left, the arbiter {} signs too (`detente appetite sign --as {ARBITER}`), \
                     with the other party and the new key",
                    arbiter.name
                ),
                None => "if a key is lost or its holder has left, only `--allowed-signers` helps: that version names no key \
                         of an arbiter"
                    .to_owned(),
            };
            judged.remark = format!("{}; {way}", judged.remark);
        }
        judged
    }

    /// On what the trust rests, if on nothing but the history itself.
    pub fn remark(&self) -> Option<String> {
        let first = self.first.as_ref().filter(|_| !self.pinned)?;
        Some(format!(
            "The parties' keys are trusted because the target branch has named them since {}. Whoever can rewrite that \
             branch could replace them: name them from outside with --allowed-signers, or pin that version with \
             --appetite-root {}.",
            first.name(),
            first.digest
        ))
    }
}

fn broken_because(pinned: Option<&str>, history: &History) -> String {
    match pinned {
        Some(pinned) => format!(
            "no version on the target branch that both parties signed has the pinned digest {}: the history was rewritten, \
             this clone does not reach back far enough (`git fetch --unshallow`, `fetch-depth: 0`, `GIT_DEPTH: 0`), or \
             another digest is meant",
            pinned.trim().escape_debug()
        ),
        None if !history.complete => {
            "this clone is shallow, so that the versions agreed before cannot be followed: fetch the whole history (`git \
             fetch --unshallow`, `fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab), or pass `--allowed-signers`"
                .to_owned()
        }
        None => "no version on the target branch is signed by both parties yet".to_owned(),
    }
}

/// The signatures of a version, by role.
fn signatures(version: &Version, name: &str) -> BTreeMap<String, Vec<u8>> {
    let roles = PARTIES.into_iter().chain([ARBITER]);
    let found =
        roles.filter_map(|role| Some((role.to_owned(), version.files.get(&format!("{name}.{role}.sig"))?.clone())));
    found.collect()
}
