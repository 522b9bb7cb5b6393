use super::*;

fn said(ecosystem: &str, name: &str, versions: (&str, &str), direct: Option<bool>, files: &[&str]) -> UpgradeCommand {
    let upgrade = Upgrade { ecosystem, name, from: versions.0, to: versions.1, direct };
    command(&upgrade, &[], files).unwrap_or_else(|| panic!("no command for {name} with {files:?}"))
}

const LODASH: (&str, &str) = ("4.17.20", "4.17.21");

#[test]
fn each_manager_has_its_own_words() {
    let (direct, transitive) = (Some(true), Some(false));
    for (ecosystem, name, versions, asked, files, manager, expected) in [
        ("npm", "lodash", LODASH, direct, "package-lock.json", "npm", "npm install lodash@4.17.21"),
        (
            "npm",
            "socket.io",
            ("4.6.1", "4.6.2"),
            transitive,
            "package-lock.json",
            "npm",
            "npm pkg set \"overrides[socket.io]=4.6.2\" && npm install",
        ),
        (
            "npm",
            "@babel/traverse",
            ("7.22.0", "7.23.2"),
            direct,
            "yarn.lock",
            "yarn 1",
            "yarn upgrade @babel/traverse@7.23.2",
        ),
        (
            "npm",
            "lodash",
            LODASH,
            transitive,
            "yarn.lock",
            "yarn 1",
            "npm pkg set \"resolutions[lodash]=4.17.21\" && yarn install",
        ),
        ("npm", "lodash", LODASH, direct, "yarn.lock .yarnrc.yml", "yarn berry", "yarn up lodash@4.17.21"),
        ("npm", "lodash", LODASH, direct, "pnpm-lock.yaml", "pnpm", "pnpm update lodash@4.17.21"),
        ("npm", "lodash", LODASH, transitive, "pnpm-lock.yaml", "pnpm", "pnpm install"),
        ("npm", "lodash", LODASH, direct, "bun.lock", "bun", "bun add lodash@4.17.21"),
        (
            "pypi",
            "requests",
            ("2.30.0", "2.31.0"),
            direct,
            "requirements.txt",
            "pip",
            "pip install -r requirements.txt",
        ),
        (
            "pypi",
            "urllib3",
            ("1.26.4", "1.26.5"),
            transitive,
            "requirements-prod.txt",
            "pip",
            "pip install -r requirements-prod.txt -c constraints.txt",
        ),
        (
            "pypi",
            "requests",
            ("2.30.0", "2.31.0"),
            direct,
            "requirements.in requirements.txt",
            "pip-tools",
            "pip-compile --upgrade-package requests==2.31.0 requirements.in",
        ),
        (
            "pypi",
            "requests",
            ("2.30.0", "2.31.0"),
            transitive,
            "uv.lock pyproject.toml",
            "uv",
            "uv lock --upgrade-package requests==2.31.0 && uv sync",
        ),
        ("pypi", "requests", ("2.30.0", "2.31.0"), direct, "poetry.lock", "poetry", "poetry add requests@2.31.0"),
        ("pypi", "urllib3", ("1.26.4", "1.26.5"), transitive, "poetry.lock", "poetry", "poetry update urllib3"),
        (
            "pypi",
            "requests",
            ("2.30.0", "2.31.0"),
            direct,
            "Pipfile.lock Pipfile",
            "pipenv",
            "pipenv install requests==2.31.0",
        ),
        (
            "pypi",
            "urllib3",
            ("1.26.4", "1.26.5"),
            transitive,
            "Pipfile.lock",
            "pipenv",
            "pipenv upgrade urllib3==1.26.5",
        ),
        (
            "cargo",
            "time",
            ("0.3.20", "0.3.36"),
            transitive,
            "Cargo.lock",
            "cargo",
            "cargo update time@0.3.20 --precise 0.3.36",
        ),
        ("cargo", "time", ("0.2.20", "0.3.36"), direct, "Cargo.lock", "cargo", "cargo add time@0.3.36"),
        (
            "golang",
            "golang.org/x/net",
            ("v0.7.0", "0.17.0"),
            transitive,
            "go.mod",
            "go",
            "go get golang.org/x/net@v0.17.0 && go mod tidy",
        ),
        ("golang", "stdlib", ("1.21.1", "1.21.13"), None, "go.mod", "go", "go get go@1.21.13 && go mod tidy"),
        (
            "maven",
            "org.yaml:snakeyaml",
            ("1.30", "1.31"),
            direct,
            "pom.xml",
            "maven",
            "mvn versions:use-dep-version -Dincludes=org.yaml:snakeyaml -DdepVersion=1.31 -DforceVersion=true \
             -DgenerateBackupPoms=false",
        ),
        (
            "maven",
            "org.yaml:snakeyaml",
            ("1.30", "1.31"),
            transitive,
            "pom.xml",
            "maven",
            "mvn dependency:tree -Dincludes=org.yaml:snakeyaml",
        ),
        (
            "maven",
            "org.yaml:snakeyaml",
            ("1.30", "1.31"),
            direct,
            "build.gradle.kts gradlew",
            "gradle",
            "./gradlew dependencies --update-locks org.yaml:snakeyaml",
        ),
        ("gem", "rack", ("2.2.6", "2.2.7"), direct, "Gemfile.lock", "bundler", "bundle update rack --conservative"),
        (
            "composer",
            "guzzlehttp/psr7",
            ("2.4.0", "2.4.5"),
            transitive,
            "composer.lock",
            "composer",
            "composer update guzzlehttp/psr7 --with guzzlehttp/psr7:2.4.5 --with-dependencies",
        ),
        (
            "composer",
            "guzzlehttp/psr7",
            ("1.8.0", "2.4.5"),
            direct,
            "composer.lock",
            "composer",
            "composer require guzzlehttp/psr7:2.4.5 --with-all-dependencies",
        ),
        (
            "nuget",
            "Newtonsoft.Json",
            ("12.0.3", "13.0.1"),
            transitive,
            "Shop.csproj",
            "dotnet",
            "dotnet add package Newtonsoft.Json --version 13.0.1",
        ),
    ] {
        let files: Vec<&str> = files.split(' ').collect();
        let said = said(ecosystem, name, versions, asked, &files);
        assert_eq!((said.manager, said.command.as_str(), said.assumed), (manager, expected, false), "{files:?}");
        assert!(!said.note.contains(['{', '}']), "{}", said.note);
    }
}

