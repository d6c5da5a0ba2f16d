//! Runs that are interrupted at any minibatch, saved, and resumed with another number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use bitspin::Control;
use bitspin::data::{Dataset, Split};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::LabelledParameters;
use bitspin::train::checkpoint::{Checkpoint, DataIdentity, Head, RunIdentity, seal};
use bitspin::train::{
    Objective, RateSchedule, Settings, Trainer, TrainingData, TrainingRows, initial_parameters,
};
use bitspin_core::fixed::MAX_FRACTION_BITS;
use bitspin_core::rbm::train::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

const IMAGES: usize = 230;
const EPOCHS: usize = 3;
/// After how many minibatches each part of a run is interrupted: the first, one inside an epoch, the last of an epoch, of
/// one that was interrupted before, and again at once. Later parts run to the end of their epochs.
const STOPS: [usize; 5] = [1, 2, 4, 1, 1];

fn digits() -> Split {
    let mut train = Dataset::load(None).unwrap().train;
    let _ = train.split_off(IMAGES);
    train
}

/// What comes back of a state from a file.
fn written_down<S: Serialize + DeserializeOwned>(state: S) -> S {
    let data = DataIdentity::of(&Dataset::load(None).unwrap());
    let head = Head {
        options: vec![],
        data_path: None,
        data,
        run: RunIdentity::new(&[], &data),
        replaces: None,
        finished: false,
    };
    let checkpoint = Checkpoint::from_bytes(&seal(&head, &state)).unwrap();
    checkpoint.body().unwrap()
}

