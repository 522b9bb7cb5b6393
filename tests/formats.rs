//! Every format is held to its fixtures: `tests/fixtures/reports/<format id>/`, small reports written for the purpose.
//!
//! The table of formats is walked, so that a format without a fixture fails, as does a fixture that another format
//! claims, or that two claim. What is read of each is a snapshot (`INSTA_UPDATE=always cargo test --test formats`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use detente::ingest::{FORMATS, Formats, Limits, given_facts, ingest, ingest_to_judge};
use detente::model::category::Category;
use detente::model::component::Fix;
use detente::model::mapping::Described;
use detente::model::report::{Observation, Report};

/// Most cuts of one fixture; larger ones are cut at every n-th byte.
const CUTS: usize = 1_000;

/// The formats described by data.
fn mappings() -> &'static [Described] {
    static MAPPINGS: LazyLock<Vec<Described>> = LazyLock::new(|| detente::rules::load(&[]).unwrap().formats);
    &MAPPINGS
}

/// What every format says of itself, whether it is written in Rust or described by data.
struct Row {
    id: String,
    kinds: Vec<Category>,
    specification: String,
}

fn rows() -> Vec<Row> {
    let written = FORMATS.iter().map(|format| Row {
        id: format.id.to_owned(),
        kinds: format.kinds.to_vec(),
        specification: format.specification.to_owned(),
    });
    let mapped = mappings().iter().map(|mapping| mapping.whole().unwrap()).map(|mapping| Row {
        id: mapping.id.clone(),
        kinds: mapping.categories(),
        specification: mapping.specification.clone(),
    });
    written.chain(mapped).collect()
}

fn fixtures(format: &Row) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports").join(&format.id);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{} has no fixtures in {}: {error}", format.id, folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no fixtures in {}", format.id, folder.display());
    files
}

fn read(bytes: &[u8]) -> Report {
    ingest(&["-".to_owned()], &mut &*bytes, &Formats::with(mappings()), &Limits::default()).unwrap().remove(0)
}

#[test]
fn the_table_is_ordered_and_each_format_has_an_id_of_its_own() {
    let ids: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    let rows = rows();
    assert!(rows.iter().all(|format| !format.kinds.is_empty() && format.specification.starts_with("https://")));
    let each: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(each.len(), rows.len(), "two formats of one id");
}

#[test]
fn each_fixture_is_claimed_by_its_format_alone_and_read_in_full() {
    for format in rows() {
        for path in fixtures(&format) {
            let report = read(&fs::read(&path).unwrap());
            // A second claim leaves the format open and says so in the problems.
            assert_eq!(report.format.as_deref(), Some(format.id.as_str()), "{}: {:?}", path.display(), report.problems);
            assert_eq!(report.unread, 0, "{}: {:?}", path.display(), report.problems);
            let beyond: Vec<_> = report.scan.kinds.iter().filter(|kind| !format.kinds.contains(kind)).collect();
            assert!(beyond.is_empty(), "{}: {beyond:?} is missing in the table", path.display());
            for observation in report.seen() {
                assert!(!observation.rule.is_empty() && !observation.title.is_empty(), "{}", path.display());
            }
        }
    }
}

#[test]
fn a_text_that_a_format_is_known_by_may_be_absent_where_it_says_so() {
    let report = include_str!("fixtures/reports/hcl-appscan/shop.xml");
    let of = |technology: &str| read(report.replace(" technology=\"DAST\"", technology).as_bytes()).format;
    assert_eq!(of(" technology=\"DAST\"").as_deref(), Some("hcl-appscan"));
    assert_eq!(of(" technology=\"SAST\"").as_deref(), Some("hcl-appscan-source"));
    assert_eq!(of("").as_deref(), Some("hcl-appscan"));
}

