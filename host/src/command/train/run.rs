//! The epochs of a run, and what is measured after each.

use bitspin::data::{Dataset, Images, PackedImages};
use bitspin::engine::engine;
use bitspin::evaluate::{self, Ais, AisSettings, BaseRate};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::report::progress::Progress;
use bitspin::train::{EpochMetrics, EpochSummary, Filling, Settings, Trainer, TrainingData};
use bitspin_core::rbm::train::Method;
use bitspin_core::rng::Purpose;

use super::watched::{Evaluation, Gaps};
use crate::cli::Train;
use crate::command::CommandError;

/// Units of a layer up to which ln Z is enumerated after epochs.
const ENUMERATED: usize = 16;

/// A run between epochs.
pub(super) struct Run<'a> {
    pub(super) options: &'a Train,
    pub(super) hidden: usize,
    pub(super) epochs: usize,
    pub(super) settings: Settings,
    pub(super) filling: Option<Gaps>,
    pub(super) evaluation: Evaluation,
    pub(super) trainer: Trainer,
    pub(super) metrics: Vec<EpochMetrics>,
    pub(super) interrupt: Interrupt,
}

impl Run<'_> {
    /// What is about to happen, in a line.
    pub(super) fn headline(&self, data: &Dataset) -> String {
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
    pub(super) fn epochs(&mut self, images: &Images) -> Result<bool, CommandError> {
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
