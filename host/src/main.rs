//! The `bitspin` command: parse, run, exit code.

mod cli;
mod command;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod early;

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "download")]
    bitspin::data::run_downloader();
    let arguments = match cli::parse() {
        Ok(arguments) => arguments,
        Err(error) => return cli::report(&error),
    };
    match command::run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}
