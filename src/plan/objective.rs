//! What each option is best at, as a key that is compared part by part, lower first.
//!
//! The agreement comes first in every key, so that a contradictory appetite gets the nearest possible plan rather than
//! none: `held` (what the release is held for), `firm` (dates that nobody may waive), `unapproved` (what nobody may waive *for this option*), then whether it ships within
//! the horizon, `missed` (dates that may be waived are met wherever the capacity allows it), `lasting` (no waiver that runs
//! to the horizon). All of them are 0 where any plan attains it, and the rest of the key is what DESIGN section 5 says of the
//! option. For the fastest option and for a wish the last two come after the ship day, and missed dates after the wish: a release
//! is not held for what may be waived, but no date is let pass to save work either. Every part falls or stays
//! when a figure of [`Measure`] falls, which is what allows the exact solver to drop dominated beginnings; the one
//! exception is the floor of the balanced option's box, which is why it is only put in where it is needed.

use std::cmp::Ordering;

use super::evaluate::Measure;
use super::problem::{HORIZON, Row};

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objective {
    /// Earliest ship, then fewest waivers without an end, then fewest missed dates, then least effort, then least exposure.
    Fastest {
        /// Whether somebody may approve waivers for this option.
        approved: bool,
    },
    /// The least exposure among plans that could be the most secure one.
    LeastExposure {
        /// Whether somebody may approve waivers for the most secure option.
        approved: bool,
        /// Exposure of the fastest option: holding the release for a row is not worth more exposure than that.
        fastest: f64,
    },
    /// Earliest ship, then least effort, within a point of score of the least exposure.
    MostSecure {
        /// As above.
        approved: bool,
        /// As above.
        fastest: f64,
        /// Least exposure plus one hundredth of the baseline.
        enough: f64,
    },
    /// The best compromise between the ends that needs no waiver.
    Balanced {
        /// Whether somebody may approve waivers for this option.
        approved: bool,
        /// Measures of the two ends.
        ends: Ends,
        /// What best means.
        by: Compromise,
        /// Whether exposure below that of the most secure option counts as outside the box.
        floor: bool,
    },
    /// As near to a wish as the agreement allows; then the fewest missed dates and findings over a limit; then the best of
    /// what the wish leaves open.
    Wished {
        /// Whether somebody may approve waivers.
        approved: bool,
        /// The wish.
        limits: Limits,
        /// Whether the earliest ship and the least effort are sought rather than the least exposure.
        soonest: bool,
    },
}

/// What a plan is wished not to exceed; infinite where nothing is wished.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Ship day.
    pub ship: f64,
    /// Effort in hours.
    pub effort: f64,
    /// Exposure in points.
    pub exposure: f64,
}

impl Limits {
    /// Nothing wished.
    pub const NONE: Self = Self { ship: f64::INFINITY, effort: f64::INFINITY, exposure: f64::INFINITY };

    /// How far a plan is from the wish: the sum of the shares by which it exceeds each limit, small limits counting as a
    /// day, an hour, a point. 0 if it meets it.
    pub fn excess(&self, m: &Measure) -> f64 {
        self.delay(m) + excess(m.effort, self.effort) + excess(m.exposure, self.exposure)
    }

    /// The part of it that is about the ship day.
    fn delay(&self, m: &Measure) -> f64 {
        excess(m.ship, self.ship)
    }
}

/// The two options between which the balanced one lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    /// The fastest option.
    pub fastest: Measure,
    /// The most secure option.
    pub secure: Measure,
}

/// How the balanced option is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Compromise {
    /// Least Euclidean distance to the best ship, exposure and effort of the two ends, each scaled to 0..1 between them.
    Closest,
    /// Least money.
    Cheapest {
        /// Price of an hour; 0 if none is declared.
        hour: f64,
        /// Price of a day of delay.
        day: f64,
        /// Price of a point of exposure.
        point: f64,
    },
}

