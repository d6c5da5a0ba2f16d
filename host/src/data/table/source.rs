//! Where the bytes of a table come from. Tables are read twice: once to find out what they hold, once to pack it.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use zip::ZipArchive;

use crate::data::DataError;
use crate::display::{escaped, shown};
use crate::input::{self, Format, Input};

/// The path that means standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// A table that fits this has at most half a gigabyte of entries, of at most 32 bytes each.
const FORMAT: Format = Format::new("table", 1 << 34);

/// Bytes at the beginning of a table that show what it is. Longer than any header of an array.
const START: u64 = 1 << 17;

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 16;

/// How ZIP begins.
const ZIP: &[u8] = b"PK";

/// Array names that a message lists.
const LISTED: usize = 8;

/// A table's bytes, which can be read more than once.
pub(super) struct Source {
    /// What messages name.
    pub(super) path: PathBuf,
    file: PathBuf,
    memory: Option<Vec<u8>>,
    /// The array of an archive that is asked for, or that is the only one.
    member: Option<String>,
}

impl Source {
    /// The source that a path names: a file, an array in a ZIP archive of arrays (`FILE.npz:NAME`), or standard input.
    pub(super) fn new(path: &Path) -> Result<Self, DataError> {
        let mut source = Self {
            path: path.to_owned(),
            file: path.to_owned(),
            memory: None,
            member: None,
        };
        if path == Path::new(STANDARD_INPUT) {
            source.path = "standard input".into();
            source.memory = Some(standard_input(&source.path)?);
        } else if let Some((file, member)) = member_of(path) {
            source.file = file;
            source.member = Some(member);
        }
        source.member = source.find_member()?;
        Ok(source)
    }

    /// Bytes that are in memory already.
    pub(super) fn of_bytes(bytes: &[u8], path: &Path) -> Result<Self, DataError> {
        let mut source = Self {
            path: path.to_owned(),
            file: path.to_owned(),
            memory: Some(bytes.to_vec()),
            member: None,
        };
        source.member = source.find_member()?;
        Ok(source)
    }

