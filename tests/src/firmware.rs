//! The models that the firmware ships, made from the built-in digits, and what a desktop makes of the firmware's trials.

use std::fmt::Write;
use std::path::Path;

use bitspin::data::{Dataset, Images, Split};
use bitspin::firmware::{FirmwareIsing, rbm};
use bitspin::ising::file::{Couplings, Problem};
use bitspin::model_file::LabelledParameters;
use bitspin::train::{
    Objective, RateSchedule, Settings, Trainer, TrainingData, TrainingRows, initial_parameters,
};
use bitspin::validate::Random;
use bitspin_core::bits::Bits;
use bitspin_core::blob::{Blob, Ising, IsingWeights};
use bitspin_core::hopfield::{Diagonal, LearningRule, PatternMemory, Patterns};
use bitspin_core::ising::Sparse;
use bitspin_core::rbm::compact::{Buffers, CompactLabelled, CompactRbm, NumberFormat, quantise};
use bitspin_core::rbm::labels::energy_fixed;
use bitspin_core::rbm::train::Method;
use bitspin_core::rbm::{Parameters, Shape, WeightFormat};
use bitspin_trials::{
    CLASSES, EXAMPLES, GLASS, HIDDEN, LATTICE, Models, PIXELS, SIDE, classify, dream, ising, learn,
    score,
};

use crate::digits;

/// Digits that the RBM has not seen, in the blob of small digits.
const HELD_OUT: usize = 64;
/// Training digits that the threshold is taken from, and how many of them it calls anomalies.
const JUDGED: usize = 1_000;
const ABOVE: usize = 10;
/// Passes over the digits of the RBM with label units.
const LABEL_EPOCHS: usize = 20;
/// A small pixel is set where four pixels are together at least this bright.
const BRIGHT: u32 = 4 * 80;

/// Everything that the firmware ships.
pub struct Firmware {
    /// The Hopfield memory's blob.
    pub memory: Vec<u64>,
    /// The RBM's blob.
    pub rbm: Vec<u64>,
    /// The blob of the RBM with label units.
    pub labelled: Vec<u64>,
    /// The small digits' blob.
    pub digits: Vec<u64>,
    /// The ferromagnet's blob.
    pub lattice: Vec<u64>,
    /// The spin glass's blob.
    pub glass: Vec<u64>,
    /// A small memory's blob, to be damaged.
    pub small_patterns: Vec<u64>,
    /// A small RBM's blob, to be damaged.
    pub small_rbm: Vec<u64>,
    /// The same with label units.
    pub small_labelled: Vec<u64>,
    /// A small Ising model's blob, to be damaged.
    pub small_ising: Vec<u64>,
    /// The source with what a desktop finds.
    pub expected: String,
}

impl Firmware {
    /// Trains and builds all of it. Deterministic; about two seconds.
    ///
    /// # Panics
    /// If the built-in digits do not load.
    #[must_use]
    pub fn build() -> Self {
        let data = Dataset::load(None).expect("the built-in digits");
        let seen = shrunk(&data.train.images);
        let unseen = shrunk(&data.test.images.first(HELD_OUT));
        let words = PIXELS.div_ceil(64);
        let small = [&seen[..words * EXAMPLES], &unseen[..]].concat();
        let large = digits::patterns();
        let (rbm, threshold) = train(&seen);
        let memory = blob_of_patterns(28 * 28, large.bits());
        let digits = blob_of_patterns(PIXELS, &small);
        let classes = |split: &Split| split.labels.clone().expect("the built-in labels");
        let (labelled, energy_threshold) = train_labels(&seen, &classes(&data.train));
        let truth = &classes(&data.test)[..HELD_OUT];
        let (lattice, glass) = (ferromagnet(), spin_glass());
        let expected = source(&Models {
            memory: bytemuck::cast_slice(&memory),
            rbm: bytemuck::cast_slice(&rbm),
            digits: bytemuck::cast_slice(&digits),
            threshold,
            labelled: bytemuck::cast_slice(&labelled),
            energy_threshold,
            truth,
            lattice: bytemuck::cast_slice(&lattice),
            glass: bytemuck::cast_slice(&glass),
        });
        Self {
            memory,
            rbm,
            digits,
            small_patterns: blob_of_patterns(20, &[0xf0f0f, 0x33333, 0x5a5a5]),
            small_rbm: small_rbm(),
            small_ising: small_ising(),
            small_labelled: small_labelled(),
            labelled,
            lattice,
            glass,
            expected,
        }
    }

