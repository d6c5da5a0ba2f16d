//! Parallel tempering: the exchange of states between temperatures.

use bitspin::engine::engine;
use bitspin::reference::states;
use bitspin_core::ising::Exchange;
use bitspin_core::rbm::ais::{Annealing, Beta};
use bitspin_core::rng::{ChainRng, Purpose, Streams};
use bitspin_tests::RbmCase;

use super::between::{distribution_is, ln_between, with_chains};
use super::narrow;

#[test]
fn exchanges_leave_both_temperatures_as_they_are() {
    const CHAINS: usize = 40_000;
    let model = narrow(&RbmCase::all()[1]);
    let engine = engine(&model).unwrap();
    let shape = engine.shape();
    let strides = (shape.hidden_stride(), shape.visible_stride());
    let base: Vec<i16> = (0..model.visible).map(|i| 700 * i as i16 - 1500).collect();
    let annealing = Annealing::new(&engine, &base).unwrap();
    let mut streams = Streams::new(8, Purpose::Tempering);
    let mut rngs: [Vec<ChainRng>; 2] =
        [(); 2].map(|()| (0..CHAINS).map(|_| streams.next_chain()).collect());
    let betas = [Beta::step(1, 4), Beta::step(3, 4)];
    let weights = betas.map(|beta| -> Vec<f64> {
        let all = states(model.visible);
        all.map(|v| ln_between(&model, &base, beta.real(), v).exp())
            .collect()
    });
    // As many chains as come next to each state's share; those of one temperature are put in another order.
    let starts = [1, 7919].map(|stride| {
        let weights = &weights[usize::from(stride > 1)];
        let total: f64 = weights.iter().sum();
        let (mut sorted, mut sum) = (Vec::with_capacity(CHAINS), 0.0);
        for (v, weight) in weights.iter().enumerate() {
            sum += weight / total * CHAINS as f64;
            sorted.resize(sum.round() as usize, v as u64);
        }
        (0..CHAINS)
            .map(|k| sorted[k * stride % CHAINS])
            .collect::<Vec<u64>>()
    });
    let [hot_rngs, cold_rngs] = &mut rngs;
    let mut exchanges = Exchange::default();
    let ((found, _), _) = with_chains(&annealing, strides, hot_rngs, |mut hot| {
        with_chains(&annealing, strides, cold_rngs, |mut cold| {
            hot.enter(&starts[0]).unwrap();
            cold.enter(&starts[1]).unwrap();
            hot.step(betas[0]);
            cold.step(betas[1]);
            cold.exchange(betas[1], &mut hot, betas[0], &mut exchanges)
                .unwrap();
            assert!(
                hot.exchange(betas[0], &mut cold, betas[1], &mut exchanges)
                    .is_err()
            );
            // The fields went with the states.
            hot.step(betas[0]);
            cold.step(betas[1]);
            [hot.visible().to_vec(), cold.visible().to_vec()]
        })
    });
    assert_eq!(exchanges.attempts, CHAINS as u64);
    assert!((0.1..0.9).contains(&exchanges.rate()), "{exchanges:?}");
    for ((found, weights), beta) in found.iter().zip(&weights).zip(betas) {
        let mut counts = vec![0.0; weights.len()];
        found.iter().for_each(|&v| counts[v as usize] += 1.0);
        distribution_is(&format!("beta {}", beta.real()), &counts, weights);
    }
}
