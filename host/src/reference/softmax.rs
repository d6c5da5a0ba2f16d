//! The Boltzmann distribution and what is measured of distributions, from the formulas as they are written.
//!
//! Weights are normalised by their own sum, relative to the largest, so that energies may be large beside the temperature.
//! Slices hold at least one element.

/// `ln sum_i exp(values[i])`, relative to the largest value.
pub fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for value in values {
        sum += (value - largest).exp();
    }
    largest + sum.ln()
}

/// The softmax of `logits` at `temperature`: `exp(z_i / T) / sum_j exp(z_j / T)`.
pub fn softmax(logits: &[f64], temperature: f64) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logits
        .iter()
        .map(|z| ((z - largest) / temperature).exp())
        .collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// The Boltzmann distribution of `energies` at `temperature`: `exp(-e_i / T) / Z`.
pub fn boltzmann(energies: &[f64], temperature: f64) -> Vec<f64> {
    let logits: Vec<f64> = energies.iter().map(|e| -e).collect();
    softmax(&logits, temperature)
}

/// `ln Z = ln sum_i exp(-e_i / T)`.
pub fn ln_partition_function(energies: &[f64], temperature: f64) -> f64 {
    let exponents: Vec<f64> = energies.iter().map(|e| -e / temperature).collect();
    log_sum_exp(&exponents)
}

/// `sum_i p_i e_i`.
pub fn mean_energy(p: &[f64], energies: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (p, e) in p.iter().zip(energies) {
        sum += p * e;
    }
    sum
}

/// `-sum_i p_i ln p_i` in nats, with `0 ln 0 = 0`.
pub fn entropy(p: &[f64]) -> f64 {
    let mut sum = 0.0;
    for &p in p {
        if p > 0.0 {
            sum -= p * p.ln();
        }
    }
    sum
}

/// `-sum_i p_i ln q_i` in nats, with `0 ln 0 = 0`.
pub fn cross_entropy(p: &[f64], q: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (&p, q) in p.iter().zip(q) {
        if p > 0.0 {
            sum -= p * q.ln();
        }
    }
    sum
}

/// `K(p;q) = sum_i p_i ln(p_i / q_i)` in nats, with `0 ln 0 = 0`.
pub fn kl_divergence(p: &[f64], q: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (&p, q) in p.iter().zip(q) {
        if p > 0.0 {
            sum += p * (p / q).ln();
        }
    }
    sum
}
