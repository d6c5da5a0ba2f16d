//! The learning rate and the Gibbs steps over the epochs.

use bitspin::interrupt::Interrupt;
use bitspin::model_file::LabelledParameters;
use bitspin::train::labels::{LabelSettings, LabelTrainer, Objective};
use bitspin::train::{RateSchedule, Settings, TrainingData, initial_parameters};
use bitspin_core::rbm::train::Method;

use super::{HIDDEN, VISIBLE, trained};

const BATCH: usize = 10;

/// Images that are all alike, so that their order says nothing.
fn alike(count: usize) -> Vec<u64> {
    [0x5555_3333_0f0f_00ff, 0x2a].repeat(count)
}

#[test]
fn a_rate_that_falls_within_an_epoch_is_that_of_as_many_epochs() {
    for method in [Method::ContrastiveDivergence, Method::Persistent] {
        for centred in [false, true] {
            let settings = Settings {
                batch: BATCH,
                learning_rate: 0.25,
                method,
                centred,
                momentum: 0.5,
                weight_decay: 0.5,
                threads: 2,
                ..Settings::default()
            };
            let linear = Settings {
                schedule: RateSchedule::Linear { last: 0.0 },
                ..settings.clone()
            };
            let inverse = Settings {
                schedule: RateSchedule::Inverse { decay: 1.0 },
                ..settings.clone()
            };
            // Of two minibatches the second learns at half the rate, whether an epoch has both or each has its own.
            let (one, two) = (alike(BATCH), alike(2 * BATCH));
            let within = trained(TrainingData::Packed(&two), 2 * BATCH, linear, 1);
            let apart = trained(TrainingData::Packed(&one), BATCH, inverse, 2);
            assert!(within == apart, "{method:?}, centred {centred}");
            let constant = trained(TrainingData::Packed(&one), BATCH, settings, 2);
            assert!(constant != apart);
        }
    }
}

/// The velocity moves parameters once a minibatch, and not once more where an epoch begins.
#[test]
fn two_minibatches_with_labels_are_one_epoch_or_two() {
    let initial = LabelledParameters::new(&initial_parameters(VISIBLE, HIDDEN, 5), 3);
    let run = |objective, images: usize, epochs| {
        let settings = LabelSettings {
            objective,
            batch: BATCH,
            learning_rate: 0.25,
            epochs: 1,
            schedule: RateSchedule::Inverse { decay: 0.0 },
            momentum: 0.5,
            weight_decay: 0.5,
            steps: 1,
            last_steps: None,
            method: Method::Persistent,
            seed: 1,
            threads: 2,
        };
        let mut trainer = LabelTrainer::new(&initial, images, settings).unwrap();
        let (data, labels) = (alike(images), vec![1; images]);
        for _ in 0..epochs {
            let data = TrainingData::Packed(&data);
            trainer
                .epoch(data, &labels, &Interrupt::manual(), &|_| ())
                .unwrap();
        }
        trainer.parameters()
    };
    for objective in [Objective::Hybrid(0.5), Objective::Discriminative] {
        let (within, apart) = (run(objective, 2 * BATCH, 1), run(objective, BATCH, 2));
        assert!(within == apart, "{objective}");
    }
}

#[test]
fn steps_grow_over_the_epochs() {
    let data = alike(BATCH);
    let run = |steps, last_steps, epochs| {
        let settings = Settings {
            batch: BATCH,
            steps,
            last_steps,
            epochs: 2,
            ..Settings::default()
        };
        trained(TrainingData::Packed(&data), BATCH, settings, epochs)
    };
    assert!(
        run(1, Some(4), 1) == run(1, None, 1),
        "the first epoch takes the first number"
    );
    assert!(run(1, Some(4), 2) != run(1, None, 2));
    assert!(
        run(1, Some(4), 2) != run(1, Some(3), 2),
        "the second takes the last"
    );
    assert!(run(2, Some(2), 2) == run(2, None, 2));
}
