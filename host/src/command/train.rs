//! `bitspin rbm train`.

use std::collections::BTreeMap;

use bitspin::data::{Dataset, Images, PackedImages};
use bitspin::engine::engine;
use bitspin::evaluate;
use bitspin::interrupt::Interrupt;
use bitspin::model_file::{RbmFile, RbmParameters};
use bitspin::output::OutputDirectory;
use bitspin::report::filters::{Palette, filters};
use bitspin::report::grid::Grid;
use bitspin::report::learning_curve::{EpochPoint, learning_curve};
use bitspin::report::progress::Progress;
use bitspin::sampling::{Chains, bits_to_grey};
use bitspin::train::{
    EpochMetrics, EpochSummary, Settings, Trainer, TrainingData, initial_parameters, write_csv,
};
use bitspin_core::rbm::train::Method;
use bitspin_core::rng::Purpose;
use serde_json::json;

use super::{CommandError, at_least_one, load_data, threads};
use crate::cli::{self, Train};

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

/// Digits in a picture, as many as the lecture's minibatch.
const PICTURED: usize = 64;

/// Hidden units whose weights are drawn.
const FILTERS: usize = 100;

/// Trains, and writes what came of it.
pub(crate) fn run(options: &Train) -> Result<(), CommandError> {
    at_least_one("--hidden", options.hidden, bitspin_core::rbm::MAX_UNITS)?;
    at_least_one("--epochs", options.epochs, usize::MAX)?;
    let settings = settings(options, threads(options.threads)?);
    settings.check(None)?;
    let mut output = OutputDirectory::create(&options.out, &FILES, options.force)?;
    let data = load_data(&options.data)?;
    let images = &data.train.images;
    let initial = initial_parameters(images.pixels_per_image(), options.hidden, options.seed);
    let mut run = Run {
        options,
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
    run.conclude(&data);
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

/// The trainer's settings from the command's options.
fn settings(options: &Train, threads: usize) -> Settings {
    Settings {
        batch: options.batch,
        learning_rate: options.lr,
        learning_rate_decay: options.lr_decay,
        momentum: options.momentum,
        weight_decay: options.weight_decay,
        steps: options.k,
        method: match options.method {
            cli::Method::Cd => Method::ContrastiveDivergence,
            cli::Method::Pcd => Method::Persistent,
        },
        seed: options.seed,
        threads,
    }
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

struct Run<'a> {
    options: &'a Train,
    evaluation: Evaluation,
    trainer: Trainer,
    metrics: Vec<EpochMetrics>,
    interrupt: Interrupt,
}

impl Run<'_> {
    /// What is about to happen, in a line.
    fn headline(&self, data: &Dataset) -> String {
        let o = self.options;
        let method = if o.method == cli::Method::Cd {
            "CD"
        } else {
            "PCD"
        };
        let threads = self.trainer.threads();
        format!(
            "{data}\n{} x {}, {method}-{}, batch {}, lr {}, {} pixels, {threads} thread{}\n\n{:>5} {:>8} {:>9} {:>14} {:>13} {:>18}",
            data.pixels_per_image(),
            o.hidden,
            o.k,
            o.batch,
            o.lr,
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
        let fixed = (!binarise.is_random())
            .then(|| PackedImages::new(images, binarise, 0, Purpose::Evaluation));
        let data = match &fixed {
            Some(packed) => TrainingData::Packed(packed.bits()),
            None => TrainingData::Grey(images.pixels()),
        };
        let progress = Progress::new((images.count() * self.options.epochs) as u64, "digits");
        for _ in 0..self.options.epochs {
            let learning_rate = self.trainer.learning_rate();
            let count = |digits: usize| progress.inc(digits as u64);
            let summary = self.trainer.epoch(data, &self.interrupt, &count)?;
            let row = self.evaluate(&summary, learning_rate)?;
            if !self.options.json {
                progress.println(&epoch_line(&row));
            }
            self.metrics.push(row);
            if self.interrupt.is_set() {
                progress.finish();
                return Ok(summary.interrupted || self.metrics.len() < self.options.epochs);
            }
        }
        progress.finish();
        Ok(false)
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
        Ok(EpochMetrics {
            epoch: self.metrics.len() + 1,
            seconds,
            images_per_second: summary.images as f64 / seconds,
            learning_rate,
            reconstruction_mse: summary
                .reconstruction_mse
                .unwrap_or(gibbs.reconstruction_mse),
            free_energy_gap: gibbs.free_energy_gap,
            test_pseudo_log_likelihood,
        })
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
            ("batch", o.batch.to_string()),
            ("lr", o.lr.to_string()),
            ("lr_decay", o.lr_decay.to_string()),
            ("k", o.k.to_string()),
            (
                "method",
                if o.method == cli::Method::Cd {
                    "cd"
                } else {
                    "pcd"
                }
                .to_string(),
            ),
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
        chains.run(&engine, self.options.k, 1, &Interrupt::manual(), &|_| ());
        let picture = |bits: &[u64]| {
            let grid = Grid::new(images.rows(), images.columns())?;
            grid.magnification(2)
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
            })
            .collect();
        let o = self.options;
        let title = format!(
            "RBM with {} hidden units, batch {}, lr {}, {} pixels",
            o.hidden, o.batch, o.lr, o.data.binarise
        );
        learning_curve(&title, &points).map_err(CommandError::failed)
    }

    /// Says where everything is.
    fn conclude(&self, data: &Dataset) {
        let o = self.options;
        if !o.json {
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
            "test_pseudo_log_likelihood": last.map(|row| row.test_pseudo_log_likelihood),
            "epochs": self.metrics,
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
    )
}

/// The weights of the first hidden units as pictures.
fn filter_picture(parameters: &RbmParameters, images: &Images) -> Result<Vec<u8>, CommandError> {
    let shown = FILTERS.min(parameters.hidden) * parameters.visible;
    let draw = || {
        let grid = Grid::new(images.rows(), images.columns())?
            .tiles_per_row(10)
            .padding(2, 128)
            .magnification(2);
        filters(&parameters.w[..shown], &grid, Palette::Diverging)?.to_png()
    };
    draw().map_err(CommandError::failed)
}
