//! Secrets that some reader computed a digest of: file × secret.
//!
//! The same secret in a file is one problem, whatever rule or scanner found it and however often it stands there. A
//! result without a digest joins the secret that another report found at that line, if there is exactly one.
//!
//! What names the problem is the file and a count. The digest is what recognises it in another run, but it never
//! enters the id: a short secret could be guessed from that.

use std::collections::{BTreeMap, HashMap};

use crate::model::category::Category;
use crate::model::digest::Digest;

use super::group::{Group, Member};
use super::identity;
use super::place::Places;

/// Groups the secrets that have a digest; everything that does not belong to one comes back.
pub fn group<'a>(members: Vec<Member<'a>>, places: &Places<'_>) -> (Vec<Group<'a>>, Vec<Member<'a>>) {
    let path = |member: &Member<'a>| {
        member
            .observation
            .locations
            .first()
            .map(|location| places.resolve(&location.path).to_owned())
            .unwrap_or_default()
    };
    let mut secrets: BTreeMap<(String, Digest), Vec<Member<'a>>> = BTreeMap::new();
    let mut plain = Vec::new();
    for member in members {
        match member.observation.secret_digest.filter(|_| member.category == Category::Secret) {
            Some(digest) => secrets.entry((path(&member), digest)).or_default().push(member),
            None => plain.push(member),
        }
    }
    let mut ordered: Vec<_> = secrets.into_iter().collect();
    ordered.sort_by_key(|((path, digest), found)| (path.clone(), found.iter().map(Member::line).min(), *digest));

    let mut at_line: HashMap<(String, u32), Option<usize>> = HashMap::new();
    for (index, ((path, _), found)) in ordered.iter().enumerate() {
        for line in found.iter().filter_map(Member::line) {
            let here = at_line.entry((path.clone(), line)).or_insert(Some(index));
            *here = here.filter(|other| *other == index);
        }
    }
    let mut rest = Vec::new();
    for member in plain {
        let place = member.line().map(|line| (path(&member), line));
        let secret = place.and_then(|place| at_line.get(&place).copied().flatten()).map(|index| &mut ordered[index].1);
        match secret {
            Some(found) if means(&member, found) => found.push(member),
            _ => rest.push(member),
        }
    }

    let mut counts: HashMap<String, usize> = HashMap::new();
    let groups = ordered.into_iter().map(|((path, digest), found)| {
        let count = counts.entry(path.clone()).or_default();
        *count += 1;
        let name = identity::text(&["secret", &path, &count.to_string()]);
        let text = identity::text(&["secret", &path, &digest.to_string()]);
        Group { texts: vec![text.into()], ..Group::new(found, name, String::new()) }
    });
    (groups.collect(), rest)
}

/// Whether a result without a digest, at a line where a secret stands, can mean that secret: it is about secrets, or
/// under the same rule (some formats do not say what kind of problem it is), and its report has not named the secret there.
fn means(member: &Member<'_>, secret: &[Member<'_>]) -> bool {
    let rule = |member: &Member<'_>| member.observation.rule.trim().to_lowercase();
    let here = || secret.iter().filter(|other| other.line() == member.line());
    let about = member.category == Category::Secret || here().any(|other| rule(other) == rule(member));
    about && !here().any(|other| other.report_rank == member.report_rank)
}