#[test]
fn what_has_to_be_edited_is_said_to_the_letter() {
    let note = |ecosystem, name, direct, file| said(ecosystem, name, ("1.0.0", "1.2.0"), Some(direct), &[file]).note;
    assert_eq!(
        note("pypi", "requests", true, "requirements.txt"),
        "In requirements.txt make the line of requests read requests==1.2.0 (pip has no lockfile)."
    );
    assert_eq!(
        note("maven", "g:a", false, "pom.xml"),
        "Under dependencyManagement in pom.xml add g:a with version 1.2.0."
    );
    assert_eq!(
        note("gem", "rack", false, "Gemfile.lock"),
        "It takes the newest version that is allowed: see that it is at least 1.2.0."
    );
    assert_eq!(note("npm", "lodash", true, "package-lock.json"), "");
    let unknown = said("npm", "lodash", LODASH, None, &["package-lock.json"]).note;
    assert!(unknown.contains("the report does not say"), "{unknown}");
}

#[test]
fn the_folder_and_the_manager_follow_what_was_found() {
    let upgrade = Upgrade { ecosystem: "npm", name: "lodash", from: LODASH.0, to: LODASH.1, direct: Some(true) };
    let files =
        ["package.json", "pnpm-lock.yaml", "web/package.json", "web/yarn.lock", "docs/package.json", "new/.yarnrc.yml"];
    for (place, expected) in [
        ("web/yarn.lock", "cd web && yarn upgrade lodash@4.17.21"),
        ("web/package.json", "cd web && yarn upgrade lodash@4.17.21"),
        // A workspace's member has no lockfile of its own.
        ("docs/package.json", "cd docs && pnpm update lodash@4.17.21"),
        ("package.json", "pnpm update lodash@4.17.21"),
        ("new/yarn.lock", "cd new && yarn up lodash@4.17.21"),
        ("new/package-lock.json", "cd new && npm install lodash@4.17.21"),
    ] {
        assert_eq!(command(&upgrade, &[place], &files).unwrap().command, expected, "{place}");
    }
    let java = Upgrade { ecosystem: "maven", name: "g:a", from: "1.0", to: "1.1", direct: Some(true) };
    let files = ["gradlew", "services/shop/build.gradle", "pom.xml"];
    let said = command(&java, &["services/shop/build.gradle"], &files).unwrap();
    assert_eq!(said.command, "cd services/shop && ../../gradlew dependencies --update-locks g:a");
}

