//! Which of several fixed versions to go to.
//!
//! Semantic versions are compared as such (a leading `v` and missing zeros are allowed for). Anything else is compared
//! run by run, numbers as numbers: right for most distributions' and most old version schemes, and never worse than
//! comparing text. Exact schemes per ecosystem would be a stage of their own.

use std::cmp::Ordering;

use semver::Version;

/// The lowest of `fixes` above `installed`; the highest of all if none is known to be above it.
pub fn least_fix<'a>(installed: &str, fixes: &'a [String]) -> Option<&'a str> {
    let fixes = || fixes.iter().map(|fix| bare(fix)).filter(|fix| !fix.is_empty());
    let above = |fix: &&str| installed.is_empty() || compare(fix, installed) == Ordering::Greater;
    fixes().filter(above).min_by(|a, b| compare(a, b)).or_else(|| fixes().max_by(|a, b| compare(a, b)))
}

/// Semantic-version distance, as conditions name it; `None` if either is not a semantic version or nothing is above.
pub fn distance(installed: &str, target: &str) -> Option<&'static str> {
    let (from, to) = (semantic(installed)?, semantic(target)?);
    if to <= from {
        None
    } else if to.major != from.major || (to.major == 0 && to.minor != from.minor) {
        // Below 1.0.0 the minor number is the one that may break (Cargo's and npm's caret rule).
        Some("major")
    } else if to.minor != from.minor {
        Some("minor")
    } else {
        Some("patch")
    }
}

/// Orders two versions.
pub fn compare(a: &str, b: &str) -> Ordering {
    match (semantic(a), semantic(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => by_runs(a, b),
    }
}

/// A version without an operator in front (`>= 1.2`).
fn bare(version: &str) -> &str {
    version.trim().trim_start_matches(|c: char| !c.is_alphanumeric()).trim()
}

fn semantic(version: &str) -> Option<Version> {
    let version = bare(version);
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let core = version.find(['-', '+']).unwrap_or(version.len());
    let missing = match version[..core].split('.').count() {
        1 => ".0.0",
        2 => ".0",
        _ => "",
    };
    Version::parse(&format!("{}{missing}{}", &version[..core], &version[core..])).ok()
}

/// A run of digits or letters.
#[derive(PartialEq, Eq)]
enum Run<'a> {
    Number(&'a str),
    Word(&'a str),
}

fn runs(version: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    for part in version.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let digit = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digit).unwrap_or(rest.len());
            let (run, tail) = rest.split_at(end);
            runs.push(if digit { Run::Number(run.trim_start_matches('0')) } else { Run::Word(run) });
            rest = tail;
        }
    }
    runs
}

fn by_runs(a: &str, b: &str) -> Ordering {
    let (a, b) = (runs(a), runs(b));
    for (x, y) in a.iter().zip(&b) {
        let order = match (x, y) {
            // Digits without leading zeros: the longer is the greater, whatever their number.
            (Run::Number(x), Run::Number(y)) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
            (Run::Word(x), Run::Word(y)) => x.cmp(y),
            (Run::Number(_), Run::Word(_)) => Ordering::Greater,
            (Run::Word(_), Run::Number(_)) => Ordering::Less,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    // What goes on with a word such as `rc1` comes before the release, what goes on with a number after it.
    let tail = |longer: &[Run<'_>], than: usize| match longer.get(than) {
        None => Ordering::Equal,
        Some(Run::Word(word)) if is_prerelease(word) => Ordering::Less,
        Some(_) => Ordering::Greater,
    };
    tail(&a, b.len()).then_with(|| tail(&b, a.len()).reverse())
}

fn is_prerelease(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["a", "b", "c", "m", "rc", "cr", "alpha", "beta", "dev", "pre", "preview", "milestone", "snapshot"]
        .contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for (low, high) in [
            ("4.9.1", "4.17.21"),
            ("v1.2", "1.10.0"),
            ("1.0.0-rc.1", "1.0.0"),
            ("1.1.1f-1ubuntu2.9", "1.1.1f-1ubuntu2.16"),
            ("2.0rc1", "2.0"),
            ("2.0", "2.0.post1"),
            ("5.3.0.1", "5.3.0.10"),
            ("1.99999999999999999999999", "1.100000000000000000000000"),
        ] {
            assert_eq!(compare(low, high), Ordering::Less, "{low} < {high}");
            assert_eq!(compare(high, low), Ordering::Greater, "{high} > {low}");
        }
        assert_eq!(compare("1.2", "1.2.0"), Ordering::Equal);
    }

    #[test]
    fn the_least_fix_is_above_what_is_installed() {
        let fixes = |list: &[&str]| list.iter().map(|&v| v.to_owned()).collect::<Vec<_>>();
        assert_eq!(least_fix("2.3.1", &fixes(&["1.9.9", "3.0.0", "2.4.0"])), Some("2.4.0"));
        assert_eq!(least_fix("2.3.1", &fixes(&[">= 2.3.2"])), Some("2.3.2"));
        assert_eq!(least_fix("9.0.0", &fixes(&["1.0.0", "2.0.0"])), Some("2.0.0"));
        assert_eq!(least_fix("1.0.0", &[]), None);
    }

    #[test]
    fn distance_follows_the_caret_rule() {
        assert_eq!(distance("1.2.3", "1.2.4"), Some("patch"));
        assert_eq!(distance("1.2.3", "1.3.0"), Some("minor"));
        assert_eq!(distance("1.2.3", "2.0.0"), Some("major"));
        assert_eq!(distance("0.4.1", "0.5.0"), Some("major"));
        assert_eq!(distance("1.1.1f-1ubuntu2", "1.1.1f-1ubuntu3"), None);
    }
}
