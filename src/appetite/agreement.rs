//! How far an appetite is agreed: whether both parties signed these very bytes, with keys that someone vouches for.
//!
//! A signature by a key that only the file itself names proves nothing: whoever writes the file can write a key into
//! it. Trust comes from outside ([`TrustedKeys`]): a file of allowed signers that the change under test cannot touch,
//! or the keys of the previous version that was trusted. Everything less than two trusted signatures, by two keys, of
//! two persons, within the agreed dates, makes the gate advise and never enforce.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, PublicKey};

use super::trust::TrustedKeys;
use crate::model::appetite::{Agreed, Agreement, AgreementState, Appetite};
use crate::signature::signer;

/// Purpose for which the parties sign, as in `ssh-keygen -Y sign -n detente-appetite`.
pub const NAMESPACE: &str = "detente-appetite";

/// The roles whose signatures make an agreement. A signature lies beside the file as `<file>.<role>.sig`.
pub const PARTIES: [&str; 2] = ["cio", "ciso"];

/// The role whose signature replaces that of a party who cannot sign any more; see [`Continuity`](super::Continuity).
pub const ARBITER: &str = "arbiter";

/// Judges how far `appetite`, read from `bytes`, is agreed at `now`.
///
/// `signatures` holds what lies beside the file, by role (`cio`, `ciso`). `trusted` are the keys that someone outside
/// the file vouches for, if any.
pub fn agreement(
    bytes: &[u8],
    appetite: &Appetite,
    signatures: &BTreeMap<String, Vec<u8>>,
    trusted: Option<&TrustedKeys>,
    now: Timestamp,
) -> Agreement {
    let Some(agreed) = &appetite.agreed else {
        let remark = "it has no `agreed` section and names no parties; add one, and let both sign";
        return verdict(AgreementState::Unsigned, &[], remark.to_owned());
    };
    let mut good: Vec<(&'static str, KeyData)> = Vec::new();
    let mut doubtful: Vec<String> = Vec::new();
    let mut missing: Vec<&'static str> = Vec::new();
    let mut unvouched = false;
    for role in PARTIES {
        let Some(signature) = signatures.get(role) else {
            missing.push(role);
            continue;
        };
        match signer(bytes, signature, NAMESPACE) {
            Ok(key) if trusted.is_some_and(|keys| keys.vouch(role, NAMESPACE, &key, now)) => good.push((role, key)),
            Ok(key) if let Some(keys) = trusted => {
                doubtful.push(format!(
                    "the signature of the {} is by a key that is not trusted for `{role}` now: {} does not name {} for it",
                    title(role),
                    keys.source(),
                    key.fingerprint(HashAlg::Sha256)
                ));
            }
            Ok(key) if names(agreed, role, &key) => unvouched = true,
            Ok(_) => doubtful.push(format!(
                "the signature of the {} is by a key that the file does not name for `{role}`",
                title(role)
            )),
            Err(why) => doubtful.push(format!("the signature of the {} {why}", title(role))),
        }
    }
    let signers: Vec<&'static str> = good.iter().map(|&(role, _)| role).collect();
    if !doubtful.is_empty() {
        let remark = format!("{}; if the file is right as it is, both parties sign it again", doubtful.join("; "));
        return verdict(AgreementState::Altered, &signers, remark);
    }
    if unvouched {
        let both = if missing.is_empty() { "the signatures verify" } else { "one signature verifies" };
        let remark = format!(
            "{both}, but only by keys that the file itself names, and nothing outside it vouches for them; pass \
             `--allowed-signers` with the keys of both parties, or commit it with its signatures to the target branch"
        );
        return verdict(AgreementState::Unsigned, &[], remark);
    }
    match good.as_slice() {
        [] => {
            let remark = format!(
                "nobody has signed it; both parties sign it with `detente appetite sign --as cio` and `--as ciso`, or with `ssh-keygen -Y sign -n {NAMESPACE}`"
            );
            verdict(AgreementState::Unsigned, &[], remark)
        }
        [(_, first), (_, second)] if first == second => half("both signatures are by the same key", "two keys"),
        [_, _] if same_person(agreed) => half("both parties are the same person", "two persons"),
        [_, _] => in_force(agreed, &signers, now),
        _ => {
            let role = missing.first().copied().unwrap_or_default();
            let remark = format!(
                "the signature of the {} is missing; sign with `detente appetite sign --as {role} --key FILE`",
                title(role)
            );
            verdict(AgreementState::HalfSigned, &signers, remark)
        }
    }
}

/// A person's name as far as it tells persons apart.
pub(super) fn person(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn same_person(agreed: &Agreed) -> bool {
    let [first, second] = PARTIES.map(|role| agreed.parties.get(role).map(|party| person(&party.name)));
    first == second
}

/// Whether the file itself names `key` for `role`.
pub(super) fn names(agreed: &Agreed, role: &str, key: &KeyData) -> bool {
    let keys = agreed.parties.get(role).map(|party| party.keys.as_slice()).unwrap_or_default();
    keys.iter().any(|text| PublicKey::from_openssh(text).is_ok_and(|named| named.key_data() == key))
}

fn in_force(agreed: &Agreed, signers: &[&str], now: Timestamp) -> Agreement {
    let today = now.to_zoned(TimeZone::UTC).date();
    let remark = if today < agreed.effective {
        format!("it is signed, and takes effect on {}", agreed.effective)
    } else if today > agreed.review_by {
        format!(
            "its review was due on {}; review it, set a new `review_by`, and let both sign it again",
            agreed.review_by
        )
    } else {
        return verdict(AgreementState::Agreed, signers, String::new());
    };
    verdict(AgreementState::Lapsed, signers, remark)
}

/// Two signatures that count as one.
fn half(why: &str, needed: &str) -> Agreement {
    let remark = format!("{why}, and an agreement needs {needed}; let the other party sign");
    verdict(AgreementState::HalfSigned, &PARTIES[..1], remark)
}

fn verdict(state: AgreementState, signers: &[&str], remark: String) -> Agreement {
    Agreement { state, signers: signers.iter().map(|&role| role.to_owned()).collect(), remark }
}

fn title(role: &str) -> String {
    role.to_uppercase()
}
