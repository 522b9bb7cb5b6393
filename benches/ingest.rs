//! Reading large reports: exactness first, then speed and memory, each as a ratio beside its target.
//!
//! ```text
//! cargo bench --bench ingest                     1 MB and 20 MB
//! cargo bench --bench ingest -- 200M             and 200 MB (1G works too: ten minutes and 4 GB of disk)
//! ```
//!
//! Inputs come from the generator in `../shared/bench` (or `$DETENTE_BENCH`), with a manifest of what is in them; they
//! are kept under `target/bench-data`. Peers (`jaq`, `sarif`) run in the same run where they are on the PATH or in
//! `$DETENTE_PEERS`; otherwise their rows say so. Every figure is a ratio within one run: machines differ and drift.
//! `valgrind`, where it is there, counts the instructions of the 20 MB case, which do not drift.

#![allow(clippy::print_stdout, reason = "the output of this program is its report")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use detente::ingest::{Formats, Limits, ingest};
use serde::Deserialize;
use wait4::Wait4 as _;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The program under test.
const DETENTE: &str = env!("CARGO_BIN_EXE_detente");

/// How often each command is run; the median counts.
const RUNS: usize = 3;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let outcome = match words.first().map(String::as_str) {
        Some("--typed") => typed(Path::new(&words[1])),
        Some("--count") => count(&words[1..]),
        _ => report(&words),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The yardstick: the same log parsed from memory into types that borrow, which is what `serde_json` does best.
fn typed(path: &Path) -> Outcome<()> {
    #[derive(Deserialize)]
    struct Log<'a> {
        #[serde(borrow)]
        runs: Vec<Run<'a>>,
    }
    #[derive(Deserialize)]
    struct Run<'a> {
        #[serde(borrow, default)]
        results: Vec<Record<'a>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Record<'a> {
        #[serde(borrow)]
        rule_id: Option<Cow<'a, str>>,
        #[serde(borrow)]
        level: Option<Cow<'a, str>>,
    }
    let bytes = fs::read(path)?;
    let log: Log<'_> = serde_json::from_slice(&bytes)?;
    let results = log.runs.iter().flat_map(|run| &run.results);
    let named = results.filter(|record| record.rule_id.is_some() || record.level.is_some()).count();
    println!("{named}");
    Ok(())
}

/// What the reader finds, without any output but the count.
fn count(paths: &[String]) -> Outcome<()> {
    let reports = ingest(paths, &mut std::io::empty(), &Formats::with(&[]), &Limits::default())?;
    println!("{}", reports.iter().map(|report| report.observations.len()).sum::<usize>());
    Ok(())
}

/// CPU seconds, wall seconds and peak memory in bytes.
#[derive(Debug, Clone, Copy)]
struct Cost {
    cpu: f64,
    wall: f64,
    peak: u64,
}

/// Runs a command and measures it; the median of several runs by CPU.
fn cost(program: &str, arguments: &[&str], threads: Option<&str>) -> Outcome<Cost> {
    let mut costs = Vec::new();
    for _ in 0..RUNS {
        let mut command = Command::new(program);
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(threads) = threads {
            command.env("RAYON_NUM_THREADS", threads);
        }
        let begin = std::time::Instant::now();
        let used = command.spawn()?.wait4()?.rusage;
        costs.push(Cost {
            cpu: (used.utime + used.stime).as_secs_f64(),
            wall: begin.elapsed().as_secs_f64(),
            peak: used.maxrss,
        });
    }
    costs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    Ok(costs[RUNS / 2])
}

fn report(words: &[String]) -> Outcome<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let generator =
        std::env::var_os("DETENTE_BENCH").map_or_else(|| here.join("../shared/bench"), PathBuf::from).join("gen.py");
    if !generator.is_file() {
        println!("skipped: the generator of large reports ({}) is not here", generator.display());
        return Ok(());
    }
    let data = here.join("target/bench-data");
    fs::create_dir_all(&data)?;
    let mut sizes = vec!["1M", "20M"];
    sizes.extend(words.iter().map(String::as_str).filter(|word| word.ends_with(['M', 'G'])));
    println!("{:<58}{:>10}{:>12}", "", "measured", "target");
    for size in sizes {
        println!("-- {size}");
        let file = |kind: &str| data.join(format!("{kind}-{size}.json"));
        for kind in ["sarif", "trivy", "grype"] {
            make(&generator, kind, size, &file(kind))?;
            exact(kind, &file(kind))?;
        }
        speed(&file("sarif"), size)?;
        if size == "200M" {
            verdict(&generator, &data)?;
        }
    }
    start_up()?;
    instructions(&data.join("sarif-20M.json"))
}

