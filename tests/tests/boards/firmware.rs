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

#[test]
fn the_digits_of_the_firmware_are_made_anew_to_the_byte() {
    let file = folder().join("../src/digits.rs");
    let found = std::fs::read_to_string(file).expect("the file is there");
    assert!(
        found == bitspin_tests::digits::source(),
        "firmware-example/src/digits.rs differs: cargo run -p bitspin-tests --bin firmware-digits"
    );
}
