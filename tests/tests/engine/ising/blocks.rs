//! Sweeps of dense models by blocks, against the same sweeps made spin by spin.

use bitspin::validate::Random;
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{Chain, Dense, Model, Temperature, UpdateRule, sweep_replicas};
use bitspin_core::network::{Energy, Network, Weight};

/// A model that tells nothing of its couplings but one by one, so that it is swept spin by spin.
struct Plain<M>(M);

impl<M: Network> Network for Plain<M> {
    fn units(&self) -> usize {
        self.0.units()
    }

    fn cache_len(&self) -> usize {
        self.0.cache_len()
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        self.0.prepare(state, cache);
    }

    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        self.0.field(state, cache, unit)
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        self.0.flipped(state, cache, unit);
    }
}

impl<M: Energy> Energy for Plain<M> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        self.0.twice_energy(state, cache)
    }
}

impl<M: Model> Model for Plain<M> {
    fn fraction_bits(&self) -> u32 {
        self.0.fraction_bits()
    }

    fn external(&self, unit: usize) -> i32 {
        self.0.external(unit)
    }

    fn couplings(&self, unit: usize, each: impl FnMut(usize, i32)) {
        self.0.couplings(unit, each);
    }
}

/// Sweeps of a model with couplings up to `scale`, one spin of which is held by a field of `held`: what is sampled of it,
/// by either way, is the same to the bit.
fn agree<W: Weight>(units: usize, scale: i32, held: i32, betas: &[f64]) {
    let mut random = Random::new(units as u64 + 7);
    let mut w = vec![W::ZERO; units * units];
    for i in 0..units {
        for j in 0..i {
            let coupling = W::from_i32(random.number(f64::from(scale)).round() as i32);
            (w[i * units + j], w[j * units + i]) = (coupling, coupling);
        }
    }
    let mut h = vec![0; units];
    h[units / 2] = held;
    let model = Dense::new(units, &w[..], &h[..], 0).unwrap();
    let plain = Plain(Dense::new(units, &w[..], &h[..], 0).unwrap());
    let rngs = random.chains(betas.len());
    let temperatures: Vec<_> = betas
        .iter()
        .map(|&beta| Temperature::new(beta, 0).unwrap())
        .collect();
    let zeros = vec![vec![0_u64; words(units)]; betas.len()];
    let room = (zeros.clone(), vec![vec![0_i32; units]; betas.len()]);
    for rule in [UpdateRule::Metropolis, UpdateRule::Glauber] {
        let (mut blocked, mut single) = (room.clone(), room.clone());
        let parts = blocked.0.iter_mut().zip(&mut blocked.1).zip(&rngs);
        let mut blocked: Vec<_> = parts
            .map(|((state, fields), rng)| {
                let state = Bits::new(units, &mut state[..]).unwrap();
                Chain::new(&model, state, fields, rng.clone()).unwrap()
            })
            .collect();
        let parts = single.0.iter_mut().zip(&mut single.1).zip(&rngs);
        let mut single: Vec<_> = parts
            .map(|((state, fields), rng)| {
                let state = Bits::new(units, &mut state[..]).unwrap();
                Chain::new(&plain, state, fields, rng.clone()).unwrap()
            })
            .collect();
        for sweep in 0..6 {
            let flips = sweep_replicas(&mut blocked, rule, &temperatures).unwrap();
            assert_eq!(
                flips,
                sweep_replicas(&mut single, rule, &temperatures).unwrap()
            );
            assert!(sweep > 0 || flips > 0);
            for (a, b) in blocked.iter().zip(&single) {
                assert_eq!((a.state(), a.fields()), (b.state(), b.fields()));
                assert_eq!((a.energy(), a.rng()), (b.energy(), b.rng()));
            }
        }
    }
}

/// Hot, near the transition and cold, in a group of four chains and three that are left over.
fn betas(scale: i32, units: usize) -> [f64; 7] {
    let unit = 1.0 / (f64::from(scale) * (units as f64).sqrt());
    [0.05, 0.3, 1.0, 2.0, 5.0, 0.5, 50.0].map(|times| times * unit)
}

#[test]
fn bytes_are_added_as_many_as_fit() {
    for scale in [1, 2, 20, 63, 64, 127] {
        agree::<i8>(130, scale, 0, &betas(scale, 130));
    }
}

#[test]
fn strips_and_their_rests_are_brought_up_to_date() {
    for units in [16, 63, 64, 100, 600] {
        agree::<i8>(units, 5, 3, &betas(5, units));
        agree::<i16>(units, 3000, 1, &betas(3000, units));
        agree::<i32>(units, 100_000, 1, &betas(100_000, units));
    }
}

/// A large field leaves no finer units than those of fields, so that many bounds come as near as they can.
#[test]
fn bounds_that_come_near_are_looked_at_exactly() {
    for held in [1 << 20, 1 << 25, 1 << 27, 1 << 29] {
        agree::<i8>(128, 1, held, &betas(1, 128));
        agree::<i8>(128, 9, -held, &betas(9, 128));
    }
}
