//! A repository's own rules: listed, shown, tested, and in effect only from the target branch.

#![allow(clippy::expect_used, reason = "a helper that cannot set up its repository must end the test")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use detente::exit::Exit;
use git2::{IndexAddOption, Repository, RepositoryInitOptions, Signature, Time};
use serde_json::Value;
use tempfile::TempDir;

const UPGRADE: &str = include_str!("../rules/treatments/upgrade-minor.yaml");
const OWN: &str = ".detente/rules/treatments/upgrade-minor.yaml";

/// A repository on branch `work`, which starts at the tip of `main`.
struct Shop {
    folder: TempDir,
    repository: Repository,
}

impl Shop {
    fn new(on_main: &[(&str, String)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let repository =
            Repository::init_opts(folder.path(), RepositoryInitOptions::new().initial_head("main")).expect("init");
        repository.config().expect("config").set_bool("core.autocrlf", false).expect("set");
        let shop = Self { folder, repository };
        shop.write("pom.xml", "<project/>");
        for (path, content) in on_main {
            shop.write(path, content);
        }
        shop.commit();
        {
            let head = shop.repository.head().expect("head").peel_to_commit().expect("commit");
            shop.repository.branch("work", &head, false).expect("branch");
            shop.repository.set_head("refs/heads/work").expect("set head");
        }
        shop
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("folders");
        fs::write(path, content).expect("write");
    }

    fn commit(&self) {
        let mut index = self.repository.index().expect("index");
        index.add_all(["*"], IndexAddOption::DEFAULT, None).expect("add");
        index.write().expect("write");
        let tree = self.repository.find_tree(index.write_tree().expect("tree")).expect("tree");
        let parent = self.repository.head().ok().map(|head| head.peel_to_commit().expect("commit"));
        let author = Signature::new("A. Example", "a@example.com", &Time::new(1_700_000_000, 0)).expect("signature");
        let parents: Vec<_> = parent.iter().collect();
        self.repository.commit(Some("HEAD"), &author, &author, "A commit", &tree, &parents).expect("commit");
    }

    /// The brief about the demo's change in this repository, or what stopped it.
    fn gate(&self, base: Option<&str>) -> Result<Value, (Option<i32>, String)> {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/demo");
        let mut command = detente(self.path());
        command.args(["gate", "--now", "2026-11-24T09:30:00Z", "--format", "json"]);
        command.arg(samples.join("change")).arg("--base-report").arg(samples.join("base"));
        command.arg("--appetite").arg(samples.join("appetite.yml"));
        command.args(base.map(|base| format!("--base={base}")));
        let output = command.output().expect("gate");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        serde_json::from_slice(&output.stdout).map_err(|_| (output.status.code(), error))
    }
}

fn detente(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("detente").expect("the program");
    command.env_clear().env("COLUMNS", "100").current_dir(folder);
    command
}

fn code(exit: Exit) -> Option<i32> {
    Some(i32::from(exit.code()))
}

/// The built-in rule with another effort.
fn effort(hours: &str) -> String {
    let own = UPGRADE.replacen("effort: { p50: 2,", &format!("effort: {{ p50: {hours},"), 1);
    assert_ne!(own, UPGRADE, "the built-in rule says something else by now");
    own
}

/// The planned hours of the treatment `upgrade-minor`.
fn planned(brief: &Value) -> f64 {
    let work = brief["work"].as_array().expect("work");
    let mut treatments = work.iter().flat_map(|item| item["treatments"].as_array().expect("treatments"));
    let treatment = treatments.find(|treatment| treatment["id"] == "upgrade-minor").expect("an upgrade");
    treatment["effort_hours"]["p50"].as_f64().expect("hours")
}

fn notices(brief: &Value) -> String {
    let notices = brief["notices"].as_array().expect("notices").iter().filter_map(Value::as_str);
    notices.collect::<Vec<_>>().join("\n")
}

#[test]
fn rules_of_the_target_branch_are_in_effect_and_said() {
    let added = effort("5").replace("title: \"", "title: \"Carefully: ");
    let shop = Shop::new(&[
        (OWN, effort("3")),
        (".detente/rules/treatments/upgrade-carefully.yaml", added),
        (".detente/rules/README.md", "Why we differ.".to_owned()),
    ]);
    let brief = shop.gate(Some("main")).unwrap();
    assert!((planned(&brief) - 3.0).abs() < 1e-9);
    let said = notices(&brief);
    assert!(
        said.contains("1 rule of .detente/rules on main replaces a built-in one: treatment upgrade-minor."),
        "{said}"
    );
    assert!(
        said.contains("1 rule of .detente/rules on main adds to those built in: treatment upgrade-carefully."),
        "{said}"
    );
    assert!(!said.contains("edits"), "{said}");
}

#[test]
fn an_edit_in_the_change_is_not_in_effect() {
    for (on_main, hours) in [(vec![(OWN, effort("3"))], 3.0), (Vec::new(), 2.0)] {
        let shop = Shop::new(&on_main);
        shop.write(OWN, &effort("0.5"));
        // Neither in the work tree nor once it is committed.
        for _ in 0..2 {
            let brief = shop.gate(Some("main")).unwrap();
            assert!((planned(&brief) - hours).abs() < 1e-9, "{}", planned(&brief));
            let said = notices(&brief);
            assert!(
                said.contains(&format!("This change edits rules ({OWN}). It is judged by those on main;")),
                "{said}"
            );
            shop.commit();
        }
    }
}

#[test]
fn a_wrong_edit_is_said_before_it_is_merged() {
    let shop = Shop::new(&[]);
    shop.write(OWN, &effort("-1"));
    let said = notices(&shop.gate(Some("main")).unwrap());
    assert!(said.contains("Correct this rule before it is merged"), "{said}");
    assert!(said.contains("upgrade-minor.yaml:6:9: expected hours with 0 ≤ p50 ≤ p90, found -1"), "{said}");
}

#[test]
fn without_a_target_branch_the_disk_counts_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(OWN);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, effort("4")).unwrap();
    let repository = Repository::init(folder.path()).unwrap();
    let shop = Shop { folder, repository };
    let brief = shop.gate(None).unwrap();
    assert!((planned(&brief) - 4.0).abs() < 1e-9);
    let said = notices(&brief);
    assert!(said.contains("on disk, because no target branch is known, replaces a built-in one"), "{said}");
}

