//! Efforts corrected by what such work took before.
//!
//! For every closure the log-ratio y = ln(actual / estimated) is taken. Treatments differ from each other, and closures of one
//! treatment from each other, so the estimate is shrunk twice (normal distributions with known variances, worked out by
//! hand in two steps):
//!
//! - s² is the variance of y within treatments, pooled, together with [`PRIOR_CLOSURES`] imagined ones of [`WITHIN`]²;
//! - the company's mean m has the prior 0 ± [`COMPANY`] and is estimated from the treatments' means, each with the error
//!   √([`BETWEEN`]² + s²/n);
//! - a treatment's mean has the prior m ± [`BETWEEN`] and is estimated from its n closures with the error s/√n.
//!
//! Effort is multiplied by exp of that mean. A treatment without closures of its own stays as its rule says.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::basis::Basis;
use crate::model::closure::Closure;
use crate::model::work::Treatment;

/// Assumed deviation of the company's mean log-ratio from 0: half of all companies within a factor of 1.4.
const COMPANY: f64 = 0.5;

/// Assumed deviation of a treatment's mean from the company's.
const BETWEEN: f64 = 0.3;

/// Assumed deviation of one closure from its treatment's mean, as the p90 efforts of the rules have it (p90 = 2.6 · p50).
const WITHIN: f64 = 0.75;

/// How many closures that assumption is worth.
const PRIOR_CLOSURES: f64 = 4.0;

/// What closures say of one treatment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correction {
    /// What an estimate is to be multiplied by.
    pub factor: f64,
    /// Standard error of its logarithm.
    pub error: f64,
    /// Number of closures.
    pub closures: usize,
}

/// The corrections that closures up to a day allow, by treatment.
pub fn corrections(closures: &[Closure], until: Date) -> BTreeMap<String, Correction> {
    let mut ratios: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for closure in closures.iter().filter(|closure| closure.closed <= until) {
        let ratio = (closure.actual_hours / closure.estimated_hours).ln();
        if ratio.is_finite() {
            ratios.entry(&closure.treatment).or_default().push(ratio);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "closures are far fewer than 2^52")]
    let count = |values: &Vec<f64>| values.len() as f64;
    let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / count(values);
    let squares: f64 =
        ratios.values().map(|values| values.iter().map(|y| (y - mean(values)).powi(2)).sum::<f64>()).sum();
    let freedom: f64 = ratios.values().map(|values| count(values) - 1.0).sum();
    let variance = WITHIN.powi(2).mul_add(PRIOR_CLOSURES, squares) / (PRIOR_CLOSURES + freedom);

    let (mut weight, mut sum) = (COMPANY.powi(-2), 0.0);
    for values in ratios.values() {
        let certain = (BETWEEN.powi(2) + variance / count(values)).recip();
        weight += certain;
        sum += certain * mean(values);
    }
    let company = sum / weight;
    let correct = |values: &Vec<f64>| {
        let (own, prior) = (count(values) / variance, BETWEEN.powi(-2));
        let log = own.mul_add(mean(values), prior * company) / (own + prior);
        Correction { factor: log.exp(), error: (own + prior).recip().sqrt(), closures: values.len() }
    };
    ratios.iter().map(|(treatment, values)| ((*treatment).to_owned(), correct(values))).collect()
}

/// Corrects efforts, and says for each treatment among them how.
pub fn apply<'t>(
    treatments: impl IntoIterator<Item = &'t mut Treatment>,
    corrections: &BTreeMap<String, Correction>,
) -> Vec<String> {
    let mut said: BTreeMap<&str, String> = BTreeMap::new();
    for treatment in treatments {
        let Some((id, correction)) = corrections.get_key_value(&treatment.id) else { continue };
        let why = words(id, correction);
        treatment.uncalibrated = Some(treatment.effort.p50);
        treatment.effort.p50 *= correction.factor;
        treatment.effort.p90 *= correction.factor;
        treatment.effort_basis = Basis::Calibrated(why.clone()).into();
        said.entry(id).or_insert_with(|| format!("Efforts are calibrated: {why}."));
    }
    said.into_values().collect()
}

