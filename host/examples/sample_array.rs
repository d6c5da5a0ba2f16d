//! Samples an RBM into an array, one row per chain, and compares the means of units with the exact ones.

use bitspin::model_file::RbmParameters;
use bitspin::{Chains, engine::engine};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // One hidden unit that turns three visible units on together: E = -v'Wh - b'v - c'h.
    let model = RbmParameters {
        visible: 3,
        hidden: 1,
        w: vec![3.0; 3],
        visible_bias: vec![-1.5; 3],
        hidden_bias: vec![-4.5],
    };
    let engine = engine(&model)?;
    let mut chains = Chains::from_noise(&engine, 4000, 1);
    // Gibbs steps; the number of threads does not change the samples.
    chains.run(&engine, 100, 2);

    let samples: Vec<Vec<bool>> = chains.samples().to_rows();
    println!("first sample: {:?}", samples[0]);
    for unit in 0..3 {
        let mean = samples.iter().filter(|row| row[unit]).count() as f64 / 4000.0;
        // n set units have p(v) ~ e^(-1.5 n) + e^(1.5 n - 4.5), the same as 3 - n have: every mean is 1/2.
        println!("mean of unit {unit}: {mean:.3}");
        assert!((mean - 0.5).abs() < 0.05, "five standard errors are 0.04");
    }
    Ok(())
}
