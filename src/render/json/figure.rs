//! Figures on the wire.

/// `number` with ten significant digits, so that the same figure is the same text on every machine, and still exact
/// enough to recompute sums and differences of figures to a millionth.
pub fn figure(number: f64) -> f64 {
    // A whole number of no more digits is what it would become.
    if number.fract() == 0.0 && number.abs() < 1e10 {
        return number + 0.0;
    }
    // Through decimal text: the nearest double to the rounded decimal, whose shortest form is that decimal.
    let rounded = format!("{number:.9e}").parse().unwrap_or(number);
    // Negative zero would be written as such.
    rounded + 0.0
}

/// A figure that may be without bound; `None` then, because JSON has no infinity.
pub fn finite(number: f64) -> Option<f64> {
    number.is_finite().then(|| figure(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_stable() {
        for (number, expected) in [
            (0.1 + 0.2, "0.3"),
            (12_345.678_901_234_5, "12345.6789"),
            (1e-12 / 3.0, "3.333333333e-13"),
            (-0.0, "0.0"),
            (-7.0, "-7.0"),
            (9_999_999_999.0, "9999999999.0"),
            (99_999_999_999.0, "100000000000.0"),
            (90.0, "90.0"),
        ] {
            assert_eq!(serde_json::to_string(&figure(number)).unwrap(), expected);
        }
    }

    #[test]
    fn what_has_no_bound_has_no_figure() {
        assert_eq!(finite(f64::INFINITY), None);
        assert_eq!(finite(f64::NAN), None);
        assert_eq!(finite(2.0), Some(2.0));
    }
}
