use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Weekday, date, time};

use super::*;
use crate::document::DocumentError;
use crate::model::appetite::{AgreementState, Cadence, IfUnknown, Level, OptionName, WeekdayOrd};
use crate::model::category::Category;
use crate::model::clock::Clock;
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;

const FULL: &str = include_str!("../../tests/appetite/appetite.yml");
const MINIMAL: &str = "version: 1\nname: Sample\ntolerance: [{ id: any, when: \"true\", tolerance: 0 }]\n";

fn refused(text: &str) -> DocumentError {
    read(text.as_bytes(), ".detente/appetite.yml").map(|appetite| panic!("{appetite:?}")).unwrap_err()
}

/// The full file with one part of it exchanged.
fn with(part: &str, other: &str) -> String {
    assert_eq!(FULL.matches(part).count(), 1, "{part}");
    FULL.replace(part, other)
}

#[test]
#[allow(clippy::float_cmp, reason = "figures arrive as they are written")]
fn every_key_arrives_where_it_belongs() {
    let appetite = read(FULL.as_bytes(), ".detente/appetite.yml").unwrap();
    assert_eq!(appetite.origin, ".detente/appetite.yml");
    assert_eq!(appetite.sha256, crate::model::digest::Digest::of(FULL.as_bytes()));
    assert_eq!(appetite.agreement.state, AgreementState::Unsigned);
    assert_eq!(appetite.name, "Payments platform");
    assert!(appetite.statement.starts_with("We ship daily.") && appetite.statement.ends_with("exploited."));

    let agreed = appetite.agreed.as_ref().unwrap();
    assert_eq!((agreed.effective, agreed.review_by), (date(2026, 11, 1), date(2027, 2, 1)));
    assert_eq!(agreed.parties["cio"].name, "A. Example");
    assert!(agreed.parties["ciso"].keys[0].starts_with("ssh-ed25519 "));
    assert_eq!(agreed.arbiter.as_ref().unwrap().role, "coo");

    assert_eq!(appetite.levels[&Category::Secret], Level::Averse);
    assert_eq!(appetite.services.len(), 2);
    assert_eq!(appetite.services[0].obligations, ["pci-dss-6.3.3"]);
    assert!(appetite.services[0].declared);
    assert_eq!(appetite.timeline.as_deref(), Some("cisa-bod-26-04"));
    assert_eq!(appetite.timelines[&Category::Container], "fedramp");

    let [exploited, critical, high] = appetite.tolerance.as_slice() else { panic!() };
    assert_eq!((exploited.appetite, exploited.tolerance, exploited.before_ship), (0, Some(0), true));
    assert_eq!(exploited.if_unknown, IfUnknown::Unresolved);
    assert_eq!((critical.appetite, critical.tolerance, critical.if_unknown), (0, Some(1), IfUnknown::Count));
    assert_eq!((high.appetite, high.tolerance), (3, None));
    assert_eq!(high.when.text(), "finding.introduced && finding.severity == HIGH");

    assert_eq!(appetite.assumed_severity[&Category::Secret], Severity::High);
    assert_eq!(appetite.coverage.require, [Category::Code, Category::Dependency, Category::Secret]);
    assert_eq!(appetite.coverage.max_age.unwrap().as_hours(), 24);
    assert_eq!(appetite.budget, Some(500.0));

    let delivery = &appetite.delivery;
    let capacity = delivery.capacity.as_ref().unwrap();
    assert_eq!((capacity.engineers, capacity.focus_hours, capacity.week.len()), (2.0, 5.0, 5));
    assert!(!capacity.week.contains(&WeekdayOrd(Weekday::Saturday)));
    assert_eq!(capacity.holidays, BTreeSet::from([date(2026, 12, 25)]));
    assert_eq!(capacity.hours, (time(8, 30, 0, 0), time(17, 0, 0, 0)));
    assert_eq!(capacity.time_zone, "Europe/Berlin");
    assert_eq!(capacity.basis.kind(), "declared");
    assert_eq!(delivery.freezes[0].why, "year-end trading");
    assert_eq!(delivery.cadence, Some(Cadence::Weekly(Weekday::Tuesday)));
    assert_eq!(delivery.hourly_rate.as_ref().unwrap().amount, 95.0);
    assert_eq!(delivery.cost_of_delay.as_ref().unwrap().per_day.amount, 4000.0);
    assert_eq!(delivery.loss_per_point.as_ref().unwrap().currency, "EUR");

    assert_eq!(appetite.approvers(Verdict::WithinTolerance, OptionName::Fastest), ["tech-lead"]);
    assert_eq!(
        appetite.approvers(Verdict::BeyondTolerance, OptionName::Fastest),
        ["delivery-delegate", "security-delegate"]
    );
    assert!(appetite.approvers(Verdict::Unresolved, OptionName::Fastest).is_empty());
    let default = appetite.authority.default.as_ref().unwrap();
    assert_eq!((default.option, default.after_hours), (OptionName::Balanced, 4.0));
    assert_eq!(appetite.roles["security-delegate"].gitlab, ["sec"]);
}

