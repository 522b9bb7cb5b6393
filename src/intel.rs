//! Stage: feeds and vectors → [`Knowledge`](crate::model::intel::Knowledge).
