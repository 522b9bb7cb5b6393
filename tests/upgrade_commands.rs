//! The upgrade commands, run by the package managers themselves.
//!
//! Not run by `cargo test`: it needs the managers and their registries. Run it with `cargo test --test upgrade_commands`.
//! For each case a small project is made in a temporary folder, the command that Detente would print is run in a shell as
//! it stands, and the lockfile (or, where there is none, the installed version) has to have the new version. A manager
//! that is not installed, or that cannot make the project, is skipped, and the run says so.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a check run by hand")]

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

use detente::model::upgrade::{Upgrade, command};

/// One upgrade in one small project.
struct Case {
    /// Package manager that it is about, with what it is asked to show.
    manager: &'static str,
    upgrade: Upgrade<'static>,
    /// Files of the project, by path.
    files: &'static [(&'static str, &'static str)],
    /// Makes the project as it is before the upgrade.
    prepare: &'static str,
    /// The edit that the note asks for: file and content.
    edit: Option<(&'static str, &'static str)>,
    /// Where the package was found.
    place: &'static str,
    /// Shows the version that the project has then.
    show: &'static str,
    /// What has to be in that, and must not have been before.
    expected: &'static str,
}

const fn lodash(direct: bool) -> Upgrade<'static> {
    Upgrade { ecosystem: "npm", name: "lodash", from: "4.17.20", to: "4.17.21", direct: Some(direct) }
}

const fn idna(direct: bool) -> Upgrade<'static> {
    Upgrade { ecosystem: "pypi", name: "idna", from: "3.6", to: "3.7", direct: Some(direct) }
}

