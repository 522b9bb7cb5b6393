use std::fs;
use std::io::Write;
use std::path::PathBuf;

use super::*;
use crate::ingest::{IngestError, ingest};

const GRYPE: &str = r#"{"matches":[{"vulnerability":{"id":"CVE-2021-44228","severity":"Critical"},"relatedVulnerabilities":[],
"artifact":{"name":"log4j-core","version":"2.14.1","type":"java-archive","purl":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}}
],"source":{"type":"directory","target":"."},"distro":{"name":"","version":""},"descriptor":{"name":"grype","version":"0.94.0"}}"#;

fn report_of(bytes: &[u8]) -> Report {
    let (formats, limits) = (Formats::with(&[]), Limits::default());
    match stream("-", &mut &bytes[..], How { formats: &formats, limits: &limits, keep: Keep::Everything }) {
        Outcome::Reports(mut reports) => reports.remove(0).0,
        Outcome::PassedOver => panic!("a stream is never passed over"),
    }
}

fn missing_of(bytes: &[u8]) -> String {
    let problems = report_of(bytes).problems;
    problems.into_iter().find(|problem| problem.evidence_missing).expect("evidence is missing").message
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(path).unwrap().write_all(bytes).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn ingest(&self, inputs: &[&str]) -> Result<Vec<Report>, IngestError> {
        let inputs: Vec<String> = inputs
            .iter()
            .map(|input| if *input == "-" { "-".into() } else { self.path(input).to_string_lossy().into_owned() })
            .collect();
        ingest(&inputs, &mut GRYPE.as_bytes(), &Formats::with(&[]), &Limits::default())
    }

    /// Paths of the reports, relative to the folder.
    fn names(&self, reports: &[Report]) -> Vec<String> {
        let base = format!("{}/", self.0.path().to_string_lossy());
        reports.iter().map(|report| report.path.replace(&base, "")).collect()
    }
}

#[test]
fn a_report_is_read_whatever_its_encoding() {
    let utf16 = || GRYPE.encode_utf16();
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(utf16().flat_map(u16::to_be_bytes)).collect();
    let marked = format!("\u{feff}{GRYPE}");
    for bytes in [GRYPE.as_bytes(), marked.as_bytes(), &little, &big] {
        let report = report_of(bytes);
        assert_eq!((report.format.as_deref(), report.observations.len(), report.problems.len()), (Some("grype"), 1, 0));
        assert_eq!(report.sha256, Digest::of(bytes));
    }
}