/// One line of the report.
fn say(what: &str, measured: &str, target: &str) {
    println!("{what:<58}{measured:>10}{target:>12}");
}

fn ratio(value: f64) -> String {
    format!("{value:.2}×")
}

fn make(generator: &Path, kind: &str, size: &str, file: &Path) -> Outcome<()> {
    if file.is_file() {
        return Ok(());
    }
    let manifest = file.with_extension("manifest.json");
    let arguments = [kind, "--bytes", size, "-o"].map(Path::new);
    let made =
        Command::new("python3").arg(generator).args(arguments).arg(file).arg("--manifest").arg(manifest).status()?;
    if made.success() { Ok(()) } else { Err("the generator of reports ended with an error".into()) }
}

/// Target 1: every number of the manifest.
fn exact(kind: &str, file: &Path) -> Outcome<()> {
    #[derive(Deserialize)]
    struct Manifest {
        findings: usize,
        suppressed: usize,
        by_tool: BTreeMap<String, usize>,
        by_level: BTreeMap<String, usize>,
    }
    let manifest: Manifest = serde_json::from_slice(&fs::read(file.with_extension("manifest.json"))?)?;
    let path = file.to_string_lossy().into_owned();
    let reports = ingest(&[path], &mut std::io::empty(), &Formats::with(&[]), &Limits::default())?;
    let report = reports.first().ok_or("no report")?;
    let all = || report.observations.iter().chain(&report.suppressed);
    let rows: usize = all().map(|observation| observation.occurrences as usize).sum();
    let mut by_tool: BTreeMap<String, usize> = BTreeMap::new();
    for observation in all() {
        let tool = observation.tool.as_deref().unwrap_or(&report.scan.tool);
        *by_tool.entry(tool.to_owned()).or_default() += observation.occurrences as usize;
    }
    let equal = [
        rows == manifest.findings,
        report.suppressed.len() == manifest.suppressed,
        by_tool == manifest.by_tool,
        manifest.by_level.values().sum::<usize>() == rows,
        report.unread == 0,
    ];
    let told = if equal == [true; 5] { "equal".to_owned() } else { format!("{rows}≠{}", manifest.findings) };
    say(&format!("1  {kind}: findings, kept apart, by tool, unread"), &told, "equal");
    if equal != [true; 5] {
        println!("   {equal:?} {by_tool:?} {:?}", manifest.by_tool);
    }
    Ok(())
}

fn speed(file: &Path, size: &str) -> Outcome<()> {
    let own = std::env::current_exe()?;
    let (own, path) = (own.to_string_lossy().into_owned(), file.to_string_lossy().into_owned());
    let findings: u64 =
        String::from_utf8(Command::new(&own).args(["--count", &path]).output()?.stdout)?.trim().parse()?;
    let yardstick = cost(&own, &["--typed", &path], None)?;
    let read = cost(&own, &["--count", &path], Some("1"))?;
    say("2  ingest, one thread, CPU / typed parse from memory", &ratio(read.cpu / yardstick.cpu), "≤ 1.25×");
    let twice = [path.clone(), copy(file)?];
    let both = ["--count", &twice[0], &twice[1]];
    let (one, two) = (cost(&own, &both, Some("1"))?, cost(&own, &both, Some("2"))?);
    say("2  two files: two threads / one thread, wall", &ratio(two.wall / one.wall), "≤ 0.65×");
    let inspect = cost(DETENTE, &["inspect", &path], None)?;
    peer(
        "4  count: jaq / detente inspect, CPU",
        "jaq",
        &["[.runs[].results|length]|add", &path],
        inspect,
        if size == "1M" { "≥ 2.5×" } else { "≥ 6×" },
    )?;
    peer("4  summary: sarif-tools / detente inspect, CPU", "sarif", &["summary", &path], inspect, "≥ 40×")?;
    if size == "1M" {
        say("4  detente inspect, wall", &format!("{:.0} ms", inspect.wall * 1e3), "≤ 10 ms");
    }
    let mebibytes = |bytes: u64| format!("{} MiB", bytes >> 20);
    let bound = (16 << 20) + 48 * findings;
    say("5  peak memory of detente inspect", &mebibytes(inspect.peak), &format!("≤ {}", mebibytes(bound)));
    say("   peak memory for each finding", &format!("{} B", inspect.peak / findings.max(1)), "");
    Ok(())
}

