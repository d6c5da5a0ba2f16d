//! `bitspin rbm train`.

use std::collections::BTreeMap;

use bitspin::data::{Dataset, Images, PackedImages, Split, Table};
use bitspin::engine::engine;
use bitspin::evaluate::{self, Ais, AisSettings, BaseRate};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::{RbmFile, RbmParameters};
use bitspin::output::OutputDirectory;
use bitspin::report::filters::{Palette, filters};
use bitspin::report::grid::Grid;
use bitspin::report::image::PictureError;
use bitspin::report::learning_curve::{EpochPoint, learning_curve};
use bitspin::report::progress::Progress;
use bitspin::report::units::strongest;
use bitspin::sampling::{Chains, bits_to_grey};
use bitspin::train::{
    EpochMetrics, EpochSummary, Filling, Settings, Trainer, TrainingData, initial_parameters,
    initial_visible_bias, write_csv,
};
use bitspin_core::rbm::train::Method;
use bitspin_core::rng::Purpose;
use serde_json::json;

use super::{CommandError, at_least_one, load_data, threads};
use crate::cli::{self, Preset, Train, VisibleBias};

/// The files of a run.
const FILES: [&str; 6] = [
    "model.safetensors",
    "metrics.csv",
    "real.png",
    "generated.png",
    "filters.png",
    "learning-curve.svg",
];

/// Digits that an epoch's evaluation looks at, of the training and of the held-out ones.
const EVALUATED: usize = 1000;

/// Units of a layer up to which ln Z is enumerated after epochs.
const ENUMERATED: usize = 16;

/// Digits in a picture, as many as the lecture's minibatch.
const PICTURED: usize = 64;

/// Hidden units whose weights are drawn.
const FILTERS: usize = 100;

/// Hidden units whose columns are printed, and how many of those.
const LISTED: usize = 12;
const DRIVERS: usize = 6;

/// Trains, and writes what came of it.
pub(crate) fn run(options: &Train) -> Result<(), CommandError> {
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
    let settings = settings(options, batch, threads(options.threads)?);
    settings.check(None)?;
    let mut output = OutputDirectory::create(&options.out, &FILES, options.force)?;
    let data = load_data(&options.data)?;
    let images = &data.train.images;
    let hidden = options.hidden.unwrap_or(match &data.columns {
        Some(columns) => (columns.len() / 6).max(1),
        None => 500,
    });
    let mut initial = initial_parameters(images.pixels_per_image(), hidden, options.seed);
    if options.visible_bias.unwrap_or(preset.visible_bias) == VisibleBias::Data {
        initial.visible_bias = initial_visible_bias(&means(&data, options));
    }
    let mut run = Run {
        options,
        hidden,
        epochs,
        settings: settings.clone(),
        filling: Gaps::of(&data, options),
        evaluation: Evaluation::new(&data, options),
        trainer: Trainer::new(&initial, images.count(), settings)?,
        metrics: Vec::new(),
        interrupt: Interrupt::install(),
    };
    if !options.json {
        super::print(&run.headline(&data));
    }
    let interrupted = run.epochs(images)?;

    let parameters = run.trainer.parameters();
    output.add("model.safetensors", run.model_file(&data, &parameters)?)?;
    output.add("metrics.csv", write_csv(&run.metrics))?;
    let (real, generated) = run.pictures(&parameters, images)?;
    output.add("real.png", real)?;
    output.add("generated.png", generated)?;
    output.add("filters.png", filter_picture(&parameters, images)?)?;
    output.add("learning-curve.svg", run.curve()?.into_bytes())?;
    output.commit()?;
    run.conclude(&data, &parameters);
    if interrupted {
        let text = format!(
            "interrupted in epoch {}; {} holds what was learned",
            run.metrics.len(),
            options.out.display()
        );
        return Err(CommandError::Interrupted(text));
    }
    Ok(())
}

/// What a preset gives where an option does not.
struct Defaults {
    epochs: usize,
    visible_bias: VisibleBias,
    settings: Settings,
}

