//! Reads the built-in rules when the program is built, so that it need not read YAML whenever it starts: that would take
//! longer than to read a report. What they say is checked by tests; here they only change their form: a row for each file
//! with its content as JSON, and one for each format with what its reports look like beside it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    start_sooner();
    let rules = Path::new("rules");
    println!("cargo::rerun-if-changed={}", rules.display());
    let (mut rows, mut formats): (BTreeMap<String, String>, BTreeMap<String, String>) = Default::default();
    for file in files(rules)? {
        let name = file.strip_prefix(rules)?.to_string_lossy().replace('\\', "/");
        // Appetite files are read by another stage, when someone asks for one.
        if name.starts_with("profiles/") {
            continue;
        }
        let content = serde_yaml::from_str(&fs::read_to_string(&file)?);
        let content: Value = content.map_err(|error| format!("{}: {error}", file.display()))?;
        let text = content.to_string();
        match name.strip_prefix("formats/").and_then(|name| name.strip_suffix(".yaml")) {
            Some(id) => {
                let signs =
                    signs(&content).ok_or_else(|| format!("{}: recognise is not understood", file.display()))?;
                let delimiter = content["delimiter"].as_str().map(|text| text.as_bytes()[0]);
                let row =
                    format!("PackedFormat {{ id: {id:?}, content: {text:?}, {signs}, delimiter: {delimiter:?} }},\n");
                formats.insert(id.to_owned(), row);
            }
            None => drop(rows.insert(name.clone(), format!("Packed {{ path: {name:?}, content: {text:?} }},\n"))),
        }
    }
    let list = |name: &str, of: &str, rows: BTreeMap<String, String>| {
        format!("pub static {name}: &[{of}] = &[\n{}];\n", rows.into_values().collect::<String>())
    };
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("rules.rs");
    Ok(fs::write(out, list("PACKED", "Packed", rows) + &list("FORMATS", "PackedFormat", formats))?)
}

/// What reports of a format look like, as source of the program; `None` if the file does not say it as expected.
fn signs(content: &Value) -> Option<String> {
    let recognise = &content["recognise"];
    let shapes = [("json", "Json"), ("xml", "Xml"), ("csv", "Csv")];
    let (name, shape) = shapes.into_iter().find(|(name, _)| !recognise[name].is_null())?;
    let (has, lacks) = (texts(&recognise[name])?, texts(&recognise["lacks"])?);
    let none = serde_json::Map::new();
    let is = recognise["is"].as_object().unwrap_or(&none).iter();
    let is = is.map(|(path, values)| Some(format!("(Cow::Borrowed({path:?}), {}),", texts(values)?)));
    let is: String = is.collect::<Option<_>>()?;
    Some(format!("signs: Signs {{ shape: Shape::{shape}, has: {has}, lacks: {lacks}, is: Cow::Borrowed(&[{is}]) }}"))
}

/// A text or a list of them.
fn texts(value: &Value) -> Option<String> {
    let texts: Vec<&Value> = match value {
        Value::Null => Vec::new(),
        Value::Array(texts) => texts.iter().collect(),
        text => vec![text],
    };
    let texts = texts.into_iter().map(|text| Some(format!("Cow::Borrowed({:?}),", text.as_str()?)));
    Some(format!("Cow::Borrowed(&[{}])", texts.collect::<Option<String>>()?))
}

/// Lists the places that are relocated at the start in a fortieth of the room, which is read each time. Only the C library
/// that the program carries along is known to read such a list; one that is there may be too old to.
fn start_sooner() {
    let is = |about: &str, value: &str| std::env::var(format!("CARGO_CFG_TARGET_{about}")).is_ok_and(|is| is == value);
    if is("OS", "linux") && is("ENV", "musl") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