#[test]
fn a_guess_is_called_one() {
    let guess = said("npm", "lodash", LODASH, Some(true), &["package.json"]);
    assert_eq!((guess.command.as_str(), guess.assumed), ("npm install lodash@4.17.21", true));
    assert_eq!(guess.note, "That the project uses npm is assumed.");
    assert!(said("pypi", "requests", ("2.30.0", "2.31.0"), None, &[]).assumed);
    // There is but one manager of crates.
    assert!(!said("cargo", "time", ("0.3.20", "0.3.36"), None, &[]).assumed);
    let torn = said("npm", "lodash", LODASH, Some(true), &["a/yarn.lock", "b/package-lock.json"]);
    assert!(torn.assumed && torn.note.ends_with("Run it in the folder whose manifest brings in lodash."), "{torn:?}");
}

#[test]
fn no_command_where_none_is_known() {
    let none = |ecosystem, name, from, to, direct, files: &[&str]| {
        let upgrade = Upgrade { ecosystem, name, from, to, direct };
        assert_eq!(command(&upgrade, &[], files), None, "{name} {to} {files:?}");
    };
    none("pypi", "requests", "2.30.0", "2.31.0", None, &["pdm.lock"]);
    none("maven", "g:a", "1.0", "1.1", None, &["build.sbt"]);
    none("nuget", "Newtonsoft.Json", "12.0.3", "13.0.1", None, &["packages.config"]);
    none("deb", "openssl", "1.0", "1.1", None, &[]);
    // Another package's requirement keeps a new major version out.
    none("cargo", "time", "0.2.20", "0.3.36", Some(false), &["Cargo.lock"]);
    none("golang", "github.com/golang-jwt/jwt", "v3.2.2", "v4.4.2", None, &["go.mod"]);
}

#[test]
fn hostile_words_get_no_command() {
    let none = |ecosystem: &str, name: &str, to: &str, place: &str| {
        let upgrade = Upgrade { ecosystem, name, from: "1.0.0", to, direct: Some(true) };
        assert_eq!(command(&upgrade, &[place], &[]), None, "{ecosystem} {name} {to} {place}");
    };
    for word in [
        "",
        "-g",
        "--registry=x",
        "a b",
        "a;b",
        "a&&b",
        "a|b",
        "$(id)",
        "`id`",
        "${IFS}",
        "a\nb",
        "a\"b",
        "a'b",
        "a\\b",
        "a>b",
        "a*",
        "a?",
        "~a",
        "a!b",
        "a#b",
        "a%b",
        "a\u{202e}b",
        "ä",
        "{name}",
        "..",
        "/a",
        "a//b",
    ] {
        for (ecosystem, file) in [
            ("npm", "package-lock.json"),
            ("pypi", "requirements.txt"),
            ("cargo", "Cargo.lock"),
            ("golang", "go.mod"),
            ("maven", "pom.xml"),
            ("gem", "Gemfile.lock"),
            ("composer", "composer.lock"),
            ("nuget", "packages.lock.json"),
        ] {
            none(ecosystem, word, "1.0.1", file);
            let name = match ecosystem {
                "maven" => "g:a",
                "composer" => "v/p",
                _ => "plain",
            };
            none(ecosystem, name, word, file);
            none(ecosystem, name, &format!("1{word}"), &format!("{word};/{file}"));
        }
    }
    for folder in ["a;b", "$(id)", "..", "a/../..", "-x", "/etc", "a b", "'a'", "~"] {
        none("npm", "lodash", "1.0.1", &format!("{folder}/package-lock.json"));
    }
    // To the manager these are something else than a package of that name.
    none("npm", "owner/repository", "1.0.1", "package-lock.json");
    none("npm", "lodash@npm:evil", "1.0.1", "package-lock.json");
    none("npm", "lodash", "latest", "package-lock.json");
    none("npm", "https://x.example/a.tgz", "1.0.1", "package-lock.json");
    none("pypi", "requests[socks]", "1.0.1", "requirements.txt");
    none("pypi", "requests", ">=1", "requirements.txt");
    none("pypi", "requests", "1.0.1", "requirements;id.txt");
    none("maven", "g:a:9", "1.0.1", "pom.xml");
    none("npm", &"x".repeat(119), "1.0.1", "package-lock.json");
}

#[test]
fn every_manager_can_be_told_and_every_form_be_reached() {
    for row in MANAGERS {
        assert!(!row.locks.is_empty() || !row.manifests.is_empty(), "{}", row.name);
        assert!(row.locks.iter().chain(row.manifests).all(|file| *file == file.to_lowercase()), "{}", row.name);
    }
    let paths = ["web/yarn.lock", "src/main.rs", "gradlew", "a/Shop.csproj"].map(str::to_owned);
    assert_eq!(telling_files(&paths), ["web/yarn.lock", "gradlew", "a/Shop.csproj"]);
}
