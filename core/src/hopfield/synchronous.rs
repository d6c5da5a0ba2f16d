//! Synchronous dynamics: all spins turn at once.

use super::{Recall, Stop};
use crate::Error;
use crate::bits::{Bits, Storage, words};
use crate::error::check_len;
use crate::network::Network;

/// Recall in borrowed buffers: turns all spins towards their fields at once, until a state repeats or `limit` sweeps are
/// made. [`RecallChain`](super::RecallChain) does the same in buffers of its own.
///
/// `cache` is [`Network::synchronous_len`] numbers and `scratch` is `2 * words(N)` words, both of any content. A memory of
/// P patterns needs only P numbers (for most rules), where [`Dynamics`](super::Dynamics) keeps N + P.
///
/// With symmetric couplings no cycle is longer than two states (Goles, Fogelman and Pellegrin 1985). This holds although a
/// zero field keeps the spin: -sum_i s_i(t+1) f_i(t), with external fields counted for both times, never rises. Where it
/// stays the same, a spin that differs from its value two steps ago had a zero field and kept its value, and it keeps it
/// as long as the sum stays the same.
///
/// ```
/// use bitspin_core::bits::Bits;
/// use bitspin_core::hopfield::{Diagonal, PatternMemory, Patterns, LearningRule, Stop, settle_synchronous};
/// static PATTERNS: [u64; 2] = [0x00ff, 0x0f0f];
/// let memory = PatternMemory::new(Patterns::new(16, &PATTERNS)?, LearningRule::Hebb, Diagonal::Zero)?;
/// let mut state = Bits::new(16, [0x00fe])?;
/// let recall = settle_synchronous(&memory, &mut state, &mut [0; 2], &mut [0; 2], 10)?;
/// assert_eq!((recall.stop, state.as_words()), (Stop::FixedPoint, &[0x00ff][..]));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] if state, cache or scratch has another length.
pub fn settle_synchronous<N, S>(
    network: &N,
    state: &mut Bits<S>,
    cache: &mut [i32],
    scratch: &mut [u64],
    limit: u32,
) -> Result<Recall, Error>
where
    N: Network + ?Sized,
    S: Storage<u64>,
{
    let words = words(network.units());
    check_len("state", network.units(), state.len())?;
    check_len("cache", network.synchronous_len(), cache.len())?;
    check_len("scratch", 2 * words, scratch.len())?;
    let scratch = scratch.split_at_mut(words);
    Ok(settle(network, state, cache, scratch, limit))
}

/// [`settle_synchronous`] in buffers of the right lengths.
pub(super) fn settle<N, S>(
    network: &N,
    state: &mut Bits<S>,
    cache: &mut [i32],
    (previous, next): (&mut [u64], &mut [u64]),
    limit: u32,
) -> Recall
where
    N: Network + ?Sized,
    S: Storage<u64>,
{
    let mut recall = Recall {
        stop: Stop::SweepLimit,
        sweeps: 0,
        flips: 0,
    };
    while recall.sweeps < limit {
        network.synchronous(state.as_words(), cache, next);
        let flips = crate::bits::hamming(state.as_words(), next);
        let returned = recall.sweeps > 0 && previous == next;
        recall.sweeps += 1;
        recall.flips += u64::from(flips);
        if flips == 0 {
            recall.stop = Stop::FixedPoint;
            break;
        }
        previous.copy_from_slice(state.as_words());
        state.assign(next);
        if returned {
            recall.stop = Stop::TwoCycle;
            break;
        }
    }
    recall
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hopfield::{Diagonal, Dynamics, LearningRule, PatternMemory, Patterns};
    use crate::rng::{Purpose, Streams};
    use rand_core::Rng;
    use std::vec;
    use std::vec::Vec;

    /// 10 patterns of 128 units and a state, at random.
    fn random(seed: u64) -> (Vec<u64>, [u64; 2]) {
        let mut stream = Streams::new(seed, Purpose::Evaluation).next_stream();
        let patterns = (0..20).map(|_| stream.next_u64()).collect();
        (patterns, [stream.next_u64(), stream.next_u64()])
    }

    #[test]
    fn a_small_cache_of_any_content_recalls_what_the_large_one_does() {
        let rules = [
            (LearningRule::Hebb, Diagonal::Zero, 10),
            (LearningRule::Hebb, Diagonal::Kept, 10),
            (LearningRule::Covariance, Diagonal::Kept, 10),
            (LearningRule::Covariance, Diagonal::Zero, 138),
        ];
        let mut turned = 0;
        for seed in 0..20 {
            for (rule, diagonal, len) in rules {
                let (patterns, mut state) = random(seed);
                let patterns = Patterns::new(128, patterns).unwrap();
                let memory = PatternMemory::new(patterns, rule, diagonal).unwrap();
                assert_eq!(memory.synchronous_len(), len);
                let mut small = Bits::new(128, state).unwrap();
                let limit = 1 + seed as u32;
                let recall =
                    settle_synchronous(&memory, &mut small, &mut vec![-7; len], &mut [9; 4], limit)
                        .unwrap();
                let mut cache = [0; 138];
                let bits = Bits::new(128, &mut state[..]).unwrap();
                let mut dynamics = Dynamics::new(&memory, bits, &mut cache).unwrap();
                let same = dynamics.settle_synchronous(&mut [0; 4], limit).unwrap();
                assert_eq!((recall, small.as_words()), (same, &state[..]));
                turned += recall.flips;
            }
        }
        assert!(turned > 1000, "{turned}");
    }

    #[test]
    fn other_lengths_are_refused() {
        let patterns = Patterns::new(70, [1, 2, 3, 4]).unwrap();
        let memory = PatternMemory::new(patterns, LearningRule::Hebb, Diagonal::Zero).unwrap();
        let refusal = |units: usize, cache: usize, scratch: usize| {
            let mut state = Bits::new(units, [0; 2]).unwrap();
            let (mut cache, mut scratch) = (vec![0; cache], vec![0; scratch]);
            match settle_synchronous(&memory, &mut state, &mut cache, &mut scratch, 1) {
                Err(Error::Length { what, .. }) => Some(what),
                _ => None,
            }
        };
        assert_eq!(refusal(70, 2, 4), None);
        assert_eq!(refusal(71, 2, 4), Some("state"));
        assert_eq!(refusal(70, 3, 4), Some("cache"));
        assert_eq!(refusal(70, 2, 5), Some("scratch"));
    }
}
