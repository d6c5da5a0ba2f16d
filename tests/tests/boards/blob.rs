//! The firmware model format: its bytes, its streams, and what becomes of damaged bytes.

mod damage;
mod golden;
mod refused;
mod streams;

use bitspin::firmware::FirmwareIsing;
use bitspin::ising::file;
use bitspin::validate::Random;
use bitspin_core::bits::{Bits, tail_mask, words};
use bitspin_core::blob::{Blob, Ising, IsingWeights};
use bitspin_core::hopfield::{
    ClippedCouplings, Diagonal, Dynamics, ExponentialMemory, LearningRule, Order, PatternMemory,
    Patterns, exponential_table, exponential_table_len, learn,
};
use bitspin_core::ising::{Chain, Model as _, Temperature, UpdateRule};
use bitspin_core::network::{Couplings, Energy, Network};
use bitspin_core::rbm::compact::{self, Buffers, CompactLabelled, CompactRbm};
use bitspin_core::rbm::labels;
use bitspin_core::rbm::{Parameters, Shape, WeightFormat};
use bitspin_core::rng::{Purpose, Streams};

/// Bytes at a multiple of eight.
struct Bytes {
    words: Vec<u64>,
    len: usize,
}

impl Bytes {
    fn of(blob: &Blob<'_>) -> Self {
        let mut bytes = Vec::new();
        let len = blob.write(&mut bytes).expect("a vector takes all");
        assert_eq!(len, bytes.len());
        assert_eq!(blob.header().unwrap().blob_len(), len);
        Self::from(&bytes[..])
    }

    fn get(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }

    fn get_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.len]
    }

    fn parse(&self) -> Result<Blob<'_>, bitspin_core::Error> {
        Blob::parse(self.get())
    }

    /// Makes the last four bytes those that belong to the others. Fewer than four stay as they are.
    fn correct_checksum(&mut self) {
        if let Some((content, stated)) = self.get_mut().split_last_chunk_mut() {
            let mut crc = flate2::Crc::new();
            crc.update(content);
            *stated = crc.sum().to_le_bytes();
        }
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        let mut new = Self {
            words: vec![0; words(8 * bytes.len())],
            len: bytes.len(),
        };
        new.get_mut().copy_from_slice(bytes);
        new
    }
}

/// Blobs of patterns of two rules, of couplings of 16 and 8 bits, of an RBM in each format, of exponential patterns, of
/// couplings of one bit, of Ising models of 16 and 8 bits, dense and sparse, and of RBMs with label units. Random models of `units` spins or visible units and `others` patterns or hidden units.
fn blobs(units: usize, others: usize, seed: u64) -> Vec<Bytes> {
    let mut random = Random::new(seed);
    let stored = random.vectors(units, others);
    let patterns = Patterns::new(units, &stored[..]).unwrap();
    let mut blobs = Vec::new();
    for (rule, diagonal) in [
        (LearningRule::Hebb, Diagonal::Zero),
        (LearningRule::Covariance, Diagonal::Kept),
    ] {
        let memory = PatternMemory::new(patterns, rule, diagonal).unwrap();
        blobs.push(Bytes::of(&Blob::Patterns(memory)));
    }
    let (mut wide, mut narrow) = (vec![0_i16; units * units], vec![0_i8; units * units]);
    learn::hebb(&patterns, &mut wide).unwrap();
    learn::hebb(&patterns, &mut narrow).unwrap();
    let couplings = Couplings::new(units, &wide[..]).unwrap();
    blobs.push(Bytes::of(&Blob::CouplingsI16(couplings)));
    let couplings = Couplings::new(units, &narrow[..]).unwrap();
    blobs.push(Bytes::of(&Blob::CouplingsI8(couplings)));

    let mut floats = |count| -> Vec<f32> {
        let numbers = random.numbers(count, 1.0);
        numbers.iter().map(|&number| number as f32).collect()
    };
    let mut labelled = Vec::new();
    let (w, b, c) = (floats(units * others), floats(units), floats(others));
    let shape = Shape::new(units, others).unwrap();
    let parameters = Parameters {
        shape,
        w: &w,
        visible_bias: &b,
        hidden_bias: &c,
    };
    for weights in WeightFormat::ALL {
        let (mut codes, mut b, mut c) = (
            vec![0; units * weights.row_len(others)],
            vec![0; units],
            vec![0; others],
        );
        let mut buffers = Buffers {
            codes: &mut codes[..],
            visible_bias: &mut b[..],
            hidden_bias: &mut c[..],
        };
        let format = compact::quantise(&parameters, weights, &mut buffers).unwrap();
        let buffers = Buffers {
            codes: &codes[..],
            visible_bias: &b[..],
            hidden_bias: &c[..],
        };
        let model = CompactRbm::new(shape, format, buffers).unwrap();
        blobs.push(Bytes::of(&Blob::Rbm(model)));
        if matches!(weights, WeightFormat::I8 | WeightFormat::Sign) {
            let model = CompactLabelled::new(model, (units / 4).max(1)).unwrap();
            labelled.push(Bytes::of(&Blob::Labelled(model)));
        }
    }

    let beta = 0.3 + random.numbers(1, 1.0)[0].abs();
    let mut table = vec![0; exponential_table_len(beta)];
    exponential_table(beta, &mut table).unwrap();
    let memory = ExponentialMemory::new(patterns, &table[..]).unwrap();
    blobs.push(Bytes::of(&Blob::Exponential(memory)));
    let (mut rows, mut ties) = (vec![0; units * words(units)], vec![0; words(units)]);
    learn::clipped(&patterns, &mut rows, &mut ties).unwrap();
    let couplings = ClippedCouplings::new(units, &rows[..]).unwrap();
    blobs.push(Bytes::of(&Blob::CouplingsSign(couplings)));
    for model in isings(units, &mut random) {
        blobs.push(Bytes::of(&model.blob().unwrap()));
    }
    blobs.extend(labelled);
    blobs
}

