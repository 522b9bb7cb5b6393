//! Stage: appetite file → [`Appetite`](crate::model::appetite::Appetite).
