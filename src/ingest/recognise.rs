//! Which format a document is: exactly one of the known formats must claim it.
//!
//! "The most matches win" would make a report of one scanner pass for another's, and its findings disappear. So two
//! claims are as bad as none: the report is not read, and the message says what it could be.

use super::formats::osv_scanner;
use super::known::{Formats, Known};
use super::mapped;
use super::sniff::{Shape, Sniff};
use crate::model::mapping::Described;

/// What to do with a report of a tool that is not known.
const TEACH: &str = "have the scanner write SARIF if it can, or describe its format in a short file \
                     (`detente formats --help` shows how)";

/// What a document was recognised as.
#[derive(Debug)]
pub enum Recognised<'m> {
    /// A report of this format.
    As(Known<'m>),
    /// Something that may have been meant to be a report: empty, cut off, an error page, or of an ambiguous format.
    Spoilt(String),
    /// Something else.
    Foreign(String),
}

/// Recognises a document.
pub fn recognise<'m>(formats: &Formats<'m>, sniff: &Sniff) -> Recognised<'m> {
    let claims: Vec<Known<'m>> = formats.all().filter(|known| known.recognise(sniff)).collect();
    match claims.as_slice() {
        [known] => Recognised::As(*known),
        [] => match formats.single() {
            Some(mapping) => Recognised::Foreign(not_of(mapping, sniff)),
            None => unclaimed(sniff),
        },
        several => {
            let names: Vec<&str> = several.iter().map(Known::title).collect();
            Recognised::Spoilt(format!(
                "it could be a report of {}; it was not read, because a wrong guess would lose findings: please report \
                 this as a defect, with the file's first lines",
                names.join(" or of ")
            ))
        }
    }
}

/// Why a document is no report of the one mapping that is tried.
fn not_of(mapping: &Described, sniff: &Sniff) -> String {
    let lacking = mapped::lacking(mapping, sniff).unwrap_or_default();
    format!("it is no report of {}: {}", mapping.title(), shown_long(&lacking))
}

fn unclaimed<'m>(sniff: &Sniff) -> Recognised<'m> {
    if is_bare(sniff) {
        return Recognised::Spoilt(
            "several scanners write this when they find nothing, but it does not say which one ran, so it is evidence \
             for none; have the scanner write a format that names it (for Gitleaks `--report-format sarif`, for others \
             SARIF or their full JSON)"
                .to_owned(),
        );
    }
    if let (Shape::JsonArray, Some(_), None) = (sniff.shape, &sniff.fault, sniff.paths().next())
        && sniff.is_without_values()
    {
        // `[INFO] …`: not one element of the list that the bracket seemed to begin could be read.
        return Recognised::Spoilt(
            "it is text that begins with a bracket, such as a log, and no report: have the scanner write the report to a \
             file of its own, and check that it ended well"
                .to_owned(),
        );
    }
    if let (Shape::JsonObject | Shape::JsonArray, Some(fault)) = (sniff.shape, &sniff.fault) {
        // Written as JSON allows it, but most programs that read JSON give up at it; it need not be damaged.
        if fault.starts_with("number out of range") {
            return Recognised::Spoilt(format!(
                "it is JSON with a number that is too large to be read ({fault}){}; have it written without that number",
                members(sniff)
            ));
        }
        return Recognised::Spoilt(format!(
            "it is damaged JSON ({fault}){}; run the scanner again and check that it ended well",
            members(sniff)
        ));
    }
    if sniff.has("runs") && sniff.text("version").is_some_and(|version| version.starts_with("1.0")) {
        return Recognised::Spoilt(
            "it is SARIF 1.0, which was never a standard and is not read: have the scanner write SARIF 2.1.0"
                .to_owned(),
        );
    }
    if let Some((_, what)) = NO_REPORTS.iter().find(|(is, _)| is(sniff)) {
        return Recognised::Foreign((*what).to_owned());
    }
    match sniff.shape {
        Shape::Empty => Recognised::Spoilt(
            "it is empty: the scanner did not finish, or wrote its report elsewhere; run it again".to_owned(),
        ),
        Shape::Html => Recognised::Spoilt(
            "it looks like a web page, often an error page saved in place of a report; fetch the report again and check \
             the address and the access token"
                .to_owned(),
        ),
        Shape::Binary => Recognised::Foreign(
            "it is not text; give the scanner's report as JSON or XML (UTF-8, UTF-16 with a byte order mark, or gzip)"
                .to_owned(),
        ),
        Shape::JsonObject | Shape::JsonArray | Shape::JsonLines => Recognised::Foreign(format!(
            "it is JSON of an unknown kind{}; {TEACH}",
            members(sniff)
        )),
        Shape::Xml => Recognised::Foreign(format!(
            "it is XML of an unknown kind (root element {}); {TEACH}",
            shown(&sniff.head)
        )),
        Shape::Text if sniff.head.matches([',', ';', '\t']).count() > 2 => Recognised::Foreign(format!(
            "it is text with columns of an unknown kind ({}); {TEACH}",
            shown(&sniff.head)
        )),
        Shape::Text => Recognised::Foreign(
            "it is text, but no report that is understood: if a log was mixed into it, have the scanner write the report \
             to a file of its own"
                .to_owned(),
        ),
    }
}

