//! Stage: assessment and delivery calendar → [`Plan`](crate::model::option::Plan).

mod bound;
mod calendar;
mod choose;
mod evaluate;
mod exact;
mod objective;
mod problem;
mod search;
#[cfg(test)]
mod twin;
