//! Many small images of one size, side by side.
//!
//! The layout is that of torchvision's `make_grid`, which the lecture's script draws its digits with: eight tiles a
//! row, two black pixels between tiles and around the whole. A last row that is not full is filled with padding.

use super::image::{Colour, Image, PictureError};

/// How tiles are laid out. The default methods give torchvision's grid; `columns` of tiles and padding can be changed.
///
/// ```
/// use bitspin::report::grid::Grid;
///
/// let digits = vec![vec![255_u8; 28 * 28]; 20];
/// let picture = Grid::new(28, 28)?.draw(&digits)?;
/// assert_eq!((picture.width(), picture.height()), (8 * 30 + 2, 3 * 30 + 2));
/// let png: Vec<u8> = picture.to_png()?;
/// # Ok::<(), bitspin::report::image::PictureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Grid {
    rows: usize,
    columns: usize,
    tiles_per_row: usize,
    padding: usize,
    padding_value: u8,
    magnification: usize,
}

impl Grid {
    /// A grid of tiles of `rows` x `columns` pixels: eight a row, two black pixels of padding, drawn at their own size.
    ///
    /// # Errors
    /// [`PictureError::Zero`] if either is zero.
    pub const fn new(rows: usize, columns: usize) -> Result<Self, PictureError> {
        if rows == 0 {
            return Err(PictureError::Zero { what: "tile rows" });
        }
        if columns == 0 {
            return Err(PictureError::Zero {
                what: "tile columns",
            });
        }
        Ok(Self {
            rows,
            columns,
            tiles_per_row: 8,
            padding: 2,
            padding_value: 0,
            magnification: 1,
        })
    }

    /// Tiles in a row of the grid; 0 is taken as 1. Fewer tiles than this make a narrower picture.
    #[must_use]
    pub fn tiles_per_row(mut self, tiles: usize) -> Self {
        self.tiles_per_row = tiles.max(1);
        self
    }

    /// Pixels between tiles and around the whole, and their grey level. They are magnified with the tiles.
    #[must_use]
    pub const fn padding(mut self, pixels: usize, value: u8) -> Self {
        self.padding = pixels;
        self.padding_value = value;
        self
    }

    /// Every pixel is drawn as a square of this side; 0 is taken as 1.
    #[must_use]
    pub fn magnification(mut self, factor: usize) -> Self {
        self.magnification = factor.max(1);
        self
    }

    /// Rows of pixels in a tile.
    pub const fn tile_rows(&self) -> usize {
        self.rows
    }

    /// Columns of pixels in a tile.
    pub const fn tile_columns(&self) -> usize {
        self.columns
    }

    /// Draws grey tiles: row-major, one byte per pixel, 0 black, 255 white.
    ///
    /// # Errors
    /// [`PictureError`] if there is no tile, one has another size than the grid's, or the picture would be too large.
    pub fn draw<T: AsRef<[u8]>>(&self, tiles: &[T]) -> Result<Image, PictureError> {
        self.draw_in(Colour::Grey, tiles)
    }

    /// Draws coloured tiles: row-major, three bytes per pixel.
    ///
    /// # Errors
    /// As [`draw`](Self::draw).
    pub fn draw_rgb<T: AsRef<[u8]>>(&self, tiles: &[T]) -> Result<Image, PictureError> {
        self.draw_in(Colour::Rgb, tiles)
    }

    fn draw_in<T: AsRef<[u8]>>(&self, colour: Colour, tiles: &[T]) -> Result<Image, PictureError> {
        let channels = colour.channels();
        let tile_length = self
            .rows
            .checked_mul(self.columns)
            .and_then(|pixels| pixels.checked_mul(channels))
            .ok_or(PictureError::TooLarge)?;
        for (tile, values) in tiles.iter().enumerate() {
            let found = values.as_ref().len();
            if found != tile_length {
                return Err(PictureError::TileLength {
                    tile,
                    rows: self.rows,
                    columns: self.columns * channels,
                    found,
                });
            }
        }
        if tiles.is_empty() {
            return Err(PictureError::NoTiles);
        }
        let across = self.tiles_per_row.min(tiles.len());
        let down = tiles.len().div_ceil(across);
        let width = self.side(self.columns, across)?;
        let height = self.side(self.rows, down)?;
        let mut image = Image::filled(width, height, colour, self.padding_value)?;
        for (tile, values) in tiles.iter().enumerate() {
            let left = self.start(self.columns, tile % across);
            let top = self.start(self.rows, tile / across);
            self.place(&mut image, left, top, values.as_ref());
        }
        Ok(image)
    }

