//! Recalls a picture of 8 x 8 spins from a damaged copy, and learns a new one while the program runs.
//!
//! `cargo run --package bitspin-core --example hopfield_recall`

use bitspin_core::{Bits, Diagonal, Error, LearningRule, OwnedPatterns, RecallChain, State, Stop};

/// Spins of a picture, and the words that hold them.
const UNITS: usize = 64;
const WORDS: usize = 1;
/// Pictures that there is room for.
const ROOM: usize = 3;

/// A square, a cross and stripes, one byte per row.
const SQUARE: u64 = 0x00_7e_42_42_42_42_7e_00;
const CROSS: u64 = 0x81_42_24_18_18_24_42_81;
const STRIPES: u64 = 0x55_55_55_55_55_55_55_55;

fn main() -> Result<(), Error> {
    let mut store = OwnedPatterns::<UNITS, WORDS, ROOM>::new();
    for picture in [SQUARE, CROSS] {
        store.push(&Bits::new(UNITS, [picture])?)?;
    }
    recall(&store, SQUARE, SQUARE ^ 0x00_00_00_ff_00_00_00_00)?;

    // Patterns can be added at any time, as long as there is room.
    store.push(&Bits::new(UNITS, [STRIPES])?)?;
    recall(&store, STRIPES, STRIPES ^ 0x0f_00_00_00_00_00_f0_00)
}

/// Settles from `damaged`, prints both states, and checks that `stored` is recalled.
fn recall(
    store: &OwnedPatterns<UNITS, WORDS, ROOM>,
    stored: u64,
    damaged: u64,
) -> Result<(), Error> {
    let memory = store.memory(LearningRule::Hebb, Diagonal::Zero)?;
    let start = State::<WORDS>::copy(&Bits::new(UNITS, [damaged])?)?;
    let mut chain = RecallChain::<_, WORDS, ROOM>::new(&memory, start)?;
    let recall = chain.settle(20);
    println!("{} spins turned in {} sweeps", recall.flips, recall.sweeps);
    let recalled = chain.state().as_words()[0];
    for (before, after) in damaged.to_be_bytes().iter().zip(recalled.to_be_bytes()) {
        println!("{}   {}", row(*before), row(after));
    }
    assert_eq!((recall.stop, recalled), (Stop::FixedPoint, stored));
    Ok(())
}

fn row(byte: u8) -> String {
    (0..8)
        .map(|bit| if byte >> (7 - bit) & 1 == 1 { '#' } else { '.' })
        .collect()
}
