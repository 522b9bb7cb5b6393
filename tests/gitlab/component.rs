//! The component as its users run it: by gitlab-ci-local, in a project made of what docs/gitlab.md shows and nothing else, with
//! a real scanner, against the server of these tests. It takes programs that cargo does not bring: `component.sh` gets them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use serde_yaml::Value as Yaml;

use crate::server::{GitLab, JOB_TOKEN, TOKEN};
use crate::stage::SECURITY;

const DOCS: &str = include_str!("../../docs/gitlab.md");
const TEMPLATE: &str = include_str!("../../templates/gate.yml");

/// Runs what git asks of the other end of an SSH connection at this one: the repositories of the instance lie in a folder.
const SSH: &str =
    "#!/bin/sh\nfor asked; do :; done\ncd \"$HUB\" && eval \"set -- $asked\" && exec git \"${1#git-}\" \".$2\"\n";
/// What the scanner looks for: rules of its own, because none are fetched here.
const RULES: &str = "rules:\n  - id: shell-true\n    languages: [python]\n    severity: ERROR\n    message: A shell runs what it is given.\n    \
                     pattern: subprocess.call(..., shell=True)\n    metadata: { cwe: \"CWE-78: OS Command Injection\" }\n";

/// An instance with the component and a project, and a clone of it in which pipelines are run.
struct Project {
    gitlab: GitLab,
    folder: PathBuf,
}

/// What was said on both streams, and how it ended.
type Said = (String, i32);

impl Project {
    fn begin() -> Self {
        let gitlab = GitLab::start();
        let project = Self { folder: gitlab.path("shop"), gitlab };
        let at = |name: &str| project.gitlab.path(name);
        fs::write(at("ssh"), SSH).unwrap();
        fs::write(at("rules.yml"), RULES).unwrap();
        fs::write(at("gitconfig"), "[user]\n\tname = dev\n\temail = dev@example.com\n[init]\n\tdefaultBranch = main\n")
            .unwrap();
        project.does(&at(""), "chmod", &["+x", "ssh"]);
        for (name, files) in [("security/detente", vec![("templates/gate.yml", TEMPLATE)]), ("group/shop", vec![])] {
            let bare = format!("hub/{name}.git");
            project.does(&at(""), "git", &["init", "-q", "--bare", &bare]);
            let work = at(name.rsplit('/').next().unwrap());
            project.does(&at(""), "git", &["clone", "-q", &bare, work.to_str().unwrap()]);
            for (file, text) in files {
                write(&work.join(file), text);
                project.commit(&work, "Add the component");
                project.does(&work, "git", &["tag", concat!("v", env!("CARGO_PKG_VERSION"))]);
                project.does(&work, "git", &["push", "-q", "--tags", "origin", "main"]);
            }
        }
        let address = "ssh://git@gitlab.example:22/group/shop.git";
        project.does(&project.folder, "git", &["remote", "set-url", "origin", address]);
        project
    }

