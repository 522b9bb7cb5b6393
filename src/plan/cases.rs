//! How random tests run: from a fixed seed, so that a run says the same twice, and as many cases as fit into a normal run.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more cases and for others, for example
//! `PROPTEST_CASES=20000 PROPTEST_RNG_SEED=7 cargo test --lib plan::twin`.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// The seed of a normal run.
const SEED: u64 = 20_261_101;

/// So many cases from the fixed seed, unless the environment asks for others.
pub fn of(cases: u32) -> ProptestConfig {
    let asked = |name: &str| std::env::var_os(name).is_some();
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if asked("PROPTEST_CASES") { default.cases } else { cases },
        rng_seed: if asked("PROPTEST_RNG_SEED") { default.rng_seed } else { RngSeed::Fixed(SEED) },
        failure_persistence: None,
        ..default
    }
}
