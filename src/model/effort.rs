//! How much work something takes.

/// An effort in hours of one person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Half of such tasks take at most this long.
    pub p50: f64,
    /// Nine in ten such tasks take at most this long.
    pub p90: f64,
}
