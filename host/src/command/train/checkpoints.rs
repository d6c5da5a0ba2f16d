//! When a run writes checkpoints, and how it goes on from one.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bitspin::data::Dataset;
use bitspin::display::shown;
use bitspin::output::{OutputError, replace_file};
use bitspin::train::checkpoint::{
    Checkpoint, CheckpointError, CheckpointProblem, DataIdentity, Head, seal,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::Train;
use crate::command::CommandError;

/// The checkpoint's name in a run's directory.
pub(crate) const FILE: &str = "checkpoint.bin";

/// How long a run learns without a checkpoint, unless that is counted in epochs. Epochs that take longer end in one each.
const INTERVAL: Duration = Duration::from_secs(45);

/// A run to be gone on with.
#[derive(Debug)]
pub(crate) struct Resumed {
    path: PathBuf,
    checkpoint: Checkpoint,
}

impl Resumed {
    /// The run in the directory `--resume` names, and its options: the recorded ones with those that may be given anew.
    pub(super) fn read(given: &Train, directory: &Path) -> Result<(Train, Self), CommandError> {
        let path = directory.join(FILE);
        let checkpoint = Checkpoint::read(&path)?;
        let content = || CheckpointError {
            path: path.clone(),
            problem: CheckpointProblem::Content,
        };
        let recorded = Train::from_record(&checkpoint.head.options).ok_or_else(content)?;
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
                "--out: expected {}, whose run goes on, not {}",
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
                "--resume: the run in {} is finished, of {before} epoch{}; {option} with a larger number extends it",
                shown(&directory),
                if before == 1 { "" } else { "s" }
            )));
        }
        let mut options = recorded;
        options.epochs = Some(epochs);
        options.threads = given.threads;
        options.json = given.json;
        options.out = directory.to_owned();
        options.force = true;
        if given.data.data.is_some() {
            options.data.data.clone_from(&given.data.data);
        }
        options.patience = given.patience.or(options.patience);
        options.checkpoint_every = given.checkpoint_every.or(options.checkpoint_every);
        Ok((options, Self { path, checkpoint }))
    }

    /// What the checkpoint holds of the run, which learns from `data`.
    pub(crate) fn body<B: DeserializeOwned>(&self, data: &Dataset) -> Result<B, CommandError> {
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

    /// What is wrong with a state that does not fit its own settings.
    pub(crate) fn refuse(&self, error: impl std::fmt::Display) -> CommandError {
        CommandError::usage(format!("{}: {error}", shown(&self.path)))
    }
}

/// Refuses to begin in a directory that has the checkpoint of another run.
pub(crate) fn refuse_other(options: &Train) -> Result<(), CommandError> {
    let path = options.out.join(FILE);
    match path.symlink_metadata() {
        Ok(found) if !found.is_file() => return Err(OutputError::NotAFile(path).into()),
        Ok(_) if !options.force => {}
        _ => return Ok(()),
    }
    let out = shown(&options.out);
    Err(CommandError::usage(format!(
        "{} exists already; --resume {out} goes on with that run, --force replaces it",
        shown(&path)
    )))
}

/// The checkpoints that a run writes.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    path: PathBuf,
    head: Head,
    every: Option<usize>,
    last: Instant,
}

impl Checkpoints {
    /// Those of a run of `options`, all of which are set, on `data`.
    pub(crate) fn new(options: &Train, data: &Dataset) -> Self {
        Self {
            path: options.out.join(FILE),
            head: Head {
                options: options.record(),
                data: DataIdentity::of(data),
                finished: false,
            },
            every: options.checkpoint_every,
            last: Instant::now(),
        }
    }

    /// Whether the end of epoch `epoch`, from 1, of `epochs` is the time for one. The last epoch's is written after its
    /// results.
    pub(crate) fn is_due(&self, epoch: usize, epochs: usize) -> bool {
        let due = match self.every {
            Some(every) => epoch.is_multiple_of(every),
            None => self.last.elapsed() >= INTERVAL,
        };
        due && epoch < epochs
    }

    /// Writes one in the place of the last; `finished` says whether the run is over.
    pub(crate) fn write<B: Serialize>(
        &mut self,
        body: &B,
        finished: bool,
    ) -> Result<(), CommandError> {
        self.head.finished = finished;
        replace_file(&self.path, &seal(&self.head, body)).map_err(CommandError::failed)?;
        self.last = Instant::now();
        Ok(())
    }
}

/// What is said of a run that goes on after so many epochs of all.
pub(crate) fn resumed(over: usize, epochs: usize) -> String {
    format!("going on after {over} of {epochs} epochs")
}

/// How an interrupted run ends: what was learned, and how to go on.
pub(crate) fn interrupted(options: &Train, epoch: usize) -> CommandError {
    let out = shown(&options.out);
    CommandError::Interrupted(format!(
        "interrupted in epoch {epoch}; {out} holds what was learned; `bitspin rbm train --resume {out}` goes on"
    ))
}
