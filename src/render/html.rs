//! The page that both leaders have between them when they talk: one file, no network, nothing to install.
//!
//! Words come from [`page`](super::page), as for every renderer; this module adds what is looked at rather than read.
//! Charts are drawn here as plain SVG with widths in percent, so that they fit a phone and a wall without script. The
//! only script searches, sorts and filters the list of findings; the page says everything without it.

mod axis;
mod choice;
mod explanation;
mod exposure;
mod findings;
mod frontier;
mod marks;
mod reasons;
mod review;
mod scale;
mod shell;
mod timeline;

use askama::Template;

use crate::model::brief::Brief;

use super::dates::Dates;
use super::page::Page;
use super::renderer::{Form, Renderer, Screen};
pub use explanation::explanation;
pub use review::review;

/// This renderer's row.
pub const RENDERER: Renderer = Renderer {
    id: "html",
    about: "the page that both leaders look at, one self-contained file",
    endings: &[".html", ".htm"],
    form: Form::Whole(render),
};

#[derive(Template)]
#[template(path = "html/gate.html")]
struct GatePage<'a> {
    shell: shell::Shell,
    page: &'a Page,
    mark: &'static str,
    standard: &'static str,
    notices: Vec<&'a String>,
    choice: Option<choice::Choice>,
    frontier: Option<frontier::Frontier>,
    timelines: Option<timeline::Timelines>,
    reasons: Vec<reasons::Row>,
    findings: findings::Findings,
}

/// Renders a brief as a page.
pub fn render(brief: &Brief, _: &Screen) -> String {
    let page = Page::to_keep(brief);
    let dates = Dates::to_keep(&brief.plan.planning);
    let findings = findings::findings(brief, &dates);
    let view = GatePage {
        shell: shell::Shell::with_script(format!("{} · {}", page.headline, brief.appetite.name), findings::SCRIPT),
        mark: marks::verdict(page.verdict),
        standard: brief.appetite.standard(),
        notices: page.notices.iter().filter(|&notice| Some(notice) != page.advice.as_ref()).collect(),
        choice: choice::choice(brief, &page, &dates),
        frontier: frontier::frontier(brief, &dates),
        timelines: timeline::timelines(brief, &dates),
        reasons: reasons::rows(brief),
        findings,
        page: &page,
    };
    shell::rendered(&view)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::super::fixture;
    use super::*;

    fn page(brief: &Brief) -> String {
        render(brief, &Screen::default())
    }

    /// The page without what does not depend on the brief.
    fn content(page: &str) -> String {
        let mut out = page.to_owned();
        for (open, close) in [("<style>", "</style>"), ("<script>", "</script>"), ("<defs>", "</defs>")] {
            let (before, rest) = out.split_once(open).unwrap();
            let (_, after) = rest.split_once(close).unwrap();
            out = format!("{before}{open}…{close}{after}");
        }
        out
    }

    #[test]
    fn every_brief_has_a_page() {
        for (name, mut brief) in fixture::all() {
            // A few of the older findings are enough to read.
            brief.assessment.findings.retain(|assessed| assessed.finding.id.as_str() < "f-root-02");
            let page = content(&page(&brief));
            let (_, body) = page.split_once("<body>").unwrap();
            insta::assert_snapshot!(format!("{name}.html"), body);
        }
    }

    #[test]
    fn the_policy_allows_exactly_the_page_s_own_style_and_script() {
        let page = page(&fixture::beyond_tolerance());
        let between =
            |open: &str, close: &str| page.split_once(open).unwrap().1.split_once(close).unwrap().0.to_owned();
        let policy = between("Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
        for (name, open, close) in [("style-src", "<style>", "</style>"), ("script-src", "<script>", "</script>")] {
            let digest = STANDARD.encode(Sha256::digest(between(open, close).as_bytes()));
            assert!(policy.contains(&format!("; {name} 'sha256-{digest}';")), "{policy}");
        }
        assert!(policy.starts_with("default-src 'none';"));
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn a_page_without_findings_is_small() {
        let mut brief = fixture::beyond_tolerance();
        brief.assessment.findings.clear();
        let page = page(&brief);
        assert!(page.len() < 300_000, "{} bytes", page.len());
        assert!(page.contains("The reports that were read name no finding."));
    }

    #[test]
    fn long_lists_are_data_and_not_markup() {
        let mut brief = fixture::beyond_tolerance();
        let template = brief.assessment.findings[0].clone();
        brief.assessment.findings = vec![template; 2_000];
        for (number, assessed) in brief.assessment.findings.iter_mut().enumerate() {
            assessed.finding.id = format!("f-{number:05}");
        }
        let page = page(&brief);
        let rows = page.split_once("<tbody>").unwrap().1.split_once("</tbody>").unwrap().0.matches("<tr>").count();
        assert_eq!(rows, 50);
        assert!(page.contains("And 1,950 more"), "says what is not listed without script");
        let data = page.split_once("id=\"data\">").unwrap().1.split_once("</script>").unwrap().0;
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["rows"].as_array().unwrap().len(), 2_000);
        let texts = data["texts"].as_array().unwrap().len() as u64;
        assert!(texts < 2_100, "texts that are the same are there once: {texts}");
        for row in data["rows"].as_array().unwrap() {
            let places = row.as_array().unwrap();
            assert!(places[2..=9].iter().all(|place| place.as_u64().unwrap() < texts));
            assert!(places[13][1].as_array().unwrap().iter().all(|place| place.as_u64().unwrap() < texts));
        }
    }
}
