//! IDX files, raw or gzipped: a magic number, big-endian sizes, then one byte a pixel or label.
//!
//! Format: <http://yann.lecun.com/exdb/mnist/>. Images have magic number 0x00000803 and the sizes count, rows, columns;
//! labels have 0x00000801 and a count. A file is taken as gzip by its content, whatever its name. Nothing a header says
//! is believed before the bytes are there: memory grows with the data read, never with the data declared.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::{DataError, Images};

const IMAGES_MAGIC: u32 = 0x0000_0803;
const LABELS_MAGIC: u32 = 0x0000_0801;
pub(super) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Reads an IDX file of images, raw or gzipped, of any size and number.
///
/// Time and memory are linear in the file's unpacked size, or in the part of it read before an error.
///
/// # Errors
/// [`DataError`] where the file cannot be opened or read, is empty, is damaged gzip, is not an IDX file of images,
/// declares no images, rows or columns, or has fewer or more bytes than it declares.
pub fn read_images(path: &Path) -> Result<Images, DataError> {
    Source::open(path)?.images()
}

/// Reads an IDX file of labels, raw or gzipped: one byte an image, any value.
///
/// Time and memory are linear in the file's unpacked size, or in the part of it read before an error.
///
/// # Errors
/// As [`read_images`].
pub fn read_labels(path: &Path) -> Result<Vec<u8>, DataError> {
    Source::open(path)?.labels()
}

/// Images from bytes in memory; `path` is what errors name.
pub(super) fn images_from_bytes(bytes: &[u8], path: &Path) -> Result<Images, DataError> {
    Source::new(bytes, None, path)?.images()
}

/// Labels from bytes in memory; `path` is what errors name.
pub(super) fn labels_from_bytes(bytes: &[u8], path: &Path) -> Result<Vec<u8>, DataError> {
    Source::new(bytes, None, path)?.labels()
}

/// Writes `images` as an IDX file, gzipped if the name ends in `.gz`; a file of that name is replaced.
///
/// # Errors
/// [`DataError::Io`] where the file cannot be written; it may then be there in part.
pub fn write_images(path: &Path, images: &Images) -> Result<(), DataError> {
    let sizes = [images.count(), images.rows(), images.columns()];
    write(path, IMAGES_MAGIC, &sizes, images.pixels())
}

/// Writes `labels` as an IDX file, gzipped if the name ends in `.gz`; a file of that name is replaced.
///
/// # Errors
/// [`DataError::Io`] where the file cannot be written; it may then be there in part. Also where there are more labels
/// than 32 bits count, and nothing is written.
pub fn write_labels(path: &Path, labels: &[u8]) -> Result<(), DataError> {
    write(path, LABELS_MAGIC, &[labels.len()], labels)
}

fn write(path: &Path, magic: u32, sizes: &[usize], payload: &[u8]) -> Result<(), DataError> {
    let put = || {
        let mut header = magic.to_be_bytes().to_vec();
        for &size in sizes {
            let size =
                u32::try_from(size).map_err(|_| io::Error::other("too many for an IDX header"))?;
            header.extend(size.to_be_bytes());
        }
        let mut file = BufWriter::new(File::create(path)?);
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut packed = GzEncoder::new(file, Compression::best());
            packed.write_all(&header)?;
            packed.write_all(payload)?;
            file = packed.finish()?;
        } else {
            file.write_all(&header)?;
            file.write_all(payload)?;
        }
        file.flush()
    };
    put().map_err(DataError::io(path))
}

/// An IDX file being read: its bytes unpacked, and its length where that is known beforehand.
struct Source<'a> {
    reader: Box<dyn Read + 'a>,
    /// Bytes in all, for a raw file.
    length: Option<u64>,
    gzip: bool,
    path: &'a Path,
}

impl<'a> Source<'a> {
    fn open(path: &'a Path) -> Result<Self, DataError> {
        // Asked before opening: to open a pipe would wait for its writer.
        let metadata = path.metadata().map_err(DataError::io(path))?;
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

    fn new(
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

    fn images(mut self) -> Result<Images, DataError> {
        let [count, rows, columns] = self.header("images", IMAGES_MAGIC)?;
        for (what, size) in [("image", count), ("row", rows), ("column", columns)] {
            if size == 0 {
                return Err(DataError::Nothing {
                    path: self.path.to_owned(),
                    what,
                });
            }
        }
        let path = self.path.to_owned();
        let too_large = || DataError::TooLarge {
            path,
            count,
            rows,
            columns,
        };
        let [n, r, c] = [count, rows, columns].map(u64::from);
        let bytes = (r * c)
            .checked_mul(n)
            .and_then(|bytes| usize::try_from(bytes).ok());
        let Some(bytes) = bytes.filter(|&bytes| bytes < isize::MAX as usize) else {
            return Err(too_large());
        };
        let pixels = self.payload(16, bytes)?;
        Images::new(rows as usize, columns as usize, pixels).map_err(|_| too_large())
    }

    fn labels(mut self) -> Result<Vec<u8>, DataError> {
        let [count] = self.header("labels", LABELS_MAGIC)?;
        if count == 0 {
            return Err(DataError::Nothing {
                path: self.path.to_owned(),
                what: "label",
            });
        }
        self.payload(8, count as usize)
    }

    /// The magic number, checked, and the `N` sizes after it.
    fn header<const N: usize>(
        &mut self,
        kind: &'static str,
        expected: u32,
    ) -> Result<[u32; N], DataError> {
        let length = 4 * (1 + N);
        let bytes = self.read_to(length)?;
        let path = || self.path.to_owned();
        let word = |i: usize| {
            bytes
                .get(4 * i..)?
                .first_chunk()
                .copied()
                .map(u32::from_be_bytes)
        };
        if bytes.is_empty() {
            return Err(DataError::Empty { path: path() });
        }
        match word(0) {
            Some(found) if found != expected => Err(DataError::Magic {
                path: path(),
                kind,
                expected,
                found,
            }),
            _ if bytes.len() < length => Err(DataError::Header {
                path: path(),
                expected: length,
                found: bytes.len(),
            }),
            _ => Ok(std::array::from_fn(|i| word(i + 1).unwrap_or_default())),
        }
    }

    /// The `declared` bytes after the header, and proof that nothing follows them.
    fn payload(&mut self, header: u64, declared: usize) -> Result<Vec<u8>, DataError> {
        let path = || self.path.to_owned();
        let expected = header + declared as u64;
        match self.length {
            Some(found) if found < expected => {
                return Err(DataError::Truncated {
                    path: path(),
                    expected,
                    found,
                });
            }
            Some(found) if found > expected => {
                return Err(DataError::TooLong {
                    path: path(),
                    expected,
                });
            }
            _ => {}
        }
        // One byte more than declared: it must not be there, and at the end gzip's checksum is verified.
        let bytes = self.read_to(declared + 1)?;
        match bytes.len() {
            found if found < declared => Err(DataError::Truncated {
                path: self.path.to_owned(),
                expected,
                found: header + found as u64,
            }),
            found if found > declared => Err(DataError::TooLong {
                path: self.path.to_owned(),
                expected,
            }),
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

/// Whether the decoder reports bad bytes rather than a failing disk.
fn is_damage(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(kind, InvalidData | InvalidInput | UnexpectedEof)
}

#[cfg(test)]
#[path = "idx_tests.rs"]
mod tests;
