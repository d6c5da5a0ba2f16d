//! Errors of commands and their exit codes.

use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use bitspin::data::{DataError, PictureFileError};
use bitspin::display::shown;
use bitspin::firmware::BlobFileError;
use bitspin::hopfield::MemoryError;
use bitspin::input::{InputError, InputProblem};
use bitspin::interrupt;
use bitspin::ising::file::FileError;
use bitspin::model_file::{ModelFileError, ModelProblem};
use bitspin::output::{CommitError, OutputError};
use bitspin::train::TrainError;
use bitspin::train::checkpoint::CheckpointError;

use super::option_names::in_options;

/// An error of a command: one line for standard error, and an exit code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The input was wrong: exit code 2.
    #[error("{}", in_options(.0))]
    Usage(String),
    /// Something went wrong while running: exit code 1.
    #[error("{}", in_options(.0))]
    Failed(String),
    /// Interrupted, after saving partial results: exit code 130.
    #[error("{0}")]
    Interrupted(String),
}

impl CommandError {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub(crate) fn failed(message: impl Display) -> Self {
        Self::Failed(message.to_string())
    }

    /// Turns an error about the file `path` into a usage error.
    pub(crate) fn at<E: Display>(path: &Path) -> impl Fn(E) -> Self + Copy {
        move |error| Self::usage(format!("{}: {error}", shown(path)))
    }

    /// An error if a command was interrupted after `done` of `of` units; `rest` names the unit and what the results
    /// cover.
    pub(crate) fn unless_all(done: usize, of: usize, rest: &str) -> Result<(), Self> {
        match done < of {
            true => Err(Self::Interrupted(format!(
                "interrupted after {done} of {of} {rest}"
            ))),
            false => Ok(()),
        }
    }

    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::from(1),
            Self::Interrupted(_) => ExitCode::from(interrupt::EXIT_CODE as u8),
        }
    }
}

/// Errors that say what is wrong with the input.
macro_rules! usage {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for CommandError {
            fn from(error: $error) -> Self {
                Self::usage(error.to_string())
            }
        }
    )+};
}

usage!(
    BlobFileError,
    CheckpointError,
    FileError,
    MemoryError,
    PictureFileError,
);

impl From<ModelFileError> for CommandError {
    fn from(error: ModelFileError) -> Self {
        match error.problem {
            ModelProblem::HasLabels => Self::usage(format!(
                "{error}; `rbm classify` and `rbm sample --label` take it"
            )),
            _ => Self::usage(error.to_string()),
        }
    }
}

impl From<InputError> for CommandError {
    fn from(error: InputError) -> Self {
        match error.problem {
            InputProblem::Memory => Self::failed(error),
            _ => Self::usage(error.to_string()),
        }
    }
}

impl From<DataError> for CommandError {
    fn from(error: DataError) -> Self {
        match error {
            DataError::Input(error) => error.into(),
            DataError::NoDirectory { ref path } | DataError::NoFile { ref path, .. } => {
                Self::usage(format!("{error}; {}", super::data::remedy(path)))
            }
            error => Self::usage(error.to_string()),
        }
    }
}

/// Before the work, a path that cannot be written is a usage error. A failing disk is a failure at any time.
impl From<OutputError> for CommandError {
    fn from(error: OutputError) -> Self {
        match &error {
            OutputError::Exists(_) => Self::usage(format!("{error}; --force replaces it")),
            OutputError::Io { error: system, .. } if is_failure(system.kind()) => {
                Self::failed(error)
            }
            _ => Self::usage(error.to_string()),
        }
    }
}

/// After the work, it is a failure of the run.
impl From<CommitError> for CommandError {
    fn from(error: CommitError) -> Self {
        Self::failed(error)
    }
}

/// Whether the system failed, and not the name that it was given.
fn is_failure(kind: ErrorKind) -> bool {
    use ErrorKind::{
        InvalidFilename, NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem, Unsupported,
    };
    !matches!(
        kind,
        InvalidFilename
            | NotADirectory
            | NotFound
            | PermissionDenied
            | ReadOnlyFilesystem
            | Unsupported
    )
}

impl From<TrainError> for CommandError {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Diverged { .. } => Self::failed(error),
            TrainError::Setting { .. } | TrainError::Model(_) => Self::usage(error.to_string()),
        }
    }
}
