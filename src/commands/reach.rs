//! How patiently a forge is asked.

use std::time::Duration;

use crate::forge::github::Server;

/// How to reach a forge.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Reach {
    /// Seconds that one request may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
    /// Seconds that the run waits in all for rate limits and faults to pass
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    patience: u64,
}

impl Default for Reach {
    fn default() -> Self {
        Self { timeout: 30, patience: 120 }
    }
}

impl Reach {
    /// For what is good to have and nobody waits long for.
    pub(super) const fn short() -> Self {
        Self { timeout: 20, patience: 5 }
    }

    pub(super) const fn limits(&self) -> (Duration, Duration) {
        (Duration::from_secs(self.timeout), Duration::from_secs(self.patience))
    }

    pub(super) fn server(&self, url: &str, token: &str) -> Server {
        Server {
            url: url.to_owned(),
            token: token.to_owned(),
            timeout: Duration::from_secs(self.timeout),
            patience: Duration::from_secs(self.patience),
        }
    }
}
