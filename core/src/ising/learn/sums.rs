//! Integer sums for the gradients of fields and couplings.

use crate::Error;
use crate::bits::spin;
use crate::error::check_len;

/// Binary places of the sums.
pub const FRACTION_BITS: u32 = 20;

/// One of the sums' units.
const ONE: i64 = 1 << FRACTION_BITS;

/// The largest magnitude of one term, 2^20: exponentials of margins beyond -13.8 are held to it.
const TERM_LIMIT: f64 = ONE as f64;

/// Sums for N fields and N x N couplings, in storage of the caller's; integers with [`FRACTION_BITS`] binary places. What
/// belongs to the pair (i, j) lies in its two entries, \[i\]\[j\] and \[j\]\[i\], whose sum it is.
///
/// Adding is order-free: data or chains may be split between threads at will, each with sums of its own, and
/// [merged](Self::merge). A term is rounded by at most 2^-21 and held to 2^20; so 2^22 terms of the largest size fit.
#[derive(Debug)]
pub struct Sums<'a> {
    spin: &'a mut [i64],
    pair: &'a mut [i64],
}

impl<'a> Sums<'a> {
    /// Takes N and N x N numbers as sums, with what they hold.
    ///
    /// # Errors
    /// [`Error::Length`] unless `pair` is as many numbers as `spin` squared.
    pub fn new(spin: &'a mut [i64], pair: &'a mut [i64]) -> Result<Self, Error> {
        check_len("sums of pairs", spin.len() * spin.len(), pair.len())?;
        Ok(Self { spin, pair })
    }

    /// Number of spins.
    #[must_use]
    pub fn units(&self) -> usize {
        self.spin.len()
    }

    /// Starts again at zero.
    pub fn clear(&mut self) {
        self.spin.fill(0);
        self.pair.fill(0);
    }

    /// Adds s_i and s_i s_j of a state, `times` times. O(N^2).
    ///
    /// # Errors
    /// [`Error::Length`] if the state has fewer words than N spins need.
    pub fn add_state(&mut self, state: &[u64], times: i64) -> Result<(), Error> {
        check_words(self.units(), state)?;
        for unit in 0..self.units() {
            let own = i64::from(spin(state, unit)) * times;
            self.spin[unit] += own * ONE;
            self.row(unit, own * (ONE / 2), state);
        }
        Ok(())
    }

    /// Adds `amount` d(-E)/d(field of `unit`), `times` times: `amount` to its field and amount s_j to its pairs.
    pub(super) fn add_pull(&mut self, unit: usize, amount: f64, state: &[u64], times: i64) {
        let amount = term(amount) * times;
        self.spin[unit] += amount;
        self.row(unit, amount, state);
    }

    /// Adds `amount` s_j to the entries of row `unit`.
    fn row(&mut self, unit: usize, amount: i64, state: &[u64]) {
        let n = self.units();
        for (j, sum) in self.pair[unit * n..][..n].iter_mut().enumerate() {
            *sum += i64::from(spin(state, j)) * amount;
        }
    }

    /// Adds `amount` times the means of s_i and s_i s_j where the first spins are those of a state, and of the hidden
    /// ones `hidden` and `pairs` are the means. O(N^2).
    pub(super) fn add_clamped(
        &mut self,
        state: &[u64],
        hidden: &[f64],
        pairs: &[f64],
        amount: f64,
        times: i64,
    ) {
        let n = self.units();
        let visible = n - hidden.len();
        let mean = |unit: usize| match unit.checked_sub(visible) {
            Some(j) => hidden[j],
            None => f64::from(spin(state, unit)),
        };
        for i in 0..n {
            self.spin[i] += term(amount * mean(i)) * times;
            for j in 0..i {
                let both = match j.checked_sub(visible) {
                    Some(j) => pairs[(i - visible) * hidden.len() + j],
                    None => mean(i) * mean(j),
                };
                self.pair[i * n + j] += term(amount * both) * times;
            }
        }
    }

    /// Adds other sums of equally many spins.
    ///
    /// # Errors
    /// [`Error::Length`] for sums of another number of spins.
    pub fn merge(&mut self, other: &Sums<'_>) -> Result<(), Error> {
        check_len("sums", self.units(), other.units())?;
        let own = self.spin.iter_mut().chain(self.pair.iter_mut());
        let others = other.spin.iter().chain(other.pair.iter());
        own.zip(others).for_each(|(to, from)| *to += from);
        Ok(())
    }

