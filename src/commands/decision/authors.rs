//! Who wrote a change, by what a forge says and by what git says, and whether that is everybody.
//!
//! Authors do not decide on their own change beyond tolerance. Where some of them are not known, nobody can be told from
//! one: a list that ends too early is no list without the rest.

use std::path::Path;

use crate::commands::error::CommandError;
use crate::exit::Exit;
use crate::model::ledger::{Decider, Person};
use crate::{change, signature};

/// People who wrote a change.
#[derive(Debug, Clone, Default)]
pub struct Authors {
    /// Who they are.
    pub people: Vec<Person>,
    /// Why there may be others, and what to do; `None` if these are all.
    pub others: Option<String>,
}

impl Authors {
    /// What git says of everybody who wrote something between `base` and `head`.
    pub(in crate::commands) fn by_git(repository: &Path, base: Option<&str>, head: &str) -> Self {
        let found = match change::authors(repository, base, head) {
            Ok(found) => found,
            Err(error) => {
                let absent = |commit: &&str| change::commit(repository, commit).is_none();
                let why = [Some(head), base].into_iter().flatten().find(absent).map_or_else(
                    || error.to_string(),
                    |commit| {
                        format!(
                            "{} is not in this clone: fetch the change and the branch that it goes to with their whole history \
                             (`git fetch origin`, in a shallow clone `git fetch --unshallow`)",
                            commit.get(..10).unwrap_or(commit)
                        )
                    },
                );
                return Self { people: Vec::new(), others: Some(why) };
            }
        };
        let person = |author: change::Author| {
            let signed_by = author.signed.as_ref().and_then(|(sig, over)| signature::signer(over, sig, "git").ok());
            Person {
                name: author.name,
                email: author.email,
                key: signed_by.map(|key| signature::key_text(&key)).unwrap_or_default(),
                ..Person::default()
            }
        };
        Self { people: found.into_iter().map(person).collect(), others: None }
    }

    /// These, of whom a forge told, and those `in_git`. Whether they are all is a question of who decides: the forge knows
    /// the accounts that it signs in, and git the addresses and keys of everybody else.
    pub(in crate::commands) fn and(&self, in_git: Self, by: &Decider) -> Self {
        let mut people = [self.people.as_slice(), &in_git.people].concat();
        people.sort();
        people.dedup();
        let others = match by {
            Decider::Forge(_) => self.others.clone(),
            Decider::SshKey { .. } | Decider::Default => in_git.others,
        };
        Self { people, others }
    }

    /// Refuses a word that an author may not give where not all of them are known.
    pub(in crate::commands) fn all(&self) -> Result<(), CommandError> {
        self.others.as_ref().map_or(Ok(()), |why| {
            let message = format!(
                "it is not known who wrote the whole change, and authors do not decide on their own beyond tolerance: {why}"
            );
            Err(CommandError::new(Exit::DecisionNeeded, message))
        })
    }
}
