//! Results on disk, all or nothing.
//!
//! Files are collected in memory while the work runs, staged beside their destination when it is done, and renamed into
//! place. So a run that fails, or is killed, leaves behind neither half a file nor a mixture of old and new ones, and
//! what an earlier run wrote is only replaced once all of its successor is on the disk. What a killed process had decided to
//! replace is replaced by the next one that reads or writes there. A directory of results is locked
//! while a run lasts. Whether the destination can be written at all is tried before the work begins.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use crate::display::shown;
use place::MadeDirectories;
use staging::Staging;

mod file_lock;
mod lock;
mod place;
mod staging;

pub use lock::{Holder, RunLock};
pub(crate) use staging::recover_once;

/// Why results cannot be written. Every message is one line and names the path.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OutputError {
    /// A file is there already, and it was not asked to be replaced.
    #[error("{} exists already", shown(.0))]
    Exists(PathBuf),
    /// Something that is not a plain file (a directory, a device, a link) stands where a file should go.
    #[error("{} exists and is not a plain file; it is not replaced", shown(.0))]
    NotAFile(PathBuf),
    /// Something that is not a directory stands where one should be.
    #[error("{} is not a directory", shown(.0))]
    NotADirectory(PathBuf),
    /// The path names no file, or no directory where one is meant.
    #[error("'{}' names nothing that could be written", shown(.0))]
    NoFileName(PathBuf),
    /// Another run holds the directory.
    #[error("{}: another run writes there{}", shown(path), .holder.as_ref().map_or(String::new(), |holder| format!(" ({holder})")))]
    InUse {
        /// The directory.
        path: PathBuf,
        /// That run, where it is known.
        holder: Option<Holder>,
    },
    /// The system refused.
    #[error("cannot write {}: {error}", shown(path))]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the system answered.
        error: io::Error,
    },
}

/// Results that could not be written when the work was done: a failure of the run, not of what it was given.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct CommitError(#[from] pub OutputError);

/// A directory of results that appears whole or not at all, locked until it does.
///
/// ```
/// use bitspin::output::OutputDirectory;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("results");
/// let mut output = OutputDirectory::create(&path, &["model.bin", "metrics.csv"], false)?;
/// // ... hours of work; nothing but a lock is on the disk yet ...
/// output.add("model.bin", vec![1, 2, 3])?;
/// output.add("metrics.csv", b"epoch\n1\n".to_vec())?;
/// output.commit()?;
/// assert_eq!(std::fs::read(path.join("model.bin"))?, [1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OutputDirectory {
    path: PathBuf,
    /// Of a directory whose files belong together, and not of one that a single file goes to.
    lock: Option<RunLock>,
    force: bool,
    files: Vec<Planned>,
}

/// A file that is to be written.
#[derive(Debug)]
struct Planned {
    name: OsString,
    bytes: Vec<u8>,
    /// Whether it may replace one that is there.
    force: bool,
}

impl OutputDirectory {
    /// Locks the directory `path`, which need not exist yet, nor its parents, and makes sure that `names` can be written
    /// there. Nothing stays on the disk before [`commit`](Self::commit) if this value is dropped.
    ///
    /// # Errors
    /// [`OutputError`] if one of `names` exists and `force` is not given, if it exists and is no plain file, if `path`
    /// is not a directory, if another run holds it, or if the system does not let us write there.
    pub fn create(
        path: impl Into<PathBuf>,
        names: &[&str],
        force: bool,
    ) -> Result<Self, OutputError> {
        let path = path.into();
        if path.as_os_str().is_empty() {
            return Err(OutputError::NoFileName(path));
        }
        Self::with_lock(RunLock::acquire(&path)?, names, force)
    }

