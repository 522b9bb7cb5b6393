//! What commands do in GitLab CI/CD.

pub(in crate::commands) mod baseline;
mod interface;
pub(in crate::commands) mod notes;
pub(in crate::commands) mod person;
pub(in crate::commands) mod publish;

pub(in crate::commands) use interface::context;
