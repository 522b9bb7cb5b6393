//! What commands do in GitLab CI/CD.

mod interface;
pub(in crate::commands) mod notes;
pub(in crate::commands) mod person;
pub(in crate::commands) mod publish;

pub(in crate::commands) use interface::context;
