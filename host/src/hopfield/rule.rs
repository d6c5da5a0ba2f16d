//! Learning rules by name.

use std::fmt;
use std::str::FromStr;

use super::theory::Couplings;

/// Learning rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Hebb's sum of the patterns' outer products, without self-coupling; kept as packed patterns.
    Hebb,
    /// Hebb's sum over patterns from which their mean is taken: the lecture's covariance rule.
    Covariance,
    /// Projection on the space of the patterns; needs linearly independent ones.
    PseudoInverse,
    /// Storkey's rule (1997): incremental and local, with more capacity than Hebb.
    Storkey,
    /// The signs of Hebb's couplings, one bit each.
    Clipped,
    /// Dense associative memory whose interaction is a power of the overlap, of this degree.
    Dense(u32),
    /// Dense associative memory whose interaction is exp(beta M) of the overlap M = sum_i xi_i s_i, with this beta.
    Exponential(f64),
}

/// The degrees of a dense memory that are understood.
const DEGREES: std::ops::RangeInclusive<u32> = 2..=MOST_DEGREE;
const MOST_DEGREE: u32 = 64;

/// The steepnesses of an exponential memory that are understood.
const BETAS: std::ops::RangeInclusive<f64> = 0.001..=10.0;

impl Rule {
    const NAMES: [(&'static str, Self); 5] = [
        ("hebb", Self::Hebb),
        ("covariance", Self::Covariance),
        ("pseudo-inverse", Self::PseudoInverse),
        ("storkey", Self::Storkey),
        ("clipped", Self::Clipped),
    ];

    /// The theory that applies to random patterns. That of Hebb holds for the covariance rule too: the mean of many
    /// random patterns is one direction among P.
    #[must_use]
    pub const fn theory(self) -> Option<Couplings> {
        match self {
            Self::Hebb | Self::Covariance | Self::Dense(2) => Some(Couplings::Hebb),
            Self::Clipped => Some(Couplings::SignClipped),
            _ => None,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dense(degree) => write!(f, "dense:{degree}"),
            Self::Exponential(1.0) => f.write_str("exponential"),
            Self::Exponential(beta) => write!(f, "exponential:{beta}"),
            _ => {
                let named = Self::NAMES.iter().find(|(_, rule)| rule == self);
                f.write_str(named.map_or("", |(name, _)| name))
            }
        }
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let dense = || {
            let degree = text.strip_prefix("dense:")?.parse().ok()?;
            DEGREES.contains(&degree).then_some(Self::Dense(degree))
        };
        let exponential = || {
            let beta: f64 = match text.strip_prefix("exponential")? {
                "" => 1.0,
                rest => rest.strip_prefix(':')?.parse().ok()?,
            };
            BETAS.contains(&beta).then_some(Self::Exponential(beta))
        };
        let named = Self::NAMES.iter().find(|(name, _)| *name == text);
        let named = named.map(|&(_, rule)| rule);
        named.or_else(dense).or_else(exponential).ok_or_else(|| {
            format!(
                "expected hebb, covariance, pseudo-inverse, storkey, clipped, dense:N with N from 2 to \
                 {MOST_DEGREE}, exponential or exponential:BETA with BETA from 0.001 to 10, not '{text}'"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_others_are_refused() {
        let named = Rule::NAMES.iter().map(|&(_, rule)| rule);
        for rule in named.chain([
            Rule::Dense(2),
            Rule::Dense(MOST_DEGREE),
            Rule::Exponential(1.0),
            Rule::Exponential(0.05),
        ]) {
            assert_eq!(rule.to_string().parse(), Ok(rule));
        }
        for wrong in [
            "", "Hebb", "dense", "dense:", "dense:1", "dense:65", "dense:-3",
        ] {
            assert!(wrong.parse::<Rule>().is_err(), "{wrong}");
        }
    }
}
