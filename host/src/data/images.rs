//! Grey images of one size in one buffer, and images with their labels.

use bitspin_core::bits::words;

/// Images of one size with 8-bit grey levels, 0 (background) to 255 (ink).
///
/// One buffer, row-major, image after image: the pixel of image `i` in row `r` and column `c` is byte
/// `(i * rows + r) * columns + c`. There is at least one image of at least one pixel, and `rows`, `columns` and
/// `count` each fit an IDX header (32 bits).
#[derive(Clone, PartialEq, Eq)]
pub struct Images {
    rows: usize,
    columns: usize,
    count: usize,
    pixels: Vec<u8>,
}

/// The bytes given are not one or more whole images of the size given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one or more whole images of {rows} x {columns} pixels, found {bytes} bytes")]
pub struct ShapeError {
    /// Rows per image.
    pub rows: usize,
    /// Columns per image.
    pub columns: usize,
    /// Bytes given.
    pub bytes: usize,
}

impl Images {
    /// Takes `pixels` as images of `rows` x `columns`; their number follows from the length. No copy, O(1).
    ///
    /// # Errors
    /// [`ShapeError`] where a size is zero, the length is not a positive multiple of `rows * columns`, or a size or the
    /// number of images exceeds 32 bits.
    ///
    /// ```
    /// let images = bitspin::data::Images::new(2, 3, vec![0; 12])?;
    /// assert_eq!((images.count(), images.pixels_per_image()), (2, 6));
    /// # Ok::<(), bitspin::data::ShapeError>(())
    /// ```
    pub fn new(rows: usize, columns: usize, pixels: Vec<u8>) -> Result<Self, ShapeError> {
        let bytes = pixels.len();
        let fits = |size: usize| size > 0 && u32::try_from(size).is_ok();
        let count = match rows.checked_mul(columns) {
            Some(size) if size > 0 && bytes.is_multiple_of(size) => bytes / size,
            _ => 0,
        };
        if fits(rows) && fits(columns) && fits(count) {
            Ok(Self {
                rows,
                columns,
                count,
                pixels,
            })
        } else {
            Err(ShapeError {
                rows,
                columns,
                bytes,
            })
        }
    }

    /// Rows per image, at least 1.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns per image, at least 1.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of images, at least 1.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Pixels per image, `rows * columns`: the number of visible units of a model that sees them.
    #[must_use]
    pub fn pixels_per_image(&self) -> usize {
        self.rows * self.columns
    }

    /// All grey levels, `count * pixels_per_image` bytes, image after image.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The grey levels of image `i`, row after row.
    ///
    /// # Panics
    /// If `i >= count`.
    #[must_use]
    pub fn image(&self, i: usize) -> &[u8] {
        let size = self.pixels_per_image();
        &self.pixels[i * size..][..size]
    }

    /// The images one after another, each `pixels_per_image` bytes.
    pub fn iter(&self) -> std::slice::ChunksExact<'_, u8> {
        self.pixels.chunks_exact(self.pixels_per_image())
    }

    /// A copy of the first `count` images, or of all if there are fewer; at least one.
    ///
    /// ```
    /// let images = bitspin::data::Images::new(2, 3, (0..30).collect())?;
    /// let two = images.first(2);
    /// assert_eq!((two.count(), two.pixels().len()), (2, 12));
    /// assert_eq!(images.first(9), images);
    /// # Ok::<(), bitspin::data::ShapeError>(())
    /// ```
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let count = count.clamp(1, self.count);
        let pixels = self.pixels[..count * self.pixels_per_image()].to_vec();
        Self {
            pixels,
            count,
            ..*self
        }
    }

    /// The images at half their height and width, every pixel the mean of four, rounded; `None` if a side is odd.
    /// O(pixels).
    ///
    /// ```
    /// let images = bitspin::data::Images::new(2, 4, vec![0, 4, 9, 9, 8, 10, 9, 10])?;
    /// assert_eq!(images.halved().map(|images| images.pixels().to_vec()), Some(vec![6, 9]));
    /// # Ok::<(), bitspin::data::ShapeError>(())
    /// ```
    #[must_use]
    pub fn halved(&self) -> Option<Self> {
        let (rows, columns) = (self.rows / 2, self.columns / 2);
        if !self.rows.is_multiple_of(2) || !self.columns.is_multiple_of(2) {
            return None;
        }
        let mut pixels = Vec::with_capacity(self.pixels.len() / 4);
        for pair in self.pixels.chunks_exact(2 * self.columns) {
            let (upper, lower) = pair.split_at(self.columns);
            for (upper, lower) in upper.chunks_exact(2).zip(lower.chunks_exact(2)) {
                let sum: u16 = upper.iter().chain(lower).map(|&grey| u16::from(grey)).sum();
                pixels.push(((sum + 2) / 4) as u8);
            }
        }
        Some(Self {
            rows,
            columns,
            pixels,
            ..*self
        })
    }

    /// Keeps the first `at` images and returns the others. Copies what it returns, O(their pixels).
    ///
    /// # Panics
    /// Unless `0 < at < count`: neither part may be empty.
    #[must_use]
    pub fn split_off(&mut self, at: usize) -> Self {
        assert!(
            0 < at && at < self.count,
            "cannot split {} images at {at}",
            self.count
        );
        let pixels = self.pixels.split_off(at * self.pixels_per_image());
        let count = self.count - at;
        self.count = at;
        Self {
            pixels,
            count,
            ..*self
        }
    }
}

