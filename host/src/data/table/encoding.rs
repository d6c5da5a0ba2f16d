//! What the numbers of a table stand for: bits, spins, or grey levels.

use super::cell::Place;
use crate::data::{Extent, GreyLevels, GreyRange};

/// What numbers stand for. One encoding applies to all of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Encoding {
    /// 0 and 1.
    Bits,
    /// -1 and +1.
    Spins,
    /// Grey levels of a range.
    Grey(GreyRange),
}

impl Encoding {
    /// The grey level of a number that the encoding [holds](Self::holds): 255 for a set bit.
    pub(super) fn level(self, number: f64) -> u8 {
        match self {
            Self::Bits | Self::Spins => 255 * u8::from(number > 0.0),
            Self::Grey(range) => range.byte(number),
        }
    }

    /// The range of grey levels, where they are grey.
    pub(super) fn range(self) -> Option<GreyRange> {
        match self {
            Self::Grey(range) => Some(range),
            Self::Bits | Self::Spins => None,
        }
    }

    /// Whether a number is one of the encoding's.
    fn holds(self, number: f64) -> bool {
        match self {
            Self::Bits => number == 0.0 || number == 1.0,
            Self::Spins => number == -1.0 || number == 1.0,
            Self::Grey(range) => range.contains(Extent {
                least: number,
                most: number,
            }),
        }
    }

    /// The encoding in words.
    fn words(self) -> String {
        match self {
            Self::Bits => "0 or 1".into(),
            Self::Spins => "-1 or +1".into(),
            Self::Grey(range) => {
                format!("a grey level from {} to {}", range.black(), range.white())
            }
        }
    }
}

/// What numbers are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// Those of this encoding, as another table has.
    pub(super) as_before: Option<Encoding>,
    /// Those of this range.
    pub(super) grey: GreyLevels,
    /// Bits alone.
    pub(super) bits: bool,
    /// Those of pictures of two axes, which are grey more often than not.
    pub(super) picture: bool,
}

/// A number and where it stands.
type Found = (Place, f64);

/// What is known of the numbers of a table, or of a column, once all have been seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    extent: Option<Extent>,
    ones: u64,
    zero: Option<Place>,
    minus_one: Option<Place>,
    /// The first that lies strictly between 0 and 1, and how many do.
    between: Option<Found>,
    betweens: u64,
    /// The first above 1, and how many are.
    above: Option<Found>,
    aboves: u64,
    /// The first below 0 that is not -1.
    below: Option<Found>,
    /// Entries without a number.
    pub(super) missing: u64,
}

impl Numbers {
    /// Takes in a finite number.
    pub(super) fn see(&mut self, number: f64, place: Place) {
        let one = Extent {
            least: number,
            most: number,
        };
        self.extent = Some(self.extent.map_or(one, |extent| extent.and(one)));
        let found = Some((place, number));
        if number == 1.0 {
            self.ones += 1;
        } else if number == 0.0 {
            self.zero = self.zero.or(Some(place));
        } else if number == -1.0 {
            self.minus_one = self.minus_one.or(Some(place));
        } else if number > 1.0 {
            self.above = self.above.or(found);
            self.aboves += 1;
        } else if number > 0.0 {
            self.between = self.between.or(found);
            self.betweens += 1;
        } else {
            self.below = self.below.or(found);
        }
    }

