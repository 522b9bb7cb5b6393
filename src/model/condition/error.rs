//! Why a condition is refused.

/// Why a condition does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// What is wrong, with the nearest known word where there is one.
    pub message: String,
    /// Byte offset into the condition's text at which it goes wrong.
    pub offset: usize,
}
