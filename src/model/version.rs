//! Comparing version texts across ecosystems, as far as an upgrade needs it.
//!
//! Not a full implementation of any ecosystem's order: numbers compare as numbers, words as words, a pre-release
//! (`-rc1`, `~beta`) comes before its release. What is a pre-release the specifications say: semantic versioning,
//! PEP 440, Maven's `ComparableVersion`, RubyGems, Composer. Used to choose between fixed versions of one package and to
//! name the distance of an upgrade.

use std::cmp::Ordering;

/// Compares two versions of packages of a type (purl; empty if not known). Leading `v` and `go` and the epoch 0 do not
/// matter; a missing number counts as 0, and so does a missing epoch.
pub fn compare(ecosystem: &str, a: &str, b: &str) -> Ordering {
    let scheme = Scheme::of(ecosystem);
    let ((epoch_a, a), (epoch_b, b)) = (epoch(a), epoch(b));
    if epoch_a != epoch_b {
        return epoch_a.cmp(&epoch_b);
    }
    let (a, b) = (parts(scheme, a), parts(scheme, b));
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
pub fn least_above<'a>(ecosystem: &str, installed: &str, fixed: &'a [String]) -> Option<&'a str> {
    fixed
        .iter()
        .map(String::as_str)
        .filter(|candidate| installed.is_empty() || compare(ecosystem, candidate, installed) == Ordering::Greater)
        .min_by(|a, b| compare(ecosystem, a, b))
}

/// The semantic-version distance from `from` to `to`: `major`, `minor` or `patch`, after the first number that
/// differs. Below 1.0.0 a minor step counts as major and a patch step as minor, as the semantic versioning rules
/// allow breaking changes there. `None` if either does not begin with a number, or they do not differ in one.
pub fn distance(from: &str, to: &str) -> Option<&'static str> {
    let ((epoch_from, from), (epoch_to, to)) = (epoch(from), epoch(to));
    let (from, to) = (numbers(from)?, numbers(to)?);
    if epoch_from != epoch_to {
        return Some("major");
    }
    let step = (0..3).find(|&index| from[index] != to[index])?;
    let unstable = from[0] == 0 && to[0] == 0;
    Some(["major", "minor", "patch"][step.saturating_sub(usize::from(unstable))])
}

/// The epoch, by which versions are counted anew (`1:` of distributions, `1!` of Python), and what stands behind it.
fn epoch(version: &str) -> (u64, &str) {
    let version = version.trim();
    let stated = version.split_once([':', '!']).and_then(|(epoch, rest)| Some((epoch.parse().ok()?, rest)));
    stated.unwrap_or((0, version))
}

/// The first three numbers of a version, missing ones as 0.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    let parts = parts(Scheme::Other, version);
    for (slot, part) in numbers.iter_mut().zip(&parts) {
        match part {
            Part::Number(number) => *slot = *number,
            Part::Qualifier(_) | Part::Word(_) | Part::PreRelease => break,
        }
    }
    matches!(parts.first(), Some(Part::Number(_))).then_some(numbers)
}

/// A piece of a version.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// What follows comes before the release without it.
    PreRelease,
    Number(u64),
    /// A word that is later than nothing, but earlier than the next number (`1.0`, `1.0.post1`, `1.0.1`).
    Qualifier(String),
    /// A word that is later than any number in its place, which may be that of a package's revision (`1.1.1-2`,
    /// `1.1.1k-1`).
    Word(String),
}

impl Part {
    /// How a version that goes on with this part compares to one that ends here, which counts as going on with zeros:
    /// so the order is total, and versions can be sorted by it.
    fn against_nothing(&self) -> Ordering {
        self.cmp(&Self::Number(0))
    }

    fn rank(&self) -> (u8, u64, &str) {
        match self {
            Self::PreRelease => (0, 0, ""),
            Self::Number(0) => (1, 0, ""),
            Self::Qualifier(word) => (2, 0, word),
            Self::Number(number) => (3, *number, ""),
            Self::Word(word) => (4, 0, word),
        }
    }
}

