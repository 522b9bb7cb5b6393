//! Which files name packages: manifests and lockfiles, known by their file names.

use std::collections::BTreeMap;

use crate::model::change::Manifest;

/// How a file name is recognised; always without regard to case.
enum Name {
    Is(&'static str),
    Starts(&'static str),
    Ends(&'static str),
    /// Starts and ends.
    Between(&'static str, &'static str),
}
use Name::{Between, Ends, Is, Starts};

/// A manifest: what the project asks for itself.
const fn manifest(ecosystems: &'static [&'static str]) -> Manifest {
    Manifest { ecosystems, lock: false, part: false }
}

/// A lockfile: everything that is installed.
const fn lock(ecosystems: &'static [&'static str]) -> Manifest {
    Manifest { ecosystems, lock: true, part: false }
}

/// A part of a manifest in a file of its own.
const fn part(ecosystems: &'static [&'static str]) -> Manifest {
    Manifest { ecosystems, lock: false, part: true }
}

/// First match wins.
const MANIFESTS: &[(Name, Manifest)] = &[
    (Is("package.json"), manifest(&["npm"])),
    (Is("package-lock.json"), lock(&["npm"])),
    (Is("npm-shrinkwrap.json"), lock(&["npm"])),
    (Is("yarn.lock"), lock(&["npm"])),
    (Is("pnpm-lock.yaml"), lock(&["npm"])),
    (Is("bun.lock"), lock(&["npm"])),
    (Is("pnpm-workspace.yaml"), manifest(&["npm"])),
    (Is("bower.json"), manifest(&["bower", "npm"])),
    (Between("requirements", ".txt"), manifest(&["pypi"])),
    (Between("requirements", ".in"), manifest(&["pypi"])),
    (Between("constraints", ".txt"), manifest(&["pypi"])),
    (Is("pipfile"), manifest(&["pypi"])),
    (Is("pipfile.lock"), lock(&["pypi"])),
    (Is("poetry.lock"), lock(&["pypi"])),
    (Is("pdm.lock"), lock(&["pypi"])),
    (Is("uv.lock"), lock(&["pypi"])),
    (Is("pylock.toml"), lock(&["pypi"])),
    (Is("pyproject.toml"), manifest(&["pypi"])),
    (Is("setup.py"), manifest(&["pypi"])),
    (Is("setup.cfg"), manifest(&["pypi"])),
    (Is("environment.yml"), manifest(&["conda", "pypi"])),
    (Is("environment.yaml"), manifest(&["conda", "pypi"])),
    (Is("conda-lock.yml"), lock(&["conda", "pypi"])),
    (Is("cargo.toml"), manifest(&["cargo"])),
    (Is("cargo.lock"), lock(&["cargo"])),
    // Since Go 1.17 it lists indirect modules too.
    (Is("go.mod"), lock(&["golang"])),
    (Is("go.sum"), lock(&["golang"])),
    (Is("go.work"), manifest(&["golang"])),
    (Is("pom.xml"), manifest(&["maven"])),
    (Is("build.gradle"), manifest(&["maven"])),
    (Is("build.gradle.kts"), manifest(&["maven"])),
    (Is("gradle.properties"), manifest(&["maven"])),
    (Is("gradle.lockfile"), lock(&["maven"])),
    (Ends(".versions.toml"), part(&["maven"])),
    (Ends(".gradle"), part(&["maven"])),
    (Ends(".gradle.kts"), part(&["maven"])),
    (Is("build.sbt"), manifest(&["maven"])),
    (Ends(".sbt"), part(&["maven"])),
    (Is("dependencies.scala"), part(&["maven"])),
    (Is("ivy.xml"), manifest(&["maven"])),
    (Is("gemfile"), manifest(&["gem"])),
    (Is("gemfile.lock"), lock(&["gem"])),
    (Is("gems.rb"), manifest(&["gem"])),
    (Is("gems.locked"), lock(&["gem"])),
    (Ends(".gemspec"), manifest(&["gem"])),
    (Ends(".gemfile"), part(&["gem"])),
    (Is("composer.json"), manifest(&["composer"])),
    (Is("composer.lock"), lock(&["composer"])),
    (Ends(".csproj"), manifest(&["nuget"])),
    (Ends(".fsproj"), manifest(&["nuget"])),
    (Ends(".vbproj"), manifest(&["nuget"])),
    (Is("packages.lock.json"), lock(&["nuget"])),
    (Is("packages.config"), lock(&["nuget"])),
    (Is("directory.packages.props"), manifest(&["nuget"])),
    (Is("directory.build.props"), manifest(&["nuget"])),
    (Ends(".props"), part(&["nuget"])),
    (Ends(".targets"), part(&["nuget"])),
    (Is("paket.lock"), lock(&["nuget"])),
    (Is("mix.exs"), manifest(&["hex"])),
    (Is("mix.lock"), lock(&["hex"])),
    (Is("pubspec.yaml"), manifest(&["pub"])),
    (Is("pubspec.lock"), lock(&["pub"])),
    (Is("podfile"), manifest(&["cocoapods"])),
    (Is("podfile.lock"), lock(&["cocoapods"])),
    (Is("package.swift"), manifest(&["swift"])),
    (Is("package.resolved"), lock(&["swift"])),
    (Is("conanfile.txt"), manifest(&["conan"])),
    (Is("conanfile.py"), manifest(&["conan"])),
    (Is("conan.lock"), lock(&["conan"])),
    (Is("vcpkg.json"), manifest(&["vcpkg"])),
    (Is("renv.lock"), lock(&["cran"])),
    // A Dockerfile for another stage or purpose is named before or behind the dot.
    (Starts("dockerfile"), manifest(&["container"])),
    (Starts("containerfile"), manifest(&["container"])),
    (Ends(".dockerfile"), manifest(&["container"])),
    (Ends(".containerfile"), manifest(&["container"])),
    (Between("docker-compose", ".yml"), manifest(&["container"])),
    (Between("docker-compose", ".yaml"), manifest(&["container"])),
    (Between("compose", ".yml"), manifest(&["container"])),
    (Between("compose", ".yaml"), manifest(&["container"])),
];

