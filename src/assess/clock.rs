//! From when the days of a time limit are counted: the clock that both leaders agreed, as far as its moment is known.
//!
//! The clock of detection is the bound. Whatever a report states, or leaves out, no clock begins later than that, so that no
//! date is later than it would be without the others; and no date is before detection, since nobody can be late with
//! what nobody had found.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::clock::{Began, Clock, Stated};
use crate::model::component::Fix;
use crate::model::finding::Finding;

/// The moments of a finding from which days can be counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments<'a> {
    /// When an earlier run found it, if one is known to have.
    pub since: Option<Timestamp>,
    /// When it became publicly known.
    pub published: Option<&'a Stated>,
    /// Since when there is a version without it.
    pub fixed_since: Option<&'a Stated>,
    /// Whether the reports say that there is no such version.
    pub no_fix: bool,
    /// The moment of judgement.
    pub now: Timestamp,
}

impl<'a> Moments<'a> {
    /// Those of a finding that was first found at `since`.
    pub fn of(finding: &'a Finding, since: Option<Timestamp>, now: Timestamp) -> Self {
        let no_fix = finding.component.as_ref().is_some_and(|component| component.fix == Fix::NotAvailable);
        let (published, fixed_since) = (finding.published.as_ref(), finding.fixed_since.as_ref());
        Self { since, published, fixed_since, no_fix, now }
    }

    /// When it was found: by an earlier run, else now.
    fn detected(&self) -> (Timestamp, &'static str) {
        match self.since.filter(|since| *since < self.now) {
            Some(since) => (since, "the ledger"),
            None => (self.now, "this run"),
        }
    }

    fn stated(&self, clock: Clock) -> Option<&'a Stated> {
        match clock {
            Clock::Detected => None,
            Clock::Published => self.published,
            Clock::FixAvailable => self.fixed_since,
        }
    }

    /// When the clock `agreed` began. If its moment is not known, the earliest that is known counts.
    pub fn began(&self, agreed: Clock) -> Began {
        let (detected, by) = self.detected();
        let began =
            |clock, at, source: &str, because: String| Began { clock, at, source: source.to_owned(), agreed, because };
        let by_detection = |because| began(Clock::Detected, detected, by, because);
        let in_time = |clock| self.stated(clock).filter(|stated| stated.at <= detected);
        if agreed == Clock::Detected {
            return by_detection(String::new());
        }
        if let Some(stated) = in_time(agreed) {
            return began(agreed, stated.at, &stated.source, String::new());
        }
        if let Some(stated) = self.stated(agreed) {
            let day = stated.at.strftime("%Y-%m-%d");
            return by_detection(format!("{} {day} ({}) is after it was found", said(agreed), stated.source));
        }
        if agreed == Clock::FixAvailable && self.no_fix {
            return by_detection("the reports know of no fix yet".to_owned());
        }
        let because = format!("no report says since when it is {}", meant(agreed));
        match [Clock::Published, Clock::FixAvailable]
            .into_iter()
            .filter_map(|clock| in_time(clock).map(|stated| (clock, stated)))
            .min_by_key(|(_, stated)| stated.at)
        {
            Some((clock, stated)) => began(clock, stated.at, &stated.source, because),
            None => by_detection(because),
        }
    }

    /// The date after `days` days by the clock `agreed`, when that clock began, and both in words.
    pub fn due(&self, agreed: Clock, days: f64) -> Option<(Timestamp, Began, String)> {
        let began = self.began(agreed);
        let counted = began.at.checked_add(Duration::try_from_secs_f64(days * 86_400.0).ok()?).ok()?;
        let (detected, _) = self.detected();
        let day = began.at.strftime("%Y-%m-%d");
        let mut words = match began.clock {
            Clock::Detected if began.source == "this run" => "first seen by this run".to_owned(),
            Clock::Detected => format!("first found {day}"),
            Clock::Published | Clock::FixAvailable => format!("{} {day} ({})", said(began.clock), began.source),
        };
        if !began.because.is_empty() {
            words.push_str(&format!(", since {}", began.because));
        }
        if counted < detected {
            words.push_str(&format!("; the time ended {}, before it was found", counted.strftime("%Y-%m-%d")));
        }
        Some((counted.max(detected), began, words))
    }
}

/// What stands before the day.
const fn said(clock: Clock) -> &'static str {
    match clock {
        Clock::Detected => "first found",
        Clock::Published => "published",
        Clock::FixAvailable => "fix available since",
    }
}

