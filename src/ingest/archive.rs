//! Reports in a zip archive (Fortify's FPR, exports of SonarQube and Black Duck): each member is read as a file of its
//! own, `archive!member`.
//!
//! An archive is hostile input: nothing is ever written to disk, names that lead out of it are not followed, and what
//! its members unpack to is bounded together, in size and in relation to the archive.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use zip::ZipArchive;

use super::bytes::{self, Limits};

/// How an archive begins.
pub const SIGNATURE: &[u8] = b"PK\x03\x04";

/// Largest archive, in bytes: its directory stands at its end, so it is held in memory.
const LARGEST: usize = 512 << 20;

/// Most members looked at.
const MOST_MEMBERS: usize = 5_000;

/// The results in an FPR of Fortify.
const RESULTS: &str = "audit.fvdl";

/// Where an FPR keeps, beside its results, the code that they are about.
const CODE: [&str; 2] = ["src-archive/", "src-xrefdata/"];

/// What is met in an archive.
pub enum Met<'m> {
    /// A file, by its name, to be read.
    Member(&'m str, &'m mut dyn Read),
    /// Something that cannot be read, in words.
    Unreadable(String),
}

/// Calls `on` for each member that is a file.
///
/// # Errors
/// If it is no archive that can be opened.
pub fn walk(bytes: Vec<u8>, limits: &Limits, on: &mut dyn FnMut(Met<'_>)) -> Result<(), String> {
    let size = bytes.len() as u64;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        format!("it is a damaged archive ({error}): the scanner or the copy was interrupted; make it again")
    })?;
    let reports: BTreeSet<&str> = archive.file_names().filter_map(|name| name.strip_suffix(RESULTS)).collect();
    let wanted: Vec<usize> = (0..archive.len())
        .filter(|index| archive.name_for_index(*index).is_none_or(|name| !is_archived_code(name, &reports)))
        .collect();
    if wanted.len() > MOST_MEMBERS {
        return Err(format!("it is an archive of more than {MOST_MEMBERS} files; give the report that is in it"));
    }
    let unpacked = Rc::new(Cell::new(0_u64));
    for index in wanted {
        let mut member = match archive.by_index(index) {
            Ok(member) => member,
            Err(error) => {
                on(Met::Unreadable(format!("a file in the archive cannot be read: {error}")));
                continue;
            }
        };
        if member.is_dir() {
            continue;
        }
        let Some(name) = member.enclosed_name() else {
            on(Met::Unreadable(
                "a file in the archive has a name that leads out of it (`..` or an absolute path), which no scanner \
                 writes: it was not read"
                    .to_owned(),
            ));
            continue;
        };
        let name = name.to_string_lossy().replace('\\', "/");
        let mut bounded = Bounded { inner: &mut member, unpacked: Rc::clone(&unpacked), size, limits: *limits };
        on(Met::Member(&name, &mut bounded));
    }
    Ok(())
}

/// Whether a member is code that lies archived beside the results about it, in one of the folders of `reports`.
///
/// Scanned code is no report: a test fixture in it would count as one, and an `audit.xml` in it would dismiss results.
fn is_archived_code(name: &str, reports: &BTreeSet<&str>) -> bool {
    CODE.iter().any(|folder| name.match_indices(folder).any(|(at, _)| reports.contains(&name[..at])))
}

/// The bytes of an archive, within bounds.
pub fn hold(input: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > LARGEST { Err(bytes::too_large(LARGEST as u64)) } else { Ok(bytes) }
}

/// What members unpack to, counted together.
struct Bounded<'m> {
    inner: &'m mut dyn Read,
    unpacked: Rc<Cell<u64>>,
    size: u64,
    limits: Limits,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let unpacked = self.unpacked.get() + read as u64;
        self.unpacked.set(unpacked);
        self.limits.hold_growth(unpacked, self.size)?;
        Ok(read)
    }
}
