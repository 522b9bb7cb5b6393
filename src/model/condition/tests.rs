use super::super::category::Category;
use super::super::origin::Origin;
use super::super::report::Confidence;
use super::super::service::{Criticality, NetworkExposure};
use super::super::severity::Severity;
use super::*;

/// A known, critical, introduced dependency finding on an internet-facing service.
fn known() -> Facts {
    Facts {
        category: Category::Dependency,
        severity: Severity::Critical,
        cvss: Some(9.8),
        epss: Some(0.5),
        kev: Some(true),
        origin: Origin::Introduced,
        fix_available: Some(true),
        upgrade: Some("minor"),
        direct: Some(true),
        reachable: Some(true),
        verified: Some(false),
        confidence: Some(Confidence::High),
        age_days: Some(12.0),
        identifiers: vec!["CVE-2021-44228".into(), "GHSA-jfh8-c2jp-5v3q".into()],
        cwe: vec![20, 502],
        tools: vec!["trivy".into(), "grype".into()],
        rules: vec!["CVE-2021-44228".into()],
        title: "Remote code execution in log4j-core".into(),
        path: "services/checkout/pom.xml".into(),
        ecosystem: "maven".into(),
        package: "org.apache.logging.log4j:log4j-core".into(),
        ssvc: Some("immediate".into()),
        service: "checkout".into(),
        exposure: NetworkExposure::Internet,
        criticality: Criticality::Essential,
        data: vec!["cardholder".into()],
        obligations: vec![],
    }
}

fn unknown() -> Facts {
    Facts {
        severity: Severity::Unknown,
        cvss: None,
        epss: None,
        kev: None,
        origin: Origin::Unknown,
        fix_available: None,
        upgrade: None,
        direct: None,
        reachable: None,
        verified: None,
        confidence: None,
        age_days: None,
        ssvc: None,
        ..known()
    }
}

fn evaluate(text: &str, facts: &Facts) -> Truth {
    Condition::compile(text).unwrap_or_else(|error| panic!("{text}: {error}")).evaluate(facts)
}

fn refusal(text: &str) -> (String, usize) {
    let error = Condition::compile(text).expect_err(text);
    (error.message, error.offset)
}

#[test]
fn every_fact_can_be_asked_for() {
    for text in [
        r#"finding.category == "dependency""#,
        "finding.severity >= CRITICAL",
        "finding.severity in [HIGH, CRITICAL]",
        "finding.cvss >= 9 && finding.cvss < 9.9",
        "finding.epss == 0.5",
        "finding.kev",
        r#"finding.origin != "ambient""#,
        "finding.introduced && !finding.ambient && !finding.resolved",
        r#"finding.fix == "available""#,
        r#"finding.upgrade in ["patch", "minor"]"#,
        "finding.direct && finding.reachable && !finding.verified",
        "finding.confidence == HIGH && finding.confidence < CERTAIN",
        "finding.age_days > 11.5",
        r#""CVE-2021-44228" in finding.identifiers"#,
        r#"finding.identifiers.exists(id, id.startsWith("GHSA-"))"#,
        r#"finding.identifiers.filter(id, id.matches("^CVE-[0-9]+-")).size() == 1"#,
        "502 in finding.cwe && finding.cwe.all(n, n > 10) && finding.cwe.exists_one(n, n == 20)",
        "size(finding.tools) >= 2",
        r#"finding.rules == ["CVE-2021-44228"]"#,
        r#"finding.title.contains("log4j")"#,
        r#"finding.path.startsWith("services/") && finding.path.endsWith("pom.xml")"#,
        r#"finding.ecosystem == "maven" && finding.package.contains("log4j")"#,
        r#"finding.ssvc == "immediate""#,
        r#"service.name == "checkout" && service.exposure == "internet" && service.criticality == "essential""#,
        r#""cardholder" in service.data && service.obligations.size() == 0"#,
        "(finding.kev ? HIGH : CRITICAL) <= finding.severity",
    ] {
        assert_eq!(evaluate(text, &known()), Truth::True, "{text}");
        assert_eq!(evaluate(&format!("!({text})"), &known()), Truth::False, "not {text}");
    }
}

#[test]
fn an_unknown_fact_is_not_a_no() {
    let facts = Facts { kev: None, ..known() };
    assert_eq!(evaluate("finding.kev", &facts), Truth::Unknown(vec!["finding.kev"]));
    assert_eq!(evaluate("!finding.kev", &facts), Truth::Unknown(vec!["finding.kev"]));
}

