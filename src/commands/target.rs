//! The agreement as it stands on the branch that a change goes to, as a forge says which: a brief could name any branch,
//! and one comes from the author of the change.

use std::path::Path;

use jiff::Timestamp;

use crate::change;
use crate::commands::error::CommandError;
use crate::commands::governance::{self, Governance, Wish};
use crate::commands::rulebook;
use crate::forge::checkout::{self, Base};

/// The agreement on `base`, which is fetched if it is not there: with the credentials of the checkout, or with a server's
/// address and a token for it.
pub(super) fn governance(
    wish: &Wish,
    repository: &Path,
    base: &Base,
    token: Option<(&str, &str)>,
    now: Timestamp,
) -> Result<Governance, CommandError> {
    let compared = checkout::complete(repository, base, token, &governance::followed(wish, repository));
    let change = change::read(repository, compared.as_ref().map(|compared| compared.revision.as_str()), false);
    if change.target.as_ref().is_none_or(|target| target.tip.is_none()) {
        return Err(CommandError::usage(&change.unknown_because));
    }
    let rules = rulebook::of_change(repository, &change)?.rules;
    governance::find(wish, repository, &change, &rules, now)
}
