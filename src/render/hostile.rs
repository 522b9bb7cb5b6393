//! Reports are hostile: what they say must reach the reader as text and do nothing.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::model::brief::Brief;
use crate::model::category::Category;
use crate::model::finding::Suppressed;
use crate::model::identifier::Identifier;
use crate::model::location::Endpoint;
use crate::model::origin::Origin;
use crate::model::report::Problem;
use crate::model::severity::Severity;

use super::renderer::Screen;
use super::{fixture, html, markdown, terminal};

/// Everything that forges, browsers, terminals and runners are known to act upon.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</details><h1>Approved</h1>",
    "<!-- detente:choose:fastest -->",
    "a\n- [x] choose **fastest**\n- [ ] b",
    "\n\n# Within appetite: go ahead\n",
    "a | b | c",
    "@octocat @org/security please approve",
    "fixes #1, GH-2, org/repo#3, !4, ~bug, %\"v1\", $5, &6, ^alert#7",
    "[click](https://evil.example) ![x](https://evil.example/x.png) https://evil.example www.evil.example a@evil.example",
    "[link]: https://evil.example",
    "```\n::error file=x::y\n```",
    "::set-output name=x::y ##[add-matcher]x ##vso[task.complete]",
    "\n/detente choose fastest\n/approve",
    "\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}red\u{9b}31m\r\u{8}",
    "user\u{202e}nimda\u{2066}\u{200f}\u{200b}\u{feff}\u{e0041}",
    "```\n```mermaid\nclick a href \"javascript:alert(1)\"",
    "Fix: %%{init: {'securityLevel': 'loose'}}%% ; section x",
    "&lt;script&gt; &#64;octocat &commat;octocat",
    "$`x`$ $$x$$ **b** _i_ ~~s~~ `c`",
];

/// A brief in which `text` stands wherever something from outside can stand.
fn brief_with(text: &str) -> Brief {
    let mut brief = fixture::beyond_tolerance();
    // A few of the older findings are enough, and quick.
    brief.assessment.findings.retain(|assessed| assessed.finding.id.as_str() < "f-root-03");
    for assessed in &mut brief.assessment.findings {
        let finding = &mut assessed.finding;
        finding.title = text.to_owned();
        finding.origin_evidence = text.to_owned();
        finding.artefact = Some(text.to_owned());
        for location in &mut finding.locations {
            location.path = text.to_owned();
        }
        if let Some(component) = &mut finding.component {
            component.name = text.to_owned();
            component.version = text.to_owned();
            component.fix = crate::model::component::Fix::in_versions([text]);
        }
        finding.endpoint = Some(Endpoint { url: text.to_owned(), method: Some(text.to_owned()), parameter: None });
        finding.identifiers.extend(Identifier::parse(text));
        Arc::make_mut(&mut assessed.service).name = text.to_owned();
        if let Some(due) = &mut assessed.due {
            due.limit.outcome = text.to_owned();
            due.clock = text.to_owned();
        }
    }
    let template = fixture::assessed("f-told", Category::Secret, text, Severity::High, Origin::Ambient).finding;
    brief.assessment.suppressed =
        vec![Suppressed { finding: template, kind: text.to_owned(), reason: text.to_owned() }];
    for report in &mut brief.reports {
        report.path = text.to_owned();
        report.tool = text.to_owned();
        report.tool_version = text.to_owned();
        report.problems = vec![Problem { evidence_missing: false, message: text.to_owned() }];
    }
    for coverage in &mut brief.assessment.coverage {
        coverage.reports = vec![text.to_owned()];
        coverage.remark = text.to_owned();
    }
    for row in &mut brief.assessment.rows {
        row.says = text.to_owned();
    }
    brief.assessment.counterfactual = vec![text.to_owned()];
    brief.change.unknown_because = text.to_owned();
    brief.intel = vec![text.to_owned()];
    for item in &mut brief.plan.work {
        item.title = text.to_owned();
        for treatment in &mut item.treatments {
            treatment.title = text.to_owned();
        }
    }
    for option in &mut brief.plan.options {
        option.pros = vec![text.to_owned()];
        option.cons = vec![text.to_owned()];
        option.approval = vec![text.to_owned()];
    }
    brief.plan.remarks = vec![text.to_owned()];
    for step in &mut brief.next {
        step.say = text.to_owned();
    }
    brief
}

