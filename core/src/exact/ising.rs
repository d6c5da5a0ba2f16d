//! Exact results for small Ising models, by enumerating all states.

mod states;
mod sums;

use super::grid::{Grid, Whole};
use super::{MAX_UNITS, PART_BITS};
use crate::Error;
use crate::error::check_len;
use states::Table;
use sums::Sums;

/// The float parameters of an Ising model, E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i, and an inverse temperature.
///
/// Spins follow each other in Gray-code order: one turns over, which adds a row of couplings to the fields. Energies are
/// integers on a grid that holds the parameters exactly, or within what changes no ln p by 2^-30, so that states of equal
/// energy are equal at any beta. A state costs N additions and an exponential: a model of 24 spins takes about a second.
/// Bit `k` of a state's number is set where spin k is +1.
///
/// ```
/// use bitspin_core::exact::IsingEnumeration;
/// let model = IsingEnumeration::new(&[0.0, 0.5, 0.5, 0.0], &[0.0, 0.0], 2.0)?;
/// // Two states of energy -1/2 and two of +1/2.
/// assert!((model.ln_z() - (2.0 * (1_f64.exp() + (-1_f64).exp())).ln()).abs() < 1e-14);
/// let (mut spin, mut correlation) = ([0.0; 2], [0.0; 4]);
/// let means = model.moments(&model.partition(), &mut spin, &mut correlation)?;
/// assert!((correlation[1] - 1_f64.tanh()).abs() < 1e-14);
/// assert!((means.energy + 0.5 * 1_f64.tanh()).abs() < 1e-14);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct IsingEnumeration<'a> {
    units: usize,
    w: &'a [f64],
    h: &'a [f64],
    beta: f64,
    grid: Grid,
}

/// The sum of all weights, relative to that of the lowest energy: Z = exp(-beta E_0) sum, where sum counts a state of
/// excess energy E - E_0 as exp(-beta (E - E_0)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Partition {
    /// The lowest energy in units of the grid; of no state, the largest number.
    ground: i128,
    sum: f64,
}

/// Thermal averages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// `<E>`.
    pub energy: f64,
    /// -sum p ln p = beta `<E - E_0>` + ln sum exp(-beta (E - E_0)), in nats. Never negative.
    pub entropy: f64,
}

