//! Results on disk, all or nothing.
//!
//! Files are collected in memory while the work runs, staged beside their destination when it is done, and renamed into
//! place. So a run that fails, or is killed, leaves behind neither half a file nor a mixture of old and new ones, and
//! what an earlier run wrote is only replaced once all of its successor is on the disk. Whether the destination can
//! be written at all is tried before the work begins.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use tempfile::{TempDir, TempPath};
use thiserror::Error;

/// Why results cannot be written. Every message is one line and names the path.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OutputError {
    /// A file is there already, and it was not asked to be replaced.
    #[error("{} exists already; give --force to replace it", .0.display())]
    Exists(PathBuf),
    /// Something that is not a plain file (a directory, a device, a link) stands where a file should go.
    #[error("{} exists and is not a plain file; it is not replaced", .0.display())]
    NotAFile(PathBuf),
    /// Something that is not a directory stands where one should be.
    #[error("{} is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// The path names no file.
    #[error("{:?} does not name a file", .0.display())]
    NoFileName(PathBuf),
    /// The system refused.
    #[error("cannot write {}: {error}", path.display())]
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
    /// [`OutputError`] if one of `names` exists and `force` is not given, if it exists and is no plain file, if `path` is
    /// not a directory, or if the system does not let us write there.
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
        let staging = tempfile::Builder::new()
            .prefix(".bitspin-")
            .tempdir_in(&self.path)
            .map_err(fail)?;
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

/// Where a file of this path lies: `.` for a bare name.
fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A new file with the permissions that files here have by default, on the disk when this returns.
fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Directories that did not exist. Dropped without `keep`, those that are still empty are removed.
#[derive(Debug)]
struct MadeDirectories(Vec<PathBuf>);

impl MadeDirectories {
    fn make(path: &Path) -> Result<Self, OutputError> {
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

    fn keep(mut self) {
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
struct Replacement(Vec<(PathBuf, Option<PathBuf>)>);

impl Replacement {
    /// Renames `staged` to `target`. An earlier file is first linked (or copied, where links are not to be had) to
    /// `backup`, so that there is no moment at which neither stands at `target`.
    fn put(&mut self, staged: &Path, target: &Path, backup: &Path, force: bool) -> io::Result<()> {
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

    fn keep(mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and contents of everything below `path`, directories with `None`.
    fn tree(path: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.push((path.clone(), None));
                found.extend(tree(&path));
            } else {
                let bytes = fs::read(&path).unwrap();
                found.push((path, Some(bytes)));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn nothing_is_left_before_the_commit_and_all_after_it() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/c");
        let mut output = OutputDirectory::create(&path, &["x", "y"], false).unwrap();
        output.add("x", vec![0]).unwrap();
        output.add("y", vec![2]).unwrap();
        output.add("x", vec![1]).unwrap();
        assert_eq!(tree(root.path()), []);
        let written = output.commit().unwrap();
        assert_eq!(written, [path.join("y"), path.join("x")]);
        assert_eq!(
            tree(&path),
            [
                (path.join("x"), Some(vec![1])),
                (path.join("y"), Some(vec![2]))
            ]
        );
        drop(OutputDirectory::create(root.path().join("d"), &[], false).unwrap());
        assert!(!root.path().join("d").exists());
    }

    #[test]
    fn earlier_results_are_kept_without_force() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("other"), "kept").unwrap();
        fs::write(root.path().join("y"), "old").unwrap();
        let before = tree(root.path());
        let error = OutputDirectory::create(root.path(), &["x", "y"], false).unwrap_err();
        assert!(matches!(&error, OutputError::Exists(path) if path.ends_with("y")));
        assert!(!error.to_string().contains('\n'));
        assert_eq!(tree(root.path()), before);
        let mut output = OutputDirectory::create(root.path(), &["x", "y"], true).unwrap();
        output.add("x", b"new".to_vec()).unwrap();
        output.add("y", b"new".to_vec()).unwrap();
        output.commit().unwrap();
        assert_eq!(fs::read(root.path().join("y")).unwrap(), b"new");
        assert_eq!(fs::read(root.path().join("other")).unwrap(), b"kept");
        assert_eq!(tree(root.path()).len(), 3);
    }

    #[test]
    fn a_commit_that_fails_midway_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("b"), "old").unwrap();
        let mut output = OutputDirectory::create(root.path(), &["a", "b", "c"], true).unwrap();
        for name in ["a", "b", "c"] {
            output.add(name, b"new".to_vec()).unwrap();
        }
        // Between the check and the commit a directory comes to stand in the way of the last file.
        fs::create_dir(root.path().join("c")).unwrap();
        let before = tree(root.path());
        assert!(matches!(output.commit(), Err(OutputError::NotAFile(_))));
        assert_eq!(tree(root.path()), before);
    }

    #[test]
    fn a_file_that_appears_during_the_work_is_not_lost() {
        let root = tempfile::tempdir().unwrap();
        let output = OutputFile::create(root.path().join("x"), false).unwrap();
        fs::write(root.path().join("x"), "theirs").unwrap();
        assert!(matches!(output.commit(vec![]), Err(OutputError::Exists(_))));
        assert_eq!(fs::read(root.path().join("x")).unwrap(), b"theirs");
    }

    #[test]
    fn impossible_places_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [file.clone(), file.join("below"), file.join("far/below")] {
            let error = OutputDirectory::create(path, &["x"], true).unwrap_err();
            assert!(
                matches!(&error, OutputError::NotADirectory(p) if *p == file),
                "{error}"
            );
        }
        assert!(OutputDirectory::create("", &["x"], true).is_err());
        for name in ["", ".", "..", "a/b", "/a", "a/", "a/."] {
            let error = OutputDirectory::create(root.path(), &[name], true).unwrap_err();
            assert!(matches!(error, OutputError::NoFileName(_)), "{name}");
        }
        for path in ["", "/", "x/..", "x/", "x/."] {
            let error = OutputFile::create(path, true).unwrap_err();
            assert!(matches!(error, OutputError::NoFileName(_)), "{path}");
        }
        let error = write_file_atomically(root.path(), vec![], true).unwrap_err();
        assert!(matches!(error, OutputError::NotAFile(_)), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_links_are_not_replaced() {
        let error = OutputFile::create("/dev/null", true).unwrap_err();
        assert!(matches!(error, OutputError::NotAFile(_)), "{error}");
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("nowhere", root.path().join("x")).unwrap();
        let error = OutputFile::create(root.path().join("x"), true).unwrap_err();
        assert!(matches!(error, OutputError::NotAFile(_)), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn files_have_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            let found = fs::metadata(root.path().join(name)).unwrap();
            found.permissions().mode()
        };
        fs::write(root.path().join("plain"), "").unwrap();
        fs::create_dir(root.path().join("plain-directory")).unwrap();
        write_file_atomically(root.path().join("made/x"), vec![], false).unwrap();
        assert_eq!(mode("made/x"), mode("plain"));
        assert_eq!(mode("made"), mode("plain-directory"));
    }
}
