//! Reads the built-in rules when the program is built, so that it need not read YAML whenever it starts: that would take
//! longer than to read a report. What they say is checked by tests; here they only change their form.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let rules = Path::new("rules");
    println!("cargo::rerun-if-changed={}", rules.display());
    let mut pack: BTreeMap<String, serde_json::Value> = BTreeMap::new();
    for file in files(rules)? {
        let name = file.strip_prefix(rules)?.to_string_lossy().replace('\\', "/");
        // Appetite files are read by another stage, when someone asks for one.
        if name.starts_with("profiles/") {
            continue;
        }
        let content = serde_yaml::from_str(&fs::read_to_string(&file)?);
        pack.insert(name, content.map_err(|error| format!("{}: {error}", file.display()))?);
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("rules.json");
    Ok(fs::write(out, serde_json::to_string(&pack)?)?)
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
