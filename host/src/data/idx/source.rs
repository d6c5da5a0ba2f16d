//! The bytes of an IDX file: its header, then exactly what the header declares.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::GZIP_MAGIC;
use super::element::Element;
use crate::data::DataError;

/// The most bytes of a file, unpacked: 16 GiB.
const MOST_BYTES: u64 = 1 << 34;

/// What an IDX file holds.
#[derive(Clone, Copy)]
pub(super) enum Content {
    Images,
    Labels,
}

impl Content {
    fn name(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Labels => "labels",
        }
    }

    /// The magic number of bytes of this kind.
    pub(super) fn magic(self) -> u32 {
        match self {
            Self::Images => 0x0000_0803,
            Self::Labels => 0x0000_0801,
        }
    }

    /// Whether a file of so many axes may hold this.
    fn takes(self, axes: u8) -> bool {
        match self {
            Self::Images => axes == 3,
            Self::Labels => axes == 1 || axes == 2,
        }
    }
}

/// A checked header.
pub(super) struct Header {
    pub(super) element: Element,
    /// The size of each axis.
    pub(super) sizes: Vec<u32>,
}

impl Header {
    /// Its length in bytes.
    fn len(&self) -> u64 {
        4 * (1 + self.sizes.len() as u64)
    }

    /// The bytes of the data that it declares, where they can be counted.
    pub(super) fn declared(&self) -> Option<usize> {
        let mut sizes = self.sizes.iter().map(|&size| size as usize);
        let bytes = sizes.try_fold(self.element.size(), usize::checked_mul);
        bytes.filter(|&bytes| bytes < isize::MAX as usize)
    }
}

/// An IDX file being read: its bytes unpacked, and its length where that is known beforehand.
pub(super) struct Source<'a> {
    reader: Box<dyn Read + 'a>,
    /// Bytes in all, for a raw file.
    length: Option<u64>,
    gzip: bool,
    pub(super) path: &'a Path,
}

impl<'a> Source<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, DataError> {
        // Asked before opening: to open a pipe would wait for its writer.
        let metadata = path.metadata().map_err(|source| {
            let is_link = path.symlink_metadata().is_ok();
            if is_link && source.kind() == io::ErrorKind::NotFound {
                return DataError::Content {
                    path: path.to_owned(),
                    reason: "expected a file, found a link to a file that does not exist".into(),
                };
            }
            DataError::io(path)(source)
        })?;
        if !metadata.is_file() {
            return Err(DataError::NotAFile {
                path: path.to_owned(),
            });
        }
        let file = File::open(path).map_err(DataError::io(path))?;
        Self::new(
            BufReader::with_capacity(1 << 16, file),
            Some(metadata.len()),
            path,
        )
    }

    pub(super) fn new(
        mut input: impl BufRead + 'a,
        length: Option<u64>,
        path: &'a Path,
    ) -> Result<Self, DataError> {
        let start = input.fill_buf().map_err(DataError::io(path))?;
        if start.is_empty() {
            return Err(DataError::Empty {
                path: path.to_owned(),
            });
        }
        Ok(if start.starts_with(&GZIP_MAGIC) {
            Self {
                reader: Box::new(MultiGzDecoder::new(input)),
                length: None,
                gzip: true,
                path,
            }
        } else {
            Self {
                reader: Box::new(input),
                length,
                gzip: false,
                path,
            }
        })
    }

    /// The header, with the magic number of `content` and no size of zero.
    pub(super) fn header(&mut self, content: Content) -> Result<Header, DataError> {
        let expected = content.magic();
        let start = self.read_to(4)?;
        let path = || self.path.to_owned();
        let short = |axes: u8, found: usize| DataError::Header {
            path: path(),
            expected: 4 * (1 + usize::from(axes)),
            found,
        };
        if start.is_empty() {
            return Err(DataError::Empty { path: path() });
        }
        let Some(&magic) = start.first_chunk::<4>() else {
            return Err(short(expected as u8, start.len()));
        };
        let [0, 0, code, axes] = magic else {
            return Err(wrong_magic(self.path, content, magic));
        };
        let (Some(element), true) = (Element::of(code), content.takes(axes)) else {
            return Err(wrong_magic(self.path, content, magic));
        };
        let rest = self.read_to(4 * usize::from(axes))?;
        if rest.len() < 4 * usize::from(axes) {
            return Err(short(axes, 4 + rest.len()));
        }
        let (sizes, _) = rest.as_chunks::<4>();
        let sizes: Vec<u32> = sizes.iter().map(|&size| u32::from_be_bytes(size)).collect();
        let names = match content {
            Content::Images => ["image", "row", "column"],
            Content::Labels => ["label", "column", ""],
        };
        if let Some(at) = sizes.iter().position(|&size| size == 0) {
            return Err(DataError::Nothing {
                path: path(),
                what: names[at],
            });
        }
        Ok(Header { element, sizes })
    }

    /// The `declared` bytes after the header, and proof that nothing follows them.
    pub(super) fn payload(
        &mut self,
        header: &Header,
        declared: usize,
    ) -> Result<Vec<u8>, DataError> {
        let path = self.path;
        let expected = header.len() + declared as u64;
        let truncated = |found| DataError::Truncated {
            path: path.to_owned(),
            expected,
            found,
        };
        let too_long = || DataError::TooLong {
            path: path.to_owned(),
            expected,
        };
        match self.length {
            Some(found) if found < expected => return Err(truncated(found)),
            Some(found) if found > expected => return Err(too_long()),
            _ => {}
        }
        // One byte more than declared: it must not be there, and at the end gzip's checksum is verified.
        let limit = (declared as u64).min(MOST_BYTES);
        let bytes = self.read_to(limit as usize + 1)?;
        match bytes.len() {
            found if found as u64 > MOST_BYTES => Err(DataError::Content {
                path: path.to_owned(),
                reason: format!("expected at most {MOST_BYTES} bytes (unpacked), found more"),
            }),
            found if found < declared => Err(truncated(header.len() + found as u64)),
            found if found > declared => Err(too_long()),
            _ => Ok(bytes),
        }
    }

    /// Up to `limit` bytes, fewer only at the end. The buffer starts no larger than the file is known to be.
    fn read_to(&mut self, limit: usize) -> Result<Vec<u8>, DataError> {
        let known = self.length.unwrap_or(0).min(limit as u64) as usize;
        let mut bytes = Vec::new();
        let read = match bytes.try_reserve_exact(known) {
            Ok(()) => self
                .reader
                .by_ref()
                .take(limit as u64)
                .read_to_end(&mut bytes),
            Err(_) => Err(io::ErrorKind::OutOfMemory.into()),
        };
        let path = self.path.to_owned();
        match read {
            Ok(_) => {
                bytes.shrink_to_fit();
                Ok(bytes)
            }
            Err(source) if self.gzip && is_damage(source.kind()) => {
                Err(DataError::Gzip { path, source })
            }
            Err(source) => Err(DataError::Io { path, source }),
        }
    }
}

fn wrong_magic(path: &Path, content: Content, found: [u8; 4]) -> DataError {
    DataError::Magic {
        path: path.to_owned(),
        kind: content.name(),
        expected: content.magic(),
        found: u32::from_be_bytes(found),
    }
}

/// Whether the decoder reports bad bytes rather than a failing disk.
fn is_damage(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(kind, InvalidData | InvalidInput | UnexpectedEof)
}