/// What an hour of work and a point of exposure weigh against each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Weight of an hour.
    pub hour: f64,
    /// Weight of a point.
    pub point: f64,
}

/// A bound on effort and exposure together: in no plan is their weighted sum less. Each alone can be had for little; both
/// cannot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Joint {
    /// How they are weighed.
    pub weights: Weights,
    /// The least weighted sum.
    pub least: f64,
}

/// Rounding of a sum over all items, as a share of its terms.
const SUMMING: f64 = 1e-12;

impl Joint {
    /// The least effort of plans that expose no more than so much.
    fn effort(&self, exposure: f64) -> f64 {
        self.less(self.weights.point * exposure) / self.weights.hour
    }

    /// The least exposure of plans that take no more than so much work.
    fn exposure(&self, effort: f64) -> f64 {
        self.less(self.weights.hour * effort) / self.weights.point
    }

    /// What is left of the sum; a little less, because large terms that nearly cancel leave their rounding.
    fn less(&self, part: f64) -> f64 {
        self.least - part - SUMMING * (self.least.abs() + part.abs())
    }
}

impl Compromise {
    /// How hours and points weigh against each other near a plan; `None` where one of them weighs nothing.
    fn weights(&self, near: &Measure, ends: &Ends) -> Option<Weights> {
        let weights = match *self {
            Self::Cheapest { hour, point, .. } => Weights { hour, point },
            // The slope of the distance.
            Self::Closest => {
                let slope = |value: f64, a: f64, b: f64| {
                    let span = (a - b).abs();
                    if span <= 1e-9 { 0.0 } else { (value - a.min(b)).max(0.0) / (span * span) }
                };
                let (f, s) = (&ends.fastest, &ends.secure);
                Weights {
                    hour: slope(near.effort, f.effort, s.effort),
                    point: slope(near.exposure, f.exposure, s.exposure),
                }
            }
        };
        (weights.hour > 0.0 && weights.point > 0.0).then_some(weights)
    }

    /// The least cost of plans no figure of which is below `best`'s, and for which the joint bound holds.
    fn least_cost(&self, best: &Measure, ends: &Ends, joint: &Joint) -> f64 {
        let cost = |exposure: f64| {
            let effort = joint.effort(exposure).max(best.effort);
            self.cost(&Measure { effort, exposure, ..*best }, ends)
        };
        // Along the line on which the bound is just met the cost first falls, then rises.
        let (low, high) = (best.exposure, joint.exposure(best.effort).max(best.exposure));
        if matches!(self, Self::Cheapest { .. }) || high - low <= 0.0 {
            return cost(low).min(cost(high));
        }
        let turn = Self::turn(ends, joint);
        cost(turn.clamp(low, high))
    }

    /// Where on that line the distance is least, in points.
    fn turn(ends: &Ends, joint: &Joint) -> f64 {
        let (f, s) = (&ends.fastest, &ends.secure);
        let ideal = (f.exposure.min(s.exposure), f.effort.min(s.effort));
        let spans = ((f.exposure - s.exposure).abs(), (f.effort - s.effort).abs());
        let (point, hour) = (joint.weights.point * spans.0, joint.weights.hour * spans.1);
        let missing = joint.least - joint.weights.point * ideal.0 - joint.weights.hour * ideal.1;
        spans.0.mul_add(missing * point / (point * point + hour * hour), ideal.0)
    }

    /// Distance or money; lower is better.
    pub fn cost(&self, measure: &Measure, ends: &Ends) -> f64 {
        match *self {
            Self::Cheapest { hour, day, point } => {
                hour * measure.effort + day * measure.ship + point * measure.exposure
            }
            Self::Closest => {
                let scaled = |value: f64, a: f64, b: f64| {
                    let span = (a - b).abs();
                    if span <= 1e-9 { 0.0 } else { ((value - a.min(b)) / span).max(0.0) }
                };
                let (f, s) = (&ends.fastest, &ends.secure);
                let ship = scaled(measure.ship, f.ship, s.ship);
                let exposure = scaled(measure.exposure, f.exposure, s.exposure);
                let effort = scaled(measure.effort, f.effort, s.effort);
                (ship * ship + exposure * exposure + effort * effort).sqrt()
            }
        }
    }
}

