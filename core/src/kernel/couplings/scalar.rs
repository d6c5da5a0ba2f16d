//! The kernel in plain loops.

use super::Flips;
use crate::bits::WORD;

/// Adds twice the rows of spins that became +1, less those of spins that became -1, to tiles of fields.
#[inline]
pub fn add_rows_of_bytes<const V: usize>(flips: &Flips<'_, i8>, tiles: &mut [[i32; WORD]; V]) {
    flips.add_to(tiles.as_flattened_mut());
}