const LODASH: (&str, &str) =
    ("web/package.json", r#"{"name":"shop","version":"1.0.0","dependencies":{"lodash":"4.17.20"}}"#);
/// `async` 3.2.0 does not need lodash; `async` 2.6.3 does: `^4.17.14`.
const ASYNC: (&str, &str) =
    ("web/package.json", r#"{"name":"shop","version":"1.0.0","dependencies":{"async":"2.6.3"}}"#);
const ASYNC_HELD: (&str, &str) = (
    "web/package.json",
    r#"{"name":"shop","version":"1.0.0","dependencies":{"async":"2.6.3"},"overrides":{"lodash":"4.17.20"},"resolutions":{"lodash":"4.17.20"}}"#,
);
const PYPROJECT: (&str, &str) = (
    "api/pyproject.toml",
    "[project]\nname = \"shop\"\nversion = \"1.0.0\"\nrequires-python = \">=3.9\"\ndependencies = [\"idna>=3.4\"]\n[tool.poetry]\npackage-mode = false\n",
);
const CRATE: &str =
    "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n[dependencies]\n";

fn cases() -> Vec<Case> {
    let npm = |manager, prepare, place, files, upgrade, show| Case {
        manager,
        upgrade,
        files,
        prepare,
        edit: None,
        place,
        show,
        expected: "4.17.21",
    };
    vec![
        npm(
            "npm",
            "cd web && npm install --silent",
            "web/package-lock.json",
            &[LODASH],
            lodash(true),
            "npm --prefix web ls lodash",
        ),
        npm(
            "npm",
            "cd web && npm install --silent",
            "web/package-lock.json",
            &[ASYNC_HELD],
            lodash(false),
            "npm --prefix web ls lodash",
        ),
        npm("pnpm", "cd web && pnpm install", "web/pnpm-lock.yaml", &[LODASH], lodash(true), "cat web/pnpm-lock.yaml"),
        Case {
            edit: Some(("web/pnpm-workspace.yaml", "overrides:\n  \"lodash\": \"4.17.21\"\n")),
            ..npm(
                "pnpm",
                "cd web && printf 'overrides:\\n  lodash: 4.17.20\\n' > pnpm-workspace.yaml && pnpm install",
                "web/pnpm-lock.yaml",
                &[ASYNC],
                lodash(false),
                "cat web/pnpm-lock.yaml",
            )
        },
        npm(
            "yarn 1",
            "cd web && yarn --version | grep '^1' && yarn install",
            "web/yarn.lock",
            &[LODASH],
            lodash(true),
            "cat web/yarn.lock",
        ),
        npm(
            "yarn 1",
            "cd web && yarn --version | grep '^1' && yarn install",
            "web/yarn.lock",
            &[ASYNC_HELD],
            lodash(false),
            "cat web/yarn.lock",
        ),
        npm("yarn berry", YARN_BERRY, "web/yarn.lock", &[LODASH, BERRY], lodash(true), "cat web/yarn.lock"),
        npm("yarn berry", YARN_BERRY, "web/yarn.lock", &[ASYNC_HELD, BERRY], lodash(false), "cat web/yarn.lock"),
        Case {
            manager: "pip",
            upgrade: idna(true),
            files: &[("api/requirements.txt", "idna==3.6\n")],
            prepare: PIP,
            edit: Some(("api/requirements.txt", "idna==3.7\n")),
            place: "api/requirements.txt",
            show: "pip show idna",
            expected: "Version: 3.7",
        },
        Case {
            manager: "pip",
            upgrade: idna(false),
            files: &[("api/requirements.txt", "yarl==1.9.4\n")],
            prepare: "python3 -m venv environment && . environment/bin/activate && pip install -q idna==3.6 -r api/requirements.txt",
            edit: Some(("api/constraints.txt", "idna==3.7\n")),
            place: "api/requirements.txt",
            show: "pip show idna",
            expected: "Version: 3.7",
        },
        Case {
            manager: "pip-tools",
            upgrade: idna(true),
            files: &[("api/requirements.in", "idna>=3\n"), ("api/requirements.txt", "idna==3.6\n")],
            prepare: "pip-compile --version",
            edit: None,
            place: "api/requirements.txt",
            show: "cat api/requirements.txt",
            expected: "idna==3.7",
        },
        Case {
            manager: "uv",
            upgrade: idna(true),
            files: &[PYPROJECT],
            prepare: "cd api && uv lock --upgrade-package idna==3.6",
            edit: None,
            place: "api/uv.lock",
            show: "cat api/uv.lock",
            expected: "version = \"3.7\"",
        },
        Case {
            manager: "poetry",
            upgrade: idna(true),
            files: &[("api/pyproject.toml", POETRY)],
            prepare: "cd api && poetry lock",
            edit: None,
            place: "api/poetry.lock",
            show: "cat api/poetry.lock",
            expected: "version = \"3.7\"",
        },
        Case {
            manager: "pipenv",
            upgrade: idna(true),
            files: &[("api/Pipfile", PIPFILE)],
            prepare: "cd api && pipenv lock",
            edit: None,
            place: "api/Pipfile.lock",
            show: "cat api/Pipfile.lock",
            expected: "==3.7\"",
        },
        Case {
            manager: "cargo",
            upgrade: Upgrade { ecosystem: "cargo", name: "itoa", from: "1.0.9", to: "1.0.11", direct: Some(true) },
            files: &[("core/Cargo.toml", CRATE), ("core/lib.rs", "")],
            prepare: "cd core && cargo add -q itoa@1 && cargo update -q itoa --precise 1.0.9",
            edit: None,
            place: "core/Cargo.lock",
            show: "cat core/Cargo.lock",
            expected: "version = \"1.0.11\"",
        },
        Case {
            manager: "cargo",
            upgrade: Upgrade { ecosystem: "cargo", name: "itoa", from: "0.4.8", to: "1.0.11", direct: Some(true) },
            files: &[("core/Cargo.toml", CRATE), ("core/lib.rs", "")],
            prepare: "cd core && cargo add -q itoa@0.4.8 && cargo generate-lockfile -q",
            edit: None,
            place: "core/Cargo.lock",
            show: "cat core/Cargo.toml",
            expected: "itoa = \"1.0.11\"",
        },
        Case {
            manager: "go",
            upgrade: Upgrade {
                ecosystem: "golang",
                name: "golang.org/x/text",
                from: "v0.3.7",
                to: "0.3.8",
                direct: Some(true),
            },
            files: &[
                ("core/go.mod", "module example.org/shop\n\ngo 1.20\n\nrequire golang.org/x/text v0.3.7\n"),
                ("core/shop.go", "package shop\n\nimport _ \"golang.org/x/text/language\"\n"),
            ],
            prepare: "cd core && go mod tidy",
            edit: None,
            place: "core/go.mod",
            show: "cat core/go.mod",
            expected: "golang.org/x/text v0.3.8",
        },
        Case {
            manager: "maven",
            upgrade: Upgrade {
                ecosystem: "maven",
                name: "org.yaml:snakeyaml",
                from: "1.30",
                to: "1.31",
                direct: Some(true),
            },
            files: &[("core/pom.xml", POM)],
            prepare: "mvn -B -q -f core/pom.xml versions:help",
            edit: None,
            place: "core/pom.xml",
            show: "cat core/pom.xml",
            expected: "<version>1.31</version>",
        },
    ]
}

const BERRY: (&str, &str) = ("web/.yarnrc.yml", "nodeLinker: node-modules\nenableImmutableInstalls: false\n");
const YARN_BERRY: &str = "cd web && touch yarn.lock && ! yarn --version | grep '^1' && yarn install";
const PIP: &str = "python3 -m venv environment && . environment/bin/activate && pip install -q -r api/requirements.txt";
const POETRY: &str =
    "[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = \">=3.9\"\nidna = \"3.6\"\n";
const PIPFILE: &str =
    "[[source]]\nname = \"pypi\"\nurl = \"https://pypi.org/simple\"\nverify_ssl = true\n[packages]\nidna = \"==3.6\"\n";
const POM: &str = "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
    <groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies><dependency>\
    <groupId>org.yaml</groupId><artifactId>snakeyaml</artifactId><version>1.30</version></dependency></dependencies></project>";

fn main() -> ExitCode {
    let (mut held, mut skipped, mut wrong) = (0, 0, 0);
    for case in cases() {
        let kind = if case.upgrade.direct == Some(true) { "direct" } else { "transitive" };
        match run(&case) {
            Outcome::Holds(command) => {
                held += 1;
                println!("HOLDS   {} ({kind}): {command}", case.manager);
            }
            Outcome::Skipped(why) => {
                skipped += 1;
                println!("SKIPPED {} ({kind}): {why}", case.manager);
            }
            Outcome::Wrong(why) => {
                wrong += 1;
                println!("WRONG   {} ({kind}): {why}", case.manager);
            }
        }
    }
    println!(
        "{held} hold, {skipped} skipped, {wrong} wrong; no case for bun, bundler, composer, dotnet and gradle (table test only)"
    );
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

enum Outcome {
    Holds(String),
    Skipped(String),
    Wrong(String),
}

fn run(case: &Case) -> Outcome {
    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    for (path, content) in case.files {
        write(root, path, content);
    }
    let before = shell(root, case.prepare);
    if !before.status.success() {
        return Outcome::Skipped(format!("the project could not be made: {}", last_line(&before)));
    }
    let shown = text(&shell(root, case.show));
    if shown.contains(case.expected) {
        return Outcome::Skipped("the project has the new version from the start".to_owned());
    }
    let files: Vec<&str> = case.files.iter().map(|(path, _)| *path).chain([case.place]).collect();
    let Some(said) = command(&case.upgrade, &[case.place], &files) else {
        return Outcome::Wrong("no command".to_owned());
    };
    if said.manager != case.manager {
        return Outcome::Wrong(format!("{} was chosen", said.manager));
    }
    if let Some((path, content)) = case.edit {
        write(root, path, content);
    }
    let done = shell(root, &said.command);
    if !done.status.success() {
        return Outcome::Wrong(format!("{}: {}", said.command, last_line(&done)));
    }
    let shown = text(&shell(root, case.show));
    if shown.contains(case.expected) {
        Outcome::Holds(said.command)
    } else {
        Outcome::Wrong(format!("{} left: {}", said.command, shown.chars().take(400).collect::<String>()))
    }
}

fn write(root: &Path, path: &str, content: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Runs a line in the project, with the project's own Python environment if it has one.
fn shell(root: &Path, line: &str) -> Output {
    let activate = "if [ -f environment/bin/activate ]; then . environment/bin/activate; fi";
    Command::new("sh")
        .args(["-c", &format!("{activate}; {line}")])
        .current_dir(root)
        .env("PIPENV_VENV_IN_PROJECT", "1")
        .env("POETRY_VIRTUALENVS_IN_PROJECT", "true")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn last_line(output: &Output) -> String {
    let all = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    all.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no output").trim().to_owned()
}
