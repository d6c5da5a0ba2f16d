//! The epochs of a run, and what is measured after each.

use bitspin::data::{Dataset, Images, PackedImages};
use bitspin::engine::engine;
use bitspin::evaluate::{self, Ais, AisSettings, BaseRate};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::report::progress::Progress;
use bitspin::train::{
    EpochMetrics, EpochSummary, Filling, Settings, Trainer, TrainerState, TrainingData,
};
use bitspin_core::rbm::train::Method;
use bitspin_core::rng::Purpose;
use serde::{Deserialize, Serialize};

use super::checkpoints::Checkpoints;
use super::watched::{Evaluation, Gaps};
use crate::cli::Train;
use crate::command::CommandError;

/// Units of a layer up to which ln Z is enumerated after epochs.
const ENUMERATED: usize = 16;

/// An epoch before its evaluation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Unmeasured {
    summary: EpochSummary,
    rate: f32,
}

/// The best model so far by its held-out digits, where training is to stop when none better comes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Best {
    /// The epoch, from 1.
    pub(super) epoch: usize,
    value: f64,
    /// Measurements since that were no better.
    worse: usize,
    pub(super) parameters: RbmParameters,
}

/// What a checkpoint holds of a run: its trainer, an epoch yet to be measured, the metrics of those before, and the best.
pub(super) type Kept = (
    TrainerState,
    Option<Unmeasured>,
    Vec<EpochMetrics>,
    Option<Best>,
);

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
    /// How many of these are of whole epochs, and measured wholly.
    pub(super) measured: usize,
    /// A whole epoch that is yet to be measured.
    pub(super) unmeasured: Option<Unmeasured>,
    /// With `--patience`.
    pub(super) best: Option<Best>,
    pub(super) checkpoints: Checkpoints,
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
            o.data.binarise(),
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
        let binarise = self.options.data.binarise();
        let is_table = images.rows() == 1;
        let fixed = (!binarise.is_random())
            .then(|| PackedImages::new(images, binarise, 0, Purpose::Evaluation));
        let progress = Progress::new((images.count() * self.epochs) as u64, "digits");
        let state = self.trainer.state();
        progress.inc((images.count() * state.epochs() + state.images_of_epoch()) as u64);
        if let Some(Unmeasured { summary, rate }) = self.unmeasured.take() {
            self.measure(&summary, rate, is_table, &progress)?;
        }
        while !self.is_over() && !self.interrupt.is_set() {
            let rate = self.trainer.learning_rate();
            let filled = self.fill(self.trainer.epochs())?;
            let data = match filled.as_ref().or(fixed.as_ref()) {
                Some(packed) => TrainingData::Packed(packed.bits()),
                None => TrainingData::Grey(images.pixels()),
            };
            let count = |digits: usize| progress.inc(digits as u64);
            let summary = self.trainer.epoch(data, &self.heeded(), &count)?;
            self.measure(&summary, rate, is_table, &progress)?;
            let goes_on = !self.interrupt.is_set() && !self.is_over();
            if goes_on && self.checkpoints.is_due(self.measured, self.epochs) {
                self.write_checkpoint()?;
            }
        }
        progress.finish();
        Ok(!self.is_over() || self.unmeasured.is_some())
    }

    /// Whether all epochs are over, or patience is.
    fn is_over(&self) -> bool {
        let patience = self.options.patience.unwrap_or(usize::MAX);
        let worse = self.best.as_ref().map_or(0, |best| best.worse);
        self.trainer.epochs() >= self.epochs || worse >= patience
    }

    /// Takes in how good the model is after a whole epoch, where it was measured.
    fn judge(&mut self, row: &EpochMetrics) {
        let measured = match self.options.evaluate_every {
            Some(_) => row.test_log_likelihood,
            None => Some(row.test_pseudo_log_likelihood),
        };
        let Some(value) = measured.filter(|_| self.options.patience.is_some()) else {
            return;
        };
        match &mut self.best {
            Some(best) if best.value >= value => best.worse += 1,
            best => {
                *best = Some(Best {
                    epoch: row.epoch,
                    value,
                    worse: 0,
                    parameters: self.trainer.parameters(),
                });
            }
        }
    }

    /// What stops an epoch and its evaluation. With missing entries nothing does, for what was filled in is not kept: such
    /// epochs end before the run stops.
    fn heeded(&self) -> Interrupt {
        match self.filling {
            Some(_) => Interrupt::manual(),
            None => self.interrupt.clone(),
        }
    }

    /// Adds an epoch's row to the metrics. That of an epoch that was interrupted, or whose evaluation was, is of use for what
    /// is written now, but not for a run that goes on.
    fn measure(
        &mut self,
        summary: &EpochSummary,
        rate: f32,
        is_table: bool,
        progress: &Progress,
    ) -> Result<(), CommandError> {
        let (row, whole) = self.evaluate(summary, rate)?;
        // A table's epochs are many and short: ten of their lines are enough.
        let every = if is_table {
            self.epochs.div_ceil(10)
        } else {
            1
        };
        if !self.options.json && row.epoch.is_multiple_of(every) {
            progress.println(&epoch_line(&row));
        }
        if whole && !summary.interrupted {
            self.judge(&row);
        }
        self.metrics.push(row);
        if summary.interrupted {
            return Ok(());
        }
        if whole {
            self.measured += 1;
        } else {
            let summary = *summary;
            self.unmeasured = Some(Unmeasured { summary, rate });
        }
        Ok(())
    }

    /// The run as it stands: the body of a checkpoint, and whether it is over.
    fn kept(&self) -> (impl Serialize + use<>, bool) {
        let body = (
            self.trainer.state(),
            self.unmeasured,
            self.metrics[..self.measured].to_vec(),
            self.best.clone(),
        );
        (body, self.is_over() && self.unmeasured.is_none())
    }

    /// Writes a checkpoint of the run as it stands.
    fn write_checkpoint(&mut self) -> Result<(), CommandError> {
        let (body, finished) = self.kept();
        self.checkpoints.write(&body, finished)
    }

    /// A checkpoint of the run as it stands.
    pub(super) fn checkpoint(&mut self) -> Vec<u8> {
        let (body, finished) = self.kept();
        self.checkpoints.seal(&body, finished)
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

    /// Measures the model after an epoch; and whether no interrupt kept it from measuring everything.
    fn evaluate(
        &self,
        summary: &EpochSummary,
        learning_rate: f32,
    ) -> Result<(EpochMetrics, bool), CommandError> {
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
        let due = every.is_some_and(|every| last || epoch.is_multiple_of(every));
        let likelihood = match due {
            true => self.likelihood(&parameters)?,
            false => None,
        };
        let row = EpochMetrics {
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
        };
        Ok((row, likelihood.is_some() || !due))
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
                match ais.forward(&self.heeded(), &|_| ())? {
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
        let error = row.test_log_likelihood_standard_error.unwrap_or(0.0);
        match error > 0.0 {
            true => format!(
                "\n      held-out ln p {found:.3} +- {error:.3} (forward AIS: on average too high)"
            ),
            false => format!("\n      held-out ln p {found:.3}"),
        }
    })
}
