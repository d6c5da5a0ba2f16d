//! Cuts a ring of 12 nodes into two sides with as many edges between them as possible, by simulated annealing.
//!
//! `cargo run --package bitspin-core --example ising_anneal`

use bitspin_core::ising::Best;
use bitspin_core::{
    Course, Dense, Error, IsingChain, Purpose, Schedule, State, Streams, UpdateRule,
};

const NODES: usize = 12;
const WORDS: usize = 1;

fn main() -> Result<(), Error> {
    // An edge is a coupling of -1: the energy is lower where its two ends differ.
    let mut couplings = [0_i8; NODES * NODES];
    for node in 0..NODES {
        let next = (node + 1) % NODES;
        couplings[node * NODES + next] = -1;
        couplings[next * NODES + node] = -1;
    }
    let model = Dense::new(NODES, couplings, [0; NODES], 0)?;
    let rng = Streams::new(1, Purpose::Chains).next_chain();
    let mut chain = IsingChain::<_, NODES, WORDS>::owned(&model, rng)?;
    chain.randomise();

    // From inverse temperature 0.1 to 5 in 200 sweeps.
    let schedule = Schedule::new(0.1, 5.0, 200, Course::Geometric)?;
    let mut best = Best::new(State::<WORDS>::of::<NODES>(), &chain)?;
    chain.anneal(UpdateRule::Metropolis, &schedule, &mut best)?;

    let sides = best.state().as_words()[0];
    let cut = (NODES as i64 - best.energy()) / 2;
    println!("sides {sides:0NODES$b}, {cut} of {NODES} edges cut");
    assert_eq!(cut, NODES as i64);
    Ok(())
}
