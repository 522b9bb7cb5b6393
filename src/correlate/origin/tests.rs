use std::collections::BTreeMap;

use super::super::sample::{report, suppressed, vulnerable, weak};
use super::super::{correlate, judge_by_baseline, package_of, recognise};
use crate::model::appetite::{Baseline as AgreedBaseline, BaselineCommitment};
use crate::model::category::Category;
use crate::model::change::Change;
use crate::model::change::{Base, ChangedFile, Manifest};
use crate::model::digest::Digest;
use crate::model::finding::{Finding, Inventory};
use crate::model::ledger::{Baseline, BaselineFinding, BaselineScan};
use crate::model::origin::Origin;
use crate::model::report::{Observation, Problem as ReportProblem, Report};
use crate::model::word::Word;

/// A change of these files in a repository that also has `README.md`.
fn change(files: &[(&str, ChangedFile)]) -> Change {
    let mut change = Change {
        head: Some("h".to_owned()),
        base: Some(Base { name: "main".to_owned(), commit: "b".to_owned() }),
        ..Change::default()
    };
    for path in ["README.md", "src/app.js", "package.json", "package-lock.json", "Dockerfile"] {
        change.paths.insert(path.to_owned());
    }
    for (path, file) in files {
        change.paths.insert((*path).to_owned());
        change.files.insert((*path).to_owned(), file.clone());
    }
    for (path, ecosystem, lock) in [
        ("package.json", "npm", false),
        ("package-lock.json", "npm", true),
        ("requirements.txt", "pypi", false),
        ("pom.xml", "maven", false),
        ("Dockerfile", "container", false),
    ] {
        let ecosystems: &'static [&'static str] = match ecosystem {
            "npm" => &["npm"],
            "pypi" => &["pypi"],
            "maven" => &["maven"],
            _ => &["container"],
        };
        if change.paths.contains(path) {
            change.manifests.insert(path.to_owned(), Manifest { ecosystems, lock, part: false });
        }
    }
    change
}

fn words(words: &[&str]) -> ChangedFile {
    ChangedFile {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        added: vec![(1, 1)],
        manifest: true,
        ..ChangedFile::default()
    }
}

fn lines(first: u32, last: u32) -> ChangedFile {
    ChangedFile { added: vec![(first, last)], ..ChangedFile::default() }
}

#[track_caller]
fn by_git(seen: Observation, change: &Change, origin: Origin, evidence: &str) {
    let inventory = correlate(&[report("tool", vec![seen])], None, change);
    let finding = &inventory.findings[0];
    assert_eq!((finding.origin, finding.origin_evidence.as_str()), (origin, evidence));
}

#[test]
fn code_comes_with_the_change_if_its_lines_do() {
    let change = change(&[("src/app.js", lines(10, 12))]);
    let at = |path, line| weak("r", &[], path, line, "");
    by_git(at("src/app.js", 11), &change, Origin::Introduced, "this change touches src/app.js at line 11");
    by_git(at("/builds/g/p/src/app.js", 9), &change, Origin::Ambient, "this change touches src/app.js, but not line 9");
    by_git(at("README.md", 1), &change, Origin::Ambient, "README.md is not touched by this change");
    by_git(at("app.js", 11), &change, Origin::Introduced, "this change touches src/app.js at line 11");
    let unclear = "this change touches src/app.js, and the report gives no line";
    by_git(at("src/app.js", 0), &change, Origin::Unknown, unclear);
    by_git(at("gone.js", 1), &change, Origin::Unknown, "no file of the repository is recognised as gone.js");
}

