//! Commitments as an OSCAL plan of action and milestones (NIST, OSCAL 1.1.2), for those who have to hand one in.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::digest::Digest;
use crate::model::milestone::Milestone;

/// Writes the commitments, of which there is at least one: an empty plan is none by the schema. `tip` is the commit of the ledger that they were read from.
pub fn write(milestones: &[Milestone], tip: &str, now: Timestamp) -> String {
    let risks: Vec<Value> = milestones.iter().map(risk).collect();
    let items: Vec<Value> = milestones.iter().map(item).collect();
    let plan = json!({ "plan-of-action-and-milestones": {
        "uuid": uuid(&format!("plan {tip}")),
        "metadata": {
            "title": "Commitments of the ledger",
            "last-modified": now.to_string(),
            "version": tip,
            "oscal-version": "1.1.2",
        },
        "system-id": { "id": "detente" },
        "risks": risks,
        "poam-items": items,
    }});
    format!("{plan:#}\n")
}

fn risk(milestone: &Milestone) -> Value {
    let status = match (milestone.closed, milestone.open) {
        (Some(_), _) => "closed",
        (None, true) => "remediating",
        (None, false) => "deviation-approved",
    };
    json!({
        "uuid": uuid(&format!("risk {}", milestone.id)),
        "title": title(milestone),
        "description": title(milestone),
        "statement": format!("Open findings that {} promised to resolve.", milestone.change),
        "status": status,
        "deadline": milestone.due.to_string(),
        "remediations": [{
            "uuid": uuid(&format!("remediation {}", milestone.id)),
            "lifecycle": if milestone.closed.is_some() { "completed" } else { "planned" },
            "title": title(milestone),
            "description": format!("{} (commitment {}).", title(milestone), milestone.id),
            "tasks": [{
                "uuid": uuid(&format!("task {}", milestone.id)),
                "type": "milestone",
                "title": title(milestone),
                "timing": { "within-date-range": { "start": milestone.made.to_string(), "end": milestone.due.max(milestone.made).to_string() } },
            }],
        }],
    })
}

fn item(milestone: &Milestone) -> Value {
    json!({
        "uuid": uuid(&format!("item {}", milestone.id)),
        "title": title(milestone),
        "description": format!("{}: {} (change {}).", milestone.state, title(milestone), milestone.change),
        "related-risks": [{ "risk-uuid": uuid(&format!("risk {}", milestone.id)) }],
    })
}

fn title(milestone: &Milestone) -> String {
    let title = super::plain(&milestone.title);
    if title.is_empty() { milestone.id.clone() } else { title }
}

/// A UUID made from a name (version 5 in form, by SHA-256), so that the same commitment keeps its own.
fn uuid(name: &str) -> String {
    let hex = Digest::of(format!("detente {name}").as_bytes()).to_string();
    format!("{}-{}-5{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}
