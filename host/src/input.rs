//! Opening and reading input files.
//!
//! A named input is a plain file. A pipe, a device, a directory or a socket is refused before it is opened, because
//! opening a pipe waits for a writer and reading a device may never end. Every format states the most bytes it reads,
//! packed or unpacked. Gzip is recognised by its content. Memory grows with the bytes that were read, never with
//! the bytes that a header declares.
//!
//! ```
//! use bitspin::input::{Format, read};
//!
//! /// A list of edges of 65,536 spins fits.
//! const EDGES: Format = Format::new("edge list", 1 << 30);
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("graph.txt");
//! # std::fs::write(&path, "2 1\n1 2 1\n")?;
//! assert_eq!(read(&path, &EDGES)?, b"2 1\n1 2 1\n");
//! let refused = read("/dev".as_ref(), &EDGES).unwrap_err();
//! assert_eq!(refused.to_string(), "/dev: expected a plain file, found a directory");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fs::{self, File, FileType};
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use thiserror::Error;

use crate::display::shown;
use crate::output;

/// How gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Bytes that are read from a file at a time.
const BUFFER: usize = 1 << 16;

/// A format of input: its name in messages, its size limit, and whether `-` means standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    name: &'static str,
    most: u64,
    standard_input: bool,
}

impl Format {
    /// A format that is read from files of at most `most` bytes, also when unpacked. `name` follows "a" in messages.
    #[must_use]
    pub const fn new(name: &'static str, most: u64) -> Self {
        Self {
            name,
            most,
            standard_input: false,
        }
    }

    /// The same format, where the path `-` means standard input. (A file of that name is `./-`.)
    #[must_use]
    pub const fn or_standard_input(self) -> Self {
        Self {
            standard_input: true,
            ..self
        }
    }

    /// Whether `path` means standard input.
    #[must_use]
    pub fn is_standard_input(&self, path: &Path) -> bool {
        self.standard_input && path == Path::new("-")
    }

    /// The most bytes.
    #[must_use]
    pub const fn most(&self) -> u64 {
        self.most
    }
}

/// An input that cannot be read, and why. The message is one line and begins with the path.
#[derive(Debug, Error)]
#[error("{}: {problem}", shown(path))]
pub struct InputError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: InputProblem,
}

impl InputError {
    /// Whether there is no such file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(&self.problem, InputProblem::Io(error) if error.kind() == ErrorKind::NotFound)
    }
}

/// Why an input cannot be read. Every message is one line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InputProblem {
    /// The system refused.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is a directory, a pipe, a device or a socket.
    #[error("expected a plain file, found {0}")]
    NotAFile(&'static str),
    /// It is larger than any input of its format.
    #[error("expected a {format} of at most {most} bytes, found {}", .found.map_or("more".into(), |found| found.to_string()))]
    TooLarge {
        /// The name of the format.
        format: &'static str,
        /// Its limit.
        most: u64,
        /// The size of the file, where it is known.
        found: Option<u64>,
    },
    /// It begins as gzip does and is not a whole gzip stream.
    #[error("expected a whole gzip stream, found a damaged one: {0}")]
    Gzip(io::Error),
    /// A killed run left the files of its directory partly replaced, and this cannot be finished.
    #[error(
        "an earlier run was killed while it replaced the files beside it, and finishing that failed: {0}"
    )]
    Unfinished(io::Error),
    /// There is not enough memory for it.
    #[error("not enough memory to read it")]
    Memory,
}

impl InputProblem {
    /// Names the input that has the problem.
    #[must_use]
    pub fn at(self, path: &Path) -> InputError {
        InputError {
            path: path.to_owned(),
            problem: self,
        }
    }
}

/// An input that is being read, in pieces or as a whole. Reading beyond the format's limit is an error, as is a damaged
/// gzip stream; [`fail`](Self::fail) puts them into words.
pub struct Input {
    reader: Box<dyn BufRead + Send>,
    path: PathBuf,
    format: Format,
    length: Option<u64>,
    gzip: bool,
    left: u64,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut input = f.debug_struct("Input");
        input
            .field("path", &self.path)
            .field("format", &self.format);
        input.finish_non_exhaustive()
    }
}

impl Input {
    /// Opens an input, whose bytes are read as they are.
    ///
    /// # Errors
    /// [`InputError`] if it is not a plain file (or standard input, where the format allows it), cannot be opened, or is
    /// larger than the format's limit.
    pub fn open(path: &Path, format: &Format) -> Result<Self, InputError> {
        if format.is_standard_input(path) {
            let reader = BufReader::with_capacity(BUFFER, io::stdin());
            return Ok(Self::new(Box::new(reader), path, format, None));
        }
        Self::recover(path)?;
        let (file, length) = open_plain(path).map_err(|problem| problem.at(path))?;
        if length > format.most {
            let problem = InputProblem::TooLarge {
                format: format.name,
                most: format.most,
                found: Some(length),
            };
            return Err(problem.at(path));
        }
        let reader = Box::new(BufReader::with_capacity(BUFFER, file));
        Ok(Self::new(reader, path, format, Some(length)))
    }

