//! `bitspin rbm train`.

mod checkpoints;
mod measure;
mod output;
mod presets;
mod run;
mod table;
mod watched;

use bitspin::BitMatrix;
use bitspin::data::{Dataset, Table};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::LabelledParameters;
use bitspin::output::RunLock;
use bitspin::train::{Layers, Trainer, TrainingData, initial_parameters, initial_visible_bias};
use bitspin_core::rng::Purpose;

use super::{CommandError, at_least_one, load_labelled_data};
use crate::cli::{Train, VisibleBias};
use checkpoints::{Checkpoints, Resumed};
use output::files;
use presets::{Defaults, settings};
use run::{Kept, Run};
use watched::{Evaluation, Gaps, Labels};

/// Trains and writes the results.
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

/// Starts or resumes a run.
fn begin(
    options: &Train,
    resumed: Option<&Resumed>,
    lock: Option<RunLock>,
) -> Result<(), CommandError> {
    let labelled = options.label.labels.is_some();
    for (option, value, most) in [
        ("--patience", options.patience, usize::MAX),
        ("--epochs", options.epochs, usize::MAX),
        ("--hidden", options.hidden, bitspin_core::rbm::MAX_UNITS),
        ("--evaluate-every", options.evaluate_every, usize::MAX),
    ] {
        value.map_or(Ok(()), |value| at_least_one(option, value, most))?;
    }
    let is_table = options.data.data.as_deref().is_some_and(Table::is_named);
    // A table has few rows, which take many short epochs, unless their labels are learned.
    let short = is_table && !labelled;
    let preset = Defaults::of(options);
    let epochs = (options.epochs).unwrap_or(if short { 200 } else { preset.epochs });
    let batch = (options.batch).unwrap_or(if short { 16 } else { preset.settings.batch });
    let mut settings = settings(options, (epochs, batch), options.run.threads())?;
    settings.check(None)?;
    let output = checkpoints::output(options, files(labelled), lock)?;
    let data = load_labelled_data(&options.data, options.label.labels.as_deref())?;
    let labels = labelled.then(|| Labels::of(&data)).transpose()?;
    let images = &data.train.images;
    if options.batch.is_none() {
        settings.batch = settings.batch.min(images.count());
    }
    settings.check(Some(images.count()))?;
    let hidden = options.hidden.unwrap_or(match &data.columns {
        Some(columns) if !labelled => (columns.len() / 6).max(1),
        _ => 500,
    });
    let visible_bias = options.visible_bias.unwrap_or(preset.visible_bias);
    let (pixels, momentum) = (images.pixels_per_image(), options.momentum > 0.0);
    let visible = pixels + labels.map_or(0, |labels| labels.classes);
    super::memory::ensure("the weights", visible * hidden, training_bytes(momentum))?;
    let options = &presets::resolved(options, &settings, hidden, visible_bias);
    let (trainer, unmeasured, metrics, best) = match resumed {
        Some(resumed) => {
            let (state, unmeasured, metrics, best): Kept = resumed.body(&data)?;
            let trainer = Trainer::resume(state, images.count(), settings.clone());
            let trainer = trainer.map_err(|error| resumed.refuse(error))?;
            resumed.check_shape(&trainer.parameters(), (visible, hidden))?;
            let starts = trainer.groups().starts();
            if labels.map_or(!starts.is_empty(), |_| starts != [pixels]) {
                return Err(resumed.refuse("expected the label units of the data"));
            }
            if let Some(best) = &best {
                resumed.check_shape(&best.parameters, (visible, hidden))?;
            }
            (trainer, unmeasured, metrics, best)
        }
        None => {
            let mut initial = initial_parameters(pixels, hidden, options.run.seed);
            if visible_bias == VisibleBias::Data {
                initial.visible_bias = initial_visible_bias(&means(&data, options));
            }
            let joint = labels.map(|labels| LabelledParameters::new(&initial, labels.classes));
            let layers = joint.as_ref().map_or(Layers::from(&initial), Layers::from);
            let trainer = Trainer::new(layers, images.count(), settings.clone())?;
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
        labels,
        filling: Gaps::of(&data, options, labels),
        evaluation: Evaluation::new(&data, options, labelled),
        trainer,
        measured: metrics.len(),
        metrics,
        unmeasured,
        best,
        checkpoints: Checkpoints::new(options, &data),
        interrupt,
    };
    super::tell_notes();
    if !options.run.json {
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

/// Bytes that training takes per weight: the parameter, its two integer copies, a gradient, and with momentum a
/// velocity.
fn training_bytes(momentum: bool) -> usize {
    if momentum { 16 } else { 12 }
}

/// Mean of each visible unit over the binarised training data.
fn means(data: &Dataset, options: &Train) -> Vec<f32> {
    let (images, how) = (&data.train.images, options.data.binarise());
    let units = images.pixels_per_image();
    let packed;
    let data = match how.is_random() {
        true => TrainingData::Grey(images.pixels()),
        false => {
            packed = BitMatrix::binarise(images, how, 0, Purpose::Evaluation);
            TrainingData::Packed(packed.bits())
        }
    };
    data.means(units).expect("a data set has whole images")
}
