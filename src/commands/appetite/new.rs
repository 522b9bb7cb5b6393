//! `detente appetite new`: from nothing to a file that two leaders can sign.

mod answers;
mod baseline;
mod key;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::appetite::{self, Draft};
use crate::commands::error::CommandError;
use crate::commands::feeds::Feeds;
use crate::commands::{evidence, governance, output, rulebook};
use crate::exit::Exit;
use crate::ingest::Formats;
use crate::model::appetite::Level;
use crate::model::category::Category;
use crate::model::preset::Preset;
use crate::model::service::{Criticality, NetworkExposure, Service};
use crate::signature::PublicSshKey;
use crate::{change, rules};

use super::check::rules_beside;
use answers::Answers;

/// Days until the review where nobody says otherwise: a quarter, as the budget.
const REVIEW_DAYS: i64 = 90;

/// Write a commented appetite file to agree on; asks at a terminal, takes flags elsewhere
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente appetite new                                                 asks
  detente appetite new --profile cautious --cio cio.pub --ciso ciso.pub results/
  detente appetite new --yes --level secret=averse --preset pci-dss-6.3.3 \\
      --service checkout --exposure internet --criticality essential --data cardholder --path 'services/checkout/**'

Reports that are given become the baseline: what they find was there before, holds no change, and has a day.")]
pub(super) struct Args {
    /// Reports of the present state: files, folders, globs; their open findings become the agreed baseline
    #[arg(value_name = "REPORT")]
    reports: Vec<String>,
    /// Profile to begin with: averse, minimal, cautious, open or eager [default: cautious]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Another level for one kind of finding, such as secret=averse
    #[arg(long, value_name = "KIND=LEVEL")]
    level: Vec<String>,
    /// Regulation to meet: cisa-bod-26-04, fedramp-rev5, fedramp-vdr, pci-dss-6.3.3, eu-cra
    #[arg(long, value_name = "ID")]
    preset: Vec<String>,
    /// What the appetite governs [default: the name of the repository's folder]
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Public SSH key of the CIO: a .pub file, or the key itself
    #[arg(long, value_name = "PUBKEY")]
    cio: Option<String>,
    /// Name of the CIO [default: the comment of the key]
    #[arg(long, value_name = "NAME")]
    cio_name: Option<String>,
    /// Public SSH key of the CISO: a .pub file, or the key itself
    #[arg(long, value_name = "PUBKEY")]
    ciso: Option<String>,
    /// Name of the CISO [default: the comment of the key]
    #[arg(long, value_name = "NAME")]
    ciso_name: Option<String>,
    /// Arbiter to whom a stalled matter goes, such as "coo=C. Example"
    #[arg(long, value_name = "ROLE=NAME")]
    arbiter: Option<String>,
    /// Public SSH key of the arbiter, by which a lost key of one party can be replaced
    #[arg(long, value_name = "PUBKEY", requires = "arbiter")]
    arbiter_key: Option<String>,
    /// Name of the service
    #[arg(long, value_name = "NAME", requires = "exposure", requires = "criticality")]
    service: Option<String>,
    /// Who can reach the service: internet, internal or isolated
    #[arg(long, value_name = "WORD", requires = "service")]
    exposure: Option<String>,
    /// How much depends on the service: essential, important or supporting
    #[arg(long, value_name = "WORD", requires = "service")]
    criticality: Option<String>,
    /// Kind of data that the service handles, such as cardholder
    #[arg(long, value_name = "WORD", requires = "service")]
    data: Vec<String>,
    /// Glob over the paths of the service [default: the whole repository]
    #[arg(long, value_name = "GLOB", requires = "service")]
    path: Vec<String>,
    /// Day of the review [default: 90 days from today]
    #[arg(long, value_name = "DATE")]
    review_by: Option<jiff::civil::Date>,
    #[command(flatten)]
    feeds: Feeds,
    /// File to write [default: .detente/appetite.yml]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Ask nothing
    #[arg(long)]
    yes: bool,
    /// Moment of writing [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
}

