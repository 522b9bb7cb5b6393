//! Where a rendered brief goes: standard output, files, and in which form.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::commands::error::CommandError;
use crate::exit::Exit;
use crate::model::brief::Brief;
use crate::render::{self, Renderer, Screen};

/// Where a brief goes, settled before the work begins: a form that does not exist is said at once.
#[derive(Debug)]
pub(super) struct Destinations<'a> {
    files: Vec<(&'static Renderer, &'a str)>,
    /// `None` if standard output is one of the files.
    on_screen: Option<&'static Renderer>,
}

impl<'a> Destinations<'a> {
    /// Each of `outputs`, and standard output in `format`, or as text for a terminal, so that a pipeline's log shows what
    /// happened.
    ///
    /// An output is a path, whose ending chooses the form (`.json`, `.md`, `.txt` …), or `FORM=PATH`. A path whose ending
    /// says nothing gets the `format` too.
    pub(super) fn of(format: Option<&str>, outputs: &'a [String]) -> Result<Self, CommandError> {
        let asked = format.map(by_id).transpose()?;
        let files: Vec<_> = outputs.iter().map(|output| destination(output, asked)).collect::<Result<_, _>>()?;
        let on_screen = asked.map_or_else(|| by_id("terminal"), Ok)?;
        let taken = files.iter().any(|&(_, path)| path == "-");
        Ok(Self { files, on_screen: (!taken).then_some(on_screen) })
    }

    /// Writes the brief to all of them. One that cannot be written keeps it from none of the others.
    pub(super) fn write(&self, brief: &Brief) -> Result<(), CommandError> {
        let mut first = Ok(());
        for (renderer, path) in &self.files {
            let fill = |out: &mut dyn Write| renderer.write(brief, &Screen::default(), out);
            let written = if *path == "-" { print_with(fill) } else { write_file_with(Path::new(path), &fill) };
            first = first.and(written);
        }
        let shown = self.on_screen.map(|renderer| print_with(|out| renderer.write(brief, &screen(), out)));
        first.and(shown.unwrap_or(Ok(())))
    }
}

fn destination<'a>(
    output: &'a str,
    asked: Option<&'static Renderer>,
) -> Result<(&'static Renderer, &'a str), CommandError> {
    if let Some((id, path)) = output.split_once('=')
        && let Some(renderer) = render::find(id)
    {
        return Ok((renderer, path));
    }
    render::for_file(output).or(asked).map(|renderer| (renderer, output)).ok_or_else(|| {
        CommandError::usage(format!("--output {output}: the ending does not say which form to write"))
            .hint(format!("write FORM={output}, with FORM one of {}", names()))
    })
}

fn by_id(id: &str) -> Result<&'static Renderer, CommandError> {
    render::find(id).ok_or_else(|| {
        CommandError::usage(format!("--format {id}: there is no such form")).hint(format!("one of {}", names()))
    })
}

fn names() -> String {
    render::RENDERERS.iter().map(|renderer| renderer.id).collect::<Vec<_>>().join(", ")
}

/// The terminal as it is: its width, and colour only where somebody looks and has not asked for none.
pub(super) fn screen() -> Screen {
    let stdout = std::io::stdout();
    let color = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = if stdout.is_terminal() { terminal_width() } else { None };
    // `LANG=C` says that the terminal shows ASCII only; a pipeline that says nothing reads UTF-8.
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let unicode = !matches!(locale.as_deref(), Some("C" | "POSIX"));
    Screen { width: width.or(columns).unwrap_or(100), color, unicode }
}

fn terminal_width() -> Option<u16> {
    terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| columns)
}

/// Writes to standard output; a reader that went away (`| head`) is not a failure.
pub(super) fn print(text: &str) -> Result<(), CommandError> {
    print_with(|out| out.write_all(text.as_bytes()))
}

/// Writes a document to standard output while it is made, as [`print`] does.
pub(super) fn print_json(document: &impl serde::Serialize) -> Result<(), CommandError> {
    print_with(|out| render::write_json(document, out))
}

