//! Exact results for small Ising models, by enumerating all states.

use super::{LogSum, MAX_UNITS, PART_BITS, RESYNC, check_length};
use crate::Error;

/// The float parameters of an Ising model, E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i, and an inverse temperature.
///
/// Spins follow each other in Gray-code order: one turns over, which adds a row of couplings to the fields, and every
/// [`RESYNC`] states the fields are computed afresh. A state costs N additions and an exponential: a model of 24 spins
/// takes about a second. Bit `k` of a state's number is set where spin k is +1.
///
/// ```
/// use bitspin_core::exact::Ising;
/// let model = Ising::new(&[0.0, 0.5, 0.5, 0.0], &[0.0, 0.0], 2.0)?;
/// // Two states of energy -1/2 and two of +1/2.
/// assert!((model.ln_z() - (2.0 * (1_f64.exp() + (-1_f64).exp())).ln()).abs() < 1e-14);
/// let (mut spin, mut correlation) = ([0.0; 2], [0.0; 4]);
/// model.moments(model.ln_z(), &mut spin, &mut correlation)?;
/// assert!((correlation[1] - 1_f64.tanh()).abs() < 1e-14);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ising<'a> {
    units: usize,
    w: &'a [f64],
    h: &'a [f64],
    beta: f64,
}

/// A state on the way through all of them.
struct State {
    number: usize,
    /// The spin that turned to come here; `None` in a part's first state.
    flipped: Option<usize>,
    energy: f64,
}

impl<'a> Ising<'a> {
    /// Takes N x N couplings, row by row, and N fields. O(N^2).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there are 1 to [`MAX_UNITS`] spins, the couplings are symmetric with a zero diagonal,
    /// and `beta` is a finite number, not negative; [`Error::Length`] unless there are N^2 couplings;
    /// [`Error::NotFinite`] for NaN and infinities.
    pub fn new(w: &'a [f64], h: &'a [f64], beta: f64) -> Result<Self, Error> {
        let units = h.len();
        if !(1..=MAX_UNITS).contains(&units) {
            return Err(Error::OutOfRange {
                what: "the number of spins to enumerate",
                expected: "1 to 24",
            });
        }
        check_length("couplings", units * units, w.len())?;
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
        Ok(Self { units, w, h, beta })
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
        self.enter(number, &mut [0.0; MAX_UNITS])
    }

    /// -beta E of a state less ln Z: the logarithm of its probability, in nats. O(N^2).
    #[must_use]
    pub fn ln_probability(&self, ln_z: f64, number: usize) -> f64 {
        -self.beta * self.energy(number) - ln_z
    }

    /// ln of a part's share of Z. O(states of the part x N).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if `part` is not below [`Self::parts`].
    pub fn ln_sum_of_part(&self, part: usize) -> Result<LogSum, Error> {
        if part >= self.parts() {
            return Err(Error::OutOfRange {
                what: "part",
                expected: "a number below that of parts",
            });
        }
        let mut sum = LogSum::EMPTY;
        self.walk(part, |state| sum.add(-self.beta * state.energy));
        Ok(sum)
    }

    /// ln Z in nats. O(2^N x N). Errors from rounding are below 1e-12 and 3e-13 of the sum of all magnitudes times beta.
    #[must_use]
    pub fn ln_z(&self) -> f64 {
        let mut all = LogSum::EMPTY;
        for part in 0..self.parts() {
            if let Ok(sum) = self.ln_sum_of_part(part) {
                all.merge(sum);
            }
        }
        all.value()
    }

    /// Writes `<s_i>` (N numbers) and `<s_i s_j>` (N x N), and returns `<E>`; the entropy is beta `<E>` + ln Z.
    /// O(2^N x N): of the correlations each state changes the row of the spin that turned.
    ///
    /// # Errors
    /// [`Error::Length`] naming the buffer of another length.
    pub fn moments(
        &self,
        ln_z: f64,
        spin: &mut [f64],
        correlation: &mut [f64],
    ) -> Result<f64, Error> {
        let n = self.units;
        check_length("mean spin", n, spin.len())?;
        check_length("correlation", n * n, correlation.len())?;
        spin.fill(0.0);
        correlation.fill(0.0);
        let mut energy = 0.0;
        for part in 0..self.parts() {
            let mut sums = Sums::new(n);
            self.walk(part, |state| {
                sums.turn(state.number, state.flipped, correlation);
                let p = libm::exp(-self.beta * state.energy - ln_z);
                energy += p * state.energy;
                sums.add(p);
            });
            sums.finish(spin, correlation);
        }
        for i in 0..n {
            correlation[i * n + i] = 1.0;
            for j in 0..i {
                correlation[j * n + i] = correlation[i * n + j];
            }
        }
        Ok(energy)
    }

