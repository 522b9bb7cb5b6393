//! Detente: a CI/CD security gate that answers *how*, not *no*.

pub mod appetite;
pub mod assess;
pub mod change;
pub mod cli;
pub mod commands;
pub mod correlate;
pub mod document;
pub mod exit;
pub mod ingest;
pub mod intel;
pub mod model;
pub mod plan;
pub mod recompute;
pub mod render;
pub mod rules;