    /// The files, by their paths in `firmware-example/trials`.
    #[must_use]
    pub fn files(&self) -> [(&'static str, &[u8]); 11] {
        [
            ("models/memory.bsp", bytemuck::cast_slice(&self.memory)),
            ("models/rbm.bsp", bytemuck::cast_slice(&self.rbm)),
            ("models/digits.bsp", bytemuck::cast_slice(&self.digits)),
            (
                "models/small-patterns.bsp",
                bytemuck::cast_slice(&self.small_patterns),
            ),
            (
                "models/small-rbm.bsp",
                bytemuck::cast_slice(&self.small_rbm),
            ),
            ("models/lattice.bsp", bytemuck::cast_slice(&self.lattice)),
            ("models/glass.bsp", bytemuck::cast_slice(&self.glass)),
            ("models/labelled.bsp", bytemuck::cast_slice(&self.labelled)),
            (
                "models/small-labelled.bsp",
                bytemuck::cast_slice(&self.small_labelled),
            ),
            (
                "models/small-ising.bsp",
                bytemuck::cast_slice(&self.small_ising),
            ),
            ("src/expected.rs", self.expected.as_bytes()),
        ]
    }
}

/// Where the files are.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../firmware-example/trials"
    ))
}

/// Pictures of half the size, packed.
fn shrunk(images: &Images) -> Vec<u64> {
    let columns = images.columns();
    let mut bits = Vec::new();
    for image in images.iter() {
        let mut picture = [0; PIXELS.div_ceil(64)];
        for at in 0..PIXELS {
            let (row, column) = (2 * (at / SIDE), 2 * (at % SIDE));
            let pixel = |down, right| u32::from(image[(row + down) * columns + column + right]);
            let sum = pixel(0, 0) + pixel(0, 1) + pixel(1, 0) + pixel(1, 1);
            picture[at / 64] |= u64::from(sum >= BRIGHT) << (at % 64);
        }
        bits.extend(picture);
    }
    bits
}

fn written(blob: &Blob<'_>) -> Vec<u64> {
    let mut words = vec![0; blob.header().expect("a small model").blob_len() / 8];
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
    blob.write(&mut &mut bytes[..]).expect("room for it");
    words
}

fn blob_of_patterns(units: usize, bits: &[u64]) -> Vec<u64> {
    let patterns = Patterns::new(units, bits).expect("pictures");
    let memory = PatternMemory::new(patterns, LearningRule::Covariance, Diagonal::Kept);
    written(&Blob::Patterns(memory.expect("few patterns")))
}

/// 9 x 5 units, ternary weights: two bytes per row.
fn small_rbm() -> Vec<u64> {
    with_small_rbm(|rbm| written(&Blob::Rbm(rbm)))
}

/// The same, its last three visible units being labels.
fn small_labelled() -> Vec<u64> {
    with_small_rbm(|rbm| {
        let labelled = CompactLabelled::new(rbm, 3).expect("labels and pixels");
        written(&Blob::Labelled(labelled))
    })
}

fn with_small_rbm(body: impl FnOnce(CompactRbm<&[u8], &[i16]>) -> Vec<u64>) -> Vec<u64> {
    let codes: Vec<u8> = [0b01_11_00_01, 0b01].repeat(9);
    let buffers = Buffers {
        codes: &codes[..],
        visible_bias: &[30, -20, 10, 0, 50, -60, 70, -80, 90][..],
        hidden_bias: &[5, -5, 25, -25, 0][..],
    };
    let format = NumberFormat {
        weights: WeightFormat::Ternary,
        weight_scale: 100,
        fraction_bits: 7,
    };
    let shape = Shape::new(9, 5).expect("a shape");
    body(CompactRbm::new(shape, format, buffers).expect("a model"))
}

