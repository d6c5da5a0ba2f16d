//! The steps of putting files into place, each of which undoes itself unless it is told to stand.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::{OutputError, parent};

/// A new file with the permissions that files here have by default, on the disk when this returns.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Directories that did not exist. Dropped without `keep`, those that are still empty are removed.
#[derive(Debug)]
pub(super) struct MadeDirectories(Vec<PathBuf>);

impl MadeDirectories {
    /// Makes `path` and whatever parents it lacks.
    pub(super) fn make(path: &Path) -> Result<Self, OutputError> {
        let mut missing = Vec::new();
        let mut at = path;
        while !at.as_os_str().is_empty() && !at.exists() {
            missing.push(at.to_owned());
            at = parent(at);
        }
        if !at.is_dir() {
            return Err(OutputError::NotADirectory(at.to_owned()));
        }
        let mut made = Self(Vec::new());
        for directory in missing.into_iter().rev() {
            match fs::create_dir(&directory) {
                Ok(()) => made.0.push(directory),
                // "new/." and "new/" name one directory.
                Err(_) if directory.is_dir() => {}
                Err(error) => {
                    return Err(OutputError::Io {
                        path: directory,
                        error,
                    });
                }
            }
        }
        Ok(made)
    }

    /// Lets what was done stand.
    pub(super) fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for MadeDirectories {
    fn drop(&mut self) {
        for directory in self.0.iter().rev() {
            let _ = fs::remove_dir(directory);
        }
    }
}

/// Files moved into place so far. Dropped without `keep`, what stood there before is put back.
#[derive(Debug, Default)]
pub(super) struct Replacement(Vec<(PathBuf, Option<PathBuf>)>);

impl Replacement {
    /// Renames `staged` to `target`. An earlier file is first linked (or copied, where links are not to be had) to
    /// `backup`, so that there is no moment at which neither stands at `target`.
    pub(super) fn put(
        &mut self,
        staged: &Path,
        target: &Path,
        backup: &Path,
        force: bool,
    ) -> io::Result<()> {
        if force && target.exists() {
            fs::hard_link(target, backup).or_else(|_| fs::copy(target, backup).map(|_| ()))?;
            fs::rename(staged, target)?;
            self.0.push((target.to_owned(), Some(backup.to_owned())));
        } else {
            TempPath::try_from_path(staged)?
                .persist_noclobber(target)
                .map_err(|refused| refused.error)?;
            self.0.push((target.to_owned(), None));
        }
        Ok(())
    }

    /// Lets what was done stand.
    pub(super) fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        for (target, backup) in self.0.iter().rev() {
            let _ = match backup {
                Some(backup) => fs::rename(backup, target),
                None => fs::remove_file(target),
            };
        }
    }
}
