//! `detente waive`: accept a finding until a date, on record.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::commands::decision::Place;
use crate::commands::error::CommandError;
use crate::commands::ledger_place::PlaceArgs;
use crate::commands::ssh_key::{SigningKey, git_config};
use crate::commands::waiver::{Acceptance, moment, record_waiver, said};
use crate::commands::{brief_file, clock, decision, output};
use crate::exit::Exit;
use crate::model::ledger::Decider;
use crate::render;

/// What `detente waive` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente gate results/ --output brief.json
  detente waive CVE-2021-44228 --until 2026-12-31 --reason \"not reachable: JNDI is off; replaced in January\" --owner \"Team Search\"
  detente waive f-0123456789ab --until 2026-12-20 --reason \"vendor fix is announced\"
  detente waive new-high --until 2026-12-05 --reason \"what stands in the row today\"
  detente ledger export --as trivyignore > .trivyignore          what is accepted, in a scanner's own form

It takes whoever may approve the fastest option beyond tolerance; several roles add up, each by another person. Nothing is
accepted for longer than a year, what both leaders want treated before ship cannot be, and a finding that becomes worse
than it was is not covered any more.")]
pub struct Args {
    /// A finding, by its id or CVE, or a tolerance row, for what stands in it now
    #[arg(value_name = "WHAT")]
    what: String,
    /// Until when: a day, which ends at midnight UTC, or a moment
    #[arg(long, value_name = "DATE", value_parser = moment)]
    until: Timestamp,
    /// Why it can wait; it is kept with the waiver
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who answers for it [default: you]
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    owner: String,
    /// Brief that holds the finding, as `gate --output` wrote it, or `-`
    #[arg(long, value_name = "FILE", default_value = brief_file::DEFAULT)]
    brief: PathBuf,
    /// SSH key to sign with [default: the one that git signs with, else ~/.ssh/id_ed25519]
    #[arg(long, value_name = "FILE", env = "DETENTE_KEY")]
    key: Option<PathBuf>,
    /// Target branch or commit of the change [default: the one that the brief names]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Records the waiver.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let (now, repository) = (clock::now(Some(args.place.now())), args.place.repository.as_path());
    let brief = brief_file::read(&args.brief)?;
    let base = args.base.clone().or_else(|| brief.change.base.as_ref().map(|base| base.name.clone()));
    let governance = args.place.governance(base.as_deref())?;
    let key = SigningKey::find(args.key.as_deref(), repository)?;
    let setting = |name: &str| git_config(repository, name).unwrap_or_default();
    let acceptance = Acceptance {
        what: &args.what,
        until: args.until,
        reason: &args.reason,
        owner: &args.owner,
        by: Decider::SshKey { key: key.public.clone(), name: setting("user.name"), email: setting("user.email") },
        authors: decision::Authors::default(),
        at: now,
    };
    let place = Place { repository, remote: args.place.destination() };
    let sign = |bytes: &[u8], purpose: &str| key.sign(bytes, purpose);
    let recorded = record_waiver(place, &brief, &governance, &acceptance, Some(&sign))?;
    output::print(&(render::plain(&said(&recorded)) + "\n"))?;
    Ok(decision::exit(recorded.holds, recorded.not_pushed.as_deref()))
}
