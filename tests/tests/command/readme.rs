//! README.md's Rust: the same lines as here, where they compile.

use std::error::Error;
use std::fs;
use std::path::Path;

use bitspin_tests::command::run;

/// A user's program draws samples of a model that the command trained.
#[rustfmt::skip]
fn samples() -> Result<Vec<Vec<bool>>, Box<dyn Error>> {
    // README: begin
    let model = bitspin::model_file::RbmFile::load("runs/likes/model.safetensors")?.parameters;
    let engine = bitspin::engine::engine(&model)?;
    let mut chains = bitspin::Chains::from_noise(&engine, 1000, 1);     // 1,000 chains, seed 1
    chains.run(&engine, 200, 2);                                        // 200 Gibbs steps, 2 threads
    let samples: Vec<Vec<bool>> = chains.samples().to_rows();
    // README: end
    Ok(samples)
}

mod board {
    use bitspin_core::{Bits, Blob, ExponentialMemory, RecallChain, State};

    /// Stands in for the memory of a board's project: what `firmware export --hopfield` writes, ten digits of 784 pixels.
    macro_rules! include_blob {
        ($path:literal) => {
            bitspin_core::include_blob!("../../data/firmware/ten-digits.bsp")
        };
    }

    /// A board's program recalls a picture from `pixels`.
    #[rustfmt::skip]
    pub(super) fn recalled(pixels: [u64; 13]) -> Result<State<13>, bitspin_core::Error> {
        // README: begin
        static BLOB: &[u8] = include_blob!("memory.bsp");
        let damaged = State::<13>::copy(&Bits::new(784, pixels)?)?;         // 784 pixels in 13 words
        let memory = ExponentialMemory::try_from(Blob::parse(BLOB)?)?;
        let mut chain = RecallChain::<_, 13, 11>::new(&memory, damaged)?;   // 10 pictures + 1
        chain.settle(20);                                                   // chain.state() is the recalled picture
        // README: end
        Ok(chain.into_state())
    }
}

#[test]
fn the_rust_of_the_readme_compiles_and_recalls() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let fences = readme.split("```rust\n").skip(1);
    let shown: Vec<_> = fences
        .flat_map(|rest| rest.split("```").next().unwrap().lines())
        .map(|line| line.replace("bitspin_core::include_blob!", "include_blob!"))
        .collect();
    let here = include_str!("readme.rs")
        .split("// README: begin\n")
        .skip(1);
    let compiled: Vec<_> = here
        .filter_map(|rest| rest.split_once("// README: end"))
        .flat_map(|(block, _)| block.lines().map(str::trim))
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(shown, compiled);

    // No file of that name is here: what matters is that it is the only thing that is missing.
    assert!(samples().unwrap_err().to_string().contains("likes"));
    let state = board::recalled([0; 13]).unwrap();
    assert!(state.count_ones() > 50, "no digit came back");
    let place = tempfile::tempdir().unwrap();
    let export = ["firmware", "export", "--hopfield", "--to", "memory.bsp"];
    assert_eq!(run(place.path(), export).code, Some(0));
    let exported = fs::read(place.path().join("memory.bsp")).unwrap();
    assert!(exported == include_bytes!("../../data/firmware/ten-digits.bsp"));
}
