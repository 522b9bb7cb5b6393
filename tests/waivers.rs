//! Waivers by real people: who may accept a finding until a date, what that changes, and what it does not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/shop.rs"]
mod shop;

use std::path::PathBuf;

use serde_json::Value;
use shop::{Run, Shop, TUESDAY};

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
    let second = desk.waive("delivery", &id, &[]).ends(0);
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
