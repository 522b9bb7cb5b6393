//! The same for many things: on all processors where they are so many that this pays, and in their order in any case, so
//! that nothing depends on how many processors there are.

use rayon::prelude::*;

/// From so many things on it pays to begin threads.
const MANY: usize = 2_000;

/// What becomes of each thing, in the order of the things.
pub fn map<T: Send, U: Send>(things: Vec<T>, each: impl Fn(T) -> U + Send + Sync) -> Vec<U> {
    if things.len() < MANY {
        things.into_iter().map(each).collect()
    } else {
        things.into_par_iter().map(each).collect()
    }
}

/// What comes of two tasks of so many things together.
pub fn both<A: Send, B: Send>(
    things: usize,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    if things < MANY { (first(), second()) } else { rayon::join(first, second) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_come_in_their_order() {
        for number in [0, 1, MANY - 1, MANY, 3 * MANY] {
            let doubled = map((0..number).collect(), |thing| 2 * thing);
            assert!(doubled.len() == number && doubled.iter().enumerate().all(|(at, twice)| *twice == 2 * at));
            assert_eq!(both(number, || number, || "second"), (number, "second"));
        }
    }
}
