//! The review as one page for both leaders: the same figures for each reader, what the reader answers for first and larger.
//!
//! It prints to one sheet, so what is listed is bounded, and what is left out is counted. A figure that nothing is known
//! about is said to be unknown in a sentence; no chart stands in for it.

mod charts;
mod panels;

use crate::model::review::{Reader, Review};
use askama::Template;

use super::super::review::{self as texts, Part};
use super::shell::{self, Shell};
use charts::Chart;
use panels::Panel;

#[derive(Template)]
#[template(path = "html/review.html")]
struct ReviewPage {
    shell: Shell,
    title: String,
    period: String,
    setting: String,
    summary: Vec<String>,
    groups: Vec<Group>,
}

/// The panels about one part.
struct Group {
    id: &'static str,
    title: &'static str,
    lead: bool,
    panels: Vec<Panel>,
}

/// The review as a page.
pub fn review(review: &Review, reader: Reader) -> String {
    let group = |(place, part): (usize, Part)| Group {
        id: id(part),
        title: part.title(),
        lead: place == 0,
        panels: panels::of(review, part),
    };
    let (title, period) = texts::title(review);
    let view = ReviewPage {
        shell: Shell::plain(format!("{title}, {period}")),
        title,
        period,
        setting: setting(review, reader),
        summary: summary(review, reader),
        groups: Part::ordered(reader).into_iter().enumerate().map(group).collect(),
    };
    shell::rendered(&view)
}

const fn id(part: Part) -> &'static str {
    match part {
        Part::Delivery => "delivery",
        Part::Promises => "promises",
        Part::Exposure => "exposure",
        Part::Agreement => "agreement",
        Part::Others => "others",
    }
}

fn setting(review: &Review, reader: Reader) -> String {
    let first = match reader {
        Reader::Cio => "delivery",
        Reader::Ciso => "exposure",
        Reader::Board => "the agreement",
    };
    let short = review.ledger.get(..12).unwrap_or(&review.ledger);
    format!(
        "Basis: own records (the ledger at {short}), with what is added under a figure; days in UTC. The same figures for \
         every reader; here {first} comes first."
    )
}

