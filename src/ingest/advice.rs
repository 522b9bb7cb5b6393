//! Which version fixes a package, read from the sentence in which a report advises it: `Upgrade apt from 1.4.8 to 1.4.9`,
//! `Upgrade to version 2.2.3 or above.`, `There is no fixed version for …`.

use crate::model::component::Fix;

/// Beginnings and phrases of sentences that say that there is no fix.
const NONE: &[&str] = &["no fixed version", "no solution", "no fix available", "no known fix", "not fixed"];

/// The fix that `advice` names for `package`. Advice about several packages is a list of sentences; only the one that
/// names the package counts then.
pub fn fix(advice: &str, package: &str) -> Fix {
    let lower = advice.to_ascii_lowercase();
    if NONE.iter().any(|none| lower.contains(none)) {
        return Fix::NotAvailable;
    }
    let sentences: Vec<&str> = advice.split([';', '\n']).map(str::trim).filter(|s| !s.is_empty()).collect();
    let about = |sentence: &&&str| !package.is_empty() && sentence.split_whitespace().any(|word| word == package);
    let sentence = sentences.iter().find(about).or(sentences.first());
    sentence.map_or(Fix::Unknown, |sentence| Fix::in_versions(versions(sentence)))
}

/// The versions after the last `to`, up to the first word that is none.
fn versions(sentence: &str) -> Vec<&str> {
    let Some((_, advised)) = sentence.rsplit_once(" to ") else { return Vec::new() };
    let filler = |word: &str| matches!(word, "version" | "versions" | "release" | "at" | "least" | ">=" | "and");
    advised
        .split([' ', ','])
        .map(|word| word.trim_matches(['`', '\'', '"']).trim_end_matches('.'))
        .filter(|part| !part.is_empty() && !filler(part))
        .take_while(|part| part.contains(|c: char| c.is_ascii_digit()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_usual_sentences() {
        for (advice, package, versions) in [
            ("Upgrade apt from 1.4.8 to 1.4.9", "apt", &["1.4.9"][..]),
            ("Upgrade to version 2.2.3 or above.", "gopkg.in/yaml.v2", &["2.2.3"]),
            ("Upgrade libcrypto1.1 to 1.1.1d-r0", "libcrypto1.1", &["1.1.1d-r0"]),
            ("Upgrade to versions 2.3.4, 3.0.1 or above.", "x", &["2.3.4", "3.0.1"]),
            ("Upgrade a to version 1.0; Upgrade b to version 2.0", "b", &["2.0"]),
            ("Upgrade `Debian:12` `curl` to version 7.88.1-10+deb12u4 or higher.", "curl", &["7.88.1-10+deb12u4"]),
            ("Upgrade", "x", &[]),
            ("Use a safer function to copy strings", "x", &[]),
        ] {
            assert_eq!(fix(advice, package).versions(), versions, "{advice}");
        }
    }

    #[test]
    fn no_fix_is_not_the_same_as_no_word_about_it() {
        assert_eq!(fix("There is no fixed version for `Debian:12` `dav1d`.", "dav1d"), Fix::NotAvailable);
        assert_eq!(fix("Unfortunately, there is no solution available yet.", "x"), Fix::NotAvailable);
        assert_eq!(fix("", "x"), Fix::Unknown);
    }
}
