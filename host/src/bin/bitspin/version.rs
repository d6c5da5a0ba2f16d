//! `bitspin --version`, and the SIMD instructions that the kernels use.

use std::env::consts::{ARCH, OS};
use std::path::Path;

use bitspin::bitspin_core::simd::{Level, VARIABLE, level, requested};
use bitspin::console;
use bitspin::display::shown;

use crate::command::CommandError;

/// Refuses a value of the environment variable that names no level of this CPU.
pub(crate) fn check() -> Result<(), CommandError> {
    requested().map(drop).map_err(|error| {
        let found = std::env::var_os(VARIABLE).unwrap_or_default();
        CommandError::usage(format!("{error}, found {}", shown(Path::new(&found))))
    })
}

/// Prints the version; if `verbose`, also the target and the SIMD instructions.
pub(crate) fn print(verbose: bool) {
    let mut text = concat!("bitspin ", env!("CARGO_PKG_VERSION")).to_string();
    if verbose {
        let available: Vec<_> = Level::available().map(Level::name).collect();
        text += &format!(
            "\ntarget:    {} {}\nSIMD:      {}\navailable: {} ({VARIABLE} selects one)",
            ARCH,
            OS,
            level(),
            available.join(", ")
        );
    }
    console::print(&text);
}
