//! Finding the appetite that governs a change, and where it is read from.
//!
//! The author of a change controls its files. The appetite and its signatures are therefore taken from the target
//! branch wherever there is one; the work tree counts only for what the target branch cannot know.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::appetite::{Continuity, TrustedKeys};
use crate::commands::error::CommandError;
use crate::commands::own_copy;
use crate::document::DocumentError;
use crate::exit::Exit;
use crate::model::appetite::{Agreement, AgreementState, Appetite};
use crate::model::change::{Change, Target};
use crate::model::digest::Digest;
use crate::model::edit::{Direction, Edit};
use crate::model::rules::{RuleSet, TimelineTable};
use crate::{appetite, change, rules as rule_pack};

/// Where the file lies in a repository.
pub(super) const DEFAULT_PATH: &str = ".detente/appetite.yml";

/// Profile that is used as advice where nothing was agreed.
const FALLBACK_PROFILE: &str = "cautious";

/// What the user said about the appetite.
#[derive(Debug, Clone, Default)]
pub(super) struct Wish {
    /// File named on the command line.
    pub appetite: Option<PathBuf>,
    /// File that says which keys are trusted.
    pub allowed_signers: Option<PathBuf>,
    /// Digest of the version with which trust by continuity begins.
    pub root: Option<String>,
}

/// The appetite, and what the reader should know about how it was found.
pub(super) struct Governance {
    /// The appetite with its agreement state.
    pub appetite: Appetite,
    /// The file that it was read from; `None` for a built-in profile.
    pub signed: Option<Signed>,
    /// What to know of it for this change, one sentence each.
    pub notices: Vec<String>,
    /// What to know of the agreement itself, whatever the change, one sentence each.
    pub remarks: Vec<String>,
}

impl Governance {
    /// Whether a version of the file is the one in force, or was agreed before it on the target branch: it may be signed
    /// by keys that were rotated since.
    pub fn has_agreed(&self, digest: Digest) -> bool {
        let before = self.signed.as_ref().and_then(|signed| signed.continuity.as_ref());
        self.appetite.binds() && (self.appetite.sha256 == digest || before.is_some_and(|chain| chain.has(digest)))
    }
}

/// A file with its signatures, all read from the same place.
pub(super) struct Signed {
    /// The place.
    pub origin: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// Signatures by role.
    pub signatures: BTreeMap<String, Vec<u8>>,
    /// The versions agreed before, where there is a target branch to follow them on.
    continuity: Option<Continuity>,
}

/// The digest with which an agreement begins.
pub(super) fn root_digest(text: &str) -> Result<String, String> {
    let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let wanted =
        "a SHA-256 digest of 64 hexadecimal digits is expected, as `sha256sum` writes it of the first agreed version";
    if is_digest { Ok(text.to_owned()) } else { Err(wanted.to_owned()) }
}

/// Where the appetite that governs a change was looked for, and what is there.
enum Located {
    /// A file, with what was signed.
    File(Signed),
    /// No file.
    Nowhere,
    /// It cannot be seen from here whether there is one; why, and what to do.
    OutOfReach(String),
}

/// Who signs beside the file: the two parties, and the arbiter in place of one of them.
fn signers() -> impl Iterator<Item = &'static str> {
    appetite::PARTIES.into_iter().chain([appetite::ARBITER])
}

/// Paths of the signatures that the versions before them vouch for, from the root of the repository; none if somebody
/// outside it does.
pub(super) fn followed(wish: &Wish, repository: &Path) -> Vec<String> {
    let path = wish.appetite.clone().unwrap_or_else(|| repository.join(DEFAULT_PATH));
    let inside = change::path_in_repository(repository, &path).filter(|_| wish.allowed_signers.is_none());
    inside.map_or_else(Vec::new, |inside| signers().map(|role| format!("{inside}.{role}.sig")).collect())
}

/// Finds, reads and verifies the appetite that governs `change`. A timeline table that it names has to be one of
/// the `rules`: a misspelt obligation must not quietly set no dates.
pub(super) fn find(
    wish: &Wish,
    repository: &Path,
    change: &Change,
    rules: &RuleSet,
    now: Timestamp,
) -> Result<Governance, CommandError> {
    let tables: Vec<&str> = rules.timelines.keys().map(String::as_str).collect();
    let (mut notices, mut remarks) = (Vec::new(), Vec::new());
    let trusted = wish.allowed_signers.as_deref().map(read_trusted).transpose()?;
    match locate(wish, repository, change, &rules.timelines, &mut notices)? {
        Located::Nowhere => builtin(notices, None),
        Located::OutOfReach(why) => builtin(notices, Some(why)),
        Located::File(signed) => {
            let mut appetite = verified(&signed, trusted.as_ref(), now)?;
            if !appetite.binds()
                && let Some(why) = change::shut(repository)
            {
                appetite.agreement.state = AgreementState::Unverified;
                appetite.agreement.remark = why.to_string();
            }
            appetite::check_timelines(&signed.bytes, &appetite, &tables).map_err(refused)?;
            if trusted.is_none() && appetite.binds() {
                remarks.extend(signed.continuity.as_ref().and_then(Continuity::remark));
            }
            remarks.extend(appetite::remarks(&appetite, now));
            Ok(Governance { appetite, signed: Some(signed), notices, remarks })
        }
    }
}

