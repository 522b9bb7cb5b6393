//! Problems of a running system: rule × address × method × parameter.
//!
//! Of an address only the path and the names in its query count: values differ from scan to scan, and so does the host
//! of a test environment, which is used only to tell two hosts of one run apart. Two scanners' results are one problem
//! if host, path, method, a CWE and a named parameter agree; without a parameter a CWE says too little (every missing
//! header has the same), but the same CVEs say enough. A rule that is a mere number is one of its scanner alone.

use std::collections::{BTreeMap, BTreeSet};

use super::group::{Candidate, Group, Member, join};
use super::identity;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Address {
    host: String,
    path: String,
    method: String,
    parameter: String,
}

/// Groups observations by address.
pub fn group(members: Vec<Member<'_>>) -> Vec<Group<'_>> {
    let mut problems: BTreeMap<(Address, String, String), Vec<Member<'_>>> = BTreeMap::new();
    for member in members {
        let Some(address) = address(&member) else { continue };
        let family = family(&member);
        let is_number = family.bytes().all(|byte| byte.is_ascii_digit());
        let scanner = if is_number { member.tool().to_owned() } else { String::new() };
        problems.entry((address, family, scanner)).or_default().push(member);
    }
    let groups = problems.into_iter().map(|((address, family, scanner), members)| {
        let text = identity::text(&["address", &family, &address.path, &address.method, &address.parameter]);
        Group::new(members, text, format!("{} {scanner}", address.host).trim_end().to_owned())
    });
    join(groups.collect(), near, one_problem)
}

fn address_of(group: &Group<'_>) -> Option<Address> {
    group.members.first().and_then(address)
}

/// Whether two groups are at the same address and parameter.
fn near(earlier: &Group<'_>, later: &Group<'_>) -> bool {
    matches!((address_of(earlier), address_of(later)), (Some(a), Some(b)) if a == b)
}

fn one_problem<'a>(earlier: &Candidate<'a>, later: &Candidate<'a>) -> bool {
    let has_parameter = address_of(&earlier.group).is_some_and(|address| !address.parameter.is_empty());
    (has_parameter && earlier.may_be(later))
        || (!earlier.cves().is_empty() && earlier.cves() == later.cves() && earlier.reports_differ(later))
}

fn family(member: &Member<'_>) -> String {
    let observation = member.observation;
    let rule = observation.rule.trim().to_lowercase();
    match (rule.is_empty(), observation.cwe.iter().min()) {
        (false, _) => rule,
        (true, Some(number)) => format!("cwe-{number}"),
        (true, None) => observation.title.trim().to_lowercase(),
    }
}

fn address(member: &Member<'_>) -> Option<Address> {
    let endpoint = member.observation.endpoint.as_ref()?;
    let url = endpoint.url.trim();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or(rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = match place.find('/') {
        _ if url.starts_with('/') => ("", place),
        Some(at) => place.split_at(at),
        None => (place, ""),
    };
    let names: BTreeSet<&str> =
        query.split('&').map(|pair| pair.split('=').next().unwrap_or(pair)).filter(|name| !name.is_empty()).collect();
    let mut path = path.trim_end_matches('/').to_owned();
    for (index, name) in names.into_iter().enumerate() {
        path.push(if index == 0 { '?' } else { '&' });
        path.push_str(name);
    }
    Some(Address {
        host: host.to_lowercase(),
        path,
        method: endpoint.method.as_deref().unwrap_or_default().to_uppercase(),
        parameter: endpoint.parameter.as_deref().unwrap_or_default().trim().to_owned(),
    })
}
