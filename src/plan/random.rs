//! Random numbers that are the same everywhere: `SplitMix64` (Steele, Lea, Flood 2014), small, fast, and good enough to pick
//! moves and to draw figures. Anyone can write it in three lines, so that what was drawn can be drawn again.

/// From one state to the next: the odd number nearest to 2⁶⁴ divided by the golden ratio.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// A sequence that its seed determines.
pub struct Random(u64);

impl Random {
    /// The sequence of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Passes over so many numbers.
    pub const fn skip(&mut self, numbers: u64) {
        self.0 = self.0.wrapping_add(GAMMA.wrapping_mul(numbers));
    }

    /// A number from 0 to `n` − 1; 0 if there is none.
    pub fn below(&mut self, n: usize) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is below a usize")]
        let picked = (self.next() % n.max(1) as u64) as usize;
        picked
    }

    /// A number from 0 up to, but not including, 1: the upper 53 bits of the next number, times 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let bits = (self.next() >> 11) as f64;
        bits * (-53.0_f64).exp2()
    }

    /// A standard normal number, from two units by Box and Muller's transform: √(−2 ln(1 − u₁)) · cos(2π u₂).
    pub fn normal(&mut self) -> f64 {
        let (first, second) = (self.unit(), self.unit());
        (-2.0 * (1.0 - first).ln()).sqrt() * (std::f64::consts::TAU * second).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // First outputs of the authors' C code for seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
        // What is passed over is as if it had been drawn.
        let mut other = Random::new(1_234_567);
        other.skip(2);
        assert_eq!(other.next(), random.next());
    }

    #[test]
    fn normal_numbers_have_mean_0_and_deviation_1() {
        let mut random = Random::new(7);
        let drawn: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
