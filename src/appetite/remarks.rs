//! What is worth knowing about an appetite without being wrong.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use ssh_key::PublicKey;

use crate::model::appetite::Appetite;
use crate::model::spelling::nearest;

/// Days before the review on which it is announced.
const ANNOUNCED_DAYS: i64 = 14;

/// Remarks on an appetite as of `now`, one sentence each, in the order of the file.
pub fn remarks(appetite: &Appetite, now: Timestamp) -> Vec<String> {
    let mut remarks = Vec::new();
    dates(appetite, now, &mut remarks);
    keys(appetite, &mut remarks);
    for (at, service) in appetite.services.iter().enumerate() {
        if service.paths.is_empty() && service.images.is_empty() {
            let rest = if at + 1 < appetite.services.len() { ", and nothing to those below it" } else { "" };
            remarks.push(format!(
                "The service `{}` has neither `paths` nor `images`: the whole repository belongs to it{rest}.",
                service.name
            ));
        }
    }
    roles(appetite, &mut remarks);
    remarks
}

fn dates(appetite: &Appetite, now: Timestamp, remarks: &mut Vec<String>) {
    let Some(agreed) = &appetite.agreed else {
        remarks.push(
            "It has no `agreed` section, so that it names no parties and cannot be agreed: the gate advises only."
                .to_owned(),
        );
        return;
    };
    let today = now.to_zoned(TimeZone::UTC).date();
    if today < agreed.effective {
        remarks.push(format!("It takes effect on {}.", agreed.effective));
    }
    if today > agreed.review_by {
        remarks.push(format!(
            "Its review was due on {}: review it, set a new `review_by`, and sign it again.",
            agreed.review_by
        ));
    } else if today.saturating_add(ANNOUNCED_DAYS.days()) >= agreed.review_by {
        remarks.push(format!("Its review is due on {}.", agreed.review_by));
    }
    let names: Vec<_> = agreed.parties.values().map(|party| super::agreement::person(&party.name)).collect();
    if names.len() == 2 && names[0] == names[1] {
        remarks.push("Both parties are the same person: an agreement needs two.".to_owned());
    }
    if agreed.arbiter.is_none() {
        remarks.push("It names no arbiter, to whom a stalled or overdue matter would go.".to_owned());
    }
}

fn keys(appetite: &Appetite, remarks: &mut Vec<String>) {
    let parties = appetite.agreed.iter().flat_map(|agreed| &agreed.parties).map(|(role, party)| (role, &party.keys));
    for (role, keys) in parties.chain(appetite.roles.iter().map(|(role, members)| (role, &members.keys))) {
        for key in keys {
            if PublicKey::from_openssh(key).is_err() {
                let start: String = key.chars().filter(|c| !c.is_control()).take(24).collect();
                remarks
                    .push(format!("A key of `{role}` (`{start}…`) is not a public SSH key, and vouches for nothing."));
            }
        }
    }
}

fn roles(appetite: &Appetite, remarks: &mut Vec<String>) {
    let named: BTreeSet<&String> =
        appetite.authority.approvers.values().flat_map(|by_option| by_option.values().flatten()).collect();
    for role in named.into_iter().filter(|role| *role != "anyone") {
        let members = appetite.roles.get(role);
        if members.is_some_and(|role| !role.github.is_empty() || !role.gitlab.is_empty() || !role.keys.is_empty()) {
            continue;
        }
        let known = appetite.roles.keys().map(String::as_str).chain(["anyone"]).filter(|known| known != role);
        let guess = match (members, nearest(role, known)) {
            (None, Some(near)) => format!("; did you mean `{near}`?"),
            _ => ": name them under `roles`.".to_owned(),
        };
        remarks.push(format!("The role `{role}` may approve, but has no members{guess}"));
    }
}
