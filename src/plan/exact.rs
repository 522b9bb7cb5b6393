//! The best plan for an objective, proven: branch and bound over what stands before the marker, then dynamic
//! programming over sets of treated items.
//!
//! A plan is a set of items before the marker, each with a choice and in an order, then the marker, then another such
//! set. The ship day is cut into intervals, and in each of them ([`branch`]) every item is decided to stand before the marker
//! with one of its choices, or not to; a branch is left where its best imaginable end is no better than the best plan known.
//! Search provides the first plan known, and often the best.
//!
//! What an order of the first set settles is little: the moment at which all of it is ready (and with it the ship
//! day) and what its at-once treatments of ambient findings save on the way. Of two orders of the same choices that
//! are ready at the same moment, the one that saves less and meets no more dates can be dropped ([`label::Before`]). Once the ship
//! day is known, all that counts about the items done after the marker is which ones they are, how many hours they
//! took, what they saved, and which rows and dates they met: of two beginnings with the same items, one that is no
//! better in any of these can be dropped ([`label::After`]), and so can one whose best imaginable end is no better than
//! the best plan known: every remaining item alone, next in the queue, by whichever treatment is best in each respect; and
//! all of them together no better than the relaxation of [`bound`](super::bound) allows.
//!
//! That the key never gets better when a figure gets worse makes these arguments sound. [`completion`] bounds the work in case
//! too little can be dropped, so that a large problem costs a moment and not a morning.

mod branch;
mod completion;
mod demand;
mod label;
mod sets;

use super::bound::Relaxation;
use super::evaluate::{Evaluator, Solved};
use super::objective::Objective;
use super::problem::Problem;
use completion::Search;

/// Largest number of items: sets of them are numbers.
pub const ITEMS: usize = 64;

/// Whether the problem is small enough to be tried.
pub const fn fits(candidates: &[usize]) -> bool {
    candidates.len() <= ITEMS
}

/// The best plan that treats only `candidates` (indices of items), given a good one; `None` if proving it takes too much
/// work.
pub fn best(problem: &Problem, candidates: &[usize], objective: &Objective, known: &Solved) -> Option<Solved> {
    if !fits(candidates) {
        return None;
    }
    let order = branch::order(problem, candidates);
    let relaxation = Relaxation::new(problem, &order);
    let mut search = Search::new(problem, &order, objective, &relaxation, &known.1);
    branch::look_through(&mut search)?;
    // The figures of the winner are those of the evaluator, so that nothing rests on a second way of adding up.
    let found = search.found.and_then(|queue| Evaluator::new(problem).measure(&queue).map(|measure| (queue, measure)));
    Some(found.unwrap_or_else(|| known.clone()))
}