    /// Adds what was seen of another part, whose places come after these or on the same lines.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            extent: match (self.extent, other.extent) {
                (Some(one), Some(two)) => Some(one.and(two)),
                (one, two) => one.or(two),
            },
            ones: self.ones + other.ones,
            zero: self.zero.or(other.zero),
            minus_one: self.minus_one.or(other.minus_one),
            between: self.between.or(other.between),
            betweens: self.betweens + other.betweens,
            above: self.above.or(other.above),
            aboves: self.aboves + other.aboves,
            below: self.below.or(other.below),
            missing: self.missing + other.missing,
        }
    }

    /// The encoding of the numbers, and what to tell the user of it.
    ///
    /// Numbers are grey only where few of them could be mistakes in a table of 0 and 1: where more lie strictly between 0
    /// and 1, or above 1, than are exactly 1.
    ///
    /// # Errors
    /// The first number that does not fit, and what was expected of it.
    pub(super) fn encoding(&self, wanted: Wanted) -> Result<(Encoding, Option<String>), Unfit> {
        let given = match (wanted.as_before, wanted.grey) {
            (Some(before), _) => Some(before),
            (None, GreyLevels::In(range)) => Some(Encoding::Grey(range)),
            (None, _) => None,
        };
        if let Some(given) = given {
            return match self.first_outside(given) {
                None => Ok((given, None)),
                Some(found) => Err(Unfit::new(found, given.words())),
            };
        }
        let Some(extent) = self.extent else {
            return Ok((Encoding::Bits, None));
        };
        let ours = self.between.or(self.above).or(self.below);
        let Some(first) = ours else {
            return match (self.minus_one, self.zero) {
                (None, _) => Ok((Encoding::Bits, None)),
                (Some(_), None) => {
                    let note = "the values -1 and +1 are taken as the bits 0 and 1";
                    Ok((Encoding::Spins, Some(note.into())))
                }
                (Some(place), Some(zero)) => {
                    let expected = format!("0 or 1 as in {zero}, or -1 and +1 everywhere");
                    Err(Unfit::new((place, -1.0), expected))
                }
            };
        };
        let picture = wanted.picture;
        let is_grey = match (extent.least < 0.0, extent.most > 1.0) {
            (true, _) => picture,
            (false, false) => picture || self.betweens > self.ones,
            (false, true) => {
                let is_byte = (128.0..=255.0).contains(&extent.most);
                picture || (is_byte && self.aboves > self.ones)
            }
        };
        let alike = match wanted.grey {
            GreyLevels::Like(range) if range.suits(extent) => Some(range),
            _ => None,
        };
        let range = alike.or(GreyRange::of(extent).filter(|_| is_grey));
        if let Some(range) = range.filter(|_| !wanted.bits) {
            let full = "grey levels from 0 to 255: 0 is taken as black and 255 as white";
            let note = range.note(extent).unwrap_or_else(|| full.into());
            return Ok((Encoding::Grey(range), Some(note)));
        }
        // The first of those that a table of 0 and 1 does not hold, in the order of the places.
        let strange = [self.between, self.above, self.below];
        let first = strange.into_iter().flatten().fold(first, Unfit::earlier);
        let hint = GreyRange::of(extent).filter(|_| !wanted.bits).map(|range| {
            format!(
                "the numbers go from {} to {}, options.grey = {range} takes them as grey levels",
                extent.least, extent.most
            )
        });
        Err(Unfit {
            hint,
            ..Unfit::new(first, "0 or 1 (or -1 and +1 everywhere)".into())
        })
    }

    /// The first number that an encoding does not hold.
    fn first_outside(&self, encoding: Encoding) -> Option<Found> {
        let zero = self.zero.map(|place| (place, 0.0));
        let minus_one = self.minus_one.map(|place| (place, -1.0));
        let all = [zero, minus_one, self.between, self.above, self.below];
        let outside = |found: &Found| !encoding.holds(found.1);
        let first = all
            .into_iter()
            .flatten()
            .filter(outside)
            .reduce(Unfit::earlier);
        // Of grey levels only the first above 1 or below 0 is known by its place.
        first.or_else(
            || match (encoding, self.extent, self.above.or(self.below)) {
                (Encoding::Grey(range), Some(extent), Some((place, _)))
                    if !range.contains(extent) =>
                {
                    let worst = if extent.most > range.white() {
                        extent.most
                    } else {
                        extent.least
                    };
                    Some((place, worst))
                }
                _ => None,
            },
        )
    }
}

