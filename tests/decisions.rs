//! Decisions by real people: signed with real keys, kept in a real bare repository.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/chosen.rs"]
mod chosen;
#[path = "decisions/shop.rs"]
mod shop;

use std::collections::BTreeSet;

use chosen::{chosen, decision, records};
use detente::follow::decide::{Case, stand};
use detente::ledger::{Ledger, Want};
use detente::model::ledger::{Decided, Decider, Decision, Record, findings_digest};
use detente::model::severity::Severity;
use detente::model::word::Word;
use serde_json::Value;
use shop::{Shop, TUESDAY, on_forge};

#[test]
fn two_roles_add_up_to_a_decision() {
    let shop = Shop::open();
    let work = shop.path("work");
    let reports = shop.beyond();
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    assert_eq!(brief["verdict"], "beyond-tolerance");
    assert_eq!(brief["change"]["name"], "branch/feature");
    assert_eq!(brief["decision"], serde_json::Value::Null);

    let first = shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    assert!(first.stdout.contains("Still missing: delivery-delegate"), "{first:?}");
    let second = shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);
    assert!(second.stdout.contains("Decided: fastest"), "{second:?}");
    assert!(second.stdout.contains("c-"), "{second:?}");
    let waiver = second.stdout.lines().find(|line| line.contains("waiver new-critical: until 20"));
    assert!(waiver.is_some_and(|line| !line.contains("other changes")), "{second:?}");
    // Everybody else sees it: it lies on the remote.
    assert!(shop.git(&work, &["ls-remote", "origin", "refs/detente/ledger"]).contains("refs/detente/ledger"));
}

#[test]
fn whoever_may_not_choose_is_told_who_may() {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let refused = shop.choose(&work, "lead", "fastest", &brief, TUESDAY).ends(1);
    assert!(refused.stderr.contains("delivery-delegate and security-delegate"), "{refused:?}");
    // The author holds no role here, and would not be let through with one.
    let refused = shop.choose(&work, "dev", "most-secure", &brief, TUESDAY).ends(1);
    assert!(refused.stderr.contains("authors do not approve their own change"), "{refused:?}");
    // Somebody who has none: neither in git's settings nor in the usual place.
    let refused =
        shop.detente(&work, &["choose", "balanced", "--reason", "as discussed", "--brief", "../brief.json"]).ends(2);
    assert!(refused.stderr.contains("no SSH key was found") && refused.stderr.contains("--key FILE"), "{refused:?}");
    assert_eq!(shop.git(&work, &["for-each-ref", "refs/detente"]), "");
}

/// In a clone without the change nobody can be told from its authors.
#[test]
fn nobody_chooses_beyond_tolerance_where_the_authors_cannot_be_seen() {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let elsewhere = shop.clone_as("elsewhere", "security");
    let refused = shop.choose(&elsewhere, "security", "balanced", &brief, "2026-11-24T10:00:00Z").ends(1);
    let says = "it is not known who wrote the whole change";
    assert!(refused.stderr.contains(says) && refused.stderr.contains("`git fetch origin`"), "{refused:?}");
    assert_eq!(shop.git(&elsewhere, &["ls-remote", "origin", "refs/detente/ledger"]), "");
    shop.git(&work, &["push", "-q", "origin", "feature"]);
    shop.git(&elsewhere, &["fetch", "-q", "origin"]);
    let chosen = shop.choose(&elsewhere, "security", "balanced", &brief, "2026-11-24T10:00:00Z").ends(0);
    assert!(chosen.stdout.contains("Decided: balanced"), "{chosen:?}");
}

#[test]
fn whoever_is_asked_knows_what_their_key_may_approve() {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let file = shop.path("asked.json");
    std::fs::write(&file, brief.to_string()).unwrap();
    for (name, says) in [
        ("security", "Your key may approve balanced and most-secure, and together with others fastest."),
        ("lead", "Your key may approve most-secure."),
        ("dev", "You wrote part of this change, so it takes somebody else to choose beyond tolerance."),
    ] {
        shop.git(&work, &["config", "user.email", &format!("{name}@example.com")]);
        let key = shop.key(name);
        let (file, key) = (file.to_str().unwrap(), key.to_str().unwrap());
        let asked =
            shop.detente(&work, &["choose", "--plain", "--brief", file, "--key", key, "--now", TUESDAY]).ends(1);
        assert!(asked.stdout.contains(says), "{name}: {asked:?}");
    }
}

/// On the road: the choice is signed and kept, the hook knows of it, and the next push takes it along.
#[test]
fn a_choice_made_out_of_reach_goes_along_with_the_next_push() {
    let shop = Shop::open();
    let work = shop.path("work");
    let reports = shop.beyond();
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    std::fs::rename(shop.path("origin.git"), shop.path("away.git")).unwrap();
    let chosen = shop.choose(&work, "security", "balanced", &brief, "2026-11-24T10:00:00Z").ends(5);
    assert!(chosen.stdout.contains("Decided: balanced for branch/feature, and no other clone knows it"), "{chosen:?}");
    assert!(chosen.stdout.contains("it goes along with the next push"), "{chosen:?}");
    std::fs::rename(shop.path("away.git"), shop.path("origin.git")).unwrap();
    let ledger = || shop.git(&work, &["ls-remote", "origin", "refs/detente/ledger"]);
    assert_eq!(ledger(), "");

    Shop::lay(&work, &reports);
    let [kev, epss] = Shop::feeds();
    let hook = |more: &[&str]| {
        let run = ["hook", "run", "--base", "origin/main", "--now", "2026-11-24T10:30:00Z", &kev, &epss];
        shop.detente(&work, &[&run[..], more].concat()).ends(0).stdout
    };
    let said = hook(&[]);
    assert!(!said.contains("ledger of origin") && ledger().is_empty(), "only a push takes it along: {said}");
    assert!(!hook(&["--carry", "elsewhere"]).contains("ledger of"), "a remote that keeps no ledger");
    let said = hook(&["--carry", "origin"]);
    assert!(said.contains("what was decided in this clone is in the ledger of origin now, too."), "{said}");
    assert!(ledger().contains("refs/detente/ledger"));
    assert!(!hook(&["--carry", "origin"]).contains("ledger of origin"), "once");
}

