//! `detente ledger export`: every record, for other programs.

use jiff::Timestamp;

use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::commands::ledger_place::{Agreement, PlaceArgs, nothing};
use crate::commands::output;
use crate::exit::Exit;
use crate::follow::commitments::{Commitment, State, commitments};
use crate::follow::{authority, calibration, waivers};
use crate::ledger::Want;
use crate::model::closure::Closure;
use crate::model::ledger::{Event, History, Record, Waiver};
use crate::model::milestone::Milestone;
use crate::render;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Form of the export
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    format: Form,
    /// Instead: waivers in a scanner's own form, commitments as OSCAL plan of action and milestones, or closures for `gate --closures`
    #[arg(long = "as", value_name = "WHAT", value_parser = projection, conflicts_with = "format")]
    projection: Option<String>,
}

/// The name of the OSCAL export.
const POAM: &str = "oscal-poam";
/// The name of the export that `gate --closures` reads.
const CLOSURES: &str = "closures";

fn projection(text: &str) -> Result<String, String> {
    let known: Vec<&str> = render::waivers::FORMS.iter().map(|(name, _)| *name).chain([POAM, CLOSURES]).collect();
    if known.contains(&text) { Ok(text.to_owned()) } else { Err(format!("expected one of {}", known.join(", "))) }
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Form {
    /// One record a line, as it lies in the ledger, with its path
    #[default]
    Json,
    /// One row a record, for spreadsheets
    Csv,
}

pub(super) fn run(place: &PlaceArgs, args: &Args) -> Result<Exit, CommandError> {
    let ledger = place.open()?;
    let snapshot = ledger.snapshot().map_err(refused)?.ok_or_else(nothing)?;
    if let Some(name) = &args.projection {
        let want = Want { closed: true, now: place.now(), ..Want::default() };
        let history = snapshot.history(&want).map_err(refused)?;
        let agreement = place.agreement(&snapshot.appetites(None).map_err(refused)?)?;
        output::print(&projected(name, &history, &agreement, place.now())?)?;
        return Ok(Exit::Proceed);
    }
    let mut records = snapshot.everything().map_err(refused)?;
    records.sort_by(|a, b| (a.1.at(), &a.0).cmp(&(b.1.at(), &b.0)));
    let text = match args.format {
        Form::Json => json(&records)?,
        Form::Csv => csv(&records)?,
    };
    output::print(&text)?;
    Ok(Exit::Proceed)
}

fn projected(name: &str, history: &History, agreement: &Agreement, now: Timestamp) -> Result<String, CommandError> {
    if let Some((_, form)) = render::waivers::FORMS.iter().find(|(known, _)| *known == name) {
        // A scanner that leaves something out is not asked again: only what counts goes into its file.
        if agreement.appetite.is_none() || !agreement.vouched {
            return Err(CommandError::new(
                Exit::Trust,
                "no agreement is in force here, so nobody is known who may accept",
            )
            .hint("run it where the agreed appetite is on the target branch, or give --allowed-signers FILE"));
        }
        let standing = waivers::standing(&history.waivers, &history.deciding, agreement.all(), now);
        let holding: Vec<&Waiver> = standing.iter().filter(|it| it.holds).map(|it| it.waiver).collect();
        let text = form(&holding, now);
        if text.is_empty() {
            return Err(CommandError::usage(format!(
                "no waiver that holds can be said in {name}: it needs a statement"
            ))
            .hint("it names packages: a waiver of a finding in a dependency can be said in it"));
        }
        return Ok(text);
    }
    let all = commitments(&history.commitments, &agreement.light(history, now));
    if name == CLOSURES {
        return Ok(closures(&all));
    }
    let milestones: Vec<Milestone> = all
        .into_iter()
        .map(|commitment| Milestone {
            closed: commitment.ended.filter(|_| commitment.state == State::Closed),
            open: commitment.ended.is_none(),
            state: commitment.state.as_str(),
            id: commitment.id,
            title: commitment.promise.title,
            change: commitment.change,
            made: commitment.made,
            due: commitment.due,
        })
        .collect();
    if milestones.is_empty() {
        return Err(CommandError::usage("there is no commitment on record, and a plan of action names at least one"));
    }
    Ok(render::poam::write(&milestones, &history.tip, now))
}

/// Closed commitments with hours that somebody reported, one a line: what estimates are calibrated on.
fn closures(all: &[Commitment]) -> String {
    let line = |closure: Closure| {
        let line = serde_json::json!({
            "treatment": closure.treatment,
            "estimated_hours": closure.estimated_hours,
            "actual_hours": closure.actual_hours,
            "closed": closure.closed.to_string(),
        });
        format!("{line}\n")
    };
    calibration::closures(all).into_iter().map(line).collect()
}

fn json(records: &[(String, Record)]) -> Result<String, CommandError> {
    let mut out = String::new();
    for (path, record) in records {
        let mut value = serde_json::to_value(record).map_err(CommandError::usage)?;
        value["path"] = path.as_str().into();
        out.push_str(&format!("{value}\n"));
    }
    Ok(out)
}

/// What is compared in a spreadsheet; the whole record is in the other form.
fn csv(records: &[(String, Record)]) -> Result<String, CommandError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let problem = |error: csv::Error| CommandError::usage(error);
    writer.write_record(["at", "record", "about", "what", "who", "until", "why", "path"]).map_err(problem)?;
    for (path, record) in records {
        let [about, what, who, until, why] = row(record);
        let at = record.at().to_string();
        let cells = [at.as_str(), record.kind().as_str(), &about, &what, &who, &until, &why, path];
        writer.write_record(cells.map(harmless)).map_err(problem)?;
    }
    let bytes = writer.into_inner().map_err(CommandError::usage)?;
    String::from_utf8(bytes).map_err(CommandError::usage)
}

/// A cell that a spreadsheet takes for text and not for a formula.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn row(record: &Record) -> [String; 5] {
    let none = String::new;
    match record {
        Record::Baseline(baseline) => [
            baseline.branch.clone(),
            format!("{} findings at {}", baseline.findings.len(), baseline.commit),
            none(),
            none(),
            none(),
        ],
        Record::Assessment(assessed) => {
            [assessed.change.clone(), assessed.verdict.0.to_string(), none(), none(), none()]
        }
        Record::Decision(decision) => [
            decision.change.clone(),
            format!("{} at {}", decision.option.0.as_str(), decision.verdict.0),
            authority::name(&decision.by),
            none(),
            decision.reason.clone(),
        ],
        Record::Commitment(event) => {
            let (who, until, why) = match &event.event {
                Event::Made { promise, .. } => (none(), promise.due.to_string(), promise.title.clone()),
                Event::Extended { until, reason, by } => (authority::name(by), until.to_string(), reason.clone()),
                Event::Paused { reason, by } | Event::Withdrawn { reason, by } => {
                    (authority::name(by), none(), reason.clone())
                }
                Event::Resumed { reason, by } => (authority::name(by), none(), reason.clone()),
                Event::Worked { hours, by } => (authority::name(by), none(), format!("{hours} hours")),
                Event::Closed { evidence, .. } => (none(), none(), evidence.clone()),
                Event::NotClosed { why, .. } => (none(), none(), why.clone()),
            };
            [event.commitment.clone(), event.event.name().to_owned(), who, until, why]
        }
        Record::Waiver(waiver) => [
            waiver.id.clone(),
            waivers::subject(waiver),
            waiver.owner.clone(),
            waiver.until.to_string(),
            waiver.reason.clone(),
        ],
        Record::Appetite(version) => [version.sha256.clone(), version.origin.clone(), none(), none(), none()],
    }
}
