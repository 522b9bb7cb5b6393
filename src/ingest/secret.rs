//! Found secrets are never kept in clear: a report that is read, shown or stored must not leak them once more.
//!
//! What is kept is a masked form for people, and a digest, so that the same secret seen by two scanners, or in two
//! places, can be recognised as one.

use sha1::{Digest as _, Sha1};

use crate::model::digest::Digest;

/// What stands in the place of what is not shown.
pub const MASK: &str = "****";

/// Most lines of a secret. A private key of 16,384 bits has some 200.
const MOST_LINES: usize = 500;

/// The digest of a secret: the SHA-256 of its SHA-1 in hexadecimal digits, because detect-secrets and Checkov give
/// only the SHA-1, and are to be comparable with those that give the secret. It is `None` if the scanner had already
/// taken the secret out of its report: then nothing tells one from another. Quotation marks and white space around it
/// do not count.
pub fn digest(secret: &str) -> Option<Digest> {
    let secret = bare(secret);
    let known = !secret.is_empty() && !is_redacted(secret);
    known.then(|| Sha1::digest(secret.as_bytes())).and_then(|hash| digest_of_sha1(&format!("{hash:x}")))
}

/// The same digest from a scanner that gives only the secret's SHA-1; `None` if it is none.
pub fn digest_of_sha1(hexadecimal: &str) -> Option<Digest> {
    let hexadecimal = hexadecimal.trim().to_ascii_lowercase();
    let is_sha1 = hexadecimal.len() == 40 && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sha1.then(|| Digest::of(hexadecimal.as_bytes()))
}

/// A form for people: the first four characters, which name the kind of token (`ghp_`, `AKIA`), but never more than
/// a quarter of it.
pub fn masked(secret: &str) -> String {
    let secret = bare(secret);
    let length = secret.chars().count();
    let shown: String = secret.chars().take((length / 4).min(4)).collect();
    format!("{shown}{MASK}")
}

/// `text` with the secret masked wherever it occurs. A secret of several lines is masked line by line too, because
/// reports quote single lines of it; of what is longer than any key nothing is shown.
pub fn hide(text: &str, secret: &str) -> String {
    let secret = bare(secret);
    if secret.is_empty() || is_redacted(secret) {
        return text.to_owned();
    }
    if secret.lines().nth(MOST_LINES).is_some() {
        return MASK.to_owned();
    }
    let hidden = text.replace(secret, &masked(secret));
    secret
        .lines()
        .map(str::trim)
        .filter(|line| line.len() > 8)
        .fold(hidden, |text, line| text.replace(line, &masked(line)))
}

fn bare(secret: &str) -> &str {
    secret.trim().trim_matches(['\'', '"', '`']).trim()
}

/// Whether the scanner already masked it: Gitleaks writes `REDACTED` or ends it with dots, others use stars.
fn is_redacted(secret: &str) -> bool {
    let upper = secret.to_ascii_uppercase();
    upper.contains("REDACTED") || secret.ends_with("...") || secret.ends_with("***") || secret.starts_with("***")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

    #[test]
    fn a_mask_names_the_kind_and_little_more() {
        assert_eq!(masked(TOKEN), "ghp_****");
        assert_eq!(masked("hunter2"), "h****");
        assert_eq!(masked("abc"), "****");
    }

    #[test]
    fn no_part_of_the_secret_remains_in_the_text() {
        assert_eq!(hide(&format!("token = \"{TOKEN}\" # {TOKEN}"), TOKEN), "token = \"ghp_****\" # ghp_****");
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqh\n-----END KEY-----";
        assert!(!hide("MIIEvQIBADANBgkqh", key).contains("QIBAD"));
        assert_eq!(hide("nothing here", ""), "nothing here");
        assert_eq!(hide("a line of it, and more", &"a line of it\n".repeat(MOST_LINES + 1)), MASK);
    }

    #[test]
    fn the_same_secret_has_the_same_digest_and_a_redacted_one_none() {
        assert_eq!(digest(&format!("\"{TOKEN}\"")), digest(TOKEN));
        assert!(digest(TOKEN).is_some());
        // What detect-secrets and Checkov give for the example key of the AWS documentation.
        assert_eq!(digest("AKIAIOSFODNN7EXAMPLE"), digest_of_sha1("25910f981e85ca04baf359199dd0bd4a3ae738b6"));
        assert_eq!(digest_of_sha1("aws_s3_bucket.logs"), None);
        for nothing in ["", "REDACTED", "AKIA...", "AKIA****", "\"REDACTEDJ\""] {
            assert_eq!(digest(nothing), None, "{nothing}");
        }
    }
}
