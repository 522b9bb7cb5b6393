//! Completing a shallow checkout as far as it is needed: until it is known where the change left its base, and to its
//! beginning where the versions of a signed file have to be followed from the first.
//!
//! By the `git` program, which alone honours the credentials, proxies and settings of a job. A token is handed over in
//! the environment, never on a command line.

use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;

/// How much deeper to look, in commits, try by try; after that everything is fetched.
const DEEPER: [u32; 3] = [1, 50, 500];

/// What a change is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Branch, if it is one.
    pub branch: Option<String>,
    /// Commit, if the event names it.
    pub commit: Option<String>,
}

/// A revision to compare with, and what to know about how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The revision; a branch in full, so that no tag of its name is taken for it.
    pub revision: String,
    /// Why it may not do, and what to do; empty if it does.
    pub remark: String,
}

/// Finds the revision that the change is compared with, and fetches what is missing for it: with the credentials of the
/// checkout, or with a server's address and a token for it. `signatures` are the paths of signatures that count as long as
/// every version before them is known, if they lie there.
pub fn complete(
    repository: &Path,
    base: &Base,
    authorisation: Option<(&str, &str)>,
    signatures: &[String],
) -> Option<Compared> {
    let git = Git { folder: repository, authorisation };
    let compared = reach_base(&git, base)?;
    let mut look = vec!["ls-tree", "--full-tree", "--name-only", &compared.revision];
    look.extend(signatures.iter().map(String::as_str));
    let signed = !signatures.is_empty() && git.says(&look).is_some_and(|found| !found.is_empty());
    if signed && git.is_shallow() {
        let mut what = wanted(base, &compared.revision);
        what.extend(git.says(&["rev-parse", "HEAD"]));
        git.fetch(&["--unshallow"], &what);
    }
    Some(compared)
}

fn reach_base(git: &Git<'_>, base: &Base) -> Option<Compared> {
    let revision = revision(base)?;
    let known = |git: &Git<'_>| git.run(&["merge-base", "HEAD", &revision]);
    if known(git) {
        return Some(Compared { revision, remark: String::new() });
    }
    let shallow = git.is_shallow();
    let wanted = wanted(base, &revision);
    let one = if shallow { vec!["--depth=1"] } else { Vec::new() };
    git.fetch(&one, &wanted);
    if shallow {
        let head = git.says(&["rev-parse", "HEAD"]).unwrap_or_default();
        for depth in DEEPER.map(|depth| format!("--deepen={depth}")).iter().map(String::as_str).chain(["--unshallow"]) {
            if known(git) {
                break;
            }
            let mut what = wanted.clone();
            what.push(head.clone());
            git.fetch(&[depth], &what);
        }
    }
    let remark = if known(git) {
        String::new()
    } else {
        format!(
            "where the change left {} cannot be told from this checkout, and fetching the rest did not work: \
             fetch the whole history (`fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab)",
            revision.strip_prefix("refs/remotes/").unwrap_or(&revision)
        )
    };
    Some(Compared { revision, remark })
}

/// The revision by which a base goes in a checkout.
fn revision(base: &Base) -> Option<String> {
    match (&base.branch, &base.commit) {
        (Some(branch), _) if plain(branch) => Some(format!("refs/remotes/origin/{branch}")),
        (_, Some(commit)) if plain(commit) => Some(commit.clone()),
        _ => None,
    }
}

fn wanted(base: &Base, revision: &str) -> Vec<String> {
    match base.branch.as_deref().filter(|branch| plain(branch)) {
        Some(branch) => vec![format!("+refs/heads/{branch}:refs/remotes/origin/{branch}")],
        None => vec![revision.to_owned()],
    }
}

/// Whether a name is one to hand to git: no option, no pattern, no second half of a refspec.
fn plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && !name.contains("..")
        && !name.chars().any(|c| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c))
}

struct Git<'a> {
    folder: &'a Path,
    authorisation: Option<(&'a str, &'a str)>,
}

impl Git<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.current_dir(self.folder).stdin(Stdio::null()).env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        if let Some((server, token)) = self.authorisation {
            let basic = base64::engine::general_purpose::STANDARD.encode(format!("x-access-token:{token}"));
            // Behind the settings that the job made the same way.
            let number: u32 =
                std::env::var("GIT_CONFIG_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or_default();
            command
                .env("GIT_CONFIG_COUNT", (number + 2).to_string())
                // An empty value first: with the checkout's own header beside it GitHub refuses the request.
                .env(format!("GIT_CONFIG_KEY_{number}"), format!("http.{server}/.extraheader"))
                .env(format!("GIT_CONFIG_VALUE_{number}"), "")
                .env(format!("GIT_CONFIG_KEY_{}", number + 1), format!("http.{server}/.extraheader"))
                .env(format!("GIT_CONFIG_VALUE_{}", number + 1), format!("AUTHORIZATION: basic {basic}"));
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> bool {
        let status = self.command().args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    fn is_shallow(&self) -> bool {
        self.says(&["rev-parse", "--is-shallow-repository"]) == Some("true".to_owned())
    }

    fn says(&self, arguments: &[&str]) -> Option<String> {
        let output = self.command().args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn fetch(&self, options: &[&str], what: &[String]) {
        let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
        arguments.extend(options);
        arguments.push("origin");
        arguments.extend(what.iter().map(String::as_str));
        if !self.run(&arguments) {
            tracing::info!("git {} did not work", arguments.join(" "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_an_option_or_a_refspec() {
        for name in ["--upload-pack=x", "a:b", "a b", "a*", "a..b", "", "a\n"] {
            assert!(!plain(name), "{name:?}");
        }
        assert!(plain("release/2.x"));
        let base = Base { branch: Some("--exec=x".to_owned()), commit: Some("abc".to_owned()) };
        assert_eq!(revision(&base).as_deref(), Some("abc"));
    }
}
