//! Waivers by real people: who may accept a finding until a date, what that changes, and what it does not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/shop.rs"]
mod shop;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use detente::follow::agreements::Agreements;
use detente::follow::unrecorded::{self, signs, speaks_to};
use detente::follow::waivers::{Accepted, acceptances, obsolete, refusal, standing};
use detente::ledger::Ledger;
use detente::model::appetite::Appetite;
use detente::model::ledger::{
    Baseline, BaselineFinding, BaselineScan, BaselineSuppressed, Decided, Decider, Entry, Person, Record,
    WaivedFinding, Waiver, findings_digest, waiver_id,
};
use detente::model::severity::Severity;
use detente::model::word::Word;
use serde_json::Value;
use shop::{Run, Shop, TUESDAY, on_forge};

const LATER: &str = "2026-11-24T11:00:00Z";
const UNTIL: &str = "2026-12-31";

struct Desk {
    shop: Shop,
    work: PathBuf,
    reports: PathBuf,
}

impl Desk {
    /// A change beyond tolerance, of which no row must be treated before ship.
    fn open() -> Self {
        let shop = Shop::open();
        let (work, reports) = (shop.path("work"), shop.beyond());
        Self { shop, work, reports }
    }

    fn brief(&self, now: &str) -> Value {
        self.shop.brief(&self.work, &self.reports, now, &[])
    }

    fn says(&self, now: &str) -> String {
        let run = self.shop.gate(&self.work, &self.reports, now, &[]);
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn waive(&self, name: &str, what: &str, more: &[&str]) -> Run {
        let brief = self.brief(TUESDAY);
        self.waive_of(&brief, name, what, more)
    }

    fn waive_of(&self, brief: &Value, name: &str, what: &str, more: &[&str]) -> Run {
        let file = self.shop.path("brief.json");
        std::fs::write(&file, brief.to_string()).unwrap();
        self.shop.git(&self.work, &["config", "user.name", name]);
        self.shop.git(&self.work, &["config", "user.email", &format!("{name}@example.com")]);
        let key = self.shop.key(name);
        let (file, key) = (file.to_str().unwrap(), key.to_str().unwrap());
        let mut arguments = vec!["waive", what, "--brief", file, "--key", key];
        for (name, value) in
            [("--until", UNTIL), ("--reason", "parser goes in January"), ("--now", "2026-11-24T10:00:00Z")]
        {
            if !more.contains(&name) {
                arguments.extend([name, value]);
            }
        }
        arguments.extend(more);
        self.shop.detente(&self.work, &arguments)
    }

    /// Both delegates accept it.
    fn accepted(&self, what: &str, more: &[&str]) -> String {
        self.waive("security", what, more).ends(1);
        self.waive("delivery", what, more).ends(0).stdout
    }
}

/// The finding that stands in a row.
fn in_row(brief: &Value, row: &str) -> Vec<String> {
    let row = brief["tolerance"].as_array().unwrap().iter().find(|other| other["id"] == row).unwrap();
    row["findings"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn row<'b>(brief: &'b Value, row: &str) -> &'b Value {
    brief["tolerance"].as_array().unwrap().iter().find(|other| other["id"] == row).unwrap()
}

fn finding<'b>(brief: &'b Value, id: &str) -> &'b Value {
    brief["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == id).unwrap()
}

