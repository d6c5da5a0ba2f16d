//! Files that are written aside and then put into place together, also if the process is killed meanwhile.
//!
//! A directory `.bitspin-RANDOM` inside the destination takes the new files (`new/`), a second link to each file that
//! one of them replaces (`old/`), and an empty file for each that replaces none (`fresh/`). When all of it is on the disk the
//! directory is renamed to `.bitspin-commit-RANDOM`. That one step decides: from then on the files of `new/` are moved
//! to their places, by this process or, if it dies, by the next that reads or writes there ([`recover`]). A move that
//! fails is taken back: the directory is renamed to `.bitspin-undo-RANDOM`, and what stood there before is put back in
//! the same manner. `lock` in the directory is locked while its owner lives, so that one without an owner is known.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempPath;

use super::file_lock::try_lock;

/// How the directories are called: before the decision, after it, and when it is taken back.
const STAGED: &str = ".bitspin-";
const COMMIT: &str = ".bitspin-commit-";
const UNDO: &str = ".bitspin-undo-";

const NEW: &str = "new";
const OLD: &str = "old";
const FRESH: &str = "fresh";
const LOCK: &str = "lock";

/// How long a process that moves its files into place is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The age from which a directory without a lock is abandoned: its owner locks it right after making it.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Files that are not in place yet. Dropped, they are gone.
#[derive(Debug)]
pub(super) struct Staging {
    directory: PathBuf,
    path: PathBuf,
    /// Held until the end; `None` on a file system without locks.
    _lock: Option<File>,
}

impl Staging {
    /// A new directory inside `directory`: on the same file system, so that renaming is atomic.
    pub(super) fn new(directory: &Path) -> io::Result<Self> {
        loop {
            let made = tempfile::Builder::new()
                .prefix(STAGED)
                .tempdir_in(directory);
            // The error names the temporary directory, which means nothing to a user; its kind says enough.
            let path = made.map_err(|error| io::Error::from(error.kind()))?.keep();
            let lock = match try_lock(&path.join(LOCK)) {
                Ok(Some(lock)) => Some(lock),
                Err(error) if error.kind() == ErrorKind::Unsupported => None,
                // Another process took it for abandoned: once more.
                Ok(None) => continue,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => {
                    let _ = fs::remove_dir_all(&path);
                    return Err(error);
                }
            };
            let staging = Self {
                directory: directory.to_owned(),
                path,
                _lock: lock,
            };
            for part in [NEW, OLD, FRESH] {
                fs::create_dir(staging.path.join(part))?;
            }
            step();
            return Ok(staging);
        }
    }