/// What was not judged yet could not be chosen from.
#[test]
fn a_choice_is_not_dated_before_its_brief() {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let refused = shop.choose(&work, "security", "balanced", &brief, "2026-11-24T09:29:59Z").ends(2);
    let said = "--now 2026-11-24T09:29:59Z is before 2026-11-24T09:30:00Z, when the brief was judged";
    assert!(refused.stderr.contains(said) && refused.stderr.contains("leave --now out"), "{refused:?}");
    assert_eq!(shop.git(&work, &["for-each-ref", "refs/detente"]), "");
    shop.choose(&work, "security", "balanced", &brief, TUESDAY).ends(0);
}

/// Whoever keeps the ledger in the clone on purpose is done when it is there.
#[test]
fn a_choice_that_is_to_stay_in_the_clone_is_no_failure() {
    let shop = Shop::open();
    let work = shop.path("work");
    let reports = shop.beyond();
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    let file = shop.path("brief.json");
    std::fs::write(&file, brief.to_string()).unwrap();
    shop.work_as(&work, "security");
    let key = shop.key("security");
    let choose = |remote: &str| {
        let asked = ["choose", "balanced", "--reason", "as discussed", "--brief", file.to_str().unwrap()];
        let more = ["--key", key.to_str().unwrap(), "--now", "2026-11-24T10:00:00Z", "--remote", remote];
        shop.detente(&work, &[&asked[..], &more].concat())
    };
    let chosen = choose("none").ends(0);
    assert!(chosen.stdout.contains("Decided: balanced for branch/feature. Proceed."), "{chosen:?}");
    assert!(!chosen.stdout.contains("clone only"), "{chosen:?}");
    assert_eq!(shop.git(&work, &["ls-remote", "origin", "refs/detente/ledger"]), "");
    let mut shown = std::process::Command::new(env!("CARGO_BIN_EXE_detente"));
    shop::quiet(&mut shown, &shop);
    let shown = shown.current_dir(&work).args(["ledger", "show", "--now", LATER]).env("LANG", "C").output().unwrap();
    assert!(shown.stdout.is_ascii() && shown.stdout.contains(&b'|'), "{}", String::from_utf8_lossy(&shown.stdout));
    // A name that is no remote's is a slip.
    let chosen = choose("orgin").ends(5);
    assert!(chosen.stdout.contains("this repository has no remote orgin"), "{chosen:?}");
    // Where there is none at all, there is nobody else to know.
    shop.git(&work, &["remote", "remove", "origin"]);
    shop.git(&work, &["update-ref", "refs/remotes/origin/main", "main"]);
    assert!(choose("origin").ends(0).stdout.contains("Proceed."));
}

/// From one's own machine for a merge request: without a brief it is judged afresh, and the request's pipeline knows the choice.
#[test]
fn a_choice_for_a_merge_request_can_be_made_without_its_brief() {
    let shop = Shop::open();
    let (work, reports) = (shop.path("work"), shop.beyond());
    Shop::lay(&work, &reports);
    shop.work_as(&work, "security");
    let key = shop.key("security");
    let asked =
        ["choose", "balanced", "--reason", "as discussed", "--base", "origin/main", "--key", key.to_str().unwrap()];
    let chosen =
        shop.detente(&work, &[&asked[..], &["--change", "merge_request/12", "--now", TUESDAY]].concat()).ends(0);
    assert!(chosen.stdout.contains("Decided: balanced for merge_request/12"), "{chosen:?}");
    // The pipeline of the request judges the same reports.
    let state = |change: &str| {
        let asked = ["gate", "--base", "origin/main", "--format", "json", "--now", TUESDAY, "--change", change];
        let brief: serde_json::Value = serde_json::from_str(&shop.detente(&work, &asked).stdout).unwrap();
        brief["decision"]["state"].clone()
    };
    assert_eq!(state("merge_request/12"), "decided");
    assert_ne!(state("merge_request/13"), "decided");
}

