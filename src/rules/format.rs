//! Report formats as data: read, and checked for what could never be right.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use super::pack::{PackedFormat, built_in_path};
use super::yaml;
use crate::document::{Document, DocumentError};
use crate::model::category::Category;
use crate::model::mapping::{
    Check, Described, Expression, FindingMap, Mapping, NotCounted, Path, Reference, ScanMap, Segment, Shape, Signs,
    Table, Text, Texts, Untested,
};
use crate::model::severity::Severity;

/// Deepest nesting of rows in rows.
const MOST_STEPS: usize = 5;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    tool: String,
    kinds: Vec<String>,
    versions: String,
    specification: String,
    recognise: Recognise,
    #[serde(default)]
    rows: OneOrMore,
    #[serde(default)]
    tables: BTreeMap<String, TableFile>,
    #[serde(default)]
    delimiter: Option<String>,
    #[serde(default)]
    only: BTreeMap<String, OneOrMore>,
    #[serde(default)]
    except: BTreeMap<String, OneOrMore>,
    #[serde(default)]
    untested: Vec<UntestedRows>,
    #[serde(default)]
    not_counted: Vec<Decision>,
    finding: Finding,
    #[serde(default)]
    scan: Scan,
}

/// One text or a list of them.
#[derive(Default)]
enum OneOrMore {
    #[default]
    None,
    One(String),
    More(Vec<String>),
}

// Told by what stands there, without a copy of it to look at twice: a thousand of them are read at each start.
impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = OneOrMore;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMore, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(OneOrMore::More(texts))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}

