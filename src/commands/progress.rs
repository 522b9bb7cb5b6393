//! What is being done, for somebody who waits at a terminal.
//!
//! Nothing is shown in the first half second, in a pipeline, or where standard error is not a terminal: a log keeps no
//! spinner, and a quick answer needs none.

use std::io::IsTerminal as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Nobody needs a spinner before this.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the spinner turns.
const TURN: Duration = Duration::from_millis(100);

/// Shows what is being done until it is dropped, which leaves the line as it was.
pub(super) struct Progress {
    shown: Option<(Sender<&'static str>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins with `what` is being done.
    pub fn start(quiet: bool, what: &'static str) -> Self {
        let in_pipeline = std::env::var_os("CI").is_some_and(|value| value != "false");
        let dumb = std::env::var_os("TERM").is_none_or(|terminal| terminal.is_empty() || terminal == "dumb");
        if quiet || in_pipeline || dumb || !std::io::stderr().is_terminal() {
            return Self { shown: None };
        }
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let (begun, mut what) = (Instant::now(), what);
            while let Some(left) = PATIENCE.checked_sub(begun.elapsed()) {
                match receiver.recv_timeout(left) {
                    Ok(next) => what = next,
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style);
            }
            bar.set_message(what);
            loop {
                match receiver.recv_timeout(TURN) {
                    Ok(next) => bar.set_message(next),
                    Err(RecvTimeoutError::Timeout) => bar.tick(),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            bar.finish_and_clear();
        });
        Self { shown: Some((sender, thread)) }
    }

    /// Goes on to `what`.
    pub fn now(&self, what: &'static str) {
        if let Some((sender, _)) = &self.shown {
            // A spinner that ended is no reason to stop the work.
            let _ = sender.send(what);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.shown.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}
