//! RAISE, the reverse annealing importance sampling estimator: a conservative estimate of test log-likelihoods.
//!
//! The forward chain of AIS, run to the model's own temperature and one Gibbs step there, draws samples of a distribution
//! p_ann that comes the closer to the model the more temperatures there are. For any v, with the chain run backwards
//! from v,
//!
//! p_ann(v) = E [ f_K(v) / Z_0 prod_k f_(k-1)(v_(k-1)) / f_k(v_(k-1)) ],
//!
//! where v_(k-1) is drawn from v_k by one Gibbs step at the k-th of K temperatures, f_k are the unnormalised
//! probabilities between, and Z_0 is that of the base-rate model (Burda, Grosse and Salakhutdinov, *Accurate and conservative
//! estimates of MRF log-likelihood using reverse annealing*, AISTATS 2015, section 4). So the mean over chains is an unbiased estimate of
//! p_ann(v), and its logarithm is on average too low. What is bounded from below is the likelihood of p_ann, which is a model that can be
//! sampled and evaluated. It is below the model's own likelihood on average over the model's samples. On other data it
//! can be above it, by several nats: a badly trained model keeps most of its mass in modes far from the data, and annealing leaves
//! more chains near the data than the model does. Then it is above [`Ais::forward`]'s estimate too, which shows it.

use bitspin_core::Error;
use bitspin_core::rbm::ais::Beta;
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;

use super::estimate::LnMean;
use super::{Ais, check_units, free_energies};
use crate::BitMatrix;
use crate::control::{Control, whole};

/// Estimates of ln p_ann for some rows, in nats.
#[derive(Clone, Debug, PartialEq)]
pub struct Raise {
    /// The estimate of each row: on average too low.
    pub rows: Vec<f64>,
    /// What each estimate has more than -F(v), F of the float parameters: minus an ln Z that is on average too high.
    gaps: Vec<f64>,
    /// Chains of each row.
    pub chains_a_row: usize,
    /// The standard deviation of a chain's ln-weight about its row's mean; NaN for one chain per row. An estimate is too low
    /// by about half its square divided by the number of chains, as long as that is small.
    pub deviation: f64,
}

impl Raise {
    /// The mean over the rows.
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(&self.rows)
    }

    /// The mean over the set that the rows were drawn from, whose mean free energy is `free_energy`: the rows tell by how
    /// much ln p_ann differs from -F, which varies much less from row to row than either.
    #[must_use]
    pub fn log_likelihood(&self, free_energy: f64) -> f64 {
        mean(&self.gaps) - free_energy
    }

    /// The standard error of [`Self::log_likelihood`], for rows drawn at random. It includes that of annealing.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        let (mean, count) = (mean(&self.gaps), self.gaps.len() as f64);
        let squares: f64 = self.gaps.iter().map(|gap| (gap - mean).powi(2)).sum();
        (squares / (count * (count - 1.0))).sqrt()
    }
}

