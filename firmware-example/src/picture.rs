//! Pictures in letters.

use bitspin_core::bits::WORD;
use embedded_io::Write;

use crate::console::Console;

/// Prints square pictures of `side` x `side` packed pixels side by side. A letter is as high as two pixels.
pub fn side_by_side(console: &mut Console<impl Write>, side: usize, pictures: &[&[u64]]) {
    for row in (0..side).step_by(2) {
        for picture in pictures {
            console.text("  ");
            for column in 0..side {
                let above = pixel(picture, side * row + column);
                let below = row + 1 < side && pixel(picture, side * (row + 1) + column);
                console.text(match (above, below) {
                    (false, false) => " ",
                    (true, false) => "'",
                    (false, true) => ".",
                    (true, true) => "#",
                });
            }
        }
        console.line();
    }
    console.line();
}

fn pixel(picture: &[u64], at: usize) -> bool {
    let word = picture.get(at / WORD).copied().unwrap_or(0);
    word >> (at % WORD) & 1 != 0
}
