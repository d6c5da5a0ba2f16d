//! Parallel tempering of an RBM: chains at a ladder of inverse temperatures from the base-rate model to the RBM.
//!
//! A chain's state is (v, h), and its distribution at b is proportional to exp((1 - b) a'v + b (v'Wh + b'v + c'h)), whose
//! marginal is the model between of [`anneal`](super). With U(v, h) = v'Wh + (b - a)'v + c'h two chains at b < b' exchange
//! their states with probability min(1, exp((b' - b) (U_b - U_b'))), which leaves the product of both distributions as it
//! is (Desjardins, Courville, Bengio, Vincent and Delalleau, *Tempered Markov chain Monte Carlo for training of RBMs*,
//! 2010). U is an integer of 2^-11 nat, and the decision one comparison of integers.
//!
//! At b = 0 every step draws an independent sample of the base-rate model, and at b = 1 a step is the engine's Gibbs step
//! without any rounding. Between them fields are rounded to 2^-11, so that detailed balance holds within that.

use super::{BASE_BITS, Beta, Chains};
use crate::Error;
use crate::bits::ones;
use crate::error::check_len;
use crate::ising::Exchange;
use crate::ising::temperature::Scale;

impl<S: AsRef<[i16]>> Chains<'_, S> {
    /// Tries to exchange every chain's state with that of the chain of the same number in `hotter`: `self` is at
    /// `beta`, `hotter` at `hotter_beta`, and both have just taken a [`step`](Self::step). Generators and weights stay. Random bits
    /// are those of the chains of `self`.
    ///
    /// # Errors
    /// [`Error::Length`] if the numbers of chains differ or their models' shapes do; [`Error::OutOfRange`] where
    /// `beta` is below `hotter_beta`.
    pub fn exchange(
        &mut self,
        beta: Beta,
        hotter: &mut Chains<'_, S>,
        hotter_beta: Beta,
        counts: &mut Exchange,
    ) -> Result<(), Error> {
        check_len("hotter chains", self.count(), hotter.count())?;
        for (what, expected, found) in [
            ("visible", self.shape().visible(), hotter.shape().visible()),
            ("hidden", self.shape().hidden(), hotter.shape().hidden()),
        ] {
            check_len(what, expected, found)?;
        }
        let scale = Scale::new(beta.real() - hotter_beta.real(), BASE_BITS)?;
        let kept = self.fields_kept && hotter.fields_kept;
        (self.fields_kept, hotter.fields_kept) = (kept, kept);
        for chain in 0..self.count() {
            let cost = self.coupling(chain) - hotter.coupling(chain);
            let [random, ..] = self.buffers.rngs[chain].words();
            let accepted = scale.happens(cost, random);
            if accepted {
                self.swap(hotter, chain);
            }
            counts.attempts += 1;
            counts.accepted += u64::from(accepted);
        }
        Ok(())
    }

    /// U(v, h) of a chain in 2^-[`BASE_BITS`] nat, exactly.
    fn coupling(&self, chain: usize) -> i64 {
        let shape = self.shape();
        let (model, base) = (self.annealing.model, self.annealing.base);
        let bias = model.buffers().visible_bias;
        let b = &self.buffers;
        let row = |words: usize| chain * words..(chain + 1) * words;
        let fields = &b.hidden_fields[row(shape.hidden_stride())];
        let at = |values: &[i16], at: usize| values.get(at).map_or(0, |&x| i64::from(x));
        let (mut of_model, mut of_base) = (0_i64, 0_i64);
        for i in ones(&b.visible[row(shape.visible_words())]) {
            of_model += at(bias, i);
            of_base += at(base, i);
        }
        for j in ones(&b.hidden[row(shape.hidden_words())]) {
            of_model += at(fields, j);
        }
        (of_model << (BASE_BITS - model.fraction_bits())) - of_base
    }

    fn swap(&mut self, other: &mut Chains<'_, S>, chain: usize) {
        let shape = self.shape();
        let row = |words: usize| chain * words..(chain + 1) * words;
        let (a, b) = (&mut self.buffers, &mut other.buffers);
        let words = row(shape.visible_words());
        a.visible[words.clone()].swap_with_slice(&mut b.visible[words]);
        let words = row(shape.hidden_words());
        a.hidden[words.clone()].swap_with_slice(&mut b.hidden[words]);
        let fields = row(shape.hidden_stride());
        a.hidden_fields[fields.clone()].swap_with_slice(&mut b.hidden_fields[fields]);
        let fields = row(shape.visible_stride());
        a.visible_fields[fields.clone()].swap_with_slice(&mut b.visible_fields[fields]);
    }
}