/// A key: compared part by part; parts that an objective does not need are 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key([f64; 13]);

impl Key {
    /// Worse than any plan's.
    pub const WORST: Self = Self([f64::INFINITY; 13]);

    /// Part-by-part comparison in which differences within rounding count as none.
    pub fn compare(&self, other: &Self) -> Ordering {
        for (a, b) in self.0.iter().zip(&other.0) {
            // Most parts are the same, and that is soon seen.
            if a.to_bits() != b.to_bits() && differs(*a, *b) {
                return a.total_cmp(b);
            }
        }
        Ordering::Equal
    }

    /// Whether this is better beyond rounding.
    pub fn better_than(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Less
    }
}

/// What counts as rounding, as a share.
const ROUNDING: f64 = 1e-9;

/// Whether two figures differ by more than rounding.
pub fn differs(a: f64, b: f64) -> bool {
    (a - b).abs() > ROUNDING * (1.0 + a.abs().min(b.abs()))
}

/// By what share of a limit, or of 1 if it is smaller, a value is above it.
fn excess(value: f64, limit: f64) -> f64 {
    let more = above(value, limit);
    if more > 0.0 { more / limit.max(1.0) } else { 0.0 }
}

/// By how much `value` is above `limit`, 0 within rounding.
fn above(value: f64, limit: f64) -> f64 {
    if value > limit && differs(value, limit) { value - limit } else { 0.0 }
}

impl Objective {
    /// The key of a measure.
    pub fn key(&self, m: &Measure) -> Key {
        self.least_key(m, None)
    }

    /// How hours and points weigh against each other near a plan, if the objective weighs them.
    pub fn weights(&self, near: &Measure) -> Option<Weights> {
        match self {
            Self::Balanced { ends, by, .. } => by.weights(near, ends),
            _ => None,
        }
    }

    /// A key that no plan's is below, if no figure of a plan is below `m`'s and the joint bound holds for it.
    pub fn least_key(&self, m: &Measure, joint: Option<&Joint>) -> Key {
        let late = f64::from(u8::from(m.ship > HORIZON));
        let (red, amber) = (f64::from(m.red), f64::from(m.amber));
        let (missed, lasting) = (f64::from(m.missed), f64::from(m.lasting));
        let parts: [f64; 10] = match *self {
            Self::Fastest { .. } => [m.ship, lasting, missed, m.effort, m.exposure, 0.0, 0.0, 0.0, 0.0, 0.0],
            Self::LeastExposure { fastest, .. } => {
                [late, missed, lasting, red, above(m.exposure, fastest), amber, m.exposure, 0.0, 0.0, 0.0]
            }
            Self::MostSecure { fastest, enough, .. } => {
                // Whatever exposes more than enough has lost before effort counts.
                let least = joint.map_or(0.0, |joint| joint.effort(enough + ROUNDING * (1.0 + enough)));
                let too_much = above(m.exposure, enough);
                let effort = if too_much > 0.0 { m.effort } else { m.effort.max(least) };
                let exposed = above(m.exposure, fastest);
                [late, missed, lasting, red, exposed, amber, too_much, m.ship, effort, m.exposure]
            }
            Self::Balanced { ends, by, floor, .. } => {
                let outside = above(m.exposure, ends.fastest.exposure)
                    + above(m.ship, ends.secure.ship)
                    + if floor { above(ends.secure.exposure, m.exposure) } else { 0.0 };
                let cost = joint.map_or_else(|| by.cost(m, &ends), |joint| by.least_cost(m, &ends, joint));
                [late, missed, lasting, red, outside, cost, m.ship, m.exposure, m.effort, 0.0]
            }
            Self::Wished { limits, soonest: true, .. } => {
                let (delay, excess) = (limits.delay(m), limits.excess(m));
                [delay, lasting, excess, missed, red, m.ship, m.effort, m.exposure, 0.0, 0.0]
            }
            Self::Wished { limits, soonest: false, .. } => {
                let (delay, excess) = (limits.delay(m), limits.excess(m));
                [delay, lasting, excess, missed, red, m.exposure, m.ship, m.effort, 0.0, 0.0]
            }
        };
        let unapproved = if self.approved() { 0.0 } else { f64::from(m.red + m.missed) };
        let mut key = [0.0; 13];
        key[..3].copy_from_slice(&[f64::from(m.held), f64::from(m.firm), unapproved]);
        key[3..].copy_from_slice(&parts);
        Key(key)
    }

