//! From one file to one [`Report`], whatever state the file is in.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use tracing::debug;

use super::archive;
use super::audit::{self, Decisions};
use super::begun::Begun;
use super::bytes::{self, Limits, Raw};
use super::collector::{Collector, forget_texts};
use super::document::{Document, Look};
use super::known::Formats;
use super::read_error::ReadError;
use super::recognise::{Recognised, recognise};
use super::sniff::{SNIFF_BYTES, Sniff, WIDE_SNIFF_BYTES};
use super::tally::{Keep, Tally};
use crate::model::digest::Digest;
use crate::model::figure;
use crate::model::report::{Problem, Report, Scan};

/// From this size on a file is looked through before it is read, where its format has something to learn from that, so
/// that its rows need not be held: reading twice takes less memory, and no more time.
const LARGE: u64 = 4 << 20;

/// What became of a file.
#[derive(Debug)]
pub enum Outcome {
    /// A report, perhaps with problems, and the numbers of its observations; several if it is an archive of them.
    Reports(Vec<(Report, Tally)>),
    /// No report, and nobody said that it would be one.
    PassedOver,
}

/// How to read.
#[derive(Debug, Clone, Copy)]
pub struct How<'a> {
    /// The formats that are looked for.
    pub formats: &'a Formats<'a>,
    /// Bounds.
    pub limits: &'a Limits,
    /// What is kept of the observations.
    pub keep: Keep,
}

/// Reads the file at `path`, called `name`. Unless it was `named`, a file that is no report is passed over.
pub fn file(name: &str, path: &Path, named: bool, how: How<'_>) -> Outcome {
    match open(path) {
        Ok(mut opened) => {
            let report_like = named || has_report_extension(path);
            let large = opened.metadata().is_ok_and(|about| about.len() >= LARGE);
            let expected = Expected { spoilt: report_like, foreign: named };
            read(name, &mut opened, large.then_some(path), expected, how)
        }
        Err(message) => missing(name, message),
    }
}

/// Reads a report from a stream.
pub fn stream(name: &str, input: &mut dyn Read, how: How<'_>) -> Outcome {
    read(name, input, None, Expected { spoilt: true, foreign: true }, how)
}

/// Which files that are no report are to be told about.
#[derive(Clone, Copy)]
struct Expected {
    spoilt: bool,
    foreign: bool,
}

/// `again` is where the input can be opened once more, if that is worth it.
fn read(name: &str, input: &mut dyn Read, again: Option<&Path>, expected: Expected, how: How<'_>) -> Outcome {
    let mut input = BufReader::new(input);
    if input.fill_buf().is_ok_and(|start| start.starts_with(archive::SIGNATURE)) {
        return read_archive(name, &mut input, expected, how);
    }
    read_text(name, &mut input, again, expected, how)
}

