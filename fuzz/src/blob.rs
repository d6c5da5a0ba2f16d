//! Firmware models: any bytes are read as one and, where they are one, it is used as a board does.

mod seeds;

pub use seeds::seeds;

use bitspin_core::bits::{Bits, tail_mask, words};
use bitspin_core::blob::{self, Blob, Ising};
use bitspin_core::hopfield::{Dynamics, Order};
use bitspin_core::ising::{Chain, Model, Temperature, UpdateRule};
use bitspin_core::network::{Energy, Network};
use bitspin_core::rbm::{compact, labels};
use bitspin_core::rng::{Purpose, Streams};

/// Spins of the largest network that is run.
const MOST_SPINS: usize = 1 << 12;

/// Reads the bytes as they are, and with the checksum that they should have, which a fuzzer does not guess.
///
/// # Panics
/// If something is wrong in `bitspin_core`: if it panics, or if a model has two blobs.
pub fn run(bytes: &[u8]) {
    let mut storage = vec![0_u64; bytes.len().div_ceil(8)];
    let aligned = &mut bytemuck::cast_slice_mut(&mut storage)[..bytes.len()];
    aligned.copy_from_slice(bytes);
    use_if_valid(aligned);
    if let Some((content, stated)) = aligned.split_last_chunk_mut() {
        let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
        *stated = crc.checksum(content).to_le_bytes();
        use_if_valid(aligned);
    }
}

fn use_if_valid(bytes: &[u8]) {
    let mut buffer = vec![0; bytes.len() / 8 + 1];
    let read = blob::read(&mut &bytes[..], &mut buffer);
    let Ok(model) = Blob::parse(bytes) else {
        // A blob that others follow is none by itself, but can be read.
        return;
    };
    assert_eq!(read, Ok(model));
    let mut written = Vec::new();
    model.write(&mut written).expect("a vector takes all");
    assert!(written == bytes, "a model with two blobs");
    use_model(&model);
}

fn use_model(model: &Blob<'_>) {
    match model {
        Blob::Patterns(memory) => recall(memory),
        Blob::CouplingsI16(couplings) => recall(couplings),
        Blob::CouplingsI8(couplings) => recall(couplings),
        Blob::CouplingsSign(couplings) => recall(couplings),
        Blob::Exponential(memory) => settle(memory),
        Blob::Rbm(model) => {
            let shape = model.shape();
            let visible = Bits::new(shape.visible(), full(shape.visible())).expect("whole words");
            let hidden = Bits::new(shape.hidden(), full(shape.hidden())).expect("whole words");
            let fields = vec![0; model.fields_len()];
            let rng = Streams::new(1, Purpose::Chains).next_chain();
            let mut chain = compact::Chain::new(model, visible, hidden, fields, rng)
                .expect("the lengths asked for");
            chain.step();
            _ = chain.free_energy_fixed();
            assert!(Bits::new(shape.visible(), chain.visible().as_words()).is_ok());
            assert!(Bits::new(shape.hidden(), chain.hidden().as_words()).is_ok());
        }
        Blob::Ising(model) => sweep(model),
        Blob::Labelled(model) => {
            let visible = Bits::new(model.pixels(), full(model.pixels())).expect("whole words");
            let mut fields = vec![0; model.rbm().shape().hidden()];
            let mut logits = vec![0; model.classes()];
            (model.logits(&visible, &mut fields, &mut logits)).expect("the lengths asked for");
            let most = logits[labels::class(&logits)];
            let energy = labels::energy_fixed(&logits);
            // ln of at most 2^16 terms, each at most that of the largest.
            assert!((most..most + (12 << 16)).contains(&-energy));
        }
        _ => unreachable!("a kind that is not run here"),
    }
}

/// Sweeps by both rules; the energy that a chain keeps up to date is the one that is counted anew.
fn sweep(model: &Ising<'_>) {
    let units = model.units();
    if units > MOST_SPINS {
        return;
    }
    let (mut state, mut fields) = (full(units), vec![0; units]);
    let bits = Bits::new(units, &mut state[..]).expect("whole words");
    let rng = Streams::new(1, Purpose::Chains).next_chain();
    let mut chain = Chain::new(model, bits, &mut fields, rng).expect("the lengths asked for");
    for (rule, beta) in [(UpdateRule::Glauber, 0.25), (UpdateRule::Metropolis, 10.0)] {
        let temperature = Temperature::new(beta, model.fraction_bits());
        chain.sweep(rule, temperature.expect("warm enough for 24 binary places"));
    }
    let energy = chain.energy();
    model.prepare(&state, &mut fields);
    assert_eq!(model.energy(&state, &fields), energy);
}

fn recall<N: Energy>(network: &N) {
    if network.units() > MOST_SPINS {
        return;
    }
    let mut state = full(network.units());
    let mut cache = vec![0; network.cache_len()];
    let state = Bits::new(network.units(), &mut state[..]).expect("whole words");
    let mut dynamics = Dynamics::new(network, state, &mut cache).expect("the lengths asked for");
    _ = dynamics.twice_energy();
    settle(network);
}

fn settle<N: Network>(network: &N) {
    if network.units() > MOST_SPINS {
        return;
    }
    let mut state = full(network.units());
    let mut cache = vec![0; network.cache_len()];
    let state = Bits::new(network.units(), &mut state[..]).expect("whole words");
    let mut dynamics = Dynamics::new(network, state, &mut cache).expect("the lengths asked for");
    dynamics.settle(Order::Ascending, 2);
    let mut scratch = vec![0; 2 * words(network.units())];
    dynamics
        .settle_synchronous(&mut scratch, 2)
        .expect("the length asked for");
}

/// So many set units.
fn full(units: usize) -> Vec<u64> {
    let mut vector = vec![u64::MAX; words(units)];
    if let Some(last) = vector.last_mut() {
        *last = tail_mask(units);
    }
    vector
}
