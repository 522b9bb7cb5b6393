//! The command that brings a package to a version, for the package manager at hand.
//!
//! The manager is the one whose lockfile lies beside what names the package, or above it; without a lockfile the one
//! whose manifest that is; where nothing tells, the ecosystem's usual one, and the note says that it is assumed.
//!
//! Names, versions and folders come out of reports, and people paste commands into shells. So nothing is quoted or
//! escaped here: what is not made of the few characters that its ecosystem needs, and that no shell gives a meaning to,
//! gets no command.

mod managers;

use std::collections::BTreeSet;

use super::version::distance;
use managers::{Asked, GRADLE_WRAPPER, MANAGERS, Manager, Reach};

/// Characters of the longest word and of the whole line, so that no renderer has to cut a command.
const LONGEST_WORD: usize = 120;
const LONGEST_LINE: usize = 400;

/// A package and the version that it is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upgrade<'a> {
    /// Package type as in a purl.
    pub ecosystem: &'a str,
    /// Full package name as its ecosystem writes it.
    pub name: &'a str,
    /// Installed version, empty if unknown.
    pub from: &'a str,
    /// The version to have.
    pub to: &'a str,
    /// Whether the project asks for it itself.
    pub direct: Option<bool>,
}

/// What to type for an upgrade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradeCommand {
    /// The command line, for a POSIX shell in the root of the repository.
    pub command: String,
    /// The package manager.
    pub manager: &'static str,
    /// Whether nothing tells which manager the project uses.
    pub assumed: bool,
    /// What to do first and what to know, in sentences; empty if nothing.
    pub note: String,
}

/// Those of a repository's files that tell which manager is used where.
pub fn telling_files<'p>(paths: impl IntoIterator<Item = &'p String>) -> Vec<&'p str> {
    let tells = |name: &str| {
        name == GRADLE_WRAPPER
            || MANAGERS.iter().any(|m| Manager::knows(m.locks, name) || Manager::knows(m.manifests, name))
    };
    paths.into_iter().map(String::as_str).filter(|path| tells(&file_name(path))).collect()
}

/// The command for an upgrade; `None` if none is known for the ecosystem, the project's manager or the distance, or if a
/// name, version or folder is not plain enough for one.
///
/// `places` are the files in which the package was found, `files` those of [`telling_files`].
pub fn command(upgrade: &Upgrade<'_>, places: &[&str], files: &[&str]) -> Option<UpgradeCommand> {
    let (name, version) = spelled(upgrade)?;
    let rows: Vec<&Manager> = MANAGERS.iter().filter(|row| row.ecosystem == upgrade.ecosystem).collect();
    let site = Site::of(&rows, places, files);
    let choice = choose(&rows, &site, files)?;
    let compatible = distance(upgrade.from, upgrade.to).is_some_and(|step| step != "major");
    let asked = if upgrade.direct == Some(false) { Asked::Transitively } else { Asked::Directly };
    let form = choice.manager.forms.iter().find(|form| {
        (form.asked == Asked::ByAnyone || form.asked == asked) && (form.reach == Reach::Any || compatible)
    })?;

    let package = if is_plain(upgrade.from) { format!("{name}@{}", upgrade.from) } else { name.clone() };
    let folder = site.folder.unwrap_or_default();
    let gradle = gradle(folder, files);
    let fill = |text: &str| {
        text.replace("{package}", &package)
            .replace("{name}", &name)
            .replace("{version}", &version)
            .replace("{manifest}", &choice.manifest)
            .replace("{gradle}", &gradle)
    };
    let there = if folder.is_empty() { String::new() } else { format!("cd {folder} && ") };
    let command = there + &fill(form.command);
    let fits = command.len() <= LONGEST_LINE && command.split(' ').all(|word| word.len() <= LONGEST_WORD);
    if !(is_plain_path(folder) && is_plain_path(&choice.manifest) && fits) {
        return None;
    }

    let manager = choice.manager.name;
    let notes = [
        fill(form.edit),
        if choice.assumed { format!("That the project uses {manager} is assumed.") } else { String::new() },
        if upgrade.direct.is_none() && form.asked == Asked::Directly {
            "For a direct dependency; the report does not say whether it is one.".to_owned()
        } else {
            String::new()
        },
        if site.folder.is_none() && site.several {
            format!("Run it in the folder whose manifest brings in {name}.")
        } else {
            String::new()
        },
        fill(form.note),
    ];
    let note = notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join(" ");
    Some(UpgradeCommand { command, manager, assumed: choice.assumed, note })
}