    /// Tells `each` state of a part.
    #[inline]
    fn walk(&self, part: usize, mut each: impl FnMut(State)) {
        let low = self.units.saturating_sub(PART_BITS);
        let mut fields = [0.0; MAX_UNITS];
        let mut energy = 0.0;
        for t in 0..1_usize << low {
            let number = part << low | t ^ t >> 1;
            let flipped = (t > 0).then_some(t.trailing_zeros() as usize);
            match flipped {
                Some(k) if !t.is_multiple_of(RESYNC) => {
                    let by = 2.0 * sign(number, k);
                    energy -= by * fields[k];
                    let row = &self.w[k * self.units..][..self.units];
                    for (field, w) in fields.iter_mut().zip(row) {
                        *field += by * w;
                    }
                }
                _ => energy = self.enter(number, &mut fields),
            }
            each(State {
                number,
                flipped,
                energy,
            });
        }
    }

    /// Computes the fields of a state afresh. Returns its energy.
    fn enter(&self, number: usize, fields: &mut [f64; MAX_UNITS]) -> f64 {
        let mut energy = 0.0;
        for (i, (field, &h)) in fields.iter_mut().zip(self.h).enumerate() {
            let row = &self.w[i * self.units..][..self.units];
            let terms = row.iter().enumerate();
            let sum: f64 = terms.map(|(j, w)| w * sign(number, j)).sum();
            *field = sum + h;
            energy -= sign(number, i) * (0.5 * sum + h);
        }
        energy
    }
}

/// Spin `k` of a state.
#[inline]
fn sign(number: usize, k: usize) -> f64 {
    if number >> k & 1 != 0 { 1.0 } else { -1.0 }
}

/// Sums of a part's probabilities. The sum over the states since pair (i, j) last changed its sign is the total less what
/// the total was then, so that a state costs one row of pairs.
struct Sums {
    units: usize,
    number: usize,
    total: f64,
    /// The total when a pair, or (on the diagonal) a spin, last changed.
    since: [[f64; MAX_UNITS]; MAX_UNITS],
    spin: [f64; MAX_UNITS],
}

impl Sums {
    fn new(units: usize) -> Self {
        Self {
            units,
            number: 0,
            total: 0.0,
            since: [[0.0; MAX_UNITS]; MAX_UNITS],
            spin: [0.0; MAX_UNITS],
        }
    }

    /// The state becomes `number`, by turning spin `flipped`; or is the first.
    #[inline]
    fn turn(&mut self, number: usize, flipped: Option<usize>, correlation: &mut [f64]) {
        if let Some(k) = flipped {
            self.close(k, correlation);
        }
        self.number = number;
    }

    /// Books what has been summed of spin `k` and its pairs.
    #[inline]
    fn close(&mut self, k: usize, correlation: &mut [f64]) {
        let own = sign(self.number, k);
        let row = k * self.units;
        for j in 0..k {
            let sum = self.total - self.since[k][j];
            correlation[row + j] += own * sign(self.number, j) * sum;
            self.since[k][j] = self.total;
        }
        for j in k + 1..self.units {
            let sum = self.total - self.since[j][k];
            correlation[j * self.units + k] += own * sign(self.number, j) * sum;
            self.since[j][k] = self.total;
        }
        self.spin[k] += own * (self.total - self.since[k][k]);
        self.since[k][k] = self.total;
    }

    fn add(&mut self, p: f64) {
        self.total += p;
    }

    fn finish(mut self, spin: &mut [f64], correlation: &mut [f64]) {
        for k in 0..self.units {
            self.close(k, correlation);
        }
        for (mean, sum) in spin.iter_mut().zip(&self.spin) {
            *mean += sum;
        }
    }
}
