//! Choosing from the pull request: whoever may is heard, and nobody else, however they go about it.

use std::sync::OnceLock;

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use crate::server::{BOT, BOT_LOGIN, Fault};
use crate::stage::{AUTHOR, DELIVERY, Prepared, SECURITY, STRANGER, Stage, TEAMS, zipped};

fn tick(name: &str) -> impl Fn(&str) -> String {
    move |body: &str| {
        let line = format!("- [ ] choose **{name}**");
        assert!(body.contains(&line), "{body}");
        // As a browser sends it.
        body.replace(&line, &line.replace("[ ]", "[x]")).replace('\n', "\r\n")
    }
}

#[test]
fn two_delegates_choose_one_by_comment_and_one_by_a_box() {
    let stage = Stage::set();
    stage.reply(&stage.says(SECURITY, "Agreed.\n\n/detente choose fastest because the fair opens")).success();
    assert!(
        stage.last().contains("Recorded: octo-sec is for **fastest**. Still missing: delivery-delegate"),
        "{}",
        stage.last()
    );
    assert_eq!(stage.github.state().reactions.last().unwrap().1, "+1");
    assert_ne!(stage.ledger(), "");

    let (ours, _) = stage.ours();
    stage.github.state().labels = vec!["bug".to_owned(), "detente: beyond tolerance".to_owned()];
    stage.reply(&stage.edits(ours, DELIVERY, tick("Fastest"))).success();
    assert!(stage.last().contains("Decided: **fastest**, by octo-delivery"), "{}", stage.last());
    assert_eq!(stage.github.state().labels, ["bug", "detente: decided"]);
    assert_eq!(stage.github.state().checks.last().unwrap()["conclusion"], "success");
    let (_, text) = stage.ours();
    assert!(!text.contains("- [x]"), "our comment says again what we write: {text}");
}

/// What both leaders marked themselves holds the change whatever is chosen, and nobody is told otherwise.
#[test]
fn a_choice_is_kept_and_the_change_held_while_a_row_comes_before_ship() {
    let stage = Stage::set();
    let mut held = stage.prepared.brief.clone();
    let row = held["tolerance"].as_array_mut().unwrap().iter_mut().find(|row| row["id"] == "new-critical").unwrap();
    assert_eq!(row["state"], "beyond-tolerance");
    row["before_ship"] = true.into();
    stage.github.state().artifacts = vec![(2, 71, stage.prepared.head.clone(), zipped(&held))];
    stage.reply(&stage.says(SECURITY, "/detente choose balanced because it is the plan")).success();
    let last = stage.last();
    assert!(last.contains("Decided: **balanced**") && last.contains("once this is treated: new-critical"), "{last}");
    assert!(stage.ledger().contains("refs/detente/ledger"));
    let state = stage.github.state();
    let check = state.checks.last().unwrap();
    assert_eq!(check["conclusion"], "action_required");
    assert_eq!(check["output"]["title"], "Beyond tolerance: decided, held until a row is treated");
    let summary = check["output"]["summary"].as_str().unwrap();
    assert!(summary.contains("Decided: Balanced, by") && summary.contains("It ships once"), "{summary}");
    assert!(state.labels.contains(&"detente: beyond tolerance".to_owned()), "{:?}", state.labels);
}

/// The second is taken up after the first was written into our comment, which changes none of the options.
#[test]
fn two_delegates_who_comment_within_a_minute_are_both_heard() {
    let stage = Stage::set();
    let first = stage.says(SECURITY, "/detente choose fastest because the fair opens");
    let second = stage.says(DELIVERY, "/detente choose fastest because the fair opens");
    stage.reply_at(&first, "2026-11-24T10:00:00Z").success();
    stage.reply_at(&second, "2026-11-24T10:01:00Z").success();
    assert!(stage.last().contains("Decided: **fastest**, by octo-delivery"), "{}", stage.last());
    // A run that judged the change again wrote the comment anew: what was written before is about what stood there then.
    let stage = Stage::set();
    let first = stage.says(SECURITY, "/detente choose fastest because the fair opens");
    let mut again = stage.prepared.brief.clone();
    again["notices"] = json!(["Judged again."]);
    stage.publish(&again);
    stage.keep(&stage.prepared.head, &again);
    let second = stage.says(DELIVERY, "/detente choose fastest because the fair opens");
    stage.assert_refused(&first, "the options have changed since");
    stage.reply_at(&second, "2026-11-24T10:01:00Z").success();
    assert!(stage.last().contains("Still missing: security-delegate"), "{}", stage.last());
}

