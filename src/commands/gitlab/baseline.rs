//! What stood on the target branch of a merge request before it, by what the branch's own pipelines left behind.
//!
//! Nothing is done with less: where it cannot be had, nothing is taken to be new or old for it, and the reader is told why.

use std::path::Path;

use super::interface::{with_job, with_token};
use crate::change;
use crate::commands::evidence;
use crate::commands::reach::Reach;
use crate::forge::error::ForgeError;
use crate::forge::gitlab::baseline::{self as forge, Left, Pipeline};
use crate::forge::gitlab::{Api, Context};
use crate::ingest::{self, Formats, Limits};
use crate::model::change::{Base, Change};
use crate::model::report::Report;

/// Pipelines that are looked into, the latest first: one may have run no scanner.
const LOOKED_INTO: usize = 5;
/// Most archives of one pipeline, and most of their bytes together, that are read.
const MOST_ARCHIVES: usize = 50;
const MOST_BYTES: u64 = 256 << 20;
/// Most remarks that are told.
const MOST_REMARKS: usize = 4;

/// What is known.
#[derive(Default)]
pub(in crate::commands) struct Before {
    /// Reports about the state before, if there are any.
    pub reports: Option<Vec<Report>>,
    /// Where they come from, or why there are none; one sentence each.
    pub notices: Vec<String>,
}

/// What stood on the target branch of the merge request whose pipeline this is; nothing in any other pipeline. `named` are
/// the reports that were named, relative to the repository's root.
pub(in crate::commands) fn before(
    context: &Context,
    repository: &Path,
    named: &[String],
    change: &Change,
    formats: &Formats<'_>,
) -> Before {
    let branch = context.base.as_ref().and_then(|base| base.branch.as_deref());
    let Some((_, branch)) = context.merge_request.zip(branch) else { return Before::default() };
    let looked = match &change.base {
        Some(base) => look(context, repository, branch, base, &|name, archive| {
            ingest::ingest_artifacts(name, archive, named, formats, &Limits::default())
        }),
        None => Err("it is not known where the change left it".to_owned()),
    };
    looked.unwrap_or_else(|why| Before {
        reports: None,
        notices: vec![format!(
            "What {branch} had before is not known from its pipelines, so git alone tells what is new: {why}."
        )],
    })
}

/// Reports in an archive, by its name and bytes, and what could not be read.
type Reading<'a> = &'a dyn Fn(&str, Vec<u8>) -> Result<(Vec<Report>, Vec<String>), String>;

/// Looks for the latest pipeline that left reports. The error is in words.
fn look(context: &Context, repository: &Path, branch: &str, base: &Base, read: Reading<'_>) -> Result<Before, String> {
    let said = |error: ForgeError| error.to_string();
    let reach = Reach::short();
    // The job's own token may read artifacts on some instances, and may not list pipelines on most.
    let api = with_token(context, &reach).or_else(|_| with_job(context, &reach)).map_err(said)?;
    let own = forge::pipelines(&api, context, branch).map_err(said)?;
    // What came to the branch later is not what the change began from; what never came to it is nobody's baseline.
    let before = |pipeline: &&Pipeline| change::contains(repository, &base.commit, &pipeline.sha) == Some(true);
    let mut without = Vec::new();
    for pipeline in own.iter().filter(before).take(LOOKED_INTO) {
        let mut found = Found::default();
        for left in forge::left(&api, context, branch, pipeline).map_err(said)? {
            let name = format!("{branch}@{}", short(&pipeline.sha));
            if let Err(why) = found.add(&api, context, &left, &name, read) {
                // What is refused once is refused again: nobody is asked fifty times.
                if found.reports.is_empty() {
                    return Err(why);
                }
                found.remarks.push(why);
                break;
            }
        }
        if !found.reports.is_empty() {
            return Ok(found.tell(branch, base, pipeline));
        }
        without.extend(found.remarks);
    }
    without.sort();
    without.dedup();
    let why = if own.iter().any(|pipeline| before(&pipeline)) {
        "none of its latest pipelines up to there left a report where this one looks for reports, in the `artifacts: paths:` of \
         a job"
    } else {
        "none of its latest pipelines that came to a good end ran for a commit that the change builds on"
    };
    without.insert(0, why.to_owned());
    Err(some(&without))
}

/// Remarks, the first of them in words.
fn some(remarks: &[String]) -> String {
    let told = remarks.iter().take(MOST_REMARKS).cloned().collect::<Vec<_>>().join("; ");
    match remarks.len().saturating_sub(MOST_REMARKS) {
        0 => told,
        more => format!("{told}; and {more} more of the kind"),
    }
}

/// What a pipeline left behind.
#[derive(Default)]
struct Found {
    reports: Vec<Report>,
    remarks: Vec<String>,
    archives: usize,
    bytes: u64,
}

impl Found {
    /// Adds what a job left behind, or a remark why that is not known. What GitLab does not let us have is an error.
    fn add(&mut self, api: &Api, context: &Context, left: &Left, name: &str, read: Reading<'_>) -> Result<(), String> {
        let of_job = |why: &dyn std::fmt::Display| format!("the artifacts of {}: {why}", left.name);
        if self.archives == MOST_ARCHIVES || left.is_too_large() || self.bytes + left.bytes > MOST_BYTES {
            self.remarks.push(format!("the artifacts of {} are more than is looked into", left.name));
            return Ok(());
        }
        (self.archives, self.bytes) = (self.archives + 1, self.bytes + left.bytes);
        let read = match forge::archive(api, context, left).map_err(|error| of_job(&error))? {
            Some(archive) => read(name, archive),
            None => Err("they are gone".to_owned()),
        };
        match read {
            Ok((reports, unreadable)) => {
                for report in reports {
                    let problem = report.problems.iter().find(|problem| problem.evidence_missing);
                    self.remarks.extend(problem.map(|problem| format!("{}: {}", report.path, problem.message)));
                    self.reports.extend(report.format.is_some().then_some(report));
                }
                self.remarks.extend(unreadable.iter().take(1).map(|why| of_job(why)));
            }
            Err(why) => self.remarks.push(of_job(&why)),
        }
        Ok(())
    }

    fn tell(self, branch: &str, base: &Base, pipeline: &Pipeline) -> Before {
        let at = short(&pipeline.sha);
        let place = if pipeline.sha == base.commit {
            "the commit that the change builds on".to_owned()
        } else {
            format!(
                "before the commit that the change builds on ({}): what came in between counts as new",
                short(&base.commit)
            )
        };
        let mut notices = vec![format!(
            "What {branch} had before comes from its pipeline {}, which ran for {at}, {place}. Read were {}.",
            pipeline.id,
            evidence::listed(&self.reports)
        )];
        if !self.remarks.is_empty() {
            notices.push(format!("Of that pipeline not everything could be read: {}.", some(&self.remarks)));
        }
        Before { reports: Some(self.reports), notices }
    }
}

fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}
