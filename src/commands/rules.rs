//! `detente rules`: what the assumptions are, one by one, and whether a repository's own are usable.

mod show;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::commands::error::CommandError;
use crate::commands::rulebook::{self, RuleFile};
use crate::commands::sheet::Sheet;
use crate::commands::{governance, output};
use crate::exit::Exit;
use crate::model::rules::RuleSet;
use crate::render;
use crate::rules::{self, RuleKind, RuleName};

/// How many similar ids a message lists.
const MOST_NEAR: usize = 3;

/// What `detente rules` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente rules list
  detente rules show cisa-bod-26-04
  detente rules test .detente/rules

A repository's own rules lie in .detente/rules/{timelines,treatments,formats}/ID.yaml and
.detente/rules/exposure.yaml. One with
the id of a built-in rule replaces it. `detente gate` reads them from the target branch.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List every rule: kind, id, title, and where it comes from
    List {
        /// Rules of the repository [default: .detente/rules, if it is there]
        #[arg(long, value_name = "FOLDER")]
        rules: Option<PathBuf>,
    },
    /// Show one rule: its condition, figures with their basis, pros and cons, references
    Show {
        /// Id of the rule, which is its file name
        #[arg(value_name = "ID")]
        id: String,
        /// Rules of the repository [default: .detente/rules, if it is there]
        #[arg(long, value_name = "FOLDER")]
        rules: Option<PathBuf>,
    },
    /// Test every rule file of a folder, and the built-in rules with it: exit code 2 if one cannot be used
    Test {
        /// Folder with timelines/, treatments/, formats/ and exposure.yaml [default: .detente/rules, if it is there]
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// Runs the chosen action.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    match &args.action {
        Action::List { rules } => list(&Known::read(rules.as_deref())?),
        Action::Show { id, rules } => show(&Known::read(rules.as_deref())?, id),
        Action::Test { folder } => test(&own(folder.as_deref())?),
    }
}

/// All rules, and the repository's files among them.
struct Known {
    rules: RuleSet,
    own: BTreeMap<RuleName, RuleFile>,
}

impl Known {
    fn read(folder: Option<&Path>) -> Result<Self, CommandError> {
        let files = own(folder)?;
        let hint = "`detente rules test` checks every file";
        let rules = rules::load(&files).map_err(|error| rulebook::refused(&error).hint(hint))?;
        let own = files.into_iter().filter_map(|file| Some((rules::name(&file.0).ok()?, file))).collect();
        Ok(Self { rules, own })
    }

    /// Every rule with its title.
    fn titles(&self) -> Vec<(RuleName, String)> {
        let name = |kind, id: &str| RuleName { kind, id: id.to_owned() };
        let timelines = self.rules.timelines.values();
        let timelines = timelines.map(|table| (name(RuleKind::Timeline, &table.id), table.title.clone()));
        let treatments = self.rules.treatments.iter();
        let treatments = treatments.map(|rule| (name(RuleKind::Treatment, &rule.id), rule.title.clone()));
        let exposure =
            (name(RuleKind::Exposure, &self.rules.exposure.id), "Assumptions behind the exposure rate".to_owned());
        let formats = self.rules.formats.iter();
        let formats = formats.map(|mapping| (name(RuleKind::Format, &mapping.id), mapping.title().to_owned()));
        timelines.chain(treatments).chain([exposure]).chain(formats).collect()
    }

    fn source(&self, name: &RuleName) -> String {
        self.own.get(name).map_or_else(|| "built-in".to_owned(), |(path, _)| path.clone())
    }
}

/// The rule files of a folder; none if none was named and the usual one is not there.
fn own(folder: Option<&Path>) -> Result<Vec<RuleFile>, CommandError> {
    match folder {
        Some(folder) if !folder.is_dir() => {
            Err(CommandError::usage(format!("{}: there is no such folder", folder.display()))
                .hint("name a folder with timelines/, treatments/ or exposure.yaml in it"))
        }
        Some(folder) => rulebook::from_disk(folder),
        None => match governance::at_root(Path::new("."), rulebook::FOLDER) {
            folder if folder.is_dir() => rulebook::from_disk(&folder),
            _ => Ok(Vec::new()),
        },
    }
}

fn list(known: &Known) -> Result<Exit, CommandError> {
    let mut sheet = Sheet::new(&output::screen());
    let rows = known.titles().into_iter().map(|(name, title)| {
        let source = known.source(&name);
        [name.kind.as_str().to_owned(), name.id, title, source]
    });
    sheet.table(["Kind", "Id", "Title", "Source"], rows);
    output::print(&sheet.finish())?;
    Ok(Exit::Proceed)
}

fn show(known: &Known, id: &str) -> Result<Exit, CommandError> {
    let titles = known.titles();
    let found: Vec<_> = titles.iter().filter(|(name, _)| name.id == id).collect();
    if found.is_empty() {
        let mut near: Vec<(usize, &str)> =
            titles.iter().map(|(name, _)| (strsim::levenshtein(&name.id, id), name.id.as_str())).collect();
        near.sort_unstable();
        let near: Vec<&str> = near.into_iter().take(MOST_NEAR).map(|(_, id)| id).collect();
        return Err(CommandError::usage(format!("there is no rule {}", id.escape_debug()))
            .hint(format!("there is {}; `detente rules list` lists them all", near.join(", "))));
    }
    let built_in = rules::built_in_texts();
    let mut sheet = Sheet::new(&output::screen());
    for (name, title) in found {
        let own = known.own.get(name).map(|(_, bytes)| bytes.as_slice());
        let text = own.or_else(|| built_in.get(name).copied()).unwrap_or_default();
        sheet.title(&format!("{name}: {title}"));
        sheet.say(&format!("Source: {}.", known.source(name)));
        show::remarks(text, &mut sheet);
        show::rule(&known.rules, name, &mut sheet);
    }
    output::print(&sheet.finish())?;
    Ok(Exit::Proceed)
}

/// Reports every file, not only the first that is wrong.
fn test(files: &[RuleFile]) -> Result<Exit, CommandError> {
    let built_in = rules::built_in_texts();
    rules::load(&[]).map_err(|error| rulebook::refused(&error))?;
    let mut text = format!("{} built-in rules: usable\n", built_in.len());
    let mut wrong = Vec::new();
    for file in files {
        let problems = rules::problems(std::slice::from_ref(file));
        if problems.is_empty() {
            let replaces = rules::name(&file.0).is_ok_and(|name| built_in.contains_key(&name));
            let what = if replaces { "usable, replaces the built-in rule" } else { "usable" };
            text += &format!("{}: {what}\n", render::plain(&file.0));
        }
        wrong.extend(problems.into_iter().map(|problem| render::plain(&problem.to_string())));
    }
    // What is wrong between files: the same rule twice.
    if wrong.is_empty()
        && let Err(error) = rules::load(files)
    {
        wrong.push(render::plain(&error.to_string()));
    }
    output::print(&text)?;
    if wrong.is_empty() {
        return Ok(Exit::Proceed);
    }
    let count = if wrong.len() == 1 { "1 rule cannot".to_owned() } else { format!("{} rules cannot", wrong.len()) };
    Err(CommandError::usage(format!("{count} be used:\n{}", wrong.join("\n"))))
}