/// Asks, writes, and says what comes next.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let output = governance::file(args.output.as_deref());
    if output.exists() {
        return Err(CommandError::usage(format!("{}: is already there, and is not overwritten", output.display()))
            .hint("name another with --output, and compare the two with `detente appetite diff`"));
    }
    let now = args.now.unwrap_or_else(Timestamp::now);
    let effective = now.to_zoned(TimeZone::UTC).date();
    let review_by = args.review_by.unwrap_or_else(|| effective.saturating_add(REVIEW_DAYS.days()));
    let given = given(args)?;
    let asks = !args.yes && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let answers = if asks { answers::ask(given)? } else { given };

    let profile_text = profile(&answers.profile)?;
    let mut levels: BTreeMap<Category, (Level, &str)> = BTreeMap::new();
    for (category, level) in &answers.levels {
        levels.insert(*category, (*level, profile(level.as_str())?));
    }
    let (cio, ciso) = (party(answers.cio, "CIO"), party(answers.ciso, "CISO"));
    two_parties(&cio, &ciso)?;
    let presets: Vec<Preset> = answers.presets.iter().map(|id| preset(id)).collect::<Result<_, _>>()?;
    if answers.service.is_none() && presets.iter().filter(|preset| preset.timeline.is_some()).count() > 1 {
        return Err(CommandError::usage("several regulations with time limits need a service that they bind")
            .hint("add --service NAME --exposure WORD --criticality WORD"));
    }
    let rules = rulebook::on_disk(Path::new("."))?;
    let formats = Formats::with(&rules.formats);
    let reports = if args.reports.is_empty() { Vec::new() } else { evidence::read(&args.reports, &formats)? };
    let kinds = reports.iter().flat_map(|report| &report.scan.kinds).copied();
    let required: std::collections::BTreeSet<Category> = kinds.collect();
    let mut new = Draft {
        profile: &answers.profile,
        profile_text,
        name: answers.name,
        effective,
        review_by,
        cio,
        ciso,
        arbiter: answers.arbiter,
        levels,
        services: answers.service.into_iter().collect(),
        presets,
        required: required.into_iter().collect(),
        baseline: None,
    };
    let rules = rules::load(&rules_beside(&output)?).map_err(|error| rulebook::refused(&error))?;
    if !args.reports.is_empty() {
        let text = appetite::draft(&new);
        let read = appetite::read(text.as_bytes(), "the new file").map_err(governance::refused)?;
        let intel = args.feeds.read(reports.iter(), now)?.intel;
        new.baseline = Some((effective, baseline::promises(reports, read, rules.clone(), intel, review_by, now)?));
    }
    let text = appetite::draft(&new);
    let read = appetite::read(text.as_bytes(), &output.display().to_string()).map_err(governance::refused)?;
    let tables: Vec<&str> = rules.timelines.keys().map(String::as_str).collect();
    appetite::check_timelines(text.as_bytes(), &read, &tables).map_err(governance::refused)?;
    if let Some(folder) = output.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| CommandError::usage(format!("{}: cannot be made: {error}", folder.display())))?;
    }
    output::write_file(&output, text.as_bytes())?;
    output::print(&said(&output, &new))?;
    Ok(Exit::Proceed)
}

/// What was written and what comes next.
fn said(path: &Path, new: &Draft<'_>) -> String {
    let path = path.display();
    let mut out = format!("{path}: written from the profile `{}`, to be reviewed by {}.\n", new.profile, new.review_by);
    if let Some((_, promises)) = &new.baseline {
        let count: usize = promises.iter().map(|promise| promise.findings.len()).sum();
        let days: Vec<String> =
            promises.iter().map(|promise| format!("{} by {}", promise.findings.len(), promise.due)).collect();
        out += &match count {
            0 => "Baseline: nothing is open.\n".to_owned(),
            count => format!(
                "Baseline: {count} findings that were there before ({}). None of it holds a change.\n",
                days.join(", ")
            ),
        };
    }
    for (role, (name, keys)) in [("cio", &new.cio), ("ciso", &new.ciso)] {
        if keys.is_empty() {
            out += &format!(
                "No key for `{role}` ({}) was given: write it into the file before anybody signs.\n",
                name.escape_debug()
            );
        }
    }
    out += &format!(
        "Next: read it, change what does not fit, then\n  detente appetite check {path}\n  detente appetite sign --as cio --key FILE \
         {path}\n  detente appetite sign --as ciso --key FILE {path}\n  git add {path} {path}.cio.sig {path}.ciso.sig && git commit\n  \
         detente appetite verify {path}\n"
    );
    out
}

