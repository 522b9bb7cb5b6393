//! Mappings at work, on small documents of each shape.

use super::*;
use crate::ingest::collector::Collected;
use crate::model::category::Category;
use crate::model::component::Fix;
use crate::model::mapping::{
    Check, Expression, FindingMap, NotCounted, Path, Reference, ScanMap, Segment, Signs, Table, Untested,
};
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// A path in which `[]` and `@key` stand alone between dots.
fn path(text: &str) -> Path {
    let segment = |part: &str| match part {
        "[]" => Segment::Element,
        "*" => Segment::AnyMember,
        "@key" => Segment::Key,
        name => Segment::Member(name.to_owned()),
    };
    Path(text.split('.').filter(|part| !part.is_empty()).map(segment).collect())
}

fn column(name: &str) -> Path {
    Path(vec![Segment::Member(name.to_owned())])
}

fn at(text: &str) -> Vec<Expression> {
    let name = text.trim_start_matches('^');
    vec![Expression::Reference(Reference { up: text.len() - name.len(), path: path(name) })]
}

fn mapping(shape: Shape, rows: &[&str], finding: FindingMap) -> Mapping {
    Mapping {
        id: "house".into(),
        title: "House".into(),
        tool: "house".into(),
        kinds: vec![Category::Dependency, Category::Container],
        versions: String::new(),
        specification: String::new(),
        signs: Signs { shape, has: Vec::new().into(), lacks: Vec::new().into(), is: Vec::new().into() },
        rows: rows.iter().map(|text| path(text)).collect(),
        tables: Vec::new(),
        delimiter: None,
        only: Vec::new(),
        except: Vec::new(),
        untested: Vec::new(),
        not_counted: Vec::new(),
        finding,
        scan: ScanMap::default(),
    }
}

fn collect(mapping: &Mapping, text: &str) -> Collected {
    let sniff = Sniff::of(text.as_bytes());
    let described = Described::from(mapping.clone());
    assert!(recognise(&described, &sniff), "{:?}", lacking(&described, &sniff));
    let mut report = Collector::default();
    let mut document = Document::new(&sniff, text);
    if let Err(error) = read(mapping, &mut document, &mut report) {
        report.missing(error.to_string());
    }
    report.finish()
}

fn rules(observations: &[Box<Observation>]) -> Vec<&str> {
    observations.iter().map(|observation| observation.rule.as_str()).collect()
}

#[test]
fn rows_within_rows_see_what_they_are_in() {
    let text = r#"{"version":"3","packages":{"curl":{"type":"deb","v":"8","issues":[{"id":"CVE-2024-0001","sev":"bad"},
        {"id":"X-2","fix":"9, 10"}]},"left-pad":{"type":"npm","v":"1","issues":{"id":"X-3"}},"none":{"type":"npm"}}}"#;
    let finding = FindingMap {
        rule: at("id"),
        title: vec![Expression::Template(vec![
            at("id").remove(0),
            Expression::Literal(" in ".into()),
            at("^@key").remove(0),
        ])],
        severity: at("sev"),
        severities: vec![("bad".into(), Severity::High)],
        identifiers: at("id"),
        package: at("^@key"),
        version: at("^v"),
        ecosystem: at("^type"),
        fixed_in: at("fix"),
        ..FindingMap::default()
    };
    let mut house = mapping(Shape::Json, &["packages.*", "issues.[]"], finding);
    house.scan.tool_version = Some(path("version"));
    let report = collect(&house, text);
    assert_eq!(rules(&report.observations), ["CVE-2024-0001", "X-2", "X-3"]);
    assert_eq!(report.scan.tool_version, "3");
    let [first, second, third] = report.observations.as_slice() else { panic!("three") };
    assert_eq!((first.title.as_str(), first.severity), ("CVE-2024-0001 in curl", Severity::High));
    assert_eq!((first.identifiers.len(), first.category), (1, Some(Category::Container)));
    assert_eq!(second.component.as_ref().unwrap().fix, Fix::Available(vec!["9".into(), "10".into()]));
    assert_eq!(third.component.as_ref().unwrap().purl.as_deref(), Some("pkg:npm/left-pad@1"));
    assert_eq!(third.category, Some(Category::Dependency));
}

