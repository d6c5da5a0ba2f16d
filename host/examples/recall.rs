//! Stores patterns in a Hopfield memory, damages them, and recalls them.

use bitspin::BitMatrix;
use bitspin::hopfield::recall::{Motion, Trial};
use bitspin::hopfield::{Damage, Memory, Rule};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Three patterns of 64 units: columns, rows and a chess board of 8 x 8 pixels.
    let pattern = |on: fn(usize, usize) -> bool| (0..64).map(|i| on(i / 8, i % 8)).collect();
    let patterns: [Vec<bool>; 3] = [
        pattern(|_, column| column / 2 % 2 == 0),
        pattern(|row, _| row / 2 % 2 == 0),
        pattern(|row, column| (row + column) % 2 == 0),
    ];
    let patterns = BitMatrix::from_rows(&patterns)?;

    let memory = Memory::store(Rule::Hebb, &patterns)?;
    let trial = Trial {
        damage: Damage::Noise(0.15),
        motion: Motion::Ascending,
        sweeps: 20,
        seed: 1,
    };
    for recalled in trial.run(&memory, &patterns, (8, 8), 1)? {
        println!(
            "pattern {}: overlap {:.2} before, {:.2} after {} sweeps",
            recalled.pattern, recalled.overlap_before, recalled.overlap_after, recalled.sweeps
        );
        assert!(recalled.is_exact());
    }
    Ok(())
}