/// Ising models of 16 and of 8 bits: all spins coupled, and each with its next in a ring (a matrix, if there are few).
fn isings(units: usize, random: &mut Random) -> [FirmwareIsing; 4] {
    let n = units as u32;
    let all = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
    let ring = (0..n).map(|i| (i.min((i + 1) % n), i.max((i + 1) % n)));
    let mut model = |mut pairs: Vec<_>, weights| {
        pairs.sort_unstable();
        let numbers = random.numbers(pairs.len() + units, 1.0);
        let (w, h) = numbers.split_at(pairs.len());
        let edges = pairs.iter().zip(w).map(|(&(i, j), &w)| (i, j, w));
        let model = file::Couplings {
            edges: edges.collect(),
            h: h.to_vec(),
            problem: file::Problem::Ising,
        };
        FirmwareIsing::new(&model, weights).unwrap()
    };
    let (all, ring): (Vec<_>, Vec<_>) = (all.collect(), ring.collect());
    [
        model(all.clone(), IsingWeights::I16),
        model(all, IsingWeights::I8),
        model(ring.clone(), IsingWeights::I16),
        model(ring, IsingWeights::I8),
    ]
}

/// Does with a model what a board does: recall; a Gibbs step and a free energy; sweeps.
fn run(blob: &Blob<'_>) {
    match blob {
        Blob::Patterns(memory) => recall(memory),
        Blob::CouplingsI16(couplings) => recall(couplings),
        Blob::CouplingsI8(couplings) => recall(couplings),
        Blob::CouplingsSign(couplings) => recall(couplings),
        Blob::Exponential(memory) => settle(memory),
        Blob::Rbm(model) => {
            let shape = model.shape();
            let visible = Bits::new(shape.visible(), full(shape.visible())).unwrap();
            let hidden = vec![0; words(shape.hidden())];
            let hidden = Bits::new(shape.hidden(), hidden).unwrap();
            let fields = vec![0; model.fields_len()];
            let rng = Streams::new(1, Purpose::Chains).next_chain();
            let mut chain = compact::Chain::new(model, visible, hidden, fields, rng).unwrap();
            chain.step();
            assert!(chain.free_energy_fixed().unsigned_abs() < 1 << 50);
            assert!(Bits::new(shape.visible(), chain.visible().as_words()).is_ok());
            assert!(Bits::new(shape.hidden(), chain.hidden().as_words()).is_ok());
        }
        Blob::Ising(model) => sweep(model),
        Blob::Labelled(model) => {
            let visible = Bits::new(model.pixels(), full(model.pixels())).unwrap();
            let mut fields = vec![0; model.rbm().shape().hidden()];
            let mut logits = vec![0; model.classes()];
            (model.logits(&visible, &mut fields, &mut logits)).unwrap();
            let energy = labels::energy_fixed(&logits);
            let best = logits[labels::class(&logits)];
            assert!(
                logits
                    .iter()
                    .all(|&logit| logit <= best && logit <= -energy)
            );
            assert!(energy.unsigned_abs() < 1 << 50);
        }
        _ => panic!("a kind that this test does not know"),
    }
}

/// Sweeps by both rules, hot and cold, and lets the state fall; the energy that is kept is the one that is counted.
fn sweep(model: &Ising<'_>) {
    let units = model.units();
    let (mut state, mut fields) = (full(units), vec![0; units]);
    let bits = Bits::new(units, &mut state[..]).unwrap();
    let rng = Streams::new(1, Purpose::Chains).next_chain();
    let mut chain = Chain::new(model, bits, &mut fields, rng).unwrap();
    for (rule, beta) in [(UpdateRule::Glauber, 0.5), (UpdateRule::Metropolis, 30.0)] {
        let temperature = Temperature::new(beta, model.fraction_bits()).unwrap();
        chain.sweep(rule, temperature);
    }
    chain.descend();
    let energy = chain.energy();
    let mut again = vec![0; units];
    model.prepare(&state, &mut again);
    assert_eq!(fields, again);
    assert_eq!(model.energy(&state, &again), energy);
    assert!(Bits::new(units, state).is_ok());
}

fn recall<N: Energy>(network: &N) {
    let mut state = full(network.units());
    let state = Bits::new(network.units(), &mut state[..]).unwrap();
    let mut cache = vec![0; network.cache_len()];
    Dynamics::new(network, state, &mut cache)
        .unwrap()
        .twice_energy();
    settle(network);
}

fn settle<N: Network>(network: &N) {
    let mut state = full(network.units());
    let state = Bits::new(network.units(), &mut state[..]).unwrap();
    let mut cache = vec![0; network.cache_len()];
    let mut dynamics = Dynamics::new(network, state, &mut cache).unwrap();
    dynamics.settle(Order::Ascending, 3);
    let mut scratch = vec![0; 2 * words(network.units())];
    dynamics.settle_synchronous(&mut scratch, 3).unwrap();
}

/// So many set units.
fn full(units: usize) -> Vec<u64> {
    let mut vector = vec![u64::MAX; words(units)];
    if let Some(last) = vector.last_mut() {
        *last = tail_mask(units);
    }
    vector
}
