//! Inserts the tables of the records into the documents, or checks them with `--check`.

use std::process::ExitCode;

use bitspin_benches::report::files;
use clap::Parser;

/// Inserts the tables of benches/record/*.json into the documents.
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
            println!("{name}: unchanged");
        } else if arguments.check {
            return Err(format!(
                "{name} differs from the records; run the report without --check"
            ));
        } else {
            std::fs::write(&file.path, &file.expected).map_err(|error| error.to_string())?;
            println!("{name}: written");
        }
    }
    Ok(())
}
