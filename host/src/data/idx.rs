//! IDX files, raw or gzipped: a magic number, big-endian sizes, then the elements.
//!
//! Format: <http://yann.lecun.com/exdb/mnist/>. The magic number is 0, 0, the element type and the number of axes.
//! Images have three axes (count, rows, columns), labels one (count), or two as QMNIST's, whose first column is the
//! class. Elements may be of every type of the format: u8, i8, i16, i32, f32 and f64. A file is taken as gzip by its
//! content, whatever its name. Nothing a header says is believed before the bytes are there: memory grows with the data
//! read, never with the data declared.

mod element;
mod source;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

pub(super) use element::Element;
use source::{Content, Header, Source};

use super::{DataError, Extent, GreyRange, Images};

#[cfg(any(test, feature = "download"))]
pub(super) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Columns of QMNIST's labels; the first is the class.
const QMNIST_COLUMNS: u32 = 8;

/// Reads an IDX file of images, raw or gzipped, of any size and number. Bytes are grey levels as they are; elements of
/// another type are scaled by the [range](GreyRange::of) that the file holds.
///
/// Time and memory are linear in the file's unpacked size, or in the part of it read before an error.
///
/// # Errors
/// [`DataError`] where the file cannot be opened or read, is empty, is damaged gzip, is not an IDX file of images,
/// declares no images, rows or columns, has fewer or more bytes than it declares, or holds a number that is not finite.
pub fn read_images(path: &Path) -> Result<Images, DataError> {
    ImageFile::open(path)?.read()?.into_images_alone()
}

/// Reads an IDX file of labels, raw or gzipped: one per image, 0 to 255.
///
/// Time and memory are linear in the file's unpacked size, or in the part of it read before an error.
///
/// # Errors
/// As [`read_images`], and for a label that is not a whole number from 0 to 255.
pub fn read_labels(path: &Path) -> Result<Vec<u8>, DataError> {
    LabelFile::open(path)?.read()
}

/// Images from the bytes of a file, as [`read_images`]; `path` is what errors name.
///
/// # Errors
/// As [`read_images`].
pub fn images_from_bytes(bytes: &[u8], path: &Path) -> Result<Images, DataError> {
    ImageFile::new(Source::of_bytes(bytes, path)?)?
        .read()?
        .into_images_alone()
}

/// Labels from the bytes of a file, as [`read_labels`]; `path` is what errors name.
///
/// # Errors
/// As [`read_labels`].
pub fn labels_from_bytes(bytes: &[u8], path: &Path) -> Result<Vec<u8>, DataError> {
    LabelFile::new(Source::of_bytes(bytes, path)?)?.read()
}

/// A file of images of which the header has been read.
pub(super) struct ImageFile<'a> {
    source: Source<'a>,
    header: Header,
}

impl<'a> ImageFile<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, DataError> {
        Self::new(Source::open(path)?)
    }

    fn new(mut source: Source<'a>) -> Result<Self, DataError> {
        let header = source.header(Content::Images)?;
        Ok(Self { source, header })
    }

    /// The number of images that it declares.
    pub(super) fn count(&self) -> usize {
        self.header.sizes[0] as usize
    }

    /// Reads all images.
    pub(super) fn read(mut self) -> Result<Levels, DataError> {
        let [count, rows, columns] = [0, 1, 2].map(|axis| self.header.sizes[axis]);
        let path = self.source.path;
        let Some(declared) = self.header.declared() else {
            return Err(DataError::TooLarge {
                path: path.to_owned(),
                count,
                rows,
                columns,
            });
        };
        let bytes = self.source.payload(&self.header, declared)?;
        Ok(Levels {
            path: path.to_owned(),
            element: self.header.element,
            rows: rows as usize,
            columns: columns as usize,
            bytes,
        })
    }
}

/// The grey levels of a file, as the file has them.
pub(super) struct Levels {
    pub(super) path: PathBuf,
    pub(super) element: Element,
    pub(super) rows: usize,
    pub(super) columns: usize,
    bytes: Vec<u8>,
}

impl Levels {
    /// The smallest and the largest level. O(pixels).
    pub(super) fn extent(&self) -> Result<Extent, DataError> {
        if let (Element::U8, Some(&least), Some(&most)) = (
            self.element,
            self.bytes.iter().min(),
            self.bytes.iter().max(),
        ) {
            let (least, most) = (least.into(), most.into());
            return Ok(Extent { least, most });
        }
        let numbers = || self.element.numbers(&self.bytes);
        Extent::of(numbers()).ok_or_else(|| {
            let at = numbers().position(|level| !level.is_finite());
            let (at, pixels) = (at.unwrap_or(0), self.rows * self.columns);
            let (image, pixel) = (at / pixels, at % pixels);
            let (row, column) = (pixel / self.columns, pixel % self.columns);
            self.wrong(format!(
                "expected finite grey levels, found {} in image {image}, row {row}, column {column} (from 0)",
                numbers().nth(at).unwrap_or(f64::NAN)
            ))
        })
    }

