//! What is written: it is read back, and every process writes the same bytes.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

use bitspin::model_file::{RbmFile, RbmParameters};
use proptest::prelude::*;

use super::many_settings;

#[test]
fn another_process_writes_the_same_bytes() {
    const OUT: &str = "BITSPIN_TEST_MODEL_OUT";
    let bytes = many_settings().to_bytes().unwrap();
    if let Some(path) = std::env::var_os(OUT) {
        fs::write(path, bytes).unwrap();
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "model_file::written::another_process_writes_the_same_bytes",
        ])
        .env(OUT, &path)
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    assert_eq!(fs::read(&path).unwrap(), bytes);
    let metadata: HashMap<String, String> = many_settings().metadata.into_iter().collect();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(header.metadata().as_ref(), Some(&metadata));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        (visible, hidden, w, b, c) in (1_usize..20, 1_usize..20).prop_flat_map(|(visible, hidden)| {
            let finite = || prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO;
            (
                Just(visible),
                Just(hidden),
                prop::collection::vec(finite(), visible * hidden),
                prop::collection::vec(finite(), visible),
                prop::collection::vec(finite(), hidden),
            )
        }),
        metadata in prop::collection::btree_map(".*", ".*", 0..6),
    ) {
        let parameters = RbmParameters { visible, hidden, w, visible_bias: b, hidden_bias: c };
        let file = RbmFile { parameters, metadata };
        let bytes = file.to_bytes().unwrap();
        prop_assert_eq!(&RbmFile::from_bytes(&bytes).unwrap(), &file);
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let weights = tensors.tensor("W").unwrap();
        prop_assert_eq!(weights.shape(), [hidden, visible]);
    }
}
