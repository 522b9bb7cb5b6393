//! How a change stands by records that were really signed: what counts, what does not, what voids it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/chosen.rs"]
mod chosen;
#[path = "decisions/shop.rs"]
mod shop;

use chosen::chosen;
use detente::follow::agreements::Agreements;
use detente::follow::decide::{Case, stand};
use detente::follow::decided::decided;
use detente::model::appetite::{Appetite, OptionName};
use detente::model::ledger::{
    CommitmentEvent, Decided, Decider, Decision, Entry, Event, History, Person, Promise, Record,
};
use detente::model::standing::{DecisionState, Standing};
use detente::model::verdict::Verdict;
use detente::model::word::Word;
use shop::Shop;

const LATER: &str = "2026-11-24T11:00:00Z";

fn signed(shop: &Shop, name: &str, decision: Decision) -> Entry<Decision> {
    let decision = Decision { by: shop.by_key(name), ..decision };
    let signature = shop.sign(name, Decision::NAMESPACE, &decision.signed_bytes());
    let record = Decision { signature, ..decision };
    Entry { path: Record::Decision(record.clone()).path(), record }
}

fn at(decision: &Decision, moment: &str) -> Decision {
    Decision { at: moment.parse().unwrap(), ..decision.clone() }
}

/// How the change stands that `real` is about, by these records; `alter` says what is different now.
fn stands(shop: &Shop, real: &Decision, history: &History, alter: &dyn Fn(&mut Case<'_>)) -> Option<Standing> {
    let appetite: Appetite = detente::appetite::read(shop.appetite().as_bytes(), "appetite.yml").unwrap();
    let now = LATER.parse().unwrap();
    let mut case = Case {
        change: &real.change,
        head: &real.head,
        verdict: real.verdict.0,
        findings: real.findings.clone(),
        authors: Vec::new(),
        appetite: &appetite,
        default_at: None,
        now,
    };
    alter(&mut case);
    stand(&case, history)
}

#[test]
fn only_what_can_be_judged_and_is_not_within_appetite_can_be_decided() {
    let (shop, real) = chosen();
    let history = History {
        decisions: vec![signed(&shop, "security", real.clone()), signed(&shop, "delivery", real.clone())],
        ..History::default()
    };
    let standing = stands(&shop, &real, &history, &|_| {}).unwrap();
    assert_eq!(standing.state, DecisionState::Decided);
    for verdict in [Verdict::Unresolved, Verdict::WithinAppetite] {
        assert_eq!(stands(&shop, &real, &history, &|case| case.verdict = verdict), None, "{verdict}");
    }
}

#[test]
fn a_verdict_that_is_worse_than_the_one_that_was_decided_voids_the_decision() {
    let (shop, real) = chosen();
    let milder = Decision { verdict: Word(Verdict::WithinTolerance), ..real.clone() };
    let history = History {
        decisions: vec![signed(&shop, "security", milder.clone()), signed(&shop, "delivery", milder)],
        ..History::default()
    };
    let standing = stands(&shop, &real, &history, &|_| {}).unwrap();
    assert_eq!(standing.state, DecisionState::Void);
    assert!(standing.void_because.concat().contains("The verdict is beyond-tolerance now"), "{standing:?}");
}

#[test]
fn a_choice_counts_for_its_own_change_and_for_no_author_of_it_whichever_record_says_so() {
    let (shop, real) = chosen();
    let author = [Person { key: shop.public("delivery"), ..Person::default() }];
    let not_counted = |delivery: Decision, alter: &dyn Fn(&mut Case<'_>)| {
        let decisions = vec![signed(&shop, "security", real.clone()), signed(&shop, "delivery", delivery)];
        let standing = stands(&shop, &real, &History { decisions, ..History::default() }, alter).unwrap();
        assert_eq!(standing.state.proceeds(), standing.not_counted.is_empty(), "{standing:?}");
        standing.not_counted.concat()
    };
    assert_eq!(not_counted(real.clone(), &|_| {}), "");
    let elsewhere = Decision { change: "branch/other".to_owned(), ..real.clone() };
    assert!(not_counted(elsewhere, &|_| {}).contains("it is about another change, branch/other"));
    // Git and the forge name the authors now, or the record does.
    let says = "authors do not approve their own change beyond tolerance";
    assert!(not_counted(real.clone(), &|case| case.authors = author.to_vec()).contains(says));
    let named = Decision { authors: author.to_vec(), ..real.clone() };
    assert!(not_counted(named.clone(), &|_| {}).contains(says));
    // What was called milder than it is now, or is milder now, does not let them.
    let milder = Decision { verdict: Word(Verdict::WithinTolerance), ..named.clone() };
    assert!(not_counted(milder, &|_| {}).contains(says));
    assert!(not_counted(named.clone(), &|case| case.verdict = Verdict::WithinTolerance).contains(says));
    // A verdict about which nothing is decided hides none that is: it is worse than any, and void in no comparison.
    for verdict in [Verdict::Unresolved, Verdict::WithinAppetite] {
        let hand_made = Decision { verdict: Word(verdict), ..named.clone() };
        let why = not_counted(hand_made, &|_| {});
        assert!(why.contains(&format!("the verdict {verdict}, about which nothing is decided")), "{why}");
    }
}

#[test]
fn whoever_chooses_again_has_changed_their_mind() {
    let (shop, real) = chosen();
    let balanced = Decision { option: Word(OptionName::MostSecure), ..at(&real, "2026-11-24T10:10:00Z") };
    let history = |again: bool| History {
        decisions: [
            Some(signed(&shop, "security", at(&real, "2026-11-24T10:00:00Z"))),
            again.then(|| signed(&shop, "security", balanced.clone())),
            Some(signed(&shop, "delivery", at(&real, "2026-11-24T10:20:00Z"))),
        ]
        .into_iter()
        .flatten()
        .collect(),
        ..History::default()
    };
    let fastest = stands(&shop, &real, &history(false), &|_| {}).unwrap();
    assert_eq!((fastest.option, fastest.state), (OptionName::Fastest, DecisionState::Decided));
    let other = stands(&shop, &real, &history(true), &|_| {}).unwrap();
    assert!(other.option == OptionName::MostSecure || !other.state.proceeds(), "{other:?}");
}

#[test]
fn a_default_on_record_stands_only_for_what_it_was_about() {
    let (shop, real) = chosen();
    let record = Decision {
        by: Decider::Default,
        option: Word(OptionName::Balanced),
        signature: String::new(),
        ..at(&real, "2026-11-24T10:30:00Z")
    };
    let default = Entry { path: "decision/default".to_owned(), record };
    let history = History { decisions: vec![default], ..History::default() };
    let takes_effect = |case: &mut Case<'_>| case.default_at = Some("2026-11-24T10:30:00Z".parse().unwrap());
    let known = stands(&shop, &real, &history, &takes_effect).unwrap();
    assert_eq!((known.state, known.record.as_str()), (DecisionState::ByDefault, "decision/default"));
    // A finding more: the default takes effect anew, and has still to be recorded with what it promises.
    let anew = stands(&shop, &real, &history, &|case| {
        takes_effect(case);
        let more = Decided { id: "f-000000000000".to_owned(), ..case.findings[0].clone() };
        case.findings.push(more);
    });
    assert_eq!(anew.unwrap().record, "");
}

#[test]
fn a_decision_has_made_the_promises_that_name_it_and_no_others() {
    let (shop, real) = chosen();
    let decisions = vec![signed(&shop, "security", real.clone()), signed(&shop, "delivery", at(&real, LATER))];
    let promise: &Promise = &real.offer.promises[0];
    let made_by = |decision: &str| {
        let event = Event::Made {
            change: real.change.clone(),
            head: real.head.clone(),
            appetite: real.appetite.clone(),
            approval: Vec::new(),
            promise: promise.clone(),
            decision: decision.to_owned(),
            lane: None,
        };
        let record = CommitmentEvent {
            commitment: "c-1".to_owned(),
            made: real.at,
            at: real.at,
            event,
            signature: String::new(),
        };
        let commitments = [("c-1".to_owned(), vec![Entry { path: "commitment/1".to_owned(), record }])];
        let history = History { decisions: decisions.clone(), commitments: commitments.into(), ..History::default() };
        stands(&shop, &real, &history, &|_| {}).unwrap().commitments.len()
    };
    assert_eq!((made_by(&decisions[1].path), made_by("decision/another")), (1, 0));
}

/// What the run at `now` and the review say was decided, and when.
fn run_and_review(shop: &Shop, text: &str, decisions: &[(&str, OptionName, &str)], now: &str) -> [Option<String>; 2] {
    let appetite: Appetite = detente::appetite::read(text.as_bytes(), "appetite.yml").unwrap();
    let (_, real) = chosen();
    let sha256 = appetite.sha256.to_string();
    let signed = |(name, option, at): &(&str, OptionName, &str)| {
        let option = Word(*option);
        signed(shop, name, Decision { option, appetite: sha256.clone(), ..self::at(&real, at) })
    };
    let history = History { decisions: decisions.iter().map(signed).collect(), ..History::default() };
    let case = Case {
        change: &real.change,
        head: &real.head,
        verdict: real.verdict.0,
        findings: real.findings.clone(),
        authors: Vec::new(),
        appetite: &appetite,
        default_at: None,
        now: now.parse().unwrap(),
    };
    let said = |option: OptionName, at: jiff::Timestamp| format!("{} at {at}", option.as_str());
    let run = stand(&case, &history).filter(|standing| standing.state.proceeds());
    let run = run.map(|standing| said(standing.option, standing.decided_at.unwrap()));
    let last = decided(&history.decisions, Agreements::new(Some(&appetite), &[])).pop();
    [run, last.map(|last| said(last.entry.record.option.0, last.at))]
}

#[test]
fn a_review_counts_what_the_run_counted() {
    use OptionName::{Fastest, MostSecure};
    let shop = Shop::open();
    let plain = shop.appetite();
    let both = |text: &str, decisions: &[(&str, OptionName, &str)]| {
        let [run, review] = run_and_review(&shop, text, decisions, "2026-11-26T12:00:00Z");
        assert_eq!(run, review);
        run.unwrap_or_default()
    };
    let (first, second, third) = ("2026-11-24T10:00:00Z", "2026-11-24T10:04:00Z", "2026-11-24T10:08:00Z");
    let delivery = ("delivery", Fastest, first);
    assert_eq!(both(&plain, &[delivery, ("security", Fastest, second)]), format!("fastest at {second}"));
    // One person stands for one role, whatever roles their key holds and however often they choose.
    let deputy = plain.replace(
        "security-delegate: { keys: [",
        &format!("security-delegate: {{ keys: [\"{}\", ", shop.public("delivery")),
    );
    assert_ne!(deputy, plain);
    assert_eq!(both(&deputy, &[delivery, ("delivery", Fastest, second)]), "");
    // The last word of each person counts.
    let again = [delivery, ("delivery", MostSecure, second), ("security", Fastest, third)];
    assert!(!both(&plain, &again).starts_with("fastest"));
    // A nod of somebody who is not needed any more makes the decision no later.
    let late = [delivery, ("security", Fastest, second), ("security", Fastest, "2026-11-26T10:00:00Z")];
    assert_eq!(both(&plain, &late), "fastest at 2026-11-26T10:00:00Z", "whoever chooses again has chosen then");
    let anybody = [("security", MostSecure, first), ("lead", MostSecure, "2026-11-26T10:00:00Z")];
    assert_eq!(both(&plain, &anybody), format!("most-secure at {first}"));
    // Of two decisions the later one stands, however soon it came.
    let replaced =
        [delivery, ("security", Fastest, second), ("delivery", MostSecure, third), ("security", MostSecure, third)];
    assert_eq!(both(&plain, &replaced), format!("most-secure at {third}"));
}

#[test]
fn a_choice_that_is_dated_before_its_brief_does_not_count() {
    let (shop, real) = chosen();
    let stands = |at: &str| {
        let decisions = vec![signed(&shop, "security", real.clone()), signed(&shop, "delivery", self::at(&real, at))];
        stands(&shop, &real, &History { decisions, ..History::default() }, &|_| {}).unwrap()
    };
    assert!(stands("2026-11-24T09:25:00Z").state.proceeds(), "clocks differ");
    let refused = stands("2026-11-24T08:00:00Z");
    assert_eq!(refused.state, DecisionState::Incomplete);
    assert!(refused.not_counted.concat().contains("before the judgement that it is about"), "{refused:?}");
}
