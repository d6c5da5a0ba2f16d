//! Writes README.md's speed tables from the records, or with `--check` says whether they are as they should be.

use std::process::ExitCode;

use bitspin_benches::report::{readme, workspace};
use clap::Parser;

/// Makes README.md's speed tables from benches/record/*.json.
#[derive(Debug, Parser)]
struct Arguments {
    /// Change nothing; exit code 1 if README.md would change
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let [found, expected] = readme()?;
    if found == expected {
        println!("README.md is as the records say");
        return Ok(());
    }
    if arguments.check {
        return Err("README.md is not what the records say; run the report without --check".into());
    }
    std::fs::write(workspace().join("README.md"), expected).map_err(|error| error.to_string())?;
    println!("README.md is written");
    Ok(())
}