#[test]
fn what_lines_that_are_gone_prevented_cannot_be_told() {
    let file = ChangedFile { lost: vec![(9, 10)], ..lines(20, 20) };
    let change = change(&[("src/app.js", file.clone()), ("Dockerfile", ChangedFile { added: Vec::new(), ..file })]);
    let at = |line| weak("r", &[], "src/app.js", line, "");
    let gone =
        "this change removes lines at or next to line 10 of src/app.js, and whether they prevented this cannot be told";
    by_git(at(10), &change, Origin::Unknown, gone);
    let mut block = at(5);
    block.locations[0].end_line = Some(14);
    by_git(block, &change, Origin::Unknown, &gone.replace("line 10", "line 5"));
    by_git(at(11), &change, Origin::Ambient, "this change touches src/app.js, but not line 11");
    by_git(at(1), &change, Origin::Ambient, "this change touches src/app.js, but not line 1");
    let secret = Observation { category: Some(Category::Secret), ..at(10) };
    by_git(secret, &change, Origin::Ambient, "this change touches src/app.js, but not line 10");
    // A configuration is judged as a whole where the report gives no line, or the first.
    let whole = "this change removes lines of Dockerfile, and whether they prevented this cannot be told";
    for (line, origin, evidence) in [
        (0, Origin::Unknown, whole),
        (1, Origin::Unknown, whole),
        (5, Origin::Ambient, "this change touches Dockerfile, but not line 5"),
    ] {
        let category = Some(Category::Configuration);
        by_git(Observation { category, ..weak("r", &[], "Dockerfile", line, "") }, &change, origin, evidence);
    }
}

#[test]
fn what_a_submodule_brings_cannot_be_told() {
    let mut change = change(&[("src/app.js", lines(1, 2))]);
    change.submodules.insert("libs/pay".to_owned());
    let at = |path: &str| {
        let mut seen = vulnerable(&["CVE-2021-23337"], "npm", "lodash", "4.17.15");
        seen.locations = weak("r", &[], path, 0, "").locations;
        seen
    };
    let inside = "it lies in the submodule libs/pay, which changes in this change";
    by_git(at("libs/pay/package-lock.json"), &change, Origin::Unknown, inside);
    let anywhere = "the submodule libs/pay changes in this change, and this may come with it";
    by_git(vulnerable(&["CVE-2021-23337"], "npm", "lodash", "4.17.15"), &change, Origin::Unknown, anywhere);
    let none = "no npm manifest or lockfile that concerns it changes in this change";
    by_git(at("package-lock.json"), &change, Origin::Ambient, none);
}

#[test]
fn a_part_of_a_manifest_concerns_the_project_above_it() {
    let log4j = |path: &str| {
        let mut seen = vulnerable(&["CVE-2021-44228"], "maven", "org.apache.logging.log4j:log4j-core", "2.14.1");
        seen.locations = weak("r", &[], path, 0, "").locations;
        seen
    };
    let mut change =
        change(&[("shop/gradle/deps.gradle", words(&["log4j-core"])), ("shop/app/build.gradle", words(&[]))]);
    change.paths.extend(["desk/build.gradle".to_owned(), "shop/build.gradle".to_owned()]);
    for (path, part) in [
        ("shop/gradle/deps.gradle", true),
        ("shop/build.gradle", false),
        ("shop/app/build.gradle", false),
        ("desk/build.gradle", false),
    ] {
        change.manifests.insert(path.to_owned(), Manifest { ecosystems: &["maven"], lock: false, part });
    }
    let named = "shop/gradle/deps.gradle changes org.apache.logging.log4j:log4j-core in this change";
    by_git(log4j("shop/app/build.gradle"), &change, Origin::Introduced, named);
    let none = "no maven manifest or lockfile that concerns it changes in this change";
    by_git(log4j("desk/build.gradle"), &change, Origin::Ambient, none);
}

#[test]
fn a_package_comes_with_the_change_if_a_manifest_says_so() {
    let lodash = || vulnerable(&["CVE-2021-23337"], "npm", "lodash", "4.17.15");
    let lock = |file| change(&[("package-lock.json", file)]);
    let named = "package-lock.json changes lodash in this change";
    by_git(lodash(), &lock(words(&["lodash", "version"])), Origin::Introduced, named);
    let other = "package-lock.json changes in this change, but not lodash";
    by_git(lodash(), &lock(words(&["express", "lodash.merge"])), Origin::Ambient, other);
    let none = "no npm manifest or lockfile that concerns it changes in this change";
    by_git(lodash(), &change(&[("src/app.js", lines(1, 2))]), Origin::Ambient, none);
    by_git(lodash(), &change(&[("requirements.txt", words(&["lodash"]))]), Origin::Ambient, none);
    let opaque = ChangedFile { opaque: true, manifest: true, ..ChangedFile::default() };
    let unread = "package-lock.json changes in this change, but its lines could not be compared";
    by_git(lodash(), &lock(opaque), Origin::Unknown, unread);
}

