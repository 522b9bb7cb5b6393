//! Stage: the hook that runs before a push, put in and taken out without harm to what is there.
//!
//! ```text
//! folder ──place──▶ who keeps the hooks (git, Husky, Lefthook) ──script / lefthook──▶ a marked block, in or out
//! ```
//!
//! Everything of ours stands between two marks, so that it is recognised, renewed and taken out again; everything else in a
//! file stays as it is, byte for byte. What cannot be done safely is refused with what to do by hand.

mod done;
mod error;
mod lefthook;
mod place;
mod script;

use std::path::Path;

pub use done::{Done, Manner};
pub use error::HookError;
use place::Keeper;

/// Puts the hook into the repository that `folder` lies in. Doing it twice changes nothing.
pub fn install(folder: &Path, manner: Manner) -> Result<Done, HookError> {
    match place::find(folder)? {
        Keeper::Git { hooks } => script::install(&hooks.join("pre-push"), manner),
        Keeper::Husky { hooks } => script::install(&hooks.join("pre-push"), manner).map(|mut done| {
            done.notes.push("Husky keeps the hooks here: commit the file, and every clone has it.".to_owned());
            done
        }),
        Keeper::Lefthook { local } => lefthook::install(&local, manner),
    }
}

/// Takes the hook out again; what was there before stands as it stood.
pub fn uninstall(folder: &Path) -> Result<Done, HookError> {
    match place::find(folder)? {
        Keeper::Git { hooks } | Keeper::Husky { hooks } => script::uninstall(&hooks.join("pre-push")),
        Keeper::Lefthook { local } => lefthook::uninstall(&local),
    }
}

#[cfg(test)]
mod tests;
