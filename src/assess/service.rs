//! Which service a finding concerns: the first declared one whose globs match its files or its image.

use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::model::finding::Finding;
use crate::model::service::Service;

/// The declared services, ready to be matched.
pub(super) struct Services {
    declared: Vec<(Arc<Service>, GlobSet, GlobSet)>,
    undeclared: Arc<Service>,
}

impl Services {
    pub(super) fn new(services: &[Service]) -> Self {
        let declared = services.iter().map(|s| (Arc::new(s.clone()), globs(&s.paths), globs(&s.images))).collect();
        Self { declared, undeclared: Service::undeclared().into() }
    }

    /// The service of a finding; the stand-in if no declared one matches.
    pub(super) fn of(&self, finding: &Finding) -> &Arc<Service> {
        self.declared
            .iter()
            .find(|(service, paths, images)| {
                let whole_repository = service.paths.is_empty() && service.images.is_empty();
                whole_repository
                    || finding.locations.iter().any(|place| paths.is_match(&place.path))
                    || finding
                        .artefact
                        .as_ref()
                        .is_some_and(|name| images.is_match(name) || images.is_match(untagged(name)))
            })
            .map_or(&self.undeclared, |(service, ..)| service)
    }
}

/// An image name without tag and digest, so that `*/checkout` matches `registry/checkout:1.2@sha256:…`.
fn untagged(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    match name.rsplit_once(':') {
        Some((before, after)) if !after.contains('/') => before,
        _ => name,
    }
}

/// A pattern that does not compile matches nothing here: the appetite was checked when it was read.
fn globs(patterns: &[String]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        if let Ok(glob) = Glob::new(pattern) {
            builder.add(glob);
        }
    }
    builder.build().unwrap_or_else(|_| GlobSet::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_or_digest_does_not_hide_the_name() {
        assert_eq!(untagged("registry:5000/shop/checkout:1.2@sha256:ab"), "registry:5000/shop/checkout");
        assert_eq!(untagged("registry:5000/shop/checkout"), "registry:5000/shop/checkout");
        assert_eq!(untagged("checkout:latest"), "checkout");
    }
}