/// What the flags say.
fn given(args: &Args) -> Result<Answers, CommandError> {
    let folder = change::root(Path::new(".")).or_else(|| std::env::current_dir().ok());
    let folder = folder.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let read = |flag: &str, text: Option<&String>| text.map(|text| key::read(flag, text)).transpose();
    let service = args.service.as_ref().map(|name| {
        Ok::<_, CommandError>(Service {
            name: name.clone(),
            paths: args.path.clone(),
            exposure: word("--exposure", args.exposure.as_deref(), &NetworkExposure::ALL, NetworkExposure::as_str)?,
            criticality: word("--criticality", args.criticality.as_deref(), &Criticality::ALL, Criticality::as_str)?,
            data: args.data.clone(),
            ..Service::undeclared()
        })
    });
    Ok(Answers {
        profile: args.profile.clone().unwrap_or_else(|| "cautious".to_owned()),
        profile_given: args.profile.is_some(),
        levels: args.level.iter().map(|text| level(text)).collect::<Result<_, _>>()?,
        presets: args.preset.clone(),
        name_given: args.name.is_some(),
        name: args.name.clone().or(folder).unwrap_or_else(|| "This repository".to_owned()),
        cio: (args.cio_name.clone(), read("--cio", args.cio.as_ref())?),
        ciso: (args.ciso_name.clone(), read("--ciso", args.ciso.as_ref())?),
        arbiter: match &args.arbiter {
            None => None,
            Some(text) => {
                let (role, name) = text.split_once('=').ok_or_else(|| {
                    CommandError::usage(format!(
                        "--arbiter {text}: expected a role and a name, such as \"coo=C. Example\""
                    ))
                })?;
                let keys = read("--arbiter-key", args.arbiter_key.as_ref())?.map(|key| line(&key));
                Some((role.trim().to_owned(), name.trim().to_owned(), keys.into_iter().collect()))
            }
        },
        service: service.transpose()?,
    })
}

fn profile(name: &str) -> Result<&'static str, CommandError> {
    rules::profile(name).ok_or_else(|| {
        CommandError::usage(format!("there is no profile {}", name.escape_debug()))
            .hint(format!("one of {}", rules::profiles().join(", ")))
    })
}

fn preset(id: &str) -> Result<Preset, CommandError> {
    rules::preset(id).map_err(|error| rulebook::refused(&error))?.ok_or_else(|| {
        CommandError::usage(format!("there is no preset {}", id.escape_debug()))
            .hint(format!("one of {}", rules::presets().join(", ")))
    })
}

/// `secret=averse`.
fn level(text: &str) -> Result<(Category, Level), CommandError> {
    let wrong = |why: String| CommandError::usage(format!("--level {text}: {why}"));
    let (kind, level) =
        text.split_once('=').ok_or_else(|| wrong("expected KIND=LEVEL, such as secret=averse".to_owned()))?;
    let category = kind.trim().parse::<Category>().map_err(wrong)?;
    Ok((category, word("--level", Some(level), &Level::ALL, Level::as_str)?))
}

fn word<T: Copy>(
    flag: &str,
    text: Option<&str>,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, CommandError> {
    let text = text.unwrap_or_default().trim();
    all.iter().copied().find(|known| name(*known) == text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|known| name(*known)).collect();
        CommandError::usage(format!("{flag} {}: expected one of {}", text.escape_debug(), names.join(", ")))
    })
}

/// The line of an authorized-keys file.
fn line(key: &PublicSshKey) -> String {
    key.text.clone()
}

fn party((name, key): (Option<String>, Option<PublicSshKey>), title: &str) -> (String, Vec<String>) {
    let comment = key.as_ref().map(|key| key.comment.clone()).filter(|comment| !comment.is_empty());
    (name.or(comment).unwrap_or_else(|| format!("the {title}")), key.iter().map(line).collect())
}

/// The two parties are two persons with a key each.
fn two_parties(cio: &(String, Vec<String>), ciso: &(String, Vec<String>)) -> Result<(), CommandError> {
    let refused = |why: &str| {
        CommandError::usage(format!("CIO and CISO have {why}: an agreement needs two persons with a key each"))
            .hint("give --cio and --ciso, and --cio-name and --ciso-name, of two persons")
    };
    if cio.1.iter().any(|key| ciso.1.contains(key)) {
        return Err(refused("the same key"));
    }
    if cio.0.trim().to_lowercase() == ciso.0.trim().to_lowercase() {
        return Err(refused("the same name"));
    }
    Ok(())
}