impl Defaults {
    fn of(preset: Preset) -> Self {
        let lecture = Self {
            epochs: 2,
            visible_bias: VisibleBias::Zero,
            settings: Settings::default(),
        };
        let centred = Settings {
            centred: true,
            method: Method::Persistent,
            ..Settings::default()
        };
        match preset {
            Preset::Lecture => lecture,
            Preset::Quick => Self {
                epochs: 50,
                visible_bias: VisibleBias::Data,
                settings: Settings {
                    learning_rate: 0.05,
                    learning_rate_decay: 0.1,
                    ..centred
                },
            },
            Preset::Best => Self {
                epochs: 300,
                visible_bias: VisibleBias::Data,
                settings: Settings {
                    learning_rate: 0.05,
                    learning_rate_decay: 0.05,
                    steps: 2,
                    ..centred
                },
            },
        }
    }
}

/// The trainer's settings from the command's options.
fn settings(options: &Train, batch: usize, threads: usize) -> Settings {
    let preset = Defaults::of(options.preset).settings;
    Settings {
        batch,
        learning_rate: options.lr.unwrap_or(preset.learning_rate),
        learning_rate_decay: options.lr_decay.unwrap_or(preset.learning_rate_decay),
        momentum: options.momentum,
        weight_decay: options.weight_decay,
        centred: options.centred.unwrap_or(preset.centred),
        steps: options.k.unwrap_or(preset.steps),
        method: match options.method {
            Some(cli::Method::Cd) => Method::ContrastiveDivergence,
            Some(cli::Method::Pcd) => Method::Persistent,
            None => preset.method,
        },
        seed: options.seed,
        threads,
    }
}

/// How often each visible unit is set in the training data, as these are binarised.
fn means(data: &Dataset, options: &Train) -> Vec<f32> {
    let (images, how) = (&data.train.images, options.data.binarise);
    let grey = TrainingData::Grey(images.pixels());
    if how.is_random() {
        return grey.means(images.pixels_per_image());
    }
    let packed = PackedImages::new(images, how, 0, Purpose::Evaluation);
    TrainingData::Packed(packed.bits()).means(images.pixels_per_image())
}

/// The digits that are looked at after every epoch, and where they come from.
struct Evaluation {
    train: PackedImages,
    test: PackedImages,
}

impl Evaluation {
    fn new(data: &Dataset, options: &Train) -> Self {
        let packed = |images: &Images| {
            let some = images.first(EVALUATED);
            PackedImages::new(
                &some,
                options.data.binarise,
                options.seed,
                Purpose::Evaluation,
            )
        };
        Self {
            train: packed(&data.train.images),
            test: packed(&data.test.images),
        }
    }
}

/// Data with missing entries: all training rows, and those of either kind that are looked at after every epoch.
struct Gaps {
    all: Filling,
    train: Filling,
    test: Filling,
}

impl Gaps {
    fn of(data: &Dataset, options: &Train) -> Option<Self> {
        let filling = |split: &Split, count: usize| {
            let images = split.images.first(count);
            let (how, seed) = (options.data.binarise, options.seed);
            let start = PackedImages::new(&images, how, seed, Purpose::Evaluation);
            let known = split.known.as_ref()?;
            Some(Filling::new(
                start.clone(),
                known[..start.bits().len()].to_vec(),
                seed,
            ))
        };
        Some(Self {
            all: filling(&data.train, usize::MAX)?,
            train: filling(&data.train, EVALUATED)?,
            test: filling(&data.test, EVALUATED)?,
        })
    }
}

struct Run<'a> {
    options: &'a Train,
    hidden: usize,
    epochs: usize,
    settings: Settings,
    filling: Option<Gaps>,
    evaluation: Evaluation,
    trainer: Trainer,
    metrics: Vec<EpochMetrics>,
    interrupt: Interrupt,
}

