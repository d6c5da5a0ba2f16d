//! Ranges of grey levels: the numbers that stand for black and for white.
//!
//! Files hold grey levels as 0..=255, as 0 and 1, as 0..=16 (scikit-learn's digits), as floats in \[0, 1\] or \[-1, 1\].
//! One range applies to all images of a data set, so that training and test images are scaled alike. It is found from
//! their smallest and largest value by the rule of [`GreyRange::of`], and [`GreyRange::note`] tells the user.

use std::fmt;
use std::str::FromStr;

/// The smallest and the largest of some finite numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

impl Extent {
    /// The extent of `values`; `None` if there are none or one of them is not finite.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut all: Option<Self> = None;
        for value in values {
            if !value.is_finite() {
                return None;
            }
            let one = Self {
                least: value,
                most: value,
            };
            all = Some(all.map_or(one, |extent| extent.and(one)));
        }
        all
    }

    /// The extent of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }
}

/// The numbers that stand for black and for white.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GreyRange {
    black: f64,
    white: f64,
}

impl GreyRange {
    /// Bytes: black is 0 and white 255.
    pub const BYTES: Self = Self {
        black: 0.0,
        white: 255.0,
    };

    /// A range; `None` unless `black < white`, both finite.
    #[must_use]
    pub fn new(black: f64, white: f64) -> Option<Self> {
        // The difference is what is divided by.
        let usable = black < white && (white - black).is_finite();
        usable.then_some(Self { black, white })
    }

    /// The range of grey levels that extend from `least` to `most`.
    ///
    /// Without negative levels black is 0. White is then the end of the first customary range that the largest level
    /// fits in and uses at least half of: 1, 255 or 65535; a range up to 1 need not be half used. Where there is none
    /// (0..=16, for one) white is the largest level. With negative levels black is the smallest and white the largest,
    /// but for levels from -1 up to 1, whose white is 1.
    ///
    /// `None` where all levels are equal: one level is no range.
    ///
    /// ```
    /// use bitspin::data::{Extent, GreyRange};
    /// let range = |least, most| GreyRange::of(Extent { least, most }).map(|range| range.to_string());
    /// assert_eq!(range(0.0, 1.0).as_deref(), Some("0..1"));
    /// assert_eq!(range(0.0, 16.0).as_deref(), Some("0..16"));
    /// assert_eq!(range(3.0, 254.0).as_deref(), Some("0..255"));
    /// assert_eq!(range(-0.5, 2.75).as_deref(), Some("-0.5..2.75"));
    /// assert_eq!(range(0.0, 0.0), None);
    /// ```
    #[must_use]
    pub fn of(Extent { least, most }: Extent) -> Option<Self> {
        if least >= most || least.is_nan() || most.is_nan() {
            return None;
        }
        if least < 0.0 {
            let most = if least == -1.0 && (0.0..1.0).contains(&most) {
                1.0
            } else {
                most
            };
            return Self::new(least, most);
        }
        let customary = [(0.0, 1.0), (127.5, 255.0), (32767.5, 65535.0)];
        let fits = |&&(half, end): &&(f64, f64)| half <= most && most <= end;
        let white = customary.iter().find(fits).map_or(most, |&(_, end)| end);
        Self::new(0.0, white)
    }

    /// The number that stands for black.
    #[must_use]
    pub fn black(self) -> f64 {
        self.black
    }

    /// The number that stands for white.
    #[must_use]
    pub fn white(self) -> f64 {
        self.white
    }

    /// Whether all levels of an extent lie in the range.
    #[must_use]
    pub fn contains(self, extent: Extent) -> bool {
        self.black <= extent.least && extent.most <= self.white
    }

    /// Whether levels of an extent lie in the range and reach at least a quarter of it; levels that are all 0 suit any range.
    pub(super) fn suits(self, found: Extent) -> bool {
        let reach = found.most - self.black.min(found.least);
        let dark = found.most == 0.0 && found.least == 0.0;
        self.contains(found) && (dark || 4.0 * reach >= self.white - self.black)
    }

    /// A level as a byte, 0 for black and 255 for white, rounded to the nearest (half up) and clamped.
    #[must_use]
    pub fn byte(self, level: f64) -> u8 {
        let share = (level - self.black) / (self.white - self.black);
        (255.0 * share + 0.5) as u8
    }

    /// What to tell the user of levels that are taken by this range: `None` for bytes that reach 255, which is what
    /// everybody expects. One line, without a line break.
    #[must_use]
    pub fn note(self, found: Extent) -> Option<String> {
        let Extent { least, most } = found;
        if self == Self::BYTES && most == self.white {
            return None;
        }
        let Self { black, white } = self;
        let rounded = if white - black > 255.0 || least.fract() != 0.0 || most.fract() != 0.0 {
            ", rounded to 256 levels"
        } else {
            ""
        };
        Some(format!(
            "grey levels from {least} to {most}: {black} is taken as black and {white} as white{rounded}"
        ))
    }
}

/// Which range the grey levels of a data set are taken by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum GreyLevels {
    /// By the range [found](GreyRange::of).
    #[default]
    Found,
    /// By this range, that of a model's training data, where the levels lie in it and reach at least a quarter of it; else
    /// by the range found. So 0..=15 is taken as 0..=16 was, and masks of 0 and 1 are not taken as nearly black bytes.
    Like(GreyRange),
    /// By this range, in which all levels have to lie.
    In(GreyRange),
}