/// Whoever chose is told what they chose, and what stands: the two need not be the same.
#[test]
fn nobody_is_said_to_have_decided_what_somebody_else_did() {
    let stage = Stage::set();
    stage.reply(&stage.says(SECURITY, "/detente choose balanced because it is the plan")).success();
    let said = stage.says(DELIVERY, "/detente choose fastest because the fair opens");
    stage.reply_at(&said, "2026-11-24T10:10:00Z").success();
    let last = stage.last();
    assert!(last.contains("Recorded: octo-delivery is for **fastest**. Still missing: security-delegate."), "{last}");
    assert!(last.contains("What stands is balanced, decided by ") && last.ends_with("octo-sec."), "{last}");
}

#[test]
fn a_team_counts_as_github_says_who_is_in_it() {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    let stage = Stage::of(PREPARED.get_or_init(|| Prepared::of(TEAMS)));
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "octo/security");
    stage.github.state().teams.insert("octo/security".to_owned(), vec!["octo-sec".to_owned()]);
    stage.github.state().invited.push("octo-sec".to_owned());
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "octo/security");
    stage.github.state().invited.clear();
    stage.reply(&stage.says(SECURITY, "/detente choose balanced because it is the plan")).success();
    assert!(stage.last().contains("Decided: **balanced**"), "{}", stage.last());
}

/// Somebody calls themselves like the team, another is in a team of that name elsewhere.
#[test]
fn a_team_is_nobody_and_no_other_team() {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    let stage = Stage::of(PREPARED.get_or_init(|| Prepared::of(TEAMS)));
    for (id, login) in [(41, "security"), (42, "visitor")] {
        stage.github.state().people.insert(login.to_owned(), (id, "write".to_owned()));
    }
    stage.github.state().teams.insert("elsewhere/security".to_owned(), vec!["visitor".to_owned()]);
    stage.assert_refused(&stage.says((41, "security"), "/detente choose balanced"), "holds none of these roles");
    stage.assert_refused(&stage.says((42, "visitor"), "/detente choose balanced"), "holds none of these roles");
    // And where a person is named, a team of that name is asked for nowhere.
    let stage = Stage::set();
    stage.github.state().people.insert("visitor".to_owned(), (42, "write".to_owned()));
    stage.github.state().teams.insert("octo/octo-sec".to_owned(), vec!["visitor".to_owned()]);
    stage.assert_refused(&stage.says((42, "visitor"), "/detente choose balanced"), "holds none of these roles");
}

#[test]
fn whoever_may_not_is_told_who_can() {
    let stage = Stage::set();
    stage.assert_refused(&stage.says(STRANGER, "/detente choose fastest"), "may not write in this repository");
    // Logins that look alike are other people.
    for likeness in [(24, "octo-sec-"), (25, "0cto-sec")] {
        stage.assert_refused(&stage.says(likeness, "/detente choose balanced"), "octo-sec");
    }
}

#[test]
fn a_login_that_now_belongs_to_somebody_else_is_not_the_same_person() {
    let stage = Stage::set();
    stage.github.state().people.insert("octo-sec".to_owned(), (99, "write".to_owned()));
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "may not write in this repository");
}

#[test]
fn an_author_does_not_approve_their_own_change() {
    let stage = Stage::set();
    stage.github.state().authors.push((SECURITY.0, SECURITY.1.to_owned()));
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "authors do not approve their own change");
    // Whoever opened the pull request is one, whatever the commits say.
    let stage = Stage::set();
    stage.github.state().pull["user"] = json!({"login": SECURITY.1, "id": SECURITY.0, "type": "User"});
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "authors do not approve their own change");
}

#[test]
fn a_program_does_not_choose_in_somebody_s_name() {
    let stage = Stage::set();
    let mut event = stage.says(SECURITY, "/detente choose balanced");
    event["comment"]["performed_via_github_app"] = json!({"id": 8, "slug": "chat"});
    stage.assert_refused(&event, "a program wrote that comment");
}