/// An appetite file on disk, verified.
pub(super) struct OnDisk {
    /// What it says, with the agreement state.
    pub appetite: Appetite,
    /// On what the trust rests, if on nothing but the history of the target branch.
    pub remark: Option<String>,
}

/// Reads and verifies an appetite file that lies on disk with its signatures beside it. Without `allowed_signers` the
/// versions before it on the target branch (`base`, or the default) vouch for it.
pub(super) fn read_from_disk(
    path: &Path,
    allowed_signers: Option<&Path>,
    root: Option<&str>,
    base: Option<&str>,
    now: Timestamp,
) -> Result<OnDisk, CommandError> {
    let trusted = allowed_signers.map(read_trusted).transpose()?;
    let mut signed = from_disk(path)?;
    if trusted.is_none() {
        signed.continuity = continuity_beside(path, root, base)?;
    }
    let appetite = verified(&signed, trusted.as_ref(), now)?;
    let remark = signed.continuity.filter(|_| appetite.binds()).and_then(|chain| chain.remark());
    Ok(OnDisk { appetite, remark })
}

/// Where a file or folder lies that a repository keeps at its root: a command may be run in any folder of the work tree,
/// and the same agreement and the same rules hold in all of them. Outside a work tree it is looked for in `folder`.
pub(super) fn at_root(folder: &Path, path: &str) -> PathBuf {
    let here = folder == Path::new(".");
    let root = change::root(folder);
    let below = root.as_deref().and_then(|root| {
        let inside = folder.canonicalize().ok()?;
        Some(inside.strip_prefix(root.canonicalize().ok()?).ok()?.components().count())
    });
    match (root, below) {
        (Some(_), Some(depth)) if here => Path::new(&"../".repeat(depth)).join(path),
        (None, _) if here => PathBuf::from(path),
        (Some(root), below) if below != Some(0) => root.join(path),
        _ => folder.join(path),
    }
}

/// The appetite file that was named on the command line, or the one of the repository that the command is run in.
pub(super) fn file(named: Option<&Path>) -> PathBuf {
    named.map_or_else(|| at_root(Path::new("."), DEFAULT_PATH), Path::to_owned)
}

/// The file at `path` as the current commit has it; `None` if it has none that can be read.
pub(super) fn committed(path: &Path) -> Option<Appetite> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let inside = change::path_in_repository(folder, path)?;
    let bytes = change::trusted_file(folder, "HEAD", &inside).ok()??;
    appetite::read(&bytes, &inside).ok()
}

/// The versions agreed before the file at `path`; `None` where there is no target branch. A base that was asked for and
/// is not there is an error.
fn continuity_beside(path: &Path, root: Option<&str>, base: Option<&str>) -> Result<Option<Continuity>, CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let (_, tip) = match (change::target(folder, base), base) {
        (Ok(target), _) => target,
        (Err(error), Some(_)) => return Err(CommandError::usage(error)),
        (Err(_), None) => return Ok(None),
    };
    match change::path_in_repository(folder, path) {
        Some(inside) => continuity(folder, &tip, &inside, root).map(Some),
        None => Ok(None),
    }
}

fn continuity(repository: &Path, tip: &str, inside: &str, root: Option<&str>) -> Result<Continuity, CommandError> {
    let mut paths: Vec<String> = signers().map(|role| format!("{inside}.{role}.sig")).collect();
    paths.push(inside.to_owned());
    let history = change::history(repository, tip, &paths).map_err(|error| {
        CommandError::new(Exit::Trust, format!("the history of {inside} cannot be followed: {error}"))
            .hint("pass --allowed-signers FILE with the keys of both parties")
    })?;
    Ok(Continuity::follow(&history, inside, root))
}

fn verified(signed: &Signed, trusted: Option<&TrustedKeys>, now: Timestamp) -> Result<Appetite, CommandError> {
    let mut read = appetite::read(&signed.bytes, &signed.origin).map_err(refused)?;
    read.agreement = match (&signed.continuity, trusted) {
        (Some(chain), None) => chain.judge(&signed.bytes, &read, &signed.signatures, now),
        _ => appetite::agreement(&signed.bytes, &read, &signed.signatures, trusted, now),
    };
    Ok(read)
}

