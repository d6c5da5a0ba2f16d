//! Two-sample test of samples against data by nearest neighbours.

use bitspin_core::Error;
use bitspin_core::bits::hamming;

use super::check_units;
use crate::BitMatrix;
use crate::parallel;

/// Nearest-neighbour adversarial accuracy of samples against data (Yale et al., *Generation and evaluation of privacy preserving
/// synthetic health data*, Neurocomputing 416, 2020), by the number of units that differ.
///
/// Each half is the share of one set's vectors whose nearest neighbour among the others of its set is nearer than the nearest of
/// the other set; a tie counts one half.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdversarialAccuracy {
    /// Of the data.
    pub data: f64,
    /// Of the samples.
    pub samples: f64,
}

impl AdversarialAccuracy {
    /// Compares the first of both, as many as there are of the fewer, at least 2. O(n^2) population counts of a vector.
    ///
    /// # Errors
    /// [`Error::Length`] if the sets are of different units; [`Error::OutOfRange`] if one has fewer than 2 vectors.
    pub fn of(data: &BitMatrix, samples: &BitMatrix, threads: usize) -> Result<Self, Error> {
        check_units(data.units(), samples)?;
        let count = data.count().min(samples.count());
        if count < 2 {
            return Err(Error::OutOfRange {
                what: "vectors to compare",
                expected: "at least 2",
            });
        }
        let part = |from: &BitMatrix, to: &BitMatrix| {
            let words = from.words_per_row();
            let vector = |set: &BitMatrix, at: usize| set.bits()[at * words..][..words].to_vec();
            let nearer = parallel::map(
                count,
                threads,
                || (),
                |(), at| {
                    let own = vector(from, at);
                    let distances = |set: &BitMatrix| -> Vec<u32> {
                        set.iter()
                            .take(count)
                            .map(|other| hamming(&own, other))
                            .collect()
                    };
                    let others = distances(from).into_iter().enumerate();
                    let inside = others
                        .filter(|&(other, _)| other != at)
                        .map(|(_, d)| d)
                        .min();
                    match inside.cmp(&distances(to).into_iter().min()) {
                        std::cmp::Ordering::Less => 1.0,
                        std::cmp::Ordering::Equal => 0.5,
                        std::cmp::Ordering::Greater => 0.0,
                    }
                },
            );
            nearer.iter().sum::<f64>() / count as f64
        };
        Ok(Self {
            data: part(data, samples),
            samples: part(samples, data),
        })
    }

    /// 1/2 for samples that cannot be told from data, 0 for copies of them, 1 for samples that lie apart.
    #[must_use]
    pub fn value(&self) -> f64 {
        (self.data + self.samples) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(bits: &[u64]) -> BitMatrix {
        BitMatrix::from_bits(60, bits.to_vec()).unwrap()
    }

    #[test]
    fn copies_lie_near_and_other_things_apart() {
        let data: Vec<u64> = (0..20).map(|k| 0b111 << (3 * k)).collect();
        let own = vectors(&data);
        let copies = AdversarialAccuracy::of(&own, &own.clone(), 2).unwrap();
        assert_eq!(copies.value(), 0.0);
        // All of them within 2 of each other, and 30 and more from the data.
        let apart: Vec<u64> = (0..20).map(|k| ((1 << 40) - 1) ^ (1 << k)).collect();
        let found = AdversarialAccuracy::of(&own, &vectors(&apart), 1).unwrap();
        assert_eq!(
            found,
            AdversarialAccuracy {
                data: 1.0,
                samples: 1.0
            }
        );
    }

    #[test]
    fn two_samples_of_one_distribution_come_to_one_half() {
        let mut state = 7_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state ^ state >> 29) & ((1 << 60) - 1)
        };
        let mut draw = || vectors(&(0..1500).map(|_| next()).collect::<Vec<_>>());
        let (a, b) = (draw(), draw());
        let found = AdversarialAccuracy::of(&a, &b, 2).unwrap();
        assert_eq!(found, AdversarialAccuracy::of(&a, &b, 1).unwrap());
        // Each half is a mean of 1,500 near-independent halves: a standard deviation of 0.013; five of them, once in a million.
        assert!(
            (found.data - 0.5).abs() < 0.065 && (found.samples - 0.5).abs() < 0.065,
            "{found:?}"
        );
        assert!(AdversarialAccuracy::of(&a, &vectors(&[1]), 1).is_err());
    }
}
