//! What a new appetite file is made of: from flags, and at a terminal from questions about whatever is missing.

use std::fmt;

use inquire::{Confirm, InquireError, MultiSelect, Select, Text};

use super::key;
use crate::commands::error::CommandError;
use crate::model::appetite::Level;
use crate::model::category::Category;
use crate::model::service::{Criticality, NetworkExposure, Service};
use crate::rules;
use crate::signature::PublicSshKey;

/// The answers so far.
#[derive(Debug)]
pub(super) struct Answers {
    pub profile: String,
    pub profile_given: bool,
    pub levels: Vec<(Category, Level)>,
    pub presets: Vec<String>,
    pub name: String,
    pub name_given: bool,
    pub cio: (Option<String>, Option<PublicSshKey>),
    pub ciso: (Option<String>, Option<PublicSshKey>),
    pub arbiter: Option<(String, String, Vec<String>)>,
    pub service: Option<Service>,
}

/// One of the levels, as a question shows it.
struct Choice<T> {
    value: T,
    shown: String,
}

impl<T> fmt::Display for Choice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Asks for what the flags did not say. Every question has an answer that can be taken as it is.
pub(super) fn ask(mut answers: Answers) -> Result<Answers, CommandError> {
    if !answers.name_given {
        answers.name = asked(Text::new("What does it govern?").with_default(&answers.name).prompt())?;
    }
    if !answers.profile_given {
        let question = "How much risk in general?";
        answers.profile = select(question, &Level::ALL, 2, |level| format!("{}: {}", level.as_str(), meaning(level)))?
            .as_str()
            .to_owned();
    }
    if answers.levels.is_empty() {
        let kinds = choices(&Category::ALL, |kind| kind.as_str().to_owned());
        let different =
            asked(MultiSelect::new("For which kinds of finding is it another level? (none: Enter)", kinds).prompt())?;
        for kind in different {
            let question = format!("How much risk for {}?", kind.shown);
            let level = select(&question, &Level::ALL, 2, |level| format!("{}: {}", level.as_str(), meaning(level)))?;
            answers.levels.push((kind.value, level));
        }
    }
    if answers.presets.is_empty() {
        let ids = rules::presets();
        let shown = choices(&ids, |id| id.to_owned());
        let chosen = asked(MultiSelect::new("Which regulations have to be met? (none: Enter)", shown).prompt())?;
        answers.presets = chosen.into_iter().map(|id| id.value.to_owned()).collect();
    }
    if answers.service.is_none()
        && asked(Confirm::new("Say who can reach it and how much depends on it?").with_default(true).prompt())?
    {
        answers.service = Some(Service {
            name: asked(Text::new("Name of the service?").with_default(&answers.name).prompt())?,
            exposure: select("Who can reach it?", &NetworkExposure::ALL, 2, |word| word.as_str().to_owned())?,
            criticality: select("How much depends on it?", &Criticality::ALL, 1, |word| word.as_str().to_owned())?,
            data: list("Which sensitive data does it handle? (such as cardholder, health; none: Enter)")?,
            paths: list("Globs over its paths? (the whole repository: Enter)")?,
            ..Service::undeclared()
        });
    }
    answers.cio = person(answers.cio, "CIO (delivery)")?;
    answers.ciso = person(answers.ciso, "CISO (security)")?;
    Ok(answers)
}

fn person(
    (name, key): (Option<String>, Option<PublicSshKey>),
    title: &str,
) -> Result<(Option<String>, Option<PublicSshKey>), CommandError> {
    let key = match key {
        Some(key) => Some(key),
        None => loop {
            let text =
                asked(Text::new(&format!("Public SSH key of the {title}, or its .pub file? (later: Enter)")).prompt())?;
            if text.trim().is_empty() {
                break None;
            }
            match key::read("key", text.trim()) {
                Ok(key) => break Some(key),
                Err(error) => error.print(),
            }
        },
    };
    let comment = key.as_ref().map(|key| key.comment.clone()).unwrap_or_default();
    let name = match name {
        Some(name) => name,
        None => asked(Text::new(&format!("Name of the {title}?")).with_default(&comment).prompt())?,
    };
    Ok((Some(name).filter(|name| !name.trim().is_empty()), key))
}

fn list(question: &str) -> Result<Vec<String>, CommandError> {
    let text = asked(Text::new(question).prompt())?;
    Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

fn choices<T: Copy>(all: &[T], shown: impl Fn(T) -> String) -> Vec<Choice<T>> {
    all.iter().map(|&value| Choice { value, shown: shown(value) }).collect()
}

fn select<T: Copy>(question: &str, all: &[T], first: usize, shown: impl Fn(T) -> String) -> Result<T, CommandError> {
    let choice = asked(Select::new(question, choices(all, shown)).with_starting_cursor(first).prompt())?;
    Ok(choice.value)
}

fn asked<T>(answer: Result<T, InquireError>) -> Result<T, CommandError> {
    answer.map_err(|error| match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            CommandError::usage("left before the end: nothing was written")
        }
        error => CommandError::usage(format!("cannot ask here: {error}")).hint("give the answers as flags, with --yes"),
    })
}

/// The scale in one line each, after the UK Orange Book.
const fn meaning(level: Level) -> &'static str {
    match level {
        Level::Averse => "avoiding risk comes first, delivery waits for it",
        Level::Minimal => "only what is safe, with little left over",
        Level::Cautious => "the safe way is preferred, some short and bounded exposure accepted",
        Level::Open => "every way is considered, the best balance taken",
        Level::Eager => "delivery comes first, high exposure accepted for its benefit",
    }
}
