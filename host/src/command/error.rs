//! How a command ends when it does not succeed.

use std::io::ErrorKind;
use std::process::ExitCode;

use bitspin::data::DataError;
use bitspin::firmware::BlobFileError;
use bitspin::input::{InputError, InputProblem};
use bitspin::interrupt;
use bitspin::model_file::ModelFileError;
use bitspin::output::{CommitError, OutputError};
use bitspin::train::TrainError;
use bitspin::train::checkpoint::CheckpointError;

/// An error of a command: one line for standard error, and an exit code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The input was wrong: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// Something went wrong while running: exit code 1.
    #[error("{0}")]
    Failed(String),
    /// Ctrl-C, after what was earned had been written: exit code 130.
    #[error("{0}")]
    Interrupted(String),
}

impl CommandError {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub(crate) fn failed(message: impl std::fmt::Display) -> Self {
        Self::Failed(message.to_string())
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
            error => Self::usage(error.to_string()),
        }
    }
}

impl From<ModelFileError> for CommandError {
    fn from(error: ModelFileError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<BlobFileError> for CommandError {
    fn from(error: BlobFileError) -> Self {
        Self::usage(error.to_string())
    }
}

/// Before the work, a place that cannot be written is a wrong option. That the disk fails is a failure at any time.
impl From<OutputError> for CommandError {
    fn from(error: OutputError) -> Self {
        match &error {
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

impl From<CheckpointError> for CommandError {
    fn from(error: CheckpointError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<TrainError> for CommandError {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Diverged { .. } => Self::failed(error),
            TrainError::Setting { .. } | TrainError::Model(_) => Self::usage(error.to_string()),
        }
    }
}