/// Git may name a public key by its text; its private half is in an agent.
#[cfg(unix)]
#[test]
fn the_key_that_git_signs_with_may_be_in_an_agent_alone() {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let file = shop.path("asked.json");
    std::fs::write(&file, brief.to_string()).unwrap();
    let socket = shop.path("agent");
    let mut agent = std::process::Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).spawn().unwrap();
    while !socket.exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let with_agent = |program: &str| {
        let mut command = std::process::Command::new(program);
        shop::quiet(&mut command, &shop);
        command.env("SSH_AUTH_SOCK", &socket).env("DETENTE_ALLOWED_SIGNERS", shop.path("allowed_signers"));
        command.current_dir(&work);
        command
    };
    let added = with_agent("ssh-add").arg("-q").arg(shop.key("security")).status().unwrap().success();
    std::fs::remove_file(shop.key("security")).unwrap();
    shop.work_as(&work, "security");
    shop.git(&work, &["config", "gpg.format", "ssh"]);
    shop.git(&work, &["config", "user.signingkey", &format!("key::{}", shop.public("security"))]);
    let arguments = ["choose", "balanced", "--reason", "as discussed", "--now", TUESDAY, "--brief"];
    let chosen = with_agent(env!("CARGO_BIN_EXE_detente")).args(arguments).arg(&file).output().unwrap();
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert!(added);
    let said = String::from_utf8_lossy(&chosen.stdout).into_owned() + &String::from_utf8_lossy(&chosen.stderr);
    assert!(chosen.status.success() && said.contains("Decided: balanced"), "{said}");
}

/// Decided by both delegates at 10:30, with the brief that it was decided on.
fn decided() -> (Shop, std::path::PathBuf, serde_json::Value) {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);
    (shop, work, brief)
}

const LATER: &str = "2026-11-24T11:00:00Z";

#[test]
fn the_next_run_knows_and_proceeds() {
    let (shop, _, _) = decided();
    // Another clone, as a pipeline has it: shallow, without the ledger.
    let clone = shop.path("pipeline");
    let origin = format!("file://{}", shop.path("origin.git").display());
    shop.git(&shop.path(""), &["clone", "-q", "--depth=1", "--no-single-branch", &origin, "pipeline"]);
    let work = shop.path("work");
    shop.git(&work, &["push", "-q", "origin", "feature"]);
    shop.git(&clone, &["fetch", "-q", "--depth=2", "origin", "feature"]);
    shop.git(&clone, &["checkout", "-q", "-b", "feature", "FETCH_HEAD"]);
    let reports = shop.beyond();
    // Without the ledger nothing is known, and a decision is asked for.
    shop.gate(&clone, &reports, LATER, &["--require-decision", "--ledger", "none"]).ends(1);
    let run = shop.gate(&clone, &reports, LATER, &["--require-decision", "--ledger", "fetch"]).ends(0);
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Beyond tolerance: decided"), "{text}");
    assert!(text.contains("Proceed: Fastest, decided by security (security-delegate) today, 10:00"), "{text}");
    assert!(text.contains("delivery (delivery-delegate)"), "{text}");
    assert!(text.contains("commitments, next due "), "{text}");
    assert!(text.contains("Time to yes: 1 hour."), "{text}");
    // The ledger in this clone can be checked from its beginning, shallow as the clone is.
    let run = shop.detente(&clone, &["ledger", "verify", "--now", LATER]).ends(0);
    assert!(run.stdout.contains("nothing was altered"), "{run:?}");
    // The same snapshot gives the same bytes.
    let again = || shop.gate(&clone, &reports, LATER, &["--format", "json", "--ledger", "local"]).stdout;
    assert_eq!(again(), again());
}

#[test]
fn a_push_that_brings_a_finding_voids_the_decision_and_one_that_does_not_keeps_it() {
    let (shop, work, _) = decided();
    shop.commit(&work, "pay.js", "pay(); log();\n");
    // Another head, the same findings; and one finding fewer.
    let brief = shop.brief(&work, &shop.beyond(), LATER, &["--require-decision"]);
    assert_eq!(brief["decision"]["state"], "decided");
    let fewer = shop.reports("fewer", &["change/trivy.json", "base/semgrep.json", "base/gitleaks.sarif"]);
    assert_eq!(shop.brief(&work, &fewer, LATER, &[])["decision"]["state"], "decided");
    // One more: the secret.
    let more = shop.reports("more", &["change/trivy.json", "change/semgrep.json", "change/gitleaks.json"]);
    let brief = shop.brief(&work, &more, LATER, &[]);
    assert_eq!(brief["decision"]["state"], "void");
    let why = brief["decision"]["void_because"][0].as_str().unwrap();
    assert!(why.starts_with("A finding came after the decision: "), "{why}");
    shop.gate(&work, &more, LATER, &["--require-decision"]).ends(1);
}

#[test]
fn a_finding_that_becomes_worse_or_is_exploited_voids_the_decision() {
    let (shop, work, _) = decided();
    let real = records(&shop, &work).into_iter().find(|record| record["record"] == "detente.decision/1").unwrap();
    let real = decision(real);
    let now = LATER.parse().unwrap();
    let ledger = Ledger::open(&work).unwrap();
    let want = Want { change: real.change.clone(), now, ..Want::default() };
    let history = ledger.snapshot().unwrap().unwrap().history(&want).unwrap();
    let appetite = detente::appetite::read(shop.appetite().as_bytes(), "appetite.yml").unwrap();
    let standing = |alter: &dyn Fn(&mut Decided)| {
        let mut findings = real.findings.clone();
        let least = findings.iter_mut().min_by_key(|finding| finding.severity).unwrap();
        alter(least);
        let case = Case {
            change: &real.change,
            head: &real.head,
            verdict: real.verdict.0,
            findings,
            authors: real.authors.clone(),
            appetite: &appetite,
            default_at: None,
            now,
        };
        stand(&case, &history).unwrap()
    };
    assert!(standing(&|_| {}).state.proceeds());
    assert!(standing(&|finding| finding.severity = Word(Severity::Info)).state.proceeds(), "what is less is covered");
    for (alter, says) in [
        (
            &(|finding: &mut Decided| finding.severity = Word(Severity::Critical)) as &dyn Fn(&mut Decided),
            "is now critical",
        ),
        (&|finding| finding.exploited = true, "is known to be exploited since the decision"),
    ] {
        let standing = standing(alter);
        assert!(!standing.state.proceeds(), "{says}");
        assert!(standing.void_because.concat().contains(says), "{:?}", standing.void_because);
    }
}

