//! The picture of sampled states.

use super::sampling::Point;
use crate::report::grid::Grid;
use crate::report::image::PictureError;

/// The last states of the first chains, hottest first, spins +1 white, as PNG.
///
/// # Errors
/// [`PictureError`] for states of another size than `rows` x `columns`.
pub fn states_picture(
    points: &[Point],
    rows: usize,
    columns: usize,
) -> Result<Vec<u8>, PictureError> {
    let tiles = points.iter().map(|point| {
        let pixels = point.state.iter().map(|&up| if up { 255 } else { 30 });
        pixels.collect::<Vec<u8>>()
    });
    let tiles: Vec<_> = tiles.collect();
    let magnification = (256 / rows.max(columns)).clamp(1, 8);
    let grid = Grid::new(rows, columns)?.tiles_per_row(4).padding(1, 128);
    grid.magnification(magnification).draw(&tiles)?.to_png()
}
