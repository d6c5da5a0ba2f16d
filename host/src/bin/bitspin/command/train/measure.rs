//! Evaluation of the model after an epoch.

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::engine::engine;
use bitspin::evaluate::calibration::negative_log_likelihood;
use bitspin::evaluate::{self, Ais, AisSettings, BaseRate, labelled_ln_z};
use bitspin::model_file::{LabelledParameters, RbmParameters};
use bitspin::train::{EpochMetrics, EpochSummary, Likelihood, Measures};

use super::run::Run;
use super::watched::{Evaluation, Labels, with_labels};
use crate::command::CommandError;
use crate::command::labels::error_rate;

/// Hidden units up to which ln Z is enumerated after epochs.
const ENUMERATED: usize = 16;

impl Run<'_> {
    /// Evaluates the model after an epoch, and says whether the evaluation was completed without an interrupt.
    pub(super) fn evaluate(
        &self,
        summary: &EpochSummary,
        learning_rate: f32,
    ) -> Result<(EpochMetrics, bool), CommandError> {
        let parameters = self.trainer.parameters();
        let seconds = summary.duration.as_secs_f64();
        let epoch = self.metrics.len() + 1;
        let last = epoch == self.epochs || summary.interrupted;
        let every = self.options.evaluate_every;
        let due = every.is_some_and(|every| last || epoch.is_multiple_of(every));
        let row = EpochMetrics {
            epoch,
            seconds,
            images_per_second: summary.images as f64 / seconds,
            learning_rate,
            measures: match self.labels {
                Some(labels) => self.classification(summary, &parameters, labels),
                None => self.reconstruction(summary, &parameters),
            }
            .map_err(CommandError::failed)?,
            likelihood: match due {
                true => self.likelihood(parameters).map_err(CommandError::failed)?,
                false => None,
            },
        };
        let whole = row.likelihood.is_some() || !due;
        Ok((row, whole))
    }

    fn reconstruction(
        &self,
        summary: &EpochSummary,
        parameters: &RbmParameters,
    ) -> Result<Measures, bitspin_core::Error> {
        let (seed, threads) = (self.options.run.seed, self.trainer.threads());
        let Evaluation { train, test } = &self.evaluation;
        let gibbs = evaluate::reconstruction(&engine(parameters)?, train, seed, threads)?;
        let test_pseudo_log_likelihood =
            evaluate::pseudo_log_likelihood(parameters, test, threads)?;
        Ok(Measures::Unlabelled {
            reconstruction_mse: summary
                .reconstruction_mse
                .unwrap_or(gibbs.reconstruction_mse),
            free_energy_gap: gibbs.free_energy_gap,
            test_pseudo_log_likelihood,
        })
    }

    fn classification(
        &self,
        summary: &EpochSummary,
        parameters: &RbmParameters,
        labels: Labels<'_>,
    ) -> Result<Measures, bitspin_core::Error> {
        let (engine, threads) = (engine(parameters)?, self.trainer.threads());
        let test = &self.evaluation.test;
        let logits = evaluate::logits(&engine, labels.classes, test, threads)?;
        Ok(Measures::Labelled {
            train_nll: summary.classification.map(|(nll, _)| nll),
            train_error: summary.classification.map(|(_, error)| error),
            test_nll: negative_log_likelihood(&logits, labels.test, 1.0),
            test_error: error_rate(&logits.predictions(), labels.test),
        })
    }

    /// The log-likelihood of held-out data, with their labels if the model has label units; `None` if interrupted.
    fn likelihood(
        &self,
        parameters: RbmParameters,
    ) -> Result<Option<Likelihood>, bitspin_core::Error> {
        let threads = self.trainer.threads();
        let rows = |rows: &BitMatrix, labels: fn(Labels<'_>) -> &[u8]| match self.labels {
            Some(all) => with_labels(rows, labels(all), all.classes),
            None => rows.clone(),
        };
        let train = rows(&self.evaluation.train, |labels| labels.train);
        let test = rows(&self.evaluation.test, |labels| labels.test);
        let small = match self.labels {
            Some(_) => parameters.hidden,
            None => parameters.hidden.min(parameters.visible),
        };
        let (ln_z, standard_error) = if small <= ENUMERATED {
            let ln_z = match self.labels {
                Some(Labels { classes, .. }) => {
                    let joint = parameters.clone();
                    labelled_ln_z(&LabelledParameters { joint, classes }, threads)?
                }
                None => evaluate::ln_z(&parameters, threads)?,
            };
            (ln_z, 0.0)
        } else {
            let settings = AisSettings {
                chains: 100,
                betas: 1000,
                seed: self.options.run.seed,
                threads,
            };
            let base = BaseRate::of_groups(&train, self.trainer.groups().starts());
            let ais = Ais::new(&parameters, &base, settings)?;
            match ais.forward_with(Control::new().interrupt(&self.heeded()))? {
                Some(found) => (found.ln_z, found.standard_error),
                None => return Ok(None),
            }
        };
        let of = |images| evaluate::free_energy(&parameters, images, threads);
        let (of_train, of_test) = (of(&train)?, of(&test)?);
        Ok(Some(Likelihood {
            test: -of_test - ln_z,
            standard_error,
            free_energy_gap: of_test - of_train,
        }))
    }
}
