//! `bitspin rbm train --labels`.

use std::collections::BTreeMap;

use bitspin::data::{Dataset, PackedImages};
use bitspin::display::shown;
use bitspin::engine::engine;
use bitspin::evaluate::{calibration::negative_log_likelihood, logits};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::{DataRecord, LabelledFile, LabelledParameters};
use bitspin::output::{OutputDirectory, RunLock};
use bitspin::report::plot::{Panel, Series, render};
use bitspin::report::progress::Progress;
use bitspin::train::labels::{LabelEpoch, LabelSettings, LabelState, LabelTrainer, Objective};
use bitspin::train::{Settings, TrainingData, initial_parameters, initial_visible_bias};
use bitspin_core::rbm::train::Method;
use bitspin_core::rng::Purpose;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{CommandError, error_rate, labels, packed};
use crate::cli::{self, ObjectiveName, Train, VisibleBias, threads};
use crate::command::memory;
use crate::command::recorded::record_of;
use crate::command::train::checkpoints::{self, Checkpoints, Resumed};
use crate::command::train::{means, presets, training_bytes};
use crate::command::{
    at_least_one, load_labelled_data, print, print_json, refuse_missing, tell_notes,
};

const FILES: [&str; 3] = ["model.safetensors", "metrics.csv", "learning-curve.svg"];

/// The weight of ln p(x, y) in the hybrid objective, which served digits best.
const MIX: f32 = 0.05;

/// The figures of one epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    epoch: usize,
    seconds: f64,
    images_per_second: f64,
    learning_rate: f32,
    train_nll: Option<f64>,
    train_error: Option<f64>,
    test_nll: f64,
    test_error: f64,
}

/// Trains, and writes what came of it.
pub(crate) fn run(
    options: &Train,
    resumed: Option<&Resumed>,
    lock: Option<RunLock>,
) -> Result<(), CommandError> {
    let hidden = options.hidden.unwrap_or(500);
    let epochs = options.epochs.unwrap_or(20);
    at_least_one("--hidden", hidden, bitspin_core::rbm::MAX_UNITS)?;
    at_least_one("--epochs", epochs, usize::MAX)?;
    let mut settings = settings(options, epochs, threads(options.threads))?;
    settings.check(None)?;
    let output = checkpoints::output(options, &FILES, lock)?;
    let data = load_labelled_data(&options.data, options.label.labels.as_deref())?;
    refuse_missing(&data)?;
    if options.batch.is_none() {
        settings.batch = settings.batch.min(data.train.images.count());
    }
    let (train, test) = (
        labels(&data.name, &data.train, 256)?,
        labels(&data.name, &data.test, 256)?,
    );
    let classes = train.iter().max().map_or(1, |&most| usize::from(most) + 1);
    labels(&data.name, &data.test, classes)?;
    let units = data.pixels_per_image() + classes;
    let each = training_bytes(options.momentum > 0.0);
    memory::ensure("the weights", units * hidden, each)?;
    let options = &resolved(options, &settings, hidden);
    let (trainer, rows) = match resumed {
        Some(resumed) => {
            let (state, rows): (LabelState, Vec<Row>) = resumed.body(&data)?;
            let trainer = LabelTrainer::resume(state, train.len(), settings.clone());
            let trainer = trainer.map_err(|error| resumed.refuse(error))?;
            let parameters = trainer.parameters();
            resumed.check_shape(&parameters.joint, (units, hidden))?;
            if parameters.classes != classes {
                let found = parameters.classes;
                let words = format_args!("expected {classes} classes, found {found}");
                return Err(resumed.refuse(words));
            }
            (trainer, rows)
        }
        None => {
            let mut pixels = initial_parameters(data.pixels_per_image(), hidden, options.seed);
            if options.visible_bias == Some(VisibleBias::Data) {
                pixels.visible_bias = initial_visible_bias(&means(&data, options));
            }
            let initial = LabelledParameters::new(&pixels, classes);
            let trainer = LabelTrainer::new(&initial, train.len(), settings.clone())?;
            (trainer, Vec::new())
        }
    };
    let interrupt = Interrupt::install();
    interrupt.save_results();
    let mut run = Run {
        options,
        epochs,
        test: packed(&data.test, &options.data, options.seed),
        test_labels: test,
        trainer,
        measured: rows.len(),
        rows,
        checkpoints: Checkpoints::new(options, &data),
        interrupt,
    };
    tell_notes();
    if !options.json {
        if resumed.is_some() {
            print(&checkpoints::resumed(run.trainer.epochs(), epochs));
        }
        print(&headline(&data, hidden, classes, &settings, options));
    }
    let interrupted = run.all(&data, train)?;
    run.write(&data, &settings, output)?;
    match interrupted {
        true => Err(checkpoints::interrupted(options, run.rows.len())),
        false => Ok(()),
    }
}

