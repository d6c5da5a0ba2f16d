//! The `bitspin` command, run as a user runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The command, built with the profile of the program or test that runs.
///
/// # Panics
/// If it cannot be built.
pub fn bitspin() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let program = std::env::current_exe().expect("a program knows where it is");
        let mut profile = program.parent().expect("a program lies in a folder");
        // Programs are in target/PROFILE, tests in target/PROFILE/deps.
        if profile.ends_with("deps") {
            profile = profile.parent().expect("deps lies in target/PROFILE");
        }
        let mut build = Command::new(env!("CARGO"));
        // The whole workspace is named because features are unified over what is named: so nothing that
        // `cargo test --workspace` has compiled is compiled again.
        build.args(["build", "--quiet", "--workspace", "--bin", "bitspin"]);
        build
            .arg("--target-dir")
            .arg(profile.parent().expect("a profile is in target"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let built = build
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo starts");
        assert!(built.success(), "the command does not build");
        profile.join("bitspin")
    })
}

/// What a run of the command came to.
#[derive(Debug)]
pub struct Outcome {
    /// Exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command writes UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Outcome {
    /// Standard output as JSON, of a run that succeeded.
    ///
    /// # Panics
    /// If it did not, or did not print JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// Runs the command in `directory`.
///
/// # Panics
/// If it does not start.
pub fn run<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(
    directory: &Path,
    arguments: I,
) -> Outcome {
    Command::new(bitspin())
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("the command starts")
        .into()
}

/// Everything below a directory, with its contents.
fn everything(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            all.push((name, Vec::new()));
            all.extend(everything(&path));
        } else {
            all.push((name, fs::read(&path).unwrap()));
        }
    }
    all.sort();
    all
}

/// Runs the command with bad input and holds it to the rule: one line on standard error that contains every one of
/// `words`, exit code 2, nothing written and nothing lost in `place`.
///
/// # Panics
/// If the command does not keep to it.
pub fn refused(place: &Path, arguments: &[&str], words: &[&str]) {
    let before = everything(place);
    let outcome = run(place, arguments);
    assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome:?}");
    assert_eq!(outcome.stdout, "", "{arguments:?}");
    assert_eq!(
        outcome.stderr.lines().count(),
        1,
        "{arguments:?}: {outcome:?}"
    );
    assert!(
        outcome.stderr.starts_with("error: "),
        "{arguments:?}: {outcome:?}"
    );
    for word in words {
        assert!(
            outcome.stderr.contains(word),
            "{arguments:?}: no '{word}' in {}",
            outcome.stderr
        );
    }
    assert!(
        everything(place) == before,
        "{arguments:?} left something behind"
    );
}
