//! The learning rate and the Gibbs steps over the epochs.

use std::sync::Mutex;

use bitspin::Control;
use bitspin::model_file::LabelledParameters;
use bitspin::train::{
    Objective, RateSchedule, Settings, Trainer, TrainingData, TrainingRows, initial_parameters,
};
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
        let settings = Settings {
            objective,
            batch: BATCH,
            learning_rate: 0.25,
            momentum: 0.5,
            weight_decay: 0.5,
            method: Method::Persistent,
            threads: 2,
            ..Settings::default()
        };
        let mut trainer = Trainer::new(&initial, images, settings).unwrap();
        let (data, labels) = (alike(images), vec![1; images]);
        for _ in 0..epochs {
            let rows = TrainingRows {
                binary: TrainingData::Packed(&data),
                categories: &labels,
            };
            trainer.epoch(rows).unwrap();
        }
        trainer.parameters()
    };
    for objective in [Objective::Hybrid(0.5), Objective::Discriminative] {
        let (within, apart) = (run(objective, 2 * BATCH, 1), run(objective, BATCH, 2));
        assert!(within == apart, "{objective}");
    }
}

/// The sizes of the minibatches of every epoch, and the trainer after them.
fn sizes(data: &[u64], settings: Settings, epochs: usize) -> (Vec<Vec<usize>>, Trainer) {
    let mut initial = initial_parameters(VISIBLE, HIDDEN, 5);
    initial.visible_bias.fill(BIAS);
    let mut trainer = Trainer::new(&initial, data.len() / 2, settings).unwrap();
    let epoch = |_| {
        let heard = Mutex::new(Vec::new());
        let progress = |size| heard.lock().unwrap().push(size as usize);
        let data = TrainingData::Packed(data);
        trainer
            .epoch_with(data, Control::new().progress(&progress))
            .unwrap();
        heard.into_inner().unwrap()
    };
    ((0..epochs).map(epoch).collect(), trainer)
}

/// No chain has a unit of such a bias set, whatever the weights come to.
const BIAS: f32 = -40.0;

#[test]
fn minibatches_go_from_the_first_size_to_the_last() {
    let settings = |batch, last_batch, threads| Settings {
        batch,
        last_batch,
        epochs: 3,
        learning_rate: 1.0 / 64.0,
        method: Method::Persistent,
        threads,
        ..Settings::default()
    };
    // All units are set: the mean gradient of a visible bias is 1, of however many samples.
    let data = [u64::MAX, (1 << (VISIBLE - 64)) - 1].repeat(60);
    for (batch, last, expected) in [
        (10, 30, [vec![10; 6], vec![20; 3], vec![30; 2]]),
        (30, 10, [vec![30; 2], vec![20; 3], vec![10; 6]]),
        // The middle has a rest, and more samples than one word has bits come.
        (20, 60, [vec![20; 3], vec![40, 20], vec![60]]),
        (50, 60, [vec![50, 10], vec![55, 5], vec![60]]),
    ] {
        let (heard, trainer) = sizes(&data, settings(batch, Some(last), 3), 3);
        assert_eq!(heard, expected);
        let minibatches = expected.iter().map(Vec::len).sum::<usize>();
        let moved = BIAS + minibatches as f32 / 64.0;
        for bias in &trainer.parameters().visible_bias {
            assert!((bias - moved).abs() < 1e-4, "{bias}, not {moved}");
        }
        for threads in [1, 2, 7] {
            let (_, other) = sizes(&data, settings(batch, Some(last), threads), 3);
            assert!(other.state() == trainer.state(), "{threads} threads");
        }
    }
}

#[test]
fn a_batch_that_stays_is_no_schedule() {
    let data = alike(90);
    let run = |batch, last_batch, epochs, method, centred| {
        let settings = Settings {
            batch,
            last_batch,
            epochs: 3,
            method,
            centred,
            momentum: 0.5,
            threads: 2,
            ..Settings::default()
        };
        trained(TrainingData::Packed(&data), 90, settings, epochs)
    };
    for method in [Method::ContrastiveDivergence, Method::Persistent] {
        for centred in [false, true] {
            let run = |batch, last, epochs| run(batch, last, epochs, method, centred);
            assert!(run(20, Some(20), 3) == run(20, None, 3));
            // The first epoch is that of its batch, whether later ones are smaller or take more than a word of samples.
            let first = run(20, None, 1);
            assert!(run(20, Some(10), 1) == first && run(20, Some(90), 1) == first);
            assert!(run(20, Some(90), 2) != run(20, None, 2));
            assert!(run(20, Some(90), 3) != run(20, Some(70), 3));
        }
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