/// Where the package is asked for.
struct Site<'a> {
    /// The folder, empty for the root of the repository; `None` if nothing tells.
    folder: Option<&'a str>,
    /// Whether there are several that it could be.
    several: bool,
    /// The files there in which it was found, by lower-case name.
    places: Vec<&'a str>,
}

impl<'a> Site<'a> {
    fn of(rows: &[&Manager], places: &[&'a str], files: &[&'a str]) -> Self {
        let concerns = |path: &&&str| {
            let name = file_name(path);
            rows.iter().any(|row| Manager::knows(row.locks, &name) || Manager::knows(row.manifests, &name))
        };
        let places: Vec<&str> = places.iter().filter(concerns).copied().collect();
        if let Some(first) = places.first() {
            return Self { folder: Some(folder(first)), several: false, places };
        }
        let folders: BTreeSet<&str> = files.iter().filter(concerns).map(|path| folder(path)).collect();
        let several = folders.len() > 1;
        Self { folder: folders.into_iter().next().filter(|_| !several), several, places }
    }
}

/// The manager chosen, and why.
struct Choice {
    manager: &'static Manager,
    /// Name of the file in which the package is asked for.
    manifest: String,
    assumed: bool,
}

/// First what was found in a lockfile, then the lockfiles in the folder, its manifests, and lockfiles further up. Where
/// the folder is not known, the files of the whole repository still tell a manager if there is but one.
fn choose(rows: &[&'static Manager], site: &Site<'_>, files: &[&str]) -> Option<Choice> {
    let found: Vec<&str> = site.places.iter().chain(files).copied().collect();
    let within = |folder: &str| -> Vec<&str> {
        found.iter().filter(|path| self::folder(path) == folder).map(|path| base_name(path)).collect()
    };
    let here = match site.folder {
        Some(folder) => within(folder),
        None => found.iter().map(|path| base_name(path)).collect(),
    };
    // Nothing is ever found in a settings file, but it tells as much as the lockfile beside it.
    let settings = here.iter().copied().filter(|name| name.starts_with('.') && !site.places.is_empty());
    let there: Vec<&str> = site.places.iter().map(|path| base_name(path)).chain(settings).collect();
    let by_lock = |names: &[&str]| {
        let locked = |row: &&&Manager| named(names, row.locks).is_some();
        let mut locked = rows.iter().filter(locked);
        // Two managers in one repository, and nothing that tells which of them has the package.
        let first = locked.next().copied();
        first.filter(|_| site.folder.is_some() || locked.next().is_none())
    };
    let by_manifest = |names: &[&str]| {
        rows.iter().copied().find(|row| is_its_own(row, rows) && named(names, row.manifests).is_some())
    };
    let told = by_lock(&there)
        .or_else(|| by_lock(&here))
        .or_else(|| by_manifest(&there))
        .or_else(|| by_manifest(&here))
        .or_else(|| site.folder.into_iter().flat_map(ancestors).find_map(|folder| by_lock(&within(folder))));
    let manager = told.or_else(|| rows.first().copied())?;
    let manifest = named(&there, manager.manifests)
        .or_else(|| named(&here, manager.manifests))
        .or_else(|| manager.manifests.first().copied())
        .or_else(|| named(&here, manager.locks));
    Some(Choice {
        manager,
        manifest: manifest.unwrap_or_default().to_owned(),
        assumed: told.is_none() && rows.len() > 1,
    })
}

/// The first name that fits the patterns, in the patterns' order.
fn named<'a>(names: &[&'a str], patterns: &[&str]) -> Option<&'a str> {
    patterns
        .iter()
        .find_map(|pattern| names.iter().copied().find(|name| Manager::knows(&[pattern], &name.to_ascii_lowercase())))
}