/// A second file of the same content, for two threads to read.
fn copy(file: &Path) -> Outcome<String> {
    let twin = file.with_extension("twin.json");
    if !twin.is_file() {
        fs::copy(file, &twin)?;
    }
    Ok(twin.to_string_lossy().into_owned())
}

fn peer(what: &str, name: &str, arguments: &[&str], ours: Cost, target: &str) -> Outcome<()> {
    match find(name) {
        None => say(what, "no peer", target),
        Some(program) => say(what, &ratio(cost(&program, arguments, None)?.cpu / ours.cpu), target),
    }
    Ok(())
}

fn find(name: &str) -> Option<String> {
    let own = std::env::var_os("DETENTE_PEERS").map(PathBuf::from);
    let path = std::env::var_os("PATH")?;
    let folders = own.into_iter().chain(std::env::split_paths(&path));
    let mut files = folders.map(|folder| folder.join(name));
    files.find(|file| file.is_file()).map(|file| file.to_string_lossy().into_owned())
}

/// Target 3: two logs of one project to a verdict.
fn verdict(generator: &Path, data: &Path) -> Outcome<()> {
    let (base, now) = (data.join("sarif-200M.json"), data.join("sarif-200M-next.json"));
    if !now.is_file() {
        let made = Command::new("python3")
            .arg(generator)
            .args(["sarif", "--bytes", "200M", "--generation", "1", "--like"])
            .arg(base.with_extension("manifest.json"))
            .arg("-o")
            .arg(&now)
            .status()?;
        if !made.success() {
            return Err("the generator of reports ended with an error".into());
        }
    }
    let (base, now) = (base.to_string_lossy().into_owned(), now.to_string_lossy().into_owned());
    let folder = data.join("empty");
    fs::create_dir_all(&folder)?;
    let repository = folder.to_string_lossy().into_owned();
    let gate = ["gate", &now, "--base-report", &base, "--repository", &repository, "--format", "json"];
    let ours = cost(DETENTE, &gate, None)?;
    say("3  two logs to a verdict, CPU seconds", &format!("{:.1} s", ours.cpu), "");
    say("5  peak memory of detente gate", &format!("{} MiB", ours.peak >> 20), "");
    peer("3  sarif-tools diff / detente gate, CPU", "sarif", &["diff", &base, &now], ours, "≥ 35×")
}

/// Target 6: how long it takes to begin.
fn start_up() -> Outcome<()> {
    println!("-- start-up");
    let nothing = cost("/bin/true", &[], None)?;
    let idle = cost(DETENTE, &["--version"], None)?;
    say("6  detente --version / true, wall", &ratio(idle.wall / nothing.wall), "≤ 2×");
    Ok(())
}

/// Instructions of the 20 MB case, as callgrind counts them.
fn instructions(file: &Path) -> Outcome<()> {
    println!("-- instructions (callgrind, {})", file.file_name().unwrap_or_default().to_string_lossy());
    let own = std::env::current_exe()?;
    let counted = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(own)
        .arg("--count")
        .arg(file)
        .env("RAYON_NUM_THREADS", "1")
        .output();
    let Ok(counted) = counted else {
        say("   instructions", "no valgrind", "");
        return Ok(());
    };
    let text = String::from_utf8_lossy(&counted.stderr).into_owned();
    let line = text.lines().find(|line| line.contains("Collected")).unwrap_or("not counted");
    let number: u64 = line.rsplit(' ').next().unwrap_or_default().parse().unwrap_or(0);
    let recorded: u64 = include_str!("ingest.instructions").trim().parse()?;
    #[expect(clippy::cast_precision_loss, reason = "a ratio to two figures")]
    let change = if recorded == 0 { "none recorded".to_owned() } else { ratio(number as f64 / recorded as f64) };
    say("   instructions, in millions", &(number / 1_000_000).to_string(), "");
    say("   against those recorded in benches/ingest.instructions", &change, "≤ 1.05×");
    if std::env::var_os("UPDATE_INSTRUCTIONS").is_some() {
        fs::File::create(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/ingest.instructions"))?
            .write_all(format!("{number}\n").as_bytes())?;
    }
    Ok(())
}
