//! What was recalled.

use super::Patterns;
use crate::Error;
use crate::bits::{Bits, hamming, spin};
use crate::error::check_len;

/// What a state is, seen from the stored patterns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// A stored pattern, but for some spins.
    Pattern {
        /// Which.
        index: usize,
        /// Spins that differ.
        differing: u32,
    },
    /// A stored pattern with black and white exchanged, but for some spins.
    Inverse {
        /// Which.
        index: usize,
        /// Spins that differ from the inverse.
        differing: u32,
    },
    /// The majority of three stored patterns or their inverses, but for some spins.
    Mixture {
        /// Which, the nearest first, and whether it is the inverse that takes part.
        parts: [(usize, bool); 3],
        /// Spins that differ from the majority.
        differing: u32,
    },
    /// None of these.
    Spurious {
        /// The pattern whose overlap is largest in magnitude.
        nearest: usize,
        /// That overlap, (1/N) sum_i xi_i s_i.
        overlap: f32,
    },
}

impl Outcome {
    /// The pattern that was recalled, not its inverse, with no spin wrong.
    #[must_use]
    pub fn exactly(&self) -> Option<usize> {
        match *self {
            Self::Pattern {
                index,
                differing: 0,
            } => Some(index),
            _ => None,
        }
    }
}

/// Classifies a state, allowing for `tolerance` wrong spins: the nearest pattern or inverse if it is within the tolerance;
/// otherwise the majority of the three nearest if that is; otherwise spurious. Of equally near patterns it takes the first. All
/// overlaps are those of [`Patterns::overlaps`]. O(P N) bits.
///
/// # Errors
/// [`Error::Length`] unless the state has N spins.
pub fn recalled<S: AsRef<[u64]>, T: AsRef<[u64]>>(
    patterns: &Patterns<S>,
    state: &Bits<T>,
    tolerance: u32,
) -> Result<Outcome, Error> {
    check_len("state", patterns.units(), state.len())?;
    let (units, state) = (patterns.units() as u32, state.as_words());
    // Of the pattern or its inverse, whichever is nearer: spins that differ, which pattern, whether the inverse.
    let mut nearest = [(u32::MAX, 0, false); 3];
    for (index, pattern) in patterns.iter().enumerate() {
        let differing = hamming(pattern, state);
        let mut entry = match differing > units / 2 {
            true => (units - differing, index, true),
            false => (differing, index, false),
        };
        for slot in &mut nearest {
            if entry.0 < slot.0 {
                core::mem::swap(&mut entry, slot);
            }
        }
    }
    let [(differing, index, inverse), ..] = nearest;
    if differing <= tolerance {
        return Ok(match inverse {
            true => Outcome::Inverse { index, differing },
            false => Outcome::Pattern { index, differing },
        });
    }
    if patterns.count() >= 3 {
        let parts = nearest.map(|(_, index, inverse)| (index, inverse));
        let rows = parts.map(|(index, inverse)| (patterns.iter().nth(index), inverse));
        let vote = |unit: usize| -> i32 {
            let spins = rows.map(|(row, inverse)| {
                let spin = spin(row.unwrap_or_default(), unit);
                if inverse { -spin } else { spin }
            });
            spins.iter().sum()
        };
        let wrong = (0..patterns.units()).filter(|&unit| vote(unit) * spin(state, unit) < 0);
        let differing = wrong.count() as u32;
        if differing <= tolerance {
            return Ok(Outcome::Mixture { parts, differing });
        }
    }
    let overlap = 1.0 - 2.0 * differing as f32 / units as f32;
    Ok(Outcome::Spurious {
        nearest: index,
        overlap: if inverse { -overlap } else { overlap },
    })
}
