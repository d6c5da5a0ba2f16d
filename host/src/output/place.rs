//! Directories that are made for results, and unmade if there are none.

use std::fs;
use std::path::{Path, PathBuf};

use super::{OutputError, parent};

/// Directories that did not exist. Dropped without `keep`, those that are still empty are removed.
#[derive(Debug, Default)]
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