#[test]
fn two_roles_accept_a_finding_and_the_next_run_does_not_ask_again() {
    let desk = Desk::open();
    let before = desk.brief(TUESDAY);
    let id = in_row(&before, "new-critical").remove(0);
    let first = desk.waive("security", &id, &["--owner", "Team Search"]).ends(1);
    assert!(first.stdout.contains("Still missing: delivery-delegate"), "{first:?}");
    let verified = desk.shop.detente(&desk.work, &["ledger", "verify", "--now", LATER]).ends(0);
    assert!(verified.stdout.contains(" in 1 commit, at "), "{verified:?}");
    // One alone settles nothing.
    let brief = desk.brief(LATER);
    assert_eq!(row(&brief, "new-critical")["measured"], 1);
    let said = brief["notices"].to_string();
    assert!(said.contains("does not hold yet: delivery-delegate has still to accept it"), "{said}");
    // Twice the same person is one person.
    desk.waive("security", &id, &["--now", "2026-11-24T10:05:00Z"]).ends(1);
    let second = desk.waive("delivery", &id, &["--now", "2026-11-24T10:10:00Z"]).ends(0);
    assert!(second.stdout.contains(&format!("Accepted until {UNTIL}, with Team Search")), "{second:?}");

    let brief = desk.brief(LATER);
    let critical = row(&brief, "new-critical");
    assert_eq!((&critical["measured"], critical["accepted"][0].as_str()), (&Value::from(0), Some(id.as_str())));
    assert_eq!(critical["state"], "within-appetite");
    let accepted = &finding(&brief, &id)["accepted"];
    assert_eq!(accepted["until"], "2027-01-01T00:00:00Z");
    assert_eq!(accepted["owner"], "Team Search");
    // A date that may be waived is that of the waiver's end; exposure is what it was.
    assert_eq!(finding(&brief, &id)["rate"], finding(&before, &id)["rate"]);
    let due = &finding(&brief, &id)["due"];
    assert!(due["waivable"] == false || due["at"] == "2026-12-31T23:59:59Z", "{due}");
    assert!(desk.says(LATER).contains(&format!("Accepted until {UNTIL}, with Team Search (waiver v-")));
    // Everybody else sees it: it lies on the remote.
    assert!(desk.shop.git(&desk.work, &["ls-remote", "origin", "refs/detente/ledger"]).contains("refs/detente/ledger"));
    desk.shop.detente(&desk.work, &["ledger", "verify", "--now", LATER]).ends(0);
    // Until the day has passed.
    let after = desk.brief("2027-01-01T00:00:00Z");
    assert_eq!(row(&after, "new-critical")["measured"], 1);
    assert_eq!(finding(&after, &id)["accepted"], Value::Null);
}

#[test]
fn whoever_may_not_accept_it_is_told_who_may_and_nothing_is_recorded() {
    let desk = Desk::open();
    let id = in_row(&desk.brief(TUESDAY), "new-critical").remove(0);
    let refused = |name: &str, what: &str, more: &[&str], code: i32, says: &str| {
        let run = desk.waive(name, what, more).ends(code);
        assert!(run.stderr.contains(says), "{run:?}");
    };
    refused("lead", &id, &[], 1, "it takes delivery-delegate and security-delegate, and they hold none of these roles");
    refused("dev", &id, &[], 1, "authors do not accept what their own change brings");
    refused("security", &id, &["--reason", " "], 2, "a waiver needs a reason");
    refused("security", &id, &["--until", "2026-11-23"], 2, "until 2026-11-23 ends before it begins");
    refused("lead", &id, &["--until", "2026-11-23"], 2, "name a later day");
    refused("security", &id, &["--until", "2099-01-01"], 2, "nothing is accepted without an end");
    refused("security", &id, &["--until", "soon"], 2, "expected a day");
    refused("security", "f-000000000000", &[], 2, "no finding and no row f-000000000000");
    refused("security", "known-exploited", &[], 1, "is treated before ship, as both leaders agreed");
    let nothing = desk.shop.reports("nothing", &["base/trivy.json", "base/semgrep.json", "base/gitleaks.sarif"]);
    let brief = desk.shop.brief(&desk.work, &nothing, TUESDAY, &[]);
    let run = desk.waive_of(&brief, "security", "new-critical", &[]).ends(2);
    assert!(run.stderr.contains("nothing stands in new-critical"), "{run:?}");
    assert_eq!(desk.shop.git(&desk.work, &["for-each-ref", "refs/detente"]), "");
}