/// All options of a run, whether they were given or are the defaults.
fn resolved(options: &Train, settings: &LabelSettings, hidden: usize) -> Train {
    let mut all = presets::resolved_plain(options, &settings.plain(), hidden);
    let (objective, mix) = match settings.objective {
        Objective::Generative => (ObjectiveName::Generative, None),
        Objective::Discriminative => (ObjectiveName::Discriminative, None),
        Objective::Hybrid(mix) => (ObjectiveName::Hybrid, Some(mix)),
    };
    all.label.objective = Some(objective);
    all.label.mix = mix;
    all.visible_bias = Some(options.visible_bias.unwrap_or(VisibleBias::Zero));
    all
}

fn settings(options: &Train, epochs: usize, threads: usize) -> Result<LabelSettings, CommandError> {
    for (option, given) in [
        ("--preset", options.was_given("preset")),
        ("--batch-final", options.batch_final.is_some()),
        ("--centred", options.centred.is_some()),
        ("--l1", options.l1.is_some()),
        ("--sparsity-target", options.sparsity_target.is_some()),
        ("--sparsity-cost", options.sparsity_cost.is_some()),
        ("--patience", options.patience.is_some()),
        ("--evaluate-every", options.evaluate_every.is_some()),
    ] {
        if given {
            return Err(CommandError::usage(format!(
                "{option}: expected without --labels"
            )));
        }
    }
    let objective = match options.label.objective.unwrap_or(ObjectiveName::Hybrid) {
        ObjectiveName::Hybrid => Objective::Hybrid(options.label.mix.unwrap_or(MIX)),
        _ if options.label.mix.is_some() => {
            return Err(CommandError::usage(
                "--mix: expected together with --objective hybrid",
            ));
        }
        ObjectiveName::Generative => Objective::Generative,
        ObjectiveName::Discriminative => Objective::Discriminative,
    };
    let default = Settings::default();
    let learning_rate = options.lr.unwrap_or(default.learning_rate);
    let (steps, last_steps) = presets::steps(options, &default);
    Ok(LabelSettings {
        objective,
        batch: options.batch.unwrap_or(64),
        epochs,
        learning_rate,
        schedule: presets::schedule(options, default.schedule, learning_rate)?,
        momentum: options.momentum,
        weight_decay: options.weight_decay,
        steps,
        last_steps,
        method: match options.method.unwrap_or(cli::Method::Cd) {
            cli::Method::Cd => Method::ContrastiveDivergence,
            cli::Method::Pcd => Method::Persistent,
        },
        seed: options.seed,
        threads,
    })
}

fn headline(
    data: &Dataset,
    hidden: usize,
    classes: usize,
    settings: &LabelSettings,
    options: &Train,
) -> String {
    format!(
        "{data}\n{} + {classes} x {hidden}, {}, batch {}, lr {}, {} pixels, {} thread{}\n\n{:>5} {:>8} {:>9} {:>11} {:>11} {:>11} {:>11}",
        data.pixels_per_image(),
        settings.objective,
        settings.batch,
        settings.learning_rate,
        options.data.binarise(),
        settings.threads,
        if settings.threads == 1 { "" } else { "s" },
        "epoch",
        "seconds",
        "digits/s",
        "train nats",
        "train error",
        "test nats",
        "test error",
    )
}

