//! A Boltzmann machine's float parameters, and its objectives at a visible state.

use super::sums::check_words;
use super::{Objective, Sums};
use crate::Error;
use crate::bits::{spin, words};
use crate::error::check_len;
use crate::exact::IsingEnumeration;

/// The most hidden spins of which exact sums are taken: 2^12 states for every visible state.
pub const MAX_HIDDEN: usize = 12;

/// The most words of a visible state that is turned over in place: hidden sums need a copy of it.
const MAX_WORDS: usize = 64;

/// A Boltzmann machine of N spins, the first `visible` ones visible: float64 copies of its couplings and fields, borrowed.
///
/// Scratch space is [`BoltzmannMachine::scratch_len`] numbers of no meaning before or after.
#[derive(Clone, Copy, Debug)]
pub struct BoltzmannMachine<'a> {
    w: &'a [f64],
    h: &'a [f64],
    visible: usize,
}

impl<'a> BoltzmannMachine<'a> {
    /// Makes a model from N x N couplings, row by row, symmetric with a zero diagonal, and N fields. O(N^2).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless at least one spin is visible, at most [`MAX_HIDDEN`] are hidden (and if any are, at
    /// most 4096 visible), and the couplings are symmetric with a zero diagonal; [`Error::Length`] unless there are N^2
    /// couplings; [`Error::NotFinite`] for NaN and infinities.
    pub fn new(w: &'a [f64], h: &'a [f64], visible: usize) -> Result<Self, Error> {
        let n = h.len();
        let hidden = n.checked_sub(visible).filter(|_| visible > 0);
        let Some(hidden) = hidden else {
            return Err(Error::OutOfRange {
                what: "visible spins",
                expected: "at least one, and no more than there are spins",
            });
        };
        if hidden > MAX_HIDDEN || hidden > 0 && words(visible) > MAX_WORDS {
            return Err(Error::OutOfRange {
                what: "hidden spins to sum over",
                expected: "at most 12, beside at most 4096 visible ones",
            });
        }
        check_len("couplings", n * n, w.len())?;
        for (what, values) in [("couplings", w), ("fields", h)] {
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                return Err(Error::NotFinite { what, index });
            }
        }
        let mirrored = |i: usize| (0..i).all(|j| w[i * n + j] == w[j * n + i]);
        if !(0..n).all(|i| w[i * n + i] == 0.0 && mirrored(i)) {
            return Err(Error::OutOfRange {
                what: "couplings",
                expected: "a symmetric matrix with a zero diagonal",
            });
        }
        Ok(Self { w, h, visible })
    }

    /// Number of spins, N.
    #[must_use]
    pub fn units(&self) -> usize {
        self.h.len()
    }

    /// Number of visible spins.
    #[must_use]
    pub fn visible(&self) -> usize {
        self.visible
    }

    /// Number of hidden spins.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.h.len() - self.visible
    }

    /// Length of the scratch space.
    #[must_use]
    pub fn scratch_len(&self) -> usize {
        // Fields and couplings of the hidden spins, their means and those of their pairs.
        let k = self.hidden();
        2 * (k + k * k)
    }

    /// -F(v) = ln sum_h exp(-E(v, h)) of a visible state, packed; bits past the visible ones are ignored.
    /// O(N^2 + 2^hidden hidden).
    ///
    /// # Errors
    /// [`Error::Length`] for a state of too few words, or scratch space of another length.
    pub fn ln_weight(&self, state: &[u64], scratch: &mut [f64]) -> Result<f64, Error> {
        self.check(state, scratch)?;
        Ok(self.clamp(state, scratch, false))
    }

    /// Adds the clamped averages `<s_i>` and `<s_i s_j>`, `times` times: over the hidden spins' distribution given a visible
    /// state. The data's half of the learning rule. O(N^2 + 2^hidden hidden).
    ///
    /// # Errors
    /// [`Error::Length`] as [`ln_weight`](Self::ln_weight), or for sums of another number of spins.
    pub fn add_clamped(
        &self,
        state: &[u64],
        times: i64,
        scratch: &mut [f64],
        sums: &mut Sums<'_>,
    ) -> Result<(), Error> {
        self.check(state, scratch)?;
        check_len("sums", self.units(), sums.units())?;
        if self.hidden() == 0 {
            return sums.add_state(state, times);
        }
        self.clamp(state, scratch, true);
        let (hidden, pairs) = self.means(scratch);
        sums.add_clamped(state, hidden, pairs, 1.0, times);
        Ok(())
    }

    /// The objective at a visible state: the sum over visible spins of [`Objective::loss`].
    /// O(N^2), with hidden spins O(visible (N^2 + 2^hidden hidden)).
    ///
    /// # Errors
    /// As [`ln_weight`](Self::ln_weight).
    pub fn loss(
        &self,
        objective: Objective,
        state: &[u64],
        scratch: &mut [f64],
    ) -> Result<f64, Error> {
        let mut loss = 0.0;
        self.each_margin(state, scratch, false, |_, _, margin, _| {
            loss += objective.loss(margin);
        })?;
        Ok(loss)
    }

    /// Adds minus the gradient of the objective at a visible state, `times` times. Costs as [`loss`](Self::loss).
    ///
    /// Without hidden spins, spin i pulls its field by c_i = s_i pull(m_i) and the pair (i, j) by c_i s_j. With them, a
    /// margin is a difference of free energies, and its gradient half the difference of clamped averages.
    ///
    /// # Errors
    /// As [`add_clamped`](Self::add_clamped).
    pub fn add_gradient(
        &self,
        objective: Objective,
        state: &[u64],
        times: i64,
        scratch: &mut [f64],
        sums: &mut Sums<'_>,
    ) -> Result<(), Error> {
        check_len("sums", self.units(), sums.units())?;
        if self.hidden() == 0 {
            return self.each_margin(state, scratch, false, |unit, _, margin, _| {
                let amount = f64::from(spin(state, unit)) * objective.pull(margin);
                sums.add_pull(unit, amount, state, times);
            });
        }
        let mut total = 0.0;
        self.each_margin(state, scratch, true, |_, turned, margin, scratch| {
            let half = 0.5 * objective.pull(margin);
            total += half;
            let (hidden, pairs) = self.means(scratch);
            sums.add_clamped(turned, hidden, pairs, -half, times);
        })?;
        self.clamp(state, scratch, true);
        let (hidden, pairs) = self.means(scratch);
        sums.add_clamped(state, hidden, pairs, total, times);
        Ok(())
    }

    /// Tells the margin of every visible spin; with hidden spins also the state with that spin turned over, its means
    /// being in the scratch space if `means` asks for them.
    fn each_margin(
        &self,
        state: &[u64],
        scratch: &mut [f64],
        means: bool,
        mut each: impl FnMut(usize, &[u64], f64, &[f64]),
    ) -> Result<(), Error> {
        self.check(state, scratch)?;
        if self.hidden() == 0 {
            for unit in 0..self.visible {
                let margin = f64::from(spin(state, unit)) * self.field(state, unit);
                each(unit, state, margin, &[]);
            }
            return Ok(());
        }
        let weight = self.clamp(state, scratch, false);
        let mut copy = [0; MAX_WORDS];
        let copy = &mut copy[..words(self.visible)];
        copy.copy_from_slice(&state[..copy.len()]);
        for unit in 0..self.visible {
            copy[unit / 64] ^= 1 << (unit % 64);
            let turned = self.clamp(copy, scratch, means);
            each(unit, copy, 0.5 * (weight - turned), scratch);
            copy[unit / 64] ^= 1 << (unit % 64);
        }
        Ok(())
    }

    fn check(&self, state: &[u64], scratch: &[f64]) -> Result<(), Error> {
        check_words(self.visible, state)?;
        check_len("scratch", self.scratch_len(), scratch.len())
    }

    /// h_i + sum of w_ij s_j over visible spins j, in their order.
    fn field(&self, state: &[u64], unit: usize) -> f64 {
        let row = &self.w[unit * self.units()..][..self.visible];
        let terms = row.iter().enumerate();
        self.h[unit]
            + terms
                .map(|(j, w)| w * f64::from(spin(state, j)))
                .sum::<f64>()
    }

    /// -F(v); with `means` also the means of the hidden spins and their pairs, into the scratch space.
    ///
    /// With the visible spins clamped the hidden ones are an Ising model whose external fields the visible ones add to.
    fn clamp(&self, state: &[u64], scratch: &mut [f64], means: bool) -> f64 {
        let (n, k) = (self.units(), self.hidden());
        let mut weight = 0.0;
        for unit in 0..self.visible {
            // Half the field's pairs, and all of the external field.
            let own = 0.5 * (self.field(state, unit) + self.h[unit]);
            weight += f64::from(spin(state, unit)) * own;
        }
        if k == 0 {
            return weight;
        }
        let (fields, rest) = scratch.split_at_mut(k);
        let (couplings, rest) = rest.split_at_mut(k * k);
        for j in 0..k {
            let unit = self.visible + j;
            fields[j] = self.field(state, unit);
            let row = &self.w[unit * n + self.visible..][..k];
            couplings[j * k..][..k].copy_from_slice(row);
        }
        // What `new` checked of all spins holds of the hidden ones; a field may only be infinite where finite parameters
        // add up to more than float64 holds.
        let Ok(hidden) = IsingEnumeration::new(couplings, fields, 1.0) else {
            return f64::NAN;
        };
        let partition = hidden.partition();
        if means {
            let (spins, pairs) = rest.split_at_mut(k);
            // The lengths are right, which is all that could fail.
            let _ = hidden.moments(&partition, spins, &mut pairs[..k * k]);
        }
        weight + hidden.ln_z_of(&partition)
    }

    /// The means that [`clamp`](Self::clamp) left.
    fn means<'s>(&self, scratch: &'s [f64]) -> (&'s [f64], &'s [f64]) {
        let k = self.hidden();
        let (spins, pairs) = scratch[k + k * k..].split_at(k);
        (spins, &pairs[..k * k])
    }
}