/// What kind of manifest or lockfile a path names, if it does.
pub fn of(path: &str) -> Option<Manifest> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let fits = |expected: &Name| match expected {
        Is(text) => name == *text,
        Starts(text) => name.starts_with(text),
        Ends(text) => name.ends_with(text),
        Between(start, end) => name.starts_with(start) && name.ends_with(end),
    };
    let known = MANIFESTS.iter().find(|(expected, _)| fits(expected)).map(|(_, manifest)| *manifest);
    let folders = path.to_ascii_lowercase();
    let folders: Vec<&str> = folders.rsplit('/').skip(1).collect();
    // Gradle builds what is in this folder first, and the build takes versions from it.
    if folders.contains(&"buildsrc")
        && [".gradle", ".kts", ".kt", ".java", ".groovy"].iter().any(|end| name.ends_with(end))
    {
        return Some(part(&["maven"]));
    }
    // Python projects also keep their requirements in a folder of that name.
    let in_folder = folders.first().is_some_and(|folder| folder.ends_with("requirements")) && fits(&Ends(".txt"));
    known.filter(|_| !in_folder).or_else(|| in_folder.then(|| part(&["pypi"])))
}

/// The manifests and lockfiles among paths.
pub fn among<'p>(paths: impl Iterator<Item = &'p String>) -> BTreeMap<String, Manifest> {
    paths.filter_map(|path| Some((path.clone(), of(path)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_name_in_any_folder() {
        for (path, ecosystem, lock) in [
            ("package.json", "npm", false),
            ("web/package-lock.json", "npm", true),
            ("requirements-dev.txt", "pypi", false),
            ("requirements/base.txt", "pypi", false),
            ("Cargo.lock", "cargo", true),
            ("src/Shop/Shop.csproj", "nuget", false),
            ("deploy/Dockerfile.worker", "container", false),
            ("worker.Dockerfile", "container", false),
            ("gradle/libs.versions.toml", "maven", false),
            ("gradle/deps.gradle", "maven", false),
            ("buildSrc/src/main/kotlin/Versions.kt", "maven", false),
        ] {
            let manifest = of(path).expect(path);
            assert_eq!((manifest.ecosystems[0], manifest.lock), (ecosystem, lock), "{path}");
        }
        for path in ["src/package.js", "notes.txt", "my-package.json.md", "Cargo.rs"] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
