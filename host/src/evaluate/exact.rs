//! Exact likelihoods of models with a small layer.

use bitspin_core::Error;
use bitspin_core::exact::{Enumeration, Layer, LogSum};
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;
use rand_xoshiro::Xoshiro128PlusPlus;

use super::free_energy;
use crate::BitMatrix;
use crate::control::{Control, whole};
use crate::engine::parameters;
use crate::model_file::RbmParameters;
use crate::parallel;

/// ln Z in nats, by enumerating the smaller layer; the error is at most
/// [`Enumeration::error_bound`]. 2^20 states of 784 units take about 0.2 s on a core.
///
/// # Errors
/// [`Error::OutOfRange`] if both layers have more than 24 units; other [`Error`]s if the model's shapes disagree or a
/// parameter is not finite.
pub fn ln_z(model: &RbmParameters, threads: usize) -> Result<f64, Error> {
    ln_z_with(model, threads, Control::new()).map(whole)
}

/// [`ln_z`] that stops soon after an interrupt, and is `None` then.
///
/// # Errors
/// As [`ln_z`].
pub fn ln_z_with(
    model: &RbmParameters,
    threads: usize,
    control: Control<'_>,
) -> Result<Option<f64>, Error> {
    let parameters = parameters(model)?;
    let layer = Layer::smaller(parameters.shape);
    let mut table = vec![0.0; layer.table_len(parameters.shape)?];
    let exact = Enumeration::new(parameters, layer, &mut table)?;
    let parts = parallel::map(
        exact.parts(),
        threads,
        || vec![0.0; exact.fields_len()],
        |fields, part| match control.is_stopped() {
            true => Ok(LogSum::EMPTY),
            false => exact.ln_sum_of_part(part, fields),
        },
    );
    let mut sum = LogSum::EMPTY;
    for part in parts {
        sum.merge(part?);
    }
    Ok((!control.is_stopped()).then(|| sum.value()))
}

/// The mean of ln p(v) = -F(v) - ln Z over images, in nats per image. `ln_z` is from [`ln_z`], or an estimate.
///
/// # Errors
/// As [`free_energy`].
pub fn log_likelihood(
    model: &RbmParameters,
    ln_z: f64,
    images: &BitMatrix,
    threads: usize,
) -> Result<f64, Error> {
    Ok(-free_energy(model, images, threads)? - ln_z)
}

/// Independent samples of the visible units, by enumerating the smaller layer: 8 bytes per state, 128 MiB for 24 units.
///
/// # Errors
/// As [`ln_z`].
pub fn exact_samples(model: &RbmParameters, count: usize, seed: u64) -> Result<BitMatrix, Error> {
    let parameters = parameters(model)?;
    let layer = Layer::smaller(parameters.shape);
    let mut table = vec![0.0; layer.table_len(parameters.shape)?];
    let exact = Enumeration::new(parameters, layer, &mut table)?;
    let mut cumulative = vec![0.0; exact.states()];
    exact.distribution(&mut vec![0.0; exact.fields_len()], &mut cumulative)?;
    let mut total = 0.0;
    for p in &mut cumulative {
        total += *p;
        *p = total;
    }
    let mut rng = Streams::new(seed, Purpose::Chains).next_stream();
    let mut bits = Vec::new();
    for _ in 0..count {
        let below = uniform(&mut rng) * total;
        let state = cumulative
            .partition_point(|&sum| sum <= below)
            .min(exact.states() - 1);
        match layer {
            Layer::Visible => bits.push(state as u64),
            Layer::Hidden => bits.extend(visible_given_hidden(model, state, &mut rng)),
        }
    }
    BitMatrix::from_bits(model.visible, bits)
}

/// Packed visible units drawn from p(v|h) of a hidden state.
fn visible_given_hidden(
    model: &RbmParameters,
    state: usize,
    rng: &mut Xoshiro128PlusPlus,
) -> Vec<u64> {
    let mut bits = vec![0; model.visible.div_ceil(64)];
    for (i, bias) in model.visible_bias.iter().enumerate() {
        let rows = model.w.chunks_exact(model.visible).enumerate();
        let set = rows.filter(|(j, _)| state >> j & 1 == 1);
        let field: f64 = set.map(|(_, row)| f64::from(row[i])).sum::<f64>() + f64::from(*bias);
        let is_set = uniform(rng) < 1.0 / (1.0 + (-field).exp());
        bits[i / 64] |= u64::from(is_set) << (i % 64);
    }
    bits
}

/// Uniform in 0..1, of 53 bits.
fn uniform(rng: &mut Xoshiro128PlusPlus) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