/// "your upgrade-minor is reckoned at 1.4 times the estimate (23 closures, give or take 12 %)".
fn words(treatment: &str, correction: &Correction) -> String {
    let Correction { factor, error, closures } = *correction;
    let noun = if closures == 1 { "closure" } else { "closures" };
    format!(
        "your {treatment} is reckoned at {factor:.1} times the estimate ({closures} {noun}, give or take {:.0} %)",
        100.0 * (error.exp() - 1.0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::random::Random;
    use crate::plan::sample;

    fn closure(treatment: &str, estimated_hours: f64, actual_hours: f64, closed: &str) -> Closure {
        Closure { treatment: treatment.to_owned(), estimated_hours, actual_hours, closed: closed.parse().unwrap() }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Worked out by hand: one treatment, two closures at e times the estimate. s² = 4·0.5625/5 = 0.45; the company's
    /// mean is 1/(0.09 + 0.225) / (4 + 1/(0.09 + 0.225)) = 0.442478; the treatment's (4.4444 + 11.1111·0.442478) / 15.5556.
    #[test]
    fn two_closures_move_the_estimate_part_of_the_way() {
        let e = std::f64::consts::E;
        let closures = [closure("a", 1.0, e, "2026-10-01"), closure("a", 2.0, 2.0 * e, "2026-10-02")];
        let found = corrections(&closures, day("2026-11-01"))["a"];
        assert!((found.factor.ln() - 0.601_770).abs() < 1e-5, "{}", found.factor.ln());
        assert!((found.error - 15.555_556_f64.recip().sqrt()).abs() < 1e-6);
        assert_eq!(found.closures, 2);
    }

    #[test]
    fn many_closures_speak_for_themselves_and_later_ones_are_not_known_yet() {
        let mut closures: Vec<_> = (0..500).map(|_| closure("a", 2.0, 3.0, "2026-10-01")).collect();
        closures.extend((0..500).map(|_| closure("a", 2.0, 20.0, "2026-12-01")));
        let found = corrections(&closures, day("2026-11-01"))["a"];
        assert!((found.factor - 1.5).abs() < 0.02, "{found:?}");
        assert_eq!(found.closures, 500);
    }

    #[test]
    fn the_basis_says_how_many_and_how_far_off() {
        let treatment = sample::treatment(2.0, 0.0, crate::model::work::TakesEffect::AtRelease, 0.0);
        let id = treatment.id.clone();
        let mut work = [sample::work("w-1", &["f-1"], vec![treatment])];
        let corrections = BTreeMap::from([(id.clone(), Correction { factor: 1.4, error: 0.113, closures: 23 })]);
        let said = apply(work.iter_mut().flat_map(|item| &mut item.treatments), &corrections);
        let expected = format!("your {id} is reckoned at 1.4 times the estimate (23 closures, give or take 12 %)");
        assert_eq!(said, [format!("Efforts are calibrated: {expected}.")]);
        let treatment = &work[0].treatments[0];
        assert_eq!(*treatment.effort_basis, Basis::Calibrated(expected));
        assert!((treatment.effort.p50 - 2.8).abs() < 1e-12 && (treatment.effort.p90 - 5.6).abs() < 1e-12);
    }

    /// Backtest on synthetic companies: what is learned from the first part of a history foretells the rest better than
    /// the rules do, and better than plain means of few closures.
    #[test]
    fn history_foretells_what_was_held_out() {
        let mut random = Random::new(20_261_101);
        let (mut by_rule, mut by_mean, mut calibrated, mut held_out) = (0.0, 0.0, 0.0, 0);
        for _ in 0..40 {
            let company = 0.5 * random.normal();
            let mut closures = Vec::new();
            let mut later = Vec::new();
            for kind in 0..6 {
                let own = company + 0.3 * random.normal();
                let known = 1 + random.below(8);
                for n in 0..known + 10 {
                    let took = 4.0 * (own + 0.75 * random.normal()).exp();
                    let closed = if n < known { "2026-09-01" } else { "2026-12-01" };
                    let list = if n < known { &mut closures } else { &mut later };
                    list.push(closure(&format!("t-{kind}"), 4.0, took, closed));
                }
            }
            let all: Vec<Closure> = closures.iter().chain(&later).cloned().collect();
            let corrections = corrections(&all, day("2026-11-01"));
            for closure in &later {
                let took = (closure.actual_hours / closure.estimated_hours).ln();
                let own: Vec<f64> = closures
                    .iter()
                    .filter(|c| c.treatment == closure.treatment)
                    .map(|c| (c.actual_hours / c.estimated_hours).ln())
                    .collect();
                #[expect(clippy::cast_precision_loss, reason = "a few closures")]
                let mean = own.iter().sum::<f64>() / own.len() as f64;
                by_rule += took.powi(2);
                by_mean += (took - mean).powi(2);
                calibrated += (took - corrections[&closure.treatment].factor.ln()).powi(2);
                held_out += 1;
            }
        }
        let error = |sum: f64| (sum / f64::from(held_out)).sqrt();
        println!(
            "root mean square log error of {held_out} held-out closures: rules {:.3}, own means {:.3}, calibrated {:.3}",
            error(by_rule),
            error(by_mean),
            error(calibrated)
        );
        assert!(error(calibrated) < 0.92 * error(by_rule));
        assert!(error(calibrated) < 0.98 * error(by_mean));
        // Nothing can foretell better than the spread of single closures, 0.75.
        assert!(error(calibrated) < 0.85);
    }
}
