//! The `bitspin` command: parse, run, exit code.

// Text is printed by `bitspin::console` alone.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod command;
#[cfg(unix)]
mod endings;
mod version;

use std::process::ExitCode;

use bitspin::console;

fn main() -> ExitCode {
    #[cfg(unix)]
    endings::install();
    #[cfg(feature = "download")]
    bitspin::data::run_downloader();
    let arguments = match cli::parse() {
        Ok(arguments) => arguments,
        Err(error) => return finish(cli::report(&error)),
    };
    bitspin::interrupt::end_soon();
    let ended = version::check().and_then(|()| match arguments.command {
        Some(command) => command::run(command),
        None => {
            version::print(arguments.verbose);
            Ok(())
        }
    });
    match ended {
        Ok(()) => finish(ExitCode::SUCCESS),
        Err(error) => {
            console::error(&error);
            error.exit_code()
        }
    }
}

/// The exit code, unless standard output did not take what was printed.
fn finish(code: ExitCode) -> ExitCode {
    match console::finish() {
        Ok(()) => code,
        Err(error) => {
            console::error(format_args!("cannot write standard output: {error}"));
            ExitCode::from(1)
        }
    }
}
