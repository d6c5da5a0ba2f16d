//! When a run writes checkpoints, and how it resumes from one.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bitspin::data::Dataset;
use bitspin::display::shown;
use bitspin::model_file::{self, RbmParameters};
use bitspin::output::{OutputDirectory, OutputError, RunLock, replace_file};
use bitspin::train::checkpoint::{
    Checkpoint, CheckpointError, CheckpointProblem, DataIdentity, Head, RunIdentity, seal,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::Train;
use crate::command::CommandError;

/// The checkpoint's name in a run's directory.
pub(super) const FILE: &str = "checkpoint.bin";

/// The model's name in a run's directory.
const MODEL: &str = "model.safetensors";

/// Least time between two checkpoints, unless they are counted in epochs.
const INTERVAL: Duration = Duration::from_secs(45);

/// A run to be resumed.
#[derive(Debug)]
pub(super) struct Resumed {
    path: PathBuf,
    checkpoint: Checkpoint,
}

impl Resumed {
    /// The run in the directory of `--resume`, its options (recorded ones and those that may change), and the lock of
    /// the directory, which is taken before anything is read.
    pub(super) fn read(
        given: &Train,
        directory: &Path,
    ) -> Result<(Train, Self, RunLock), CommandError> {
        let path = directory.join(FILE);
        let wrong = |problem| {
            let path = path.clone();
            CommandError::from(CheckpointError { path, problem })
        };
        if !directory.is_dir() {
            return Err(wrong(CheckpointProblem::Missing));
        }
        let lock = RunLock::acquire(directory)?;
        let checkpoint = Checkpoint::read(&path)?;
        let head = &checkpoint.head;
        let content = || wrong(CheckpointProblem::Content);
        let mut recorded = Train::from_record(&head.options).ok_or_else(content)?;
        if let Some(bytes) = &head.data_path {
            recorded.data.data = Some(path_of(bytes).ok_or_else(content)?);
        }
        refuse_another(directory, head)?;
        if let Some((option, before, now)) = given.contradiction(&recorded) {
            let expected = before.map_or("to be left out".to_string(), |before| {
                match before.as_str() {
                    "" => "it".to_string(),
                    before => before.to_string(),
                }
            });
            let now = if now.is_empty() { "given" } else { &now };
            return Err(CommandError::usage(format!(
                "--{option}: expected {expected} as in {}, not {now}",
                shown(&path)
            )));
        }
        if given.was_given("out") && given.out != directory {
            return Err(CommandError::usage(format!(
                "--out: expected {} as in --resume, not {}",
                shown(&directory),
                shown(&given.out)
            )));
        }
        let before = recorded.epochs.unwrap_or(0);
        let epochs = given.epochs.unwrap_or(before);
        if epochs < before {
            return Err(CommandError::usage(format!(
                "--epochs: expected at least {before} as in {}, not {epochs}",
                shown(&path)
            )));
        }
        if checkpoint.head.finished && epochs == before && given.patience.is_none() {
            let option = match recorded.patience {
                Some(_) => "--epochs or --patience",
                None => "--epochs",
            };
            return Err(CommandError::usage(format!(
                "--resume: the run in {} is finished after {before} epoch{}; a larger {option} extends it",
                shown(&directory),
                if before == 1 { "" } else { "s" }
            )));
        }
        let mut options = recorded;
        options.epochs = Some(epochs);
        options.run.threads = given.run.threads;
        options.run.json = given.run.json;
        options.out = directory.to_owned();
        options.replace.force = true;
        if given.data.data.is_some() {
            options.data.data.clone_from(&given.data.data);
        }
        if given.data.held_out.test.is_some() {
            let test = given.data.held_out.test.clone();
            options.data.held_out.test = test;
        }
        options.patience = given.patience.or(options.patience);
        options.checkpoint_every = given.checkpoint_every.or(options.checkpoint_every);
        Ok((options, Self { path, checkpoint }, lock))
    }

    /// The state of the run, which must have been trained on `data`.
    pub(super) fn body<B: DeserializeOwned>(&self, data: &Dataset) -> Result<B, CommandError> {
        let (expected, found) = (self.checkpoint.head.data, DataIdentity::of(data));
        if expected != found {
            return Err(CommandError::usage(format!(
                "--data: expected the data of {} ({expected}), not {} ({found})",
                shown(&self.path),
                data.name
            )));
        }
        self.checkpoint.body().map_err(|problem| {
            let path = self.path.clone();
            CheckpointError { path, problem }.into()
        })
    }

    /// Refuses parameters whose shape does not fit the run's options and data.
    pub(super) fn check_shape(
        &self,
        parameters: &RbmParameters,
        expected: (usize, usize),
    ) -> Result<(), CommandError> {
        parameters.check().map_err(|error| self.refuse(error))?;
        let found = (parameters.visible, parameters.hidden);
        if found == expected {
            return Ok(());
        }
        Err(self.refuse(format_args!(
            "expected a model of {} x {} units, found {} x {}",
            expected.0, expected.1, found.0, found.1
        )))
    }

    /// The error for a state that does not fit its settings.
    pub(super) fn refuse(&self, error: impl std::fmt::Display) -> CommandError {
        CommandError::usage(format!("{}: {error}", shown(&self.path)))
    }
}

/// Refuses a checkpoint next to the model of another run, unless this run was to replace that one.
fn refuse_another(directory: &Path, head: &Head) -> Result<(), CommandError> {
    let Some(found) = run_of_model(directory)? else {
        return Ok(());
    };
    if found == head.run || Some(found) == head.replaces {
        return Ok(());
    }
    Err(CommandError::usage(format!(
        "{}: expected the checkpoint of run {found}, which wrote {MODEL} in the same directory, found that of run {}",
        shown(&directory.join(FILE)),
        head.run
    )))
}

/// The run that wrote the model in a directory, if the model records it.
fn run_of_model(directory: &Path) -> Result<Option<RunIdentity>, CommandError> {
    let path = directory.join(MODEL);
    if !path.is_file() {
        return Ok(None);
    }
    let settings = model_file::metadata(&path)?;
    let run = settings.get(RunIdentity::KEY);
    Ok(run.and_then(|run| RunIdentity::parse(run)))
}

/// A path as the bytes that a checkpoint keeps.
fn bytes_of(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

/// The path whose bytes a checkpoint kept, if the system has such paths.
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

/// The directory of a run, locked; a resumed run brings its `lock`.
pub(super) fn output(
    options: &Train,
    files: &[&str],
    lock: Option<RunLock>,
) -> Result<OutputDirectory, CommandError> {
    let output = match lock {
        Some(lock) => OutputDirectory::with_lock(lock, files, options.replace.force)?,
        None => OutputDirectory::create(&options.out, files, options.replace.force)?,
    };
    refuse_other(options)?;
    Ok(output)
}

/// Refuses to start in a directory with the checkpoint of another run.
fn refuse_other(options: &Train) -> Result<(), CommandError> {
    let path = options.out.join(FILE);
    match path.symlink_metadata() {
        Ok(found) if !found.is_file() => return Err(OutputError::NotAFile(path).into()),
        Ok(_) if !options.replace.force => {}
        _ => return Ok(()),
    }
    let out = shown(&options.out);
    Err(CommandError::usage(format!(
        "{} already exists; --resume {out} continues that run, --force replaces it",
        shown(&path)
    )))
}

/// The checkpoints that a run writes.
#[derive(Debug)]
pub(super) struct Checkpoints {
    path: PathBuf,
    head: Head,
    every: Option<usize>,
    last: Instant,
}

impl Checkpoints {
    /// The checkpoints of a run with `options`, all set, on `data`.
    pub(super) fn new(options: &Train, data: &Dataset) -> Self {
        let (record, data) = (options.record(), DataIdentity::of(data));
        let run = RunIdentity::new(Train::deciding(&record), &data);
        // A model that cannot be read is replaced like the other files.
        let found = run_of_model(&options.out).ok().flatten();
        Self {
            path: options.out.join(FILE),
            head: Head {
                options: record,
                data_path: options.data.data.as_deref().map(bytes_of),
                data,
                run,
                replaces: found.filter(|&found| found != run),
                finished: false,
            },
            every: options.checkpoint_every,
            last: Instant::now(),
        }
    }

    /// Whether to write a checkpoint after epoch `epoch`, counted from 1, of `epochs`. The one of the last epoch is
    /// written with the results.
    pub(super) fn is_due(&self, epoch: usize, epochs: usize) -> bool {
        let due = match self.every {
            Some(every) => epoch.is_multiple_of(every),
            None => self.last.elapsed() >= INTERVAL,
        };
        due && epoch < epochs
    }

    /// Replaces the last checkpoint; `finished` says whether the run is over.
    pub(super) fn write<B: Serialize>(
        &mut self,
        body: &B,
        finished: bool,
    ) -> Result<(), CommandError> {
        let bytes = self.seal(body, finished);
        replace_file(&self.path, bytes)?;
        self.last = Instant::now();
        Ok(())
    }

    /// A checkpoint as bytes.
    pub(super) fn seal<B: Serialize>(&mut self, body: &B, finished: bool) -> Vec<u8> {
        self.head.finished = finished;
        seal(&self.head, body)
    }

    /// The metadata entry that names the run.
    pub(super) fn metadata(&self) -> (&'static str, String) {
        (RunIdentity::KEY, self.head.run.to_string())
    }
}

/// The message of a resumed run.
pub(super) fn resumed(over: usize, epochs: usize) -> String {
    format!("continuing after {over} of {epochs} epochs")
}

/// The error of an interrupted run: where its results are, and how to resume it.
pub(super) fn interrupted(options: &Train, epoch: usize) -> CommandError {
    let out = shown(&options.out);
    CommandError::Interrupted(format!(
        "interrupted in epoch {epoch}; {out} holds the model so far; `bitspin rbm train --resume {out}` continues"
    ))
}
