//! Simulated annealing: a temperature that falls, sweep by sweep.

use super::{Chain, Field, Model, Temperature, UpdateRule};
use crate::Error;
use crate::bits::{Bits, Storage};
use crate::error::check_len;
use crate::rng::UNITS_A_STEP;

/// Interpolation of the inverse temperature between its first and its last value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// By equal steps.
    Linear,
    /// By equal factors.
    Geometric,
}

/// The inverse temperatures of annealing, one per sweep.
///
/// ```
/// use bitspin_core::ising::{Course, Schedule};
/// let schedule = Schedule::new(0.25, 4.0, 5, Course::Geometric)?;
/// assert!((0..5).map(|sweep| schedule.beta(sweep)).eq([0.25, 0.5, 1.0, 2.0, 4.0]));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    first: f64,
    last: f64,
    sweeps: u32,
    course: Course,
}

impl Schedule {
    /// From `first` to `last` in so many sweeps.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both are positive and finite and there is a sweep.
    pub fn new(first: f64, last: f64, sweeps: u32, course: Course) -> Result<Self, Error> {
        let positive = |beta: f64| beta > 0.0 && beta < f64::INFINITY;
        if !positive(first) || !positive(last) {
            return Err(Error::OutOfRange {
                what: "beta",
                expected: "positive, finite numbers",
            });
        }
        if sweeps == 0 {
            return Err(Error::Empty { what: "schedule" });
        }
        Ok(Self {
            first,
            last,
            sweeps,
            course,
        })
    }

    /// Number of sweeps.
    #[must_use]
    pub fn sweeps(&self) -> u32 {
        self.sweeps
    }

    /// beta of a sweep, the first being 0; of later ones than there are, the last.
    #[must_use]
    pub fn beta(&self, sweep: u32) -> f64 {
        if sweep + 1 >= self.sweeps {
            return self.last;
        }
        let share = f64::from(sweep) / f64::from(self.sweeps - 1);
        match self.course {
            Course::Linear => self.first + share * (self.last - self.first),
            Course::Geometric => self.first * libm::pow(self.last / self.first, share),
        }
    }

    /// The temperature of a sweep for models of so many binary places.
    ///
    /// # Errors
    /// As [`Temperature::new`].
    pub fn temperature(&self, sweep: u32, fraction_bits: u32) -> Result<Temperature, Error> {
        Temperature::new(self.beta(sweep), fraction_bits)
    }
}

/// The lowest energy that was seen, and its state.
#[derive(Debug)]
pub struct Best<T> {
    state: Bits<T>,
    energy: i64,
    sweep: u32,
}

impl<T: Storage<u64>> Best<T> {
    /// The state of a chain as it is, in storage for as many spins.
    ///
    /// # Errors
    /// [`Error::Length`] if `state` has another length than the model has spins.
    pub fn new<F: Field, M: Model<F>, S: Storage<u64>, B: Storage<F>>(
        state: Bits<T>,
        chain: &Chain<'_, M, F, S, B>,
    ) -> Result<Self, Error> {
        check_len("best state", chain.model().units(), state.len())?;
        let mut best = Self {
            state,
            energy: i64::MAX,
            sweep: 0,
        };
        best.see(chain, 0);
        Ok(best)
    }

    /// Copies the chain's state if its energy is lower. Returns whether it was.
    pub fn see<F: Field, M: Model<F>, S: Storage<u64>, B: Storage<F>>(
        &mut self,
        chain: &Chain<'_, M, F, S, B>,
        sweep: u32,
    ) -> bool {
        let lower = chain.energy() < self.energy;
        if lower {
            self.state.assign(chain.state().as_words());
            self.energy = chain.energy();
            self.sweep = sweep;
        }
        lower
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> Bits<&[u64]> {
        self.state.as_bits()
    }

    /// Its energy, in units of 2^-fraction_bits.
    #[must_use]
    pub fn energy(&self) -> i64 {
        self.energy
    }

    /// Number of sweeps after which it was first seen.
    #[must_use]
    pub fn sweep(&self) -> u32 {
        self.sweep
    }
}

impl<F: Field, M: Model<F>, S: Storage<u64>, B: Storage<F>> Chain<'_, M, F, S, B> {
    /// Anneals: a sweep at each of the schedule's temperatures, and a [descent](Self::descend). `best` sees the state
    /// after every sweep.
    ///
    /// # Errors
    /// As [`Temperature::new`], before a sweep is made.
    pub fn anneal(
        &mut self,
        rule: UpdateRule,
        schedule: &Schedule,
        best: &mut Best<impl Storage<u64>>,
    ) -> Result<(), Error> {
        let bits = self.model().fraction_bits();
        schedule.temperature(0, bits)?;
        schedule.temperature(schedule.sweeps(), bits)?;
        for sweep in 0..schedule.sweeps() {
            self.sweep(rule, schedule.temperature(sweep, bits)?);
            best.see(self, sweep + 1);
        }
        self.descend();
        best.see(self, schedule.sweeps());
        Ok(())
    }

    /// Flips spins that oppose their fields, in ascending order and repeatedly, until no single flip lowers the energy. Returns
    /// the number of flips. It ends, since every flip lowers an energy that is an integer.
    pub fn descend(&mut self) -> u64 {
        // A bound of -1 accepts what lowers the energy, and nothing else.
        let downhill = [F::DOWNHILL; UNITS_A_STEP];
        let mut all = 0;
        loop {
            let mut flips = 0;
            for start in (0..self.state().len()).step_by(UNITS_A_STEP) {
                let count = UNITS_A_STEP.min(self.state().len() - start);
                flips += self.attempt_block(UpdateRule::Metropolis, start, count, &downhill);
            }
            all += flips;
            if flips == 0 {
                return all;
            }
        }
    }
}
