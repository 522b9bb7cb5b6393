//! What edited rules would change, in plain words.

use std::collections::BTreeMap;

use crate::model::edit::Edit;
use crate::model::rules::{RuleSet, TimelineTable, TreatmentRule};

/// What changes from `old` to `new`: what gets looser first.
pub fn difference(old: &RuleSet, new: &RuleSet) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (id, before) in &old.timelines {
        match new.timelines.get(id) {
            Some(after) => timeline(before, after, &mut edits),
            None => edits.push(Edit::looser(format!("the timeline table {id} is gone"))),
        }
    }
    let added = new.timelines.keys().filter(|id| !old.timelines.contains_key(*id));
    edits.extend(added.map(|id| Edit::other(format!("a timeline table {id} is there to be named"))));
    let by_id = |rules: &[TreatmentRule]| -> BTreeMap<String, TreatmentRule> {
        rules.iter().map(|rule| (rule.id.clone(), rule.clone())).collect()
    };
    let (before, after) = (by_id(&old.treatments), by_id(&new.treatments));
    for (id, rule) in &before {
        match after.get(id) {
            Some(new) => treatment(rule, new, &mut edits),
            None => edits.push(Edit::tighter(format!("the treatment {id} is no longer offered"))),
        }
    }
    let added = after.keys().filter(|id| !before.contains_key(*id));
    edits.extend(added.map(|id| Edit::looser(format!("{id} counts as a treatment"))));
    if format!("{:?}", old.exposure) != format!("{:?}", new.exposure) {
        edits.push(Edit::other("the assumptions behind the exposure rate change, and with them every score"));
    }
    edits.sort_by_key(|edit| edit.direction);
    edits
}

/// Deadlines row by row, where the rows are the same; in words that a table by severity makes short.
fn timeline(old: &TimelineTable, new: &TimelineTable, edits: &mut Vec<Edit>) {
    let rows = |table: &TimelineTable| table.rows.iter().map(|row| row.values.clone()).collect::<Vec<_>>();
    if old.columns != new.columns || rows(old) != rows(new) {
        edits.push(Edit::other(format!("the timeline table {} decides by other rows", new.id)));
        return;
    }
    for (number, (before, after)) in old.rows.iter().zip(&new.rows).enumerate() {
        let days =
            |table: &TimelineTable, outcome: &String| table.outcomes.get(outcome).and_then(|outcome| outcome.days);
        let what = if old.columns == ["severity"] {
            format!("{} deadline of {}", before.values.join(" "), new.id)
        } else {
            format!("deadline of {}, row {number} ({})", new.id, before.values.join(", "))
        };
        match (days(old, &before.outcome), days(new, &after.outcome)) {
            (Some(from), Some(to)) if (from - to).abs() > f64::EPSILON => {
                edits.push(Edit::towards(to > from, format!("{what}: {from} to {to} days")));
            }
            (Some(from), None) => edits.push(Edit::looser(format!("{what}: none ({from} days before)"))),
            (None, Some(to)) => edits.push(Edit::tighter(format!("{what}: {to} days (none before)"))),
            _ => {}
        }
    }
}

fn treatment(old: &TreatmentRule, new: &TreatmentRule, edits: &mut Vec<Edit>) {
    let id = &new.id;
    if (old.residual.likely - new.residual.likely).abs() > f64::EPSILON {
        let say = format!(
            "{id} counts as leaving {} of the exposure instead of {}",
            new.residual.likely, old.residual.likely
        );
        edits.push(Edit::towards(new.residual.likely < old.residual.likely, say));
    }
    if (old.effort.p50 - new.effort.p50).abs() > f64::EPSILON {
        edits.push(Edit::other(format!("{id} is planned with {} hours instead of {}", new.effort.p50, old.effort.p50)));
    }
    if old.when.text() != new.when.text() {
        edits.push(Edit::other(format!("{id} applies to other findings: `{}`", new.when.text().trim())));
    }
    if old.remains != new.remains {
        let say = if new.remains {
            format!("{id} no longer counts as making a finding go, so no limit and no date is kept by it")
        } else {
            format!("{id} counts as making a finding go, so limits and dates are kept by it")
        };
        edits.push(Edit::towards(!new.remains, say));
    }
    if old.takes_effect != new.takes_effect
        || old.kind != new.kind
        || (old.lead_days - new.lead_days).abs() > f64::EPSILON
    {
        edits.push(Edit::other(format!("{id} takes effect at another time, or is of another kind")));
    }
}