    /// A program, where the instance and its repositories can be reached.
    fn program(&self, folder: &Path, name: &str) -> Command {
        let mut command = Command::new(name);
        let own = Path::new(env!("CARGO_BIN_EXE_detente")).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap();
        let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path))).unwrap();
        command.current_dir(folder).env_clear().env("PATH", path).env("HOME", self.gitlab.path(""));
        command.env("HUB", self.gitlab.path("hub")).env("GIT_SSH_COMMAND", self.gitlab.path("ssh"));
        command.env("GIT_CONFIG_GLOBAL", self.gitlab.path("gitconfig")).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("SEMGREP_RULES", self.gitlab.path("rules.yml"));
        command.env("SEMGREP_SEND_METRICS", "off").env("SEMGREP_ENABLE_VERSION_CHECK", "0");
        command
    }

    #[track_caller]
    fn does(&self, folder: &Path, program: &str, arguments: &[&str]) -> String {
        let output = self.program(folder, program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, work: &Path, why: &str) {
        self.does(work, "git", &["add", "-A"]);
        self.does(work, "git", &["commit", "-q", "-m", why]);
    }

    /// CIO and CISO agree, and name the group of GitLab that may decide.
    fn agree(&self) {
        let work = &self.folder;
        for role in ["cio", "ciso"] {
            let key = self.gitlab.path(role);
            self.does(work, "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", role, "-f", key.to_str().unwrap()]);
        }
        let key = |name: &str| self.gitlab.path(name).to_str().unwrap().to_owned();
        let keys = ["--cio", &key("cio.pub"), "--ciso", &key("ciso.pub")];
        self.does(work, "detente", &[&["appetite", "new", "--profile", "cautious"], &keys[..]].concat());
        let file = work.join(".detente/appetite.yml");
        let text = fs::read_to_string(&file).unwrap();
        let named = text.replace("  security-delegate: {}\n", "  security-delegate: { gitlab: [security] }\n");
        assert_ne!(named, text);
        fs::write(&file, named).unwrap();
        for role in ["cio", "ciso"] {
            self.does(work, "detente", &["appetite", "sign", "--as", role, "--key", &key(role)]);
        }
    }

    /// Jobs of a merge request pipeline: all that run by themselves, or the one that is named.
    fn pipeline(&self, jobs: &[&str]) -> Said {
        let head = self.does(&self.folder, "git", &["rev-parse", "HEAD"]);
        self.gitlab.state().merge_request["sha"] = head.into();
        // What GitLab and its runner would set, as far as the program asks for it.
        let job = self.gitlab.job();
        let given = job.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?)));
        let set: Vec<String> = given
            .filter(|(name, _)| {
                let runners = ["CI_COMMIT_SHA", "CI_COMMIT_REF_NAME", "CI_JOB_URL", "CI_SERVER_URL"];
                name.starts_with("CI_") && !runners.contains(name)
            })
            .map(|(name, value)| format!("{name}={value}"))
            .chain([format!("CI_JOB_TOKEN={JOB_TOKEN}"), format!("DETENTE_GITLAB_TOKEN={TOKEN}")])
            .chain(["CI_PIPELINE_SOURCE=merge_request_event".to_owned()])
            .collect();
        let more: Vec<&str> = set.iter().flat_map(|variable| ["--variable", variable.as_str()]).collect();
        self.local(&[&more[..], jobs].concat())
    }

    /// gitlab-ci-local, by the command line that `component.sh` says.
    fn local(&self, arguments: &[&str]) -> Said {
        let command =
            std::env::var("GITLAB_CI_LOCAL").unwrap_or_else(|_| panic!("run this by tests/gitlab/component.sh"));
        let words: Vec<&str> = command.split_whitespace().collect();
        let mut local = self.program(&self.folder, words[0]);
        local.args(&words[1..]).args(["--force-shell-executor", "--shell-isolation"]).args(arguments);
        let output = local.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (text, output.status.code().unwrap())
    }

    fn left(&self, job: &str, name: &str) -> String {
        let file = self.folder.join(".gitlab-ci-local/artifacts").join(job).join(name);
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// The first configuration that the page shows, as it stands there.
fn shown() -> &'static str {
    let (_, rest) = DOCS.split_once("```yaml\n").unwrap();
    rest.split_once("```").unwrap().0
}

/// The form of `include` without components, as the page shows it, with the inputs of the other.
fn plain_include() -> String {
    let start = DOCS.find("`include: [{ project:").unwrap();
    let line = DOCS[start + 1..].split('`').next().unwrap();
    assert!(line.contains("{ … }"), "{line}");
    line.replace("{ … }", "{ reports: gl-sast-report.json }")
}