/// The sum of rejection rates along a ladder: the communication barrier of Syed, Bouchard-Côté, Deligiannidis and Doucet,
/// *Non-reversible parallel tempering*, 2022. Ladders of about twice as many temperatures make the most round trips.
#[must_use]
pub fn barrier(exchanges: &[Exchange]) -> f64 {
    exchanges.iter().map(rejection).sum()
}

/// Writes a ladder from [`Beta::ZERO`] to [`Beta::ONE`] into `new`, on which all exchanges are refused equally often, as
/// far as the counts between neighbours of the ladder `old` tell. `new` may have another length.
///
/// # Errors
/// [`Error::Length`] unless there is one counter less than temperatures in `old`; [`Error::OutOfRange`] for a ladder of
/// fewer than 2 temperatures, or of more than 65,537.
pub fn adapt(old: &[Beta], exchanges: &[Exchange], new: &mut [Beta]) -> Result<(), Error> {
    if old.len() < 2 || !(2..=(1 << 16) + 1).contains(&new.len()) {
        return Err(Error::OutOfRange {
            what: "ladder",
            expected: "2 to 65537 temperatures",
        });
    }
    check_len("exchange counters", old.len() - 1, exchanges.len())?;
    let total = barrier(exchanges);
    let last = new.len() - 1;
    let (mut interval, mut sum) = (0, 0.0);
    for step in 0..=last {
        let target = total * step as f64 / last as f64;
        while interval + 1 < exchanges.len() && sum + rejection(&exchanges[interval]) < target {
            sum += rejection(&exchanges[interval]);
            interval += 1;
        }
        let share = ((target - sum) / rejection(&exchanges[interval])).clamp(0.0, 1.0);
        let (low, high) = (f64::from(old[interval].0), f64::from(old[interval + 1].0));
        let beta = libm::rint(low + share * (high - low)) as u32;
        // Strictly ascending, with room for those that follow.
        let least = if step == 0 { 0 } else { new[step - 1].0 + 1 };
        new[step] = Beta(beta.clamp(least, Beta::ONE.0 - (last - step) as u32));
    }
    new[0] = Beta::ZERO;
    new[last] = Beta::ONE;
    Ok(())
}

/// The share of exchanges that were rejected; at least a little, so that every interval counts.
fn rejection(exchange: &Exchange) -> f64 {
    (1.0 - exchange.rate()).max(1e-3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(share: u64) -> Exchange {
        Exchange {
            attempts: 100,
            accepted: 100 - share,
        }
    }

    #[test]
    fn a_ladder_is_denser_where_exchanges_are_refused() {
        let old = [0, 1, 2].map(|k| Beta::step(k, 2));
        let exchanges = [rejected(75), rejected(25)];
        assert!((barrier(&exchanges) - 1.0).abs() < 1e-12);
        let mut new = [Beta::ZERO; 5];
        adapt(&old, &exchanges, &mut new).unwrap();
        let expected = [0.0, 1.0 / 6.0, 1.0 / 3.0, 0.5, 1.0];
        for (found, expected) in new.iter().zip(expected) {
            assert!((found.real() - expected).abs() < 1e-4, "{new:?}");
        }
    }

    #[test]
    fn ladders_ascend_from_end_to_end_whatever_the_counts() {
        let old = [Beta::ZERO, Beta(1), Beta(2), Beta::ONE];
        for rates in [[100, 0, 0], [0, 100, 0], [0, 0, 100], [0, 0, 0]] {
            let exchanges = rates.map(rejected);
            for levels in [2, 3, 100] {
                let mut new = [Beta::ZERO; 100];
                adapt(&old, &exchanges, &mut new[..levels]).unwrap();
                let new = &new[..levels];
                assert!(new.is_sorted_by(|a, b| a < b), "{rates:?}: {new:?}");
                assert_eq!((new[0], new[levels - 1]), (Beta::ZERO, Beta::ONE));
            }
        }
        assert!(adapt(&old, &[rejected(1)], &mut [Beta::ZERO; 3]).is_err());
        assert!(adapt(&old[..1], &[], &mut [Beta::ZERO; 3]).is_err());
        assert!(adapt(&old, &[rejected(1); 3], &mut [Beta::ZERO]).is_err());
    }
}
