//! The functions and operators that a condition can use.

use std::sync::{Arc, OnceLock};

use cel::Env;

/// CEL's standard library, built once: building it costs more than an evaluation.
pub(super) fn environment() -> Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    Arc::clone(ENVIRONMENT.get_or_init(|| Arc::new(Env::stdlib())))
}
