//! The Hopfield memory of a server.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::blob::Blob;
use bitspin_core::hopfield::{
    Diagonal, ExponentialMemory, LearningRule, PatternMemory, PatternStore, Patterns,
    settle_synchronous,
};
use bitspin_core::network::Network as _;

use super::{WORDS, checksum};
use crate::{MAX_STATE, MemoryInfo, Network, Outcome, Stop, state_len};

/// A Hopfield memory to serve, with room for more patterns.
#[derive(Debug)]
pub struct Memory<'a> {
    pub(super) store: PatternStore<&'a mut [u64]>,
    pub(super) fixed: usize,
    rule: LearningRule,
    diagonal: Diagonal,
    exponentials: &'a [u32],
    cache: &'a mut [i32],
}

impl<'a> Memory<'a> {
    /// A memory that begins with the patterns of `from`. `storage` has words for as many patterns as it is to hold,
    /// `exponentials` is the table of [`BETA`](crate::BETA), `cache` as many numbers as a sweep of either network needs:
    /// one more than there is room for patterns, or one per unit more for a covariance rule without a diagonal.
    ///
    /// # Errors
    /// [`Error`] if the storage is too small, the table is none, or the cache has another length; or if there are more than
    /// 2,048 units, which no message holds.
    pub fn new(
        from: &PatternMemory<&[u64]>,
        storage: &'a mut [u64],
        exponentials: &'a [u32],
        cache: &'a mut [i32],
    ) -> Result<Self, Error> {
        let patterns = from.patterns();
        if state_len(patterns.units()) > MAX_STATE {
            return Err(Error::OutOfRange {
                what: "units",
                expected: "as many as a message holds",
            });
        }
        ExponentialMemory::new(patterns.as_patterns(), exponentials)?;
        let store = PatternStore::new(patterns, storage)?;
        // The most that there will be room for: patterns never seen have the same shape.
        let room = store.room();
        let expected = match (from.rule(), from.diagonal()) {
            (LearningRule::Covariance, Diagonal::Zero) => patterns.units() + room,
            _ => room + 1,
        };
        if cache.len() != expected {
            return Err(Error::Length {
                what: "cache",
                expected,
                found: cache.len(),
            });
        }
        let memory = Self {
            fixed: patterns.count(),
            store,
            rule: from.rule(),
            diagonal: from.diagonal(),
            exponentials,
            cache,
        };
        memory.check_full()?;
        Ok(memory)
    }

    /// Whether the rule's numbers fit with all the room in use.
    fn check_full(&self) -> Result<(), Error> {
        let (units, room) = (
            self.store.patterns().units() as u128,
            self.store.room() as u128,
        );
        if self.rule == LearningRule::Covariance && units * room * room > i32::MAX as u128 {
            return Err(Error::OutOfRange {
                what: "storage",
                expected: "N P^2 below 2^31 for the covariance rule",
            });
        }
        Ok(())
    }

    pub(super) fn patterns(&self) -> Patterns<&[u64]> {
        self.store.patterns()
    }

    pub(super) fn pairs(&self) -> Result<PatternMemory<&[u64]>, Error> {
        PatternMemory::new(self.patterns(), self.rule, self.diagonal)
    }

    pub(super) fn recall(
        &mut self,
        network: Network,
        sweeps: u32,
        state: &mut [u64],
    ) -> Result<Outcome, Error> {
        let units = self.patterns().units();
        let mut bits = Bits::new(units, state)?;
        let mut scratch = [0; 2 * WORDS];
        let scratch = scratch.get_mut(..2 * words(units)).unwrap_or_default();
        let mut cache = core::mem::take(&mut self.cache);
        let settled = match network {
            Network::Pairs => self.pairs().and_then(|memory| {
                let cache = cache.get_mut(..memory.synchronous_len());
                settle_synchronous(
                    &memory,
                    &mut bits,
                    cache.unwrap_or_default(),
                    scratch,
                    sweeps,
                )
            }),
            Network::Exponential => ExponentialMemory::new(self.patterns(), self.exponentials)
                .and_then(|memory| {
                    let cache = cache.get_mut(..memory.synchronous_len());
                    settle_synchronous(
                        &memory,
                        &mut bits,
                        cache.unwrap_or_default(),
                        scratch,
                        sweeps,
                    )
                }),
        };
        core::mem::swap(&mut self.cache, &mut cache);
        settled.map(|recall| Outcome {
            stop: match recall.stop {
                bitspin_core::hopfield::Stop::FixedPoint => Stop::FixedPoint,
                bitspin_core::hopfield::Stop::TwoCycle => Stop::TwoCycle,
                _ => Stop::SweepLimit,
            },
            sweeps: recall.sweeps,
            flips: recall.flips as u32,
        })
    }

    pub(super) fn info(&self) -> MemoryInfo {
        MemoryInfo {
            units: self.patterns().units() as u32,
            patterns: self.patterns().count() as u32,
            fixed: self.fixed as u32,
            room: self.store.room() as u32,
            crc: self
                .pairs()
                .map_or(0, |memory| checksum(&Blob::Patterns(memory))),
        }
    }
}
