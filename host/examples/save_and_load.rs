//! Saves a model as a safetensors file that PyTorch can read, and loads it again.

use std::collections::BTreeMap;

use bitspin::model_file::RbmFile;
use bitspin::train::initial_parameters;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("bitspin-{}.safetensors", std::process::id()));
    let file = RbmFile {
        parameters: initial_parameters(6, 4, 1),
        // Any strings; the command writes the settings of training here.
        metadata: BTreeMap::from([("seed".into(), "1".into())]),
    };
    std::fs::write(&path, file.to_bytes()?)?;

    let loaded = RbmFile::load(&path)?;
    std::fs::remove_file(&path)?;
    println!(
        "{} x {} units",
        loaded.parameters.visible, loaded.parameters.hidden
    );
    assert_eq!(loaded, file);
    Ok(())
}
