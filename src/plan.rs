//! Stage: assessment and delivery calendar → [`Plan`](crate::model::option::Plan).