/// An appetite file that cannot be used, shown at its place.
#[allow(clippy::needless_pass_by_value, reason = "used as a function of the error")]
pub(super) fn refused(error: DocumentError) -> CommandError {
    CommandError::excerpt(&error)
}

/// Why a run is no advice: somebody wrote down from outside with which version the agreement begins, and what is there does
/// not follow from it.
pub(super) fn broken(wish: &Wish, appetite: &Appetite) -> Option<CommandError> {
    let agreement = &appetite.agreement;
    let is_pinned = wish.root.is_some() && wish.allowed_signers.is_none();
    let is_broken = matches!(agreement.state, AgreementState::Unsigned | AgreementState::Altered);
    (is_pinned && is_broken).then(|| {
        CommandError::new(
            Exit::Trust,
            format!("the risk appetite does not hold by --appetite-root: {}", agreement.remark),
        )
        .hint("`detente appetite verify` says more; without --appetite-root it is advice")
    })
}

/// The built-in profile, as advice; `unseen` if it cannot be seen from here whether anything was agreed.
fn builtin(mut notices: Vec<String>, unseen: Option<String>) -> Result<Governance, CommandError> {
    let text = rule_pack::profile(FALLBACK_PROFILE)
        .ok_or_else(|| CommandError::usage(format!("the built-in profile {FALLBACK_PROFILE} is missing")))?;
    let origin = format!("built-in profile {FALLBACK_PROFILE}");
    let mut read =
        appetite::read(text.as_bytes(), &origin).map_err(|error| CommandError::usage(error.render(false)))?;
    read.agreement = if let Some(remark) = unseen {
        Agreement { state: AgreementState::Unverified, signers: Vec::new(), remark }
    } else {
        notices.push(format!(
            "No appetite file was found, so the built-in profile \"{FALLBACK_PROFILE}\" is used as advice. Nobody has agreed to \
             it."
        ));
        let remark = format!(
            "run `detente appetite new`, have CIO and CISO sign {DEFAULT_PATH}, and commit it to the target branch."
        );
        Agreement { state: AgreementState::Unsigned, signers: Vec::new(), remark }
    };
    Ok(Governance { appetite: read, signed: None, notices, remarks: Vec::new() })
}

/// The appetite file's bytes: from the target branch if it is there, else from disk.
fn locate(
    wish: &Wish,
    repository: &Path,
    change: &Change,
    rules: &BTreeMap<String, TimelineTable>,
    notices: &mut Vec<String>,
) -> Result<Located, CommandError> {
    let path = wish.appetite.clone().unwrap_or_else(|| at_root(repository, DEFAULT_PATH));
    let inside = match &wish.appetite {
        Some(path) => change::path_in_repository(repository, path),
        None => Some(DEFAULT_PATH.to_owned()),
    };
    let on_disk = path.is_file();
    if wish.appetite.is_some() && !on_disk && change.target.is_none() {
        return Err(CommandError::usage(format!("--appetite {}: there is no such file", path.display()))
            .hint(format!("without --appetite, {DEFAULT_PATH} of the target branch is used")));
    }
    if let Some(Target { name: target, tip }) = &change.target
        && let Some(inside) = inside
    {
        let Some(tip) = tip else {
            notices.push(out_of_reach(wish, &inside, target, change)?);
            return Ok(Located::OutOfReach(change.unknown_because.clone()));
        };
        let read = |name: &str| {
            change::trusted_file(repository, tip, name).map_err(|error| CommandError::usage(error.to_string()))
        };
        if let Some(bytes) = read(&inside)? {
            let mut signatures = BTreeMap::new();
            for role in signers() {
                if let Some(signature) = read(&format!("{inside}.{role}.sig"))? {
                    signatures.insert(role.to_owned(), signature);
                }
            }
            let root = change::root(repository).unwrap_or_else(|| repository.to_owned());
            notices.extend(edit(change, &inside, &root, &bytes, target, rules));
            let continuity = match &wish.allowed_signers {
                Some(_) => None,
                None => Some(continuity(repository, tip, &inside, wish.root.as_deref())?),
            };
            return Ok(Located::File(Signed {
                origin: format!("{inside} on {target}"),
                bytes,
                signatures,
                continuity,
            }));
        }
        if on_disk && wish.appetite.is_none() {
            notices.push(format!(
                "{inside} is not on {target} yet: it takes effect once it is merged. Until then a built-in profile is used."
            ));
            return Ok(Located::Nowhere);
        }
    }
    if !on_disk {
        return match &wish.appetite {
            None => Ok(change::shut(repository).map_or(Located::Nowhere, |why| Located::OutOfReach(why.to_string()))),
            Some(path) => Err(CommandError::usage(format!(
                "--appetite {}: there is no such file, neither on the target branch nor on disk",
                path.display()
            ))),
        };
    }
    from_disk(&path).map(Located::File)
}

