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

/// The schema that editors take, as it is checked in.
const SCHEMA: &str = "schemas/appetite.schema.json";

#[test]
fn the_schema_that_is_checked_in_is_the_present_one_and_takes_every_example() {
    let now = format!("{:#}\n", appetite::schema());
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(SCHEMA);
    if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
        std::fs::write(&path, &now).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), now, "`INSTA_UPDATE=always cargo test` writes it anew");
    let validator = jsonschema::validator_for(&appetite::schema()).unwrap();
    let profiles =
        rules::profiles().into_iter().map(|name| (name.to_owned(), rules::profile(name).unwrap().to_owned()));
    let examples = ["src/commands/demo/appetite.yml", "tests/appetite/appetite.yml"].map(|path| {
        let whole = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        (path.to_owned(), std::fs::read_to_string(whole).unwrap())
    });
    for (name, text) in profiles.chain(examples) {
        let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}
