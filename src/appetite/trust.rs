//! Which keys are trusted to sign for a party, on a word from outside the file.
//!
//! The usual source is an allowed-signers file as `ssh-keygen -Y verify` reads it (see its manual page): per line,
//! principals, options, and a key. Only what is needed is accepted; whatever else a line says is an error and not
//! passed over, since an option that is not understood could be one that restricts the key.
//!
//! The other source is continuity: the keys that the previous trusted version of the appetite names.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ssh_key::PublicKey;
use ssh_key::public::KeyData;

use crate::model::appetite::{Agreed, Party};
use crate::model::spelling::nearest;

/// Keys trusted to sign for a party.
#[derive(Debug, Clone, Default)]
pub struct TrustedKeys {
    lines: Vec<Trusted>,
    source: String,
}

#[derive(Debug, Clone)]
struct Trusted {
    principals: Vec<String>,
    limits: Limits,
    key: KeyData,
}

/// For what and when a key may sign; `None` where there is no limit.
#[derive(Debug, Clone, Default)]
struct Limits {
    namespaces: Option<Vec<String>>,
    valid_after: Option<Timestamp>,
    valid_before: Option<Timestamp>,
}

/// A line of an allowed-signers file that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the allowed-signers file: {message}")]
pub struct TrustError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl TrustedKeys {
    /// Reads an allowed-signers file. Times without a `Z` are taken as UTC.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let mut lines = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                lines.push(trusted(line).map_err(|message| TrustError { line: index + 1, message })?);
            }
        }
        Ok(Self { lines, source: "the allowed-signers file".to_owned() })
    }

    /// The keys that a previous, trusted version of the appetite names for its parties.
    pub fn of_parties(agreed: &Agreed) -> Self {
        let lines = agreed.parties.iter().flat_map(|(role, party)| lines_of(role, &party.keys));
        Self { lines: lines.collect(), source: "the previous agreed version".to_owned() }
    }

    /// The keys that `party` names, for `role`.
    pub(super) fn of_party(role: &str, party: &Party) -> Self {
        Self { lines: lines_of(role, &party.keys).collect(), source: String::new() }
    }

    /// The same keys and those of `others`.
    pub(super) fn and(mut self, others: &Self) -> Self {
        self.lines.extend(others.lines.iter().cloned());
        self
    }

    /// The same keys, with who vouches for them.
    pub(super) fn vouched_for_by(self, source: String) -> Self {
        Self { source, ..self }
    }

    /// Who vouches for these keys, in words.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether `key` may sign for `principal` in `namespace` at `now`.
    pub(super) fn vouch(&self, principal: &str, namespace: &str, key: &KeyData, now: Timestamp) -> bool {
        self.lines.iter().any(|line| {
            line.key == *key
                && line.principals.iter().any(|name| name == principal)
                && line.limits.namespaces.as_ref().is_none_or(|names| names.iter().any(|name| name == namespace))
                && line.limits.valid_after.is_none_or(|after| now >= after)
                && line.limits.valid_before.is_none_or(|before| now < before)
        })
    }
}

/// Keys in authorized-keys form, each for one role and without limits; what is no key is left out.
fn lines_of(role: &str, keys: &[String]) -> impl Iterator<Item = Trusted> {
    keys.iter().filter_map(move |key| {
        let key = PublicKey::from_openssh(key).ok()?.key_data().clone();
        Some(Trusted { principals: vec![role.to_owned()], limits: Limits::default(), key })
    })
}

/// One line: principals, options if any, key type, key, comment if any.
fn trusted(line: &str) -> Result<Trusted, String> {
    let (principals, rest) = field(line)?;
    let principals = names(principals.trim_matches('"'), "principal")?;
    let (next, after) = field(rest)?;
    let (limits, key) = if is_key_type(next) { (Limits::default(), rest) } else { (limits(next)?, after) };
    if key.is_empty() {
        return Err("expected `principal [options] key-type key`".to_owned());
    }
    let key = PublicKey::from_openssh(key).map_err(|error| format!("the key cannot be read: {error}"))?;
    Ok(Trusted { principals, limits, key: key.key_data().clone() })
}

fn is_key_type(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"].iter().any(|prefix| word.starts_with(prefix))
}

/// The first field of a line, in which quoted parts may hold spaces, and the rest.
fn field(line: &str) -> Result<(&str, &str), String> {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => return Ok((&line[..at], line[at..].trim_start())),
            _ => {}
        }
    }
    if quoted { Err("a quotation mark is not closed".to_owned()) } else { Ok((line, "")) }
}

fn names(list: &str, what: &str) -> Result<Vec<String>, String> {
    list.split(',')
        .map(|name| match name.trim() {
            "" => Err(format!("a {what} has no name")),
            name if name.contains(['*', '?', '!']) => {
                Err(format!("`{name}` is a pattern; patterns are not accepted here, name each {what}"))
            }
            name => Ok(name.to_owned()),
        })
        .collect()
}

