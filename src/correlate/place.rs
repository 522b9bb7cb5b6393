//! Paths in reports, brought back to paths of the repository.
//!
//! Scanners write `./src/a.js`, `file:///github/workspace/src/a.js`, `/builds/group/project/src/a.js`, or `src/a.js`
//! seen from the subfolder they ran in. Where the files of the repository are known, a path is recognised if it is one
//! of them as it stands, or without the folders in front of it, or behind the folders of exactly one file. Whatever
//! fits several files, or none, keeps the report's own words: a wrong guess would be worse than none.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::change::Change;
use crate::model::report::Report;

/// Folders in which build services check out a repository; `*` stands for one segment.
const WORKSPACES: &[&[&str]] = &[
    &["github", "workspace"],
    &["home", "runner", "work", "*", "*"],
    &["Users", "runner", "work", "*", "*"],
    // Windows, with the drive taken off: `D:\a\shop\shop`, `C:\agent\_work\1\s`.
    &["a", "*", "*"],
    &["agent", "_work", "*", "s"],
    &["__w", "*", "*"],
    &["builds", "*", "*"],
    &["drone", "src"],
    &["bitbucket", "pipelines", "agent", "build"],
    &["var", "jenkins_home", "workspace", "*"],
    &["codebuild", "output", "*", "src"],
    &["workspace"],
    &["workdir"],
    &["src"],
    &["app"],
    &["code"],
    &["repo"],
    &["project"],
    &["scan"],
    &["zap", "wrk"],
];

/// The paths of reports and what they are in the repository.
#[derive(Debug, Default)]
pub struct Places<'a> {
    resolved: HashMap<&'a str, String>,
}

impl<'a> Places<'a> {
    /// Looks up every path of the reports among the files of the repository.
    pub fn of(reports: &'a [Report], change: &Change) -> Self {
        let files = Files::of(&change.paths);
        let mut resolved: HashMap<&'a str, String> = HashMap::new();
        let observations = reports.iter().flat_map(Report::seen);
        for location in observations.flat_map(|observation| &observation.locations) {
            if !resolved.contains_key(location.path.as_str()) {
                resolved.insert(&location.path, files.find(&location.path));
            }
        }
        Self { resolved }
    }

    /// The same for reports from before the change: a file that the change renames goes by its new name, so that the
    /// problems in it are recognised.
    pub fn before(reports: &'a [Report], change: &Change) -> Self {
        let mut old = change.clone();
        let mut renamed: BTreeMap<&str, &str> = BTreeMap::new();
        for (path, file) in &change.files {
            if let Some(old_path) = &file.old_path {
                old.paths.insert(old_path.clone());
                renamed.insert(old_path, path);
            }
        }
        let mut places = Self::of(reports, &old);
        for path in places.resolved.values_mut() {
            if let Some(new) = renamed.get(path.as_str()) {
                *path = (*new).to_owned();
            }
        }
        places
    }

    /// The repository path for a path of the reports, or that path in plain form if it is not recognised.
    pub fn resolve<'s>(&'s self, path: &'s str) -> &'s str {
        self.resolved.get(path).map_or(path, String::as_str)
    }
}

/// The files of a repository.
struct Files<'c> {
    paths: &'c BTreeSet<String>,
    /// Read from their ends, in order: those that end alike stand together. Few reports ask for it.
    by_end: OnceCell<Vec<(String, &'c str)>>,
}

impl<'c> Files<'c> {
    fn of(paths: &'c BTreeSet<String>) -> Self {
        Self { paths, by_end: OnceCell::new() }
    }

    fn find(&self, text: &str) -> String {
        let (path, absolute) = plain(text);
        let inside = absolute.then(|| in_workspace(&path)).flatten();
        if let Some(inside) = inside
            && (self.paths.is_empty() || self.paths.contains(inside))
        {
            return inside.to_owned();
        }
        if !absolute && self.paths.contains(&path) {
            return path;
        }
        self.without_front(&path).or_else(|| (!absolute).then(|| self.behind_front(&path)).flatten()).unwrap_or(path)
    }

