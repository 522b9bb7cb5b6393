//! What others need for the same work. Each peer is installed under `target/bench-peers` if it is not there yet; what
//! cannot be had is said, and its rows are without a figure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::measure::Run;

/// Peers that are here, by name.
pub struct Peers(BTreeMap<&'static str, PathBuf>);

/// How a peer is had: the program below its folder, and the commands that put it there (`$` is the folder).
struct Recipe {
    name: &'static str,
    program: &'static str,
    steps: &'static [&'static [&'static str]],
}

const RECIPES: &[Recipe] = &[
    Recipe {
        name: "jaq",
        program: "bin/jaq",
        steps: &[&["cargo", "install", "--quiet", "--locked", "--root", "$", "jaq"]],
    },
    Recipe {
        name: "sarif",
        program: "venv/bin/sarif",
        steps: &[&["python3", "-m", "venv", "$/venv"], &["$/venv/bin/pip", "install", "--quiet", "sarif-tools"]],
    },
    Recipe {
        name: "sarif-multitool",
        program: "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool",
        steps: &[&["npm", "install", "--silent", "--prefix", "$", "@microsoft/sarif-multitool-linux"]],
    },
    // Only where it is installed.
    Recipe { name: "jq", program: "bin/jq", steps: &[] },
];

impl Peers {
    /// Finds or installs the peers.
    pub fn find(folder: &Path) -> Self {
        let found = RECIPES.iter().filter_map(|recipe| match recipe.find(folder) {
            Ok(program) => Some((recipe.name, program)),
            Err(why) => {
                println!("without {}: {why}", recipe.name);
                None
            }
        });
        Self(found.collect())
    }

    /// A command of a peer, if it is here.
    pub fn run(&self, name: &str, arguments: &[&str]) -> Option<Run> {
        Some(Run::of(&self.0.get(name)?.to_string_lossy(), arguments))
    }
}

impl Recipe {
    fn find(&self, folder: &Path) -> Result<PathBuf, String> {
        let program = folder.join(self.program);
        if program.is_file() {
            return Ok(program);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        // `sarif` is the name of two programs.
        let mut elsewhere = std::env::split_paths(&path).map(|place| place.join(self.name));
        if let Some(program) = elsewhere.find(|program| program.is_file()) {
            return Ok(program);
        }
        let place = folder.to_string_lossy();
        for step in self.steps {
            let words: Vec<String> = step.iter().map(|word| word.replace('$', &place)).collect();
            let ended = Command::new(&words[0]).args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
            match ended {
                Ok(status) if status.success() => {}
                Ok(_) => return Err(format!("`{}` did not succeed", words.join(" "))),
                Err(_) => return Err(format!("{} is not installed", words[0])),
            }
        }
        if program.is_file() { Ok(program) } else { Err("it is not installed".to_owned()) }
    }
}
