//! Writes README.md's tables from the records, or with `--check` says whether they are as they should be.

use std::process::ExitCode;

use bitspin_benches::report::files;
use clap::Parser;

/// Makes README.md's tables from benches/record/*.json.
#[derive(Debug, Parser)]
struct Arguments {
    /// Change nothing; exit code 1 if a file would change
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
    for file in files()? {
        let name = file.path.display();
        if file.found == file.expected {
            println!("{name} is as the records say");
        } else if arguments.check {
            return Err(format!(
                "{name} is not what the records say; run the report without --check"
            ));
        } else {
            std::fs::write(&file.path, &file.expected).map_err(|error| error.to_string())?;
            println!("{name} is written");
        }
    }
    Ok(())
}
