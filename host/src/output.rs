//! Results on disk, all or nothing.
//!
//! Files are collected in memory while the work runs, staged beside their destination when it is done, and renamed into
//! place. So a run that fails, or is killed, leaves behind neither half a file nor a mixture of old and new ones, and
//! what an earlier run wrote is only replaced once all of its successor is on the disk. Whether the destination can
//! be written at all is tried before the work begins.

use crate::display::shown;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;
use thiserror::Error;

use place::{MadeDirectories, Replacement, write_synced};

mod place;

/// Why results cannot be written. Every message is one line and names the path.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OutputError {
    /// A file is there already, and it was not asked to be replaced.
    #[error("{} exists already; give --force to replace it", shown(.0))]
    Exists(PathBuf),
    /// Something that is not a plain file (a directory, a device, a link) stands where a file should go.
    #[error("{} exists and is not a plain file; it is not replaced", shown(.0))]
    NotAFile(PathBuf),
    /// Something that is not a directory stands where one should be.
    #[error("{} is not a directory", shown(.0))]
    NotADirectory(PathBuf),
    /// The path names no file, or no directory where one is meant.
    #[error("{:?} names nothing that could be written", shown(.0))]
    NoFileName(PathBuf),
    /// The system refused.
    #[error("cannot write {}: {error}", shown(path))]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the system answered.
        error: io::Error,
    },
}

/// A directory of results that appears whole or not at all.
///
/// ```
/// use bitspin::output::OutputDirectory;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("results");
/// let mut output = OutputDirectory::create(&path, &["model.bin", "metrics.csv"], false)?;
/// // ... hours of work; nothing is on the disk yet ...
/// output.add("model.bin", vec![1, 2, 3])?;
/// output.add("metrics.csv", b"epoch\n1\n".to_vec())?;
/// output.commit()?;
/// assert_eq!(std::fs::read(path.join("model.bin"))?, [1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OutputDirectory {
    path: PathBuf,
    force: bool,
    files: Vec<(OsString, Vec<u8>)>,
}

impl OutputDirectory {
    /// Makes sure that `names` can be written into the directory `path`, which need not exist yet, nor its parents.
    /// Nothing stays on the disk before [`commit`](Self::commit).
    ///
    /// # Errors
    /// [`OutputError`] if one of `names` exists and `force` is not given, if it exists and is no plain file, if `path`
    /// is not a directory, or if the system does not let us write there.
    pub fn create(
        path: impl Into<PathBuf>,
        names: &[&str],
        force: bool,
    ) -> Result<Self, OutputError> {
        let output = Self {
            path: path.into(),
            force,
            files: Vec::new(),
        };
        if output.path.as_os_str().is_empty() {
            return Err(OutputError::NoFileName(output.path));
        }
        for name in names {
            output.check(name.as_ref())?;
        }
        // Dropping both at the end of this function takes them away again.
        let made = MadeDirectories::make(&output.path)?;
        let staging = output.stage()?;
        drop(staging);
        drop(made);
        Ok(output)
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
        self.insert(name.as_ref(), bytes)
    }

    fn insert(&mut self, name: &OsStr, bytes: Vec<u8>) -> Result<(), OutputError> {
        self.check(name)?;
        self.files.retain(|(other, _)| other != name);
        self.files.push((name.to_owned(), bytes));
        Ok(())
    }

    /// Writes the files and returns their paths, in the order in which they were added. If it fails, the directory is
    /// as it was.
    ///
    /// # Errors
    /// [`OutputError`] if the system does not let us, or if a file has come to stand where one of ours should go.
    pub fn commit(self) -> Result<Vec<PathBuf>, OutputError> {
        let made = MadeDirectories::make(&self.path)?;
        let staging = self.stage()?;
        for (name, bytes) in &self.files {
            let path = staging.path().join(name);
            write_synced(&path, bytes).map_err(|error| self.error(name, error))?;
        }
        let mut replacement = Replacement::default();
        for (name, _) in &self.files {
            self.check(name)?;
            let target = self.path.join(name);
            let backup = staging.path().join("replaced").join(name);
            replacement
                .put(&staging.path().join(name), &target, &backup, self.force)
                .map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => OutputError::Exists(target.clone()),
                    _ => self.error(name, error),
                })?;
        }
        replacement.keep();
        made.keep();
        Ok(self.files.iter().map(|(n, _)| self.path.join(n)).collect())
    }

    /// Whether `name` can be put into the directory as far as can be seen without writing.
    fn check(&self, name: &OsStr) -> Result<(), OutputError> {
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
            Ok(_) if !self.force => Err(OutputError::Exists(target)),
            _ => Ok(()),
        }
    }

    /// A new directory inside ours: on the same file system, so that renaming is atomic.
    fn stage(&self) -> Result<TempDir, OutputError> {
        let fail = |error| OutputError::Io {
            path: self.path.clone(),
            error,
        };
        // The error names the temporary directory, which means nothing to a user; its kind says enough.
        let staging = tempfile::Builder::new()
            .prefix(".bitspin-")
            .tempdir_in(&self.path)
            .map_err(|error| fail(error.kind().into()))?;
        fs::create_dir(staging.path().join("replaced")).map_err(fail)?;
        Ok(staging)
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
        let directory = OutputDirectory::create(parent(path), &[], force)?;
        directory.check(&name)?;
        Ok(Self { directory, name })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// As [`OutputDirectory::commit`].
    pub fn commit(mut self, bytes: Vec<u8>) -> Result<(), OutputError> {
        self.directory.insert(&self.name, bytes)?;
        self.directory.commit().map(|_| ())
    }
}

/// Writes one file whole, replacing an earlier one only with `force`.
///
/// # Errors
/// As [`OutputDirectory::create`] and [`OutputDirectory::commit`].
pub fn write_file_atomically(
    path: impl AsRef<Path>,
    bytes: Vec<u8>,
    force: bool,
) -> Result<(), OutputError> {
    OutputFile::create(path, force)?.commit(bytes)
}

/// Writes a file in one step in the place of the one that is there, if any: written beside it, synced and renamed. A program
/// that is killed meanwhile leaves the earlier file, and perhaps one beside it whose name ends in `.new`, which the next call
/// replaces. For files that are replaced again and again by one program.
///
/// # Errors
/// [`OutputError`] if the system does not let us, or something other than a plain file stands there.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let fail = |error| OutputError::Io {
        path: path.to_owned(),
        error,
    };
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return Err(OutputError::NotAFile(path.to_owned()));
    }
    let name = path
        .file_name()
        .ok_or_else(|| OutputError::NoFileName(path.to_owned()))?;
    let mut beside = name.to_owned();
    beside.push(".new");
    let beside = path.with_file_name(beside);
    let made = MadeDirectories::make(parent(path))?;
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
        _ => {}
    }
    write_synced(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .inspect_err(|_| {
            let _ = fs::remove_file(&beside);
        })
        .map_err(fail)?;
    made.keep();
    // So that the new name outlives a loss of power; where directories cannot be opened, there is nothing to be done.
    let _ = fs::File::open(parent(path)).and_then(|directory| directory.sync_all());
    Ok(())
}

/// Where a file of this path lies: `.` for a bare name.
fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests;
