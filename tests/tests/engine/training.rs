//! Training: what its options do, held to runs that do the same by other means.

mod interrupted;
mod penalties;
mod schedules;

use bitspin::model_file::RbmParameters;
use bitspin::train::{Settings, Trainer, TrainingData, initial_parameters};

const VISIBLE: usize = 70;
const HIDDEN: usize = 90;

/// The parameters after so many epochs.
fn trained(
    data: TrainingData<'_>,
    images: usize,
    settings: Settings,
    epochs: usize,
) -> RbmParameters {
    let initial = initial_parameters(VISIBLE, HIDDEN, 5);
    let mut trainer = Trainer::new(&initial, images, settings).unwrap();
    for _ in 0..epochs {
        trainer.epoch(data).unwrap();
    }
    trainer.parameters()
}
