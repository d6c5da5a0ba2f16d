//! Halves of chains, their ranks, and ranks as normal deviates.

/// The mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    // About the first value, so that equal values have exactly their value as mean.
    let first = values[0];
    first + values.iter().map(|x| x - first).sum::<f64>() / values.len() as f64
}

/// The unbiased variance about `mean`, which is their own; 0 of a single value.
pub(super) fn variance(values: &[f64], mean: f64) -> f64 {
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    squares / (values.len() as f64 - 1.0).max(1.0)
}

/// Both halves of every chain; of an odd number of draws the middle one is left out.
pub(super) fn halves(chains: &[&[f64]]) -> Vec<Vec<f64>> {
    let halves = chains.iter().flat_map(|chain| {
        let half = chain.len() / 2;
        [&chain[..half], &chain[chain.len() - half..]]
    });
    halves.map(<[f64]>::to_vec).collect()
}

/// Distances from the median of all draws: what differs between chains of one centre but different spread.
pub(super) fn folded(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut all = chains.concat();
    all.sort_unstable_by(f64::total_cmp);
    let middle = all.len() / 2;
    let median = if all.len().is_multiple_of(2) {
        0.5 * (all[middle - 1] + all[middle])
    } else {
        all[middle]
    };
    map(chains, |x| (x - median).abs())
}

/// Every draw replaced by the normal quantile of its rank r among all S, at (r - 3/8) / (S + 1/4) (Blom 1958); draws that
/// are equal share their mean rank. Vehtari et al. 2021, equation 14.
pub(super) fn normalised(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut all = chains.concat();
    all.sort_unstable_by(f64::total_cmp);
    let size = all.len() as f64;
    map(chains, |x| {
        let below = all.partition_point(|&other| other < x);
        let up_to = all.partition_point(|&other| other <= x);
        let rank = 0.5 * (below + 1 + up_to) as f64;
        normal_quantile((rank - 0.375) / (size + 0.25))
    })
}

/// The draw at or just below the `part` quantile of all draws.
pub(super) fn quantile(draws: &[f64], part: f64) -> f64 {
    let mut all = draws.to_vec();
    all.sort_unstable_by(f64::total_cmp);
    all[(part * (all.len() - 1) as f64) as usize]
}

/// The same function of every draw.
pub(super) fn map(chains: &[Vec<f64>], f: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    let mapped = chains.iter().map(|chain| chain.iter().map(|&x| f(x)));
    mapped.map(Iterator::collect).collect()
}

/// The number below which a standard normal one lies with probability `p`, 0 < p < 1; relative error below 1e-14.
///
/// Abramowitz and Stegun's 26.2.23 (error 4.5e-4), then Halley's method on the error function, which cubes the error.
pub(super) fn normal_quantile(p: f64) -> f64 {
    let tail = p.min(1.0 - p);
    let t = (-2.0 * tail.ln()).sqrt();
    let numerator = 2.515517 + t * (0.802853 + t * 0.010328);
    let denominator = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    let mut x = numerator / denominator - t;
    for _ in 0..2 {
        let error = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) - tail;
        let step = error * std::f64::consts::TAU.sqrt() * (0.5 * x * x).exp();
        x -= step / (1.0 + 0.5 * x * step);
    }
    if p > 0.5 { -x } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_the_normal_distribution() {
        // Tables to 16 digits: Wichura's AS 241 gives the same.
        let known = [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.05, -1.644_853_626_951_472_7),
            (0.25, -0.674_489_750_196_081_7),
            (1e-3, -3.090_232_306_167_813_6),
            (1e-10, -6.361_340_902_404_056),
            (1e-20, -9.262_340_089_798_408),
        ];
        for (p, expected) in known {
            let found = normal_quantile(p);
            assert!(
                (found - expected).abs() <= 1e-14 * expected.abs().max(0.01),
                "{p}: {found}"
            );
        }
    }

    #[test]
    fn equal_draws_share_their_rank() {
        let ranked = normalised(&[vec![5.0, 1.0], vec![1.0, 9.0]]);
        let at = |rank: f64| normal_quantile((rank - 0.375) / 4.25);
        assert_eq!(ranked, [vec![at(3.0), at(1.5)], vec![at(1.5), at(4.0)]]);
    }

    #[test]
    fn halves_leave_out_a_middle_draw() {
        let halves = halves(&[&[1.0, 2.0, 3.0, 4.0, 5.0]]);
        assert_eq!(halves, [vec![1.0, 2.0], vec![4.0, 5.0]]);
        assert_eq!(folded(&halves), [vec![2.0, 1.0], vec![1.0, 2.0]]);
    }
}