impl Ais<'_> {
    /// Steps that [`Self::raise`] reports.
    #[must_use]
    pub fn raise_steps(&self, rows: usize, chains_a_row: usize) -> u64 {
        rows as u64 * chains_a_row as u64 * (self.settings.betas as u64 + 1)
    }

    /// Estimates ln p_ann of every row by `chains_a_row` chains each. O(rows x chains x temperatures) Gibbs steps.
    ///
    /// # Errors
    /// [`Error::Length`] for rows of another number of units, [`Error::OutOfRange`] for fewer than two rows or no chain.
    pub fn raise(&self, rows: &BitMatrix, chains_a_row: usize) -> Result<Raise, Error> {
        self.raise_with(rows, chains_a_row, Control::new())
            .map(whole)
    }

    /// [`Self::raise`] that reports Gibbs steps; `None` if interrupted.
    ///
    /// # Errors
    /// As [`Self::raise`].
    pub fn raise_with(
        &self,
        rows: &BitMatrix,
        chains_a_row: usize,
        control: Control<'_>,
    ) -> Result<Option<Raise>, Error> {
        check_units(self.model.visible, rows)?;
        for (what, found, least, expected) in [
            ("rows", rows.count(), 2, "at least 2"),
            ("chains of a row", chains_a_row, 1, "at least 1"),
        ] {
            if found < least {
                return Err(Error::OutOfRange { what, expected });
            }
        }
        let words = rows.words_per_row();
        let chains = rows.count() * chains_a_row;
        let first_rng = 2 * self.settings.chains;
        let annealed = self.anneal(first_rng, chains, control, &|chains, first| {
            let own = first..first + chains.count();
            let own = own.flat_map(|chain| {
                let row = chain / chains_a_row;
                &rows.bits()[row * words..(row + 1) * words]
            });
            chains.enter(&own.copied().collect::<Vec<u64>>())?;
            chains.step(Beta::ONE);
            control.advance(chains.count());
            self.down(chains, control);
            Ok(vec![])
        })?;
        let Some(annealed) = annealed else {
            return Ok(None);
        };
        let quantised = self.quantised_free_energies(rows);
        let float = free_energies(self.model, rows, self.settings.threads)?;
        let mut raise = Raise {
            rows: vec![],
            gaps: vec![],
            chains_a_row,
            deviation: 0.0,
        };
        let of_rows = annealed.ln_weights.chunks_exact(chains_a_row);
        for ((ln_weights, quantised), float) in of_rows.zip(quantised).zip(float) {
            let falling: Vec<f64> = ln_weights.iter().map(|ln_weight| -ln_weight).collect();
            let row = LnMean::new(&falling).value - annealed.base_ln_z - quantised;
            raise.rows.push(row);
            raise.gaps.push(row + float);
            let mean = mean(&falling);
            raise.deviation += falling.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        }
        let freedom = rows.count() * (chains_a_row - 1);
        raise.deviation = (raise.deviation / freedom as f64).sqrt();
        Ok(Some(raise))
    }
}

/// Draws `count` images without replacement, and keeps their order; all of them if there are no more.
#[must_use]
pub fn drawn(images: &BitMatrix, count: usize, seed: u64) -> BitMatrix {
    let mut rng = Streams::new(seed, Purpose::Evaluation).next_stream();
    let mut indices: Vec<usize> = (0..images.count()).collect();
    let count = count.min(indices.len());
    for at in 0..count {
        let left = (indices.len() - at) as u64;
        let next = (u64::from(rng.next_u32()) * left) >> 32;
        indices.swap(at, at + next as usize);
    }
    indices.truncate(count);
    indices.sort_unstable();
    let words = images.words_per_row();
    let row = |at: usize| &images.bits()[at * words..(at + 1) * words];
    let bits = indices.into_iter().flat_map(row).copied().collect();
    BitMatrix::from_bits(images.units(), bits).unwrap_or_else(|_| images.clone())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_drawn_once_each_and_evenly() {
        let images = BitMatrix::from_bits(6, (0..40).collect()).unwrap();
        let mut seen = [0_u32; 40];
        for seed in 0..400 {
            let rows = drawn(&images, 10, seed);
            assert!(rows.count() == 10 && rows.bits().is_sorted_by(|a, b| a < b));
            rows.bits()
                .iter()
                .for_each(|&bits| seen[bits as usize] += 1);
        }
        // Each row is drawn 100 times on average with a standard deviation of 8.7; 5 of them are exceeded once in 40,000 of
        // 40 rows.
        assert!(seen.iter().all(|seen| seen.abs_diff(100) < 44), "{seen:?}");
        assert_eq!(drawn(&images, 99, 1), images);
    }

    #[test]
    fn errors_are_those_of_the_differences_from_free_energies() {
        let raise = Raise {
            rows: vec![-80.0, -120.0, -100.0],
            gaps: vec![-9.0, -10.0, -11.0],
            chains_a_row: 2,
            deviation: 0.0,
        };
        assert_eq!(raise.mean(), -100.0);
        assert_eq!(raise.log_likelihood(88.0), -98.0);
        assert!((raise.standard_error() - (1.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    }
}
