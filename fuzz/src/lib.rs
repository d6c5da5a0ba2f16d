//! What bitspin's readers do with any bytes at all: a reader takes them or refuses them with an error, but never panics,
//! and what it takes can be used.
//!
//! Each [`Target`] has a body that libFuzzer calls (`fuzz_targets/`) and that `mutate` calls under any compiler, and
//! seeds that both begin with.

pub mod blob;
pub mod checkpoint;
pub mod protocol;
pub mod readers;

/// A reader, and how it is tried.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name, also of the program in `fuzz_targets/`.
    pub name: &'static str,
    /// What is done with bytes. It panics if the reader is wrong.
    pub run: fn(&[u8]),
    /// Bytes that are read without an error, and some that are not.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Bytes at the beginning that mutations leave alone, most of the time: they decide the format.
    pub magic: usize,
}

/// All readers.
pub const TARGETS: &[Target] = &[
    Target {
        name: "blob",
        run: blob::run,
        seeds: blob::seeds,
        magic: 8,
    },
    Target {
        name: "idx",
        run: readers::idx,
        seeds: readers::idx_seeds,
        magic: 4,
    },
    Target {
        name: "csv",
        run: readers::csv,
        seeds: readers::csv_seeds,
        magic: 0,
    },
    Target {
        name: "npy",
        run: readers::npy,
        seeds: readers::npy_seeds,
        magic: 10,
    },
    Target {
        name: "safetensors",
        run: readers::safetensors,
        seeds: readers::safetensors_seeds,
        magic: 9,
    },
    Target {
        name: "graph",
        run: readers::graph,
        seeds: readers::graph_seeds,
        magic: 0,
    },
    Target {
        name: "picture",
        run: readers::picture,
        seeds: readers::picture_seeds,
        magic: 8,
    },
    Target {
        name: "checkpoint",
        run: checkpoint::run,
        seeds: checkpoint::seeds,
        magic: 31,
    },
    Target {
        name: "board",
        run: protocol::board,
        seeds: protocol::board_seeds,
        magic: 0,
    },
    Target {
        name: "computer",
        run: protocol::computer,
        seeds: protocol::computer_seeds,
        magic: 0,
    },
];

/// The target of that name.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn target(name: &str) -> Target {
    let mut all = TARGETS.iter();
    *all.find(|target| target.name == name)
        .expect("a target's name")
}
