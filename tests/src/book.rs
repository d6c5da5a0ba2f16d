//! The documents of the repository: their commands, the output that these print and the pictures that they write.
//!
//! A fence `console` holds commands, each followed by what it prints. A comment right before the fence changes how it is
//! treated ([`Mark`]); a comment `<!-- picture NAME FILE -->` right after it names a picture that its commands wrote,
//! which belongs to `docs/pictures`.

mod compare;
mod console;
mod links;
mod page;
mod remake;
mod shell;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{io, thread};

pub use links::broken;
pub use page::{Fence, Mark, Page, Picture};
use remake::remake;
pub use remake::{Done, Scope};
pub use shell::commands;

/// Documents outside of `docs`.
const OUTSIDE: [&str; 7] = [
    "README.md",
    "CONTRIBUTING.md",
    "benches/README.md",
    "core/README.md",
    "firmware-example/README.md",
    "host/README.md",
    "host/data/README.md",
];

/// Top folder of the repository.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies in the workspace")
}

/// Folder of the pictures, relative to `root`.
pub const PICTURES: &str = "docs/pictures";

/// Every document below `root`, in the order of their paths.
///
/// # Errors
/// If a file cannot be read.
pub fn pages(root: &Path) -> io::Result<Vec<Page>> {
    let mut paths: Vec<PathBuf> = OUTSIDE.iter().map(PathBuf::from).collect();
    paths.retain(|path| root.join(path).exists());
    below(root, Path::new("docs"), &mut paths)?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    paths.iter().map(|path| Page::read(root, path)).collect()
}

/// Adds every file below `folder`, relative to `root`.
fn below(root: &Path, folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    if !root.join(folder).is_dir() {
        return Ok(());
    }
    for entry in root.join(folder).read_dir()? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            below(root, &path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

/// Makes the pages again, one per core at a time.
///
/// # Errors
/// If a folder or a process cannot be made.
///
/// # Panics
/// If a worker does.
pub fn remake_all<'a>(
    root: &Path,
    pages: &[&'a Page],
    bitspin: &Path,
    scope: &Scope,
) -> io::Result<Vec<(&'a Page, Done)>> {
    let queue = Mutex::new(pages.iter());
    let work = || {
        let mut made = Vec::new();
        loop {
            let next = queue.lock().expect("no worker panics").next();
            let Some(page) = next else { return Ok(made) };
            made.push((*page, remake(root, page, bitspin, scope)?));
        }
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let made: io::Result<Vec<_>> = workers
            .into_iter()
            .map(|worker| worker.join().expect("no worker panics"))
            .collect();
        Ok(made?.into_iter().flatten().collect())
    })
}
