//! Damaged bytes: a typed error or a valid model, never a panic.

use bitspin::validate::Random;
use bitspin_core::blob::{Blob, Error, HEADER_LEN};

use super::{Bytes, blobs, run};

/// What was damaged and then given the right checksum: an error, or a model whose blob these bytes are.
fn error_or_canonical(bytes: &Bytes) -> bool {
    let Ok(blob) = bytes.parse() else {
        return false;
    };
    run(&blob);
    assert!(
        Bytes::of(&blob).get() == bytes.get(),
        "two blobs of {blob:?}"
    );
    true
}

#[test]
fn a_blob_cut_at_any_byte_is_refused() {
    for whole in blobs(70, 9, 1) {
        for len in 0..whole.len {
            let cut = Bytes::from(&whole.get()[..len]);
            let expected = if len < HEADER_LEN {
                Error::Truncated { found: len }
            } else {
                Error::Length {
                    expected: whole.len,
                    found: len,
                }
            };
            assert_eq!(cut.parse(), Err(bitspin_core::Error::Blob(expected)));
        }
        let longer = Bytes::from(&[whole.get(), &[0; 8]].concat()[..]);
        assert!(matches!(
            longer.parse(),
            Err(bitspin_core::Error::Blob(Error::Length { .. }))
        ));
    }
}

#[test]
fn a_blob_with_any_bit_flipped_is_refused_or_another_model_once_its_checksum_is_right() {
    for mut bytes in blobs(13, 5, 2) {
        let original = bytes.get().to_vec();
        // No single bit of a symmetric matrix of bits can change.
        let rigid = matches!(bytes.parse(), Ok(Blob::CouplingsSign(_)));
        let mut models = 0;
        for bit in 0..8 * bytes.len {
            bytes.get_mut()[bit / 8] ^= 1 << (bit % 8);
            assert!(bytes.parse().is_err(), "bit {bit}");
            bytes.correct_checksum();
            models += usize::from(error_or_canonical(&bytes) && bytes.get() != original);
            bytes.get_mut().copy_from_slice(&original);
        }
        assert_eq!(
            models == 0,
            rigid,
            "the checks behind the checksum were never passed"
        );
    }
}

/// Changes one to eight bytes: anywhere or in the header, to any value, to one near it, or to one of the awkward ones.
fn corrupt(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..=random.bits32() % 8 {
        let [kind, value, distance, _] = random.bits32().to_le_bytes();
        let places = if kind & 1 != 0 {
            bytes.len()
        } else {
            HEADER_LEN
        };
        let place = &mut bytes[random.bits32() as usize % places];
        *place = match kind / 2 % 3 {
            0 => value,
            1 => place.wrapping_add(distance % 5).wrapping_sub(2),
            _ => [0, 1, 0x7f, 0x80, 0xff][usize::from(value) % 5],
        };
    }
}

#[test]
fn a_hundred_thousand_corruptions_are_refused_or_other_models_once_their_checksum_is_right() {
    let blobs = blobs(19, 4, 3);
    let mut random = Random::new(4);
    let (mut corruptions, mut models) = (0, 0);
    while corruptions < 100_000 {
        let original = &blobs[corruptions % blobs.len()];
        let mut bytes = Bytes::from(original.get());
        corrupt(bytes.get_mut(), &mut random);
        if bytes.get() == original.get() {
            continue;
        }
        corruptions += 1;
        assert!(bytes.parse().is_err());
        bytes.correct_checksum();
        models += usize::from(error_or_canonical(&bytes));
    }
    assert!(
        models > 1_000,
        "the checks behind the checksum were passed {models} times"
    );
}
