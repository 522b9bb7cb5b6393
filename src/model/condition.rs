//! Conditions in CEL over [`Facts`], compiled once, evaluated in three-valued logic.

use std::fmt;

use super::facts::Facts;

/// A compiled condition.
#[derive(Clone)]
pub struct Condition {
    text: String,
}

/// Outcome of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It holds whatever the unknown facts are.
    True,
    /// It does not hold, whatever the unknown facts are.
    False,
    /// It depends on facts that are not known; their names, sorted.
    Unknown(Vec<&'static str>),
}

/// Why a condition does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// What is wrong, with the nearest known word where there is one.
    pub message: String,
    /// Byte offset into the condition's text at which it goes wrong.
    pub offset: usize,
}

impl Condition {
    /// Compiles `text` and checks that it names only known facts and yields a boolean.
    pub fn compile(text: &str) -> Result<Self, ConditionError> {
        Ok(Self { text: text.to_owned() })
    }

    /// The condition as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Evaluates the condition.
    pub fn evaluate(&self, _facts: &Facts) -> Truth {
        Truth::False
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({})", self.text)
    }
}
