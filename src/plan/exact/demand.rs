//! What the agreement asks for at a moment, and the hours that it takes at least.

use crate::plan::problem::Problem;

/// Items that have to be in effect at a moment, as bits over the solver's items.
#[derive(Debug, Default)]
pub struct Demand {
    /// Each of them.
    pub forced: u64,
    /// So many findings of each list.
    enough: Vec<Enough>,
    /// Hours of the shortest treatment of each item.
    shortest: Vec<f64>,
}

/// So many findings have to be treated, whichever.
#[derive(Debug)]
struct Enough {
    findings: u32,
    /// Bit and number of findings of each item that is not forced, fewest hours a finding first.
    counts: Vec<(usize, u32)>,
    /// Number of findings of the items that are forced is already taken off; these are those that are.
    forced: u32,
}

impl Demand {
    /// The demand of rows that may leave open so many findings each (`None`: any number), and of items for a reason of their
    /// own.
    pub fn new(problem: &Problem, items: &[usize], allowed: &[Option<u32>], mut forced: u64) -> Self {
        let shortest: Vec<f64> = items
            .iter()
            .map(|&item| problem.items[item].choices.iter().map(|choice| choice.hours).fold(f64::INFINITY, f64::min))
            .collect();
        let counts = |row: usize| {
            items.iter().enumerate().flat_map(move |(i, &item)| {
                problem.items[item].rows.iter().filter(move |(r, _)| *r == row).map(move |&(_, count)| (i, count))
            })
        };
        // What nothing can be done about stays open in any case.
        let treatable = |row: usize| counts(row).map(|(_, count)| count).sum::<u32>();
        let limits: Vec<(usize, u32)> = allowed
            .iter()
            .enumerate()
            .filter_map(|(row, allowed)| {
                let fixed = problem.rows[row].total.saturating_sub(treatable(row));
                Some((row, (*allowed)?.saturating_sub(fixed)))
            })
            .collect();
        for &(row, limit) in &limits {
            forced |= counts(row).filter(|&(_, count)| count > limit).fold(0, |mask, (i, _)| mask | 1 << i);
        }
        let mut enough = Vec::new();
        for &(row, limit) in &limits {
            let findings = treatable(row).saturating_sub(limit);
            let by_force: u32 = counts(row).filter(|(i, _)| forced & 1 << i != 0).map(|(_, count)| count).sum();
            if findings > by_force {
                let mut counts: Vec<(usize, u32)> = counts(row).filter(|(i, _)| forced & 1 << i == 0).collect();
                let rate = |&(i, count): &(usize, u32)| shortest[i] / f64::from(count);
                counts.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
                enough.push(Enough { findings, counts, forced: by_force });
            }
        }
        Self { forced, enough, shortest }
    }

    /// Hours that it takes at least beside those of the items in `taken`.
    pub fn hours(&self, taken: u64) -> f64 {
        let missing = self.forced & !taken;
        let forced: f64 =
            self.shortest.iter().enumerate().filter(|(i, _)| missing & 1 << i != 0).map(|(_, hours)| hours).sum();
        forced + self.enough.iter().map(|enough| enough.hours(taken, &self.shortest)).fold(0.0, f64::max)
    }
}

impl Enough {
    /// The least hours, were items divisible.
    fn hours(&self, taken: u64, shortest: &[f64]) -> f64 {
        let is_taken = |i: usize| taken & 1 << i != 0;
        let by_choice: u32 = self.counts.iter().filter(|(i, _)| is_taken(*i)).map(|(_, count)| count).sum();
        let mut missing = self.findings.saturating_sub(self.forced + by_choice);
        let mut hours = 0.0;
        for &(i, count) in self.counts.iter().filter(|(i, _)| !is_taken(*i)) {
            if missing == 0 {
                break;
            }
            let part = count.min(missing);
            hours += shortest[i] * f64::from(part) / f64::from(count);
            missing -= part;
        }
        hours
    }
}
