//! Closures from a file: JSON lines, one closed commitment each.
//!
//! ```json
//! {"treatment": "upgrade-minor", "estimated_hours": 2.0, "actual_hours": 3.1, "closed": "2026-10-02"}
//! ```
//!
//! Other fields of a record are left alone, so that a fuller history can be given as it is. Empty lines are skipped.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use crate::commands::error::CommandError;
use crate::model::closure::Closure;

/// Files larger than this are refused: a million closures fit.
const LARGEST: u64 = 256 * 1024 * 1024;

#[derive(Deserialize)]
struct Line {
    treatment: String,
    estimated_hours: f64,
    actual_hours: f64,
    closed: Date,
}

/// Reads closures.
pub(super) fn read(path: &Path) -> Result<Vec<Closure>, CommandError> {
    let name = path.display();
    let unreadable = |error: std::io::Error| CommandError::usage(format!("{name}: cannot be read: {error}"));
    if std::fs::metadata(path).map_err(unreadable)?.len() > LARGEST {
        return Err(CommandError::usage(format!("{name}: is larger than 256 MiB"))
            .hint("Give the closures of the last years only."));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| closure(line).map_err(|what| refusal(path, number + 1, &what))).collect()
}

fn closure(line: &str) -> Result<Closure, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    for (name, hours) in [("estimated_hours", line.estimated_hours), ("actual_hours", line.actual_hours)] {
        if !(hours.is_finite() && hours > 0.0) {
            return Err(format!("{name} is {hours}, and has to be more than 0"));
        }
    }
    Ok(Closure {
        treatment: line.treatment,
        estimated_hours: line.estimated_hours,
        actual_hours: line.actual_hours,
        closed: line.closed,
    })
}

fn refusal(path: &Path, line: usize, what: &str) -> CommandError {
    CommandError::usage(format!("{}, line {line}: {what}", path.display())).hint(
        "One JSON object a line is expected: {\"treatment\": \"upgrade-minor\", \"estimated_hours\": 2.0, \
         \"actual_hours\": 3.1, \"closed\": \"2026-10-02\"}.",
    )
}
