//! The free energy of an input as an anomaly score.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;

use crate::digest::Digest;
use crate::{Clock, EXAMPLES, HIDDEN, Models, PIXELS, SEED, SHAPE, Tally, patterns, rbm};

/// A pixel of an anomaly is turned over where 32 random bits are below this: 0.15 of them.
const NOISE: u32 = 644_245_094;

/// What was scored.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    /// The digest of all free energies.
    pub digest: u64,
    /// Digits that were scored, and as many damaged ones.
    pub digits: u32,
    /// Digits called anomalies.
    pub false_alarms: u32,
    /// Damaged digits called anomalies.
    pub found: u32,
    /// Free energies.
    pub free_energy: Tally,
}

/// Scores digits that the RBM has not seen, as they are and with 15% of their pixels inverted; shows each with its free
/// energy in 2^-16 nat and the verdict.
///
/// # Errors
/// [`Error`] if the models do not fit each other.
pub fn run(
    models: &Models<'_>,
    clock: &mut impl Clock,
    mut show: impl FnMut(&[u64], i64, bool),
) -> Result<Score, Error> {
    let (rbm, digits) = (rbm(models.rbm)?, patterns(models.digits)?);
    let shape = (rbm.shape().visible(), rbm.shape().hidden());
    if (shape, digits.patterns().units()) != ((PIXELS, HIDDEN), PIXELS) {
        return Err(SHAPE);
    }
    let mut noise = Streams::new(SEED, Purpose::Evaluation).next_stream();
    let mut fields = [0; HIDDEN];
    let mut score = Score::default();
    let mut digest = Digest::default();
    for digit in digits.patterns().iter().skip(EXAMPLES) {
        let mut pixels = [0; words(PIXELS)];
        pixels.copy_from_slice(digit);
        for damaged in [false, true] {
            if damaged {
                damage(&mut pixels, &mut noise);
            }
            let bits = Bits::new(PIXELS, pixels)?;
            let energy =
                (score.free_energy).of(clock, || rbm.free_energy_fixed(&bits, &mut fields))?;
            digest.add(&[energy as u64]);
            let anomaly = energy > models.threshold;
            if damaged {
                score.found += u32::from(anomaly);
            } else {
                score.false_alarms += u32::from(anomaly);
                score.digits += 1;
            }
            show(&pixels, energy, anomaly);
        }
    }
    score.digest = digest.value();
    Ok(score)
}

/// Turns 15% of the pixels over.
pub(crate) fn damage(pixels: &mut [u64; words(PIXELS)], noise: &mut impl Rng) {
    for unit in 0..PIXELS {
        let turned = noise.next_u32() < NOISE;
        pixels[unit / 64] ^= u64::from(turned) << (unit % 64);
    }
}