impl OneOrMore {
    fn texts(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Recognise {
    json: Option<Vec<String>>,
    xml: Option<Vec<String>>,
    csv: Option<Vec<String>>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    is: BTreeMap<String, OneOrMore>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    rows: String,
    key: String,
    of: OneOrMore,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UntestedRows {
    when: BTreeMap<String, OneOrMore>,
    say: OneOrMore,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    when: BTreeMap<String, OneOrMore>,
    kind: String,
    #[serde(default)]
    reason: OneOrMore,
}

#[derive(serde::Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Finding {
    rule: OneOrMore,
    title: OneOrMore,
    description: OneOrMore,
    category: OneOrMore,
    categories: BTreeMap<String, String>,
    severity: OneOrMore,
    severities: BTreeMap<String, String>,
    score: OneOrMore,
    cvss: OneOrMore,
    identifiers: OneOrMore,
    cwe: OneOrMore,
    native_id: OneOrMore,
    confidence: OneOrMore,
    purl: OneOrMore,
    ecosystem: OneOrMore,
    package: OneOrMore,
    version: OneOrMore,
    fixed_in: OneOrMore,
    path: OneOrMore,
    line: OneOrMore,
    end_line: OneOrMore,
    lines_from: Option<String>,
    snippet: OneOrMore,
    url: OneOrMore,
    method: OneOrMore,
    parameter: OneOrMore,
    artefact: OneOrMore,
    secret: OneOrMore,
    epss: OneOrMore,
}

#[derive(serde::Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Scan {
    tool_version: Option<String>,
    at: Option<String>,
    commit: Option<String>,
    artefact: Option<String>,
    total: Option<String>,
    failure: BTreeMap<String, OneOrMore>,
    ran: BTreeMap<String, OneOrMore>,
}

/// A built-in format, of whose file only what its reports look like is known before one is there: to read all of hundreds of
/// files would take longer than to read most reports.
pub fn later(packed: &'static PackedFormat) -> Described {
    let PackedFormat { id, content, signs, delimiter } = packed;
    let whole = move || {
        let document = Document::packed(content, &built_in_path(&format!("formats/{id}.yaml")));
        read(id, &document).map_err(|error| error.to_string())
    };
    Described::later(*id, signs.clone(), *delimiter, whole)
}

/// Reads the mapping `id`.
pub fn read(id: &str, document: &Document) -> Result<Mapping, DocumentError> {
    let file: File = document.content()?;
    let kinds = file.kinds.iter().enumerate().map(|(number, word)| {
        word.parse::<Category>().map_err(|message| document.error_at(&format!("kinds[{number}]"), message))
    });
    let kinds: Vec<Category> = kinds.collect::<Result<_, _>>()?;
    if kinds.is_empty() {
        return Err(document.error_at("kinds", "say at least one: it is what a report without findings is evidence of"));
    }
    if !file.specification.starts_with("https://") {
        return Err(document.error_at("specification", "expected an https address"));
    }
    let signs = signs(&file.recognise, document)?;
    let tables: Vec<&str> = file.tables.keys().map(String::as_str).collect();
    let reader = Reader { document, shape: signs.shape, steps: file.rows.texts().len().max(1), tables };
    let delimiter = delimiter(file.delimiter.as_deref(), signs.shape, document)?;
    Ok(Mapping {
        id: id.to_owned(),
        title: yaml::said(&file.title, document, "title")?,
        tool: yaml::said(&file.tool, document, "tool")?.to_lowercase(),
        kinds,
        versions: yaml::said(&file.versions, document, "versions")?,
        specification: file.specification.clone(),
        rows: reader.rows(&file.rows)?,
        tables: reader.tables(&file.tables)?,
        delimiter,
        only: reader.checks(&file.only, "only")?,
        except: reader.checks(&file.except, "except")?,
        untested: reader.untested(&file.untested)?,
        not_counted: reader.decisions(&file.not_counted)?,
        finding: reader.finding(&file.finding)?,
        scan: reader.scan(&file.scan)?,
        signs,
    })
}

fn signs(recognise: &Recognise, document: &Document) -> Result<Signs, DocumentError> {
    let (shape, has) = match (&recognise.json, &recognise.xml, &recognise.csv) {
        (Some(has), None, None) => (Shape::Json, has),
        (None, Some(has), None) => (Shape::Xml, has),
        (None, None, Some(has)) => (Shape::Csv, has),
        _ => return Err(document.error_at("recognise", "expected exactly one of json, xml and csv")),
    };
    let texts = |texts: &[String]| texts.iter().cloned().map(Text::from).collect::<Vec<Text>>();
    let is: Vec<(Text, Texts)> =
        recognise.is.iter().map(|(path, values)| (path.clone().into(), texts(values.texts()).into())).collect();
    if has.len() + is.len() < 2 {
        let message = "name at least two things that together only this report has: a wrong guess would lose findings";
        return Err(document.error_at("recognise", message));
    }
    Ok(Signs { shape, has: texts(has).into(), lacks: texts(&recognise.lacks).into(), is: is.into() })
}

fn delimiter(text: Option<&str>, shape: Shape, document: &Document) -> Result<Option<u8>, DocumentError> {
    match (text.map(str::as_bytes), shape) {
        (None, _) => Ok(None),
        (Some([byte]), Shape::Csv) if byte.is_ascii_punctuation() || *byte == b'\t' => Ok(Some(*byte)),
        (Some(_), Shape::Csv) => Err(document.error_at("delimiter", "expected one character, such as \";\"")),
        (Some(_), _) => Err(document.error_at_key("delimiter", "only CSV has a delimiter")),
    }
}

/// Reads paths in the way of the report's shape.
struct Reader<'d> {
    document: &'d Document,
    shape: Shape,
    steps: usize,
    tables: Vec<&'d str>,
}

