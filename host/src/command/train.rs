//! `bitspin rbm train`.

pub(super) mod checkpoints;
mod output;
pub(super) mod presets;
mod run;
mod watched;

use bitspin::data::{Dataset, PackedImages, Table};
use bitspin::interrupt::Interrupt;
use bitspin::output::RunLock;
use bitspin::train::{Trainer, TrainingData, initial_parameters, initial_visible_bias};
use bitspin_core::rng::Purpose;

use super::{CommandError, at_least_one, load_data};
use crate::cli::{Train, VisibleBias, threads};
use checkpoints::{Checkpoints, Resumed};
use output::FILES;
use presets::{Defaults, settings};
use run::{Kept, Run};
use watched::{Evaluation, Gaps};

/// Trains, and writes what came of it.
pub(crate) fn run(options: &Train) -> Result<(), CommandError> {
    if let Some(every) = options.checkpoint_every {
        at_least_one("--checkpoint-every", every, usize::MAX)?;
    }
    let Some(directory) = &options.resume else {
        return begin(options, None, None);
    };
    let (options, resumed, lock) = Resumed::read(options, directory)?;
    begin(&options, Some(&resumed), Some(lock))
}

/// Begins a run, or goes on with one.
fn begin(
    options: &Train,
    resumed: Option<&Resumed>,
    lock: Option<RunLock>,
) -> Result<(), CommandError> {
    if options.label.labels.is_some() {
        return super::labels::train(options, resumed, lock);
    }
    if let Some(patience) = options.patience {
        at_least_one("--patience", patience, usize::MAX)?;
    }
    let is_table = options.data.data.as_deref().is_some_and(Table::is_named);
    let preset = Defaults::of(options.preset);
    let epochs = options
        .epochs
        .unwrap_or(if is_table { 200 } else { preset.epochs });
    at_least_one("--epochs", epochs, usize::MAX)?;
    if let Some(hidden) = options.hidden {
        at_least_one("--hidden", hidden, bitspin_core::rbm::MAX_UNITS)?;
    }
    if let Some(every) = options.evaluate_every {
        at_least_one("--evaluate-every", every, usize::MAX)?;
    }
    let batch = (options.batch).unwrap_or(if is_table { 16 } else { preset.settings.batch });
    let mut settings = settings(options, (epochs, batch), threads(options.threads))?;
    settings.check(None)?;
    let output = checkpoints::output(options, &FILES, lock)?;
    let data = load_data(&options.data)?;
    let images = &data.train.images;
    if options.batch.is_none() {
        settings.batch = settings.batch.min(images.count());
    }
    let hidden = options.hidden.unwrap_or(match &data.columns {
        Some(columns) => (columns.len() / 6).max(1),
        None => 500,
    });
    let visible_bias = options.visible_bias.unwrap_or(preset.visible_bias);
    let (visible, momentum) = (images.pixels_per_image(), options.momentum > 0.0);
    super::memory::ensure("the weights", visible * hidden, training_bytes(momentum))?;
    let options = &presets::resolved(options, &settings, hidden, visible_bias);
    let (trainer, unmeasured, metrics, best) = match resumed {
        Some(resumed) => {
            let (state, unmeasured, metrics, best): Kept = resumed.body(&data)?;
            let trainer = Trainer::resume(state, images.count(), settings.clone());
            let trainer = trainer.map_err(|error| resumed.refuse(error))?;
            let expected = (images.pixels_per_image(), hidden);
            resumed.check_shape(&trainer.parameters(), expected)?;
            if let Some(best) = &best {
                resumed.check_shape(&best.parameters, expected)?;
            }
            (trainer, unmeasured, metrics, best)
        }
        None => {
            let mut initial = initial_parameters(images.pixels_per_image(), hidden, options.seed);
            if visible_bias == VisibleBias::Data {
                initial.visible_bias = initial_visible_bias(&means(&data, options));
            }
            let trainer = Trainer::new(&initial, images.count(), settings.clone())?;
            (trainer, None, Vec::new(), None)
        }
    };
    let interrupt = Interrupt::install();
    interrupt.save_results();
    let mut run = Run {
        options,
        hidden,
        epochs,
        settings,
        filling: Gaps::of(&data, options),
        evaluation: Evaluation::new(&data, options),
        trainer,
        measured: metrics.len(),
        metrics,
        unmeasured,
        best,
        checkpoints: Checkpoints::new(options, &data),
        interrupt,
    };
    super::tell_notes();
    if !options.json {
        if resumed.is_some() {
            super::print(&checkpoints::resumed(run.trainer.epochs(), epochs));
        }
        super::print(&run.headline(&data));
    }
    let interrupted = run.epochs(images)?;
    run.write(&data, output)?;
    match interrupted {
        true => Err(checkpoints::interrupted(options, run.metrics.len())),
        false => Ok(()),
    }
}

/// Bytes that training takes for each weight: the parameter, its two integer copies, a gradient, and with momentum a velocity.
pub(super) fn training_bytes(momentum: bool) -> usize {
    if momentum { 16 } else { 12 }
}

/// How often each visible unit is set in the training data, as these are binarised.
pub(super) fn means(data: &Dataset, options: &Train) -> Vec<f32> {
    let (images, how) = (&data.train.images, options.data.binarise());
    let units = images.pixels_per_image();
    let packed;
    let data = match how.is_random() {
        true => TrainingData::Grey(images.pixels()),
        false => {
            packed = PackedImages::new(images, how, 0, Purpose::Evaluation);
            TrainingData::Packed(packed.bits())
        }
    };
    data.means(units).expect("a data set has whole images")
}
