//! Reading large reports: exactness first, then speed and memory, each as a ratio beside its target.
//!
//! ```text
//! cargo bench --bench ingest                     1 MB and 20 MB
//! cargo bench --bench ingest -- 200M             and 200 MB, with two logs to a verdict
//! cargo bench --bench ingest -- 200M 1G          and 1 GB: half an hour, 8 GB of disk
//! ```
//!
//! Inputs come from the generator in `../shared/bench` (or `$DETENTE_BENCH`), with a manifest of what is in them; they
//! are kept under `target/bench-data`. Peers ([`peers`]) run in the same run. Every figure is a ratio within one run, the
//! two sides of it measured in turn: machines differ and drift. `valgrind`, where it is there, counts instructions
//! ([`instructions`]), which do not drift.

#![allow(clippy::print_stdout, reason = "the output of this program is its report")]

mod children;
mod exact;
mod instructions;
mod measure;
mod peers;
mod reading;
mod released;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use measure::{Cost, Run, in_turn, mebibytes, ratio, say};
use peers::Peers;

/// What the program under test takes its memory from.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let outcome = children::run(&words).unwrap_or_else(|| report(&words));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Where everything is.
struct Places {
    generator: PathBuf,
    /// Inputs, and whatever else the run needs.
    data: PathBuf,
    /// This program, which measures parts of the library when it is told to.
    own: String,
    /// The program as it is released.
    detente: String,
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
    let detente = released::program()?.to_string_lossy().into_owned();
    let places = Places { generator, data, own: std::env::current_exe()?.to_string_lossy().into_owned(), detente };
    let peers = Peers::find(&here.join("target/bench-peers"));
    let mut sizes = vec!["1M", "20M"];
    sizes.extend(words.iter().map(String::as_str).filter(|word| word.ends_with(['M', 'G'])));
    println!("{:<62}{:>12}{:>14}", "", "measured", "target");
    for size in sizes {
        println!("-- {size}");
        for kind in ["sarif", "trivy", "grype"] {
            let file = places.input(kind, size)?;
            exact::check(&places.own, kind, &file)?;
            memory(&places, kind, &file)?;
        }
        speed(&places, &peers, size)?;
        if matches!(size, "20M" | "200M") {
            verdict(&places, &peers, size)?;
        }
    }
    start_up(&places)?;
    instructions::count(&places.own, &places.input("sarif", "20M")?)
}

impl Places {
    /// A generated report, which is kept for the next run.
    fn input(&self, kind: &str, size: &str) -> Outcome<PathBuf> {
        let file = self.data.join(format!("{kind}-{size}.json"));
        if !file.is_file() {
            self.generate(&[kind, "--bytes", size], &file)?;
        }
        Ok(file)
    }

    /// The next scan of the project of a log.
    fn next(&self, size: &str) -> Outcome<PathBuf> {
        let file = self.data.join(format!("sarif-{size}-next.json"));
        if !file.is_file() {
            let like = exact::manifest(&self.input("sarif", size)?);
            let like = like.to_string_lossy();
            self.generate(&["sarif", "--bytes", size, "--generation", "1", "--like", &like], &file)?;
        }
        Ok(file)
    }

    /// A repository without a file: how long git compares that of this project is another question.
    fn nowhere(&self) -> Outcome<String> {
        let folder = self.data.join("nowhere");
        fs::create_dir_all(&folder)?;
        let made = Command::new("git").args(["init", "--quiet"]).arg(&folder).status()?;
        if made.success() {
            Ok(folder.to_string_lossy().into_owned())
        } else {
            Err("git init ended with an error".into())
        }
    }

    fn generate(&self, what: &[&str], file: &Path) -> Outcome<()> {
        let part = file.with_extension("part");
        let made = Command::new("python3")
            .arg(&self.generator)
            .args(what)
            .arg("-o")
            .arg(&part)
            .arg("--manifest")
            .arg(exact::manifest(file))
            .status()?;
        if !made.success() {
            return Err("the generator of reports ended with an error".into());
        }
        Ok(fs::rename(part, file)?)
    }
}

/// Target 5, of counting: flat in bytes.
fn memory(places: &Places, kind: &str, file: &Path) -> Outcome<()> {
    let path = file.to_string_lossy();
    let peak = Run::of(&places.detente, &["inspect", &path]).once()?.peak;
    let bound = (16 << 20) + 48 * exact::findings(file)?;
    say(&format!("5  {kind}: peak memory of detente inspect"), &mebibytes(peak), &format!("≤ {}", mebibytes(bound)));
    Ok(())
}

