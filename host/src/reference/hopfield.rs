//! Hopfield networks: learning rules, fields, energies and dynamics.
//!
//! A spin is -1.0 or +1.0. Couplings are N x N numbers, row by row; `w_ij` is at `i * n + j`.

/// f_i = sum_j w_ij s_j.
pub fn field(w: &[f64], s: &[f64], i: usize) -> f64 {
    let n = s.len();
    let mut sum = 0.0;
    for j in 0..n {
        sum += w[i * n + j] * s[j];
    }
    sum
}

/// E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i.
pub fn energy(w: &[f64], h: &[f64], s: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..s.len() {
        sum -= 0.5 * s[i] * field(w, s, i) + h[i] * s[i];
    }
    sum
}

/// Hebb's rule: w_ij = (1/P) sum_mu xi_i xi_j, with a zero diagonal.
pub fn hebb(patterns: &[Vec<f64>]) -> Vec<f64> {
    let n = patterns[0].len();
    let mut w = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            for x in patterns {
                w[i * n + j] += x[i] * x[j] / patterns.len() as f64;
            }
        }
    }
    without_diagonal(n, w)
}

/// The lecture's covariance rule: w_ij = (1/P) sum_mu (xi_i - mean_i) (xi_j - mean_j), with a zero diagonal.
pub fn covariance(patterns: &[Vec<f64>]) -> Vec<f64> {
    let n = patterns[0].len();
    let mut mean = vec![0.0; n];
    for i in 0..n {
        for x in patterns {
            mean[i] += x[i] / patterns.len() as f64;
        }
    }
    let centre = |x: &Vec<f64>| (0..n).map(|i| x[i] - mean[i]).collect();
    let centred: Vec<Vec<f64>> = patterns.iter().map(centre).collect();
    hebb(&centred)
}

/// The pseudo-inverse rule: w = (1/N) X' C^-1 X with C = (1/N) X X', patterns in the rows of X; with a zero diagonal.
/// `None` if a pattern is a combination of others.
pub fn pseudo_inverse(patterns: &[Vec<f64>]) -> Option<Vec<f64>> {
    let (n, p) = (patterns[0].len(), patterns.len());
    // Gauss and Jordan on [C | X], with pivots by rows: X becomes C^-1 X.
    let mut c = vec![vec![0.0; p]; p];
    for mu in 0..p {
        for nu in 0..p {
            for k in 0..n {
                c[mu][nu] += patterns[mu][k] * patterns[nu][k] / n as f64;
            }
        }
    }
    let mut x = patterns.to_vec();
    for column in 0..p {
        let larger = |a: &usize, b: &usize| c[*a][column].abs().total_cmp(&c[*b][column].abs());
        let pivot = (column..p).max_by(larger)?;
        if c[pivot][column].abs() < 1e-9 {
            return None;
        }
        c.swap(column, pivot);
        x.swap(column, pivot);
        for row in 0..p {
            if row != column {
                let factor = c[row][column] / c[column][column];
                for k in 0..p {
                    c[row][k] -= factor * c[column][k];
                }
                for k in 0..n {
                    x[row][k] -= factor * x[column][k];
                }
            }
        }
    }
    for row in 0..p {
        for k in 0..n {
            x[row][k] /= c[row][row];
        }
    }
    let mut w = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            for mu in 0..p {
                w[i * n + j] += patterns[mu][i] * x[mu][j] / n as f64;
            }
        }
    }
    Some(without_diagonal(n, w))
}

/// Storkey's rule, pattern after pattern: w_ij += (1/N) (x_i x_j - x_i h_ji - h_ij x_j), h_ij = sum over k other than i
/// and j of w_ik x_k; the diagonal is set to zero at the end.
pub fn storkey(patterns: &[Vec<f64>]) -> Vec<f64> {
    let n = patterns[0].len();
    let mut w = vec![0.0; n * n];
    for x in patterns {
        let mut h = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                // Where j is i, the term of i is left out twice, as in the published sums taken by matrices.
                h[i * n + j] = field(&w, x, i) - w[i * n + i] * x[i] - w[i * n + j] * x[j];
            }
        }
        let before = w.clone();
        for i in 0..n {
            for j in 0..n {
                let change = x[i] * x[j] - x[i] * h[j * n + i] - h[i * n + j] * x[j];
                w[i * n + j] = before[i * n + j] + change / n as f64;
            }
        }
    }
    without_diagonal(n, w)
}

fn without_diagonal(n: usize, mut w: Vec<f64>) -> Vec<f64> {
    for i in 0..n {
        w[i * n + i] = 0.0;
    }
    w
}

/// The spin that a field leaves: its sign, or the spin itself where the field is zero.
pub fn turned(spin: f64, field: f64) -> f64 {
    if field > 0.0 {
        1.0
    } else if field < 0.0 {
        -1.0
    } else {
        spin
    }
}

/// Asynchronous recall in ascending order, until a sweep changes nothing, `limit` sweeps at most: the state and the
/// number of sweeps.
pub fn settle(w: &[f64], h: &[f64], s: &[f64], limit: usize) -> (Vec<f64>, usize) {
    let mut s = s.to_vec();
    for sweep in 1..=limit {
        let before = s.clone();
        for i in 0..s.len() {
            s[i] = turned(s[i], field(w, &s, i) + h[i]);
        }
        if s == before {
            return (s, sweep);
        }
    }
    (s, limit)
}

/// All spins turned towards their fields at once.
pub fn synchronous(w: &[f64], h: &[f64], s: &[f64]) -> Vec<f64> {
    (0..s.len())
        .map(|i| turned(s[i], field(w, s, i) + h[i]))
        .collect()
}

/// E = -2 sum_mu F(sum_i xi_i s_i), the dense associative memory's energy in the engine's unit.
pub fn dense_energy(patterns: &[Vec<f64>], interaction: impl Fn(f64) -> f64, s: &[f64]) -> f64 {
    let overlap = |x: &Vec<f64>| x.iter().zip(s).map(|(x, s)| x * s).sum();
    let terms = patterns.iter().map(|x| interaction(overlap(x)));
    -2.0 * terms.sum::<f64>()
}

/// The dense memory's field, half of what turning the spin over costs: from the energies of both states.
pub fn dense_field(
    patterns: &[Vec<f64>],
    interaction: impl Fn(f64) -> f64,
    s: &[f64],
    i: usize,
) -> f64 {
    let (mut up, mut down) = (s.to_vec(), s.to_vec());
    (up[i], down[i]) = (1.0, -1.0);
    0.5 * (dense_energy(patterns, &interaction, &down) - dense_energy(patterns, &interaction, &up))
}
