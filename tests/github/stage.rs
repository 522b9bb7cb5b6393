//! A pull request with options on it, and people who say something about it.

use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::sync::OnceLock;

use assert_cmd::assert::Assert;
use serde_json::{Value, json};

use crate::server::{BOT, GitHub, NUMBER, pull_event};
use crate::shop::{Shop, TUESDAY};

/// People of the shop: number, login, permission.
pub const SECURITY: (u64, &str) = (21, "octo-sec");
pub const DELIVERY: (u64, &str) = (22, "octo-delivery");
pub const STRANGER: (u64, &str) = (66, "stranger");
pub const AUTHOR: (u64, &str) = (11, "author");

/// A shop with a judged change; made once, because judging takes its time.
pub struct Prepared {
    pub shop: Shop,
    pub head: String,
    pub brief: Value,
}

pub struct Stage {
    pub github: GitHub,
    pub prepared: &'static Prepared,
    /// A checkout of the target branch, with a remote of its own.
    pub choosing: PathBuf,
}

/// Roles by login, and by team.
const ROLES: &str = "  tech-lead: { github: [octo-lead] }\n  delivery-delegate: { github: [octo-delivery] }\n  security-delegate: { github: [octo-sec] }\n";
pub const TEAMS: &str = "  tech-lead: { github: [octo/leads] }\n  delivery-delegate: { github: [octo/leads] }\n  security-delegate: { github: [\"@octo/security\"] }\n";

impl Prepared {
    pub fn of(roles: &str) -> Self {
        let shop = Shop::open();
        let work = shop.path("work");
        shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
        let text = shop.appetite();
        let (agreement, _) = text.split_once("\nroles:").unwrap();
        shop.agree(&work, &format!("{agreement}\nroles:\n{roles}"));
        shop.git(&work, &["push", "-q", "origin", "main"]);
        shop.git(&work, &["checkout", "-q", "-b", "change"]);
        shop.commit(&work, "pay2.js", "pay();\n");
        shop.git(&work, &["push", "-q", "origin", "change"]);
        let head = shop.git(&work, &["rev-parse", "HEAD"]);
        let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &["--change", "pull/5"]);
        assert_eq!(brief["verdict"], "beyond-tolerance");
        Self { shop, head, brief }
    }
}

/// An artifact as GitHub hands it out.
pub fn zipped(brief: &Value) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("brief.json", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(brief.to_string().as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

impl Stage {
    /// A pull request with options on it, under an agreement that names people by their login.
    pub fn set() -> Self {
        static PREPARED: OnceLock<Prepared> = OnceLock::new();
        Self::of(PREPARED.get_or_init(|| Prepared::of(ROLES)))
    }

    pub fn of(prepared: &'static Prepared) -> Self {
        let github = GitHub::start();
        let (shop, head, brief) = (&prepared.shop, &prepared.head, &prepared.brief);
        let (remote, choosing) = (github.path("origin.git"), github.path("choosing"));
        let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
        shop.git(&shop.path(""), &["clone", "-q", "--bare", "origin.git", &text(&remote)]);
        shop.git(&shop.path(""), &["clone", "-q", &text(&remote), &text(&choosing)]);
        {
            let mut state = github.state();
            state.pull = json!({"number": NUMBER, "state": "open", "head": {"sha": head, "ref": "change"},
                "base": {"ref": "main"}, "user": {"login": "author", "id": 11, "type": "User"}});
            for (id, login) in [SECURITY, DELIVERY, (23, "octo-lead"), (24, "octo-sec-"), (25, "0cto-sec")] {
                state.people.insert(login.to_owned(), (id, "write".to_owned()));
            }
            state.people.insert(STRANGER.1.to_owned(), (STRANGER.0, "read".to_owned()));
            state.authors = vec![(11, "author".to_owned())];
            state.artifacts = vec![(1, 70, head.clone(), zipped(brief))];
        }
        let stage = Self { github, prepared, choosing };
        stage.publish(brief);
        stage
    }

    pub fn shop(&self) -> &'static Shop {
        &self.prepared.shop
    }

    /// The run of that commit leaves its brief behind.
    pub fn keep(&self, head: &str, brief: &Value) {
        let mut state = self.github.state();
        let number = state.artifacts.len() as u64 + 10;
        state.artifacts.push((number, number, head.to_owned(), zipped(brief)));
    }

    pub fn publish(&self, brief: &Value) {
        let file = self.github.write("brief.json", brief.to_string());
        self.github.job("pull_request", &pull_event(&self.prepared.head)).arg("publish").arg(file).assert().success();
    }

    /// Number and text of our comment.
    pub fn ours(&self) -> (u64, String) {
        let state = self.github.state();
        let ours = state.comments.iter().find(|comment| comment["user"]["id"] == BOT).unwrap();
        (ours["id"].as_u64().unwrap(), ours["body"].as_str().unwrap().to_owned())
    }

    /// Somebody writes a comment.
    pub fn says(&self, (id, login): (u64, &str), body: &str) -> Value {
        let comment = self.github.state().comment(id, login, body);
        let comment = self.github.state().comments.iter().find(|own| own["id"] == comment).unwrap().clone();
        Self::event("created", (id, login), comment)
    }

    /// Somebody edits a comment.
    pub fn edits(&self, comment: u64, (id, login): (u64, &str), to: impl Fn(&str) -> String) -> Value {
        let mut state = self.github.state();
        let now = state.tick();
        let there = state.comments.iter_mut().find(|own| own["id"] == comment).unwrap();
        let before = there["body"].as_str().unwrap().to_owned();
        there["body"] = to(&before).into();
        there["updated_at"] = now.into();
        let there = there.clone();
        drop(state);
        let mut event = Self::event("edited", (id, login), there);
        event["changes"] = json!({"body": {"from": before}});
        event
    }

    pub fn event(action: &str, (id, login): (u64, &str), comment: Value) -> Value {
        json!({"action": action, "repository": {"id": 1, "full_name": "octo/shop", "default_branch": "main"},
            "issue": {"number": NUMBER, "pull_request": {}}, "comment": comment,
            "sender": {"id": id, "login": login, "type": "User"}})
    }

    pub fn reply(&self, event: &Value) -> Assert {
        self.reply_at(event, "2026-11-24T10:00:00Z")
    }

    pub fn reply_at(&self, event: &Value, now: &str) -> Assert {
        let mut job = self.github.job("issue_comment", event);
        job.env("HOME", self.prepared.shop.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        job.arg("reply").arg("--repository").arg(&self.choosing).arg("--allowed-signers");
        job.arg(self.prepared.shop.path("allowed_signers")).args(["--labels", "--now", now]);
        job.assert()
    }

    pub fn ledger(&self) -> String {
        self.prepared.shop.git(&self.choosing, &["ls-remote", "origin", "refs/detente/ledger"])
    }

    /// The last line that we said.
    pub fn last(&self) -> String {
        self.github.own_comments().last().unwrap().clone()
    }

    #[track_caller]
    pub fn assert_refused(&self, event: &Value, says: &str) {
        self.reply(event).success();
        let last = self.last();
        assert!(last.contains("Not recorded") && last.contains(says), "{last}");
        assert_eq!(self.github.state().reactions.last().unwrap().1, "confused");
        assert_eq!(self.ledger(), "", "nothing is recorded");
    }

    #[track_caller]
    pub fn assert_ignored(&self, event: &Value) {
        let before = self.github.own_comments();
        self.reply(event).success();
        assert_eq!(self.github.own_comments(), before, "nothing is said");
        assert_eq!(self.github.state().reactions, []);
        assert_eq!(self.ledger(), "");
    }
}
