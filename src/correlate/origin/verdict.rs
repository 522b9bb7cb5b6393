//! The answer to where a finding comes from.

use crate::model::origin::Origin;

/// An origin, and how it was judged.
pub type Verdict = (Origin, String);

/// An unknown origin, with the reason.
pub fn unknown(because: &str) -> Verdict {
    (Origin::Unknown, because.to_owned())
}