#[test]
fn a_wrong_rule_of_the_target_branch_stops_the_run_at_its_place() {
    let wrong = [
        (effort("-1"), "upgrade-minor.yaml:6:9: expected hours with 0 ≤ p50 ≤ p90, found -1"),
        (UPGRADE.replacen("kind: fix", "kind: fix\nurgent: true", 1), "upgrade-minor.yaml:4:1:"),
        (UPGRADE.replacen("finding.fix ==", "finding.fux ==", 1), "there is no fact `finding.fux`"),
        (UPGRADE.replacen("&&", "&& &&", 1), "upgrade-minor.yaml:"),
    ];
    for (content, expected) in wrong {
        assert_ne!(content, UPGRADE);
        let shop = Shop::new(&[(OWN, content)]);
        let (exit, error) = shop.gate(Some("main")).unwrap_err();
        assert_eq!(exit, code(Exit::Usage), "{error}");
        assert!(error.contains(expected), "{expected}: {error}");
        assert!(error.contains("it is read from main, not from the change: correct it there"), "{error}");
    }
}

#[test]
fn a_link_in_place_of_a_rule_is_refused() {
    let shop = Shop::new(&[]);
    #[cfg(unix)]
    {
        fs::create_dir_all(shop.path().join(OWN).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", shop.path().join(OWN)).unwrap();
        shop.commit();
        let (exit, error) = shop.gate(Some("work")).unwrap_err();
        assert_eq!(exit, code(Exit::Usage), "{error}");
        assert!(error.contains("is a symbolic link, not a plain file"), "{error}");
    }
}

#[test]
fn every_wrong_file_of_a_folder_is_named() {
    let shop = Shop::new(&[
        (OWN, effort("-1")),
        (".detente/rules/treatments/other.yaml", UPGRADE.replacen("kind: fix", "kind: hope", 1)),
        (".detente/rules/treatments/fine.yaml", UPGRADE.to_owned()),
        (".detente/rules/loose.yaml", UPGRADE.to_owned()),
    ]);
    let output = detente(shop.path()).args(["rules", "test"]).output().unwrap();
    let (text, error) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), code(Exit::Usage));
    assert!(text.contains("built-in rules: usable") && text.contains("fine.yaml: usable"), "{text}");
    assert!(error.contains("3 rules cannot be used"), "{error}");
    for expected in ["upgrade-minor.yaml:6:9:", "other.yaml:3:7: `hope`", "loose.yaml: is not where rules are"] {
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let elsewhere = detente(shop.path()).args(["rules", "test", "nowhere"]).output().unwrap();
    assert_eq!(elsewhere.status.code(), code(Exit::Usage));
}

#[test]
fn rules_are_listed_and_shown_with_where_they_come_from() {
    let shop = Shop::new(&[(OWN, effort("3"))]);
    let said = |args: &[&str]| {
        let output = detente(shop.path()).arg("rules").args(args).output().unwrap();
        (String::from_utf8([output.stdout, output.stderr].concat()).unwrap(), output.status.code())
    };
    let (text, exit) = said(&["list"]);
    assert_eq!(exit, code(Exit::Proceed));
    let line = |id: &str| text.lines().find(|line| line.contains(&format!(" {id} "))).unwrap_or_default().to_owned();
    assert!(line("cisa-bod-26-04").contains("built-in"), "{text}");
    assert!(!line("upgrade-minor").contains("built-in") && line("upgrade-minor").contains(".detente"), "{text}");
    let (text, _) = said(&["show", "upgrade-minor"]);
    assert!(text.contains("3 h (p50), 10 h (p90)") && text.contains("finding.upgrade in"), "{text}");
    let (text, _) = said(&["show", "cisa-bod-26-04"]);
    assert!(text.contains("technical_impact") && text.contains("14 days"), "{text}");
    let (text, exit) = said(&["show", "upgrade-mino"]);
    assert_eq!(exit, code(Exit::Usage));
    assert!(text.contains("there is upgrade-minor"), "{text}");
    let (text, exit) = said(&["test"]);
    assert_eq!(exit, code(Exit::Proceed), "{text}");
    assert!(text.contains("usable, replaces the built-in rule"), "{text}");
}
