//! Small reports for the tests of this stage.

use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::digest::Digest;
use crate::model::identifier::Identifier;
use crate::model::location::{Endpoint, Location};
use crate::model::report::{Observation, Report, Scan, Suppression};

/// A complete report of one tool; its kinds are those of what it saw.
pub fn report(tool: &str, observations: Vec<Observation>) -> Report {
    let (suppressed, observations): (Vec<_>, Vec<_>) =
        observations.into_iter().map(Box::new).partition(|observation| observation.suppression.is_some());
    let kinds = observations.iter().chain(&suppressed).filter_map(|seen| seen.category).collect();
    Report {
        path: format!("{tool}.json"),
        format: Some("sample".into()),
        sha256: Digest::of(tool.as_bytes()),
        scan: Scan { tool: tool.to_owned(), kinds, ..Scan::default() },
        observations,
        suppressed,
        statements: Vec::new(),
        unread: 0,
        problems: Vec::new(),
    }
}

/// A vulnerability of a package.
pub fn vulnerable(names: &[&str], ecosystem: &str, name: &str, version: &str) -> Observation {
    Observation {
        rule: names[0].to_owned(),
        category: Some(Category::Dependency),
        title: format!("{} in {name}", names[0]),
        identifiers: names.iter().filter_map(|name| Identifier::parse(name)).collect(),
        component: Some(Component {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            ..Component::default()
        }),
        ..Observation::default()
    }
}

/// A weakness at a place in a file.
pub fn weak(rule: &str, cwe: &[u32], path: &str, line: u32, snippet: &str) -> Observation {
    Observation {
        rule: rule.to_owned(),
        category: Some(Category::Code),
        title: format!("Weakness {rule}"),
        cwe: cwe.to_vec(),
        locations: vec![Location {
            path: path.to_owned(),
            line: (line > 0).then_some(line),
            end_line: None,
            snippet: (!snippet.is_empty()).then(|| snippet.to_owned()),
        }],
        ..Observation::default()
    }
}

/// A weakness of a running system.
pub fn reachable(rule: &str, cwe: u32, url: &str, parameter: Option<&str>) -> Observation {
    Observation {
        rule: rule.to_owned(),
        category: Some(Category::Runtime),
        title: format!("Weakness {rule}"),
        cwe: vec![cwe],
        endpoint: Some(Endpoint {
            url: url.to_owned(),
            method: Some("GET".to_owned()),
            parameter: parameter.map(str::to_owned),
        }),
        ..Observation::default()
    }
}

/// The same, told not to count.
pub fn suppressed(observation: Observation) -> Observation {
    let suppression = Some(Suppression { kind: "vex".to_owned(), reason: "not affected".to_owned() });
    Observation { suppression, ..observation }
}
