//! Damage that a memory has to undo: flipped units, or a blank half of a picture.

use std::fmt;
use std::str::FromStr;

use rand_core::Rng;

/// Half of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The rows from the middle one down.
    Bottom,
    /// The rows above the middle.
    Top,
    /// The columns left of the middle.
    Left,
    /// The columns from the middle one to the right.
    Right,
}

impl Half {
    /// Whether the pixel in this row and column belongs to it, of a picture of `rows` x `columns`.
    #[must_use]
    pub const fn holds(
        self,
        (row, column): (usize, usize),
        (rows, columns): (usize, usize),
    ) -> bool {
        match self {
            Self::Bottom => row >= rows / 2,
            Self::Top => row < rows / 2,
            Self::Left => column < columns / 2,
            Self::Right => column >= columns / 2,
        }
    }

    const NAMES: [(&'static str, Self); 4] = [
        ("bottom-half", Self::Bottom),
        ("top-half", Self::Top),
        ("left-half", Self::Left),
        ("right-half", Self::Right),
    ];
}

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::NAMES.iter().find(|(_, half)| half == self);
        f.write_str(named.map_or("", |(name, _)| name))
    }
}

impl FromStr for Half {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::NAMES.iter().find(|(name, _)| *name == text);
        named.map(|&(_, half)| half).ok_or_else(|| {
            format!("expected bottom-half, top-half, left-half or right-half, not '{text}'")
        })
    }
}

/// Damage to a pattern before recall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Damage {
    /// Every unit is inverted with this probability, 0..=1.
    Noise(f64),
    /// Every unit of this half becomes -1 (black).
    Erase(Half),
}

impl Damage {
    /// Damages a packed pattern of `rows` x `columns` units in place, drawing one random number per unit for noise.
    /// O(units).
    ///
    /// # Panics
    /// If `bits` holds fewer than `rows * columns` bits.
    pub fn apply(self, bits: &mut [u64], (rows, columns): (usize, usize), random: &mut impl Rng) {
        for unit in 0..rows * columns {
            let (word, bit) = (unit / 64, 1 << (unit % 64));
            match self {
                Self::Noise(share) => {
                    // Below 2^32 always at 1, never at 0: both ends are exact.
                    let threshold = (share * 2.0_f64.powi(32)).round() as u64;
                    if u64::from(random.next_u32()) < threshold {
                        bits[word] ^= bit;
                    }
                }
                Self::Erase(half) => {
                    if half.holds((unit / columns, unit % columns), (rows, columns)) {
                        bits[word] &= !bit;
                    }
                }
            }
        }
    }
}

/// In words: `20% of the units flipped`, `bottom-half erased`.
impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noise(share) => write!(f, "{}% of the units flipped", 100.0 * share),
            Self::Erase(half) => write!(f, "{half} erased"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitspin_core::rng::{Purpose, Streams};

    fn damaged(damage: Damage) -> Vec<u64> {
        let mut bits = vec![u64::MAX, u64::MAX, (1 << 22) - 1];
        let mut random = Streams::new(1, Purpose::Evaluation).next_stream();
        damage.apply(&mut bits, (10, 15), &mut random);
        bits
    }

    fn ones(bits: &[u64]) -> u32 {
        bits.iter().map(|word| word.count_ones()).sum()
    }

    #[test]
    fn noise_flips_its_share_and_nothing_past_the_end() {
        assert_eq!(ones(&damaged(Damage::Noise(0.0))), 150);
        assert_eq!(ones(&damaged(Damage::Noise(1.0))), 0);
        let half = ones(&damaged(Damage::Noise(0.5)));
        // Six standard deviations of a binomial: false alarm 2e-9.
        assert!((75.0 - f64::from(half)).abs() < 6.0 * (150.0_f64 / 4.0).sqrt());
        assert_eq!(damaged(Damage::Noise(0.5))[2] >> 22, 0);
    }

    #[test]
    fn halves_are_erased_whole_and_two_make_a_picture() {
        for (half, left) in [
            (Half::Bottom, 75),
            (Half::Top, 75),
            (Half::Left, 80),
            (Half::Right, 70),
        ] {
            assert_eq!(ones(&damaged(Damage::Erase(half))), left, "{half}");
            assert_eq!(half.to_string().parse(), Ok(half));
        }
        assert!("middle".parse::<Half>().is_err());
        assert_eq!(Damage::Noise(0.2).to_string(), "20% of the units flipped");
    }
}
