//! The epochs of a run and the evaluation after each.

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::data::{Dataset, Images};
use bitspin::engine::engine;
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::report::progress::Progress;
use bitspin::train::{
    EpochMetrics, EpochSummary, Settings, Trainer, TrainerState, TrainingData, TrainingRows,
};
use bitspin_core::rbm::train::Method;
use bitspin_core::rng::Purpose;
use serde::{Deserialize, Serialize};

use super::checkpoints::Checkpoints;
use super::table::{epoch_line, headings};
use super::watched::{Evaluation, Gap, Gaps, Labels};
use crate::cli::Train;
use crate::command::CommandError;

/// An epoch before its evaluation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Unmeasured {
    summary: EpochSummary,
    rate: f32,
}

/// The best model so far on held-out data, for `--patience`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Best {
    /// The epoch, from 1.
    pub(super) epoch: usize,
    value: f64,
    /// Evaluations since then that were not better.
    worse: usize,
    pub(super) parameters: RbmParameters,
}

/// The state in a checkpoint: the trainer, an epoch that is not evaluated yet, the metrics so far, and the best model.
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
    /// With `--labels`.
    pub(super) labels: Option<Labels<'a>>,
    pub(super) filling: Option<Gaps>,
    pub(super) evaluation: Evaluation,
    pub(super) trainer: Trainer,
    pub(super) metrics: Vec<EpochMetrics>,
    /// How many of these belong to complete epochs with a complete evaluation.
    pub(super) measured: usize,
    /// A complete epoch that is not evaluated yet.
    pub(super) unmeasured: Option<Unmeasured>,
    /// With `--patience`.
    pub(super) best: Option<Best>,
    pub(super) checkpoints: Checkpoints,
    pub(super) interrupt: Interrupt,
}

/// The name of a training sample: a row of a table, or an image.
fn unit(images: &Images) -> &'static str {
    if images.rows() == 1 { "rows" } else { "images" }
}

impl Run<'_> {
    /// A description of the run, and the headings of the columns.
    pub(super) fn headline(&self, data: &Dataset) -> String {
        let settings = &self.settings;
        let method = match settings.method {
            Method::ContrastiveDivergence => "CD",
            Method::Persistent => "PCD",
        };
        let mut how = format!("{method}-{}", settings.steps);
        let mut visible = data.pixels_per_image().to_string();
        if let Some(labels) = self.labels {
            visible = format!("{visible} + {}", labels.classes);
            how = match settings.objective.weights() {
                (0.0, _) => settings.objective.to_string(),
                _ => format!("{}, {how}", settings.objective),
            };
        }
        let centred = if settings.centred { ", centred" } else { "" };
        let threads = self.trainer.threads();
        format!(
            "{data}\n{visible} x {}, {how}{centred}, batch {}, lr {}, {} pixels, {threads} thread{}\n\n{}",
            self.hidden,
            settings.batch,
            settings.learning_rate,
            self.options.data.binarise(),
            if threads == 1 { "" } else { "s" },
            headings(self.labels.is_some(), unit(&data.train.images)),
        )
    }

    /// Trains for all epochs, and says whether it was interrupted.
    pub(super) fn epochs(&mut self, images: &Images) -> Result<bool, CommandError> {
        let binarise = self.options.data.binarise();
        let is_table = images.rows() == 1;
        let fixed = (!binarise.is_random())
            .then(|| BitMatrix::binarise(images, binarise, 0, Purpose::Evaluation));
        let progress = Progress::new((images.count() * self.epochs) as u64, unit(images));
        let state = self.trainer.state();
        progress.inc((images.count() * state.epochs() + state.images_of_epoch()) as u64);
        if let Some(Unmeasured { summary, rate }) = self.unmeasured.take() {
            self.measure(&summary, rate, is_table, &progress)?;
        }
        while !self.is_over() && !self.interrupt.is_set() {
            let rate = self.trainer.learning_rate();
            let filled = self.fill(self.trainer.epochs())?;
            let binary = match filled.as_ref().or(fixed.as_ref()) {
                Some(packed) => TrainingData::Packed(packed.bits()),
                None => TrainingData::Grey(images.pixels()),
            };
            let categories = self.labels.map_or(&[][..], |labels| labels.train);
            let rows = TrainingRows { binary, categories };
            let count = |digits| progress.inc(digits);
            let interrupt = self.heeded();
            let control = Control::new().interrupt(&interrupt).progress(&count);
            let summary = self.trainer.epoch_with(rows, control)?;
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

    /// Updates the best model after a complete epoch.
    fn judge(&mut self, row: &EpochMetrics) {
        let measured = row.quality(self.options.evaluate_every.is_some());
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

    /// The interrupt of an epoch and its evaluation. With missing entries there is none, because checkpoints do not
    /// hold the filled-in entries: such an epoch is completed before the run stops.
    pub(super) fn heeded(&self) -> Interrupt {
        match self.filling {
            Some(_) => Interrupt::manual(),
            None => self.interrupt.clone(),
        }
    }

    /// Adds an epoch's row to the metrics. That of an epoch that was interrupted, or whose evaluation was, is of use
    /// for what is written now, but not for a run that goes on.
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
        if !self.options.run.json && row.epoch.is_multiple_of(every) {
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

    /// The body of a checkpoint, and whether the run is over.
    fn kept(&self) -> (impl Serialize + use<>, bool) {
        let body = (
            self.trainer.state(),
            self.unmeasured,
            self.metrics[..self.measured].to_vec(),
            self.best.clone(),
        );
        (body, self.is_over() && self.unmeasured.is_none())
    }

    /// Writes a checkpoint of the current state.
    fn write_checkpoint(&mut self) -> Result<(), CommandError> {
        let (body, finished) = self.kept();
        self.checkpoints.write(&body, finished)
    }

    /// A checkpoint of the current state, as bytes.
    pub(super) fn checkpoint(&mut self) -> Vec<u8> {
        let (body, finished) = self.kept();
        self.checkpoints.seal(&body, finished)
    }

    /// The training rows with their missing entries filled in for an epoch, and what is looked at after it.
    fn fill(&mut self, epoch: usize) -> Result<Option<BitMatrix>, CommandError> {
        let Some(gaps) = &self.filling else {
            return Ok(None);
        };
        let engine = engine(&self.trainer.parameters()).map_err(CommandError::failed)?;
        let threads = self.trainer.threads();
        let rows = |gap: &Option<Gap>| {
            let filled = gap.as_ref().map(|gap| gap.rows(&engine, epoch, threads));
            filled.transpose()
        };
        if let Some(train) = rows(&gaps.train)? {
            self.evaluation.train = train;
        }
        if let Some(test) = rows(&gaps.test)? {
            self.evaluation.test = test;
        }
        rows(&gaps.all)
    }
}
