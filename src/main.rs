//! The `detente` command: parse, run, exit.

use std::process::ExitCode;

use clap::Parser as _;
use detente::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.logging.start();
    match cli.run() {
        Ok(exit) => exit.into(),
        Err(error) => {
            error.print();
            error.exit.into()
        }
    }
}
