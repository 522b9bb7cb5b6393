//! What publishing came to.

use super::error::{ForgeError, Kind};

/// What was published and what was not, part by part: one that cannot be done does not take the others with it.
#[derive(Debug, Clone, Default)]
pub struct Published {
    /// What was done, a line each.
    pub done: Vec<String>,
    /// What was not done because it makes no sense here, a line each.
    pub skipped: Vec<String>,
    /// What could not be done.
    pub errors: Vec<ForgeError>,
    /// Address of the note in the discussion, if there is one.
    pub note_url: Option<String>,
    /// Address of the check run, where the forge has one.
    pub check_url: Option<String>,
}

impl Published {
    /// Takes in what one part came to, with the line that says so; gives back what it made.
    pub(super) fn note<T>(
        &mut self,
        result: Result<T, ForgeError>,
        line: impl FnOnce(&T) -> Option<String>,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.done.extend(line(&value));
                Some(value)
            }
            Err(error) if error.kind == Kind::State => {
                self.skipped.push(error.to_string());
                None
            }
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }
}
