//! GitLab as its users meet it: the program in a job, against a server that remembers what it was told and refuses what GitLab
//! refuses.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "these functions serve tests only"
)]

mod baseline;
mod choose;
mod component;
#[path = "../decisions/promise.rs"]
mod promise;
mod promises;
mod publish;
mod server;
#[path = "../decisions/shop.rs"]
mod shop;
mod stage;
mod target;