impl<'a> IntoIterator for &'a Images {
    type Item = &'a [u8];
    type IntoIter = std::slice::ChunksExact<'a, u8>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The shape alone: 47 million pixels are too many to read.
impl std::fmt::Debug for Images {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            rows,
            columns,
            count,
            ..
        } = self;
        write!(f, "Images({count} of {rows} x {columns})")
    }
}

/// Images for one purpose, to train or to test, and their labels where there are any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The images.
    pub images: Images,
    /// The class of each image, in the images' order and number; any byte may be a class.
    pub labels: Option<Vec<u8>>,
    /// Which pixels are known, as packed bits image after image, where some are not: those of a table's missing
    /// entries. `None` where all are known.
    pub known: Option<Vec<u64>>,
}

impl Split {
    /// Adds the images of `other` after these; labels stay where both have them.
    ///
    /// # Panics
    /// If the images are not of one size.
    pub(super) fn append(&mut self, other: Self) {
        let size = |images: &Images| (images.rows, images.columns);
        assert_eq!(
            size(&self.images),
            size(&other.images),
            "images of one size"
        );
        let units = words(self.images.pixels_per_image());
        let all = |split: &Self| vec![u64::MAX; split.images.count * units];
        self.known = match (self.known.take(), other.known) {
            (None, None) => None,
            (ours, theirs) => {
                let mut known = ours.unwrap_or_else(|| all(self));
                let count = other.images.count * units;
                known.extend(theirs.unwrap_or_else(|| vec![u64::MAX; count]));
                Some(known)
            }
        };
        self.labels = self
            .labels
            .take()
            .zip(other.labels)
            .map(|(ours, theirs)| [ours, theirs].concat());
        self.images.pixels.extend(other.images.pixels);
        self.images.count += other.images.count;
    }

    /// Keeps the first `at` images, labels and what is known of them and returns the others.
    ///
    /// # Panics
    /// Unless `0 < at < count`, as [`Images::split_off`].
    #[must_use]
    pub fn split_off(&mut self, at: usize) -> Self {
        let words = words(self.images.pixels_per_image());
        Self {
            images: self.images.split_off(at),
            labels: self.labels.as_mut().map(|labels| labels.split_off(at)),
            known: self.known.as_mut().map(|known| known.split_off(at * words)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_whole_images_only() {
        for (rows, columns, bytes) in [
            (2, 3, 0),
            (2, 3, 5),
            (2, 3, 7),
            (0, 3, 6),
            (2, 0, 6),
            (usize::MAX, 2, 6),
        ] {
            let error = Images::new(rows, columns, vec![0; bytes]).unwrap_err();
            assert_eq!(
                error,
                ShapeError {
                    rows,
                    columns,
                    bytes
                }
            );
        }
        assert_eq!(Images::new(2, 3, vec![0; 6]).unwrap().count(), 1);
    }

    #[test]
    fn images_are_row_major_one_after_another() {
        let images = Images::new(1, 2, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(images.image(1), [3, 4]);
        assert!(images.iter().eq([[1, 2], [3, 4], [5, 6]]));
        assert_eq!(format!("{images:?}"), "Images(3 of 1 x 2)");
    }

    #[test]
    fn splits_images_and_labels_at_the_same_place() {
        let images = Images::new(1, 2, vec![1, 2, 3, 4, 5, 6]).unwrap();
        let mut split = Split {
            images,
            labels: Some(vec![7, 8, 9]),
            known: Some(vec![1, 2, 3]),
        };
        let rest = split.split_off(2);
        assert_eq!(
            (split.images.pixels(), split.images.count()),
            (&[1, 2, 3, 4][..], 2)
        );
        assert_eq!(split.labels.as_deref(), Some(&[7, 8][..]));
        assert_eq!(
            (rest.images.pixels(), rest.images.count()),
            (&[5, 6][..], 1)
        );
        assert_eq!(rest.labels.as_deref(), Some(&[9][..]));
        assert_eq!(split.known.as_deref(), Some(&[1, 2][..]));
        assert_eq!(rest.known.as_deref(), Some(&[3][..]));
    }
}