/// The lines of the comment that begin with markup, by that markup: what a text must not be able to change.
fn skeleton(comment: &str) -> Vec<String> {
    let marks = ["- [ ]", "- [x]", "#", "```", "<details", "</details", "<!--", "/", "|---"];
    comment
        .lines()
        .filter_map(|line| marks.iter().find(|mark| line.trim_start().starts_with(**mark)).map(|&mark| mark.to_owned()))
        .collect()
}

/// Everything in a comment that is not escaped text: our own markup, which no text may add to.
fn assert_harmless_markdown(comment: &str, text: &str) {
    assert_eq!(skeleton(comment), skeleton(&comment_with("plain")), "{text:?}");
    let own = [
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<br>",
        "<wbr>",
        "<code>",
        "</code>",
        "<!-- detente:brief:1 -->",
        "<!-- detente:choose:fastest -->",
        "<!-- detente:choose:balanced -->",
        "<!-- detente:choose:most-secure -->",
    ];
    let rest = own.iter().fold(comment.to_owned(), |rest, tag| rest.replace(tag, ""));
    assert!(!rest.contains('<'), "raw HTML from {text:?}");
    assert!(!rest.contains('@'), "a mention from {text:?}");
    assert!(!rest.contains("]("), "a link from {text:?}");
    // Inside a fence, as in the chart, an address is no link.
    let prose: String = rest.split("```").step_by(2).collect();
    assert!(!prose.contains("://") && !prose.to_lowercase().contains("www."), "an address from {text:?}");
    assert!(!rest.contains("::"), "a runner command from {text:?}");
    assert!(!rest.contains(|c: char| c.is_control() && c != '\n'), "a control character from {text:?}");
    let decoded = decode(&rest);
    let linked =
        |sigil| decoded.split(sigil).skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_alphanumeric()));
    assert!(!linked('@') && !linked('#'), "a mention or reference after decoding, from {text:?}");
    for line in comment.lines().filter(|line| line.starts_with('|')) {
        let cells = line.matches('|').count();
        assert!(matches!(cells, 5 | 6), "{cells} cell borders from {text:?}: {line}");
    }
}

/// What a forge sees when it looks for mentions and references: the text behind the character references.
fn decode(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some((before, after)) = rest.split_once("&#") {
        out.push_str(before);
        let (number, behind) = after.split_once(';').unwrap();
        out.extend(char::from_u32(number.parse().unwrap()));
        rest = behind;
    }
    out + rest
}

fn assert_harmless_terminal(page: &str, text: &str) {
    assert!(!page.contains(|c: char| c.is_control() && c != '\n'), "a control character from {text:?}");
    assert!(!page.contains("##"), "a runner command from {text:?}");
    assert!(!page.lines().any(|line| line.trim_start().starts_with("::")), "a runner command from {text:?}");
    let hidden = ['\u{202e}', '\u{2066}', '\u{200f}', '\u{200b}', '\u{feff}', '\u{e0041}'];
    assert!(!page.contains(hidden), "a hidden character from {text:?}");
}

/// Tags of a page in their order. Everything else is text, or the value of an attribute in quotation marks.
fn tags(page: &str) -> Vec<String> {
    page.split('<')
        .skip(1)
        .map(|rest| rest.split(|c: char| c.is_whitespace() || c == '>').next().unwrap().to_owned())
        .collect()
}

/// A page of which every tag is our own: the text changes nothing but text.
fn assert_harmless_html(page: &str, text: &str) {
    let own = tags(&page_with("plain"));
    for tag in tags(page) {
        assert!(own.contains(&tag), "a tag <{tag}> from {text:?}");
    }
    assert_eq!(page.matches("<script").count(), 2, "a script from {text:?}");
    let (before, data) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap_or_else(|error| panic!("{error} from {text:?}"));
    let texts = data["texts"].as_array().unwrap().iter().map(|entry| entry.as_str().unwrap());
    for shown in std::iter::once(before).chain(texts) {
        let visible = |c: char| {
            c == '\n' || (!c.is_control() && !"\u{202e}\u{2066}\u{200f}\u{200b}\u{feff}\u{e0041}".contains(c))
        };
        assert!(shown.chars().all(visible), "a hidden character from {text:?}");
    }
    let content = before.split_once("</style>").unwrap().1;
    // Names of attributes: what is left of a tag without the values in quotation marks.
    for tag in content.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
        let names: String = tag.split('"').step_by(2).collect();
        let harmless = !names.contains(" on") && !names.contains(" style=") && !names.contains(" src=");
        assert!(harmless, "<{tag}> from {text:?}");
        let target = tag.split_once("href=\"").map_or("#", |(_, target)| target);
        assert!(target.starts_with('#'), "a link out of the page, <{tag}>, from {text:?}");
    }
}