impl Reader<'_> {
    fn rows(&self, rows: &OneOrMore) -> Result<Vec<Path>, DocumentError> {
        let texts = rows.texts();
        match (self.shape, texts.len()) {
            (Shape::Csv, 0) => return Ok(vec![Path::default()]),
            (Shape::Csv, _) => {
                return Err(self.document.error_at_key("rows", "each line of CSV is a row: leave this out"));
            }
            (_, 0) => return Err(self.document.error_at("rows", "say where the rows are, such as `results[]`")),
            (_, 1..=MOST_STEPS) => {}
            _ => return Err(self.document.error_at("rows", format!("expected at most {MOST_STEPS} levels of rows"))),
        }
        if texts[0].contains(['\'', '=']) {
            let message = "names in quotes, and elements that are chosen, are understood from the second level on only";
            return Err(self.document.error_at("rows", message));
        }
        texts.iter().map(|text| self.path(text, "rows")).collect()
    }

    fn tables(&self, tables: &BTreeMap<String, TableFile>) -> Result<Vec<Table>, DocumentError> {
        let table = |(name, table): (&String, &TableFile)| {
            let at = |part: &str| format!("tables.{name}.{part}");
            if self.shape == Shape::Csv {
                return Err(self.document.error_at(&format!("tables.{name}"), "CSV has no other list than its lines"));
            }
            let rows = self.path(&table.rows, &at("rows"))?;
            if table.rows.contains(['\'', '=']) || rows.0.is_empty() {
                return Err(self.document.error_at(&at("rows"), "expected names with dots between them, and `[]`"));
            }
            let of = self.expressions(&table.of, &at("of"))?;
            Ok(Table { rows, key: self.path(&table.key, &at("key"))?, of })
        };
        tables.iter().map(table).collect()
    }

    fn path(&self, text: &str, at: &str) -> Result<Path, DocumentError> {
        if self.shape == Shape::Csv {
            return Ok(Path(vec![Segment::Member(text.to_owned())]));
        }
        path(text).map_err(|message| self.document.error_at(at, message))
    }

    fn reference(&self, text: &str, at: &str) -> Result<Reference, DocumentError> {
        let text = text.trim();
        if let Some(entry) = text.strip_prefix('~') {
            return self.entry(entry, at);
        }
        let name = text.trim_start_matches('^');
        let up = text.len() - name.len();
        if up >= self.steps && up > 0 {
            let message = format!("`{text}` looks {up} levels up, but there are {} levels of rows", self.steps);
            return Err(self.document.error_at(at, message));
        }
        Ok(Reference { up, path: self.path(name, at)? })
    }

    /// `~table.name`: the entry of a table that the row refers to.
    fn entry(&self, text: &str, at: &str) -> Result<Reference, DocumentError> {
        let (table, name) = text.split_once('.').unwrap_or((text, "."));
        let Some(number) = self.tables.iter().position(|known| *known == table) else {
            let known = if self.tables.is_empty() { "none".to_owned() } else { self.tables.join(", ") };
            let message = format!("`{table}` is none of the `tables` ({known})");
            return Err(self.document.error_at(at, message));
        };
        Ok(Reference { up: self.steps + number, path: self.path(name, at)? })
    }

    fn expression(&self, text: &str, at: &str) -> Result<Expression, DocumentError> {
        if let Some(literal) = text.strip_prefix('=') {
            return Ok(Expression::Literal(literal.trim().to_owned()));
        }
        if !text.contains('{') {
            return Ok(Expression::Reference(self.reference(text, at)?));
        }
        let mut parts = Vec::new();
        for (number, piece) in text.split('{').enumerate() {
            let literal = match (number, piece.split_once('}')) {
                (0, _) => piece,
                (_, Some((name, rest))) => {
                    parts.push(Expression::Reference(self.reference(name, at)?));
                    rest
                }
                (_, None) => return Err(self.document.error_at(at, "a `{` is never closed")),
            };
            if !literal.is_empty() {
                parts.push(Expression::Literal(literal.to_owned()));
            }
        }
        Ok(Expression::Template(parts))
    }

    fn expressions(&self, from: &OneOrMore, at: &str) -> Result<Vec<Expression>, DocumentError> {
        from.texts().iter().map(|text| self.expression(text, at)).collect()
    }

    fn checks(&self, checks: &BTreeMap<String, OneOrMore>, at: &str) -> Result<Vec<Check>, DocumentError> {
        let check = |(name, values): (&String, &OneOrMore)| {
            let at = format!("{at}.{name}");
            let values: Vec<String> = values.texts().iter().map(|value| value.to_lowercase()).collect();
            if values.is_empty() {
                return Err(self.document.error_at(&at, "say what it may be"));
            }
            Ok(Check { reference: self.reference(name, &at)?, values })
        };
        checks.iter().map(check).collect()
    }

    fn untested(&self, untested: &[UntestedRows]) -> Result<Vec<Untested>, DocumentError> {
        let rows = |(number, rows): (usize, &UntestedRows)| {
            let at = format!("untested[{number}]");
            let when = self.checks(&rows.when, &format!("{at}.when"))?;
            if when.is_empty() {
                return Err(self.document.error_at(&at, "without a condition nothing would ever be a finding"));
            }
            Ok(Untested { when, say: self.expressions(&rows.say, &format!("{at}.say"))? })
        };
        untested.iter().enumerate().map(rows).collect()
    }

    fn decisions(&self, decisions: &[Decision]) -> Result<Vec<NotCounted>, DocumentError> {
        let decision = |(number, decision): (usize, &Decision)| {
            let at = format!("not_counted[{number}]");
            let when = self.checks(&decision.when, &format!("{at}.when"))?;
            if when.is_empty() {
                return Err(self.document.error_at(&at, "without a condition nothing would ever be counted"));
            }
            let kind = yaml::said(&decision.kind, self.document, &format!("{at}.kind"))?;
            Ok(NotCounted { when, kind, reason: self.expressions(&decision.reason, &format!("{at}.reason"))? })
        };
        decisions.iter().enumerate().map(decision).collect()
    }

    fn finding(&self, finding: &Finding) -> Result<FindingMap, DocumentError> {
        // Most facts are not there, and hundreds of files are read at each start.
        let of = |from: &OneOrMore, name: &str| match from.texts() {
            [] => Ok(Vec::new()),
            _ => self.expressions(from, &format!("finding.{name}")),
        };
        let rule = of(&finding.rule, "rule")?;
        if rule.is_empty() {
            return Err(self.document.error_at("finding", "`rule` is missing: what the scanner calls this problem"));
        }
        let severities = finding.severities.iter().map(|(word, severity)| {
            let found = Severity::ALL.into_iter().find(|known| known.as_str() == severity);
            found.map(|found| (word.to_lowercase(), found)).ok_or_else(|| {
                let known: Vec<&str> = Severity::ALL.into_iter().map(Severity::as_str).collect();
                let message = format!("`{severity}` is no severity; expected {}", known.join(", "));
                self.document.error_at(&format!("finding.severities.{word}"), message)
            })
        });
        let lines_from_zero = match finding.lines_from.as_deref() {
            None | Some("1") => false,
            Some("0") => true,
            Some(_) => {
                return Err(self
                    .document
                    .error_at("finding.lines_from", "expected 0 or 1: the number of the first line"));
            }
        };
        let categories = finding.categories.iter().map(|(word, category)| {
            let found = category.parse().map(|category| (word.to_lowercase(), category));
            found.map_err(|message: String| self.document.error_at(&format!("finding.categories.{word}"), message))
        });
        Ok(FindingMap {
            rule,
            title: of(&finding.title, "title")?,
            description: of(&finding.description, "description")?,
            category: of(&finding.category, "category")?,
            categories: categories.collect::<Result<_, DocumentError>>()?,
            severity: of(&finding.severity, "severity")?,
            severities: severities.collect::<Result<_, DocumentError>>()?,
            score: of(&finding.score, "score")?,
            cvss: of(&finding.cvss, "cvss")?,
            identifiers: of(&finding.identifiers, "identifiers")?,
            cwe: of(&finding.cwe, "cwe")?,
            native_id: of(&finding.native_id, "native_id")?,
            confidence: of(&finding.confidence, "confidence")?,
            purl: of(&finding.purl, "purl")?,
            ecosystem: of(&finding.ecosystem, "ecosystem")?,
            package: of(&finding.package, "package")?,
            version: of(&finding.version, "version")?,
            fixed_in: of(&finding.fixed_in, "fixed_in")?,
            path: of(&finding.path, "path")?,
            line: of(&finding.line, "line")?,
            end_line: of(&finding.end_line, "end_line")?,
            lines_from_zero,
            snippet: of(&finding.snippet, "snippet")?,
            url: of(&finding.url, "url")?,
            method: of(&finding.method, "method")?,
            parameter: of(&finding.parameter, "parameter")?,
            artefact: of(&finding.artefact, "artefact")?,
            secret: of(&finding.secret, "secret")?,
            epss: of(&finding.epss, "epss")?,
        })
    }

    fn scan(&self, scan: &Scan) -> Result<ScanMap, DocumentError> {
        let path = |text: &Option<String>, name: &str| {
            text.as_deref().map(|text| self.path(text, &format!("scan.{name}"))).transpose()
        };
        let texts = |from: &BTreeMap<String, OneOrMore>, at: &str| -> Result<Vec<(Path, Vec<String>)>, DocumentError> {
            let text = |(text, texts): (&String, &OneOrMore)| {
                Ok((self.path(text, at)?, texts.texts().iter().map(|text| text.to_lowercase()).collect()))
            };
            from.iter().map(text).collect()
        };
        if let Some((text, _)) = scan.ran.iter().find(|(_, texts)| texts.texts().is_empty()) {
            return Err(self.document.error_at(&format!("scan.ran.{text}"), "say which text tells that it took place"));
        }
        Ok(ScanMap {
            tool_version: path(&scan.tool_version, "tool_version")?,
            at: path(&scan.at, "at")?,
            commit: path(&scan.commit, "commit")?,
            artefact: path(&scan.artefact, "artefact")?,
            total: path(&scan.total, "total")?,
            failure: texts(&scan.failure, "scan.failure")?,
            ran: texts(&scan.ran, "scan.ran")?,
        })
    }
}

