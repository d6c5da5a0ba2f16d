//! The firmware's models and what it is told to expect are those that this workspace makes.

use bitspin_tests::firmware::{Firmware, folder};

#[test]
fn the_models_of_the_firmware_are_made_anew_to_the_byte() {
    for (file, bytes) in Firmware::build().files() {
        let found = std::fs::read(folder().join(file)).expect("the file is there");
        assert!(
            found == bytes,
            "firmware-example/trials/{file} differs: cargo run -p bitspin-tests --bin firmware-models"
        );
    }
}
