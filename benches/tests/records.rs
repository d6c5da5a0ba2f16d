//! The figures in the documents are those of the records.

use bitspin_benches::report::files;

#[test]
fn the_documents_show_what_the_records_say() {
    for file in files().unwrap_or_else(|error| panic!("{error}")) {
        assert!(
            file.found == file.expected,
            "{} differs from benches/record: cargo run --package bitspin-benches --bin report",
            file.path.display()
        );
    }
}