#[test]
fn a_row_knows_the_entry_of_a_table_that_it_refers_to_wherever_the_table_stands() {
    let text = r#"{"rows":[{"rule":"a","id":"1"},{"rule":"none","id":"2"}],
        "rules":[{"name":"a","title":"First","level":"high"},{"name":"a","title":"Second"}],"more":{"1":{"hint":"h"}}}"#;
    let entry = |table: usize, text: &str| vec![Expression::Reference(Reference { up: 1 + table, path: path(text) })];
    let finding = FindingMap {
        rule: at("rule"),
        title: entry(0, "title"),
        severity: entry(0, "level"),
        description: entry(1, "hint"),
        ..FindingMap::default()
    };
    let mut house = mapping(Shape::Json, &["rows.[]"], finding);
    house.tables = vec![
        Table { rows: path("rules.[]"), key: path("name"), of: at("rule") },
        Table { rows: path("more.*"), key: path("@key"), of: at("id") },
    ];
    let report = collect(&house, text);
    let [known, unknown] = report.observations.as_slice() else { panic!("two") };
    assert_eq!((known.title.as_str(), known.severity, known.description.as_str()), ("First", Severity::High, "h"));
    assert_eq!((unknown.title.as_str(), unknown.severity), ("none", Severity::Unknown));
    let xml = "<r v='1'><l><row rule='a'/></l><rules><rule name='a'><title>First</title></rule></rules></r>";
    let finding = FindingMap { rule: at("@rule"), title: entry(0, "title"), ..FindingMap::default() };
    let mut house = mapping(Shape::Xml, &["r.l.row"], finding);
    house.tables = vec![Table { rows: path("r.rules.rule"), key: path("@name"), of: at("@rule") }];
    assert_eq!(collect(&house, xml).observations[0].title, "First");
}

#[test]
fn the_first_version_of_a_range_is_the_fix() {
    let finding = FindingMap { rule: at("id"), package: at("p"), fixed_in: at("fix"), ..FindingMap::default() };
    let house = mapping(Shape::Json, &["list.[]"], finding);
    for (fix, expected) in [
        ("~> 2.1.3", vec!["2.1.3"]),
        ("~> 2.1, >= 2.1.3", vec!["2.1.3"]),
        ("fixed in 1.2, 2.0", vec!["1.2", "2.0"]),
        ("Upgrade to 2.10.5.1", vec!["2.10.5.1"]),
        (">= 1.2, 2.0 or later", vec!["1.2"]),
        ("[1.4.2]", vec!["1.4.2"]),
        ("[1.2, 2.0), [2.1,)", vec!["1.2", "2.1"]),
        ("(1.2,2.0]", vec![]),
        ("won't fix", vec![]),
    ] {
        let report = collect(&house, &serde_json::json!({ "list": [{ "id": "a", "p": "p", "fix": fix }] }).to_string());
        let found = report.observations[0].component.as_ref().unwrap().fix.clone();
        assert_eq!(found, Fix::in_versions(expected), "{fix}");
    }
}

#[test]
fn columns_may_be_separated_in_any_of_the_usual_ways() {
    let mut house = mapping(Shape::Csv, &[], FindingMap { rule: at("id"), title: at("text"), ..FindingMap::default() });
    house.signs.has = vec!["id".into(), "text".into()].into();
    for text in ["id,text\na,b\n", "id;text\na;b\n", "id\ttext\na\tb\n"] {
        assert_eq!(collect(&house, text).observations[0].title, "b", "{text}");
    }
}

#[test]
fn what_stands_before_the_header_is_passed_over() {
    let mut house = mapping(Shape::Csv, &[], FindingMap { rule: at("id"), title: at("text"), ..FindingMap::default() });
    house.signs.has = vec!["id".into(), "text".into()].into();
    let report = collect(&house, "\n \"Report of May\",7\r\nHouse; a text with an id\n\nid;text\na;\"b\nc\"\n");
    assert_eq!((rules(&report.observations), report.unread), (vec!["a"], 0));
    assert_eq!(report.observations[0].title, "b c");
    // Where no line names the columns, the first one is taken for the header, and what is missing is said of it.
    assert_eq!(lacking(&Described::from(house), &Sniff::of(b"a,b\nc,d\n")).unwrap(), "it has no column `id`");
}

