//! What a change does to the agreement, in plain words; and the exceptions that it brings.

use super::office::{APPETITE, Office};

const CLEAN: &str =
    r#"{"errors":[],"generated_at":"2026-11-24T09:00:00Z","metrics":{"_totals":{"loc":3}},"results":[]}"#;

fn gate(office: &Office, format: &str) -> super::office::Said {
    office.run(&["gate", "results", "--base", "main", "--now", "2026-12-01T12:00:00Z", "--format", format])
}

#[test]
fn an_edit_is_explained_and_the_old_verdict_stays() {
    let Some(office) = Office::agreed() else { return };
    office.write("results/bandit.json", CLEAN);
    office.git(&["checkout", "-q", "-b", "work"]);
    office.agree_on("cio", "ciso", 5).commit("Ask for more");
    gate(&office, "terminal")
        .ends(0)
        .says(&["tolerates two more high findings (`new-high`: 3 to 5)", "The edit would be looser in this"]);
    office.run(&["appetite", "diff", "--base", "main"]).ends(0).says(&["Looser", "tolerates two more high findings"]);
    let json = office.run(&["appetite", "diff", "--base", "main", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(value["edits"][0]["direction"], "looser");

    // A file that cannot be read is said before it is merged.
    office.write(APPETITE, "version: 1\nname: Shop\ntolerence: []\n").commit("Break it");
    gate(&office, "terminal").ends(0).says(&["Correct it before it is merged", "tolerence"]);
}

#[test]
fn a_branch_that_is_behind_edits_nothing() {
    let Some(office) = Office::agreed() else { return };
    office.write("results/bandit.json", CLEAN);
    office.git(&["checkout", "-q", "-b", "work"]);
    office.write("a.txt", "a").commit("Work");
    office.git(&["checkout", "-q", "main"]);
    office.agree_on("cio", "ciso", 1).sign("cio", "cio").sign("ciso", "ciso").commit("Stricter");
    office.git(&["checkout", "-q", "work"]);
    let said = gate(&office, "json");
    assert!(!said.out.contains("This change edits"), "{}", said.out);
    let brief: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(brief["tolerance"][0]["tolerance"], 1, "the newest agreed version counts");
}

#[test]
fn an_agreement_that_only_the_change_brings_governs_nothing_yet() {
    let Some(office) = Office::open() else { return };
    office.write("results/bandit.json", CLEAN).commit("Results");
    office.git(&["checkout", "-q", "-b", "work"]);
    office.agree_on("cio", "ciso", 99).sign("cio", "cio").sign("ciso", "ciso").commit("Bring an agreement");
    let said = gate(&office, "json");
    let brief: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_ne!(brief["appetite"]["name"], "Shop", "{}", brief["appetite"]);
    said.says(&[".detente/appetite.yml is not on main yet: it takes effect once it is merged."]);
    // Once it is there, it does.
    office.git(&["branch", "-q", "-f", "main", "work"]);
    let brief: serde_json::Value = serde_json::from_str(&gate(&office, "json").out).unwrap();
    assert_eq!(brief["appetite"]["name"], "Shop");
}

#[test]
fn an_agreement_that_a_change_takes_away_governs_it_all_the_same() {
    let Some(office) = Office::agreed() else { return };
    office.write("results/bandit.json", CLEAN).commit("Results");
    office.git(&["checkout", "-q", "-b", "work"]);
    office.git(&["rm", "-q", APPETITE]);
    office.commit("Do without");
    let gate = |more: &[&str]| {
        let arguments = ["gate", "results", "--base", "main", "--now", "2026-12-01T12:00:00Z", "--format", "json"];
        office.run(&[&arguments[..], more].concat())
    };
    for more in [&[][..], &["--appetite", APPETITE]] {
        let said = gate(more);
        said.ends(0).says(&["This change removes .detente/appetite.yml. It is judged by the version on main"]);
        let brief: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!((&brief["appetite"]["name"], &brief["appetite"]["agreement"]), (&"Shop".into(), &"agreed".into()));
    }
    gate(&["--appetite", "other.yml"]).ends(2).says(&["no such file, neither on the target branch nor on disk"]);
}

#[test]
fn an_edit_of_the_rules_is_explained_too() {
    let Some(office) = Office::agreed() else { return };
    office.write("results/bandit.json", CLEAN).commit("Results");
    office.git(&["checkout", "-q", "-b", "work"]);
    let table = include_str!("../../rules/timelines/fedramp-rev5.yaml").replace("    days: 90\n", "    days: 120\n");
    office.write(".detente/rules/timelines/fedramp-rev5.yaml", table).commit("Later");
    gate(&office, "terminal")
        .ends(0)
        .says(&["This change edits rules", "medium deadline of fedramp-rev5: 90 to 120 days"]);
}

#[test]
fn exceptions_that_nobody_signed_are_shown_in_every_form() {
    let Some(office) = Office::agreed() else { return };
    office.write("results/bandit.json", CLEAN).write("app.py", "run()  # nosec\n").commit("There before");
    office.git(&["checkout", "-q", "-b", "work"]);
    office.write("app.py", "run()  # nosec\nother(shell=True)  # nosec B602\n");
    office.write(".trivyignore", "# why not\nCVE-2024-1234\n").write("README.md", "about `# nosec`\n").commit("Quiet");
    for format in ["terminal", "markdown"] {
        gate(&office, format).ends(0).says(&["adds 2 exceptions for scanners that nobody signed"]);
    }
    gate(&office, "terminal").says(&[".trivyignore:2 (Trivy): CVE-2024-1234", "app.py:2 (Bandit, gosec)"]);
    let brief: serde_json::Value = serde_json::from_str(&gate(&office, "json").out).unwrap();
    let exceptions = brief["change"]["exceptions"].as_array().unwrap();
    let places: Vec<_> =
        exceptions.iter().map(|one| (one["path"].as_str().unwrap(), one["line"].as_u64().unwrap())).collect();
    assert_eq!(places, [(".trivyignore", 2), ("app.py", 2)]);
}

#[test]
fn every_reader_gets_every_section_in_an_order_of_their_own() {
    let Some(office) = Office::agreed() else { return };
    let explain = |flags: &[&str]| {
        let now = ["--now", "2026-12-01T12:00:00Z", "--format", "markdown"];
        let said = office.run(&[&["appetite", "explain"][..], flags, &now].concat());
        said.ends(0);
        said.out.lines().filter(|line| line.starts_with("## ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let everyone = explain(&[]);
    assert_eq!(everyone.len(), 13, "{everyone:?}");
    for (flags, first) in [
        (&["--for", "cio"][..], "## Delivery"),
        (&["--for", "ciso"], "## What is tolerated, and how much of it"),
        (&["--for", "board"], "## What was agreed"),
        (&["--style", "business"], "## Delivery"),
        (&["--style", "partnering"], "## Who decides what"),
        (&["--style", "technical"], "## What is tolerated, and how much of it"),
        (&["--style", "transformational"], "## How much risk"),
    ] {
        let mut sections = explain(flags);
        assert_eq!(sections[0], first, "{flags:?}");
        sections.sort();
        let mut all = everyone.clone();
        all.sort();
        assert_eq!(sections, all, "{flags:?}");
    }
    office
        .run(&["appetite", "explain", "--for", "board", "--style", "technical"])
        .ends(2)
        .says(&["belongs to another reader"]);
}

/// One vulnerable package, found in the lockfile of the root.
const LODASH: &str = r#"{"SchemaVersion":2,"Trivy":{"Version":"0.66.0"},"CreatedAt":"2026-11-30T09:00:00Z","ArtifactName":".","ArtifactType":"repository","Results":[{"Target":"package-lock.json","Class":"lang-pkgs","Type":"npm","Vulnerabilities":[{"VulnerabilityID":"CVE-2021-23337","PkgID":"lodash@4.17.20","PkgName":"lodash","PkgIdentifier":{"PURL":"pkg:npm/lodash@4.17.20"},"InstalledVersion":"4.17.20","Status":"fixed","Title":"T","Severity":"HIGH"}]}]}"#;

const STATEMENT: &str = r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://shop.example/vex/1","author":"The author","timestamp":"2026-11-30T09:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2021-23337"},"products":[{"@id":"pkg:npm/lodash@4.17.20"}],"status":"not_affected","justification":"vulnerable_code_not_present"}]}"#;

#[test]
fn a_change_cannot_state_away_what_it_introduces() {
    let Some(office) = Office::agreed() else { return };
    office.write("results/bandit.json", CLEAN).commit("Results");
    office.git(&["checkout", "-q", "-b", "work"]);
    let lock = r#"{"lockfileVersion":2,"packages":{"node_modules/lodash":{"version":"4.17.20"}}}"#;
    office.write("package-lock.json", lock).write("results/app.openvex.json", STATEMENT).commit("Bring both");
    office.write("results/trivy.json", LODASH);
    let open = |said: &super::office::Said| {
        let brief: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        (brief["findings"].as_array().unwrap().len(), brief["suppressed"].as_array().unwrap().len())
    };
    let json = gate(&office, "json");
    assert_eq!(open(&json), (1, 0));
    gate(&office, "markdown").says(&[
        "This change brings the report results/app.openvex.json itself",
        "This change brings a VEX statement about what it introduces itself: CVE-2021-23337 (",
    ]);
    // The same statement from elsewhere counts, with author and justification.
    office.git(&["rm", "-q", "results/app.openvex.json"]);
    office.commit("Bring one").write("results/app.openvex.json", STATEMENT);
    assert_eq!(open(&gate(&office, "json")), (0, 1));
    let whole = ("<span class=\"whole\">", "</span>");
    for (format, (begin, end)) in [("terminal", ("", "")), ("markdown", ("", "")), ("html", whole)] {
        gate(&office, format).says(&[
            "1 finding is not counted by a VEX statement",
            &format!("CVE-2021-23337{end}: not"),
            &format!("(stated by The author, {begin}2026-11-30{end})"),
        ]);
    }
}

#[test]
fn what_scanners_were_told_is_said_without_a_ledger() {
    let Some(office) = Office::agreed() else { return };
    let told = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Semgrep OSS","rules":[]}},"results":[{"ruleId":"eval","level":"error","message":{"text":"Eval."},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"app.py"},"region":{"startLine":1}}}],"suppressions":[{"kind":"inSource"}]}]}]}"#;
    office.write("app.py", "eval(x)\n").commit("Code");
    office.write("results/semgrep.sarif", told).git(&["checkout", "-q", "-b", "work"]);
    office.git(&["commit", "-q", "--allow-empty", "-m", "Go on"]);
    gate(&office, "terminal").says(&["Scanners were told not to count 1 finding, and no waiver stands behind it"]);
}
