//! `detente formats`: which reports are understood, and what each of them tells.

use std::path::Path;

use serde_json::{Value, json};

use crate::commands::error::CommandError;
use crate::commands::sheet::Sheet;
use crate::commands::{output, rulebook};
use crate::exit::Exit;
use crate::ingest::{self, Formats, Known};
use crate::model::category::Category;
use crate::render;

/// What `detente formats` is given.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  detente formats
  detente formats trivy                        one format: where it is specified, which facts it yields
  detente formats --format json

Reports of a tool of your own: describe them in a short file, .detente/rules/formats/ID.yaml, and try it with
`detente inspect REPORT --mapping FILE`. JSON, XML and CSV can be described; docs/mapping.md explains every word.

  title: House checks
  tool: house
  kinds: [code]                                # what a report without findings is evidence of
  versions: any
  specification: https://wiki.example/house
  recognise: { json: [\"checks[].id\", house_version] }        # or xml: […], or csv: [columns]
  rows: checks[]
  only: { status: FAIL }
  finding:
    rule: id
    title: text
    severity: level
    severities: { bad: high, meh: low }        # the tool's words, where they are not the usual ones
    path: file
    line: line")]
pub struct Args {
    /// Show this format alone
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Form {
    /// A table
    #[default]
    Terminal,
    /// A page
    Markdown,
    /// Every fact about every format
    Json,
}

/// One format, as it is shown.
struct Row {
    id: String,
    title: String,
    kinds: String,
    versions: String,
    specification: String,
    facts: Vec<String>,
    described: bool,
}

/// Shows the formats.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let known = rulebook::formats_on_disk(Path::new("."))?;
    let mut rows = rows(&Formats::with(&known))?;
    if let Some(id) = &args.id {
        rows.retain(|row| row.id == *id);
        if rows.is_empty() {
            return Err(CommandError::usage(format!("there is no format {}", id.escape_debug())).hint(
                "`detente formats` lists them all; `detente formats --help` shows how to describe one of your own",
            ));
        }
    }
    let text = match args.format {
        Form::Markdown => page(&rows),
        Form::Json => format!("{:#}\n", json!({ "schema": "detente.formats/1", "formats": machine(&rows) })),
        Form::Terminal if args.id.is_some() => rows.iter().map(one).collect(),
        Form::Terminal => table(&rows),
    };
    output::print(&text)?;
    Ok(Exit::Proceed)
}

fn rows(formats: &Formats<'_>) -> Result<Vec<Row>, CommandError> {
    let facts = ingest::known_facts();
    let kinds = |kinds: &[Category]| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    let of = |id: &str| facts.get(id).into_iter().flatten().map(|fact| (*fact).to_owned()).collect();
    let mut rows = formats
        .all()
        .map(|known| {
            Ok(match known {
                Known::Written(format) => Row {
                    id: format.id.to_owned(),
                    title: format.title.to_owned(),
                    kinds: kinds(format.kinds),
                    versions: format.versions.to_owned(),
                    specification: format.specification.to_owned(),
                    facts: of(format.id),
                    described: false,
                },
                Known::Mapped(described) => {
                    let mapping = described.whole().map_err(CommandError::usage)?;
                    Row {
                        id: mapping.id.clone(),
                        title: mapping.title.clone(),
                        kinds: kinds(&mapping.categories()),
                        versions: mapping.versions.clone(),
                        specification: mapping.specification.clone(),
                        facts: of(&mapping.id),
                        described: true,
                    }
                }
            })
        })
        .collect::<Result<Vec<Row>, CommandError>>()?;
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(rows)
}

fn table(rows: &[Row]) -> String {
    let mut sheet = Sheet::new(&output::screen());
    sheet.table(
        ["Format", "Report", "Kinds of test", "Versions"],
        rows.iter().map(|row| [row.id.clone(), row.title.clone(), row.kinds.clone(), row.versions.clone()]),
    );
    sheet.say(&format!(
        "{} formats. `detente formats ID` shows the facts that one yields and where it is specified; `detente formats \
         --help` shows how to describe the reports of a tool of your own.",
        rows.len()
    ));
    sheet.finish()
}

fn one(row: &Row) -> String {
    let how = if row.described { "described by data (rules/formats)" } else { "built in" };
    let mut sheet = Sheet::new(&output::screen());
    sheet.title(&format!("{}: {}", row.id, render::plain(&row.title)));
    sheet.say(&format!("Kinds of test: {}. Versions: {}. {how}.", row.kinds, render::plain(&row.versions)));
    sheet.say(&format!("Specification: {}", render::plain(&row.specification)));
    if !row.facts.is_empty() {
        sheet.say(&format!("Facts, as its samples show: {}.", row.facts.join(", ")));
    }
    sheet.finish()
}

fn machine(rows: &[Row]) -> Vec<Value> {
    rows.iter()
        .map(|row| {
            json!({
                "id": row.id, "title": row.title, "kinds": row.kinds.split(", ").collect::<Vec<_>>(),
                "versions": row.versions, "specification": row.specification, "facts": row.facts,
                "described": row.described,
            })
        })
        .collect()
}

fn page(rows: &[Row]) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let mut text = format!(
        "# Report formats\n\n{} formats are understood, recognised by their content alone. Facts are those that the \
         format's own samples (`tests/fixtures/reports`) were read to give. † described by data, in `rules/formats`: \
         [describe the reports of a tool of your own](mapping.md).\n\nThis page is what `detente formats --format \
         markdown` prints; a test compares the two.\n\n| Format | Kinds of test | Versions | Facts |\n|---|---|---|---|\n",
        rows.len()
    );
    for row in rows {
        text += &format!(
            "| [{}]({}){}<br>`{}` | {} | {} | {} |\n",
            cell(&row.title),
            row.specification,
            if row.described { " †" } else { "" },
            row.id,
            row.kinds,
            cell(&row.versions),
            row.facts.join(", ")
        );
    }
    text
}