/// A number that does not fit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unfit {
    pub(super) place: Place,
    pub(super) found: f64,
    pub(super) expected: String,
    /// What the user may do about it.
    pub(super) hint: Option<String>,
}

impl Unfit {
    fn new((place, found): Found, expected: String) -> Self {
        Self {
            place,
            found,
            expected,
            hint: None,
        }
    }

    fn earlier(one: Found, two: Found) -> Found {
        let key = |(place, _): &Found| match *place {
            Place::Cell { line, column } => (line, column),
            Place::Element { row, at } => (row as u64, at),
        };
        if key(&two) < key(&one) { two } else { one }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(numbers: &[f64]) -> Numbers {
        let mut all = Numbers::default();
        for (at, &number) in numbers.iter().enumerate() {
            all.see(number, Place::Element { row: 0, at });
        }
        all
    }

    #[test]
    fn bits_spins_and_grey_levels_are_told_apart() {
        let bytes = Encoding::Grey(GreyRange::BYTES);
        let share = Encoding::Grey(GreyRange::new(0.0, 1.0).unwrap());
        for (numbers, encoding) in [
            (&[0.0, 1.0][..], Encoding::Bits),
            (&[1.0, 1.0], Encoding::Bits),
            (&[], Encoding::Bits),
            (&[-1.0, 1.0], Encoding::Spins),
            (&[-1.0], Encoding::Spins),
            (&[0.0, 255.0], bytes),
            (&[0.0, 1.0, 7.0, 200.0], bytes),
            (&[0.25, 0.0, 1.0, 0.75], share),
        ] {
            let found = seen(numbers).encoding(Wanted::default()).unwrap().0;
            assert_eq!(found, encoding, "{numbers:?}");
        }
        let sixteen = seen(&[0.0, 1.0, 16.0])
            .encoding(Wanted {
                picture: true,
                ..Wanted::default()
            })
            .unwrap();
        assert_eq!(sixteen.0.range().unwrap().to_string(), "0..16");
        assert!(sixteen.1.unwrap().contains("16 as white"));
    }

    /// A number that stands alone among 0 and 1 is a mistake, not a grey level.
    #[test]
    fn a_stray_number_is_named_with_its_place() {
        for (numbers, at, hint) in [
            (&[0.0, 1.0, 1.0, 0.5][..], 3, "options.grey = 0..1 "),
            (&[0.0, 1.0, 7.0, 1.0], 2, "options.grey = 0..7 "),
            (&[0.0, 1.0, 1.0, 200.0], 3, "options.grey = 0..255 "),
            (&[0.0, 2.0, 0.0, 16.0], 1, "options.grey = 0..16 "),
            (&[0.0, 1.0, -3.0], 2, "options.grey = -3..1 "),
            (&[0.0, 300.0, 0.5], 1, "options.grey = 0..300 "),
        ] {
            let unfit = seen(numbers).encoding(Wanted::default()).unwrap_err();
            assert_eq!(unfit.place, Place::Element { row: 0, at }, "{numbers:?}");
            assert_eq!(unfit.found, numbers[at]);
            assert!(unfit.hint.as_ref().unwrap().contains(hint), "{unfit:?}");
        }
        let mixed = seen(&[0.0, 1.0, -1.0])
            .encoding(Wanted::default())
            .unwrap_err();
        assert_eq!((mixed.found, mixed.hint), (-1.0, None));
        for (given, numbers) in [
            (Encoding::Bits, &[0.0, -1.0][..]),
            (Encoding::Spins, &[1.0, 0.0]),
            (Encoding::Grey(GreyRange::BYTES), &[0.0, 256.0]),
        ] {
            let unfit = seen(numbers)
                .encoding(Wanted {
                    as_before: Some(given),
                    picture: true,
                    ..Wanted::default()
                })
                .unwrap_err();
            assert_eq!(unfit.found, numbers[1]);
        }
    }
}
