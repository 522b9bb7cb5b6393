//! The classes of values of a fact that a condition can tell apart: what to try when the fact is unknown, and what to
//! remember an outcome by when it is known.

use super::super::facts::{FACTS, Fact, FactKind};

/// A fact of which a condition can only tell finitely many classes of values apart.
#[derive(Debug)]
pub(super) struct Axis {
    /// Index into [`FACTS`].
    pub(super) fact: usize,
    /// One value of each class that is possible: together they stand for every value that the fact can have.
    pub(super) values: Vec<Fact<'static>>,
    /// For a figure: the numbers with which it is compared, ascending.
    breaks: Vec<f64>,
}

impl Axis {
    /// The classes of a fact, given the numbers with which the condition compares it; `None` for free text and
    /// lists, which have no such classes and are never unknown.
    pub(super) fn of(fact: usize, mut breaks: Vec<f64>) -> Option<Self> {
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        let values = match FACTS[fact].kind {
            FactKind::Truth => vec![Fact::Truth(false), Fact::Truth(true)],
            FactKind::Scale(scale) => scale.steps().iter().map(|&(_, step)| Fact::Step(step)).collect(),
            FactKind::Word(words) => words.iter().map(|&word| Fact::Text(word)).collect(),
            FactKind::Number { least, most } => samples(least, most, &breaks).into_iter().map(Fact::Number).collect(),
            FactKind::Text | FactKind::Texts | FactKind::Numbers => return None,
        };
        Some(Self { fact, values, breaks })
    }

    /// Number of classes that [`Self::class`] tells apart.
    pub(super) fn classes(&self) -> u64 {
        match FACTS[self.fact].kind {
            FactKind::Number { .. } => 2 * self.breaks.len() as u64 + 1,
            _ => self.values.len() as u64,
        }
    }

    /// The class of a value; `None` if it has none (a word that the vocabulary does not know).
    pub(super) fn class(&self, value: Fact<'_>) -> Option<u64> {
        if let Fact::Number(number) = value {
            // Odd classes are the break points themselves, even ones the intervals between them.
            let below = self.breaks.partition_point(|&point| point < number);
            let on = self.breaks.get(below).is_some_and(|&point| point <= number);
            return Some(2 * below as u64 + u64::from(on));
        }
        self.values.iter().position(|&known| known == value).map(|index| index as u64)
    }
}

/// One number out of each interval between the break points, and the break points, as far as they lie within
/// `least..=most`.
fn samples(least: f64, most: f64, breaks: &[f64]) -> Vec<f64> {
    let (Some(&lowest), Some(&highest)) = (breaks.first(), breaks.last()) else { return vec![least] };
    let mut samples = Vec::with_capacity(2 * breaks.len() + 1);
    if least < lowest {
        samples.push(least);
    }
    for pair in breaks.windows(2) {
        samples.extend([pair[0], f64::midpoint(pair[0], pair[1])]);
    }
    samples.push(highest);
    if highest < most {
        samples.push(most);
    }
    samples
}
