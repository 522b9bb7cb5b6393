//! Choosing: by the button of a manual job, and by a note; whoever may is heard, and nobody else.

use detente::model::digest::Digest;
use serde_json::json;

use crate::server::{Fault, MERGE_REQUEST};
use crate::stage::{DELIVERY, SECURITY, STRANGER, Stage, prepared, said};

/// A schedule belongs to no merge request: it looks at every open one, and takes up nothing about what was not judged.
#[test]
fn a_scheduled_pipeline_takes_up_what_was_written_between_pipelines() {
    let stage = Stage::set();
    let scheduled = || stage.scheduled();
    let (text, code) = scheduled();
    assert_eq!((text.as_str(), code), ("nothing to answer: no note asks for anything\n", 0));
    assert_eq!(stage.gitlab.count(&format!("GET {MERGE_REQUEST}/pipelines")), 0, "nobody asked, so nothing is read");

    let note = stage.gitlab.says(SECURITY, "/detente choose balanced because the fair opens", false);
    let (text, code) = scheduled();
    assert!(code == 0 && text.contains("!12: no pipeline has left a brief about its present head"), "{text}");
    // A brief about what stood there before.
    let mut old = prepared().brief.clone();
    old["change"]["head"] = "b".repeat(40).into();
    stage.gitlab.state().brief = Some(old);
    let (text, _) = scheduled();
    assert!(text.contains("no pipeline has left a brief about its present head"), "{text}");
    assert!(!stage.gitlab.state().awards.contains_key(&note), "the note stays open");

    stage.gitlab.state().brief = Some(prepared().brief.clone());
    let (text, code) = scheduled();
    assert!(code == 0 && text.contains("Decided: balanced"), "{text}");
    assert!(stage.ledger().contains("decision/"));
    assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "white_check_mark");
    assert_eq!(scheduled().0, "nothing to answer: no note asks for anything\n", "once");
}

/// A merge request that nobody can be answered on, whatever its author or GitLab did, holds up no other.
#[test]
fn a_merge_request_that_cannot_be_answered_holds_up_no_other() {
    let stage = Stage::set();
    let there = |what: &str, value: serde_json::Value| {
        stage.gitlab.fail(&format!("GET /projects/7/merge_requests/{what}"), Fault::Status(200, value));
    };
    let head = &prepared().brief["change"]["head"];
    {
        let mut state = stage.gitlab.state();
        state.brief = Some(prepared().brief.clone());
        state.more_open = vec![
            json!({"iid": 10, "sha": head, "state": "opened", "target_branch": "main"}),
            json!({"iid": 11, "sha": head, "state": "opened", "target_branch": "gone"}),
        ];
    }
    stage
        .gitlab
        .fail("GET /projects/7/merge_requests/10/notes", Fault::Status(403, json!({"message": "403 Forbidden"})));
    let asks = json!({"id": 900, "body": "/detente choose balanced", "author": {"id": SECURITY, "username": "sec"},
        "created_at": "2026-11-24T09:40:00.000Z", "updated_at": "2026-11-24T09:40:00.000Z"});
    there("11/notes", json!([asks]));
    there("11/notes/900/award_emoji", json!([]));
    there("11/pipelines", json!([{"id": 501, "project_id": 7}]));
    let note = stage.gitlab.says(SECURITY, "/detente choose balanced because the fair opens", false);
    let (text, code) = stage.scheduled();
    assert_eq!(code, 5, "by what went wrong first: {text}");
    assert!(text.contains("!10: ") && text.contains("403"), "{text}");
    assert!(text.contains("!11: ") && text.contains("gone does not exist in this clone"), "{text}");
    assert!(text.contains("Decided: balanced") && stage.ledger().contains("decision/"), "{text}");
    assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "white_check_mark");
}

