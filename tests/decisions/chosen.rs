//! Records of the ledger, and one choice among them.

use std::path::Path;

use detente::model::ledger::{Decision, Record};
use serde_json::Value;

use crate::shop::{Shop, TUESDAY};

/// Records of the ledger as JSON, with their paths.
pub fn records(shop: &Shop, work: &Path) -> Vec<Value> {
    let run = shop.detente(work, &["ledger", "export", "--local"]).ends(0);
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A shop in which the security delegate has chosen, and that choice.
pub fn chosen() -> (Shop, Decision) {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    let real = records(&shop, &work).into_iter().find(|record| record["record"] == "detente.decision/1").unwrap();
    (shop, decision(real))
}

/// A decision as the ledger exports it.
pub fn decision(mut value: Value) -> Decision {
    value.as_object_mut().unwrap().remove("path");
    let Record::Decision(decision) = serde_json::from_value(value).unwrap() else { panic!("a decision") };
    decision
}