/// A run can be started again at any time, with the event that it had.
#[test]
fn a_run_that_is_started_again_records_nothing_anew() {
    let stage = Stage::set();
    let event = stage.says(SECURITY, "/detente choose fastest because the fair opens");
    stage.reply(&event).success();
    let once = stage.ledger();
    assert_ne!(once, "");
    stage.reply(&event).success();
    assert!(stage.last().contains("Not recorded") && stage.last().contains("taken up already"), "{}", stage.last());
    assert_eq!(stage.ledger(), once);
    // Nor once they have changed their mind.
    stage
        .reply_at(&stage.says(SECURITY, "/detente choose balanced because it is safer"), "2026-11-24T10:05:00Z")
        .success();
    let twice = stage.ledger();
    stage.reply_at(&event, "2026-11-24T10:10:00Z").success();
    assert!(stage.last().contains("you have chosen since"), "{}", stage.last());
    assert_eq!(stage.ledger(), twice);

    let stage = Stage::set();
    stage.reply(&stage.says(SECURITY, "/detente choose fastest because the fair opens")).success();

    let (ours, _) = stage.ours();
    let event = stage.edits(ours, DELIVERY, tick("Fastest"));
    stage.reply(&event).success();
    let once = stage.ledger();
    stage.reply(&event).success();
    assert!(stage.last().contains("has changed since the box was ticked"), "{}", stage.last());
    assert_eq!(stage.ledger(), once);
}

#[test]
fn a_reason_is_shown_and_does_nothing() {
    let stage = Stage::set();
    let reason = "@octo/everybody <img src=x onerror=alert(1)> [x](https://evil.example) | `/detente choose balanced`";
    stage.reply(&stage.says(SECURITY, &format!("/detente choose fastest because {reason}"))).success();
    let (_, text) = stage.ours();
    assert!(text.contains("everybody"), "{text}");
    for part in ["@octo/everybody", "<img", "](https", "| `/detente"] {
        assert!(!text.contains(part), "{part}: {text}");
    }
}

#[test]
fn programs_do_not_accept_risk() {
    let stage = Stage::set();
    let mut event = stage.says((31, "dependabot[bot]"), "/detente choose fastest");
    event["sender"]["type"] = "Bot".into();
    stage.assert_ignored(&event);
    // Our own update of our comment, which GitHub reports as an edit.
    let (ours, _) = stage.ours();
    let mut event = stage.edits(ours, (BOT, BOT_LOGIN), tick("Fastest"));
    event["sender"]["type"] = "Bot".into();
    stage.assert_ignored(&event);
}

#[test]
fn an_edited_comment_does_not_count() {
    let stage = Stage::set();
    let event = stage.says(SECURITY, "Looks good");
    let comment = event["comment"]["id"].as_u64().unwrap();
    // Whoever may write here may edit what the delegate wrote.
    stage
        .assert_refused(&stage.edits(comment, STRANGER, |_| "/detente choose fastest".to_owned()), "an edited comment");
    stage.assert_refused(
        &stage.edits(comment, SECURITY, |_| "/detente choose balanced".to_owned()),
        "an edited comment",
    );
}

#[test]
fn a_comment_that_was_edited_before_it_was_read_does_not_count() {
    let stage = Stage::set();
    let event = stage.says(SECURITY, "/detente choose balanced");
    stage.edits(event["comment"]["id"].as_u64().unwrap(), STRANGER, |_| "/detente choose fastest".to_owned());
    stage.assert_refused(&event, "was edited since");
}

#[test]
fn a_comment_that_is_not_of_its_sender_does_not_count() {
    let stage = Stage::set();
    let mut event = stage.says(STRANGER, "/detente choose balanced");
    event["sender"] = json!({"id": SECURITY.0, "login": SECURITY.1, "type": "User"});
    stage.assert_refused(&event, "not of whoever sent it");
}

#[test]
fn a_comment_that_is_gone_asks_for_nothing() {
    let stage = Stage::set();
    let event = stage.says(SECURITY, "/detente choose balanced");
    stage.github.state().comments.retain(|comment| comment["id"] != event["comment"]["id"]);
    stage.assert_ignored(&event);
}

#[test]
fn what_is_quoted_asks_for_nothing() {
    let stage = Stage::set();
    stage.assert_ignored(&stage.says(SECURITY, "> /detente choose fastest\n\nShould we?"));
}

#[test]
fn a_choice_is_not_replayed_on_another_head() {
    let stage = Stage::set();
    let event = stage.says(SECURITY, "/detente choose balanced");
    stage.github.state().pull["head"]["sha"] = "d".repeat(40).into();
    stage.assert_refused(&event, "there was a push since");
}

