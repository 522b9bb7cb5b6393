//! Where a result is (SARIF 2.1.0, 3.4 and 3.14.14): artifact locations → repository paths.
//!
//! A location is a URI, mostly relative to a base that has a name, and bases may be relative to other bases. The base
//! that stands at the end of such a chain, or to which the version control details map the repository, is the root of
//! the repository; what lies below it is the path. An absolute URI is cut at the longest root that is known.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::wire::{self, ArtifactLocation, Message, PhysicalLocation};
use crate::ingest::path::{self, Place};
use crate::ingest::written::Written;
use crate::model::location::Location;

/// How deep bases may refer to bases; beyond it, or in a circle, the rest of the chain is left out.
const DEEPEST: usize = 8;

/// Most folders that are tried as the root.
const MOST_ROOTS: usize = 16;

/// What a run says about places.
#[derive(Debug, Default)]
pub struct Places {
    /// `originalUriBaseIds`.
    pub bases: BTreeMap<String, ArtifactLocation>,
    /// Locations of `artifacts`, for results that only give an index.
    pub artifacts: Artifacts,
    /// Bases to which the repository is mapped.
    pub repository: Vec<ArtifactLocation>,
    /// Working directories of the tool.
    pub working: Vec<ArtifactLocation>,
}

impl Places {
    /// Absolute paths of folders that can be the repository's root, longest first.
    pub fn roots(&self) -> Vec<String> {
        let mut roots: Vec<String> = self
            .repository
            .iter()
            .chain(self.bases.values())
            .chain(&self.working)
            .filter_map(|location| match Place::of_uri(location.uri.as_deref()?)? {
                Place::File(path) if path::is_absolute(&path) => Some(path),
                _ => None,
            })
            .collect();
        roots.sort_by_key(|root| std::cmp::Reverse(root.len()));
        roots.dedup();
        roots.truncate(MOST_ROOTS);
        roots
    }

    /// Where an artifact location points.
    pub fn resolve<S: Deref<Target = str>>(&self, written: &ArtifactLocation<S>, roots: &[String]) -> Option<Place> {
        let (uri, base) = match written.uri.as_deref() {
            Some(uri) => (uri, written.uri_base_id.as_deref()),
            None => self.artifacts.at(usize::try_from(written.index?).ok()?)?,
        };
        let uri = uri.trim();
        Some(match Place::of_uri(uri)? {
            Place::File(file) if path::is_absolute(&file) => {
                Place::File(roots.iter().find_map(|root| path::below(&file, root)).unwrap_or(&file).to_owned())
            }
            Place::File(file) => match self.prefix(base) {
                prefix if prefix.is_empty() => Place::File(file),
                prefix => Place::of_path(&format!("{prefix}{uri}"))?,
            },
            Place::Address(url) => hosted_path(&url).and_then(Place::of_path).unwrap_or(Place::Address(url)),
            other @ Place::Thing(_) => other,
        })
    }

    /// What the bases add before a relative path, up to the root of the repository.
    fn prefix(&self, base: Option<&str>) -> String {
        let mut prefix = String::new();
        let mut base = base;
        for _ in 0..DEEPEST {
            let Some(location) = base.and_then(|id| self.bases.get(id)) else { break };
            let root = self.repository.iter().take(MOST_ROOTS).any(|mapped| mapped.uri_base_id.as_deref() == base);
            let uri = location.uri.as_deref().unwrap_or_default().trim();
            match Place::of_uri(uri) {
                Some(Place::File(folder)) if !root && !path::is_absolute(&folder) => prefix = format!("{uri}/{prefix}"),
                _ => break,
            }
            base = location.uri_base_id.as_deref();
        }
        prefix
    }
}

/// The path of a file of a repository in the address of the page that shows it: a file, not a running system.
/// `https://github.com/OWNER/NAME/blob/REF/PATH#L3`, `https://HOST/GROUP/NAME/-/blob/REF/PATH`,
/// `https://bitbucket.org/OWNER/NAME/src/REF/PATH`.
fn hosted_path(url: &str) -> Option<&str> {
    let page = url.split(['?', '#']).next()?;
    let (host, rest) = page.split_once("://")?.1.split_once('/')?;
    let below = |folder: &str| {
        let mut parts = rest.splitn(4, '/').skip(2);
        (parts.next()? == folder).then(|| parts.next()).flatten()
    };
    let of_ref = match host {
        "github.com" => below("blob"),
        "bitbucket.org" => below("src"),
        _ => rest.split_once("/-/blob/").map(|(_, of_ref)| of_ref),
    };
    of_ref?.split_once('/').map(|(_, path)| path).filter(|path| !path.is_empty())
}

/// The locations of the artifacts that a log lists, end to end in one text: there may be a million of them.
#[derive(Debug, Default)]
pub struct Artifacts {
    text: String,
    /// Those that have an address, by their index in the log's list.
    listed: Vec<Listed>,
    /// Length of the log's list.
    length: usize,
}

/// Where a location begins in the text, and how long its address is and the name of the base behind it, if one is given.
#[derive(Debug)]
struct Listed {
    index: usize,
    begin: usize,
    uri: u32,
    base: Option<u32>,
}

