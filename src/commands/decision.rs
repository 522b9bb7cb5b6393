//! Recording a decision: by the holder of an SSH key, or by somebody whom a forge has signed in.
//!
//! Whoever records first checks what every reader checks again: that the person is who they say, that they may choose
//! this option at this verdict, that they did not write the change. What passes is written to the ledger, with the
//! commitments and waivers that follow from it once everybody who is needed has chosen.

mod authors;
pub(in crate::commands) mod terms;

use std::path::Path;

use jiff::Timestamp;

use crate::commands::error::CommandError;
use crate::commands::governance::Governance;
use crate::exit::Exit;
use crate::follow::decide::{self, Case};
use crate::follow::waivers::unbacked;
use crate::follow::{authority, promise};
use crate::ledger::{Ledger, LedgerError, Want};
use crate::model::appetite::OptionName;
use crate::model::digest::Digest;
use crate::model::ledger::{
    AppetiteVersion, CommitmentEvent, Decider, Decision, Entry, History, Person, Record, Waiver, findings_digest,
};
use crate::model::standing::{DecisionState, Standing};
use crate::model::verdict::Verdict;
use crate::model::word::Word;
use crate::render::json::v1;

pub use authors::Authors;

/// A choice, as somebody made it.
pub struct Choice<'a> {
    /// The option.
    pub option: OptionName,
    /// Why.
    pub reason: &'a str,
    /// Who chose. For a forge identity everything in it must come from the forge's own answer, never from the change.
    pub by: Decider,
    /// Who wrote the change, as far as the forge says; what git says is added.
    pub authors: Authors,
    /// When.
    pub at: Timestamp,
}

/// Where the ledger is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The repository.
    pub repository: &'a Path,
    /// Remote that the ledger is fetched from and pushed to; `None` keeps it in this clone.
    pub remote: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The remote, if the repository has it.
    pub(in crate::commands) fn reachable(&self, ledger: &Ledger) -> Option<&'a str> {
        self.remote.filter(|remote| ledger.has_remote(remote))
    }
}

/// What was recorded.
#[derive(Debug)]
pub struct Recorded {
    /// What was chosen, which need not be what stands.
    pub chosen: OptionName,
    /// Roles that have still to choose the same.
    pub missing: Vec<String>,
    /// How the change stands now.
    pub standing: Standing,
    /// Commitments that came into being.
    pub commitments: Vec<CommitmentEvent>,
    /// Waivers that came into being.
    pub waivers: Vec<Waived>,
    /// Path of the decision in the ledger.
    pub path: String,
    /// Rows that are treated before the change ships, whatever was chosen, and are not yet: by id.
    pub held: Vec<String>,
    /// Why the record is only in this clone, if it is.
    pub not_pushed: Option<String>,
}

impl Recorded {
    /// Whether what was chosen is what stands.
    pub(in crate::commands) fn stands(&self) -> bool {
        let decided = matches!(self.standing.state, DecisionState::Decided | DecisionState::ByDefault);
        decided && self.standing.option == self.chosen
    }

    /// What stands in place of what was chosen, as a sentence; `None` if nothing does.
    pub(in crate::commands) fn stands_instead(&self) -> Option<String> {
        let Standing { state, option, approvals, .. } = &self.standing;
        let who: Vec<String> = approvals.iter().map(|approval| approval.who.clone()).collect();
        let who = decide::roles_in_words(&who);
        match state {
            DecisionState::Hotfix => Some(format!("What stands is the hotfix lane, opened by {who}.")),
            DecisionState::Decided | DecisionState::ByDefault if *option != self.chosen => {
                Some(format!("What stands is {}, decided by {who}.", option.as_str()))
            }
            _ => None,
        }
    }

    /// What is still missing for what was chosen, as a sentence.
    pub(in crate::commands) fn still_missing(&self) -> String {
        match self.missing.as_slice() {
            [] => "Nobody is missing for it.".to_owned(),
            missing => format!("Still missing: {}.", decide::roles_in_words(missing)),
        }
    }