#[test]
fn whoever_wrote_before_the_options_changed_chose_from_others() {
    let stage = Stage::set();
    let event = stage.says(SECURITY, "/detente choose balanced");
    let (ours, _) = stage.ours();
    let mut state = stage.github.state();
    let now = state.tick();
    state.comments.iter_mut().find(|own| own["id"] == ours).unwrap()["updated_at"] = now.into();
    drop(state);
    stage.assert_refused(&event, "the options have changed since");
}

#[test]
fn our_words_cannot_be_changed_under_a_tick() {
    let stage = Stage::set();
    let (ours, text) = stage.ours();
    // In one go.
    let reworded = |body: &str| tick("Fastest")(body).replace("Security score", "Everybody agreed");
    stage.assert_refused(&stage.edits(ours, STRANGER, reworded), "more than a box was changed");
    assert_eq!(stage.ours().1, text, "it is written again");
    // First the words, which nobody reports to us, then the tick by somebody who trusts them.
    stage.edits(ours, STRANGER, |body| body.replace("Security score", "Everybody agreed"));
    stage.assert_refused(&stage.edits(ours, SECURITY, tick("Balanced")), "did not say what the brief says");
    assert_eq!(stage.ours().1, text, "it is written again");
}

/// What was written since the edit is no part of it.
#[test]
fn a_newer_comment_is_not_overwritten_by_an_older_one() {
    let stage = Stage::set();
    let (ours, _) = stage.ours();
    let reworded = |body: &str| tick("Fastest")(body).replace("Security score", "Everybody agreed");
    let event = stage.edits(ours, STRANGER, reworded);
    let mut again = stage.prepared.brief.clone();
    again["notices"] = json!(["Judged again."]);
    stage.publish(&again);
    let newer = stage.ours().1;
    assert!(newer.contains("Judged again"), "{newer}");
    stage.assert_refused(&event, "more than a box was changed");
    assert_eq!(stage.ours().1, newer);
}

#[test]
fn a_brief_about_another_change_is_not_decided_on() {
    let stage = Stage::set();
    let mut other = stage.prepared.brief.clone();
    other["change"]["name"] = "pull/6".into();
    stage.github.state().artifacts = vec![(2, 71, stage.prepared.head.clone(), zipped(&other))];
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "about another change");
}

/// Of one commit there are briefs of several runs: about another pull request of the branch, about the branch itself, and
/// about whatever an outsider makes of the same commit. None of them stands in the way of the one that is meant.
#[test]
fn briefs_about_other_changes_of_the_same_commit_are_passed_over() {
    let stage = Stage::set();
    let head = stage.prepared.head.clone();
    let named = |name: &str| {
        let mut other = stage.prepared.brief.clone();
        other["change"]["name"] = name.into();
        zipped(&other)
    };
    let (other, branch) = (named("pull/6"), named("branch/change"));
    {
        let mut state = stage.github.state();
        state.artifacts.extend([(2, 71, head.clone(), other.clone()), (3, 72, head.clone(), branch)]);
        state.artifacts.push((4, 73, head.clone(), b"no archive".to_vec()));
        state.artifacts.extend((5..35).map(|id| (id, 74, head.clone(), other.clone())));
        state.of_a_fork = vec![74];
    }
    stage.reply(&stage.says(SECURITY, "/detente choose balanced because it is the plan")).success();
    assert!(stage.last().contains("Decided: **balanced**"), "{}", stage.last());
}

#[test]
fn a_brief_about_another_commit_is_not_decided_on() {
    let stage = Stage::set();
    let mut other = stage.prepared.brief.clone();
    other["change"]["head"] = "e".repeat(40).into();
    stage.github.state().artifacts = vec![(2, 71, stage.prepared.head.clone(), zipped(&other))];
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "another commit of it");
}

/// Artifacts go after a time, and the options stand in the comment still: whoever asks is not left without an answer.
#[test]
fn a_choice_from_a_brief_that_is_gone_is_answered_with_what_to_do() {
    let stage = Stage::set();
    stage.github.state().artifacts.clear();
    let event = stage.says(SECURITY, "/detente choose balanced");
    stage.assert_refused(&event, "run the job that gates this change again");
    stage.github.state().artifacts = vec![(2, 71, stage.prepared.head.clone(), b"no archive".to_vec())];
    stage.assert_refused(&event, "does not hold a brief.json");
}

#[test]
fn a_brief_that_was_judged_by_other_rules_is_not_decided_on() {
    let stage = Stage::set();
    let mut forged = stage.prepared.brief.clone();
    forged["appetite"]["sha256"] = "0".repeat(64).into();
    stage.github.state().artifacts = vec![(2, 71, stage.prepared.head.clone(), zipped(&forged))];
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "another version of the risk appetite");
}