    /// The longest end of `path`, of at least two segments, that is a file of the repository.
    fn without_front(&self, path: &str) -> Option<String> {
        let mut rest = path;
        while let Some((_, tail)) = rest.split_once('/') {
            if !tail.contains('/') {
                return None;
            }
            if self.paths.contains(tail) {
                return Some(tail.to_owned());
            }
            rest = tail;
        }
        None
    }

    /// The one file of the repository that ends in `path`, if there is exactly one.
    fn behind_front(&self, path: &str) -> Option<String> {
        let by_end = self.by_end.get_or_init(|| {
            let mut by_end: Vec<_> = self.paths.iter().map(|path| (from_end(path), path.as_str())).collect();
            by_end.sort_unstable();
            by_end
        });
        let end = from_end(path) + "/";
        let from = by_end.partition_point(|(candidate, _)| *candidate < end);
        let mut fitting = by_end[from..].iter().take_while(|(candidate, _)| candidate.starts_with(&end));
        let (_, first) = fitting.next()?;
        fitting.next().is_none().then(|| (*first).to_owned())
    }
}

fn from_end(path: &str) -> String {
    path.chars().rev().collect()
}

/// A path with `/` between segments, without scheme, drive, `.` and `..`; and whether it was absolute.
fn plain(text: &str) -> (String, bool) {
    let text = text.trim().replace('\\', "/");
    let text = text.strip_prefix("file://").unwrap_or(&text);
    let bytes = text.as_bytes();
    let drive = bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'/';
    let absolute = drive || text.starts_with('/');
    let mut segments: Vec<&str> = Vec::new();
    for segment in text[if drive { 2 } else { 0 }..].split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    (segments.join("/"), absolute)
}

/// What is left of an absolute path behind a folder in which build services check out.
fn in_workspace(path: &str) -> Option<&str> {
    WORKSPACES.iter().find_map(|workspace| {
        let mut rest = path;
        for expected in *workspace {
            let (segment, tail) = rest.split_once('/')?;
            if *expected != "*" && *expected != segment {
                return None;
            }
            rest = tail;
        }
        Some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(files: &[&str], path: &str) -> String {
        Files::of(&files.iter().map(|file| (*file).to_owned()).collect()).find(path)
    }

    #[test]
    fn the_same_file_is_recognised_however_it_is_written() {
        let files = ["src/app.js", "package.json", "services/pay/main.py"];
        for (path, expected) in [
            ("src/app.js", "src/app.js"),
            ("./src/app.js", "src/app.js"),
            ("src\\app.js", "src/app.js"),
            ("file:///github/workspace/src/app.js", "src/app.js"),
            ("/github/workspace/package.json", "package.json"),
            ("/builds/group/project/package.json", "package.json"),
            ("C:\\agent\\_work\\1\\s\\src\\app.js", "src/app.js"),
            ("D:\\a\\shop\\shop\\package.json", "package.json"),
            ("file:///D:/a/shop/shop/src/app.js", "src/app.js"),
            ("/Users/runner/work/shop/shop/package.json", "package.json"),
            ("checkout/src/app.js", "src/app.js"),
            ("main.py", "services/pay/main.py"),
            ("src/../src/app.js", "src/app.js"),
        ] {
            assert_eq!(find(&files, path), expected, "{path}");
        }
    }

    #[test]
    fn what_fits_several_files_or_none_is_not_guessed() {
        assert_eq!(find(&["a/main.py", "b/main.py"], "main.py"), "main.py");
        assert_eq!(find(&["site.py"], "/usr/lib/python3/site.py"), "usr/lib/python3/site.py");
        assert_eq!(find(&["src/app.js"], "vendor/app.js"), "vendor/app.js");
        assert_eq!(find(&["xsrc/app.js"], "src/app.js"), "src/app.js");
    }

    #[test]
    fn without_a_repository_only_known_workspaces_are_cut_off() {
        assert_eq!(find(&[], "/github/workspace/src/app.js"), "src/app.js");
        assert_eq!(find(&[], "/opt/thing/src/app.js"), "opt/thing/src/app.js");
    }
}