#[test]
fn the_library_of_go_comes_with_its_directive_and_not_with_a_module_called_so() {
    let stdlib = || vulnerable(&["CVE-2023-29406"], "golang", "stdlib", "1.20.5");
    let module = |file| {
        let mut change = change(&[("go.mod", file)]);
        change.manifests.insert("go.mod".to_owned(), Manifest { ecosystems: &["golang"], lock: true, part: false });
        change
    };
    let other = "go.mod changes in this change, but not stdlib";
    by_git(stdlib(), &module(words(&["cloud.google.com/go", "go", "google.com"])), Origin::Ambient, other);
    let named = "go.mod changes stdlib in this change";
    by_git(stdlib(), &module(words(&["^go", "go", "1.20"])), Origin::Introduced, named);
}

#[test]
fn without_a_lockfile_a_package_may_come_with_another() {
    let requirements = change(&[("requirements.txt", words(&["flask"]))]);
    let jinja = |direct| {
        let mut seen = vulnerable(&["CVE-2024-22195"], "pypi", "Jinja2", "3.1.0");
        if let Some(component) = &mut seen.component {
            component.direct = direct;
        }
        seen
    };
    let unclear = "requirements.txt changes in this change, and without a lockfile Jinja2 may come with it";
    by_git(jinja(None), &requirements, Origin::Unknown, unclear);
    let other = "requirements.txt changes in this change, but not Jinja2";
    by_git(jinja(Some(true)), &requirements, Origin::Ambient, other);
    let pom = change(&[("pom.xml", words(&["log4j-core"]))]);
    let log4j = vulnerable(&["CVE-2021-44228"], "maven", "org.apache.logging.log4j:log4j-core", "2.14.1");
    let named = "pom.xml changes org.apache.logging.log4j:log4j-core in this change";
    by_git(log4j, &pom, Origin::Introduced, named);
}

#[test]
fn a_package_that_is_pinned_alike_on_both_sides_was_there_before() {
    let flask = |version| vulnerable(&["CVE-2018-1000656"], "pypi", "Flask", version);
    let pinning =
        |names: &[&str]| ChangedFile { pinned: [("flask".to_owned(), "0.12".to_owned())].into(), ..words(names) };
    let pinned = "requirements.txt pins Flask to 0.12 before and after this change";
    by_git(flask("0.12"), &change(&[("requirements.txt", pinning(&["requests"]))]), Origin::Ambient, pinned);
    by_git(flask("0.12"), &change(&[("requirements.txt", pinning(&["flask", "#"]))]), Origin::Ambient, pinned);
    let named = "requirements.txt changes Flask in this change";
    by_git(flask("0.11"), &change(&[("requirements.txt", pinning(&["flask"]))]), Origin::Introduced, named);
    let mut two = change(&[("requirements.txt", pinning(&["requests"])), ("dev/requirements.txt", words(&["pytest"]))]);
    two.manifests
        .insert("dev/requirements.txt".to_owned(), Manifest { ecosystems: &["pypi"], lock: false, part: false });
    let unclear = "dev/requirements.txt changes in this change, and without a lockfile Flask may come with it";
    by_git(flask("0.12"), &two, Origin::Unknown, unclear);
    let mut reported = flask("0.12");
    reported.locations = weak("r", &[], "requirements.txt", 1, "").locations;
    by_git(reported, &two, Origin::Ambient, pinned);
}

