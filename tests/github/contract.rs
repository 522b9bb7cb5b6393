//! Requests checked against GitHub's own description of its REST interface (`fixtures/github/openapi.json`).
//!
//! Stricter than GitHub where that finds mistakes: a query or a property that the description does not know is one.

use std::collections::BTreeMap;

use serde_json::Value;
use wiremock::Request;

/// The operations that may be used.
pub struct Contract(Vec<Operation>);

/// One operation.
pub struct Operation {
    /// `GET /repos/{owner}/{repo}/pulls`.
    pub name: String,
    description: Value,
}

/// A request that is as described.
pub struct Call {
    /// Name of the operation.
    pub operation: String,
    /// What stands before the path on an enterprise server.
    pub prefix: &'static str,
    /// Parameters in the path.
    pub path: BTreeMap<String, String>,
    /// Parameters in the query.
    pub query: BTreeMap<String, String>,
    /// What was sent.
    pub body: Value,
    /// GitHub's own example of an answer.
    pub example: Value,
    /// Status of a good answer.
    pub status: u16,
}

impl Contract {
    pub fn read() -> Self {
        let file: Value = serde_json::from_str(include_str!("../fixtures/github/openapi.json")).unwrap();
        let operations = file["operations"].as_object().unwrap();
        Self(
            operations
                .iter()
                .map(|(name, description)| Operation { name: name.clone(), description: description.clone() })
                .collect(),
        )
    }

    /// The operation that a request is, or what is wrong with it.
    pub fn check(&self, request: &Request) -> Result<Call, String> {
        let method = request.method.as_str();
        // An enterprise server has everything below a path of its own.
        let (prefix, route) = match request.url.path().strip_prefix("/api/v3") {
            Some(route) => ("/api/v3", route),
            None => ("", request.url.path()),
        };
        let segments: Vec<String> = route.split('/').map(decoded).collect();
        let mut fitting: Vec<(&Operation, BTreeMap<String, String>)> =
            self.0.iter().filter_map(|operation| Some((operation, operation.fits(method, &segments)?))).collect();
        // The most literal one: `/issues/comments/{id}` before `/issues/{number}/comments`.
        fitting.sort_by_key(|(_, path)| path.len());
        let (operation, path) =
            fitting.into_iter().next().ok_or_else(|| format!("{method} {}: not described", request.url))?;
        let wrong = |what: String| format!("{}: {what}", operation.name);
        let description = &operation.description;
        for (name, value) in &path {
            valid(&description["path"][name], &typed(&description["path"][name], value))
                .map_err(|error| wrong(format!("path parameter {name}: {error}")))?;
        }
        let query: BTreeMap<String, String> = request.url.query_pairs().into_owned().collect();
        for (name, value) in &query {
            let schema = description["query"].get(name).ok_or_else(|| wrong(format!("no query parameter {name}")))?;
            valid(schema, &typed(schema, value)).map_err(|error| wrong(format!("query parameter {name}: {error}")))?;
            if name == "per_page" && value.parse::<u32>().is_ok_and(|number| number > 100) {
                return Err(wrong("per_page is at most 100".to_owned()));
            }
        }
        let body = if request.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&request.body).map_err(|error| wrong(format!("body: {error}")))?
        };
        let schema = &description["body"];
        match (schema.is_null(), body.is_null()) {
            (true, false) => return Err(wrong("it takes no body".to_owned())),
            (false, true) if description["body_required"] == true => return Err(wrong("it takes a body".to_owned())),
            (false, false) => {
                valid(schema, &body).map_err(|error| wrong(format!("body: {error}")))?;
                known(schema, &body, "").map_err(wrong)?;
            }
            _ => {}
        }
        for (name, expected) in [
            ("accept", "application/vnd.github+json"),
            ("authorization", "Bearer "),
            ("user-agent", "octocrab"),
            ("x-github-api-version", "2022-11-28"),
        ] {
            let values: Vec<&str> =
                request.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
            let value = values.join(", ");
            if values.len() != 1 || !value.starts_with(expected) {
                return Err(wrong(format!("header {name} is “{value}”, expected {expected}…")));
            }
        }
        let status = u16::try_from(description["status"].as_u64().unwrap()).unwrap();
        let example = description["example"].clone();
        Ok(Call { operation: operation.name.clone(), prefix, path, query, body, example, status })
    }
}

impl Operation {
    fn fits(&self, method: &str, segments: &[String]) -> Option<BTreeMap<String, String>> {
        let (own, route) = self.name.split_once(' ')?;
        let route: Vec<&str> = route.split('/').collect();
        if own != method || route.len() != segments.len() {
            return None;
        }
        let mut path = BTreeMap::new();
        for (pattern, segment) in route.iter().zip(segments) {
            match pattern.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !segment.is_empty() => drop(path.insert(name.to_owned(), segment.clone())),
                _ if pattern == segment => {}
                _ => return None,
            }
        }
        // `/issues/comments/5` is no issue called “comments”.
        let numbers = |name: &String| self.description["path"][name]["type"] == "integer";
        path.iter().all(|(name, value)| !numbers(name) || value.parse::<u64>().is_ok()).then_some(path)
    }
}

fn decoded(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut out = Vec::new();
    let mut place = 0;
    while place < bytes.len() {
        let hex = (bytes[place] == b'%').then(|| segment.get(place + 1..place + 3)).flatten();
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            place += 3;
        } else {
            out.push(bytes[place]);
            place += 1;
        }
    }
    String::from_utf8(out).unwrap()
}

/// A value of a query or path as the type that it stands for.
fn typed(schema: &Value, value: &str) -> Value {
    match schema["type"].as_str() {
        Some("integer" | "number" | "boolean") => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
        _ => value.into(),
    }
}

fn valid(schema: &Value, value: &Value) -> Result<(), String> {
    let validator = jsonschema::draft4::new(schema).map_err(|error| format!("the description is broken: {error}"))?;
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("; ").chars().take(600).collect()) }
}

/// Whether every property is one of the description.
fn known(schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    match (value, schema["properties"].as_object()) {
        (Value::Object(fields), Some(properties)) => fields.iter().try_for_each(|(name, field)| {
            let inner = properties.get(name).ok_or_else(|| format!("body: no property {place}/{name}"))?;
            known(inner, field, &format!("{place}/{name}"))
        }),
        (Value::Array(items), _) => items.iter().try_for_each(|item| known(&schema["items"], item, place)),
        _ => Ok(()),
    }
}