/// Whether no other manager reads the same manifests.
fn is_its_own(row: &Manager, rows: &[&Manager]) -> bool {
    let shares = |other: &&Manager| other.manifests.iter().any(|manifest| row.manifests.contains(manifest));
    rows.iter().filter(|other| shares(other)).all(|other| other.name == row.name)
}

/// How Gradle is started in a folder: by the wrapper in it or above it, if there is one.
fn gradle(folder: &str, files: &[&str]) -> String {
    let has_wrapper =
        |folder: &&str| files.iter().any(|path| base_name(path) == GRADLE_WRAPPER && self::folder(path) == *folder);
    let steps = std::iter::once(folder).chain(ancestors(folder)).position(|above| has_wrapper(&above));
    match steps {
        None => "gradle".to_owned(),
        Some(0) => "./gradlew".to_owned(),
        Some(up) => "../".repeat(up) + GRADLE_WRAPPER,
    }
}

/// The folders above a folder, nearest first, the root as the empty text.
fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |below| {
        (!below.is_empty()).then(|| below.rsplit_once('/').map_or("", |(above, _)| above))
    })
    .skip(1)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn file_name(path: &str) -> String {
    base_name(path).to_ascii_lowercase()
}

/// Whether a text begins with a letter or digit and goes on with those, `.`, `_`, `-` and `+`: an option of no program
/// and nothing to any shell.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+'))
}

/// Whether a path is relative, stays inside, and each of its segments is plain; a leading point is common in folders.
fn is_plain_path(path: &str) -> bool {
    path.is_empty() || path.split('/').all(|segment| is_plain(segment.strip_prefix('.').unwrap_or(segment)))
}

/// Whether a name has the shape of its ecosystem. To npm `a/b` would be a repository to fetch, to Maven a name with a
/// third part a version.
fn is_plain_name(ecosystem: &str, name: &str) -> bool {
    let parts = |separator| name.split(separator).filter(|part| is_plain(part)).count();
    let all = |separator| name.split(separator).count();
    match ecosystem {
        "npm" => match name.strip_prefix('@') {
            Some(scoped) => scoped.split_once('/').is_some_and(|(scope, name)| is_plain(scope) && is_plain(name)),
            None => is_plain(name),
        },
        "maven" => (parts(':'), all(':')) == (2, 2),
        "composer" => (parts('/'), all('/')) == (2, 2),
        "golang" => parts('/') == all('/'),
        _ => is_plain(name),
    }
}

/// Name and version as the manager writes them; `None` if one of them is not plain or names something else.
fn spelled(upgrade: &Upgrade<'_>) -> Option<(String, String)> {
    let plain = |version: &str| is_plain(version) && version.starts_with(|c: char| c.is_ascii_digit());
    if !is_plain_name(upgrade.ecosystem, upgrade.name) {
        return None;
    }
    if upgrade.ecosystem != "golang" {
        // A tag such as `latest`, or a range, is no version.
        return plain(upgrade.to).then(|| (upgrade.name.to_owned(), upgrade.to.to_owned()));
    }
    let number = |version: &str| version.trim_start_matches("go").trim_start_matches('v').to_owned();
    let (from, to) = (number(upgrade.from), number(upgrade.to));
    if !plain(&to) {
        return None;
    }
    if matches!(upgrade.name, "stdlib" | "toolchain") {
        return Some(("go".to_owned(), to));
    }
    // From version 2 on the major version is part of a module's path: another major version is another module.
    let major = |version: &str| version.split('.').next().and_then(|first| first.parse::<u64>().ok());
    let line = |version: &str| major(version).map(|major| major.max(1));
    (line(&from) == line(&to)).then(|| (upgrade.name.to_owned(), format!("v{to}")))
}

#[cfg(test)]
mod tests;
