//! Ids of findings: stable names made from what a problem is, never from a line number.
//!
//! An id is `f-` and twelve hexadecimal digits of the SHA-256 digest of a canonical text. The text begins with a
//! version, so that a later way of writing it cannot be mistaken for this one. What is needed only to tell two
//! problems of the same text apart (the ecosystem of a package, the host of an address) enters the text of these two
//! alone: so a finding keeps its id when a report in another format leaves that fact out.

use std::collections::{HashMap, HashSet};

use crate::model::digest::Digest;

use super::group::Group;

/// Version of the canonical text.
const VERSION: &str = "detente-finding-1";

/// A canonical text from its parts. Parts are joined by a character that is taken out of the parts themselves.
pub fn text(parts: &[&str]) -> String {
    let mut text = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push('\u{1f}');
        }
        if part.contains('\u{1f}') {
            text.push_str(&part.replace('\u{1f}', " "));
        } else {
            text.push_str(part);
        }
    }
    text
}

/// Whether a text is only the how-manieth of alike places in a file: that of a secret, or of a place that nothing is known
/// of but its rule. Under such a name another problem can stand at another time.
pub fn rests_on_count(text: &str) -> bool {
    let parts: Vec<&str> = match text {
        _ if text.starts_with("place\u{1f}") || text.starts_with("secret\u{1f}") => text.split('\u{1f}').collect(),
        _ => return false,
    };
    match parts.as_slice() {
        ["place", _, _, context, _] => context.is_empty(),
        // In the place of the count may be the digest, by which the very secret is recognised.
        ["secret", _, count] => count.parse::<usize>().is_ok(),
        _ => false,
    }
}

/// An id for each group, all different, in the order of the groups.
pub fn ids(groups: &[Group<'_>]) -> Vec<String> {
    let mut namesakes: HashMap<&str, usize> = HashMap::with_capacity(groups.len());
    for group in groups {
        *namesakes.entry(&group.name).or_default() += 1;
    }
    let distinction =
        |index: usize| if namesakes[&*groups[index].name] == 1 { "" } else { groups[index].distinction.as_str() };
    let named = |index: usize, attempt: usize| id(&groups[index].name, distinction(index), attempt);
    let mut ids: Vec<String> = (0..groups.len()).map(|index| named(index, 0)).collect();
    // Equal texts with equal distinctions, and equal beginnings of digests, are told apart by a number: the order of the
    // texts decides, not that of the reports.
    let mut holders: HashMap<&str, usize> = HashMap::with_capacity(ids.len());
    for id in &ids {
        *holders.entry(id).or_default() += 1;
    }
    let mut equals: Vec<usize> = (0..ids.len()).filter(|&index| holders[&*ids[index]] > 1).collect();
    if !equals.is_empty() {
        let key = |index: usize| (&*groups[index].name, distinction(index), index);
        equals.sort_by(|a, b| key(*a).cmp(&key(*b)));
        let mut taken: HashSet<String> = ids.iter().cloned().collect();
        let mut held: HashSet<String> = HashSet::new();
        for index in equals {
            let mut attempt = 0;
            // The first of them keeps the id, the others look for one that nobody has.
            while !held.insert(ids[index].clone()) {
                attempt += 1;
                let other = named(index, attempt);
                if taken.insert(other.clone()) {
                    ids[index] = other;
                }
            }
        }
    }
    ids
}

fn id(text: &str, distinction: &str, attempt: usize) -> String {
    let mut whole = String::with_capacity(VERSION.len() + text.len() + 1);
    whole.push_str(VERSION);
    whole.push('\u{1f}');
    whole.push_str(text);
    if !distinction.is_empty() {
        whole.push_str("\u{1f}distinct\u{1f}");
        whole.push_str(distinction);
    }
    if attempt > 0 {
        whole.push_str("\u{1f}again\u{1f}");
        whole.push_str(&attempt.to_string());
    }
    format!("f-{}", Digest::of(whole.as_bytes()).short())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ids_of(named: &[(&str, &str)]) -> Vec<String> {
        let group =
            |(name, distinction): &(&str, &str)| Group::new(Vec::new(), (*name).to_owned(), (*distinction).to_owned());
        ids(&named.iter().map(group).collect::<Vec<_>>())
    }

    #[test]
    fn equals_have_ids_of_their_own_whatever_their_order() {
        let mut named = [("a", "x"), ("b", "x"), ("a", "x"), ("a", "y"), ("a", "x")];
        let set = |named: &[(&str, &str)]| ids_of(named).into_iter().collect::<BTreeSet<_>>();
        let first = set(&named);
        assert_eq!(first.len(), named.len());
        named.reverse();
        assert_eq!(set(&named), first);
        // The first of equals has the id that it has alone among its namesakes.
        assert!(first.is_superset(&set(&[("a", "x"), ("a", "y")])));
    }

    #[test]
    fn what_tells_namesakes_apart_is_in_no_other_id() {
        assert_eq!(ids_of(&[("a", "x"), ("b", "")]), ids_of(&[("a", "y"), ("b", "z")]));
        assert_ne!(ids_of(&[("a", "x"), ("a", "y")])[0], ids_of(&[("a", "x")])[0]);
    }
}
