//! Schedules of the learning rate, the number of Gibbs steps and the minibatch size.

use super::TrainError;

/// Learning rate schedule.
///
/// A portable library computes it in float64: the same rates on every machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RateSchedule {
    /// Epoch e (from 0) learns at `first / (1 + decay e)`. Needs no end, and is constant where `decay` is 0.
    Inverse {
        /// D, from 0 on.
        decay: f32,
    },
    /// In a straight line, from minibatch to minibatch, to `last` at the end of the last epoch.
    Linear {
        /// 0 to the first rate.
        last: f32,
    },
    /// By one factor from minibatch to minibatch, to `last` at the end of the last epoch.
    Exponential {
        /// Above 0, to the first rate.
        last: f32,
    },
    /// Along half a wave of the cosine, from minibatch to minibatch, to `last` at the end of the last epoch (Loshchilov and
    /// Hutter 2017, eq. 5, without restarts).
    Cosine {
        /// 0 to the first rate.
        last: f32,
    },
}

impl RateSchedule {
    /// The rate at which minibatch `batch` of epoch `epoch`, both from 0, learns, of `batches` an epoch and `epochs` epochs.
    #[must_use]
    pub fn rate(
        self,
        first: f32,
        (epoch, epochs): (usize, usize),
        (batch, batches): (usize, usize),
    ) -> f32 {
        let passed = (epoch * batches + batch) as f64 / (epochs * batches).max(1) as f64;
        let passed = passed.min(1.0);
        let from = f64::from(first);
        let rate = match self {
            Self::Inverse { decay } => return first / (1.0 + decay * epoch as f32),
            Self::Linear { last } => from + (f64::from(last) - from) * passed,
            Self::Exponential { last } => from * libm::pow(f64::from(last) / from, passed),
            Self::Cosine { last } => {
                let share = 0.5 + 0.5 * libm::cos(core::f64::consts::PI * passed);
                f64::from(last) + (from - f64::from(last)) * share
            }
        };
        rate as f32
    }

    /// The rate at the end of the last epoch, where that is set.
    #[must_use]
    pub fn last(self) -> Option<f32> {
        match self {
            Self::Inverse { .. } => None,
            Self::Linear { last } | Self::Exponential { last } | Self::Cosine { last } => {
                Some(last)
            }
        }
    }

    /// The name of the option's value.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inverse { .. } => "inverse",
            Self::Linear { .. } => "linear",
            Self::Exponential { .. } => "exponential",
            Self::Cosine { .. } => "cosine",
        }
    }

    /// Checks that it has a meaning from the rate `first` on.
    pub(super) fn check(self, first: f32) -> Result<(), TrainError> {
        let refuse = |field, expected| Err(TrainError::Setting { field, expected });
        match self {
            Self::Inverse { decay } if !(decay.is_finite() && decay >= 0.0) => refuse(
                "settings.schedule.decay",
                format!("a number from 0 on, not {decay}"),
            ),
            Self::Exponential { last } if !(last > 0.0 && last <= first) => refuse(
                "settings.schedule.last",
                format!("above 0 and at most the first rate, {first}, not {last}"),
            ),
            Self::Linear { last } | Self::Cosine { last } if !(0.0..=first).contains(&last) => {
                refuse(
                    "settings.schedule.last",
                    format!("from 0 to the first rate, {first}, not {last}"),
                )
            }
            _ => Ok(()),
        }
    }
}

/// The whole number of epoch `epoch`, from 0, of `epochs`: in equal steps from `first` in the first to `last` in the last,
/// rounded to nearest.
#[must_use]
pub(super) fn stepped(first: usize, last: usize, epoch: usize, epochs: usize) -> usize {
    let intervals = epochs.saturating_sub(1);
    if intervals == 0 || epoch >= intervals {
        return if epoch == 0 { first } else { last };
    }
    let way = (2 * last.abs_diff(first) * epoch + intervals) / (2 * intervals);
    if last >= first {
        first + way
    } else {
        first - way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_run_from_the_first_to_the_last_in_the_form_that_they_claim() {
        let rate = |schedule: RateSchedule, at: usize| {
            // Four epochs of five minibatches; the end is where a fifth epoch would begin.
            f64::from(schedule.rate(0.5, (at / 5, 4), (at % 5, 5)))
        };
        let (first, last, cos) = (0.5_f64, 0.125_f64, f64::cos);
        for at in 0..=20 {
            let t = at as f64 / 20.0;
            for (schedule, expected) in [
                (RateSchedule::Linear { last: 0.0 }, first * (1.0 - t)),
                (RateSchedule::Linear { last: 0.125 }, first - 0.375 * t),
                (
                    RateSchedule::Exponential { last: 0.125 },
                    first * 0.25_f64.powf(t),
                ),
                (
                    RateSchedule::Cosine { last: 0.125 },
                    last + 0.1875 * (1.0 + cos(core::f64::consts::PI * t)),
                ),
                (
                    RateSchedule::Inverse { decay: 0.5 },
                    first / (1.0 + 0.5 * f64::from(at as u32 / 5)),
                ),
            ] {
                let found = rate(schedule, at);
                assert!(
                    (found - expected).abs() < 1e-7,
                    "{schedule:?} at {at}: {found}, not {expected}"
                );
            }
        }
        // A run that goes on beyond its end stays at the last rate.
        assert_eq!(rate(RateSchedule::Linear { last: 0.125 }, 33), 0.125);
    }

    #[test]
    fn whole_numbers_reach_both_ends_and_never_turn() {
        for (first, last, epochs) in [(1, 1, 5), (1, 10, 2), (1, 25, 300), (2, 5, 7), (3, 4, 1)] {
            let all: Vec<_> = (0..epochs)
                .map(|epoch| stepped(first, last, epoch, epochs))
                .collect();
            let falling = (0..epochs).map(|epoch| stepped(last, first, epoch, epochs));
            assert!(falling.is_sorted_by(|a, b| a >= b));
            assert_eq!(stepped(last, first, epochs + 3, epochs), first);
            assert_eq!(all[0], first);
            assert!(epochs == 1 || all[epochs - 1] == last, "{all:?}");
            assert!(all.is_sorted());
            assert_eq!(stepped(first, last, epochs + 3, epochs), last);
        }
        assert_eq!(
            (0..5).map(|e| stepped(1, 3, e, 5)).collect::<Vec<_>>(),
            [1, 2, 2, 3, 3]
        );
        assert_eq!(
            (0..4).map(|e| stepped(70, 10, e, 4)).collect::<Vec<_>>(),
            [70, 50, 30, 10]
        );
    }
}
