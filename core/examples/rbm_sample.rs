//! Samples from an RBM of 4 visible units and 2 hidden units, and compares the frequencies with the exact distribution.
//!
//! `cargo run --package bitspin-core --example rbm_sample`

use bitspin_core::rbm::Shape;
use bitspin_core::rbm::compact::{Buffers, NumberFormat, WeightFormat};
use bitspin_core::{Bits, CompactRbm, Error, Purpose, RbmChain, Streams};

/// Weights in 1/16, a row per visible unit: hidden unit 0 sets the first pair of visible units, hidden unit 1 the second.
static CODES: [u8; 8] = [64, 0, 64, 0, 0, 64, 0, 64];
static VISIBLE_BIAS: [i16; 4] = [-32; 4];
static HIDDEN_BIAS: [i16; 2] = [-64; 2];

const STEPS: u32 = 20_000;

fn main() -> Result<(), Error> {
    let format = NumberFormat {
        weights: WeightFormat::I8,
        weight_scale: 1,
        fraction_bits: 4,
    };
    let buffers = Buffers {
        codes: &CODES,
        visible_bias: &VISIBLE_BIAS[..],
        hidden_bias: &HIDDEN_BIAS[..],
    };
    let model = CompactRbm::new(Shape::new(4, 2)?, format, buffers)?;
    let rng = Streams::new(1, Purpose::Chains).next_chain();
    let mut chain = RbmChain::<4, 1>::owned(&model, rng)?;
    chain.randomise();

    // p(v) = exp(-F(v)) / Z, with F in 2^-16 nat.
    let mut exact = [0.0; 16];
    let mut fields = [0; 2];
    for (state, weight) in (0_u64..).zip(&mut exact) {
        let visible = Bits::new(4, [state])?;
        let free_energy = model.free_energy_fixed(&visible, &mut fields)?;
        *weight = (-(free_energy as f64) / 65_536.0).exp();
    }
    let z: f64 = exact.iter().sum();

    let mut counts = [0_u32; 16];
    for _ in 0..STEPS {
        chain.step();
        counts[chain.visible().as_words()[0] as usize] += 1;
    }
    println!("state  sampled  exact");
    let mut distance = 0.0;
    for (state, (&count, weight)) in counts.iter().zip(exact).enumerate() {
        let (sampled, p) = (f64::from(count) / f64::from(STEPS), weight / z);
        println!("{state:04b}   {sampled:.4}   {p:.4}");
        distance += (sampled - p).abs() / 2.0;
    }
    println!("total variation distance {distance:.4}");
    assert!(distance < 0.03);
    Ok(())
}
