//! Names under which a vulnerability is publicly known.

use std::fmt;

/// A public vulnerability identifier in canonical form: `CVE-2024-1234`, `GHSA-…`, `RUSTSEC-2024-0001`,
/// `GO-2024-1234`, `SNYK-…`. Ordered so that a CVE comes first: it is the name that most people know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identifier(String);

/// Most names kept of one problem; a text may hold any number.
pub const MOST_NAMES: usize = 200;

impl Identifier {
    /// Reads one identifier. White space around it is dropped, known schemes are brought to their canonical case.
    /// `None` if the text is empty, longer than 128 bytes, or has characters that no scheme uses.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '@' | '+');
        if text.is_empty() || text.len() > 128 || !text.chars().all(plain) {
            return None;
        }
        // GHSA identifiers are lower case after the prefix; every other scheme in use is upper case.
        Some(match text.get(..5) {
            Some(prefix) if prefix.eq_ignore_ascii_case("GHSA-") => {
                Self(format!("GHSA-{}", text[5..].to_ascii_lowercase()))
            }
            _ => Self(text.to_ascii_uppercase()),
        })
    }

    /// Adds a name to those of one problem, unless it is among them, or there are too many.
    pub fn add_to(names: &mut Vec<Self>, name: Self) {
        if names.len() < MOST_NAMES && !names.contains(&name) {
            names.push(name);
        }
    }

    /// CVE and GHSA identifiers that stand somewhere in free text, in order of appearance, each once; the first
    /// [`MOST_NAMES`].
    pub fn find_in(text: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
            if found.len() == MOST_NAMES {
                break;
            }
            if let Some(id) = Self::parse(word).filter(|id| id.is_cve() || id.is_ghsa()) {
                Self::add_to(&mut found, id);
            }
        }
        found
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a CVE identifier: `CVE-`, four digits, `-`, at least four digits.
    pub fn is_cve(&self) -> bool {
        let Some((year, number)) = self.0.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')) else {
            return false;
        };
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        year.len() == 4 && digits(year) && number.len() >= 4 && digits(number)
    }

    /// Whether this is a GitHub advisory identifier: `GHSA-` and three groups of four.
    pub fn is_ghsa(&self) -> bool {
        self.0.strip_prefix("GHSA-").is_some_and(|rest| {
            let groups: Vec<_> = rest.split('-').collect();
            groups.len() == 3 && groups.iter().all(|g| g.len() == 4)
        })
    }

    const fn rank(kind: (bool, bool)) -> u8 {
        match kind {
            (true, _) => 0,
            (_, true) => 1,
            _ => 2,
        }
    }
}

impl Ord for Identifier {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |id: &Self| Self::rank((id.is_cve(), id.is_ghsa()));
        rank(self).cmp(&rank(other)).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Identifier {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_canonical_per_scheme() {
        assert_eq!(Identifier::parse(" cve-2021-44228 ").unwrap().as_str(), "CVE-2021-44228");
        assert_eq!(Identifier::parse("ghsa-JFH8-c2jp-5v3q").unwrap().as_str(), "GHSA-jfh8-c2jp-5v3q");
        assert_eq!(Identifier::parse("two words"), None);
        assert_eq!(Identifier::parse(""), None);
    }

    #[test]
    fn free_text_yields_each_name_once() {
        let ids = Identifier::find_in("(CVE-2023-0634) see CVE-2023-0634, ghsa-jfh8-c2jp-5v3q; not CVE-20-1");
        assert_eq!(ids.iter().map(Identifier::as_str).collect::<Vec<_>>(), ["CVE-2023-0634", "GHSA-jfh8-c2jp-5v3q"]);
    }

    #[test]
    fn a_text_of_ever_more_names_yields_the_first_ones() {
        let text = (0..100_000).map(|number| format!("CVE-2024-{number:06} ")).collect::<String>();
        let mut ids = Identifier::find_in(&text);
        assert_eq!((ids.len(), ids[199].as_str()), (MOST_NAMES, "CVE-2024-000199"));
        Identifier::add_to(&mut ids, Identifier::parse("CVE-2025-0001").unwrap());
        assert_eq!(ids.len(), MOST_NAMES);
    }

    #[test]
    fn a_cve_sorts_before_other_names() {
        let mut ids: Vec<_> =
            ["AAA-1", "GHSA-jfh8-c2jp-5v3q", "CVE-2021-44228"].iter().filter_map(|s| Identifier::parse(s)).collect();
        ids.sort();
        assert_eq!(ids[0].as_str(), "CVE-2021-44228");
        assert_eq!(ids[2].as_str(), "AAA-1");
    }
}
