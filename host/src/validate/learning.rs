//! Boltzmann learning: clamped averages, the gradient of every rule, and averages over persistent chains.

use super::report::Worst;
use super::{FALSE_ALARM, Random, Row, hoeffding};
use crate::reference::boltzmann_machine::{BoltzmannMachine, Gradient, Objective};
use crate::reference::ising::Ising;
use bitspin_core::bits::Bits;
use bitspin_core::ising::learn::{self, Sums};
use bitspin_core::ising::{Chain, Dense, Temperature, UpdateRule, fraction_bits, quantise};

/// Visible and hidden spins.
const SHAPES: [(usize, usize); 5] = [(1, 1), (5, 0), (8, 0), (4, 3), (6, 4)];

/// The largest magnitudes of parameters.
const SCALES: [f64; 2] = [0.3, 1.5];

/// Patterns that are shown.
const DATA: usize = 7;

/// Independent chains, and their sweeps from noise, of three weakly coupled spins: a sweep forgets most of the state, and
/// 64 of them all but 1e-12 of it.
const CHAINS: usize = 1 << 14;
const SWEEPS: usize = 64;

const OBJECTIVES: [(Objective, learn::Objective); 3] = [
    (
        Objective::PseudoLikelihood,
        learn::Objective::PseudoLikelihood,
    ),
    (Objective::RatioMatching, learn::Objective::RatioMatching),
    (Objective::Flow, learn::Objective::Flow),
];

/// Every row about learning.
pub(super) fn rows(random: &mut Random) -> Vec<Row> {
    let mut clamped = Worst::default();
    let mut gradients = [Worst::default(); 3];
    for (visible, hidden) in SHAPES {
        for scale in SCALES {
            let machine = draw(visible, hidden, scale, random);
            let data: Vec<usize> = (0..DATA)
                .map(|_| random.bits32() as usize % (1 << visible))
                .collect();
            let thermal = machine.ising.moments(&machine.ising.distribution(1.0)).spin;
            let likelihood = machine.gradient(&data);
            compare(
                &mut clamped,
                &likelihood.h,
                &means(&machine, &data, None),
                &thermal,
                visible,
            );
            for (worst, (known, objective)) in gradients.iter_mut().zip(OBJECTIVES) {
                let found = means(&machine, &data, Some(objective));
                let Gradient { w, h } = machine.descent(known, &data);
                let expected: Vec<f64> = h.into_iter().chain(w).collect();
                compare(worst, &expected, &found, &[], visible);
            }
        }
    }
    let [pseudo, ratio, flow] = gradients;
    vec![
        clamped.row("clamped mean spins"),
        pseudo.row("gradient, pseudo-likelihood"),
        ratio.row("gradient, ratio matching"),
        flow.row("gradient, minimum probability flow"),
        sampled(random),
    ]
}

fn draw(visible: usize, hidden: usize, scale: f64, random: &mut Random) -> BoltzmannMachine {
    let n = visible + hidden;
    let mut w = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..i {
            w[i * n + j] = random.number(scale);
            w[j * n + i] = w[i * n + j];
        }
    }
    let h = random.numbers(n, scale);
    BoltzmannMachine {
        ising: Ising { w, h },
        visible,
    }
}

/// The core's means over data: of an objective's gradient, fields and then couplings; or of clamped spins.
fn means(
    machine: &BoltzmannMachine,
    data: &[usize],
    objective: Option<learn::Objective>,
) -> Vec<f64> {
    let n = machine.ising.units();
    let (mut spin, mut pair) = (vec![0; n], vec![0; n * n]);
    let mut run = || {
        let core =
            learn::BoltzmannMachine::new(&machine.ising.w, &machine.ising.h, machine.visible)?;
        let mut scratch = vec![0.0; core.scratch_len()];
        let mut sums = Sums::new(&mut spin, &mut pair)?;
        for &v in data {
            let state = [v as u64];
            match objective {
                Some(objective) => {
                    core.add_gradient(objective, &state, 1, &mut scratch, &mut sums)?;
                }
                None => core.add_clamped(&state, 1, &mut scratch, &mut sums)?,
            }
        }
        let (mut h, mut w) = (vec![0.0; n], vec![0.0; n * n]);
        sums.spin_means(data.len() as f64, &mut h)?;
        sums.pair_means(data.len() as f64, &mut w)?;
        if objective.is_some() {
            h.extend(w);
        }
        Ok::<_, bitspin_core::Error>(h.into_iter().map(f64::from).collect())
    };
    // What cannot be had fails its row.
    run().unwrap_or_default()
}

/// Holds `found` to `expected` and `more`: each of up to visible + 1 terms is rounded by 2^-21, float32 adds 2^-24.
fn compare(worst: &mut Worst, expected: &[f64], found: &[f64], more: &[f64], visible: usize) {
    let terms = (visible as f64 + 2.0) * 2_f64.powi(-21);
    for (at, expected) in expected.iter().enumerate() {
        let expected = expected + more.get(at).copied().unwrap_or(0.0);
        let error = found.get(at).map_or(f64::NAN, |found| found - expected);
        worst.add(error, terms + expected.abs() * 2_f64.powi(-23));
    }
}

/// Averages over chains as persistent learning takes them, against enumeration. Null: the correlations are means of 2^14
/// independent numbers from -1 to 1.
fn sampled(random: &mut Random) -> Row {
    let machine = draw(3, 0, 0.4, random);
    let mut worst = Worst::default();
    let mut run = || {
        let (w, h) = (&machine.ising.w, &machine.ising.h);
        let bits = fraction_bits::<i32>(w, h)?;
        let (mut weights, mut fields) = ([0_i32; 9], [0_i32; 3]);
        quantise(w, bits, &mut weights)?;
        quantise(h, bits, &mut fields)?;
        let model = Dense::new(3, weights, fields, bits)?;
        let temperature = Temperature::new(1.0, bits)?;
        let (mut spin, mut pair) = ([0; 3], [0; 9]);
        let mut sums = Sums::new(&mut spin, &mut pair)?;
        for rng in random.chains(CHAINS) {
            let (mut state, mut fields) = ([0_u64], [0; 3]);
            let mut chain =
                Chain::new(&model, Bits::new(3, &mut state[..])?, &mut fields[..], rng)?;
            chain.randomise();
            for _ in 0..SWEEPS {
                chain.sweep(UpdateRule::Glauber, temperature);
            }
            sums.add_state(chain.state().as_words(), 1)?;
        }
        let mut found = [0.0; 9];
        sums.pair_means(CHAINS as f64, &mut found)?;
        Ok::<_, bitspin_core::Error>(found)
    };
    let found = run().unwrap_or([f32::NAN; 9]);
    let exact = machine.ising.moments(&machine.ising.distribution(1.0));
    for at in [1, 2, 5] {
        let error = f64::from(found[at]) - exact.correlation[at];
        worst.add(error, 2.0 * hoeffding(CHAINS, FALSE_ALARM / 3.0));
    }
    worst.row("thermal correlations, 2^14 chains")
}
