//! Gibbs sampling of the RBM, from noise.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::rbm::compact::Chain;
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;

use crate::digest::Digest;
use crate::{Clock, HIDDEN, Models, PIXELS, SEED, SHAPE, Tally, rbm};

/// Gibbs steps.
pub const STEPS: u32 = 1_000;

/// Results of sampling.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dream {
    /// The digest of all visible and hidden vectors, and of the free energies that came with them.
    pub digest: u64,
    /// Gibbs steps.
    pub step: Tally,
}

/// Makes [`STEPS`] Gibbs steps from noise, and shows the visible vector after each.
///
/// # Errors
/// [`Error`] if the model is not one of this shape.
pub fn run(
    models: &Models<'_>,
    clock: &mut impl Clock,
    mut show: impl FnMut(u32, &[u64]),
) -> Result<Dream, Error> {
    let rbm = rbm(models.rbm)?;
    if (rbm.shape().visible(), rbm.shape().hidden()) != (PIXELS, HIDDEN) {
        return Err(SHAPE);
    }
    let mut noise = Streams::new(SEED, Purpose::Evaluation).next_stream();
    let rng = Streams::new(SEED, Purpose::Chains).next_chain();
    let mut visible = [0; words(PIXELS)];
    visible.iter_mut().for_each(|word| *word = noise.next_u64());
    visible[words(PIXELS) - 1] &= bitspin_core::bits::tail_mask(PIXELS);
    // Borrowed, since a chain that owns its buffers is copied when it is made, and needs their stack twice.
    let (mut hidden, mut fields) = ([0; words(HIDDEN)], [0; PIXELS]);
    let visible = Bits::new(PIXELS, &mut visible)?;
    let hidden = Bits::new(HIDDEN, &mut hidden)?;
    let mut chain = Chain::new(&rbm, visible, hidden, &mut fields, rng)?;
    let mut dream = Dream::default();
    let mut digest = Digest::default();
    for step in 1..=STEPS {
        dream.step.of(clock, || chain.step());
        let energy = chain.free_energy_fixed();
        digest.add(chain.visible().as_words());
        digest.add(chain.hidden().as_words());
        digest.add(&[energy as u64]);
        show(step, chain.visible().as_words());
    }
    dream.digest = digest.value();
    Ok(dream)
}