/// A brief comes from the author of the change, and so may a branch: the agreement is that of the branch that GitLab says.
#[test]
fn a_branch_that_a_brief_names_gives_nobody_the_right() {
    let stage = Stage::set();
    let shop = &prepared().shop;
    let (remote, work) = (stage.gitlab.path("origin.git"), stage.gitlab.path("older"));
    shop.git(&stage.gitlab.path(""), &["clone", "-q", "-b", "main", remote.to_str().unwrap(), work.to_str().unwrap()]);
    shop.work_as(&work, "dev");
    // Both leaders signed it once, so it holds wherever it is found.
    let text = std::fs::read_to_string(work.join(".detente/appetite.yml")).unwrap();
    let text = text.replace("gitlab: [security]", "gitlab: [delivery]");
    shop.agree(&work, &text);
    shop.git(&work, &["push", "-q", "origin", "HEAD:older"]);
    shop.git(&stage.checkout, &["fetch", "-q", "origin"]);
    let mut brief = prepared().brief.clone();
    brief["change"]["base"]["name"] = "origin/older".into();
    brief["appetite"]["sha256"] = Digest::of(text.as_bytes()).to_string().into();
    std::fs::write(stage.gitlab.path("brief.json"), brief.to_string()).unwrap();

    let (text, code) = stage.press(DELIVERY, "balanced");
    assert!(code == 2 && text.contains("another version of the risk appetite"), "{text}");
    let note = stage.gitlab.says(DELIVERY, "/detente choose balanced because it is the plan", false);
    let (text, _) = stage.reply();
    assert!(text.contains("Not recorded") && text.contains("another version of the risk appetite"), "{text}");
    assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "no_entry_sign");
    stage.gitlab.state().brief = Some(brief);
    let note = stage.gitlab.says(DELIVERY, "/detente choose balanced because it is the plan", false);
    let (text, _) = stage.scheduled();
    assert!(text.contains("another version of the risk appetite"), "{text}");
    assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "no_entry_sign");
    assert!(stage.ledger().is_empty());
}

#[test]
fn a_button_chooses_for_whoever_pressed_it_and_approvals_add_up() {
    let stage = Stage::set();
    let (text, code) = stage.press(SECURITY, "fastest");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("Still missing: delivery-delegate"), "{text}");
    let (text, code) = stage.press(DELIVERY, "fastest");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Decided: fastest"), "{text}");
    assert_eq!(stage.ledger().lines().filter(|line| line.starts_with("decision/")).count(), 2);
}

/// A variable of the project is there in every job, also where it means nothing.
#[test]
fn a_key_of_the_project_does_not_stand_in_the_way_of_a_button() {
    let stage = Stage::set();
    stage.gitlab.state().job_user = SECURITY;
    let press = |more: &[&str]| {
        let mut command = stage.gitlab.job();
        command.env("CI_COMMIT_SHA", prepared().brief["change"]["head"].as_str().unwrap());
        command.env("DETENTE_ALLOWED_SIGNERS", prepared().shop.path("allowed_signers"));
        command.env("DETENTE_KEY", "/absent").env("DETENTE_PLAIN", "yes").current_dir(&stage.checkout);
        command.args(["choose", "balanced", "--by-job", "--now", "2026-11-24T10:00:00Z", "--brief"]);
        said(&command.arg(stage.gitlab.path("brief.json")).args(more).output().unwrap())
    };
    let (text, code) = press(&["--key", "id_ed25519"]);
    assert!(code == 2 && text.contains("--by-job and --key cannot be used together"), "{text}");
    let (text, code) = press(&[]);
    assert!(code == 0 && text.contains("Decided: balanced"), "{text}");
}

#[test]
fn variables_of_the_job_do_not_say_who_pressed_it() {
    let stage = Stage::set();
    // GITLAB_USER_ID names the delivery delegate; GitLab says that it was a stranger.
    let (text, code) = stage.press(STRANGER, "fastest");
    assert_eq!(code, 1, "{text}");
    assert!(stage.ledger().is_empty(), "{text}");
}

