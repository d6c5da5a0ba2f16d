//! Chains on the board: the RBM's Gibbs steps and the Ising model's sweeps.

use bitspin_protocol::{Answer, MAX_STATE, Request, Rule, Start, to_bytes};

use super::{ATTEMPTS, Device, unpacked};
use crate::device::{DeviceError, DeviceProblem};

/// The state of an RBM's chain on a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// Gibbs steps since its start.
    pub steps: u64,
    /// The time of the last request's steps.
    pub ticks: u32,
    /// The visible vector, packed.
    pub visible: Vec<u64>,
    /// The hidden vector that it was drawn from.
    pub hidden: Vec<u64>,
}

/// The state of an Ising model's chain on a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Sweeps since its start.
    pub sweeps: u64,
    /// The time of the last request's sweeps.
    pub ticks: u32,
    /// The energy, in units of the model's last binary place.
    pub energy: i64,
    /// The spins, packed.
    pub state: Vec<u64>,
}

impl Device {
    /// Starts the RBM's chain anew and takes some steps.
    ///
    /// # Errors
    /// Why there was no answer, or the board's refusal.
    pub fn start_chain(
        &mut self,
        shape: (usize, usize),
        seed: u64,
        visible: &[u64],
        steps: u32,
    ) -> Result<Sampled, DeviceError> {
        let mut bytes = [0; MAX_STATE];
        let visible = to_bytes(shape.0, visible, &mut bytes);
        let start = Some(Start { seed, visible });
        // To ask again is to start again: it does no harm.
        self.sample(shape, &Request::Sample { start, steps }, ATTEMPTS)
    }

    /// Takes some more steps of a chain that is known to stand at `before` steps.
    ///
    /// # Errors
    /// Why there was no answer, or the board's refusal.
    pub fn continue_chain(
        &mut self,
        shape: (usize, usize),
        before: u64,
        steps: u32,
    ) -> Result<Sampled, DeviceError> {
        self.go_on(before, steps, |device, steps, attempts| {
            let request = Request::Sample { start: None, steps };
            let stands = device.sample(shape, &request, attempts)?;
            Ok((stands.steps, stands))
        })
    }

    /// Starts the Ising model's chain anew and makes some sweeps.
    ///
    /// # Errors
    /// Why there was no answer, or the board's refusal.
    pub fn start_sweeps(
        &mut self,
        units: usize,
        (seed, state): (u64, &[u64]),
        (rule, beta): (Rule, f64),
        sweeps: u32,
    ) -> Result<Swept, DeviceError> {
        let mut bytes = [0; MAX_STATE];
        let visible = to_bytes(units, state, &mut bytes);
        let request = Request::Sweep {
            start: Some(Start { seed, visible }),
            rule,
            beta,
            sweeps,
        };
        self.sweep(units, &request, ATTEMPTS)
    }

    /// Makes some more sweeps of a chain that is known to stand at `before` sweeps.
    ///
    /// # Errors
    /// Why there was no answer, or the board's refusal.
    pub fn continue_sweeps(
        &mut self,
        units: usize,
        before: u64,
        (rule, beta): (Rule, f64),
        sweeps: u32,
    ) -> Result<Swept, DeviceError> {
        self.go_on(before, sweeps, |device, sweeps, attempts| {
            let request = Request::Sweep {
                start: None,
                rule,
                beta,
                sweeps,
            };
            let stands = device.sweep(units, &request, attempts)?;
            Ok((stands.sweeps, stands))
        })
    }

    /// Asks for more of a chain, by so many attempts, and is told where the chain then stands. Where an answer is lost,
    /// asks for nothing more, so that no step is made twice.
    fn go_on<T>(
        &mut self,
        before: u64,
        steps: u32,
        mut ask: impl FnMut(&mut Self, u32, u32) -> Result<(u64, T), DeviceError>,
    ) -> Result<T, DeviceError> {
        for _ in 1..ATTEMPTS {
            match ask(self, steps, 1) {
                Err(DeviceError {
                    problem: DeviceProblem::Silent { .. } | DeviceProblem::Garbage { .. },
                    ..
                }) => {}
                other => return other.map(|(_, stands)| stands),
            }
            let (at, stands) = ask(self, 0, ATTEMPTS)?;
            if at != before {
                return Ok(stands);
            }
        }
        ask(self, steps, 1).map(|(_, stands)| stands)
    }

    fn sample(
        &mut self,
        (visible_units, hidden_units): (usize, usize),
        request: &Request<'_>,
        attempts: u32,
    ) -> Result<Sampled, DeviceError> {
        let asked = self.try_ask("to sample", request, attempts, |answer| match answer {
            Answer::Sampled {
                steps,
                ticks,
                visible,
                hidden,
            } => Some(Sampled {
                steps,
                ticks,
                visible: unpacked(visible_units, visible)?,
                hidden: unpacked(hidden_units, hidden)?,
            }),
            _ => None,
        });
        asked.map_err(|problem| self.error(problem))
    }

    fn sweep(
        &mut self,
        units: usize,
        request: &Request<'_>,
        attempts: u32,
    ) -> Result<Swept, DeviceError> {
        let asked = self.try_ask("to sweep", request, attempts, |answer| match answer {
            Answer::Swept {
                sweeps,
                ticks,
                energy,
                state,
            } => Some(Swept {
                sweeps,
                ticks,
                energy,
                state: unpacked(units, state)?,
            }),
            _ => None,
        });
        asked.map_err(|problem| self.error(problem))
    }
}
