//! Blobs to begin with.

use bitspin_core::blob::{Blob, Ising};
use bitspin_core::hopfield::{
    ClippedCouplings, Diagonal, ExponentialMemory, LearningRule, PatternMemory, Patterns,
};
use bitspin_core::ising::{Dense, Sparse};
use bitspin_core::network::Couplings;
use bitspin_core::rbm::compact::{Buffers, CompactLabelled, CompactRbm, NumberFormat};
use bitspin_core::rbm::{Shape, WeightFormat};

/// A small blob of every kind and number format.
///
/// # Panics
/// If `bitspin_core` does not take a valid model.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut add = |model: Blob<'_>| {
        let mut bytes = Vec::new();
        model.write(&mut bytes).expect("a vector takes all");
        seeds.push(bytes);
    };
    let patterns = [0x00ff, 1, 0x0f0f, 2, 0x3333, 3];
    for (rule, diagonal) in [
        (LearningRule::Hebb, Diagonal::Zero),
        (LearningRule::Covariance, Diagonal::Kept),
    ] {
        let patterns = Patterns::new(67, &patterns[..]).expect("three patterns");
        add(Blob::Patterns(
            PatternMemory::new(patterns, rule, diagonal).expect("small enough"),
        ));
    }
    let patterns = Patterns::new(67, &patterns[..]).expect("three patterns");
    let table = [1 << 31, 1 << 20, 7, 0];
    add(Blob::Exponential(
        ExponentialMemory::new(patterns, &table[..]).expect("falling terms"),
    ));
    add(Blob::CouplingsSign(
        ClippedCouplings::new(3, &[0b100, 0b000, 0b001][..]).expect("symmetric"),
    ));
    let numbers = [0, 3, -2, 3, 0, 5, -2, 5, 0];
    add(Blob::CouplingsI16(
        Couplings::new(3, &numbers[..]).expect("symmetric"),
    ));
    let numbers = numbers.map(|number| number as i8);
    add(Blob::CouplingsI8(
        Couplings::new(3, &numbers[..]).expect("symmetric"),
    ));
    for weights in WeightFormat::ALL {
        let (visible, hidden) = (5, 9);
        let row = weights.row_len(hidden);
        // Zeros (signs: -1), and a 1 as the first code of each row.
        let mut codes = vec![0; visible * row];
        codes.iter_mut().step_by(row).for_each(|byte| *byte = 1);
        let format = NumberFormat {
            weights,
            weight_scale: 70,
            fraction_bits: 7,
        };
        let buffers = Buffers {
            codes: &codes[..],
            visible_bias: &[-300, -1, 0, 1, 300][..],
            hidden_bias: &[40; 9][..],
        };
        let shape = Shape::new(visible, hidden).expect("a shape");
        let model = CompactRbm::new(shape, format, buffers).expect("fields that fit");
        add(Blob::Rbm(model));
        if matches!(weights, WeightFormat::I8 | WeightFormat::Ternary) {
            add(Blob::Labelled(
                CompactLabelled::new(model, 3).expect("labels and pixels"),
            ));
        }
    }
    let fields = [5, 0, -7];
    let (wide, narrow) = ([0, 3, -2, 3, 0, 5, -2, 5, 0], [0, 3, -2, 3, 0, 5, -2, 5, 0]);
    let model = Dense::new(3, &wide[..], &fields[..], 4).expect("symmetric");
    add(Blob::Ising(Ising::DenseI16(model)));
    let model = Dense::new(3, &narrow[..], &fields[..], 24).expect("symmetric");
    add(Blob::Ising(Ising::DenseI8(model)));
    // A chain of three spins.
    let (offsets, neighbours) = ([0, 1, 3, 4], [1, 0, 2, 1]);
    let (wide, narrow) = ([300, 300, -1, -1], [1, 1, -2, -2]);
    let model = Sparse::new(&offsets[..], &neighbours[..], &wide[..], &fields[..], 0);
    add(Blob::Ising(Ising::SparseI16(model.expect("symmetric"))));
    let model = Sparse::new(&offsets[..], &neighbours[..], &narrow[..], &fields[..], 3);
    add(Blob::Ising(Ising::SparseI8(model.expect("symmetric"))));
    seeds
}
