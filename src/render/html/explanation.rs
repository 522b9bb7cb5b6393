//! An explanation as a page of its own.

use askama::Template;

use crate::model::explanation::{Block, Explanation};

use super::shell::{self, Shell};

#[derive(Template)]
#[template(path = "html/explanation.html")]
struct ExplanationPage<'a> {
    shell: Shell,
    page: &'a Explanation,
}

/// Name of the column that a cell stands in, said again beside it on a narrow screen.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
fn name<'a>(header: &'a [String], column: &usize) -> &'a str {
    header.get(*column).map_or("", String::as_str)
}

/// The explanation as a page.
pub fn explanation(page: &Explanation) -> String {
    shell::rendered(&ExplanationPage { shell: Shell::plain(page.title.clone()), page })
}

#[cfg(test)]
mod tests {
    use crate::model::explanation::Section;

    use super::*;

    #[test]
    fn every_block_is_shown_and_nothing_in_it_is_markup() {
        let attack = "<script>alert(1)</script>";
        let page = Explanation {
            title: format!("Payments {attack}"),
            lead: vec!["We ship daily.".to_owned()],
            sections: vec![Section {
                id: "levels",
                heading: "Levels",
                blocks: vec![
                    Block::Say(format!("A paragraph. {attack}")),
                    Block::Items(vec![format!("An item. {attack}")]),
                    Block::Table {
                        header: vec!["Category".to_owned(), format!("Level {attack}")],
                        rows: vec![vec!["secret".to_owned(), format!("averse {attack}")]],
                    },
                ],
            }],
        };
        let page = explanation(&page);
        assert_eq!(page.matches("<script").count(), 0);
        assert_eq!(page.matches("&#60;script&#62;alert(1)&#60;/script&#62;").count(), 7, "{page}");
        assert!(page.contains("script-src &#39;none&#39;"));
        for said in ["We ship daily.", "A paragraph.", "An item.", "<td", "averse"] {
            assert!(page.contains(said), "{said}");
        }
    }
}
