//! Stated and recomputed figures, side by side.

use std::fmt;

/// Largest relative difference that rounding explains: figures are published with ten significant digits.
const RELATIVE: f64 = 1e-6;

/// Largest difference that rounding explains in a figure near zero.
const ABSOLUTE: f64 = 1e-9;

/// Whether two figures are the same but for rounding.
pub fn agree(a: f64, b: f64) -> bool {
    (a - b).abs() <= ABSOLUTE.max(RELATIVE * a.abs().max(b.abs()))
}

/// What was compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many figures.
    pub compared: usize,
    /// Where they differ, in the order of the brief.
    pub disagreements: Vec<Disagreement>,
}

/// A figure that the brief states and that its own parts do not give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Which figure.
    pub what: String,
    /// What the brief states.
    pub stated: String,
    /// What its parts give.
    pub recomputed: String,
}

impl Comparison {
    /// Compares one figure; `None` is a figure that is not there.
    pub(super) fn figure(&mut self, what: &str, stated: Option<f64>, recomputed: Option<f64>) {
        self.compared += 1;
        let same = match (stated, recomputed) {
            (Some(a), Some(b)) => agree(a, b),
            (None, None) => true,
            _ => false,
        };
        if !same {
            let words = |figure: Option<f64>| figure.map_or_else(|| "none".to_owned(), |figure| figure.to_string());
            self.disagreements.push(Disagreement {
                what: what.to_owned(),
                stated: words(stated),
                recomputed: words(recomputed),
            });
        }
    }

    /// Notes something other than a figure that does not agree.
    pub(super) fn text(&mut self, what: &str, stated: &str, recomputed: &str) {
        self.compared += 1;
        let or_none = |text: &str| if text.is_empty() { "none" } else { text }.to_owned();
        self.disagreements.push(Disagreement {
            what: what.to_owned(),
            stated: or_none(stated),
            recomputed: or_none(recomputed),
        });
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the brief states {}, its parts give {}", self.what, self.stated, self.recomputed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_agrees_and_a_changed_figure_does_not() {
        assert!(agree(90.952_680_01, 90.952_680_014_3));
        assert!(agree(0.0, 1e-10));
        assert!(!agree(90.952_68, 90.953));
        assert!(!agree(0.0, 1e-6));
        let mut comparison = Comparison::default();
        comparison.figure("score", Some(91.0), Some(91.0));
        comparison.figure("day", Some(1.0), None);
        assert_eq!((comparison.compared, comparison.disagreements.len()), (2, 1));
        assert_eq!(comparison.disagreements[0].to_string(), "day: the brief states 1, its parts give none");
    }
}
