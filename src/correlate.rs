//! Stage: reports → [`Inventory`](crate::model::finding::Inventory): each problem once, with its origin.
