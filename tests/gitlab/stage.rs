//! A merge request with options on it, and people who choose.

use std::path::PathBuf;
use std::process::Output;
use std::sync::OnceLock;

use serde_json::Value;

use crate::server::GitLab;
use crate::shop::{Shop, TUESDAY};

pub const SECURITY: u64 = 21;
pub const DELIVERY: u64 = 22;
pub const STRANGER: u64 = 66;

pub struct Prepared {
    pub shop: Shop,
    pub brief: Value,
}

/// A shop whose roles are people and groups of GitLab, with a judged change; made once, because judging takes its time.
pub fn prepared() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let shop = Shop::open();
        let work = shop.path("work");
        shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
        let text = shop.appetite();
        let (agreement, _) = text.split_once("\nroles:").unwrap();
        let roles = "  tech-lead: { gitlab: [lead] }\n  delivery-delegate: { gitlab: [delivery] }\n  security-delegate: { gitlab: [security] }\n";
        shop.agree(&work, &format!("{agreement}\nroles:\n{roles}"));
        shop.git(&work, &["push", "-q", "origin", "main"]);
        shop.git(&work, &["checkout", "-q", "-b", "change"]);
        shop.commit(&work, "pay2.js", "pay();\n");
        shop.git(&work, &["push", "-q", "origin", "change"]);
        let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &["--change", "merge_request/12"]);
        assert_eq!(brief["verdict"], "beyond-tolerance");
        Prepared { shop, brief }
    })
}

pub struct Stage {
    pub gitlab: GitLab,
    pub checkout: PathBuf,
}

impl Stage {
    pub fn set() -> Self {
        let Prepared { shop, brief } = prepared();
        let gitlab = GitLab::start();
        let (remote, checkout) = (gitlab.path("origin.git"), gitlab.path("checkout"));
        let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
        shop.git(&shop.path(""), &["clone", "-q", "--bare", "origin.git", &text(&remote)]);
        shop.git(&shop.path(""), &["clone", "-q", "-b", "change", &text(&remote), &text(&checkout)]);
        shop.git(&checkout, &["config", "user.name", "job"]);
        shop.git(&checkout, &["config", "user.email", "job@example.com"]);
        std::fs::write(gitlab.path("brief.json"), brief.to_string()).unwrap();
        let head = brief["change"]["head"].clone();
        {
            let mut state = gitlab.state();
            state.merge_request["sha"] = head;
            state.members.insert(("groups/security".to_owned(), SECURITY), 40);
        }
        Self { gitlab, checkout }
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let head = prepared().brief["change"]["head"].as_str().unwrap();
        let mut command = self.gitlab.job();
        command
            .env("CI_COMMIT_SHA", head)
            .env("DETENTE_ALLOWED_SIGNERS", prepared().shop.path("allowed_signers"))
            .current_dir(&self.checkout)
            .args(arguments)
            .args(["--brief", self.gitlab.path("brief.json").to_str().unwrap(), "--now", "2026-11-24T10:00:00Z"]);
        command.output().unwrap()
    }

    pub fn press(&self, user: u64, option: &str) -> (String, i32) {
        self.gitlab.state().job_user = user;
        said(&self.run(&["choose", option, "--by-job"]))
    }

    pub fn reply(&self) -> (String, i32) {
        said(&self.run(&["reply", "--patience", "1"]))
    }

    /// The same in a pipeline of a schedule, which is of no merge request.
    pub fn scheduled(&self) -> (String, i32) {
        let mut command = self.gitlab.job();
        for name in ["CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_PROJECT_ID", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] {
            command.env_remove(name);
        }
        command
            .env("CI_PIPELINE_SOURCE", "schedule")
            .env("DETENTE_ALLOWED_SIGNERS", prepared().shop.path("allowed_signers"))
            .current_dir(&self.checkout)
            .args(["reply", "--patience", "1", "--now", "2026-11-24T10:00:00Z"]);
        said(&command.output().unwrap())
    }

    /// Names of files in the ledger.
    pub fn ledger(&self) -> String {
        let remote = self.gitlab.path("origin.git");
        let mut git = std::process::Command::new("git");
        let output =
            git.arg("-C").arg(remote).args(["ls-tree", "-r", "--name-only", "refs/detente/ledger"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

/// What a command said on both streams, and how it ended.
pub fn said(output: &Output) -> (String, i32) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (text, output.status.code().unwrap())
}
