//! The command line: clap only. What a subcommand takes and does stands in its own file under `commands`.

mod later;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::commands::error::CommandError;
use crate::commands::log_line::Log;
use crate::commands::{
    appetite, choose, completions, demo, explain, formats, gate, hook, hotfix, inspect, intel, ledger, man, publish,
    reply, review, rules, schema, waive,
};
use crate::exit::Exit;
use later::Later;

/// The gate that answers "how", not "no".
///
/// Evaluates security-test results against the risk appetite that CIO and CISO agreed, and offers options from fastest
/// to most secure, each with ship date, effort, security score, pros and cons.
#[derive(Debug, Parser)]
#[command(name = "detente", version, max_term_width = 100, after_long_help = AFTER_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    command: Command,
    /// Logging.
    #[command(flatten)]
    pub logging: Logging,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  proceed: within appetite, decided, or advice only
  1  a decision is needed (with --require-decision), or a before_ship row is open
  2  the command line or a file that it names is not usable as given
  3  unresolved: evidence is missing or unreadable, or what was agreed cannot be seen
  4  the ledger, or a signature that is asked for, does not hold
  5  the forge or a feed cannot be reached, or no records are taken; the brief is still written

Variables of the environment: docs/environment.md

Start with:
  detente demo
  detente gate                       on your reports, in your repository";

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge security-test results against the risk appetite, and offer ways to proceed
    Gate(Later<gate::Args>),
    /// Record a choice, signed with your SSH key
    Choose(Later<choose::Args>),
    /// Accept a finding until a date, with an owner and a reason, signed with your SSH key
    Waive(Later<waive::Args>),
    /// Ship a revert or an emergency fix now, and promise to bring it within what was agreed in 72 hours
    Hotfix(Later<hotfix::Args>),
    /// Show what each report holds, as understood; nothing is judged
    Inspect(Later<inspect::Args>),
    /// Show, check and export decisions, commitments and waivers
    Ledger(Later<ledger::Args>),
    /// Show what came of the decisions of a period
    Review(Later<review::Args>),
    /// List every report format that is understood: its kinds of test, versions, facts and specification
    Formats(Later<formats::Args>),
    /// Show how a number of a brief comes about, part by part, and compute it again
    Explain(Later<explain::Args>),
    /// Publish a brief on the forge: one comment, a check run, outputs and a summary
    Publish(Later<publish::Args>),
    /// Answer what people ask for on a pull or merge request: a ticked box, or `/detente choose …`, `explain`, `waive`
    Reply(Later<reply::Args>),
    /// Show the main job on built-in sample reports and a signed sample appetite
    Demo(Later<demo::Args>),
    /// Write, sign, verify and explain the appetite file
    Appetite(Later<appetite::Args>),
    /// Fetch and show public facts about vulnerabilities: known exploitation (KEV) and its likelihood (EPSS)
    Intel(Later<intel::Args>),
    /// List, show and test the rules: timeline tables, treatments, assumptions and report formats
    Rules(Later<rules::Args>),
    /// Print the JSON Schema of a file that Detente writes or reads
    Schema(Later<schema::Args>),
    /// Say before a push how the change stands
    Hook(Later<hook::Args>),
    /// Print the completion script of a shell
    Completions(Later<completions::Args>),
    /// Print the manual page, or write the pages of all subcommands into a folder
    Man(Later<man::Args>),
}

impl Cli {
    /// Runs the chosen subcommand.
    ///
    /// # Errors
    /// With what went wrong, what to do, and the exit code that says so to scripts.
    pub fn run(self) -> Result<Exit, CommandError> {
        match self.command {
            Command::Gate(args) => gate::run(&args),
            Command::Choose(args) => choose::run(&args),
            Command::Waive(args) => waive::run(&args),
            Command::Hotfix(args) => hotfix::run(&args),
            Command::Inspect(args) => inspect::run(&args),
            Command::Ledger(args) => ledger::run(&args),
            Command::Review(args) => review::run(&args),
            Command::Formats(args) => formats::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Publish(args) => publish::run(&args),
            Command::Reply(args) => reply::run(&args),
            Command::Demo(args) => demo::run(&args),
            Command::Appetite(args) => appetite::run(&args),
            Command::Intel(args) => intel::run(&args),
            Command::Rules(args) => rules::run(&args),
            Command::Schema(args) => schema::run(&args),
            Command::Hook(args) => hook::run(&args),
            Command::Completions(args) => completions::run(&args, Self::command()),
            Command::Man(args) => man::run(&args, Self::command()),
        }
    }
}

/// Logging goes to standard error, never to standard output.
#[derive(Debug, Args)]
pub struct Logging {
    /// Say more on standard error; twice for every detail. DETENTE_LOG sets a filter of its own
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Show no progress, and say on standard error only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// How log lines are written
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line, for log collectors
    Json,
}

impl Logging {
    /// Starts the subscriber. `DETENTE_LOG` (in the syntax of `tracing` filters) overrides `-v`.
    pub fn start(&self) {
        let level = match self.verbose {
            0 if self.quiet => "error",
            0 => "warn",
            1 => "detente=info,warn",
            _ => "detente=trace,info",
        };
        let own = std::env::var("DETENTE_LOG").ok().filter(|own| !own.is_empty());
        let filter = own.and_then(|own| EnvFilter::try_new(own).ok()).unwrap_or_else(|| EnvFilter::new(level));
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Log);
        let color = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        let builder = builder.with_ansi(color);
        match self.log_format {
            LogFormat::Text => builder.without_time().with_target(false).init(),
            LogFormat::Json => builder.json().init(),
        }
    }
}
