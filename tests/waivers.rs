//! Waivers by real people: who may accept a finding until a date, what that changes, and what it does not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/shop.rs"]
mod shop;

use std::path::PathBuf;

use detente::ledger::Ledger;
use detente::model::ledger::{Decider, Person, Record, Waiver, waiver_id};
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
    assert!(due["waivable"] == false || due["at"] == "2027-01-01T00:00:00Z", "{due}");
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
    refused("security", &id, &["--until", "2026-11-23"], 1, "it ends before it begins");
    refused("security", &id, &["--until", "2099-01-01"], 1, "nothing is accepted without an end");
    refused("security", &id, &["--until", "soon"], 2, "expected a day");
    refused("security", "f-000000000000", &[], 2, "no finding and no row f-000000000000");
    refused("security", "known-exploited", &[], 1, "is treated before ship, as both leaders agreed");
    assert_eq!(desk.shop.git(&desk.work, &["for-each-ref", "refs/detente"]), "");
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
    let kev = desk.shop.path("kev.json");
    let entry = format!(r#"{{ "cveID": "{cve}", "dateAdded": "2026-11-24" }}"#);
    std::fs::write(&kev, format!(r#"{{ "catalogVersion": "2026.11.25", "vulnerabilities": [{entry}] }}"#)).unwrap();
    let [_, epss] = Shop::feeds();
    let kev = format!("--kev={}", kev.display());
    let reports = desk.reports.to_str().unwrap();
    let base = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/demo/base");
    let arguments = ["gate", reports, "--base", "origin/main", "--base-report", base, &kev, &epss];
    let arguments = [&arguments[..], &["--now", LATER, "--format", "json"]].concat();
    let run = desk.shop.detente(&desk.work, &arguments);
    let brief: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    assert_eq!(finding(&brief, &id)["accepted"], Value::Null);
    assert_eq!(row(&brief, "new-critical")["measured"], 1);
    let said = brief["notices"].to_string();
    assert!(said.contains("any more: it is known to be exploited since then"), "{said}");
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
