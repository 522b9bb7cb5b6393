//! The export of commitments, held against the published schema of OSCAL 1.1.2. The schema is not part of this
//! repository; without it the run says where it is to be had, and checks nothing.
//!
//! `cargo test --test oscal_schema`, with the file `oscal_poam_schema.json` of the release v1.1.2 of
//! <https://github.com/usnistgov/OSCAL> named by `OSCAL_POAM_SCHEMA`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "these functions serve a check only")]

use detente::model::milestone::Milestone;
use detente::render::poam;

const SCHEMA: &str = "OSCAL_POAM_SCHEMA";

fn main() {
    let Some(path) = std::env::var_os(SCHEMA) else {
        println!("{SCHEMA} does not name a file: nothing was checked. The schema is an asset of the release v1.1.2 of");
        println!("https://github.com/usnistgov/OSCAL (oscal_poam_schema.json)");
        return;
    };
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    let id = schema["$id"].as_str().unwrap_or_default().to_owned();
    assert!(id.contains("/1.1.2/"), "the export is OSCAL 1.1.2, and this is the schema of {id}");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let one = milestones().into_iter().take(1).collect();
    for (name, milestones) in [("one commitment", one), ("one of every kind", milestones())] {
        let now = "2026-12-10T09:00:00Z".parse().unwrap();
        let plan = poam::write(&milestones, &"1".repeat(40), now);
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&plan).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name}:\n{}", errors.join("\n"));
        println!("{name}: valid by {id}");
    }
    // A check that cannot fail is none.
    let altered =
        poam::write(&milestones(), "1", "2026-12-10T09:00:00Z".parse().unwrap()).replace("\"uuid\"", "\"id\"");
    assert!(!validator.is_valid(&serde_json::from_str(&altered).unwrap()), "a plan without its ids passes");
}

fn milestones() -> Vec<Milestone> {
    let moment = |day: &str| format!("2026-12-{day}T09:30:00Z").parse().unwrap();
    let milestone = |id: &str, state: &'static str| Milestone {
        id: format!("c-{id}"),
        title: format!("Upgrade log4j-core \u{202e}({state})\n\"now\""),
        change: "pull/12".to_owned(),
        made: moment("01"),
        due: moment("05"),
        state,
        open: !matches!(state, "closed" | "withdrawn"),
        closed: (state == "closed").then(|| moment("04")),
    };
    ["open", "overdue", "paused", "closed", "withdrawn"].map(|state| milestone(state, state)).to_vec()
}
