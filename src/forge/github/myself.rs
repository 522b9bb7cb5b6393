//! Which user the token writes as, so that its own comments are told from everybody else's.

use super::address::segment;
use super::api::Api;
use super::error::{ForgeError, Kind, Purpose};
use super::payload::User;

/// Who the token of a workflow's job writes as, unless said otherwise.
pub const JOB: &str = "github-actions[bot]";

/// The user that the token writes as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Myself(User);

impl Myself {
    /// Asks GitHub. The token of a person says who it is; that of an app may not ask, and is taken to be `login`.
    pub fn ask(api: &Api, login: &str) -> Result<Self, ForgeError> {
        let who = Purpose { what: "tell whose token this is", needs: "pull-requests: write" };
        match api.get::<User>(who, "/user") {
            Ok(user) => Ok(Self(user)),
            Err(error) if matches!(error.kind, Kind::Permission | Kind::NotFound) => {
                api.get::<User>(who, &format!("/users/{}", segment(login))).map(Self)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether that user is this one. The number decides: a login can be given up and taken by somebody else, and can look
    /// like another.
    pub fn is(&self, user: Option<&User>) -> bool {
        user.is_some_and(|user| user.id == self.0.id && user.id != 0)
    }
}
