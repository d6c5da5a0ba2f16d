//! The `bitspin` command, run as a user runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The command, built with the profile of the tests.
///
/// # Panics
/// If it cannot be built.
pub fn bitspin() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows where it is");
        let profile = test
            .parent()
            .and_then(Path::parent)
            .expect("tests are in target/PROFILE/deps");
        let mut build = Command::new(env!("CARGO"));
        build.args([
            "build",
            "--quiet",
            "--package",
            "bitspin",
            "--bin",
            "bitspin",
        ]);
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
