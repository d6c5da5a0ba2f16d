//! Checkpoints of the right length and checksum with any content: a run continues from them for an epoch, or they are
//! refused.

use std::sync::atomic::{AtomicUsize, Ordering};

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::data::{Binarisation, Images};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::{LabelledParameters, RbmParameters};
use bitspin::train::checkpoint::{Checkpoint, DataIdentity, Head, MAGIC, RunIdentity, seal};
use bitspin::train::{Objective, Settings, Trainer, TrainerState, TrainingData, TrainingRows};
use bitspin_core::rbm::train::Method;
use bitspin_core::rng::Purpose;

/// Images that are learned from, and their pixels and classes.
const IMAGES: usize = 6;
const PIXELS: usize = 5;
const CLASSES: usize = 2;
const HIDDEN: usize = 3;

/// Visible units with labels.
const JOINT: usize = PIXELS + CLASSES;

/// Bytes before the head: the magic, the version, the length. Behind the body there are eight.
const BEFORE: usize = MAGIC.len() + 4 + 8;
const CHECKSUM: usize = 8;

fn pixels() -> Vec<u8> {
    (0..IMAGES * PIXELS)
        .map(|at| (at * 37 % 256) as u8)
        .collect()
}

fn plain() -> Settings {
    Settings {
        batch: 2,
        epochs: 3,
        momentum: 0.5,
        centred: true,
        method: Method::Persistent,
        ..Settings::default()
    }
}

fn labelled() -> Settings {
    Settings {
        objective: Objective::Hybrid(0.1),
        ..plain()
    }
}

const LABELS: [u8; IMAGES] = [0, 1, 0, 1, 1, 0];

/// Reads the bytes as they are, and with the length and the checksum that they should have.
///
/// # Panics
/// If a reader or a trainer does.
pub fn run(bytes: &[u8]) {
    go_on(bytes);
    let mut bytes = bytes.to_vec();
    if bytes.len() < BEFORE + CHECKSUM {
        return;
    }
    let length = (bytes.len() - BEFORE - CHECKSUM) as u64;
    bytes[BEFORE - 8..BEFORE].copy_from_slice(&length.to_le_bytes());
    let (content, sum) = bytes.split_at_mut(BEFORE + length as usize);
    let crc = crc::Crc::<u64>::new(&crc::CRC_64_XZ);
    sum.copy_from_slice(&crc.checksum(content).to_le_bytes());
    go_on(&bytes);
}

fn go_on(bytes: &[u8]) {
    let Ok(checkpoint) = Checkpoint::from_bytes(bytes) else {
        return;
    };
    let grey = pixels();
    let binary = TrainingData::Grey(&grey);
    let categories = &LABELS;
    for settings in [plain(), labelled()] {
        let Ok(state) = checkpoint.body::<TrainerState>() else {
            return;
        };
        let Ok(mut trainer) = Trainer::resume(state, IMAGES, settings) else {
            continue;
        };
        let _ = trainer.state();
        match trainer.parameters().visible {
            PIXELS => _ = trainer.epoch(binary),
            JOINT => _ = trainer.epoch(TrainingRows { binary, categories }),
            _ => {}
        }
    }
}

/// Does work with an interrupt that is set after `stop` minibatches.
fn stopped_after(stop: usize, work: impl FnOnce(Control<'_>)) {
    let (interrupt, seen) = (Interrupt::manual(), AtomicUsize::new(0));
    let stop = |_| {
        if seen.fetch_add(1, Ordering::Relaxed) + 1 == stop {
            interrupt.set();
        }
    };
    work(Control::new().interrupt(&interrupt).progress(&stop));
}

/// Checkpoints of both kinds of training, between epochs and within one.
///
/// # Panics
/// If a valid run does not train.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let images = Images::new(1, PIXELS, pixels()).expect("whole rows");
    let packed = BitMatrix::binarise(&images, Binarisation::Stochastic, 1, Purpose::Evaluation);
    let data = DataIdentity {
        size: [1, PIXELS],
        images: [IMAGES, 1],
        checksum: 7,
    };
    let head = Head {
        options: vec![
            ("lr".into(), "0.1".into()),
            ("labels".into(), String::new()),
        ],
        data_path: Some(b"toy.csv".to_vec()),
        data,
        run: RunIdentity::new(&[], &data),
        replaces: None,
        finished: false,
    };
    let initial = RbmParameters {
        visible: PIXELS,
        hidden: HIDDEN,
        w: (0..PIXELS * HIDDEN)
            .map(|at| 0.1 * at as f32 - 0.7)
            .collect(),
        visible_bias: vec![0.1; PIXELS],
        hidden_bias: vec![-0.1; HIDDEN],
    };
    let joint = LabelledParameters::new(&initial, CLASSES);
    let bits = TrainingData::Packed(packed.bits());
    let rows = TrainingRows {
        binary: bits,
        categories: &LABELS,
    };
    let mut seeds = Vec::new();
    // After an epoch, and after a minibatch.
    for stop in [usize::MAX, 1] {
        let mut trainer = Trainer::new(&initial, IMAGES, plain()).expect("a valid run");
        stopped_after(stop, |control| {
            trainer.epoch_with(bits, control).expect("an epoch");
        });
        seeds.push(seal(&head, &trainer.state()));
        let mut trainer = Trainer::new(&joint, IMAGES, labelled()).expect("a valid run");
        stopped_after(stop, |control| {
            trainer.epoch_with(rows, control).expect("an epoch");
        });
        seeds.push(seal(&head, &trainer.state()));
    }
    seeds
}
