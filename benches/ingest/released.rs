//! The program as it is released (`.github/workflows/release.yml`): optimised across crates, and on Linux with a C library
//! that it carries along. What this machine cannot build so is built for the C library that is there, and that is said.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Outcome;

/// Builds the program, and returns where it is.
pub fn program() -> Outcome<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let static_one = cfg!(target_os = "linux").then(|| format!("{}-unknown-linux-musl", std::env::consts::ARCH));
    let target = static_one.filter(|target| match build(here, Some(target)) {
        Ok(()) => true,
        Err(why) => {
            println!(
                "not the static program that is released: {why} (rustup target add {target}, and a musl C compiler)"
            );
            false
        }
    });
    if target.is_none() {
        build(here, None)?;
    }
    let program = here.join("target").join(target.unwrap_or_default()).join("release/detente");
    settle(&program);
    Ok(program)
}

fn build(here: &Path, target: Option<&str>) -> Result<(), String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--quiet", "--locked", "--release", "--bin", "detente", "--target-dir"])
        .arg(here.join("target"));
    cargo.args(target.into_iter().flat_map(|target| ["--target", target])).current_dir(here);
    // A profile that was changed for this run is not the one that is released.
    let changed = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PROFILE_"));
    for (name, _) in changed {
        cargo.env_remove(name);
    }
    match cargo.stderr(Stdio::null()).status() {
        Ok(ended) if ended.success() => Ok(()),
        Ok(ended) => Err(format!("the build ended with {ended}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Lets go of the pages in which the program was written just now: the system keeps those in larger pieces than those that it
/// reads, and counts a piece as used of which one page is. Where that cannot be done the figure of memory is higher.
fn settle(program: &Path) {
    let _ = Command::new("sync").arg(program).status();
    let file = format!("if={}", program.display());
    let _ = Command::new("dd").args([&file, "iflag=nocache", "count=0", "status=none"]).status();
}