/// Comma-separated options, the values of which may be quoted and then hold commas themselves.
fn limits(list: &str) -> Result<Limits, String> {
    let mut limits = Limits::default();
    let mut quoted = false;
    let between = |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    };
    for option in list.split(between) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        match name.to_ascii_lowercase().as_str() {
            "namespaces" => limits.namespaces = Some(names(value, "namespace")?),
            "valid-after" => limits.valid_after = Some(time(value)?),
            "valid-before" => limits.valid_before = Some(time(value)?),
            "cert-authority" => {
                return Err("certificate authorities are not accepted; list the keys themselves".to_owned());
            }
            _ => {
                let known = ["namespaces", "valid-after", "valid-before"];
                let guess = nearest(name, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
                let message = format!("`{name}` is neither a key type nor an option known here ({})", known.join(", "));
                return Err(message + &guess);
            }
        }
    }
    Ok(limits)
}

/// `YYYYMMDD[HHMM[SS]][Z]`.
fn time(text: &str) -> Result<Timestamp, String> {
    let expected = || format!("expected a time as YYYYMMDD or YYYYMMDDHHMM[SS], found `{text}`");
    let digits = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(expected());
    }
    let format = match digits.len() {
        8 => "%Y%m%d",
        12 => "%Y%m%d%H%M",
        14 => "%Y%m%d%H%M%S",
        _ => return Err(expected()),
    };
    let parsed = jiff::fmt::strtime::parse(format, digits).map_err(|_| expected())?;
    let moment = parsed.to_datetime().or_else(|_| parsed.to_date().map(DateTime::from)).map_err(|_| expected())?;
    moment.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|_| expected())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPCeWqr05B9AFdoVXQWEIVRhP9R7UoTdkuNcGkg0vnYP";

    fn vouched(line: &str, principal: &str, now: &str) -> bool {
        let keys = TrustedKeys::parse(line).unwrap_or_else(|error| panic!("{error}"));
        let key = PublicKey::from_openssh(KEY).unwrap();
        keys.vouch(principal, "detente-appetite", key.key_data(), now.parse().unwrap())
    }

    #[test]
    fn a_key_is_trusted_for_its_principals_namespaces_and_time() {
        let now = "2026-11-21T12:00:00Z";
        assert!(vouched(&format!("cio {KEY} a comment with words"), "cio", now));
        assert!(!vouched(&format!("cio {KEY}"), "ciso", now));
        assert!(vouched(&format!("# who may sign\n\nsomeone,cio\t{KEY}"), "cio", now));
        assert!(vouched(&format!("\"cio,deputy\" {KEY}"), "cio", now));
        assert!(vouched(&format!("cio namespaces=\"git,detente-appetite\" {KEY}"), "cio", now));
        assert!(!vouched(&format!("cio namespaces=\"git\" {KEY}"), "cio", now));
        assert!(vouched(&format!("cio namespaces=\"detente-appetite\",valid-before=\"20270101\" {KEY}"), "cio", now));
        let times = format!("cio valid-after=\"20261121\",valid-before=\"202611211200Z\" {KEY}");
        assert!(!vouched(&times, "cio", "2026-11-20T23:59:59Z"));
        assert!(vouched(&times, "cio", "2026-11-21T00:00:00Z"));
        assert!(vouched(&times, "cio", "2026-11-21T11:59:59Z"));
        assert!(!vouched(&times, "cio", "2026-11-21T12:00:00Z"));
    }

    #[test]
    fn what_is_not_understood_is_an_error_that_names_the_line() {
        for (line, expected) in [
            (
                format!("cio {KEY}\nciso name-spaces=\"git\" {KEY}"),
                "line 2 of the allowed-signers file: `name-spaces` is neither a key type nor an option known here (namespaces, valid-after, valid-before); did you mean `namespaces`?",
            ),
            (
                format!("cio cert-authority {KEY}"),
                "line 1 of the allowed-signers file: certificate authorities are not accepted; list the keys themselves",
            ),
            (
                format!("*@example.org {KEY}"),
                "line 1 of the allowed-signers file: `*@example.org` is a pattern; patterns are not accepted here, name each principal",
            ),
            (
                format!("!cio,* {KEY}"),
                "line 1 of the allowed-signers file: `!cio` is a pattern; patterns are not accepted here, name each principal",
            ),
            (format!("cio,,ciso {KEY}"), "line 1 of the allowed-signers file: a principal has no name"),
            (
                format!("cio valid-after=\"tomorrow\" {KEY}"),
                "line 1 of the allowed-signers file: expected a time as YYYYMMDD or YYYYMMDDHHMM[SS], found `tomorrow`",
            ),
            (
                format!("cio valid-after=\"20261399\" {KEY}"),
                "line 1 of the allowed-signers file: expected a time as YYYYMMDD or YYYYMMDDHHMM[SS], found `20261399`",
            ),
            (
                format!("cio namespaces=\"git {KEY}"),
                "line 1 of the allowed-signers file: a quotation mark is not closed",
            ),
            ("cio".to_owned(), "line 1 of the allowed-signers file: "),
            ("cio ssh-ed25519".to_owned(), "line 1 of the allowed-signers file: the key cannot be read: "),
            (KEY.to_owned(), "line 1 of the allowed-signers file: "),
        ] {
            let error = TrustedKeys::parse(&line).expect_err(&line).to_string();
            assert!(error.starts_with(expected), "{line}\n  got  {error}\n  want {expected}");
        }
    }
}
