//! The table of formats. A new format is one file beside this one and one row here.

mod cargo_audit;
mod grype;
mod npm_audit;
mod osv_scanner;
mod pip_audit;
mod trivy;

use super::format::Format;

/// Every format, in alphabetical order of id.
pub const FORMATS: &[&Format] = &[
    &cargo_audit::FORMAT,
    &grype::FORMAT,
    &npm_audit::FORMAT,
    &osv_scanner::FORMAT,
    &pip_audit::FORMAT,
    &trivy::FORMAT,
];
