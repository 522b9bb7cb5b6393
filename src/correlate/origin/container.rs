//! The origin of what is in a container image: the change can bring it by the image's recipe only.

use crate::model::change::{Change, ChangedFile};
use crate::model::finding::Finding;
use crate::model::origin::Origin;

use super::super::package;
use super::verdict::{Verdict, unknown};

/// The origin of a finding in an image, from the recipes (`Dockerfile` and its like) that the change touches.
pub fn judge(finding: &Finding, change: &Change) -> Verdict {
    let recipes: Vec<(&String, &ChangedFile)> = change
        .manifests
        .iter()
        .filter(|(_, manifest)| manifest.ecosystems.contains(&"container"))
        .filter_map(|(path, _)| change.files.get_key_value(path))
        .filter(|(_, file)| file.opaque || !file.words.is_empty())
        .collect();
    let Some((first, _)) = recipes.first() else {
        return (Origin::Ambient, "no Dockerfile or other image recipe changes in this change".to_owned());
    };
    let with = |fits: &dyn Fn(&ChangedFile) -> bool| recipes.iter().find(|(_, file)| fits(file)).map(|(path, _)| *path);
    let has = |file: &ChangedFile, words: &[&str]| words.iter().any(|word| file.words.contains(*word));
    if let Some(path) = with(&|file| file.opaque) {
        return unknown(&format!("{path} changes in this change, but its lines could not be compared"));
    }
    if let Some(path) = with(&|file| has(file, &["^from", "^image"])) {
        return (Origin::Introduced, format!("{path} changes its base image in this change"));
    }
    let name = finding.component.as_ref().map(|component| package::loose(&component.name)).unwrap_or_default();
    let names_it = |file: &ChangedFile| !name.is_empty() && file.words.iter().any(|word| package::loose(word) == name);
    if let Some(path) = with(&names_it) {
        return (Origin::Introduced, format!("{path} changes {name} in this change"));
    }
    if let Some(path) = with(&|file| has(file, &["arg", "args"])) {
        return unknown(&format!("{path} changes an ARG, and what the image is built from may depend on it"));
    }
    match with(&|file| has(file, &["^run", "^add", "--from"])) {
        Some(path) => unknown(&format!("{path} changes what is installed in the image, and {name} may come with it")),
        None => (Origin::Ambient, format!("{first} changes, but not what is installed in the image")),
    }
}
