//! How long one run takes to read what it needs of a ledger, and how long a check of all of it takes, by the number of
//! records: `cargo bench --bench ledger`, or `cargo bench --bench ledger -- 100000` for one size.
//!
//! The ledgers are made: six in ten records are judgements of changes, the others decisions, promises with what became
//! of them, waivers and baselines, as years of work would leave them; ten records a commit, packed as `git gc` packs.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may stop")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use detente::ledger::{Ledger, Want};
use detente::model::appetite::OptionName;
use detente::model::category::Category;
use detente::model::ledger::{
    Assessed, Baseline, BaselineFinding, BaselineScan, CommitmentEvent, Decider, Decision, Event, ForgeIdentity, Offer,
    Promise, Promised, Record, Saw, SeverityCount, WaivedFinding, Waiver, commitment_id, waiver_id,
};
use detente::model::severity::Severity;
use detente::model::verdict::Verdict;
use detente::model::word::Word;
use detente::model::work::TreatmentKind;
use jiff::{SignedDuration, Timestamp};

/// How often each time is taken; the median counts.
const TIMES: usize = 5;

/// Records of the ledgers, the largest last.
const SIZES: [usize; 3] = [10_000, 30_000, 100_000];

/// What reading may add to a run, at the largest.
const TARGET: Duration = Duration::from_millis(50);

fn main() {
    // `cargo test --benches` only wants to know whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!(
        "ledger: medians of {TIMES}; one run may take {} ms on the clock to read what it needs; verify in processor time\n",
        TARGET.as_millis()
    );
    println!(
        "{:>9} {:>9} {:>12} {:>12} {:>12} {:>14} {:>12}",
        "records", "commits", "open of it", "one run", "warm", "verify", "a record"
    );
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for &size in if asked.is_empty() { &SIZES[..] } else { &asked } {
        let folder = tempfile::tempdir().unwrap();
        let commits = write(folder.path(), size);
        let want =
            Want { change: "pull/77".to_owned(), branch: "main".to_owned(), now: moment(size), ..Want::default() };
        let read = || {
            let ledger = Ledger::open(folder.path()).unwrap();
            let history = ledger.snapshot().unwrap().unwrap().history(&want).unwrap();
            assert!(!history.assessments.is_empty() && !history.baselines.is_empty());
            history.commitments.len() + history.waivers.len() + history.worked.len()
        };
        let (first, open) = on_the_clock(read);
        let (warm, _) = median(|| on_the_clock(read));
        let (verified, records) =
            median(|| once(|| Ledger::open(folder.path()).unwrap().verify(None).unwrap().unwrap().records));
        #[expect(clippy::cast_precision_loss, reason = "a number of records")]
        let each = verified.as_secs_f64() * 1e6 / records as f64;
        println!(
            "{records:>9} {commits:>9} {open:>12} {:>12} {:>12} {:>14} {:>12}",
            shown(first),
            shown(warm),
            shown(verified),
            format!("{each:.0} µs")
        );
    }
}

/// By the clock on the wall: several readers share the work.
fn on_the_clock<T>(work: impl Fn() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let out = work();
    (begun.elapsed(), out)
}

fn median<T>(work: impl Fn() -> (Duration, T)) -> (Duration, T) {
    let mut times = Vec::new();
    let mut result = None;
    for _ in 0..TIMES {
        let (time, out) = work();
        result = Some(out);
        times.push(time);
    }
    times.sort();
    (times[TIMES / 2], result.unwrap())
}

/// By the time that this thread was on a processor.
fn once<T>(work: impl Fn() -> T) -> (Duration, T) {
    let (clock, begun) = (on_processor(), Instant::now());
    let out = work();
    let time = on_processor().zip(clock).map_or_else(|| begun.elapsed(), |(now, then)| now.saturating_sub(then));
    (time, out)
}

/// Time that this thread was on a processor, so that other work on the machine does not count; where the system does not
/// say it, the clock on the wall is used.
fn on_processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// A moment for each number: a record every quarter of an hour.
fn moment(number: usize) -> Timestamp {
    let start: Timestamp = "2023-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(15 * i64::try_from(number).unwrap())
}

/// Writes a ledger of about `size` records; returns the number of its commits.
fn write(folder: &Path, size: usize) -> usize {
    let git = |arguments: &[&str]| {
        let status = Command::new("git").current_dir(folder).args(arguments).env("HOME", folder).status().unwrap();
        assert!(status.success());
    };
    git(&["init", "-q", "--bare", "."]);
    let ledger = Ledger::open(folder).unwrap();
    let (mut written, mut commits, mut change) = (0, 0_usize, 0);
    let mut batch = Vec::new();
    while written < size {
        batch.extend(of_change(change, written, size));
        change += 1;
        if batch.len() >= 10 {
            written += batch.len();
            commits += 1;
            ledger.append(&batch, "bench", moment(written)).unwrap();
            batch.clear();
            if commits.is_multiple_of(500) {
                git(&["gc", "-q", "--prune=now"]);
            }
        }
    }
    git(&["gc", "-q", "--prune=now"]);
    commits
}

