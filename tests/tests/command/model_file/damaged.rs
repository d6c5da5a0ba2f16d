//! Files that are cut short, too long, changed, or of another kind.

use std::fs;

use bitspin::model_file::{ModelFileError, ModelProblem, RbmFile};
use proptest::prelude::*;

use super::{file_of, good, many_settings, problem, raw};

#[test]
fn what_is_no_safetensors_file_is_refused() {
    assert!(matches!(RbmFile::from_bytes(&[]), Err(ModelProblem::Empty)));
    let others: [&[u8]; 6] = [
        b"PK\x03\x04 a PyTorch file of the older kind",
        b"\x89PNG\r\n\x1a\n and what follows",
        b"epoch,seconds\n1,0.3\n",
        &[0; 64],
        &[255; 64],
        &raw("[1, 2, 3]", &[]),
    ];
    for bytes in others {
        let message = problem(bytes);
        assert!(message.starts_with("not a safetensors file"), "{message}");
    }
    for header in ["{", "{\"W\": 1}", "{\"\n\": {}}", "{\u{1}}"] {
        let message = problem(&raw(header, &[]));
        assert!(message.starts_with("not a safetensors file"), "{message}");
    }
}

#[test]
fn claims_beyond_the_file_are_refused_without_memory() {
    // A header said to be 90 MB long, one of the length u64::MAX, and a tensor of 2^60 numbers.
    let mut long = 90_000_000_u64.to_le_bytes().to_vec();
    long.extend(b"{}");
    assert_eq!(
        problem(&long),
        "cut short: 90000008 bytes were expected, 10 found"
    );
    let mut longest = u64::MAX.to_le_bytes().to_vec();
    longest.extend(b"{}");
    assert!(problem(&longest).starts_with("not a safetensors file"));
    for shape in [1_u64 << 60, u64::MAX] {
        let header = format!(
            r#"{{"W":{{"dtype":"F32","shape":[{shape},1],"data_offsets":[0,{}]}}}}"#,
            shape.saturating_mul(4)
        );
        problem(&raw(&header, &[0; 8]));
    }
    let header = r#"{"W":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    problem(&raw(header, &[0; 12]));
}

#[test]
fn every_truncation_and_every_addition_is_refused() {
    let bytes = file_of(&good());
    assert!(RbmFile::from_bytes(&bytes).is_ok());
    for length in 1..bytes.len() {
        let message = problem(&bytes[..length]);
        assert!(message.starts_with("cut short"), "{length}: {message}");
    }
    let mut long = bytes.clone();
    long.push(0);
    let (expected, found) = (bytes.len(), long.len());
    let message = format!("too long: {expected} bytes were expected, {found} found");
    assert_eq!(problem(&long), message);
}

#[test]
fn loading_names_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("none.safetensors");
    let error: ModelFileError = RbmFile::load(&missing).unwrap_err();
    assert!(error.to_string().contains("none.safetensors: cannot be"));
    let error = RbmFile::load(directory.path()).unwrap_err();
    assert!(matches!(error.problem, ModelProblem::Input(_)), "{error}");

    let path = directory.path().join("model.safetensors");
    let bytes = file_of(&good());
    fs::write(&path, &bytes).unwrap();
    assert_eq!(
        RbmFile::load(&path).unwrap(),
        RbmFile::from_bytes(&bytes).unwrap()
    );
    for length in [0, 7, 8, 9, bytes.len() - 1] {
        fs::write(&path, &bytes[..length]).unwrap();
        let loaded = RbmFile::load(&path).unwrap_err().problem.to_string();
        assert_eq!(loaded, problem(&bytes[..length]), "{length}");
    }
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = many_settings().to_bytes().unwrap();
        for (place, value) in damage {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        match RbmFile::from_bytes(&bytes) {
            Ok(read) => prop_assert!(read.parameters.check().is_ok()),
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }

    #[test]
    fn any_bytes_never_panic(header in "\\{.{0,60}", data in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = RbmFile::from_bytes(&data);
        let _ = RbmFile::from_bytes(&raw(&header, &data));
    }
}
