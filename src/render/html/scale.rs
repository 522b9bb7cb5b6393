//! From figures to places in a drawing, in percent of its width: no script, and any width fits.

/// A linear scale.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// From edge to edge.
    pub fn new(from: f64, to: f64) -> Self {
        Self::within(from, to, 0.0, 100.0)
    }

    /// From `start` to `end`, in percent.
    pub fn within(from: f64, to: f64, start: f64, end: f64) -> Self {
        let to = if to > from { to } else { from + 1.0 };
        Self { from, to, start, end }
    }

    /// Where a figure stands; at the nearer edge if it is out of range.
    pub fn at(&self, value: f64) -> f64 {
        let share = ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        share.mul_add(self.end - self.start, self.start)
    }

    /// The same as an attribute.
    pub fn x(&self, value: f64) -> String {
        percent(self.at(value))
    }

    /// The distance between two figures as an attribute, at least `least` percent.
    pub fn width(&self, from: f64, to: f64, least: f64) -> String {
        percent((self.at(to) - self.at(from)).max(least))
    }

    /// Whether a figure is in range.
    pub fn holds(&self, value: f64) -> bool {
        (self.from..=self.to).contains(&value)
    }
}

/// A length in percent, short.
pub fn percent(value: f64) -> String {
    format!("{}%", short(value))
}

/// A length with at most two decimals.
pub fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_between_the_edges() {
        let scale = Scale::within(10.0, 20.0, 10.0, 90.0);
        assert_eq!(scale.x(10.0), "10%");
        assert_eq!(scale.x(15.0), "50%");
        assert_eq!(scale.x(99.0), "90%", "at the edge, never outside");
        assert_eq!(scale.width(15.0, 15.0, 0.5), "0.5%", "a moment can be seen");
        assert_eq!(Scale::new(3.0, 3.0).x(3.0), "0%", "an empty range is no division by nothing");
    }
}
