//! One file per subcommand: the only place where stages meet, and where clock, environment and terminal enter.

pub mod appetite;
pub mod choose;
pub mod decision;
pub mod demo;
pub mod error;
pub mod explain;
pub mod formats;
pub mod gate;
pub mod hotfix;
pub mod inspect;
pub mod intel;
pub mod ledger;
pub mod publish;
pub mod reply;
pub mod review;
pub mod rules;
pub mod schema;

mod brief_file;
mod change_name;
mod closures;
mod feed_cache;
mod feeds;
mod governance;
mod history;
mod judge;
mod ledger_place;
mod output;
mod promises;
mod publication;
mod record;
mod rulebook;
mod sheet;
mod ssh_key;
mod surroundings;
