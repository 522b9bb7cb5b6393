//! What somebody without the right to might try with the file and its signatures.

use std::fs;

use super::office::{APPETITE, Office};

#[test]
fn other_line_ends_after_signing_are_other_bytes() {
    let Some(office) = Office::agreed() else { return };
    let windows = office.read(APPETITE).replace('\n', "\r\n");
    office.write(APPETITE, windows);
    office.verify().ends(4).says(&[
        "altered",
        "the signature of the CIO is not over these bytes",
        "the signature of the CISO",
    ]);
}

#[test]
fn a_signature_for_another_purpose_or_file_does_not_count() {
    let Some(office) = Office::agreed() else { return };
    let sign = |purpose: &str, file: &str| {
        let output = std::process::Command::new("ssh-keygen")
            .args(["-q", "-Y", "sign", "-n", purpose, "-f"])
            .arg(office.path("cio"))
            .stdin(fs::File::open(office.repo().join(file)).unwrap())
            .output()
            .unwrap();
        office.write(&format!("{APPETITE}.cio.sig"), output.stdout);
        office.verify()
    };
    sign("git", APPETITE).ends(4).says(&["the signature of the CIO was made for another purpose, `git`"]);
    office.write("other.yml", "version: 1\n");
    sign("detente-appetite", "other.yml").ends(4).says(&["the signature of the CIO is not over these bytes"]);
    sign("detente-appetite", APPETITE).ends(0);
}

#[test]
fn a_change_cannot_bring_its_own_appetite_or_keys() {
    let Some(office) = Office::agreed() else { return };
    office.git(&["checkout", "-q", "-b", "work"]);
    let report = r#"{"errors":[],"generated_at":"2026-11-24T09:00:00Z","metrics":{"_totals":{"loc":3}},"results":[]}"#;
    office.write("results/bandit.json", report);
    office.agree_on("new", "other", 99).sign("cio", "new").sign("ciso", "other").commit("More of everything");
    let gate = |format: &str| {
        office.run(&["gate", "results", "--base", "main", "--now", "2026-12-01T12:00:00Z", "--format", format])
    };
    let brief: serde_json::Value = serde_json::from_str(&gate("json").out).unwrap();
    assert_eq!(brief["appetite"]["agreement"], "agreed");
    assert_eq!(brief["tolerance"][0]["tolerance"], 3, "the rows are those of the target branch");
    gate("terminal").says(&["This change edits .detente/appetite.yml", "judged by the version on main"]);
}

#[test]
fn a_change_without_a_common_history_is_judged_by_the_target_all_the_same() {
    let Some(office) = Office::agreed() else { return };
    office.git(&["checkout", "-q", "--orphan", "work"]);
    office.git(&["rm", "-rq", "--cached", "."]);
    fs::remove_dir_all(office.repo().join(".detente")).unwrap();
    let report = r#"{"errors":[],"generated_at":"2026-11-24T09:00:00Z","metrics":{"_totals":{"loc":3}},"results":[]}"#;
    office.write("results/bandit.json", report);
    office.write(".detente/rules/formats/bandit.yaml", "title: Mine\n").commit("Alone");
    let gate = |base: &str, more: &[&str]| {
        let now = ["--now", "2026-12-01T12:00:00Z", "--format", "json"];
        office.run(&[&["gate", "results", "--base", base][..], &now, more].concat())
    };
    let brief: serde_json::Value = serde_json::from_str(&gate("main", &[]).ends(0).out).unwrap();
    assert_eq!(brief["appetite"]["agreement"], "agreed", "{}", brief["notices"]);
    assert_eq!(brief["reports"][0]["findings"], 0, "the reader is the built-in one");

    // Where the target is not in the clone, nothing that the change brings takes its place.
    office.agree_on("other", "new", 99).sign("cio", "other").sign("ciso", "new");
    let root = "0".repeat(64);
    for more in [&[][..], &["--appetite-root", &root]] {
        gate("origin/main", more).ends(2).says(&["the base origin/main does not exist", "git fetch origin main"]);
    }
}

