//! Reads the built-in rules when the program is built, so that it need not read YAML whenever it starts: that would take
//! longer than to read a report. What they say is checked by tests; here they only change their form: a row for each file,
//! with its content as JSON and, where it is a format, what its reports look like by itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    start_sooner();
    let rules = Path::new("rules");
    println!("cargo::rerun-if-changed={}", rules.display());
    let mut rows: BTreeMap<String, String> = BTreeMap::new();
    for file in files(rules)? {
        let name = file.strip_prefix(rules)?.to_string_lossy().replace('\\', "/");
        // Appetite files are read by another stage, when someone asks for one.
        if name.starts_with("profiles/") {
            continue;
        }
        let content = serde_yaml::from_str(&fs::read_to_string(&file)?);
        let content: Value = content.map_err(|error| format!("{}: {error}", file.display()))?;
        let outside: serde_json::Map<String, Value> = ["recognise", "delimiter"]
            .into_iter()
            .filter(|_| name.starts_with("formats/"))
            .filter_map(|part| Some((part.to_owned(), content.get(part)?.clone())))
            .collect();
        let row = format!(
            "Packed {{ path: {name:?}, content: {:?}, outside: {:?} }},\n",
            content.to_string(),
            Value::from(outside).to_string()
        );
        rows.insert(name, row);
    }
    let rows: String = rows.into_values().collect();
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("rules.rs");
    Ok(fs::write(out, format!("static PACKED: &[Packed] = &[\n{rows}];\n"))?)
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
