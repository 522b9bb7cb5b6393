//! Where reports usually lie, for a person who names none.
//!
//! A closed list, shown to whoever asks and to whoever has no report: nothing else is looked at, so that a search never
//! walks through a whole repository. What is found is recognised by its content like any other file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use tracing::warn;
use walkdir::WalkDir;

use super::bytes::Limits;

/// Folders that hold reports; searched with everything below them.
pub const USUAL_FOLDERS: &[&str] = &[
    ".detente/reports",
    "results",
    "reports",
    "scan-results",
    "security-reports",
    "security-results",
    "build/reports",
    "target/reports",
];

/// Names of reports beside the sources and in build folders.
pub const USUAL_NAMES: &[&str] = &[
    "*.sarif",
    "*.sarif.json",
    "gl-*-report.json",
    "{bandit,brakeman,checkov,detect-secrets,dependency-check,gitleaks,gosec,grype,hadolint,kics,njsscan,nuclei,retire}*.json",
    "{osv,semgrep,snyk,sonar,tfsec,trivy,trufflehog,wapiti,zap,zizmor}*.json",
    "{npm,pip,pnpm,yarn,cargo}-audit*.json",
    "{dependency-check,spotbugs,zap,nessus,burp}*.xml",
    "{report,results}.{json,xml}",
    "{bom,*.cdx,*.cyclonedx}.{json,xml}",
    "target/{dependency-check-report.json,dependency-check-report.xml,spotbugsXml.xml,bom.json}",
    "build/{bom.json,spotbugs.xml}",
];

/// How deep the usual folders are searched.
const DEPTH: usize = 8;

/// A file in a usual place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Path from the root, with `/`.
    pub name: String,
    /// Path to open.
    pub path: PathBuf,
}

/// Files in the usual places of `root`, each once, ordered by name; and whether there were more than are looked at.
pub(super) fn candidates(root: &Path, limits: &Limits) -> (Vec<Candidate>, bool) {
    let mut found = BTreeSet::new();
    let mut more = false;
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    // A folder on the way may be a link too.
    let inside = |folder: &str| root.join(folder).canonicalize().is_ok_and(|found| found == real.join(folder));
    for folder in USUAL_FOLDERS.iter().filter(|folder| inside(folder)) {
        for entry in WalkDir::new(root.join(folder)).max_depth(DEPTH).sort_by_file_name() {
            // A usual folder that is not there is the usual case. Links are not followed: a change could have them lead
            // anywhere.
            let Ok(entry) = entry else { continue };
            if found.len() >= limits.files {
                more = true;
                break;
            }
            if entry.file_type().is_file() {
                found.extend(candidate(root, entry.path()));
            }
        }
    }
    for names in USUAL_NAMES {
        let (folder, pattern) = names.split_once('/').unwrap_or(("", names));
        let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() else {
            warn!("{names} is not a pattern");
            continue;
        };
        let matcher = glob.compile_matcher();
        let entries = if folder.is_empty() || inside(folder) { std::fs::read_dir(root.join(folder)) } else { continue };
        let Ok(entries) = entries else { continue };
        for entry in entries.flatten() {
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file && matcher.is_match(entry.file_name()) && found.len() < limits.files {
                found.extend(candidate(root, &entry.path()));
            }
        }
    }
    (found.into_iter().collect(), more)
}

/// Whether a path from the root, with `/`, is one of the usual places.
pub fn is_usual() -> impl Fn(&str) -> bool {
    let glob = |names: &&str| GlobBuilder::new(names).literal_separator(true).build().ok();
    let names: Vec<GlobMatcher> = USUAL_NAMES.iter().filter_map(glob).map(|glob| glob.compile_matcher()).collect();
    move |path| {
        let below = |folder: &&str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let own = path.rsplit('/').next().is_some_and(|name| is_own(name.as_bytes()));
        !own && (USUAL_FOLDERS.iter().any(below) || names.iter().any(|names| names.is_match(path)))
    }
}

/// What this program writes itself is called so: a run must not judge the output of the one before. The second is what GitLab
/// calls a report of code quality, whoever wrote it: it is none of a security test.
const OWN: [&str; 2] = ["detente.", "gl-code-quality-report."];

fn is_own(name: &[u8]) -> bool {
    OWN.iter().any(|own| name.starts_with(own.as_bytes()))
}

fn candidate(root: &Path, path: &Path) -> Option<Candidate> {
    if is_own(path.file_name()?.as_encoded_bytes()) {
        return None;
    }
    let inside = path.strip_prefix(root).ok()?;
    Some(Candidate { name: inside.to_string_lossy().replace('\\', "/"), path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_name_is_a_pattern_within_one_folder() {
        for names in USUAL_NAMES {
            let (folder, pattern) = names.split_once('/').unwrap_or(("", names));
            assert!(!folder.contains(['*', '{', '?']), "{names}");
            assert!(GlobBuilder::new(pattern).literal_separator(true).build().is_ok(), "{names}");
        }
    }

    #[test]
    fn only_the_usual_places_are_looked_at() {
        let root = tempfile::tempdir().unwrap();
        let files = [
            "results/a/trivy.json",
            "trivy-image.json",
            "src/deep.sarif",
            "package.json",
            "x.sarif",
            "detente.sarif",
            "gl-code-quality-report.json",
        ];
        for file in files {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "{}").unwrap();
        }
        let (found, more) = candidates(root.path(), &Limits::default());
        let names: Vec<&str> = found.iter().map(|candidate| candidate.name.as_str()).collect();
        assert_eq!(names, ["results/a/trivy.json", "trivy-image.json", "x.sarif"]);
        assert!(!more);
        let usual = is_usual();
        assert_eq!(
            files.into_iter().filter(|file| usual(file)).collect::<Vec<_>>(),
            names,
            "by their names alone, too"
        );
        assert!(usual("target/bom.json") && usual("gl-api-fuzzing-report.json"));
        assert!(!usual("resultsets/x.json") && !usual("a/gl-sast-report.json") && !usual("results/detente.sarif"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_elsewhere_is_not_read() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(elsewhere.path().join("x.sarif"), "{}").unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("x.sarif"), root.path().join("y.sarif")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join("results")).unwrap();
        let (found, _) = candidates(root.path(), &Limits::default());
        assert!(found.is_empty(), "{found:?}");
    }
}
