//! From the text of a condition to its syntax tree.
//!
//! The parser is the one that CEL's authors wrote by hand. The generated one, which `Env::compile` uses, needs many times
//! as long, and makes the program larger by a megabyte.

use std::sync::Arc;

use cel::ParseErrors;
use cel::common::ast::{IdedExpr, SourceInfo};
use cel::parser::PrattParser;

use super::error::ConditionError;

/// The syntax tree of `text`, with macros such as `exists` expanded.
pub(super) fn parse(text: &str) -> Result<IdedExpr, ConditionError> {
    PrattParser::new().parse(text).map_err(|errors| syntax_error(text, &errors))
}

/// Where each part of a `text` that can be parsed stands. The parser tells it along with an error and not otherwise; so it
/// is asked once more, with something after the text that cannot follow an expression. Only an error has use for it.
pub(super) fn positions(text: &str) -> Option<Arc<SourceInfo>> {
    let errors = PrattParser::new().parse(&format!("{text}\n)")).err()?;
    errors.errors.into_iter().find_map(|error| error.source_info)
}

fn syntax_error(text: &str, errors: &ParseErrors) -> ConditionError {
    let Some(error) = errors.errors.first() else {
        return ConditionError { message: "not a condition in CEL".to_owned(), offset: 0 };
    };
    let (line, column) = (usize::try_from(error.pos.0).unwrap_or(1), usize::try_from(error.pos.1).unwrap_or(1));
    let line_start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let offset = text.floor_char_boundary(line_start + column.saturating_sub(1));
    ConditionError { message: format!("not a condition in CEL: {}", plain(error.msg.trim())), offset }
}

/// A message of the parser without the names of its own tokens.
fn plain(message: &str) -> String {
    let Some((found, expected)) =
        message.strip_prefix("Syntax error: mismatched input ").and_then(|rest| rest.split_once(" expecting "))
    else {
        return message.to_owned();
    };
    let quoted = |token: &str| format!("`{}`", token.trim_matches('\''));
    match (found.trim_matches('\''), expected) {
        ("=", "<EOF>") => "`=` has no meaning here; two values are compared with `==`, `>=` or `<=`".to_owned(),
        (found, "<EOF>") => format!("{} cannot follow here", quoted(found)),
        ("<EOF>", "expression") => "it ends where an expression is expected".to_owned(),
        ("<EOF>", expected) => format!("it ends where {} is expected", quoted(expected)),
        (found, expected) => format!("{} stands where {} is expected", quoted(found), quoted(expected)),
    }
}