impl<'a> IsingEnumeration<'a> {
    /// Prepares a model of N x N couplings, row by row, and N fields. O(N^2).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there are 1 to [`MAX_UNITS`] spins, the couplings are symmetric with a zero diagonal,
    /// `beta` is a finite number, not negative, and the sum of all magnitudes times beta is finite; if beta is so large that
    /// it tells couplings apart that are more than 2^124 times smaller than the sum; [`Error::Length`] unless there are N^2
    /// couplings; [`Error::NotFinite`] for NaN and infinities.
    pub fn new(w: &'a [f64], h: &'a [f64], beta: f64) -> Result<Self, Error> {
        let units = h.len();
        if !(1..=MAX_UNITS).contains(&units) {
            return Err(Error::OutOfRange {
                what: "the number of spins to enumerate",
                expected: "1 to 24",
            });
        }
        check_len("couplings", units * units, w.len())?;
        for (what, values) in [("couplings", w), ("external fields", h)] {
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                return Err(Error::NotFinite { what, index });
            }
        }
        let entry = |i: usize, j: usize| w[i * units + j];
        let symmetric = |i: usize| (0..i).all(|j| entry(i, j) == entry(j, i));
        if !(0..units).all(|i| entry(i, i) == 0.0 && symmetric(i)) {
            return Err(Error::OutOfRange {
                what: "couplings",
                expected: "a symmetric matrix with a zero diagonal",
            });
        }
        if !(0.0..f64::INFINITY).contains(&beta) {
            return Err(Error::OutOfRange {
                what: "beta",
                expected: "a finite number, not negative",
            });
        }
        let pairs = (0..units).flat_map(|i| (0..i).map(move |j| (i, j)));
        let values = pairs.map(|(i, j)| entry(i, j)).chain(h.iter().copied());
        let grid = Grid::new(values, beta)?;
        Ok(Self {
            units,
            w,
            h,
            beta,
            grid,
        })
    }

    /// Number of spins.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// Number of states, 2^N.
    #[must_use]
    pub fn states(&self) -> usize {
        1 << self.units
    }

    /// Number of parts that the states fall into: 2^6, or fewer if there are fewer states. It belongs to the model, so
    /// that summing parts in any threads and merging them in order gives the same bits.
    #[must_use]
    pub fn parts(&self) -> usize {
        1 << self.units.min(PART_BITS)
    }

    /// E of a state by its number. O(N^2).
    #[must_use]
    pub fn energy(&self, number: usize) -> f64 {
        self.grid.real(self.whole_energy(number))
    }

    /// ln p of a state, in nats. O(N^2).
    #[must_use]
    pub fn ln_probability(&self, partition: &Partition, number: usize) -> f64 {
        let excess = self.whole_energy(number) - partition.ground;
        -self.exponent(excess) - libm::log(partition.sum)
    }

    /// A part's share of Z. O(states of the part x N).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if `part` is not below [`Self::parts`].
    pub fn partition_of_part(&self, part: usize) -> Result<Partition, Error> {
        self.check_part(part)?;
        Ok(if self.grid.is_narrow() {
            self.sum_part(&Table::<i64>::new(self), part)
        } else {
            self.sum_part(&Table::<i128>::new(self), part)
        })
    }

    /// Z. O(2^N x N).
    #[must_use]
    pub fn partition(&self) -> Partition {
        if self.grid.is_narrow() {
            self.sum_parts(&Table::<i64>::new(self))
        } else {
            self.sum_parts(&Table::<i128>::new(self))
        }
    }

    /// Z of two disjoint sets of states. The last bits depend on the order of merging.
    #[must_use]
    pub fn merged(&self, a: Partition, b: Partition) -> Partition {
        let (low, high) = if b.ground < a.ground { (b, a) } else { (a, b) };
        if high.sum == 0.0 {
            return low;
        }
        let factor = libm::exp(-self.exponent(high.ground - low.ground));
        Partition {
            ground: low.ground,
            sum: low.sum + high.sum * factor,
        }
    }

    /// ln Z in nats. O(2^N x N).
    #[must_use]
    pub fn ln_z(&self) -> f64 {
        self.ln_z_of(&self.partition())
    }

    /// ln Z in nats, of a sum that was made before.
    #[must_use]
    pub fn ln_z_of(&self, partition: &Partition) -> f64 {
        libm::log(partition.sum) - self.beta * self.grid.real(partition.ground)
    }

    /// The lowest energy of all states, of a sum that was made before.
    #[must_use]
    pub fn ground_energy(&self, partition: &Partition) -> f64 {
        self.grid.real(partition.ground)
    }

    /// Writes `<s_i>` (N numbers) and `<s_i s_j>` (N x N), and returns the means. O(2^N x N): of the correlations each state
    /// changes the row of the spin that turned.
    ///
    /// # Errors
    /// [`Error::Length`] naming the buffer of another length.
    pub fn moments(
        &self,
        partition: &Partition,
        spin: &mut [f64],
        correlation: &mut [f64],
    ) -> Result<Means, Error> {
        spin.fill(0.0);
        correlation.fill(0.0);
        let mut excess = 0.0;
        for part in 0..self.parts() {
            self.add_moments_of_part(partition, part, &mut excess, spin, correlation)?;
        }
        self.finish_moments(partition, excess, correlation)
    }

    /// Adds a part's share of `<E - E_0>`, `<s_i>` and, below the diagonal, `<s_i s_j>`: the steps of [`Self::moments`], for
    /// callers that pause between them. [`Self::finish_moments`] follows the last. O(states of the part x N).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if `part` is not below [`Self::parts`]; [`Error::Length`] naming the buffer of another length.
    pub fn add_moments_of_part(
        &self,
        partition: &Partition,
        part: usize,
        excess: &mut f64,
        spin: &mut [f64],
        correlation: &mut [f64],
    ) -> Result<(), Error> {
        let n = self.units;
        self.check_part(part)?;
        check_len("mean spin", n, spin.len())?;
        check_len("correlation", n * n, correlation.len())?;
        if self.grid.is_narrow() {
            let table = Table::<i64>::new(self);
            self.sum_moments(&table, partition, part, excess, spin, correlation);
        } else {
            let table = Table::<i128>::new(self);
            self.sum_moments(&table, partition, part, excess, spin, correlation);
        }
        Ok(())
    }

    /// Fills in the diagonal and the upper half of the correlations, and returns the means, of `excess` = `<E - E_0>`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are N^2 correlations.
    pub fn finish_moments(
        &self,
        partition: &Partition,
        excess: f64,
        correlation: &mut [f64],
    ) -> Result<Means, Error> {
        let n = self.units;
        check_len("correlation", n * n, correlation.len())?;
        for i in 0..n {
            correlation[i * n + i] = 1.0;
            for j in 0..i {
                correlation[j * n + i] = correlation[i * n + j];
            }
        }
        Ok(Means {
            energy: self.grid.real(partition.ground) + excess,
            entropy: self.beta * excess + libm::log(partition.sum),
        })
    }

    /// Writes the probability of every state at its number. O(2^N x N).
    ///
    /// # Errors
    /// [`Error::Length`] unless there are 2^N of them.
    pub fn distribution(
        &self,
        partition: &Partition,
        probabilities: &mut [f64],
    ) -> Result<(), Error> {
        check_len("probabilities", self.states(), probabilities.len())?;
        if self.grid.is_narrow() {
            self.fill(&Table::<i64>::new(self), partition, probabilities);
        } else {
            self.fill(&Table::<i128>::new(self), partition, probabilities);
        }
        Ok(())
    }

    /// beta times an energy of the grid.
    #[inline]
    fn exponent(&self, energy: impl Whole) -> f64 {
        self.beta * self.grid.real(energy)
    }

    fn whole_energy(&self, number: usize) -> i128 {
        Table::<i128>::new(self).enter(number, &mut [0; MAX_UNITS])
    }

    fn sum_parts<T: Whole>(&self, table: &Table<T>) -> Partition {
        let mut all = Partition::EMPTY;
        for part in 0..self.parts() {
            all = self.merged(all, self.sum_part(table, part));
        }
        all
    }

    fn sum_part<T: Whole>(&self, table: &Table<T>, part: usize) -> Partition {
        let (mut ground, mut sum) = (T::MAX, 0.0);
        table.walk(part, |state| {
            if state.energy < ground {
                if sum > 0.0 {
                    sum *= libm::exp(-self.exponent(ground - state.energy));
                }
                ground = state.energy;
                sum += 1.0;
            } else {
                sum += libm::exp(-self.exponent(state.energy - ground));
            }
        });
        Partition {
            ground: ground.into(),
            sum,
        }
    }

    fn check_part(&self, part: usize) -> Result<(), Error> {
        if part < self.parts() {
            return Ok(());
        }
        Err(Error::OutOfRange {
            what: "part",
            expected: "a number below that of parts",
        })
    }

    /// Adds the moments of a part, and its share of the mean excess energy.
    fn sum_moments<T: Whole>(
        &self,
        table: &Table<T>,
        partition: &Partition,
        part: usize,
        energy: &mut f64,
        spin: &mut [f64],
        correlation: &mut [f64],
    ) {
        let ground = T::of(partition.ground);
        let mut sums = Sums::new(self.units);
        table.walk(part, |state| {
            sums.turn(state.number, state.flipped, correlation);
            let excess = self.grid.real(state.energy - ground);
            let p = libm::exp(-self.beta * excess) / partition.sum;
            *energy += p * excess;
            sums.add(p);
        });
        sums.finish(spin, correlation);
    }

    fn fill<T: Whole>(&self, table: &Table<T>, partition: &Partition, probabilities: &mut [f64]) {
        let ground = T::of(partition.ground);
        for part in 0..self.parts() {
            table.walk(part, |state| {
                let weight = libm::exp(-self.exponent(state.energy - ground));
                probabilities[state.number] = weight / partition.sum;
            });
        }
    }
}

impl Partition {
    /// The sum of no weights.
    pub const EMPTY: Self = Self {
        ground: i128::MAX,
        sum: 0.0,
    };
}
