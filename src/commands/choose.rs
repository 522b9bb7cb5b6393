//! `detente choose`: record which option was chosen, signed by whoever chose.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::commands::decision::{self, Choice, Place, option_name, record_decision};
use crate::commands::error::CommandError;
use crate::commands::governance::{self, Wish};
use crate::commands::ssh_key::{SigningKey, git_config};
use crate::commands::{brief_file, output, rulebook};
use crate::exit::Exit;
use crate::model::appetite::OptionName;
use crate::model::ledger::{Decider, Event};
use crate::model::standing::DecisionState;
use crate::model::word::Word;
use crate::{change, follow};

/// Record a choice, signed with your SSH key
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente gate results/ --output brief.json && detente choose balanced --reason \"key first, parser next sprint\"
  detente choose fastest --reason \"incident 4711\" --key ~/.ssh/id_ed25519 --brief brief.json

The choice is written to the ledger (refs/detente/ledger) and pushed. It counts if the agreement gives you the right:
several roles add up, authors do not approve their own change beyond tolerance.")]
pub struct Args {
    /// fastest, balanced or most-secure
    #[arg(value_name = "OPTION", value_parser = option_name)]
    option: Word<OptionName>,
    /// Why; it is kept with the decision
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Brief that the choice is about, as `gate --output` wrote it, or `-`
    #[arg(long, value_name = "FILE", default_value = brief_file::DEFAULT)]
    brief: PathBuf,
    /// SSH key to sign with [default: the one that git signs with, else ~/.ssh/id_ed25519]
    #[arg(long, value_name = "FILE", env = "DETENTE_KEY")]
    key: Option<PathBuf>,
    /// Appetite file [default: .detente/appetite.yml of the target branch]
    #[arg(long, value_name = "FILE", env = "DETENTE_APPETITE")]
    appetite: Option<PathBuf>,
    /// Keys that may sign the appetite
    #[arg(long, value_name = "FILE", env = "DETENTE_ALLOWED_SIGNERS")]
    allowed_signers: Option<PathBuf>,
    /// SHA-256 of the appetite's first agreed version, from which its signatures are followed without --allowed-signers
    #[arg(long, value_name = "SHA256", env = "DETENTE_APPETITE_ROOT")]
    appetite_root: Option<String>,
    /// Target branch or commit of the change [default: the one that the brief names]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Repository to look at
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    /// Remote that keeps the ledger; `none` keeps it in this clone
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    remote: String,
    /// Moment of the choice [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
}

/// Records the choice.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let now = args.now.unwrap_or_else(Timestamp::now);
    if args.reason.trim().is_empty() {
        return Err(
            CommandError::usage("--reason is empty").hint("say in a few words why; it is kept with the decision")
        );
    }
    let brief = brief_file::read(&args.brief)?;
    let base = args.base.clone().or_else(|| brief.change.base.as_ref().map(|base| base.name.clone()));
    let change = change::read(&args.repository, base.as_deref(), false);
    let wish = Wish {
        appetite: args.appetite.clone(),
        allowed_signers: args.allowed_signers.clone(),
        root: args.appetite_root.clone(),
    };
    let rules = rulebook::of_change(&args.repository, &change)?.rules;
    let governance = governance::find(&wish, &args.repository, &change, &rules, now)?;
    let key = SigningKey::find(args.key.as_deref(), &args.repository)?;
    let setting = |name: &str| git_config(&args.repository, name).unwrap_or_default();
    let choice = Choice {
        option: args.option.0,
        reason: args.reason.trim(),
        by: Decider::SshKey { key: key.public.clone(), name: setting("user.name"), email: setting("user.email") },
        authors: Vec::new(),
        at: now,
    };
    let place =
        Place { repository: &args.repository, remote: Some(args.remote.as_str()).filter(|remote| *remote != "none") };
    let sign = |bytes: &[u8], purpose: &str| key.sign(bytes, purpose);
    let recorded = record_decision(place, &brief, &governance, &choice, Some(&sign))?;
    output::print(&said(&recorded, &brief.change.name))?;
    Ok(if recorded.standing.state.proceeds() { Exit::Proceed } else { Exit::DecisionNeeded })
}

fn said(recorded: &decision::Recorded, change: &str) -> String {
    let standing = &recorded.standing;
    let option = standing.option.as_str();
    let mut lines = Vec::new();
    match standing.state {
        DecisionState::Decided | DecisionState::ByDefault | DecisionState::Hotfix => {
            lines.push(format!("Decided: {option} for {change}. Proceed."));
        }
        DecisionState::Incomplete | DecisionState::Void => lines.push(format!(
            "Recorded: {option} for {change}. Still missing: {}.",
            follow::decide::roles_in_words(&standing.missing)
        )),
    }
    for event in &recorded.commitments {
        if let Event::Made { promise, .. } = &event.event {
            let title = crate::render::plain(&promise.title);
            lines.push(format!("  {}: {title}, by {}", event.commitment, promise.due.strftime("%Y-%m-%d %H:%M UTC")));
        }
    }
    if let Some(why) = &recorded.not_pushed {
        lines.push(format!("The record is in this clone only: {why}."));
    }
    lines.join("\n") + "\n"
}
