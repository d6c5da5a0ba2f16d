//! Downloads a data set through the `mnist` crate (cargo feature `download`).
//!
//! The crate panics on every failure, draws its progress on standard output, and waits for ever for a file that ends
//! shorter than it knows it to be, such as an error page; release builds abort on panic. So the download has a process
//! of its own: the program starts itself again, [`run_downloader`] at the head of `main` sees that and downloads into
//! a directory made for it, and [`fetch`] watches, then checks the files with our own reader before it moves them into
//! place. A failure leaves nothing behind.
//!
//! The feature builds libcurl from source (a C compiler) against the system's TLS library: on Debian and Ubuntu
//! `apt-get install gcc pkg-config libssl-dev`; macOS and Windows bring theirs.

use std::env;
use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mnist::MnistBuilder;

use super::directory::{self, STANDARD_NAMES};
use super::{DataError, Dataset};
use crate::console;

/// Set for the process that downloads: the address of the directory to download from, with a slash at its end.
const ADDRESS: &str = "BITSPIN_DOWNLOAD_FROM";

/// A mirror: the crate's default, MNIST's first home, has refused downloads for years.
const MNIST: &str = "https://ossci-datasets.s3.amazonaws.com/mnist/";
const FASHION_MNIST: &str = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";

/// How long the server may send nothing before the download is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Downloads MNIST, or Fashion-MNIST, into `dir` as four raw IDX files (55 MB) under their [`STANDARD_NAMES`].
///
/// `dir` is made if only its last part is missing. The program must call [`run_downloader`] at the head of its `main`.
/// Takes as long as 12 MB (30 MB for Fashion-MNIST) take to arrive, with a progress bar if standard error is a terminal.
///
/// # Errors
/// [`DataError::Exists`] where a file of the set is in `dir` already, [`DataError::Download`] where the download fails,
/// stalls for 30 s or brings something other than the set, and [`DataError::Io`] or [`DataError::NotADirectory`] where
/// `dir` cannot be written. Nothing is left in `dir` then, and no file that was there is touched.
pub fn fetch(dir: &Path, fashion: bool) -> Result<(), DataError> {
    if env::var_os(ADDRESS).is_some() {
        // A program without `run_downloader`: without this stop it would start itself again and again.
        let reason = "the program does not start its downloader".to_owned();
        return Err(DataError::Download {
            path: dir.to_owned(),
            reason,
        });
    }
    let program = env::current_exe().map_err(DataError::io(dir))?;
    let address = if fashion { FASHION_MNIST } else { MNIST };
    fetch_by(Command::new(program), dir, address, PATIENCE)
}

/// Becomes the downloader if this process was started as one by [`fetch`], and then never returns; else does nothing.
///
/// Call it first in the `main` of a program that calls [`fetch`].
pub fn run_downloader() {
    let Ok(address) = env::var(ADDRESS) else {
        return;
    };
    // One line instead of a backtrace, and an exit instead of an abort; also for the crate's second thread.
    std::panic::set_hook(Box::new(|panic| {
        let reason = panic.payload_as_str().unwrap_or("the download panicked");
        console::say_line(plain(reason));
        process::exit(1);
    }));
    MnistBuilder::new()
        .base_path("./")
        .base_url(&address)
        .download_and_extract()
        .finalize();
    process::exit(0);
}

/// [`fetch`] from `address`, by the program `downloader`.
fn fetch_by(
    downloader: Command,
    dir: &Path,
    address: &str,
    patience: Duration,
) -> Result<(), DataError> {
    let made = match fs::create_dir(dir) {
        Ok(()) => true,
        Err(_) if dir.is_dir() => false,
        Err(_) if dir.exists() => {
            return Err(DataError::NotADirectory {
                path: dir.to_owned(),
            });
        }
        Err(error) => return Err(DataError::io(dir)(error)),
    };
    let result = fetch_into(downloader, dir, address, patience);
    if made && result.is_err() {
        // It was made for the files that did not come. Should it not be empty after all, it stays.
        let _ = fs::remove_dir(dir);
    }
    result
}

