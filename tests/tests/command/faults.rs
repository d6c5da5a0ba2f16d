//! The command under faults: inputs that are no files, outputs that cannot be written, names that are no text.
#![cfg(target_os = "linux")]

mod commits;
mod inputs;
mod runs;
mod streams;

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bitspin_tests::command::{Outcome, bitspin};

/// Far longer than any command here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory in memory, where there is such a file system: commits wait for the disk again and again.
fn directory() -> tempfile::TempDir {
    let made = tempfile::tempdir_in("/dev/shm");
    made.or_else(|_| tempfile::tempdir()).unwrap()
}

/// Runs the command, which has to end by itself.
///
/// # Panics
/// If it does not.
fn run_within<S: AsRef<OsStr>>(place: &Path, arguments: &[S]) -> Outcome {
    let child = Command::new(bitspin())
        .args(arguments)
        .current_dir(place)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("a command does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap().into()
}

/// Runs a line of the shell, in which `bitspin` is the command.
fn shell(place: &Path, line: &str) -> Outcome {
    let path = bitspin().parent().unwrap().display().to_string();
    let path = [path, std::env::var("PATH").unwrap()].join(":");
    let output = Command::new("sh")
        .args(["-c", line])
        .env("PATH", path)
        .current_dir(place)
        .output();
    output.unwrap().into()
}
