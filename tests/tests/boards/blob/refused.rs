//! What is refused for what reason.

use bitspin_core::blob::{Error, Header, Kind};
use bitspin_core::hopfield::{Diagonal, LearningRule};
use bitspin_core::rbm::compact::NumberFormat;
use bitspin_core::rbm::{Shape, WeightFormat};

use super::{Bytes, blobs};

/// Changes bytes of a blob, makes the checksum right, and says why it is no blob.
fn refused(bytes: &Bytes, changes: &[(usize, &[u8])]) -> Error {
    match refusal(bytes, changes) {
        bitspin_core::Error::Blob(error) => error,
        other => panic!("{other:?}"),
    }
}

/// Changes bytes of a blob, makes the checksum right, and says why it is refused.
fn refusal(bytes: &Bytes, changes: &[(usize, &[u8])]) -> bitspin_core::Error {
    let mut changed = Bytes::from(bytes.get());
    for (offset, new) in changes {
        changed.get_mut()[*offset..offset + new.len()].copy_from_slice(new);
    }
    changed.correct_checksum();
    let error = changed.parse().expect_err("a change that matters");
    assert!(!error.to_string().is_empty());
    error
}

/// Blobs of 20 units and 3 patterns or hidden units: patterns, couplings of 16 bits, an RBM of 8 and one of 2 bits.
fn four() -> [Bytes; 4] {
    let mut blobs = blobs(20, 3, 11).into_iter().map(Some).collect::<Vec<_>>();
    [0, 2, 5, 7].map(|at| blobs[at].take().unwrap())
}

#[test]
fn headers() {
    let [patterns, couplings, rbm, _] = four();
    for bytes in [&patterns, &couplings, &rbm] {
        assert_eq!(refused(bytes, &[(0, b"B")]), Error::Magic);
        assert_eq!(refused(bytes, &[(8, &[2])]), Error::Version { found: 2 });
        assert_eq!(refused(bytes, &[(10, &[9])]), Error::Kind { found: 9 });
        assert_eq!(refused(bytes, &[(31, &[1])]), Error::Padding { offset: 31 });
        assert!(matches!(
            refused(bytes, &[(12, &[0; 4])]),
            Error::StatedLength { found: 0, .. }
        ));
    }
    let header = |what, found| Error::Header { what, found };
    assert_eq!(
        refused(&patterns, &[(11, &[1])]),
        Error::Padding { offset: 11 }
    );
    assert_eq!(refused(&patterns, &[(27, &[4])]), header("rule", 4));
    assert_eq!(refused(&patterns, &[(28, &[0])]), header("diagonal", 0));
    assert_eq!(
        refused(&couplings, &[(11, &[3])]),
        header("number format", 3)
    );
    assert_eq!(
        refused(&couplings, &[(24, &[1])]),
        Error::Padding { offset: 24 }
    );
    assert_eq!(refused(&rbm, &[(11, &[0])]), header("number format", 0));
    assert_eq!(refused(&rbm, &[(27, &[1])]), Error::Padding { offset: 27 });
    for (offset, new, what) in [
        (16, &[0, 0, 0, 0][..], "the visible layer"),
        (20, &[1, 0, 1, 0], "the hidden layer"),
        (24, &[0, 0], "weight_scale"),
        (24, &[0, 0x80], "weight_scale"),
        (26, &[12], "fraction_bits"),
    ] {
        assert_eq!(model_error(refusal(&rbm, &[(offset, new)])), what);
    }
}

#[test]
fn shapes_whose_lengths_overflow() {
    let [patterns, couplings, rbm, _] = four();
    let units = u32::MAX.to_le_bytes();
    for bytes in [&patterns, &couplings] {
        let error = refused(bytes, &[(16, &units)]);
        assert!(matches!(
            error,
            Error::Header {
                found: u32::MAX,
                ..
            }
        ));
    }
    assert_eq!(refused(&patterns, &[(20, &units)]), Error::TooLarge);
    let most = 65_536_u32.to_le_bytes();
    assert_eq!(refused(&couplings, &[(16, &most)]), Error::TooLarge);
    assert_eq!(refused(&rbm, &[(16, &most), (20, &most)]), Error::TooLarge);
    let endless = Kind::Patterns {
        units: usize::MAX,
        count: usize::MAX,
        rule: LearningRule::Hebb,
        diagonal: Diagonal::Zero,
    };
    assert_eq!(
        Header::new(endless),
        Err(bitspin_core::Error::Blob(Error::TooLarge))
    );
    let endless = Kind::CouplingsI8 { units: usize::MAX };
    assert_eq!(
        Header::new(endless),
        Err(bitspin_core::Error::Blob(Error::TooLarge))
    );
}

