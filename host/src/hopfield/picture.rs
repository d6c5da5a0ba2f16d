//! Stored, damaged and recalled pictures side by side.

use super::recall::Recalled;
use crate::BitMatrix;
use crate::report::grid::Grid;
use crate::report::image::{Image, PictureError};
use crate::sampling::bits_to_grey;

/// Pictures side by side, and how many are drawn at the most.
const ACROSS: usize = 10;
const MOST: usize = 20;

/// The grey between the pictures.
const FRAME: u8 = 96;

/// Pictures up to this side are drawn at twice their size.
const SMALL: usize = 64;

/// Draws the first twenty patterns in blocks of ten: a row of the stored ones, below each the damaged one, and below that
/// the recalled one.
///
/// # Errors
/// [`PictureError`] if nothing was recalled, or the picture would be too large.
///
/// # Panics
/// If `patterns` lacks a pattern that was recalled, or has not `rows * columns` units.
pub fn recall_picture(
    patterns: &BitMatrix,
    recalled: &[Recalled],
    (rows, columns): (usize, usize),
) -> Result<Image, PictureError> {
    let words = patterns.words_per_row();
    let stored = |r: &Recalled| patterns.bits()[r.pattern * words..][..words].to_vec();
    let shown = &recalled[..recalled.len().min(MOST)];
    let mut tiles = Vec::new();
    for block in shown.chunks(ACROSS) {
        let lines = [
            block.iter().flat_map(stored).collect::<Vec<u64>>(),
            block.iter().flat_map(|r| r.damaged.clone()).collect(),
            block.iter().flat_map(|r| r.state.clone()).collect(),
        ];
        for line in lines {
            tiles.extend(bits_to_grey(&line, patterns.units()));
            // The last block may be narrower than the others.
            let missing = ACROSS.min(shown.len()) - block.len();
            tiles.extend(std::iter::repeat_n(vec![FRAME; patterns.units()], missing));
        }
    }
    let magnification = if rows.max(columns) <= SMALL { 2 } else { 1 };
    Grid::new(rows, columns)?
        .tiles_per_row(ACROSS.min(shown.len()))
        .padding(2, FRAME)
        .magnification(magnification)
        .draw(&tiles)
}

#[cfg(test)]
mod tests {
    use bitspin_core::hopfield::{Outcome, Stop};

    use super::*;

    #[test]
    fn blocks_of_three_rows_hold_stored_damaged_and_recalled() {
        let patterns = BitMatrix::from_bits(6, vec![0b111111; 12]).unwrap();
        let one = |pattern| Recalled {
            pattern,
            damaged: vec![0],
            state: vec![0b000001],
            overlap_before: -1.0,
            overlap_after: 0.0,
            sweeps: 1,
            stop: Stop::FixedPoint,
            outcome: Outcome::Spurious {
                nearest: 0,
                overlap: 0.0,
            },
        };
        let all: Vec<_> = (0..12).map(one).collect();
        let image = recall_picture(&patterns, &all, (2, 3)).unwrap();
        assert_eq!(
            (image.width(), image.height()),
            (2 * (10 * 5 + 2), 2 * (6 * 4 + 2))
        );
        let at = |column: usize, row: usize| {
            image
                .pixel(2 * (2 + 5 * column), 2 * (2 + 4 * row))
                .unwrap()[0]
        };
        let first: Vec<_> = (0..6).map(|row| at(1, row)).collect();
        assert_eq!(first, [255, 0, 255, 255, 0, 255]);
        assert_eq!((at(2, 2), at(2, 3), at(1, 5)), (255, FRAME, 255));
        assert!(recall_picture(&patterns, &[], (2, 3)).is_err());
    }
}
