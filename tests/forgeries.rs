//! Records that somebody with the right to push, and no other right, puts into the ledger by hand: none of them counts,
//! and `ledger verify` names each.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/shop.rs"]
mod shop;

use std::collections::BTreeMap;
use std::path::PathBuf;

use detente::follow::agreements::Agreements;
use detente::follow::commitments::{Light, commitments, level_up};
use detente::follow::promise::waived_id;
use detente::follow::waivers::{standing, unbacked};
use detente::ledger::Ledger;
use detente::model::appetite::{Appetite, OptionName};
use detente::model::digest::Digest;
use detente::model::ledger::{
    AppetiteVersion, Assessed, CommitmentEvent, Decider, Decision, Entry, Event, Lane, Person, Promise, Record, Waiver,
    commitment_id, findings_digest,
};
use detente::model::severity::Severity;
use detente::model::verdict::Verdict;
use detente::model::word::Word;
use jiff::SignedDuration;
use serde_json::Value;
use shop::{Run, Shop, TUESDAY};

const LATER: &str = "2026-11-24T11:00:00Z";

/// A decided change, with everything on record.
struct Scene {
    shop: Shop,
    work: PathBuf,
    reports: PathBuf,
    records: Vec<Record>,
    tip: String,
}

impl Scene {
    fn open() -> Self {
        let shop = Shop::open();
        let (work, reports) = (shop.path("work"), shop.beyond());
        let brief = shop.brief(&work, &reports, TUESDAY, &[]);
        shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
        shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);
        let run = shop.detente(&work, &["ledger", "export", "--local"]).ends(0);
        let read = |line: &str| {
            let mut value: Value = serde_json::from_str(line).unwrap();
            value.as_object_mut().unwrap().remove("path");
            serde_json::from_value::<Record>(value).unwrap()
        };
        let records = run.stdout.lines().map(read).collect();
        let tip = shop.git(&work, &["rev-parse", "refs/detente/ledger"]);
        let scene = Self { shop, work, reports, records, tip };
        scene.verify().ends(0);
        scene
    }

    fn put(&self, record: Record) {
        let at = record.at();
        Ledger::open(&self.work).unwrap().append(&[record], "forged", at).unwrap();
    }

    fn run(&self, arguments: &[&str], now: &str) -> Run {
        self.shop.detente(&self.work, &[arguments, &["--local", "--now", now]].concat())
    }

    fn verify(&self) -> Run {
        self.run(&["ledger", "verify"], LATER)
    }

    /// `ledger verify` says this, and nothing else is wrong once the forgery is gone.
    #[track_caller]
    fn named(&self, says: &str) {
        let run = self.verify().ends(4);
        assert!(run.stdout.contains(says), "{run:?}");
        self.shop.git(&self.work, &["update-ref", "refs/detente/ledger", &self.tip]);
        self.verify().ends(0);
    }

    /// The first commitment, as it was made.
    fn made(&self) -> CommitmentEvent {
        let made = self.records.iter().find_map(|record| match record {
            Record::Commitment(event) => Some(event.clone()),
            _ => None,
        });
        made.unwrap()
    }

    /// The choices that are on record: that of the security delegate, then that of the delivery delegate.
    fn decisions(&self) -> Vec<Decision> {
        let decisions = self.records.iter().filter_map(|record| match record {
            Record::Decision(decision) => Some(decision.clone()),
            _ => None,
        });
        decisions.collect()
    }

    fn decision(&self) -> Decision {
        self.decisions().pop().unwrap()
    }

    /// A waiver that follows from them.
    fn waiver(&self) -> Waiver {
        let waiver = self.records.iter().find_map(|record| match record {
            Record::Waiver(waiver) => Some(waiver.clone()),
            _ => None,
        });
        waiver.unwrap()
    }

    /// A decision with the signature of `name`.
    fn signed(&self, name: &str, decision: Decision) -> Decision {
        let signature = self.shop.sign(name, Decision::NAMESPACE, &decision.signed_bytes());
        Decision { signature, ..decision }
    }

    /// The agreement, with something else in it.
    fn agreement(&self, from: &str, to: &str) -> Appetite {
        let text = self.shop.appetite();
        assert!(text.contains(from), "{text}");
        detente::appetite::read(text.replace(from, to).as_bytes(), "appetite.yml").unwrap()
    }

    fn by(&self, name: &str) -> Decider {
        self.shop.by_key(name)
    }

    /// An event of that commitment, signed by `name`, or by nobody.
    fn event(&self, event: Event, sign_as: Option<&str>) -> Record {
        let mut event = CommitmentEvent { at: "2026-11-24T10:45:00Z".parse().unwrap(), event, ..self.made() };
        event.signature = String::new();
        if let Some(name) = sign_as {
            event.signature = self.shop.sign(name, CommitmentEvent::NAMESPACE, &event.signed_bytes());
        }
        Record::Commitment(event)
    }

    /// How the commitment is shown.
    fn shown(&self, now: &str) -> String {
        let run = self.run(&["ledger", "show"], now).ends(0);
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn nobody_gives_up_moves_or_stops_a_promise_without_the_right_to() {
    let scene = Scene::open();
    let id = scene.made().commitment;
    let until = "2027-06-01T00:00:00Z".parse().unwrap();
    let reason = || "no time".to_owned();
    let withdrawn = |name: &str| Event::Withdrawn { reason: reason(), by: scene.by(name) };
    let extended = |name: &str| Event::Extended { until, reason: reason(), by: scene.by(name) };
    let paused = |name: &str| Event::Paused { reason: reason(), by: scene.by(name) };
    for (event, sign_as, says) in [
        (withdrawn("lead"), Some("lead"), "Giving it up does not count: it takes"),
        (withdrawn("cio"), None, "Giving it up does not count: its signature"),
        (withdrawn("cio"), Some("lead"), "Giving it up does not count: another key signed it"),
        (extended("security"), Some("security"), "An extension does not count: it takes"),
        (extended("cio"), None, "An extension does not count: its signature"),
        (paused("security"), Some("security"), "A pause does not count: it takes"),
        (paused("ciso"), None, "A pause does not count: its signature"),
    ] {
        scene.put(scene.event(event, sign_as));
        let shown = scene.shown(LATER);
        assert!(shown.contains(&id) && shown.contains(says), "{says}: {shown}");
        assert!(!shown.contains("2027-06") && !shown.contains("paused"), "{shown}");
        scene.named("does not count");
    }
    // With the right to, each of them counts, from its moment on.
    scene.put(scene.event(withdrawn("cio"), Some("cio")));
    assert!(scene.shown("2026-11-24T10:44:00Z").contains(&format!("{id} ")), "a promise is given up before it was");
    assert!(!scene.shown(LATER).contains(&format!("{id} ")), "a promise that was given up is not open");
    scene.verify().ends(0);
}

#[test]
fn a_date_is_moved_one_level_up_and_by_nobody_where_no_agreement_is_known() {
    let scene = Scene::open();
    let until = "2027-06-01T00:00:00Z".parse().unwrap();
    let extended = Event::Extended { until, reason: "vendor".to_owned(), by: scene.by("cio") };
    let Record::Commitment(extended) = scene.event(extended, Some("cio")) else { panic!("an event") };
    let id = extended.commitment.clone();
    let entry = |record: CommitmentEvent| Entry { path: Record::Commitment(record.clone()).path(), record };
    let events = BTreeMap::from([(id, vec![entry(scene.made()), entry(extended)])]);
    let decisions = BTreeMap::from([(scene.decision().change, entries(&scene.decisions()))]);
    let now = LATER.parse().unwrap();
    let due = |appetite: Option<&Appetite>| {
        let light = Light { agreements: Agreements::new(appetite, &[]), decisions: &decisions, now };
        commitments(&events, &light)[0].due
    };
    let appetite = scene.agreement("name: Payments platform", "name: Payments platform");
    assert_eq!(due(Some(&appetite)), until);
    assert!(due(None) < until, "moved by somebody of whom nobody knows what they may");
    // Above those who approved it, and above everybody, there are the two parties.
    let anyone = scene.agreement("fastest: [delivery-delegate, security-delegate]", "fastest: [anyone]");
    assert_eq!(level_up(&anyone, &[]), ["cio", "ciso"]);
    let delegates = ["delivery-delegate", "security-delegate"].map(str::to_owned);
    assert_eq!(level_up(&appetite, &delegates), ["cio", "ciso"]);
    assert_eq!(level_up(&appetite, &delegates[1..]), delegates[..1]);
}

#[test]
fn a_clock_that_the_leaders_stopped_is_started_again_by_nobody_unknown() {
    let scene = Scene::open();
    let reason = "vendor fix is late".to_owned();
    scene.put(scene.event(Event::Paused { reason, by: scene.by("cio") }, Some("cio")));
    assert!(scene.shown(LATER).contains("paused"));
    let tip = scene.shop.git(&scene.work, &["rev-parse", "refs/detente/ledger"]);
    let (unsigned, other) = ("its signature", "another key signed it");
    let stranger = "it takes somebody who holds a role of the agreement";
    for (sign_as, says) in [(None, unsigned), (Some("lead"), other), (Some("dev"), stranger)] {
        scene.put(scene.event(Event::Resumed { reason: String::new(), by: scene.by("dev") }, sign_as));
        let shown = scene.shown(LATER);
        assert!(shown.contains("paused") && shown.contains(&format!("resumed does not count: {says}")), "{shown}");
        let run = scene.verify().ends(4);
        assert!(run.stdout.contains("that it was resumed does not count"), "{run:?}");
        scene.shop.git(&scene.work, &["update-ref", "refs/detente/ledger", &tip]);
    }
    scene.put(scene.event(Event::Resumed { reason: String::new(), by: scene.by("lead") }, Some("lead")));
    assert!(!scene.shown(LATER).contains("paused"));
    scene.verify().ends(0);
}

#[test]
fn a_waiver_that_takes_more_than_its_decision_accepted_is_named() {
    let scene = Scene::open();
    let mut waivers = scene.records.iter().filter_map(|record| match record {
        Record::Waiver(waiver) => Some(waiver.clone()),
        _ => None,
    });
    let mut forged = waivers.next().unwrap();
    forged.findings[0].id = "f-000000000000".to_owned();
    scene.put(Record::Waiver(forged.clone()));
    scene.named("the decision that it follows from did not accept this");
    forged.decision = "decision/00/none.json".to_owned();
    scene.put(Record::Waiver(forged));
    scene.named("the decision that it follows from is not in the ledger");
    let unknown = Waiver { appetite: "0".repeat(64), ..scene.waiver() };
    scene.put(Record::Waiver(unknown));
    scene.named("that it was made under is not in the ledger");
}

fn entries(decisions: &[Decision]) -> Vec<Entry<Decision>> {
    let entry = |record: &Decision| Entry { path: Record::Decision(record.clone()).path(), record: record.clone() };
    decisions.iter().map(entry).collect()
}

/// How a waiver is forged.
type Alter<'a> = Box<dyn Fn(&mut Waiver) + 'a>;

/// A waiver that says it follows from a decision is not signed itself: it is worth what that decision is worth.
#[test]
fn a_waiver_takes_nothing_that_its_decision_did_not_accept() {
    let scene = Scene::open();
    let (decisions, real) = (entries(&scene.decisions()), scene.waiver());
    let appetite = scene.agreement("name: Payments platform", "name: Payments platform");
    assert_eq!(unbacked(&real, &decisions, &appetite), None);
    let decision = scene.decision();
    let other = decision.findings.iter().find(|finding| finding.severity.0 == Severity::High).unwrap();
    let cases: Vec<(&str, Alter<'_>)> = vec![
        ("longer", Box::new(|waiver| waiver.until = "2027-06-01T00:00:00Z".parse().unwrap())),
        (
            "another row",
            Box::new(|waiver| {
                waiver.row = "due:cisa-bod-26-04-x".to_owned();
                waiver.id = waived_id(&decision, &waiver.row);
            }),
        ),
        ("under another name", Box::new(|waiver| waiver.id = "v-000000000000".to_owned())),
        ("on another change", Box::new(|waiver| waiver.change = "pull/99".to_owned())),
        ("another finding", Box::new(|waiver| waiver.findings[0].id = "f-000000000000".to_owned())),
        (
            "more severe",
            Box::new(|waiver| {
                waiver.findings[0].id.clone_from(&other.id);
                waiver.findings[0].severity = Word(Severity::Critical);
            }),
        ),
        ("exploited", Box::new(|waiver| waiver.findings[0].exploited = true)),
    ];
    for (case, alter) in cases {
        let mut forged = real.clone();
        alter(&mut forged);
        let why = unbacked(&forged, &decisions, &appetite);
        assert!(why.as_ref().is_some_and(|why| why.contains("did not accept this")), "{case}: {why:?}");
    }
}

/// Beside the real choices, whoever may push can put one that offers more.
#[test]
fn a_decision_that_does_not_count_backs_no_waiver() {
    let scene = Scene::open();
    let appetite = scene.agreement("name: Payments platform", "name: Payments platform");
    let end = scene.waiver().until;
    let forged = |alter: &dyn Fn(&mut Decision), sign_as: Option<&str>| {
        let mut decision = scene.decision();
        for waived in &mut decision.offer.waivers {
            waived.until = end + SignedDuration::from_hours(7 * 24);
        }
        alter(&mut decision);
        let row = scene.waiver().row;
        let until = decision.offer.waivers.iter().find(|waived| waived.row == row).unwrap().until;
        let decision = match sign_as {
            Some(name) => scene.signed(name, decision),
            None => decision,
        };
        let mut decisions = scene.decisions();
        decisions.push(decision.clone());
        let decisions = entries(&decisions);
        let mut waiver = Waiver { until, decision: decisions.last().unwrap().path.clone(), ..scene.waiver() };
        waiver.findings[0].id.clone_from(&decision.findings[0].id);
        waiver.findings[0].severity = Word(Severity::Low);
        unbacked(&waiver, &decisions, &appetite)
    };
    assert_eq!(forged(&|_| {}, Some("delivery")), None, "really signed, it does");
    for (case, alter, sign_as) in [
        ("signed by nobody", &(|_: &mut Decision| {}) as &dyn Fn(&mut Decision), None),
        ("signed by another", &|_| {}, Some("security")),
        ("without a role", &|decision| decision.by = scene.by("lead"), Some("lead")),
        (
            "by an author",
            &|decision| decision.authors.push(Person { key: scene.shop.public("delivery"), ..Person::default() }),
            Some("delivery"),
        ),
        (
            "findings that it is not bound to",
            &|decision| decision.findings[0].id = "f-000000000000".to_owned(),
            Some("delivery"),
        ),
        (
            "half a year longer than the other was offered",
            &|decision| {
                for waived in &mut decision.offer.waivers {
                    waived.until = end + SignedDuration::from_hours(180 * 24);
                }
            },
            Some("delivery"),
        ),
    ] {
        assert!(forged(alter, sign_as).is_some(), "{case}");
    }
}

/// At a milder verdict anybody may choose, and at this one fewer may choose another option: what a decision says of itself does
/// not make it easier to accept something everywhere.
#[test]
fn a_waiver_takes_the_same_people_whatever_its_decision_claims() {
    let scene = Scene::open();
    let appetite = scene.agreement("name: Payments platform", "name: Payments platform");
    let alone = |name: &str, verdict: Verdict, option: OptionName| {
        let decision =
            Decision { by: scene.by(name), verdict: Word(verdict), option: Word(option), ..scene.decision() };
        let decisions = entries(&[scene.signed(name, decision)]);
        let waiver = Waiver { decision: decisions[0].path.clone(), ..scene.waiver() };
        unbacked(&waiver, &decisions, &appetite)
    };
    for (name, verdict, option) in [
        ("lead", Verdict::WithinTolerance, OptionName::Balanced),
        ("lead", Verdict::WithinTolerance, OptionName::Fastest),
        ("lead", Verdict::BeyondTolerance, OptionName::MostSecure),
        ("security", Verdict::BeyondTolerance, OptionName::Balanced),
    ] {
        let why = alone(name, verdict, option);
        assert!(why.is_some(), "{name}, {verdict}, {option:?}");
    }
}

/// Everybody who is needed has to have chosen the same: this option, for these findings of this change, under this agreement.
#[test]
fn a_waiver_of_a_decision_takes_everybody_who_is_needed_for_it() {
    let scene = Scene::open();
    let [security, delivery] = <[Decision; 2]>::try_from(scene.decisions()).unwrap();
    let appetite = scene.agreement("name: Payments platform", "name: Payments platform");
    let backed = |others: &[Decision], appetite: &Appetite| {
        let decisions = entries(&[std::slice::from_ref(&security), others].concat());
        let waiver = Waiver { decision: decisions[0].path.clone(), ..scene.waiver() };
        unbacked(&waiver, &decisions, appetite)
    };
    assert_eq!(backed(std::slice::from_ref(&delivery), &appetite), None);
    let missing = Some("it takes delivery-delegate".to_owned());
    assert_eq!(backed(&[], &appetite), missing);
    let signed = |alter: &dyn Fn(&mut Decision)| {
        let mut decision = delivery.clone();
        alter(&mut decision);
        scene.signed("delivery", decision)
    };
    for (case, other) in [
        ("another change", signed(&|decision| decision.change = "pull/99".to_owned())),
        ("another option", signed(&|decision| decision.option = Word(OptionName::Balanced))),
        (
            "other findings",
            signed(&|decision| {
                decision.findings.pop();
                decision.findings_digest = findings_digest(&decision.findings);
            }),
        ),
        (
            "findings that it is not bound to",
            signed(&|decision| {
                decision.findings.pop();
            }),
        ),
        ("another agreement", signed(&|decision| decision.appetite = "0".repeat(64))),
        (
            "an author",
            signed(&|decision| {
                decision.authors.push(Person { key: scene.shop.public("delivery"), ..Person::default() });
            }),
        ),
        ("not signed", Decision { reason: "in their name".to_owned(), ..delivery.clone() }),
        ("nobody", Decision { by: Decider::Default, signature: String::new(), ..delivery.clone() }),
    ] {
        assert_eq!(backed(&[other], &appetite), missing, "{case}");
    }
    // One person who holds both roles stands for one of them, however often they choose.
    let both = scene.agreement(&scene.shop.public("delivery"), &scene.shop.public("security"));
    let again = scene.signed("security", Decision { reason: "once more".to_owned(), ..security.clone() });
    assert!(backed(&[again], &both).is_some_and(|why| why.starts_with("it takes ")));
    // Where nobody may choose it, nobody did.
    let nobody = scene.agreement("fastest: [delivery-delegate, security-delegate]", "fastest: []");
    assert!(backed(std::slice::from_ref(&delivery), &nobody).is_some());
}

#[test]
fn a_waiver_of_a_decision_holds_from_its_beginning_to_its_end_and_never_by_default() {
    let scene = Scene::open();
    let appetite = scene.agreement("name: Payments platform", "name: Payments platform");
    let waiver = scene.waiver();
    let stands = |decision: &Decision, at: &str| {
        let decisions = entries(&[scene.decisions().remove(0), decision.clone()]);
        let waiver = Waiver { decision: decisions[1].path.clone(), ..waiver.clone() };
        let waivers = [Entry { path: "waiver/1".to_owned(), record: waiver }];
        let decisions = BTreeMap::from([(decision.change.clone(), decisions)]);
        let standing = standing(&waivers, &decisions, Agreements::new(Some(&appetite), &[]), at.parse().unwrap());
        (standing[0].holds, standing[0].not_counted.concat())
    };
    let decision = scene.decision();
    assert!(stands(&decision, "2026-11-24T10:30:00Z").0);
    assert!(!stands(&decision, "2026-11-24T10:29:59Z").0, "before it began");
    assert!(!stands(&decision, &waiver.until.to_string()).0, "once it has ended");
    let unsigned = Decision { reason: "in their name".to_owned(), ..decision.clone() };
    let (holds, said) = stands(&unsigned, LATER);
    assert!(!holds && said.contains("does not count: "), "{said}");
    let default = Decision { by: Decider::Default, signature: String::new(), ..decision };
    let (holds, said) = stands(&default, LATER);
    assert!(!holds && said.contains("an agreed default accepts for its own change only"), "{said}");
}

#[test]
fn an_agreement_under_the_name_of_another_is_named() {
    let scene = Scene::open();
    let mut version = scene.records.iter().find_map(|record| match record {
        Record::Appetite(version) => Some(version.clone()),
        _ => None,
    });
    let version = version.as_mut().unwrap();
    version.text = version.text.replace("security-delegate", "tech-lead");
    version.at = "2026-11-24T10:40:00Z".parse().unwrap();
    scene.put(Record::Appetite(version.clone()));
    // What was decided under the real one goes on to count.
    let run = scene.run(&["review", "--format", "json"], LATER).ends(0);
    let review: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(review["decided"]["fastest"], 1, "{review}");
    scene.named("the agreement in it is not the one that its digest names");
    // Nor under a name that nothing was decided by yet.
    version.sha256 = "0".repeat(64);
    scene.put(Record::Appetite(version.clone()));
    scene.named("the agreement in it is not the one that its digest names");
}

#[test]
fn a_judgement_that_claims_to_be_older_than_what_it_was_put_upon_is_named() {
    let scene = Scene::open();
    let decision = scene.decision();
    let judged = |at: &str| {
        Record::Assessment(Assessed {
            change: decision.change.clone(),
            head: decision.head.clone(),
            at: at.parse().unwrap(),
            verdict: decision.verdict,
            appetite: decision.appetite.clone(),
            findings_digest: decision.findings_digest.clone(),
            introduced: Vec::new(),
            blocking_day: None,
        })
    };
    scene.put(judged("2026-11-23T09:00:00Z"));
    let says = "it claims to be of 2026-11-23T09:00:00Z, and was put upon a commit of 2026-11-24T10:30:00Z";
    let run = scene.verify().ends(0);
    assert!(run.stdout.contains(says) && run.stdout.contains("Worth a look"), "{run:?}");
    scene.shop.git(&scene.work, &["update-ref", "refs/detente/ledger", &scene.tip]);
    // A run that took a while, and a clock that is behind by minutes.
    scene.put(judged("2026-11-24T09:45:00Z"));
    let run = scene.verify().ends(0);
    assert!(!run.stdout.contains("Worth a look"), "{run:?}");
}

#[test]
fn hours_that_nobody_reported_do_not_count() {
    let scene = Scene::open();
    scene.put(scene.event(Event::Worked { hours: 400.0, by: scene.by("dev") }, None));
    let shown = scene.shown(LATER);
    assert!(shown.contains("Reported hours do not count: its signature"), "{shown}");
    scene.named("that it was worked does not count");
    // Really reported, by somebody whom the agreement does not name.
    scene.put(scene.event(Event::Worked { hours: 400.0, by: scene.by("dev") }, Some("dev")));
    let shown = scene.shown(LATER);
    assert!(shown.contains("Reported hours do not count: it takes somebody who holds a role"), "{shown}");
    scene.named("that it was worked does not count");
    let (id, key) = (scene.made().commitment, scene.shop.key("dev"));
    let worked = ["ledger", "worked", &id, "4", "--key", key.to_str().unwrap()];
    assert!(scene.run(&worked, LATER).ends(1).stderr.contains("it takes somebody who holds a role"));
}

#[test]
fn a_promise_that_no_decision_made_is_named() {
    let scene = Scene::open();
    let mut made = scene.made();
    made.commitment = commitment_id("pull/99", "none", "w-1");
    if let Event::Made { change, .. } = &mut made.event {
        *change = "pull/99".to_owned();
    }
    let shown = scene.shown("2027-06-01T00:00:00Z");
    scene.put(Record::Commitment(made));
    let forged = scene.shown("2027-06-01T00:00:00Z");
    let says = "Without a decision that made them, and so not counted: 1 commitment.";
    assert!(forged.contains(says) && !shown.contains(says), "{forged}");
    assert_eq!(forged.split(" open.").next(), shown.split(" open.").next(), "what nobody promised is no commitment");
    scene.named("no decision in the ledger made this promise");
}

#[test]
fn a_promise_that_its_decision_did_not_offer_is_named() {
    let scene = Scene::open();
    for alter in [
        &(|promise: &mut Promise| promise.due = "2027-06-01T00:00:00Z".parse().unwrap()) as &dyn Fn(&mut Promise),
        &|promise| promise.findings.clear(),
        &|promise| promise.findings[0].saw.clear(),
    ] {
        let mut made = scene.made();
        let shown = scene.shown("2026-12-30T00:00:00Z");
        let Event::Made { promise, .. } = &mut made.event else { panic!("a promise") };
        alter(promise);
        // One that comes before the real one comes first.
        made.at = "2026-11-24T10:29:59Z".parse().unwrap();
        scene.put(Record::Commitment(made.clone()));
        let forged = scene.shown("2026-12-30T00:00:00Z");
        let says = "A record that promises it otherwise does not count: no decision made it.";
        assert!(forged.contains(says) && !shown.contains(says), "{forged}");
        assert!(!forged.contains("2027-06-01"), "{forged}");
        scene.named("no decision in the ledger made this promise");
    }
}

#[test]
fn an_author_who_approved_what_is_beyond_tolerance_is_named() {
    let scene = Scene::open();
    let by_author = |name: &str, decision: Decision| {
        let authors = vec![Person { key: scene.shop.public(name), ..Person::default() }];
        let change = "branch/other".to_owned();
        Record::Decision(scene.signed(name, Decision { by: scene.by(name), authors, change, ..decision }))
    };
    scene.put(by_author("delivery", scene.decision()));
    scene.named("authors do not approve their own change beyond tolerance");
    // Within tolerance they may.
    let within = Decision { verdict: Word(Verdict::WithinTolerance), ..scene.decision() };
    scene.put(by_author("lead", within));
    scene.verify().ends(0);
}

/// A verdict that sorts above beyond tolerance is no way round the rule about authors.
#[test]
fn an_author_who_calls_their_own_change_unresolved_does_not_approve_it() {
    let scene = Scene::open();
    let [security, delivery] = scene.decisions().try_into().unwrap();
    let change = "branch/other".to_owned();
    let authors = vec![Person { key: scene.shop.public("delivery"), ..Person::default() }];
    scene.put(Record::Decision(scene.signed("security", Decision { change: change.clone(), ..security })));
    let unresolved = Word(Verdict::Unresolved);
    let own = Decision { change, authors, verdict: unresolved, ..delivery };
    scene.put(Record::Decision(scene.signed("delivery", own)));
    let more = ["--change", "branch/other", "--ledger", "local", "--require-decision"];
    scene.shop.gate(&scene.work, &scene.reports, LATER, &more).ends(1);
    scene.named("the verdict unresolved, about which nothing is decided");
}

#[test]
fn a_closure_that_nothing_shows_is_named() {
    let scene = Scene::open();
    let closed = Event::Closed { baseline: "baseline/none.json".to_owned(), evidence: "trivy ran".to_owned() };
    let mut never = CommitmentEvent { event: closed, ..scene.made() };
    never.commitment = commitment_id("pull/99", "none", "w-1");
    scene.put(Record::Commitment(never));
    scene.named("it closes a commitment that was never made");
    let closed = Event::Closed { baseline: "baseline/none.json".to_owned(), evidence: "trivy ran".to_owned() };
    scene.put(scene.event(closed, None));
    scene.named("the baseline that is to show it is not in the ledger");
    // A baseline of a run that still found it.
    let [kev, epss] = Shop::feeds();
    let reports = scene.reports.to_str().unwrap();
    scene.shop.git(&scene.work, &["checkout", "-q", "-B", "main", "feature"]);
    let arguments = ["gate", reports, "--record", "--remote", "none", "--change", "branch/main", &kev, &epss];
    scene.shop.detente(&scene.work, &[&arguments[..], &["--now", "2026-11-24T10:40:00Z"]].concat());
    let ledger = Ledger::open(&scene.work).unwrap();
    let everything = ledger.snapshot().unwrap().unwrap().everything().unwrap();
    let (path, _) = everything.iter().find(|(_, record)| matches!(record, Record::Baseline(_))).unwrap();
    let closed = Event::Closed { baseline: path.clone(), evidence: "trivy ran".to_owned() };
    scene.put(scene.event(closed, None));
    scene.named("its baseline does not show it: ");
}

/// An agreement of somebody's own making, and a decision under it: their keys in place of the parties', every role
/// theirs, and really signed by these keys.
fn invented(scene: &Scene) -> [Record; 2] {
    let mine = scene.shop.public("lead");
    let text = ["cio", "ciso", "delivery", "security"]
        .iter()
        .fold(scene.shop.appetite(), |text, name| text.replace(&scene.shop.public(name), &mine));
    let signature = scene.shop.sign("lead", "detente-appetite", text.as_bytes());
    let sha256 = Digest::of(text.as_bytes()).to_string();
    let version = AppetiteVersion {
        sha256: sha256.clone(),
        at: "2026-11-24T10:40:00Z".parse().unwrap(),
        origin: ".detente/appetite.yml on origin/main".to_owned(),
        text,
        signatures: BTreeMap::from(["cio", "ciso"].map(|role| (role.to_owned(), signature.clone()))),
    };
    let mut decision = scene.decision();
    decision.change = "branch/other".to_owned();
    decision.by = scene.by("lead");
    decision.appetite = sha256;
    decision.signature = scene.shop.sign("lead", Decision::NAMESPACE, &decision.signed_bytes());
    [Record::Appetite(version), Record::Decision(decision)]
}

#[test]
fn an_agreement_that_somebody_else_signed_gives_nobody_a_right() {
    let scene = Scene::open();
    invented(&scene).into_iter().for_each(|record| scene.put(record));
    let more = ["--change", "branch/other", "--ledger", "local", "--require-decision"];
    scene.shop.gate(&scene.work, &scene.reports, LATER, &more).ends(1);
    scene.named("that it was made under does not count: the agreement in it is altered");
}

#[test]
fn an_agreement_that_nobody_hands_keys_for_is_vouched_for_by_the_one_in_force_and_never_by_itself() {
    let scene = Scene::open();
    let verify = || scene.shop.by_continuity(&scene.work, &["ledger", "verify", "--local", "--now", LATER]);
    let holds = "every decision is by whom it says";
    assert!(verify().ends(0).stdout.contains(holds));
    let tip = scene.tip.as_str();
    invented(&scene).into_iter().for_each(|record| scene.put(record));
    let run = verify().ends(4);
    assert!(run.stdout.contains("that it was made under does not count: the agreement in it is altered"), "{run:?}");
    // Where no agreement is in force nobody vouches: then it is not said that anything is by whom it says.
    scene.shop.git(&scene.work, &["update-ref", "refs/detente/ledger", tip]);
    scene.shop.git(&scene.work, &["checkout", "-q", "-B", "main", "origin/main"]);
    scene.shop.git(&scene.work, &["rm", "-q", "-r", ".detente"]);
    scene.shop.git(&scene.work, &["commit", "-q", "-m", "Give it up"]);
    scene.shop.git(&scene.work, &["push", "-q", "origin", "main"]);
    let run = verify().ends(0);
    assert!(!run.stdout.contains(holds) && run.stdout.contains("Nobody vouches for the keys"), "{run:?}");
}

#[test]
fn a_lane_that_nobody_opened_holds() {
    let scene = Scene::open();
    let mut made = scene.made();
    let head = scene.shop.git(&scene.work, &["rev-parse", "HEAD"]);
    made.commitment = commitment_id("branch/other", "none", "hotfix");
    if let Event::Made { change, decision, lane, head: known, .. } = &mut made.event {
        *change = "branch/other".to_owned();
        *decision = String::new();
        *known = head;
        *lane = Some(Lane { reason: "checkout is down".to_owned(), by: scene.by("delivery") });
    }
    for sign_as in [None, Some("lead")] {
        let mut forged = made.clone();
        if let Some(name) = sign_as {
            forged.signature = scene.shop.sign(name, CommitmentEvent::NAMESPACE, &forged.signed_bytes());
        }
        scene.put(Record::Commitment(forged));
        let more = ["--change", "branch/other", "--ledger", "local", "--require-decision"];
        scene.shop.gate(&scene.work, &scene.reports, LATER, &more).ends(1);
        scene.named("the lane does not count");
    }
    // Really opened, it lets this commit through: on this change, and from then on.
    made.signature = scene.shop.sign("delivery", CommitmentEvent::NAMESPACE, &made.signed_bytes());
    let before = made.at.checked_sub(jiff::SignedDuration::from_mins(1)).unwrap().to_string();
    scene.put(Record::Commitment(made));
    for (change, now, code) in
        [("branch/other", LATER, 0), ("branch/third", LATER, 1), ("branch/other", before.as_str(), 1)]
    {
        let more = ["--change", change, "--ledger", "local", "--require-decision"];
        scene.shop.gate(&scene.work, &scene.reports, now, &more).ends(code);
    }
}

#[test]
fn a_default_that_was_not_agreed_is_named() {
    let scene = Scene::open();
    let mut decision = scene.decision();
    decision.change = "branch/other".to_owned();
    decision.by = Decider::Default;
    decision.option = Word(OptionName::Fastest);
    decision.signature = String::new();
    scene.put(Record::Decision(decision));
    let more = ["--change", "branch/other", "--ledger", "local", "--require-decision"];
    scene.shop.gate(&scene.work, &scene.reports, LATER, &more).ends(1);
    scene.named("it says that a default took effect which was not agreed");
}

#[test]
fn a_choice_in_the_name_of_another_does_not_take_theirs_back() {
    let scene = Scene::open();
    let mut forged = scene.records.iter().find_map(|record| match record {
        Record::Decision(decision) => Some(decision.clone()),
        _ => None,
    });
    let forged = forged.as_mut().unwrap();
    forged.by = match &forged.by {
        Decider::SshKey { key, .. } => Decider::SshKey { key: key.clone(), name: String::new(), email: String::new() },
        other => other.clone(),
    };
    forged.option = Word(OptionName::MostSecure);
    forged.at = "2026-11-24T10:50:00Z".parse().unwrap();
    scene.put(Record::Decision(forged.clone()));
    let more = ["--ledger", "local", "--require-decision", "--format", "json"];
    let run = scene.shop.gate(&scene.work, &scene.reports, LATER, &more).ends(0);
    let brief: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&brief["decision"]["option"], &brief["decision"]["state"]), (&"fastest".into(), &"decided".into()));
    scene.named("the choice does not count: its signature");
}

#[test]
fn of_two_complete_decisions_the_later_one_stands_and_one_that_is_dated_ahead_waits() {
    let scene = Scene::open();
    let brief = scene.shop.brief(&scene.work, &scene.reports, LATER, &[]);
    assert_eq!(brief["decision"]["option"], "fastest");
    // Balanced takes the security delegate alone; their clock goes five minutes ahead of ours.
    scene.shop.choose(&scene.work, "security", "balanced", &brief, "2026-11-24T11:05:00Z").ends(0);
    let decided = |now: &str| {
        let brief = scene.shop.brief(&scene.work, &scene.reports, now, &[]);
        (brief["decision"]["option"].clone(), brief["decision"]["state"].clone())
    };
    assert_eq!(decided("2026-11-24T11:00:00Z"), ("balanced".into(), "decided".into()));
    // Clocks that are further apart are not believed: what was decided before stands.
    assert_eq!(decided("2026-11-24T10:50:00Z"), ("fastest".into(), "decided".into()));
    scene.shop.detente(&scene.work, &["ledger", "verify", "--now", LATER]).ends(0);
}
