//! An explanation as markdown.

use super::writer::Markup;
use crate::model::explanation::{Block, Explanation};

/// The explanation as a page of its own.
pub fn explanation(page: &Explanation) -> String {
    let mut out = Markup::of("# ").and_text(&page.title).then("\n\n");
    for sentence in &page.lead {
        out.text(sentence).raw("\n");
    }
    for section in &page.sections {
        out.raw("\n## ").text(section.heading).raw("\n\n");
        for block in &section.blocks {
            match block {
                Block::Say(text) => {
                    out.text(text).raw("\n");
                }
                Block::Items(items) => {
                    for item in items {
                        out.raw("- ").text(item).raw("\n");
                    }
                }
                Block::Table { header, rows } => {
                    row(&mut out, header);
                    out.raw("|");
                    header.iter().for_each(|_| {
                        out.raw("---|");
                    });
                    out.raw("\n");
                    rows.iter().for_each(|cells| row(&mut out, cells));
                }
            }
            out.raw("\n");
        }
    }
    format!("{}\n", out.into_string().trim_end())
}

fn row(out: &mut Markup, cells: &[String]) {
    out.raw("|");
    for cell in cells {
        out.raw(" ").text(cell).raw(" |");
    }
    out.raw("\n");
}