    /// Copies one tile to `left`, `top`, magnified. The sizes have been checked.
    fn place(&self, image: &mut Image, left: usize, top: usize, values: &[u8]) {
        let channels = image.colour().channels();
        for (row, line) in values.chunks_exact(self.columns * channels).enumerate() {
            for repeat in 0..self.magnification {
                let target = image.row_from(left, top + row * self.magnification + repeat);
                let squares = target.chunks_mut(self.magnification * channels);
                for (square, pixel) in squares.zip(line.chunks_exact(channels)) {
                    for spot in square.chunks_exact_mut(channels) {
                        spot.copy_from_slice(pixel);
                    }
                }
            }
        }
    }

    /// Where tile `index` of a row or column begins.
    const fn start(&self, tile: usize, index: usize) -> usize {
        (self.padding + index * (tile + self.padding)) * self.magnification
    }

    /// The whole width or height of `count` tiles.
    fn side(&self, tile: usize, count: usize) -> Result<usize, PictureError> {
        tile.checked_add(self.padding)
            .and_then(|cell| cell.checked_mul(count))
            .and_then(|cells| cells.checked_add(self.padding))
            .and_then(|pixels| pixels.checked_mul(self.magnification))
            .ok_or(PictureError::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_land_where_make_grid_puts_them() {
        // Three tiles of 2 x 3, two a row, one pixel of padding of value 9.
        let tiles: Vec<Vec<u8>> = (0..3_u8)
            .map(|tile| (0..6).map(|pixel| 100 + 10 * tile + pixel).collect())
            .collect();
        let grid = Grid::new(2, 3).unwrap().tiles_per_row(2).padding(1, 9);
        let image = grid.draw(&tiles).unwrap();
        assert_eq!((image.width(), image.height()), (9, 7));
        let rows: Vec<Vec<u8>> = (0..7)
            .map(|y| (0..9).map(|x| image.pixel(x, y).unwrap()[0]).collect())
            .collect();
        assert_eq!(rows[0], [9; 9]);
        assert_eq!(rows[1], [9, 100, 101, 102, 9, 110, 111, 112, 9]);
        assert_eq!(rows[2], [9, 103, 104, 105, 9, 113, 114, 115, 9]);
        assert_eq!(rows[3], [9; 9]);
        assert_eq!(rows[4], [9, 120, 121, 122, 9, 9, 9, 9, 9]);
        assert_eq!(rows[6], [9; 9]);
    }

    #[test]
    fn magnification_repeats_every_pixel() {
        let grid = Grid::new(1, 2).unwrap().padding(1, 0);
        let tiles = [[10_u8, 20, 30, 40, 50, 60]];
        let small = grid.draw_rgb(&tiles).unwrap();
        let large = grid.magnification(3).draw_rgb(&tiles).unwrap();
        assert_eq!((large.width(), large.height()), (12, 9));
        for y in 0..9 {
            for x in 0..12 {
                assert_eq!(large.pixel(x, y), small.pixel(x / 3, y / 3), "at {x}, {y}");
            }
        }
    }

    #[test]
    fn few_tiles_make_a_narrow_picture() {
        let image = Grid::new(4, 4).unwrap().draw(&[[0_u8; 16]; 3]).unwrap();
        assert_eq!((image.width(), image.height()), (3 * 6 + 2, 6 + 2));
        let image = Grid::new(4, 4).unwrap().tiles_per_row(0);
        let image = image.draw(&[[0_u8; 16]; 3]).unwrap();
        assert_eq!((image.width(), image.height()), (6 + 2, 3 * 6 + 2));
    }

    #[test]
    fn impossible_grids_are_refused() {
        assert!(Grid::new(0, 1).is_err());
        assert!(Grid::new(1, 0).is_err());
        let grid = Grid::new(2, 2).unwrap();
        let none: [[u8; 4]; 0] = [];
        assert!(matches!(grid.draw(&none), Err(PictureError::NoTiles)));
        let error = grid.draw(&[vec![0; 4], vec![0; 3]]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "tile 1 has 3 values where 2 x 2 were expected"
        );
        let huge = grid.clone().magnification(usize::MAX);
        assert!(matches!(
            huge.draw(&[[0_u8; 4]]),
            Err(PictureError::TooLarge)
        ));
        let huge = grid.padding(usize::MAX, 0);
        assert!(matches!(
            huge.draw(&[[0_u8; 4]]),
            Err(PictureError::TooLarge)
        ));
        let huge = Grid::new(usize::MAX, 2).unwrap();
        assert!(matches!(
            huge.draw(&[[0_u8; 4]]),
            Err(PictureError::TooLarge)
        ));
    }
}
