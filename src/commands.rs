//! One file per subcommand: the only place where stages meet, and where clock, environment and terminal enter.

pub mod appetite;
pub mod demo;
pub mod error;
pub mod explain;
pub mod formats;
pub mod gate;
pub mod inspect;
pub mod rules;
pub mod schema;

mod brief_file;
mod governance;
mod judge;
mod output;
mod rulebook;
mod sheet;
