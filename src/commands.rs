//! One file per subcommand: the only place where stages meet, and where clock, environment and terminal enter.

pub mod appetite;
pub mod choose;
pub mod decision;
pub mod demo;
pub mod error;
pub mod explain;
pub mod gate;
pub mod inspect;
pub mod publish;
pub mod reply;
pub mod intel;
pub mod rules;
pub mod schema;

mod brief_file;
mod change_name;
mod feed_cache;
mod feeds;
mod closures;
mod governance;
mod judge;
mod output;
mod publication;
mod rulebook;
mod sheet;
mod ssh_key;
mod surroundings;
