//! Gibbs sampling of many chains on several threads.

use bitspin_core::Error;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::bit_matrix::check_units;
use crate::control::Control;
use crate::engine::{Engine, FITS};
use crate::parallel;

/// Gibbs steps between two checks of the interrupt.
const STEPS_A_LOOK: usize = 16;

/// Chains of Gibbs sampling from one RBM, each with a generator of its own.
///
/// ```
/// use bitspin::{Chains, engine::engine, train::initial_parameters};
///
/// let engine = engine(&initial_parameters(6, 3, 1))?;
/// let mut chains = Chains::from_noise(&engine, 10, 1);
/// chains.run(&engine, 100, 1);
/// let samples = chains.samples();
/// assert_eq!((samples.count(), samples.units()), (10, 6));
/// # Ok::<(), bitspin::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chains {
    units: usize,
    visible: Vec<u64>,
    hidden: Vec<u64>,
    probabilities: Vec<u16>,
    rngs: Vec<ChainRng>,
    steps: usize,
}

impl Chains {
    /// Chains that start from rows of visible units, one each.
    ///
    /// # Errors
    /// [`Error::Length`] if the rows have another number of units than the visible layer.
    pub fn from_visible(engine: &Engine, visible: &BitMatrix, seed: u64) -> Result<Self, Error> {
        check_units(engine.shape().visible(), visible)?;
        Ok(Self::at(engine, visible.bits().to_vec(), seed))
    }

    /// Chains at packed visible vectors of the engine's layer.
    fn at(engine: &Engine, visible: Vec<u64>, seed: u64) -> Self {
        let shape = engine.shape();
        let chains = visible.len() / shape.visible_words();
        let mut streams = Streams::new(seed, Purpose::Chains);
        Self {
            units: shape.visible(),
            visible,
            hidden: vec![0; chains * shape.hidden_words()],
            probabilities: vec![0; chains * shape.visible()],
            rngs: (0..chains).map(|_| streams.next_chain()).collect(),
            steps: 0,
        }
    }

    /// Chains that start from noise: every visible unit is set with probability one half.
    #[must_use]
    pub fn from_noise(engine: &Engine, chains: usize, seed: u64) -> Self {
        let shape = engine.shape();
        let mut all = Self::at(engine, vec![0; chains * shape.visible_words()], seed);
        let fields = AlignedI16::zeros(shape.visible_stride());
        for (visible, rng) in all
            .visible
            .chunks_exact_mut(shape.visible_words())
            .zip(&mut all.rngs)
        {
            bitspin_core::kernel::sample(fields.as_ref(), 0, shape.visible(), rng, visible);
        }
        all
    }

    /// The packed visible units, chain after chain.
    #[must_use]
    pub fn visible(&self) -> &[u64] {
        &self.visible
    }

    /// The visible units, one row per chain.
    #[must_use]
    pub fn samples(&self) -> BitMatrix {
        BitMatrix::checked(self.units, self.visible.clone())
    }

    /// p(v|h) of the last step in 1/65,536, `visible` numbers per chain.
    #[must_use]
    pub fn probabilities(&self) -> &[u16] {
        &self.probabilities
    }

    /// Gibbs steps done so far.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Takes `steps` Gibbs steps (h given v, then v given h) in every chain. The result does not depend on the number of
    /// threads. O(chains x steps x visible x hidden) at the most.
    ///
    /// # Panics
    /// If the engine has another shape than the one that the chains were made for.
    pub fn run(&mut self, engine: &Engine, steps: usize, threads: usize) {
        self.run_with(engine, steps, threads, Control::new());
    }

    /// [`Self::run`] that reports Gibbs steps. An interrupt ends all chains after the same step.
    pub fn run_with(
        &mut self,
        engine: &Engine,
        steps: usize,
        threads: usize,
        control: Control<'_>,
    ) {
        let shape = engine.shape();
        let chains = self.rngs.len();
        assert!(
            (self.units, self.hidden.len()) == (shape.visible(), chains * shape.hidden_words()),
            "the chains were made for another engine"
        );
        let mut done = 0;
        while done < steps && !control.is_stopped() {
            let steps = STEPS_A_LOOK.min(steps - done);
            let parts = self.split(engine, threads);
            parallel::each(parts, |mut part| part.run(engine, steps));
            done += steps;
            self.steps += steps;
            control.advance(steps);
        }
    }

