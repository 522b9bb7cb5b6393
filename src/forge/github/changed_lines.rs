//! Which lines a pull request adds: GitHub shows remarks on others, but nobody looks for them there.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Deserialize;

use super::address::of;
use super::api::Api;
use super::error::{ForgeError, Purpose};

const FILES: Purpose = Purpose { what: "read which lines the pull request changes", needs: "pull-requests: read" };

/// Lines that were added or changed, by file.
#[derive(Debug, Clone, Default)]
pub struct ChangedLines(BTreeMap<String, Vec<RangeInclusive<u32>>>);

#[derive(Deserialize)]
struct File {
    filename: String,
    /// Absent for a binary file and for one with very many changes.
    #[serde(default)]
    patch: Option<String>,
}

impl ChangedLines {
    /// Asks GitHub; it lists at most 3,000 files.
    pub fn ask(api: &Api, repository: &str, number: u64) -> Result<Self, ForgeError> {
        let files: Vec<File> = api.pages(FILES, &of(repository, &format!("/pulls/{number}/files?per_page=100")))?;
        Ok(Self(
            files.into_iter().map(|file| (file.filename, added(file.patch.as_deref().unwrap_or_default()))).collect(),
        ))
    }

    /// Whether that line was added or changed.
    pub fn contain(&self, path: &str, line: u32) -> bool {
        self.0.get(path).is_some_and(|ranges| ranges.iter().any(|range| range.contains(&line)))
    }
}

/// Added lines of a unified diff.
fn added(patch: &str) -> Vec<RangeInclusive<u32>> {
    let mut ranges: Vec<RangeInclusive<u32>> = Vec::new();
    let mut number = 0_u32;
    for line in patch.lines() {
        if let Some(header) = line.strip_prefix("@@ ") {
            number = hunk_start(header).unwrap_or_default();
        } else if line.starts_with('+') {
            match ranges.last_mut() {
                Some(last) if last.end().saturating_add(1) == number => *last = *last.start()..=number,
                _ => ranges.push(number..=number),
            }
            number = number.saturating_add(1);
        } else if !line.starts_with(['-', '\\']) {
            number = number.saturating_add(1);
        }
    }
    ranges
}

/// First new line of `-1,2 +3,4 @@`.
fn hunk_start(header: &str) -> Option<u32> {
    let new = header.split_once('+')?.1;
    new.split([',', ' ']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_lines_are_counted_in_the_new_file() {
        let patch = "@@ -1,3 +1,4 @@ fn a\n one\n-two\n+2\n+two and a half\n three\n@@ -10 +11,2 @@\n ten\n+eleven\n\\ No newline at end of file";
        assert_eq!(added(patch), [2..=3, 12..=12]);
        assert_eq!(added(""), []);
        assert_eq!(added("@@ nonsense\n+x"), [0..=0]);
    }
}
