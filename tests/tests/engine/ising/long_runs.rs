//! Long runs of what users run, against enumeration.

use bitspin::ising::sampling::{Estimate, Plan, Point, Sampler};
use bitspin::validate::transition::Family;

/// Binary places of a [`Family`].
const QUARTERS: f64 = 4.0;

fn graph(name: &str, units: usize, couplings: Vec<(usize, usize, i32)>) -> Family {
    Family {
        name: name.into(),
        couplings,
        fields: vec![0; units],
    }
}

/// Couplings of a lattice with periodic ends; where a side is 2 both neighbours on it are one, coupled twice as strongly.
fn lattice(rows: usize, columns: usize, w: impl Fn(usize, usize) -> i32) -> Family {
    let mut pairs = std::collections::BTreeMap::new();
    for i in 0..rows * columns {
        let (row, column) = (i / columns, i % columns);
        for j in [
            row * columns + (column + 1) % columns,
            (row + 1) % rows * columns + column,
        ] {
            let (a, b) = (i.min(j), i.max(j));
            *pairs.entry((a, b)).or_insert(0) += w(a, b);
        }
    }
    let couplings = pairs.into_iter().map(|((i, j), w)| (i, j, w));
    graph(
        &format!("{rows} x {columns}"),
        rows * columns,
        couplings.collect(),
    )
}

/// Thirty graphs of 3 to 16 spins.
fn graphs() -> Vec<Family> {
    let pairs = |n: usize| (0..n).flat_map(move |j| (0..j).map(move |i| (i, j)));
    let ring = |n: usize, w: i32| {
        let edges = (0..n).map(|i| (i.min((i + 1) % n), i.max((i + 1) % n), w));
        graph(&format!("ring of {n}"), n, edges.collect())
    };
    let complete = |n: usize, w: i32| {
        graph(
            &format!("complete graph of {n}"),
            n,
            pairs(n).map(|(i, j)| (i, j, w)).collect(),
        )
    };
    let bipartite = |a: usize, b: usize, w: i32| {
        let edges = (0..a).flat_map(|i| (a..a + b).map(move |j| (i, j, w)));
        graph(&format!("K({a},{b})"), a + b, edges.collect())
    };
    let ladder = |n: usize| {
        let across = (0..n).map(|i| (i, n + i, 4));
        let along = (0..2 * n)
            .filter(|i| (i + 1) % n != 0)
            .map(|i| (i, i + 1, 4));
        graph(
            &format!("ladder of {n}"),
            2 * n,
            across.chain(along).collect(),
        )
    };
    let chain = |n: usize| graph("chain", n, (1..n).map(|i| (i - 1, i, 4)).collect());
    let tree = |n: usize| graph("tree", n, (1..n).map(|i| ((i - 1) / 2, i, 4)).collect());
    let signs = |i: usize, j: usize| if (7 * i + 5 * j) % 6 < 3 { 4 } else { -4 };
    let plus = |_: usize, _: usize| 4;
    let glass = |n: usize, w: i32| {
        let edges = pairs(n).map(|(i, j)| (i, j, w * signs(i, j) / 4));
        graph("glass", n, edges.collect())
    };
    let in_fields = |mut family: Family| {
        let n = family.units();
        family.fields = (0..n).map(|i| (5 * i + 2) as i32 % 7 - 3).collect();
        family.name.push_str(" in fields");
        family
    };
    vec![
        ring(3, 4),
        ring(4, 4),
        ring(5, -4),
        ring(8, 4),
        ring(12, 4),
        ring(16, 4),
        complete(4, 4),
        complete(5, 4),
        complete(8, 1),
        complete(16, 1),
        complete(9, -2),
        bipartite(2, 4, 4),
        bipartite(3, 5, 2),
        bipartite(8, 8, 1),
        bipartite(1, 6, 4),
        bipartite(1, 15, -4),
        ladder(4),
        ladder(8),
        lattice(2, 2, plus),
        lattice(2, 3, plus),
        lattice(2, 8, plus),
        lattice(3, 3, plus),
        lattice(4, 4, plus),
        lattice(4, 4, signs),
        lattice(3, 5, |_, _| -4),
        graph("6 spins without couplings", 6, vec![]),
        in_fields(graph("7 spins without couplings", 7, vec![])),
        in_fields(chain(16)),
        tree(15),
        in_fields(glass(10, 2)),
    ]
}

/// `<E>` / N and `<|M|>` / N by enumeration.
fn exact(family: &Family, beta: f64) -> [f64; 2] {
    let n = family.units();
    let sums = (0..1 << n).fold([0.0; 3], |[z, e, m], state: usize| {
        let energy = family.energy(state) as f64 / QUARTERS;
        let magnetisation = (2.0 * f64::from(state.count_ones()) - n as f64).abs();
        let weight = (-beta * energy).exp();
        [z + weight, e + weight * energy, m + weight * magnetisation]
    });
    [sums[1], sums[2]].map(|sum| sum / sums[0] / n as f64)
}

fn points(family: &Family, sampler: Sampler, betas: &[f64]) -> Vec<Point> {
    let plan = Plan {
        model: family.sparse().unwrap().into(),
        betas: betas.to_vec(),
        sampler,
        sweeps: 2000,
        burn_in: 100,
        chains: 4,
        seed: 5,
    };
    plan.run(1).unwrap()
}

/// Null: means of energy and |M| over four chains of 2,000 sweeps are normal about what enumeration says, with the
/// standard errors that autocorrelation makes. 30 graphs x 7 temperatures and samplers x 2 means: one is beyond
/// 5.2 standard errors in 12,000 seeds.
#[test]
fn samplers_agree_with_enumeration_on_thirty_graphs() {
    let runs: [(Sampler, &[f64]); 4] = [
        (Sampler::Glauber, &[0.05, 0.3]),
        (Sampler::Metropolis, &[0.05, 0.3]),
        (Sampler::Wolff, &[0.3]),
        (Sampler::Tempering, &[0.3, 0.6]),
    ];
    let graphs = graphs();
    assert_eq!(graphs.len(), 30);
    for family in &graphs {
        for (sampler, betas) in runs {
            for point in points(family, sampler, betas) {
                let expected = exact(family, point.beta);
                for (found, expected) in [point.energy, point.magnetisation]
                    .into_iter()
                    .zip(expected)
                {
                    let Estimate { mean, error } = found;
                    let name = format!("{sampler:?}, {}, beta {}", family.name, point.beta);
                    assert!(error < 0.05, "{name}: not measured well, +- {error}");
                    let allowed = 5.2 * error + 1e-12;
                    assert!(
                        (mean - expected).abs() <= allowed,
                        "{name}: {mean} +- {error}, not {expected}"
                    );
                }
            }
        }
    }
}
