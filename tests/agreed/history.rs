//! Trust by continuity: rotation, a lost key, a leader who has left, a history that is short or rewritten.

use super::office::{APPETITE, Office};

#[test]
fn the_next_version_is_vouched_for_by_the_parties_of_the_last() {
    let Some(office) = Office::agreed() else { return };
    office.verify().ends(0).says(&["agreed by cio and ciso", "since", "--appetite-root"]);
    // A new version, not merged yet: the version on main vouches for it.
    office.agree_on("cio", "ciso", 5);
    office.verify().ends(4).says(&["altered", "the signature of the CIO is not over these bytes"]);
    office.sign("cio", "cio").sign("ciso", "ciso").verify().ends(0);
    office.commit("Agree on five").verify().ends(0);
}

#[test]
fn a_key_is_rotated_by_its_holder() {
    let Some(office) = Office::agreed() else { return };
    // The old key signs the version that names the new one.
    office.agree_on("new", "ciso", 3);
    let key = office.path("cio");
    let signed = office.run(&["appetite", "sign", "--as", "cio", "--key", key.to_str().unwrap()]);
    signed.ends(0).says(&["the version before it does: it vouches for the new key"]);
    office.sign("ciso", "ciso").commit("Rotate").verify().ends(0);
    // From then on the new key counts, and the old one does not.
    office.agree_on("new", "ciso", 4).sign("cio", "new").sign("ciso", "ciso").commit("Four").verify().ends(0);
    office.agree_on("new", "ciso", 9).sign_plainly("cio", "cio").sign("ciso", "ciso");
    office.verify().ends(4).says(&["the signature of the CIO is by a key that is not trusted for `cio` now"]);
}

#[test]
fn a_new_key_that_only_the_new_version_names_vouches_for_nothing() {
    let Some(office) = Office::agreed() else { return };
    office.agree_on("new", "other", 99).sign_plainly("cio", "new").sign_plainly("ciso", "other").commit("Take over");
    office.verify().ends(4).says(&[
        "not trusted for `cio`",
        "not trusted for `ciso`",
        "the arbiter C. Example signs too",
    ]);
    // The version that does not count does not vouch for a later one either.
    office.agree_on("new", "other", 100).sign_plainly("cio", "new").sign_plainly("ciso", "other").commit("Again");
    office.verify().ends(4);
    // The real parties go on from the last one that did.
    office.agree_on("cio", "ciso", 2).sign("cio", "cio").sign("ciso", "ciso").commit("Back").verify().ends(0);
}

#[test]
fn a_lost_key_or_a_new_leader_needs_the_arbiter_and_the_other_party() {
    let Some(office) = Office::agreed() else { return };
    office.agree_as(("D. Example", "new"), ("B. Example", "ciso"), 3).sign_plainly("cio", "new").sign("ciso", "ciso");
    office.verify().ends(4).says(&["not trusted for `cio`", "the arbiter C. Example signs too"]);
    office.sign("arbiter", "coo").verify().ends(0);
    office.commit("D. Example follows A. Example").verify().ends(0);
    // The successor's key vouches for what follows, without the arbiter.
    office.git(&["rm", "-q", &format!("{APPETITE}.arbiter.sig")]);
    office.agree_as(("D. Example", "new"), ("B. Example", "ciso"), 4).sign("cio", "new").sign("ciso", "ciso");
    office.commit("Four").verify().ends(0);
}

#[test]
fn the_arbiter_cannot_replace_both_nor_be_a_party() {
    let Some(office) = Office::agreed() else { return };
    office
        .agree_on("new", "other", 9)
        .sign_plainly("cio", "new")
        .sign_plainly("ciso", "other")
        .sign_plainly("arbiter", "coo");
    office.verify().ends(4).says(&["not trusted for `cio`"]);
    // The arbiter in the place of the one who left is still only one of two.
    office.agree_as(("C. Example", "coo"), ("B. Example", "ciso"), 9);
    office.sign_plainly("cio", "coo").sign_plainly("ciso", "ciso").sign_plainly("arbiter", "coo").verify().ends(4);
    // Neither is the arbiter's key in the hands of somebody else, nor another key in the arbiter's.
    office.agree_as(("D. Example", "coo"), ("B. Example", "ciso"), 9);
    office.sign_plainly("cio", "coo").sign_plainly("ciso", "ciso").sign_plainly("arbiter", "coo").verify().ends(4);
    office.agree_as(("C. Example", "new"), ("B. Example", "ciso"), 9);
    office.sign_plainly("cio", "new").sign_plainly("ciso", "ciso").sign_plainly("arbiter", "coo").verify().ends(4);
    // A party whose key is the arbiter's, too, replaces nobody alone.
    let replace = |from: &str, to: &str| {
        let text = office.read(APPETITE);
        assert!(text.contains(&office.public(from)));
        office.write(APPETITE, text.replace(&office.public(from), &office.public(to)));
    };
    office.agree_on("cio", "ciso", 4);
    replace("coo", "cio");
    let before = office.git(&["rev-parse", "HEAD"]);
    office.sign_plainly("cio", "cio").sign_plainly("ciso", "ciso").commit("One key for two").verify().ends(0);
    office.agree_as(("A. Example", "new"), ("D. Example", "other"), 9);
    office.sign_plainly("cio", "cio").sign_plainly("ciso", "other").sign_plainly("arbiter", "cio").verify().ends(4);
    office.git(&["reset", "-q", "--hard", before.trim()]);
    // A stranger is no arbiter.
    office.agree_as(("D. Example", "new"), ("B. Example", "ciso"), 9);
    office.sign_plainly("cio", "new").sign_plainly("ciso", "ciso").sign_plainly("arbiter", "other").verify().ends(4);
}