/// Couplings of 1 between neighbours on a torus.
fn ferromagnet() -> Vec<u64> {
    let site = |row: usize, column: usize| (row % LATTICE * LATTICE + column % LATTICE) as u32;
    let sites = (0..LATTICE).flat_map(|row| (0..LATTICE).map(move |column| (row, column)));
    let pairs = sites.flat_map(|(row, column)| {
        let here = site(row, column);
        [site(row, column + 1), site(row + 1, column)].map(|there| (here, there, 1.0))
    });
    small(LATTICE * LATTICE, pairs)
}

/// Couplings between all spins, uniform on -127..=127 in units of 1/128.
fn spin_glass() -> Vec<u64> {
    let mut random = Random::new(bitspin_trials::SEED);
    let pairs = (0..GLASS as u32).flat_map(|i| (i + 1..GLASS as u32).map(move |j| (i, j)));
    let pairs = pairs.map(|(i, j)| {
        let number = ((u64::from(random.bits32()) * 255) >> 32) as i32 - 127;
        (i, j, f64::from(number) / 128.0)
    });
    small(GLASS, pairs)
}

/// A ring of six spins with two fields, in sparse rows.
fn small_ising() -> Vec<u64> {
    let offsets = [0, 2, 4, 6, 8, 10, 12];
    let neighbours = [1, 5, 0, 2, 1, 3, 2, 4, 3, 5, 0, 4];
    let weights = [2, 2, 2, 2, 2, -1, -1, 2, 2, 2, 2, 2];
    let fields = [0, 1, 0, 0, -2, 0];
    let ring = Sparse::new(&offsets[..], &neighbours[..], &weights[..], &fields[..], 1);
    written(&Blob::Ising(Ising::SparseI8(ring.expect("a ring"))))
}

/// The blob of a model with couplings of 8 bits.
fn small(units: usize, pairs: impl Iterator<Item = (u32, u32, f64)>) -> Vec<u64> {
    let mut edges: Vec<_> = pairs
        .filter(|pair| pair.2 != 0.0)
        .map(|(i, j, w)| (i.min(j), i.max(j), w))
        .collect();
    edges.sort_unstable_by_key(|&(i, j, _)| (i, j));
    let model = Couplings {
        h: vec![0.0; units],
        edges,
        problem: Problem::Ising,
    };
    let model = FirmwareIsing::new(&model, IsingWeights::I8).expect("small couplings");
    written(&model.blob().expect("a valid model"))
}

/// Trains the RBM by persistent chains, quantises it to 8 bits, and says which free energy is too high.
fn train(bits: &[u64]) -> (Vec<u64>, i64) {
    let settings = Settings {
        learning_rate: 0.05,
        schedule: RateSchedule::Inverse { decay: 0.05 },
        weight_decay: 0.0002,
        method: Method::Persistent,
        seed: bitspin_trials::SEED,
        ..Settings::default()
    };
    let words = PIXELS.div_ceil(64);
    let initial = initial_parameters(PIXELS, HIDDEN, settings.seed);
    let mut trainer = Trainer::new(&initial, bits.len() / words, settings).expect("settings");
    for _ in 0..60 {
        let data = TrainingData::Packed(bits);
        trainer.epoch(data).expect("an epoch");
    }
    let floats = trainer.parameters();
    let shape = Shape::new(PIXELS, HIDDEN).expect("a shape");
    let (mut codes, mut visible, mut hidden) =
        (vec![0; PIXELS * HIDDEN], vec![0; PIXELS], vec![0; HIDDEN]);
    let parameters = Parameters {
        shape,
        w: &floats.w,
        visible_bias: &floats.visible_bias,
        hidden_bias: &floats.hidden_bias,
    };
    let mut buffers = Buffers {
        codes: &mut codes[..],
        visible_bias: &mut visible[..],
        hidden_bias: &mut hidden[..],
    };
    let format = quantise(&parameters, WeightFormat::I8, &mut buffers).expect("small weights");
    let buffers = Buffers {
        codes: &codes[..],
        visible_bias: &visible[..],
        hidden_bias: &hidden[..],
    };
    let rbm = CompactRbm::new(shape, format, buffers).expect("a model");
    let mut fields = [0; HIDDEN];
    let mut energies: Vec<i64> = bits
        .chunks_exact(words)
        .take(JUDGED)
        .map(|digit| {
            let digit = Bits::new(PIXELS, digit).expect("a digit");
            rbm.free_energy_fixed(&digit, &mut fields)
                .expect("the shape")
        })
        .collect();
    energies.sort_unstable();
    (written(&Blob::Rbm(rbm)), energies[JUDGED - ABOVE - 1])
}