    /// What has to be done before the change ships, as a sentence; `None` if nothing has.
    pub(in crate::commands) fn once_treated(&self) -> Option<String> {
        (!self.held.is_empty()).then(|| format!("It ships once this is treated: {}.", self.held.join(", ")))
    }

    /// How a command ends that recorded it: as the gate would.
    pub(in crate::commands) fn exit(&self) -> Exit {
        let ships =
            self.standing.state.proceeds() && (self.held.is_empty() || self.standing.state == DecisionState::Hotfix);
        exit(ships, self.not_pushed.as_deref())
    }
}

/// A waiver that follows from a decision.
#[derive(Debug)]
pub struct Waived {
    /// The waiver.
    pub waiver: Waiver,
    /// Why it accepts nothing on other changes, as the rest of a sentence, if that is so.
    pub not_elsewhere: Option<String>,
}

/// How a command ends that recorded somebody's word: what is complete is not done before others can know of it.
pub(in crate::commands) fn exit(complete: bool, not_pushed: Option<&str>) -> Exit {
    match (complete, not_pushed) {
        (false, _) => Exit::DecisionNeeded,
        (true, Some(_)) => Exit::Forge,
        (true, None) => Exit::Proceed,
    }
}

/// Makes the signature of an SSH key over the bytes given, for the purpose given.
pub type Sign<'a> = &'a dyn Fn(&[u8], &str) -> Result<String, CommandError>;

