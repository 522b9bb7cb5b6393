//! What of an appetite lapses by a day.

use jiff::civil::Date;
use serde::Serialize;

use crate::model::appetite::Appetite;

/// One thing that lapses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Lapse {
    /// The last day.
    pub day: String,
    /// What lapses, and what then.
    pub what: String,
}

/// Everything that lapses by `day`, earliest first.
pub(super) fn by(appetite: &Appetite, day: Date) -> Vec<Lapse> {
    let mut lapses: Vec<(Date, String)> = Vec::new();
    if let Some(agreed) = &appetite.agreed {
        lapses.push((
            agreed.review_by,
            "the agreement: after it the gate only advises, until both sign again".to_owned(),
        ));
    }
    for promise in appetite.baseline.iter().flat_map(|baseline| &baseline.commitments) {
        let count = promise.findings.len();
        let (findings, are) = if count == 1 { ("finding", "is") } else { ("findings", "are") };
        lapses.push((
            promise.due,
            format!("the promise about {count} {findings} of the baseline, which {are} overdue after it"),
        ));
    }
    for freeze in &appetite.delivery.freezes {
        let why = if freeze.why.is_empty() { String::new() } else { format!(" ({})", freeze.why) };
        lapses.push((freeze.to, format!("a freeze{why}: releases are possible again after it")));
    }
    lapses.retain(|(last, _)| *last < day);
    lapses.sort();
    lapses.into_iter().map(|(day, what)| Lapse { day: day.to_string(), what }).collect()
}