/// What is signed keeps until the ledger can be reached; what was rewritten is not written to at all.
#[test]
fn a_waiver_is_kept_out_of_reach_and_refused_where_the_ledger_was_rewritten() {
    let desk = Desk::open();
    let id = in_row(&desk.brief(TUESDAY), "new-critical").remove(0);
    desk.waive("security", &id, &[]).ends(1);
    std::fs::rename(desk.shop.path("origin.git"), desk.shop.path("away.git")).unwrap();
    let kept = desk.waive("delivery", &id, &[]).ends(5);
    assert!(kept.stdout.contains("is in this clone only"), "{kept:?}");
    std::fs::rename(desk.shop.path("away.git"), desk.shop.path("origin.git")).unwrap();
    let before = desk.shop.git(&desk.work, &["rev-parse", "refs/detente/ledger"]);
    desk.shop.git(&desk.shop.path("origin.git"), &["update-ref", "-d", "refs/detente/ledger"]);
    let refused = desk.waive("security", &id, &["--now", "2026-11-24T10:20:00Z"]).ends(4);
    assert!(refused.stderr.contains("rewritten"), "{refused:?}");
    assert_eq!(desk.shop.git(&desk.work, &["rev-parse", "refs/detente/ledger"]), before);
}

#[test]
fn what_is_treated_before_ship_is_not_waived_by_any_name() {
    let desk = Desk::open();
    let held = desk.shop.reports("held", &["change/trivy.json", "change/semgrep.json", "change/gitleaks.json"]);
    let brief = desk.shop.brief(&desk.work, &held, TUESDAY, &[]);
    let secret = in_row(&brief, "live-secret").remove(0);
    let refused = desk.waive_of(&brief, "security", &secret, &[]).ends(1);
    assert!(refused.stderr.contains("what stands in live-secret is treated before ship"), "{refused:?}");
}

#[test]
fn a_row_is_accepted_for_what_stands_in_it_now() {
    let desk = Desk::open();
    let before = desk.brief(TUESDAY);
    let stands = in_row(&before, "new-high");
    assert!(stands.len() > 2, "the row is not beyond tolerance: {stands:?}");
    desk.accepted("new-high", &[]);
    let brief = desk.brief(LATER);
    assert_eq!(row(&brief, "new-high")["measured"], 0);
    assert_eq!(row(&brief, "new-high")["accepted"].as_array().unwrap().len(), stands.len());
    assert_eq!(row(&brief, "new-critical")["measured"], 1, "another row is another matter");
}

/// Puts a waiver that somebody has written by hand into the ledger, as whoever may push could; signed if somebody signs.
fn smuggle(desk: &Desk, mut forged: Waiver, sign_as: Option<&str>) {
    forged.signature = match sign_as {
        Some(name) => desk.shop.sign(name, "detente-waiver", &forged.signed_bytes()),
        None => forged.signature,
    };
    let at = forged.at;
    Ledger::open(&desk.work).unwrap().append(&[Record::Waiver(forged)], "forged", at).unwrap();
}

/// How a waiver is forged.
type Alter<'a> = Box<dyn Fn(&mut Waiver) + 'a>;