    /// Reads from the beginning: `work` gets a reader and the number of its bytes, where that is known.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&mut dyn BufRead, Option<u64>) -> Result<T, DataError>,
    ) -> Result<T, DataError> {
        if let Some(member) = &self.member {
            let mut archive = self.archive()?;
            let found = archive
                .by_name(member)
                .map_err(|error| self.wrong(one_line(&error)))?;
            let size = found.size();
            let limited = found.take(FORMAT.most());
            return work(&mut BufReader::with_capacity(BUFFER, limited), Some(size));
        }
        let mut input = match &self.memory {
            Some(bytes) => Input::from_bytes(bytes.clone(), &self.path, &FORMAT)?,
            None => Input::unpack(&self.file, &FORMAT)?,
        };
        let length = input.length();
        work(&mut input, length)
    }

    /// The first bytes, and whether they are all.
    pub(super) fn start(&self) -> Result<(Vec<u8>, bool), DataError> {
        self.read(|reader, _| {
            let mut start = Vec::new();
            let read = reader.take(START).read_to_end(&mut start);
            read.map_err(|error| self.failed(error))?;
            let whole = (start.len() as u64) < START;
            Ok((start, whole))
        })
    }

    /// The error of a table that is not what it should be.
    pub(super) fn wrong(&self, reason: impl Into<String>) -> DataError {
        DataError::Table {
            path: self.path.clone(),
            reason: reason.into(),
        }
    }

    /// The error of reading.
    pub(super) fn failed(&self, error: std::io::Error) -> DataError {
        use std::io::ErrorKind::{FileTooLarge, InvalidData, InvalidInput, UnexpectedEof};
        match error.kind() {
            // Only gzip and ZIP streams are found to be damaged while they are read.
            InvalidData | InvalidInput | UnexpectedEof if self.member.is_some() => {
                let text = error.to_string();
                self.wrong(format!(
                    "expected a whole ZIP archive, found a damaged one: {text}"
                ))
            }
            InvalidData | InvalidInput | UnexpectedEof => DataError::Gzip {
                path: self.path.clone(),
                source: error,
            },
            FileTooLarge => self.wrong(format!("expected at most {} bytes", FORMAT.most())),
            _ => DataError::io(&self.path)(error),
        }
    }

    /// The bytes as they are stored.
    fn bytes(&self) -> Result<Box<dyn Stored + '_>, DataError> {
        if let Some(bytes) = &self.memory {
            return Ok(Box::new(Cursor::new(bytes.as_slice())));
        }
        // Only plain files are opened.
        Input::open(&self.file, &FORMAT)?;
        let file = File::open(&self.file).map_err(DataError::io(&self.path))?;
        Ok(Box::new(BufReader::with_capacity(BUFFER, file)))
    }

    fn archive(&self) -> Result<ZipArchive<Box<dyn Stored + '_>>, DataError> {
        ZipArchive::new(self.bytes()?).map_err(|error| self.wrong(one_line(&error)))
    }

    /// The file in an archive that holds the array that is meant; `None` of what is no archive.
    fn find_member(&self) -> Result<Option<String>, DataError> {
        let is_archive = start(&mut self.bytes()?, ZIP.len())
            .map_err(DataError::io(&self.path))?
            .starts_with(ZIP);
        if !is_archive {
            return match self.member {
                None => Ok(None),
                Some(_) => {
                    Err(self.wrong("expected a ZIP archive of arrays, found something else"))
                }
            };
        }
        let archive = self.archive()?;
        let names = archive.file_names().filter_map(Result::ok);
        let arrays: Vec<String> = names
            .filter_map(|name| name.strip_suffix(".npy").map(str::to_string))
            .collect();
        let names = || {
            let listed: Vec<_> = arrays
                .iter()
                .take(LISTED)
                .map(|name| escaped(name).to_string())
                .collect();
            let more = if arrays.len() > LISTED { ", ..." } else { "" };
            format!("{}{more}", listed.join(", "))
        };
        let chosen = match (&self.member, &arrays[..]) {
            (_, []) => Err("expected arrays in the archive, found none".to_string()),
            (Some(asked), all) if all.contains(asked) => Ok(asked.clone()),
            (Some(asked), _) => {
                let asked = super::lines::shortened(asked);
                Err(format!(
                    "expected one of its arrays {}, not '{asked}'",
                    names()
                ))
            }
            (None, [only]) => Ok(only.clone()),
            (None, _) => Err(format!(
                "expected one array, found {}; {}:NAME says which",
                names(),
                shown(&self.path)
            )),
        };
        let chosen = chosen.map_err(|reason| self.wrong(reason))?;
        Ok(Some(chosen + ".npy"))
    }
}

/// Bytes that an archive can be read from.
trait Stored: BufRead + Seek {}

impl<T: BufRead + Seek> Stored for T {}

/// The first bytes, which stay unread; as many as are asked for, or fewer.
fn start(reader: &mut (impl BufRead + ?Sized), count: usize) -> std::io::Result<&[u8]> {
    let bytes = reader.fill_buf()?;
    Ok(&bytes[..count.min(bytes.len())])
}

/// `FILE.npz:NAME`, unless there is a file of that whole name.
fn member_of(path: &Path) -> Option<(PathBuf, String)> {
    let text = path.to_str()?;
    let at = text.to_ascii_lowercase().find(".npz:")? + ".npz".len();
    let (file, member) = text.split_at(at);
    (!path.exists()).then(|| (file.into(), member[1..].to_string()))
}

/// Whether a path names an array in an archive.
pub(super) fn names_member(path: &Path) -> bool {
    member_of(path).is_some()
}

/// All of standard input, which can be read once.
fn standard_input(path: &Path) -> Result<Vec<u8>, DataError> {
    static READ: AtomicBool = AtomicBool::new(false);
    if READ.swap(true, Ordering::Relaxed) {
        return Err(DataError::Table {
            path: path.to_owned(),
            reason: "was read already; it holds one table".into(),
        });
    }
    let format = FORMAT.or_standard_input();
    Ok(input::read(Path::new(STANDARD_INPUT), &format)?)
}

fn one_line(error: &zip::result::ZipError) -> String {
    let text = error.to_string();
    format!("expected a ZIP archive of arrays: {}", text.escape_debug())
}
