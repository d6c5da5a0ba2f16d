//! The help of every command: it fits a terminal, and its examples are commands that can be run one after the other.

use std::collections::BTreeSet;
use std::process::Command;

use bitspin_tests::command::{bitspin, run};

/// Columns of a small terminal.
const COLUMNS: usize = 80;

/// Options whose value is a file or a directory that a command writes.
const OUTPUTS: [&str; 5] = ["--out", "--to", "--states", "--probabilities", "--per-row"];

/// What `bitspin COMMAND --help` prints.
fn help(command: &[String]) -> String {
    let output = Command::new(bitspin())
        .args(command)
        .arg("--help")
        .env("COLUMNS", COLUMNS.to_string())
        .output()
        .expect("bitspin starts");
    assert!(output.status.success(), "bitspin {command:?} --help");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

/// Every command, with its words, and its help.
fn all() -> Vec<(Vec<String>, String)> {
    let mut found = vec![];
    let mut open = vec![vec![]];
    while let Some(command) = open.pop() {
        let text = help(&command);
        let list = text.lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in list.take_while(|line| !line.is_empty()) {
            // The text of a command goes on below it, further to the right.
            let name = line
                .strip_prefix("  ")
                .filter(|rest| !rest.starts_with(' '));
            if let Some(name) = name.and_then(|rest| rest.split_whitespace().next())
                && name != "help"
            {
                open.push([command.clone(), vec![name.into()]].concat());
            }
        }
        found.push((command, text));
    }
    found
}

/// The arguments of the examples in a help text.
fn examples(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let lines = joined
        .lines()
        .filter_map(|line| line.strip_prefix("  bitspin "));
    lines
        .map(|line| line.split_whitespace().map(String::from).collect())
        .collect()
}

#[test]
fn help_fits_a_terminal_of_80_columns() {
    let all = all();
    assert!(all.len() > 20, "{} commands", all.len());
    for (command, text) in all {
        for line in text.lines() {
            assert!(
                line.chars().count() <= COLUMNS,
                "bitspin {command:?} --help: {line}"
            );
        }
    }
}

#[test]
fn examples_in_help_are_valid_commands_that_write_different_files() {
    for (command, text) in all() {
        let examples = examples(&text);
        let is_leaf = !text.contains("\nCommands:\n");
        let without = [vec!["device", "info"], vec!["data", "fetch"]];
        assert!(
            !is_leaf || !examples.is_empty() || without.iter().any(|other| command == *other),
            "bitspin {command:?} --help shows no example"
        );
        let mut written = BTreeSet::new();
        for example in examples {
            assert!(
                command.is_empty() || example.starts_with(&command[..1]),
                "bitspin {command:?} --help shows {example:?}"
            );
            let output = Command::new(bitspin())
                .args(&example)
                .arg("--help")
                .output()
                .expect("bitspin starts");
            assert!(
                output.status.success(),
                "{example:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            for pair in example.windows(2) {
                let is_new = !OUTPUTS.contains(&&*pair[0]) || written.insert(pair[1].clone());
                assert!(
                    is_new,
                    "bitspin {command:?} --help writes {} twice",
                    pair[1]
                );
            }
        }
    }
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let place = tempfile::tempdir().unwrap();
    for command in [
        &["rbm", "train"][..],
        &["rbm", "sample"],
        &["rbm", "eval"],
        &["data", "fetch"],
        &["validate"],
    ] {
        let outcome = run(place.path(), command.iter().chain(&["--help"]));
        assert_eq!(outcome.code, Some(0));
        assert!(outcome.stdout.contains("Example"), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("--json"), "{}", outcome.stdout);
    }
}
