//! Tolerance rows as test cases, for the "Tests" tab of a pipeline (JUnit XML).
//!
//! A row beyond tolerance is the only thing that a test runner would call a failure; missing evidence is an error; a row
//! within tolerance that is above appetite, or advice, is said in its output and passes.

use crate::model::assessment::RowResult;
use crate::model::brief::Brief;
use crate::model::verdict::Verdict;

use super::escape;
use super::page::{Page, RowLine};
use super::renderer::{Form, Renderer, Screen};

/// This renderer's row.
pub const RENDERER: Renderer = Renderer {
    id: "junit",
    about: "tolerance rows as test cases (JUnit XML)",
    endings: &[".junit.xml", "junit.xml"],
    form: Form::Whole(render),
};

fn render(brief: &Brief, _: &Screen) -> String {
    let page = Page::of(brief);
    let missing = &brief.assessment.unresolved_because;
    let binds = brief.appetite.binds();
    let rows = &brief.assessment.rows;
    let failed = |row: &&RowResult| binds && row.state == Verdict::BeyondTolerance;
    let (failures, errors) = (rows.iter().filter(failed).count(), missing.len());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let count = rows.len() + errors;
    out.push_str(&format!(
        "<testsuites>\n<testsuite name=\"detente\" tests=\"{count}\" failures=\"{failures}\" errors=\"{errors}\" time=\"0\">\n"
    ));
    for row in rows {
        let line = page.rows.iter().find(|line| line.id == row.id);
        let said = line.map_or_else(String::new, words);
        out.push_str(&format!("<testcase classname=\"tolerance\" name=\"{}\" time=\"0\">", text(&row.id)));
        match row.state {
            Verdict::BeyondTolerance if binds => {
                let message = line.map_or("", |line| line.measured.as_str());
                out.push_str(&format!(
                    "<failure message=\"{}\" type=\"{}\">{}</failure>",
                    text(message),
                    row.state.as_str(),
                    text(&said)
                ));
            }
            _ if !said.is_empty() => out.push_str(&format!("<system-out>{}</system-out>", text(&said))),
            _ => {}
        }
        out.push_str("</testcase>\n");
    }
    for (number, why) in missing.iter().enumerate() {
        out.push_str(&format!(
            "<testcase classname=\"evidence\" name=\"evidence {}\" time=\"0\"><error message=\"{}\" type=\"unresolved\"/></testcase>\n",
            number + 1,
            text(why)
        ));
    }
    out.push_str("</testsuite>\n</testsuites>\n");
    out
}

fn words(line: &RowLine) -> String {
    [line.says.as_str(), line.state, &line.measured, &line.findings]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Text in XML: control characters are no characters there, and the five special ones are written by name.
fn text(raw: &str) -> String {
    let lines: Vec<String> = raw.lines().map(|line| escape::terminal(line, true)).collect();
    let mut out = String::new();
    for c in lines.join("\n").chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn counts_and_cases_agree() {
        for (name, brief) in fixture::all() {
            let xml = render(&brief, &Screen::default());
            let number = |attribute: &str| {
                let rest = xml.split_once(&format!("{attribute}=\"")).unwrap().1;
                rest.split_once('"').unwrap().0.parse::<usize>().unwrap()
            };
            assert_eq!(number("tests"), xml.matches("<testcase ").count(), "{name}");
            assert_eq!(number("failures"), xml.matches("<failure ").count(), "{name}");
            assert_eq!(number("errors"), xml.matches("<error ").count(), "{name}");
            let advice = !brief.appetite.binds();
            assert!(!advice || number("failures") == 0, "{name}: advice calls nothing a failure");
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(text("a<b>&\"'\u{1}\nc"), "a&lt;b&gt;&amp;&quot;&apos;&#10;c");
    }
}