    /// The same in a directory that is locked already.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn with_lock(lock: RunLock, names: &[&str], force: bool) -> Result<Self, OutputError> {
        let output = Self {
            path: lock.directory().to_owned(),
            lock: Some(lock),
            force,
            files: Vec::new(),
        };
        for name in names {
            output.check(name.as_ref(), force)?;
        }
        output.try_staging()?;
        Ok(output)
    }

    /// A directory for a single file, which is not locked: its name is taken in one step.
    fn unlocked(path: &Path, force: bool) -> Result<Self, OutputError> {
        let output = Self {
            path: path.to_owned(),
            lock: None,
            force,
            files: Vec::new(),
        };
        // Dropping it at the end of this function takes it away again.
        let made = MadeDirectories::make(path)?;
        staging::recover(path)
            .and_then(|()| staging::clean(path))
            .map_err(|error| output.fail(error))?;
        output.try_staging()?;
        drop(made);
        Ok(output)
    }

    /// Makes sure that the directory can be written.
    fn try_staging(&self) -> Result<(), OutputError> {
        Staging::new(&self.path)
            .map(drop)
            .map_err(|error| self.fail(error))
    }

    fn fail(&self, error: io::Error) -> OutputError {
        OutputError::Io {
            path: self.path.clone(),
            error,
        }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a file, or replaces what was added under the same name. It is held in memory.
    ///
    /// # Errors
    /// [`OutputError`] if `name` is not a plain file name, or is taken: as in [`create`](Self::create).
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), OutputError> {
        self.insert(name.as_ref(), bytes, self.force)
    }

    /// Adds a file that the run itself has written before, perhaps: one that is there is replaced.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn replace(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), OutputError> {
        self.insert(name.as_ref(), bytes, true)
    }

    fn insert(&mut self, name: &OsStr, bytes: Vec<u8>, force: bool) -> Result<(), OutputError> {
        self.check(name, force)?;
        self.files.retain(|other| other.name != name);
        self.files.push(Planned {
            name: name.to_owned(),
            bytes,
            force,
        });
        Ok(())
    }

    /// Writes the files and returns their paths, in the order in which they were added. If it fails, the directory is
    /// as it was.
    ///
    /// # Errors
    /// [`CommitError`] if the system does not let us, or if a file has come to stand where one of ours should go.
    pub fn commit(mut self) -> Result<Vec<PathBuf>, CommitError> {
        let made = MadeDirectories::make(&self.path)?;
        let staging = Staging::new(&self.path).map_err(|error| self.fail(error))?;
        for file in &self.files {
            let written = staging.write(&file.name, &file.bytes);
            written.map_err(|error| self.error(&file.name, error))?;
        }
        for file in &self.files {
            self.check(&file.name, file.force)?;
        }
        let names: Vec<_> = (self.files.iter())
            .map(|file| (file.name.as_os_str(), file.force))
            .collect();
        staging.commit(&names).map_err(|(name, error)| {
            let path = self.path.join(&name);
            match error.kind() {
                io::ErrorKind::AlreadyExists => OutputError::Exists(path),
                _ => self.error(&name, error),
            }
        })?;
        made.keep();
        let paths = names.iter().map(|(name, _)| self.path.join(name)).collect();
        if let Some(lock) = &mut self.lock {
            lock.keep_directory();
        }
        Ok(paths)
    }

    /// Whether `name` can be put into the directory as far as can be seen without writing.
    fn check(&self, name: &OsStr, force: bool) -> Result<(), OutputError> {
        let mut components = Path::new(name).components();
        let plain = matches!(
            (components.next(), components.next()),
            (Some(Component::Normal(only)), None) if only == name
        );
        if !plain {
            return Err(OutputError::NoFileName(PathBuf::from(name)));
        }
        let target = self.path.join(name);
        match fs::symlink_metadata(&target) {
            Ok(found) if !found.is_file() => Err(OutputError::NotAFile(target)),
            Ok(_) if !force => Err(OutputError::Exists(target)),
            _ => Ok(()),
        }
    }

    fn error(&self, name: &OsStr, error: io::Error) -> OutputError {
        OutputError::Io {
            path: self.path.join(name),
            error,
        }
    }
}

/// A single file that appears whole or not at all.
#[derive(Debug)]
pub struct OutputFile {
    directory: OutputDirectory,
    name: OsString,
}

impl OutputFile {
    /// Makes sure that the file `path` can be written; missing parents are made when it is.
    ///
    /// # Errors
    /// As [`OutputDirectory::create`].
    pub fn create(path: impl AsRef<Path>, force: bool) -> Result<Self, OutputError> {
        let path = path.as_ref();
        // "file/" has a file name for the standard library, but means a directory to whoever wrote it.
        let bytes = path.as_os_str().as_encoded_bytes();
        let name = match path.file_name() {
            Some(name) if bytes.ends_with(name.as_encoded_bytes()) => name.to_owned(),
            _ => return Err(OutputError::NoFileName(path.to_owned())),
        };
        let directory = OutputDirectory::unlocked(parent(path), force)?;
        directory.check(&name, force)?;
        Ok(Self { directory, name })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// As [`OutputDirectory::commit`].
    pub fn commit(mut self, bytes: Vec<u8>) -> Result<(), CommitError> {
        let force = self.directory.force;
        self.directory.insert(&self.name, bytes, force)?;
        self.directory.commit().map(|_| ())
    }
}

/// Writes a file in one step in the place of the one that is there, if any. A program that is killed meanwhile leaves the
/// earlier file. For files that are replaced again and again by one program.
///
/// # Errors
/// [`CommitError`] if the system does not let us, or something other than a plain file stands there.
pub fn replace_file(path: &Path, bytes: Vec<u8>) -> Result<(), CommitError> {
    OutputFile::create(path, true)?.commit(bytes)
}

/// Where a file of this path lies: `.` for a bare name.
fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests;