impl Run<'_> {
    /// What is about to happen, in a line.
    fn headline(&self, data: &Dataset) -> String {
        let o = self.options;
        let method = match self.settings.method {
            Method::ContrastiveDivergence => "CD",
            Method::Persistent => "PCD",
        };
        let centred = if self.settings.centred {
            ", centred"
        } else {
            ""
        };
        let threads = self.trainer.threads();
        format!(
            "{data}\n{} x {}, {method}-{}{centred}, batch {}, lr {}, {} pixels, {threads} thread{}\n\n{:>5} {:>8} {:>9} {:>14} {:>13} {:>18}",
            data.pixels_per_image(),
            self.hidden,
            self.settings.steps,
            self.settings.batch,
            self.settings.learning_rate,
            o.data.binarise,
            if threads == 1 { "" } else { "s" },
            "epoch",
            "seconds",
            "digits/s",
            "reconstruction",
            "F(v) - F(v')",
            "held-out pseudo-LL",
        )
    }

    /// Trains for all epochs; whether it was interrupted.
    fn epochs(&mut self, images: &Images) -> Result<bool, CommandError> {
        let binarise = self.options.data.binarise;
        let is_table = images.rows() == 1;
        let fixed = (!binarise.is_random())
            .then(|| PackedImages::new(images, binarise, 0, Purpose::Evaluation));
        let progress = Progress::new((images.count() * self.epochs) as u64, "digits");
        for epoch in 0..self.epochs {
            let learning_rate = self.trainer.learning_rate();
            let filled = self.fill(epoch)?;
            let data = match filled.as_ref().or(fixed.as_ref()) {
                Some(packed) => TrainingData::Packed(packed.bits()),
                None => TrainingData::Grey(images.pixels()),
            };
            let count = |digits: usize| progress.inc(digits as u64);
            let summary = self.trainer.epoch(data, &self.interrupt, &count)?;
            let row = self.evaluate(&summary, learning_rate)?;
            // A table's epochs are many and short: ten of their lines are enough.
            let every = if is_table {
                self.epochs.div_ceil(10)
            } else {
                1
            };
            if !self.options.json && (epoch + 1).is_multiple_of(every) {
                progress.println(&epoch_line(&row));
            }
            self.metrics.push(row);
            if self.interrupt.is_set() {
                progress.finish();
                return Ok(summary.interrupted || self.metrics.len() < self.epochs);
            }
        }
        progress.finish();
        Ok(false)
    }

    /// The training rows with their missing entries filled in for an epoch, and what is looked at after it.
    fn fill(&mut self, epoch: usize) -> Result<Option<PackedImages>, CommandError> {
        let Some(gaps) = &self.filling else {
            return Ok(None);
        };
        let engine = engine(&self.trainer.parameters()).map_err(CommandError::failed)?;
        let rows = |filling: &Filling| {
            filling
                .rows(&engine, epoch, self.trainer.threads())
                .map_err(CommandError::failed)
        };
        self.evaluation = Evaluation {
            train: rows(&gaps.train)?,
            test: rows(&gaps.test)?,
        };
        rows(&gaps.all).map(Some)
    }

    /// Measures the model after an epoch.
    fn evaluate(
        &self,
        summary: &EpochSummary,
        learning_rate: f32,
    ) -> Result<EpochMetrics, CommandError> {
        let parameters = self.trainer.parameters();
        let engine = engine(&parameters).map_err(CommandError::failed)?;
        let (seed, threads) = (self.options.seed, self.trainer.threads());
        let gibbs = evaluate::reconstruction(&engine, &self.evaluation.train, seed, threads)
            .map_err(CommandError::failed)?;
        let test_pseudo_log_likelihood =
            evaluate::pseudo_log_likelihood(&parameters, &self.evaluation.test, threads)
                .map_err(CommandError::failed)?;
        let seconds = summary.duration.as_secs_f64();
        let epoch = self.metrics.len() + 1;
        let last = epoch == self.epochs || summary.interrupted;
        let every = self.options.evaluate_every;
        let likelihood = match every.is_some_and(|every| last || epoch.is_multiple_of(every)) {
            true => self.likelihood(&parameters)?,
            false => None,
        };
        Ok(EpochMetrics {
            epoch,
            seconds,
            images_per_second: summary.images as f64 / seconds,
            learning_rate,
            reconstruction_mse: summary
                .reconstruction_mse
                .unwrap_or(gibbs.reconstruction_mse),
            free_energy_gap: gibbs.free_energy_gap,
            test_pseudo_log_likelihood,
            test_log_likelihood: likelihood.map(|found| found[0]),
            test_log_likelihood_standard_error: likelihood.map(|found| found[1]),
            train_test_free_energy_gap: likelihood.map(|found| found[2]),
        })
    }

    /// The log-likelihood of held-out digits, its standard error, and how much better known those that were trained on are;
    /// `None` if interrupted.
    fn likelihood(&self, parameters: &RbmParameters) -> Result<Option<[f64; 3]>, CommandError> {
        let Evaluation { train, test } = &self.evaluation;
        let threads = self.trainer.threads();
        let measure = || {
            let (ln_z, error) = if parameters.hidden.min(parameters.visible) <= ENUMERATED {
                (evaluate::ln_z(parameters, threads)?, 0.0)
            } else {
                let settings = AisSettings {
                    chains: 100,
                    betas: 1000,
                    seed: self.options.seed,
                    threads,
                };
                let base = BaseRate::of_data(train);
                let ais = Ais::new(parameters, &base, settings)?;
                match ais.forward(&self.interrupt, &|_| ())? {
                    Some(found) => (found.ln_z, found.standard_error),
                    None => return Ok(None),
                }
            };
            let of = |images| evaluate::free_energy(parameters, images, threads);
            let (of_train, of_test) = (of(train)?, of(test)?);
            Ok(Some([-of_test - ln_z, error, of_test - of_train]))
        };
        measure().map_err(|error: bitspin_core::Error| CommandError::failed(error))
    }

    /// The model with the settings that made it.
    fn model_file(
        &self,
        data: &Dataset,
        parameters: &RbmParameters,
    ) -> Result<Vec<u8>, CommandError> {
        let o = self.options;
        let trained = self.metrics.len();
        let settings = [
            ("bitspin_version", env!("CARGO_PKG_VERSION").to_string()),
            ("model", "rbm".to_string()),
            ("data", data.name.clone()),
            ("binarise", o.data.binarise.to_string()),
            ("epochs", trained.to_string()),
            ("batch", self.settings.batch.to_string()),
            ("lr", self.settings.learning_rate.to_string()),
            ("lr_decay", self.settings.learning_rate_decay.to_string()),
            ("k", self.settings.steps.to_string()),
            (
                "method",
                match self.settings.method {
                    Method::ContrastiveDivergence => "cd",
                    Method::Persistent => "pcd",
                }
                .to_string(),
            ),
            ("centred", self.settings.centred.to_string()),
            ("momentum", o.momentum.to_string()),
            ("weight_decay", o.weight_decay.to_string()),
            ("seed", o.seed.to_string()),
        ];
        let metadata = settings
            .into_iter()
            .map(|(key, value)| (key.to_string(), value))
            .collect::<BTreeMap<_, _>>();
        RbmFile {
            parameters: parameters.clone(),
            metadata,
        }
        .to_bytes()
        .map_err(CommandError::failed)
    }

    /// Held-out digits as the model sees them, and their reconstructions, as the lecture draws them.
    fn pictures(
        &self,
        parameters: &RbmParameters,
        images: &Images,
    ) -> Result<(Vec<u8>, Vec<u8>), CommandError> {
        let engine = engine(parameters).map_err(CommandError::failed)?;
        let real = self.evaluation.test.clone().take(PICTURED);
        let mut chains = Chains::from_visible(&engine, real.bits().to_vec(), self.options.seed);
        chains.run(
            &engine,
            self.settings.steps,
            1,
            &Interrupt::manual(),
            &|_| (),
        );
        let picture = |bits: &[u64]| {
            grid(images)?
                .draw(&bits_to_grey(bits, images.pixels_per_image()))?
                .to_png()
        };
        let pictures = picture(real.bits()).and_then(|real| Ok((real, picture(chains.visible())?)));
        pictures.map_err(CommandError::failed)
    }

    /// The learning curve as SVG.
    fn curve(&self) -> Result<String, CommandError> {
        let points: Vec<_> = self
            .metrics
            .iter()
            .map(|row| EpochPoint {
                epoch: row.epoch as f64,
                reconstruction_mse: row.reconstruction_mse,
                free_energy_gap: row.free_energy_gap,
                pseudo_log_likelihood: row.test_pseudo_log_likelihood,
                log_likelihood: row.test_log_likelihood.unwrap_or(f64::NAN),
            })
            .collect();
        let o = self.options;
        let title = format!(
            "RBM with {} hidden units, batch {}, lr {}, {} pixels",
            self.hidden, self.settings.batch, self.settings.learning_rate, o.data.binarise
        );
        learning_curve(&title, &points).map_err(CommandError::failed)
    }

    /// Says what drives the hidden units of a table, and where everything is.
    fn conclude(&self, data: &Dataset, parameters: &RbmParameters) {
        let o = self.options;
        let units = data
            .columns
            .as_ref()
            .map(|names| strongest(parameters, names, DRIVERS));
        if !o.json {
            if let Some(units) = &units {
                super::print(
                    "\nWeights below 0: the unit is on where the column is 0, and off where it is 1.",
                );
                for unit in units.iter().take(LISTED) {
                    super::print(&unit.to_string());
                }
            }
            return super::print(&format!(
                "\nWritten to {}:\n  {}\n  {}",
                o.out.display(),
                FILES[..3].join("  "),
                FILES[3..].join("  ")
            ));
        }
        let last = self.metrics.last();
        super::print_json(&json!({
            "data": data.name, "binarise": o.data.binarise.to_string(), "out": o.out,
            "seconds": self.metrics.iter().map(|row| row.seconds).sum::<f64>(),
            "reconstruction_mse": last.map(|row| row.reconstruction_mse),
            "free_energy_gap": last.map(|row| row.free_energy_gap),
            "test_log_likelihood": last.and_then(|row| row.test_log_likelihood),
            "test_pseudo_log_likelihood": last.map(|row| row.test_pseudo_log_likelihood),
            "epochs": self.metrics, "hidden_units": units,
        }));
    }
}

