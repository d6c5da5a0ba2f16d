//! Verdicts on convergence, in words.

use std::fmt::Write;

use serde::Serialize;

use super::Convergence;

/// The R-hat above which chains have not mixed, if there are [`ENOUGH`] samples to know it: Vehtari et al. 2021, section 4.
pub const MIXED: f64 = 1.01;

/// The R-hat above which chains have not mixed, however few samples there are: beyond what the noise of a hundred or two
/// independent draws makes of chains that agree.
pub const APART: f64 = 1.05;

/// The effective samples below which neither R-hat nor an error bar can be relied on: Vehtari et al. 2021, section 4.
pub const ENOUGH: f64 = 400.0;

/// Verdict on the convergence of chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Chains agree, and have enough effective samples.
    Mixed,
    /// The quantity never varied, so nothing is known.
    Constant,
    /// Chains agree, but there are too few effective samples to be sure.
    TooFew,
    /// Chains disagree: their draws are not the model's.
    NotMixed,
}

impl Verdict {
    pub(super) fn of(found: &Convergence) -> Self {
        let enough = |samples: f64| samples.is_nan() || samples >= ENOUGH;
        let enough = enough(found.bulk_effective_samples) && enough(found.tail_effective_samples);
        match found.r_hat {
            r_hat if r_hat.is_nan() => Self::Constant,
            r_hat if r_hat > APART || enough && r_hat > MIXED => Self::NotMixed,
            _ if enough => Self::Mixed,
            _ => Self::TooFew,
        }
    }
}

/// What a caller calls the settings of its sampler, for advice on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice<'a> {
    /// What makes chains longer: `sweeps`.
    pub longer: &'a str,
    /// What leaves out more of their beginning: `burn-in sweeps`.
    pub burn_in: &'a str,
    /// What starts more of them: `chains`.
    pub chains: &'a str,
    /// A sampler that moves faster, if there is one: `parallel tempering`.
    pub faster: Option<&'a str>,
}

impl Default for Advice<'_> {
    fn default() -> Self {
        Self {
            longer: "sweeps",
            burn_in: "burn-in sweeps",
            chains: "chains",
            faster: None,
        }
    }
}

impl Convergence {
    /// One or two plain sentences: whether the chains mixed, by what, and what to change if they did not.
    #[must_use]
    pub fn sentence(&self, advice: &Advice<'_>) -> String {
        let chains = match self.chains {
            1 => "The halves of the only chain".into(),
            chains => format!("The {chains} chains"),
        };
        let least = self.least_effective_samples();
        let r_hat = self.r_hat;
        let mut text = String::new();
        let _ = match self.verdict {
            Verdict::Mixed => write!(
                text,
                "{chains} agree: R-hat {r_hat:.3}, {least:.0} effective samples."
            ),
            Verdict::Constant => write!(
                text,
                "Not one of the draws differs from the others, so nothing is known about mixing. If it should vary, the \
                 chains are frozen: raise the temperature, or {}.",
                self.faster(advice)
            ),
            Verdict::TooFew => write!(
                text,
                "{chains} agree as far as so few draws can tell (R-hat {r_hat:.3}): they are worth only {least:.0} independent draws where \
                 {ENOUGH:.0} are wanted. Give {} times as many {}.",
                whole(1.2 * ENOUGH / least.max(1.0)),
                advice.longer
            ),
            Verdict::NotMixed if r_hat.is_infinite() => write!(
                text,
                "{chains} have not mixed: each is stuck at a value of its own. Raise the temperature, or {}.",
                self.faster(advice)
            ),
            Verdict::NotMixed => write!(
                text,
                "{chains} have not mixed: R-hat {r_hat:.3} where at most {MIXED} is wanted, {least:.0} effective samples. {}",
                self.remedy(advice)
            ),
        };
        if self.chains == 1 && self.verdict == Verdict::Mixed {
            let _ = write!(
                text,
                " Only more {} could show whether it is stuck in one mode.",
                advice.chains
            );
        }
        text
    }

    /// The least of the effective sample sizes that are known.
    #[must_use]
    pub fn least_effective_samples(&self) -> f64 {
        self.bulk_effective_samples.min(self.tail_effective_samples)
    }

    /// What brings chains together. What is left of R-hat^2 - 1 falls as one over the length of the chains.
    fn remedy(&self, advice: &Advice<'_>) -> String {
        let times = (self.r_hat * self.r_hat - 1.0) / (MIXED * MIXED - 1.0);
        if times <= 20.0 {
            let times = whole(times.max(2.0));
            return format!(
                "Give {times} times as many {} after as many more {}, or {}.",
                advice.longer,
                advice.burn_in,
                self.faster(advice)
            );
        }
        format!("Longer chains will hardly help: {}.", self.faster(advice))
    }

    fn faster(&self, advice: &Advice<'_>) -> String {
        match advice.faster {
            Some(faster) => format!("use {faster}"),
            None => format!("start from other states with more {}", advice.chains),
        }
    }
}

/// A factor, rounded up.
fn whole(times: f64) -> String {
    format!("{:.0}", times.ceil())
}

/// The quantity of several that converged worst, with its place: its verdict is the one that a sampled result as a whole
/// deserves. Of equal verdicts it is the one of the greatest R-hat where chains did not mix, and else the one of the
/// fewest effective samples. `None` of nothing.
#[must_use]
pub fn worst(found: &[Convergence]) -> Option<(usize, &Convergence)> {
    found.iter().enumerate().max_by(|(_, a), (_, b)| {
        let by_samples = b
            .least_effective_samples()
            .total_cmp(&a.least_effective_samples());
        let by_r_hat = a.r_hat.total_cmp(&b.r_hat);
        a.verdict.cmp(&b.verdict).then(match a.verdict {
            Verdict::TooFew | Verdict::Mixed => by_samples.then(by_r_hat),
            Verdict::Constant | Verdict::NotMixed => by_r_hat.then(by_samples),
        })
    })
}
