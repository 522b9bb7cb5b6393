//! Whether and when a request is sent again.
//!
//! A request that the forge *refused* to work on (too many of them) can be sent again whatever it is. One that it may have
//! worked on (a server error, no answer) only if doing it twice comes to the same: a comment that is created twice is there
//! twice. A forge says how long to wait in several ways; the wait is never longer than the run has patience.

use std::time::Duration;

/// Waits before the second, third and last try after a fault.
const PAUSES: [u64; 3] = [1, 3, 9];
/// Wait after a secondary limit that does not say how long; GitHub asks for at least a minute.
const SECONDARY: u64 = 60;

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Status; `None` if there was no answer.
    pub status: Option<u16>,
    /// `retry-after`, in seconds.
    pub retry_after: Option<u64>,
    /// `x-ratelimit-remaining`.
    pub remaining: Option<u64>,
    /// `x-ratelimit-reset` less the answer's own date, in seconds: the clock of this machine may be off.
    pub resets_in: Option<u64>,
    /// Whether the words of the answer speak of a rate limit.
    pub speaks_of_limit: bool,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Take the answer as it is.
    Take,
    /// Send it again after this long.
    Again(Duration),
    /// It is a rate limit, and lifting it takes longer than there is patience.
    TooLong(Duration),
}

/// What to do after try number `tries` (from 1) of a request, `waited` into a run's patience.
pub fn next(outcome: &Outcome, repeatable: bool, tries: usize, waited: Duration, patience: Duration) -> Step {
    let limited = match outcome.status {
        Some(429) => true,
        Some(403) => outcome.retry_after.is_some() || outcome.remaining == Some(0) || outcome.speaks_of_limit,
        _ => false,
    };
    if limited {
        let seconds = match outcome {
            Outcome { retry_after: Some(seconds), .. } => *seconds,
            Outcome { remaining: Some(0), resets_in: Some(seconds), .. } => seconds + 1,
            _ => SECONDARY,
        };
        let wait = Duration::from_secs(seconds);
        let left = patience.saturating_sub(waited);
        return if wait <= left && tries <= PAUSES.len() { Step::Again(wait) } else { Step::TooLong(wait) };
    }
    let faulty = outcome.status.is_none_or(|status| matches!(status, 500 | 502..=504));
    match PAUSES.get(tries - 1) {
        Some(&pause) if faulty && repeatable && waited + Duration::from_secs(pause) <= patience => {
            Step::Again(Duration::from_secs(pause))
        }
        _ => Step::Take,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(outcome: &Outcome, repeatable: bool, tries: usize) -> Step {
        next(outcome, repeatable, tries, Duration::ZERO, Duration::from_mins(2))
    }

    fn seconds(seconds: u64) -> Step {
        Step::Again(Duration::from_secs(seconds))
    }

    #[test]
    fn what_may_have_been_done_is_not_done_twice() {
        for status in [None, Some(500), Some(502), Some(503), Some(504)] {
            let outcome = Outcome { status, ..Outcome::default() };
            assert_eq!(after(&outcome, false, 1), Step::Take, "{status:?}");
            assert_eq!(after(&outcome, true, 1), seconds(1), "{status:?}");
            assert_eq!(after(&outcome, true, 4), Step::Take, "{status:?}");
        }
    }

    #[test]
    fn a_limit_is_waited_for_as_github_says() {
        let limit = |outcome: Outcome| after(&Outcome { status: Some(403), ..outcome }, false, 1);
        assert_eq!(limit(Outcome { retry_after: Some(7), ..Outcome::default() }), seconds(7));
        assert_eq!(limit(Outcome { remaining: Some(0), resets_in: Some(9), ..Outcome::default() }), seconds(10));
        assert_eq!(limit(Outcome { speaks_of_limit: true, ..Outcome::default() }), seconds(60));
        let unsaid = Outcome { status: Some(429), ..Outcome::default() };
        assert_eq!(after(&unsaid, false, 1), seconds(60));
    }

    #[test]
    fn a_missing_permission_is_not_a_limit() {
        let refused = Outcome { status: Some(403), remaining: Some(4_999), ..Outcome::default() };
        assert_eq!(after(&refused, true, 1), Step::Take);
    }

    #[test]
    fn patience_has_an_end() {
        let hour = Outcome { status: Some(403), remaining: Some(0), resets_in: Some(3_599), ..Outcome::default() };
        assert_eq!(after(&hour, true, 1), Step::TooLong(Duration::from_hours(1)));
        let minute = Outcome { status: Some(429), retry_after: Some(60), ..Outcome::default() };
        let third = next(&minute, true, 3, Duration::from_mins(2), Duration::from_mins(2));
        assert_eq!(third, Step::TooLong(Duration::from_mins(1)));
        let zero = Outcome { status: Some(429), retry_after: Some(0), ..Outcome::default() };
        assert_eq!(after(&zero, true, 4), Step::TooLong(Duration::ZERO), "not for ever either");
    }

    #[test]
    fn an_answer_is_an_answer() {
        for status in [200, 201, 204, 302, 401, 404, 409, 422, 501] {
            assert_eq!(after(&Outcome { status: Some(status), ..Outcome::default() }, true, 1), Step::Take, "{status}");
        }
    }
}
