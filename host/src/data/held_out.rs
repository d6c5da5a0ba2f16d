//! Rows that are held out from training.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use bitspin_core::bits::words;
use crc::{CRC_64_XZ, Crc, Table};

use super::{DataError, Dataset, Split};

static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// How many rows are held out of data that have no test set of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Holdout {
    /// The last rows, this share of all and at least one.
    Fraction(f64),
    /// None: all rows are trained on, and all are measured.
    None,
}

impl Default for Holdout {
    /// The last tenth.
    fn default() -> Self {
        Self::Fraction(0.1)
    }
}

impl fmt::Display for Holdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fraction(fraction) => write!(f, "{fraction}"),
            Self::None => f.write_str("none"),
        }
    }
}

impl FromStr for Holdout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::None);
        }
        let fraction = text
            .parse()
            .ok()
            .filter(|share| 0.0 < *share && *share < 1.0);
        let expected = "expected `none` or a fraction above 0 and below 1";
        fraction
            .map(Self::Fraction)
            .ok_or_else(|| format!("{expected}, not '{}'", text.escape_debug()))
    }
}

impl Holdout {
    /// How many of `count` rows are held out.
    #[must_use]
    pub fn of(self, count: usize) -> usize {
        match self {
            // A tenth of 30 is 3, whatever 0.1 is in binary.
            Self::Fraction(fraction) => ((count as f64 * fraction + 1e-9) as usize).max(1),
            Self::None => 0,
        }
    }

    /// Cuts rows, which are of the data set `name`, into those to train on and those held out. Without any held out, both
    /// are all rows.
    pub(super) fn split(
        self,
        mut all: Split,
        name: &str,
    ) -> Result<(Split, Split, HeldOut), DataError> {
        let count = all.images.count();
        let held_out = self.of(count);
        if held_out == 0 {
            let test = all.clone();
            return Ok((all, test, HeldOut::None));
        }
        if held_out >= count {
            let path = Path::new(name).to_owned();
            return Err(DataError::TooFew { path, count });
        }
        let test = all.split_off(count - held_out);
        Ok((all, test, HeldOut::Last))
    }
}

/// Where the images held out come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldOut {
    /// From a test set of their own.
    Separate,
    /// They are the last of the data.
    Last,
    /// Nowhere: they are the images to learn from once more.
    None,
}

impl Dataset {
    /// The data with other rows held out. Those of a separate test set are left out.
    ///
    /// # Errors
    /// [`DataError::TooFew`] where no row would be left to train or to test.
    pub fn with_holdout(mut self, holdout: Holdout) -> Result<Self, DataError> {
        if self.held_out == HeldOut::Last {
            self.train.append(self.test);
        }
        (self.train, self.test, self.held_out) = holdout.split(self.train, &self.name)?;
        Ok(self)
    }

    /// The CRC-64/XZ of all images but those of a separate test set, in their order, and of what is known of them: the same
    /// however many are held out.
    #[must_use]
    pub fn rows_checksum(&self) -> u64 {
        let parts = match self.held_out {
            HeldOut::Last => &[&self.train, &self.test][..],
            HeldOut::Separate | HeldOut::None => &[&self.train],
        };
        let mut digest = CRC.digest();
        for part in parts {
            let units = part.images.pixels_per_image();
            for (row, image) in part.images.iter().enumerate() {
                digest.update(image);
                let known = part.known.iter();
                for word in known.flat_map(|known| &known[row * words(units)..][..words(units)]) {
                    digest.update(&word.to_le_bytes());
                }
            }
        }
        digest.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_rows_are_whole_and_at_least_one() {
        for (share, count, held_out) in [
            (0.1, 60_000, 6000),
            (0.1, 30, 3),
            (0.1, 9, 1),
            (0.3, 10, 3),
            (0.5, 7, 3),
            (1e-9, 7, 1),
        ] {
            assert_eq!(Holdout::Fraction(share).of(count), held_out);
        }
        for count in (0..2000).map(|k| k * 37 + 10) {
            assert_eq!(Holdout::default().of(count), count / 10);
        }
        assert_eq!(Holdout::None.of(7), 0);
    }

    #[test]
    fn data_are_known_again_however_many_rows_are_held_out() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("t.csv");
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Dataset::load(Some(&path)).unwrap()
        };
        let data = load("1,0,?\n0,1,1\n1,1,0\n?,0,1\n");
        for holdout in [Holdout::None, Holdout::Fraction(0.5), Holdout::default()] {
            let other = data.clone().with_holdout(holdout).unwrap();
            assert_eq!(other.rows_checksum(), data.rows_checksum());
            let held_out = other.test.images.count();
            assert_eq!(
                held_out,
                [4, holdout.of(4)][usize::from(holdout != Holdout::None)]
            );
            assert_eq!(other.with_holdout(Holdout::default()).unwrap(), data);
        }
        assert_ne!(
            load("1,0,?\n0,1,1\n1,1,0\n?,1,1\n").rows_checksum(),
            data.rows_checksum()
        );
    }

    #[test]
    fn fractions_read_back_and_others_are_refused() {
        for text in ["none", "0.25"] {
            assert_eq!(text.parse::<Holdout>().unwrap().to_string(), text);
        }
        for wrong in ["", "0", "1", "-0.1", "nan", "10%", "None"] {
            assert!(wrong.parse::<Holdout>().is_err(), "{wrong}");
        }
    }
}