#[test]
fn only_manifests_at_or_above_the_file_that_the_report_names_count() {
    let at = |path: &str| {
        let mut seen = vulnerable(&["CVE-2021-23337"], "npm", "lodash", "4.17.15");
        seen.locations = weak("r", &[], path, 0, "").locations;
        seen
    };
    let mut change = change(&[("web/package-lock.json", words(&["lodash"]))]);
    change
        .manifests
        .insert("web/package-lock.json".to_owned(), Manifest { ecosystems: &["npm"], lock: true, part: false });
    let named = "web/package-lock.json changes lodash in this change";
    by_git(at("web/package-lock.json"), &change, Origin::Introduced, named);
    let none = "no npm manifest or lockfile that concerns it changes in this change";
    by_git(at("package-lock.json"), &change, Origin::Ambient, none);
}

#[test]
fn an_image_comes_with_the_change_if_its_recipe_does() {
    let tar = || Observation {
        category: Some(Category::Container),
        ..vulnerable(&["CVE-2005-2541"], "deb", "tar", "1.34+dfsg-1.2")
    };
    let recipe = |file| change(&[("Dockerfile", file)]);
    let nothing = "no Dockerfile or other image recipe changes in this change";
    by_git(tar(), &change(&[("src/app.js", lines(1, 2))]), Origin::Ambient, nothing);
    let base = "Dockerfile changes its base image in this change";
    by_git(tar(), &recipe(words(&["^from", "from", "debian"])), Origin::Introduced, base);
    by_git(
        tar(),
        &recipe(words(&["^run", "run", "apt-get", "tar"])),
        Origin::Introduced,
        "Dockerfile changes tar in this change",
    );
    let unclear = "Dockerfile changes what is installed in the image, and tar may come with it";
    by_git(tar(), &recipe(words(&["^run", "run", "curl"])), Origin::Unknown, unclear);
    let argument = "Dockerfile changes an ARG, and what the image is built from may depend on it";
    by_git(tar(), &recipe(words(&["arg", "base", "debian"])), Origin::Unknown, argument);
    let label = "Dockerfile changes, but not what is installed in the image";
    by_git(tar(), &recipe(words(&["label", "maintainer"])), Origin::Ambient, label);
    by_git(tar(), &recipe(words(&["label", "from", "image", "run"])), Origin::Ambient, label);
    by_git(tar(), &recipe(words(&["copy", "--from", "builder"])), Origin::Unknown, unclear);
}

#[test]
fn what_git_cannot_tell_is_unknown_with_the_reason() {
    let seen = || weak("r", &[], "src/app.js", 1, "");
    let broken = Change { unknown_because: "no repository".to_owned(), ..change(&[]) };
    by_git(seen(), &broken, Origin::Unknown, "no repository");
    let reason = "there is nothing to compare with: name the target branch with --base, or a base report";
    by_git(seen(), &Change::default(), Origin::Unknown, reason);
    let running = super::super::sample::reachable("r", 79, "http://a/", None);
    let reason = "it was seen in a running system, of which git knows nothing: a base report would tell";
    by_git(running, &change(&[]), Origin::Unknown, reason);
}

fn compared(now: Vec<Observation>, base: Vec<Observation>) -> Inventory {
    let mut before = report("tool", base);
    before.path = "base.json".to_owned();
    before.scan.kinds.extend([Category::Dependency, Category::Code]);
    let mut after = report("tool", now);
    after.scan.kinds.extend([Category::Dependency, Category::Code]);
    correlate(&[after], Some(vec![before]), &change(&[("package-lock.json", words(&["lodash"]))]))
}

fn origins(inventory: &Inventory) -> Vec<(String, Origin)> {
    let mut origins: Vec<_> =
        inventory.findings.iter().map(|finding| (finding.title.clone(), finding.origin)).collect();
    origins.sort();
    origins
}