/// Targets 2 and 4.
fn speed(places: &Places, peers: &Peers, size: &str) -> Outcome<()> {
    let file = places.input("sarif", size)?;
    let (own, path) = (places.own.as_str(), file.to_string_lossy().into_owned());
    let one = |what| Run::of(own, &[what, &path]).threads(1);
    let [typed, read, counted] = in_turn([&one("--typed"), &one("--read"), &one("--count")])?;
    say("2  read to judge, CPU / typed parse from memory", &ratio(read.cpu / typed.cpu), "≤ 1.25×");
    say("2  read for the numbers alone, CPU / the same", &ratio(counted.cpu / typed.cpu), "≤ 1.25×");
    let twin = copy(&file)?;
    let both = |threads| Run::of(own, &["--read", &path, &twin]).threads(threads);
    let [alone, together] = in_turn([&both(1), &both(2)])?;
    let bound = if size == "1M" { "≤ 1.00×" } else { "≤ 0.65×" };
    say("2  two files: two threads / one thread, wall", &ratio(together.wall / alone.wall), bound);

    let inspect = Run::of(&places.detente, &["inspect", &path]);
    if size == "1M" {
        say("4  detente inspect, wall", &format!("{:.1} ms", inspect.median()?.wall * 1e3), "≤ 10 ms");
    }
    let count = "[.runs[].results|length]|add";
    let least = match size {
        "1M" => "≥ 2.5×",
        "20M" => "",
        _ => "≥ 6×",
    };
    against("4  count: jaq / detente inspect, CPU", &inspect, peers.run("jaq", &[count, &path]), least)?;
    against("4  count: jq / detente inspect, CPU", &inspect, peers.run("jq", &[count, &path]), "")?;
    let summary = peers.run("sarif", &["summary", &path]);
    against("4  summary: sarif-tools / detente inspect, CPU", &inspect, summary, "≥ 40×")
}

/// What a peer needs for the same work, as a multiple of what we need.
fn against(what: &str, ours: &Run, theirs: Option<Run>, target: &str) -> Outcome<()> {
    let Some(theirs) = theirs else {
        say(what, "no peer", target);
        return Ok(());
    };
    let [ours, theirs] = in_turn([ours, &theirs])?;
    say(what, &ratio(theirs.cpu / ours.cpu), target);
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

/// Targets 3 and 5: two logs of one project to a verdict. The peers compare; a gate also plans, which is told apart.
fn verdict(places: &Places, peers: &Peers, size: &str) -> Outcome<()> {
    let (base, now) = (places.input("sarif", size)?, places.next(size)?);
    let (base, now) = (base.to_string_lossy().into_owned(), now.to_string_lossy().into_owned());
    let folder = places.nowhere()?;
    let judged = Run::of(&places.own, &["--verdict", &now, &base, &folder]);
    let gate = Run::of(&places.detente, &["gate", &now, "--base-report", &base, "--repository", &folder, "--quiet"]);
    let [verdict, whole]: [Cost; 2] = in_turn([&judged, &gate])?;
    let seconds = |cost: Cost| format!("{:.2} s", cost.cpu);
    say("3  two logs to a verdict, CPU", &seconds(verdict), "");
    say("3  detente gate, with plans and page, CPU", &seconds(whole), "");
    say("5  peak memory to a verdict", &mebibytes(verdict.peak), "");
    say("5  peak memory of detente gate", &mebibytes(whole.peak), "");
    let findings = exact::findings(Path::new(&now))? + exact::findings(Path::new(&base))?;
    let beyond = whole.peak.saturating_sub(64 << 20) / findings.max(1);
    say("5  of that beyond 64 MiB, for each result read", &format!("{beyond} B"), "");
    let diff = || peers.run("sarif", &["diff", &base, &now]);
    against("3  sarif-tools diff / two logs to a verdict, CPU", &judged, diff(), "≥ 35×")?;
    against("3  sarif-tools diff / detente gate, CPU", &gate, diff(), "≥ 35×")?;
    let merged = places.data.join("merged").to_string_lossy().into_owned();
    let arguments = ["match-results-forward", &now, "--previous", &base, "--output-file-path", &merged];
    let forward = peers.run("sarif-multitool", &arguments);
    against("3  Multitool match-results-forward / a verdict, CPU", &judged, forward, "≥ 45×")
}

/// Target 6: how long it takes to begin.
fn start_up(places: &Places) -> Outcome<()> {
    println!("-- start-up");
    let few = places.data.join("few.json");
    places.generate(&["sarif", "--findings", "20"], &few)?;
    let few = few.to_string_lossy().into_owned();
    let folder = places.nowhere()?;
    let help = Run::of(&places.detente, &["--help"]).often();
    let gate = Run::of(&places.detente, &["gate", &few, "--repository", &folder, "--quiet"]).often();
    let [nothing, idle, judged] = in_turn([&Run::of("/bin/true", &[]).often(), &help, &gate])?;
    say("6  detente --help / true, wall", &ratio(idle.wall / nothing.wall), "≤ 2×");
    say("6  detente gate with 20 findings / true, wall", &ratio(judged.wall / nothing.wall), "≤ 4×");
    Ok(())
}
