//! Labels of a pull request: exactly the ones that hold now, of ours; nobody else's is touched.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::forge::publication::LABEL_FAMILY;

use super::address::{of, segment};
use super::api::Api;
use super::error::{ForgeError, Purpose};

const READ: Purpose = Purpose { what: "read the labels", needs: "pull-requests: write" };
const WRITE: Purpose = Purpose { what: "set the labels", needs: "pull-requests: write" };

#[derive(Deserialize)]
struct Label {
    name: String,
}

/// Makes the labels of ours be `wanted`.
pub fn publish(api: &Api, repository: &str, number: u64, wanted: &[&str]) -> Result<(), ForgeError> {
    let path = of(repository, &format!("/issues/{number}/labels"));
    let there: Vec<Label> = api.pages(READ, &format!("{path}?per_page=100"))?;
    let missing: Vec<&&str> = wanted.iter().filter(|name| !there.iter().any(|label| label.name == **name)).collect();
    if !missing.is_empty() {
        api.post::<Value>(WRITE, &path, &json!({ "labels": missing }))?;
    }
    for label in there.iter().filter(|label| label.name.starts_with(LABEL_FAMILY)) {
        if !wanted.contains(&label.name.as_str()) {
            api.delete(WRITE, &format!("{path}/{}", segment(&label.name)))?;
        }
    }
    Ok(())
}
