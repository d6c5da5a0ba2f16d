//! `bitspin boltzmann train`: learning.

use std::time::{Duration, Instant};

use bitspin::boltzmann::{BoltzmannError, Method, Patterns, Row, Settings, Trainer, measure};
use bitspin::display::shown;
use bitspin::interrupt::Interrupt;
use bitspin::output::OutputDirectory;
use bitspin::report::progress::Progress;
use bitspin_core::ising::learn::Objective;

use super::super::{say, tell_notes};
use super::CommandError;
use super::outcome::{FILES, Outcome};
use crate::cli::{BoltzmannMethod, BoltzmannTrain};

/// Number of evaluations, evenly spread over the epochs, besides the first and the last.
const MEASURED: usize = 100;

/// Lines of the table.
const LINES: usize = 10;

/// Trains and writes the results.
pub(super) fn run(options: &BoltzmannTrain) -> Result<(), CommandError> {
    let settings = settings(options, options.run.threads());
    let patterns = Patterns::load(&options.data, &options.tables.options(None))?;
    say(&patterns.notes);
    settings.check(&patterns)?;
    let output = OutputDirectory::create(&options.out, &FILES, options.replace.force)?;
    let interrupt = Interrupt::install();
    interrupt.save_results();
    let mut run = Run {
        trainer: Trainer::new(&patterns, settings.clone())?,
        patterns: &patterns,
        settings: &settings,
        rows: Vec::new(),
        learning: Duration::ZERO,
        interrupt,
        quiet: options.run.json,
    };
    tell_notes();
    let done = run.epochs()?;
    let outcome = Outcome {
        options,
        settings: &settings,
        patterns: &patterns,
        w: run.trainer.w(),
        h: run.trainer.h(),
        clamped: run.trainer.clamped(),
        epochs: done,
        rows: run.rows,
    };
    outcome.write(output)?;
    if done < settings.epochs {
        return Err(CommandError::Interrupted(format!(
            "interrupted after {done} of {} epochs; {} holds the model so far",
            settings.epochs,
            shown(&options.out)
        )));
    }
    Ok(())
}

/// The settings from the command's options.
fn settings(options: &BoltzmannTrain, threads: usize) -> Settings {
    let method = match options.method {
        BoltzmannMethod::Exact => Method::Exact,
        BoltzmannMethod::Pcd => Method::Persistent,
        BoltzmannMethod::Tempering => Method::Tempering,
        BoltzmannMethod::PseudoLikelihood => Method::SamplerFree(Objective::PseudoLikelihood),
        BoltzmannMethod::RatioMatching => Method::SamplerFree(Objective::RatioMatching),
        BoltzmannMethod::Flow => Method::SamplerFree(Objective::Flow),
    };
    let is_bars = options.data.as_os_str() == "bars-and-stripes";
    let hidden = options.hidden.unwrap_or(if is_bars { 8 } else { 0 });
    let defaults = Settings::defaults(method, hidden);
    Settings {
        epochs: options.epochs.unwrap_or(defaults.epochs),
        learning_rate: options.lr.unwrap_or(defaults.learning_rate),
        learning_rate_decay: options.lr_decay.unwrap_or(defaults.learning_rate_decay),
        momentum: options.momentum.unwrap_or(defaults.momentum),
        weight_decay: options.weight_decay,
        chains: options.chains.unwrap_or(defaults.chains),
        sweeps: options.sweeps.unwrap_or(defaults.sweeps),
        temperatures: options.temperatures.unwrap_or(defaults.temperatures),
        seed: options.run.seed,
        threads,
        ..defaults
    }
}

struct Run<'a> {
    trainer: Trainer<'a>,
    patterns: &'a Patterns,
    settings: &'a Settings,
    rows: Vec<Row>,
    learning: Duration,
    interrupt: Interrupt,
    quiet: bool,
}

impl Run<'_> {
    /// Trains for all epochs or until interrupted; returns the number of epochs done.
    fn epochs(&mut self) -> Result<usize, CommandError> {
        let epochs = self.settings.epochs;
        let (measured, shown) = (epochs.div_ceil(MEASURED), epochs.div_ceil(LINES));
        if !self.quiet {
            super::print(&self.headline());
        }
        let progress = Progress::new(epochs as u64, "epochs");
        self.measure(0, None)?;
        progress.println_unless(self.quiet, &line(self.rows.last()));
        for epoch in 1..=epochs {
            let rate = self.trainer.learning_rate();
            let began = Instant::now();
            let gradient = self.trainer.step()?;
            self.learning += began.elapsed();
            progress.inc(1);
            let last = epoch == epochs || self.interrupt.is_set();
            if epoch.is_multiple_of(measured) || last {
                self.measure(epoch, Some((rate, gradient)))?;
                let due = epoch % shown < measured;
                if due || last {
                    progress.println_unless(self.quiet, &line(self.rows.last()));
                }
            }
            if last {
                progress.finish();
                return Ok(epoch);
            }
        }
        Ok(epochs)
    }

    /// A description of the run, and the heading of the table.
    fn headline(&self) -> String {
        let (settings, patterns) = (self.settings, self.patterns);
        let clamped = match self.trainer.clamped() {
            bitspin::boltzmann::Clamped::NoHidden => "",
            bitspin::boltzmann::Clamped::Exact => ", enumerated in the positive phase",
            bitspin::boltzmann::Clamped::Sampled => ", sampled in the positive phase",
        };
        format!(
            "{}: {} patterns, {} of them distinct, entropy {:.4} nats\n\
             {} visible and {} hidden spins{clamped}\n{}, lr {}, momentum {}, seed {}\n\n\
             {:>6} {:>9} {:>14} {:>14} {:>14} {:>19} {:>10}",
            patterns.name,
            patterns.total(),
            patterns.distinct(),
            patterns.entropy(),
            patterns.visible(),
            settings.hidden,
            settings.method,
            settings.learning_rate,
            settings.momentum,
            settings.seed,
            "epoch",
            "seconds",
            "K(data; model)",
            "K(model; data)",
            "cross-entropy",
            "pseudo-likelihood",
            "gradient"
        )
    }

    /// Evaluates the model after an epoch.
    fn measure(&mut self, epoch: usize, step: Option<(f32, f32)>) -> Result<(), CommandError> {
        let (w, h) = (self.trainer.w(), self.trainer.h());
        let found = measure(w, h, self.patterns, self.settings.threads);
        // Finite couplings can still be too large to be added up.
        let found = found.map_err(|_| BoltzmannError::Diverged {
            epoch,
            rate: self.settings.learning_rate,
        })?;
        self.rows.push(Row {
            epoch,
            seconds: self.learning.as_secs_f64(),
            learning_rate: step.map_or(self.settings.learning_rate, |(rate, _)| rate),
            largest_gradient: step.map(|(_, gradient)| gradient),
            kl: found.kl,
            kl_reverse: found.kl_reverse,
            cross_entropy: found.cross_entropy,
            pseudo_log_likelihood: found.pseudo_log_likelihood,
        });
        Ok(())
    }
}

/// A line of the table.
fn line(row: Option<&Row>) -> String {
    let Some(row) = row else {
        return String::new();
    };
    let number = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.5}"));
    format!(
        "{:>6} {:>9.3} {:>14} {:>14} {:>14} {:>19} {:>10}",
        row.epoch,
        row.seconds,
        number(row.kl),
        number(row.kl_reverse),
        number(row.cross_entropy),
        number(row.pseudo_log_likelihood),
        number(row.largest_gradient.map(f64::from))
    )
}