#[test]
fn numbers() {
    let [patterns, couplings, rbm, ternary] = four();
    let last = couplings.len;
    assert_eq!(
        model_error(refusal(&patterns, &[(32 + 2, &[0xff])])),
        "patterns"
    );
    assert_eq!(
        model_error(refusal(&couplings, &[(32 + 2, &[0x55])])),
        "couplings"
    );
    assert_eq!(
        refused(&couplings, &[(last - 5, &[1])]),
        Error::Padding { offset: last - 5 }
    );
    // Behind the header 20 visible biases, three hidden ones and two bytes of zeros.
    let codes = 32 + 40 + 8;
    assert_eq!(
        refused(&rbm, &[(codes - 2, &[1])]),
        Error::Padding { offset: codes - 2 }
    );
    assert_eq!(
        model_error(refusal(&rbm, &[(codes, &[0x80])])),
        "weight codes"
    );
    assert_eq!(
        model_error(refusal(&rbm, &[(32, &[0xff, 0x7f])])),
        "weights"
    );
    assert_eq!(
        model_error(refusal(&rbm, &[(32 + 40, &[0x01, 0x80])])),
        "weights"
    );
    assert_eq!(
        model_error(refusal(&ternary, &[(codes, &[0b10])])),
        "weight codes"
    );
    assert_eq!(
        model_error(refusal(&ternary, &[(codes, &[0b0100_0000])])),
        "weight codes"
    );
}

#[test]
fn ising_models() {
    let all = blobs(20, 3, 11);
    let at = all.len() - 6;
    let [dense, _, _, sparse] = [0, 1, 2, 3].map(|k| &all[at + k]);
    let header = |what, found| Error::Header { what, found };
    for bytes in [dense, sparse] {
        assert_eq!(refused(bytes, &[(27, &[3])]), header("layout", 3));
        assert_eq!(refused(bytes, &[(11, &[5])]), header("number format", 5));
        assert_eq!(refused(bytes, &[(28, &[1])]), Error::Padding { offset: 28 });
        assert_eq!(model_error(refusal(bytes, &[(26, &[25])])), "fraction bits");
        // The field of spin 0 is 2^30.
        let field = &[(32, &[0, 0, 0, 0x40][..])];
        assert_eq!(model_error(refusal(bytes, field)), "couplings and fields");
        let units = u32::MAX.to_le_bytes();
        let error = refused(bytes, &[(16, &units)]);
        assert_eq!(error, header("number of units", u32::MAX));
    }
    assert_eq!(refused(dense, &[(20, &[1])]), Error::Padding { offset: 20 });
    let most = u32::MAX.to_le_bytes();
    assert_eq!(refused(sparse, &[(20, &most)]), Error::TooLarge);
    // Behind 20 fields, numbers 0, 1 and 20 of a matrix.
    let matrix = 32 + 80;
    let (off, back) = (&[(matrix, &[1][..])], &[(matrix + 2, &[0x55][..])]);
    assert_eq!(model_error(refusal(dense, off)), "couplings");
    assert_eq!(model_error(refusal(dense, back)), "couplings");
    // Behind 20 fields 21 offsets and four bytes of zeros, then 40 neighbours.
    let (offsets, neighbours) = (32 + 80, 32 + 80 + 88);
    assert_eq!(model_error(refusal(sparse, &[(offsets, &[1])])), "offsets");
    assert_eq!(
        model_error(refusal(sparse, &[(offsets + 4, &[9])])),
        "offsets"
    );
    let gap = neighbours - 1;
    assert_eq!(
        refused(sparse, &[(gap, &[1])]),
        Error::Padding { offset: gap }
    );
    // Spin 0 with itself, with a spin that there is not, and with one that does not see it.
    for (other, what) in [(0, "neighbours"), (20, "neighbours"), (2, "couplings")] {
        let change = &[(neighbours, &[other][..])];
        assert_eq!(model_error(refusal(sparse, change)), what);
    }
    let weights = neighbours + 160;
    let change = &[(weights, &[sparse.get()[weights] ^ 1][..])];
    assert_eq!(model_error(refusal(sparse, change)), "couplings");
}

#[test]
fn label_units() {
    let all = blobs(20, 3, 11);
    for labelled in &all[all.len() - 2..] {
        // Five of twenty units are labels; none, all and more than all cannot be.
        for classes in [[0, 0], [20, 0], [5, 1], [0xff, 0xff]] {
            assert_eq!(model_error(refusal(labelled, &[(30, &classes)])), "classes");
        }
        for offset in [27, 28, 29] {
            assert_eq!(
                refused(labelled, &[(offset, &[1])]),
                Error::Padding { offset }
            );
        }
        let header = |what, found| Error::Header { what, found };
        assert_eq!(refused(labelled, &[(11, &[6])]), header("number format", 6));
        assert_eq!(
            model_error(refusal(labelled, &[(24, &[0, 0])])),
            "weight_scale"
        );
        // As an RBM without labels it has no classes.
        assert_eq!(
            refused(labelled, &[(10, &[3])]),
            Error::Padding { offset: 30 }
        );
    }
    let most = Kind::Labelled {
        shape: Shape::new(65_536, 1).unwrap(),
        format: NumberFormat {
            weights: WeightFormat::I8,
            weight_scale: 1,
            fraction_bits: 0,
        },
        classes: 65_536,
    };
    assert_eq!(
        Header::new(most),
        Err(bitspin_core::Error::Blob(Error::TooLarge))
    );
}

fn model_error(error: bitspin_core::Error) -> &'static str {
    match error {
        bitspin_core::Error::OutOfRange { what, .. } | bitspin_core::Error::Empty { what } => what,
        other => panic!("{other:?}"),
    }
}
