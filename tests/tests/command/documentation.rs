//! README.md and the book against the command that they describe.

use std::process::Command;

use bitspin_tests::book::{self, Page, Scope, commands, pages, root};
use bitspin_tests::command::bitspin;

#[test]
fn the_documents_show_commands_that_exist() {
    let pages = pages(root()).expect("the documents are read");
    let readme = pages.iter().find(|page| page.path.ends_with("README.md"));
    assert!(
        readme.is_some_and(|page| !commands(page).is_empty()),
        "README.md shows no command in a code fence"
    );

    for page in &pages {
        for arguments in commands(page) {
            // What stands before `--help` is parsed first, so a wrong name, option or value still fails.
            let output = Command::new(bitspin())
                .args(&arguments)
                .arg("--help")
                .output()
                .expect("bitspin starts");
            let shown = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success() && shown.contains("Usage:"),
                "{} shows `bitspin {}`, which ends in {}: {}",
                page.path.display(),
                arguments.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

/// Only what is fast: `cargo book` makes the rest.
#[test]
fn the_documents_show_what_the_commands_print_and_draw() {
    let pages = pages(root()).expect("the documents are read");
    let pages: Vec<&Page> = pages.iter().collect();
    let done = book::remake_all(root(), &pages, bitspin(), &Scope::Fast).expect("commands run");
    let differences: Vec<String> = done
        .into_iter()
        .flat_map(|(_, done)| done.differences)
        .collect();
    assert!(
        differences.is_empty(),
        "`cargo book` makes these again:\n\n{}",
        differences.join("\n\n")
    );
}

#[test]
fn links_lead_somewhere_and_every_page_and_picture_is_used() {
    let pages = pages(root()).expect("the documents are read");
    let broken = book::broken(root(), &pages).expect("folders are read");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