    /// Writes a new file, with the permissions that files have by default; it is on the disk when this returns.
    pub(super) fn write(&self, name: &OsStr, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create_new(self.path.join(NEW).join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        step();
        Ok(())
    }

    /// Puts files into place, all or none. Each has a name, and whether it may replace an earlier one.
    ///
    /// # Errors
    /// The file that could not be put into place, and why; [`ErrorKind::AlreadyExists`] if another stands there.
    pub(super) fn commit(mut self, files: &[(&OsStr, bool)]) -> Result<(), (OsString, io::Error)> {
        let named = |name: &OsStr| {
            let name = name.to_owned();
            move |error| (name, error)
        };
        if let &[(name, force)] = files {
            // One rename is atomic by itself.
            let done = self.put(name, force).map_err(named(name));
            sync(&self.directory);
            step();
            return done;
        }
        for &(name, force) in files {
            self.keep_old(name, force).map_err(named(name))?;
        }
        for part in [NEW, OLD, FRESH] {
            sync(&self.path.join(part));
        }
        sync(&self.path);
        step();
        let failed = named(files.first().map_or(OsStr::new(""), |file| file.0));
        self.rename_to(COMMIT).map_err(failed)?;
        step();
        for &(name, force) in files {
            if let Err(error) = self.put(name, force) {
                // Should this fail too, the next process that opens the directory tries it again.
                if self.rename_to(UNDO).is_ok() {
                    let _ = undo(&self.directory, &self.path);
                } else {
                    self.path = PathBuf::new();
                }
                return Err(named(name)(error));
            }
            step();
        }
        sync(&self.directory);
        step();
        Ok(())
    }

    /// Notes what stands at the place of `name`.
    fn keep_old(&self, name: &OsStr, force: bool) -> io::Result<()> {
        let target = self.directory.join(name);
        if target.symlink_metadata().is_err() {
            return File::create_new(self.path.join(FRESH).join(name)).map(|_| ());
        }
        if !force {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let kept = self.path.join(OLD).join(name);
        fs::hard_link(&target, &kept).or_else(|_| fs::copy(&target, &kept).map(|_| ()))
    }

    fn put(&self, name: &OsStr, force: bool) -> io::Result<()> {
        put(
            &self.path.join(NEW).join(name),
            &self.directory.join(name),
            force,
        )
    }

    /// Changes the state of the directory, in one step.
    fn rename_to(&mut self, state: &str) -> io::Result<()> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let random = name.rsplit('-').next().unwrap_or_default();
        let path = self.directory.join(format!("{state}{random}"));
        fs::rename(&self.path, &path)?;
        self.path = path;
        sync(&self.directory);
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Moves a file to its place.
fn put(staged: &Path, target: &Path, force: bool) -> io::Result<()> {
    if force && target.symlink_metadata().is_ok_and(|found| found.is_file()) {
        return fs::rename(staged, target);
    }
    TempPath::try_from_path(staged)?
        .persist_noclobber(target)
        .map_err(|refused| {
            // It stays where it is, so that the commit can be taken back.
            let _ = refused.path.keep();
            refused.error
        })
}

/// Lets a directory's entries outlive a loss of power, where the system can do that.
fn sync(directory: &Path) {
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
}

/// Finishes what a process that was killed had begun to put into place in `directory`, or to take back. Waits for a process
/// that is about it.
///
/// # Errors
/// If the system does not let us, or another process takes too long. The directory may then hold old and new files.
pub(super) fn recover(directory: &Path) -> io::Result<()> {
    // A commit may turn into an undo while it is waited for, hence once more.
    for _ in 0..8 {
        let mut found = false;
        for entry in entries(directory)? {
            let path = entry.path();
            let name = entry.file_name();
            let is = |state: &str| name.as_encoded_bytes().starts_with(state.as_bytes());
            if !is(COMMIT) && !is(UNDO) {
                continue;
            }
            found = true;
            let lock = wait_for_owner(&path)?;
            // Its owner may have finished meanwhile.
            if !path.is_dir() {
                continue;
            }
            match is(COMMIT) {
                true => redo(directory, &path)?,
                false => undo(directory, &path)?,
            }
            sync(directory);
            step();
            remove(&path)?;
            drop(lock);
        }
        if !found {
            return Ok(());
        }
    }
    Err(io::Error::other("another process keeps replacing files"))
}

/// [`recover`], once per process and directory: for readers, who open many files of one directory.
pub(crate) fn recover_once(directory: &Path) -> io::Result<()> {
    static SEEN: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Default::default);
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if !seen.contains(directory) {
        recover(directory)?;
        seen.insert(directory.to_owned());
    }
    Ok(())
}

/// Removes what killed processes staged in `directory` and never decided.
pub(super) fn clean(directory: &Path) -> io::Result<()> {
    for entry in entries(directory)? {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(STAGED));
        let is_staged = rest.is_some_and(|rest| rest.len() == 6 && !rest.contains('-'));
        if !is_staged {
            continue;
        }
        let path = entry.path();
        let is_abandoned = match path.join(LOCK).exists() {
            true => matches!(try_lock(&path.join(LOCK)), Ok(Some(_))),
            false => {
                let age = entry.metadata().and_then(|found| found.modified());
                age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > ABANDONED))
            }
        };
        if is_abandoned {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Our directories in `directory`, without following links; none if it does not exist or cannot be listed.
fn entries(directory: &Path) -> io::Result<Vec<DirEntry>> {
    use ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    let read = match fs::read_dir(directory) {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | PermissionDenied) => {
            return Ok(Vec::new());
        }
        read => read?,
    };
    let mut found = Vec::new();
    for entry in read {
        let entry = entry?;
        let ours = entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(STAGED.as_bytes());
        if ours && entry.file_type()?.is_dir() {
            found.push(entry);
        }
    }
    Ok(found)
}

/// Waits until the owner of a directory is dead or done, and holds its lock.
fn wait_for_owner(path: &Path) -> io::Result<Option<File>> {
    const PAUSE: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    while path.join(LOCK).exists() {
        match try_lock(&path.join(LOCK)) {
            Ok(Some(lock)) => return Ok(Some(lock)),
            Err(error) if error.kind() == ErrorKind::Unsupported => break,
            Err(error) if error.kind() == ErrorKind::NotFound => break,
            Err(error) => return Err(error),
            Ok(None) if waited > PATIENCE => {
                return Err(io::Error::other("another process is replacing files there"));
            }
            Ok(None) => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
        }
    }
    Ok(None)
}

/// Moves what is still staged into place. May be done again.
fn redo(directory: &Path, path: &Path) -> io::Result<()> {
    for name in names(&path.join(NEW))? {
        let force = path.join(OLD).join(&name).exists();
        put(&path.join(NEW).join(&name), &directory.join(&name), force)?;
        step();
    }
    Ok(())
}

/// Puts back what stood there before. May be done again.
fn undo(directory: &Path, path: &Path) -> io::Result<()> {
    for name in names(&path.join(OLD))? {
        fs::rename(path.join(OLD).join(&name), directory.join(&name))?;
        step();
    }
    for name in names(&path.join(FRESH))? {
        let staged = path.join(NEW).join(&name);
        if !staged.exists() {
            match fs::rename(directory.join(&name), staged) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => step(),
            }
        }
    }
    Ok(())
}

/// The names of the files in a part of a directory; none if the part has been removed.
fn names(part: &Path) -> io::Result<Vec<OsString>> {
    match fs::read_dir(part) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read?.map(|entry| Ok(entry?.file_name())).collect(),
    }
}

/// Removes a directory, unless another process did.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A point at which tests kill the process: the one whose number, from 1, `BITSPIN_KILL_AT` holds. Release builds have none.
fn step() {
    #[cfg(all(debug_assertions, unix, feature = "cli"))]
    {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static STEPS: AtomicUsize = AtomicUsize::new(0);
        let steps = STEPS.fetch_add(1, Ordering::Relaxed) + 1;
        if std::env::var("BITSPIN_KILL_AT").is_ok_and(|at| at == steps.to_string()) {
            let _ = signal_hook::low_level::raise(signal_hook::consts::SIGKILL);
        }
    }
}
