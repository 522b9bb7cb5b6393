//! One file per subcommand: the only place where stages meet, and where clock, environment and terminal enter.

pub mod appetite;
pub mod choose;
pub mod completions;
pub mod decision;
pub mod demo;
pub mod error;
pub mod explain;
pub mod formats;
pub mod gate;
pub mod hook;
pub mod inspect;
pub mod intel;
pub mod man;
pub mod publish;
pub mod reply;
pub mod rules;
pub mod schema;

mod brief_file;
mod change_name;
mod closures;
mod evidence;
mod feed_cache;
mod feeds;
mod gitlab;
mod governance;
mod judge;
mod output;
mod progress;
mod promises;
mod publication;
mod reach;
mod rulebook;
mod sheet;
mod ssh_key;
mod surroundings;
