//! Whether a record is really by the one whom it names.

use crate::model::ledger::{CommitmentEvent, Decider};
use crate::signature::{key_text, same_key, signer};

/// Why it is not known that `by` is behind the bytes, as the rest of a sentence; `None` if it is. For an SSH key that is
/// its signature for this purpose, for an account of a forge the forge's word at that moment.
pub fn unproven(by: &Decider, bytes: &[u8], signature: &str, purpose: &str) -> Option<String> {
    match by {
        Decider::SshKey { key, .. } => match signer(bytes, signature.as_bytes(), purpose) {
            Ok(signed_by) if same_key(&key_text(&signed_by), key) => None,
            Ok(_) => Some("another key signed it than the one it names".to_owned()),
            Err(why) => Some(format!("its signature {why}")),
        },
        Decider::Forge(identity) if identity.bot => Some("a program may not accept risk, a person chooses".to_owned()),
        Decider::Forge(identity) if identity.edited => {
            Some("what they wrote was edited afterwards; write it anew".to_owned())
        }
        Decider::Forge(_) => None,
        Decider::Default => Some("nobody decided it".to_owned()),
    }
}

/// The same of an event of a commitment.
pub fn unproven_event(event: &CommitmentEvent, by: &Decider) -> Option<String> {
    unproven(by, &event.signed_bytes(), &event.signature, CommitmentEvent::NAMESPACE)
}
