//! Mixing of Gibbs chains that sample from an RBM.

use bitspin_core::Error;
use bitspin_core::bits::ones;

use super::convergence::Convergence;
use super::{check_units, free_energies};
use crate::BitMatrix;
use crate::control::{Control, whole};
use crate::engine::engine;
use crate::model_file::RbmParameters;
use crate::sampling::Chains;

/// Largest number of draws per chain.
const DRAWS: usize = 200;

/// Mixing of Gibbs chains, judged in their second half.
#[derive(Clone, Debug)]
pub struct Mixing {
    /// Of the free energy F(v). Times are in draws.
    pub free_energy: Convergence,
    /// Of the number of set units.
    pub set_units: Convergence,
    /// Gibbs steps from one draw to the next.
    pub steps_a_draw: usize,
    /// The visible units of all chains at the end.
    pub samples: BitMatrix,
}

impl Mixing {
    /// Starts as many chains as there are images, every other one at its image and the others at noise: chains that mix forget
    /// which. Runs them for `steps` Gibbs steps.
    ///
    /// # Errors
    /// [`Error`] if the model does not fit the images or 16-bit fields, or there are fewer than 8 steps.
    pub fn of(
        model: &RbmParameters,
        starts: &BitMatrix,
        steps: usize,
        seed: u64,
        threads: usize,
    ) -> Result<Self, Error> {
        Self::of_with(model, starts, steps, seed, threads, Control::new()).map(whole)
    }

    /// [`Self::of`] that reports Gibbs steps; `None` if interrupted.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn of_with(
        model: &RbmParameters,
        starts: &BitMatrix,
        steps: usize,
        seed: u64,
        threads: usize,
        control: Control<'_>,
    ) -> Result<Option<Self>, Error> {
        check_units(model.visible, starts)?;
        let engine = engine(model)?;
        let noise = Chains::from_noise(&engine, starts.count(), seed.wrapping_add(1));
        let words = starts.words_per_row();
        let vectors = starts.iter().zip(noise.visible().chunks_exact(words));
        let visible = vectors
            .enumerate()
            .flat_map(|(at, (image, noise))| if at % 2 == 0 { image } else { noise }.to_vec());
        let visible = BitMatrix::from_bits(model.visible, visible.collect())?;
        let mut chains = Chains::from_visible(&engine, &visible, seed)?;
        let steps_a_draw = (steps / 2 / DRAWS).max(1);
        let draws = steps / 2 / steps_a_draw;
        chains.run_with(&engine, steps - draws * steps_a_draw, threads, control);
        let mut energies = vec![Vec::with_capacity(draws); starts.count()];
        let mut set = energies.clone();
        for _ in 0..draws {
            chains.run_with(&engine, steps_a_draw, threads, control);
            let images = BitMatrix::from_bits(model.visible, chains.visible().to_vec())?;
            let of_draw = free_energies(model, &images, threads)?;
            for (chain, (energy, image)) in of_draw.into_iter().zip(images.iter()).enumerate() {
                energies[chain].push(energy);
                set[chain].push(ones(image).count() as f64);
            }
        }
        if control.is_stopped() {
            return Ok(None);
        }
        Ok(Some(Self {
            free_energy: Convergence::of(&energies)?,
            set_units: Convergence::of(&set)?,
            steps_a_draw,
            samples: BitMatrix::from_bits(model.visible, chains.visible().to_vec())?,
        }))
    }
}
