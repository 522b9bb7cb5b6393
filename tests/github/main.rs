//! GitHub as its users meet it: the program in a job, against a server that checks every request against GitHub's own
//! description and remembers what it was told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "these functions serve tests only"
)]

mod checkout;
mod contract;
mod faults;
#[path = "../decisions/promise.rs"]
mod promise;
mod promises;
mod publish;
mod reply;
mod server;
#[path = "../decisions/shop.rs"]
mod shop;
mod stage;
mod story;