#[test]
fn what_a_report_says_did_not_take_place_is_no_evidence() {
    let lint = include_str!("fixtures/reports/golangci-lint/lint.json");
    assert!(read(lint.as_bytes()).scan.kinds.contains(&Category::Code));
    for other in
        [r#"{"Name": "gosec"}"#, r#"{"Name": "gosec", "Enabled": false}"#, r#"{"Name": "godot", "Enabled": true}"#]
    {
        let report = read(lint.replace(r#"{"Name": "gosec", "Enabled": true}"#, other).as_bytes());
        assert_eq!((report.scan.kinds.len(), report.observations.len()), (0, 1), "{other}");
        assert!(report.problems.iter().any(|problem| problem.message.contains("that gosec ran")), "{other}");
    }
}

#[test]
fn a_scan_that_reached_nothing_or_was_stopped_is_no_evidence() {
    let cluster = include_str!("fixtures/reports/kube-hunter/cluster.json");
    let qualys = include_str!("fixtures/reports/qualys-scan-xml/hosts.xml");
    let (start, end) = (qualys.find("<IP").unwrap(), qualys.find("</IP>").unwrap());
    let no_host = [&qualys[..start], "<IP/>", &qualys[end + "</IP>".len()..]].concat();
    for (reached, none) in [(cluster, r#"{"nodes": [], "services": [], "vulnerabilities": []}"#), (qualys, &no_host)] {
        assert!(read(reached.as_bytes()).scan.kinds.contains(&Category::Runtime));
        let report = read(none.as_bytes());
        assert_eq!((report.scan.kinds.len(), report.observations.len()), (0, 0), "{none}");
        let told = report.problems.iter().any(|problem| problem.message.contains("that anything was tested"));
        assert!(report.format.is_some() && told, "{:?}", report.problems);
    }
    let canceled = read(qualys.replace("FINISHED", "CANCELED").as_bytes());
    assert!(canceled.problems.iter().any(|problem| problem.evidence_missing && problem.message.contains("CANCELED")));
}

#[test]
fn a_row_that_says_what_was_not_tested_is_missing_evidence_and_no_finding() {
    let nikto = include_str!("fixtures/reports/nikto-xml/site.xml");
    let nikto =
        nikto.replace("The anti-clickjacking X-Frame-Options header is not present.", "ERROR: Cannot resolve hostname");
    let nested = include_str!("fixtures/reports/nikto-xml-nested/hosts.xml");
    let scorecard = include_str!("fixtures/reports/scorecard/shop.json");
    let scorecard = scorecard.replace("no releases found", "internal error: the host did not answer");
    for (text, findings, says) in [
        (nikto, 0, "ERROR: Cannot resolve hostname"),
        (nested.replacen("<![CDATA[", "<![CDATA[ERROR: ", 1), 1, "ERROR: "),
        (scorecard, 2, "Signed-Releases: internal error: the host did not answer"),
    ] {
        let report = read(text.as_bytes());
        assert_eq!((report.observations.len(), report.unread), (findings, 0), "{:?}", report.problems);
        let told = |missing: &str| report.problems.iter().any(|p| p.evidence_missing && p.message.contains(missing));
        assert!(told(says), "{:?}", report.problems);
    }
}

/// What each report says once its fixture is changed in one place, and what it then says is missing.
const CHANGED: [(&str, &str, &str, &str); 30] = [
    ("android-lint/shop.xml", "\"HardcodedText\"", "\"LintError\"", "LintError: Hardcoded string"),
    ("aws-inspector/findings.json", "{\"findings\"", "{\"nextToken\":\"abc\",\"findings\"", "nextToken"),
    ("chain-bench/shop.json", "\"Passed\",\n", "\"Unknown\",\n", "1.1.4: New changes"),
    (
        "checkstyle-xml/shop.xml",
        "<file name=\"src/Empty.java\"/>",
        "<file name=\"src/Empty.java\"><exception>Stack</exception></file>",
        "Stack",
    ),
    ("cppcheck-xml/lib.xml", "bufferAccessOutOfBounds", "syntaxError", "syntaxError: Buffer"),
    ("cloudsploit/account.json", "\"OK\"", "\"UNKNOWN\"", "bucketLogging: on"),
    ("dependabot-graphql/repository.json", "{", "{\"errors\":[{\"message\":\"too much\"}],", "too much"),
    (
        "dependabot-graphql/repository.json",
        "\"vulnerabilityAlerts\": {",
        "\"vulnerabilityAlerts\": {\"pageInfo\":{\"hasNextPage\":true},",
        "hasNextPage",
    ),
    (
        "dependabot-graphql-search/search.json",
        "\"search\": {",
        "\"search\": {\"pageInfo\":{\"hasNextPage\":true},",
        "search.pageInfo",
    ),
    (
        "dependabot-graphql-search/search.json",
        "\"vulnerabilityAlerts\": {",
        "\"vulnerabilityAlerts\": {\"pageInfo\":{\"hasNextPage\":true},",
        "vulnerabilityAlerts.pageInfo",
    ),
    (
        "kubesec/pod.json",
        "[",
        "[{\"object\":\"Odd/shop\",\"valid\":false,\"message\":\"no schema\",\"score\":0,\"scoring\":{}},",
        "no schema",
    ),
    (
        "phpcs/shop.json",
        "PHPCS_SecurityAudit.BadFunctions.SQLFunctions.WarnSQLFunctions",
        "Internal.Exception",
        "/app/find.php: SQL function",
    ),
    ("popeye/cluster.json", "\"score\": 90", "\"errors\": {\"error\": \"forbidden\"}, \"score\": 90", "forbidden"),
    ("rubocop/app.json", "\"Security/Eval\"", "\"Lint/Syntax\"", "app/run.rb: Security/Eval"),
    ("ruff/shop.json", "\"F401\"", "\"invalid-syntax\"", "src/shop.py: `os`"),
    ("ruff/shop.json", "\"F401\"", "null", "src/shop.py: `os`"),
    ("shellcheck/build.json", "2086", "1072", "build.sh: Double"),
    ("shellcheck-list/build.json", "1073", "1072", "build.sh: Couldn't"),
    ("spectral/shop.json", "oas3-api-servers", "unrecognized-format", "/work/api/shop.yaml: OpenAPI"),
    ("terrascan/images.json", "no helm charts", "broken helm charts", "broken helm charts"),
    ("terrascan-xml/infra.xml", "no helm charts", "broken helm charts", "broken helm charts"),
    ("cargo-deny/check.jsonl", "\"duplicate\"", "\"index-failure\"", "index-failure: found 2 duplicate"),
    (
        "composer-audit/clean.json",
        "{",
        "{\"unreachable-repositories\": [\"https://shop.example\"], ",
        "https://shop.example",
    ),
    ("policy-report/pods.json", "\"pass\"", "\"error\"", "disallow-host-path/host-path: validation rule passed"),
    ("policy-report-list/images.json", "\"warn\"", "\"error\"", "CVE-2025-9232"),
    (
        "testssl-json/shop.json",
        "[",
        "[{\"id\":\"scanTime\",\"ip\":\"a\",\"port\":\"443\",\"severity\":\"WARN\",\"finding\":\"Scan interrupted\"},",
        "scanTime: Scan interrupted",
    ),
    ("testssl-json-pretty/shop.json", "83", "\"Scan interrupted\"", "scanTime: Scan interrupted"),
    ("testssl-json-pretty/shop.json", "\"OK\"", "\"FATAL\"", "FATAL"),
    ("testssl-csv/shop.csv", "\"cert_expirationStatus\"", "\"scanTime\"", "scanTime: expires"),
    ("nikto-xml-scans/shop.xml", "The header", "ERROR: The header", "ERROR: The header"),
];

#[test]
fn what_a_report_says_of_itself_that_went_wrong_is_missing_evidence() {
    for (path, from, to, says) in CHANGED {
        let text = fs::read_to_string(Path::new("tests/fixtures/reports").join(path)).unwrap();
        let of = |text: &str| {
            let report = read(text.as_bytes());
            assert_eq!(report.format.as_deref(), path.split('/').next(), "{:?}", report.problems);
            let missing = report.problems.iter().filter(|problem| problem.evidence_missing);
            missing.map(|problem| problem.message.clone()).collect::<Vec<_>>()
        };
        assert!(!of(&text).iter().any(|message| message.contains(says)), "{path}");
        let changed = of(&text.replacen(from, to, 1));
        assert!(changed.iter().any(|message| message.contains(says)), "{path}: {changed:?}");
    }
    let checks = include_str!("fixtures/reports/chain-bench/shop.json");
    let nothing_there = checks.replace("Organization is not fetched", "No pipelines were found");
    assert!(!read(nothing_there.as_bytes()).problems.iter().any(|problem| problem.evidence_missing));
}

#[test]
fn what_is_judged_is_all_that_is_read_but_for_the_texts_that_nothing_is_judged_by() {
    let mut differs_by_texts = 0;
    for path in rows().iter().flat_map(fixtures) {
        let bytes = fs::read(&path).unwrap();
        let inputs = ["-".to_owned()];
        let judged = ingest_to_judge(&inputs, &mut &*bytes, &Formats::with(mappings()), &Limits::default()).unwrap();
        let mut whole = read(&bytes);
        for observation in whole.observations.iter_mut().chain(&mut whole.suppressed) {
            let said = std::mem::take(&mut observation.description);
            differs_by_texts += usize::from(!said.is_empty() && observation.description_digest != 0);
            assert_eq!(said.is_empty(), observation.description_digest == 0, "{}", path.display());
            observation.native_id = None;
        }
        assert_eq!(format!("{:?}", judged[0]), format!("{whole:?}"), "{}", path.display());
    }
    assert!(differs_by_texts > 0);
}

#[test]
fn what_is_read_of_each_fixture_stays_the_same() {
    for format in rows() {
        for path in fixtures(&format) {
            let stem = path.file_stem().unwrap().to_string_lossy();
            let facts = facts(&read(&fs::read(&path).unwrap()));
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(format!("{}-{stem}", format.id), facts);
            });
        }
    }
}

/// `UPDATE_FORMATS=1 cargo test --test formats` writes both anew.
#[test]
fn the_list_of_facts_and_the_page_of_formats_are_up_to_date() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("UPDATE_FORMATS").is_some();
    let mut rows = rows();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let mut list = String::new();
    for format in &rows {
        let facts: BTreeSet<&str> =
            fixtures(format).iter().flat_map(|path| given_facts(&read(&fs::read(path).unwrap()))).collect();
        writeln!(list, "{},{}", format.id, facts.into_iter().collect::<Vec<_>>().join(";")).unwrap();
    }
    let held = here.join("src/ingest/facts.csv");
    if update {
        fs::write(&held, &list).unwrap();
    }
    assert_eq!(fs::read_to_string(&held).unwrap(), list, "UPDATE_FORMATS=1 writes it anew");
    let page = assert_cmd::Command::cargo_bin("detente").unwrap().args(["formats", "--format", "markdown"]).output();
    let page = String::from_utf8(page.unwrap().stdout).unwrap();
    let held = here.join("docs/formats.md");
    if update {
        fs::write(&held, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&held).unwrap(), page, "UPDATE_FORMATS=1 writes it anew (twice, if facts changed)");
}

/// A report that was cut off never passes for a complete one, wherever it was cut, and never makes the reader panic.
#[test]
fn a_cut_off_report_never_passes_for_a_complete_one() {
    let rows = rows();
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    std::thread::scope(|scope| {
        for rows in rows.chunks(rows.len().div_ceil(threads)) {
            scope.spawn(|| cut_off(rows));
        }
    });
}

fn cut_off(rows: &[Row]) {
    for format in rows {
        for path in fixtures(format) {
            let bytes = fs::read(&path).unwrap();
            let is_csv = path.extension().is_some_and(|end| end == "csv");
            let is_lines = path.extension().is_some_and(|end| end == "jsonl" || end == "ndjson" || end == "csv");
            for cut in (0..bytes.len()).step_by(bytes.len() / CUTS + 1) {
                let (kept, lost) = bytes.split_at(cut);
                // Of a report in lines nobody can tell that whole lines are missing at its end.
                let is_between_lines = is_lines && (kept.ends_with(b"\n") || lost.starts_with(b"\n"));
                if lost.iter().all(u8::is_ascii_whitespace) || (is_between_lines && !kept.trim_ascii().is_empty()) {
                    continue;
                }
                // Of CSV nobody can tell that the last text of the last line goes on.
                let is_in_last_column = is_csv && lines_of_csv(kept) == lines_of_csv(&[kept, b"x"].concat());
                if is_in_last_column && kept.contains(&b'\n') {
                    continue;
                }
                let report = read(kept);
                let told = report.unread > 0 || report.problems.iter().any(|problem| problem.evidence_missing);
                assert!(told, "{} cut at byte {cut} passes for complete", path.display());
            }
        }
    }
}

/// The lengths of the lines of CSV, if they are all equally long and no quoted text is open.
fn lines_of_csv(bytes: &[u8]) -> Option<Vec<usize>> {
    let delimiter = if bytes.split(|b| *b == b'\n').next().unwrap().contains(&b';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(bytes);
    let quotes = bytes.split(|byte| *byte == b'"').count() - 1;
    let lengths: Result<Vec<usize>, _> =
        reader.byte_records().map(|record| record.map(|record| record.len())).collect();
    lengths.ok().filter(|_| quotes % 2 == 0)
}

/// Tools written in Go write a list of nothing as `null`.
#[test]
fn a_list_that_is_null_loses_no_more_than_an_empty_one() {
    let mut lost = Vec::new();
    for format in rows() {
        for path in fixtures(&format) {
            let Ok(document) = serde_json::from_slice(&fs::read(&path).unwrap()) else { continue };
            let mut lists = Vec::new();
            places_of_lists(&document, "", &mut lists);
            for list in lists {
                let with = |nothing: serde_json::Value| {
                    let mut changed: serde_json::Value = document.clone();
                    *changed.pointer_mut(&list).unwrap() = nothing;
                    read(&serde_json::to_vec(&changed).unwrap())
                };
                let report = with(serde_json::Value::Null);
                let is_lost =
                    report.unread > 0 || report.problems.iter().any(|problem| problem.message.contains("null"));
                // Without what it is recognised by it is no report of the format, and says so.
                let is_read = report.format.as_deref() == Some(format.id.as_str());
                if is_lost && is_read && with(serde_json::json!([])).unread == 0 {
                    lost.push(format!("{} {list}: {:?}", path.display(), report.problems));
                }
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

/// JSON pointers to the lists below a value, but for the whole.
fn places_of_lists(value: &serde_json::Value, at: &str, lists: &mut Vec<String>) {
    let children: Vec<(String, &serde_json::Value)> = match value {
        serde_json::Value::Array(rows) => {
            rows.iter().enumerate().map(|(index, row)| (index.to_string(), row)).collect()
        }
        serde_json::Value::Object(members) => {
            members.iter().map(|(name, member)| (name.replace('~', "~0").replace('/', "~1"), member)).collect()
        }
        _ => return,
    };
    if value.is_array() && !at.is_empty() {
        lists.push(at.to_owned());
    }
    for (name, child) in children {
        places_of_lists(child, &format!("{at}/{name}"), lists);
    }
}

/// In many reports the list of results stands before what names the tool: a report of many rows is recognised as one of few.
#[test]
fn a_report_of_many_rows_is_recognised_as_one_of_few() {
    for format in rows() {
        for path in fixtures(&format) {
            let Ok(mut document) = serde_json::from_slice(&fs::read(&path).unwrap()) else { continue };
            if !matches!(document, serde_json::Value::Object(_)) || !many_rows(&mut document, 3) {
                continue;
            }
            let report = read(&serde_json::to_vec(&document).unwrap());
            assert_eq!(report.format.as_deref(), Some(format.id.as_str()), "{}: {:?}", path.display(), report.problems);
        }
    }
}

/// Repeats the elements of the first list of objects until it is longer than what is looked at of a report at first.
fn many_rows(value: &mut serde_json::Value, depth: usize) -> bool {
    let Some(members) = value.as_object_mut() else { return false };
    members.iter_mut().any(|(_, member)| match member {
        serde_json::Value::Array(rows) if rows.first().is_some_and(serde_json::Value::is_object) => {
            let once = rows.clone();
            let length = serde_json::to_string(&once).unwrap().len();
            *rows = once.iter().cycle().take(once.len() * (300_000 / length + 1)).cloned().collect();
            true
        }
        serde_json::Value::Object(_) if depth > 0 => many_rows(member, depth - 1),
        _ => false,
    })
}

/// What a report was understood to say, one fact after another.
fn facts(report: &Report) -> String {
    let mut text = String::new();
    let scan = &report.scan;
    let kinds: Vec<&str> = scan.kinds.iter().map(|kind| kind.as_str()).collect();
    writeln!(text, "{} {}, evidence for: {}", scan.tool, scan.tool_version, kinds.join(", ")).unwrap();
    let about =
        [("at", scan.at.map(|at| at.to_string())), ("commit", scan.commit.clone()), ("of", scan.artefact.clone())];
    for (name, value) in about.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        writeln!(text, "{name} {value}").unwrap();
    }
    for problem in &report.problems {
        let weight = if problem.evidence_missing { "evidence missing" } else { "remark" };
        writeln!(text, "{weight}: {}", problem.message).unwrap();
    }
    for observation in report.seen() {
        describe(&mut text, observation);
    }
    text
}

fn describe(text: &mut String, observation: &Observation) {
    let category = observation.category.map_or("(no category)", |category| category.as_str());
    writeln!(text, "\n{category} {}: {} [{}]", observation.severity, observation.title, observation.rule).unwrap();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            writeln!(text, "  {name}: {value}").unwrap();
        }
    };
    if let Some(suppression) = &observation.suppression {
        line("suppressed", format!("{}: {}", suppression.kind, suppression.reason));
    }
    line("description", observation.description.replace('\n', "\\n"));
    line("native id", observation.native_id.clone().unwrap_or_default());
    line("names", observation.identifiers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    line("cwe", observation.cwe.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    for cvss in &observation.cvss {
        line("cvss", format!("{} {} ({})", cvss.vector, cvss.score.map_or("-".into(), |s| s.to_string()), cvss.source));
    }
    if let Some(component) = &observation.component {
        let purl = component.purl.as_deref().unwrap_or("no purl");
        let direct = component.direct.map_or("", |direct| if direct { ", direct" } else { ", transitive" });
        line("component", format!("{} {component} ({purl}){direct}", component.ecosystem));
        match &component.fix {
            Fix::Unknown => {}
            Fix::NotAvailable => line("fix", "none".to_owned()),
            Fix::Available(versions) => line("fix", versions.join(", ")),
        }
    }
    for place in &observation.locations {
        let lines = [place.line, place.end_line].into_iter().flatten().map(|n| n.to_string()).collect::<Vec<_>>();
        let snippet =
            place.snippet.as_ref().map_or(String::new(), |snippet| format!(" `{}`", snippet.replace('\n', "\\n")));
        line("at", format!("{}:{}{snippet}", place.path, lines.join("-")));
    }
    if let Some(endpoint) = &observation.endpoint {
        let parts = [endpoint.method.clone(), Some(endpoint.url.clone()), endpoint.parameter.clone()];
        line("endpoint", parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
    }
    line("in", observation.artefact.clone().unwrap_or_default());
    line("confidence", observation.confidence.map_or(String::new(), |confidence| confidence.as_str().to_owned()));
    line("verified", observation.verified.map_or(String::new(), |verified| verified.to_string()));
    line("reachable", observation.reachable.map_or(String::new(), |reachable| reachable.to_string()));
    line("epss", observation.epss.map_or(String::new(), |epss| epss.to_string()));
    line("kev", observation.kev.map_or(String::new(), |kev| kev.to_string()));
    line("published", observation.published.map_or(String::new(), |published| published.to_string()));
    line("fixed since", observation.fixed_since.map_or(String::new(), |since| since.to_string()));
    if observation.occurrences > 1 {
        line("rows", observation.occurrences.to_string());
    }
}