#[test]
fn forged_waivers_do_not_count() {
    let desk = Desk::open();
    let id = in_row(&desk.brief(TUESDAY), "new-critical").remove(0);
    desk.waive("security", &id, &[]).ends(1);
    let run = desk.shop.detente(&desk.work, &["ledger", "export", "--local"]).ends(0);
    let records = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut real = records.into_iter().find(|record| record["record"] == "detente.waiver/1").unwrap();
    real.as_object_mut().unwrap().remove("path");
    let Record::Waiver(real) = serde_json::from_value(real).unwrap() else { panic!("a waiver") };
    let tip = desk.shop.git(&desk.work, &["rev-parse", "refs/detente/ledger"]);

    let judged = |alter: &dyn Fn(&mut Waiver), sign_as: Option<&str>| {
        let mut forged = real.clone();
        alter(&mut forged);
        smuggle(&desk, forged, sign_as);
        let local = ["--ledger", "local", "--format", "json"];
        let run = desk.shop.gate(&desk.work, &desk.reports, LATER, &local);
        let brief: Value = serde_json::from_str(&run.stdout).unwrap();
        let at = ["--local", "--now", LATER];
        let verified = desk.shop.detente(&desk.work, &[&["ledger", "verify"], &at[..]].concat());
        let list = desk.shop.detente(&desk.work, &[&["ledger", "export", "--as", "trivyignore"], &at[..]].concat());
        let exported = list.ends(0).stdout.contains(&brief_cve(&brief, &id));
        desk.shop.git(&desk.work, &["update-ref", "refs/detente/ledger", &tip]);
        let measured = row(&brief, "new-critical")["measured"].as_u64().unwrap();
        (measured, exported, verified.code, brief["notices"].to_string() + &verified.stdout)
    };
    // The other delegate's own acceptance is all that is missing.
    let (measured, exported, code, _) = judged(&|waiver| waiver.by = desk.shop.by_key("delivery"), Some("delivery"));
    assert_eq!((measured, exported, code), (0, true, 0), "what is not forged counts");

    let long = "2028-12-31T00:00:00Z".parse().unwrap();
    let again = |waiver: &mut Waiver| waiver.id = waiver_id(&waiver.row, waiver.until, &waiver.findings);
    let cases: Vec<(&str, Alter<'_>, Option<&str>)> = vec![
        ("its signature", Box::new(|waiver| waiver.by = desk.shop.by_key("delivery")), None),
        ("another key signed it", Box::new(|waiver| waiver.by = desk.shop.by_key("delivery")), Some("lead")),
        ("none of these roles", Box::new(|waiver| waiver.by = desk.shop.by_key("lead")), Some("lead")),
        ("a program may not accept risk", Box::new(|waiver| waiver.by = on_forge(true, false)), None),
        ("was edited afterwards", Box::new(|waiver| waiver.by = on_forge(false, true)), None),
        ("nobody decided it", Box::new(|waiver| waiver.by = Decider::Default), None),
        (
            "authors do not accept",
            Box::new(|waiver| {
                waiver.by = desk.shop.by_key("delivery");
                waiver.authors.push(Person { key: desk.shop.public("delivery"), ..Person::default() });
            }),
            Some("delivery"),
        ),
        (
            "is not what it is named by",
            Box::new(|waiver| {
                waiver.by = desk.shop.by_key("delivery");
                waiver.findings[0].id = "f-000000000000".to_owned();
            }),
            Some("delivery"),
        ),
        (
            "more than a year",
            Box::new(|waiver| {
                waiver.by = desk.shop.by_key("delivery");
                waiver.until = long;
                again(waiver);
            }),
            Some("delivery"),
        ),
    ];
    for (says, alter, sign_as) in &cases {
        let (measured, exported, code, said) = judged(alter.as_ref(), *sign_as);
        assert_eq!((measured, exported), (1, false), "{says}: a forged waiver counts: {said}");
        assert_eq!(code, 4, "{says}: {said}");
        assert!(said.contains(says), "{says}: {said}");
    }
    // Dated in the future: verify does not know what time it is, whoever reads it does.
    let future = |waiver: &mut Waiver| {
        waiver.by = desk.shop.by_key("delivery");
        waiver.at = "2026-11-30T00:00:00Z".parse().unwrap();
        waiver.from = waiver.at;
    };
    let (measured, exported, _, said) = judged(&future, Some("delivery"));
    assert_eq!((measured, exported), (1, false));
    assert!(said.contains("which cannot be"), "{said}");
    // One that says it follows from a decision which there is not.
    let (measured, _, code, said) = judged(&|waiver| waiver.decision = "decision/aa/none.json".to_owned(), None);
    assert_eq!((measured, code), (1, 4));
    assert!(said.contains("is not in the ledger"), "{said}");
}

fn brief_cve(brief: &Value, id: &str) -> String {
    finding(brief, id)["identifiers"][0].as_str().unwrap().to_owned()
}