/// Writes to standard output what `fill` writes, as [`print`] does.
fn print_with(fill: impl Fn(&mut dyn Write) -> io::Result<()>) -> Result<(), CommandError> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    match fill(&mut stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CommandError::new(Exit::Usage, format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a file so that nobody reads half of it, and leaves in place what is there: a link still leads to its target, a
/// file keeps its permissions, and a device or a pipe is written to and not replaced.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    write_file_with(path, &|out| out.write_all(bytes))
}

/// What writes the content of a file; it is called anew where the first way to write it was barred.
type Fill<'f> = &'f dyn Fn(&mut dyn Write) -> io::Result<()>;

/// Writes a file as [`write_file`] does, while its content is made.
fn write_file_with(path: &Path, fill: Fill<'_>) -> Result<(), CommandError> {
    let written = match path.canonicalize() {
        Ok(target) if target.is_file() && !is_open_elsewhere(path) => replace(&target, fill),
        Ok(target) if target.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Err(_) if !path.is_symlink() => replace(path, fill),
        _ => OpenOptions::new().append(true).create(true).open(path).and_then(|file| fill_file(file, fill)),
    };
    written.map_err(|error| {
        CommandError::usage(format!("{}: cannot be written: {error}", path.display()))
            .hint("check that the folder exists and can be written to")
    })
}

/// Whether the path stands for what this process or another one has open (`/dev/stdout`), which must not be cut off.
fn is_open_elsewhere(path: &Path) -> bool {
    std::path::absolute(path).is_ok_and(|path| path.starts_with("/dev") || path.starts_with("/proc"))
}

/// Writes beside the target first and renames. Where nothing can be written beside it, a target that is there is written
/// to as it is.
fn replace(target: &Path, fill: Fill<'_>) -> io::Result<()> {
    let beside = beside(target);
    let renamed = write_new(&beside, target, fill).and_then(|()| fs::rename(&beside, target));
    renamed.or_else(|error| {
        // It may be that nothing was begun.
        let _ = fs::remove_file(&beside);
        let only_itself = matches!(
            error.kind(),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::ResourceBusy
        );
        if only_itself && target.exists() {
            fs::File::create(target).and_then(|file| fill_file(file, fill))
        } else {
            Err(error)
        }
    })
}

/// Writes a file that is not there yet, which whoever may read `target` may read.
fn write_new(path: &Path, target: &Path, fill: Fill<'_>) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path)?;
    if let Ok(about) = fs::metadata(target) {
        file.set_permissions(about.permissions())?;
    }
    fill_file(file, fill)
}

fn fill_file(file: fs::File, fill: Fill<'_>) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    fill(&mut file)?;
    file.flush()
}

/// A name beside the target that no other run takes.
fn beside(target: &Path) -> PathBuf {
    let now = Timestamp::now().as_nanosecond();
    let mut beside = target.as_os_str().to_owned();
    beside.push(format!(".{}-{now}.part", std::process::id()));
    PathBuf::from(beside)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn what_is_there_stays_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("target.json"), "old, and longer than what comes").unwrap();
        fs::set_permissions(at("target.json"), fs::Permissions::from_mode(0o600)).unwrap();
        symlink("target.json", at("link.json")).unwrap();
        write_file(&at("link.json"), b"new").unwrap();
        assert!(at("link.json").is_symlink());
        assert_eq!(fs::read(at("target.json")).unwrap(), b"new");
        assert_eq!(fs::metadata(at("target.json")).unwrap().permissions().mode() & 0o777, 0o600);
        symlink("later.json", at("ahead.json")).unwrap();
        write_file(&at("ahead.json"), b"new").unwrap();
        assert_eq!(fs::read(at("later.json")).unwrap(), b"new");
        write_file(Path::new("/dev/null"), b"new").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        assert!(write_file(folder.path(), b"new").is_err());
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 4, "nothing is left beside them");
    }

    #[test]
    fn a_pipe_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        if !std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
            return;
        }
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        write_file(&pipe, b"new").unwrap();
        assert_eq!(reader.join().unwrap(), b"new");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn two_runs_at_once_leave_one_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("brief.json");
        std::thread::scope(|scope| {
            for text in ["a", "b", "c", "d"] {
                scope.spawn(|| (0..50).for_each(|_| write_file(&path, text.repeat(5000).as_bytes()).unwrap()));
            }
        });
        let written = fs::read_to_string(&path).unwrap();
        assert!(written.len() == 5000 && written.chars().all(|c| written.starts_with(c)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_ending_decides_before_the_format() {
        let outputs = ["c.md", "a.json", "html=b", "plain"].map(str::to_owned);
        let to = Destinations::of(Some("json"), &outputs).unwrap();
        let forms: Vec<&str> = to.files.iter().map(|(renderer, _)| renderer.id).collect();
        assert_eq!(forms, ["markdown", "json", "html", "json"]);
        assert_eq!(to.on_screen.map(|renderer| renderer.id), Some("json"));
        let to = Destinations::of(None, &outputs[..3]).unwrap();
        assert_eq!(to.on_screen.map(|renderer| renderer.id), Some("terminal"));
        assert!(Destinations::of(None, &outputs).is_err(), "nothing says what is to be written");
        let dash = ["json=-".to_owned()];
        assert!(Destinations::of(Some("html"), &dash).unwrap().on_screen.is_none());
    }
}