/// The brief comes with the change: one about another merge request, or another commit, decides nothing there.
#[test]
fn a_brief_about_another_change_is_not_decided_on() {
    let other = "is about another change, or another commit of it";
    for (field, value) in [("name", "merge_request/13".to_owned()), ("head", "b".repeat(40))] {
        let stage = Stage::set();
        let mut brief = prepared().brief.clone();
        brief["change"][field] = value.into();
        std::fs::write(stage.gitlab.path("brief.json"), brief.to_string()).unwrap();
        let (text, code) = stage.press(SECURITY, "balanced");
        assert!(code == 2 && text.contains(other), "{text}");
        let note = stage.gitlab.says(SECURITY, "/detente choose balanced because it is the plan", false);
        let (text, _) = stage.reply();
        assert!(text.contains("Not recorded") && text.contains(other), "{text}");
        assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "no_entry_sign");
        assert!(stage.ledger().is_empty(), "{text}");
    }
    // Nor where a pipeline is of no merge request at all.
    let stage = Stage::set();
    stage.gitlab.state().job_user = SECURITY;
    let mut job = stage.gitlab.job();
    job.env_remove("CI_MERGE_REQUEST_IID")
        .env("DETENTE_ALLOWED_SIGNERS", prepared().shop.path("allowed_signers"))
        .current_dir(&stage.checkout)
        .args(["choose", "balanced", "--by-job", "--now", "2026-11-24T10:00:00Z", "--brief"])
        .arg(stage.gitlab.path("brief.json"));
    let (text, code) = said(&job.output().unwrap());
    assert!(code == 2 && text.contains(other) && stage.ledger().is_empty(), "{text}");
}

#[test]
fn programs_and_authors_do_not_accept_risk() {
    let stage = Stage::set();
    stage.gitlab.state().users.insert(31, json!({"id": 31, "username": "group_3_bot_ab", "state": "active"}));
    stage.gitlab.state().members.insert(("groups/security".to_owned(), 31), 50);
    let (text, code) = stage.press(31, "balanced");
    assert!(code == 1 && text.contains("a program may not accept risk"), "{text}");
    stage.gitlab.state().merge_request["author"] = json!({"id": SECURITY, "username": "sec"});
    let (text, code) = stage.press(SECURITY, "balanced");
    assert!(code == 1 && text.contains("authors do not approve their own change"), "{text}");
    assert!(stage.ledger().is_empty());
}

/// Somebody else may have opened the merge request: whoever wrote its commits is known by what GitLab says of their address.
#[test]
fn whoever_wrote_the_commits_is_an_author_whoever_opened_the_merge_request() {
    let commit = |email: &str| json!({"id": "c1", "author_name": "Sec", "author_email": email, "committer_name": "Dev", "committer_email": "dev@example.com"});
    for (email, counts) in [
        ("Sec@example.com", false),
        ("sec@work.example", false),
        ("21-sec@users.noreply.gitlab.example", false),
        ("22-delivery@users.noreply.gitlab.example", true),
        ("sec@elsewhere.example", true),
    ] {
        let stage = Stage::set();
        {
            let mut state = stage.gitlab.state();
            let user = state.users.get_mut(&SECURITY).unwrap();
            (user["public_email"], user["commit_email"]) = ("sec@example.com".into(), "sec@work.example".into());
            state.commits = vec![commit("dev@example.com"), commit(email)];
        }
        let (text, code) = stage.press(SECURITY, "balanced");
        assert_eq!(code == 0, counts, "{email}: {text}");
        assert_eq!(stage.ledger().is_empty(), !counts, "{email}");
        assert!(counts || text.contains("authors do not approve their own change"), "{email}: {text}");
    }
}

#[test]
fn a_note_is_taken_up_once_and_answered() {
    let stage = Stage::set();
    let note = stage.gitlab.says(SECURITY, "Looks fine.\n\n/detente choose balanced because it is the plan", false);
    stage.gitlab.says(DELIVERY, "I would take balanced, too", false);
    let (text, code) = stage.reply();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("@sec") && text.contains("Decided: balanced"), "{text}");
    assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "white_check_mark");
    let decisions = stage.ledger();
    let (text, _) = stage.reply();
    assert!(text.contains("no note asks for anything"), "{text}");
    assert_eq!(stage.ledger(), decisions);
}