/// Trains the RBM with label units, on what a digit is and a little on what digits look like, quantises it to 8 bits, and
/// says which energy is too high.
fn train_labels(bits: &[u64], labels: &[u8]) -> (Vec<u64>, i64) {
    let settings = Settings {
        objective: Objective::Hybrid(0.01),
        epochs: LABEL_EPOCHS,
        learning_rate: 0.2,
        schedule: RateSchedule::Inverse { decay: 0.05 },
        momentum: 0.9,
        weight_decay: 0.0002,
        method: Method::Persistent,
        seed: bitspin_trials::SEED,
        ..Settings::default()
    };
    let words = PIXELS.div_ceil(64);
    let initial = initial_parameters(PIXELS, HIDDEN, settings.seed);
    let initial = LabelledParameters::new(&initial, CLASSES);
    let trainer = Trainer::new(&initial, labels.len(), settings);
    let mut trainer = trainer.expect("settings");
    for _ in 0..LABEL_EPOCHS {
        let rows = TrainingRows {
            binary: TrainingData::Packed(bits),
            categories: labels,
        };
        trainer.epoch(rows).expect("an epoch");
    }
    let rbm = rbm::compact(&trainer.parameters(), WeightFormat::I8).expect("small weights");
    let model = CompactLabelled::new(rbm, CLASSES).expect("ten labels");
    let (mut fields, mut logits) = ([0; HIDDEN], [0; CLASSES]);
    let mut energies: Vec<i64> = bits
        .chunks_exact(words)
        .take(JUDGED)
        .map(|digit| {
            let digit = Bits::new(PIXELS, digit).expect("a digit");
            model
                .logits(&digit, &mut fields, &mut logits)
                .expect("the shape");
            energy_fixed(&logits)
        })
        .collect();
    energies.sort_unstable();
    (
        written(&Blob::Labelled(model.as_borrowed())),
        energies[JUDGED - ABOVE - 1],
    )
}

fn source(models: &Models<'_>) -> String {
    let exponentials = digits::exponentials();
    let dream = dream::run(models, &mut (), |_, _| ()).expect("the models");
    let ising = ising::run(models, &mut (), |_, _| ()).expect("the models");
    let score = score::run(models, &mut (), |_, _, _| ()).expect("the models");
    let classify = classify::run(models, &mut (), |_, _, _, _| ()).expect("the models");
    let store = learn::store(models, |_| ()).expect("the models");
    let learned = learn::contrast(models, &mut (), |_, _| ()).expect("the models");
    let mut text = format!(
        "//! What a desktop makes of the trials.
//!
//! Written by `cargo run -p bitspin-tests --bin firmware-models`; a test holds it to what that writes.

/// The free energy that 99 in 100 training digits are below, in 2^-16 nat.
pub const THRESHOLD: i64 = {};
/// The energy E(x) that 99 in 100 training digits are below, in 2^-16 nat.
pub const ENERGY_THRESHOLD: i64 = {};
/// What the digits that no model has seen are.
#[rustfmt::skip]
pub static TRUTH: [u8; {}] = {:?};
/// The digest of `classify`.
pub const CLASSIFY: u64 = {:#018x};
/// The digest of `dream`.
pub const DREAM: u64 = {:#018x};
/// The digest of `ising`.
pub const ISING: u64 = {:#018x};
/// The digest of `score`.
pub const SCORE: u64 = {:#018x};
/// The digest of `learn`'s memory.
pub const STORE: u64 = {:#018x};
/// The digest of `learn`'s RBM.
pub const LEARN: u64 = {:#018x};
/// exp(-2 beta k) in 31 binary places, beta = 1.
pub static EXPONENTIALS: [u32; {}] = [
   ",
        models.threshold,
        models.energy_threshold,
        models.truth.len(),
        models.truth,
        classify.digest,
        dream.digest,
        ising.digest,
        score.digest,
        store.digest,
        learned.digest,
        exponentials.len(),
    );
    for number in exponentials {
        write!(text, " {number},").expect("a string grows");
    }
    text + "\n];\n"
}