/// Reads each report in an archive. What else lies in it is passed over.
fn read_archive(name: &str, input: &mut dyn Read, expected: Expected, how: How<'_>) -> Outcome {
    let bytes = match archive::hold(input) {
        Ok(bytes) => bytes,
        Err(error) => return missing(name, explain(&ReadError::Io(error), 0)),
    };
    let (mut reports, mut names, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    let mut decisions = Ok(Decisions::default());
    // What was decided about the results stands beside the reports, so they are held until it is known.
    let whole = How { keep: Keep::Everything, ..how };
    let outcome = archive::walk(bytes, how.limits, &mut |met| match met {
        archive::Met::Unreadable(message) => unreadable.push(message),
        archive::Met::Member(member, bytes) if audit::is_audit(member) => decisions = Decisions::read(bytes),
        archive::Met::Member(member, bytes) => {
            let expected = Expected { spoilt: has_report_extension(Path::new(member)), foreign: false };
            let full = format!("{name}!{member}");
            names.push(member.to_owned());
            if let Outcome::Reports(read) = read_text(&full, bytes, None, expected, whole) {
                reports.extend(read.into_iter().map(|(report, _)| report));
            }
        }
    });
    match decisions {
        Ok(decisions) => decisions.heed(&mut reports),
        Err(error) => audit::unreadable(&error, &mut reports),
    }
    // Without any report in it, a file that merely was come upon is not taken for one.
    if reports.is_empty() && !expected.foreign {
        debug!("passed over {name}: an archive without a report");
        return Outcome::PassedOver;
    }
    let no_report = (outcome.is_ok() && unreadable.is_empty() && reports.is_empty()).then(|| {
        let shown: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
        let shown = if shown.is_empty() { String::new() } else { format!(" (it holds {} …)", shown.join(", ")) };
        format!("it is an archive in which no report was found{shown}; give the report itself")
    });
    for message in outcome.err().into_iter().chain(unreadable.into_iter().take(1)).chain(no_report) {
        if let Outcome::Reports(told) = missing(name, message) {
            reports.extend(told.into_iter().map(|(report, _)| report));
        }
    }
    let counted = reports.into_iter().map(|mut report| {
        let mut tally = Tally::default();
        report.seen().for_each(|observation| tally.add(1, observation.severity, observation.suppression.is_some()));
        match how.keep {
            Keep::Everything => {}
            Keep::Judged => {
                let seen = report.observations.iter_mut().chain(&mut report.suppressed);
                seen.for_each(|observation| forget_texts(observation));
            }
            Keep::Numbers => (report.observations, report.suppressed) = (Vec::new(), Vec::new()),
        }
        (report, tally)
    });
    Outcome::Reports(counted.collect())
}

/// Reads those reports in the archive `bytes` whose paths in it are `wanted`; with what could not be read, in words.
///
/// # Errors
/// If it is no archive that can be opened.
pub fn members(
    name: &str,
    bytes: Vec<u8>,
    wanted: &dyn Fn(&str) -> bool,
    how: How<'_>,
) -> Result<(Vec<Report>, Vec<String>), String> {
    let (mut reports, mut unreadable) = (Vec::new(), Vec::new());
    archive::walk(bytes, how.limits, &mut |met| match met {
        archive::Met::Unreadable(message) => unreadable.push(message),
        archive::Met::Member(member, bytes) if wanted(member) => {
            let expected = Expected { spoilt: has_report_extension(Path::new(member)), foreign: false };
            if let Outcome::Reports(read) = read(&format!("{name}:{member}"), bytes, None, expected, how) {
                reports.extend(read.into_iter().map(|(report, _)| report));
            }
        }
        archive::Met::Member(..) => {}
    })?;
    Ok((reports, unreadable))
}

fn read_text(name: &str, input: &mut dyn Read, again: Option<&Path>, expected: Expected, how: How<'_>) -> Outcome {
    let mut raw = match how.keep {
        Keep::Everything | Keep::Judged => Raw::new(input, how.limits),
        Keep::Numbers => Raw::unhashed(input, how.limits),
    };
    let mut collector = Collector::keeping(how.keep);
    let mut format = None;
    let look = |look: &mut Look<'_>| {
        let mut raw = Raw::unhashed(fs::File::open(again?).ok()?, how.limits);
        let mut text = bytes::text(&mut raw, how.limits).ok()?;
        Some(look(&mut text))
    };
    match start_of(&mut raw, how) {
        Err(error) => collector.missing(explain(&ReadError::Io(error), 0)),
        Ok((sniff, text)) => match how.formats.assumed().map_or_else(|| recognise(how.formats, &sniff), Recognised::As)
        {
            Recognised::As(recognised) => {
                format = Some(recognised.id().to_owned());
                let mut document = Document::new(&sniff, text).or_again(again.map(|_| &look as _));
                let outcome = recognised.read(&mut document, &mut collector);
                if collector.scan.tool.is_empty() {
                    recognised.id().clone_into(&mut collector.scan.tool);
                }
                if let Err(error) = outcome {
                    collector.missing(explain(&error, collector.len()));
                }
            }
            Recognised::Spoilt(message) if expected.spoilt => collector.missing(message),
            Recognised::Foreign(message) if expected.foreign => collector.missing(message),
            Recognised::Spoilt(message) | Recognised::Foreign(message) => {
                debug!("passed over {name}: {message}");
                return Outcome::PassedOver;
            }
        },
    }
    // Of a file that is only counted no digest is wanted, so the rest of it need not be read. A stream is read to its end, so
    // that whoever writes it can finish.
    let rest = if again.is_some() && how.keep == Keep::Numbers { Ok(Digest::of(b"")) } else { raw.finish() };
    let sha256 = rest.unwrap_or_else(|error| {
        collector.missing(explain(&ReadError::Io(error), collector.len()));
        Digest::of(b"")
    });
    let collected = collector.finish();
    let report = Report {
        path: name.to_owned(),
        format,
        sha256,
        scan: collected.scan,
        observations: collected.observations,
        suppressed: collected.suppressed,
        statements: collected.statements,
        unread: collected.unread,
        problems: collected.problems,
    };
    Outcome::Reports(vec![(report, collected.tally)])
}

