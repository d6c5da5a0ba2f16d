//! Label units: the class of a digit, and its energy E(x) as an anomaly score.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::rbm::labels;
use bitspin_core::rng::{Purpose, Streams};

use crate::digest::Digest;
use crate::score::damage;
use crate::{
    CLASSES, Clock, EXAMPLES, HIDDEN, Models, PIXELS, SEED, SHAPE, Tally, labelled, patterns,
};

/// Results of the classification.
#[derive(Clone, Copy, Debug, Default)]
pub struct Classified {
    /// The digest of all logits, classes and energies.
    pub digest: u64,
    /// Digits that were classified, and as many damaged ones.
    pub digits: u32,
    /// Digits that were taken for another.
    pub errors: u32,
    /// Digits whose energy is called an anomaly.
    pub false_alarms: u32,
    /// Damaged digits whose energy is called one.
    pub found: u32,
    /// Classifications, with the energy.
    pub classification: Tally,
}

/// Classifies digits that the model has not seen, intact and with 15% of their pixels inverted; shows each with
/// its class, its energy in 2^-16 nat and the verdict.
///
/// # Errors
/// [`Error`] if the models do not fit each other.
pub fn run(
    models: &Models<'_>,
    clock: &mut impl Clock,
    mut show: impl FnMut(&[u64], usize, i64, bool),
) -> Result<Classified, Error> {
    let (model, digits) = (labelled(models.labelled)?, patterns(models.digits)?);
    let shape = (
        model.pixels(),
        model.classes(),
        model.rbm().shape().hidden(),
    );
    if (shape, digits.patterns().units()) != ((PIXELS, CLASSES, HIDDEN), PIXELS) {
        return Err(SHAPE);
    }
    let mut noise = Streams::new(SEED, Purpose::Evaluation).next_stream();
    let mut fields = [0; HIDDEN];
    let mut logits = [0; CLASSES];
    let mut classified = Classified::default();
    let mut digest = Digest::default();
    let seen = digits.patterns().iter().skip(EXAMPLES);
    for (digit, &truth) in seen.zip(models.truth) {
        let mut pixels = [0; words(PIXELS)];
        pixels.copy_from_slice(digit);
        for damaged in [false, true] {
            if damaged {
                damage(&mut pixels, &mut noise);
            }
            let x = Bits::new(PIXELS, pixels)?;
            let (class, energy) = classified.classification.of(clock, || {
                model.logits(&x, &mut fields, &mut logits)?;
                Ok::<_, Error>((labels::class(&logits), labels::energy_fixed(&logits)))
            })?;
            logits.iter().for_each(|&logit| digest.add(&[logit as u64]));
            digest.add(&[class as u64, energy as u64]);
            let anomaly = energy > models.energy_threshold;
            if damaged {
                classified.found += u32::from(anomaly);
            } else {
                classified.false_alarms += u32::from(anomaly);
                classified.errors += u32::from(class != usize::from(truth));
                classified.digits += 1;
            }
            show(&pixels, class, energy, anomaly);
        }
    }
    classified.digest = digest.value();
    Ok(classified)
}
