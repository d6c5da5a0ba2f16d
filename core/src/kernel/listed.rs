//! Rows of few outputs added to rows: by lists of the set bits of a whole vector, not a word at a time.
//!
//! With few outputs, a loop over the bits of a word costs more by the wrongly predicted branch that ends it than by the rows
//! that it adds. A list of the bits of many words ends one loop. It is written without a branch per bit: always as many
//! entries as most words have bits, of which the next word's overwrite those that are too many.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::listed::add_changed_rows;

use super::LANES;

/// The most outputs for which lists pay.
pub const WIDEST: usize = 2 * LANES;

#[cfg(test)]
mod tests;
