//! The built-in profiles are appetite files: the stage that reads those must accept them as they are.

use detente::appetite;
use detente::model::appetite::{AgreementState, IfUnknown, Level, OptionName};
use detente::model::category::Category;
use detente::model::severity::Severity;
use detente::model::verdict::Verdict;
use detente::rules;

#[test]
fn every_profile_is_an_appetite_that_nobody_agreed() {
    let rules = rules::load(&[]).unwrap();
    let tables: Vec<&str> = rules.timelines.keys().map(String::as_str).collect();
    for name in rules::profiles() {
        let text = rules::profile(name).unwrap();
        let appetite = appetite::read(text.as_bytes(), name).unwrap_or_else(|error| panic!("{}", error.render(false)));
        appetite::check_timelines(text.as_bytes(), &appetite, &tables).unwrap();
        assert_eq!(appetite.agreement.state, AgreementState::Unsigned, "{name}");
        assert!(appetite.agreed.is_none() && !appetite.binds(), "{name}");
        assert!(appetite.coverage.require.is_empty(), "{name}");
        assert_eq!(appetite.assumed_severity.len(), Category::ALL.len(), "{name}");
        assert_eq!(appetite.assumed_severity[&Category::Malware], Severity::Critical, "{name}");
        assert_eq!(appetite.levels.len(), Category::ALL.len(), "{name}");
        let level = Level::ALL.into_iter().find(|level| level.as_str() == name).unwrap();
        assert_eq!(appetite.levels[&Category::Code], level, "{name}");
        let row = appetite.tolerance.iter().find(|row| row.id == "known-exploited").unwrap();
        assert_eq!((row.if_unknown, row.tolerance, row.before_ship), (IfUnknown::Skip, Some(0), true), "{name}");
        for verdict in [Verdict::WithinTolerance, Verdict::BeyondTolerance] {
            for option in OptionName::ALL {
                let approvers = appetite.approvers(verdict, option);
                assert!(!approvers.is_empty(), "{name}: nobody may approve {}", option.as_str());
                let named = |role: &String| role == "anyone" || appetite.roles.contains_key(role);
                assert!(approvers.iter().all(named), "{name}: {approvers:?}");
            }
        }
    }
}

#[test]
fn a_more_careful_profile_never_allows_more() {
    let limits = |name: &str| {
        let appetite = appetite::read(rules::profile(name).unwrap().as_bytes(), name).unwrap();
        let rows = appetite.tolerance.into_iter();
        rows.map(|row| (row.id, (row.appetite, row.tolerance.unwrap_or(u64::MAX)))).collect::<Vec<_>>()
    };
    for pair in Level::ALL.windows(2) {
        let (careful, bold) = (limits(pair[0].as_str()), limits(pair[1].as_str()));
        for (id, (appetite, tolerance)) in bold {
            let stricter = careful.iter().find(|(careful, _)| *careful == id).map(|(_, limits)| *limits).unwrap();
            assert!(stricter.0 <= appetite && stricter.1 <= tolerance, "{} {id}", pair[0].as_str());
        }
    }
}