#[test]
fn what_becomes_known_to_be_exploited_after_the_decision_is_decided_about_again() {
    let (shop, work, brief) = decided();
    let reports = shop.beyond();
    let cve = "CVE-2023-24998";
    let known = |brief: &serde_json::Value| {
        let findings = brief["findings"].as_array().unwrap();
        let named = |finding: &&serde_json::Value| finding["identifiers"].to_string().contains(cve);
        let finding = findings.iter().find(named).unwrap();
        (finding["id"].as_str().unwrap().to_owned(), finding["severity"].clone(), finding["kev"].clone())
    };
    let (id, severity, _) = known(&brief);
    assert_eq!(shop.brief(&work, &reports, LATER, &[])["decision"]["state"], "decided");
    let once_exploited = |now: &str| shop.brief_once_exploited(cve, &work, &reports, now);
    let brief = once_exploited(LATER);
    assert_eq!(known(&brief), (id.clone(), severity, true.into()), "nothing else is different");
    assert_eq!(brief["decision"]["state"], "void");
    let why = brief["decision"]["void_because"].to_string();
    assert!(why.contains("A finding is known to be exploited since the decision: ") && why.contains(&id), "{why}");
    // Decided with that known, it stands.
    shop.choose(&work, "security", "balanced", &brief, "2026-11-24T11:10:00Z").ends(1);
    let brief = once_exploited("2026-11-24T11:20:00Z");
    assert_eq!((&brief["decision"]["state"], &brief["decision"]["option"]), (&"decided".into(), &"balanced".into()));
}

/// A report of what was there before the change: rules, and how severe each of them is.
fn there_before(rules: &[(&str, &str)]) -> String {
    let rule = |(id, severity): &(&str, &str)| {
        format!(r#"{{ "id": "{id}", "properties": {{ "security-severity": "{severity}" }} }}"#)
    };
    let result = |(id, _): &(&str, &str)| {
        format!(
            r#"{{ "ruleId": "{id}", "message": {{ "text": "Found by {id}" }}, "locations": [ {{ "physicalLocation": {{
                "artifactLocation": {{ "uri": "old/{id}.js" }}, "region": {{ "startLine": 1 }} }} }} ] }}"#
        )
    };
    let each = |row: &dyn Fn(&(&str, &str)) -> String| rules.iter().map(row).collect::<Vec<_>>().join(", ");
    format!(
        r#"{{ "version": "2.1.0", "runs": [ {{ "tool": {{ "driver": {{ "name": "Semgrep OSS", "rules": [ {} ] }} }},
            "results": [ {} ] }} ] }}"#,
        each(&rule),
        each(&result)
    )
}

#[test]
fn what_was_there_before_is_decided_about_in_rows_that_are_beyond_appetite_and_in_no_others() {
    let rows = "  - { id: low, when: finding.severity == LOW, appetite: 100, tolerance: 100 }\n  \
                - { id: high, when: finding.severity == HIGH, appetite: 0, tolerance: 100 }\n";
    let (shop, work) = Shop::agreed(|text| text.replace("coverage:\n", &format!("{rows}coverage:\n")));
    let (reports, before) = (shop.beyond(), shop.reports("before", &[]));
    let judged = |rules: &[(&str, &str)], now: &str| {
        for folder in [&reports, &before] {
            std::fs::write(folder.join("old.sarif"), there_before(rules)).unwrap();
        }
        let brief = shop.brief(&work, &reports, now, &["--base-report", before.to_str().unwrap()]);
        let state = |id: &str| {
            let row = brief["tolerance"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
            row["state"].as_str().unwrap().to_owned()
        };
        assert_eq!((state("low").as_str(), state("high").as_str()), ("within-appetite", "within-tolerance"));
        brief
    };
    let brief = judged(&[("low-1", "2.0"), ("high-1", "8.0")], TUESDAY);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);
    let found = |rule: &str| {
        let findings = brief["findings"].as_array().unwrap();
        let finding = findings.iter().find(|finding| finding["sources"][0]["rule"] == rule).unwrap();
        assert_eq!(finding["origin"], "ambient", "{rule}");
        finding["id"].as_str().unwrap()
    };
    for record in records(&shop, &work).into_iter().filter(|record| record["record"] == "detente.decision/1") {
        let decided = decision(record).findings;
        let about = |rule: &str| decided.iter().any(|finding| finding.id == found(rule));
        assert!(about("high-1") && !about("low-1"), "{decided:?}");
    }
    let state = |rules: &[(&str, &str)]| judged(rules, LATER)["decision"]["state"].clone();
    assert_eq!(state(&[("low-1", "2.0"), ("high-1", "8.0")]), "decided");
    assert_eq!(state(&[("low-1", "2.0"), ("low-2", "2.0"), ("high-1", "8.0")]), "decided");
    assert_eq!(state(&[("low-1", "2.0"), ("high-1", "8.0"), ("high-2", "8.0")]), "void");
}