struct Run<'a> {
    options: &'a Train,
    epochs: usize,
    test: PackedImages,
    test_labels: &'a [u8],
    trainer: LabelTrainer,
    rows: Vec<Row>,
    /// How many of these are of whole epochs.
    measured: usize,
    checkpoints: Checkpoints,
    interrupt: Interrupt,
}

impl Run<'_> {
    /// Trains for all epochs; whether it was interrupted.
    fn all(&mut self, data: &Dataset, train: &[u8]) -> Result<bool, CommandError> {
        let binarise = self.options.data.binarise();
        let images = &data.train.images;
        let fixed = (!binarise.is_random())
            .then(|| PackedImages::new(images, binarise, 0, Purpose::Evaluation));
        let source = match &fixed {
            Some(packed) => TrainingData::Packed(packed.bits()),
            None => TrainingData::Grey(images.pixels()),
        };
        let progress = Progress::new((images.count() * self.epochs) as u64, "digits");
        let state = self.trainer.state();
        progress.inc((images.count() * state.epochs() + state.images_of_epoch()) as u64);
        while self.trainer.epochs() < self.epochs && !self.interrupt.is_set() {
            let rate = self.trainer.learning_rate();
            let count = |digits: usize| progress.inc(digits as u64);
            let epoch = self.trainer.epoch(source, train, &self.interrupt, &count)?;
            let row = self.measure(&epoch, rate)?;
            if !self.options.json {
                progress.println(&line(&row));
            }
            self.rows.push(row);
            self.measured += usize::from(!epoch.interrupted);
            if !self.interrupt.is_set() && self.checkpoints.is_due(self.measured, self.epochs) {
                self.write_checkpoint()?;
            }
        }
        progress.finish();
        Ok(self.measured < self.epochs)
    }

    fn write_checkpoint(&mut self) -> Result<(), CommandError> {
        let body = self.kept();
        self.checkpoints.write(&body, self.measured == self.epochs)
    }

    /// The body of a checkpoint of the run as it stands.
    fn kept(&self) -> (LabelState, Vec<Row>) {
        (self.trainer.state(), self.rows[..self.measured].to_vec())
    }

    /// Writes everything that the run leaves behind, and says where.
    fn write(
        &mut self,
        data: &Dataset,
        settings: &LabelSettings,
        mut output: OutputDirectory,
    ) -> Result<(), CommandError> {
        let options = self.options;
        output.add("model.safetensors", self.model(data, settings)?)?;
        let mut csv = csv::Writer::from_writer(Vec::new());
        for row in &self.rows {
            csv.serialize(row).map_err(CommandError::failed)?;
        }
        output.add(
            "metrics.csv",
            csv.into_inner().map_err(CommandError::failed)?,
        )?;
        let hidden = options.hidden.unwrap_or_default();
        output.add("learning-curve.svg", self.curve(hidden, settings)?)?;
        let body = self.kept();
        let checkpoint = self.checkpoints.seal(&body, self.measured == self.epochs);
        output.replace(checkpoints::FILE, checkpoint)?;
        output.commit()?;
        let last = self.rows.last();
        if options.json {
            print_json(&json!({
                "data": data.name, "binarise": options.data.binarise().to_string(), "out": shown(&options.out),
                "seconds": self.rows.iter().map(|row| row.seconds).sum::<f64>(),
                "test_nll": last.map(|row| row.test_nll), "test_error": last.map(|row| row.test_error),
                "epochs": self.rows,
            }));
        } else {
            print(&format!(
                "\nWritten to {}:\n  {}  {}",
                shown(&options.out),
                FILES.join("  "),
                checkpoints::FILE
            ));
        }
        Ok(())
    }

    fn measure(&self, epoch: &LabelEpoch, learning_rate: f32) -> Result<Row, CommandError> {
        let parameters = self.trainer.parameters();
        let engine = engine(&parameters.joint).map_err(CommandError::failed)?;
        let threads = self.trainer.threads();
        let logits = logits(&engine, parameters.classes, &self.test, threads)
            .map_err(CommandError::failed)?;
        let seconds = epoch.duration.as_secs_f64();
        Ok(Row {
            epoch: self.rows.len() + 1,
            seconds,
            images_per_second: epoch.images as f64 / seconds,
            learning_rate,
            train_nll: epoch.train.map(|(nll, _)| nll),
            train_error: epoch.train.map(|(_, error)| error),
            test_nll: negative_log_likelihood(&logits, self.test_labels, 1.0),
            test_error: error_rate(&logits.predictions(), self.test_labels),
        })
    }

    /// The model with the settings that made it.
    fn model(&self, data: &Dataset, settings: &LabelSettings) -> Result<Vec<u8>, CommandError> {
        let method = match settings.method {
            Method::ContrastiveDivergence => "cd",
            Method::Persistent => "pcd",
        };
        let metadata = [
            ("bitspin_version", env!("CARGO_PKG_VERSION").to_string()),
            ("model", "rbm with label units".to_string()),
            ("objective", settings.objective.to_string()),
            ("epochs", self.rows.len().to_string()),
            ("batch", settings.batch.to_string()),
            ("method", method.to_string()),
            ("momentum", settings.momentum.to_string()),
            ("weight_decay", settings.weight_decay.to_string()),
            ("seed", settings.seed.to_string()),
            self.checkpoints.metadata(),
        ];
        let metadata = metadata
            .into_iter()
            .chain(presets::schedule_metadata(&settings.plain()));
        let mut metadata: BTreeMap<_, _> = metadata
            .map(|(key, value)| (key.to_string(), value))
            .collect();
        let parameters = self.trainer.parameters();
        let names = (0..parameters.classes).map(|class| class.to_string());
        DataRecord {
            label_names: Some(names.collect()),
            ..record_of(self.options, data)
        }
        .write(&mut metadata);
        LabelledFile {
            parameters,
            metadata,
        }
        .to_bytes()
        .map_err(CommandError::failed)
    }

    /// The learning curve as SVG.
    fn curve(&self, hidden: usize, settings: &LabelSettings) -> Result<Vec<u8>, CommandError> {
        let series = |name: &str, value: &dyn Fn(&Row) -> f64| {
            Series::line(
                name,
                self.rows.iter().map(|row| (row.epoch as f64, value(row))),
            )
        };
        let or_gap = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let panels = [
            Panel::new("-ln p(y|x)", "epoch", "nats a digit")
                .with(series("training", &|row| or_gap(row.train_nll)))
                .with(series("held out", &|row| row.test_nll)),
            Panel::new("Classification error", "epoch", "%")
                .with(series("training", &|row| 100.0 * or_gap(row.train_error)))
                .with(series("held out", &|row| 100.0 * row.test_error)),
        ];
        let title = format!(
            "RBM with labels, {hidden} hidden units, {}",
            settings.objective
        );
        let svg = render(&title, &panels).map_err(CommandError::failed)?;
        Ok(svg.into_bytes())
    }
}

fn line(row: &Row) -> String {
    let nats = row.train_nll.map_or("-".into(), |nll| format!("{nll:.5}"));
    let error = row
        .train_error
        .map_or("-".into(), |error| format!("{:.2}%", 100.0 * error));
    format!(
        "{:>5} {:>8.3} {:>9.0} {nats:>11} {error:>11} {:>11.5} {:>10.2}%",
        row.epoch,
        row.seconds,
        row.images_per_second,
        row.test_nll,
        100.0 * row.test_error
    )
}