/// Records a choice about the change that `brief` is about.
///
/// A decider with an SSH key needs `sign`; for a forge identity there is nothing to sign.
///
/// # Errors
/// With [`Exit::DecisionNeeded`] if the choice does not count: who may choose is said. With [`Exit::Trust`] if the
/// agreement or the ledger does not hold.
pub(in crate::commands) fn record_decision(
    place: Place<'_>,
    brief: &v1::Brief,
    governance: &Governance,
    choice: &Choice<'_>,
    sign: Option<Sign<'_>>,
) -> Result<Recorded, CommandError> {
    let appetite = &governance.appetite;
    let head = decidable(brief, governance)?;
    let option = terms::option(brief, choice.option).ok_or_else(|| {
        let offered: Vec<&str> = brief.options.iter().map(|option| option.name.0.as_str()).collect();
        CommandError::usage(format!("the brief does not offer {}", choice.option.as_str()))
            .hint(format!("it offers {}", offered.join(", ")))
    })?;
    let assessed_at: Timestamp =
        brief.now.parse().map_err(|error| CommandError::usage(format!("the brief's now: {error}")))?;
    let base = brief.change.base.as_ref().map(|base| base.commit.as_str());
    let authors = choice.authors.and(Authors::by_git(place.repository, base, head), &choice.by);
    let findings = terms::decided(brief);
    let mut decision = Decision {
        change: brief.change.name.clone(),
        head: head.to_owned(),
        at: choice.at,
        option: option.name,
        verdict: brief.verdict,
        reason: choice.reason.to_owned(),
        by: choice.by.clone(),
        authors: authors.people.clone(),
        appetite: appetite.sha256.to_string(),
        findings_digest: findings_digest(&findings),
        findings: findings.clone(),
        assessed_at,
        offer: terms::offer(brief, option, assessed_at),
        signature: String::new(),
    };
    if let Some(sign) = sign {
        decision.signature = sign(&decision.signed_bytes(), Decision::NAMESPACE)?;
    }
    let case = Case {
        change: &brief.change.name,
        head,
        verdict: brief.verdict.0,
        findings,
        authors: authors.people.clone(),
        appetite,
        default_at: None,
        now: choice.at,
    };
    entitled(&decision, &case)?;
    if case.verdict == Verdict::BeyondTolerance {
        authors.all()?;
    }

    let ledger = Ledger::open(place.repository).map_err(refused)?;
    let away = up_to_date(&ledger, place, sign.is_some(), choice.at)?;
    let mut history = match ledger.snapshot().map_err(refused)? {
        Some(snapshot) => {
            let want = Want { change: decision.change.clone(), now: choice.at, ..Want::default() };
            snapshot.history(&want).map_err(refused)?
        }
        None => History::default(),
    };
    if let Some(id) = decide::withheld(appetite, &history, decision.option.0, choice.at) {
        let name = decision.option.0.as_str();
        let why = format!("{name} is not offered while a commitment is overdue, as both leaders agreed");
        return Err(CommandError::new(Exit::DecisionNeeded, why)
            .hint(format!("choose another option, or bring {id} back on track: `detente ledger show`")));
    }
    let entry = Entry { path: Record::Decision(decision.clone()).path(), record: decision };
    history.decisions.push(entry.clone());
    let mut records: Vec<Record> = version(governance, choice.at).into_iter().collect();
    records.push(Record::Decision(entry.record.clone()));
    let standing = decide::stand(&case, &history);
    let (mut commitments, mut waivers) = (Vec::new(), Vec::new());
    if let Some(standing) = standing.as_ref().filter(|standing| standing.state == DecisionState::Decided)
        && let Some(complete) = history.decisions.iter().find(|entry| entry.path == standing.record)
    {
        let follows = promise::follows(complete, &terms::waived(brief, &complete.record.offer));
        for record in &follows {
            match record {
                Record::Commitment(event) => commitments.push(event.clone()),
                Record::Waiver(waiver) => {
                    let not_elsewhere = unbacked(waiver, &history.decisions, appetite);
                    waivers.push(Waived { waiver: waiver.clone(), not_elsewhere });
                }
                _ => {}
            }
        }
        records.extend(follows);
    }
    let message = format!("{} chosen for {}", entry.record.option.0.as_str(), entry.record.change);
    let not_pushed = keep(&ledger, place.remote.filter(|_| away.is_none()), &records, &message, choice.at)?;
    let not_pushed = away.or(not_pushed).as_ref().map(later);
    // Read again as the next run will: commitments are found by the decision that made them.
    let snapshot = ledger.snapshot().map_err(refused)?;
    let want = Want { change: case.change.to_owned(), now: choice.at, ..Want::default() };
    let history = snapshot.map(|snapshot| snapshot.history(&want)).transpose().map_err(refused)?.unwrap_or_default();
    let standing = decide::stand(&case, &history)
        .ok_or_else(|| CommandError::new(Exit::Trust, "the decision was recorded and cannot be found again"))?;
    let open = |row: &&v1::Row| row.before_ship && row.state.0 == Verdict::BeyondTolerance;
    let held = brief.tolerance.iter().filter(open).map(|row| row.id.clone()).collect();
    let chosen = entry.record.option.0;
    let missing = decide::missing_for(chosen, &case, &history);
    Ok(Recorded { chosen, missing, standing, commitments, waivers, path: entry.path, held, not_pushed })
}

/// Brings in what the remote has before somebody's word is added. Returns why it could not be reached, if that is no
/// reason to refuse the word: what is signed keeps, since every reader checks it again; a forge's word is given where the
/// forge is.
pub(in crate::commands) fn up_to_date(
    ledger: &Ledger,
    place: Place<'_>,
    signed: bool,
    now: Timestamp,
) -> Result<Option<LedgerError>, CommandError> {
    let fetched = match (place.remote, place.reachable(ledger)) {
        (_, Some(remote)) => ledger.fetch(remote, now).map(|_| ()),
        (Some(remote), None) if !signed => Err(LedgerError::NoRemote(remote.to_owned())),
        _ => Ok(()),
    };
    match fetched {
        Ok(()) => Ok(None),
        Err(error) if signed && !error.is_trust() => Ok(Some(error)),
        Err(error) => Err(refused(error)),
    }
}