/// How a brief is altered.
type Alter<'a> = &'a dyn Fn(&mut serde_json::Value);

#[test]
fn only_what_is_up_for_decision_can_be_chosen() {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let not_offered = |brief: &mut serde_json::Value| {
        brief["options"].as_array_mut().unwrap().retain(|option| option["name"] != "fastest");
        brief["merged_options"] = serde_json::json!([]);
    };
    let cases: [(Alter<'_>, &str); 6] = [
        (&|brief| brief["verdict"] = "within-appetite".into(), "the verdict is within-appetite: there is nothing"),
        (&|brief| brief["verdict"] = "unresolved".into(), "the verdict is unresolved: there is nothing to choose"),
        (&not_offered, "the brief does not offer fastest"),
        (&|brief| brief["change"]["name"] = "".into(), "does not name the change"),
        (&|brief| brief["change"]["head"] = serde_json::Value::Null, "does not say which commit it is about"),
        (&|brief| brief["appetite"]["sha256"] = "0".repeat(64).into(), "judged against another version"),
    ];
    for (alter, says) in cases {
        let mut other = brief.clone();
        alter(&mut other);
        let refused = shop.choose(&work, "security", "fastest", &other, TUESDAY).ends(2);
        assert!(refused.stderr.contains(says), "{says}: {refused:?}");
    }
    // The agreement has to be looked at again by then.
    let refused = shop.choose(&work, "security", "fastest", &brief, "2027-03-01T10:00:00Z").ends(4);
    assert!(refused.stderr.contains("it gives nobody the right to decide"), "{refused:?}");
    assert_eq!(shop.git(&work, &["for-each-ref", "refs/detente"]), "");
    shop.choose(&work, "security", "fastest", &brief, TUESDAY).ends(1);
}

#[test]
fn a_changed_agreement_voids_the_decision() {
    let (shop, work, _) = decided();
    shop.git(&work, &["checkout", "-q", "-b", "agreement", "origin/main"]);
    shop.agree(&work, &shop.appetite().replace("tolerance: 2", "tolerance: 3"));
    shop.git(&work, &["push", "-q", "origin", "HEAD:main"]);
    shop.git(&work, &["fetch", "-q", "origin"]);
    shop.git(&work, &["checkout", "-q", "feature"]);
    let brief = shop.brief(&work, &shop.beyond(), LATER, &[]);
    assert_eq!(brief["decision"]["state"], "void");
    assert_eq!(brief["decision"]["void_because"][0], "The risk appetite was changed since the decision.");
}

/// Puts a decision that somebody has written by hand into the ledger, as whoever may push could.
fn smuggle(shop: &Shop, work: &std::path::Path, mut forged: Decision, sign_as: Option<&str>) {
    if let Some(name) = sign_as {
        forged.signature = shop.sign(name, "detente-decision", &forged.signed_bytes());
    }
    let at = forged.at;
    Ledger::open(work).unwrap().append(&[Record::Decision(forged)], "forged", at).unwrap();
}

/// What is said when a forged record lies beside the real choice, and how `ledger verify` ends. Whatever is forged, the
/// change does not proceed; with the real choice of the other delegate in its place it would.
fn forged(
    (shop, real): &(Shop, Decision),
    alter: impl Fn(&Shop, &mut Decision) -> Option<&'static str>,
) -> (String, i32) {
    let mut forged = real.clone();
    let sign_as = alter(shop, &mut forged);
    assert_ne!(forged, *real, "nothing is forged");
    let work = shop.path("work");
    let before = shop.git(&work, &["rev-parse", "refs/detente/ledger"]);
    smuggle(shop, &work, forged, sign_as);
    let now = LATER.parse().unwrap();
    let ledger = Ledger::open(&work).unwrap();
    let want = Want { change: real.change.clone(), now, ..Want::default() };
    let history = ledger.snapshot().unwrap().unwrap().history(&want).unwrap();
    let appetite = detente::appetite::read(shop.appetite().as_bytes(), "appetite.yml").unwrap();
    let case = Case {
        change: &real.change,
        head: &real.head,
        verdict: real.verdict.0,
        findings: real.findings.clone(),
        authors: real.authors.clone(),
        appetite: &appetite,
        default_at: None,
        now,
    };
    let standing = stand(&case, &history).unwrap();
    assert!(!standing.state.proceeds(), "a forged decision let it through: {standing:?}");
    let verified = shop.detente(&work, &["ledger", "verify", "--local", "--now", LATER]).code;
    shop.git(&work, &["update-ref", "refs/detente/ledger", &before]);
    ([standing.not_counted, standing.void_because].concat().join(" "), verified)
}

#[test]
fn forged_decisions_do_not_count() {
    let chosen = chosen();
    // The other delegate's own choice is all that is missing.
    let proceeds = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        forged(&chosen, |shop, decision| {
            decision.by = shop.by_key("delivery");
            Some("delivery")
        })
    }));
    assert!(proceeds.is_err(), "a choice that is not forged counts");
    let work = chosen.0.path("work");
    chosen.0.git(&work, &["update-ref", "refs/detente/ledger", "refs/detente/seen/origin"]);
    // Somebody else's key, with the signature of another choice.
    let (said, code) = forged(&chosen, |shop, decision| {
        decision.by = shop.by_key("delivery");
        None
    });
    assert!(said.contains("does not count: its signature is not over these bytes"), "{said}");
    assert_eq!(code, 4);
    // Signed by one, in the name of another.
    let (said, code) = forged(&chosen, |shop, decision| {
        decision.by = shop.by_key("delivery");
        Some("lead")
    });
    assert!(said.contains("another key signed it"), "{said}");
    assert_eq!(code, 4);
    // Really signed, by somebody who holds no role for it.
    let (said, code) = forged(&chosen, |shop, decision| {
        decision.by = shop.by_key("lead");
        Some("lead")
    });
    assert!(said.contains("they hold none of these roles"), "{said}");
    assert_eq!(code, 4);
    // A program, and a comment that was edited afterwards.
    for (by, expected) in
        [(on_forge(true, false), "a program may not accept risk"), (on_forge(false, true), "was edited afterwards")]
    {
        let (said, code) = forged(&chosen, |_, decision| {
            decision.by = by.clone();
            decision.signature = String::new();
            None
        });
        assert!(said.contains(expected), "{said}");
        assert_eq!(code, 4);
    }
    // Dated in the future, so that it would be the last word.
    let (said, _) = forged(&chosen, |shop, decision| {
        decision.by = shop.by_key("delivery");
        decision.at = "2026-12-24T10:00:00Z".parse().unwrap();
        Some("delivery")
    });
    assert!(said.contains("in the future"), "{said}");
    // A list of findings that is not the one it is bound to.
    let (said, code) = forged(&chosen, |shop, decision| {
        decision.by = shop.by_key("delivery");
        decision.findings.pop();
        Some("delivery")
    });
    assert!(said.contains("not the one it is bound to"), "{said}");
    assert_eq!(code, 4);
    // About fewer findings than there are.
    let (said, _) = forged(&chosen, |shop, decision| {
        decision.by = shop.by_key("delivery");
        decision.findings.pop();
        decision.findings_digest = findings_digest(&decision.findings);
        Some("delivery")
    });
    assert!(said.contains("A finding came after the decision"), "{said}");
    // Under another agreement.
    let (said, code) = forged(&chosen, |shop, decision| {
        decision.by = shop.by_key("delivery");
        decision.appetite = "0".repeat(64);
        Some("delivery")
    });
    assert!(said.contains("The risk appetite was changed"), "{said}");
    assert_eq!(code, 4);
}

