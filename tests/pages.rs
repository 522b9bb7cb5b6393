//! What the pages tell people to write, held against what there is: versions, variables, conditions.

#![allow(clippy::unwrap_used, reason = "these functions serve tests only")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below `folder` with that ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|own| own == ending))
        .collect();
    found.sort();
    found
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// What follows `start` in `text`, each time, as far as a version or a name goes.
fn behind<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    let ends = |c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_';
    text.split(start).skip(1).map(move |rest| rest.split(ends).next().unwrap())
}

/// A release is tagged `v1.2.3`, and its line `v1`; the crate's version has no such letter.
#[test]
fn versions_on_the_pages_are_those_that_a_release_makes() {
    let version = env!("CARGO_PKG_VERSION");
    let (tag, line) = (format!("v{version}"), format!("v{}", version.split('.').next().unwrap()));
    let wanted = [
        ("OWNER/detente@", line.as_str()),
        ("detente/gate@", &tag),
        ("security/detente, ref: ", &tag),
        ("rev: ", &tag),
        (" detente@", version),
    ];
    let mut pages = files("docs", "md");
    pages.extend(["README.md", "templates/gate.yml"].map(|page| Path::new(env!("CARGO_MANIFEST_DIR")).join(page)));
    let mut met = BTreeSet::new();
    for page in pages {
        let text = read(&page);
        for (start, version) in wanted {
            for said in behind(&text, start) {
                assert_eq!(said, version, "{}: {start}", page.display());
                met.insert(start);
            }
        }
    }
    assert_eq!(met.len(), wanted.len(), "{met:?}");
}

/// What the program reads of the environment, by the names that stand in its source; what it writes is the renderer's.
#[test]
fn the_page_of_variables_has_each_one_that_is_read() {
    let mut read_by_us = BTreeSet::new();
    for file in files("src", "rs").iter().filter(|file| !file.components().any(|part| part.as_os_str() == "render")) {
        let text = read(file);
        read_by_us.extend(behind(&text, "\"DETENTE_").map(|name| format!("DETENTE_{name}")));
    }
    let page = read("docs/environment.md");
    let rows: BTreeSet<String> = page
        .lines()
        .filter(|line| line.starts_with("| `DETENTE_"))
        .map(|line| line.split('`').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(rows, read_by_us);
}

#[test]
fn the_help_of_a_command_speaks_of_that_command() {
    let help = |name: &str| {
        let output =
            assert_cmd::Command::cargo_bin("detente").unwrap().args(["ledger", name, "--help"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for name in ["pause", "resume"] {
        assert!(help(name).contains("<COMMITMENT>") && !help(name).contains("withdraw"), "{}", help(name));
    }
    assert!(help("withdraw").contains("<CHANGE>"), "{}", help("withdraw"));
    assert!(read("docs/ledger.md").contains("`detente ledger withdraw CHANGE"));
}

/// People copy the page; we run the file.
#[test]
fn the_workflow_that_publishes_runs_when_the_page_says_so() {
    let condition = |text: &str| {
        let line = text.lines().find(|line| line.contains("if: ") && line.contains("workflow_run.event")).unwrap();
        line.trim().trim_start_matches("if: ").trim_start_matches("${{ ").trim_end_matches(" }}").to_owned()
    };
    let page = condition(&read("docs/github.md"));
    assert_eq!(condition(&read(".github/workflows/publish.yml")), page);
    assert!(
        page.contains("github.event.workflow_run.conclusion != 'cancelled'"),
        "a run that was ended left nothing: {page}"
    );
}
