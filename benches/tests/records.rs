//! README.md's figures of speed are those of the records.

use bitspin_benches::report::readme;

#[test]
fn the_readme_shows_what_the_records_say() {
    let [found, expected] = readme().unwrap_or_else(|error| panic!("{error}"));
    assert!(
        found == expected,
        "README.md differs from benches/record: cargo run --package bitspin-benches --bin report"
    );
}
