//! The weights of hidden units as images.
//!
//! Row `j` of `W` says what pattern of visible units hidden unit `j` answers to. All units of a picture share one
//! scale, symmetric about zero, so that a bright unit is a strong one and zero is the same neutral tone everywhere.

use super::grid::Grid;
use super::image::{Image, PictureError};

/// The share of weights that the scale covers. The few beyond it are drawn at the end of the scale: without that, one
/// large weight among hundreds of thousands would leave the rest of the picture without contrast.
const COVERED: f64 = 0.995;

/// Colour scale of weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    /// Blue is negative, white is zero, red is positive; told apart also by those who do not see red or green well.
    #[default]
    Diverging,
    /// Black is negative, mid-grey is zero, white is positive.
    Grey,
}

/// Draws `weights`, row-major `[units][rows * columns]`, one tile per unit.
///
/// The scale runs from `-s` to `s`, `s` being the 99.5th percentile of the absolute weights; if that is zero, their
/// maximum; if all are zero, every pixel is neutral. Time and memory are linear in the number of weights.
///
/// # Errors
/// [`PictureError`] if there is no weight, if they do not fill whole tiles of the grid, or if one is NaN or infinite.
///
/// ```
/// use bitspin::report::{filters::{filters, Palette}, grid::Grid};
///
/// let weights = vec![0.1_f32; 3 * 28 * 28];
/// let picture = filters(&weights, &Grid::new(28, 28)?, Palette::Diverging)?;
/// assert_eq!(picture.width(), 3 * 30 + 2);
/// # Ok::<(), bitspin::report::image::PictureError>(())
/// ```
pub fn filters(weights: &[f32], grid: &Grid, palette: Palette) -> Result<Image, PictureError> {
    if weights.is_empty() {
        return Err(PictureError::NoTiles);
    }
    if let Some(index) = weights.iter().position(|weight| !weight.is_finite()) {
        return Err(PictureError::NotFinite { index });
    }
    let (rows, columns) = (grid.tile_rows(), grid.tile_columns());
    let tile = rows.checked_mul(columns).ok_or(PictureError::TooLarge)?;
    if !weights.len().is_multiple_of(tile) {
        return Err(PictureError::NotWholeTiles {
            rows,
            columns,
            found: weights.len(),
        });
    }
    let scale = symmetric_scale(weights);
    let units = weights.chunks_exact(tile);
    match palette {
        Palette::Grey => {
            let tiles: Vec<Vec<u8>> = units
                .map(|unit| unit.iter().map(|&w| grey(level(w, scale))).collect())
                .collect();
            grid.draw(&tiles)
        }
        Palette::Diverging => {
            let tiles: Vec<Vec<u8>> = units
                .map(|unit| {
                    unit.iter()
                        .flat_map(|&w| diverging(level(w, scale)))
                        .collect()
                })
                .collect();
            grid.draw_rgb(&tiles)
        }
    }
}

/// The absolute weight that is drawn at full strength. The weights are finite and at least one.
fn symmetric_scale(weights: &[f32]) -> f32 {
    let mut sizes: Vec<f32> = weights.iter().map(|weight| weight.abs()).collect();
    let last = sizes.len() - 1;
    let rank = (COVERED * last as f64).ceil() as usize;
    let (_, &mut percentile, above) = sizes.select_nth_unstable_by(rank.min(last), f32::total_cmp);
    if percentile > 0.0 {
        percentile
    } else {
        above.iter().copied().fold(0.0, f32::max)
    }
}

/// A weight on the scale, from -1 to 1.
fn level(weight: f32, scale: f32) -> f32 {
    if scale > 0.0 {
        (weight / scale).clamp(-1.0, 1.0)
    } else {
        0.0
    }
}

fn grey(level: f32) -> u8 {
    (127.5 + 127.5 * level).round() as u8
}

/// The colours at levels 0, 1/2 and 1, for each sign: ColorBrewer's RdBu, with pure white in the middle.
const NEGATIVE: [[f32; 3]; 3] = [
    [255.0, 255.0, 255.0],
    [67.0, 147.0, 195.0],
    [5.0, 48.0, 97.0],
];
const POSITIVE: [[f32; 3]; 3] = [
    [255.0, 255.0, 255.0],
    [214.0, 96.0, 77.0],
    [103.0, 0.0, 31.0],
];

fn diverging(level: f32) -> [u8; 3] {
    let stops = if level < 0.0 { &NEGATIVE } else { &POSITIVE };
    let position = 2.0 * level.abs();
    let (from, to, part) = if position < 1.0 {
        (stops[0], stops[1], position)
    } else {
        (stops[1], stops[2], position - 1.0)
    };
    std::array::from_fn(|channel| {
        (from[channel] + part * (to[channel] - from[channel])).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(rows: usize, columns: usize) -> Grid {
        Grid::new(rows, columns).unwrap().padding(0, 0)
    }

    #[test]
    fn zero_is_neutral_and_signs_are_told_apart() {
        let weights = [-2.0, 0.0, 2.0];
        let image = filters(&weights, &tile(1, 3), Palette::Diverging).unwrap();
        assert_eq!(image.pixel(0, 0).unwrap(), [5, 48, 97]);
        assert_eq!(image.pixel(1, 0).unwrap(), [255, 255, 255]);
        assert_eq!(image.pixel(2, 0).unwrap(), [103, 0, 31]);
        let image = filters(&weights, &tile(1, 3), Palette::Grey).unwrap();
        let greys: Vec<u8> = (0..3).map(|x| image.pixel(x, 0).unwrap()[0]).collect();
        assert_eq!(greys, [0, 128, 255]);
    }

    #[test]
    fn one_outlier_does_not_take_the_contrast() {
        let mut weights = vec![0.5_f32; 1000];
        weights[17] = 1e6;
        assert_eq!(symmetric_scale(&weights), 0.5);
    }

    #[test]
    fn a_few_weights_among_zeros_are_seen() {
        let mut weights = vec![0.0_f32; 1000];
        weights[3] = -4.0;
        assert_eq!(symmetric_scale(&weights), 4.0);
        assert_eq!(symmetric_scale(&[0.0; 10]), 0.0);
        let image = filters(&[0.0; 4], &tile(2, 2), Palette::Grey).unwrap();
        assert_eq!(image.pixel(1, 1).unwrap(), [128]);
    }

    #[test]
    fn extreme_weights_stay_on_the_scale() {
        let weights = [f32::MAX, f32::MIN, f32::MIN_POSITIVE, -1e-45];
        assert!(filters(&weights, &tile(2, 2), Palette::Diverging).is_ok());
        let weights = [1e-45, -1e-45, 0.0, 0.0];
        let image = filters(&weights, &tile(2, 2), Palette::Grey).unwrap();
        assert_eq!(image.pixel(0, 0).unwrap(), [255]);
    }

    #[test]
    fn bad_weights_are_refused() {
        let grid = tile(2, 2);
        assert!(matches!(
            filters(&[], &grid, Palette::Grey),
            Err(PictureError::NoTiles)
        ));
        assert!(matches!(
            filters(&[0.0; 6], &grid, Palette::Grey),
            Err(PictureError::NotWholeTiles { found: 6, .. })
        ));
        let weights = [0.0, 1.0, f32::NAN, 0.0];
        let error = filters(&weights, &grid, Palette::Grey).unwrap_err();
        assert_eq!(error.to_string(), "weight 2 is not a finite number");
    }
}