#[test]
fn an_author_who_holds_the_role_does_not_accept_what_they_bring_whatever_the_record_says() {
    let shop = Shop::open();
    let work = shop.path("work");
    let appetite = shop.appetite().replace(&shop.public("delivery"), &shop.public("dev"));
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    shop.agree(&work, &appetite);
    shop.git(&work, &["push", "-q", "origin", "HEAD:main"]);
    shop.git(&work, &["checkout", "-q", "-B", "feature", "main"]);
    shop.commit(&work, "pay.js", "pay();\n");
    let desk = Desk { reports: shop.beyond(), work, shop };
    let id = in_row(&desk.brief(TUESDAY), "new-critical").remove(0);
    desk.waive("security", &id, &[]).ends(1);
    let refused = desk.waive("dev", &id, &[]).ends(1);
    assert!(refused.stderr.contains("authors do not accept"), "{refused:?}");
    let run = desk.shop.detente(&desk.work, &["ledger", "export", "--local"]).ends(0);
    let records = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut real = records.into_iter().find(|record| record["record"] == "detente.waiver/1").unwrap();
    real.as_object_mut().unwrap().remove("path");
    let Record::Waiver(mut forged) = serde_json::from_value(real).unwrap() else { panic!("a waiver") };
    forged.by = match desk.shop.by_key("dev") {
        Decider::SshKey { key, name, .. } => Decider::SshKey { key, name, email: "dev@example.com".to_owned() },
        other => other,
    };
    forged.authors.clear();
    smuggle(&desk, forged, Some("dev"));
    let run = desk.shop.gate(&desk.work, &desk.reports, LATER, &["--ledger", "local", "--format", "json"]);
    let brief: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(row(&brief, "new-critical")["measured"], 1, "{}", brief["notices"]);
}

#[test]
fn a_finding_that_becomes_exploited_is_not_covered_any_more() {
    let desk = Desk::open();
    let id = in_row(&desk.brief(TUESDAY), "new-critical").remove(0);
    desk.accepted(&id, &[]);
    let brief = desk.brief(LATER);
    assert_eq!(row(&brief, "new-critical")["measured"], 0);
    // The same finding, known to be exploited the next day.
    let cve = brief_cve(&brief, &id);
    let brief = desk.shop.brief_once_exploited(&cve, &desk.work, &desk.reports, LATER);
    assert_eq!(finding(&brief, &id)["accepted"], Value::Null);
    assert_eq!(row(&brief, "new-critical")["measured"], 1);
    let said = brief["notices"].to_string();
    assert!(said.contains("any more: it is known to be exploited since then"), "{said}");
}

#[test]
fn what_is_known_to_be_exploited_when_it_is_accepted_is_covered() {
    let held = "    tolerance: 0\n    before_ship: true\n";
    let (shop, work) = Shop::agreed(|text| text.replacen(held, "    tolerance: 0\n", 1));
    let desk = Desk { reports: shop.beyond(), work, shop };
    let id = in_row(&desk.brief(TUESDAY), "new-critical").remove(0);
    let cve = brief_cve(&desk.brief(TUESDAY), &id);
    let brief = desk.shop.brief_once_exploited(&cve, &desk.work, &desk.reports, TUESDAY);
    assert_eq!(finding(&brief, &id)["kev"], true);
    desk.waive_of(&brief, "security", &id, &[]).ends(1);
    desk.waive_of(&brief, "delivery", &id, &[]).ends(0);
    let brief = desk.shop.brief_once_exploited(&cve, &desk.work, &desk.reports, LATER);
    assert_eq!(finding(&brief, &id)["accepted"]["until"], "2027-01-01T00:00:00Z", "{}", brief["notices"]);
}

#[test]
fn nothing_is_accepted_where_no_agreement_is_in_force_or_by_a_brief_of_another_one() {
    let desk = Desk::open();
    let brief = desk.brief(TUESDAY);
    let id = in_row(&brief, "new-critical").remove(0);
    // Its review was due a month ago.
    let late = ["--now", "2027-03-01T10:00:00Z", "--until", "2027-12-31"];
    let refused = desk.waive_of(&brief, "security", &id, &late).ends(4);
    assert!(refused.stderr.contains("it gives nobody the right to decide"), "{refused:?}");
    let mut other = brief.clone();
    other["appetite"]["sha256"] = "0".repeat(64).into();
    let refused = desk.waive_of(&other, "security", &id, &[]).ends(2);
    assert!(refused.stderr.contains("judged against another version of the risk appetite"), "{refused:?}");
    assert_eq!(desk.shop.git(&desk.work, &["for-each-ref", "refs/detente"]), "");
    desk.waive_of(&brief, "security", &id, &[]).ends(1);
}

