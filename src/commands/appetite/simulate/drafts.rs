//! What is replayed under: appetite files, and variations of the first of them.

use std::path::PathBuf;

use crate::commands::error::CommandError;
use crate::commands::governance;
use crate::model::appetite::{Appetite, Level};
use crate::model::rules::RuleSet;
use crate::{appetite, rules as rule_pack};

/// One appetite with the rules that it is judged by.
pub(super) struct Draft {
    /// How it is called in the output.
    pub name: String,
    pub appetite: Appetite,
    pub rules: RuleSet,
}

/// The files, then the variations of the first.
pub(super) fn read(files: &[PathBuf], what_if: &[String], rules: &RuleSet) -> Result<Vec<Draft>, CommandError> {
    let tables: Vec<&str> = rules.timelines.keys().map(String::as_str).collect();
    let mut drafts = Vec::new();
    for path in files {
        let bytes = governance::read_bytes(path)?;
        let name = path.display().to_string();
        let appetite = appetite::read(&bytes, &name).map_err(governance::refused)?;
        appetite::check_timelines(&bytes, &appetite, &tables).map_err(governance::refused)?;
        drafts.push(Draft { name, appetite, rules: rules.clone() });
    }
    let variations = what_if.iter().map(|text| {
        let (first, rules) = (drafts[0].appetite.clone(), drafts[0].rules.clone());
        vary(text, first, rules)
    });
    let variations: Vec<Draft> = variations.collect::<Result<_, _>>()?;
    drafts.extend(variations);
    Ok(drafts)
}

fn vary(text: &str, mut appetite: Appetite, mut rules: RuleSet) -> Result<Draft, CommandError> {
    if text == "half-deadlines" {
        for outcome in rules.timelines.values_mut().flat_map(|table| table.outcomes.values_mut()) {
            outcome.days = outcome.days.map(|days| days / 2.0);
        }
        return Ok(Draft { name: "half the deadlines".to_owned(), appetite, rules });
    }
    let level = |name: &str| Level::ALL.into_iter().find(|level| level.as_str() == name.trim());
    let Some((from, to)) = text.split_once('=').and_then(|(from, to)| Some((level(from)?, level(to)?))) else {
        return Err(CommandError::usage(format!("--what-if {}: there is no such variation", text.escape_debug()))
            .hint("half-deadlines, or one level instead of another, such as cautious=open"));
    };
    at_level(&mut appetite, from, to)?;
    Ok(Draft { name: format!("{} instead of {}", to.as_str(), from.as_str()), appetite, rules })
}

/// The limits of the profile `to`, in every row that the profiles know, for all kinds of finding that are at `from`. A
/// row that no profile has keeps its limits: what another level means for it, only the leaders can say.
fn at_level(appetite: &mut Appetite, from: Level, to: Level) -> Result<(), CommandError> {
    let missing = || CommandError::usage(format!("the built-in profile {} is missing", to.as_str()));
    let text = rule_pack::profile(to.as_str()).ok_or_else(missing)?;
    let profile = appetite::read(text.as_bytes(), to.as_str()).map_err(governance::refused)?;
    let moved: Vec<_> = appetite.levels.iter().filter(|(_, level)| **level == from).map(|(kind, _)| *kind).collect();
    for row in &mut appetite.tolerance {
        // `code-new-high` is the row `new-high` for one kind.
        let own = moved.iter().find_map(|kind| row.id.strip_prefix(&format!("{kind}-")));
        let special = ["new-secret", "verified-secret", "malware", "new-licence"].contains(&row.id.as_str());
        let known = match own {
            Some(id) => id,
            None if special || moved.is_empty() => continue,
            None => row.id.as_str(),
        };
        if let Some(other) = profile.tolerance.iter().find(|other| other.id == known) {
            (row.appetite, row.tolerance, row.before_ship) = (other.appetite, other.tolerance, other.before_ship);
        }
    }
    for kind in moved {
        appetite.levels.insert(kind, to);
    }
    Ok(())
}
