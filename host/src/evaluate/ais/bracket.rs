//! ln Z by forward and reverse annealing, and reasons to doubt it.

use std::fmt;

use bitspin_core::Error;
use bitspin_core::exact::MAX_UNITS;
use serde::Serialize;

use super::tempering::LADDERS;
use super::{Ais, AisSettings, BaseRate, Estimate, ReverseStart, TemperingReport};
use crate::BitMatrix;
use crate::control::{Control, whole};
use crate::evaluate::exact_samples;
use crate::model_file::RbmParameters;

/// Combined standard errors by which the ends may differ.
const APART: f64 = 3.0;

/// Where the reverse chains of a [`Bracket`] start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReverseFrom {
    /// At exact samples of the model, by enumeration of up to 24 units.
    Exact,
    /// At samples of the model by parallel tempering.
    Tempering,
    /// At data, after some Gibbs steps: no bound.
    Data,
}

impl ReverseFrom {
    /// Exact samples where the smaller layer can be enumerated, else parallel tempering.
    #[must_use]
    pub fn sound(model: &RbmParameters) -> Self {
        match model.visible.min(model.hidden) <= MAX_UNITS {
            true => Self::Exact,
            false => Self::Tempering,
        }
    }
}

/// Which way an estimate errs on average.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Errs {
    /// Too low.
    Low,
    /// Too high.
    High,
    /// Either way.
    Unknown,
}

/// Settings of a [`Bracket`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BracketSettings {
    /// Of annealing, each way.
    pub ais: AisSettings,
    /// Where reverse chains start.
    pub from: ReverseFrom,
    /// Rounds of parallel tempering, at least [`FEWEST_ROUNDS`](super::FEWEST_ROUNDS).
    pub rounds: usize,
    /// Gibbs steps from data.
    pub burn_in: usize,
}

impl BracketSettings {
    /// Steps that [`Bracket::new_with`] reports.
    #[must_use]
    pub fn steps(&self) -> u64 {
        let AisSettings { chains, betas, .. } = self.ais;
        let sampling = match self.from {
            ReverseFrom::Exact => 0,
            ReverseFrom::Tempering => chains.min(LADDERS) * self.rounds,
            ReverseFrom::Data => chains * self.burn_in,
        };
        (2 * chains * betas + sampling) as u64
    }
}

/// A stage of the work, for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Annealing from the base-rate model.
    Forward,
    /// Sampling the model by parallel tempering.
    Tempering,
    /// Annealing from samples of the model.
    Reverse,
}

/// ln Z by forward and reverse annealing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bracket {
    /// From the base-rate model: on average too low.
    pub forward: Estimate,
    /// From samples of the model: on average too high. From data: either.
    pub reverse: Estimate,
    /// Where the reverse chains started.
    pub from: ReverseFrom,
    /// How parallel tempering moved, where it was used.
    pub tempering: Option<TemperingReport>,
}

/// A reason to doubt an estimate. Its text is one line.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// Too few chains carry the weight of an end.
    FewCount {
        /// `forward` or `reverse`.
        end: &'static str,
        /// The estimate.
        estimate: Estimate,
    },
    /// The ends differ by more than their standard errors allow.
    Apart {
        /// Reverse less forward, in nats.
        nats: f64,
        /// The same in combined standard errors.
        standard_errors: f64,
        /// Where the reverse chains started.
        from: ReverseFrom,
    },
    /// The ladders of parallel tempering have not forgotten where they started.
    NotMixed(TemperingReport),
    /// Reverse chains started at data.
    FromData,
}

impl Bracket {
    /// Estimates ln Z from both ends. Reverse chains, and half of the ladders, start at `data`.
    ///
    /// # Errors
    /// As [`Ais::new`] and [`Ais::tempered`]; [`Error::OutOfRange`] for exact samples of more than 24 units;
    /// [`Error::Empty`] for a start at data without data.
    pub fn new(
        model: &RbmParameters,
        base: &BaseRate,
        data: Option<&BitMatrix>,
        settings: BracketSettings,
    ) -> Result<Self, Error> {
        Self::new_with(model, base, data, settings, &|_, _| (), Control::new()).map(whole)
    }