#[test]
fn nothing_is_handed_to_a_scanner_where_nobody_is_known_who_may_accept() {
    let desk = Desk::open();
    let id = in_row(&desk.brief(TUESDAY), "new-critical").remove(0);
    desk.accepted(&id, &["--until", "2027-06-01"]);
    // The agreement has to be looked at again by 2027-02-01; after that only who vouches for its keys makes it count.
    let export = |signers: bool| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_detente"));
        shop::quiet(&mut command, &desk.shop);
        command.current_dir(&desk.work).args([
            "ledger",
            "export",
            "--as",
            "trivyignore",
            "--now",
            "2027-03-01T00:00:00Z",
        ]);
        if signers {
            command.env("DETENTE_ALLOWED_SIGNERS", desk.shop.path("allowed_signers"));
        }
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    };
    let (code, text) = export(false);
    assert!(code == Some(4) && text.contains("nobody is known who may accept"), "{text}");
    let (code, text) = export(true);
    assert!(code == Some(0) && text.contains("CVE-"), "{text}");
}

/// A waiver of two findings, each seen by a scanner of its own: an advisory, and a problem in the code.
fn of_two() -> Waiver {
    let finding = |id: &str, identifiers: &[&str], tool: &str, rule: &str, path: &str| WaivedFinding {
        id: id.to_owned(),
        title: String::new(),
        identifiers: identifiers.iter().map(|&name| name.to_owned()).collect(),
        saw: vec![(tool.to_owned(), rule.to_owned())],
        path: path.to_owned(),
        purl: String::new(),
        severity: Word(Severity::High),
        exploited: false,
    };
    Waiver {
        id: "v-1".to_owned(),
        at: TUESDAY.parse().unwrap(),
        from: TUESDAY.parse().unwrap(),
        until: "2027-01-01T00:00:00Z".parse().unwrap(),
        row: String::new(),
        change: String::new(),
        findings: vec![
            finding("f-1", &["CVE-2020-36518"], "trivy", "CVE-2020-36518", "pom.xml"),
            finding("f-2", &[], "bandit", "B307", "pay.py"),
        ],
        owner: String::new(),
        reason: String::new(),
        by: Decider::Default,
        authors: Vec::new(),
        appetite: String::new(),
        decision: String::new(),
        signature: String::new(),
    }
}

fn accepted(waiver: &Waiver, holds: bool) -> Vec<Accepted<'_>> {
    vec![Accepted { waiver, by: Vec::new(), holds, missing: Vec::new(), not_counted: Vec::new() }]
}

#[test]
fn a_line_is_signed_by_a_waiver_of_what_it_hides_from_the_scanner_that_saw_it() {
    let waiver = of_two();
    let signed = |path: &str, tool: &str, text: &str| signs(&accepted(&waiver, true), path, tool, text);
    // A list is signed by the name of the finding, a line beside the code by the rule, in the file of the finding.
    assert!(signed(".trivyignore", "Trivy", "CVE-2020-36518 exp:2026-12-31"));
    assert!(signed(".grype.yaml", "Grype", "- vulnerability: CVE-2020-36518"));
    assert!(signed(".grype.yaml", "Grype", "ignore:"), "what leaves nothing out needs no waiver of its own");
    assert!(signed("pay.py", "Bandit", "eval(x)  # nosec B307"));
    for (path, tool, text, why) in [
        (".trivyignore", "Trivy", "CVE-2021-44228", "another finding"),
        (".trivyignore", "Trivy", "", "it names nothing"),
        ("pay.py", "Bandit", "eval(x)  # nosec", "every rule of the line is left out"),
        ("pay.py", "Bandit", "eval(x)  # nosec B608", "another rule"),
        ("pay.py", "Semgrep", "eval(x)  # nosemgrep B307", "another scanner"),
        ("order.py", "Bandit", "eval(x)  # nosec B307", "another file"),
        ("order.py", "Trivy", "# trivy:ignore:CVE-2020-36518", "the name of a finding alone, and no list"),
        ("pay.py", "Bandit", "reason = eval(x)  # nosec", "words of a list, and no list"),
    ] {
        assert!(!signed(path, tool, text), "{why}: {text}");
    }
    // A rule or a name that is not known names nothing.
    let mut nameless = waiver.clone();
    for finding in &mut nameless.findings {
        finding.identifiers = vec![String::new()];
        finding.saw[0].1 = String::new();
    }
    assert!(!signs(&accepted(&nameless, true), ".trivyignore", "Trivy", "\"\" ''"));
    for text in ["CVE-2020-36518", "ignore:"] {
        assert!(!signs(&accepted(&waiver, false), ".trivyignore", "Trivy", text), "a waiver that does not hold");
        assert!(!signs(&[], ".trivyignore", "Trivy", text), "no waiver at all");
    }
    assert!(speaks_to("Bandit, gosec", "gosec") && speaks_to("Semgrep", "Semgrep OSS"));
    assert!(!speaks_to("", "trivy") && !speaks_to("Bandit, ", "trivy"), "a line that speaks to nobody");
}