/// Calls `part` with an interrupt and a progress that sets it after so many minibatches.
fn interrupted_after<T>(stop: Option<&usize>, part: impl FnOnce(Control<'_>) -> T) -> T {
    let interrupt = Interrupt::manual();
    let seen = AtomicUsize::new(0);
    let progress = |_: u64| {
        if Some(&(seen.fetch_add(1, Ordering::Relaxed) + 1)) == stop {
            interrupt.set();
        }
    };
    part(Control::new().interrupt(&interrupt).progress(&progress))
}

#[test]
fn a_run_goes_on_as_if_nothing_had_happened() {
    let split = digits();
    let data = TrainingData::Grey(split.images.pixels());
    let plain = Settings {
        batch: 50,
        epochs: EPOCHS,
        ..Settings::default()
    };
    let settings = [
        Settings {
            last_batch: Some(20),
            momentum: 0.5,
            weight_decay: 0.001,
            steps: 2,
            ..plain.clone()
        },
        // Weights that outgrow their format during an epoch.
        Settings {
            learning_rate: 4.0,
            method: Method::Persistent,
            ..plain.clone()
        },
        // And weights that have room for more of it during an epoch, which they take at its end.
        Settings {
            weight_decay: 2.0,
            ..plain.clone()
        },
        Settings {
            batch: 64,
            last_batch: Some(100),
            centred: true,
            method: Method::Persistent,
            schedule: RateSchedule::Linear { last: 0.0 },
            last_steps: Some(3),
            momentum: 0.5,
            ..plain
        },
    ];
    for (case, settings) in settings.into_iter().enumerate() {
        let mut initial = initial_parameters(784, 200, 3);
        if case == 2 {
            initial.w.iter_mut().for_each(|w| *w *= 5.0);
        }
        let mut room = false;
        let mut whole = Trainer::new(&initial, IMAGES, settings.clone()).unwrap();
        let mut errors = vec![];
        for _ in 0..EPOCHS {
            let summary = whole.epoch(data).unwrap();
            assert!(!summary.interrupted && summary.images == IMAGES);
            errors.push(summary.reconstruction_mse);
        }
        if case == 1 {
            assert!(
                whole.fraction_bits() < MAX_FRACTION_BITS,
                "the format changed"
            );
        }
        let mut run = Trainer::new(&initial, IMAGES, settings.clone()).unwrap();
        let mut found = vec![];
        let mut stops = STOPS.iter();
        let mut parts = 0;
        while run.epochs() < EPOCHS {
            let summary =
                interrupted_after(stops.next(), |control| run.epoch_with(data, control)).unwrap();
            assert_eq!(summary.interrupted, summary.images < IMAGES);
            if !summary.interrupted {
                found.push(summary.reconstruction_mse);
            }
            parts += 1;
            let other = Settings {
                threads: 1 + parts % 4,
                ..settings.clone()
            };
            if summary.interrupted {
                let afresh = Trainer::new(&run.parameters(), IMAGES, settings.clone()).unwrap();
                room |= afresh.fraction_bits() > run.fraction_bits();
            }
            let state = run.state();
            let back = written_down(state.clone());
            assert!(back == state, "a state is written down exactly");
            run = Trainer::resume(back, IMAGES, other).unwrap();
            assert!(run.state() == state, "a state comes back whole");
        }
        assert!(parts > EPOCHS + 2, "it was interrupted");
        assert!(room || case != 2, "there was no room");
        assert!(run.state() == whole.state(), "case {case}");
        assert!(run.parameters() == whole.parameters());
        assert_eq!(found, errors);
    }
}

#[test]
fn an_epoch_that_was_interrupted_keeps_its_minibatches_in_a_longer_run() {
    let split = digits();
    let data = TrainingData::Grey(split.images.pixels());
    let of = |epochs, threads| Settings {
        batch: 20,
        last_batch: Some(100),
        epochs,
        method: Method::Persistent,
        threads,
        ..Settings::default()
    };
    let initial = initial_parameters(784, 70, 3);
    let mut whole = Trainer::new(&initial, IMAGES, of(2, 3)).unwrap();
    let mut run = Trainer::new(&initial, IMAGES, of(2, 1)).unwrap();
    for epoch in 0..2 {
        whole.epoch(data).unwrap();
        let summary = interrupted_after((epoch == 1).then_some(&1), |control| {
            run.epoch_with(data, control)
        });
        assert_eq!(summary.unwrap().images, [IMAGES, 100][epoch]);
    }
    // Of five epochs the second has minibatches of 40.
    let mut run = Trainer::resume(written_down(run.state()), IMAGES, of(5, 2)).unwrap();
    run.epoch(data).unwrap();
    assert!(run.state() == whole.state());
}

#[test]
fn a_run_with_labels_goes_on_as_if_nothing_had_happened() {
    let split = digits();
    let labels = split.labels.unwrap();
    let rows = TrainingRows {
        binary: TrainingData::Grey(split.images.pixels()),
        categories: &labels,
    };
    for (objective, method, learning_rate, weight_decay) in [
        (Objective::Hybrid(0.5), Method::Persistent, 0.1, 0.001),
        (
            Objective::Generative,
            Method::ContrastiveDivergence,
            4.0,
            0.001,
        ),
        // Weights that have room for more fraction bits during an epoch, which they take in the next.
        (
            Objective::Discriminative,
            Method::ContrastiveDivergence,
            0.1,
            2.0,
        ),
    ] {
        let settings = Settings {
            objective,
            batch: 50,
            epochs: EPOCHS,
            learning_rate,
            schedule: RateSchedule::Cosine { last: 0.01 },
            momentum: 0.9,
            weight_decay,
            last_steps: Some(2),
            method,
            seed: 4,
            threads: 2,
            ..Settings::default()
        };
        let mut pixels = initial_parameters(784, 200, 3);
        if weight_decay > 1.0 {
            pixels.w.iter_mut().for_each(|w| *w *= 5.0);
        }
        let initial = LabelledParameters::new(&pixels, 10);
        let mut whole = Trainer::new(&initial, IMAGES, settings.clone()).unwrap();
        let mut figures = vec![];
        for _ in 0..EPOCHS {
            let epoch = whole.epoch(rows).unwrap();
            figures.push(epoch.classification);
        }
        let mut run = Trainer::new(&initial, IMAGES, settings.clone()).unwrap();
        let mut found = vec![];
        let mut stops = STOPS.iter();
        let mut parts = 0;
        while run.epochs() < EPOCHS {
            let epoch =
                interrupted_after(stops.next(), |control| run.epoch_with(rows, control)).unwrap();
            if !epoch.interrupted {
                found.push(epoch.classification);
            }
            parts += 1;
            let other = Settings {
                threads: 1 + parts % 4,
                ..settings.clone()
            };
            let state = run.state();
            run = Trainer::resume(written_down(state.clone()), IMAGES, other).unwrap();
            assert!(run.state() == state, "a state comes back whole");
        }
        assert!(parts > EPOCHS + 2, "it was interrupted");
        assert!(run.state() == whole.state(), "{objective}");
        assert_eq!(found, figures);
    }
}

#[test]
fn states_of_other_settings_are_refused() {
    let initial = initial_parameters(784, 70, 3);
    let settings = Settings {
        batch: 50,
        ..Settings::default()
    };
    let state = Trainer::new(&initial, IMAGES, settings.clone())
        .unwrap()
        .state();
    let of = |images, settings| Trainer::resume(state.clone(), images, settings);
    assert!(of(IMAGES, settings.clone()).is_ok());
    assert!(of(IMAGES + 1, settings.clone()).is_err());
    assert!(
        of(
            IMAGES,
            Settings {
                batch: 49,
                ..settings.clone()
            }
        )
        .is_err()
    );
    assert!(
        of(
            IMAGES,
            Settings {
                centred: true,
                ..settings
            }
        )
        .is_err()
    );
}