#[test]
fn base_reports_decide_before_git() {
    let lodash = vulnerable(&["CVE-2021-23337"], "npm", "lodash", "4.17.15");
    let old = vulnerable(&["CVE-2020-0001"], "npm", "express", "4.0.0");
    let new = weak("xss", &[], "src/app.js", 1, "eval(x)");
    let inventory = compared(vec![lodash.clone(), new], vec![lodash, old]);
    assert_eq!(
        origins(&inventory),
        [
            ("CVE-2020-0001 in express".to_owned(), Origin::Resolved),
            ("CVE-2021-23337 in lodash".to_owned(), Origin::Ambient),
            ("Weakness xss".to_owned(), Origin::Introduced),
        ]
    );
    assert!(inventory.remarks.is_empty());
}

#[test]
fn a_problem_that_stays_in_another_version_was_there_before() {
    let lodash = |version| vulnerable(&["CVE-2021-23337"], "npm", "lodash", version);
    let upgraded = compared(vec![lodash("4.17.20")], vec![lodash("4.17.15")]);
    assert_eq!(origins(&upgraded), [("CVE-2021-23337 in lodash".to_owned(), Origin::Ambient)]);
    assert_eq!(upgraded.findings[0].origin_evidence, "also in the base report base.json, there in version 4.17.15");
    // A second copy is new: nothing went for it.
    let copied = compared(vec![lodash("4.17.20"), lodash("4.17.15")], vec![lodash("4.17.15")]);
    let introduced = copied.findings.iter().filter(|finding| finding.origin == Origin::Introduced);
    assert_eq!(introduced.map(|f| f.component.clone().expect("component").version).collect::<Vec<_>>(), ["4.17.20"]);
    // Two for one: which of them takes its place is not known, so both are new.
    let doubled = compared(vec![lodash("4.17.20"), lodash("4.17.19")], vec![lodash("4.17.15")]);
    let count = |origin| doubled.findings.iter().filter(|finding| finding.origin == origin).count();
    assert_eq!((count(Origin::Introduced), count(Origin::Resolved)), (2, 1));
}

#[test]
fn a_known_package_that_comes_to_another_place_comes_with_the_change() {
    let at = |paths: &[&str]| {
        let mut seen = vulnerable(&["CVE-2021-23337"], "npm", "lodash", "4.17.15");
        seen.locations = paths.iter().flat_map(|path| weak("r", &[], path, 0, "").locations).collect();
        seen
    };
    let compared = |before: &[&str], now: &[&str], fresh: &[&str]| {
        let fresh = fresh.iter().map(|word| (*word).to_owned()).collect();
        let mut change = change(&[("shop/package-lock.json", ChangedFile { fresh, ..words(&["lodash"]) })]);
        change.paths.insert("tools/package-lock.json".to_owned());
        let manifest = Manifest { ecosystems: &["npm"], lock: true, part: false };
        change.manifests.insert("shop/package-lock.json".to_owned(), manifest);
        let inventory =
            correlate(&[report("tool", vec![at(now)])], Some(vec![report("tool", vec![at(before)])]), &change);
        (inventory.findings[0].origin, inventory.findings[0].origin_evidence.clone())
    };
    let (tools, shop) = ("tools/package-lock.json", "shop/package-lock.json");
    let arrived = (Origin::Introduced, "shop/package-lock.json holds lodash only since this change".to_owned());
    let known = (Origin::Ambient, "also in the base report tool.json".to_owned());
    assert_eq!(compared(&[tools], &[tools, shop], &["lodash"]), arrived);
    assert_eq!(compared(&[tools], &[shop], &["lodash"]), arrived);
    assert_eq!(compared(&[tools], &[tools, shop], &["4.17.15"]), known, "it was there in another version");
    assert_eq!(compared(&["shop/yarn.lock"], &[shop], &["lodash"]), known, "another lockfile of the same project");
    assert_eq!(compared(&[tools], &[tools], &["lodash"]), known);
}

