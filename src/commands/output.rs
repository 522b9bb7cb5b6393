//! Where a rendered brief goes: standard output, files, and in which form.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

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
            let text = (renderer.render)(brief, &Screen::default());
            let written = if *path == "-" { print(&text) } else { write_file(Path::new(path), text.as_bytes()) };
            first = first.and(written);
        }
        let shown = self.on_screen.map_or(Ok(()), |renderer| print(&(renderer.render)(brief, &screen())));
        first.and(shown)
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
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CommandError::new(Exit::Usage, format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes beside the target first and renames, so that nobody reads half a file.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let problem = |error: std::io::Error| {
        CommandError::usage(format!("{}: cannot be written: {error}", path.display()))
            .hint("check that the folder exists and can be written to")
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    std::fs::write(&beside, bytes).map_err(problem)?;
    std::fs::rename(&beside, path).map_err(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

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
