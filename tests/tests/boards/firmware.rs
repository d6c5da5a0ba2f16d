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

/// A firmware engineer who copies the recall of the core's front page has the program that `.ci/firmware` runs on a board.
#[test]
fn the_front_page_of_the_core_is_a_program_word_for_word() {
    let between = |file: &str, begin: &str, end: &str| {
        let path = folder().join("../..").join(file);
        let text = std::fs::read_to_string(path).expect("the file is there");
        let (_, rest) = text.split_once(begin).expect("a first mark");
        let (block, _) = rest.split_once(end).expect("a last mark");
        block.to_string()
    };
    let page = between(
        "core/README.md",
        "<!-- recall:begin -->\n```rust\n",
        "```\n<!-- recall:end -->",
    );
    let program = "firmware-example/src/bin/front_page.rs";
    let program = between(program, "    // recall:begin\n", "    // recall:end\n");
    assert_eq!(page, program);
}
