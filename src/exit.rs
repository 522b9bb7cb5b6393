//! Exit codes, documented in one place (DESIGN section 7). Scripts rely on them: a code never changes its meaning.

use std::process::ExitCode;

/// How a command ends, as the calling process sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Go ahead: within appetite, decided, or nothing more than advice.
    Proceed = 0,
    /// A decision is needed (only with `--require-decision`), or a `before_ship` row is open.
    DecisionNeeded = 1,
    /// The command line, or a file that it names, is not usable as given.
    Usage = 2,
    /// Evidence is missing or unreadable, so nothing can be said.
    Unresolved = 3,
    /// A signature or the ledger does not hold.
    Trust = 4,
    /// The forge or a feed cannot be reached, or no records are taken; the brief is still written.
    Forge = 5,
}

impl Exit {
    /// Every exit code, ascending.
    pub const ALL: [Self; 6] =
        [Self::Proceed, Self::DecisionNeeded, Self::Usage, Self::Unresolved, Self::Trust, Self::Forge];

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means, in one line.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Proceed => "proceed: within appetite, decided, or advice only",
            Self::DecisionNeeded => "a decision is needed (with --require-decision), or a before_ship row is open",
            Self::Usage => "the command line or a file that it names is not usable as given",
            Self::Unresolved => "unresolved: evidence is missing or unreadable, or what was agreed cannot be seen",
            Self::Trust => "the ledger, or a signature that is asked for, does not hold",
            Self::Forge => "the forge or a feed cannot be reached, or no records are taken; the brief is still written",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
