//! `detente review`: what came of the decisions of a period, for both leaders.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::commands::ledger_place::{PlaceArgs, nothing};
use crate::commands::output;
use crate::exit::Exit;
use crate::follow::review::{self, Evidence};
use crate::follow::{budget, closure, commitments, waivers};
use crate::ledger::Want;
use crate::model::ledger::Record;
use crate::model::review::Reader;
use crate::render;

/// What `detente review` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente review                                   this quarter so far
  detente review --since 2026-07-01 --for board --format markdown
  detente review --for board --format html > review.html       the page that both leaders look at

The figures are the same for every reader; what stands first is not.")]
pub struct Args {
    /// First day of the period [default: the beginning of the quarter]
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    /// Who reads it
    #[arg(long = "for", value_name = "READER", value_enum, default_value_t)]
    reader: ReaderArg,
    /// Form of the review
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    format: Form,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum ReaderArg {
    /// Delivery first
    Cio,
    /// Exposure first
    Ciso,
    /// The agreement first
    #[default]
    Board,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Form {
    /// For people, in a terminal
    #[default]
    Terminal,
    /// For a page or a message
    Markdown,
    /// A page for both leaders that prints to one sheet of A4, one self-contained file
    Html,
    /// For programs, schema detente.review/1
    Json,
}

/// Shows the review.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let until = args.place.now();
    let since: Timestamp = match args.since {
        Some(day) => day.to_zoned(TimeZone::UTC).map_err(CommandError::usage)?.timestamp(),
        None => budget::quarter(until).map_or(until, |(_, start, _)| start),
    };
    if since > until {
        return Err(CommandError::usage(format!("--since {since} is after the end of the period, {until}"))
            .hint("the period ends now, or at --now"));
    }
    let ledger = args.place.open()?;
    let snapshot = ledger.snapshot().map_err(refused)?.ok_or_else(nothing)?;
    let history = snapshot.history(&Want { closed: true, now: until, ..Want::default() }).map_err(refused)?;
    let records = snapshot.everything().map_err(refused)?;
    let versions = snapshot.appetites(None).map_err(refused)?;
    let agreement = args.place.agreement(&versions)?;
    let mut commitments = commitments::commitments(&history.commitments, &agreement.light(&history, until));
    let baselines = records.iter().filter_map(|(_, record)| match record {
        Record::Baseline(baseline) if baseline.at <= until => Some(baseline),
        _ => None,
    });
    if let Some(baseline) = baselines.max_by_key(|baseline| baseline.at) {
        closure::remark_unmerged(&mut commitments, &history.commitments, baseline);
    }
    let waivers = waivers::standing(&history.waivers, &history.deciding, agreement.all(), until);
    let review = review::review(&Evidence {
        records: &records,
        waivers: &waivers,
        commitments: &commitments,
        agreements: agreement.all(),
        since,
        until,
        tip: &history.tip,
    });
    let reader = match args.reader {
        ReaderArg::Cio => Reader::Cio,
        ReaderArg::Ciso => Reader::Ciso,
        ReaderArg::Board => Reader::Board,
    };
    let text = match args.format {
        Form::Json => return output::print_json(&review).map(|()| Exit::Proceed),
        Form::Terminal => render::review::terminal(&review, reader, &output::screen()),
        Form::Markdown => render::review::markdown(&review, reader),
        Form::Html => render::review_page(&review, reader),
    };
    output::print(&text)?;
    Ok(Exit::Proceed)
}