/// The script of a job of the component, as GitLab gives it to the shell with every input left as it is.
fn script(job: &str) -> String {
    let (inputs, jobs) = TEMPLATE.split_once("\n---\n").unwrap();
    let inputs: Yaml = serde_yaml::from_str(inputs).unwrap();
    let jobs: Yaml = serde_yaml::from_str(jobs).unwrap();
    let lines = jobs[job]["script"].as_sequence().unwrap().iter();
    let mut script = lines.map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n");
    for (name, input) in inputs["spec"]["inputs"].as_mapping().unwrap() {
        let default = match &input["default"] {
            Yaml::Bool(value) => value.to_string(),
            value => value.as_str().unwrap().to_owned(),
        };
        script = script.replace(&format!("$[[ inputs.{} ]]", name.as_str().unwrap()), &default);
    }
    assert!(!script.contains("$[["), "{script}");
    script
}

#[test]
fn reports_in_deep_folders_are_judged_and_not_only_those_that_the_shell_would_find() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let report = fs::read(root.join("tests/fixtures/reports/sarif/clean.sarif")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_detente")).parent().unwrap();
    let path = std::env::join_paths([program.to_owned(), "/usr/bin".into(), "/bin".into()]).unwrap();
    for job in ["detente", "detente: hold"] {
        let folder = tempfile::tempdir().unwrap();
        for place in ["shallow", "one/two/deep"] {
            fs::create_dir_all(folder.path().join(place)).unwrap();
            fs::write(folder.path().join(place).join("scan.sarif"), &report).unwrap();
        }
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &script(job)]).current_dir(folder.path()).env_clear().env("PATH", &path);
        let said = shell.env("DETENTE_REPORTS", "**/*.sarif").output().unwrap();
        let brief = fs::read_to_string(folder.path().join("brief.json"))
            .unwrap_or_else(|error| panic!("{job}: {error}: {}", String::from_utf8_lossy(&said.stderr)));
        let brief: Value = serde_json::from_str(&brief).unwrap();
        let mut read: Vec<&str> =
            brief["reports"].as_array().unwrap().iter().map(|report| report["path"].as_str().unwrap()).collect();
        read.sort_unstable();
        assert_eq!(read, ["one/two/deep/scan.sarif", "shallow/scan.sarif"], "{job}");
    }
}

/// GitLab runs a job without `rules` on branches alone.
#[test]
fn the_scanner_of_the_page_runs_in_every_pipeline_that_is_judged() {
    let jobs: Yaml = serde_yaml::from_str(shown()).unwrap();
    let Yaml::Tagged(rules) = &jobs["sast"]["rules"][0] else { panic!("{:?}", jobs["sast"]) };
    assert_eq!(
        (rules.tag.to_string().as_str(), &rules.value[0], &rules.value[1]),
        ("!reference", &".detente".into(), &"rules".into())
    );
    let component: Yaml = serde_yaml::from_str(TEMPLATE.split_once("\n---\n").unwrap().1).unwrap();
    let first = &component[".detente"]["rules"][0]["if"];
    assert_eq!(first.as_str(), Some("$CI_PIPELINE_SOURCE == \"merge_request_event\""));
}

#[test]
fn the_component_builds_the_version_that_it_is_of() {
    let install = format!("default: cargo install --locked detente@{}\n", env!("CARGO_PKG_VERSION"));
    assert!(TEMPLATE.contains(&install));
}