#[test]
fn what_a_scanner_was_told_is_recorded_only_by_a_waiver_of_it_that_holds() {
    let waiver = of_two();
    let told = [("f-1", "an advisory"), ("f-9", "something else")];
    assert_eq!(unrecorded::findings(&told, &accepted(&waiver, true)), [("f-9", "something else")]);
    assert_eq!(unrecorded::findings(&told, &accepted(&waiver, false)), told);
}

#[test]
fn only_what_holds_is_accepted() {
    let waiver = of_two();
    let accepts = |holds: bool| acceptances(&accepted(&waiver, holds), "pull/1", &BTreeSet::new(), &[]).len();
    assert_eq!((accepts(true), accepts(false)), (2, 0));
}

#[test]
fn a_name_binds_all_that_is_accepted() {
    let waiver = of_two();
    let named = |alter: &dyn Fn(&mut Waiver)| {
        let mut waiver = waiver.clone();
        alter(&mut waiver);
        waiver_id(&waiver.row, waiver.until, &waiver.findings)
    };
    let real = named(&|_| {});
    assert_eq!(named(&|waiver| waiver.findings.reverse()), real, "in whatever order");
    for alter in [
        &(|waiver: &mut Waiver| waiver.row = "new-high".to_owned()) as &dyn Fn(&mut Waiver),
        &|waiver| waiver.until = LATER.parse().unwrap(),
        &|waiver| waiver.findings[0].id = "f-9".to_owned(),
        &|waiver| waiver.findings[0].severity = Word(Severity::Critical),
        &|waiver| waiver.findings[0].exploited = true,
        &|waiver| waiver.findings.truncate(1),
    ] {
        assert_ne!(named(alter), real);
    }
    let decided = Decided {
        id: "f-1".to_owned(),
        title: "An advisory".to_owned(),
        severity: Word(Severity::High),
        exploited: false,
    };
    for other in [
        Decided { id: "f-9".to_owned(), ..decided.clone() },
        Decided { severity: Word(Severity::Critical), ..decided.clone() },
        Decided { exploited: true, ..decided.clone() },
    ] {
        assert_ne!(findings_digest(&[other]), findings_digest(std::slice::from_ref(&decided)));
    }
}

