//! Sets of things of which some are alike: of those it counts how many are in a set, not which.

/// Largest number of sets that are looked at one by one.
const MOST: usize = 1 << 18;

/// The sets of a list of things, numbered so that a set comes after every part of it. The empty one is 0.
///
/// Things that are alike stand next to each other, and the first of them are in a set before the others are.
#[derive(Debug)]
pub struct Sets {
    groups: Vec<Group>,
    /// What each thing adds to the number of a set.
    weights: Vec<usize>,
    count: usize,
}

/// Things that are alike.
#[derive(Debug)]
struct Group {
    first: usize,
    size: usize,
    weight: usize,
}

impl Group {
    /// How many of them are in a set.
    fn taken(&self, set: usize) -> usize {
        set / self.weight % (self.size + 1)
    }
}

impl Sets {
    /// The sets of so many things, given whether a thing is like the one before it; `None` if they are too many.
    pub fn new(things: usize, is_like_previous: impl Fn(usize) -> bool) -> Option<Self> {
        let mut sets = Self { groups: Vec::new(), weights: Vec::with_capacity(things), count: 1 };
        for thing in 0..things {
            let previous = sets.groups.last_mut().filter(|_| is_like_previous(thing));
            if let Some(group) = previous {
                sets.count = sets.count / (group.size + 1) * (group.size + 2);
                group.size += 1;
            } else {
                sets.groups.push(Group { first: thing, size: 1, weight: sets.count });
                sets.count *= 2;
            }
            let weight = sets.groups.last().map_or(0, |group| group.weight);
            sets.weights.push(weight);
            if sets.count > MOST {
                return None;
            }
        }
        Some(sets)
    }

    /// How many there are; the last is the set of everything.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// A set with one thing more.
    pub fn with(&self, set: usize, thing: usize) -> usize {
        set + self.weights[thing]
    }

    /// A set without one of its things.
    pub fn without(&self, set: usize, thing: usize) -> usize {
        set - self.weights[thing]
    }

    /// What is in a set.
    pub fn members(&self, set: usize) -> impl Iterator<Item = usize> {
        self.groups.iter().flat_map(move |group| group.first..group.first + group.taken(set))
    }

    /// What is not in a set.
    pub fn others(&self, set: usize) -> impl Iterator<Item = usize> {
        self.groups.iter().flat_map(move |group| group.first + group.taken(set)..group.first + group.size)
    }

    /// What a set may be left by: one thing of each kind in it.
    pub fn last(&self, set: usize) -> impl Iterator<Item = usize> {
        self.groups.iter().filter_map(move |group| Some(group.first + group.taken(set).checked_sub(1)?))
    }

    /// What a set may be joined by: one thing of each kind that is not all in it.
    pub fn next(&self, set: usize) -> impl Iterator<Item = usize> {
        self.groups.iter().filter_map(move |group| {
            let taken = group.taken(set);
            (taken < group.size).then_some(group.first + taken)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_things_that_are_alike_only_the_number_counts() {
        // One, three that are alike, and two that are.
        let sets = Sets::new(6, |thing| [2, 3, 5].contains(&thing)).unwrap();
        assert_eq!(sets.count(), 2 * 4 * 3);
        let mut seen = std::collections::BTreeSet::new();
        for set in 0..sets.count() {
            let members: Vec<usize> = sets.members(set).collect();
            let others: Vec<usize> = sets.others(set).collect();
            assert_eq!(members.len() + others.len(), 6);
            assert!(members.iter().all(|thing| !others.contains(thing)));
            assert_eq!(members.iter().fold(0, |set, &thing| sets.with(set, thing)), set);
            for thing in sets.last(set) {
                let part = sets.without(set, thing);
                assert!(part < set && sets.next(part).any(|next| next == thing), "{set} {thing}");
            }
            assert!(sets.next(set).all(|thing| sets.with(set, thing) > set && sets.with(set, thing) < sets.count()));
            assert!(seen.insert(members));
        }
        let all: Vec<usize> = sets.members(sets.count() - 1).collect();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
        assert_eq!(sets.last(sets.count() - 1).collect::<Vec<_>>(), [0, 3, 5]);
        assert_eq!(sets.next(0).collect::<Vec<_>>(), [0, 1, 4]);
    }

    #[test]
    fn too_many_sets_are_none() {
        assert_eq!(Sets::new(18, |_| false).map(|sets| sets.count()), Some(1 << 18));
        assert!(Sets::new(19, |_| false).is_none());
        assert_eq!(Sets::new(0, |_| false).map(|sets| sets.count()), Some(1));
        assert_eq!(Sets::new(64, |thing| thing > 0).map(|sets| sets.count()), Some(65));
    }
}
