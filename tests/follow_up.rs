//! What earlier promises, waivers and baselines mean for the next change.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/shop.rs"]
mod shop;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use detente::ledger::Ledger;
use detente::model::ledger::{Baseline, CommitmentEvent, Decider, Decision, Event, Record};
use serde_json::Value;
use shop::{Run, Shop, TUESDAY};

fn options(brief: &Value) -> Vec<&str> {
    brief["options"].as_array().unwrap().iter().map(|option| option["name"].as_str().unwrap()).collect()
}

/// `gate --record` on the default branch.
fn on_main(shop: &Shop, work: &Path, reports: &Path, now: &str) -> Run {
    let [kev, epss] = Shop::feeds();
    let reports = reports.to_str().unwrap();
    shop.detente(work, &["gate", reports, "--record", "--change", "branch/main", &kev, &epss, "--now", now])
}

/// A change judged against the baseline of the ledger.
fn judged(shop: &Shop, work: &Path, reports: &Path, now: &str) -> Value {
    let [kev, epss] = Shop::feeds();
    let reports = reports.to_str().unwrap();
    let run =
        shop.detente(work, &["gate", reports, "--base", "origin/main", &kev, &epss, "--now", now, "--format", "json"]);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

/// What `ledger export` printed.
fn exported(run: &Run) -> Vec<Record> {
    let read = |line: &str| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record.as_object_mut().unwrap().remove("path");
        serde_json::from_value(record).unwrap()
    };
    run.stdout.lines().map(read).collect()
}

fn records(shop: &Shop, work: &Path) -> Vec<Record> {
    exported(&shop.detente(work, &["ledger", "export", "--local"]).ends(0))
}

#[test]
fn fastest_is_not_offered_while_a_promise_is_overdue_if_so_agreed() {
    let (shop, work) = Shop::agreed(|text| {
        let text = text.replace("  max_age: 24h\n", "");
        text.replace("  default: {", "  overdue: { withhold: fastest }\n  default: {")
    });
    let reports = shop.beyond();
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    assert_eq!(options(&brief)[0], "fastest");
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);

    // On time, another change is offered everything; once a promise is overdue, it is not.
    let other =
        |now: &str, more: &[&str]| shop.brief(&work, &reports, now, &[&["--change", "branch/other"], more].concat());
    assert_eq!(options(&other("2026-11-24T11:00:00Z", &[]))[0], "fastest");
    let late = "2027-01-20T10:00:00Z";
    let brief = other(late, &[]);
    assert!(!options(&brief).is_empty() && !options(&brief).contains(&"fastest"), "{:?}", options(&brief));
    assert_ne!(brief["recommended"], "fastest");
    let said = brief["notices"].to_string();
    assert!(said.contains("Fastest is not offered, as both leaders agreed: "), "{said}");
    assert!(said.contains("overdue"), "{said}");

    // A brief without the ledger offers it; nobody can choose it all the same.
    let blind = other(late, &["--ledger", "none"]);
    assert_eq!(options(&blind)[0], "fastest");
    let refused = shop.choose(&work, "security", "fastest", &blind, late).ends(1);
    assert!(refused.stderr.contains("not offered while a commitment is overdue"), "{refused:?}");
    // Both choices of it, really signed, put into the ledger by hand.
    let run = shop.detente(&work, &["ledger", "export", "--local", "--now", late]).ends(0);
    for record in exported(&run) {
        let Record::Decision(mut forged) = record else { continue };
        let Decider::SshKey { name, .. } = forged.by.clone() else { panic!("a key") };
        forged.change = "branch/other".to_owned();
        forged.at = late.parse().unwrap();
        forged.signature = shop.sign(&name, Decision::NAMESPACE, &forged.signed_bytes());
        Ledger::open(&work).unwrap().append(&[Record::Decision(forged.clone())], "forged", forged.at).unwrap();
    }
    let brief = other("2027-01-20T10:30:00Z", &["--ledger", "local"]);
    assert_ne!(brief["decision"]["state"], "decided", "{}", brief["decision"]);
    let said = brief["decision"]["not_counted"].to_string();
    assert!(said.contains("it was not offered then, as the commitment"), "{said}");
    shop.choose(&work, "security", "balanced", &blind, "2027-01-20T10:40:00Z").ends(0);

    // Back on track, it is offered again: those one level up give it time, and stand for that.
    let run = shop.detente(&work, &["ledger", "show", "--now", late]).ends(0);
    let overdue = run.stdout.lines().filter(|line| line.contains("overdue"));
    let open: Vec<&str> =
        overdue.filter_map(|line| line.split_whitespace().find(|word| word.starts_with("c-"))).collect();
    assert!(!open.is_empty(), "{run:?}");
    let key = shop.key("cio");
    for id in open {
        let arguments = ["ledger", "extend", id, "--until", "2027-03-01", "--reason", "vendor", "--key"];
        shop.detente(&work, &[&arguments[..], &[key.to_str().unwrap(), "--now", late]].concat()).ends(0);
    }
    assert_eq!(options(&other("2027-01-20T11:00:00Z", &[]))[0], "fastest");
}