fn fetch_into(
    mut downloader: Command,
    dir: &Path,
    address: &str,
    patience: Duration,
) -> Result<(), DataError> {
    if let Some(path) = directory::first_present(dir)? {
        return Err(DataError::Exists { path });
    }
    let failed = |reason: String| DataError::Download {
        path: dir.to_owned(),
        reason,
    };
    // Inside `dir`, so that moving a file is a change of name; removed when dropped.
    let staging = tempfile::Builder::new()
        .prefix(".fetch-")
        .tempdir_in(dir)
        .map_err(DataError::io(dir))?;
    let progress = if io::stderr().is_terminal() {
        Stdio::from(io::stderr())
    } else {
        Stdio::null()
    };
    let mut child = downloader
        .env(ADDRESS, address)
        .current_dir(staging.path())
        .stdin(Stdio::null())
        .stdout(progress)
        .stderr(Stdio::piped())
        .spawn()
        .map_err(DataError::io(dir))?;
    let watched = watch(&mut child, staging.path(), patience);
    // It has ended, or it never will by itself: an error here says that there is nothing left to end.
    let _ = child.kill();
    let _ = child.wait();
    watched.map_err(|reason| failed(format!("{address}: {reason}")))?;

    Dataset::load(Some(staging.path())).map_err(|error| failed(error.to_string()))?;
    let mut moved = Vec::new();
    for name in STANDARD_NAMES {
        let path = dir.join(name);
        if let Err(error) = fs::rename(staging.path().join(name), &path) {
            moved
                .iter()
                .for_each(|path: &PathBuf| drop(fs::remove_file(path)));
            return Err(DataError::io(&path)(error));
        }
        moved.push(path);
    }
    Ok(())
}

/// Waits for the downloader; the reason, in one line, if it failed, received no gzip file, or stopped receiving.
fn watch(child: &mut Child, staging: &Path, patience: Duration) -> Result<(), String> {
    let (mut received, mut since) = (0, Instant::now());
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            if status.success() {
                return Ok(());
            }
            let mut said = String::new();
            let read = child
                .stderr
                .take()
                .map(|mut stderr| stderr.read_to_string(&mut said));
            let last = said.lines().rfind(|line| !line.trim().is_empty());
            return Err(match (read, last) {
                (Some(Ok(_)), Some(line)) => line.to_owned(),
                _ => format!("the downloader ended with {status}"),
            });
        }
        let now = received_in(staging)?;
        if now != received {
            (received, since) = (now, Instant::now());
        } else if since.elapsed() > patience {
            let seconds = patience.as_secs();
            return Err(format!(
                "received {received} bytes, then for {seconds} s nothing more"
            ));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Bytes received and unpacked so far, all files together; an error as soon as an archive does not start as gzip.
fn received_in(staging: &Path) -> Result<u64, String> {
    let mut total = 0;
    for name in STANDARD_NAMES {
        let archive = format!("{name}.gz");
        let unpacked = fs::metadata(staging.join(name));
        total += unpacked.map_or(0, |metadata| metadata.len());
        let Ok(mut file) = fs::File::open(staging.join(&archive)) else {
            continue;
        };
        let mut start = [0; 2];
        if file.read_exact(&mut start).is_ok() && start != super::idx::GZIP_MAGIC {
            return Err(format!(
                "what was received as {archive} is not gzip; it may be a page about an error"
            ));
        }
        total += file.metadata().map_or(0, |metadata| metadata.len());
    }
    Ok(total)
}

/// The sentence inside a panic of `unwrap` on one of curl's errors; anything else on one line, as it is.
fn plain(panic: &str) -> String {
    let quoted = |key: &str| {
        panic
            .split_once(key)?
            .1
            .split_once('"')
            .map(|(text, _)| text)
    };
    let sentence = quoted("extra: Some(\"").or_else(|| quoted("description: \""));
    sentence
        .unwrap_or(panic)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
