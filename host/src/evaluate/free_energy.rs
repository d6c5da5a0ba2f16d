//! Free energies of data.

use bitspin_core::Error;
use bitspin_core::bits::ones;
use bitspin_core::kernel::softplus;

use super::fields::FieldTable;
use super::{check_units, over_blocks};
use crate::BitMatrix;
use crate::engine::parameters;
use crate::model_file::RbmParameters;

/// F(v) = -b'v - sum_j ln(1 + exp(c_j + W_j v)) of every image, in nats. O(set pixels x hidden).
///
/// Error at most 2^-53 (visible + hidden + 40) (M + hidden), where the magnitudes of the parameters sum to M: as many
/// roundings as there are terms, all of one sign. Errors seen are far below it.
///
/// # Errors
/// [`Error`] if the model's shapes disagree or a parameter is not finite, or if images are of another number of units.
///
/// ```
/// use bitspin::{BitMatrix, evaluate::free_energies, model_file::RbmParameters};
/// let (w, visible_bias, hidden_bias) = (vec![0.0; 3], vec![0.5, 0.25, 4.0], vec![0.0]);
/// let model = RbmParameters { visible: 3, hidden: 1, w, visible_bias, hidden_bias };
/// let free = free_energies(&model, &BitMatrix::from_bits(3, vec![0b011])?, 1)?;
/// assert!((free[0] - (-0.75 - 2_f64.ln())).abs() < 1e-15);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn free_energies(
    model: &RbmParameters,
    images: &BitMatrix,
    threads: usize,
) -> Result<Vec<f64>, Error> {
    parameters(model)?.check()?;
    check_units(model.visible, images)?;
    let table = FieldTable::new(model);
    let words = images.words_per_row();
    let of_block = |_: &mut (), block: &[u64]| {
        free_energies_of_block(&table, &model.visible_bias, words, block)
    };
    Ok(over_blocks(images, threads, || (), of_block))
}

/// The mean of [`free_energies`], in nats per image.
///
/// # Errors
/// As [`free_energies`].
pub fn free_energy(
    model: &RbmParameters,
    images: &BitMatrix,
    threads: usize,
) -> Result<f64, Error> {
    let free_energies = free_energies(model, images, threads)?;
    Ok(free_energies.iter().sum::<f64>() / free_energies.len() as f64)
}

fn free_energies_of_block(
    table: &FieldTable,
    visible_bias: &[f32],
    words: usize,
    images: &[u64],
) -> Vec<f64> {
    let images = images.chunks_exact(words);
    let linear = |image: &[u64]| -ones(image).map(|i| f64::from(visible_bias[i])).sum::<f64>();
    let mut free_energies: Vec<f64> = images.clone().map(linear).collect();
    for tile in 0..table.tiles() {
        for (free_energy, image) in free_energies.iter_mut().zip(images.clone()) {
            *free_energy -= softplus::sum(&table.fields(tile, image));
        }
    }
    free_energies
}