#[test]
fn an_option_uses_what_is_left_of_the_budget() {
    let (shop, work) = Shop::agreed(|text| text);
    let before = shop.reports("before", &["base/trivy.json", "base/semgrep.json", "base/gitleaks.sarif"]);
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    on_main(&shop, &work, &before, "2026-11-23T08:00:00Z");
    on_main(&shop, &work, &before, "2026-11-24T08:00:00Z");
    shop.git(&work, &["checkout", "-q", "feature"]);
    let brief = judged(&shop, &work, &shop.beyond(), TUESDAY);
    let budget = &brief["budget"];
    assert_eq!((budget["quarter"].as_str(), budget["agreed"].as_f64()), (Some("2026-Q4"), Some(100.0)));
    let spent = budget["spent"].as_f64().unwrap();
    let per_day = budget["per_day"].as_f64().unwrap();
    // From 08:00 on Monday to 09:30 on Tuesday.
    assert!((spent - per_day * 25.5 / 24.0).abs() < 1e-3 * spent, "{budget}");
    assert!(!options(&brief).is_empty(), "{}", brief["notices"]);
    let left = (jiff::Timestamp::from_second(1_798_761_600).unwrap(), TUESDAY.parse::<jiff::Timestamp>().unwrap());
    let days = left.0.duration_since(left.1).as_secs_f64() / 86_400.0;
    assert!(
        (budget["forecast"].as_f64().unwrap() - (spent + per_day * days)).abs() < 1e-3 * spent.max(1.0),
        "{budget}"
    );
    for option in brief["options"].as_array().unwrap() {
        let expected = option["exposure"].as_f64().unwrap() / (100.0 - spent);
        assert!((option["budget_share"].as_f64().unwrap() - expected).abs() < 1e-4 * expected.max(1.0), "{option}");
        let said = option["pros"].to_string() + &option["cons"].to_string();
        assert!(said.contains("of what is left of the exposure budget of 2026-Q4"), "{said}");
        assert!(said.contains("by its end if nothing changes"), "{said}");
    }
}

#[test]
fn a_budget_that_is_spent_is_said_in_every_option() {
    let (shop, work) = Shop::agreed(|text| text.replace("exposure: 100", "exposure: 0.001"));
    let before = shop.reports("before", &["base/trivy.json", "base/semgrep.json", "base/gitleaks.sarif"]);
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    on_main(&shop, &work, &before, "2026-11-23T08:00:00Z");
    shop.git(&work, &["checkout", "-q", "feature"]);
    let brief = judged(&shop, &work, &shop.beyond(), TUESDAY);
    assert!(!options(&brief).is_empty(), "{}", brief["notices"]);
    for option in brief["options"].as_array().unwrap() {
        assert_eq!(option["budget_share"], Value::Null);
        let cons = option["cons"].to_string();
        assert!(cons.contains("whose budget is spent"), "{cons}");
    }
}

#[test]
fn what_a_decision_accepted_is_accepted_on_later_changes_too() {
    let (shop, work) = Shop::agreed(|text| text);
    let reports = shop.beyond();
    let before = shop.reports("before", &["base/trivy.json", "base/semgrep.json", "base/gitleaks.sarif"]);
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    on_main(&shop, &work, &before, "2026-11-24T08:00:00Z");
    shop.git(&work, &["checkout", "-q", "feature"]);
    let brief = judged(&shop, &work, &reports, TUESDAY);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T09:40:00Z").ends(1);
    shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T09:45:00Z").ends(0);
    // On its own change the decision counts, and not the waiver that follows from it.
    let again = judged(&shop, &work, &reports, "2026-11-24T09:50:00Z");
    assert_eq!((&again["verdict"], &again["decision"]["state"]), (&brief["verdict"], &"decided".into()));
    shop.git(&work, &["checkout", "-q", "main"]);
    shop.git(&work, &["merge", "-q", "--no-ff", "-m", "Merge feature", "feature"]);
    shop.git(&work, &["push", "-q", "origin", "main"]);
    on_main(&shop, &work, &reports, "2026-11-24T10:00:00Z");
    shop.git(&work, &["checkout", "-q", "-b", "next"]);
    shop.commit(&work, "next.js", "next();\n");
    let next = judged(&shop, &work, &reports, "2026-11-24T10:30:00Z");
    let accepted: Vec<&Value> =
        next["findings"].as_array().unwrap().iter().filter(|finding| finding["accepted"] != Value::Null).collect();
    assert!(!accepted.is_empty(), "{}", next["notices"]);
    assert!(accepted.iter().all(|finding| finding["origin"] == "ambient"));
}

/// A report of semgrep about one finding that somebody told it not to count.
const TOLD: &str = r#"{ "version": "2.1.0", "runs": [ {
  "tool": { "driver": { "name": "Semgrep OSS", "semanticVersion": "1.100.0", "rules": [ { "id": "eval" } ] } },
  "results": [ { "ruleId": "eval", "level": "error", "message": { "text": "Code is made of input" },
    "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "pay.js" }, "region": { "startLine": 1 } } } ],
    "suppressions": [ { "kind": "inSource" } ] } ] } ] }"#;

#[test]
fn the_ledger_shows_the_days_of_the_brief() {
    let far = "holidays: [2026-12-25], time_zone: Pacific/Auckland }";
    let (shop, work) = Shop::agreed(|text| text.replace("holidays: [2026-12-25] }", far));
    let reports = shop.beyond();
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    for (name, code) in [("security", 1), ("delivery", 0)] {
        shop.choose(&work, name, "fastest", &brief, "2026-11-24T10:00:00Z").ends(code);
    }
    let said = shop.gate(&work, &reports, "2026-11-24T11:00:00Z", &[]).stdout;
    let (_, day) = said.split_once("next due ").unwrap_or_else(|| panic!("{said}"));
    let day = day.split_whitespace().nth(1).unwrap().trim_end_matches('.');
    let shown = shop.detente(&work, &["ledger", "show", "--now", "2026-11-24T11:00:00Z"]).ends(0).stdout;
    assert!(shown.contains(&format!(" {day} ")), "{day} is not in {shown}");
    assert!(shown.contains("Days are those of the time zone Pacific/Auckland."), "{shown}");
}