#[test]
fn an_earlier_version_brought_back_does_not_count() {
    let Some(office) = Office::agreed() else { return };
    let files = ["", ".cio.sig", ".ciso.sig"].map(|ending| format!("{APPETITE}{ending}"));
    let kept = || files.each_ref().map(|file| office.read(file));
    let bring_back = |texts: &[String]| {
        for (file, text) in files.iter().zip(texts) {
            office.write(file, text);
        }
    };
    let lax = kept();
    office.agree_on("cio", "ciso", 1).sign("cio", "cio").sign("ciso", "ciso").commit("Stricter").verify().ends(0);
    let strict = kept();
    bring_back(&lax);
    office.verify().ends(4).says(&["an earlier version brought back"]);
    office.commit("Roll back").verify().ends(4).says(&["an earlier version brought back"]);
    // On the branch it replaced nothing: the version that both agreed last still holds.
    bring_back(&strict);
    office.verify().ends(0);
}

#[test]
fn a_short_history_proves_nothing_and_says_what_to_do() {
    let Some(office) = Office::agreed() else { return };
    office.write("a.txt", "a").commit("More").write("b.txt", "b").commit("And more");
    let from = format!("file://{}", office.repo().display());
    assert!(office.git_in(".", &["clone", "-q", "--depth", "1", &from, "short"]).status.success());
    let verify = ["appetite", "verify", "--now", "2026-12-01T12:00:00Z"];
    let short = office.run_with("short", &[], &verify);
    short.ends(4).says(&["this clone is shallow", "fetch-depth: 0", "GIT_DEPTH: 0", "--allowed-signers"]);
    assert!(office.git_in("short", &["fetch", "-q", "--unshallow"]).status.success());
    office.run_with("short", &[], &verify).ends(0);
}

#[test]
fn a_target_branch_that_is_not_there_is_said_and_nothing_is_taken_in_its_place() {
    let Some(office) = Office::agreed() else { return };
    let verify = |base: &str| office.run(&["appetite", "verify", "--now", "2026-12-01T12:00:00Z", "--base", base]);
    verify("main").ends(0);
    verify("no-such-branch").ends(2).says(&["no-such-branch"]);
}

#[test]
fn a_pinned_version_shows_that_the_history_was_rewritten() {
    let Some(office) = Office::agreed() else { return };
    let said = office.verify();
    let root = said.flat().split("--appetite-root ").nth(1).unwrap().trim_end_matches('.').to_owned();
    let pinned =
        |root: &str| office.run(&["appetite", "verify", "--now", "2026-12-01T12:00:00Z", "--appetite-root", root]);
    let held = pinned(&root);
    held.ends(0);
    assert!(!held.flat().contains("--appetite-root"), "{}", held.out);
    // Somebody with the right to push puts another beginning in its place.
    office.git(&["checkout", "-q", "--orphan", "other"]);
    office.agree_on("new", "other", 99).sign("cio", "new").sign("ciso", "other").commit("Begin");
    office.git(&["branch", "-q", "-M", "main"]);
    office.verify().ends(0).says(&["Whoever can rewrite that branch could replace them"]);
    pinned(&root).ends(4).says(&["pinned digest", "the history was rewritten"]);

    // No gate proceeds by it either, and nothing that it found out is lost.
    let report = r#"{"errors":[],"generated_at":"2026-11-24T09:00:00Z","metrics":{"_totals":{"loc":3}},"results":[]}"#;
    office.write("results/bandit.json", report);
    office.git(&["checkout", "-q", "-b", "work"]);
    office.commit("Go on");
    let gate = |root: &str| {
        let now = ["--now", "2026-12-01T12:00:00Z", "--format", "json"];
        office.run(&[&["gate", "results", "--base", "main", "--appetite-root", root][..], &now].concat())
    };
    let said = gate(&root);
    said.ends(4).says(&["does not hold by --appetite-root", "the history was rewritten"]);
    let brief: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(brief["reports"][0]["findings"], 0);
    gate("1234").ends(2).says(&["64 hexadecimal digits"]);
}