/// Whoever gets a file past the review and onto the target branch does not get it past the two who have to sign.
#[test]
fn an_agreement_that_is_not_signed_gives_nobody_the_right() {
    let stage = Stage::set();
    let shop = stage.shop();
    shop.git(&stage.choosing, &["config", "user.name", "x"]);
    shop.git(&stage.choosing, &["config", "user.email", "x@example.com"]);
    let file = stage.choosing.join(".detente/appetite.yml");
    let text = std::fs::read_to_string(&file).unwrap().replace("[octo-sec]", "[octo-sec, octo-lead]");
    std::fs::write(&file, text).unwrap();
    shop.git(&stage.choosing, &["commit", "-q", "-a", "-m", "Let the lead accept risk"]);
    shop.git(&stage.choosing, &["push", "-q", "origin", "main"]);
    stage.assert_refused(&stage.says((23, "octo-lead"), "/detente choose balanced"), "is altered");
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "is altered");
}

#[test]
fn a_closed_pull_request_is_not_decided_on() {
    let stage = Stage::set();
    stage.github.state().pull["state"] = "closed".into();
    stage.assert_refused(&stage.says(SECURITY, "/detente choose balanced"), "is closed");
}

/// GitHub tells of 250 commits of a pull request: whoever wrote the others could be choosing.
#[test]
fn nobody_chooses_beyond_tolerance_while_not_all_authors_are_known() {
    let stage = Stage::set();
    stage.github.state().pull["commits"] = 251.into();
    let event = stage.says(SECURITY, "/detente choose balanced because it is the plan");
    stage.assert_refused(&event, "GitHub tells of 1 of the 251 commits");
    let waive = format!("/detente waive {CRITICAL} until 2026-12-20 because the filter stops such paths");
    stage.assert_refused(&stage.says(SECURITY, &waive), "GitHub tells of 1 of the 251 commits");
    stage.github.state().authors.extend((100..350).map(|id| (id, format!("author-{id}"))));
    stage.reply(&event).success();
    assert!(stage.last().contains("Decided: **balanced**"), "{}", stage.last());
}

#[test]
fn explaining_is_answered() {
    let stage = Stage::set();
    stage.reply(&stage.says(SECURITY, "/detente explain fastest")).success();
    assert!(stage.last().contains("What speaks for it"), "{}", stage.last());
    stage.assert_refused(&stage.says(SECURITY, "/detente choose fastes"), "did you mean fastest?");
}

/// The critical finding of the change.
const CRITICAL: &str = "CVE-2023-34034";

