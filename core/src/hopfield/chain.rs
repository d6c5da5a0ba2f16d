//! Synchronous recall in buffers of fixed size.

use super::{Recall, synchronous};
use crate::Error;
use crate::bits::{Bits, State, check_capacity, filled};
use crate::error::check_len;
use crate::network::Network;

/// A state that is recalled from a network, all spins turning at once, with all buffers in one value: no allocator and no
/// slices.
///
/// `WORDS` is [`words`](crate::bits::words)`(N)`. `CACHE` is at least [`Network::synchronous_len`]: the number of patterns P
/// of a [`PatternMemory`](super::PatternMemory) (N + P for the covariance rule without a diagonal), P + 1 of an
/// [`ExponentialMemory`](super::ExponentialMemory), N of a network of couplings. Both are checked once, by
/// [`RecallChain::new`]; after that nothing fails. Memory: `24 * WORDS + 4 * CACHE` bytes, three states and the cache.
///
/// ```
/// use bitspin_core::bits::{Bits, State};
/// use bitspin_core::hopfield::{Diagonal, LearningRule, PatternMemory, Patterns, RecallChain, Stop};
/// static PATTERNS: [u64; 2] = [0x00ff, 0x0f0f];
/// let memory = PatternMemory::new(Patterns::new(16, &PATTERNS)?, LearningRule::Hebb, Diagonal::Zero)?;
/// let damaged = State::<1>::copy(&Bits::new(16, [0x00fe])?)?;
/// let mut chain = RecallChain::<_, 1, 2>::new(&memory, damaged)?;
/// assert_eq!(chain.settle(10).stop, Stop::FixedPoint);
/// assert_eq!(chain.state().as_words(), [0x00ff]);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Debug)]
pub struct RecallChain<'a, N: ?Sized, const WORDS: usize, const CACHE: usize> {
    network: &'a N,
    state: State<WORDS>,
    previous: heapless::Vec<u64, WORDS>,
    next: heapless::Vec<u64, WORDS>,
    cache: heapless::Vec<i32, CACHE>,
}

impl<'a, N: Network + ?Sized, const WORDS: usize, const CACHE: usize>
    RecallChain<'a, N, WORDS, CACHE>
{
    /// A chain of `network` that begins at `state`.
    ///
    /// # Errors
    /// [`Error::Length`] if the state has another number of spins than the network; [`Error::Capacity`] if the cache needs
    /// more than `CACHE` numbers.
    pub fn new(network: &'a N, state: State<WORDS>) -> Result<Self, Error> {
        check_len("state", network.units(), state.len())?;
        let cache = network.synchronous_len();
        check_capacity("cache", cache, CACHE)?;
        let words = state.as_words().len();
        Ok(Self {
            network,
            state,
            previous: filled(words),
            next: filled(words),
            cache: filled(cache),
        })
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &State<WORDS> {
        &self.state
    }

    /// The state, out of the chain.
    #[must_use]
    pub fn into_state(self) -> State<WORDS> {
        self.state
    }

    /// Replaces the state.
    ///
    /// # Errors
    /// [`Error::Length`] if it has another number of spins.
    pub fn set_state<T: AsRef<[u64]>>(&mut self, state: &Bits<T>) -> Result<(), Error> {
        self.state.copy_from(state)
    }

    /// Sweeps until a state repeats, at most `limit` times; the recall of
    /// [`settle_synchronous`](super::settle_synchronous). O(sweeps x P N) bit operations for patterns.
    pub fn settle(&mut self, limit: u32) -> Recall {
        let scratch = (&mut self.previous[..], &mut self.next[..]);
        synchronous::settle(
            self.network,
            &mut self.state,
            &mut self.cache,
            scratch,
            limit,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hopfield::{Diagonal, LearningRule, PatternMemory, Patterns, settle_synchronous};
    use crate::rng::{Purpose, Streams};
    use rand_core::Rng;

    /// Every state of buffers that fit and of larger ones is that of borrowed slices.
    #[test]
    fn recall_is_that_of_borrowed_buffers() {
        let mut flips = 0;
        for seed in 0..50 {
            let mut random = Streams::new(seed, Purpose::Evaluation).next_stream();
            let patterns: [u64; 20] = core::array::from_fn(|_| random.next_u64());
            let patterns = Patterns::new(128, patterns).unwrap();
            let memory = PatternMemory::new(patterns, LearningRule::Hebb, Diagonal::Zero).unwrap();
            let start = Bits::new(128, [random.next_u64(), random.next_u64()]).unwrap();
            let mut borrowed = start;
            let expected =
                settle_synchronous(&memory, &mut borrowed, &mut [0; 10], &mut [0; 4], 9).unwrap();

            let mut fits =
                RecallChain::<_, 2, 10>::new(&memory, State::copy(&start).unwrap()).unwrap();
            let mut large =
                RecallChain::<_, 5, 99>::new(&memory, State::copy(&start).unwrap()).unwrap();
            assert_eq!((fits.settle(9), large.settle(9)), (expected, expected));
            assert_eq!(fits.state().as_words(), borrowed.as_words());
            assert_eq!(large.state().as_words(), borrowed.as_words());
            fits.set_state(&start).unwrap();
            assert_eq!(fits.settle(9), expected);
            flips += expected.flips;
        }
        assert!(flips > 500, "{flips}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let patterns = Patterns::new(70, [1, 2, 3, 4]).unwrap();
        let memory = PatternMemory::new(patterns, LearningRule::Hebb, Diagonal::Zero).unwrap();
        let state = || State::<2>::of::<70>();
        let small = RecallChain::<_, 2, 1>::new(&memory, state()).unwrap_err();
        assert!(matches!(small, Error::Capacity { what: "cache", .. }));
        let short = State::<2>::of::<69>();
        let length = RecallChain::<_, 2, 2>::new(&memory, short).unwrap_err();
        assert!(matches!(length, Error::Length { what: "state", .. }));
        let mut chain = RecallChain::<_, 2, 2>::new(&memory, state()).unwrap();
        assert!(chain.set_state(&State::<2>::of::<71>()).is_err());
    }
}