/// Looks at the beginning of a document; the text returned begins at the beginning again.
fn start_of<'a, R: Read>(raw: &'a mut Raw<R>, how: How<'_>) -> io::Result<(Sniff, Begun<'a>)> {
    let mut text = bytes::text(raw, how.limits)?;
    let mut start = Vec::with_capacity(SNIFF_BYTES);
    let mut fault = (&mut text).take(SNIFF_BYTES as u64).read_to_end(&mut start).err();
    let mut sniff = Sniff::of(&start);
    let mut goes_on = start.len() == SNIFF_BYTES;
    if goes_on && fault.is_none() && sniff.is_json() && !is_certain(how.formats, &sniff) {
        let more = (WIDE_SNIFF_BYTES - SNIFF_BYTES) as u64;
        fault = (&mut text).take(more).read_to_end(&mut start).err();
        sniff = Sniff::wide(&start);
        goes_on = start.len() == WIDE_SNIFF_BYTES;
    }
    // A fault of the bytes (a damaged archive, a bound) is met again by the adapter, after what could be read.
    let rest: Option<Box<dyn BufRead + 'a>> = match fault {
        Some(error) => Some(Box::new(BufReader::new(Fault(Some(error))))),
        None => goes_on.then_some(text),
    };
    Ok((sniff, Begun::new(start, rest)))
}

/// Whether the beginning of a document tells what it is, whatever follows.
fn is_certain(formats: &Formats<'_>, sniff: &Sniff) -> bool {
    let assumed = formats.assumed().is_some();
    assumed || matches!(recognise(formats, sniff), Recognised::As(known) if !known.depends_on_what_lacks())
}

/// A reader that fails.
struct Fault(Option<io::Error>);

impl Read for Fault {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

fn open(path: &Path) -> Result<fs::File, String> {
    let describe = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => {
            "it does not exist: the scanner did not run, or wrote its report elsewhere; check the path".to_owned()
        }
        _ => format!("it cannot be opened: {error}; check who may read it"),
    };
    // Before opening, because to open a named pipe waits for its other end.
    let kind = fs::metadata(path).map_err(describe)?;
    if !kind.is_file() {
        return Err("it is not a regular file; give a pipe's output through standard input, as -".to_owned());
    }
    fs::File::open(path).map_err(describe)
}

fn missing(name: &str, message: String) -> Outcome {
    Outcome::Reports(vec![(absent(name, message), Tally::default())])
}

/// What is left of a report called `name` that is not there: evidence is missing, and why.
pub fn absent(name: &str, message: String) -> Report {
    Report {
        path: name.to_owned(),
        format: None,
        sha256: Digest::of(b""),
        scan: Scan::default(),
        observations: Vec::new(),
        suppressed: Vec::new(),
        statements: Vec::new(),
        unread: 0,
        problems: vec![Problem { evidence_missing: true, message }],
    }
}

fn has_report_extension(path: &Path) -> bool {
    let named = if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz")) {
        path.file_stem().map_or(path, Path::new)
    } else {
        path
    };
    named.extension().is_some_and(|end| {
        ["json", "sarif", "xml", "jsonl", "ndjson", "fpr"].iter().any(|known| end.eq_ignore_ascii_case(known))
    })
}

/// Why reading ended early, what it means, and what to do.
fn explain(error: &ReadError, read: usize) -> String {
    let counted = match read {
        0 => "nothing could be read before that".to_owned(),
        1 => "the one result before that was read".to_owned(),
        n => format!("the {} before that were read", figure::count(n, "result")),
    };
    match error {
        ReadError::Json(json) if json.is_eof() => format!(
            "it is cut off at line {} column {}; {counted}; the scanner or the copy was interrupted: make the report again",
            json.line(),
            json.column()
        ),
        ReadError::CutOff { .. } => {
            format!("{error}; {counted}; the scanner or the copy was interrupted: make the report again")
        }
        ReadError::NoList { .. } => {
            let beside = match read {
                0 => "no result was read".to_owned(),
                1 => "one result was read beside it".to_owned(),
                n => format!("{} were read beside it", figure::count(n, "result")),
            };
            format!("{error}; {beside}; make the report again, or give another that the scanner can write")
        }
        ReadError::Json(json) if json.is_io() => format!("it cannot be read to its end: {json}; {counted}"),
        ReadError::Io(io) if bytes::is_bound(io) => format!("{io}; {counted}"),
        ReadError::Io(io) => format!("it cannot be read to its end: {io}; {counted}; make the report again"),
        error => format!("{error}; {counted}; make the report again"),
    }
}

#[cfg(test)]
mod tests;
