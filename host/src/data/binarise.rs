//! Binarisation of grey images.
//!
//! Which rule is used changes likelihoods by tens of nats, so it is named beside every number.

use std::fmt;
use std::str::FromStr;

use bitspin_core::bits::words;
use bitspin_core::kernel;
use bitspin_core::rng::{Purpose, Streams};

use super::Images;
use crate::BitMatrix;

/// How a grey pixel (0..=255) becomes a bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Binarisation {
    /// Set with probability pixel / 255.
    Stochastic,
    /// Set where pixel / 255 is at least this threshold, 0..=1.
    Threshold(f64),
}

impl Binarisation {
    /// Whether the bit is drawn, rather than fixed by the pixel.
    #[must_use]
    pub fn is_random(self) -> bool {
        self == Self::Stochastic
    }
}

impl fmt::Display for Binarisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stochastic => f.write_str("stochastic"),
            Self::Threshold(threshold) => write!(f, "threshold={threshold}"),
        }
    }
}

impl FromStr for Binarisation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let threshold = match text.split_once('=') {
            None if text == "stochastic" => return Ok(Self::Stochastic),
            None if text == "threshold" => Some(0.5),
            Some(("threshold", number)) => number
                .parse()
                .ok()
                .filter(|number| (0.0..=1.0).contains(number)),
            _ => None,
        };
        let expected = "expected `stochastic`, `threshold` or `threshold=T` with T from 0 to 1";
        threshold
            .map(Self::Threshold)
            .ok_or_else(|| format!("{expected}, not '{text}'"))
    }
}

impl BitMatrix {
    /// Binarises images, one row per image. Image `k` draws from chain `k` of the seed's streams for `purpose`. O(pixels).
    #[must_use]
    pub fn binarise(images: &Images, how: Binarisation, seed: u64, purpose: Purpose) -> Self {
        let units = images.pixels_per_image();
        let mut bits = vec![0; images.count() * words(units)];
        let mut streams = Streams::new(seed, purpose);
        for (image, bits) in images.iter().zip(bits.chunks_exact_mut(words(units))) {
            match how {
                Binarisation::Stochastic => {
                    kernel::binarise(image, &mut streams.next_chain(), bits)
                }
                Binarisation::Threshold(threshold) => set_from(image, threshold, bits),
            }
        }
        Self::checked(units, bits)
    }
}

/// Sets the bits of the pixels that reach the threshold.
fn set_from(image: &[u8], threshold: f64, bits: &mut [u64]) {
    for (pixels, word) in image.chunks(64).zip(bits) {
        *word = pixels.iter().rev().fold(0, |word, &pixel| {
            word << 1 | u64::from(f64::from(pixel) / 255.0 >= threshold)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images() -> Images {
        Images::new(1, 70, (0..140).map(|k| (k * 37 % 256) as u8).collect()).unwrap()
    }

    #[test]
    fn thresholds_set_the_pixels_that_reach_them() {
        let packed = BitMatrix::binarise(
            &images(),
            Binarisation::Threshold(0.5),
            1,
            Purpose::Evaluation,
        );
        assert_eq!(
            (packed.units(), packed.count(), packed.words_per_row()),
            (70, 2, 2)
        );
        for (image, bits) in images().iter().zip(packed.iter()) {
            for (i, &pixel) in image.iter().enumerate() {
                assert_eq!(bits[i / 64] >> (i % 64) & 1 == 1, pixel >= 128);
            }
            assert_eq!(bits[1] >> 6, 0);
        }
        let all = BitMatrix::binarise(
            &images(),
            Binarisation::Threshold(0.0),
            1,
            Purpose::Evaluation,
        );
        assert_eq!(all.bits(), [u64::MAX, 0x3f, u64::MAX, 0x3f]);
    }

    #[test]
    fn drawn_bits_depend_on_the_seed_and_have_the_mean_of_their_pixels() {
        let grey = Images::new(1, 64, vec![64; 64 * 500]).unwrap();
        let drawn =
            |seed| BitMatrix::binarise(&grey, Binarisation::Stochastic, seed, Purpose::Evaluation);
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        let ones: u32 = drawn(1).bits().iter().map(|word| word.count_ones()).sum();
        let (n, p) = (32_000.0, 64.0 / 255.0);
        // Five standard deviations of a binomial: false alarm 6e-7.
        assert!((f64::from(ones) - n * p).abs() < 5.0 * (n * p * (1.0_f64 - p)).sqrt());
        assert_eq!(drawn(1).take(3).count(), 3);
        assert_eq!(drawn(1).take(3000).count(), 500);
    }

    #[test]
    fn names_read_back_and_others_are_refused() {
        for how in [
            Binarisation::Stochastic,
            Binarisation::Threshold(0.5),
            Binarisation::Threshold(0.2),
        ] {
            assert_eq!(how.to_string().parse(), Ok(how));
        }
        assert_eq!("threshold".parse(), Ok(Binarisation::Threshold(0.5)));
        for wrong in [
            "",
            "grey",
            "threshold=",
            "threshold=1.5",
            "threshold=nan",
            "stochastic=1",
        ] {
            assert!(wrong.parse::<Binarisation>().is_err(), "{wrong}");
        }
    }
}
