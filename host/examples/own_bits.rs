//! Trains an RBM on bits in memory, samples from it, and measures both.

use bitspin::train::{Settings, Trainer, initial_parameters};
use bitspin::{BitMatrix, Chains, engine::engine, evaluate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // 512 rows of eight units in four pairs; the units of a pair are equal.
    let row = |k: usize| [0, 0, 1, 1, 2, 2, 3, 3].map(|pair| k >> pair & 1 == 1);
    let bits = BitMatrix::from_rows(&(0..512).map(row).collect::<Vec<_>>())?;
    let settings = Settings {
        learning_rate: 0.5,
        ..Settings::default()
    };
    let mut trainer = Trainer::new(&initial_parameters(8, 8, 1), bits.count(), settings)?;
    for _ in 0..200 {
        trainer.epoch(&bits)?;
    }
    let model = trainer.parameters();
    // The best model gives each of the 16 patterns 1/16: -2.77 nats. Fair coins give -5.55.
    let ln_z = evaluate::ln_z(&model, 1)?;
    let nats = evaluate::log_likelihood(&model, ln_z, &bits, 1)?;
    println!("log-likelihood: {nats:.2} nats per row");
    assert!(nats > -3.2, "the model has not learned");
    let engine = engine(&model)?;
    let mut chains = Chains::from_noise(&engine, 200, 1);
    chains.run(&engine, 500, 1);
    let samples = chains.samples().to_rows();
    let equal = |row: &[bool]| row.chunks(2).filter(|pair| pair[0] == pair[1]).count();
    let share = samples.iter().map(|row| equal(row)).sum::<usize>() as f64 / 800.0;
    println!("pairs that agree in samples: {:.0}%", 100.0 * share);
    assert!(share > 0.9, "samples are not like the data");
    Ok(())
}

#[test]
fn trains_samples_and_measures() {
    main().unwrap();
}
