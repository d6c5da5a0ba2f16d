//! Trains an RBM by contrastive divergence in buffers of fixed size, as on a microcontroller: integers only, no allocator.
//!
//! `cargo run --package bitspin-core --example learn_on_device`

use bitspin_core::bits::words;
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::compact::{Buffers, LearnerBuffers};
use bitspin_core::{Bits, Error, Learner, Purpose, Streams};

const VISIBLE: usize = 16;
const HIDDEN: usize = 4;
/// The learning rate, 0.05 in 2^-16.
const RATE: u16 = 3277;

/// Four pictures of 4 x 4 pixels: two rows or two columns.
static EXAMPLES: [u64; 4] = [0x00ff, 0xff00, 0x3333, 0xcccc];

fn main() -> Result<(), Error> {
    // 2 bytes per weight; on a device these are statics or on the stack.
    let mut codes = [0; 2 * VISIBLE * HIDDEN];
    let (mut visible_bias, mut hidden_bias) = ([0; VISIBLE], [0; HIDDEN]);
    let (mut visible_norms, mut hidden_norms) = ([0; VISIBLE], [0; HIDDEN]);
    let mut scratch = [0; VISIBLE + 3 * HIDDEN];
    let mut states = [0; words(VISIBLE) + words(HIDDEN)];
    let buffers = LearnerBuffers {
        model: Buffers {
            codes: &mut codes,
            visible_bias: &mut visible_bias,
            hidden_bias: &mut hidden_bias,
        },
        visible_norms: &mut visible_norms,
        hidden_norms: &mut hidden_norms,
        scratch: &mut scratch,
        states: &mut states,
    };
    let mut learner = Learner::new(Shape::new(VISIBLE, HIDDEN)?, 11, buffers)?;
    let mut rng = Streams::new(1, Purpose::Training).next_chain();
    learner.scatter(40, &mut rng);

    let mut wrong = [0; 2];
    for pass in 1..=2_000 {
        let mut pixels = 0;
        for example in EXAMPLES {
            pixels += learner.step(&Bits::new(VISIBLE, [example])?, RATE, &mut rng)?;
        }
        if pass == 1 || pass % 500 == 0 {
            println!("pass {pass}: {pixels} of 64 reconstructed pixels wrong");
        }
        wrong[usize::from(pass > 1)] = pixels;
    }

    // What was learned is more likely than what was not: its free energy is lower.
    let model = learner.model();
    let mut fields = [0; HIDDEN];
    let mut free_energy =
        |state| model.free_energy_fixed(&Bits::new(VISIBLE, [state])?, &mut fields);
    let learned = free_energy(0x00ff)?;
    let other = free_energy(0x5a5a)?;
    println!(
        "free energy: {} nats learned, {} nats not",
        learned >> 16,
        other >> 16
    );
    assert!(wrong[1] < wrong[0] && learned < other);
    Ok(())
}
