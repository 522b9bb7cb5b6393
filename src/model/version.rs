//! Comparing version texts across ecosystems, as far as an upgrade needs it.
//!
//! Not a full implementation of any ecosystem's order: numbers compare as numbers, words as words, a pre-release
//! (`-rc1`, `~beta`) comes before its release. Used to choose between fixed versions of one package and to name the
//! distance of an upgrade.

use std::cmp::Ordering;

/// Compares two versions. Leading `v` and an epoch `N:` that both share do not matter; a missing number counts as 0.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    for index in 0..a.len().max(b.len()) {
        let order = match (a.get(index), b.get(index)) {
            (Some(left), Some(right)) => left.cmp(right),
            (Some(left), None) => left.against_nothing(),
            (None, Some(right)) => right.against_nothing().reverse(),
            (None, None) => Ordering::Equal,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The least of `fixed` that is above `installed`; without an installed version, the least of all.
pub fn least_above<'a>(installed: &str, fixed: &'a [String]) -> Option<&'a str> {
    fixed
        .iter()
        .map(String::as_str)
        .filter(|candidate| installed.is_empty() || compare(candidate, installed) == Ordering::Greater)
        .min_by(|a, b| compare(a, b))
}

/// The semantic-version distance from `from` to `to`: `major`, `minor` or `patch`, after the first number that
/// differs. Below 1.0.0 a minor step counts as major and a patch step as minor, as the semantic versioning rules
/// allow breaking changes there. `None` if either does not begin with a number, or they do not differ in one.
pub fn distance(from: &str, to: &str) -> Option<&'static str> {
    let (from, to) = (numbers(from)?, numbers(to)?);
    let step = (0..3).find(|&index| from[index] != to[index])?;
    let unstable = from[0] == 0 && to[0] == 0;
    Some(["major", "minor", "patch"][step.saturating_sub(usize::from(unstable))])
}

/// The first three numbers of a version, missing ones as 0.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    for (slot, part) in numbers.iter_mut().zip(parts(version)) {
        match part {
            Part::Number(number) => *slot = number,
            Part::Word(_) | Part::PreRelease => break,
        }
    }
    matches!(parts(version).first(), Some(Part::Number(_))).then_some(numbers)
}

/// A piece of a version, in ascending order of meaning.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// What follows comes before the release without it.
    PreRelease,
    Number(u64),
    Word(String),
}

impl Part {
    /// How a version that goes on with this part compares to one that ends here, which counts as going on with zeros:
    /// so the order is total, and versions can be sorted by it.
    fn against_nothing(&self) -> Ordering {
        match self {
            Self::PreRelease => Ordering::Less,
            Self::Number(0) => Ordering::Equal,
            Self::Word(_) | Self::Number(_) => Ordering::Greater,
        }
    }
}

const PRE_RELEASE_WORDS: [&str; 8] = ["alpha", "beta", "rc", "pre", "preview", "dev", "snapshot", "a"];

fn parts(version: &str) -> Vec<Part> {
    let version = version.trim().trim_start_matches(['v', 'V', '=']);
    // Build metadata does not order versions (semver 10).
    let version = if version.chars().next().is_some_and(|c| c.is_ascii_digit()) {
        version.split_once("+incompatible").map_or(version, |(before, _)| before)
    } else {
        version
    };
    let mut parts = Vec::new();
    let mut rest = version;
    while let Some(first) = rest.chars().next() {
        if first == '~' {
            parts.push(Part::PreRelease);
            rest = &rest[1..];
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            parts.push(Part::Number(rest[..end].parse().unwrap_or(u64::MAX)));
            rest = &rest[end..];
        } else if first.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let word = rest[..end].to_lowercase();
            if PRE_RELEASE_WORDS.contains(&word.as_str()) {
                parts.push(Part::PreRelease);
            }
            parts.push(Part::Word(word));
            rest = &rest[end..];
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_as_numbers_and_pre_releases_come_first() {
        for (less, more) in [
            ("1.9", "1.10"),
            ("2.14.1", "2.15.0"),
            ("1.0.0-rc1", "1.0.0"),
            ("1.0~beta1", "1.0"),
            ("1.0.0a1", "1.0.0"),
            ("1.1.1k", "1.1.1l"),
            ("1:1.0", "2:0.1"),
            ("4.17.20", "4.17.21"),
        ] {
            assert_eq!(compare(less, more), Ordering::Less, "{less} < {more}");
            assert_eq!(compare(more, less), Ordering::Greater, "{more} > {less}");
        }
        assert_eq!(compare("v1.2.0", "1.2"), Ordering::Equal);
    }

    #[test]
    fn the_order_is_total() {
        let versions = ["1", "1.0", "1.x", "1.1", "1-rc1", "1.0.0a", "", "x", "1.0.0-1", "1~1", "1.0+b"];
        for a in versions {
            for b in versions {
                assert_eq!(compare(a, b), compare(b, a).reverse(), "{a} {b}");
                for c in versions {
                    if compare(a, b).is_le() && compare(b, c).is_le() {
                        assert!(compare(a, c).is_le(), "{a} {b} {c}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_least_fixed_version_above_the_installed_one_is_taken() {
        let fixed = ["3.1.0", "2.15.0", "2.12.2"].map(str::to_owned);
        assert_eq!(least_above("2.14.1", &fixed), Some("2.15.0"));
        assert_eq!(least_above("", &fixed), Some("2.12.2"));
        assert_eq!(least_above("9", &fixed), None);
    }

    #[test]
    fn distance_names_the_first_number_that_differs() {
        assert_eq!(distance("2.14.1", "3.0.0"), Some("major"));
        assert_eq!(distance("2.14.1", "2.15.0"), Some("minor"));
        assert_eq!(distance("4.17.20", "v4.17.21"), Some("patch"));
        assert_eq!(distance("0.9.1", "0.10.0"), Some("major"));
        assert_eq!(distance("0.9.1", "0.9.2"), Some("minor"));
        assert_eq!(distance("0.9.1", "1.0.0"), Some("major"));
        assert_eq!(distance("release-a", "1.0"), None);
        assert_eq!(distance("1.0", "1.0"), None);
    }
}