/// The quarter in three sentences, in the reader's order.
fn summary(review: &Review, reader: Reader) -> Vec<String> {
    Part::ordered(reader).into_iter().filter_map(|part| panels::in_short(review, part)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::renderer::Screen;
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::review::{Budget, Delay, Distribution, Overdue, Promises, Published, SCHEMA, Spent, Standing};

    const ALL: [Reader; 3] = [Reader::Cio, Reader::Ciso, Reader::Board];

    fn at(text: &str) -> jiff::Timestamp {
        text.parse().unwrap()
    }

    /// A quarter in which nothing was recorded.
    fn nothing() -> Review {
        Review {
            schema: SCHEMA,
            name: None,
            since: at("2026-10-01T00:00:00Z"),
            until: at("2026-12-16T12:00:00Z"),
            ledger: "8f14e45fceea167a5a36dedd4bea2543".to_owned(),
            judged: 0,
            within: 0,
            decided: BTreeMap::new(),
            by_default: 0,
            time_to_yes_hours: None,
            promises: Promises::default(),
            overdue: Vec::new(),
            exposure: Vec::new(),
            budget: None,
            delay_avoided: None,
            estimates: None,
            days_to_close: None,
            hotfixes: 0,
            waivers: crate::model::review::Waivers::default(),
            agreement_review: None,
            published: Vec::new(),
        }
    }

    /// A quarter in which everything there is to say was recorded.
    fn quarter() -> Review {
        let standing =
            |day: &str, findings, per_day| Standing { at: at(&format!("{day}T09:00:00Z")), findings, per_day };
        let spent = |day: &str, points| Spent { at: at(&format!("{day}T09:00:00Z")), points };
        let overdue = |days, title: &str, owners: &[&str]| Overdue {
            id: format!("c-{days:012}"),
            title: title.to_owned(),
            change: "pull/12".to_owned(),
            due: at("2026-12-01T00:00:00Z"),
            days,
            owners: owners.iter().map(|&owner| owner.to_owned()).collect(),
            remarks: Vec::new(),
        };
        Review {
            name: Some("Payments platform".to_owned()),
            judged: 14,
            within: 9,
            decided: BTreeMap::from([("balanced", 3), ("fastest", 2)]),
            by_default: 1,
            time_to_yes_hours: Some(Distribution { n: 5, median: 3.4, p90: 21.0 }),
            promises: Promises { due: 9, kept: 6, late: 1, open: 4 },
            overdue: vec![
                overdue(12, "Upgrade jackson-databind to 2.13.4.2", &["C. Example (coo)"]),
                overdue(3, "Use a prepared statement in OrderRepository.java", &["cio", "ciso"]),
            ],
            exposure: vec![
                standing("2026-10-05", 31, 18.27),
                standing("2026-11-02", 24, 12.5),
                standing("2026-12-14", 12, 6.0),
            ],
            budget: Some(Budget {
                quarter: "2026-Q4".to_owned(),
                from: at("2026-10-01T00:00:00Z"),
                to: at("2027-01-01T00:00:00Z"),
                since: at("2026-10-05T09:00:00Z"),
                agreed: 1500.0,
                spent: 1048.0,
                forecast: 1141.0,
                trail: vec![
                    spent("2026-10-05", 0.0),
                    spent("2026-11-02", 511.0),
                    spent("2026-12-14", 1036.0),
                    Spent { at: at("2026-12-16T12:00:00Z"), points: 1048.0 },
                ],
            }),
            delay_avoided: Some(Delay { changes: 5, held: 4, days: 26.5 }),
            estimates: Some(Distribution { n: 6, median: 1.25, p90: 2.1 }),
            days_to_close: Some(Distribution { n: 7, median: 8.5, p90: 19.0 }),
            hotfixes: 1,
            waivers: crate::model::review::Waivers::default(),
            agreement_review: Some("2027-02-01".to_owned()),
            published: vec![Published {
                what: "Average time to fix",
                figure: "252 days",
                source: "Somebody, Report 2025",
                mind: "all flaws",
            }],
            ..nothing()
        }
    }

    fn body(page: &str) -> &str {
        page.split_once("</defs></svg>").unwrap().1
    }

    #[test]
    fn a_quarter_is_on_one_page() {
        insta::assert_snapshot!("review.html", body(&review(&quarter(), Reader::Board)));
        insta::assert_snapshot!("review-of-nothing.html", body(&review(&nothing(), Reader::Cio)));
    }

    #[test]
    fn the_figures_are_the_same_for_every_reader() {
        let panels = |reader| {
            let page = review(&quarter(), reader);
            let mut panels: Vec<String> = page
                .split("<article")
                .skip(1)
                .map(|panel| panel.split_once("</article>").unwrap().0.to_owned())
                .collect();
            panels.sort();
            panels
        };
        assert!(panels(Reader::Cio).len() >= 11);
        assert!(ALL.iter().all(|&reader| panels(reader) == panels(Reader::Cio)));
        let first = |reader| {
            let page = review(&quarter(), reader);
            body(&page).split_once("lead-group ").unwrap().1.split_once('"').unwrap().0.to_owned()
        };
        assert_eq!(ALL.map(first), ["delivery", "exposure", "agreement"]);
    }

    /// What the text says, the page says: a figure that only one of them has is a mistake of one of them.
    #[test]
    fn every_figure_of_the_text_is_on_the_page() {
        let page = review(&quarter(), Reader::Board);
        for figure in [
            "14",
            "9 never",
            "3.4 hours",
            "21 hours",
            "26.5 calendar days",
            "4 of 5",
            "67 %",
            "6 of 9",
            "12 days",
            "C. Example (coo)",
            "1.25 ×",
            "2.1 ×",
            "6 points a day",
            "18.3",
            "1,048 of 1,500",
            "70 %",
            "76 %",
            "2027-02-01",
            "1 time",
            "252 days",
            "8.5 days",
            "19 days",
        ] {
            assert!(page.contains(figure), "{figure} is not on the page");
        }
        let text = texts::terminal(&quarter(), Reader::Board, &Screen::default());
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for figure in ["14", "3.4 hours", "26.5 calendar days", "67 %", "12 days", "2.1 times", "252 days", "8.5 days"]
        {
            assert!(text.contains(figure), "{figure} is not in the text: {text}");
        }
    }

    #[test]
    fn the_text_follows_the_width() {
        for width in [40, 80, 200] {
            let text = texts::terminal(&quarter(), Reader::Board, &Screen { width, ..Screen::default() });
            let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(longest <= usize::from(width).min(110), "{longest} columns of {width}: {text}");
        }
    }

    #[test]
    fn what_nobody_knows_is_said_and_not_drawn() {
        let page = review(&nothing(), Reader::Board);
        assert_eq!(body(&page).matches("<svg").count(), 0, "a chart of nothing would look like zero");
        assert!(page.matches("class=\"absent\"").count() >= 8);
        for zero in ["0 %", "0 hours", "0 minutes", "0 points", "0 calendar days"] {
            assert!(!body(&page).contains(zero), "{zero}");
        }
        assert!(page.contains("Nothing was decided in this period."));
    }

    #[test]
    fn what_is_listed_is_bounded_and_what_is_left_out_is_counted() {
        let mut review_of = quarter();
        let attack = format!("<script>alert(1)</script>{}", "x".repeat(10_000));
        review_of.name = Some(attack.clone());
        review_of.overdue = (0..80)
            .map(|number| Overdue {
                id: format!("c-{number}"),
                title: attack.clone(),
                owners: vec![attack.clone(); 9],
                remarks: vec![attack.clone()],
                ..review_of.overdue[0].clone()
            })
            .collect();
        let page = review(&review_of, Reader::Ciso);
        assert!(page.len() < 120_000, "{}", page.len());
        assert_eq!(page.matches("<script").count(), 0);
        assert!(page.contains("<summary>46 more</summary>") && page.contains("And 30 more, in the ledger."));
    }
}