    /// Cuts the chains into one part per thread.
    fn split(&mut self, engine: &Engine, threads: usize) -> Vec<Part<'_>> {
        let shape = engine.shape();
        let chains = self.rngs.len();
        let size = chains.div_ceil(threads.max(1)).max(1);
        let parts = self
            .visible
            .chunks_mut(size * shape.visible_words())
            .zip(self.hidden.chunks_mut(size * shape.hidden_words()));
        let parts = parts
            .zip(self.probabilities.chunks_mut(size * shape.visible()))
            .zip(self.rngs.chunks_mut(size));
        parts
            .map(|(((visible, hidden), probabilities), rngs)| Part {
                visible,
                hidden,
                probabilities,
                rngs,
            })
            .collect()
    }
}

/// One thread's chains.
struct Part<'a> {
    visible: &'a mut [u64],
    hidden: &'a mut [u64],
    probabilities: &'a mut [u16],
    rngs: &'a mut [ChainRng],
}

impl Part<'_> {
    fn run(&mut self, engine: &Engine, steps: usize) {
        let shape = engine.shape();
        let chains = self.rngs.len();
        let mut hidden_fields = AlignedI16::zeros(chains * shape.hidden_stride());
        let mut visible_fields = AlignedI16::zeros(chains * shape.visible_stride());
        for _ in 0..steps {
            engine
                .sample_hidden(self.visible, hidden_fields.as_mut(), self.rngs, self.hidden)
                .expect(FITS);
            engine
                .sample_visible(
                    self.hidden,
                    visible_fields.as_mut(),
                    self.rngs,
                    self.visible,
                )
                .expect(FITS);
        }
        let fields = visible_fields.as_ref().chunks_exact(shape.visible_stride());
        for (fields, probabilities) in
            fields.zip(self.probabilities.chunks_exact_mut(shape.visible()))
        {
            engine.probabilities(fields, probabilities).expect(FITS);
        }
    }
}

/// Grey levels (0..=255) of packed vectors, one byte per unit.
#[must_use]
pub fn bits_to_grey(bits: &[u64], units: usize) -> Vec<Vec<u8>> {
    let grey = |vector: &[u64], i: usize| {
        if vector[i / 64] >> (i % 64) & 1 == 1 {
            255
        } else {
            0
        }
    };
    bits.chunks_exact(units.div_ceil(64))
        .map(|vector| (0..units).map(|i| grey(vector, i)).collect())
        .collect()
}

/// Grey levels of probabilities in 1/65,536.
#[must_use]
pub fn probabilities_to_grey(probabilities: &[u16], units: usize) -> Vec<Vec<u8>> {
    probabilities
        .chunks_exact(units)
        .map(|p| p.iter().map(|&p| (p >> 8) as u8).collect())
        .collect()
}

/// The most nearly square image of `pixels` pixels: rows and columns.
#[must_use]
pub fn picture_size(pixels: usize) -> (usize, usize) {
    let rows = (1..=pixels.isqrt())
        .rev()
        .find(|&rows| pixels.is_multiple_of(rows))
        .unwrap_or(1);
    (rows, pixels / rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::engine;
    use crate::interrupt::Interrupt;
    use crate::train::initial_parameters;

    fn model() -> Engine {
        let mut parameters = initial_parameters(70, 33, 2);
        parameters.w.iter_mut().for_each(|w| *w *= 60.0);
        engine(&parameters).unwrap()
    }

    #[test]
    fn chains_do_not_depend_on_threads_or_on_their_company() {
        let engine = model();
        let run = |chains, threads| {
            let mut all = Chains::from_noise(&engine, chains, 5);
            all.run(&engine, 20, threads);
            (all.visible().to_vec(), all.probabilities().to_vec())
        };
        let expected = run(7, 1);
        for threads in [2, 3, 7, 20] {
            assert_eq!(run(7, threads), expected);
        }
        let alone = run(1, 1);
        assert_eq!(
            (&alone.0[..], &alone.1[..]),
            (&expected.0[..2], &expected.1[..70])
        );
    }

    #[test]
    fn an_interrupt_ends_all_chains_after_one_step() {
        let engine = model();
        let mut chains = Chains::from_noise(&engine, 3, 1);
        let interrupt = Interrupt::manual();
        let stop = |_| interrupt.set();
        let control = Control::new().interrupt(&interrupt).progress(&stop);
        chains.run_with(&engine, 1000, 2, control);
        assert_eq!(chains.steps(), STEPS_A_LOOK);
    }

    #[test]
    fn pictures_are_as_square_as_can_be() {
        assert_eq!(
            [784, 12, 7, 1].map(picture_size),
            [(28, 28), (3, 4), (1, 7), (1, 1)]
        );
    }
}
