//! Arguments of a subcommand that are described only once it is called: to describe those of all of them takes longer than
//! to start the program. A variable of the environment that is empty gives none of them a value.

use std::ops::Deref;

use clap::builder::{OsStr, Resettable};
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

/// `T`, described when its subcommand is called. What is said of the subcommand stands where it is listed.
#[derive(Debug)]
pub struct Later<T>(T);

impl<T> Deref for Later<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Args> Args for Later<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(|command| {
            let about = command.get_about().cloned().unwrap_or_default();
            without_empty_variables(T::augment_args(command).about(about))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// `command` as if the variables that are there and empty were not: pipelines have no other way to leave one out.
fn without_empty_variables(command: Command) -> Command {
    let is_empty = |argument: &Arg| {
        argument.get_env().is_some_and(|name| std::env::var_os(name).is_some_and(|value| value.is_empty()))
    };
    command
        .mut_args(|argument| if is_empty(&argument) { argument.env(Resettable::<OsStr>::Reset) } else { argument })
        .mut_subcommands(without_empty_variables)
}

impl<T: FromArgMatches> FromArgMatches for Later<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
