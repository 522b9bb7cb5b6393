//! The package managers and what is typed to bring in one version of a package.
//!
//! A row says by which files a manager is known and which forms its command has. In the forms `{name}`, `{version}`,
//! `{package}` (the name with the installed version, where that is known), `{manifest}` and `{gradle}` are filled in.
//! The forms are those of the managers' own manuals; the check `upgrade_commands` runs those whose managers are installed.

/// A package manager.
pub struct Manager {
    /// Its name.
    pub name: &'static str,
    /// Package type (purl) that it installs.
    pub ecosystem: &'static str,
    /// Files that only it writes; `*` stands for anything.
    pub locks: &'static [&'static str],
    /// Files in which a project asks it for packages, the usual one first. Several managers may share one.
    pub manifests: &'static [&'static str],
    /// First fitting form wins; without one no command is known.
    pub forms: &'static [Form],
}

/// What is done for one kind of upgrade.
pub struct Form {
    /// For which packages.
    pub asked: Asked,
    /// For which distance.
    pub reach: Reach,
    /// What to edit first, one sentence, empty if nothing.
    pub edit: &'static str,
    /// The command line.
    pub command: &'static str,
    /// What to know about its result, one sentence, possibly empty.
    pub note: &'static str,
}

/// Who asks for the package.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The project or another package: the form is the same.
    ByAnyone,
    /// The project itself.
    Directly,
    /// Another package.
    Transitively,
}

/// How far the upgrade goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Any distance.
    Any,
    /// To a version that promises the same interface.
    Compatible,
}

const fn form(asked: Asked, edit: &'static str, command: &'static str) -> Form {
    Form { asked, reach: Reach::Any, edit, command, note: "" }
}

const fn compatible(asked: Asked, command: &'static str) -> Form {
    Form { asked, reach: Reach::Compatible, edit: "", command, note: "" }
}

const fn noted(asked: Asked, edit: &'static str, command: &'static str, note: &'static str) -> Form {
    Form { asked, reach: Reach::Any, edit, command, note }
}

use Asked::{ByAnyone, Directly, Transitively};

/// Seen where a manager takes the newest version that the manifest allows.
const NEWEST: &str = "It takes the newest version that is allowed: see that it is at least {version}.";

