//! What a requirements file pins to the same version before and after a change.
//!
//! Such a package was there before, whatever else the change does to the file. Only lines that leave no doubt count:
//! one exact version, for every environment, from the same sources.

use std::collections::{BTreeMap, BTreeSet};

use super::comments::Comments;

/// The packages that both versions of the file at `path` pin alike, as name in lower case and version; none for files
/// of other kinds. A file of constraints installs nothing by itself.
pub fn kept(path: &str, before: &[u8], after: &[u8]) -> BTreeSet<(String, String)> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let kind = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if !matches!(kind, "txt" | "in") || name.starts_with("constraints") {
        return BTreeSet::new();
    }
    let (before, after) = (Requirements::of(path, before), Requirements::of(path, after));
    if before.options != after.options {
        return BTreeSet::new();
    }
    let same = |line: &&String| after.lines.contains(*line);
    before.lines.iter().filter(same).filter_map(|line| pin(line)).collect()
}

/// The lines of a requirements file, without comments, each with what it goes on with.
#[derive(Default)]
struct Requirements {
    lines: BTreeSet<String>,
    /// Where packages come from, and what else holds for all of them.
    options: BTreeMap<String, usize>,
}

impl Requirements {
    fn of(path: &str, content: &[u8]) -> Self {
        let text = String::from_utf8_lossy(content);
        let (mut comments, mut read, mut line) = (Comments::of(path), Self::default(), String::new());
        for part in text.lines().filter_map(|part| comments.strip(part)) {
            let (part, goes_on) = part.trim().strip_suffix('\\').map_or((part.trim(), false), |part| (part, true));
            line.push_str(part);
            line.push(' ');
            if !goes_on {
                read.add(&std::mem::take(&mut line));
            }
        }
        read.add(&line);
        read
    }

    fn add(&mut self, line: &str) {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.starts_with('-') {
            *self.options.entry(line).or_default() += 1;
        } else if !line.is_empty() {
            self.lines.insert(line);
        }
    }
}

/// The package and the one version that a line pins.
fn pin(line: &str) -> Option<(String, String)> {
    let (name, version) = line.split_once("==")?;
    // Extras bring other packages; this one stays the same.
    let name = name.split('[').next().unwrap_or(name).trim();
    let mut rest = version.trim().split(' ');
    let version = rest.next()?;
    let plain = |text: &str, more: &[char]| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
    };
    // A version for some environments only, or one of several conditions, says less than that.
    let only_hashes = rest.all(|option| option.starts_with("--hash"));
    (plain(name, &['.', '_', '-']) && plain(version, &['.', '+', '!', '-', '_']) && only_hashes)
        .then(|| (name.to_lowercase(), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(before: &str, after: &str) -> Vec<String> {
        kept("requirements.txt", before.as_bytes(), after.as_bytes()).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_pin_that_stays_was_there_before() {
        let before =
            "# old\nFlask[async]==0.12  # until Django\nrequests==2.19.0\nyaml==5.1 \\\n  --hash=sha256:ab\nz==1\n";
        let after = "z==1\nFlask[async]==0.12\nrequests==2.20.0\nyaml==5.1 --hash=sha256:ab # same\n";
        assert_eq!(names(before, after), ["flask", "yaml", "z"]);
    }

    #[test]
    fn what_leaves_a_doubt_is_no_pin() {
        for line in ["a==1.*", "a==1,<2", "a>=1", "a", "a==1; python_version < '3'", "a @ https://x/==1", "a===1"] {
            assert!(names(line, line).is_empty(), "{line}");
        }
        assert!(names("a==1 --hash=sha256:ab", "a==1 --hash=sha256:cd").is_empty());
        assert!(names("a==1\n", "--index-url https://other.example\na==1\n").is_empty());
        assert!(kept("constraints.txt", b"a==1", b"a==1").is_empty());
    }
}