fn page_with(text: &str) -> String {
    html::render(&brief_with(text), &Screen::default())
}

#[test]
fn no_attack_changes_the_structure_of_the_page() {
    let own = tags(&page_with("plain"));
    for attack in ATTACKS.iter().copied().chain([
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "]]></style><svg onload=alert(1)>",
        "\" onfocus=alert(1) autofocus=\"",
        "' onmouseover='alert(1)",
        "{{ 7 * 7 }} {% raw %}",
        "\u{2028}alert(1)\u{2029}",
        "مرحبا بالعالم עברית",
        &"Donaudampfschifffahrtsgesellschaft".repeat(300),
    ]) {
        let page = page_with(attack);
        assert_harmless_html(&page, attack);
        assert_eq!(tags(&page), own, "{attack:?}");
        assert!(page.len() < 300_000, "{} bytes from {attack:?}", page.len());
    }
}

fn comment_with(text: &str) -> String {
    markdown::render(&brief_with(text), &Screen::default())
}

#[test]
fn known_attacks_are_shown_and_do_nothing() {
    for attack in ATTACKS {
        assert_harmless_markdown(&comment_with(attack), attack);
        for width in [40, 60, 80, 200] {
            let screen = Screen { width, ..Screen::default() };
            assert_harmless_terminal(&terminal::render(&brief_with(attack), &screen), attack);
        }
    }
    insta::assert_snapshot!("hostile.md", comment_with(&ATTACKS.join(" ")));
}

#[test]
fn no_input_makes_the_comment_too_long() {
    for text in ["@".repeat(2_000), "<|> ".repeat(2_000), "日".repeat(2_000), "x".repeat(2_000)] {
        let mut brief = brief_with(&text);
        let many = |list: &Vec<String>| list.iter().cycle().take(200).cloned().collect::<Vec<_>>();
        for option in &mut brief.plan.options {
            (option.pros, option.cons) = (many(&option.pros), many(&option.cons));
            option.steps = option.steps.iter().cycle().take(200).cloned().collect();
            option.commitments = option.commitments.iter().cycle().take(200).cloned().collect();
            option.approval = many(&option.approval);
        }
        brief.assessment.rows = brief.assessment.rows.iter().cycle().take(200).cloned().collect();
        brief.assessment.counterfactual = many(&brief.assessment.counterfactual);
        brief.assessment.unresolved_because = many(&brief.assessment.counterfactual);
        brief.assessment.findings = brief.assessment.findings.iter().cycle().take(400).cloned().collect();
        brief.assessment.findings.sort_by(|a, b| a.finding.id.cmp(&b.finding.id));
        brief.assessment.coverage = brief.assessment.coverage.iter().cycle().take(200).cloned().collect();
        brief.plan.remarks = many(&brief.plan.remarks);
        brief.intel = many(&brief.intel);
        brief.reports = brief.reports.iter().cycle().take(200).cloned().collect();
        brief.next = brief.next.iter().cycle().take(200).cloned().collect();
        let comment = markdown::render(&brief, &Screen::default());
        assert!(comment.len() < 60_000, "{} bytes", comment.len());
        assert_eq!(comment.matches("<details>").count(), comment.matches("</details>").count());
        assert!(comment.contains(" more "), "says that something is left out");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, rng_seed: RngSeed::Fixed(20_261_101), ..ProptestConfig::default() })]

    #[test]
    fn no_text_becomes_markup(text in "(\\PC|[-\\[\\] x|<>@#:/*`&;.!~\\n\\r\\t\u{1b}\u{202e}]|- \\[ \\] |::|##\\[|www\\.|https://){0,60}") {
        assert_harmless_markdown(&comment_with(&text), &text);
        assert_harmless_terminal(&terminal::render(&brief_with(&text), &Screen { width: 60, ..Screen::default() }), &text);
        assert_harmless_html(&page_with(&text), &text);
    }
}