#[test]
fn an_unknown_fact_that_makes_no_difference_leaves_the_outcome_known() {
    let facts = unknown();
    assert_eq!(evaluate("finding.kev || !finding.kev", &facts), Truth::True);
    assert_eq!(evaluate("finding.severity >= INFO", &facts), Truth::True);
    assert_eq!(evaluate("finding.epss < 0.1 && finding.epss > 0.9", &facts), Truth::False);
    assert_eq!(evaluate("finding.epss <= 0.4 || finding.epss > 0.4", &facts), Truth::True);
    assert_eq!(evaluate("finding.epss < 0.4 || finding.epss > 0.4", &facts), Truth::Unknown(vec!["finding.epss"]));
    let between = "finding.epss > 0.4 && finding.epss < 0.6";
    assert_eq!(evaluate(between, &facts), Truth::Unknown(vec!["finding.epss"]));
    assert_eq!(evaluate("finding.cvss >= 0.0 && finding.cvss <= 10", &facts), Truth::True);
    assert_eq!(evaluate(r#"finding.kev && service.exposure == "isolated""#, &facts), Truth::False);
    assert_eq!(evaluate(r#"finding.upgrade in ["patch", "minor", "major"]"#, &facts), Truth::True);
}

#[test]
fn a_remembered_outcome_is_that_of_the_same_facts() {
    let text = "finding.kev && finding.severity >= HIGH && finding.epss > 0.2 || finding.upgrade == \"major\"";
    let one = Condition::compile(text).unwrap();
    for kev in [None, Some(false), Some(true)] {
        for severity in Severity::ALL {
            for epss in [None, Some(0.1), Some(0.2), Some(0.3)] {
                for upgrade in [None, Some("patch"), Some("major")] {
                    let facts = Facts { severity, epss, kev, upgrade, ..known() };
                    assert_eq!(one.evaluate(&facts), evaluate(text, &facts), "{facts:?}");
                }
            }
        }
    }
}

#[test]
fn only_the_facts_that_make_the_difference_are_named() {
    let facts = Facts { kev: None, reachable: None, epss: None, ..known() };
    let text = "(finding.kev || finding.epss > 0.1) && (finding.reachable || !finding.reachable)";
    assert_eq!(evaluate(text, &facts), Truth::Unknown(vec!["finding.epss", "finding.kev"]));
}

#[test]
fn an_origin_that_cannot_be_told_counts_as_introduced() {
    let facts = unknown();
    assert_eq!(evaluate("finding.introduced && !finding.ambient && !finding.resolved", &facts), Truth::True);
    assert_eq!(evaluate(r#"finding.origin == "unknown""#, &facts), Truth::True);
}

#[test]
fn too_many_ways_to_turn_out_are_unknown_and_not_a_long_wait() {
    let text = "finding.kev || finding.severity == HIGH || finding.confidence == HIGH || finding.direct || \
                finding.reachable || finding.verified || finding.cvss > 1 || finding.epss > 0.1 || \
                finding.age_days > 1 || finding.ssvc == \"defer\" || finding.upgrade == \"major\"";
    let Truth::Unknown(names) = evaluate(text, &unknown()) else { panic!("known") };
    assert_eq!(names.len(), 11);
}

#[test]
fn refusals_name_the_place_and_the_nearest_word() {
    for (text, message, offset) in [
        (
            "finding.introduced && finding.severty >= HIGH",
            "there is no fact `finding.severty`; did you mean `finding.severity`?",
            22,
        ),
        ("severity >= HIGH", "there is no name `severity`; did you mean `finding.severity`?", 0),
        ("finding.severity >= CRITCAL", "there is no name `CRITCAL`; did you mean `CRITICAL`?", 20),
        (
            "finding.exposure == \"internet\"",
            "there is no fact `finding.exposure`; did you mean `service.exposure`?",
            0,
        ),
        (
            "finding.severity == \"high\"",
            "a severity cannot be compared with text; use INFO, LOW, MEDIUM, HIGH, CRITICAL without quotes",
            17,
        ),
        (
            "finding.severity >= CERTAIN",
            "a severity cannot be compared with a confidence; use INFO, LOW, MEDIUM, HIGH, CRITICAL without quotes",
            17,
        ),
        (
            "finding.severity > 3",
            "a severity cannot be compared with a number; use INFO, LOW, MEDIUM, HIGH, CRITICAL without quotes",
            17,
        ),
        (
            "finding.category == \"secrets\"",
            "`finding.category` is never \"secrets\"; it is one of \"dependency\", \"code\", \"secret\", \"configuration\", \"runtime\", \"container\", \"malware\", \"licence\"; did you mean \"secret\"?",
            20,
        ),
        (
            "service.exposure in [\"internet\", \"intranet\"]",
            "`service.exposure` is never \"intranet\"; it is one of \"isolated\", \"internal\", \"internet\"; did you mean \"internet\"?",
            33,
        ),
        ("finding.epss > 5", "`finding.epss` goes from 0 to 1; 5 is beyond that", 15),
        (
            "finding.epss * 100.0 > 5.0",
            "`finding.epss` can only be compared directly with a number written out, as in `finding.epss >= 0.5`",
            0,
        ),
        ("finding.kev && finding.title", "this must be true or false, and is text", 15),
        ("finding.severity", "a condition must be true or false, and this is a severity", 0),
        ("finding.epss", "a condition must be true or false, and this is a number", 0),
        ("has(finding.epss)", "`has(finding.epss)` is not needed", 4),
        ("finding.epss == null", "a fact is never null", 16),
        ("finding == 1", "`finding` by itself says nothing; name one of its facts, such as `finding.severity`", 0),
        ("finding.title.includes(\"x\")", "there is no function `includes`; there are contains,", 14),
        ("finding.title.startswith(\"x\")", "there is no function `startswith`; did you mean `startsWith`?", 14),
        ("finding.title.matches(\"(\")", "not a regular expression", 22),
        ("finding.cwe[0] == 79", "an element that may not be there cannot be picked", 11),
        ("finding.identifiers.contains(\"CVE-1\")", "`contains` works on text, and this is a list; for a list say", 0),
        ("", "the condition is empty", 0),
    ] {
        let (actual, at) = refusal(text);
        assert!(actual.starts_with(message), "{text}\n  got  {actual}\n  want {message}");
        assert_eq!(at, offset, "{text}: {actual}");
    }
}

#[test]
fn a_type_mistake_is_refused_even_where_evaluation_would_pass_over_it() {
    // CEL: `false && <error>` is false, so that a run alone would not notice.
    assert!(refusal("false && finding.title == 3").0.starts_with("text cannot be compared with a number"));
    assert!(refusal("finding.tools.exists(t, t == 3)").0.starts_with("text cannot be compared with a number"));
}

#[test]
fn what_does_not_parse_is_refused_where_it_goes_wrong() {
    for text in ["finding.kev &&", "finding.kev && (", "a b", "\"open", "finding..kev", "&"] {
        let (message, offset) = refusal(text);
        assert!(message.starts_with("not a condition in CEL: "), "{text}: {message}");
        assert!(!message.contains('\n'), "{message}");
        assert!(offset <= text.len(), "{text}: {offset}");
    }
    assert_eq!(refusal("finding.kev &&\n  && finding.direct").1, 17);
    for (text, message, offset) in [
        ("finding.kev = true", "`=` has no meaning here; two values are compared with `==`, `>=` or `<=`", 12),
        ("finding.kev true", "`true` cannot follow here", 12),
        ("(finding.kev", "expected ')'", 12),
        ("finding.kev &&", "it ends where an expression is expected", 14),
        // Places are counted in bytes, before and behind what is not ASCII.
        ("'é' == finding.package & true", "unexpected single '&', expected '&&'", 24),
    ] {
        assert_eq!(refusal(text), (format!("not a condition in CEL: {message}"), offset), "{text}");
    }
    // What can be parsed and means nothing is told where it stands as well, whatever is behind it.
    assert_eq!(refusal("'é' == finding.package && finding.kevv // why").1, 27);
}

#[test]
fn hostile_text_is_refused_and_never_a_panic() {
    for text in
        ["(".repeat(5000), "(".repeat(2000), "!".repeat(4000), "[".repeat(4000), "finding.kev||".repeat(300) + "true"]
    {
        let _ = Condition::compile(&text);
    }
    let (message, _) = refusal(&"(".repeat(5000));
    assert!(message.contains("longer than"), "{message}");
}

#[test]
fn the_facts_that_a_condition_asks_for_are_known() {
    let condition = Condition::compile("finding.kev && service.exposure == \"internet\"").unwrap();
    assert_eq!(condition.facts().collect::<Vec<_>>(), ["finding.kev", "service.exposure"]);
}

mod agrees_with_brute_force {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// Values tried for figures: fine enough to fall on, and between, every number that the conditions below use.
    fn figures(most: f64) -> Vec<Option<f64>> {
        (0..=40).map(|step| Some(f64::from(step) * most / 40.0)).collect()
    }

    /// Every way in which the unknown facts among those that the conditions use could turn out.
    fn completions(facts: &Facts) -> Vec<Facts> {
        let mut all = vec![facts.clone()];
        let truths = [Some(false), Some(true)];
        let mut widen = |of: &dyn Fn(&Facts) -> Vec<Facts>| all = all.iter().flat_map(of).collect();
        if facts.kev.is_none() {
            widen(&|f| truths.iter().map(|&kev| Facts { kev, ..f.clone() }).collect());
        }
        if facts.reachable.is_none() {
            widen(&|f| truths.iter().map(|&reachable| Facts { reachable, ..f.clone() }).collect());
        }
        if facts.severity == Severity::Unknown {
            widen(&|f| Severity::KNOWN.iter().map(|&severity| Facts { severity, ..f.clone() }).collect());
        }
        if facts.epss.is_none() {
            widen(&|f| figures(1.0).into_iter().map(|epss| Facts { epss, ..f.clone() }).collect());
        }
        if facts.upgrade.is_none() {
            let words = ["patch", "minor", "major"];
            widen(&|f| words.iter().map(|&word| Facts { upgrade: Some(word), ..f.clone() }).collect());
        }
        all
    }

    fn atom() -> impl Strategy<Value = String> {
        let compared = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
        prop_oneof![
            Just("finding.kev".to_owned()),
            Just("finding.reachable".to_owned()),
            Just("\"trivy\" in finding.tools".to_owned()),
            (compared.clone(), prop::sample::select(vec!["INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"]))
                .prop_map(|(how, step)| format!("finding.severity {how} {step}")),
            (compared.clone(), prop::sample::select(vec!["0.0", "0.1", "0.25", "0.5", "1"]))
                .prop_map(|(how, number)| format!("finding.epss {how} {number}")),
            (compared, prop::sample::select(vec!["0.1", "0.9"]))
                .prop_map(|(how, number)| format!("{number} {how} finding.epss")),
            prop::sample::select(vec!["patch", "minor", "major"]).prop_map(|w| format!("finding.upgrade == \"{w}\"")),
        ]
    }

    fn condition() -> impl Strategy<Value = String> {
        atom().prop_recursive(4, 12, 3, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
                inner.clone().prop_map(|a| format!("!({a})")),
                (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("(({a}) ? {b} : {c})")),
            ]
        })
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let truth = || prop::option::of(any::<bool>());
        let severity = prop::sample::select(Severity::ALL.to_vec());
        let epss = prop::option::of(prop::sample::select(vec![0.0, 0.1, 0.3, 0.25, 0.95, 1.0]));
        let upgrade = prop::option::of(prop::sample::select(vec!["patch", "minor", "major"]));
        (truth(), truth(), severity, epss, upgrade).prop_map(|(kev, reachable, severity, epss, upgrade)| Facts {
            severity,
            epss,
            kev,
            upgrade,
            reachable,
            ..known()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, rng_seed: RngSeed::Fixed(20_261_101), ..ProptestConfig::default() })]

        #[test]
        fn for_every_completion(text in condition(), facts in facts()) {
            let condition = Condition::compile(&text).unwrap();
            let outcomes: Vec<Truth> = completions(&facts).iter().map(|facts| condition.evaluate(facts)).collect();
            let expected = outcomes.iter().all(|outcome| *outcome == outcomes[0]).then(|| outcomes[0].clone());
            match (condition.evaluate(&facts), expected) {
                (Truth::Unknown(names), None) => prop_assert!(!names.is_empty()),
                (actual, Some(expected)) => prop_assert_eq!(actual, expected, "{}", text),
                (actual, None) => prop_assert!(false, "{} is {:?} but depends on unknown facts", text, actual),
            }
        }
    }
}