#[test]
fn a_waiver_holds_from_its_beginning_to_its_end_and_takes_somebody() {
    let shop = Shop::open();
    let text = shop.appetite();
    let both = "fastest: [delivery-delegate, security-delegate]";
    let read = |roles: &str| {
        assert!(text.contains(both));
        detente::appetite::read(text.replace(both, roles).as_bytes(), "appetite.yml").unwrap()
    };
    let (one, nobody) = (read("fastest: [security-delegate]"), read("fastest: []"));
    let signed = |alter: &dyn Fn(&mut Waiver)| {
        let mut waiver = Waiver { by: shop.by_key("security"), ..of_two() };
        alter(&mut waiver);
        waiver.id = waiver_id(&waiver.row, waiver.until, &waiver.findings);
        waiver.signature = shop.sign("security", Waiver::NAMESPACE, &waiver.signed_bytes());
        waiver
    };
    let holds = |waiver: &Waiver, appetite: &Appetite, at: &str| {
        let waivers = [Entry { path: "waiver/1".to_owned(), record: waiver.clone() }];
        standing(&waivers, &BTreeMap::new(), Agreements::new(Some(appetite), &[]), at.parse().unwrap())[0].holds
    };
    let real = signed(&|_| {});
    assert!(holds(&real, &one, TUESDAY) && holds(&real, &one, "2026-12-31T23:59:59Z"));
    assert!(!holds(&real, &one, "2027-01-01T00:00:00Z"), "it has ended");
    assert!(!holds(&real, &nobody, TUESDAY), "nobody may accept it");
    let later = signed(&|waiver| waiver.from = "2026-12-01T00:00:00Z".parse().unwrap());
    assert!(!holds(&later, &one, TUESDAY) && holds(&later, &one, "2026-12-01T00:00:00Z"), "it begins later");
    // One person who holds both roles stands for one of them, however often they accept it.
    let (security, delivery) = (shop.public("security"), shop.public("delivery"));
    let two = detente::appetite::read(text.replace(&delivery, &security).as_bytes(), "appetite.yml").unwrap();
    let again = [&real, &signed(&|waiver| waiver.reason = "once more".to_owned())];
    let again = again.map(|waiver| Entry { path: "waiver/1".to_owned(), record: waiver.clone() });
    let again = standing(&again, &BTreeMap::new(), Agreements::new(Some(&two), &[]), TUESDAY.parse().unwrap());
    assert!(!again[0].holds, "one person stands for two");
    // It cannot have held before anybody accepted it.
    let before = signed(&|waiver| waiver.from = "2026-11-01T00:00:00Z".parse().unwrap());
    let why = refusal(&before, &one, TUESDAY.parse().unwrap());
    assert!(!holds(&before, &one, TUESDAY) && why.is_some_and(|why| why.contains("which cannot be")));
}

#[test]
fn a_waiver_is_needed_until_everybody_who_saw_what_it_is_about_looked_and_it_is_gone() {
    let waiver = of_two();
    let scan = |tool: &str| BaselineScan {
        tool: tool.to_owned(),
        version: String::new(),
        kinds: Vec::new(),
        complete: true,
        dropped: Vec::new(),
    };
    let gone = Baseline {
        branch: "main".to_owned(),
        commit: "1".repeat(40),
        at: LATER.parse().unwrap(),
        scans: vec![scan("trivy"), scan("bandit")],
        findings: Vec::new(),
        suppressed: Vec::new(),
        exceptions: Vec::new(),
        contains: Vec::new(),
        quarter: "2026-Q4".to_owned(),
        spent: 0.0,
        spent_since: TUESDAY.parse().unwrap(),
    };
    assert!(obsolete(&waiver, &gone));
    let found = BaselineFinding {
        id: "f-2".to_owned(),
        category: Word(detente::model::category::Category::Code),
        title: String::new(),
        severity: Word(Severity::High),
        path: String::new(),
        package: String::new(),
        saw: Vec::new(),
        rate: 0.0,
        since: TUESDAY.parse().unwrap(),
    };
    let told = BaselineSuppressed { id: "f-2".to_owned(), title: String::new(), kind: String::new() };
    let partial = BaselineScan { complete: false, ..scan("bandit") };
    for (baseline, why) in [
        (Baseline { findings: vec![found], ..gone.clone() }, "it is still found"),
        (Baseline { suppressed: vec![told], ..gone.clone() }, "a scanner was told not to count it"),
        (Baseline { scans: vec![scan("trivy")], ..gone.clone() }, "a scanner did not run"),
        (
            Baseline { scans: vec![scan("trivy"), scan("bandit"), partial], ..gone.clone() },
            "a report was not read in full",
        ),
        (Baseline { at: waiver.from, ..gone.clone() }, "nobody has looked since"),
    ] {
        assert!(!obsolete(&waiver, &baseline), "{why}");
    }
    assert!(!obsolete(&Waiver { findings: Vec::new(), ..waiver }, &gone), "it is about a row, and not about findings");
}