/// Writes records and hands them to the remote, unless they are to stay in this clone. Returns why they are only there
/// though they should not be, if they are.
pub(in crate::commands) fn keep(
    ledger: &Ledger,
    remote: Option<&str>,
    records: &[Record],
    message: &str,
    at: Timestamp,
) -> Result<Option<LedgerError>, CommandError> {
    ledger.append(records, message, at).map_err(unwritten)?;
    match remote.map(|remote| ledger.hand_over(remote, at)) {
        None | Some(Ok(())) => Ok(None),
        Some(Err(error)) if error.is_trust() => Err(refused(error)),
        Some(Err(error)) => Ok(Some(error)),
    }
}

/// That records could not be written. A clone that takes none is to scripts what a remote that takes none is.
fn unwritten(error: LedgerError) -> CommandError {
    let takes_none = matches!(error, LedgerError::Git(_) | LedgerError::Locked(_));
    let mut refused = refused(error);
    if takes_none {
        refused.exit = Exit::Forge;
    }
    refused
}

/// That a record is in this clone only, as a line; nothing if it is not.
pub(in crate::commands) fn here_only(not_pushed: Option<&str>) -> String {
    not_pushed.map(|why| format!("The record is in this clone only: {why}.\n")).unwrap_or_default()
}

/// Why a record is in this clone only, and how it comes to the others.
pub(in crate::commands) fn later(error: &LedgerError) -> String {
    let why = error.to_string();
    let why = why.trim_end_matches('.');
    format!("{why}; it goes along with the next push if `detente hook install` was run here, else with the next record")
}

/// What the ledger knows of a change, as it is at the remote; `None` if there is no ledger.
fn history(place: Place<'_>, change: &str, now: Timestamp) -> Result<Option<History>, CommandError> {
    let ledger = Ledger::open(place.repository).map_err(refused)?;
    if let Some(remote) = place.reachable(&ledger) {
        ledger.fetch(remote, now).map_err(refused)?;
    }
    let want = Want { change: change.to_owned(), now, ..Want::default() };
    let snapshot = ledger.snapshot().map_err(refused)?;
    snapshot.map(|snapshot| snapshot.history(&want)).transpose().map_err(refused)
}

/// How the change that `brief` is about stands by what was decided so far; nothing is recorded.
pub(in crate::commands) fn standing(
    place: Place<'_>,
    brief: &v1::Brief,
    governance: &Governance,
    authors: Vec<Person>,
    now: Timestamp,
) -> Result<Option<Standing>, CommandError> {
    let Some(history) = history(place, &brief.change.name, now)? else { return Ok(None) };
    let case = Case {
        change: &brief.change.name,
        head: brief.change.head.as_deref().unwrap_or_default(),
        verdict: brief.verdict.0,
        findings: terms::decided(brief),
        authors,
        appetite: &governance.appetite,
        default_at: None,
        now,
    };
    Ok(decide::stand(&case, &history))
}

/// When an account (its forge, and its number there) last chose about a change.
pub(in crate::commands) fn last_choice(
    place: Place<'_>,
    change: &str,
    (forge, id): (&str, u64),
    now: Timestamp,
) -> Result<Option<Timestamp>, CommandError> {
    let Some(history) = history(place, change, now)? else { return Ok(None) };
    let theirs = history.decisions.iter().filter(
        |entry| matches!(&entry.record.by, Decider::Forge(account) if (account.forge.as_str(), account.id) == (forge, id)),
    );
    Ok(theirs.map(|entry| entry.record.at).max())
}

