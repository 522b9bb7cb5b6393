//! Public feeds for a run: the files that were named.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::commands::error::CommandError;
use crate::intel;
use crate::model::identifier::Identifier;
use crate::model::intel::Intel;
use crate::model::report::Report;

/// Where the feeds come from.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Feeds {
    /// CISA's catalogue of known exploited vulnerabilities (JSON or CSV, plain or .gz)
    #[arg(long, value_name = "FILE")]
    kev: Option<PathBuf>,
    /// EPSS scores of FIRST (CSV, plain or .gz)
    #[arg(long, value_name = "FILE")]
    epss: Option<PathBuf>,
}

impl Feeds {
    /// Reads the feeds, as far as they concern these reports.
    pub(super) fn read<'a>(&self, reports: impl Iterator<Item = &'a Report>) -> Result<Intel, CommandError> {
        let kev =
            self.kev.as_deref().map(|path| read_feed(path, |bytes| intel::read_kev(bytes.as_slice()))).transpose()?;
        let epss = self
            .epss
            .as_deref()
            .map(|path| {
                let wanted = identifiers(reports);
                read_feed(path, |bytes| intel::read_epss(bytes.as_slice(), &wanted))
            })
            .transpose()?;
        Ok(Intel { kev, epss })
    }
}

fn identifiers<'a>(reports: impl Iterator<Item = &'a Report>) -> BTreeSet<Identifier> {
    reports.flat_map(|report| &report.observations).flat_map(|seen| &seen.identifiers).cloned().collect()
}

fn read_feed<T, E: std::fmt::Display>(path: &Path, read: impl Fn(Vec<u8>) -> Result<T, E>) -> Result<T, CommandError> {
    let bytes = std::fs::read(path)
        .map_err(|error| CommandError::usage(format!("{}: cannot be read: {error}", path.display())))?;
    read(bytes).map_err(|error| CommandError::usage(format!("{}: {error}", path.display())))
}
