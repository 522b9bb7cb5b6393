//! Waivers in the scanners' own forms, held against the scanners themselves: each is run on a small sample, with and without
//! what `ledger export --as` writes, and has to show its finding, leave it out, and show it again when the date has passed.
//!
//! Not run by `cargo test`: it needs the scanners on the `PATH`. Run it with `cargo test --test scanner_clients`. Where a
//! scanner is not there, or is not the program of that name, the run says so and checks nothing of it. The forms that are documents are held
//! against their published schemas, if `OPENVEX_SCHEMA`, `CYCLONEDX_SCHEMA` (1.6, with the schemas that it refers to
//! beside it) and `SARIF_SCHEMA` name files.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a check run by hand")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use detente::model::ledger::{Decider, WaivedFinding, Waiver};
use detente::model::severity::Severity;
use detente::model::word::Word;
use detente::render::waivers::FORMS;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

fn main() -> ExitCode {
    let checks: [(&str, fn(&Path) -> Vec<String>); 4] =
        [("trivy", trivyignore), ("trivy", trivyignore_yaml), ("semgrep", semgrep), ("checkov", checkov)];
    let mut wrong = Vec::new();
    for (client, check) in checks {
        let Some(version) = version(client) else {
            println!("{client}: not on the PATH, nothing checked");
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        let found = check(folder.path());
        println!("{client} {version}: {}", if found.is_empty() { "as it should be" } else { "NOT as it should be" });
        wrong.extend(found.into_iter().map(|what| format!("{client}: {what}")));
    }
    for (form, variable) in
        [("openvex", "OPENVEX_SCHEMA"), ("cyclonedx-vex", "CYCLONEDX_SCHEMA"), ("sarif", "SARIF_SCHEMA")]
    {
        match std::env::var_os(variable) {
            None => println!("{form}: {variable} names no schema, nothing checked"),
            Some(path) => {
                let found = document(form, Path::new(&path));
                println!("{form}: {}", if found.is_empty() { "valid" } else { "NOT valid" });
                wrong.extend(found.into_iter().map(|what| format!("{form}: {what}")));
            }
        }
    }
    for what in &wrong {
        println!("{what}");
    }
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn version(client: &str) -> Option<String> {
    let output = Command::new(client).arg("--version").output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned())
}

/// A waiver of what `tool` knows as `rule`, until some days from today.
fn waiver(tool: &str, rule: &str, path: &str, days: i64) -> Waiver {
    let now = Timestamp::now();
    let finding = WaivedFinding {
        id: "f-0123456789ab".to_owned(),
        title: "What is found: \"all\" of it".to_owned(),
        identifiers: vec!["CVE-2021-44228".to_owned()],
        saw: vec![(tool.to_owned(), rule.to_owned())],
        path: path.to_owned(),
        purl: if path.is_empty() { "pkg:maven/org.example/parser@1.0".to_owned() } else { String::new() },
        severity: Word(Severity::High),
        exploited: false,
    };
    Waiver {
        id: "v-0123456789ab".to_owned(),
        at: now - SignedDuration::from_hours(24 * 90),
        from: now - SignedDuration::from_hours(24 * 90),
        until: now + SignedDuration::from_hours(24 * days),
        row: String::new(),
        change: String::new(),
        findings: vec![finding],
        owner: "A. Example".to_owned(),
        reason: "behind a filter: until the \"release\", that is".to_owned(),
        by: Decider::Default,
        authors: Vec::new(),
        appetite: String::new(),
        decision: String::new(),
        signature: String::new(),
    }
}

/// The export of a waiver, as it was written while the waiver held.
fn export(form: &str, waiver: &Waiver) -> String {
    let (_, write) = FORMS.iter().find(|(name, _)| *name == form).unwrap();
    write(&[waiver], waiver.until - SignedDuration::from_hours(24))
}

/// What a scanner says in JSON.
fn json(program: &str, folder: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(program).current_dir(folder).args(arguments).output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{program}: {error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Texts under `key`, wherever in the document.
fn texts(value: &Value, key: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| texts(value, key, out)),
        Value::Object(members) => {
            out.extend(members.get(key).and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| texts(value, key, out));
        }
        _ => {}
    }
}

fn expect(what: &str, found: &BTreeSet<String>, rule: &str, shown: bool, wrong: &mut Vec<String>) {
    if found.contains(rule) != shown {
        wrong.push(format!("{what}: {rule} should be {}: {found:?}", if shown { "shown" } else { "left out" }));
    }
}

const DOCKERFILE: &str = "FROM ubuntu:22.04\nUSER root\n";
/// The last user is root, and there is no health check.
const ROOT: &str = "DS-0002";
const HEALTH: &str = "DS-0026";

/// What Trivy finds in two Dockerfiles, by path and rule.
fn trivy(folder: &Path, more: &[&str]) -> BTreeSet<String> {
    let arguments = ["config", "--skip-check-update", "--quiet", "--format", "json"];
    let report = json("trivy", folder, &[&arguments[..], more, &["."]].concat());
    let mut found = BTreeSet::new();
    for result in report["Results"].as_array().into_iter().flatten() {
        let mut ids = BTreeSet::new();
        texts(&result["Misconfigurations"], "ID", &mut ids);
        found.extend(ids.into_iter().map(|id| format!("{} {id}", result["Target"].as_str().unwrap_or_default())));
    }
    found
}

fn dockerfiles(folder: &Path) {
    for name in ["app", "tool"] {
        fs::create_dir(folder.join(name)).unwrap();
        fs::write(folder.join(name).join("Dockerfile"), DOCKERFILE).unwrap();
    }
}

fn trivyignore(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    dockerfiles(folder);
    let root = format!("app/Dockerfile {ROOT}");
    expect("without a file", &trivy(folder, &[]), &root, true, &mut wrong);
    for (days, shown) in [(30, false), (-1, true)] {
        fs::write(folder.join(".trivyignore"), export("trivyignore", &waiver("trivy", ROOT, "app/Dockerfile", days)))
            .unwrap();
        let found = trivy(folder, &[]);
        expect(&format!(".trivyignore, {days} days"), &found, &root, shown, &mut wrong);
        expect("what nobody accepted", &found, &format!("app/Dockerfile {HEALTH}"), true, &mut wrong);
    }
    wrong
}

fn trivyignore_yaml(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    dockerfiles(folder);
    for (days, shown) in [(30, false), (-1, true)] {
        let text = export("trivyignore-yaml", &waiver("trivy", ROOT, "app/Dockerfile", days));
        fs::write(folder.join("accepted.yaml"), text).unwrap();
        let found = trivy(folder, &["--ignorefile", "accepted.yaml"]);
        expect(&format!("YAML, {days} days"), &found, &format!("app/Dockerfile {ROOT}"), shown, &mut wrong);
        expect("the same elsewhere", &found, &format!("tool/Dockerfile {ROOT}"), true, &mut wrong);
        expect("what nobody accepted", &found, &format!("app/Dockerfile {HEALTH}"), true, &mut wrong);
    }
    wrong
}

const RULES: &str = "rules:\n- id: no-eval\n  languages: [python]\n  severity: ERROR\n  message: no eval\n  pattern: eval(...)\n\
                     - id: no-exec\n  languages: [python]\n  severity: ERROR\n  message: no exec\n  pattern: exec(...)\n";

/// The comment that an export asks for: what stands after the path.
fn comment(text: &str, path: &str) -> String {
    let begin = format!("{path}: ");
    let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(&begin)).collect();
    assert_eq!(lines.len(), 1, "{text}");
    lines[0].to_owned()
}