    /// [`Self::new`] that calls `stage` when a stage begins, with the number of its steps, and reports steps; `None` if
    /// interrupted.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn new_with(
        model: &RbmParameters,
        base: &BaseRate,
        data: Option<&BitMatrix>,
        settings: BracketSettings,
        stage: &dyn Fn(Stage, u64),
        control: Control<'_>,
    ) -> Result<Option<Self>, Error> {
        let ais = Ais::new(model, base, settings.ais)?;
        let AisSettings { chains, seed, .. } = settings.ais;
        stage(Stage::Forward, ais.forward_steps());
        let Some(forward) = ais.forward_with(control)? else {
            return Ok(None);
        };
        let reversed = |start| {
            stage(Stage::Reverse, ais.reverse_steps(start));
            ais.reverse_with(start, control)
        };
        let mut tempering = None;
        let reverse = match (settings.from, data) {
            (ReverseFrom::Exact, _) => {
                reversed(ReverseStart::Exact(&exact_samples(model, chains, seed)?))?
            }
            (ReverseFrom::Tempering, _) => {
                stage(Stage::Tempering, ais.tempering_steps(settings.rounds));
                let tempered = ais.tempered_with(data, settings.rounds, control)?;
                let Some(tempered) = tempered else {
                    return Ok(None);
                };
                tempering = Some(tempered.mixing);
                reversed(ReverseStart::Tempering(&tempered))?
            }
            (ReverseFrom::Data, Some(data)) => {
                reversed(ReverseStart::Data(data, settings.burn_in))?
            }
            (ReverseFrom::Data, None) => return Err(Error::Empty { what: "data" }),
        };
        Ok(reverse.map(|reverse| Self {
            forward,
            reverse,
            from: settings.from,
            tempering,
        }))
    }

    /// Which way the reverse ln Z errs.
    #[must_use]
    pub fn reverse_errs(&self) -> Errs {
        match self.from {
            ReverseFrom::Data => Errs::Unknown,
            ReverseFrom::Exact => Errs::High,
            ReverseFrom::Tempering => match self.tempering.is_some_and(|found| found.is_mixed()) {
                true => Errs::High,
                false => Errs::Unknown,
            },
        }
    }

    /// Reverse ln Z less forward ln Z in combined standard errors.
    #[must_use]
    pub fn standard_errors_apart(&self) -> f64 {
        let (forward, reverse) = (self.forward, self.reverse);
        (reverse.ln_z - forward.ln_z) / forward.standard_error.hypot(reverse.standard_error)
    }

    /// Every reason not to trust the ends.
    #[must_use]
    pub fn doubts(&self) -> Vec<Doubt> {
        let mut doubts = vec![];
        if self.from == ReverseFrom::Data {
            doubts.push(Doubt::FromData);
        }
        for (end, estimate) in [("forward", self.forward), ("reverse", self.reverse)] {
            if !estimate.is_reliable() {
                doubts.push(Doubt::FewCount { end, estimate });
            }
        }
        let standard_errors = self.standard_errors_apart();
        // Not-a-number, of two errors of 0, is no difference.
        if standard_errors.abs() > APART {
            doubts.push(Doubt::Apart {
                nats: self.reverse.ln_z - self.forward.ln_z,
                standard_errors,
                from: self.from,
            });
        }
        if let Some(tempering) = self.tempering.filter(|found| !found.is_mixed()) {
            doubts.push(Doubt::NotMixed(tempering));
        }
        doubts
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewCount { end, estimate } => write!(
                f,
                "{end} AIS: an effective sample size of {:.1} of {} chains is too small for its standard error to be trusted; \
                 more temperatures help most, then more chains",
                estimate.effective_sample_size, estimate.chains
            ),
            Self::Apart {
                nats,
                standard_errors,
                from,
            } => {
                write!(
                    f,
                    "the two estimates of ln Z differ by {:.3} nats, {:.1} combined standard errors: at least one of them is \
                     wrong by more than it claims; ",
                    nats.abs(),
                    standard_errors.abs()
                )?;
                f.write_str(match (nats.is_sign_positive(), from) {
                    (true, _) => "more temperatures bring them together where chains mix",
                    (false, ReverseFrom::Data) => {
                        "reverse AIS is below forward AIS, so the data are not samples of this model"
                    }
                    (false, _) => {
                        "reverse AIS is below forward AIS, so its chains did not start at samples of this model, or too few \
                         chains count"
                    }
                })
            }
            Self::NotMixed(found) => write!(
                f,
                "parallel tempering has not mixed: ladders from data and from the base-rate model are {:.1} standard errors apart, and \
                 the autocorrelation time is {:.0} of {} rounds; at least {} rounds are wanted",
                found.starts_apart,
                found.autocorrelation_rounds,
                found.rounds,
                found.rounds_wanted().max(2 * found.rounds)
            ),
            Self::FromData => f.write_str(
                "reverse AIS from data is no bound: ln Z may be too high or too low where the data are not samples of the model",
            ),
        }
    }
}