    /// Whether no plan can be better than the one known, or as good, unless it keeps what nobody may waive, because the one known
    /// does.
    fn keeps(&self, known: &Measure) -> bool {
        self.key(known).0[..3].iter().all(|part| *part <= 0.0)
    }

    /// The same of an end within the horizon for everything that is waived.
    pub fn ends(&self, known: &Measure) -> bool {
        // Where the ship day or a wish comes first, a plan can be better by it.
        let first = !matches!(self, Self::Fastest { .. } | Self::Wished { .. });
        first && self.key(known).0[..6].iter().all(|part| *part <= 0.0)
    }

    /// Whether the least exposure is sought and a plan keeps everything that comes before it.
    pub fn keeps_all(&self, m: &Measure) -> bool {
        matches!(self, Self::LeastExposure { .. }) && self.key(m).0[..9].iter().all(|part| *part <= 0.0)
    }

    /// Findings that each row may leave open at ship in a plan that is better than the one known; `None`: any number.
    pub fn open_at_ship(&self, rows: &[Row], known: &Measure) -> Vec<Option<u32>> {
        let ends = self.ends(known);
        let in_time = ends && known.red == 0 && known.ship <= HORIZON;
        let (tolerance, appetite) = match *self {
            Self::LeastExposure { fastest, .. } | Self::MostSecure { fastest, .. } => {
                (in_time, in_time && known.amber == 0 && above(known.exposure, fastest) <= 0.0)
            }
            Self::Balanced { .. } => (in_time, false),
            Self::Fastest { .. } | Self::Wished { .. } => (false, false),
        };
        let keeps = self.keeps(known);
        let tolerance = tolerance || keeps && !self.approved();
        let open = |row: &Row| {
            if appetite {
                Some(row.appetite.min(row.tolerance))
            } else if tolerance || keeps && row.before_ship {
                Some(row.tolerance)
            } else {
                None
            }
        };
        rows.iter().map(open).collect()
    }

    /// The same at the horizon.
    pub fn open_at_horizon(&self, rows: &[Row], known: &Measure) -> Vec<Option<u32>> {
        let ends = self.ends(known);
        rows.iter().map(|row| ends.then_some(row.tolerance)).collect()
    }

    /// The exposure that a plan may have at most, if that is what effort is weighed against.
    pub const fn enough(&self) -> Option<f64> {
        match self {
            Self::MostSecure { enough, .. } => Some(*enough),
            _ => None,
        }
    }

    /// Whether the key never gets better when a figure of the measure gets worse.
    pub const fn monotone(&self) -> bool {
        !matches!(self, Self::Balanced { floor: true, .. })
    }

    /// An objective with a monotone key by which no plan is worse than by this one.
    #[must_use]
    pub const fn relaxed(self) -> Self {
        match self {
            Self::Balanced { approved, ends, by, floor: _ } => Self::Balanced { approved, ends, by, floor: false },
            other => other,
        }
    }

    /// Whether somebody may approve waivers for this option.
    const fn approved(&self) -> bool {
        match self {
            Self::Fastest { approved }
            | Self::LeastExposure { approved, .. }
            | Self::MostSecure { approved, .. }
            | Self::Balanced { approved, .. }
            | Self::Wished { approved, .. } => *approved,
        }
    }
}