    /// The images, 0 for the range's black and 255 for its white.
    pub(super) fn into_images(self, range: GreyRange) -> Result<Images, DataError> {
        let pixels = if self.element == Element::U8 && range == GreyRange::BYTES {
            self.bytes
        } else {
            let levels = self.element.numbers(&self.bytes);
            levels.map(|level| range.byte(level)).collect()
        };
        Images::new(self.rows, self.columns, pixels).map_err(|error| DataError::Content {
            path: self.path,
            reason: error.to_string(),
        })
    }

    fn into_images_alone(self) -> Result<Images, DataError> {
        let range = match self.element {
            Element::U8 => GreyRange::BYTES,
            _ => {
                let extent = self.extent()?;
                GreyRange::of(extent).ok_or_else(|| self.no_range(extent))?
            }
        };
        self.into_images(range)
    }

    /// What is said of a set whose levels are all the same number.
    pub(super) fn no_range(&self, Extent { least, .. }: Extent) -> DataError {
        self.wrong(format!(
            "expected at least two grey levels, every pixel is {least}"
        ))
    }

    pub(super) fn wrong(&self, reason: String) -> DataError {
        DataError::Content {
            path: self.path.clone(),
            reason,
        }
    }
}

/// A file of labels of which the header has been read.
pub(super) struct LabelFile<'a> {
    source: Source<'a>,
    header: Header,
}

impl<'a> LabelFile<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, DataError> {
        Self::new(Source::open(path)?)
    }

    fn new(mut source: Source<'a>) -> Result<Self, DataError> {
        let header = source.header(Content::Labels)?;
        match header.sizes.get(1) {
            None | Some(&(1 | QMNIST_COLUMNS)) => Ok(Self { source, header }),
            Some(columns) => Err(DataError::Content {
                path: source.path.to_owned(),
                reason: format!(
                    "expected labels in 1 column, or in {QMNIST_COLUMNS} as QMNIST's, found {columns} columns"
                ),
            }),
        }
    }

    /// The number of labels that it declares.
    pub(super) fn count(&self) -> usize {
        self.header.sizes[0] as usize
    }

    pub(super) fn path(&self) -> &Path {
        self.source.path
    }

    /// Columns of the file, of which the first is read.
    pub(super) fn columns(&self) -> usize {
        self.header
            .sizes
            .get(1)
            .map_or(1, |&columns| columns as usize)
    }

    /// Reads all labels.
    pub(super) fn read(mut self) -> Result<Vec<u8>, DataError> {
        let columns = self.columns();
        // At most 2^32 x 8 x 8 bytes.
        let declared = self.header.declared().unwrap_or(usize::MAX - 1);
        let bytes = self.source.payload(&self.header, declared)?;
        let labels = self.header.element.numbers(&bytes).step_by(columns);
        let label = |(image, label): (usize, f64)| {
            let byte = label as u8;
            if f64::from(byte) == label {
                return Ok(byte);
            }
            Err(DataError::Content {
                path: self.source.path.to_owned(),
                reason: format!(
                    "expected labels from 0 to 255, found {label} for image {image} (from 0)"
                ),
            })
        };
        labels.enumerate().map(label).collect()
    }
}

/// Writes `images` as an IDX file, gzipped if the name ends in `.gz`; a file of that name is replaced.
///
/// # Errors
/// [`DataError::Io`] where the file cannot be written; it may then be there in part.
pub fn write_images(path: &Path, images: &Images) -> Result<(), DataError> {
    let sizes = [images.count(), images.rows(), images.columns()];
    write(path, Content::Images, &sizes, images.pixels())
}

/// Writes `labels` as an IDX file, gzipped if the name ends in `.gz`; a file of that name is replaced.
///
/// # Errors
/// [`DataError::Io`] where the file cannot be written; it may then be there in part. Also where there are more labels
/// than 32 bits count, and nothing is written.
pub fn write_labels(path: &Path, labels: &[u8]) -> Result<(), DataError> {
    write(path, Content::Labels, &[labels.len()], labels)
}

fn write(path: &Path, content: Content, sizes: &[usize], payload: &[u8]) -> Result<(), DataError> {
    let put = || {
        let mut header = content.magic().to_be_bytes().to_vec();
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

#[cfg(test)]
mod tests;
