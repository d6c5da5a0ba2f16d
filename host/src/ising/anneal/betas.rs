//! The temperatures of annealing.

use bitspin_core::Error;
use bitspin_core::ising::{Course, Schedule};

use crate::ising::file::Couplings;

/// The inverse temperatures of annealing, one per sweep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Betas<'a> {
    /// From a first to a last one.
    Schedule(Schedule),
    /// Those of a list, finite numbers that are not negative.
    List(&'a [f64]),
}

impl Betas<'_> {
    /// From where a typical field is worth a tenth of kT to where it is worth ten times kT.
    ///
    /// # Errors
    /// As [`Schedule::new`].
    pub fn default_for(model: &Couplings, sweeps: u32, course: Course) -> Result<Self, Error> {
        let typical = model.typical_field();
        // Without couplings and fields all states have the same energy, and any temperature works.
        let unit = if typical > 0.0 { 1.0 / typical } else { 1.0 };
        Schedule::new(0.1 * unit, 10.0 * unit, sweeps, course).map(Self::Schedule)
    }

    /// Number of sweeps.
    #[must_use]
    pub fn sweeps(&self) -> usize {
        match self {
            Self::Schedule(schedule) => schedule.sweeps() as usize,
            Self::List(betas) => betas.len(),
        }
    }

    /// beta of a sweep, the first being 0; of later ones than there are, the last.
    #[must_use]
    pub fn beta(&self, sweep: usize) -> f64 {
        match self {
            Self::Schedule(schedule) => schedule.beta(u32::try_from(sweep).unwrap_or(u32::MAX - 1)),
            Self::List(betas) => betas.get(sweep).or(betas.last()).copied().unwrap_or(0.0),
        }
    }

    /// The greatest.
    pub(super) fn coldest(&self) -> f64 {
        match self {
            Self::Schedule(schedule) => schedule.beta(0).max(schedule.beta(schedule.sweeps())),
            Self::List(betas) => betas.iter().copied().fold(0.0, f64::max),
        }
    }

    /// Refuses a list of no temperatures, and temperatures that are none.
    pub(super) fn check(&self) -> Result<(), Error> {
        let Self::List(betas) = self else {
            return Ok(());
        };
        if betas.is_empty() || betas.len() > u32::MAX as usize {
            return Err(Error::Empty { what: "betas" });
        }
        if betas.iter().all(|beta| (0.0..f64::INFINITY).contains(beta)) {
            return Ok(());
        }
        Err(Error::OutOfRange {
            what: "betas",
            expected: "finite numbers that are not negative",
        })
    }
}

impl From<Schedule> for Betas<'_> {
    fn from(schedule: Schedule) -> Self {
        Self::Schedule(schedule)
    }
}
