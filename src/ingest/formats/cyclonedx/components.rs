//! The components of a document, by their `bom-ref`: only what a finding needs of them.

use std::collections::BTreeMap;

use super::wire::BomComponent;
use crate::ingest::{packages, path, plain};
use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::location::Location;

/// What is kept of a component.
#[derive(Debug, Clone)]
pub struct Known {
    pub component: Component,
    /// The file in which it was found, if the scanner says so.
    pub location: Option<Location>,
}

/// Every component of a document.
#[derive(Debug, Default)]
pub struct Components {
    by_reference: BTreeMap<String, Known>,
    /// Whether the document describes a container image.
    pub of_image: bool,
    /// The image that the document describes.
    pub image: Option<String>,
}

impl Components {
    /// Adds a component and those within it.
    pub fn add(&mut self, component: BomComponent) {
        let mut waiting = vec![component];
        while let Some(mut component) = waiting.pop() {
            waiting.append(&mut component.components);
            let known = known(&component);
            // Without a name of its own a component can only be referred to by its purl.
            if let Some(reference) = component.reference.or(component.purl) {
                self.by_reference.entry(reference).or_insert(known);
            }
        }
    }

    /// Adds what the document as a whole describes.
    pub fn add_subject(&mut self, component: BomComponent) {
        if component.is_image() {
            self.of_image = true;
            self.image = Some(image(&component));
        }
        self.add(component);
    }

    /// The component with this reference.
    pub fn find(&self, reference: &str) -> Option<&Known> {
        self.by_reference.get(reference)
    }
}

/// Name of a container image, with its digest or tag.
pub fn image(component: &BomComponent) -> String {
    let name = component.name.as_deref().unwrap_or_default();
    let version = component.version.as_deref().unwrap_or_default();
    let mark = if version.starts_with("sha256:") { '@' } else { ':' };
    plain::title(&if version.is_empty() { name.to_owned() } else { format!("{name}{mark}{version}") })
}

fn known(component: &BomComponent) -> Known {
    let file = component.property(&["aquasecurity:trivy:FilePath", "syft:location:0:path"]).and_then(path::normalised);
    let given = component.purl.as_deref().and_then(packages::component);
    let named = || {
        let name = component.name.clone().unwrap_or_default();
        let group = component.group.as_deref().filter(|group| !group.is_empty());
        Component {
            ecosystem: component
                .property(&["aquasecurity:trivy:PkgType", "syft:package:type"])
                .unwrap_or_default()
                .to_owned(),
            name: group.map_or_else(|| name.clone(), |group| format!("{group}/{name}")),
            version: component.version.clone().unwrap_or_default(),
            ..Component::default()
        }
    };
    let mut found = given.unwrap_or_else(named);
    if found.version.is_empty() {
        found.version = component.version.clone().unwrap_or_default();
    }
    let system = packages::category(&found.ecosystem) == Category::Container;
    let location = file.filter(|_| !system).map(|path| Location {
        // Within what was scanned, such paths begin at its root.
        path: path.trim_start_matches('/').to_owned(),
        ..Location::default()
    });
    Known { component: found, location }
}

/// A setting or secret that Checkov reports as a vulnerability of a component of its own making.
pub struct Setting {
    pub category: Category,
    /// The resource (`google_container_cluster.workload_cluster`).
    pub resource: String,
    pub location: Option<Location>,
}

/// The setting behind a component, if it is one: `pkg:terraform/cli_repo/<repository>/<path>/<resource>@sha1:…`.
pub fn setting(known: &Known, rule: &str) -> Option<Setting> {
    if !rule.starts_with("CKV") {
        return None;
    }
    let name = known.component.name.as_str();
    let (folder, resource) = name.rsplit_once('/').unwrap_or(("", name));
    let path = folder.splitn(3, '/').nth(2).and_then(path::normalised);
    let category = if rule.starts_with("CKV_SECRET") { Category::Secret } else { Category::Configuration };
    Some(Setting {
        category,
        resource: plain::title(resource),
        location: path.map(|path| Location { path, ..Location::default() }),
    })
}
