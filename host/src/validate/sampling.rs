//! Draws and Gibbs chains against exact probabilities, and the bounds that chance obeys.

use super::report::Worst;
use super::{FALSE_ALARM, Random, Row, Witnesses};
use crate::engine::FITS;
use crate::reference::{self, ising::product, rbm::sigmoid, state, states};
use bitspin_core::bits::ones;

/// How far the mean of `count` independent numbers from intervals of width 1 may be from its expectation, such that it
/// is further away with probability `alpha` at most, whatever the numbers' distribution (Hoeffding 1963, theorem 2).
///
/// ```
/// use bitspin::validate::hoeffding;
/// assert!(hoeffding(1_000_000, 1e-6) < 0.003);
/// ```
#[must_use]
pub fn hoeffding(count: usize, alpha: f64) -> f64 {
    ((2.0 / alpha).ln() / (2.0 * count as f64)).sqrt()
}

/// The total variation `1/2 sum |p_x - q_x|`.
#[must_use]
pub fn total_variation(p: &[f64], q: &[f64]) -> f64 {
    0.5 * p.iter().zip(q).map(|(p, q)| (p - q).abs()).sum::<f64>()
}

/// A bound on the total variation between the frequencies of `count` independent draws from `p` and `p` itself, broken
/// with probability `alpha` at most.
///
/// Its mean is at most `1/2 sum_x sqrt(p_x (1 - p_x) / count)`, a standard deviation a state (Jensen), and one draw
/// changes it by at most `1 / count`, so that it exceeds its mean by `t` with probability `exp(-2 count t^2)` at most
/// (McDiarmid 1989).
#[must_use]
pub fn total_variation_bound(p: &[f64], count: usize, alpha: f64) -> f64 {
    let n = count as f64;
    let mean: f64 = p.iter().map(|p| (p * (1.0 - p) / n).sqrt()).sum();
    0.5 * mean + ((1.0 / alpha).ln() / (2.0 * n)).sqrt()
}

/// How many Gibbs steps bring a chain within `distance` (total variation) of the model's distribution, from whatever
/// state it starts: the least power of two, by squaring the exact transition matrix. For up to 8 visible units.
///
/// # Panics
/// If 2^30 steps do not.
#[must_use]
pub fn mixing_steps(rbm: &reference::Rbm, distance: f64) -> usize {
    let p = rbm.visible_distribution();
    let row = |v| rbm.gibbs_transition(&state(v, rbm.visible));
    let matrix = states(rbm.visible).map(row).collect();
    1 << mixing_doublings(matrix, &p, distance)
}

/// How many times a transition matrix has to be squared until all its rows are within `distance` (total variation) of its
/// stationary distribution `p`: 2^that many steps forget where they started.
///
/// # Panics
/// If 30 times are not enough.
#[must_use]
pub fn mixing_doublings(mut matrix: Vec<Vec<f64>>, p: &[f64], distance: f64) -> u32 {
    for doublings in 0..30 {
        let far = |row: &Vec<f64>| total_variation(row, p) > distance;
        if !matrix.iter().any(far) {
            return doublings;
        }
        matrix = product(&matrix, &matrix);
    }
    panic!("the chain does not mix");
}

/// The share of draws of hidden units that are set, against sigmoid of their fields.
///
/// Null: each draw is an independent one with its unit's probability. 2^17 draws of each of 512 units, in eight classes of
/// 64 units by their fields: 2^23 draws per class. Hoeffding's bound for their mean, the false-alarm rate shared among
/// the classes, is below 0.001.
pub(super) fn draws(random: &mut Random) -> Vec<Row> {
    const CLASSES: usize = 8;
    const UNITS: usize = 512;
    const DRAWS: usize = 1 << 17;
    const BLOCK: usize = 1 << 9;
    let mut fields: Vec<f64> = random.numbers(UNITS, 4.0);
    fields.sort_by(f64::total_cmp);
    let rbm = reference::Rbm::new(vec![0.0; UNITS], vec![0.0], fields);
    let model = Witnesses::new(rbm).expect("fields below 4 fit");
    let shape = model.shape();
    let mut rngs = random.chains(BLOCK);
    let mut room = vec![0; BLOCK * shape.hidden_stride()];
    let mut hidden = vec![0; BLOCK * shape.hidden_words()];
    let visible = vec![0; BLOCK];
    let mut set = [0_u64; CLASSES];
    for _ in 0..DRAWS / BLOCK {
        model
            .engine
            .sample_hidden(&visible, &mut room, &mut rngs, &mut hidden)
            .expect(FITS);
        for word in hidden.chunks_exact(CLASSES) {
            for (set, word) in set.iter_mut().zip(word) {
                *set += u64::from(word.count_ones());
            }
        }
    }
    let count = DRAWS * UNITS / CLASSES;
    let bound = hoeffding(count, FALSE_ALARM / CLASSES as f64);
    let mut worst = Worst::default();
    let classes = model.quantised.hidden_bias.chunks_exact(UNITS / CLASSES);
    for (set, fields) in set.iter().zip(classes) {
        let p: f64 = fields.iter().map(|&x| sigmoid(x)).sum::<f64>() / fields.len() as f64;
        worst.add(*set as f64 / count as f64 - p, bound);
    }
    vec![worst.row("decisions, share of 2^23 draws")]
}