/// Whether a document is something.
type Test = fn(&Sniff) -> bool;

/// What is easily given in place of a report, and what to do with it.
const NO_REPORTS: [(Test, &str); 6] = [
    (
        is_spdx,
        "it is a bill of materials (SPDX), which lists components and no findings: give the report of a scanner that \
         looked for vulnerabilities in it (such as `grype sbom:FILE -o json`, `trivy sbom --format json FILE`)",
    ),
    (
        |sniff| sniff.has("manifests") && sniff.has("detector") && sniff.has("job"),
        "it is a dependency snapshot for GitHub, which lists components and no findings: give the report of a scanner \
         that looked for vulnerabilities in them",
    ),
    (
        osv_scanner::is_input,
        "it lists packages for OSV-Scanner to look up, and nothing that was found: give the report that \
         `osv-scanner --format json` writes",
    ),
    (is_kev, "it is a catalogue of known exploited vulnerabilities and no report: give it with --kev"),
    (is_epss, "it lists probabilities of exploitation (EPSS) and is no report: give it with --epss"),
    (
        |sniff| sniff.text("schema").is_some_and(|schema| schema.starts_with("detente.")),
        "it was written by Detente itself: give the reports of the scanners, not what was made of them",
    ),
];

/// Whether it is SPDX: 2 as JSON or as tags and values, or 3 as JSON-LD.
fn is_spdx(sniff: &Sniff) -> bool {
    let context = sniff.text("@context").is_some_and(|context| context.contains("spdx.org"));
    sniff.has("spdxVersion") || context || sniff.head.starts_with("SPDXVersion:")
}

/// Whether it is CISA's catalogue, as JSON or CSV.
fn is_kev(sniff: &Sniff) -> bool {
    sniff.has("vulnerabilities[].cveID") && sniff.has("catalogVersion") || sniff.head.starts_with("cveID,vendorProject")
}

/// Whether it is what FIRST publishes each day.
fn is_epss(sniff: &Sniff) -> bool {
    sniff.head.starts_with("#model_version:") || sniff.head.starts_with("cve,epss")
}

/// Whether nothing but an empty list is there: `[]`, `null`, `{"findings": []}`.
fn is_bare(sniff: &Sniff) -> bool {
    let is_list_of_findings =
        |path: &str| ["findings", "results", "issues", "vulnerabilities", "matches", "alerts"].contains(&path);
    match sniff.shape {
        Shape::JsonArray => sniff.fault.is_none() && sniff.is_without_values(),
        Shape::JsonObject => {
            let mut paths = sniff.paths();
            let only = paths.next().is_some_and(is_list_of_findings) && paths.next().is_none();
            only && sniff.fault.is_none() && sniff.is_without_values()
        }
        Shape::Text => sniff.head == "null",
        _ => false,
    }
}

/// The names at the top of an unknown JSON document, in words.
fn members(sniff: &Sniff) -> String {
    let mut names: Vec<String> = Vec::new();
    for path in sniff.paths() {
        let top = path.trim_start_matches("[].").split('.').next().unwrap_or_default().trim_end_matches("[]");
        let name = shown(top);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0 => String::new(),
        1..=8 => format!(" with {}", names.join(", ")),
        more => format!(" with {} and {} more", names[..8].join(", "), more - 8),
    }
}

