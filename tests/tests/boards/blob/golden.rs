//! One small blob of each kind, byte by byte. These bytes are in the field: they never change.

use bitspin_core::blob::{Blob, Ising};
use bitspin_core::hopfield::{
    ClippedCouplings, Diagonal, ExponentialMemory, LearningRule, PatternMemory, Patterns,
};
use bitspin_core::ising::{Dense, Sparse};
use bitspin_core::network::Couplings;
use bitspin_core::rbm::compact::{Buffers, CompactLabelled, CompactRbm, NumberFormat};
use bitspin_core::rbm::{Shape, WeightFormat};

use super::Bytes;

/// The bytes are the model's, the model is the bytes', and their checksum is right by another implementation.
fn pin(model: Blob<'_>, golden: &[&[u8]]) {
    let golden = golden.concat();
    let written = Bytes::of(&model);
    assert_eq!(written.get(), golden);
    let mut stored = Bytes::from(&golden[..]);
    assert_eq!(stored.parse(), Ok(model));
    stored.correct_checksum();
    assert_eq!(stored.get(), golden);
}

#[test]
fn patterns() {
    let words = [0x00ff, 0x0f0f];
    let patterns = Patterns::new(16, &words[..]).unwrap();
    let memory = PatternMemory::new(patterns, LearningRule::Covariance, Diagonal::Zero).unwrap();
    pin(
        Blob::Patterns(memory),
        &[
            b"bitspin\0",
            &[1, 0, 1, 0, 56, 0, 0, 0],
            &[16, 0, 0, 0, 2, 0, 0, 0],
            &[0, 0, 0, 2, 1, 0, 0, 0],
            &[0xff, 0, 0, 0, 0, 0, 0, 0],
            &[0x0f, 0x0f, 0, 0, 0, 0, 0, 0],
            &[0, 0, 0, 0],
            &[0x25, 0xe4, 0x4d, 0x3f],
        ],
    );
}

#[test]
fn exponential_patterns() {
    let words = [0x00ff, 0x0f0f];
    let patterns = Patterns::new(16, &words[..]).unwrap();
    let table = [1 << 31, 0x0102_0304, 5];
    pin(
        Blob::Exponential(ExponentialMemory::new(patterns, &table[..]).unwrap()),
        &[
            b"bitspin\0",
            &[1, 0, 1, 0, 64, 0, 0, 0],
            &[16, 0, 0, 0, 2, 0, 0, 0],
            &[3, 0, 0, 3, 0, 0, 0, 0],
            &[0xff, 0, 0, 0, 0, 0, 0, 0],
            &[0x0f, 0x0f, 0, 0, 0, 0, 0, 0],
            &[0, 0, 0, 0x80, 4, 3, 2, 1, 5, 0, 0, 0],
            &[0x92, 0xa5, 0xdc, 0x68],
        ],
    );
}

#[test]
fn couplings_of_one_bit() {
    let rows = [0b110, 0b001, 0b001];
    pin(
        Blob::CouplingsSign(ClippedCouplings::new(3, &rows[..]).unwrap()),
        &[
            b"bitspin\0",
            &[1, 0, 2, 5, 64, 0, 0, 0],
            &[3, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0, 0, 0, 0, 0, 0, 0],
            &[6, 0, 0, 0, 0, 0, 0, 0],
            &[1, 0, 0, 0, 0, 0, 0, 0],
            &[1, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0, 0, 0],
            &[0x1f, 0x6f, 0x0a, 0x28],
        ],
    );
}

#[test]
fn couplings_of_16_bits() {
    let numbers = [0, -2, -2, 258];
    let couplings = Couplings::new(2, &numbers[..]).unwrap();
    pin(
        Blob::CouplingsI16(couplings),
        &[
            b"bitspin\0",
            &[1, 0, 2, 1, 48, 0, 0, 0],
            &[2, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0, 0xfe, 0xff, 0xfe, 0xff, 2, 1],
            &[0, 0, 0, 0],
            &[0x1f, 0xca, 0xba, 0x97],
        ],
    );
}

#[test]
fn couplings_of_8_bits() {
    let numbers = [0, -2, 3, -2, 0, 4, 3, 4, 0];
    let couplings = Couplings::new(3, &numbers[..]).unwrap();
    pin(
        Blob::CouplingsI8(couplings),
        &[
            b"bitspin\0",
            &[1, 0, 2, 2, 48, 0, 0, 0],
            &[3, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0xfe, 3, 0xfe, 0, 4, 3, 4, 0],
            &[0, 0, 0],
            &[0x99, 0xed, 0x40, 0x6b],
        ],
    );
}

/// A format and its number; the codes of two rows, zeros behind them, and the checksum.
type Case<'a> = (WeightFormat, u8, &'a [u8], &'a [u8], [u8; 4]);

