//! Comparison of two states, spin by spin.

use std::fmt;

use bitspin_core::Error;
use bitspin_core::hopfield::{
    ExponentialMemory, Patterns, exponential_table, exponential_table_len,
};
use bitspin_protocol::BETA;

/// Units in which the board's state differs from the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The first unit that differs.
    pub first: usize,
    /// Units that differ.
    pub units: u32,
}

impl Difference {
    /// Compares packed states of as many words; `None` if they are equal.
    #[must_use]
    pub fn between(board: &[u64], desktop: &[u64]) -> Option<Self> {
        let differing = |(at, (a, b)): (usize, (&u64, &u64))| (at, a ^ b);
        let words = || board.iter().zip(desktop).enumerate().map(differing);
        let first = words().find(|&(_, bits)| bits != 0);
        first.map(|(at, bits)| Self {
            first: 64 * at + bits.trailing_zeros() as usize,
            units: words().map(|(_, bits)| bits.count_ones()).sum(),
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, units } = self;
        write!(f, "{units} units differ, the first is unit {first}")
    }
}

/// The memory that a board makes of its patterns for
/// [`Network::Exponential`](bitspin_protocol::Network::Exponential).
///
/// # Errors
/// None for patterns that are valid.
pub fn exponential(
    patterns: Patterns<&[u64]>,
) -> Result<ExponentialMemory<&[u64], Vec<u32>>, Error> {
    let mut table = vec![0; exponential_table_len(BETA)];
    exponential_table(BETA, &mut table)?;
    ExponentialMemory::new(patterns, table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_counted_and_the_first_is_named() {
        assert_eq!(Difference::between(&[5, 6], &[5, 6]), None);
        let difference = Difference::between(&[5, 6], &[5, 16 + 2 + 8]).unwrap();
        assert_eq!((difference.first, difference.units), (64 + 2, 3));
        assert_eq!(
            difference.to_string(),
            "3 units differ, the first is unit 66"
        );
    }
}
