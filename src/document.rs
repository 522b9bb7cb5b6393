//! Foundation: strict YAML, read with places to point at. Used by `appetite` and `rules`.
