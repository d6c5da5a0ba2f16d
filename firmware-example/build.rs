//! Chooses the board by the target, and gives the linker that board's memory.
//!
//! To bring up a board of your own, change its memory (`boards/NAME.x`) and its pins and clock (`src/board/NAME.rs`).

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let target = env::var("TARGET").expect("cargo names the target");
    let board = match target.as_str() {
        "thumbv6m-none-eabi" => "microbit",
        "thumbv7em-none-eabihf" => "netduinoplus2",
        _ => panic!("no board is known for {target}: add one to build.rs"),
    };
    println!("cargo::rustc-check-cfg=cfg(board, values(\"microbit\", \"netduinoplus2\"))");
    println!("cargo::rustc-cfg=board=\"{board}\"");

    // cortex-m-rt's script includes `memory.x` from wherever the linker looks.
    let memory = format!("boards/{board}.x");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo gives a folder"));
    fs::copy(&memory, out.join("memory.x")).unwrap_or_else(|error| panic!("{memory}: {error}"));
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    // By falling alignment, which leaves the least padding between constants, in whatever order their names put them.
    println!("cargo::rustc-link-arg-bins=--sort-section=alignment");
    println!("cargo::rerun-if-changed={memory}");
    println!("cargo::rerun-if-changed=build.rs");
}
