//! What an edit of the agreement comes to, in plain words.

/// One thing that an edit changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// Which way it goes.
    pub direction: Direction,
    /// What changes, without a full stop: "tolerates two more high findings (`new-high`: 3 to 5)".
    pub say: String,
}

/// Which way an edit goes. Where that depends on what is found, it is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// More is tolerated, or for longer, or by fewer people.
    Looser,
    /// Less is.
    Tighter,
    /// It cannot be said without looking at findings, or it is neither.
    Other,
}

impl Direction {
    /// The name used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Looser => "looser",
            Self::Tighter => "tighter",
            Self::Other => "otherwise",
        }
    }
}

impl Edit {
    /// More is tolerated.
    pub fn looser(say: impl Into<String>) -> Self {
        Self { direction: Direction::Looser, say: say.into() }
    }

    /// Less is tolerated.
    pub fn tighter(say: impl Into<String>) -> Self {
        Self { direction: Direction::Tighter, say: say.into() }
    }

    /// Neither.
    pub fn other(say: impl Into<String>) -> Self {
        Self { direction: Direction::Other, say: say.into() }
    }

    /// Looser if `looser`, else tighter.
    pub fn towards(looser: bool, say: impl Into<String>) -> Self {
        if looser { Self::looser(say) } else { Self::tighter(say) }
    }
}