/// For each ecosystem the one to assume first.
pub const MANAGERS: &[Manager] = &[
    Manager {
        name: "npm",
        ecosystem: "npm",
        locks: &["package-lock.json", "npm-shrinkwrap.json"],
        manifests: &["package.json"],
        forms: &[
            form(Directly, "", "npm install {name}@{version}"),
            // Brackets, because a point in a name would be taken for a path.
            form(Transitively, "", "npm pkg set \"overrides[{name}]={version}\" && npm install"),
        ],
    },
    Manager {
        name: "pnpm",
        ecosystem: "npm",
        locks: &["pnpm-lock.yaml", "pnpm-workspace.yaml"],
        manifests: &["package.json"],
        forms: &[
            form(Directly, "", "pnpm update {name}@{version}"),
            form(
                Transitively,
                "Under overrides in pnpm-workspace.yaml (before pnpm 10: pnpm.overrides in package.json) write \
                 \"{name}\": \"{version}\".",
                "pnpm install",
            ),
        ],
    },
    Manager {
        name: "yarn berry",
        ecosystem: "npm",
        // Yarn 1 reads `.yarnrc`; with both files there it is a later one.
        locks: &[".yarnrc.yml"],
        manifests: &["package.json"],
        forms: &[
            form(Directly, "", "yarn up {name}@{version}"),
            form(Transitively, "", "npm pkg set \"resolutions[{name}]={version}\" && yarn install"),
        ],
    },
    Manager {
        name: "yarn 1",
        ecosystem: "npm",
        locks: &["yarn.lock"],
        manifests: &["package.json"],
        forms: &[
            form(Directly, "", "yarn upgrade {name}@{version}"),
            form(Transitively, "", "npm pkg set \"resolutions[{name}]={version}\" && yarn install"),
        ],
    },
    Manager {
        name: "bun",
        ecosystem: "npm",
        locks: &["bun.lock", "bun.lockb"],
        manifests: &["package.json"],
        forms: &[
            form(Directly, "", "bun add {name}@{version}"),
            form(Transitively, "Under overrides in package.json write \"{name}\": \"{version}\".", "bun install"),
        ],
    },
    Manager {
        name: "pip",
        ecosystem: "pypi",
        locks: &[],
        manifests: &["requirements.txt", "requirements*.txt"],
        forms: &[
            form(
                Directly,
                "In {manifest} make the line of {name} read {name}=={version} (pip has no lockfile).",
                "pip install -r {manifest}",
            ),
            form(
                Transitively,
                "In constraints.txt beside {manifest} add the line {name}=={version} (pip has no lockfile).",
                "pip install -r {manifest} -c constraints.txt",
            ),
        ],
    },
    Manager {
        name: "pip-tools",
        ecosystem: "pypi",
        locks: &["requirements*.in"],
        manifests: &[],
        forms: &[form(ByAnyone, "", "pip-compile --upgrade-package {name}=={version} {manifest}")],
    },
    Manager {
        name: "uv",
        ecosystem: "pypi",
        locks: &["uv.lock"],
        manifests: &[],
        forms: &[form(ByAnyone, "", "uv lock --upgrade-package {name}=={version} && uv sync")],
    },
    Manager {
        name: "poetry",
        ecosystem: "pypi",
        locks: &["poetry.lock"],
        manifests: &[],
        forms: &[
            form(Directly, "", "poetry add {name}@{version}"),
            noted(Transitively, "", "poetry update {name}", NEWEST),
        ],
    },
    Manager {
        name: "pipenv",
        ecosystem: "pypi",
        locks: &["pipfile.lock"],
        manifests: &["pipfile"],
        forms: &[
            form(Directly, "", "pipenv install {name}=={version}"),
            form(Transitively, "", "pipenv upgrade {name}=={version}"),
        ],
    },
    Manager { name: "pdm", ecosystem: "pypi", locks: &["pdm.lock"], manifests: &[], forms: &[] },
    Manager {
        name: "conda",
        ecosystem: "pypi",
        locks: &["conda-lock.yml"],
        manifests: &["environment.yml", "environment.yaml"],
        forms: &[],
    },
    Manager {
        name: "cargo",
        ecosystem: "cargo",
        locks: &["cargo.lock"],
        manifests: &["cargo.toml"],
        forms: &[
            compatible(ByAnyone, "cargo update {package} --precise {version}"),
            // For another package's dependency only a release of that package helps.
            form(Directly, "", "cargo add {name}@{version}"),
        ],
    },
    Manager {
        name: "go",
        ecosystem: "golang",
        locks: &["go.mod", "go.sum"],
        manifests: &["go.work"],
        forms: &[form(ByAnyone, "", "go get {name}@{version} && go mod tidy")],
    },
    Manager {
        name: "maven",
        ecosystem: "maven",
        locks: &["pom.xml"],
        manifests: &[],
        forms: &[
            noted(
                Directly,
                "",
                "mvn versions:use-dep-version -Dincludes={name} -DdepVersion={version} -DforceVersion=true \
                 -DgenerateBackupPoms=false",
                "A version that a parent or an imported BOM sets is changed there.",
            ),
            form(
                Transitively,
                "Under dependencyManagement in pom.xml add {name} with version {version}.",
                "mvn dependency:tree -Dincludes={name}",
            ),
        ],
    },
    Manager {
        name: "gradle",
        ecosystem: "maven",
        locks: &["gradle.lockfile"],
        manifests: &["build.gradle", "build.gradle.kts", "*.versions.toml"],
        forms: &[
            form(
                Directly,
                "In {manifest}, or where it takes the version from, set {name} to {version}.",
                "{gradle} dependencies --update-locks {name}",
            ),
            form(
                Transitively,
                "In {manifest}, under dependencies and constraints, add implementation(\"{name}:{version}\").",
                "{gradle} dependencies --update-locks {name}",
            ),
        ],
    },
    Manager { name: "sbt or ivy", ecosystem: "maven", locks: &[], manifests: &["build.sbt", "ivy.xml"], forms: &[] },
    Manager {
        name: "bundler",
        ecosystem: "gem",
        locks: &["gemfile.lock", "gems.locked"],
        manifests: &["gemfile", "gems.rb"],
        forms: &[
            noted(
                Directly,
                "Where {manifest} names a version of {name}, let it allow {version}.",
                "bundle update {name} --conservative",
                NEWEST,
            ),
            noted(Transitively, "", "bundle update {name} --conservative", NEWEST),
        ],
    },
    Manager {
        name: "composer",
        ecosystem: "composer",
        locks: &["composer.lock"],
        manifests: &["composer.json"],
        forms: &[
            compatible(ByAnyone, "composer update {name} --with {name}:{version} --with-dependencies"),
            form(Directly, "", "composer require {name}:{version} --with-all-dependencies"),
        ],
    },
    Manager {
        name: "dotnet",
        ecosystem: "nuget",
        locks: &["packages.lock.json"],
        manifests: &["*.csproj", "*.fsproj", "*.vbproj", "directory.packages.props"],
        // NuGet lifts another package's dependency by asking for it directly.
        forms: &[form(ByAnyone, "", "dotnet add package {name} --version {version}")],
    },
    Manager { name: "paket", ecosystem: "nuget", locks: &["paket.lock"], manifests: &[], forms: &[] },
    Manager { name: "nuget", ecosystem: "nuget", locks: &["packages.config"], manifests: &[], forms: &[] },
];

/// Gradle's own starter, which a project carries with it.
pub const GRADLE_WRAPPER: &str = "gradlew";

impl Manager {
    /// Whether a file name (lower case) is one of these patterns.
    pub fn knows(patterns: &[&str], name: &str) -> bool {
        patterns.iter().any(|pattern| match pattern.split_once('*') {
            None => name == *pattern,
            Some((start, end)) => {
                name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
            }
        })
    }
}
