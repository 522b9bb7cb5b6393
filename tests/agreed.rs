//! The agreement from end to end, as its users make it: with the program, with git, and with the real `ssh-keygen`.
//! Where `ssh-keygen` is not installed these tests say so and are passed over.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test stops at what it does not expect")]

#[path = "agreed/attacks.rs"]
mod attacks;
#[path = "agreed/edits.rs"]
mod edits;
#[path = "agreed/history.rs"]
mod history;
#[path = "agreed/keys.rs"]
mod keys;
#[path = "agreed/newcomer.rs"]
mod newcomer;
#[path = "agreed/office.rs"]
mod office;
#[path = "agreed/simulation.rs"]
mod simulation;
