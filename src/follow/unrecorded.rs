//! What scanners were told to leave out without anybody having accepted it on record.
//!
//! Two places say so: a report, of findings that it was told not to count; and lines of the repository, in files that list
//! what to leave out or beside the code. A line counts as recorded only if it names what a waiver accepts, where that
//! scanner takes it.

use super::waivers::Accepted;
use crate::model::ledger::{Baseline, BaselineException};

/// Files in which a waiver is handed to a scanner.
const LISTS: [&str; 5] = [".trivyignore", ".grype.yaml", ".grype.yml", "osv-scanner.toml", ".snyk"];

/// How lines of these files begin that leave nothing out by themselves.
const STRUCTURE: [&str; 7] = ["ignore:", "version:", "[[ignoredvulns]]", "ignoreuntil", "reason", "expires", "- '*':"];

/// How many findings a sentence names.
const MOST_NAMED: usize = 3;

/// Whether a scanner's word for leaving something out is a statement (VEX) and no acceptance: that nothing is wrong is
/// somebody's finding, that something may stay wrong is a decision.
pub fn is_statement(kind: &str) -> bool {
    kind == "vex"
}

/// Those of the findings (id, title) that scanners were told not to count behind which no waiver stands.
pub fn findings<'f>(told: &[(&'f str, &'f str)], standing: &[Accepted<'_>]) -> Vec<(&'f str, &'f str)> {
    let recorded = |id: &str| {
        let mut holding = standing.iter().filter(|accepted| accepted.holds);
        holding.any(|accepted| accepted.waiver.findings.iter().any(|finding| finding.id == id))
    };
    told.iter().filter(|(id, _)| !recorded(id)).copied().collect()
}

/// The same in a sentence; `None` if there is none.
pub fn findings_in_words(unrecorded: &[(&str, &str)]) -> Option<String> {
    let mut named: Vec<String> =
        unrecorded.iter().take(MOST_NAMED).map(|(id, title)| format!("{title} ({id})")).collect();
    if unrecorded.len() > MOST_NAMED {
        named.push(format!("{} more", unrecorded.len() - MOST_NAMED));
    }
    let (findings, them) = match unrecorded.len() {
        0 => return None,
        1 => ("1 finding".to_owned(), "it"),
        many => (format!("{many} findings"), "them"),
    };
    Some(format!(
        "Scanners were told not to count {findings}, and no waiver stands behind it: {}. Accept {them} on record \
         (`detente waive`), or let the scanners count {them}.",
        named.join("; ")
    ))
}

/// What scanners were told at a baseline without a waiver: a sentence about findings, and one about lines in files.
pub fn at(latest: &Baseline, standing: &[Accepted<'_>]) -> Vec<String> {
    let told: Vec<(&str, &str)> = latest
        .suppressed
        .iter()
        .filter(|finding| !is_statement(&finding.kind))
        .map(|finding| (finding.id.as_str(), finding.title.as_str()))
        .collect();
    let mut out: Vec<String> = findings_in_words(&findings(&told, standing)).into_iter().collect();
    let signed = |line: &&BaselineException| signs(standing, &line.path, &line.tool, &line.text);
    let unsigned: Vec<&BaselineException> = latest.exceptions.iter().filter(|line| !signed(line)).collect();
    let mut files: Vec<&str> = unsigned.iter().map(|line| line.path.as_str()).collect();
    files.dedup();
    let (lines, tell, them) = match unsigned.len() {
        0 => return out,
        1 => ("1 line".to_owned(), "tells", "it"),
        many => (format!("{many} lines"), "tell", "them"),
    };
    out.push(format!(
        "{lines} in {} {tell} scanners what to leave out, and no waiver stands behind {them}.",
        files.join(", ")
    ));
    out
}

/// Whether a waiver stands behind a line that tells a scanner what to leave out.
pub fn signs(standing: &[Accepted<'_>], path: &str, tool: &str, text: &str) -> bool {
    let list = path.rsplit('/').next().is_some_and(|name| LISTS.contains(&name));
    let mut holding = standing.iter().filter(|accepted| accepted.holds).peekable();
    if holding.peek().is_none() {
        return false;
    }
    let plain = text.trim().to_ascii_lowercase();
    if list && STRUCTURE.iter().any(|begin| plain.starts_with(begin)) {
        return true;
    }
    let names = |name: &str| words(text).any(|word| word.eq_ignore_ascii_case(name));
    holding.flat_map(|accepted| &accepted.waiver.findings).any(|finding| {
        let seen = finding.saw.iter().any(|(by, rule)| speaks_to(tool, by) && names(rule));
        let known = || finding.identifiers.iter().any(|name| names(name));
        if list { seen || known() } else { seen && finding.path == path }
    })
}

/// Whether one of the scanners that a line speaks to (`Bandit, gosec`) is this tool.
pub fn speaks_to(names: &str, tool: &str) -> bool {
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let tool = plain(tool);
    names.split(',').map(plain).any(|name| !name.is_empty() && tool.contains(&name))
}

/// What a line names: its words, and what stands before a colon in them. None of them is empty.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ',' | '[' | ']'))
        .flat_map(|word| [Some(word), word.split_once(':').map(|(front, _)| front)])
        .flatten()
        .filter(|word| !word.is_empty())
}
