//! The origin of a problem of a package: does the change touch that package in a manifest or lockfile?

use std::collections::HashMap;

use crate::model::change::{Change, ChangedFile, Manifest};
use crate::model::component::Component;
use crate::model::finding::Finding;
use crate::model::origin::Origin;

use super::super::package;
use super::verdict::{Verdict, unknown};

/// The manifests and lockfiles of a repository, and which packages the change names in them.
pub struct Manifests<'c> {
    change: &'c Change,
    touched: Vec<Touched<'c>>,
    /// Positions in `touched` by a word that stands in its changed lines.
    naming: HashMap<String, Vec<usize>>,
    /// The same by a word that stood nowhere in it before.
    fresh: HashMap<String, Vec<usize>>,
}

struct Touched<'c> {
    path: &'c str,
    /// Folder of the project that it belongs to.
    home: &'c str,
    manifest: Manifest,
    file: &'c ChangedFile,
}

impl<'c> Manifests<'c> {
    /// Makes a change ready.
    pub fn of(change: &'c Change) -> Self {
        let mut touched = Vec::new();
        let (mut naming, mut fresh): (HashMap<String, Vec<usize>>, HashMap<String, Vec<usize>>) = Default::default();
        for (path, manifest) in &change.manifests {
            let Some(file) = change.files.get(path).filter(|file| file.opaque || !file.words.is_empty()) else {
                continue;
            };
            if manifest.ecosystems.contains(&"container") {
                continue;
            }
            for (words, places) in [(&file.words, &mut naming), (&file.fresh, &mut fresh)] {
                for word in words {
                    let at = places.entry(package::loose(word)).or_default();
                    if at.last() != Some(&touched.len()) {
                        at.push(touched.len());
                    }
                }
            }
            touched.push(Touched { path, home: home(path, manifest, change), manifest: *manifest, file });
        }
        Self { change, touched, naming, fresh }
    }

    /// Whether the change brings any package to a place where it was not before.
    pub fn may_bring(&self) -> bool {
        !self.fresh.is_empty() || self.change.files.values().any(|file| file.created)
    }

    /// How the change brings a known problem to a place where it was not before, if it does: `was_in` tells of a folder
    /// whether the problem was known there.
    pub fn arrival(&self, finding: &Finding, was_in: &dyn Fn(&str) -> bool) -> Option<String> {
        let component = finding.component.as_ref()?;
        let words = words_for(&package::ecosystem(&component.ecosystem), &component.name);
        let named: Vec<&Touched<'_>> =
            words.iter().filter_map(|word| self.fresh.get(word)).flatten().map(|at| &self.touched[*at]).collect();
        finding.locations.iter().filter(|location| !was_in(folder(&location.path))).find_map(|location| {
            let manifest = named.iter().find(|touched| folder(touched.path) == folder(&location.path));
            let itself =
                || self.change.files.get_key_value(&location.path).filter(|(_, file)| file.created && !file.manifest);
            match manifest {
                Some(touched) => Some(format!("{} holds {} only since this change", touched.path, component.name)),
                None => itself().map(|(path, _)| format!("{path} is new with this change")),
            }
        })
    }