#[test]
fn what_scanners_were_told_without_a_waiver_is_shown_until_there_is_one() {
    let (shop, work) = Shop::agreed(|text| text);
    let reports = shop.beyond();
    fs::write(reports.join("told.sarif"), TOLD).unwrap();
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    shop.commit(&work, ".trivyignore", "# agreed by phone\nCVE-2020-36518\n");
    shop.git(&work, &["push", "-q", "origin", "main"]);
    on_main(&shop, &work, &reports, "2026-11-24T08:00:00Z");
    let show = |now: &str| {
        let run = shop.detente(&work, &["ledger", "show", "--now", now]).ends(0);
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let shown = show(TUESDAY);
    assert!(shown.contains("Scanners were told not to count 1 finding, and no waiver stands behind it"), "{shown}");
    assert!(shown.contains("1 line in .trivyignore tells scanners what to leave out, and no waiver stands"), "{shown}");
    let review = |now: &str| {
        let run = shop.detente(&work, &["review", "--format", "json", "--now", now]).ends(0);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    assert_eq!(review(TUESDAY)["waivers"]["unrecorded"].as_array().unwrap().len(), 2);

    shop.git(&work, &["checkout", "-q", "-b", "other"]);
    shop.commit(&work, "other.js", "other();\n");
    let brief = judged(&shop, &work, &reports, TUESDAY);
    let told = "Scanners were told not to count 1 finding";
    assert!(brief["notices"].to_string().contains(told), "{}", brief["notices"]);
    let id = brief["suppressed"][0]["id"].as_str().unwrap();
    for (name, code) in [("security", 1), ("delivery", 0)] {
        shop.waive(&work, name, id, "input is checked before", &brief, TUESDAY).ends(code);
    }
    let brief = judged(&shop, &work, &reports, "2026-11-24T10:00:00Z");
    assert!(!brief["notices"].to_string().contains(told), "{}", brief["notices"]);
    let review = review("2026-11-24T10:00:00Z");
    assert_eq!(review["waivers"]["holding"], 1);
    assert_eq!(review["waivers"]["unrecorded"].as_array().unwrap().len(), 1, "the line is not covered by it");
}

#[test]
fn a_waiver_of_which_nothing_is_found_any_more_is_shown() {
    let (shop, work) = Shop::agreed(|text| text);
    let reports = shop.beyond();
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    let row = brief["tolerance"].as_array().unwrap().iter().find(|row| row["id"] == "new-critical").unwrap();
    let id = row["findings"][0].as_str().unwrap();
    for (name, code) in [("security", 1), ("delivery", 0)] {
        shop.waive(&work, name, id, "replaced in January", &brief, TUESDAY).ends(code);
    }
    // The change never came; on main everybody looks, and nobody finds it.
    let before = shop.reports("before", &["base/trivy.json", "base/semgrep.json", "base/gitleaks.sarif"]);
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    let run = on_main(&shop, &work, &before, "2026-11-24T12:00:00Z");
    assert!(!run.stdout.contains("is not needed any more"), "the baseline of this run is not known to it yet: {run:?}");
    let shown = shop.detente(&work, &["ledger", "show", "--now", "2026-11-24T12:30:00Z"]).ends(0);
    let flat = shown.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("not needed any more, nothing of it is found"), "{shown:?}");
    // A waiver's lines can be read, however wide the screen is.
    let waiver = shown.stdout.lines().find(|line| line.starts_with("Waiver ")).map(|line| line.chars().count());
    assert!(waiver.is_some_and(|columns| columns <= 110), "{shown:?}");
    shop.git(&work, &["checkout", "-q", "-b", "other"]);
    shop.commit(&work, "other.js", "other();\n");
    let brief = judged(&shop, &work, &before, "2026-11-24T13:00:00Z");
    assert!(brief["notices"].to_string().contains("is not needed any more"), "{}", brief["notices"]);
    // Where a scanner did not run, nobody knows.
    let blind = shop.reports("blind", &["base/semgrep.json", "base/gitleaks.sarif"]);
    shop.git(&work, &["checkout", "-q", "main"]);
    on_main(&shop, &work, &blind, "2026-11-24T14:00:00Z");
    let shown = shop.detente(&work, &["ledger", "show", "--now", "2026-11-24T14:30:00Z"]).ends(0);
    assert!(!shown.stdout.contains("not needed any more"), "{shown:?}");
}

#[test]
fn a_report_that_is_too_old_closes_nothing() {
    let (shop, work) = Shop::agreed(|text| text);
    let reports = shop.beyond();
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    shop.git(&work, &["merge", "-q", "--no-ff", "-m", "Merge feature", "feature"]);
    shop.git(&work, &["push", "-q", "origin", "main"]);
    on_main(&shop, &work, &reports, "2026-11-24T11:00:00Z");
    // Nothing of one package is found any more, as of a day or of today.
    let fixed = |created: &str| {
        let folder = shop.reports("fixed", &["change/trivy.json", "change/semgrep.json", "base/gitleaks.sarif"]);
        let file = folder.join("trivy.json");
        let mut report: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        report["CreatedAt"] = created.into();
        for result in report["Results"].as_array_mut().unwrap() {
            if let Some(found) = result["Vulnerabilities"].as_array_mut() {
                found.retain(|found| !found["PkgName"].as_str().unwrap().contains("jackson-databind"));
            }
        }
        fs::write(&file, report.to_string()).unwrap();
        folder
    };
    let open = || {
        let run = shop.detente(&work, &["ledger", "show", "--now", "2026-11-24T16:00:00Z"]).ends(0);
        run.stdout.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    let made = open();
    on_main(&shop, &work, &fixed("2026-11-20T09:00:00Z"), "2026-11-24T12:00:00Z");
    assert_eq!(open(), made, "an old report closed a promise");
    on_main(&shop, &work, &fixed("2026-11-24T12:30:00Z"), "2026-11-24T13:00:00Z");
    assert!(open() < made, "a fresh report did not");
}

/// A decided change, what happens then, and how many of its promises are kept by a run on the default branch that finds
/// nothing of them.
fn kept_after(then: impl Fn(&Shop, &Path)) -> usize {
    let (shop, work) = Shop::agreed(|text| text);
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    then(&shop, &work);
    let run = on_main(&shop, &work, &without(&shop), "2026-11-24T12:00:00Z");
    let closed =
        |record: &Record| matches!(record, Record::Commitment(CommitmentEvent { event: Event::Closed { .. }, .. }));
    let closed = records(&shop, &work).iter().filter(|record| closed(record)).count();
    assert_eq!(run.stdout.matches(" is kept (").count() + run.stderr.matches(" is kept (").count(), closed, "{run:?}");
    closed
}

/// Reports in which nothing of the change is found.
fn without(shop: &Shop) -> std::path::PathBuf {
    shop.reports("without", &["base/trivy.json", "base/semgrep.json", "base/gitleaks.sarif"])
}

fn merge(shop: &Shop, work: &Path) {
    shop.git(work, &["merge", "-q", "--no-ff", "-m", "Merge feature", "feature"]);
}

#[test]
fn a_promise_is_kept_only_on_a_branch_that_has_the_change() {
    assert_eq!(kept_after(|_, _| {}), 0, "the change is not there, and neither is what it brings");
    assert!(kept_after(merge) > 0);
    // A run from before the merge shows nothing, and does not stand in the way.
    let looked_before = |shop: &Shop, work: &Path| {
        on_main(shop, work, &without(shop), "2026-11-24T11:00:00Z");
        merge(shop, work);
    };
    assert!(kept_after(looked_before) > 0);
}

#[test]
fn a_promise_is_kept_on_a_branch_that_has_the_change_squashed() {
    let squashed = |shop: &Shop, work: &Path| {
        shop.git(work, &["merge", "-q", "--squash", "feature"]);
        shop.git(work, &["commit", "-q", "-m", "Take cards"]);
    };
    assert!(kept_after(squashed) > 0);
    // Once seen there, it is there, whatever the branch looks like by then and whoever still has the change's commits.
    let later = |shop: &Shop, work: &Path| {
        squashed(shop, work);
        on_main(shop, work, &shop.beyond(), "2026-11-24T11:00:00Z");
        shop.git(work, &["branch", "-q", "-D", "feature"]);
        shop.git(work, &["reflog", "expire", "--expire=now", "--all"]);
        shop.git(work, &["gc", "-q", "--prune=now"]);
        shop.commit(work, "more.js", "more();\n");
    };
    assert!(kept_after(later) > 0);
}

/// Two who choose out of reach of each other and of the ledger: nobody's run sees both choices before the change ships.
#[test]
fn promises_of_a_decision_that_nobody_saw_complete_are_put_on_record_on_the_default_branch() {
    let (shop, work) = Shop::agreed(|text| text);
    let reports = shop.beyond();
    shop.git(&work, &["push", "-q", "origin", "feature"]);
    let other = shop.clone_as("other", "security");
    shop.git(&other, &["checkout", "-q", "feature"]);
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    fs::rename(shop.path("origin.git"), shop.path("away.git")).unwrap();
    shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    shop.choose(&other, "security", "fastest", &brief, "2026-11-24T10:01:00Z").ends(1);
    fs::rename(shop.path("away.git"), shop.path("origin.git")).unwrap();
    for (clone, now) in [(&work, "2026-11-24T10:02:00Z"), (&other, "2026-11-24T10:03:00Z")] {
        shop.gate(clone, &reports, now, &["--record", "--change", "branch/another"]).ends(0);
    }
    let run = shop.gate(&work, &reports, "2026-11-24T10:04:00Z", &["--ledger", "fetch", "--require-decision"]).ends(0);
    let said = |run: &Run| run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said(&run).contains("Its commitments are not on record yet: a run with --record puts them there."),
        "{run:?}"
    );

    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    merge(&shop, &work);
    let made =
        |run: Run| said(&run).contains("What fastest promises, as decided for branch/feature, is on record now:");
    let run = on_main(&shop, &work, &reports, "2026-11-24T12:00:00Z");
    assert!(
        said(&run).contains("is accepted on no other change, since this run does not know what stood there"),
        "{run:?}"
    );
    assert!(made(run));
    let promised = brief["options"][0]["commitments"].as_array().unwrap().len();
    let open = |now: &str| {
        let run = shop.detente(&work, &["ledger", "show", "--now", now]).ends(0);
        run.stdout.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(open("2026-11-24T12:30:00Z"), promised);
    shop.detente(&work, &["ledger", "verify", "--now", "2026-11-24T12:30:00Z"]).ends(0);
    // Once, also when they are kept.
    assert!(!made(on_main(&shop, &work, &without(&shop), "2026-11-24T13:00:00Z")));
    assert!(open("2026-11-24T13:30:00Z") < promised);
    assert!(!made(on_main(&shop, &work, &without(&shop), "2026-11-24T14:00:00Z")));
}

#[test]
fn a_change_of_which_the_branch_shows_nothing_is_named() {
    let (shop, work) = Shop::agreed(|text| text);
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    shop.choose(&work, "security", "balanced", &brief, "2026-11-24T10:00:00Z").ends(0);
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    shop.commit(&work, "pay.js", "pay(all);\n");
    let run = on_main(&shop, &work, &without(&shop), "2026-11-24T12:00:00Z");
    let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("It is not known that branch/feature is on main: no commit of it is found there at"),
        "{said}"
    );
    assert!(said.contains("`detente ledger withdraw NAME`"), "{said}");
    let open = |now: &str| {
        let run = shop.detente(&work, &["ledger", "show", "--now", now]).ends(0);
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let not_known = "Not closed: it is not known that branch/feature is on main, no commit of it is found there at";
    assert!(open("2026-11-24T13:00:00Z").contains(not_known));
    let run = shop.detente(&work, &["review", "--format", "json", "--now", "2026-12-31T00:00:00Z"]).ends(0);
    let review: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(review["overdue"][0]["remarks"][0].as_str().unwrap().starts_with(not_known), "{review}");
    let seen =
        |record: &Record| matches!(record, Record::Commitment(CommitmentEvent { event: Event::NotClosed { .. }, .. }));
    assert!(!records(&shop, &work).iter().any(seen), "what was never seen on the branch is not recorded as seen there");
    // Where a finding of it is still found there is nothing to say.
    on_main(&shop, &work, &shop.beyond(), "2026-11-24T14:00:00Z");
    assert!(!open("2026-11-24T15:00:00Z").contains("Not closed"));
}

#[test]
fn a_promise_that_was_given_up_is_not_kept_afterwards_and_one_that_was_not_is() {
    let given_up = |shop: &Shop, work: &Path| {
        let key = shop.key("cio");
        let arguments = ["ledger", "withdraw", "branch/feature", "--reason", "not needed", "--key"];
        let more = [key.to_str().unwrap(), "--now", "2026-11-24T11:00:00Z"];
        shop.detente(work, &[&arguments[..], &more].concat()).ends(0);
        merge(shop, work);
    };
    assert_eq!(kept_after(given_up), 0);
    // Somebody without the right to says so of each of them.
    let said_by_another = |shop: &Shop, work: &Path| {
        for record in records(shop, work) {
            let Record::Commitment(made) = record else { continue };
            let event = Event::Withdrawn { reason: "not needed".to_owned(), by: shop.by_key("lead") };
            let at = "2026-11-24T11:00:00Z".parse().unwrap();
            let mut forged = CommitmentEvent { at, event, ..made };
            forged.signature = shop.sign("lead", CommitmentEvent::NAMESPACE, &forged.signed_bytes());
            Ledger::open(work).unwrap().append(&[Record::Commitment(forged)], "forged", at).unwrap();
        }
        merge(shop, work);
    };
    assert!(kept_after(said_by_another) > 0);
}

/// What is on the default branch stays promised, also to those who may move its date.
#[test]
fn a_promise_of_a_change_that_was_merged_is_not_given_up() {
    let decided = || {
        let (shop, work) = Shop::agreed(|text| text);
        let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
        shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
        shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);
        shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
        (shop, work)
    };
    let withdraw = |shop: &Shop, work: &Path| {
        let key = shop.key("cio");
        let arguments = ["ledger", "withdraw", "branch/feature", "--reason", "not needed", "--key"];
        shop.detente(work, &[&arguments[..], &[key.to_str().unwrap(), "--now", "2026-11-24T12:00:00Z"]].concat())
    };
    let open = |shop: &Shop, work: &Path| {
        let run = shop.detente(work, &["ledger", "show", "--now", "2026-11-24T12:30:00Z"]).ends(0);
        run.stdout.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    let squash = |shop: &Shop, work: &Path| {
        shop.git(work, &["merge", "-q", "--squash", "feature"]);
        shop.git(work, &["commit", "-q", "-m", "Take cards"]);
    };
    for merged in [&merge as &dyn Fn(&Shop, &Path), &squash] {
        let (shop, work) = decided();
        let made = open(&shop, &work);
        merged(&shop, &work);
        let refused = withdraw(&shop, &work).ends(2);
        assert!(refused.stderr.contains("branch/feature was merged"), "{refused:?}");
        assert_eq!(open(&shop, &work), made);
    }
    // Another clone has merged it, and this one knows it from the baseline alone.
    let (shop, work) = decided();
    merge(&shop, &work);
    on_main(&shop, &work, &shop.beyond(), "2026-11-24T11:00:00Z");
    shop.git(&work, &["reset", "-q", "--hard", "origin/main"]);
    assert!(withdraw(&shop, &work).ends(2).stderr.contains("branch/feature was merged"));
    // What the branch has anyway stays promised; what the change alone would have brought does not.
    let (shop, work) = decided();
    let made = open(&shop, &work);
    on_main(&shop, &work, &shop.beyond(), "2026-11-24T11:00:00Z");
    let refused = withdraw(&shop, &work).ends(2);
    assert!(refused.stderr.contains("what was promised was seen on the default branch"), "{refused:?}");
    assert_eq!(open(&shop, &work), made);
    let (shop, work) = decided();
    on_main(&shop, &work, &without(&shop), "2026-11-24T11:30:00Z");
    let stay = withdraw(&shop, &work).ends(0);
    assert!(stay.stdout.contains("but for what was seen on the default branch: c-"), "{stay:?}");
    let left = open(&shop, &work);
    assert!(left > 0 && left < made, "{left} of {made}: {stay:?}");
    // The review tells of it, and its rate does not count it.
    let review = |since: &str, now: &str, form: &str| {
        shop.detente(&work, &["review", "--since", since, "--format", form, "--now", now]).ends(0).stdout
    };
    let promises = |since: &str, now: &str| {
        serde_json::from_str::<Value>(&review(since, now, "json")).unwrap()["promises"].clone()
    };
    let (quarter, late) = ("2026-10-01", "2027-04-10T00:00:00Z");
    let now = promises(quarter, "2026-11-24T13:00:00Z");
    assert_eq!((&now["given_up"], &now["open"], &now["due"]), (&(made - left).into(), &left.into(), &0.into()));
    assert!(review(quarter, "2026-11-24T13:00:00Z", "markdown").contains("given up with"), "{now}");
    // What fell due in an earlier quarter is open and overdue in this one, and was not due in it.
    let now = promises("2027-04-01", late);
    assert_eq!((&now["given_up"], &now["open"], &now["due"]), (&0.into(), &left.into(), &0.into()));
    assert_eq!((&now["overdue"], &now["overdue_before"]), (&left.into(), &left.into()), "{now}");
    assert_eq!(promises(quarter, late)["overdue_before"], 0);
}

/// Somebody new is delivery delegate, and the first thing under the new agreement is an extension of theirs.
#[test]
fn an_extension_by_whoever_has_just_come_into_the_role_is_verified() {
    let (shop, work) = Shop::agreed(|text| text);
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let chosen = shop.choose(&work, "security", "balanced", &brief, "2026-11-24T10:00:00Z").ends(0);
    let id =
        chosen.stdout.split_whitespace().find(|word| word.starts_with("c-")).unwrap().trim_end_matches(':').to_owned();
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    let text = shop.appetite();
    let (old, new) = (shop.public("delivery"), shop.public("lead"));
    let role = |key: &str| format!("delivery-delegate: {{ keys: [\"{key}\"] }}");
    assert!(text.contains(&role(&old)));
    shop.agree(&work, &text.replace(&role(&old), &role(&new)));
    shop.git(&work, &["push", "-q", "origin", "main"]);
    let (key, now) = (shop.key("lead"), "2026-11-25T10:00:00Z");
    let extend = ["ledger", "extend", &id, "--until", "2026-12-10", "--reason", "vendor", "--now", now, "--key"];
    shop.detente(&work, &[&extend[..], &[key.to_str().unwrap()]].concat()).ends(0);
    shop.detente(&work, &["ledger", "verify", "--now", now]).ends(0);
    let versions = records(&shop, &work).iter().filter(|record| matches!(record, Record::Appetite(_))).count();
    assert_eq!(versions, 2, "each version once, however often it was gone by");
}

/// The first promise of a decision on *balanced*, merged on `main`, in a shop where scans do not grow old.
fn promised() -> (Shop, std::path::PathBuf, String) {
    let (shop, work) = Shop::agreed(|text| text.replace("  max_age: 24h\n", ""));
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let chosen = shop.choose(&work, "security", "balanced", &brief, "2026-11-24T10:00:00Z").ends(0);
    let id = chosen.stdout.split_whitespace().find(|word| word.starts_with("c-")).unwrap();
    let id = id.trim_end_matches(':').to_owned();
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    merge(&shop, &work);
    (shop, work, id)
}

#[test]
fn a_decision_that_was_replaced_promises_and_accepts_nothing_any_more() {
    let (shop, work) = Shop::agreed(|text| text);
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    for (name, code, now) in [("security", 1, "2026-11-24T10:00:00Z"), ("delivery", 0, "2026-11-24T10:01:00Z")] {
        shop.choose(&work, name, "fastest", &brief, now).ends(code);
    }
    let show = |now: &str| {
        let run = shop.detente(&work, &["ledger", "show", "--all", "--now", now]).ends(0);
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let exported =
        |now: &str| shop.detente(&work, &["ledger", "export", "--as", "trivyignore", "--now", now]).ends(0).stdout;
    let before = show("2026-11-24T10:02:00Z");
    assert!(!before.contains("withdrawn") && before.contains(", with delivery"), "{before}");
    assert!(exported("2026-11-24T10:02:00Z").contains("CVE-"));
    shop.choose(&work, "security", "balanced", &brief, "2026-11-24T10:30:00Z").ends(0);
    let after = show("2026-11-24T10:31:00Z");
    assert!(after.contains("in place of the decision that it follows from"), "{after}");
    let promised = |option: &str| {
        let mut options = brief["options"].as_array().unwrap().iter();
        let option = options.find(|it| it["name"] == option).unwrap();
        let works = option["commitments"].as_array().unwrap().iter().map(|promise| promise["work"].to_string());
        works.collect::<std::collections::BTreeSet<String>>()
    };
    let given_up = promised("fastest").difference(&promised("balanced")).count();
    assert_eq!(after.matches("Replaced: balanced was decided").count(), given_up, "{after}");
    assert_eq!(after.matches("withdrawn").count(), given_up, "{after}");
    assert!(!exported("2026-11-24T10:31:00Z").contains("CVE-"), "what it accepted is accepted no more");
    assert_eq!(
        show("2026-11-24T10:05:00Z").split("Change").next(),
        before.split("Change").next(),
        "as it was seen then"
    );
    shop.detente(&work, &["ledger", "verify", "--now", "2026-11-24T10:31:00Z"]).ends(0);
}

/// What somebody who held the role allowed stays allowed when the agreement names somebody else.
#[test]
fn an_extension_counts_by_the_agreement_that_it_was_made_under() {
    let (shop, work, id) = promised();
    let key = shop.key("delivery");
    let extend = |until: &str, now: &str| {
        let arguments = ["ledger", "extend", &id, "--until", until, "--reason", "vendor", "--now", now, "--key"];
        shop.detente(&work, &[&arguments[..], &[key.to_str().unwrap()]].concat())
    };
    extend("2026-12-10", "2026-11-25T10:00:00Z").ends(0);
    let due = || {
        let run = shop.detente(&work, &["ledger", "show", "--now", "2026-12-09T00:00:00Z"]).ends(0);
        run.stdout.lines().find(|line| line.contains(&id)).unwrap().to_owned()
    };
    assert!(due().contains("2026-12-10"), "{}", due());
    let role = |name: &str| format!("delivery-delegate: {{ keys: [\"{}\"] }}", shop.public(name));
    let text = shop.appetite().replace("  max_age: 24h\n", "");
    shop.agree(&work, &text.replace(&role("delivery"), &role("lead")));
    shop.git(&work, &["push", "-q", "origin", "main"]);
    assert!(due().contains("2026-12-10"), "{}", due());
    let refused = extend("2026-12-20", "2026-12-01T10:00:00Z").ends(1);
    assert!(refused.stderr.contains("it takes delivery-delegate, one level up"), "{refused:?}");
}

#[test]
fn a_date_is_moved_for_a_reason_to_a_day_that_comes() {
    let (shop, work, id) = promised();
    let key = shop.key("delivery");
    let run = |command: &str, more: &[&str]| {
        let arguments = ["ledger", command, &id, "--now", "2026-11-25T10:00:00Z", "--key", key.to_str().unwrap()];
        shop.detente(&work, &[&arguments[..], more].concat())
    };
    for (command, until, reason, says) in [
        ("extend", Some("2020-01-01"), "vendor", "--until 2020-01-01 is past"),
        ("extend", Some("9999-01-01"), "vendor", "--until 9999-01-01 is more than a year ahead"),
        ("extend", Some("2026-12-10"), " ", "--reason is empty"),
        ("pause", None, "", "--reason is empty"),
        ("resume", None, "", "--reason is empty"),
    ] {
        let until: Vec<&str> = until.iter().flat_map(|until| ["--until", until]).collect();
        let refused = run(command, &[&["--reason", reason], &until[..]].concat()).ends(2);
        assert!(refused.stderr.contains(says), "{refused:?}");
    }
    let extended = run("extend", &["--until", "2026-12-10", "--reason", "vendor"]).ends(0);
    assert_eq!(extended.stdout, format!("{id} is due by 2026-12-10.\n"));
    let shown = shop.detente(&work, &["ledger", "show", "--now", "2026-12-10T23:00:00Z"]).ends(0).stdout;
    let line = shown.lines().find(|line| line.contains(&id)).unwrap();
    assert!(line.contains("2026-12-10") && line.contains("open"), "{line}");
    run("pause", &["--reason", "vendor"]).ends(0);
    run("resume", &["--reason", "they answered"]).ends(0);
    let why = |record: &Record| matches!(record, Record::Commitment(CommitmentEvent { event: Event::Resumed { reason, .. }, .. }) if reason == "they answered");
    assert!(records(&shop, &work).iter().any(why));
}

#[test]
fn a_promise_that_is_closed_after_its_date_is_not_called_kept() {
    let (shop, work, _) = promised();
    let run = on_main(&shop, &work, &without(&shop), "2027-01-30T10:00:00Z");
    let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(" is closed 54 days late (Upgrade com.fasterxml"), "{said}");
    assert!(!said.contains(" is kept ("), "{said}");
}

/// The clock stands still until the promise is kept, also where nobody says first that it runs again.
#[test]
fn a_promise_that_is_kept_while_its_clock_stands_still_is_kept_in_time() {
    let (shop, work, id) = promised();
    let key = shop.key("delivery");
    let pause = ["ledger", "pause", &id, "--reason", "vendor", "--now", "2026-12-01T10:00:00Z", "--key"];
    shop.detente(&work, &[&pause[..], &[key.to_str().unwrap()]].concat()).ends(0);
    let run = on_main(&shop, &work, &without(&shop), "2026-12-20T10:00:00Z");
    assert!(run.stdout.contains(&format!("Commitment {id} is kept (")), "{run:?}");
    let review = ["review", "--for", "cio", "--format", "json", "--now", "2026-12-21T10:00:00Z"];
    let review: Value = serde_json::from_str(&shop.detente(&work, &review).ends(0).stdout).unwrap();
    let others = exported(&shop.detente(&work, &["ledger", "export", "--local"]).ends(0));
    let closed = |record: &Record| matches!(record, Record::Commitment(CommitmentEvent { event: Event::Closed { .. }, commitment, .. }) if *commitment == id);
    assert!(others.iter().any(closed));
    // Its date, put off by the pause, is still to come.
    assert!(!run.stdout.contains(" late"), "{run:?}");
    assert_eq!(review["promises"]["late"], 0, "{}", review["promises"]);
}

/// A date that is set while the clock stands still is that date: only what comes after it is put on.
#[test]
fn a_date_that_is_set_during_a_pause_counts_what_is_left_of_the_pause() {
    let (shop, work, id) = promised();
    let key = shop.key("delivery");
    let run = |command: &str, now: &str, more: &[&str]| {
        let arguments = ["ledger", command, &id, "--reason", "vendor", "--now", now, "--key", key.to_str().unwrap()];
        shop.detente(&work, &[&arguments[..], more].concat()).ends(0)
    };
    run("pause", "2026-12-01T10:00:00Z", &[]);
    run("extend", "2026-12-05T10:00:00Z", &["--until", "2026-12-20"]);
    run("resume", "2026-12-08T10:00:00Z", &[]);
    let shown = shop.detente(&work, &["ledger", "show", "--now", "2026-12-09T00:00:00Z"]).ends(0).stdout;
    let line = shown.lines().find(|line| line.contains(&id)).unwrap();
    assert!(line.contains("2026-12-23"), "{line}");
}

#[test]
fn a_baseline_that_is_dated_ahead_is_none_from_before() {
    let (shop, work) = Shop::agreed(|text| text);
    let reports = without(&shop);
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    let ahead = "2026-12-01T08:00:00Z";
    on_main(&shop, &work, &reports, ahead);
    on_main(&shop, &work, &reports, TUESDAY);
    on_main(&shop, &work, &reports, "2026-12-02T08:00:00Z");
    let known_since = |at: &str| {
        let at: jiff::Timestamp = at.parse().unwrap();
        let mut baselines = records(&shop, &work).into_iter().filter_map(|record| match record {
            Record::Baseline(baseline) if baseline.at == at => Some(baseline),
            _ => None,
        });
        let Baseline { findings, .. } = baselines.next().unwrap();
        let since: std::collections::BTreeSet<String> =
            findings.iter().map(|finding| finding.since.to_string()).collect();
        since.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(known_since(TUESDAY), [TUESDAY], "a finding is not known since a day that has not come");
    assert_eq!(known_since("2026-12-02T08:00:00Z"), [ahead]);
}

/// One run with a clock that is half a year ahead: the budget of the others is what it would be without it.
#[test]
fn a_baseline_that_is_dated_ahead_breaks_no_budget() {
    let spent = |wrong: bool| {
        let (shop, work) = Shop::agreed(|text| text);
        let reports = without(&shop);
        shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
        on_main(&shop, &work, &reports, "2026-11-20T08:00:00Z");
        if wrong {
            on_main(&shop, &work, &reports, "2027-06-20T08:00:00Z");
        }
        on_main(&shop, &work, &reports, "2026-11-22T08:00:00Z");
        // A minute of difference is none.
        on_main(&shop, &work, &reports, "2026-11-22T07:59:00Z");
        let run = shop.detente(&work, &["ledger", "verify", "--now", TUESDAY]).ends(0);
        assert_eq!(run.stdout.contains("it is dated 2027-06-20T08:00:00Z, which has not come"), wrong, "{run:?}");
        let run = shop.detente(&work, &["review", "--format", "json", "--now", TUESDAY]).ends(0);
        let review: Value = serde_json::from_str(&run.stdout).unwrap();
        shop.git(&work, &["checkout", "-q", "feature"]);
        let budget = judged(&shop, &work, &reports, TUESDAY)["budget"].clone();
        assert!(budget["spent"].as_f64().unwrap() > 0.0, "{budget}");
        [budget["spent"].clone(), review["budget"]["spent"].clone()]
    };
    assert_eq!(spent(true), spent(false));
}

#[test]
fn withholding_leaves_a_way_to_ship() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/demo/appetite.yml")).unwrap();
    let agreed = text.replace("  default: {", "  overdue: { withhold: fastest }\n  default: {");
    let read = |text: &str| detente::appetite::read(text.as_bytes(), "appetite.yml");
    let withheld = read(&agreed).unwrap().authority.withheld_if_overdue;
    assert_eq!(withheld.map(|option| option.as_str()), Some("fastest"));
    assert_eq!(read(&text).unwrap().authority.withheld_if_overdue, None);
    for (altered, says) in [
        (
            agreed.replace("option: balanced", "option: fastest"),
            "takes effect if nobody chooses, so it cannot be withheld",
        ),
        (agreed.replace("withhold: fastest", "withhold: balanced"), "`balanced` is not one of the words expected here"),
        (
            agreed
                .replace("  default: { option: balanced, after: 4h }\n", "")
                .replace("balanced: [security-delegate], most-secure: [anyone] }", "balanced: [], most-secure: [] }"),
            "nobody may approve anything but `fastest`",
        ),
    ] {
        let refused = read(&altered).unwrap_err().to_string();
        assert!(refused.contains(says), "{refused}");
    }
    let difference =
        detente::appetite::difference(&read(&text).unwrap(), &read(&agreed).unwrap(), &BTreeMap::default());
    let said: Vec<&str> = difference.iter().map(|edit| edit.say.as_str()).collect();
    assert_eq!(said, ["fastest is not offered while a commitment is overdue"]);
}
