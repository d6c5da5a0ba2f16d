//! Decoding of one picture. Its size is checked before its pixels are unpacked.

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The most bytes that decoding one picture may take: far beyond what a memory of its pixels could hold.
const MOST_BYTES: usize = 1 << 28;

/// How JPEG files begin.
const JPEG: [u8; 2] = [0xff, 0xd8];

/// How they end, but for zeros.
const JPEG_END: [u8; 2] = [0xff, 0xd9];

/// Width and height of a picture, and its grey levels.
type Grey = ((usize, usize), Vec<u8>);

/// Decodes a PNG or JPEG file.
///
/// # Errors
/// What is wrong with it, one line.
pub(super) fn grey(bytes: &[u8]) -> Result<Grey, String> {
    let decoded = match bytes.starts_with(&JPEG) {
        true => jpeg(bytes),
        false => png(bytes),
    };
    decoded.map_err(|reason| reason.lines().collect::<Vec<_>>().join(" "))
}

fn png(bytes: &[u8]) -> Result<Grey, String> {
    let words = |error: png::DecodingError| error.to_string();
    let limits = png::Limits { bytes: MOST_BYTES };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(words)?;
    let size = reader.output_buffer_size();
    let size = size
        .filter(|&bytes| bytes <= MOST_BYTES)
        .ok_or("it is too large")?;
    let mut samples = vec![0; size];
    let frame = reader.next_frame(&mut samples).map_err(words)?;
    samples.truncate(frame.buffer_size());
    let grey = samples
        .chunks_exact(frame.color_type.samples())
        .map(grey_level)
        .collect();
    Ok(((frame.width as usize, frame.height as usize), grey))
}

fn jpeg(bytes: &[u8]) -> Result<Grey, String> {
    // The decoder fills up what is missing of a file that was cut short.
    let end = bytes
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    if !bytes[..end].ends_with(&JPEG_END) {
        return Err("it is cut short: its end-of-image marker is missing".into());
    }
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder
        .decode_headers()
        .map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("its size is missing")?;
    if width
        .checked_mul(height)
        .and_then(|pixels| pixels.checked_mul(3))
        .is_none_or(|bytes| bytes > MOST_BYTES)
    {
        return Err("it is too large".into());
    }
    let samples = decoder.decode().map_err(|error| error.to_string())?;
    let grey: Vec<u8> = samples.chunks_exact(3).map(grey_level).collect();
    match grey.len() == width * height {
        true => Ok(((width, height), grey)),
        false => Err("its colours are of a kind that is not read".into()),
    }
}

/// The grey level of a pixel of one to four samples: grey, grey and opacity, RGB, RGB and opacity.
fn grey_level(pixel: &[u8]) -> u8 {
    let level = |&sample: &u8| u32::from(sample);
    // Rec. 601 luma, in thousandths.
    let luma = |rgb: &[u8]| {
        (299 * level(&rgb[0]) + 587 * level(&rgb[1]) + 114 * level(&rgb[2]) + 500) / 1000
    };
    let (grey, opacity) = match pixel {
        [grey] => (level(grey), 255),
        [grey, opacity] => (level(grey), level(opacity)),
        [rgb @ .., opacity] if rgb.len() == 3 => (luma(rgb), level(opacity)),
        rgb => (luma(rgb), 255),
    };
    ((grey * opacity + 255 * (255 - opacity) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG file of 8 rows of 8 black and 8 white pixels: two flat blocks, with codes of one bit.
    fn black_and_white() -> Vec<u8> {
        let mut file = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0, 8];
        file.extend([1; 63]);
        file.extend([0xff, 0xc0, 0, 11, 8, 0, 8, 0, 16, 1, 1, 0x11, 0]);
        for (table, symbol) in [(0, 8), (0x10, 0)] {
            file.extend([0xff, 0xc4, 0, 20, table, 1]);
            file.extend([0; 15]);
            file.push(symbol);
        }
        file.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
        // Differences of -128 and 255, each with an end of block behind it.
        file.extend([0b0011_1111, 0b1001_1111, 0b1110_1111, 0xff, 0xd9]);
        file
    }

    #[test]
    fn jpeg_is_read_and_damage_is_refused() {
        let (size, pixels) = grey(&black_and_white()).unwrap();
        assert_eq!(size, (16, 8));
        let row = [[0; 8], [255; 8]].concat();
        assert_eq!(pixels, row.repeat(8));
        let whole = black_and_white();
        for end in [2, 20, 100, whole.len() - 5] {
            let reason = grey(&whole[..end]).unwrap_err();
            assert_eq!(reason.lines().count(), 1, "{reason}");
        }
        let mut huge = whole;
        let size = huge
            .windows(2)
            .position(|pair| pair == [0xff, 0xc0])
            .unwrap()
            + 5;
        huge[size..size + 4].copy_from_slice(&[0xff; 4]);
        assert!(grey(&huge).is_err());
    }

    fn png_of(colour: png::ColorType, depth: png::BitDepth, width: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, 1);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if colour == png::ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 255, 0, 0, 255, 255, 255]);
            encoder.set_trns(vec![255, 255, 0]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn png_of_every_depth_is_read() {
        use png::{BitDepth, ColorType};
        let pixels = |colour, depth, width, data: &[u8]| {
            grey(&png_of(colour, depth, width, data)).unwrap().1
        };
        let bits = pixels(ColorType::Grayscale, BitDepth::One, 3, &[0b1010_0000]);
        assert_eq!(bits, [255, 0, 255]);
        let deep = [0, 0, 0x7f, 0xff, 0x80, 0, 0xff, 0xff];
        let deep = pixels(ColorType::Grayscale, BitDepth::Sixteen, 4, &deep);
        assert_eq!(deep, [0, 127, 128, 255]);
        // Red, black, and a transparent white, which is laid on white.
        let indexed = pixels(ColorType::Indexed, BitDepth::Eight, 3, &[1, 0, 2]);
        assert_eq!(indexed, [76, 0, 255]);
    }

    #[test]
    fn a_picture_too_large_to_decode_is_refused_by_its_header() {
        let mut file = png_of(png::ColorType::Grayscale, png::BitDepth::Eight, 1, &[0]);
        // 2^31 - 1 pixels wide and high, with the checksum of the header made anew.
        file[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&file[12..29]);
        file[29..33].copy_from_slice(&crc.to_be_bytes());
        assert!(grey(&file).is_err());
    }
}
