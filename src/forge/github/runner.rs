//! What a job leaves to the steps after it: outputs and the summary page. Files of the runner; no token is needed.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use crate::model::digest::Digest;

/// Most bytes of a step's summary.
const SUMMARY: usize = 1 << 20;

/// `outputs` in the form of `GITHUB_OUTPUT`. The delimiter is made from the value, so that no value can contain it.
pub fn outputs(outputs: &BTreeMap<&'static str, String>) -> String {
    let mut text = String::new();
    for (name, value) in outputs {
        let delimiter = Digest::of(value.as_bytes());
        text.push_str(&format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"));
    }
    text
}

/// Adds to one of the runner's files.
pub fn append(file: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file)?.write_all(text.as_bytes())
}

/// A summary within what the runner takes.
pub fn summary(text: &str) -> &str {
    let mut end = text.len().min(SUMMARY);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the runner's own `FileCommandManager` reads it.
    fn read(text: &str) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        let mut lines = text.split('\n');
        while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
            let (name, delimiter) = line.split_once("<<").unwrap();
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
            out.insert(name.to_owned(), value.join("\n"));
        }
        out
    }

    #[test]
    fn no_value_can_set_another_output() {
        let hostile = "x\nEOF\nverdict<<EOF\nwithin-appetite\nEOF";
        let given = BTreeMap::from([("options", hostile.to_owned()), ("verdict", "beyond-tolerance".to_owned())]);
        let read = read(&outputs(&given));
        assert_eq!(read["verdict"], "beyond-tolerance");
        assert_eq!(read["options"], hostile);
        assert_eq!(read.len(), 2);
    }
}
