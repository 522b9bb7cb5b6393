//! `detente appetite verify`: is the file agreed.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::commands::error::CommandError;
use crate::commands::{governance, output};
use crate::exit::Exit;
use crate::model::appetite::AgreementState;

/// Verify both signatures: exit code 0 if agreed, 4 if not
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente appetite verify                                        by the versions agreed before on the target branch
  detente appetite verify --allowed-signers /etc/detente/allowed_signers
  detente appetite verify --appetite-root 3f5a… --base origin/main")]
pub(super) struct Args {
    /// Appetite file; the signatures lie beside it as FILE.cio.sig and FILE.ciso.sig [default: .detente/appetite.yml]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Keys that may sign, in the form of ssh-keygen's allowed signers, principals `cio` and `ciso`
    #[arg(long, value_name = "FILE", env = "DETENTE_ALLOWED_SIGNERS")]
    allowed_signers: Option<PathBuf>,
    /// SHA-256 of the first agreed version, from which signatures are followed without --allowed-signers
    #[arg(long, value_name = "SHA256", env = "DETENTE_APPETITE_ROOT", value_parser = governance::root_digest)]
    appetite_root: Option<String>,
    /// Branch on which the versions agreed before are followed [default: the remote's default branch]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Moment at which the agreement has to be in effect [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
}

/// Verifies the signatures and says how far the file is agreed.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let file = governance::file(args.file.as_deref());
    let now = args.now.unwrap_or_else(Timestamp::now);
    let read = governance::read_from_disk(
        &file,
        args.allowed_signers.as_deref(),
        args.appetite_root.as_deref(),
        args.base.as_deref(),
        now,
    )?;
    let agreement = &read.appetite.agreement;
    let signers = if agreement.state == AgreementState::Agreed {
        format!(" by {}", agreement.signers.join(" and "))
    } else {
        String::new()
    };
    // Why it is in this state goes on with the sentence; what to know besides is one of its own.
    let behind = |mark: &str, remark: &str| match crate::render::plain(remark).trim_end_matches('.') {
        "" => String::new(),
        remark => format!("{mark} {remark}"),
    };
    let why = behind(";", &agreement.remark);
    let besides = behind(".", read.remark.as_deref().unwrap_or_default());
    output::print(&format!("{}: {}{signers}{why}{besides}.\n", file.display(), agreement.state.as_str()))?;
    Ok(if agreement.state == AgreementState::Agreed { Exit::Proceed } else { Exit::Trust })
}
