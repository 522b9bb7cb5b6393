//! Stage: inventory, rules, appetite → [`Assessment`](crate::model::assessment::Assessment).
