//! Finds the largest cut of a graph by simulated annealing.

use bitspin::ising::anneal::{Plan, anneal};
use bitspin::ising::{Couplings, Course, Schedule, UpdateRule};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A ring of nine vertices. Couplings of -1 favour ends on different sides of the cut: E = -sum w_ij s_i s_j.
    let edges: Vec<(u32, u32, f64)> = (0..9).map(|i| (i, (i + 1) % 9, -1.0)).collect();
    let model = Couplings::new(vec![0.0; 9], &edges)?;
    let plan = Plan {
        // Inverse temperatures from 0.1 to 5 in 200 sweeps.
        betas: Schedule::new(0.1, 5.0, 200, Course::Geometric)?.into(),
        rule: UpdateRule::default(),
        replicas: 4,
        starts: None,
        seed: 1,
    };
    let (found, _) = anneal(&model, &plan, 1)?;

    let lowest = found
        .iter()
        .map(|one| one.energy)
        .fold(f64::INFINITY, f64::min);
    let cut = (edges.len() as f64 - lowest) / 2.0;
    println!("energy {lowest}, {cut} of {} edges cut", edges.len());
    // A ring of odd length cannot be cut everywhere.
    assert_eq!((lowest, cut), (-7.0, 8.0));
    Ok(())
}