#[test]
fn an_author_with_a_role_does_not_approve_their_own_change_whatever_the_record_says() {
    // The record leaves the author out; git does not.
    let shop = Shop::open();
    let work = shop.path("work");
    let appetite = shop.appetite().replace(&shop.public("delivery"), &shop.public("dev"));
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    shop.agree(&work, &appetite);
    shop.git(&work, &["push", "-q", "origin", "HEAD:main"]);
    shop.git(&work, &["checkout", "-q", "-B", "feature", "main"]);
    shop.commit(&work, "pay.js", "pay();\n");
    let reports = shop.beyond();
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    let refused = shop.choose(&work, "dev", "fastest", &brief, "2026-11-24T10:10:00Z").ends(1);
    assert!(refused.stderr.contains("authors do not approve"), "{refused:?}");
    let real = records(&shop, &work).into_iter().find(|record| record["record"] == "detente.decision/1").unwrap();
    let mut decision = decision(real);
    let public = shop.public("dev");
    let key = public.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    decision.by = Decider::SshKey { key, name: "dev".to_owned(), email: "dev@example.com".to_owned() };
    decision.authors.clear();
    smuggle(&shop, &work, decision, Some("dev"));
    let run = shop.gate(&work, &reports, LATER, &["--require-decision", "--ledger", "local"]).ends(1);
    assert!(run.stdout.contains("authors do not approve"), "{run:?}");
}

/// What a pipeline cannot fetch it says; what was rewritten it does not go by, and what it was told to fetch it needs.
#[test]
fn a_run_goes_by_no_ledger_that_was_rewritten() {
    let shop = Shop::open();
    let (work, reports) = (shop.path("work"), shop.beyond());
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    let [kev, epss] = Shop::feeds();
    let in_pipeline = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_detente"));
        shop::quiet(&mut command, &shop);
        command.env("CI", "true").env("DETENTE_ALLOWED_SIGNERS", shop.path("allowed_signers")).current_dir(&work);
        command.args(["gate", reports.to_str().unwrap(), "--base", "origin/main", &kev, &epss, "--now", LATER]);
        let output = command.args(more).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    std::fs::rename(shop.path("origin.git"), shop.path("away.git")).unwrap();
    let (code, said) = in_pipeline(&["--ledger", "fetch"]);
    assert_eq!(code, Some(5), "{said}");
    let (code, said) = in_pipeline(&[]);
    assert_ne!(code, Some(5), "{said}");
    std::fs::rename(shop.path("away.git"), shop.path("origin.git")).unwrap();
    shop.git(&shop.path("origin.git"), &["update-ref", "-d", "refs/detente/ledger"]);
    let (code, said) = in_pipeline(&[]);
    assert!(code == Some(4) && said.contains("rewritten"), "{code:?} {said}");
}