/// Block Gibbs sampling of both layers against the exact distribution, as total variation.
///
/// Null: the visible states are 2^16 independent draws from the model's distribution. 2^12 chains give 16 draws each,
/// so many steps apart that a chain has forgotten where it was: from every state the exact distribution after those
/// steps is within 1e-12 of the model's, which changes the false-alarm rate by less than 1e-7.
pub(super) fn distribution(random: &mut Random) -> Vec<Row> {
    const CHAINS: usize = 1 << 12;
    const DRAWS: usize = 1 << 16;
    let models = [(1, 1, 4.0), (6, 4, 0.3), (6, 4, 1.0), (5, 5, 2.0)];
    let mut worst = Worst::default();
    for (visible, hidden, scale) in models {
        let model = Witnesses::random(visible, hidden, scale, random);
        let steps = mixing_steps(&model.quantised, 1e-12);
        let shape = model.shape();
        let mut rngs = random.chains(CHAINS);
        let mut v_fields = vec![0; CHAINS * shape.visible_stride()];
        let mut h_fields = vec![0; CHAINS * shape.hidden_stride()];
        let (mut v, mut h) = (vec![0; CHAINS], vec![0; CHAINS]);
        let mut frequencies = vec![0.0; 1 << visible];
        for _ in 0..DRAWS / CHAINS {
            for _ in 0..steps {
                model
                    .engine
                    .sample_hidden(&v, &mut h_fields, &mut rngs, &mut h)
                    .expect(FITS);
                model
                    .engine
                    .sample_visible(&h, &mut v_fields, &mut rngs, &mut v)
                    .expect(FITS);
            }
            for bits in v.chunks_exact(1) {
                let number: usize = ones(bits).map(|i| 1 << i).sum();
                // A state with bits past the last unit is lost, and is missed in the total variation.
                if let Some(frequency) = frequencies.get_mut(number) {
                    *frequency += 1.0 / DRAWS as f64;
                }
            }
        }
        let p = model.quantised.visible_distribution();
        let bound = total_variation_bound(&p, DRAWS, FALSE_ALARM / models.len() as f64);
        worst.add(total_variation(&frequencies, &p), bound);
    }
    vec![worst.row("Gibbs sampling, total variation of 2^16 draws")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fair_coin_needs_no_steps_and_a_stiff_model_many() {
        let free = reference::Rbm::new(vec![0.0], vec![0.3], vec![-0.2]);
        assert_eq!(mixing_steps(&free, 1e-12), 1);
        let stiff = reference::Rbm::new(vec![12.0], vec![-6.0], vec![-6.0]);
        assert!(mixing_steps(&stiff, 1e-3) > 500);
    }

    #[test]
    fn the_bound_of_total_variation_is_met_by_draws_and_not_by_a_small_shift() {
        // Stratified numbers are closer to p than random ones; a shift of one in forty is not.
        let p = [0.1, 0.2, 0.3, 0.4];
        let bound = total_variation_bound(&p, 1 << 14, 1e-6);
        assert!(bound < 0.025 + 0.01 && bound > 0.0);
        assert!(total_variation(&[0.15, 0.2, 0.3, 0.35], &p) > bound);
        assert!((total_variation(&[0.15, 0.2, 0.3, 0.35], &p) - 0.05).abs() < 1e-12);
    }
}
