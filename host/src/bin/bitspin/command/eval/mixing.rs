//! Whether chains mix, and whether their samples resemble the data or copy them.

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::display::shown;
use bitspin::evaluate::convergence::{Advice, Convergence, worst};
use bitspin::evaluate::{AdversarialAccuracy, Mixing};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::report::progress::Progress;
use serde::Serialize;

use super::Packed;
use crate::cli::Eval;
use crate::command::CommandError;

/// Results of the chains.
#[derive(Debug, Serialize)]
pub(super) struct Mixed {
    chains: usize,
    steps: usize,
    steps_per_draw: usize,
    free_energy: Convergence,
    set_units: Convergence,
    /// Integrated autocorrelation time of the free energy in Gibbs steps.
    autocorrelation_steps: f64,
    /// Nearest-neighbour adversarial accuracy against training and held-out data.
    aats_train: f64,
    aats_test: f64,
    /// `aats_test - aats_train`: above 0 where samples lie nearer to the training data.
    aats_memorisation: f64,
}

impl Mixed {
    /// Lines of the printed report.
    pub(super) fn lines(&self) -> String {
        let advice = Advice {
            longer: "--steps",
            burn_in: "--steps",
            chains: "--samples",
            faster: None,
        };
        let sentence = worst(&[self.free_energy, self.set_units])
            .map_or(String::new(), |(_, found)| {
                wrapped(&found.sentence(&advice))
            });
        format!(
            "\n{} chains of {} Gibbs steps, half from images, half from noise:\n  \
             R-hat {:.3} of the free energy, autocorrelation {:.0} Gibbs steps\n{sentence}  \
             nearest-neighbour accuracy (0.5: indistinguishable, 0: copies, 1: separate)\n  \
             {:.3} against training, {:.3} against held-out images\n",
            self.chains,
            self.steps,
            self.free_energy.r_hat,
            self.autocorrelation_steps,
            self.aats_train,
            self.aats_test,
        )
    }
}

/// Indented lines of at most 78 characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a line");
        if !last.is_empty() && last.chars().count() + word.chars().count() > 75 {
            lines.push(word.to_string());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

/// Runs chains and compares where they end.
pub(super) fn mix(
    options: &Eval,
    parameters: &RbmParameters,
    data: &Packed,
    threads: usize,
) -> Result<Mixed, CommandError> {
    let bad = |error: bitspin_core::Error| {
        CommandError::usage(format!("--mixing: {}: {error}", shown(&options.model)))
    };
    let starts = data.train.clone().take(options.samples);
    let progress = Progress::new(options.steps as u64, "steps");
    let interrupt = Interrupt::install();
    let tick = |steps| progress.inc(steps);
    let mixing = Mixing::of_with(
        parameters,
        &starts,
        options.steps,
        options.run.seed,
        threads,
        Control::new().interrupt(&interrupt).progress(&tick),
    );
    progress.finish();
    let Some(mixing) = mixing.map_err(bad)? else {
        let text = "interrupted; the results of --mixing are left out";
        return Err(CommandError::Interrupted(text.to_string()));
    };
    let accuracy = |images| AdversarialAccuracy::of(images, &mixing.samples, threads).map_err(bad);
    // Chains are not compared with the images that they started from, if there are others.
    let (bits, words) = (data.train.bits(), starts.bits().len());
    let others = BitMatrix::from_bits(parameters.visible, bits[bits.len() - words..].to_vec());
    let others = others.map_err(bad)?;
    let (train, test) = (accuracy(&others)?.value(), accuracy(&data.test)?.value());
    Ok(Mixed {
        chains: starts.count(),
        steps: options.steps,
        steps_per_draw: mixing.steps_a_draw,
        free_energy: mixing.free_energy,
        set_units: mixing.set_units,
        autocorrelation_steps: mixing.free_energy.autocorrelation_time * mixing.steps_a_draw as f64,
        aats_train: train,
        aats_test: test,
        aats_memorisation: test - train,
    })
}
