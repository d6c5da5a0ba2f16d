//! Training rows.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, ones, words};
use bitspin_core::rbm::Groups;

use crate::BitMatrix;

/// Binary units of the training rows.
#[derive(Clone, Copy, Debug)]
pub enum TrainingData<'a> {
    /// Grey levels (0..=255), `visible` pixels per image; binarised at random whenever an image is used.
    Grey(&'a [u8]),
    /// Packed bits, [`words`](bitspin_core::bits::words)`(visible)` an image.
    Packed(&'a [u64]),
}

/// Training rows: binary units, and the categories of their groups.
#[derive(Clone, Copy, Debug)]
pub struct TrainingRows<'a> {
    /// The binary units.
    pub binary: TrainingData<'a>,
    /// \[row\]\[group\]: the category of each categorical group.
    pub categories: &'a [u8],
}

impl<'a> From<TrainingData<'a>> for TrainingRows<'a> {
    fn from(binary: TrainingData<'a>) -> Self {
        Self {
            binary,
            categories: &[],
        }
    }
}

impl<'a> From<&'a BitMatrix> for TrainingRows<'a> {
    fn from(rows: &'a BitMatrix) -> Self {
        TrainingData::Packed(rows.bits()).into()
    }
}

impl TrainingRows<'_> {
    /// Number of rows, all of which have the units of `groups`. O(rows).
    ///
    /// # Errors
    /// As [`TrainingData::count`]; [`Error::Length`] unless every row has a category per group, [`Error::OutOfRange`] if
    /// a category is none of its group's.
    pub fn count(&self, groups: &Groups<'_>) -> Result<usize, Error> {
        let rows = match (groups.binary(), groups.categorical()) {
            (0, each) => self.categories.len() / each,
            (binary, _) => self.binary.count(binary)?,
        };
        let (expected, found) = (rows * groups.categorical(), self.categories.len());
        if expected != found {
            return Err(Error::Length {
                what: "the categories",
                expected,
                found,
            });
        }
        for group in 0..groups.categorical() {
            let (most, each) = (groups.units(group).len(), groups.categorical());
            let mut of_group = self.categories.iter().skip(group).step_by(each);
            if of_group.any(|&category| usize::from(category) >= most) {
                return Err(Error::OutOfRange {
                    what: "a category",
                    expected: "less than the number of categories",
                });
            }
        }
        Ok(rows)
    }

    /// How often each visible unit is set, on average. O(units).
    ///
    /// # Errors
    /// As [`Self::count`].
    pub fn means(&self, groups: &Groups<'_>) -> Result<Vec<f32>, Error> {
        let rows = self.count(groups)?;
        let mut means = match groups.binary() {
            0 => Vec::new(),
            binary => self.binary.means(binary)?,
        };
        for group in 0..groups.categorical() {
            let mut counts = vec![0_u32; groups.units(group).len()];
            let each = groups.categorical();
            for &category in self.categories.iter().skip(group).step_by(each) {
                counts[usize::from(category)] += 1;
            }
            means.extend(counts.iter().map(|&n| (f64::from(n) / rows as f64) as f32));
        }
        Ok(means)
    }
}

impl TrainingData<'_> {
    /// Number of images of `visible` units, all of which are whole. O(images).
    ///
    /// # Errors
    /// [`Error::Empty`] without units or images,
    /// [`Error::Length`] if the last image is not whole, and
    /// [`Error::OutOfRange`] if a packed bit past an image's units is set.
    pub fn count(&self, visible: usize) -> Result<usize, Error> {
        let what = "the training images";
        let (length, each) = match self {
            Self::Grey(pixels) => (pixels.len(), visible),
            Self::Packed(bits) => (bits.len(), words(visible)),
        };
        match length.checked_rem(each) {
            None => return Err(Error::Empty { what }),
            Some(_) if length == 0 => return Err(Error::Empty { what }),
            Some(0) => {}
            Some(found) => {
                return Err(Error::Length {
                    what: "the last training image",
                    expected: each,
                    found,
                });
            }
        }
        if let Self::Packed(bits) = self {
            for image in bits.chunks_exact(each) {
                Bits::new(visible, image)?;
            }
        }
        Ok(length / each)
    }

    /// How often each of the `visible` units is set, on average. O(pixels).
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub fn means(&self, visible: usize) -> Result<Vec<f32>, Error> {
        let count = self.count(visible)?;
        let mut sums = vec![0_u64; visible];
        let each = match self {
            Self::Grey(pixels) => {
                for image in pixels.chunks_exact(visible) {
                    for (sum, &pixel) in sums.iter_mut().zip(image) {
                        *sum += u64::from(pixel);
                    }
                }
                255.0
            }
            Self::Packed(bits) => {
                for i in bits.chunks_exact(words(visible)).flat_map(ones) {
                    sums[i] += 1;
                }
                1.0
            }
        };
        let mean = |sum: u64| (sum as f64 / (count as f64 * each)) as f32;
        Ok(sums.into_iter().map(mean).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_images_are_counted_and_others_refused() {
        assert_eq!(TrainingData::Grey(&[0; 200]).count(20), Ok(10));
        let last = |expected, found| {
            let what = "the last training image";
            Err(Error::Length {
                what,
                expected,
                found,
            })
        };
        assert_eq!(TrainingData::Grey(&[0; 201]).count(20), last(20, 1));
        assert_eq!(TrainingData::Grey(&[0; 199]).count(20), last(20, 19));
        assert_eq!(TrainingData::Packed(&[0; 4]).count(70), Ok(2));
        assert_eq!(TrainingData::Packed(&[0; 5]).count(70), last(2, 1));
        let stray = TrainingData::Packed(&[0, 1 << 6]).count(70);
        assert!(matches!(stray, Err(Error::OutOfRange { .. })), "{stray:?}");
        for data in [TrainingData::Grey(&[]), TrainingData::Packed(&[])] {
            assert!(matches!(data.count(20), Err(Error::Empty { .. })));
            assert!(matches!(data.count(0), Err(Error::Empty { .. })));
        }
        assert!(TrainingData::Grey(&[0; 201]).means(20).is_err());
        let means = TrainingData::Grey(&[255, 0, 255, 51]).means(2);
        assert_eq!(means, Ok(vec![1.0, 0.1]));
    }
}
