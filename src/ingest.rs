//! Stage: bytes → [`Report`](crate::model::report::Report)s.
//!
//! ```text
//! paths ──source──▶ bytes ──sniff──▶ format ──formats/<id>──▶ collector ──▶ Report
//! ```
//!
//! A format is recognised by its content alone. Reports are hostile input: what is read is bounded in size, depth and
//! count, and whatever is not understood is counted as unread, so that nothing missing can pass for clean.

mod advice;
mod collector;
mod document;
mod format;
mod formats;
mod json;
mod path;
mod purl;
mod sniff;
mod text;

pub use format::Format;
pub use formats::FORMATS;