impl Ord for Part {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By whose rules versions are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// What follows a hyphen is a pre-release (semver 9).
    Semantic,
    /// PEP 440.
    Python,
    /// Maven's `ComparableVersion`.
    Maven,
    /// Whatever has a letter is a pre-release.
    Gem,
    /// Composer's stabilities.
    Composer,
    /// A letter is a later patch (`1.1.1k`).
    Distribution,
    /// Not known.
    Other,
}

impl Scheme {
    fn of(ecosystem: &str) -> Self {
        match ecosystem {
            "npm" | "cargo" | "golang" | "nuget" | "pub" | "hex" | "swift" | "githubactions" => Self::Semantic,
            "pypi" => Self::Python,
            "maven" => Self::Maven,
            "gem" | "cocoapods" => Self::Gem,
            "composer" => Self::Composer,
            "deb" | "rpm" | "apk" | "alpm" => Self::Distribution,
            _ => Self::Other,
        }
    }

    /// What a word before `rest` means.
    fn read(self, word: &str, rest: &str) -> Meaning {
        let numbered = rest.starts_with(|c: char| c.is_ascii_digit());
        let one_letter = match self {
            Self::Python | Self::Composer => true,
            // `a1`, `b1` and `m1` alone.
            Self::Maven | Self::Other | Self::Semantic => numbered,
            Self::Gem | Self::Distribution => false,
        };
        let before = |word: &str| Meaning::Before(word.to_owned());
        match word {
            "alpha" => before("a"),
            "beta" => before("b"),
            "a" | "b" if one_letter => before(word),
            "m" if self == Self::Maven && numbered => before("m"),
            "milestone" if self == Self::Maven => before("m"),
            "cr" if self == Self::Maven => before("rc"),
            "c" if self == Self::Python => before("rc"),
            "rc" | "pre" | "preview" => before("rc"),
            // Before every other one.
            "dev" | "canary" | "nightly" => before(""),
            "snapshot" => before("snapshot"),
            "ga" | "final" | "release" if self == Self::Maven => Meaning::Nothing,
            "stable" if self == Self::Composer => Meaning::Nothing,
            _ if self == Self::Gem => before(word),
            _ => Meaning::Later(word.to_owned()),
        }
    }
}

/// What a word of a version says.
enum Meaning {
    /// What follows comes before the release without it, in the order of these words.
    Before(String),
    /// What follows comes after it.
    Later(String),
    /// It is the release itself.
    Nothing,
}