/// A name out of a hostile file, fit to be shown.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// A sentence with names out of a hostile file.
fn shown_long(sentence: &str) -> String {
    sentence.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::category::Category;
    use crate::model::mapping::{self, FindingMap, Mapping, ScanMap, Signs};

    const REPORT: &[u8] = br#"{"SchemaVersion":2,"ArtifactName":"x","Results":[]}"#;

    #[test]
    fn one_claim_is_a_format_and_two_are_none() {
        let sniff = Sniff::of(REPORT);
        let Recognised::As(known) = recognise(&Formats::with(&[]), &sniff) else { panic!("not recognised") };
        assert_eq!(known.id(), "trivy");
        let twin = Mapping {
            id: "twin".into(),
            title: "Twin".into(),
            tool: "twin".into(),
            kinds: vec![Category::Code],
            versions: String::new(),
            specification: String::new(),
            signs: Signs {
                shape: mapping::Shape::Json,
                has: vec!["SchemaVersion".into()].into(),
                lacks: Vec::new().into(),
                is: Vec::new().into(),
            },
            rows: Vec::new(),
            tables: Vec::new(),
            delimiter: None,
            only: Vec::new(),
            except: Vec::new(),
            untested: Vec::new(),
            not_counted: Vec::new(),
            finding: FindingMap::default(),
            scan: ScanMap::default(),
        };
        let twins = [Described::from(twin.clone())];
        let Recognised::Spoilt(message) = recognise(&Formats::with(&twins), &sniff) else { panic!("a guess was made") };
        assert!(message.starts_with("it could be a report of Trivy JSON or of Twin"), "{message}");
        // A repository's mapping with the id of a built-in format takes its place.
        let instead = [Described::from(Mapping { id: "trivy".into(), ..twin })];
        let Recognised::As(known) = recognise(&Formats::with(&instead), &sniff) else { panic!("not recognised") };
        assert_eq!(known.title(), "Twin");
    }

    #[test]
    fn what_is_easily_taken_for_a_report_is_told_from_one() {
        for (text, says) in [
            (
                "#model_version:v2026.06.15,score_date:2026-08-16T00:00:00Z\ncve,epss,percentile\nCVE-1999-0001,0.1,0.2\n",
                "--epss",
            ),
            ("cve,epss,percentile\nCVE-1999-0001,0.1,0.2\n", "--epss"),
            ("cveID,vendorProject,product\nCVE-1999-0001,a,b\n", "--kev"),
            (r#"{"catalogVersion":"2026.11.24","vulnerabilities":[{"cveID":"CVE-1999-0001"}]}"#, "--kev"),
            (
                r#"{"version":0,"job":{},"detector":{"name":"x"},"manifests":{"a":{"resolved":{}}}}"#,
                "dependency snapshot",
            ),
            (r#"{"schema":"detente.brief/1","verdict":"within-appetite"}"#, "Detente itself"),
            (r#"{"results":[{"packages":[{"package":{"name":"a","version":"1"}}]}]}"#, "osv-scanner --format json"),
            (r#"{"spdxVersion":"SPDX-2.3","packages":[]}"#, "bill of materials (SPDX)"),
        ] {
            let Recognised::Foreign(message) = recognise(&Formats::with(&[]), &Sniff::of(text.as_bytes())) else {
                panic!("{text}")
            };
            assert!(message.contains(says), "{text}: {message}");
        }
    }

    #[test]
    fn an_empty_list_names_no_scanner() {
        for bare in ["[]", " [ ]\n", "null", "null\n", r#"{"findings": []}"#, r#"{"results":null}"#] {
            let Recognised::Spoilt(message) = recognise(&Formats::with(&[]), &Sniff::of(bare.as_bytes())) else {
                panic!("{bare}")
            };
            assert!(message.contains("does not say which one ran") && message.contains("sarif"), "{bare}: {message}");
        }
        for other in [r#"{"findings":[1]}"#, "[1]", r#"[{"a":1}]"#, r#"{"findings":[],"b":1}"#, "[", r#"{"a":[]}"#] {
            let (Recognised::Spoilt(message) | Recognised::Foreign(message)) =
                recognise(&Formats::with(&[]), &Sniff::of(other.as_bytes()))
            else {
                panic!("{other}")
            };
            assert!(!message.contains("which one ran"), "{other}: {message}");
        }
    }

    #[test]
    fn a_number_that_is_too_large_is_no_damage() {
        let sniff = Sniff::of(br#"{"a":1,"b":1e999,"runs":[]}"#);
        let Recognised::Spoilt(message) = recognise(&Formats::with(&[]), &sniff) else { panic!("it was read") };
        assert!(message.contains("too large to be read (number out of range at line 1"), "{message}");
    }

    #[test]
    fn unknown_json_is_told_by_the_names_at_its_top() {
        let many: Vec<String> = (0..12).map(|n| format!("\"name{n:02}\\u001b\":{{\"deeper\":1}}")).collect();
        let sniff = Sniff::of(format!("{{{}}}", many.join(",")).as_bytes());
        let Recognised::Foreign(message) = recognise(&Formats::with(&[]), &sniff) else {
            panic!("it is JSON, and whole")
        };
        assert!(message.contains("with name00, name01,") && message.contains("name07 and 4 more"), "{message}");
        assert!(!message.contains('\u{1b}') && !message.contains("deeper"), "{message}");
    }
}