/// Weights that every format has: [[1, -1, 1], [-1, -1, 1]] of two visible and three hidden units, times 258 / 2^11.
#[test]
fn rbms_of_every_format() {
    let cases: [Case<'_>; 5] = [
        (
            WeightFormat::I16,
            1,
            &[1, 0, 0xff, 0xff, 1, 0, 0xff, 0xff, 0xff, 0xff, 1, 0],
            &[],
            [0xe1, 0x9f, 0x5b, 0xb8],
        ),
        (
            WeightFormat::I8,
            2,
            &[1, 0xff, 1, 0xff, 0xff, 1],
            &[0; 6],
            [0xc4, 0xa5, 0xcc, 0xfd],
        ),
        (
            WeightFormat::I4,
            3,
            &[0xf1, 0x01, 0xff, 0x01],
            &[],
            [0xaf, 0x93, 0xef, 0xdb],
        ),
        (
            WeightFormat::Ternary,
            4,
            &[0b01_11_01, 0b01_11_11],
            &[0; 2],
            [0x15, 0xd7, 0x28, 0x40],
        ),
        (
            WeightFormat::Sign,
            5,
            &[0b101, 0b100],
            &[0; 2],
            [0x55, 0x74, 0xe1, 0x2d],
        ),
    ];
    for (weights, number, codes, padding, checksum) in cases {
        let len = 48 + codes.len() + padding.len() + checksum.len();
        let format = NumberFormat {
            weights,
            weight_scale: 258,
            fraction_bits: 11,
        };
        let buffers = Buffers {
            codes,
            visible_bias: &[1, -1][..],
            hidden_bias: &[-2, 2, 515][..],
        };
        let model = CompactRbm::new(Shape::new(2, 3).unwrap(), format, buffers).unwrap();
        pin(
            Blob::Rbm(model),
            &[
                b"bitspin\0",
                &[1, 0, 3, number, len as u8, 0, 0, 0],
                &[2, 0, 0, 0, 3, 0, 0, 0],
                &[2, 1, 11, 0, 0, 0, 0, 0],
                &[1, 0, 0xff, 0xff, 0, 0, 0, 0],
                &[0xfe, 0xff, 2, 0, 3, 2, 0, 0],
                codes,
                padding,
                &checksum,
            ],
        );
    }
}

#[test]
fn dense_ising_models() {
    let (numbers, fields) = ([0, -2, -2, 0], [258, -1]);
    let model = Dense::new(2, &numbers[..], &fields[..], 5).unwrap();
    pin(
        Blob::Ising(Ising::DenseI16(model)),
        &[
            b"bitspin\0",
            &[1, 0, 4, 1, 56, 0, 0, 0],
            &[2, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0, 5, 1, 0, 0, 0, 0],
            &[2, 1, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0, 0, 0xfe, 0xff, 0xfe, 0xff, 0, 0],
            &[0, 0, 0, 0],
            &[0xdb, 0x74, 0xf6, 0xc6],
        ],
    );
    let (numbers, fields) = ([0, -2, 3, -2, 0, 4, 3, 4, 0], [1, 0, -1]);
    let model = Dense::new(3, &numbers[..], &fields[..], 24).unwrap();
    pin(
        Blob::Ising(Ising::DenseI8(model)),
        &[
            b"bitspin\0",
            &[1, 0, 4, 2, 64, 0, 0, 0],
            &[3, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0, 24, 1, 0, 0, 0, 0],
            &[1, 0, 0, 0, 0, 0, 0, 0],
            &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
            &[0, 0xfe, 3, 0xfe, 0, 4, 3, 4, 0],
            &[0, 0, 0],
            &[0xf5, 0x0f, 0x0f, 0x93],
        ],
    );
}

/// A chain 0 - 1 - 2.
#[test]
fn sparse_ising_models() {
    let (offsets, neighbours, fields) = ([0, 1, 3, 4], [1, 0, 2, 1], [0, 7, 0]);
    let header: [&[u8]; 3] = [
        &[3, 0, 0, 0, 4, 0, 0, 0],
        &[0, 0, 0, 2, 0, 0, 0, 0],
        &[0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    let rows: [&[u8]; 2] = [
        &[0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0],
        &[1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0],
    ];
    let numbers = [-2, -2, 258, 258];
    let model = Sparse::new(&offsets[..], &neighbours[..], &numbers[..], &fields[..], 0);
    pin(
        Blob::Ising(Ising::SparseI16(model.unwrap())),
        &[
            b"bitspin\0",
            &[1, 0, 4, 1, 96, 0, 0, 0],
            &header.concat(),
            &rows.concat(),
            &[0xfe, 0xff, 0xfe, 0xff, 2, 1, 2, 1],
            &[0, 0, 0, 0],
            &[0x06, 0xaa, 0x11, 0xc0],
        ],
    );
    let numbers = [-2, -2, 5, 5];
    let model = Sparse::new(&offsets[..], &neighbours[..], &numbers[..], &fields[..], 0);
    pin(
        Blob::Ising(Ising::SparseI8(model.unwrap())),
        &[
            b"bitspin\0",
            &[1, 0, 4, 2, 88, 0, 0, 0],
            &header.concat(),
            &rows.concat(),
            &[0xfe, 0xfe, 5, 5],
            &[0x41, 0x8b, 0xe4, 0xa4],
        ],
    );
}

/// One pixel, two labels, two hidden units.
#[test]
fn rbms_with_label_units() {
    let format = NumberFormat {
        weights: WeightFormat::I8,
        weight_scale: 258,
        fraction_bits: 11,
    };
    let codes = [1, 0xff, 0xfe, 2, 0, 3];
    let buffers = Buffers {
        codes: &codes[..],
        visible_bias: &[1, -1, 7][..],
        hidden_bias: &[-2, 2][..],
    };
    let model = CompactRbm::new(Shape::new(3, 2).unwrap(), format, buffers).unwrap();
    pin(
        Blob::Labelled(CompactLabelled::new(model, 2).unwrap()),
        &[
            b"bitspin\0",
            &[1, 0, 5, 2, 64, 0, 0, 0],
            &[3, 0, 0, 0, 2, 0, 0, 0],
            &[2, 1, 11, 0, 0, 0, 2, 0],
            &[1, 0, 0xff, 0xff, 7, 0, 0, 0],
            &[0xfe, 0xff, 2, 0, 0, 0, 0, 0],
            &codes,
            &[0; 6],
            &[0x57, 0x47, 0x59, 0x29],
        ],
    );
}
