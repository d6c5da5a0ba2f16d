//! Checks that binarised images still differ, and finds a threshold at which they do.

use std::collections::HashSet;

use bitspin_core::rng::Purpose;

use super::{Binarisation, Dataset, Images};
use crate::BitMatrix;

/// Reason why all binarised images of a data set are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Constant {
    /// They are equal before they are binarised: no rule tells them apart.
    Equal,
    /// They differ, but not by this rule.
    Binarised {
        /// The shade of the picture, if it has but one.
        shade: Option<Shade>,
        /// A threshold at which not all of them are equal.
        threshold: Option<f64>,
    },
}

/// A picture of a single shade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// No bit is set.
    Black,
    /// All bits are set.
    White,
}

impl std::fmt::Display for Shade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Black => "all black",
            Self::White => "all white",
        })
    }
}

impl Dataset {
    /// Whether all training images, two or more, become the same picture, and why. A model of them learns nothing. O(pixels).
    ///
    /// `None` of tables too, whose entries are not binarised.
    #[must_use]
    pub fn constant(&self, how: Binarisation) -> Option<Constant> {
        let images = &self.train.images;
        if self.range.is_none() || images.count() < 2 {
            return None;
        }
        let first = images.image(0);
        if images.iter().all(|image| image == first) {
            // Bits that are drawn differ, unless every pixel is black or white.
            let drawn = first.iter().any(|&pixel| pixel != 0 && pixel != 255);
            return (!how.is_random() || !drawn).then_some(Constant::Equal);
        }
        if how.is_random() {
            return None;
        }
        let bits = BitMatrix::binarise(images, how, 0, Purpose::Evaluation);
        let mut all = bits.iter();
        let picture = all.next()?;
        if !all.all(|other| other == picture) {
            return None;
        }
        let ones: u32 = picture.iter().map(|word| word.count_ones()).sum();
        let shade = match ones as usize {
            0 => Some(Shade::Black),
            ones if ones == bits.units() => Some(Shade::White),
            _ => None,
        };
        let threshold = best_threshold(images, 2);
        Some(Constant::Binarised { shade, threshold })
    }
}

/// Images that are looked at for a threshold.
const LOOKED_AT: usize = 1000;

/// A threshold at which the most of the images differ from one another, at least `distinct` of them: in the middle of the
/// widest gap between grey levels where there are several. O(256 pixels), of the first thousand images.
///
/// ```
/// use bitspin::data::{Images, best_threshold};
///
/// let masks = Images::new(1, 2, vec![0, 1, 1, 0])?;
/// assert_eq!(best_threshold(&masks, 2), Some(0.001));
/// assert_eq!(best_threshold(&Images::new(1, 2, vec![0; 4])?, 2), None);
/// # Ok::<(), bitspin::data::ShapeError>(())
/// ```
#[must_use]
pub fn best_threshold(images: &Images, distinct: usize) -> Option<f64> {
    let images = images.first(LOOKED_AT);
    let mut present = [false; 256];
    for &pixel in images.pixels() {
        present[usize::from(pixel)] = true;
    }
    let levels: Vec<u8> = (0..=255)
        .filter(|&level| present[usize::from(level)])
        .collect();
    let mut best: Option<(usize, u8, f64)> = None;
    for pair in levels.windows(2) {
        let (below, level) = (pair[0], pair[1]);
        let threshold = rounded(below, level);
        let how = Binarisation::Threshold(threshold);
        let bits = BitMatrix::binarise(&images, how, 0, Purpose::Evaluation);
        let count = bits.iter().collect::<HashSet<_>>().len();
        let found = (count, level - below, threshold);
        if count >= distinct && best.is_none_or(|best| (best.0, best.1) < (found.0, found.1)) {
            best = Some(found);
        }
    }
    best.map(|(_, _, threshold)| threshold)
}

/// A number of few digits between two grey levels, as a share of white: above the lower, at most the upper.
fn rounded(below: u8, level: u8) -> f64 {
    let [below, level] = [below, level].map(|grey| f64::from(grey) / 255.0);
    let middle = 0.5 * (below + level);
    let near = |digits: i32| (middle * 10_f64.powi(digits)).floor() / 10_f64.powi(digits);
    let between = |&share: &f64| below < share && share <= level;
    (2..6).map(near).find(between).unwrap_or(middle)
}

#[cfg(test)]
mod tests {
    use super::super::{GreyRange, Split};
    use super::*;

    fn dataset(pixels: &[u8]) -> Dataset {
        let split = || Split {
            images: Images::new(1, 2, pixels.to_vec()).unwrap(),
            labels: None,
            known: None,
        };
        Dataset {
            name: "test".into(),
            train: split(),
            test: split(),
            held_out: crate::data::HeldOut::Last,
            columns: None,
            range: Some(GreyRange::BYTES),
            notes: Vec::new(),
        }
    }

    #[test]
    fn images_that_become_one_picture_are_found_and_a_threshold_that_tells_them_apart() {
        let half = Binarisation::Threshold(0.5);
        let constant = |pixels: &[u8], how| dataset(pixels).constant(how);
        assert_eq!(
            constant(&[0, 76, 76, 0], half),
            Some(Constant::Binarised {
                shade: Some(Shade::Black),
                threshold: Some(0.14)
            })
        );
        assert_eq!(
            constant(&[200, 255, 255, 200], half),
            Some(Constant::Binarised {
                shade: Some(Shade::White),
                threshold: Some(0.89)
            })
        );
        let Some(Constant::Binarised { shade: None, .. }) = constant(&[0, 255, 9, 200], half)
        else {
            panic!("a picture of two shades")
        };
        assert_eq!(constant(&[0, 255, 0, 255], half), Some(Constant::Equal));
        assert_eq!(constant(&[0, 9, 0, 9], half), Some(Constant::Equal));
        assert_eq!(constant(&[0, 255, 255, 0], half), None);
        assert_eq!(constant(&[0, 9], half), None, "a single image");
        let drawn = Binarisation::Stochastic;
        assert_eq!(constant(&[0, 9, 0, 9], drawn), None);
        assert_eq!(constant(&[0, 255, 0, 255], drawn), Some(Constant::Equal));
        let mut table = dataset(&[0, 255, 0, 255]);
        table.range = None;
        assert_eq!(table.constant(half), None);
    }

    #[test]
    fn a_threshold_lies_between_the_levels_that_it_divides() {
        for below in 0..255_u8 {
            for level in below + 1..=255 {
                let threshold = rounded(below, level);
                assert!(
                    f64::from(below) / 255.0 < threshold && threshold <= f64::from(level) / 255.0,
                    "{below} {level} {threshold}"
                );
            }
        }
    }

    #[test]
    fn the_threshold_that_keeps_most_images_apart_is_preferred() {
        // At 10 two of the three are alike, at 20 none.
        let images = Images::new(1, 2, vec![0, 20, 0, 10, 20, 20]).unwrap();
        let threshold = best_threshold(&images, 3).unwrap();
        assert!(
            (10.0 / 255.0..20.0 / 255.0).contains(&threshold),
            "{threshold}"
        );
        assert_eq!(best_threshold(&images, 4), None);
    }
}
