//! The moment of a run: as the user says, or as the clock of the machine shows it.

use jiff::Timestamp;

/// The moment that was `given`, or now, cut to the whole second: what is counted from a fraction of one ends a fraction
/// before the minute that people count in.
pub(super) fn now(given: Option<Timestamp>) -> Timestamp {
    let exact = given.unwrap_or_else(Timestamp::now);
    Timestamp::from_second(exact.as_second()).unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_whole_second() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(now(Some(at("2026-12-01T06:00:00.6Z"))), at("2026-12-01T06:00:00Z"));
        assert_eq!(now(None).subsec_nanosecond(), 0);
    }
}