#[test]
fn of_equal_rows_those_are_new_that_the_change_touches() {
    let rows = |lines: &[u32]| lines.iter().map(|line| weak("B602", &[], "src/app.js", *line, "run(x)")).collect();
    let judged = |touched: ChangedFile| {
        let before = vec![report("tool", rows(&[3, 6]))];
        let inventory =
            correlate(&[report("tool", rows(&[3, 6, 9]))], Some(before), &change(&[("src/app.js", touched)]));
        let mut new: Vec<_> = inventory.findings.into_iter().filter(|it| it.origin == Origin::Introduced).collect();
        let new = new.pop().filter(|_| new.is_empty()).expect("one is new");
        (new.locations[0].line, new.origin_evidence)
    };
    let on_top = "this change touches src/app.js at line 3, and the base report has fewer of the kind";
    assert_eq!(judged(lines(2, 4)), (Some(3), on_top.to_owned()));
    let last = "not in the base report of tool".to_owned();
    assert_eq!(judged(lines(8, 10)), (Some(9), last.clone()));
    assert_eq!(judged(lines(1, 1)), (Some(9), last), "which of them is new is not known by the lines");
}

#[test]
fn nothing_is_resolved_by_a_tool_that_did_not_look() {
    let before = report("grype", vec![vulnerable(&["CVE-2021-23337"], "npm", "lodash", "4.17.15")]);
    let other = report("bandit", vec![weak("r", &[], "src/app.js", 1, "")]);
    let inventory = correlate(&[other], Some(vec![before.clone()]), &change(&[]));
    assert!(inventory.findings.iter().all(|finding| finding.origin != Origin::Resolved));
    assert_eq!(inventory.remarks.len(), 1);
    assert!(inventory.remarks[0].contains("grype") && inventory.remarks[0].contains("not counted as resolved"));

    let mut broken = report("grype", Vec::new());
    broken.scan.kinds.insert(Category::Dependency);
    let ran = correlate(std::slice::from_ref(&broken), Some(vec![before.clone()]), &change(&[]));
    assert_eq!(ran.findings.len(), 1);
    broken.problems.push(ReportProblem { evidence_missing: true, message: "cut off".to_owned() });
    let cut_off = correlate(&[broken], Some(vec![before]), &change(&[]));
    assert_eq!((cut_off.findings.len(), cut_off.remarks.len()), (0, 1));
}

#[test]
fn a_base_without_that_tool_leaves_the_question_to_git() {
    let base = report("bandit", vec![weak("r", &[], "src/app.js", 1, "")]);
    let now = report("grype", vec![vulnerable(&["CVE-2021-23337"], "npm", "lodash", "4.17.15")]);
    let change = change(&[("package-lock.json", words(&["lodash"]))]);
    let inventory = correlate(&[now], Some(vec![base]), &change);
    assert_eq!(inventory.findings[0].origin_evidence, "package-lock.json changes lodash in this change");
}

#[test]
fn what_is_told_not_to_count_is_not_resolved() {
    let lodash = vulnerable(&["CVE-2021-23337"], "npm", "lodash", "4.17.15");
    let inventory = compared(vec![suppressed(lodash.clone())], vec![lodash.clone()]);
    assert_eq!((inventory.findings.len(), inventory.suppressed.len()), (0, 1));
    let inventory = compared(vec![], vec![suppressed(lodash)]);
    assert!(inventory.findings.is_empty());
}

#[test]
fn a_problem_in_a_renamed_file_is_recognised() {
    let before = report("tool", vec![weak("r", &[], "old/app.js", 5, "eval(x)")]);
    let now = report("tool", vec![weak("r", &[], "src/app.js", 5, "eval(x)")]);
    let renamed = ChangedFile { old_path: Some("old/app.js".to_owned()), ..ChangedFile::default() };
    let inventory = correlate(&[now], Some(vec![before]), &change(&[("src/app.js", renamed)]));
    assert_eq!(inventory.findings.len(), 1);
    assert_eq!(inventory.findings[0].origin, Origin::Ambient);
}

#[test]
fn a_second_scanner_does_not_make_an_old_problem_new() {
    let semgrep = || report("semgrep", vec![weak("py.eval", &[78], "src/app.js", 5, "eval(x)")]);
    let bandit = report("bandit", vec![weak("B307", &[78], "src/app.js", 5, "x = eval(x)")]);
    let inventory = correlate(&[semgrep(), bandit], Some(vec![semgrep()]), &change(&[]));
    assert_eq!(inventory.findings.len(), 1);
    assert_eq!(inventory.findings[0].origin, Origin::Ambient);
}