/// What to say where the target is not in this clone. What the change itself brings is never taken for it; and where trust
/// was handed in from outside, advice is not what was meant.
fn out_of_reach(wish: &Wish, inside: &str, target: &str, change: &Change) -> Result<String, CommandError> {
    if wish.allowed_signers.is_some() || wish.root.is_some() {
        let message = format!("{inside} is read from {target}, which is not in this clone");
        return Err(CommandError::new(Exit::Trust, message).hint(&change.unknown_because));
    }
    Ok(format!(
        "{inside} is read from {target}, which is not in this clone, and never from the change: a built-in profile is used."
    ))
}

fn from_disk(path: &Path) -> Result<Signed, CommandError> {
    let bytes = read_bytes(path)?;
    let mut signatures = BTreeMap::new();
    for role in signers() {
        let beside = signature_path(path, role);
        if beside.is_file() {
            signatures.insert(role.to_owned(), read_bytes(&beside)?);
        }
    }
    Ok(Signed { origin: path.display().to_string(), bytes, signatures, continuity: None })
}

/// What the change does to the file itself, in plain words: it is judged by the old one all the same.
fn edit(
    change: &Change,
    inside: &str,
    root: &Path,
    old: &[u8],
    target: &str,
    rules: &BTreeMap<String, TimelineTable>,
) -> Vec<String> {
    let new = own_copy::read(root, inside);
    // On a branch that is behind, the file differs without being edited.
    let edited = if change.unknown_because.is_empty() {
        let renamed = change.files.values().any(|file| file.old_path.as_deref() == Some(inside));
        renamed || change.files.contains_key(inside)
    } else {
        !matches!(&new, Ok(Some(new)) if new == old)
    };
    if !edited {
        return Vec::new();
    }
    let judged =
        format!("It is judged by the version on {target}; the edit takes effect once it is merged and signed.");
    let new = match new {
        Ok(Some(new)) => new,
        Ok(None) => return vec![format!("This change removes {inside}. {judged}")],
        Err(why) => {
            let correct = format!("Correct it before it is merged, or no change can be judged: {why}.");
            return vec![format!("This change edits {inside}. {judged}"), correct];
        }
    };
    let mut said = vec![format!("This change edits {inside}. {judged}")];
    match (appetite::read(old, inside), appetite::read(&new, inside)) {
        (Ok(old), Ok(new)) => said.extend(in_words(&appetite::difference(&old, &new, rules))),
        (_, Err(error)) => said.push(format!("Correct it before it is merged, or no change can be judged: {error}")),
        (Err(_), Ok(_)) => {}
    }
    said
}

/// "Looser: …; …." and so on; that only wording changes, if there is nothing else to say.
pub(super) fn in_words(edits: &[Edit]) -> Vec<String> {
    if edits.is_empty() {
        return vec!["The edit changes wording or comments only.".to_owned()];
    }
    let directions = [(Direction::Looser, "looser"), (Direction::Tighter, "tighter"), (Direction::Other, "other")];
    let said = directions.into_iter().filter_map(|(direction, word)| {
        let some: Vec<&str> =
            edits.iter().filter(|edit| edit.direction == direction).map(|edit| edit.say.as_str()).collect();
        (!some.is_empty()).then(|| format!("The edit would be {word} in this: {}.", some.join("; ")))
    });
    said.collect()
}

/// Where the signature of a role lies: beside the file, `appetite.yml.cio.sig`.
pub(super) fn signature_path(path: &Path, role: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{role}.sig"));
    PathBuf::from(beside)
}

/// Most that is read of a file of policy size; the reader of the appetite has a lower limit of its own and says so.
const MOST_BYTES: u64 = 64 << 20;

pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, CommandError> {
    let problem = |error: std::io::Error| CommandError::usage(format!("{}: cannot be read: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(problem)?.len();
    let too_large = |size: u64| {
        let (is, most) = (size >> 20, MOST_BYTES >> 20);
        CommandError::usage(format!(
            "{}: is {is} MiB, more than the {most} MiB that are read of such a file",
            path.display()
        ))
    };
    if size > MOST_BYTES {
        return Err(too_large(size));
    }
    // What has no size of its own, such as a pipe, has a limit too.
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(problem)?;
    if bytes.len() as u64 > MOST_BYTES { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
}

pub(super) fn read_trusted(path: &Path) -> Result<TrustedKeys, CommandError> {
    let text = String::from_utf8(read_bytes(path)?)
        .map_err(|_| CommandError::usage(format!("{}: is not UTF-8 text", path.display())))?;
    TrustedKeys::parse(&text).map_err(|error| CommandError::usage(format!("{}: {error}", path.display())))
}