#[test]
fn what_is_not_declared_is_not_invented() {
    let appetite = read(MINIMAL.as_bytes(), "sample.yml").unwrap();
    assert!(appetite.agreed.is_none() && appetite.budget.is_none() && appetite.delivery.capacity.is_none());
    assert!(appetite.assumed_severity.is_empty() && appetite.timeline.is_none() && appetite.coverage.max_age.is_none());
    assert_eq!(appetite.tolerance[0].appetite, 0);
    let one = format!("{MINIMAL}timelines: cisa-bod-26-04\n");
    assert_eq!(read(one.as_bytes(), "sample.yml").unwrap().timeline.as_deref(), Some("cisa-bod-26-04"));
    let capacity = format!("{MINIMAL}delivery: {{ capacity: {{ engineers: 1.5, focus_hours: 6 }} }}\n");
    let capacity = read(capacity.as_bytes(), "sample.yml").unwrap().delivery.capacity.unwrap();
    assert_eq!((capacity.hours, capacity.time_zone.as_str()), ((time(9, 0, 0, 0), time(17, 0, 0, 0)), "UTC"));
}

#[test]
fn a_misspelt_key_is_shown_in_the_file() {
    insta::assert_snapshot!(refused(&with("    appetite: 3\n", "    tolerence: 3\n")).render(false), @r"
    error: there is no key `tolerence` here; did you mean `tolerance`?
      --> .detente/appetite.yml:43:5
       |
    43 |     tolerence: 3
       |     ^^^^^^^^^
       |
       = help: expected one of `id`, `says`, `when`, `appetite`, `tolerance`, `before_ship`, `if_unknown`
    ");
}

#[test]
fn a_misspelt_level_is_shown_in_the_file() {
    insta::assert_snapshot!(refused(&with("code: cautious", "code: cautios")).render(false), @r"
    error: `cautios` is not one of the words expected here; did you mean `cautious`?
      --> .detente/appetite.yml:14:39
       |
    14 | levels: { dependency: cautious, code: cautios, secret: averse, configuration: open, runtime: cautious }
       |                                       ^^^^^^^
       |
       = help: expected one of `averse`, `minimal`, `cautious`, `open`, `eager`
    ");
}

#[test]
fn a_key_given_twice_is_shown_in_both_places() {
    insta::assert_snapshot!(refused(&with("budget:", "name: Other\nbudget:")).render(false), @r"
    error: the key `name` is here a second time
      --> .detente/appetite.yml:48:1
       |
     3 | name: Payments platform
       | ---- the first time
    ...
    48 | name: Other
       | ^^^^
       |
       = help: keep one of the two
    ");
}

#[test]
fn a_tab_is_shown_in_the_file() {
    insta::assert_snapshot!(refused(&with("  max_age: 24h", "\tmax_age: 24h")).render(false), @r"
    error: not valid YAML: tabs disallowed within this context (block indentation)
      --> .detente/appetite.yml:47:2
       |
    47 |     max_age: 24h
       |     ^
       |
       = help: indent with spaces, not with tabs
    ");
}

#[test]
fn an_anchor_and_a_bomb_of_aliases_are_refused() {
    insta::assert_snapshot!(refused(&with("data: [cardholder]", "data: &data [cardholder]")).render(false), @r"
    error: anchors are not accepted
      --> .detente/appetite.yml:21:11
       |
    21 |     data: &data [cardholder]
       |           ^^^^^
       |
       = help: write the value out where it is used
    ");
    let bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n";
    assert_eq!(
        refused(bomb).to_string(),
        ".detente/appetite.yml:1:4: anchors are not accepted (write the value out where it is used)"
    );
}

#[test]
fn fifty_megabytes_are_refused_at_once() {
    let large = vec![b' '; 50 << 20];
    insta::assert_snapshot!(read(&large, ".detente/appetite.yml").unwrap_err().render(false), @r"
    error: the file has 52428800 bytes; at most 1048576 are read
    --> .detente/appetite.yml
    ");
}

#[test]
fn a_condition_that_does_not_compile_is_shown_in_the_file() {
    insta::assert_snapshot!(refused(&with("finding.severity >= CRITICAL", "finding.severity => CRITICAL")).render(false), @r"
    error: not a condition in CEL: `=` has no meaning here; two values are compared with `==`, `>=` or `<=`
      --> .detente/appetite.yml:35:50
       |
    35 |     when: finding.introduced && finding.severity => CRITICAL
       |                                                  ^
    ");
}

#[test]
fn an_unknown_fact_is_shown_in_the_file() {
    insta::assert_snapshot!(refused(&with("finding.severity >= CRITICAL", "finding.severty >= CRITICAL")).render(false), @r"
    error: there is no fact `finding.severty`; did you mean `finding.severity`?
      --> .detente/appetite.yml:35:33
       |
    35 |     when: finding.introduced && finding.severty >= CRITICAL
       |                                 ^^^^^^^^^^^^^^^
    ");
    // A folded text too is marked at the word.
    let folded = refused(&with("&& finding.severity == HIGH", "&& finding.severty == HIGH"));
    assert_eq!((folded.line, folded.column), (42, 10));
}

#[test]
fn no_capacity_at_all_is_explained() {
    insta::assert_snapshot!(refused(&with("engineers: 2", "engineers: 0")).render(false), @r#"
    error: with `engineers: 0` nothing could ever be treated, so that no option has a date
      --> .detente/appetite.yml:50:26
       |
    50 |   capacity: { engineers: 0, focus_hours: 5, week: mon-fri, holidays: [2026-12-25], hours: "08:30-17:00", time_zone: Europe/Berlin }
       |                          ^
       |
       = help: declare what can really be spent, or leave `capacity` out: then options show hours and no dates
    "#);
}

#[test]
fn a_tolerance_below_the_appetite_is_explained() {
    insta::assert_snapshot!(refused(&with("    appetite: 0\n", "    appetite: 2\n")).render(false), @r"
    error: the tolerance limit 1 is below the appetite limit 2
      --> .detente/appetite.yml:37:16
       |
    37 |     tolerance: 1
       |                ^
       |
       = help: red begins where amber ends: `tolerance` must be at least `appetite`
    ");
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn what_cannot_be_meant_is_refused_where_it_stands() {
    let mut wrong = Vec::new();
    for (part, other, expected) in [
        (
            "version: 1\n",
            "version: 2\n",
            "2:10: version 2 of the appetite file is not known here (this program reads version 1; a newer program may read more)",
        ),
        ("version: 1\n", "", "2:1: the key `version` is missing (begin with `version: 1`)"),
        ("name: Payments platform\n", "name:\n", "3:5: there is no text here (say what it is called)"),
        (
            "effective: 2026-11-01",
            "effective: 1.11.2026",
            "8:14: expected a date such as 2026-11-01, found `1.11.2026`",
        ),
        (
            "review_by: 2027-02-01",
            "review_by: 2026-11-01",
            "9:14: the review on 2026-11-01 is not after the first day, 2026-11-01 (agree on a later day for the review)",
        ),
        (
            "    ciso: {",
            "    cso: {",
            "12:5: there is no key `cso` here; did you mean `cio`? (expected one of `cio`, `ciso`)",
        ),
        (
            "name: back office",
            "name: checkout",
            "23:11: there is already a service `checkout` (give each service a name of its own)",
        ),
        (
            "[\"*/checkout*\"]",
            "[\"*/{checkout*\"]",
            "18:14: not a glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
        ),
        (
            "exposure: internal",
            "exposure: intranet",
            "25:15: `intranet` is not one of the words expected here; did you mean `internet`? (expected one of `internet`, `internal`, `isolated`)",
        ),
        (
            "container: fedramp",
            "containers: fedramp",
            "27:39: `containers` is not one of the words expected here; did you mean `container`?",
        ),
        (
            "id: new-high",
            "id: new-critical",
            "39:9: there is already a row `new-critical` (give each row an id of its own)",
        ),
        (
            "id: new-high",
            "id: new high",
            "39:9: `new high` cannot be an id (use up to 64 letters, digits, `-`, `_` and `.`)",
        ),
        (
            "    appetite: 3\n",
            "    before_ship: false\n",
            "39:5: the row `new-high` has no limit (add `tolerance: …`, `appetite: …` or both)",
        ),
        (
            "    appetite: 3\n",
            "    appetite: 3\n    before_ship: true\n",
            "44:18: the row `new-high` is `before_ship`, but can never be red (add `tolerance: …`, the count above which it is red)",
        ),
        (
            "{ default: cisa-bod-26-04, container: fedramp }",
            "true",
            "27:12: expected the id of a timeline table, or a mapping of `default` and categories to ids, found the word `true` (put it in quotes if text is meant)",
        ),
        ("    appetite: 3\n", "    appetite: -3\n", "43:15: expected a whole number, 0 or more, found the number `-3`"),
        (
            "{ secret: high }",
            "{ secret: hihg }",
            "44:32: `hihg` is not one of the words expected here; did you mean `high`?",
        ),
        ("{ kind: dependency }", "{ kind: code }", "46:30: `code` is already required (leave it out)"),
        (
            "max_age: 24h",
            "max_age: 1 month",
            "47:12: say `1 month` in days or hours: months and years differ in length",
        ),
        ("exposure: 500", "exposure: 0", "48:21: the budget must be more than 0, and is 0"),
        ("per: quarter", "per: year", "48:31: `year` is not one of the words expected here (expected `quarter`)"),
        (
            "engineers: 2",
            "engineers: 1e308",
            "50:26: `engineers` must be at most 100000, and is 1e308 (declare who can really work on what this file governs)",
        ),
        (
            "focus_hours: 5",
            "focus_hours: 9",
            "50:42: 9 focus hours do not fit into a working day of 8.5 (lower `focus_hours`, or widen `hours`)",
        ),
        (
            "week: mon-fri",
            "week: mon-fry",
            "50:51: `fry` is not a day of the week (mon, tue, wed, thu, fri, sat, sun); did you mean `fri`?",
        ),
        ("08:30-17:00", "17:00-08:30", "50:91: the working day `17:00-08:30` ends before it begins"),
        (
            "Europe/Berlin",
            "Europe/Bonn",
            "50:117: there is no time zone `Europe/Bonn` (name one as in `Europe/Berlin`, or `UTC`)",
        ),
        (
            "to: 2027-01-04",
            "to: 2026-12-01",
            "51:38: the freeze ends on 2026-12-01, before it begins on 2026-12-18 (exchange the two days)",
        ),
        ("weekly, on: tue", "weekly", "52:13: a weekly release needs a day (add `on: tue`)"),
        (
            "cadence: weekly",
            "cadence: daily",
            "52:35: only a weekly release has a day (leave `on` out, or say `cadence: weekly`)",
        ),
        ("amount: 95", "amount: -95", "53:16: expected an amount of 0 or more, found -95"),
        (
            "amount: 120.5, currency: EUR",
            "amount: 120.5, currency: USD",
            "55:46: this is in USD, and another amount in EUR (use one currency throughout the file)",
        ),
        (
            "within-tolerance: { fastest: [tech-lead], balanced: [anyone], most-secure: [anyone] }",
            "within-tolerance: { fastest: [], balanced: [] }",
            "57:21: at `within-tolerance` nobody could approve anything (name at least one role for one option; `anyone` is a role)",
        ),
        (
            "balanced: [security-delegate]",
            "balanced: []",
            "59:22: `balanced` takes effect if nobody chooses, but at `beyond-tolerance` nobody may approve it (name a role for it in `authority.beyond-tolerance`)",
        ),
        ("after: 4h", "after: 1d", "59:39: expected working hours such as `4h` or `90m`, found `1d`"),
        (
            "  security-delegate: {",
            "  anyone: {",
            "61:3: `anyone` means everybody and cannot have members (choose another name for the role)",
        ),
    ] {
        let error = refused(&with(part, other)).to_string();
        let error = error.strip_prefix(".detente/appetite.yml:").unwrap_or(&error);
        if !error.starts_with(expected) {
            wrong.push(format!("{other}\n  got  {error}\n  want {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let no_rows = refused("version: 1\nname: x\ntolerance: []\n").to_string();
    assert_eq!(
        no_rows,
        ".detente/appetite.yml:3:12: there is no row: every change would be within appetite (add a row with `id`, `when` and `tolerance`)"
    );
}

#[test]
fn clocks_are_one_for_all_or_one_by_table_and_none_for_a_table_that_sets_no_date() {
    let read_with = |line: &str| read(format!("{MINIMAL}timelines: cisa-bod-26-04\n{line}").as_bytes(), "a.yml");
    assert_eq!(read_with("").unwrap().clock, Clock::Detected);
    assert_eq!(read_with("clocks: fix-available\n").unwrap().clock, Clock::FixAvailable);
    let several = read_with("clocks: { default: published, cisa-bod-26-04: detected }\n").unwrap();
    assert_eq!((several.clock, several.clocks["cisa-bod-26-04"]), (Clock::Published, Clock::Detected));
    for (line, says) in [
        (
            "clocks: { cisa-bod: published }\n",
            "a.yml:5:21: no time limit is set by a timeline table `cisa-bod` (one of default, cisa-bod-26-04)",
        ),
        (
            "clocks: { default: publised }\n",
            "`publised` is not one of the words expected here; did you mean `published`?",
        ),
        ("clocks: fixed\n", "`fixed` is not one of the words expected here"),
        (
            "clocks: [published]\n",
            "expected `detected`, `published` or `fix-available`, or a mapping of timeline tables",
        ),
    ] {
        let error = read_with(line).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn another_clock_is_tighter_than_detection_and_detection_looser_than_any_other() {
    let read_with =
        |line: &str| read(format!("{MINIMAL}timelines: cisa-bod-26-04\n{line}").as_bytes(), "a.yml").unwrap();
    let says = |old: &str, new: &str| {
        let edits = difference(&read_with(old), &read_with(new), &BTreeMap::new());
        edits.into_iter().map(|edit| format!("{:?}: {}", edit.direction, edit.say)).collect::<Vec<_>>()
    };
    let of_one = "clocks: { default: published, cisa-bod-26-04: detected }\n";
    assert_eq!(says("", "clocks: published\n"), ["Tighter: time limits count from `published` instead of `detected`"]);
    assert_eq!(
        says("clocks: published\n", of_one),
        ["Looser: time limits of cisa-bod-26-04 count from `detected` instead of `published`"]
    );
    assert_eq!(
        says("clocks: published\n", "clocks: fix-available\n"),
        ["Other: time limits count from `fix-available` instead of `published`"]
    );
    assert!(says("clocks: published\n", "clocks: { default: published, cisa-bod-26-04: published }\n").is_empty());
}

#[test]
fn timeline_tables_are_checked_against_those_that_there_are() {
    let appetite = read(FULL.as_bytes(), "appetite.yml").unwrap();
    let check = |known: &[&str]| check_timelines(FULL.as_bytes(), &appetite, known).map_err(|error| error.to_string());
    assert_eq!(check(&["cisa-bod-26-04", "fedramp", "pci-dss-6.3.3"]), Ok(()));
    assert_eq!(
        check(&["cisa-bod-26-04", "fedramp-rev5", "pci-dss-6.3.3"]).unwrap_err(),
        "appetite.yml:27:50: there is no timeline table `fedramp` (known tables: cisa-bod-26-04, fedramp-rev5, pci-dss-6.3.3)"
    );
    assert_eq!(
        check(&["cisa-bod-22-01", "fedramp", "pci-dss-6.3.3"]).unwrap_err(),
        "appetite.yml:27:23: there is no timeline table `cisa-bod-26-04`; did you mean `cisa-bod-22-01`? (known tables: cisa-bod-22-01, fedramp, pci-dss-6.3.3)"
    );
    assert!(
        check(&["cisa-bod-26-04", "fedramp"])
            .unwrap_err()
            .starts_with("appetite.yml:22:19: there is no timeline table `pci-dss-6.3.3`")
    );
    let one = format!("{MINIMAL}timelines: bod\n");
    let appetite = read(one.as_bytes(), "appetite.yml").unwrap();
    let error = check_timelines(one.as_bytes(), &appetite, &["nist"]).unwrap_err();
    assert_eq!((error.line, error.column), (4, 12));
}

#[test]
fn remarks_say_what_is_worth_knowing() {
    let at = |text: &str, now: &str| remarks(&read(text.as_bytes(), "appetite.yml").unwrap(), now.parse().unwrap());
    insta::assert_debug_snapshot!(at(FULL, "2026-11-21T00:00:00Z"), @r#"
    [
        "The role `delivery-delegate` may approve, but has no members: name them under `roles`.",
        "The role `tech-lead` may approve, but has no members: name them under `roles`.",
    ]
    "#);
    assert_eq!(at(FULL, "2026-10-31T00:00:00Z")[0], "It takes effect on 2026-11-01.");
    assert_eq!(at(FULL, "2027-01-20T00:00:00Z")[0], "Its review is due on 2027-02-01.");
    assert_eq!(
        at(FULL, "2027-02-02T00:00:00Z")[0],
        "Its review was due on 2027-02-01: review it, set a new `review_by`, and sign it again."
    );
    assert_eq!(
        at(MINIMAL, "2026-11-21T00:00:00Z"),
        ["It has no `agreed` section, so that it names no parties and cannot be agreed: the gate advises only."]
    );
    let office = at(&with("    paths: [\"services/office/**\", \"tools/**\"]\n", ""), "2026-11-21T00:00:00Z");
    assert_eq!(
        office[0],
        "The service `back office` has neither `paths` nor `images`: the whole repository belongs to it."
    );
    let first = with("    paths: [\"services/checkout/**\"]\n    images: [\"*/checkout*\"]\n", "");
    assert!(at(&first, "2026-11-21T00:00:00Z")[0].ends_with("belongs to it, and nothing to those below it."));
    let same = at(&with("name: B. Example", "name: a.  example"), "2026-11-21T00:00:00Z");
    assert_eq!(same[0], "Both parties are the same person: an agreement needs two.");
}

#[test]
fn a_placeholder_for_a_key_is_remarked_upon() {
    let text = format!(
        "{MINIMAL}agreed:\n  effective: 2026-11-01\n  review_by: 2027-02-01\n  parties:\n    cio: {{ name: A, keys: [\"ssh-ed25519 AAAA…\"] }}\n    ciso: {{ name: B }}\n  arbiter: {{ role: coo, name: C }}\n"
    );
    let appetite = read(text.as_bytes(), "appetite.yml").unwrap();
    assert_eq!(
        remarks(&appetite, "2026-11-21T00:00:00Z".parse().unwrap()),
        ["A key of `cio` (`ssh-ed25519 AAAA……`) is not a public SSH key, and vouches for nothing."]
    );
}

#[test]
fn the_schema_accepts_what_is_read_and_refuses_what_is_not() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value = |text: &str| serde_json::to_value(serde_yaml::from_str::<serde_yaml::Value>(text).unwrap()).unwrap();
    for text in [FULL, MINIMAL] {
        let errors: Vec<_> = validator.iter_errors(&value(text)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    for (part, other) in [
        ("code: cautious", "code: cautios"),
        ("    appetite: 3\n", "    tolerence: 3\n"),
        ("per: quarter", "per: year"),
        ("container: fedramp", "containers: fedramp"),
    ] {
        assert!(!validator.is_valid(&value(&with(part, other))), "{other}");
    }
}

mod a_damaged_file {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, rng_seed: RngSeed::Fixed(20_261_101), ..ProptestConfig::default() })]

        #[test]
        fn is_read_or_refused_but_never_a_panic(
            edits in prop::collection::vec((0..FULL.len(), prop::sample::select(b"\n\t :-#&*!|>'\"%@`{}[],?\\0a~\xC3\xFF\x1b\r<=.".to_vec()), any::<bool>()), 1..6),
        ) {
            let mut bytes = FULL.as_bytes().to_vec();
            for (at, byte, insert) in edits {
                if insert { bytes.insert(at, byte) } else { bytes[at] = byte }
            }
            if let Err(error) = read(&bytes, "appetite.yml") {
                let shown = error.render(false);
                prop_assert!(shown.contains("appetite.yml"), "{shown}");
                prop_assert!(!shown.contains('\u{1b}'), "{shown:?}");
                prop_assert!(!error.message.is_empty());
            }
        }
    }
}

#[test]
fn slips_of_yaml_are_shown_where_they_are() {
    let no = refused(&with("    before_ship: true\n", "    before_ship: no\n"));
    assert_eq!(
        no.to_string(),
        ".detente/appetite.yml:33:18: expected `true` or `false`, found the text \"no\" (write `true` or `false`)"
    );
    let zone = refused(&with("effective: 2026-11-01", "effective: 2026-11-01T00:00:00+02:00"));
    assert!(zone.to_string().contains(":8:14: expected a date such as 2026-11-01"), "{zone}");
    // Where a wrong indent is noticed is the parser's affair; that it is noticed is not.
    for (part, other) in [("    appetite: 3\n", "   appetite: 3\n"), ("  arbiter: {", " arbiter: {")] {
        assert!(!refused(&with(part, other)).message.is_empty());
    }
}

#[test]
fn decision_points_are_declared_in_the_words_of_the_tables() {
    let declared = |points: &str| with("    data: [cardholder]\n", &format!("    decision_points: {points}\n"));
    let appetite =
        read(declared("{ automatable: \"no\", human_impact: very high }").as_bytes(), "appetite.yml").unwrap();
    assert_eq!(appetite.services[0].decision_points["human_impact"], "very high");
    let wrong = refused(&declared("{ automatible: \"no\" }"));
    assert!(
        wrong.to_string().contains("there is no decision point `automatible`; did you mean `automatable`?"),
        "{wrong}"
    );
    let wrong = refused(&declared("{ automatable: perhaps }"));
    assert!(wrong.to_string().contains("`automatable` cannot be `perhaps` (one of no, yes)"), "{wrong}");
}

#[test]
fn a_baseline_promises_each_finding_once_and_not_before_it_was_known() {
    let with_baseline = |text: &str| format!("{MINIMAL}baseline:\n  taken: 2026-11-22\n  commitments:\n{text}");
    let good = with_baseline(
        "    - { due: 2026-12-06, why: table, findings: [f-1, f-2] }\n    - { due: 2027-02-01, findings: [f-3] }\n",
    );
    let baseline = read(good.as_bytes(), "appetite.yml").unwrap().baseline.unwrap();
    assert_eq!(baseline.commitment("f-3").unwrap().due, date(2027, 2, 1));
    assert_eq!(baseline.commitment("f-4"), None);
    let twice = refused(&with_baseline(
        "    - { due: 2026-12-06, findings: [f-1] }\n    - { due: 2027-02-01, findings: [f-1] }\n",
    ));
    assert!(twice.to_string().contains("the finding `f-1` is promised twice"), "{twice}");
    let early = refused(&with_baseline("    - { due: 2026-11-01, findings: [f-1] }\n"));
    assert!(early.to_string().contains("before they were taken stock of"), "{early}");
}

#[test]
fn an_edit_says_which_way_it_goes() {
    let old = read(FULL.as_bytes(), "appetite.yml").unwrap();
    let tables = BTreeMap::new();
    let mut wrong = Vec::new();
    for (part, other, expected) in [
        (
            "    tolerance: 1\n",
            "    tolerance: 3\n",
            "looser: tolerates two more critical findings (`new-critical`: 1 to 3)",
        ),
        (
            "    appetite: 3\n",
            "    appetite: 2\n",
            "tighter: remarks on more than 2 high findings (`new-high`: 3 before)",
        ),
        ("    before_ship: true\n", "", "looser: `known-exploited` no longer holds the release"),
        ("secret: averse", "secret: open", "looser: is open instead of averse about secret"),
        ("exposure: internet", "exposure: isolated", "looser: checkout counts as isolated instead of internet"),
        ("    obligations: [pci-dss-6.3.3]\n", "", "looser: checkout no longer is bound by `pci-dss-6.3.3`"),
        ("exposure: 500", "exposure: 800", "looser: exposure budget 500 to 800 points a quarter"),
        ("max_age: 24h", "max_age: 48h", "looser: takes evidence of 48 hours instead of 24 hours"),
        ("max_age: 24h", "max_age: 45m", "tighter: takes evidence of 45 minutes instead of 24 hours"),
        ("{ kind: code }, ", "", "looser: no longer asks for a code test"),
        (
            "balanced: [security-delegate]",
            "balanced: [anyone]",
            "looser: balanced at beyond-tolerance is approved by anyone instead of security-delegate",
        ),
        ("review_by: 2027-02-01", "review_by: 2027-08-01", "looser: is reviewed by 2027-08-01 instead of 2027-02-01"),
        ("name: A. Example", "name: D. Example", "otherwise: the CIO is D. Example instead of A. Example"),
        (
            "after: 4h",
            "after: 8h",
            "otherwise: if nobody chooses, balanced after 8 working hours takes effect instead of balanced after 4 working hours",
        ),
        ("finding.severity >= CRITICAL", "finding.severity >= HIGH", "otherwise: `new-critical` counts other findings"),
        (
            "default: cisa-bod-26-04",
            "default: fedramp-rev5",
            "otherwise: time limits come from `fedramp-rev5` instead of `cisa-bod-26-04`",
        ),
        ("We ship daily.", "We ship often.", "otherwise: the statement reads otherwise"),
    ] {
        let new = read(with(part, other).as_bytes(), "appetite.yml").unwrap();
        let edits = difference(&old, &new, &tables);
        let said: Vec<String> = edits.iter().map(|edit| format!("{}: {}", edit.direction.as_str(), edit.say)).collect();
        if said.len() != 1 || !said[0].starts_with(expected) {
            wrong.push(format!("{other}\n  got  {said:?}\n  want {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let declared = |points: &str| {
        let text =
            with("    data: [cardholder]\n", &format!("    data: [cardholder]\n    decision_points: {points}\n"));
        read(text.as_bytes(), "x").unwrap()
    };
    let (one, other) =
        (declared("{ automatable: \"yes\", in_kev: \"no\" }"), declared("{ automatable: \"no\", human_impact: low }"));
    let said: Vec<String> = difference(&one, &other, &tables)
        .iter()
        .map(|edit| format!("{}: {}", edit.direction.as_str(), edit.say))
        .collect();
    assert_eq!(
        said,
        [
            "looser: whether attacks on checkout can be automated counts as no instead of yes (`automatable`)",
            "otherwise: the impact of checkout on people is declared as low, whatever is found (`human_impact`)",
            "otherwise: whether weaknesses of checkout are known to be exploited is no longer declared and follows from what is found (no before, `in_kev`)",
        ]
    );
    assert_eq!(difference(&old, &read(format!("{FULL}# more\n").as_bytes(), "x").unwrap(), &tables), []);
}

#[test]
fn an_explanation_counts_in_whole_words() {
    let text = with("max_age: 24h", "max_age: 45m").replace("engineers: 2,", "engineers: 1,");
    let one = read(text.as_bytes(), "appetite.yml").unwrap();
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    let page = format!("{:?}", explanation(&one, &BTreeMap::new(), Audience::Everyone, now).sections);
    for said in ["Capacity: 1 engineer with 5 focus hours a working day.", "A report counts for 45 minutes."] {
        assert!(page.contains(said), "`{said}` is not in {page}");
    }
}