impl Artifacts {
    /// Adds the next one; `None` if it has no location, or none that anybody will ask for.
    pub fn push(&mut self, location: Option<&ArtifactLocation>) {
        let (index, begin) = (self.length, self.text.len());
        self.length += 1;
        let mut add = |text: Option<&str>| {
            let text = text?;
            let length = u32::try_from(text.len()).ok()?;
            self.text.push_str(text);
            Some(length)
        };
        let Some(location) = location else { return };
        let Some(uri) = add(location.uri.as_deref()) else { return };
        let base = add(location.uri_base_id.as_deref());
        self.listed.push(Listed { index, begin, uri, base });
    }

    /// Address and base of the one at an index, if it has an address.
    fn at(&self, index: usize) -> Option<(&str, Option<&str>)> {
        let at = self.listed.binary_search_by_key(&index, |listed| listed.index).ok()?;
        let listed = &self.listed[at];
        let (uri, rest) = self.text.get(listed.begin..)?.split_at_checked(usize::try_from(listed.uri).ok()?)?;
        Some((uri, listed.base.and_then(|length| rest.get(..usize::try_from(length).ok()?))))
    }
}

/// The place in the file that a location was resolved to.
pub fn in_file(path: String, written: &wire::Location<'_>) -> Location {
    let physical = &written.physical_location;
    let line = |line: Option<i64>| line.and_then(|line| u32::try_from(line).ok()).filter(|&line| line > 0);
    let (start, end) = (line(physical.region.start_line), line(physical.region.end_line));
    Location { path, line: start, end_line: end.or(start), snippet: snippet(physical) }
}

/// The quoted code: of the region itself, else of its surroundings.
fn snippet(physical: &PhysicalLocation<'_>) -> Option<String> {
    let quoted = |snippet: &Option<Box<Message<Written<'_>>>>| {
        snippet.as_deref().map(Message::plain).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    quoted(&physical.region.snippet).or_else(|| quoted(&physical.context_region.snippet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(uri: &str, base: Option<&str>) -> ArtifactLocation {
        ArtifactLocation { uri: Some(uri.to_owned()), uri_base_id: base.map(str::to_owned), index: None }
    }

    fn path(places: &Places, written: &ArtifactLocation) -> String {
        match places.resolve(written, &places.roots()) {
            Some(Place::File(path)) => path,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn bases_are_followed_up_to_the_root_of_the_repository() {
        let mut places = Places::default();
        places.bases.insert("ROOT".into(), at("file://build.example.com/work/", None));
        places.bases.insert("SRC".into(), at(" src/", Some("ROOT")));
        places.bases.insert("LOOP".into(), at("x/", Some("LOOP")));
        assert_eq!(path(&places, &at("a/list.h", Some("SRC"))), "src/a/list.h");
        assert_eq!(path(&places, &at("a/list.h", Some("ROOT"))), "a/list.h");
        assert_eq!(path(&places, &at("a/list.h", Some("%SRCROOT%"))), "a/list.h");
        assert_eq!(path(&places, &at("../../a", Some("SRC"))), "a");
        assert!(path(&places, &at("a", Some("LOOP"))).ends_with("/a"));
    }

    #[test]
    fn an_absolute_address_is_cut_at_the_longest_known_root() {
        let mut places = Places::default();
        places.working.push(at("file:///home/u/repo", None));
        places.bases.insert("ALL".into(), at("file:///", None));
        assert_eq!(path(&places, &at("file:///home/u/repo/src/a.js", None)), "src/a.js");
        assert_eq!(path(&places, &at("file:///opt/a.js", None)), "/opt/a.js");
    }

    #[test]
    fn the_page_of_a_file_in_a_repository_is_the_file() {
        let places = Places::default();
        for page in [
            "https://github.com/o/r/blob/55d152a/config/a%20b.php#L3",
            "https://gitlab.example.com/g/s/r/-/blob/main/config/a%20b.php",
            "https://bitbucket.org/o/r/src/55d152a/config/a%20b.php?at=main",
        ] {
            assert_eq!(path(&places, &at(page, None)), "config/a b.php");
        }
        for other in ["https://github.com/o/r/blob/main", "https://shop.example/o/r/blob/main/a.php"] {
            assert!(matches!(places.resolve(&at(other, None), &[]), Some(Place::Address(_))), "{other}");
        }
    }

    #[test]
    fn an_index_stands_for_the_artifact() {
        let mut places = Places::default();
        places.bases.insert("SRC".into(), at("src/", None));
        for artifact in [None, Some(at("a.c", Some("SRC"))), Some(ArtifactLocation::default()), Some(at("b.c", None))] {
            places.artifacts.push(artifact.as_ref());
        }
        let by_index = |index| ArtifactLocation { index: Some(index), ..ArtifactLocation::default() };
        assert_eq!(path(&places, &by_index(1)), "src/a.c");
        assert_eq!(path(&places, &by_index(3)), "b.c");
        for nothing in [-1, 0, 2, 4] {
            assert_eq!(places.resolve(&by_index(nothing), &[]), None);
        }
    }
}
