//! From one file to one [`Report`], whatever state the file is in.

use std::fs;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use tracing::debug;

use super::archive;
use super::audit::{self, Decisions};
use super::bytes::{self, Limits, Raw};
use super::collector::Collector;
use super::document::Document;
use super::known::Formats;
use super::read_error::ReadError;
use super::recognise::{Recognised, recognise};
use super::sniff::{SNIFF_BYTES, Sniff};
use crate::model::digest::Digest;
use crate::model::report::{Problem, Report, Scan};

/// What became of a file.
#[derive(Debug)]
pub enum Outcome {
    /// A report, perhaps with problems; several if it is an archive of them.
    Reports(Vec<Report>),
    /// No report, and nobody said that it would be one.
    PassedOver,
}

/// Reads the file at `path`, called `name`. Unless it was `named`, a file that is no report is passed over.
pub fn file(name: &str, path: &Path, named: bool, formats: &Formats<'_>, limits: &Limits) -> Outcome {
    match open(path) {
        Ok(mut opened) => {
            let report_like = named || has_report_extension(path);
            read(name, &mut opened, Expected { spoilt: report_like, foreign: named }, formats, limits)
        }
        Err(message) => missing(name, message),
    }
}

/// Reads a report from a stream.
pub fn stream(name: &str, input: &mut dyn Read, formats: &Formats<'_>, limits: &Limits) -> Outcome {
    read(name, input, Expected { spoilt: true, foreign: true }, formats, limits)
}

/// Which files that are no report are to be told about.
#[derive(Clone, Copy)]
struct Expected {
    spoilt: bool,
    foreign: bool,
}

fn read(name: &str, input: &mut dyn Read, expected: Expected, formats: &Formats<'_>, limits: &Limits) -> Outcome {
    let mut input = BufReader::new(input);
    if input.fill_buf().is_ok_and(|start| start.starts_with(archive::SIGNATURE)) {
        return read_archive(name, &mut input, expected, formats, limits);
    }
    read_text(name, &mut input, expected, formats, limits)
}

/// Reads each report in an archive. What else lies in it is passed over.
fn read_archive(
    name: &str,
    input: &mut dyn Read,
    expected: Expected,
    formats: &Formats<'_>,
    limits: &Limits,
) -> Outcome {
    let bytes = match archive::hold(input) {
        Ok(bytes) => bytes,
        Err(error) => return missing(name, explain(&ReadError::Io(error), 0)),
    };
    let (mut reports, mut names, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    let mut decisions = Ok(Decisions::default());
    let outcome = archive::walk(bytes, limits, &mut |met| match met {
        archive::Met::Unreadable(message) => unreadable.push(message),
        archive::Met::Member(member, bytes) if audit::is_audit(member) => decisions = Decisions::read(bytes),
        archive::Met::Member(member, bytes) => {
            let expected = Expected { spoilt: has_report_extension(Path::new(member)), foreign: false };
            let full = format!("{name}!{member}");
            names.push(member.to_owned());
            if let Outcome::Reports(read) = read_text(&full, bytes, expected, formats, limits) {
                reports.extend(read);
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
            reports.extend(told);
        }
    }
    Outcome::Reports(reports)
}

fn read_text(name: &str, input: &mut dyn Read, expected: Expected, formats: &Formats<'_>, limits: &Limits) -> Outcome {
    let mut raw = Raw::new(input, limits);
    let mut collector = Collector::default();
    let mut format = None;
    match start_of(&mut raw, limits) {
        Err(error) => collector.missing(explain(&ReadError::Io(error), 0)),
        Ok((sniff, text)) => match recognise(formats, &sniff) {
            Recognised::As(recognised) => {
                format = Some(recognised.id().to_owned());
                let outcome = recognised.read(&mut Document::new(&sniff, text), &mut collector);
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
    let sha256 = raw.finish().unwrap_or_else(|error| {
        collector.missing(explain(&ReadError::Io(error), collector.len()));
        Digest::of(b"")
    });
    let collected = collector.finish();
    Outcome::Reports(vec![Report {
        path: name.to_owned(),
        format,
        sha256,
        scan: collected.scan,
        observations: collected.observations,
        suppressed: collected.suppressed,
        statements: collected.statements,
        unread: collected.unread,
        problems: collected.problems,
    }])
}

/// Looks at the beginning of a document; the text returned begins at the beginning again.
fn start_of<'a, R: Read>(raw: &'a mut Raw<R>, limits: &Limits) -> io::Result<(Sniff, Box<dyn BufRead + 'a>)> {
    let mut text = bytes::text(raw, limits)?;
    let mut start = Vec::new();
    let fault = (&mut text).take(SNIFF_BYTES as u64).read_to_end(&mut start).err();
    let sniff = Sniff::of(&start);
    // A fault of the bytes (a damaged archive, a bound) is met again by the adapter, after what could be read.
    let rest: Box<dyn Read + 'a> = match fault {
        Some(error) => Box::new(Fault(Some(error))),
        None => Box::new(text),
    };
    Ok((sniff, Box::new(BufReader::with_capacity(SNIFF_BYTES, Cursor::new(start).chain(rest)))))
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
    Outcome::Reports(vec![Report {
        path: name.to_owned(),
        format: None,
        sha256: Digest::of(b""),
        scan: Scan::default(),
        observations: Vec::new(),
        suppressed: Vec::new(),
        statements: Vec::new(),
        unread: 0,
        problems: vec![Problem { evidence_missing: true, message }],
    }])
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
        n => format!("the {n} results before that were read"),
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
        ReadError::Json(json) if json.is_io() => format!("it cannot be read to its end: {json}; {counted}"),
        ReadError::Io(io) if bytes::is_bound(io) => format!("{io}; {counted}"),
        ReadError::Io(io) => format!("it cannot be read to its end: {io}; {counted}; make the report again"),
        error => format!("{error}; {counted}; make the report again"),
    }
}

#[cfg(test)]
mod tests;
