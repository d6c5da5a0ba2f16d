//! Ising models: Glauber's dynamics of a ferromagnet near its critical temperature, and annealing of a spin glass.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{Best, Chain, Course, Model, Schedule, Temperature, UpdateRule};
use bitspin_core::network::Network;
use bitspin_core::rng::{Purpose, Streams};

use crate::digest::Digest;
use crate::{Clock, GLASS, LATTICE, Models, SEED, SHAPE, Tally, spins};

/// The ferromagnet's inverse temperature: a little colder than where it orders, 0.4407.
pub const BETA: f64 = 0.46;
/// Sweeps of the ferromagnet.
pub const SWEEPS: u32 = 200;
/// Sweeps of the spin glass, and the inverse temperatures that it is cooled between.
pub const COOLING: u32 = 100;
const HOT: f64 = 0.1;
const COLD: f64 = 4.0;

/// Spins of the ferromagnet.
const SITES: usize = LATTICE * LATTICE;

/// Results of the sweeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// The digest of all states and energies, of both models.
    pub digest: u64,
    /// The ferromagnet's energy after the last sweep: minus the pairs that agree, plus those that do not.
    pub energy: i64,
    /// The lowest energy of the spin glass, in units of its last binary place.
    pub lowest: i64,
    /// The sweep after which it was first seen.
    pub lowest_at: u32,
    /// Sweeps of the ferromagnet, 256 spins with four neighbours.
    pub lattice_sweep: Tally,
    /// Sweeps of the spin glass, 64 spins with 63.
    pub glass_sweep: Tally,
    /// Temperatures of the schedule: the only floating-point numbers, once a sweep.
    pub temperature: Tally,
}

/// Sweeps both models, and shows the ferromagnet after each sweep.
///
/// # Errors
/// [`Error`] if the models are not of these shapes.
pub fn run(
    models: &Models<'_>,
    clock: &mut impl Clock,
    mut show: impl FnMut(u32, &[u64]),
) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut digest = Digest::default();
    let mut streams = Streams::new(SEED, Purpose::Chains);
    let lattice = spins(models.lattice)?;
    if lattice.units() != SITES {
        return Err(SHAPE);
    }
    let temperature = Temperature::new(BETA, lattice.fraction_bits())?;
    // Borrowed, since a chain that owns its buffers is copied when it is made, and needs their stack twice.
    let (mut state, mut fields) = ([0; words(SITES)], [0; SITES]);
    let state = Bits::new(SITES, &mut state)?;
    let mut chain = Chain::new(&lattice, state, &mut fields, streams.next_chain())?;
    chain.randomise();
    for sweep in 1..=SWEEPS {
        found
            .lattice_sweep
            .of(clock, || chain.sweep(UpdateRule::Glauber, temperature));
        digest.add(chain.state().as_words());
        digest.add(&[chain.energy() as u64]);
        show(sweep, chain.state().as_words());
    }
    found.energy = chain.energy();

    let glass = spins(models.glass)?;
    if glass.units() != GLASS {
        return Err(SHAPE);
    }
    let (mut state, mut best) = ([0; words(GLASS)], [0; words(GLASS)]);
    let fields = fields.first_chunk_mut::<GLASS>().ok_or(SHAPE)?;
    let state = Bits::new(GLASS, &mut state)?;
    let mut chain = Chain::new(&glass, state, fields, streams.next_chain())?;
    chain.randomise();
    let mut best = Best::new(Bits::new(GLASS, &mut best)?, &chain)?;
    let schedule = Schedule::new(HOT, COLD, COOLING, Course::Geometric)?;
    for sweep in 0..schedule.sweeps() {
        let temperature = found
            .temperature
            .of(clock, || schedule.temperature(sweep, glass.fraction_bits()))?;
        found
            .glass_sweep
            .of(clock, || chain.sweep(UpdateRule::Glauber, temperature));
        best.see(&chain, sweep + 1);
        digest.add(chain.state().as_words());
        digest.add(&[chain.energy() as u64]);
    }
    chain.descend();
    best.see(&chain, schedule.sweeps());
    (found.lowest, found.lowest_at) = (best.energy(), best.sweep());
    digest.add(best.state().as_words());
    digest.add(&[best.energy() as u64]);
    found.digest = digest.value();
    Ok(found)
}