    /// Writes the sums of the fields divided by `total`.
    ///
    /// # Errors
    /// [`Error::Length`] unless `out` is N numbers.
    pub fn spin_means(&self, total: f64, out: &mut [f32]) -> Result<(), Error> {
        check_len("means", self.units(), out.len())?;
        for (out, &sum) in out.iter_mut().zip(&*self.spin) {
            *out = (sum as f64 / (ONE as f64 * total)) as f32;
        }
        Ok(())
    }

    /// Writes the sums of the pairs divided by `total`, a symmetric matrix with a zero diagonal.
    ///
    /// # Errors
    /// [`Error::Length`] unless `out` is N x N numbers.
    pub fn pair_means(&self, total: f64, out: &mut [f32]) -> Result<(), Error> {
        check_len("means", self.pair.len(), out.len())?;
        let n = self.units();
        for (at, out) in out.iter_mut().enumerate() {
            let (i, j) = (at / n, at % n);
            let sum = self.pair[at] + self.pair[j * n + i];
            *out = if i == j {
                0.0
            } else {
                (sum as f64 / (ONE as f64 * total)) as f32
            };
        }
        Ok(())
    }
}

/// A term of a sum, rounded to the nearest and held to the limit.
fn term(amount: f64) -> i64 {
    libm::rint(amount.clamp(-TERM_LIMIT, TERM_LIMIT) * ONE as f64) as i64
}

/// Refuses a state of too few words.
pub(super) fn check_words(units: usize, state: &[u64]) -> Result<(), Error> {
    let expected = crate::bits::words(units);
    if state.len() >= expected {
        return Ok(());
    }
    check_len("words of a state", expected, state.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_counted_whatever_their_order() {
        let states = [0b1011_u64, 0b0110, 0b1111, 0b0001];
        let mut orders = [([0; 4], [0; 16]), ([0; 4], [0; 16])];
        for (turn, (spin, pair)) in orders.iter_mut().enumerate() {
            let mut sums = Sums::new(spin, pair).unwrap();
            for k in 0..4 {
                let k = if turn == 0 { k } else { 3 - k };
                sums.add_state(&[states[k]], 1 + k as i64).unwrap();
            }
        }
        assert_eq!(orders[0], orders[1]);
        let [(spin, pair), (other_spin, other_pair)] = &mut orders;
        let mut sums = Sums::new(spin, pair).unwrap();
        let other = Sums::new(other_spin, other_pair).unwrap();
        sums.merge(&other).unwrap();
        let (mut spins, mut pairs) = ([0.0; 4], [0.0; 16]);
        sums.spin_means(20.0, &mut spins).unwrap();
        sums.pair_means(20.0, &mut pairs).unwrap();
        // Times 1, 2, 3, 4: s_0 is + - + +, s_1 is + + + -.
        assert_eq!(
            spins[..2],
            [
                (1.0 - 2.0 + 3.0 + 4.0) / 10.0,
                (1.0 + 2.0 + 3.0 - 4.0) / 10.0
            ]
        );
        assert_eq!(
            (pairs[1], pairs[4], pairs[0]),
            ((1.0 - 2.0 + 3.0 - 4.0) / 10.0, pairs[1], 0.0)
        );
    }

    #[test]
    fn wrong_lengths_are_named() {
        assert!(Sums::new(&mut [0; 2], &mut [0; 3]).is_err());
        let (mut spin, mut pair) = ([0; 65], [0; 65 * 65]);
        let mut sums = Sums::new(&mut spin, &mut pair).unwrap();
        assert!(sums.add_state(&[0], 1).is_err());
        assert!(sums.add_state(&[0, 1], 1).is_ok());
        assert!(sums.pair_means(1.0, &mut [0.0; 4]).is_err());
        assert!(sums.spin_means(1.0, &mut [0.0; 4]).is_err());
    }

    #[test]
    fn terms_are_held() {
        assert_eq!(term(1e30), ONE * ONE);
        assert_eq!(term(f64::NEG_INFINITY), -ONE * ONE);
        assert_eq!(term(0.75 / ONE as f64), 1);
    }
}
