//! `detente appetite explain`: a page that a board member understands.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::appetite::{self, Audience};
use crate::commands::error::CommandError;
use crate::commands::{governance, output, rulebook, sheet};
use crate::exit::Exit;
use crate::{render, rules};

use super::check::rules_beside;

/// Explain the appetite: statement, levels, limits, who decides what, clocks, budget, obligations
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente appetite explain --for board --format markdown > appetite.md
  detente appetite explain --for board --format html > appetite.html
  detente appetite explain --for ciso --style technical")]
pub(super) struct Args {
    /// Appetite file [default: .detente/appetite.yml]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// For whom: what the reader answers for comes first
    #[arg(long = "for", value_enum, value_name = "READER")]
    reader: Option<Reader>,
    /// How the reader leads: business or partnering (CIO), technical or transformational (CISO)
    #[arg(long, value_enum, value_name = "STYLE")]
    style: Option<Style>,
    /// Form
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Keys that may sign, in the form of ssh-keygen's allowed signers
    #[arg(long, value_name = "FILE", env = "DETENTE_ALLOWED_SIGNERS")]
    allowed_signers: Option<PathBuf>,
    /// Moment of reading [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Reader {
    /// Chief information officer: benefit and dates first
    Cio,
    /// Chief information security officer: evidence first
    Ciso,
    /// Board: levels and who answers for what first
    Board,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Style {
    /// A CIO who leads by the business case
    Business,
    /// A CIO who leads by partnership
    Partnering,
    /// A CISO who leads by technical depth
    Technical,
    /// A CISO who leads by change
    Transformational,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Form {
    /// For a screen
    #[default]
    Terminal,
    /// For a wiki or a pull request
    Markdown,
    /// A page of its own, one self-contained file
    Html,
}

/// Prints the page.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let file = governance::file(args.file.as_deref());
    let audience = audience(args.reader, args.style)?;
    let now = args.now.unwrap_or_else(Timestamp::now);
    let read = governance::read_from_disk(&file, args.allowed_signers.as_deref(), None, None, now)?;
    let rules = rules::load(&rules_beside(&file)?).map_err(|error| rulebook::refused(&error))?;
    let page = appetite::explanation(&read.appetite, &rules.timelines, audience, now);
    output::print(&match args.format {
        Form::Terminal => sheet::explanation(&page),
        Form::Markdown => render::explanation(&page),
        Form::Html => render::explanation_page(&page),
    })?;
    Ok(Exit::Proceed)
}

fn audience(reader: Option<Reader>, style: Option<Style>) -> Result<Audience, CommandError> {
    Ok(match (reader, style) {
        (None, None) => Audience::Everyone,
        (Some(Reader::Cio), None) => Audience::Cio,
        (Some(Reader::Ciso), None) => Audience::Ciso,
        (Some(Reader::Board), None) => Audience::Board,
        (None | Some(Reader::Cio), Some(Style::Business)) => Audience::CioBusiness,
        (None | Some(Reader::Cio), Some(Style::Partnering)) => Audience::CioPartnering,
        (None | Some(Reader::Ciso), Some(Style::Technical)) => Audience::CisoTechnical,
        (None | Some(Reader::Ciso), Some(Style::Transformational)) => Audience::CisoTransformational,
        (Some(_), Some(_)) => {
            return Err(CommandError::usage("this style belongs to another reader")
                .hint("business and partnering are a CIO's, technical and transformational a CISO's"));
        }
    })
}
