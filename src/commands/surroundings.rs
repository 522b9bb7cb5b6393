//! What the pipeline that this runs in says about the change, for what the user does not say.

use std::path::Path;

use crate::change;
use crate::commands::gitlab::baseline::{self, Before};
use crate::commands::governance::{self, Wish};
use crate::commands::{gitlab, publish};
use crate::forge::checkout;
use crate::ingest::Formats;
use crate::model::change::Change;

/// What the change in `repository` is compared with, as the pipeline says; what is missing of it is fetched. `None`
/// outside a pipeline, and for a repository that is not the one that the pipeline checked out. `wish` says whether the
/// appetite is followed from its first version.
pub(super) fn base(repository: &Path, wish: &Wish) -> Option<String> {
    let signatures = governance::followed(wish, repository);
    if let Some(context) = gitlab::context() {
        let base = context.base.as_ref().filter(|_| is_in(repository, context.folder.as_deref()))?;
        // The runner leaves the credentials of the job in the checkout.
        return said(checkout::complete(repository, base, None, &signatures));
    }
    let context = publish::context().map(publish::said)?;
    let workspace = std::env::var("GITHUB_WORKSPACE").ok();
    let base = context.base.as_ref().filter(|_| is_in(repository, workspace.as_deref()))?;
    let token = std::env::var("GITHUB_TOKEN").ok().filter(|token| !token.trim().is_empty());
    let token = token.as_deref().map(|token| (context.server_url.as_str(), token.trim()));
    said(checkout::complete(repository, base, token, &signatures))
}

/// What stood there before the change, as the pipelines of its target say; `named` are the reports that were named. Nothing
/// outside a pipeline, and for a repository that is not the one that the pipeline checked out.
pub(super) fn before(repository: &Path, named: &[String], change: &Change, formats: &Formats<'_>) -> Before {
    let here = gitlab::context().filter(|context| is_in(repository, context.folder.as_deref()));
    let Some((context, root)) = here.zip(change::root(repository)) else { return Before::default() };
    // Where it was unpacked, a report went by its path from the root.
    let from_root = |name: &String| {
        let whole = std::path::absolute(name).ok()?;
        Some(whole.strip_prefix(&root).ok()?.to_string_lossy().into_owned())
    };
    let inside: Vec<String> = named.iter().filter_map(from_root).collect();
    baseline::before(&context, repository, &inside, change, formats)
}

/// Name of the default branch, as the pipeline says. Only a clone made by hand knows what its remote calls so.
pub(super) fn default_branch() -> Option<String> {
    if gitlab::context().is_some() {
        return std::env::var("CI_DEFAULT_BRANCH").ok().filter(|name| !name.is_empty());
    }
    publish::context()?.default_branch
}

/// Takes the commit that was pushed for the head where a pipeline checked out a merge of it. The merge is made to be tested
/// and is gone tomorrow; what is decided and promised is about the commit that stays.
pub(super) fn name_head(change: &mut Change) {
    let pushed = match gitlab::context() {
        Some(context) => context.head,
        None => publish::context().and_then(|context| context.head),
    };
    if let Some(pushed) = pushed.filter(|pushed| change.scanned_as.contains(pushed))
        && let Some(merge) = change.head.replace(pushed)
    {
        change.scanned_as.push(merge);
    }
}

/// Whether the repository lies in the folder that the pipeline works in.
fn is_in(repository: &Path, folder: Option<&str>) -> bool {
    let Some(folder) = folder.filter(|folder| !folder.is_empty()) else { return false };
    let real = |path: &Path| path.canonicalize().ok();
    real(repository).zip(real(Path::new(folder))).is_some_and(|(inner, outer)| inner.starts_with(outer))
}

fn said(compared: Option<checkout::Compared>) -> Option<String> {
    let compared = compared?;
    if !compared.remark.is_empty() {
        tracing::warn!("{}", compared.remark);
    }
    Some(compared.revision)
}