/// A baseline of one complete scan by `tool`, that holds these findings.
fn baseline(tool: &str, findings: &[Finding]) -> Baseline {
    let at = "2026-11-20T09:00:00Z".parse().unwrap();
    let kept = |finding: &Finding| BaselineFinding {
        id: finding.id.clone(),
        category: Word(finding.category),
        title: finding.title.clone(),
        severity: Word(finding.severity),
        path: finding.locations.first().map(|place| place.path.clone()).unwrap_or_default(),
        package: package_of(finding),
        saw: finding.sources.iter().map(|source| (source.tool.clone(), source.rule.clone())).collect(),
        rate: 1.0,
        since: at,
    };
    Baseline {
        branch: "main".to_owned(),
        commit: "b".to_owned(),
        at,
        scans: vec![BaselineScan {
            tool: tool.to_owned(),
            version: String::new(),
            kinds: Category::ALL.into_iter().map(Word).collect(),
            complete: true,
            dropped: Vec::new(),
        }],
        findings: findings.iter().map(kept).collect(),
        suppressed: Vec::new(),
        exceptions: Vec::new(),
        contains: Vec::new(),
        quarter: "2026-Q4".to_owned(),
        spent: 0.0,
        spent_since: at,
    }
}

/// What the ledger, or a base report, tells of the lines where something is now, and of their origin.
fn by_both(now: &[Observation], before: &[Observation], change: &Change) -> Vec<Vec<(Option<u32>, Origin)>> {
    let places = |inventory: Inventory| {
        let open = inventory.findings.into_iter().filter(|finding| finding.origin != Origin::Resolved);
        let mut places: Vec<_> = open.map(|finding| (finding.locations[0].line, finding.origin)).collect();
        places.sort();
        places
    };
    let was = correlate(&[report("tool", before.to_vec())], None, &Change::default());
    let mut by_ledger = correlate(&[report("tool", now.to_vec())], None, change);
    judge_by_baseline(&mut by_ledger, &baseline("tool", &was.findings));
    let base = Some(vec![report("tool", before.to_vec())]);
    vec![places(by_ledger), places(correlate(&[report("tool", now.to_vec())], base, change))]
}

#[test]
fn what_takes_the_turn_of_another_in_a_file_is_new_if_the_change_touches_its_lines() {
    let at = |line| weak("js/xss", &[79], "src/app.js", line, "");
    let (old, new) = (Origin::Ambient, Origin::Introduced);
    // One goes from line 1 and another comes to line 5.
    let moved = change(&[("src/app.js", lines(5, 5))]);
    assert_eq!(by_both(&[at(5)], &[at(1)], &moved), [[(Some(5), new)], [(Some(5), new)]]);
    // Another comes above: the one that was there is counted as the second now.
    let above = change(&[("src/app.js", lines(1, 2))]);
    let expected = [(Some(2), new), (Some(9), old)];
    assert_eq!(by_both(&[at(2), at(9)], &[at(7)], &above), [expected, expected]);
    // One more, of which git knows nothing, is new to whoever looked.
    let expected = [(Some(7), old), (Some(9), new)];
    assert_eq!(by_both(&[at(7), at(9)], &[at(7)], &above), [expected, expected]);
    // What is known by its code is not mistaken.
    let quoted = |line, code| weak("js/xss", &[79], "src/app.js", line, code);
    let expected = [(Some(5), old)];
    assert_eq!(by_both(&[quoted(5, "eval(a)")], &[quoted(1, "eval(a)")], &moved), [expected, expected]);
}

