//! The lock of a directory of results: one run at a time writes there.
//!
//! It is a lock on a file in the directory. The file names the holder; it is removed when the run is over, and one that
//! a killed run left behind is taken over by the next.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::OutputError;
use super::file_lock::try_lock;
use super::place::MadeDirectories;
use super::staging::{clean, recover};
use crate::console;
use crate::display::{duration, shortened, shown};

/// The file that is locked.
const NAME: &str = ".bitspin.lock";

/// The most bytes that are read of it.
const MOST_BYTES: u64 = 1 << 16;

/// The run that holds a lock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// When it took the lock, in seconds since 1970.
    pub started: u64,
    /// Its command line.
    pub command: String,
}

impl Holder {
    /// This process.
    fn this() -> Self {
        let words = std::env::args_os().map(|word| shown(&word).to_string());
        Self {
            pid: std::process::id(),
            started: seconds_since_1970(),
            command: words.collect::<Vec<_>>().join(" "),
        }
    }

    fn read(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?.take(MOST_BYTES);
        serde_json::from_reader(file).ok()
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let age = seconds_since_1970().saturating_sub(self.started);
        let age = duration(Duration::from_secs(age));
        let command = shortened(&self.command, 200);
        write!(f, "process {}, started {age} ago: {command}", self.pid)
    }
}

fn seconds_since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// The lock of a directory, for as long as this value lives.
#[derive(Debug)]
pub struct RunLock {
    directory: PathBuf,
    /// `None` on a file system that has no locks.
    file: Option<File>,
    made: MadeDirectories,
}

impl RunLock {
    /// Locks `directory`, which is made if it does not exist; finishes what a killed run began to replace there, and removes
    /// what it left behind.
    ///
    /// # Errors
    /// [`OutputError::InUse`] if another run holds the lock, or what keeps us from writing there.
    pub fn acquire(directory: &Path) -> Result<Self, OutputError> {
        let made = MadeDirectories::make(directory)?;
        let path = directory.join(NAME);
        let fail = |error| OutputError::Io {
            path: directory.to_owned(),
            error,
        };
        let file = match try_lock(&path) {
            Ok(Some(file)) => Some(file),
            Ok(None) => {
                return Err(OutputError::InUse {
                    path: directory.to_owned(),
                    holder: Holder::read(&path),
                });
            }
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                let directory = shown(directory);
                console::warning(format_args!(
                    "{directory}: its file system has no locks; let no other run write there"
                ));
                None
            }
            Err(error) => return Err(fail(error)),
        };
        let lock = Self {
            directory: directory.to_owned(),
            file,
            made,
        };
        if let Some(mut file) = lock.file.as_ref() {
            let text = serde_json::to_vec(&Holder::this()).unwrap_or_default();
            file.set_len(0)
                .and_then(|()| file.write_all(&text))
                .map_err(fail)?;
        }
        recover(directory)
            .and_then(|()| clean(directory))
            .map_err(fail)?;
        Ok(lock)
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Lets the directory stay, also if nothing is in it.
    pub(super) fn keep_directory(&mut self) {
        std::mem::take(&mut self.made).keep();
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // While it is still locked, so that it cannot be another's.
        if self.file.is_some() {
            let _ = fs::remove_file(self.directory.join(NAME));
        }
    }
}
