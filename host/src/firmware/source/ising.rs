//! The golden vectors and the check of an Ising model's source file.

use super::{add, begin_check, end_check, numbers, states};
use crate::firmware::golden::IsingVectors;

pub(super) fn write(text: &mut String, vectors: &IsingVectors, units: usize) {
    let IsingVectors {
        seed,
        beta,
        sweeps,
        digest,
        ..
    } = vectors;
    add(
        text,
        format_args!(
            "/// What the desktop makes of the model: chains of Glauber's dynamics from random states. Packed spins, spin i in bit
/// i % 64 of word i / 64, set for +1.
pub mod golden {{
    /// Chain k draws from chain k of `Streams::new(SEED, Purpose::Chains)`.
    pub const SEED: u64 = {seed};
    /// The inverse temperature.
    pub const BETA: f64 = {beta:?};
    /// Sweeps a chain, spins in ascending order.
    pub const SWEEPS: u32 = {sweeps};
    /// FNV-1a over the states of all chains after every sweep.
    pub const DIGEST: u64 = {digest:#018x};\n"
        ),
    );
    let after = "States after the last sweep.";
    states(text, after, "STATES", &vectors.states);
    let (name, energies) = ("ENERGIES", &vectors.energies);
    let what = "Their energies, in units of the model's last binary place.";
    numbers(text, what, name, "i64", energies);
    let words = units.div_ceil(64);
    begin_check(text, "Walks the golden chains");
    add(
        text,
        format_args!(
            "    use bitspin_core::bits::Bits;
    use bitspin_core::blob::Blob;
    use bitspin_core::ising::{{Chain, Model, Temperature, UpdateRule}};
    use bitspin_core::rng::{{Purpose, Streams}};

    let Ok(Blob::Ising(model)) = Blob::parse(MODEL) else {{
        return Err(\"the model's bytes\");
    }};
    let Ok(temperature) = Temperature::new(golden::BETA, model.fraction_bits()) else {{
        return Err(\"the temperature\");
    }};
    let mut streams = Streams::new(golden::SEED, Purpose::Chains);
    let (mut state, mut fields) = ([0; {words}], [0; {units}]);
    let mut digest = DIGEST_START;
    for (expected, energy) in golden::STATES.iter().zip(golden::ENERGIES) {{
        let Ok(bits) = Bits::new({units}, &mut state[..]) else {{
            return Err(\"a state\");
        }};
        let Ok(mut chain) = Chain::new(&model, bits, &mut fields, streams.next_chain()) else {{
            return Err(\"the length of a buffer\");
        }};
        chain.randomise();
        for _ in 0..golden::SWEEPS {{
            chain.sweep(UpdateRule::Glauber, temperature);
            digest = add_to_digest(digest, chain.state().as_words());
        }}
        if chain.energy() != energy {{
            return Err(\"an energy after the last sweep\");
        }}
        if state != *expected {{
            return Err(\"a state after the last sweep\");
        }}
    }}
"
        ),
    );
    end_check(text, "states");
}
