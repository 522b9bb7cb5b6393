use std::collections::{BTreeMap, BTreeSet};

use super::sample::{reachable, report, suppressed, vulnerable, weak};
use super::*;
use crate::model::appetite::BaselineCommitment;
use crate::model::category::Category;
use crate::model::component::Fix;
use crate::model::finding::Finding;
use crate::model::report::Observation;
use crate::model::severity::Severity;

const CVE: &str = "CVE-2024-28248";
const GHSA: &str = "GHSA-68mj-9pjq-mc85";

fn inventory(reports: &[Report]) -> Inventory {
    correlate(reports, None, &Change::default())
}

fn findings(observations: Vec<(&str, Vec<Observation>)>) -> Vec<Finding> {
    let reports: Vec<Report> = observations.into_iter().map(|(tool, seen)| report(tool, seen)).collect();
    inventory(&reports).findings
}

#[test]
fn two_scanners_with_other_names_and_other_versions_see_one_problem() {
    let mut grype = vulnerable(&[GHSA, CVE], "golang", "github.com/cilium/cilium", "v1.14.5");
    grype.severity = Severity::Medium;
    let mut trivy = vulnerable(&[CVE], "golang", "github.com/cilium/cilium", "1.14.5");
    trivy.severity = Severity::High;
    if let Some(component) = &mut trivy.component {
        component.fix = Fix::in_versions(["1.14.8", "1.13.13"]);
        component.purl = Some("pkg:golang/github.com/cilium/cilium@v1.14.5".to_owned());
    }
    let merged = findings(vec![("grype", vec![grype]), ("trivy", vec![trivy])]);
    let [finding] = merged.as_slice() else { panic!("{merged:#?}") };
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(finding.sources.iter().map(|source| source.tool.as_str()).collect::<Vec<_>>(), ["grype", "trivy"]);
    assert_eq!(finding.identifiers.iter().map(ToString::to_string).collect::<Vec<_>>(), [CVE, GHSA]);
    let component = finding.component.as_ref().expect("a component");
    assert_eq!(component.fix.versions(), ["1.13.13", "1.14.8"]);
    assert!(component.purl.is_some());
}

#[test]
fn binary_packages_of_one_source_stay_apart() {
    let seen = |name| vulnerable(&["CVE-2019-1549"], "apk", name, "1.1.1c-r0");
    let merged = findings(vec![
        ("trivy", vec![seen("libcrypto1.1"), seen("libssl1.1")]),
        ("grype", vec![seen("libssl1.1"), seen("libcrypto1.1")]),
    ]);
    assert_eq!(merged.len(), 2);
    assert!(merged.iter().all(|finding| finding.sources.len() == 2));
}

#[test]
fn an_advisory_of_two_cves_hides_neither() {
    let both = || vulnerable(&[GHSA, "CVE-2024-0001", "CVE-2024-0002"], "npm", "a", "1.0.0");
    let one = || vulnerable(&["CVE-2024-0001", GHSA], "npm", "a", "1.0.0");
    let other = || vulnerable(&["CVE-2024-0002"], "npm", "a", "1.0.0");
    // Both CVEs are there on their own: the advisory is a source of each.
    let merged = findings(vec![("x", vec![both()]), ("y", vec![one(), other()])]);
    assert_eq!(merged.len(), 2);
    assert!(merged.iter().all(|finding| finding.sources.len() == 2));
    // One of them is missing: the advisory is all that tells of it, and stays.
    assert_eq!(findings(vec![("x", vec![both()]), ("y", vec![one()])]).len(), 2);
    assert_eq!(findings(vec![("x", vec![both()]), ("z", vec![both()])]).len(), 1);
}

#[test]
fn a_fact_left_out_is_filled_in_only_if_it_can_be_only_one() {
    let full = |ecosystem, version| vulnerable(&[CVE], ecosystem, "protobuf", version);
    let count = |full: Vec<Observation>, partial| findings(vec![("a", full), ("b", vec![partial])]).len();
    assert_eq!(count(vec![full("npm", "3.0.0")], full("", "3.0.0")), 1);
    assert_eq!(count(vec![full("npm", "3.0.0")], full("npm", "")), 1);
    assert_eq!(count(vec![full("npm", "3.0.0")], full("", "")), 1);
    assert_eq!(count(vec![full("npm", "3.0.0")], full("", "3.0.1")), 2);
    assert_eq!(count(vec![full("npm", "3.0.0"), full("pypi", "3.0.0")], full("", "3.0.0")), 3);
    assert_eq!(count(vec![full("npm", "3.0.0"), full("npm", "3.1.0")], full("npm", "")), 3);
    let unplaced = || Observation { component: None, ..full("", "") };
    assert_eq!(count(vec![full("npm", "3.0.0")], unplaced()), 1);
    assert_eq!(count(vec![full("npm", "3.0.0"), full("npm", "3.1.0")], unplaced()), 3);
}

