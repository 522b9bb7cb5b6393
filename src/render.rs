//! Stage: [`Brief`](crate::model::brief::Brief) → text for people and machines.