#[test]
fn a_row_that_names_no_rule_is_unread_and_a_page_of_a_longer_list_is_told() {
    let mut house = mapping(Shape::Json, &["list.[]"], FindingMap { rule: at("id"), ..FindingMap::default() });
    house.scan.total = Some(path("total"));
    house.scan.failure = vec![(path("status"), vec!["ok".into()])];
    let report = collect(&house, r#"{"list":[{"id":"a"},{"name":"b"}],"total":2,"status":"OK"}"#);
    assert_eq!((report.observations.len(), report.unread, report.problems.len()), (1, 1, 1));
    let report = collect(&house, r#"{"total":3,"status":"aborted","list":[{"id":"a"}]}"#);
    let told: Vec<&str> = report.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(told[0].contains("3 results, but 1 are listed"), "{told:?}");
    assert!(told[1].contains("the scan did not succeed, or this is not all of it (status: aborted)"), "{told:?}");
    assert!(report.problems.iter().all(|problem| problem.evidence_missing));
}

#[test]
fn a_row_that_says_what_was_not_tested_is_no_finding_and_evidence_is_missing() {
    let says = |name: &str, value: &str| Check {
        reference: Reference { up: 0, path: path(name) },
        values: vec![value.to_owned()],
    };
    let mut house = mapping(Shape::Json, &["list.[]"], FindingMap { rule: at("id"), ..FindingMap::default() });
    house.only = vec![says("state", "fail")];
    house.except = vec![says("why", "nothing there")];
    house.untested = vec![Untested { when: vec![says("why", "error*")], say: at("why") }];
    let report = collect(
        &house,
        r#"{"list":[{"id":"a","state":"fail","why":"an error"},{"why":"Error: no answer"},{"id":"c","why":"nothing there"}]}"#,
    );
    assert_eq!((rules(&report.observations), report.unread, report.problems.len()), (vec!["a"], 0, 1));
    assert!(report.problems[0].evidence_missing && report.problems[0].message.ends_with("tested: Error: no answer"));
}

#[test]
fn a_report_that_does_not_say_that_what_it_is_asked_for_ran_is_evidence_of_nothing() {
    let mut house = mapping(Shape::Json, &["list.[]"], FindingMap { rule: at("id"), ..FindingMap::default() });
    let on = Segment::Where("on".into(), "true".into());
    let passes = Path(vec![Segment::Member("passes".into()), on, Segment::Member("name".into())]);
    house.scan.ran = vec![(passes, vec!["taint".into()])];
    for (passes, kinds) in [
        (r#"[{"name":"types","on":true},{"name":"Taint","on":true}]"#, 2),
        (r#"[{"name":"types","on":true},{"name":"taint","on":false}]"#, 0),
        ("[]", 0),
    ] {
        let report = collect(&house, &format!(r#"{{"list":[{{"id":"a"}}],"passes":{passes}}}"#));
        assert_eq!(rules(&report.observations), ["a"]);
        // What was found is of the first kind; a clean report would be evidence of both.
        assert_eq!(report.scan.kinds.len(), kinds.min(1), "{passes}");
        assert_eq!(report.problems.iter().any(|problem| problem.message.contains("that taint ran")), kinds == 0);
        let clean = collect(&house, &format!(r#"{{"list":[],"passes":{passes}}}"#));
        assert_eq!(clean.scan.kinds.len(), kinds, "{passes}");
    }
}

#[test]
fn rows_are_left_out_and_kept_apart_as_the_mapping_says() {
    let is = |name: &str, value: &str| Check {
        reference: Reference { up: 0, path: column(name) },
        values: vec![value.to_owned()],
    };
    let mut house = mapping(Shape::Csv, &[], FindingMap { rule: at("id"), ..FindingMap::default() });
    house.only = vec![is("state", "*")];
    house.except = vec![is("state", "pass")];
    house.not_counted =
        vec![NotCounted { when: vec![is("state", "accepted")], kind: "accepted".into(), reason: at("why") }];
    let report = collect(&house, "id,state,why\na,FAIL,\nb,Pass,\nc,,\nd,Accepted,\"known, until May\"\n");
    assert_eq!(rules(&report.observations), ["a"]);
    assert_eq!(rules(&report.suppressed), ["d"]);
    assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "known, until May");
    assert!(report.problems.is_empty());
}

#[test]
fn csv_that_is_cut_off_is_told() {
    let house = mapping(Shape::Csv, &[], FindingMap { rule: at("id"), ..FindingMap::default() });
    for cut in ["id,state,why\na,FAIL,\"x\nb", "id,state,why\na,FAIL"] {
        assert!(collect(&house, cut).problems.iter().any(|problem| problem.evidence_missing), "{cut}");
    }
    let open_end = collect(&house, "id,state,why\na,FAIL,x");
    assert!(!open_end.problems[0].evidence_missing && open_end.problems[0].message.contains("last line"));
    assert_eq!(rows::columns("\"a b\",c,c", b','), ["a b", "c", "c (2)"]);
}

#[test]
fn elements_of_xml_are_rows_with_attributes_and_texts() {
    let finding = FindingMap {
        rule: at("@rule"),
        title: at("#text"),
        path: at("^@name"),
        line: at("@line"),
        cwe: at("ref"),
        ..FindingMap::default()
    };
    let mut house = mapping(Shape::Xml, &["r.file", "hit"], finding);
    house.scan.tool_version = Some(path("r.@version"));
    house.scan.failure = vec![(path("r.error.@msg"), Vec::new())];
    let text = "<r version='2'><file name='a.c'><hit rule='x' line='3'>Bad</hit><hit rule='y'><ref>CWE-79</ref>\
        <ref>CWE-22</ref></hit></file><error msg='b.c cannot be read'/><file name='c.c'><hit rule='z'/></file></r>";
    let report = collect(&house, text);
    assert_eq!(rules(&report.observations), ["x", "y", "z"]);
    assert_eq!((report.observations[0].title.as_str(), report.observations[0].locations[0].line), ("Bad", Some(3)));
    assert_eq!(report.observations[1].cwe, [22, 79]);
    assert_eq!(report.observations[2].locations[0].path, "c.c");
    assert_eq!(report.scan.tool_version, "2");
    assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("b.c cannot be read"));
}

#[test]
fn a_credential_is_masked_wherever_it_is_shown() {
    let finding = FindingMap {
        rule: at("id"),
        description: at("line"),
        path: at("file"),
        snippet: at("line"),
        secret: at("key"),
        ..FindingMap::default()
    };
    let house = mapping(Shape::Json, &["[]"], finding);
    let report =
        collect(&house, r#"[{"id":"k","file":"a","line":"k = correct-horse-battery","key":"correct-horse-battery"}]"#);
    assert!(report.observations[0].secret_digest.is_some());
    assert!(!format!("{report:?}").contains("horse"), "{report:?}");
}

#[test]
fn rows_are_read_whatever_else_is_asked_for_above_them_beside_them_and_below() {
    let text = r#"{"@odata.next":"https://house.example/2","meta":{"a.b":"aborted","list":[{"id":"a","of":"1"}]},"version":"7",
        "names":[{"key":"1","name":"first"}]}"#;
    let dotted = |path: &[&str]| Path(path.iter().map(|name| Segment::Member((*name).to_owned())).collect());
    let fails = |path: Path| ScanMap { failure: vec![(path, Vec::new())], ..ScanMap::default() };
    for (rows, scan, told) in [
        ("meta.list.[]", fails(dotted(&["@odata.next"])), "house.example"),
        ("meta.list.[]", fails(dotted(&["meta", "a.b"])), "aborted"),
        ("*.list.[]", fails(dotted(&["meta", "a.b"])), "aborted"),
        ("meta.*.[]", fails(dotted(&["version"])), "7"),
        ("*.*.[]", fails(dotted(&["version"])), "7"),
    ] {
        let mut house = mapping(Shape::Json, &[rows], FindingMap { rule: at("id"), ..FindingMap::default() });
        house.scan = scan;
        let report = collect(&house, text);
        assert_eq!(rules(&report.observations), ["a"], "{rows}");
        assert!(report.problems.iter().any(|problem| problem.message.contains(told)), "{rows} {:?}", report.problems);
    }
    // A table whose entries stand within the rows, or within what rows of any name are in.
    let entry = r#"{"key":"1","name":"first"}"#;
    for (rows, table, text) in [
        ("list.[]", "list.[].named.[]", format!(r#"{{"list":[{{"id":"a","of":"1","named":[{entry}]}}]}}"#)),
        (
            "*.[]",
            "more.[].named.[]",
            format!(r#"{{"list":[{{"id":"a","of":"1"}}],"more":[{{"id":"b","named":[{entry}]}}]}}"#),
        ),
        ("list.[]", "*", format!(r#"{{"one":{entry},"list":[{{"id":"a","of":"1"}}]}}"#)),
    ] {
        let name = Expression::Reference(Reference { up: 1, path: path("name") });
        let finding = FindingMap { rule: at("id"), title: vec![name], ..FindingMap::default() };
        let mut house = mapping(Shape::Json, &[rows], finding);
        house.tables = vec![Table { rows: path(table), key: path("key"), of: at("of") }];
        let report = collect(&house, &text);
        let first = report.observations.iter().find(|observation| observation.rule == "a");
        assert_eq!(first.map(|observation| observation.title.as_str()), Some("first"), "{rows} {table}");
    }
}

#[test]
fn a_score_of_nought_rates_nothing_beside_a_word_that_says_nothing() {
    let finding = FindingMap {
        rule: at("id"),
        severity: at("word"),
        severities: vec![("untriaged".into(), Severity::Unknown)],
        score: at("score"),
        ..FindingMap::default()
    };
    let house = mapping(Shape::Csv, &[], finding);
    let report = collect(&house, "id,word,score\na,Untriaged,0\nb,Untriaged,7.5\nc,,0\nd,Low,0\n");
    let rated: Vec<Severity> = report.observations.iter().map(|observation| observation.severity).collect();
    assert_eq!(rated, [Severity::Unknown, Severity::High, Severity::Info, Severity::Low]);
}

#[test]
fn several_documents_in_one_file_are_all_read() {
    let house = mapping(Shape::Json, &[""], FindingMap { rule: at("id"), ..FindingMap::default() });
    let report = collect(&house, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
    assert_eq!(rules(&report.observations), ["a", "b"]);
}

#[test]
fn an_element_is_chosen_by_what_a_member_of_it_says() {
    let chosen = |says: &str, of: &str, text: &str| {
        let mut steps = path(of).0;
        steps.extend([Segment::Where("key".into(), says.into()), Segment::Member(text.into())]);
        vec![Expression::Reference(Reference { up: 0, path: Path(steps) })]
    };
    let finding = |of: &str, text: &str| FindingMap {
        rule: at("id"),
        package: chosen("package name", of, text),
        version: chosen("version", of, text),
        ..FindingMap::default()
    };
    let json = mapping(Shape::Json, &["rows.[]"], finding("about", "value"));
    let text = r#"{"rows":[{"id":"a","about":[{"key":"version","value":"1.2"},{"key":"package name","value":"lodash"},
        {"value":"no key"},7]},{"id":"b","about":{"key":"package name","value":"single"}},{"id":"c","about":"none"}]}"#;
    let component = |seen: &Observation| seen.component.as_ref().map(ToString::to_string).unwrap_or_default();
    let read: Vec<String> = collect(&json, text).observations.iter().map(|seen| component(seen)).collect();
    assert_eq!(read, ["lodash 1.2", "single", ""]);
    let xml = mapping(Shape::Xml, &["rows.row"], finding("about", "value"));
    let text = "<rows><row><id>a</id><about><key>version</key><value>1.2</value></about>\
        <about><key>package name</key><value>lodash</value></about></row></rows>";
    assert_eq!(component(&collect(&xml, text).observations[0]), "lodash 1.2");
}