#[test]
fn a_finding_is_accepted_until_a_day_by_those_who_may() {
    let stage = Stage::set();
    let request =
        format!("/detente waive {CRITICAL} until 2026-12-20 because the filter in front of it stops such paths");
    stage.reply(&stage.says(SECURITY, &request)).success();
    let last = stage.last();
    assert!(last.contains("octo-sec accepts") && last.contains("Still missing: delivery-delegate"), "{last}");
    stage.reply(&stage.says(DELIVERY, &request)).success();
    assert!(stage.last().contains("Accepted until 2026-12-20"), "{}", stage.last());
    assert!(stage.last().contains("The next run on this pull request counts it"), "{}", stage.last());
    assert_eq!(stage.github.state().reactions.last().unwrap().1, "+1");

    // And it does: in a checkout of its own the gate no longer asks about it.
    let shop = stage.shop();
    let (origin, work) = (stage.github.path("origin.git"), stage.github.path("judging"));
    shop.git(&stage.github.path(""), &["clone", "-q", "-b", "change", origin.to_str().unwrap(), "judging"]);
    let judged = |more: &[&str]| {
        let brief = shop.brief(&work, &shop.path("beyond"), "2026-11-24T11:00:00Z", more);
        let row = brief["tolerance"].as_array().unwrap().iter().find(|row| row["id"] == "new-critical").unwrap();
        (row["measured"].clone(), row["accepted"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(judged(&["--change", "pull/5", "--ledger", "none"]), (json!(1), 0));
    assert_eq!(judged(&["--change", "pull/5", "--ledger", "fetch"]), (json!(0), 1));
}

#[test]
fn a_waiver_takes_somebody_who_may_a_reason_and_an_end() {
    let stage = Stage::set();
    let request = format!("/detente waive {CRITICAL} until 2026-12-20 because it can wait");
    for (who, words, says) in [
        (STRANGER, request.as_str(), "may not write in this repository"),
        ((23, "octo-lead"), &request, "delivery-delegate (octo-delivery) and security-delegate (octo-sec)"),
        (AUTHOR, &request, "(octo-delivery)"),
        (SECURITY, "/detente waive CVE-2023-34034 until 2026-12-20", "needs a reason"),
        (SECURITY, "/detente waive CVE-2023-34034 until 2026-11-01 because it can wait", "ends before it begins"),
        (SECURITY, "/detente waive CVE-2023-34034 until 2029-01-01 because it can wait", "year"),
        (SECURITY, "/detente waive CVE-1999-0001 until 2026-12-20 because it can wait", "no finding and no row"),
        (SECURITY, "/detente waive CVE-2023-34034 until soon because it can wait", "it takes the form"),
        (SECURITY, "/detente waive known-exploited until 2026-12-20 because it can wait", "before ship"),
    ] {
        stage.assert_refused(&stage.says(who, words), says);
    }
    // The delegate who wrote part of the change does not accept what it brings.
    stage.github.state().authors.push((SECURITY.0, SECURITY.1.to_owned()));
    stage.assert_refused(&stage.says(SECURITY, &request), "author");
    // Nobody's words are changed into a waiver afterwards.
    let comment = stage.says(DELIVERY, "Fine")["comment"]["id"].as_u64().unwrap();
    stage.assert_refused(&stage.edits(comment, STRANGER, |_| request.clone()), "an edited comment");
}

#[test]
fn a_comment_elsewhere_is_nothing_to_us() {
    let stage = Stage::set();
    let mut event = stage.says(SECURITY, "/detente choose balanced");
    event["issue"].as_object_mut().unwrap().remove("pull_request");
    stage.assert_ignored(&event);
}

/// What was asked is not done, and whoever looks at the run is told what to grant: nothing is half done.
#[test]
fn what_the_job_may_not_do_is_said() {
    const REACT: &str = "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
    const ARTIFACTS: &str = "GET /repos/{owner}/{repo}/actions/artifacts";
    const COMMENT: &str = "GET /repos/{owner}/{repo}/issues/comments/{comment_id}";
    let fault = |status, message: &str| Fault::Status(status, message.to_owned(), Vec::new());
    for (operation, fault, says) in [
        (ARTIFACTS, fault(403, "Resource not accessible by integration"), "`permissions: actions: read`"),
        (COMMENT, fault(401, "Bad credentials"), "not expired"),
        (COMMENT, Fault::Html, "proxy"),
    ] {
        let stage = Stage::set();
        let event = stage.says(SECURITY, "/detente choose balanced");
        stage.github.fail(operation, fault);
        stage.reply(&event).code(5).stderr(contains(says));
        assert_eq!(stage.ledger(), "");
    }
    // The choice is kept, and only the answer cannot be given.
    let stage = Stage::set();
    stage.github.fail(REACT, fault(403, "Unable to create reaction because issue is locked."));
    stage.reply(&stage.says(SECURITY, "/detente choose balanced")).code(5).stderr(contains("locked"));
    assert_ne!(stage.ledger(), "");
    assert!(stage.ours().1.contains("decided by"), "{}", stage.ours().1);
}

#[cfg(unix)]
#[test]
fn a_choice_that_cannot_be_kept_is_none() {
    let stage = Stage::set();
    let hook = stage.github.path("origin.git/hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho 'denied to github-actions[bot]' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let before = stage.github.own_comments();
    let event = stage.says(SECURITY, "/detente choose balanced");
    stage.reply(&event).code(5).stderr(contains("could not be kept").and(contains("contents: write")));
    let request = format!("/detente waive {CRITICAL} until 2026-12-20 because the filter stops such paths");
    stage.reply(&stage.says(SECURITY, &request)).code(5).stderr(contains("could not be kept"));
    assert_eq!(stage.ledger(), "");
    assert_eq!(stage.github.own_comments(), before, "nobody is told that it was decided");
}

#[test]
fn without_a_token_nothing_is_answered() {
    let stage = Stage::set();
    let event = stage.says(SECURITY, "/detente choose balanced");
    let mut job = stage.github.job("issue_comment", &event);
    job.env_remove("GITHUB_TOKEN").arg("reply").arg("--repository").arg(&stage.choosing);
    job.assert().code(5).stderr(contains("there is no token"));
}
