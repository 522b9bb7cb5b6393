//! Labels of a merge request: exactly the ones that hold now, of ours; nobody else's is touched.

use serde_json::{Value, json};

use super::api::Api;
use super::error::Purpose;
use crate::forge::error::ForgeError;
use crate::forge::publication::LABEL_FAMILY;

const WRITE: Purpose =
    Purpose { what: "set the labels", needs: "scope api, role Reporter (Developer where the project is public)" };

/// Makes the labels of ours on the merge request at `path` be `wanted`; `there` are the ones it has.
pub fn publish(api: &Api, path: &str, there: &[String], wanted: &[&str]) -> Result<(), ForgeError> {
    let add: Vec<&str> = wanted.iter().copied().filter(|name| !there.iter().any(|label| label == name)).collect();
    let remove: Vec<&str> = there
        .iter()
        .map(String::as_str)
        .filter(|label| label.starts_with(LABEL_FAMILY) && !wanted.contains(label))
        .collect();
    if add.is_empty() && remove.is_empty() {
        return Ok(());
    }
    let body = json!({ "add_labels": add.join(","), "remove_labels": remove.join(",") });
    api.put::<Value>(WRITE, path, &body).map(drop)
}