impl GreyLevels {
    /// The range of levels of this extent; `None` if it is to be found and there is none.
    ///
    /// # Errors
    /// The range that the levels do not lie in.
    pub fn range(self, found: Extent) -> Result<Option<GreyRange>, GreyRange> {
        match self {
            Self::In(range) if !range.contains(found) => Err(range),
            Self::In(range) => Ok(Some(range)),
            Self::Like(range) if range.suits(found) => Ok(Some(range)),
            Self::Like(_) | Self::Found => Ok(GreyRange::of(found)),
        }
    }
}

/// `BLACK..WHITE`.
impl fmt::Display for GreyRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.black, self.white)
    }
}

impl FromStr for GreyRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (black, white) = text.split_once("..")?;
            Self::new(black.parse().ok()?, white.parse().ok()?)
        };
        parse().ok_or_else(|| {
            format!("expected `BLACK..WHITE`, two numbers and the first the smaller, not '{text}'")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(least: f64, most: f64) -> Option<(f64, f64)> {
        GreyRange::of(Extent { least, most }).map(|range| (range.black(), range.white()))
    }

    #[test]
    fn white_is_the_end_of_a_customary_range_or_the_largest_level() {
        for (least, most, expected) in [
            (0.0, 1.0, (0.0, 1.0)),
            (0.0, 0.3, (0.0, 1.0)),
            (0.0, 15.0, (0.0, 15.0)),
            (2.0, 100.0, (0.0, 100.0)),
            (0.0, 127.0, (0.0, 127.0)),
            (0.0, 128.0, (0.0, 255.0)),
            (0.0, 254.6, (0.0, 255.0)),
            (0.0, 256.0, (0.0, 256.0)),
            (0.0, 4095.0, (0.0, 4095.0)),
            (0.0, 40_000.0, (0.0, 65535.0)),
            (0.0, 1e6, (0.0, 1e6)),
            (-1.0, 0.9, (-1.0, 1.0)),
            (-1.0, 1.0, (-1.0, 1.0)),
            (-128.0, 127.0, (-128.0, 127.0)),
            (-2.0, -1.0, (-2.0, -1.0)),
        ] {
            assert_eq!(range(least, most), Some(expected), "{least} to {most}");
        }
        for (least, most) in [
            (0.0, 0.0),
            (7.0, 7.0),
            (-f64::MAX, f64::MAX),
            (f64::NAN, 1.0),
        ] {
            assert_eq!(range(least, most), None, "{least} to {most}");
        }
    }

    #[test]
    fn levels_become_bytes_and_the_middle_is_white_at_half() {
        let masks = GreyRange::new(0.0, 1.0).unwrap();
        assert_eq!([0.0, 1.0].map(|level| masks.byte(level)), [0, 255]);
        let sixteen = GreyRange::new(0.0, 16.0).unwrap();
        assert_eq!(
            [0.0, 7.0, 8.0, 16.0].map(|l| sixteen.byte(l)),
            [0, 112, 128, 255]
        );
        let signed = GreyRange::new(-1.0, 1.0).unwrap();
        assert_eq!(
            [-3.0, -1.0, 0.0, 1.0, 9.0].map(|l| signed.byte(l)),
            [0, 0, 128, 255, 255]
        );
        for byte in 0..=255 {
            assert_eq!(GreyRange::BYTES.byte(f64::from(byte)), byte);
        }
    }

    #[test]
    fn the_user_hears_of_every_range_but_full_bytes() {
        let said = |least, most| {
            let found = Extent { least, most };
            GreyRange::of(found).unwrap().note(found)
        };
        assert_eq!(said(0.0, 255.0), None);
        assert_eq!(
            said(0.0, 1.0).unwrap(),
            "grey levels from 0 to 1: 0 is taken as black and 1 as white"
        );
        assert!(said(0.0, 200.0).unwrap().ends_with("255 as white"));
        assert!(
            said(0.0, 0.75)
                .unwrap()
                .ends_with("1 as white, rounded to 256 levels")
        );
    }

    #[test]
    fn the_range_of_a_model_is_taken_for_levels_that_suit_it() {
        let range = |text: &str| text.parse::<GreyRange>().unwrap();
        let found = |least, most| Extent { least, most };
        let like = |text, least, most| GreyLevels::Like(range(text)).range(found(least, most));
        assert_eq!(like("0..16", 0.0, 15.0), Ok(Some(range("0..16"))));
        assert_eq!(like("0..16", 0.0, 0.0), Ok(Some(range("0..16"))));
        assert_eq!(like("0..16", 0.0, 255.0), Ok(Some(range("0..255"))));
        assert_eq!(like("0..255", 0.0, 1.0), Ok(Some(range("0..1"))));
        assert_eq!(like("0..1", 0.0, 255.0), Ok(Some(range("0..255"))));
        let within = |least, most| GreyLevels::In(range("0..16")).range(found(least, most));
        assert_eq!(within(0.0, 1.0), Ok(Some(range("0..16"))));
        assert_eq!(within(0.0, 17.0), Err(range("0..16")));
        assert_eq!(GreyLevels::Found.range(found(0.0, 0.0)), Ok(None));
    }

    #[test]
    fn ranges_read_back_and_extents_join() {
        for text in ["0..255", "-0.5..2.75", "0..16"] {
            assert_eq!(text.parse::<GreyRange>().unwrap().to_string(), text);
        }
        for wrong in ["", "0", "1..0", "0..0", "0..inf", "nan..1", "a..b"] {
            assert!(wrong.parse::<GreyRange>().is_err(), "{wrong}");
        }
        let both = Extent::of([3.0, 1.0])
            .unwrap()
            .and(Extent::of([2.0]).unwrap());
        assert_eq!((both.least, both.most), (1.0, 3.0));
        assert_eq!(Extent::of([]), None);
        assert_eq!(Extent::of([1.0, f64::NAN]), None);
    }
}
