//! Settings of Boltzmann machine learning.

use std::fmt;
use std::str::FromStr;

use bitspin_core::exact::MAX_UNITS;
use bitspin_core::ising::learn::{MAX_HIDDEN, Objective};

use super::{BoltzmannError, Patterns};
use crate::train::MAX_THREADS;

/// The most spins of a model, hidden ones included.
const MOST_SPINS: usize = 8192;

/// Gradient estimator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The lecture's rule, its thermal average by enumeration.
    Exact,
    /// The lecture's rule, its thermal average from persistent chains.
    Persistent,
    /// The same, each chain being the coldest of a ladder of temperatures.
    Tempering,
    /// A rule that needs no thermal average.
    SamplerFree(Objective),
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Persistent => "pcd",
            Self::Tempering => "tempering",
            Self::SamplerFree(Objective::PseudoLikelihood) => "pseudo-likelihood",
            Self::SamplerFree(Objective::RatioMatching) => "ratio-matching",
            Self::SamplerFree(Objective::Flow) => "flow",
        })
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [
            Self::Exact,
            Self::Persistent,
            Self::Tempering,
            Self::SamplerFree(Objective::PseudoLikelihood),
            Self::SamplerFree(Objective::RatioMatching),
            Self::SamplerFree(Objective::Flow),
        ];
        let named = all.into_iter().find(|method| method.to_string() == text);
        named.ok_or_else(|| {
            let names = all.map(|method| method.to_string()).join(", ");
            format!("expected one of {names}, not '{text}'")
        })
    }
}

/// The settings of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Gradient estimator.
    pub method: Method,
    /// Hidden spins.
    pub hidden: usize,
    /// Steps, each along the gradient of all data.
    pub epochs: usize,
    /// Learning rate 1 / tau in the first epoch.
    pub learning_rate: f32,
    /// The learning rate of epoch e (from 0) is `learning_rate / (1 + learning_rate_decay e)`.
    pub learning_rate_decay: f32,
    /// Momentum: the share of the last step that is repeated.
    pub momentum: f32,
    /// L2 weight decay: every step takes this share of a coupling off, times the learning rate.
    pub weight_decay: f32,
    /// Chains, or ladders of chains.
    pub chains: usize,
    /// Sweeps of every chain per epoch; all of them count.
    pub sweeps: usize,
    /// Temperatures of a ladder, of equal steps in beta up to 1.
    pub temperatures: usize,
    /// The seed of everything random.
    pub seed: u64,
    /// Threads; the result does not depend on their number.
    pub threads: usize,
}

impl Settings {
    /// Settings that suit a method on small data.
    #[must_use]
    pub fn defaults(method: Method, hidden: usize) -> Self {
        let sampled = matches!(method, Method::Persistent | Method::Tempering);
        Self {
            method,
            hidden,
            epochs: if sampled { 1000 } else { 300 },
            learning_rate: 0.05,
            learning_rate_decay: if sampled { 0.005 } else { 0.0 },
            momentum: if sampled { 0.5 } else { 0.9 },
            weight_decay: 0.0,
            chains: 256,
            sweeps: 4,
            temperatures: 8,
            seed: 1,
            threads: 1,
        }
    }

    /// Checks that every setting is in range, and that the method can learn from the data.
    ///
    /// # Errors
    /// [`BoltzmannError::Setting`] naming the field and what was expected.
    pub fn check(&self, patterns: &Patterns) -> Result<(), BoltzmannError> {
        let refuse = |field, expected: String| Err(BoltzmannError::Setting { field, expected });
        let counts = [
            ("settings.epochs", self.epochs, 1, usize::MAX),
            ("settings.chains", self.chains, 1, 1 << 16),
            (
                "settings.sweeps",
                self.sweeps,
                self.fewest_sweeps(),
                1 << 20,
            ),
            ("settings.temperatures", self.temperatures, 2, 256),
            ("settings.threads", self.threads, 1, MAX_THREADS),
        ];
        for (field, value, least, most) in counts {
            if !(least..=most).contains(&value) {
                return refuse(field, format!("{least} to {most}, not {value}"));
            }
        }
        let numbers = [
            (
                "settings.learning_rate",
                self.learning_rate,
                f32::MIN_POSITIVE,
                f32::MAX,
                "a number above 0",
            ),
            (
                "settings.learning_rate_decay",
                self.learning_rate_decay,
                0.0,
                f32::MAX,
                "a number from 0 on",
            ),
            (
                "settings.weight_decay",
                self.weight_decay,
                0.0,
                f32::MAX,
                "a number from 0 on",
            ),
            (
                "settings.momentum",
                self.momentum,
                0.0,
                0.999_999,
                "a number from 0 to below 1",
            ),
        ];
        for (field, value, least, most, expected) in numbers {
            if !(least..=most).contains(&value) {
                return refuse(field, format!("{expected}, not {value}"));
            }
        }
        self.check_size(patterns)
    }

    fn fewest_sweeps(&self) -> usize {
        // Even and odd pairs of a ladder exchange in turn.
        if self.method == Method::Tempering {
            2
        } else {
            1
        }
    }

    fn check_size(&self, patterns: &Patterns) -> Result<(), BoltzmannError> {
        let (visible, hidden) = (patterns.visible(), self.hidden);
        let refuse = |field, expected: String| Err(BoltzmannError::Setting { field, expected });
        let units = visible.saturating_add(hidden);
        if units > MOST_SPINS {
            let most = MOST_SPINS - visible;
            return refuse(
                "settings.hidden",
                format!("at most {most} beside {visible} visible spins, not {hidden}"),
            );
        }
        if units < 2 {
            let name = patterns.name.clone();
            let reason = "a single spin; a model without hidden ones needs two".into();
            return Err(BoltzmannError::Patterns { name, reason });
        }
        if self.method == Method::Exact && units > MAX_UNITS {
            return refuse(
                "settings.method",
                format!(
                    "pcd, tempering or a rule without a thermal average: exact enumerates at most {MAX_UNITS} spins, and \
                     {visible} visible and {hidden} hidden ones are {units}"
                ),
            );
        }
        let sums = matches!(self.method, Method::Exact | Method::SamplerFree(_));
        if sums && hidden > MAX_HIDDEN {
            return refuse(
                "settings.hidden",
                format!(
                    "at most {MAX_HIDDEN} for {}, which sums over their states, not {hidden} (pcd and tempering sample them)",
                    self.method
                ),
            );
        }
        Ok(())
    }
}
