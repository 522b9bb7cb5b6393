//! The vocabulary: pure data that every stage shares.
//!
//! One concept per file. Nothing here reads a file, a clock, the environment or the network, and nothing here
//! knows a stage. A stage that needs another stage's result receives it as one of these types.

pub mod acceptance;
pub mod appetite;
pub mod assessment;
pub mod basis;
pub mod brief;
pub mod budget;
pub mod calendar;
pub mod category;
pub mod change;
pub mod clock;
pub mod closure;
pub mod component;
pub mod condition;
pub mod coverage;
pub mod cvss;
pub mod digest;
pub mod edit;
pub mod effort;
pub mod explanation;
pub mod facts;
pub mod figure;
pub mod finding;
pub mod history;
pub mod identifier;
pub mod intel;
pub mod ledger;
pub mod location;
pub mod mapping;
pub mod milestone;
pub mod option;
pub mod origin;
pub mod outlook;
pub mod preset;
pub mod report;
pub mod review;
pub mod rules;
pub mod service;
pub mod severity;
pub mod spelling;
pub mod ssvc;
pub mod standing;
pub mod upgrade;
pub mod verdict;
pub mod version;
pub mod vex;
pub mod wish;
pub mod word;
pub mod work;
pub mod zone;
