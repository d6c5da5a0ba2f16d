//! Writes the digits that the firmware recalls into its source.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root.join("../firmware-example/src/digits.rs");
    std::fs::write(file, bitspin_tests::digits::source())
}