/// Whether the agreement gives somebody the right to decide, and is the one that `brief` was judged against.
pub(in crate::commands) fn binding(brief: &v1::Brief, governance: &Governance) -> Result<(), CommandError> {
    let appetite = &governance.appetite;
    if !appetite.binds() {
        return Err(CommandError::new(
            Exit::Trust,
            format!("the risk appetite is {}: it gives nobody the right to decide", appetite.agreement.state.as_str()),
        )
        .hint(&appetite.agreement.remark));
    }
    if brief.appetite.sha256 != appetite.sha256.to_string() {
        return Err(CommandError::usage("the brief was judged against another version of the risk appetite")
            .hint("judge the change again with `detente gate`, and choose from that brief"));
    }
    Ok(())
}

/// Whether there is something to decide, under an agreement that gives somebody the right to.
fn decidable<'b>(brief: &'b v1::Brief, governance: &Governance) -> Result<&'b str, CommandError> {
    binding(brief, governance)?;
    if !brief.verdict.0.is_decided_about() {
        return Err(CommandError::usage(format!("the verdict is {}: there is nothing to choose", brief.verdict.0)));
    }
    if brief.change.name.is_empty() {
        return Err(CommandError::usage(
            "the brief does not name the change, so a decision on it would not be found again",
        )
        .hint("judge it again in its repository, or name it: `detente gate --change NAME …`"));
    }
    brief.change.head.as_deref().ok_or_else(|| {
        CommandError::usage("the brief does not say which commit it is about").hint("judge it again in its repository")
    })
}

/// Whether this person may make this choice.
fn entitled(decision: &Decision, case: &Case<'_>) -> Result<(), CommandError> {
    let wanted = case.appetite.approvers(case.verdict, decision.option.0);
    let who = authority::name(&decision.by);
    let whose = format!("{} at {} takes {}", decision.option.0.as_str(), case.verdict, decide::roles_in_words(wanted));
    if let Some(why) = decide::refusal(decision, case) {
        return Err(CommandError::new(Exit::DecisionNeeded, format!("the choice of {who} {why}")).hint(whose));
    }
    if authority::held(&decision.by, case.appetite, wanted).is_empty() {
        return Err(CommandError::new(Exit::DecisionNeeded, format!("{whose}, and {who} holds none of these roles"))
            .hint("let somebody who holds it choose; roles are listed in the appetite file under `roles`"));
    }
    Ok(())
}

/// The agreement as the ledger keeps it; `None` for a built-in profile.
pub(in crate::commands) fn version(governance: &Governance, at: Timestamp) -> Option<Record> {
    let signed = governance.signed.as_ref()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(Record::Appetite(AppetiteVersion {
        sha256: Digest::of(&signed.bytes).to_string(),
        at,
        origin: signed.origin.clone(),
        text: text(&signed.bytes),
        signatures: signed.signatures.iter().map(|(role, bytes)| (role.clone(), text(bytes))).collect(),
    }))
}

/// What is wrong with the ledger, as the user sees it.
#[allow(clippy::needless_pass_by_value, reason = "used as a function of the error")]
pub(in crate::commands) fn refused(error: LedgerError) -> CommandError {
    let exit = match &error {
        error if error.is_trust() => Exit::Trust,
        LedgerError::Fetch { .. } | LedgerError::Push { .. } | LedgerError::NoRemote(_) | LedgerError::Busy(_) => {
            Exit::Forge
        }
        _ => Exit::Usage,
    };
    let reach = match &error {
        LedgerError::Fetch { remote, .. } | LedgerError::Push { remote, .. } => Some(format!(
            "let this run read and write refs/detente/ledger at {remote}: by a token, an SSH key or a credential helper, as git uses it; `git ls-remote {remote}` shows whether it gets there"
        )),
        _ => None,
    };
    let refused = CommandError::new(exit, error);
    match reach {
        Some(hint) => refused.hint(hint),
        None => refused,
    }
}

/// An option by its name.
pub(super) fn option_name(text: &str) -> Result<Word<OptionName>, String> {
    OptionName::ALL
        .into_iter()
        .find(|name| name.as_str() == text)
        .map(Word)
        .ok_or_else(|| format!("expected {}", OptionName::ALL.map(OptionName::as_str).join(", ")))
}