fn parts(scheme: Scheme, version: &str) -> Vec<Part> {
    let version = version.trim();
    let before_digit =
        |prefix: &str| version.strip_prefix(prefix).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let mut rest = before_digit("go").unwrap_or(version).trim_start_matches(['v', 'V', '=']);
    // Build metadata does not order versions (semver 10).
    let is_build = |build: &str| scheme == Scheme::Semantic || build.starts_with("incompatible");
    if rest.starts_with(|c: char| c.is_ascii_digit())
        && let Some((before, _)) = rest.split_once('+').filter(|(_, build)| is_build(build))
    {
        rest = before;
    }
    let mut parts = Vec::new();
    let mut in_pre_release = false;
    while let Some(first) = rest.chars().next() {
        if first == '~' || (first == '-' && scheme == Scheme::Semantic && !in_pre_release) {
            in_pre_release = true;
            parts.push(Part::PreRelease);
            rest = &rest[1..];
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            parts.push(Part::Number(rest[..end].parse().unwrap_or(u64::MAX)));
            rest = &rest[end..];
        } else if first.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let word = rest[..end].to_lowercase();
            rest = &rest[end..];
            match scheme.read(&word, rest) {
                _ if in_pre_release && scheme == Scheme::Semantic => parts.push(Part::Word(word)),
                Meaning::Before(word) => parts.extend([Part::PreRelease, Part::Word(word)]),
                Meaning::Later(word) if matches!(scheme, Scheme::Maven | Scheme::Python) => {
                    parts.push(Part::Qualifier(word));
                }
                Meaning::Later(word) => parts.push(Part::Word(word)),
                Meaning::Nothing => {}
            }
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
            assert_eq!(compare("", less, more), Ordering::Less, "{less} < {more}");
            assert_eq!(compare("", more, less), Ordering::Greater, "{more} > {less}");
        }
        assert_eq!(compare("", "v1.2.0", "1.2"), Ordering::Equal);
    }

    #[test]
    fn what_comes_before_a_release_is_for_its_ecosystem_to_say() {
        for (ecosystem, ascending) in [
            // Semantic versioning, 11.
            ("npm", &["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-canary.1", "1.0.0-rc.1", "1.0.0"][..]),
            ("npm", &["14.0.0-canary.1", "14.0.0", "15.0.0"]),
            ("nuget", &["1.0.0-1", "1.0.0", "1.0.1-ci"]),
            ("golang", &["go1.19.5", "1.19.11", "go1.20rc1", "1.20.6"]),
            // PEP 440.
            (
                "pypi",
                &["1.0.dev1", "1.0a1", "1.0b1", "1.0b2", "1.0c1", "1.0rc2", "1.0", "1.0.post1", "1.1.dev1", "1.1"],
            ),
            ("pypi", &["4.2b", "4.2"]),
            // Maven, ComparableVersion.
            ("maven", &["6.0-a1", "6.0-b1", "6.0-M1", "6.0-RC1", "6.0-SNAPSHOT", "6.0", "6.0-sp", "6.0.1"]),
            ("maven", &["6.0.0-milestone-1", "6.0.0-CR1", "6.0.0.Final", "6.0.1.Final"]),
            ("gem", &["1.0.0.b1", "1.0.0.racecar", "1.0.0", "1.0.1"]),
            ("composer", &["1.0.0-dev", "1.0.0-b1", "1.0.0", "1.0.0-p1"]),
            ("deb", &["1.1.1~b1-1", "1.1.1-1", "1.1.1a-1", "1.1.1b-1"]),
            ("rpm", &["3.6.16-6.el8_7", "0:3.6.16-8.el8_9", "1:1.0-1"]),
            ("pypi", &["2.0", "1!1.0"]),
            ("generic", &["1.1.1", "1.1.1b", "1.1.1m"]),
        ] {
            for pair in ascending.windows(2) {
                assert_eq!(compare(ecosystem, pair[0], pair[1]), Ordering::Less, "{ecosystem}: {pair:?}");
            }
        }
        for (ecosystem, a, b) in [
            ("maven", "5.3.0.Final", "5.3.0"),
            ("maven", "1.0-alpha-1", "1.0-a1"),
            ("pypi", "1.0alpha1", "1.0a1"),
            ("npm", "1.0.0+20", "1.0.0"),
            ("golang", "go1.20.5", "v1.20.5"),
            ("rpm", "0:1.0-1", "1.0-1"),
        ] {
            assert_eq!(compare(ecosystem, a, b), Ordering::Equal, "{a} is {b}");
        }
    }

    #[test]
    fn the_order_is_total() {
        let versions =
            ["1", "1.0", "1.x", "1.1", "1-rc1", "1.0.0a", "", "x", "1.0.0-1", "1~1", "1.0+b", "1.0b1", "1.0-M1"];
        for ecosystem in ["", "npm", "pypi", "maven", "gem", "deb", "composer"] {
            let compare = |a, b| compare(ecosystem, a, b);
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
    }

    #[test]
    fn the_least_fixed_version_above_the_installed_one_is_taken() {
        let fixed = ["3.1.0", "2.15.0", "2.12.2"].map(str::to_owned);
        assert_eq!(least_above("maven", "2.14.1", &fixed), Some("2.15.0"));
        assert_eq!(least_above("", "", &fixed), Some("2.12.2"));
        assert_eq!(least_above("", "9", &fixed), None);
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
        assert_eq!(distance("go1.19.5", "1.19.11"), Some("patch"));
        assert_eq!(distance("3.6.16-6.el8_7", "0:3.6.16-8.el8_9"), None);
        assert_eq!(distance("0:3.6.15-6", "3.6.16-8"), Some("patch"));
        assert_eq!(distance("1:1.0", "2:0.1"), Some("major"));
    }
}
