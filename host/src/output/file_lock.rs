//! Advisory locks of the operating system on files, which end with the process that holds them, however that ends.

#[cfg(unix)]
use std::fs;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::display::shown;

/// Makes the file `path` if it is not there, and locks it; `None` if it is locked already.
pub(super) fn try_lock(path: &Path) -> io::Result<Option<File>> {
    loop {
        if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            let name = shown(path);
            return Err(io::Error::other(format!("{name} is not a plain file")));
        }
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(false);
        let file = file.open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever held it before may have removed it between our opening and our locking.
        if is_at(&file, path) {
            return Ok(Some(file));
        }
    }
}

/// Whether an open file is still the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(open), Ok(there)) => identity(open) == identity(there),
        _ => false,
    }
}

/// Whether an open file is still the one at `path`: open files cannot be removed elsewhere.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