fn semgrep(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    fs::write(folder.join("rules.yaml"), RULES).unwrap();
    let scan = |code: &str| {
        fs::write(folder.join("app.py"), code).unwrap();
        let arguments = ["scan", "--metrics=off", "--disable-version-check", "--no-git-ignore", "-q", "--json"];
        let report = json("semgrep", folder, &[&arguments[..], &["--config", "rules.yaml", "app.py"]].concat());
        let mut found = BTreeSet::new();
        texts(&report["results"], "check_id", &mut found);
        found
    };
    let found = scan("x = eval(y)\nexec(z)\n");
    let rule = found.iter().find(|rule| rule.ends_with("no-eval")).cloned().unwrap_or_default();
    expect("without a comment", &found, &rule, true, &mut wrong);
    let told = comment(&export("semgrep", &waiver("semgrep", &rule, "app.py", 30)), "app.py");
    let found = scan(&format!("x = eval(y)  # {told}\nexec(z)  # {told}\n"));
    expect("with the comment", &found, &rule, false, &mut wrong);
    let other = rule.replace("no-eval", "no-exec");
    expect("another rule on a line with the comment", &found, &other, true, &mut wrong);
    wrong
}

fn checkov(folder: &Path) -> Vec<String> {
    const LOGGING: &str = "CKV_AWS_18";
    let mut wrong = Vec::new();
    let scan = |line: &str| {
        let text = format!("resource \"aws_s3_bucket\" \"logs\" {{\n{line}  bucket = \"logs\"\n}}\n");
        fs::write(folder.join("main.tf"), text).unwrap();
        let arguments = ["-f", "main.tf", "--skip-download", "--compact", "-o", "json"];
        let report = json("checkov", folder, &arguments);
        let (mut found, mut why) = (BTreeSet::new(), BTreeSet::new());
        texts(&report["results"]["failed_checks"], "check_id", &mut found);
        texts(&report["results"]["skipped_checks"], "suppress_comment", &mut why);
        (found, why)
    };
    let (found, _) = scan("");
    expect("without a comment", &found, LOGGING, true, &mut wrong);
    let waiver = waiver("checkov", LOGGING, "main.tf", 30);
    let told = comment(&export("checkov", &waiver), "main.tf");
    let (left, why) = scan(&format!("  # {told}\n"));
    expect("with the comment", &left, LOGGING, false, &mut wrong);
    if left.len() + 1 != found.len() {
        wrong.push(format!("one check is left out, not {:?}", found.difference(&left)));
    }
    if !why.iter().any(|why| why.contains(&waiver.id)) {
        wrong.push(format!("Checkov does not tell the reason: {why:?}"));
    }
    wrong
}

/// Where a schema refers to another, that one lies beside it.
fn document(form: &str, path: &Path) -> Vec<String> {
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let beside: Vec<(String, Value)> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .flatten()
        .filter_map(|entry| serde_json::from_slice::<Value>(&fs::read(entry.path()).ok()?).ok())
        .filter(|other| *other != schema)
        .filter_map(|other| Some((other["$id"].as_str()?.to_owned(), other)))
        .collect();
    let mut registry = jsonschema::Registry::new();
    for (id, other) in &beside {
        registry = registry.add(id.as_str(), other).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let validator = jsonschema::options().with_registry(&registry).build(&schema).unwrap();
    let text = export(form, &waiver("trivy", "CVE-2021-44228", "", 30));
    let value: Value = serde_json::from_str(&text).unwrap();
    let mut wrong: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    // A check that cannot fail is none.
    let altered = text.replace("\"affected\"", "\"accepted\"").replace("\"exploitable\"", "\"accepted\"");
    let altered = altered.replace("\"external\"", "\"by hand\"");
    if validator.is_valid(&serde_json::from_str(&altered).unwrap()) {
        wrong.push("an invented word passes the schema".to_owned());
    }
    wrong
}