#[test]
fn a_scan_that_looked_at_nothing_says_so_and_is_no_missing_evidence() {
    let semgrep = |scanned: &str| {
        format!(r#"{{"results":[],"errors":[],"paths":{{"scanned":[{scanned}]}},"version":"1.140.0"}}"#)
    };
    let kics =
        |files: u32| format!(r#"{{"kics_version":"v2.1.0","files_scanned":{files},"queries_total":900,"queries":[]}}"#);
    let gosec = |files: u32| format!(r#"{{"Golang errors":{{}},"Issues":[],"Stats":{{"files":{files},"found":0}}}}"#);
    let bandit = |lines: u32| {
        let totals = format!(r#"{{"_totals":{{"loc":{lines},"nosec":0}}}}"#);
        format!(r#"{{"errors":[],"generated_at":"2026-11-02T08:10:00Z","metrics":{totals},"results":[]}}"#)
    };
    let npm = |total: u32| {
        let metadata = format!(r#"{{"vulnerabilities":{{"high":0}},"dependencies":{{"total":{total}}}}}"#);
        format!(r#"{{"auditReportVersion":2,"vulnerabilities":{{}},"metadata":{metadata}}}"#)
    };
    let pip = |listed: &str| format!(r#"{{"dependencies":[{listed}],"fixes":[]}}"#);
    let checkov = |resources: u32| {
        format!(
            r#"{{"passed":0,"failed":0,"skipped":0,"parsing_errors":0,"resource_count":{resources},"checkov_version":"3.2.400"}}"#
        )
    };
    let check = |listed: &str| {
        format!(
            r#"{{"reportSchema":"1.1","scanInfo":{{"engineVersion":"12.1.0"}},"projectInfo":{{}},"dependencies":[{listed}]}}"#
        )
    };
    for (nothing, something, things) in [
        (semgrep(""), semgrep(r#""a.py""#), "file"),
        (kics(0), kics(7), "file"),
        (gosec(0), gosec(7), "file"),
        (bandit(0), bandit(7), "line of code"),
        (npm(0), npm(7), "dependency"),
        (pip(""), pip(r#"{"name":"flask","version":"3.1.0","vulns":[]}"#), "dependency"),
        (checkov(0), checkov(7), "resource"),
        (check(""), check(r#"{"fileName":"a.jar"}"#), "dependency"),
    ] {
        let report = report_of(nothing.as_bytes());
        let [Problem { evidence_missing: false, message }] = report.problems.as_slice() else {
            panic!("one remark, not {:?}", report.problems)
        };
        assert!(message.starts_with(&format!("it looked at no {things}, by its own count")), "{message}");
        let report = report_of(something.as_bytes());
        assert!(report.format.is_some() && report.problems.is_empty(), "{:?}", report.problems);
    }
}

#[test]
fn what_is_no_report_says_what_it_looks_like_and_what_to_do() {
    for (bytes, told) in [
        (&b""[..], "it is empty"),
        (b" \r\n", "it is empty"),
        (b"<!doctype html><html><body>502 Bad Gateway</body></html>", "looks like a web page"),
        (b"\x7fELF\0\0\0", "it is not text"),
        ("{é}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>().leak(), "it is not text"),
        (b"2026-11-21 INFO scanning\n", "it is text"),
        (b"{\"name\":\"x\",\"scripts\":{\"a\":1},\"list\":[{\"b\":2}]}", "unknown kind with list, name, scripts"),
        (b"<project><a/></project>", "XML of an unknown kind (root element project)"),
        (b"{\"version\":\"1.0.0\",\"runs\":[{\"toolInfo\":{\"name\":\"x\"},\"results\":[]}]}", "SARIF 1.0"),
        (b"[INFO] shop 1.0\n[ERROR] no scan\n", "it is text that begins with a bracket, such as a log"),
        (b"{\"SchemaVe", "it is damaged JSON (EOF while parsing a string at line 1 column 10)"),
        (b"{\"runs\": oops}", "it is damaged JSON (expected value at line 1 column 10) with runs"),
    ] {
        let report = report_of(bytes);
        assert_eq!(report.format, None);
        let message = missing_of(bytes);
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn of_a_damaged_report_what_stands_before_the_damage_counts() {
    let cut = &GRYPE[..GRYPE.find("\"source\"").unwrap()];
    let report = report_of(cut.as_bytes());
    assert_eq!((report.format.as_deref(), report.observations.len()), (Some("grype"), 1));
    let message = missing_of(cut.as_bytes());
    assert!(message.starts_with("it is cut off at line 3 column 2; the one result before that was read"), "{message}");

    let control = GRYPE.replace("\"directory\"", "\"direc\u{1}tory\"");
    assert_eq!(report_of(control.as_bytes()).observations.len(), 1);
    let message = missing_of(control.as_bytes());
    assert!(message.contains("control character") && message.contains("at line 3 column"), "{message}");

    let mut latin1 = GRYPE.as_bytes().to_vec();
    let place = GRYPE.find("directory").unwrap();
    latin1[place] = 0xe9;
    assert_eq!(report_of(&latin1).observations.len(), 1);
    assert!(missing_of(&latin1).contains("unicode"), "{}", missing_of(&latin1));
}

#[test]
fn of_a_result_that_is_cut_off_the_rows_before_count() {
    let trivy = r#"{"SchemaVersion":2,"ArtifactName":"x","Results":[{"Target":"yarn.lock","Class":"lang-pkgs","Type":"yarn",
        "Vulnerabilities":[{"VulnerabilityID":"CVE-2021-23337","PkgName":"lodash","Severity":"HIGH"},{"Vulnera"#;
    let report = report_of(trivy.as_bytes());
    assert_eq!((report.format.as_deref(), report.observations.len()), (Some("trivy"), 1));
    assert_eq!(report.observations[0].locations[0].path, "yarn.lock");
    assert!(missing_of(trivy.as_bytes()).contains("cut off at line 2"));
}

#[test]
fn an_error_that_a_tool_saved_is_not_a_clean_report() {
    for error in [
        r#"{"error":{"code":"ENOLOCK","summary":"This command requires an existing lockfile.","detail":"Try"}}"#,
        r#"{"message":"405 Method Not Allowed","method":"POST","uri":"https://r","statusCode":405,"body":"","error":{"summary":"","detail":""}}"#,
    ] {
        let report = report_of(error.as_bytes());
        assert_eq!(report.format.as_deref(), Some("npm-audit"));
        assert!(report.scan.kinds.is_empty());
        let message = missing_of(error.as_bytes());
        assert!(message.contains("requires an existing lockfile") || message.contains("405 Method"), "{message}");
    }
}

#[test]
fn a_compressed_report_is_read_and_a_damaged_or_boundless_one_is_told() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let whole = gzip(GRYPE.as_bytes());
    assert_eq!(report_of(&whole).observations.len(), 1);
    let message = missing_of(&whole[..whole.len() / 2]);
    assert!(message.starts_with("it cannot be read to its end: incomplete deflate stream"), "{message}");

    let bomb = gzip(format!("{}{}", GRYPE, " ".repeat(4 << 20)).as_bytes());
    let limits = Limits { ratio: 100, ratio_from: 1 << 20, ..Limits::default() };
    let formats = Formats::with(&[]);
    let outcome = stream("-", &mut &bomb[..], How { formats: &formats, limits: &limits, keep: Keep::Everything });
    let Outcome::Reports(reports) = outcome else { panic!("no report") };
    let (report, _) = &reports[0];
    assert_eq!(report.observations.len(), 1);
    assert!(report.problems[0].message.contains("100 times its size"), "{}", report.problems[0].message);
}

#[test]
fn a_folder_is_searched_and_what_is_no_report_in_it_is_passed_over() {
    let folder = Folder::with(&[
        ("out/b.json", GRYPE.as_bytes()),
        ("out/deep/a.json", GRYPE.as_bytes()),
        ("out/package.json", b"{\"name\":\"x\"}"),
        ("out/README.md", b"# hello"),
        ("out/empty.json", b""),
        ("out/__init__.py", b""),
        ("out/node_modules/x/report.json", GRYPE.as_bytes()),
    ]);
    let reports = folder.ingest(&["out"]).unwrap();
    assert_eq!(folder.names(&reports), ["out/b.json", "out/deep/a.json", "out/empty.json"]);
    assert!(reports[2].problems[0].evidence_missing, "an empty report is missing evidence");
}

#[test]
fn a_folder_without_a_report_is_an_error_that_says_where_it_looked() {
    let folder = Folder::with(&[("out/notes.txt", b"x"), ("out/package.json", b"{}"), ("bare/x/.keep", b"")]);
    let error = folder.ingest(&["out"]).unwrap_err().to_string();
    assert!(error.contains("out holds no report: 2 file(s) were looked at, for example"), "{error}");
    assert!(error.contains("notes.txt") && error.contains("`detente formats` lists"), "{error}");
    assert!(folder.ingest(&["bare"]).is_err());
}

#[test]
fn named_files_are_expected_to_be_reports() {
    let folder = Folder::with(&[("package.json", b"{\"name\":\"x\"}"), ("a.json", GRYPE.as_bytes())]);
    let reports = folder.ingest(&["package.json", "nowhere.json", "a.json", "-", "a.json"]).unwrap();
    assert_eq!(folder.names(&reports), ["-", "a.json", "nowhere.json", "package.json"]);
    assert!(reports[2].problems[0].message.contains("it does not exist"));
    assert!(reports[3].problems[0].message.contains("unknown kind with name"));
    let turned = folder.ingest(&["-", "a.json", "nowhere.json", "package.json"]).unwrap();
    assert_eq!(folder.names(&turned), folder.names(&reports), "the order of the inputs does not matter");
}

#[test]
fn patterns_name_files_and_one_without_a_match_is_an_error() {
    let folder = Folder::with(&[
        ("out/a.json", GRYPE.as_bytes()),
        ("out/x/b.json", GRYPE.as_bytes()),
        ("out/c.txt", b"no"),
        ("odd[1].json", GRYPE.as_bytes()),
    ]);
    assert_eq!(folder.names(&folder.ingest(&["out/*.json"]).unwrap()), ["out/a.json"]);
    assert_eq!(folder.names(&folder.ingest(&["out/**/*.json"]).unwrap()), ["out/a.json", "out/x/b.json"]);
    assert_eq!(folder.names(&folder.ingest(&["odd[1].json"]).unwrap()), ["odd[1].json"], "a file of that very name");
    assert!(matches!(folder.ingest(&["out/*.sarif"]), Err(IngestError::NoMatch { .. })));
    assert!(matches!(folder.ingest(&["out/[.json"]), Err(IngestError::Pattern { .. })));
    assert!(matches!(folder.ingest(&[]), Err(IngestError::NoInput)));
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_a_folder_or_in_circles() {
    use std::os::unix::fs::symlink;
    let folder = Folder::with(&[("out/a.json", GRYPE.as_bytes()), ("secret.json", GRYPE.as_bytes())]);
    symlink(folder.path("secret.json"), folder.path("out/leak.json")).unwrap();
    symlink(folder.path("out"), folder.path("out/circle")).unwrap();
    symlink(folder.path("out/a.json"), folder.path("out/alias.json")).unwrap();
    assert_eq!(folder.names(&folder.ingest(&["out"]).unwrap()), ["out/a.json"], "each file once");
    assert_eq!(folder.names(&folder.ingest(&["out/leak.json"]).unwrap()), ["out/leak.json"], "named, so meant");
    for twice in [["out/alias.json", "out/a.json"], ["out/a.json", "out/alias.json"]] {
        assert_eq!(folder.names(&folder.ingest(&twice).unwrap()), ["out/a.json"], "whichever comes first");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let reports = ingest(&["/dev/null".to_owned()], &mut io::empty(), &Formats::with(&[]), &Limits::default()).unwrap();
    assert!(reports[0].problems[0].message.contains("not a regular file"));
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn reports_of(bytes: &[u8], limits: &Limits) -> Vec<Report> {
    let formats = Formats::with(&[]);
    match stream("a.zip", &mut &bytes[..], How { formats: &formats, limits, keep: Keep::Everything }) {
        Outcome::Reports(reports) => reports.into_iter().map(|(report, _)| report).collect(),
        Outcome::PassedOver => panic!("a stream is never passed over"),
    }
}

#[test]
fn each_report_in_an_archive_is_read_and_what_else_is_in_it_is_passed_over() {
    let archive =
        zip(&[("audit.properties", b"a=b"), ("out/grype.json", GRYPE.as_bytes()), ("b.json", GRYPE.as_bytes())]);
    let reports = reports_of(&archive, &Limits::default());
    let names: Vec<&str> = reports.iter().map(|report| report.path.as_str()).collect();
    assert_eq!(names, ["a.zip!out/grype.json", "a.zip!b.json"]);
    assert!(reports.iter().all(|report| report.observations.len() == 1 && report.problems.is_empty()));
}

#[test]
fn an_archive_that_is_damaged_empty_or_leads_out_of_itself_is_missing_evidence() {
    let whole = zip(&[("grype.json", GRYPE.as_bytes())]);
    for (archive, told) in [
        (whole[..whole.len() / 2].to_vec(), "damaged archive"),
        (zip(&[("readme.txt", b"hello")]), "no report was found (it holds readme.txt"),
        (zip(&[("../../etc/grype.json", GRYPE.as_bytes())]), "leads out of it"),
        (zip(&[("/grype.json", GRYPE.as_bytes()), ("nested.zip", &whole)]), "archive"),
    ] {
        let reports = reports_of(&archive, &Limits::default());
        let problems: Vec<_> = reports.iter().flat_map(|report| &report.problems).collect();
        let is_told = problems.iter().any(|problem| problem.evidence_missing && problem.message.contains(told));
        let is_read_within = reports.iter().any(|report| !report.observations.is_empty());
        assert!(is_told || is_read_within, "{told}: {problems:?}");
        assert!(is_told || told == "archive");
    }
}

#[test]
fn an_archive_that_grows_beyond_measure_is_refused() {
    let grown = format!("{GRYPE}{}", " ".repeat(4 << 20));
    let limits = Limits { ratio: 100, ratio_from: 1 << 20, ..Limits::default() };
    let reports = reports_of(&zip(&[("grype.json", grown.as_bytes())]), &limits);
    assert!(reports[0].problems[0].message.contains("100 times its size"), "{:?}", reports[0].problems);
    // What members unpack to counts together.
    let quarter = format!("{GRYPE}{}", " ".repeat(1 << 20));
    let many: Vec<(String, &[u8])> = (0..4).map(|n| (format!("{n}.json"), quarter.as_bytes())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let reports = reports_of(&zip(&many), &Limits { ratio: 1, ratio_from: 3 << 20, ..Limits::default() });
    assert!(reports.iter().any(|report| report.problems.iter().any(|problem| problem.evidence_missing)));
}

#[test]
fn what_people_decided_in_an_fpr_is_heeded_wherever_its_audit_stands() {
    let results = include_bytes!("../../../tests/fixtures/reports/fortify-fvdl/audit.xml");
    let audit = br#"<a:Audit xmlns:a="xmlns://www.fortify.com/schema/audit"><a:IssueList>
        <a:Issue instanceId="A1" revision="1"><a:Tag id="87f2"><a:Value>Not an Issue</a:Value></a:Tag><a:ThreadedComments>
        <a:Comment><a:Content>test data only</a:Content><a:Username>jo</a:Username></a:Comment></a:ThreadedComments></a:Issue>
        <a:Issue instanceId="A2" suppressed="false"><a:Tag id="87f2"><a:Value>Exploitable</a:Value></a:Tag></a:Issue>
        </a:IssueList></a:Audit>"#;
    for members in
        [[("audit.xml", &audit[..]), ("audit.fvdl", results)], [("audit.fvdl", results), ("audit.xml", audit)]]
    {
        let reports = reports_of(&zip(&members), &Limits::default());
        let [report] = reports.as_slice() else { panic!("{reports:?}") };
        assert_eq!((report.observations.len(), report.suppressed.len()), (1, 1));
        let decision = report.suppressed[0].suppression.as_ref().unwrap();
        assert_eq!(
            (decision.kind.as_str(), decision.reason.as_str()),
            ("Not an Issue in Fortify", "test data only (jo)")
        );
    }
    let reports = reports_of(&zip(&[("audit.fvdl", results), ("audit.xml", b"<Audit><Issue")]), &Limits::default());
    assert_eq!(reports[0].observations.len(), 2);
    assert!(reports[0].problems.iter().any(|problem| problem.message.contains("every result counts as open")));
}

#[test]
fn code_that_an_fpr_archives_is_no_report_and_decides_nothing() {
    let results = include_bytes!("../../../tests/fixtures/reports/fortify-fvdl/audit.xml");
    let dismissal = br#"<Audit><IssueList><Issue instanceId="A1" suppressed="true"/></IssueList></Audit>"#;
    for folder in ["", "scan 7/"] {
        let at = |name: &str| format!("{folder}{name}");
        let names = [at("src-archive/0"), at("audit.fvdl"), at("src-archive/audit.xml"), at("src-xrefdata/1.json")];
        let members: [(&str, &[u8]); 4] = [
            (&names[0], GRYPE.as_bytes()),
            (&names[1], results),
            (&names[2], dismissal),
            (&names[3], GRYPE.as_bytes()),
        ];
        let reports = reports_of(&zip(&members), &Limits::default());
        let [report] = reports.as_slice() else { panic!("{reports:?}") };
        assert_eq!((report.format.as_deref(), report.observations.len()), (Some("fortify-fvdl"), 2));
    }
    // Without results of Fortify, these are folders like any other.
    assert_eq!(reports_of(&zip(&[("src-archive/grype.json", GRYPE.as_bytes())]), &Limits::default()).len(), 1);
}
