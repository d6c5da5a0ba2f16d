//! Mean-filling: what chains start from, and what the model is compared with.

use bitspin::BitMatrix;
use bitspin::data::{Dataset, Images, Split};
use bitspin_core::rng::Purpose;

use crate::cli::Complete;
use crate::command::CommandError;

/// Whether entry `at` of packed rows of `units` is set.
pub(super) fn is_set(bits: &[u64], at: usize, units: usize) -> bool {
    let (row, unit) = (at / units, at % units);
    bits[row * units.div_ceil(64) + unit / 64] >> (unit % 64) & 1 == 1
}

/// The share of ones in every column of the known training entries, with half a one and half a zero added.
pub(super) fn column_means(data: &Dataset, options: &Complete) -> Vec<f64> {
    let Split { images, known, .. } = &data.train;
    let packed = BitMatrix::binarise(
        images,
        options.data.binarise(),
        options.run.seed,
        Purpose::Training,
    );
    let units = images.pixels_per_image();
    let (mut ones, mut all) = (vec![0.5; units], vec![1.0; units]);
    for at in 0..images.count() * units {
        if known.as_ref().is_none_or(|known| is_set(known, at, units)) {
            all[at % units] += 1.0;
            ones[at % units] += f64::from(u8::from(is_set(packed.bits(), at, units)));
        }
    }
    ones.iter().zip(all).map(|(ones, all)| ones / all).collect()
}

/// Images that are their bits where they are known, and elsewhere as grey as the mean: what chains start from.
pub(super) fn mean_filled(
    images: &Images,
    truth: &BitMatrix,
    known: &[u64],
    means: &[f64],
) -> Result<Images, CommandError> {
    let units = images.pixels_per_image();
    let level = |at: usize| match is_set(known, at, units) {
        true => 255 * u8::from(is_set(truth.bits(), at, units)),
        false => (255.0 * means[at % units]).round() as u8,
    };
    let pixels = (0..images.count() * units).map(level).collect();
    Images::new(images.rows(), images.columns(), pixels).map_err(CommandError::failed)
}