/// The next pipeline of a merge request takes a note up, and judged the change anew: what was written counts for what stood
/// there then.
#[test]
fn a_note_counts_for_the_options_that_it_was_written_about() {
    let later = |alter: &dyn Fn(&mut serde_json::Value)| {
        let stage = Stage::set();
        let note = stage.gitlab.says(SECURITY, "/detente choose balanced because it is the plan", false);
        let mut now = prepared().brief.clone();
        now["now"] = "2026-11-24T09:50:00Z".into();
        std::fs::write(stage.gitlab.path("brief.json"), now.to_string()).unwrap();
        let mut before = prepared().brief.clone();
        alter(&mut before);
        stage.gitlab.state().brief = Some(before);
        let (text, code) = stage.reply();
        assert_eq!(code, 0, "{text}");
        let mark = stage.gitlab.state().awards[&note][0]["name"].as_str().unwrap().to_owned();
        assert_eq!(stage.ledger().is_empty(), mark == "no_entry_sign", "{text}");
        (text, mark)
    };
    let (text, mark) = later(&|_| {});
    assert!(mark == "white_check_mark" && text.contains("Decided: balanced"), "{text}");
    for (place, value) in [
        ("/findings", json!([])),
        ("/verdict", "within-tolerance".into()),
        ("/appetite/sha256", "0".repeat(64).into()),
        ("/change/name", "merge_request/13".into()),
        ("/now", "2026-11-24T09:41:00Z".into()),
    ] {
        let (text, mark) = later(&|brief| *brief.pointer_mut(place).unwrap() = value.clone());
        assert!(mark == "no_entry_sign" && text.contains("written before these options were made"), "{text}");
        assert!(text.contains("write a new note"), "{text}");
    }
}

/// GitLab lets no job push unless the project says so: what cannot be kept is not ticked off.
#[cfg(unix)]
#[test]
fn a_choice_that_cannot_be_kept_leaves_the_note_open() {
    let stage = Stage::set();
    let hook = stage.gitlab.path("origin.git/hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho 'You are not allowed to push code' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let text = "<!-- detente:brief:1 -->\nBeyond tolerance";
    let thread = json!({"id": "d1", "notes": [{"id": 900, "body": text, "author": {"id": 70}, "resolvable": true}]});
    stage.gitlab.state().discussions.push(thread);
    let note = stage.gitlab.says(SECURITY, "/detente choose balanced because it is the plan", false);
    for _ in 0..2 {
        let (text, code) = stage.reply();
        assert!(code == 5 && text.contains("could not be kept") && text.contains("Job token permissions"), "{text}");
        let state = stage.gitlab.state();
        assert!(!state.awards.contains_key(&note), "it stays open");
        let said = state.discussions[0]["notes"].as_array().unwrap();
        assert!(said.len() == 2 && said[1]["body"].as_str().unwrap().contains("Not recorded yet"), "once: {said:?}");
    }
    assert!(stage.ledger().is_empty());
    std::fs::remove_file(&hook).unwrap();
    let (text, code) = stage.reply();
    assert!(code == 0 && text.contains("Decided: balanced") && stage.ledger().contains("decision/"), "{text}");
    assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "white_check_mark");
}

#[test]
fn notes_that_do_not_count_are_answered_with_why() {
    for (user, body, edited, why) in [
        (STRANGER, "/detente choose fastest", false, "may not push"),
        (SECURITY, "/detente choose balanced", true, "edited"),
        (SECURITY, "/detente choose fastes", false, "did you mean fastest"),
        (11, "/detente choose balanced", false, "do not"),
    ] {
        let stage = Stage::set();
        let note = stage.gitlab.says(user, body, edited);
        let (text, code) = stage.reply();
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("Not recorded") && text.contains(why), "{body} by {user}: {text}");
        assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "no_entry_sign");
        assert!(stage.ledger().is_empty(), "{body}");
        assert_eq!(stage.gitlab.count(&format!("POST {MERGE_REQUEST}/notes")), 1, "without a thread it is a note");
    }
}

/// A list that is not read to its end says nothing of what is on the rest of it.
#[test]
fn a_list_without_an_end_is_an_error() {
    let stage = Stage::set();
    stage.gitlab.state().page = 1;
    for number in 0..101 {
        stage.gitlab.says(SECURITY, &format!("Remark {number}"), false);
    }
    let (text, code) = stage.reply();
    assert!(code == 5 && text.contains("the list has more than the 100 entries that are read"), "{text}");
}