    /// The origin of a problem of `component`.
    pub fn judge(&self, finding: &Finding, component: &Component) -> Verdict {
        // A library that lies in the repository itself comes with its own file.
        for location in &finding.locations {
            if let Some(file) = self.change.files.get(&location.path).filter(|file| !file.manifest) {
                let how = if file.created { "is new with" } else { "is touched by" };
                return (Origin::Introduced, format!("{} {how} this change", location.path));
            }
        }
        let ecosystem = package::ecosystem(&component.ecosystem);
        let folders = self.folders(finding);
        let concerns = |touched: &&Touched<'_>| {
            (ecosystem.is_empty() || touched.manifest.ecosystems.contains(&ecosystem.as_str()))
                && folders.as_ref().is_none_or(|folders| folders.contains(&touched.home))
        };
        let touched: Vec<&Touched<'_>> = self.touched.iter().filter(concerns).collect();
        let kind = if ecosystem.is_empty() { "dependency" } else { ecosystem.as_str() };
        let Some(first) = touched.first() else {
            return (
                Origin::Ambient,
                format!("no {kind} manifest or lockfile that concerns it changes in this change"),
            );
        };
        let name = &component.name;
        if let Some(touched) = pinned(&touched, finding, component) {
            let version = &component.version;
            return (
                Origin::Ambient,
                format!("{} pins {name} to {version} before and after this change", touched.path),
            );
        }
        let mut named = words_for(&ecosystem, name).into_iter().filter_map(|word| self.naming.get(&word)).flatten();
        if let Some(at) = named.find(|at| touched.iter().any(|touched| touched.path == self.touched[**at].path)) {
            return (Origin::Introduced, format!("{} changes {name} in this change", self.touched[*at].path));
        }
        if let Some(touched) = touched.iter().find(|touched| touched.file.opaque) {
            return unknown(&format!("{} changes in this change, but its lines could not be compared", touched.path));
        }
        if self.complete(&touched, &ecosystem, component) {
            (Origin::Ambient, format!("{} changes in this change, but not {name}", first.path))
        } else {
            unknown(&format!("{} changes in this change, and without a lockfile {name} may come with it", first.path))
        }
    }

    /// Folders whose manifests can bring what was found: that of the file which the report names, and those above it
    /// (workspaces keep one lockfile for all). `None` if the report names no file of the repository.
    fn folders<'f>(&self, finding: &'f Finding) -> Option<Vec<&'f str>> {
        let mut folders: Vec<&str> = Vec::new();
        let known = |path: &String| self.change.paths.contains(path) || self.change.files.contains_key(path);
        for location in finding.locations.iter().filter(|location| known(&location.path)) {
            let mut path = location.path.as_str();
            while !path.is_empty() {
                path = folder(path);
                folders.push(path);
            }
        }
        (!folders.is_empty()).then_some(folders)
    }

    /// Whether a package that the changed lines do not name cannot come with them: a lockfile names all packages, and
    /// so does any manifest as to those that the project asks for itself.
    fn complete(&self, touched: &[&Touched<'_>], ecosystem: &str, component: &Component) -> bool {
        // A Maven version is often a property that the lines of the dependency only refer to.
        let literal = component.direct == Some(true) && ecosystem != "maven";
        let locked = |touched: &&Touched<'_>| {
            touched.manifest.lock
                || self.change.manifests.iter().any(|(path, manifest)| {
                    let shared = manifest.ecosystems.iter().any(|kind| touched.manifest.ecosystems.contains(kind));
                    manifest.lock && shared && is_at_or_above(folder(path), folder(touched.path))
                })
        };
        literal || touched.iter().all(locked)
    }
}

/// The folder of the project that a manifest belongs to: its own, or, of a part, the nearest one at or above with a whole
/// manifest, else the one above.
fn home<'p>(path: &'p str, manifest: &Manifest, change: &Change) -> &'p str {
    let own = folder(path);
    if !manifest.part {
        return own;
    }
    let shared = |other: &Manifest| other.ecosystems.iter().any(|kind| manifest.ecosystems.contains(kind));
    let wholes = change.manifests.iter().filter(|(_, other)| !other.part && shared(other));
    let above = wholes.map(|(path, _)| folder(path)).filter(|other| is_at_or_above(other, own));
    let nearest = above.map(str::len).max().unwrap_or(folder(own).len());
    &own[..nearest]
}

/// A file that shows that the change leaves the version of `component` as it was: the one that the report names, or
/// every one that concerns it.
fn pinned<'t, 'c>(touched: &[&'t Touched<'c>], finding: &Finding, component: &Component) -> Option<&'t Touched<'c>> {
    let loose = package::loose(&component.name);
    let pins = |touched: &&&'t Touched<'c>| {
        let mut pinned = touched.file.pinned.iter();
        pinned.any(|(name, version)| *version == component.version && package::loose(name) == loose)
    };
    let reported = |touched: &&&'t Touched<'c>| finding.locations.iter().any(|at| at.path == touched.path);
    let named = touched.iter().filter(reported).find(pins).copied();
    named.or_else(|| touched.first().copied().filter(|_| touched.iter().all(|touched| pins(&touched))))
}

/// The folder of a path, empty for the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_at_or_above(folder: &str, other: &str) -> bool {
    folder.is_empty() || other.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The words, in loose form, by which manifests may call a package.
fn words_for(ecosystem: &str, name: &str) -> Vec<String> {
    let mut words = vec![package::loose(&package::name(ecosystem, name))];
    match ecosystem {
        // Manifests give group and artifact on different lines.
        "maven" => words.extend(name.rsplit([':', '/']).next().map(package::loose)),
        "golang" if words[0] == "stdlib" => words = ["^go", "^toolchain"].map(str::to_owned).to_vec(),
        _ => {}
    }
    words
}