#[test]
fn another_secret_in_the_place_of_one_is_new() {
    let secret = |line, digest: &str| Observation {
        category: Some(Category::Secret),
        secret_digest: Some(Digest::of(digest.as_bytes())),
        ..weak("key", &[], "src/app.js", line, "")
    };
    let touched = change(&[("src/app.js", lines(2, 2))]);
    let expected = [(Some(2), Origin::Introduced)];
    assert_eq!(by_both(&[secret(2, "b")], &[secret(1, "a")], &touched), [expected, expected]);
    // The base report knows the very secret, also where its line is touched.
    let [_, by_report] = &*by_both(&[secret(2, "a")], &[secret(1, "a")], &touched) else { panic!("two") };
    assert_eq!(*by_report, [(Some(2), Origin::Ambient)]);
    // Nor does a promise that was made for the first of a file cover it.
    let mut now = correlate(&[report("tool", vec![secret(2, "b")])], None, &touched);
    let findings = now.findings.iter().map(|finding| finding.id.clone()).collect();
    let day = jiff::civil::date(2026, 12, 31);
    let commitments = vec![BaselineCommitment { due: day, why: String::new(), findings }];
    recognise(&mut now, &AgreedBaseline { taken: day, commitments }, false);
    assert_eq!(now.findings[0].origin, Origin::Introduced);
}

#[test]
fn a_baseline_knows_a_problem_in_another_version_of_the_same_package_only() {
    let in_lock = |name, version| Observation {
        locations: weak("r", &[], "package-lock.json", 0, "").locations,
        ..vulnerable(&["CVE-2024-0001"], "npm", name, version)
    };
    let before = correlate(&[report("tool", vec![in_lock("aaa", "1.0.0")])], None, &Change::default());
    let origin = |seen: Observation, before: &Baseline| {
        let mut now = correlate(&[report("tool", vec![seen])], None, &Change::default());
        judge_by_baseline(&mut now, before);
        now.findings[0].origin
    };
    let kept = baseline("tool", &before.findings);
    assert_eq!(origin(in_lock("aaa", "1.0.1"), &kept), Origin::Ambient);
    assert_eq!(origin(in_lock("bbb", "2.0.0"), &kept), Origin::Introduced);
    // A record of before packages were kept says nothing of another version.
    let mut earlier = kept.clone();
    earlier.findings[0].package = String::new();
    assert_eq!(origin(in_lock("aaa", "1.0.1"), &earlier), Origin::Introduced);
}

#[test]
fn each_tool_of_a_report_is_asked_for_itself_whether_it_looked() {
    let of =
        |tool: &str, rule: &str| Observation { tool: Some(tool.to_owned()), ..weak(rule, &[], "README.md", 9, "x") };
    let log = |tools: &[&str], seen: Vec<Observation>| {
        let mut log = report(tools[0], seen);
        log.scan.kinds.insert(Category::Code);
        tools[1..].iter().for_each(|tool| log.scan.add_tool(tool, ""));
        log
    };
    let both = log(&["bandit", "semgrep"], vec![of("bandit", "B1"), of("semgrep", "s.1")]);
    let origins = |base: Report| {
        let inventory = correlate(std::slice::from_ref(&both), Some(vec![base]), &change(&[]));
        inventory.findings.into_iter().map(|it| (it.sources[0].tool.clone(), it.origin)).collect::<BTreeMap<_, _>>()
    };
    // Git knows of the file that it is not touched.
    let expected = |bandit, semgrep| BTreeMap::from([("bandit".to_owned(), bandit), ("semgrep".to_owned(), semgrep)]);
    let (ambient, introduced) = (Origin::Ambient, Origin::Introduced);
    assert_eq!(origins(log(&["bandit"], Vec::new())), expected(introduced, ambient));
    assert_eq!(origins(log(&["semgrep"], Vec::new())), expected(ambient, introduced));
    assert_eq!(origins(log(&["semgrep", "bandit"], Vec::new())), expected(introduced, introduced));
    // What only the second one saw is resolved if that one looked again.
    let gone = |now: Report| {
        let inventory = correlate(&[now], Some(vec![both.clone()]), &change(&[]));
        inventory.findings.iter().filter(|it| it.origin == Origin::Resolved).count()
    };
    assert_eq!((gone(log(&["bandit"], Vec::new())), gone(log(&["bandit", "semgrep"], Vec::new()))), (1, 2));
}
