use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only read by serde")]
struct Sample {
    name: String,
    #[serde(default)]
    level: Option<Level>,
    #[serde(default)]
    rows: Vec<Row>,
    #[serde(default)]
    by_name: BTreeMap<String, u64>,
    #[serde(default)]
    notes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Averse,
    Cautious,
    MostOpen,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only read by serde")]
struct Row {
    id: String,
    tolerance: u64,
    #[serde(default)]
    before_ship: bool,
}

fn read(text: &str) -> Result<Sample, DocumentError> {
    Document::read(text.as_bytes(), "sample.yml", 4096).and_then(|document| document.content())
}

fn refused(text: &str) -> String {
    read(text).expect_err(text).to_string()
}

#[test]
fn a_plain_file_is_read_whatever_its_line_ends_and_mark() {
    let text = "name: x\nlevel: most-open\nrows:\n  - { id: a, tolerance: 1 }\nby_name: { b: 2 }\n";
    assert_eq!(read(text).unwrap().rows[0].tolerance, 1);
    assert_eq!(read(&text.replace('\n', "\r\n")).unwrap().by_name["b"], 2);
    assert_eq!(read(&format!("\u{FEFF}{text}")).unwrap().name, "x");
    assert_eq!(read(&format!("# a comment\n---\n{text}...\n")).unwrap().name, "x");
}

#[test]
fn words_that_other_readers_take_for_something_else_are_text_where_text_is_expected() {
    let sample = read("name: no\nnotes: [on, true, 1.10, 2026-11-01, 0x1f, \"null\"]\n").unwrap();
    assert_eq!((sample.name.as_str(), sample.notes.join(" ").as_str()), ("no", "on true 1.10 2026-11-01 0x1f null"));
}

#[test]
fn what_is_not_plain_is_refused_where_it_stands() {
    for (text, expected) in [
        ("name: x\nname: y\n", "sample.yml:2:1: the key `name` is here a second time (keep one of the two)"),
        ("name: x\n\"name\": y\n", "sample.yml:2:1: the key `name` is here a second time (keep one of the two)"),
        ("name: &a x\n", "sample.yml:1:7: anchors are not accepted (write the value out where it is used)"),
        (
            "name: *a\n",
            "sample.yml:1:7: aliases are not accepted (write the value out, or put it in quotes if the asterisk is meant)",
        ),
        ("name: !!str x\n", "sample.yml:1:7: tags are not accepted (leave the tag out)"),
        ("name: x\n<<: { level: averse }\n", "sample.yml:2:1: merge keys are not accepted (write the keys out)"),
        (
            "name: x\n---\nname: y\n",
            "sample.yml:2:1: a second document begins here (keep one document to a file, and leave out `---`)",
        ),
        ("%YAML 1.1\n---\nname: x\n", "sample.yml:1:1: not valid YAML: YAML directives are disallowed"),
        ("? [a, b]\n: x\n", "sample.yml:1:3: a key must be a single word or text"),
        (
            "name: \"a\u{2028}b\"\n",
            "sample.yml:1:9: the character U+2028 is not accepted (replace it by a line break or a space)",
        ),
        ("", "sample.yml:1:1: the file is empty"),
        ("# nothing\n", "sample.yml:1:1: the file is empty"),
    ] {
        assert_eq!(refused(text), expected, "{text:?}");
    }
}

#[test]
fn what_two_parsers_read_differently_is_refused() {
    let expected = "sample.yml:2:10: this can be read in two ways (write it in a plainer form of YAML)";
    assert_eq!(refused("name: x\nby_name: { 0x10: 1 }\n"), expected);
    assert_eq!(refused("name: x\nby_name: { ~: 1 }\n"), expected);
}

#[test]
fn wrong_indentation_is_refused_with_its_place() {
    assert_eq!(
        refused("rows:\n\t- id: a\n"),
        "sample.yml:2:2: not valid YAML: tabs disallowed within this context (block indentation) (indent with spaces, not with tabs)"
    );
    let message = refused("rows:\n  - id: a\n    tolerance: 1\n   before_ship: true\n");
    assert!(message.starts_with("sample.yml:4:"), "{message}");
}

#[test]
fn what_does_not_fit_is_explained_where_it_stands() {
    for (text, expected) in [
        (
            "name: x\nrows:\n  - id: a\n    tolerence: 1\n",
            "sample.yml:4:5: there is no key `tolerence` here; did you mean `tolerance`? (expected one of `id`, `tolerance`, `before_ship`)",
        ),
        (
            "name: x\nlevel: cautios\n",
            "sample.yml:2:8: `cautios` is not one of the words expected here; did you mean `cautious`? (expected one of `averse`, `cautious`, `most-open`)",
        ),
        ("name: x\nrows:\n  - id: a\n", "sample.yml:3:5: the key `tolerance` is missing here (add `tolerance: …`)"),
        ("name: [a]\n", "sample.yml:1:7: expected text, found a list"),
        ("name: ü\nnotes: [ä, { b: c }]\n", "sample.yml:2:12: expected text, found a mapping"),
        (
            "name: x\nlevel: true\n",
            "sample.yml:2:8: `true` is not one of the words expected here (expected one of `averse`, `cautious`, `most-open`)",
        ),
        ("name: x\nby_name: { a: }\n", "sample.yml:2:15: there is no value here; expected a whole number, 0 or more"),
        (
            "name: x\nrows:\n  - { id: a, tolerance: 1, before_ship: yes }\n",
            "sample.yml:3:41: expected `true` or `false`, found the text \"yes\" (write `true` or `false`)",
        ),
        (
            "name: x\nrows:\n  - { id: a, tolerance: -1 }\n",
            "sample.yml:3:25: expected a whole number, 0 or more, found the number `-1`",
        ),
        ("name: x\nrows: 3\n", "sample.yml:2:7: expected a list (`[…]` or lines with `- `), found the number `3`"),
        ("- name\n", "sample.yml:1:1: expected a mapping (`key: value`), found a list"),
    ] {
        assert_eq!(refused(text), expected, "{text:?}");
    }
}

#[test]
fn size_encoding_and_depth_are_bounded() {
    let large = Document::read(&vec![b'#'; 50 << 20], "sample.yml", MOST_BYTES).unwrap_err();
    assert_eq!(large.to_string(), "sample.yml:1:1: the file has 52428800 bytes; at most 1048576 are read");
    let latin = Document::read(b"name: x\nlevel: caf\xE9\n", "sample.yml", 64).unwrap_err();
    assert_eq!(
        latin.to_string(),
        "sample.yml:2:11: the file is not UTF-8: byte 0xe9 has no meaning here (save it as UTF-8)"
    );
    for deep in ["[".repeat(4000), "{a: ".repeat(1000), "- ".repeat(2000), "[{a: ".repeat(500)] {
        let start = std::time::Instant::now();
        let error = Document::read(deep.as_bytes(), "sample.yml", 4096).unwrap_err();
        assert!(
            error.message.contains("nest") || error.message.contains("depth") || error.message.contains("limit"),
            "{error}"
        );
        assert!(start.elapsed().as_millis() < 500, "{error}");
    }
}

#[test]
fn a_billion_laughs_stop_at_the_first() {
    let text = "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\n";
    assert_eq!(refused(text), "sample.yml:1:4: anchors are not accepted (write the value out where it is used)");
}

#[test]
fn a_rendered_error_shows_both_places_of_a_duplicate() {
    let error = read("name: x\nlevel: averse\nname: y\n").unwrap_err();
    insta::assert_snapshot!(error.render(false), @r"
    error: the key `name` is here a second time
     --> sample.yml:3:1
      |
    1 | name: x
      | ---- the first time
    2 | level: averse
    3 | name: y
      | ^^^^
      |
      = help: keep one of the two
    ");
    assert!(error.render(true).contains("\u{1b}["));
    assert!(!error.render(false).contains("\u{1b}["));
}

#[test]
fn an_error_of_meaning_points_into_the_text() {
    let document = Document::read(b"name: x\nrows:\n  - id: 'a && bc'\n", "sample.yml", 64).unwrap();
    let error = document.error_within("rows[0].id", 5, "there is no `bc`");
    assert_eq!((error.line, error.column), (3, 15));
    assert!(error.render(false).contains("^^"), "{}", error.render(false));
    // A path that the file does not have is shown at what it has of it.
    assert_eq!(document.error_at("rows[0].nothing.here", "x").line, 3);
    assert_eq!(document.error_at_key("rows[0].id", "x").column, 5);
    let folded = Document::read(b"name: >\n  ab cd\n  cd ab\n", "sample.yml", 64).unwrap();
    let error = folded.error_within("name", "ab cd cd ".len(), "x");
    assert_eq!((error.line, error.column), (3, 6));
    let escaped = Document::read(b"name: \"\\x61b\"\n", "sample.yml", 64).unwrap();
    assert_eq!(escaped.error_within("name", 0, "x").column, 7);
}

#[test]
fn text_from_the_file_cannot_steer_the_terminal() {
    let error = read("\"na\\e[31mme\": x\n").unwrap_err();
    assert!(!error.render(false).contains('\u{1b}'), "{:?}", error.render(false));
}
