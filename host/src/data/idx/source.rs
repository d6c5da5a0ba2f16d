//! The bytes of an IDX file: its header, then exactly what the header declares.

use std::io;
use std::path::Path;

use super::element::Element;
use crate::data::DataError;
use crate::input::{Format, Input};

/// Files of up to 16 GiB, unpacked.
const FORMAT: Format = Format::new("IDX file", 1 << 34);

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

/// An IDX file being read: its bytes unpacked.
pub(super) struct Source<'a> {
    input: Input,
    pub(super) path: &'a Path,
}

impl<'a> Source<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, DataError> {
        if let Err(error) = path.metadata()
            && error.kind() == io::ErrorKind::NotFound
            && path.symlink_metadata().is_ok()
        {
            return Err(DataError::Content {
                path: path.to_owned(),
                reason: "expected a file, found a link to a file that does not exist".into(),
            });
        }
        let input = Input::unpack(path, &FORMAT)?;
        Ok(Self { input, path })
    }

    /// A file's bytes in memory.
    pub(super) fn of_bytes(bytes: &[u8], path: &'a Path) -> Result<Self, DataError> {
        let input = Input::from_bytes(bytes.to_vec(), path, &FORMAT)?;
        Ok(Self { input, path })
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
        match self.input.length() {
            Some(found) if found < expected => return Err(truncated(found)),
            Some(found) if found > expected => return Err(too_long()),
            _ => {}
        }
        // One byte more than declared: it must not be there, and at the end gzip's checksum is verified.
        let mut bytes = self.read_to(declared.saturating_add(1))?;
        bytes.shrink_to_fit();
        match bytes.len() {
            found if found < declared => Err(truncated(header.len() + found as u64)),
            found if found > declared => Err(too_long()),
            _ => Ok(bytes),
        }
    }

    /// Up to `limit` bytes, fewer only at the end.
    fn read_to(&mut self, limit: usize) -> Result<Vec<u8>, DataError> {
        Ok(self.input.read_up_to(limit as u64)?)
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