#[test]
fn rules_that_replace_a_reader_are_said_to() {
    let Some(office) = Office::agreed() else { return };
    let mapping = "title: House\ntool: bandit\nkinds: [code]\nversions: any\nspecification: https://wiki.example/house\n\
                   recognise: { json: [\"rows[].id\", house_version] }\nrows: rows[]\nfinding: { rule: id }\n";
    office
        .write(".detente/rules/formats/bandit.yaml", mapping)
        .write(".detente/rules/formats/house.yaml", mapping.replace("rows[]", "lines[]"));
    office.write("results/rows.json", r#"{"rows":[{"id":"a"}],"house_version":1}"#).commit("Readers of our own");
    office.git(&["checkout", "-q", "-b", "work"]);
    office.commit("Go on");
    office.run(&["gate", "results", "--base", "main", "--now", "2026-12-01T12:00:00Z"]).says(&[
        "1 rule of .detente/rules on main adds to those built in: format house.",
        "1 rule of .detente/rules on main replaces the built-in reader of that name: format bandit.",
    ]);
}

#[cfg(unix)]
#[test]
fn nothing_is_read_through_a_link_of_the_change() {
    let Some(office) = Office::agreed() else { return };
    let report = r#"{"errors":[],"generated_at":"2026-11-24T09:00:00Z","metrics":{"_totals":{"loc":3}},"results":[]}"#;
    office.write("results/bandit.json", report);
    let link = |to: &str, at: &str| {
        let _ = fs::remove_file(office.repo().join(at));
        std::os::unix::fs::symlink(to, office.repo().join(at)).unwrap();
    };
    let gate = || office.run(&["gate", "results", "--base", "main", "--now", "2026-12-01T12:00:00Z"]);
    office.git(&["checkout", "-q", "-b", "work"]);
    link("/dev/zero", APPETITE);
    office.commit("Lead elsewhere");
    gate().ends(0).says(&["judged by the version on main", ".detente/appetite.yml is a link, which is not followed"]);

    office.git(&["checkout", "-q", "main"]);
    let table = include_str!("../../rules/timelines/fedramp-rev5.yaml");
    office.write(".detente/rules/timelines/fedramp-rev5.yaml", table).commit("Rules");
    office.git(&["checkout", "-q", "-b", "rules"]);
    fs::remove_dir_all(office.repo().join(".detente/rules")).unwrap();
    link("/elsewhere", ".detente/rules");
    office.commit("Lead elsewhere");
    fs::create_dir(office.path("elsewhere")).unwrap();
    link(office.path("elsewhere").to_str().unwrap(), ".detente/rules");
    gate().ends(2).says(&[".detente/rules is a link, which is not followed"]);
}

#[test]
fn a_change_is_judged_by_the_same_agreement_in_every_folder() {
    let Some(office) = Office::agreed() else { return };
    let report = r#"{"errors":[],"generated_at":"2026-11-24T09:00:00Z","metrics":{"_totals":{"loc":3}},"results":[]}"#;
    office.write("results/bandit.json", report).write("docs/deep/notes.md", "Notes.\n");
    office.write(".detente/rules/timelines/ours.yaml", "id: ours\n").commit("Rules that cannot be used");
    let now = ["--now", "2026-12-01T12:00:00Z"];
    let gate = |folder: &str, repository: &str| {
        let report = office.repo().join("results/bandit.json");
        let report = report.to_str().unwrap();
        let shown = ["gate", report, "--base", "main", "--repository", repository, "--format", "json"];
        office.run_with(folder, &[], &[shown.as_slice(), &now].concat())
    };
    for (folder, repository) in [("repo", "."), ("repo/docs/deep", "."), (".", "repo/docs")] {
        gate(folder, repository).ends(2).says(&[".detente/rules/timelines/ours.yaml"]);
    }
    office.git(&["rm", "-q", "-r", ".detente/rules"]);
    office.commit("No rules of our own");
    for (folder, repository) in [("repo", "."), ("repo/docs/deep", "."), (".", "repo/docs"), (".", "repo/.git")] {
        let brief: serde_json::Value = serde_json::from_str(&gate(folder, repository).out).unwrap();
        assert_eq!(brief["appetite"]["agreement"], "agreed", "in {folder}, of {repository}");
        assert_eq!(brief["tolerance"][0]["tolerance"], 3, "in {folder}, of {repository}");
    }
    let here = |arguments: &[&str]| office.run_with("repo/docs/deep", &[], arguments);
    here(&[["appetite", "verify"].as_slice(), &now].concat()).ends(0).says(&["../../.detente/appetite.yml: agreed"]);
    here(&["appetite", "check"]).ends(0);
    here(&["appetite", "diff"]).ends(0).says(&["The same file"]);
    here(&["appetite", "new", "--yes"]).ends(2).says(&["../../.detente/appetite.yml: is already there"]);
}