/// What one change leaves behind: six judgements, and of every second one a decision with a promise that is mostly kept.
fn of_change(number: usize, at: usize, size: usize) -> Vec<Record> {
    let (change, at_moment) = (format!("pull/{number}"), moment(at));
    let head = format!("{number:040x}");
    let mut records: Vec<Record> = (0..6)
        .map(|run| {
            Record::Assessment(Assessed {
                change: change.clone(),
                head: head.clone(),
                at: at_moment + SignedDuration::from_secs(run),
                verdict: Word(Verdict::BeyondTolerance),
                appetite: "0".repeat(64),
                findings_digest: "1".repeat(64),
                introduced: vec![SeverityCount { severity: Word(Severity::High), count: 2 }],
                blocking_day: Some(0.5),
            })
        })
        .collect();
    if number.is_multiple_of(2) {
        let decision = Record::Decision(decision(&change, &head, at_moment));
        let path = decision.path();
        records.push(decision);
        let id = commitment_id(&change, "1", "w-1");
        let mut event = |event: Event, seconds: i64| {
            records.push(Record::Commitment(CommitmentEvent {
                commitment: id.clone(),
                made: at_moment,
                at: at_moment + SignedDuration::from_secs(seconds),
                event,
                signature: String::new(),
            }));
        };
        let made = Event::Made {
            change: change.clone(),
            head,
            appetite: "0".repeat(64),
            approval: vec!["security-delegate".to_owned()],
            promise: promise(at_moment),
            decision: path,
            lane: None,
        };
        event(made, 0);
        // The promises of the last months are open, and one in a hundred of the others.
        if at + 2_000 < size && !number.is_multiple_of(200) {
            if number.is_multiple_of(4) {
                event(Event::Worked { hours: 3.0, by: person(7) }, 1);
            }
            event(Event::Closed { baseline: "baseline/x".to_owned(), evidence: "trivy ran".to_owned() }, 2);
        }
    }
    if number.is_multiple_of(20) {
        records.push(Record::Waiver(waiver(number, at_moment)));
        records.push(Record::Baseline(baseline(at_moment)));
    }
    records
}

fn person(id: u64) -> Decider {
    Decider::Forge(ForgeIdentity {
        forge: "github".to_owned(),
        host: "github.com".to_owned(),
        id,
        login: "octo-sec".to_owned(),
        bot: false,
        teams: Vec::new(),
        evidence: String::new(),
        edited: false,
    })
}

fn promise(at: Timestamp) -> Promise {
    let saw = Saw { tool: "trivy".to_owned(), version: "0.60".to_owned(), rule: "CVE-2021-44228".to_owned() };
    Promise {
        work: "w-1".to_owned(),
        title: "Upgrade log4j-core to 2.17.1".to_owned(),
        treatment: "upgrade-minor".to_owned(),
        kind: Word(TreatmentKind::Fix),
        hours: 2.0,
        uncalibrated: None,
        due: at + SignedDuration::from_hours(24 * 14),
        findings: vec![Promised {
            id: "f-0123456789ab".to_owned(),
            title: "Log4Shell".to_owned(),
            path: "pom.xml".to_owned(),
            saw: vec![saw],
        }],
    }
}

fn decision(change: &str, head: &str, at: Timestamp) -> Decision {
    Decision {
        change: change.to_owned(),
        head: head.to_owned(),
        at,
        option: Word(OptionName::Balanced),
        verdict: Word(Verdict::BeyondTolerance),
        reason: "the parser is replaced next sprint".to_owned(),
        by: person(7),
        authors: Vec::new(),
        appetite: "0".repeat(64),
        findings_digest: "1".repeat(64),
        findings: Vec::new(),
        assessed_at: at,
        offer: Offer {
            approval: vec!["security-delegate".to_owned()],
            ships_day: 0.5,
            blocking_day: Some(2.0),
            delay_working_days: 0,
            score: 88.0,
            exposure: 12.0,
            effort_hours: 9.0,
            waivers: Vec::new(),
            promises: vec![promise(at)],
        },
        signature: String::new(),
    }
}

fn waiver(number: usize, at: Timestamp) -> Waiver {
    let until = at + SignedDuration::from_hours(24 * 30);
    let findings = vec![WaivedFinding {
        id: format!("f-{number:012x}"),
        title: "Log4Shell".to_owned(),
        identifiers: vec!["CVE-2021-44228".to_owned()],
        saw: vec![("trivy".to_owned(), "CVE-2021-44228".to_owned())],
        path: "pom.xml".to_owned(),
        purl: String::new(),
        severity: Word(Severity::High),
        exploited: false,
    }];
    Waiver {
        id: waiver_id("", until, &findings),
        at,
        from: at,
        until,
        row: String::new(),
        change: String::new(),
        findings,
        owner: "A. Example".to_owned(),
        reason: "replaced next month".to_owned(),
        by: person(7),
        authors: Vec::new(),
        appetite: "0".repeat(64),
        decision: String::new(),
        signature: String::new(),
    }
}

fn baseline(at: Timestamp) -> Baseline {
    let finding = |number: usize| BaselineFinding {
        id: format!("f-{number:012x}"),
        category: Word(Category::Dependency),
        title: "Uncontrolled resource consumption in a parser".to_owned(),
        severity: Word(Severity::High),
        path: "services/checkout/pom.xml".to_owned(),
        package: String::new(),
        saw: vec![("trivy".to_owned(), format!("CVE-2024-{number}"))],
        rate: 0.05,
        since: at,
    };
    Baseline {
        branch: "main".to_owned(),
        commit: "2".repeat(40),
        at,
        scans: vec![BaselineScan {
            tool: "trivy".to_owned(),
            version: "0.60".to_owned(),
            kinds: vec![Word(Category::Dependency)],
            complete: true,
            dropped: Vec::new(),
        }],
        findings: (0..200).map(finding).collect(),
        suppressed: Vec::new(),
        exceptions: Vec::new(),
        contains: Vec::new(),
        quarter: "2026-Q4".to_owned(),
        spent: 12.0,
        spent_since: at,
    }
}
