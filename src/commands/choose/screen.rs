//! The choice on a terminal that can be drawn on: keys in, pictures out, and everything as it was at the end.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use crossterm::style::{Attribute, Print, SetAttribute};
use crossterm::terminal::{self, Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, queue};

use super::panel::{Key, Line, Look, Panel, Step};
use crate::model::appetite::OptionName;

/// Lets somebody choose; `None` if they left without a choice.
pub fn ask(mut panel: Panel) -> io::Result<Option<(OptionName, String)>> {
    let _restored = Taken::take()?;
    loop {
        let (width, height) = terminal::size()?;
        draw(&panel.lines(usize::from(width), usize::from(height)))?;
        let key = loop {
            match event::read()? {
                Event::Key(pressed) if key(pressed).is_some() => break key(pressed),
                Event::Paste(text) => {
                    panel.paste(&text);
                    break None;
                }
                Event::Resize(..) => break None,
                _ => {}
            }
        };
        match key.map_or(Step::Stay, |key| panel.press(key)) {
            Step::Stay => {}
            Step::Leave => return Ok(None),
            Step::Chosen(option, reason) => return Ok(Some((option, reason))),
        }
    }
}

/// Whether the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours. Dropping gives it back, on every way out.
struct Taken;

impl Taken {
    fn take() -> io::Result<Self> {
        #[cfg(unix)]
        give_back_at_signals()?;
        TAKEN.store(true, Ordering::Relaxed);
        terminal::enable_raw_mode()?;
        let taken = Self;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        Ok(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    if TAKEN.swap(false, Ordering::Relaxed) {
        // There is nobody left to tell that this did not work.
        let _ = execute!(io::stdout(), cursor::Show, DisableBracketedPaste, LeaveAlternateScreen);
        let _ = terminal::disable_raw_mode();
    }
}

/// A signal that ends the program does so once the terminal is given back. This holds until the program ends: what was
/// once caught is not left to the system again.
#[cfg(unix)]
fn give_back_at_signals() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            give_back();
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    Ok(())
}

fn draw(lines: &[Line]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    queue!(out, cursor::MoveTo(0, 0))?;
    for (number, line) in lines.iter().enumerate() {
        let row = u16::try_from(number).unwrap_or(u16::MAX);
        queue!(out, cursor::MoveTo(0, row), Clear(ClearType::CurrentLine))?;
        for (look, text) in line {
            // Weight and not colour: it is seen on every background, and where colours are off.
            let attribute = match look {
                Look::Plain => Attribute::Reset,
                Look::Strong => Attribute::Bold,
                Look::Faint => Attribute::Dim,
            };
            queue!(out, SetAttribute(attribute), Print(text), SetAttribute(Attribute::Reset))?;
        }
    }
    queue!(out, Clear(ClearType::FromCursorDown))?;
    out.flush()
}

fn key(pressed: KeyEvent) -> Option<Key> {
    if pressed.kind == KeyEventKind::Release {
        return None;
    }
    if pressed.modifiers.contains(KeyModifiers::CONTROL) {
        return matches!(pressed.code, KeyCode::Char('c' | 'd')).then_some(Key::Interrupt);
    }
    match pressed.code {
        KeyCode::Left => Some(Key::Left),
        KeyCode::Right | KeyCode::Tab => Some(Key::Right),
        KeyCode::Up => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown => Some(Key::PageDown),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Esc => Some(Key::Escape),
        KeyCode::Backspace => Some(Key::Backspace),
        KeyCode::Char(c) => Some(Key::Char(c)),
        _ => None,
    }
}