#[test]
#[ignore = "takes gitlab-ci-local and semgrep: tests/gitlab/component.sh"]
fn a_clean_project_made_from_the_page_judges_waits_and_goes_on() {
    let project = Project::begin();
    let work = project.folder.clone();
    write(&work.join(".gitlab-ci.yml"), shown());
    write(&work.join(".gitignore"), ".gitlab-ci-local/\n");
    write(&work.join("app.py"), "import subprocess\n\ndef run(x): subprocess.call(x, shell=True)\n");
    project.commit(&work, "Begin");
    project.does(&work, "git", &["push", "-q", "origin", "HEAD:main"]);
    project.does(&work, "git", &["fetch", "-q", "origin"]);
    project.does(&work, "git", &["remote", "set-head", "origin", "main"]);
    project.does(&work, "git", &["checkout", "-q", "-b", "change"]);
    let add = |name: &str| write(&work.join(name), "import subprocess\nsubprocess.call(input(), shell=True)\n");
    add("a.py");
    project.commit(&work, "Begin a change");

    // Nobody has agreed on anything yet: advice, and nothing is held.
    let (text, code) = project.pipeline(&[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Advice only"), "{text}");
    let brief: Value = serde_json::from_str(&project.left("detente", "brief.json")).unwrap();
    let origins = brief["findings"].as_array().unwrap().iter().map(|finding| finding["origin"].as_str().unwrap());
    let mut origins: Vec<&str> = origins.collect();
    origins.sort_unstable();
    assert_eq!(origins, ["ambient", "introduced"]);
    assert!(project.left("detente", "detente.env").starts_with("DETENTE_VERDICT=within-tolerance\n"));
    let thread = |project: &Project| project.gitlab.state().discussions[0]["notes"][0].clone();
    assert!(thread(&project)["body"].as_str().unwrap().contains("Within tolerance"), "{}", thread(&project));

    // They agree, a decision is asked for, and the change goes beyond what was agreed.
    project.does(&work, "git", &["checkout", "-q", "-B", "main", "origin/main"]);
    project.agree();
    let asking = shown().replace("    inputs:\n", "    inputs:\n      require-decision: true\n      labels: true\n");
    write(&work.join(".gitlab-ci.yml"), &asking);
    project.commit(&work, "Agree the risk appetite");
    project.does(&work, "git", &["push", "-q", "origin", "main"]);
    project.does(&work, "git", &["checkout", "-q", "change"]);
    project.does(&work, "git", &["rebase", "-q", "main"]);
    for name in ["b.py", "c.py", "d.py"] {
        add(name);
    }
    project.commit(&work, "Go on with it");
    project.does(&work, "git", &["push", "-q", "origin", "change"]);
    let (text, code) = project.pipeline(&[]);
    assert_eq!(code, 1, "held: {text}");
    assert!(text.contains("Beyond tolerance"), "{text}");
    let label = project.gitlab.state().merge_request["labels"].clone();
    assert!(label.to_string().contains("detente: beyond tolerance"), "{label}");
    assert_eq!(project.gitlab.state().statuses[0]["status"], "skipped");
    assert!(thread(&project)["body"].as_str().unwrap().contains("Beyond tolerance"), "one thread, brought up to date");

    // One press, by somebody who may; then the pipeline goes on.
    project.gitlab.state().job_user = SECURITY;
    project.gitlab.state().members.insert(("groups/security".to_owned(), SECURITY), 40);
    let (text, code) = project.pipeline(&["detente: choose balanced"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Decided: balanced"), "{text}");
    let (text, code) = project.pipeline(&["detente: hold"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("decided"), "{text}");
    assert!(thread(&project)["body"].as_str().unwrap().contains("decided"), "{}", thread(&project));
    assert_eq!(project.gitlab.state().statuses[0]["status"], "success");

    // What was beyond is taken back: the thread resolves itself.
    project.does(&work, "git", &["rm", "-q", "a.py", "b.py", "c.py", "d.py"]);
    write(&work.join("ok.py"), "print()\n");
    project.commit(&work, "Do without");
    let (text, code) = project.pipeline(&[]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(thread(&project)["resolved"], true, "{}", thread(&project));
    assert_eq!(project.gitlab.state().discussions.len(), 1);
    assert_eq!(project.gitlab.state().statuses[0]["status"], "success");

    // The same without components; and an input of the wrong kind is refused before anything runs.
    let (_, rest) = shown().split_once("\nsast:").unwrap();
    write(&work.join(".gitlab-ci.yml"), &format!("stages: [build, test, decide]\n{}\nsast:{rest}", plain_include()));
    let (text, code) = project.local(&["--list"]);
    assert!(code == 0 && text.contains("detente: hold"), "{text}");
    write(&work.join(".gitlab-ci.yml"), &asking.replace("labels: true", "labels: maybe"));
    let (text, code) = project.local(&["--list"]);
    assert!(code != 0 && text.contains("`labels` input: provided value is not a boolean"), "{text}");
}
