//! Standard output and standard error that are full, closed, or read no longer.

use std::fs;

use super::shell;

/// Short commands that succeed: text, JSON, and help.
const COMMANDS: [&str; 4] = [
    "bitspin ising exact two.txt --beta 1",
    "bitspin ising exact two.txt --beta 1 --json",
    "bitspin --version",
    "bitspin rbm train --help",
];

fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("two.txt"), "2 1\n1 2 1\n").unwrap();
    place
}

#[test]
fn a_full_standard_output_is_a_failure() {
    let place = place();
    for command in COMMANDS {
        let outcome = shell(place.path(), &format!("{command} > /dev/full"));
        assert_eq!(outcome.code, Some(1), "{command}: {outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{command}: {outcome:?}");
        assert!(
            outcome
                .stderr
                .starts_with("error: cannot write standard output: "),
            "{outcome:?}"
        );
    }
    // The code of bad input stays.
    let outcome = shell(place.path(), "bitspin ising exact none.txt > /dev/full");
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
}

#[test]
fn a_reader_that_has_gone_away_ends_a_command_quietly() {
    let place = place();
    for command in COMMANDS {
        // The reader is gone before the command starts.
        let line = format!("{{ sleep 0.2; {command}; echo $? > code; }} | true");
        let outcome = shell(place.path(), &line);
        assert_eq!(outcome.stderr, "", "{command}: {outcome:?}");
        assert_eq!(
            fs::read_to_string(place.path().join("code")).unwrap(),
            "0\n",
            "{command}"
        );
    }
}

#[test]
fn a_full_or_closed_standard_error_changes_no_exit_code() {
    let place = place();
    for stderr in ["2> /dev/full", "2>&-", "> /dev/full 2>&1", ">&- 2>&-"] {
        for (command, code) in [
            ("bitspin ising exact none.txt", 2),
            ("bitspin ising", 2),
            ("bitspin rbm train --epochs none", 2),
        ] {
            let outcome = shell(place.path(), &format!("{command} {stderr}"));
            assert_eq!(outcome.code, Some(code), "{command} {stderr}: {outcome:?}");
        }
    }
    let outcome = shell(place.path(), "bitspin ising exact two.txt > /dev/full 2>&1");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
}
