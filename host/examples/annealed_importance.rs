//! Estimates ln Z of an RBM by annealed importance sampling, and compares it with enumeration.

use bitspin::evaluate::{self, Ais, AisSettings, BaseRate};
use bitspin::train::initial_parameters;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // 30 x 12 units, small enough to be enumerated; weights of standard deviation 0.3.
    let mut model = initial_parameters(30, 12, 1);
    model.w.iter_mut().for_each(|w| *w *= 30.0);

    // Chains are annealed from a model without weights to this one.
    let base = BaseRate::of_model(&model);
    let settings = AisSettings {
        chains: 100,
        betas: 1000,
        ..AisSettings::default()
    };
    let found = Ais::new(&model, &base, settings)?.forward()?;

    let exact = evaluate::ln_z(&model, 1)?;
    println!("ln Z: {:.3} +- {:.3}", found.ln_z, found.standard_error);
    println!("exact: {exact:.3}");
    let error = (found.ln_z - exact).abs();
    assert!(error < 0.02 + 5.0 * found.standard_error, "off by {error}");
    Ok(())
}