#[test]
fn an_id_does_not_depend_on_which_format_leaves_the_ecosystem_out() {
    let json = findings(vec![("a", vec![vulnerable(&[CVE], "pypi", "Flask_Thing", "1.0")])]);
    let sarif = findings(vec![("a", vec![vulnerable(&[CVE], "", "flask-thing", "1.0")])]);
    assert_eq!(json[0].id, sarif[0].id);
    assert!(json[0].id.starts_with("f-") && json[0].id.len() == 14);
}

#[test]
fn two_problems_of_one_text_get_two_ids_whatever_the_order() {
    let npm = vulnerable(&[CVE], "npm", "protobuf", "3.0.0");
    let pypi = vulnerable(&[CVE], "pypi", "protobuf", "3.0.0");
    let ids = |seen: Vec<Observation>| {
        let found = findings(vec![("a", seen)]);
        found.iter().map(|f| (f.id.clone(), f.component.clone().expect("component").ecosystem)).collect::<BTreeSet<_>>()
    };
    let one_way = ids(vec![npm.clone(), pypi.clone()]);
    assert_eq!(one_way.iter().map(|(id, _)| id).collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(one_way, ids(vec![pypi, npm]));
}

#[test]
fn moving_lines_does_not_change_ids() {
    let at = |first, second, snippet: &str| {
        let found = findings(vec![(
            "semgrep",
            vec![weak("xss", &[79], "a.js", first, snippet), weak("xss", &[79], "a.js", second, snippet)],
        )]);
        found.into_iter().map(|finding| finding.id).collect::<Vec<_>>()
    };
    for snippet in ["", "  eval( x )\n"] {
        assert_eq!(at(10, 20, snippet).len(), 2);
        assert_eq!(at(10, 20, snippet), at(110, 500, snippet));
    }
    assert_eq!(at(10, 20, "eval( x )"), at(10, 20, "\teval(  x ) \n"));
    // With the code quoted, a new place above leaves the others' ids alone.
    let three = |extra: Option<Observation>| {
        let seen = [weak("xss", &[79], "a.js", 10, "eval(a)"), weak("xss", &[79], "a.js", 20, "eval(b)")];
        let found = findings(vec![("semgrep", seen.into_iter().chain(extra).collect())]);
        found.into_iter().map(|finding| finding.id).collect::<BTreeSet<_>>()
    };
    assert!(three(None).is_subset(&three(Some(weak("xss", &[79], "a.js", 5, "eval(c)")))));
}

#[test]
fn rows_of_one_report_at_one_line_stay_apart_only_if_they_differ() {
    let at = |snippet: &str| weak("xss", &[79], "a.js", 10, snippet);
    assert_eq!(findings(vec![("semgrep", vec![at("a"), at("a")])]).len(), 1);
    assert_eq!(findings(vec![("semgrep", vec![at("a"), at("b")])]).len(), 2);
    // The same scan in two formats, one of which quotes no code.
    let mut other = report("semgrep", vec![at("")]);
    other.path = "semgrep.sarif".to_owned();
    assert_eq!(inventory(&[report("semgrep", vec![at("a")]), other]).findings.len(), 1);
    // Another format leaves the line out.
    let mut vague = report("semgrep", vec![weak("xss", &[79], "a.js", 0, "")]);
    vague.path = "semgrep.sarif".to_owned();
    assert_eq!(inventory(&[report("semgrep", vec![at("a")]), vague.clone()]).findings.len(), 1);
    let elsewhere = weak("xss", &[79], "a.js", 90, "a");
    assert_eq!(inventory(&[report("semgrep", vec![at("a"), elsewhere]), vague]).findings.len(), 3);
    let resource = |name: &str| Observation { artefact: Some(name.to_owned()), ..weak("CKV_1", &[], "main.tf", 0, "") };
    assert_eq!(findings(vec![("checkov", vec![resource("bucket.a"), resource("bucket.b")])]).len(), 2);
}

#[test]
fn two_scanners_of_code_agree_only_on_file_weakness_and_place() {
    let bandit = |line| weak("B307", &[78], "a.py", line, "eval(x)");
    let count = |other: Observation| findings(vec![("bandit", vec![bandit(10)]), ("semgrep", vec![other])]).len();
    assert_eq!(count(weak("py.eval", &[95, 78], "a.py", 10, "x = eval(x)")), 1);
    assert_eq!(count(weak("py.eval", &[78], "a.py", 11, "")), 2);
    assert_eq!(count(weak("py.eval", &[79], "a.py", 10, "")), 2);
    assert_eq!(count(weak("py.eval", &[], "a.py", 10, "")), 2);
    assert_eq!(count(weak("py.eval", &[78], "b.py", 10, "")), 2);
    let mut region = weak("py.eval", &[78], "./a.py", 8, "");
    region.locations[0].end_line = Some(12);
    assert_eq!(count(region.clone()), 1);
    // One region over two places of another scanner is one of them, not both.
    let merged = findings(vec![("bandit", vec![bandit(9), bandit(10)]), ("semgrep", vec![region])]);
    assert_eq!(merged.len(), 2);
    let one_report = findings(vec![("semgrep", vec![bandit(10), weak("py.eval", &[78], "a.py", 10, "")])]);
    assert_eq!(one_report.len(), 2, "two rules of one report are two problems");
}

#[test]
fn two_scanners_of_secrets_agree_on_file_and_line() {
    let secret = |rule, line| Observation { category: Some(Category::Secret), ..weak(rule, &[], ".env", line, "") };
    let count = |line| findings(vec![("gitleaks", vec![secret("aws", 3)]), ("trufflehog", vec![secret("AWS", line)])]);
    assert_eq!(count(3).len(), 1);
    assert_eq!(count(4).len(), 1 + 1);
}

#[test]
fn a_secret_is_known_by_itself_and_not_by_its_lines() {
    let secret = |rule, line, digest: &str| Observation {
        category: Some(Category::Secret),
        secret_digest: (!digest.is_empty()).then(|| crate::model::digest::Digest::of(digest.as_bytes())),
        ..weak(rule, &[], ".env", line, &format!("key = {digest}"))
    };
    let found = findings(vec![
        ("gitleaks", vec![secret("aws", 3, "a"), secret("aws", 8, "a"), secret("aws", 3, "b")]),
        ("semgrep", vec![secret("detected-aws", 8, "a")]),
        ("trufflehog", vec![secret("AWS", 8, "")]),
    ]);
    assert_eq!(found.iter().map(|finding| finding.sources.len()).collect::<BTreeSet<_>>(), BTreeSet::from([1, 3]));
    // Two secrets stand at line 3, so which of them a result without a digest means is not known.
    assert_eq!(
        findings(vec![("a", vec![secret("aws", 3, "a"), secret("aws", 3, "b")]), ("b", vec![secret("k", 3, "")])])
            .len(),
        3
    );
    // The id tells nothing of the secret.
    let ids = |digest| findings(vec![("a", vec![secret("aws", 3, digest)])]).remove(0).id;
    assert_eq!(ids("correct horse"), ids("battery staple"));
}

#[test]
fn an_address_counts_without_values_and_host() {
    let ids = |url| findings(vec![("zap", vec![reachable("40012", 79, url, Some("q"))])]).remove(0).id;
    assert_eq!(ids("http://127.0.0.1:8080/search?q=1#top"), ids("https://shop.example/search/?q=%3Cscript%3E"));
    assert_ne!(ids("http://a/search?q=1"), ids("http://a/find?q=1"));
    assert_ne!(ids("http://a/search?q=1"), ids("http://a/search?q=1&page=2"));
    let both = findings(vec![(
        "zap",
        vec![reachable("40012", 79, "http://a/s", Some("q")), reachable("40012", 79, "http://b/s", Some("q"))],
    )]);
    assert_eq!(both.len(), 2);
    assert_ne!(both[0].id, both[1].id);
}

#[test]
fn two_scanners_of_a_running_system_need_a_parameter_to_agree() {
    let count = |parameter| {
        let zap = reachable("10038", 693, "http://a/", parameter);
        findings(vec![("zap", vec![zap]), ("wapiti", vec![reachable("csp", 693, "http://a/", parameter)])]).len()
    };
    assert_eq!(count(Some("q")), 1);
    assert_eq!(count(None), 2);
}

#[test]
fn what_one_scanner_holds_open_stays_open() {
    let seen = || vulnerable(&[CVE], "npm", "a", "1.0.0");
    let told = report("grype", vec![suppressed(seen())]);
    let both = inventory(&[told.clone(), report("trivy", vec![seen()])]);
    assert_eq!((both.findings.len(), both.suppressed.len()), (1, 0));
    assert_eq!(both.findings[0].sources.len(), 2);
    let alone = inventory(&[told]);
    assert_eq!((alone.findings.len(), alone.suppressed.len()), (0, 1));
    assert_eq!((alone.suppressed[0].kind.as_str(), alone.suppressed[0].reason.as_str()), ("vex", "not affected"));
    assert_eq!(alone.suppressed[0].finding.id, both.findings[0].id);
}

#[test]
fn the_order_of_reports_makes_no_difference() {
    let mut reports = vec![
        report(
            "trivy",
            vec![vulnerable(&[CVE, "X-1"], "npm", "a", "1.0.0"), vulnerable(&["CVE-2020-0001"], "", "b", "2")],
        ),
        report("grype", vec![vulnerable(&[GHSA, CVE], "npm", "a", "v1.0.0"), vulnerable(&[GHSA], "npm", "a", "")]),
        report("bandit", vec![weak("B307", &[78], "a.py", 10, "eval(x)"), weak("B307", &[78], "a.py", 9, "eval(x)")]),
        report("semgrep", vec![weak("py.eval", &[78, 95], "./a.py", 10, "x = eval(x)")]),
        report(
            "zap",
            vec![reachable("1", 79, "http://a/s?x=1", Some("q")), reachable("1", 79, "http://b/s?x=1", Some("q"))],
        ),
    ];
    let expected = format!("{:#?}", inventory(&reports));
    for _ in 0..reports.len() {
        reports.rotate_left(1);
        assert_eq!(format!("{:#?}", inventory(&reports)), expected);
        reports.swap(0, 2);
        assert_eq!(format!("{:#?}", inventory(&reports)), expected);
    }
}

#[test]
fn the_same_report_twice_adds_no_finding() {
    let one = report("zap", vec![reachable("1", 79, "http://a/s", None), weak("1", &[], "a", 0, "x")]);
    assert_eq!(inventory(&[one.clone(), one.clone()]).findings.len(), inventory(&[one]).findings.len());
}

#[test]
fn what_one_report_says_twice_of_one_place_is_told_apart_by_what_it_says_more() {
    let at = |description_digest| Observation { description_digest, ..weak("xss", &[79], "a.js", 10, "eval(x)") };
    let number = |seen: Vec<Observation>| inventory(&[report("semgrep", seen)]).findings.len();
    assert_eq!((number(vec![at(1), at(2), at(1)]), number(vec![at(1), at(1)])), (2, 1));
    // Whoever says it first.
    let ids = |seen: Vec<Observation>| {
        let found = inventory(&[report("semgrep", seen)]).findings.into_iter();
        found.map(|finding| finding.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(vec![at(1), at(2)]), ids(vec![at(2), at(1)]));
}

#[test]
fn what_was_agreed_is_recognised_where_base_reports_say_nothing() {
    let seen = |cve: &str| vulnerable(&[cve], "npm", "a", "1.0.0");
    let now = [report("trivy", vec![seen("CVE-2024-0001")]), report("grype", vec![seen("CVE-2024-0002")])];
    let base = [report("trivy", vec![vulnerable(&["CVE-2024-0003"], "npm", "b", "1.0.0")])];
    let open = |base: Option<&[Report]>| {
        let mut inventory = correlate(&now, base.map(<[_]>::to_vec), &Change::default());
        inventory.findings.retain(|finding| finding.origin != Origin::Resolved);
        let all: BTreeSet<String> = inventory.findings.iter().map(|finding| finding.id.clone()).collect();
        let day = jiff::civil::date(2026, 12, 31);
        let commitments = vec![BaselineCommitment { due: day, why: String::new(), findings: all }];
        recognise(&mut inventory, &Baseline { taken: day, commitments }, base.is_some());
        let cve = |finding: &Finding| finding.identifiers.first().map(ToString::to_string).unwrap_or_default();
        inventory.findings.iter().map(|finding| (cve(finding), finding.origin)).collect::<BTreeMap<_, _>>()
    };
    let of =
        |first, second| BTreeMap::from([("CVE-2024-0001".to_owned(), first), ("CVE-2024-0002".to_owned(), second)]);
    assert_eq!(open(None), of(Origin::Ambient, Origin::Ambient));
    // Treated, and back: the base report of its scanner does not have it.
    assert_eq!(open(Some(&base)), of(Origin::Introduced, Origin::Ambient));
}
