//! What the pipeline that this runs in says about the change, for what the user does not say.

use std::path::Path;

use crate::commands::publish;
use crate::forge::github;

/// What the change in `repository` is compared with, as the pipeline says; what is missing of it is fetched. `None`
/// outside a pipeline, and for a repository that is not the one that the pipeline checked out.
pub(super) fn base(repository: &Path) -> Option<String> {
    let context = publish::context()?;
    let workspace = std::env::var_os("GITHUB_WORKSPACE").filter(|folder| !folder.is_empty())?;
    let inside = repository.canonicalize().ok()?.starts_with(Path::new(&workspace).canonicalize().ok()?);
    if !inside {
        return None;
    }
    let token = std::env::var("GITHUB_TOKEN").ok().filter(|token| !token.trim().is_empty());
    let compared = github::checkout::complete(repository, &context, token.as_deref().map(str::trim))?;
    if !compared.remark.is_empty() {
        tracing::warn!("{}", compared.remark);
    }
    Some(compared.revision)
}