#[test]
fn a_choice_is_not_written_where_the_ledger_was_rewritten() {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    let before = shop.git(&work, &["rev-parse", "refs/detente/ledger"]);
    shop.git(&shop.path("origin.git"), &["update-ref", "-d", "refs/detente/ledger"]);
    let refused = shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(4);
    assert!(refused.stderr.contains("rewritten"), "{refused:?}");
    assert_eq!(shop.git(&work, &["rev-parse", "refs/detente/ledger"]), before);
}

#[test]
fn a_choice_that_waits_for_somebody_promises_nothing_yet() {
    let shop = Shop::open();
    let (work, reports) = (shop.path("work"), shop.beyond());
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    shop.gate(&work, &reports, "2026-11-24T10:10:00Z", &["--record"]);
    let kinds: Vec<_> = records(&shop, &work).iter().map(|record| record["record"].clone()).collect();
    assert!(kinds.contains(&"detente.assessment/1".into()), "{kinds:?}");
    assert!(
        !kinds.contains(&"detente.commitment/1".into()) && !kinds.contains(&"detente.waiver/1".into()),
        "{kinds:?}"
    );
}

/// Whoever signed a commit of the change wrote it, whatever address stands in it.
#[test]
fn whoever_signed_a_commit_of_the_change_is_its_author() {
    let shop = Shop::open();
    let (work, reports) = (shop.path("work"), shop.beyond());
    let key = format!("user.signingkey={}", shop.key("delivery").display());
    let arguments = ["-c", "gpg.format=ssh", "-c", &key, "commit", "-q", "-S", "--allow-empty", "-m", "Work on it"];
    shop.git(&work, &arguments);
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    let refused = shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:10:00Z").ends(1);
    assert!(refused.stderr.contains("authors do not approve their own change"), "{refused:?}");
}

#[test]
fn an_agreed_default_takes_effect_when_its_time_has_passed() {
    let shop = Shop::open();
    let work = shop.path("work");
    let reports = shop.beyond();
    shop.gate(&work, &reports, TUESDAY, &["--record"]).ends(0);
    // Four working hours from 09:30 are over at 13:30.
    let run = shop.gate(&work, &reports, "2026-11-24T13:29:00Z", &["--record", "--require-decision"]).ends(1);
    assert!(run.stdout.contains("If nobody chooses by today, 13:30, Balanced takes effect"), "{run:?}");
    let run = shop.gate(&work, &reports, "2026-11-24T13:31:00Z", &["--record", "--require-decision"]).ends(0);
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Proceed: Balanced took effect today, 13:30, as agreed"), "{text}");
    assert!(text.contains("3 commitments, next due Tue 2026-12-08"), "{text}");
    // It is on record now, with its commitments, and the record holds.
    let brief = shop.brief(&work, &reports, "2026-11-24T14:00:00Z", &[]);
    assert_eq!(brief["decision"]["state"], "by-default");
    assert_ne!(brief["decision"]["record"], "");
    shop.detente(&work, &["ledger", "verify", "--now", LATER]).ends(0);
    // A new finding starts a new clock.
    let more = shop.reports("more", &["change/trivy.json", "change/semgrep.json", "change/gitleaks.json"]);
    shop.gate(&work, &more, "2026-11-24T14:10:00Z", &["--record", "--require-decision"]).ends(1);
}