    /// Finishes what a killed run began to replace beside `path`, so that its files belong together.
    fn recover(path: &Path) -> Result<(), InputError> {
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let place = match place.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        output::recover_once(place).map_err(|error| InputProblem::Unfinished(error).at(path))
    }

    /// Opens an input, which is unpacked if its content begins as gzip does.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn unpack(path: &Path, format: &Format) -> Result<Self, InputError> {
        Self::open(path, format)?.unpacked()
    }

    /// Bytes in memory as an input of that name, unpacked if they begin as gzip does: for tests, and for data that is built in.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(bytes: Vec<u8>, path: &Path, format: &Format) -> Result<Self, InputError> {
        let length = bytes.len() as u64;
        Self::new(Box::new(Cursor::new(bytes)), path, format, Some(length)).unpacked()
    }

    fn new(
        reader: Box<dyn BufRead + Send>,
        path: &Path,
        format: &Format,
        length: Option<u64>,
    ) -> Self {
        Self {
            reader,
            path: path.to_owned(),
            format: *format,
            length,
            gzip: false,
            left: format.most,
        }
    }

    fn unpacked(mut self) -> Result<Self, InputError> {
        let mut start = Vec::with_capacity(GZIP.len());
        let read = self.reader.by_ref().take(GZIP.len() as u64);
        let read = { read }.read_to_end(&mut start);
        if let Err(error) = read {
            return Err(self.fail(error));
        }
        self.gzip = start == GZIP;
        let all = Cursor::new(start).chain(self.reader);
        self.reader = match self.gzip {
            true => {
                self.length = None;
                Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(all)))
            }
            false => Box::new(all),
        };
        Ok(self)
    }

    /// The path that errors name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of a file that is not packed, as the system counted them when it was opened.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// All bytes that are left.
    ///
    /// # Errors
    /// [`InputError`] if reading fails, there are more than the format's limit, or memory is short.
    pub fn read_all(mut self) -> Result<Vec<u8>, InputError> {
        self.read_up_to(u64::MAX)
    }

    /// Up to `limit` bytes, fewer only at the end. Memory grows with the bytes that there are.
    ///
    /// # Errors
    /// As [`read_all`](Self::read_all).
    pub fn read_up_to(&mut self, limit: u64) -> Result<Vec<u8>, InputError> {
        let mut bytes = Vec::new();
        let known = self.length.unwrap_or(0).min(limit).min(self.left);
        let reserved = usize::try_from(known).map(|known| bytes.try_reserve_exact(known));
        if !matches!(reserved, Ok(Ok(()))) {
            return Err(InputProblem::Memory.at(&self.path));
        }
        match self.by_ref().take(limit).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// The error of this input that an error of reading it means.
    #[must_use]
    pub fn fail(&self, error: io::Error) -> InputError {
        use ErrorKind::{FileTooLarge, InvalidData, InvalidInput, OutOfMemory, UnexpectedEof};
        let problem = match error.kind() {
            FileTooLarge => InputProblem::TooLarge {
                format: self.format.name,
                most: self.format.most,
                found: None,
            },
            OutOfMemory => InputProblem::Memory,
            InvalidData | InvalidInput | UnexpectedEof if self.gzip => InputProblem::Gzip(error),
            _ => InputProblem::Io(error),
        };
        problem.at(&self.path)
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let available = self.reader.fill_buf()?;
        if self.left == 0 && !available.is_empty() {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(&available[..available.len().min(most)])
    }

    fn consume(&mut self, count: usize) {
        self.left -= count as u64;
        self.reader.consume(count);
    }
}

/// All bytes of an input as they are.
///
/// # Errors
/// As [`Input::open`] and [`Input::read_all`].
pub fn read(path: &Path, format: &Format) -> Result<Vec<u8>, InputError> {
    Input::open(path, format)?.read_all()
}

/// Opens a plain file and finds its size. What stands at the path is looked at before it is opened, because opening a
/// device can act on it, and once more after, because it may have been replaced meanwhile. Opening never waits.
fn open_plain(path: &Path) -> Result<(File, u64), InputProblem> {
    let is_plain = |kind: FileType| match kind_of(kind) {
        None => Ok(()),
        Some(kind) => Err(InputProblem::NotAFile(kind)),
    };
    is_plain(fs::metadata(path)?.file_type())?;
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    is_plain(metadata.file_type())?;
    Ok((file, metadata.len()))
}

/// What something is that is not a plain file.
fn kind_of(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some("a directory");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("something else")
}

#[cfg(test)]
mod tests;
