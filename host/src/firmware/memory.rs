//! Hopfield memories that have a blob.

use bitspin_core::bits::words;
use bitspin_core::blob::Blob;
use bitspin_core::hopfield::{
    ClippedCouplings, Diagonal, ExponentialMemory, LearningRule, PatternMemory, Patterns,
    exponential_table, exponential_table_len, learn,
};
use bitspin_core::network::{Couplings, Weight};

use crate::BitMatrix;
use crate::control::{Control, whole};
use crate::hopfield::{Memory, MemoryError, Rule, float_couplings};

/// What couplings are stored as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CouplingFormat {
    /// 16 bits, as the desktop has them.
    I16,
    /// 8 bits.
    I8,
    /// One bit: the sign.
    Sign,
}

/// A Hopfield memory in the storage of a blob, but for a header.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the blob's models")]
pub enum FirmwareMemory {
    Patterns(PatternMemory<Vec<u64>>),
    Exponential(ExponentialMemory<Vec<u64>, Vec<u32>>),
    CouplingsI16(Couplings<i16, Vec<i16>>),
    CouplingsI8(Couplings<i8, Vec<i8>>),
    CouplingsSign(ClippedCouplings<Vec<u64>>),
}

/// Whether a rule keeps its patterns (so that its memory has no couplings to store), or cannot be stored in a blob at all.
#[must_use]
pub fn keeps_patterns(rule: Rule) -> Option<bool> {
    match rule {
        Rule::Hebb | Rule::Covariance | Rule::Exponential(_) => Some(true),
        Rule::PseudoInverse | Rule::Storkey | Rule::Clipped => Some(false),
        Rule::Dense(_) => None,
    }
}

impl FirmwareMemory {
    /// Stores patterns by a rule. Rules that [keep the patterns](keeps_patterns) have no couplings, and ignore `format`; so
    /// does the sign-clipped rule. The covariance rule keeps the diagonal, by which a board needs P numbers of RAM to turn
    /// all spins at once instead of N + P. O(P N) for patterns, O(P N^2) for couplings.
    ///
    /// # Errors
    /// As [`Memory::store`], and for a dense memory, of which there is no blob.
    pub fn store(
        rule: Rule,
        format: CouplingFormat,
        images: &BitMatrix,
    ) -> Result<Self, MemoryError> {
        let units = images.units();
        Memory::check(rule, units, images.count())?;
        let patterns = Patterns::new(units, images.bits().to_vec())?;
        Ok(match rule {
            Rule::Hebb => Self::Patterns(PatternMemory::new(
                patterns,
                LearningRule::Hebb,
                Diagonal::Zero,
            )?),
            Rule::Covariance => Self::Patterns(PatternMemory::new(
                patterns,
                LearningRule::Covariance,
                Diagonal::Kept,
            )?),
            Rule::Exponential(beta) => {
                let mut table = vec![0; exponential_table_len(beta)];
                exponential_table(beta, &mut table)?;
                Self::Exponential(ExponentialMemory::new(patterns, table)?)
            }
            Rule::Clipped => {
                let mut rows = vec![0; units * words(units)];
                let mut ties = vec![0; words(units)];
                learn::clipped(&patterns, &mut rows, &mut ties)?;
                Self::CouplingsSign(ClippedCouplings::new(units, rows)?)
            }
            Rule::PseudoInverse | Rule::Storkey => {
                let weights = whole(float_couplings(rule, images, Control::new())?);
                match format {
                    CouplingFormat::I16 => Self::CouplingsI16(quantised(units, &weights)?),
                    CouplingFormat::I8 => Self::CouplingsI8(quantised(units, &weights)?),
                    CouplingFormat::Sign => Self::CouplingsSign(signs(units, &weights)?),
                }
            }
            Rule::Dense(_) => {
                return Err(bitspin_core::Error::OutOfRange {
                    what: "the rule",
                    expected: "one that a firmware model can hold, which dense memories are not",
                }
                .into());
            }
        })
    }

    /// The memory as a blob's model.
    ///
    /// # Panics
    /// Never: what is borrowed was checked.
    #[must_use]
    pub fn blob(&self) -> Blob<'_> {
        const CHECKED: &str = "the same numbers were checked";
        let units = |patterns: &Patterns<Vec<u64>>| patterns.units();
        match self {
            Self::Patterns(memory) => {
                let patterns = memory.patterns();
                let borrowed = Patterns::new(units(patterns), patterns.as_words()).expect(CHECKED);
                Blob::Patterns(
                    PatternMemory::new(borrowed, memory.rule(), memory.diagonal()).expect(CHECKED),
                )
            }
            Self::Exponential(memory) => {
                let patterns = memory.patterns();
                let borrowed = Patterns::new(units(patterns), patterns.as_words()).expect(CHECKED);
                Blob::Exponential(ExponentialMemory::new(borrowed, memory.table()).expect(CHECKED))
            }
            Self::CouplingsI16(couplings) => {
                let n = couplings.weights().len().isqrt();
                Blob::CouplingsI16(Couplings::new(n, couplings.weights()).expect(CHECKED))
            }
            Self::CouplingsI8(couplings) => {
                let n = couplings.weights().len().isqrt();
                Blob::CouplingsI8(Couplings::new(n, couplings.weights()).expect(CHECKED))
            }
            Self::CouplingsSign(couplings) => {
                let n = bitspin_core::network::Network::units(couplings);
                Blob::CouplingsSign(ClippedCouplings::new(n, couplings.as_words()).expect(CHECKED))
            }
        }
    }
}

fn quantised<W: Weight + Default>(
    units: usize,
    weights: &[f64],
) -> Result<Couplings<W, Vec<W>>, bitspin_core::Error> {
    let mut quantised = vec![W::ZERO; units * units];
    learn::quantise(units, weights, &mut quantised)?;
    Couplings::new(units, quantised)
}

/// The signs of symmetric couplings, row by row; zero counts as -1.
fn signs(units: usize, weights: &[f64]) -> Result<ClippedCouplings<Vec<u64>>, bitspin_core::Error> {
    let mut rows = vec![0_u64; units * words(units)];
    for (i, row) in rows.chunks_exact_mut(words(units)).enumerate() {
        for j in (0..units).filter(|&j| j != i) {
            // One half of the matrix speaks for both: float64 sums may differ in their last bits.
            let w = weights[i.max(j) * units + i.min(j)];
            row[j / 64] |= u64::from(w > 0.0) << (j % 64);
        }
    }
    ClippedCouplings::new(units, rows)
}
