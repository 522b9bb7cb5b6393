//! Logs of every odd shape: what is counted of them is what is read of them, and what can be read once is what can be read
//! again.

use proptest::prelude::*;
use serde_json::Value;

use super::tests::{collect_once, collect_twice};
use crate::ingest::collector::Collected;
use crate::ingest::tally::Keep;

const LOGS: [&str; 3] = [
    include_str!("../../../../tests/fixtures/reports/sarif/code.sarif"),
    include_str!("../../../../tests/fixtures/reports/sarif/analysers.sarif"),
    include_str!("../../../../tests/fixtures/reports/sarif/packages.sarif"),
];

/// What may stand where something else belongs.
const ODD: [&str; 14] = [
    "null",
    "7",
    "-1",
    "1e999",
    "true",
    r#""""#,
    r#""error""#,
    r#""\ud800""#,
    r#""https://shop.example/pay?q=1""#,
    r#""Package: a\nSeverity: CRITICAL""#,
    "[]",
    "[[7]]",
    "{}",
    r#"{"text":"x","id":"7","index":0,"uri":"a.c"}"#,
];

/// A JSON value in which names may stand twice and in any order.
#[derive(Clone)]
enum Json {
    Plain(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn of(value: &Value) -> Self {
        match value {
            Value::Array(parts) => Self::List(parts.iter().map(Self::of).collect()),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.clone(), Self::of(value))).collect())
            }
            plain => Self::Plain(plain.to_string()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::List(parts) => format!("[{}]", parts.iter().map(Self::text).collect::<Vec<_>>().join(",")),
            Self::Object(members) => {
                let members = members.iter().map(|(name, value)| format!("{name:?}:{}", value.text()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(" ,"))
            }
        }
    }

    /// Does something to the value that comes after so many others.
    fn alter(&mut self, after: &mut usize, how: &Change) -> bool {
        if *after == 0 {
            how.alter(self);
            return true;
        }
        *after -= 1;
        match self {
            Self::Plain(_) => false,
            Self::List(parts) => parts.iter_mut().any(|part| part.alter(after, how)),
            Self::Object(members) => members.iter_mut().any(|(_, part)| part.alter(after, how)),
        }
    }
}

/// What is done to a value.
#[derive(Debug, Clone)]
enum Change {
    /// Something else stands there.
    Replace(usize),
    /// One of its parts is there twice, the second time with something else in it.
    Double(usize, usize),
    /// One of its parts is the last.
    Move(usize),
    /// One of its parts is gone.
    Drop(usize),
}

impl Change {
    fn alter(&self, value: &mut Json) {
        let odd = |which: usize| Json::Plain(ODD[which % ODD.len()].to_owned());
        match (self, value) {
            (Self::Replace(with), value) => *value = odd(*with),
            (Self::Double(which, with), Json::Object(members)) if !members.is_empty() => {
                let name = members[which % members.len()].0.clone();
                members.push((name, odd(*with)));
            }
            (Self::Double(which, _), Json::List(parts)) if !parts.is_empty() => {
                parts.push(parts[which % parts.len()].clone());
            }
            (Self::Move(which), Json::Object(members)) if !members.is_empty() => {
                let moved = members.remove(which % members.len());
                members.push(moved);
            }
            (Self::Drop(which), Json::Object(members)) if !members.is_empty() => {
                members.remove(which % members.len());
            }
            _ => {}
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<usize>().prop_map(Change::Replace),
        (any::<usize>(), any::<usize>()).prop_map(|(which, with)| Change::Double(which, with)),
        any::<usize>().prop_map(Change::Move),
        any::<usize>().prop_map(Change::Drop),
    ]
}

/// What was told of a report but its observations; what could not be understood is said in another order.
fn told(collected: &Collected) -> String {
    let mut problems = collected.problems.clone();
    problems.sort();
    format!("{:?} {:?} {} {problems:#?}", collected.tally, collected.scan.kinds, collected.unread)
}

proptest! {
    #[test]
    fn what_is_counted_of_a_log_is_what_is_read_of_it(
        which in 0..LOGS.len(),
        changes in prop::collection::vec((0..400_usize, change()), 1..6),
    ) {
        let mut log = Json::of(&serde_json::from_str(LOGS[which]).unwrap());
        for (mut after, how) in changes {
            log.alter(&mut after, &how);
        }
        let log = log.text();
        let reads = [
            collect_once(&log, Keep::Everything),
            collect_twice(&log, Keep::Everything),
            collect_once(&log, Keep::Numbers),
            collect_twice(&log, Keep::Numbers),
        ];
        let breaks = |read: &Collected| read.problems.iter().any(|problem| problem.message.contains("not valid JSON"));
        if reads.iter().any(breaks) {
            // How much stands before the break depends on how often the log is read; that it breaks is always said.
            prop_assert!(reads.iter().all(breaks), "{}", log);
        } else {
            for read in &reads[1..] {
                prop_assert_eq!(told(&reads[0]), told(read), "{}", log);
            }
        }
    }
}
