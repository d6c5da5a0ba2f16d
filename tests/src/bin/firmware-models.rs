//! Trains and writes the models that the firmware ships, and what a desktop makes of its trials.

use bitspin_tests::firmware::{Firmware, folder};

fn main() -> std::io::Result<()> {
    let firmware = Firmware::build();
    for (file, bytes) in firmware.files() {
        std::fs::write(folder().join(file), bytes)?;
    }
    Ok(())
}