fn epoch_line(row: &EpochMetrics) -> String {
    format!(
        "{:>5} {:>8.3} {:>9.0} {:>14.5} {:>13.3} {:>18.3}",
        row.epoch,
        row.seconds,
        row.images_per_second,
        row.reconstruction_mse,
        row.free_energy_gap,
        row.test_pseudo_log_likelihood
    ) + &(row.test_log_likelihood).map_or(String::new(), |found| {
        format!("\n      held-out ln p {found:.3}")
    })
}

/// Where pictures go: eight beside one another, or, of a table's rows, one below the other.
fn grid(images: &Images) -> Result<Grid, PictureError> {
    let grid = Grid::new(images.rows(), images.columns())?;
    Ok(match images.rows() {
        1 => grid.tiles_per_row(1).magnification(8).padding(0, 0),
        _ => grid.magnification(2),
    })
}

/// The weights of the first hidden units as pictures.
fn filter_picture(parameters: &RbmParameters, images: &Images) -> Result<Vec<u8>, CommandError> {
    let shown = FILTERS.min(parameters.hidden) * parameters.visible;
    let draw = || {
        let grid = match images.rows() {
            1 => grid(images)?,
            _ => grid(images)?.tiles_per_row(10),
        };
        let grid = grid.padding(2, 128);
        filters(&parameters.w[..shown], &grid, Palette::Diverging)?.to_png()
    };
    draw().map_err(CommandError::failed)
}
