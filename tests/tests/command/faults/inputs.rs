//! Inputs that are no plain files, and names that are no plain text.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::run_within;

/// Places where a file is read, each with a file `x` of that kind at the end of its path.
const READERS: [(&[&str], &str); 9] = [
    (&["ising", "exact", "x.txt"], "x.txt"),
    (&["ising", "exact", "x.safetensors"], "x.safetensors"),
    (&["firmware", "export", "x", "--to", "out"], "x"),
    (&["firmware", "info", "x"], "x"),
    (&["hopfield", "recall", "--pictures", "x.png"], "x.png"),
    (&["rbm", "eval", "x.safetensors"], "x.safetensors"),
    (
        &["rbm", "train", "--data", "x.csv", "--out", "out"],
        "x.csv",
    ),
    (
        &["rbm", "train", "--data", "x.npy", "--out", "out"],
        "x.npy",
    ),
    (&["rbm", "train", "--resume", "."], "checkpoint.bin"),
];

#[test]
fn pipes_and_devices_are_refused_at_once_wherever_a_file_is_read() {
    let place = tempfile::tempdir().unwrap();
    let make = |kind: &str, path: &Path| match kind {
        "a pipe" => {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        }
        "a device" => symlink("/dev/zero", path).unwrap(),
        _ => fs::create_dir(path).unwrap(),
    };
    for kind in ["a pipe", "a device", "a directory"] {
        for (arguments, file) in READERS {
            let path = place.path().join(file);
            make(kind, &path);
            let outcome = run_within(place.path(), arguments);
            assert_eq!(outcome.code, Some(2), "{arguments:?}, {kind}: {outcome:?}");
            assert_eq!(
                outcome.stderr.lines().count(),
                1,
                "{arguments:?}, {kind}: {outcome:?}"
            );
            assert!(
                outcome.stderr.contains(file),
                "{arguments:?}, {kind}: {outcome:?}"
            );
            match kind {
                "a directory" => fs::remove_dir(path).unwrap(),
                _ => fs::remove_file(path).unwrap(),
            }
        }
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn names_are_printed_without_line_breaks_and_terminal_escapes() {
    let place = tempfile::tempdir().unwrap();
    let names: [(&[u8], &str); 3] = [
        (b"a\nb\x1b[31m", r"a\nb\u{1b}[31m"),
        (b"a\xe2\x80\xaeb", r"a\u{202e}b"),
        (b"a\xff\xfeb", r"a\xff\xfeb"),
    ];
    for (name, printed) in names {
        let name = OsStr::from_bytes(name);
        for arguments in [
            [OsStr::new("ising"), OsStr::new("exact"), name].as_slice(),
            &["rbm", "eval"]
                .map(OsStr::new)
                .iter()
                .copied()
                .chain([name])
                .collect::<Vec<_>>(),
            &["rbm", "train", "--out", "o", "--data"]
                .map(OsStr::new)
                .iter()
                .copied()
                .chain([name])
                .collect::<Vec<_>>(),
            // An unknown command is repeated by the parser of options.
            &[name],
        ] {
            let outcome = run_within(place.path(), arguments);
            assert_eq!(outcome.code, Some(2), "{outcome:?}");
            assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
            let plain = |c: char| !c.is_control() && c != '\u{202e}';
            assert!(outcome.stderr.trim_end().chars().all(plain), "{outcome:?}");
            assert!(
                arguments.len() == 1 || outcome.stderr.contains(printed),
                "{outcome:?}"
            );
        }
    }
}