/// `a.b[].'name.with.dots'.*.@key`; `.` is the document itself.
fn path(text: &str) -> Result<Path, String> {
    let mut segments = Vec::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("this is empty".to_owned());
    }
    if rest == "." {
        return Ok(Path::default());
    }
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (name, after) = quoted.split_once('\'').ok_or("a name in quotes does not end")?;
            segments.push(Segment::Member(name.to_owned()));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            match &rest[..end] {
                "" => {}
                "*" => segments.push(Segment::AnyMember),
                "@key" => segments.push(Segment::Key),
                name => segments.push(Segment::Member(name.to_owned())),
            }
            rest = &rest[end..];
        }
        while let Some((choice, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            segments.push(match choice.split_once('=') {
                _ if choice.is_empty() => Segment::Element,
                Some((name, says)) if !name.is_empty() && !says.is_empty() => Segment::Where(name.into(), says.into()),
                _ => return Err(format!("`[{choice}]` is neither `[]` nor of the form `[key=text]`")),
            });
            rest = after;
        }
        rest = match rest.strip_prefix('.') {
            Some("") => return Err(format!("`{text}` ends with a dot")),
            Some(after) => after,
            None if rest.is_empty() => rest,
            None => return Err(format!("`{text}` is no path: expected names with dots between them, and `[]`")),
        };
    }
    Ok(Path(segments))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "title: House checks\ntool: House\nkinds: [code]\nversions: any\nspecification: https://x.example/\n\
        recognise: { json: [\"checks[].id\", version] }\nrows: checks[]\nonly: { status: FAIL }\n\
        finding: { rule: id, title: [\"{id}: {text}\", =Check], severity: level, severities: { bad: high } }\n";

    fn mapping(text: &str) -> Result<Mapping, String> {
        let document = Document::read(text.as_bytes(), "house.yaml", 4096).map_err(|error| error.to_string())?;
        read("house", &document).map_err(|error| error.to_string())
    }

    #[test]
    fn a_mapping_is_read_as_written() {
        let mapping = mapping(GOOD).unwrap();
        assert_eq!((mapping.id.as_str(), mapping.tool.as_str()), ("house", "house"));
        assert_eq!(mapping.rows, [path("checks[]").unwrap()]);
        assert_eq!(mapping.only[0].values, ["fail"]);
        assert_eq!(mapping.finding.severities, [("bad".to_owned(), Severity::High)]);
        let Expression::Template(parts) = &mapping.finding.title[0] else { panic!("a template") };
        assert_eq!((parts.len(), &parts[1]), (3, &Expression::Literal(": ".into())));
        assert_eq!(mapping.finding.title[1], Expression::Literal("Check".into()));
    }

    #[test]
    fn an_entry_of_a_table_is_looked_for_beyond_the_outermost_row() {
        let tables = "tables: { a: { rows: \"a[]\", key: id, of: x }, b: { rows: b.*, key: \"@key\", of: [y, ^z] } }\n";
        let text = GOOD.replacen("rows: checks[]\n", &format!("rows: [\"c[]\", \"d[]\"]\n{tables}"), 1);
        let mapping = mapping(&text.replacen("severity: level", "severity: ~b.level", 1)).unwrap();
        assert_eq!((mapping.tables.len(), mapping.tables[1].key.0.as_slice()), (2, &[Segment::Key][..]));
        let Expression::Reference(severity) = &mapping.finding.severity[0] else { panic!("a reference") };
        assert_eq!((severity.up, &severity.path), (3, &path("level").unwrap()));
    }

    #[test]
    fn paths_lead_through_members_elements_and_names_with_dots() {
        let member = |name: &str| Segment::Member(name.to_owned());
        let expected = [member("a"), Segment::Element, member("b.c"), Segment::AnyMember, Segment::Key];
        assert_eq!(path("a[].'b.c'.*.@key").unwrap().0, expected);
        assert_eq!(path("[]").unwrap().0, [Segment::Element]);
        let chosen = [member("a"), Segment::Where("b".into(), "c.d e".into()), member("f")];
        assert_eq!(path("a[b=c.d e].f").unwrap().0, chosen);
        assert_eq!(path(".").unwrap(), Path::default());
        for bad in ["", "a.", "a[0]", "'a", "a[]b", "a[=b]", "a[b=]", "a[b", "a[b=c]d"] {
            assert!(path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_at_its_place() {
        for (good, bad, expected) in [
            ("[code]", "[]", "say at least one"),
            ("[code]", "[sourcecode]", "3:9: not a category"),
            ("https://", "http://", "5:16: expected an https address"),
            (", version] }", "] }", "name at least two things"),
            ("json:", "csv:", "leave this out"),
            ("rows: checks[]\n", "", "say where the rows are"),
            ("{ status: FAIL }", "{ status: [] }", "say what it may be"),
            ("rule: id, ", "", "`rule` is missing"),
            ("bad: high", "bad: terrible", "`terrible` is no severity"),
            ("severity: level", "severity: ^level", "looks 1 levels up"),
            ("{text}", "{text", "never closed"),
            ("title: House checks", "title: House checks\ndelimiter: \";\"", "only CSV has a delimiter"),
            ("rule: id", "rule: id, colour: red", "`colour`"),
            ("rule: id", "rule: id, lines_from: \"2\"", "expected 0 or 1"),
            ("severity: level", "severity: ~rules.level", "`rules` is none of the `tables` (none)"),
            ("only: {", "untested: [{ when: {}, say: id }]\nonly: {", "nothing would ever be a finding"),
            ("finding: {", "scan: { ran: { a: [] } }\nfinding: {", "say which text tells"),
            ("only: {", "tables: { r: { rows: ., key: id, of: id } }\nonly: {", "expected names with dots"),
        ] {
            assert!(GOOD.contains(good), "{good}");
            let error = mapping(&GOOD.replacen(good, bad, 1)).unwrap_err();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