/// What is not known since when.
const fn meant(clock: Clock) -> &'static str {
    match clock {
        Clock::Detected => "there",
        Clock::Published => "public",
        Clock::FixAvailable => "fixed",
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};

    use super::*;

    fn day(number: i64) -> Timestamp {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        start + SignedDuration::from_hours(24 * number)
    }

    fn stated(number: i64, source: &str) -> Stated {
        Stated { at: day(number), source: source.to_owned() }
    }

    /// Found by an earlier run on day 50, published on day 20, fixed on day 30; judged on day 60.
    fn moments<'a>(published: Option<&'a Stated>, fixed_since: Option<&'a Stated>) -> Moments<'a> {
        Moments { since: Some(day(50)), published, fixed_since, no_fix: false, now: day(60) }
    }

    fn due(moments: Moments<'_>, agreed: Clock, days: f64) -> (Timestamp, String) {
        let (at, _, words) = moments.due(agreed, days).unwrap();
        (at, words)
    }

    #[test]
    fn each_clock_counts_from_its_own_moment_and_says_whose_word_it_is() {
        let (published, fixed) = (stated(20, "osv-scanner"), stated(30, "grype"));
        let all = moments(Some(&published), Some(&fixed));
        assert_eq!(due(all, Clock::Detected, 60.0), (day(110), "first found 2026-02-20".to_owned()));
        assert_eq!(due(all, Clock::Published, 60.0), (day(80), "published 2026-01-21 (osv-scanner)".to_owned()));
        let fix = (day(90), "fix available since 2026-01-31 (grype)".to_owned());
        assert_eq!(due(all, Clock::FixAvailable, 60.0), fix);
        let began = all.began(Clock::FixAvailable);
        assert_eq!((began.clock, began.at, began.source.as_str()), (Clock::FixAvailable, day(30), "grype"));
        let fresh = Moments { since: None, ..all };
        assert_eq!(due(fresh, Clock::Detected, 3.0), (day(63), "first seen by this run".to_owned()));
    }

    #[test]
    fn what_is_not_known_is_counted_from_the_earliest_that_is() {
        let (published, fixed) = (stated(20, "trivy"), stated(30, "grype"));
        let unknown = "no report says since when it is fixed";
        let words = format!("published 2026-01-21 (trivy), since {unknown}");
        assert_eq!(due(moments(Some(&published), None), Clock::FixAvailable, 60.0), (day(80), words));
        let words = format!("first found 2026-02-20, since {unknown}");
        assert_eq!(due(moments(None, None), Clock::FixAvailable, 60.0), (day(110), words));
        let words = "fix available since 2026-01-31 (grype), since no report says since when it is public".to_owned();
        assert_eq!(due(moments(None, Some(&fixed)), Clock::Published, 60.0), (day(90), words));
    }

    #[test]
    fn where_there_is_no_fix_yet_detection_counts_and_not_the_advisory() {
        let published = stated(20, "trivy");
        let unfixed = Moments { no_fix: true, ..moments(Some(&published), None) };
        let words = "first found 2026-02-20, since the reports know of no fix yet".to_owned();
        assert_eq!(due(unfixed, Clock::FixAvailable, 60.0), (day(110), words));
        assert_eq!(due(unfixed, Clock::Published, 60.0).0, day(80));
    }

    #[test]
    fn a_moment_after_detection_or_in_the_future_does_not_count() {
        for late in [55, 700] {
            let late = stated(late, "trivy");
            let (at, words) = due(moments(Some(&late), None), Clock::Published, 60.0);
            assert_eq!(at, day(110));
            assert!(words.starts_with("first found 2026-02-20, since published 20"), "{words}");
            assert!(words.ends_with("(trivy) is after it was found"), "{words}");
        }
        let (at, _) = due(Moments { since: Some(day(61)), ..moments(None, None) }, Clock::Detected, 1.0);
        assert_eq!(at, day(61), "what was found in the future was found now");
    }

    #[test]
    fn a_time_that_ended_before_it_was_found_ends_when_it_was_found() {
        let published = stated(20, "trivy");
        let (at, words) = due(moments(Some(&published), None), Clock::Published, 14.0);
        assert_eq!(at, day(50));
        assert_eq!(words, "published 2026-01-21 (trivy); the time ended 2026-02-04, before it was found");
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(0x00C1_0C45), failure_persistence: None, ..Config::default() })]

        /// Whatever reports state: no date is later than by detection alone, none is before detection, and what a report
        /// states besides what is agreed changes nothing where that is known.
        #[test]
        fn no_clock_gives_more_time_than_detection(
            since in proptest::option::of(-400..400_i64),
            published in proptest::option::of(-400..400_i64),
            fixed in proptest::option::of(-400..400_i64),
            no_fix: bool,
            days in 0.0..400.0_f64,
            agreed in proptest::sample::select(Clock::ALL.to_vec()),
        ) {
            let (now, since) = (day(0), since.map(day));
            let (published, fixed) = (published.map(|at| stated(at, "a")), fixed.map(|at| stated(at, "b")));
            let all = Moments { since, published: published.as_ref(), fixed_since: fixed.as_ref(), no_fix, now };
            let (at, began, _) = all.due(agreed, days).unwrap();
            let bare = Moments { published: None, fixed_since: None, ..all };
            let (bound, _, _) = bare.due(Clock::Detected, days).unwrap();
            let found = since.filter(|since| *since < now).unwrap_or(now);
            prop_assert!(at <= bound && at >= found && began.at <= found);
            prop_assert_eq!(began.because.is_empty(), began.clock == agreed);
            for known in [
                Moments { published: None, ..all },
                Moments { fixed_since: None, ..all },
                Moments { no_fix: !no_fix, ..all },
            ] {
                let (other, _, _) = known.due(agreed, days).unwrap();
                prop_assert!(other <= bound);
                if known.stated(agreed) == all.stated(agreed) && began.clock == agreed {
                    prop_assert_eq!(other, at);
                }
            }
        }
    }
}
