//! Parsers for counts with bounds.
//!
//! The bounds are far beyond what anyone waits for or has memory for, and so small that sums and products of counts
//! fit 64 bits: no arithmetic on options wraps. Commands refuse more where they know more.

/// The most steps, sweeps or epochs: a sum of two, times the images of a data set, fits 64 bits.
pub(super) const STEPS: u64 = 1 << 32;

/// The most Gibbs steps in a minibatch.
pub(super) const GIBBS: u64 = 1 << 16;

/// The most units of a layer.
pub(super) const UNITS: u64 = bitspin_core::rbm::MAX_UNITS as u64;

/// The most samples in a minibatch.
pub(super) const BATCH: u64 = 1 << 16;

/// The most chains, samples or replicas.
pub(super) const CHAINS: u64 = 1 << 20;

/// The most chains of an RBM that are sampled at once.
pub(super) const RBM_CHAINS: u64 = 1 << 16;

/// The most Gibbs steps of a chain before it is annealed, and rounds of tempering.
pub(super) const BURN_IN: u64 = 1 << 24;

/// The most temperatures of annealed importance sampling.
pub(super) const BETAS: u64 = bitspin::evaluate::MAX_BETAS as u64;

/// The fewest rounds of tempering.
pub(super) const ROUNDS: u64 = bitspin::evaluate::FEWEST_ROUNDS as u64;

/// The most temperatures.
pub(super) const TEMPERATURES: u64 = 1 << 20;

/// The most threads.
pub(super) const THREADS: u64 = bitspin::train::MAX_THREADS as u64;

/// The most of what is counted in 32 bits.
pub(super) const WORD: u64 = u32::MAX as u64;

/// Parses a count from `FROM` to `MOST`.
///
/// # Errors
/// The range.
pub(super) fn count<T: TryFrom<u64>, const FROM: u64, const MOST: u64>(
    text: &str,
) -> Result<T, String> {
    let range = || format!("expected {FROM} to {MOST}");
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("expected a whole number, {FROM} to {MOST}"));
    }
    // Digits that are no number are too many.
    let number = text.parse().map_err(|_| range())?;
    match (FROM..=MOST).contains(&number) {
        true => T::try_from(number).map_err(|_| range()),
        false => Err(range()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_bounded() {
        assert_eq!(count::<usize, 1, GIBBS>("65536"), Ok(65_536));
        assert_eq!(count::<u32, 0, WORD>("4294967295"), Ok(u32::MAX));
        for text in [
            "0",
            "65537",
            "18446744073709551615",
            "18446744073709551616",
            "+1",
            "-1",
            "1e3",
            "",
        ] {
            let reason = count::<usize, 1, GIBBS>(text).unwrap_err();
            assert!(reason.ends_with("1 to 65536"), "{text}: {reason}");
        }
    }
}
