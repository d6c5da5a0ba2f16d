//! Files of models with labels: they come back as written, and damaged ones are named.

use std::fs;

use bitspin::model_file::{LabelledFile, RbmFile};

use super::models;

#[test]
fn files_with_labels_come_back_and_damaged_ones_are_named() {
    let file = LabelledFile {
        parameters: models()[1].parameters(),
        metadata: [("seed".to_string(), "1".to_string())].into(),
    };
    let bytes = file.to_bytes().unwrap();
    assert_eq!(
        LabelledFile::from_bytes(&bytes).unwrap(),
        Some(file.clone())
    );
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.tensor("U").unwrap().shape(), [7, 4]);
    assert_eq!(tensors.tensor("W").unwrap().shape(), [7, 9]);
    assert!(
        RbmFile::from_bytes(&bytes)
            .unwrap_err()
            .to_string()
            .contains("label units")
    );
    let plain = RbmFile {
        parameters: file.parameters.given(0),
        metadata: Default::default(),
    };
    assert_eq!(
        LabelledFile::from_bytes(&plain.to_bytes().unwrap()).unwrap(),
        None
    );
    let mut broken = file.clone();
    broken.parameters.joint.w[9] = f32::NAN;
    assert!(broken.to_bytes().is_err());
    assert!(LabelledFile::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    let shape = String::from_utf8_lossy(&bytes)
        .find("\"shape\":[7,4]")
        .unwrap();
    let mut wrong = bytes.clone();
    wrong[shape..shape + 13].copy_from_slice(b"\"shape\":[4,7]");
    assert!(
        LabelledFile::from_bytes(&wrong)
            .unwrap_err()
            .to_string()
            .contains("tensor U")
    );
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("m"), &bytes[..30]).unwrap();
    assert!(LabelledFile::load(directory.path().join("m")).is_err());
}
