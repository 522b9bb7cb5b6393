//! Public keys as people give them.

use std::path::Path;

use crate::commands::error::CommandError;
use crate::commands::governance;
use crate::signature::{self, PublicSshKey};

/// A public key given as such, or the file that holds it.
pub(super) fn read(flag: &str, given: &str) -> Result<PublicSshKey, CommandError> {
    let as_text = signature::public_key(given);
    let path = Path::new(given);
    let text = match (&as_text, path.is_file()) {
        (Ok(_), _) => given.to_owned(),
        (Err(_), true) => String::from_utf8_lossy(&governance::read_bytes(path)?).into_owned(),
        (Err(why), false) => {
            return Err(CommandError::usage(format!("{flag}: neither a file nor a public key: {why}")));
        }
    };
    signature::public_key(&text).map_err(|why| CommandError::usage(format!("{flag} {given}: {why}")))
}
