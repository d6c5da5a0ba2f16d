//! An image of 8 bits per channel, held in memory, and its PNG.

use thiserror::Error;

/// The most pixels that a picture may have: a quarter of a gigapixel, far beyond what anyone looks at.
const MOST_PIXELS: usize = 1 << 28;

/// An error of drawing an image.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// There is nothing to draw.
    #[error("a picture needs at least one tile")]
    NoTiles,
    /// A size that must be at least one is zero.
    #[error("{what} of a picture must be at least 1")]
    Zero {
        /// The size.
        what: &'static str,
    },
    /// A tile holds another number of values than its rows and columns ask for.
    #[error("tile {tile} has {found} values where {rows} x {columns} were expected")]
    TileLength {
        /// The position of the tile.
        tile: usize,
        /// The rows of every tile.
        rows: usize,
        /// The columns of every tile.
        columns: usize,
        /// The number of values it holds.
        found: usize,
    },
    /// The values do not divide into whole tiles.
    #[error("{found} weights do not divide into tiles of {rows} x {columns}")]
    NotWholeTiles {
        /// The rows of every tile.
        rows: usize,
        /// The columns of every tile.
        columns: usize,
        /// The number of values that were given.
        found: usize,
    },
    /// A value is NaN or infinite.
    #[error("weight {index} is not a finite number")]
    NotFinite {
        /// The position of the first such value.
        index: usize,
    },
    /// The picture would be too large to be made.
    #[error("a picture of more than {MOST_PIXELS} pixels is refused")]
    TooLarge,
    /// The PNG encoder failed.
    #[error("cannot encode the picture: {0}")]
    Encoding(#[from] png::EncodingError),
}

/// What the bytes of an [`Image`] mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One byte per pixel: 0 is black, 255 white.
    Grey,
    /// Three bytes per pixel: red, green, blue.
    Rgb,
}

impl Colour {
    /// The number of bytes per pixel takes.
    pub const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// An image: rows from the top, pixels from the left, [`Colour::channels`] bytes per pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: usize,
    height: usize,
    colour: Colour,
    pixels: Vec<u8>,
}

impl Image {
    /// An image whose every byte is `value`.
    ///
    /// # Errors
    /// [`PictureError::Zero`] for an image without pixels, [`PictureError::TooLarge`] for one with too many.
    pub(crate) fn filled(
        width: usize,
        height: usize,
        colour: Colour,
        value: u8,
    ) -> Result<Self, PictureError> {
        if width == 0 {
            return Err(PictureError::Zero { what: "the width" });
        }
        if height == 0 {
            return Err(PictureError::Zero { what: "the height" });
        }
        let count = width
            .checked_mul(height)
            .filter(|&count| count <= MOST_PIXELS)
            .ok_or(PictureError::TooLarge)?;
        Ok(Self {
            width,
            height,
            colour,
            pixels: vec![value; count * colour.channels()],
        })
    }

    /// Pixels in a row.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// What the bytes mean.
    pub const fn colour(&self) -> Colour {
        self.colour
    }

    /// The bytes of the pixel in column `x` of row `y`, or `None` outside the image.
    pub fn pixel(&self, x: usize, y: usize) -> Option<&[u8]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let channels = self.colour.channels();
        let start = (y * self.width + x) * channels;
        self.pixels.get(start..start + channels)
    }

    /// Bytes `start..` of row `y`, to be written to.
    pub(crate) fn row_from(&mut self, x: usize, y: usize) -> &mut [u8] {
        let channels = self.colour.channels();
        &mut self.pixels[(y * self.width + x) * channels..(y + 1) * self.width * channels]
    }

    /// The image as a PNG file, 8 bits per channel. The same image always gives the same bytes.
    ///
    /// # Errors
    /// [`PictureError::Encoding`] if the encoder refuses, which it has no reason to.
    pub fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        let mut bytes = Vec::new();
        // `filled` keeps both sides below 2^28, so neither conversion can fail.
        let width = u32::try_from(self.width).map_err(|_| PictureError::TooLarge)?;
        let height = u32::try_from(self.height).map_err(|_| PictureError::TooLarge)?;
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_color(match self.colour {
            Colour::Grey => png::ColorType::Grayscale,
            Colour::Rgb => png::ColorType::Rgb,
        });
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn png_comes_back_as_it_went() {
        for colour in [Colour::Grey, Colour::Rgb] {
            let mut image = Image::filled(3, 2, colour, 7).unwrap();
            image.row_from(1, 1)[0] = 200;
            let bytes = image.to_png().unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
                .read_info()
                .unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            assert_eq!((info.width, info.height), (3, 2));
            assert_eq!(info.bit_depth, png::BitDepth::Eight);
            assert_eq!(pixels, image.pixels);
            assert_eq!(image.pixel(1, 1).unwrap()[0], 200);
            assert_eq!(image.pixel(3, 0), None);
        }
    }

    #[test]
    fn impossible_sizes_are_refused() {
        assert!(matches!(
            Image::filled(0, 1, Colour::Grey, 0),
            Err(PictureError::Zero { .. })
        ));
        assert!(matches!(
            Image::filled(1, 0, Colour::Grey, 0),
            Err(PictureError::Zero { .. })
        ));
        assert!(matches!(
            Image::filled(usize::MAX, 2, Colour::Grey, 0),
            Err(PictureError::TooLarge)
        ));
    }
}
