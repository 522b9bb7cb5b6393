//! Stage: git → [`Change`](crate::model::change::Change), and files as they stand on the target branch.