#[test]
fn a_choice_that_waits_for_somebody_does_not_stop_the_clock_of_the_default() {
    let shop = Shop::open();
    let (work, reports) = (shop.path("work"), shop.beyond());
    let brief = shop.brief(&work, &reports, TUESDAY, &["--record"]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    let run = shop.gate(&work, &reports, "2026-11-24T13:29:00Z", &["--require-decision"]).ends(1);
    assert!(run.stdout.contains("If that is not complete by today, 13:30, Balanced takes effect"), "{run:?}");
    let brief = shop.brief(&work, &reports, "2026-11-24T13:31:00Z", &["--record"]);
    assert_eq!((&brief["decision"]["state"], &brief["decision"]["option"]), (&"by-default".into(), &"balanced".into()));
    // Whoever was missing can still complete it.
    shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T14:00:00Z").ends(0);
    let brief = shop.brief(&work, &reports, "2026-11-24T14:10:00Z", &[]);
    assert_eq!((&brief["decision"]["state"], &brief["decision"]["option"]), (&"decided".into(), &"fastest".into()));
    shop.detente(&work, &["ledger", "verify", "--now", LATER]).ends(0);
}

/// A row that both leaders marked themselves is treated before ship, whatever was chosen or took effect.
#[test]
fn a_decision_does_not_ship_what_comes_before_ship() {
    let shop = Shop::open();
    let work = shop.path("work");
    let held = shop.reports("held", &["change/trivy.json", "change/semgrep.json", "change/gitleaks.json"]);
    let once = "ships once this is treated: live-secret";
    shop.gate(&work, &held, TUESDAY, &["--record"]).ends(1);
    let by_default = shop.gate(&work, &held, "2026-11-24T15:00:00Z", &[]).ends(1);
    let text = by_default.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Balanced took effect") && text.contains(once), "{text}");
    assert!(!text.contains("Proceed: "), "{text}");
    let brief = shop.brief(&work, &held, TUESDAY, &[]);
    let chosen = shop.choose(&work, "lead", "most-secure", &brief, "2026-11-24T09:40:00Z").ends(1);
    assert!(chosen.stdout.contains("Decided: most-secure") && chosen.stdout.contains(once), "{chosen:?}");
    assert!(!chosen.stdout.contains("Proceed"), "{chosen:?}");
}

#[test]
fn the_hotfix_lane_is_always_open_and_promises() {
    let shop = Shop::open();
    let work = shop.path("work");
    // Even where a row must be treated before ship.
    let held = shop.reports("held", &["change/trivy.json", "change/semgrep.json", "change/gitleaks.json"]);
    let brief = shop.brief(&work, &held, TUESDAY, &[]);
    let file = shop.path("brief.json");
    std::fs::write(&file, brief.to_string()).unwrap();
    let key = shop.key("dev");
    let (file, key) = (file.to_str().unwrap(), key.to_str().unwrap());
    let arguments = ["hotfix", "--reason", "checkout is down", "--brief", file, "--key", key, "--now", TUESDAY];
    Shop::lay(&work, &held);
    let [kev, epss] = Shop::feeds();
    let push = ["hook", "run", "--hold", "--base", "origin/main", "--now", "2026-11-24T09:35:00Z", &kev, &epss];
    let stopped = shop.detente(&work, &push).ends(1);
    assert!(stopped.stdout.contains("The push is held"), "{stopped:?}");
    let opened = shop.detente(&work, &arguments).ends(0);
    shop.detente(&work, &push).ends(0);
    assert!(opened.stdout.contains("Promised by 2026-11-27T09:30:00Z"), "{opened:?}");
    shop.gate(&work, &held, LATER, &["--require-decision"]).ends(0);
    let kept = shop.git(&work, &["ls-tree", "--name-only", "refs/detente/ledger"]);
    assert_eq!(kept, "appetite\ncommitment", "the agreement that was in force is kept with it");
    // Promised is what the change brings beyond appetite, and nothing that is within it.
    let records = shop.detente(&work, &["ledger", "export", "--local"]).ends(0).stdout;
    let ids = |findings: &Value| -> BTreeSet<String> {
        findings.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let made = records.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let promise = made.map(|record| record["event"]["promise"].clone()).find(|promise| !promise.is_null()).unwrap();
    let rows = brief["tolerance"].as_array().unwrap().iter().filter(|row| row["state"] != "within-appetite");
    let above: BTreeSet<String> =
        rows.flat_map(|row| row["findings"].as_array().unwrap()).map(|id| id.as_str().unwrap().to_owned()).collect();
    let introduced: Vec<Value> =
        brief["findings"].as_array().unwrap().iter().filter(|it| it["origin"] == "introduced").cloned().collect();
    assert_eq!(ids(&promise["findings"]), above);
    assert!(!ids(&introduced.into()).is_subset(&above), "one of the change's findings is within appetite");
    // What is chosen meanwhile is named as what it is.
    let chosen = shop.choose(&work, "lead", "most-secure", &brief, "2026-11-24T09:35:00Z").ends(0);
    assert!(
        chosen.stdout.contains("Recorded: most-secure for branch/feature. Nobody is missing for it."),
        "{chosen:?}"
    );
    assert!(chosen.stdout.contains("What stands is the hotfix lane, opened by dev."), "{chosen:?}");
    std::fs::write(file, brief.to_string()).unwrap();
    // Opened again for the same commit it promises nothing more.
    let tip = shop.git(&work, &["rev-parse", "refs/detente/ledger"]);
    let again = shop.detente(&work, &[&arguments[..8], &["2026-11-26T09:40:00Z"]].concat()).ends(0);
    assert_eq!(again.stdout, opened.stdout, "the date is the one on record");
    assert_eq!(shop.git(&work, &["rev-parse", "refs/detente/ledger"]), tip);
    // It takes a reason, a change by name, and something that stands against the agreement.
    let empty = ["hotfix", "--reason", " ", "--brief", file, "--key", key, "--now", TUESDAY];
    assert!(shop.detente(&work, &empty).ends(2).stderr.contains("--reason is empty"));
    let mut nameless = brief.clone();
    nameless["change"]["name"] = "".into();
    let nothing = shop.reports("nothing", &["base/trivy.json", "base/semgrep.json", "base/gitleaks.sarif"]);
    for (brief, says) in [
        (nameless, "does not say which change"),
        (shop.brief(&work, &nothing, TUESDAY, &[]), "nothing stands against the agreement"),
    ] {
        std::fs::write(file, brief.to_string()).unwrap();
        let refused = shop.detente(&work, &arguments).ends(2);
        assert!(refused.stderr.contains(says), "{refused:?}");
    }
    // The lane is for this commit alone.
    shop.commit(&work, "pay.js", "pay(); more();\n");
    shop.gate(&work, &held, LATER, &["--require-decision"]).ends(1);
    // Where the lane is all that is on record, so is the agreement by which its promise is moved.
    let id = opened.stdout.split_whitespace().find(|word| word.starts_with("c-")).unwrap().trim_end_matches('.');
    let key = shop.key("security");
    let extend = ["ledger", "extend", id, "--until", "2026-12-10", "--reason", "vendor", "--now", LATER, "--key"];
    shop.detente(&work, &[&extend[..], &[key.to_str().unwrap()]].concat()).ends(0);
    shop.detente(&work, &["ledger", "verify", "--now", LATER]).ends(0);
}
