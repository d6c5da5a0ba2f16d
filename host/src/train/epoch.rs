//! One epoch of training on several threads.

mod thread;

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use bitspin_core::rbm::train::Method;
use serde::{Deserialize, Serialize};

use super::TrainError as Error;
use super::barrier::Barrier;
use super::begun::{Begun, Losses, NAT};
use super::data::TrainingRows;
use super::trainer::Trainer;
use crate::control::Control;
use crate::parallel;
use thread::{EpochRun, Part};

/// Results of an epoch of training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochSummary {
    /// Wall-clock time.
    pub duration: Duration,
    /// Images that were trained on: fewer than there are if the epoch was interrupted.
    pub images: usize,
    /// Mean of (v - p(v|h))^2 of binary units while training; `None` for persistent chains and without chains.
    pub reconstruction_mse: Option<f64>,
    /// Mean of -ln p(y|x) during the epoch, in nats, and the share of rows whose y was not the likeliest; `None` without
    /// the discriminative gradient.
    pub classification: Option<(f64, f64)>,
    /// Whether the epoch was cut short by an interrupt.
    pub interrupted: bool,
}

impl Trainer {
    /// Trains on every row once, in an order drawn for this epoch.
    ///
    /// # Errors
    /// [`TrainError::Model`](super::TrainError::Model) if the data are not whole rows, as many as the trainer was made for, or
    /// a category is none of its group's; [`TrainError::Diverged`](super::TrainError::Diverged).
    pub fn epoch<'a>(&mut self, rows: impl Into<TrainingRows<'a>>) -> Result<EpochSummary, Error> {
        self.run_epoch(rows.into(), Control::new())
    }

    /// [`Self::epoch`] that reports rows. An interrupt stops it after the current minibatch; the next call continues with
    /// the rest of the epoch.
    ///
    /// # Errors
    /// As [`Self::epoch`].
    pub fn epoch_with<'a>(
        &mut self,
        rows: impl Into<TrainingRows<'a>>,
        control: Control<'_>,
    ) -> Result<EpochSummary, Error> {
        self.run_epoch(rows.into(), control)
    }

    fn run_epoch(
        &mut self,
        rows: TrainingRows<'_>,
        control: Control<'_>,
    ) -> Result<EpochSummary, Error> {
        let found = rows.count(&self.groups())?;
        if found != self.order.len() {
            let expected = self.order.len();
            return Err(bitspin_core::Error::Length {
                what: "the training images",
                expected,
                found,
            }
            .into());
        }
        let begin = Instant::now();
        if self.settings.centred && self.visible_means.is_empty() {
            self.set_means(rows.means(&self.groups())?);
        }
        let begun = self.begun.take();
        if begun.is_none() {
            self.shuffle_order();
        }
        let batch = begun
            .as_ref()
            .map_or_else(|| self.settings.batch_in(self.epoch), |begun| begun.batch);
        self.cut_samples(batch);
        let run = EpochRun {
            trainer: self,
            rows,
            batch,
            begun: begun.as_ref(),
            barrier: Barrier::new(self.settings.threads),
            stop: AtomicBool::new(false),
            control,
        };
        let parts = parallel::each(0..self.settings.threads, |thread| run.work(thread));
        let before = begun
            .as_ref()
            .map_or(Duration::ZERO, |begun| begun.duration);
        let duration = before + begin.elapsed();
        let losses = parts.iter().map(|part| part.losses);
        let losses = losses.fold(Losses::default(), Losses::and);
        let Part {
            rows: images,
            fraction_bits,
            diverged,
            ..
        } = parts[0];
        if diverged {
            let epoch = self.epoch + 1;
            return Err(Error::Diverged { epoch });
        }
        let interrupted = images < self.order.len();
        if interrupted {
            self.fraction_bits = fraction_bits;
            self.begun = Some(Begun {
                batch,
                minibatches: images / batch,
                images,
                losses,
                duration,
                fraction_bits,
                data: Vec::new(),
            });
        } else {
            // With as many fraction bits as the parameters leave room for now, which may be more than there were.
            self.quantise_afresh()?;
            self.epoch += 1;
        }
        Ok(self.summary(losses, images, duration, interrupted))
    }

    fn summary(
        &self,
        losses: Losses,
        images: usize,
        duration: Duration,
        interrupted: bool,
    ) -> EpochSummary {
        let (generative, discriminative) = self.settings.objective.weights();
        let units = images * self.groups().binary();
        let mse = losses.error as f64 / f64::from(1_u32 << 24) / units as f64;
        let reconstructs = self.settings.method == Method::ContrastiveDivergence;
        let count = images as f64;
        let of_classes = (losses.nll as f64 / NAT / count, losses.wrong as f64 / count);
        EpochSummary {
            duration,
            images,
            reconstruction_mse: (reconstructs && generative != 0.0 && units > 0).then_some(mse),
            classification: (discriminative != 0.0 && images > 0).then_some(of_classes),
            interrupted,
        }
    }
}
