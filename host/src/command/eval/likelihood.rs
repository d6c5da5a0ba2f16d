//! ln Z by annealing, as the command asks for it.

use std::time::Instant;

use bitspin::console;
use bitspin::display::shown;
use bitspin::evaluate::{
    Ais, AisSettings, BaseRate, Estimate, MAX_BETAS, ReverseStart, exact_samples,
};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::report::progress::Progress;
use bitspin_core::exact::MAX_UNITS;
use serde::{Serialize, Serializer};

use super::Packed;
use crate::cli::Eval;
use crate::command::{CommandError, MAX_CHAINS};

/// The most Gibbs steps of a chain.
const MAX_BURN_IN: usize = 1 << 24;

/// Refuses options that have no meaning.
pub(super) fn check(options: &Eval) -> Result<(), CommandError> {
    // A standard error takes two chains.
    in_range("--chains", options.chains, 2, MAX_CHAINS)?;
    in_range("--betas", options.betas, 1, MAX_BETAS)?;
    in_range("--samples", options.samples, 2, MAX_CHAINS)?;
    in_range("--steps", options.steps, 8, MAX_BURN_IN)?;
    in_range("--burn-in", options.burn_in, 0, MAX_BURN_IN)
}

/// Refuses an option beyond its range.
pub(in crate::command) fn in_range(
    option: &str,
    value: usize,
    least: usize,
    most: usize,
) -> Result<(), CommandError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let text = format!("{option}: expected {least} to {most}, not {value}");
    Err(CommandError::usage(text))
}

/// Whether ln Z can be had exactly, and exact samples with it.
pub(in crate::command) fn is_enumerable(parameters: &RbmParameters) -> bool {
    parameters.visible.min(parameters.hidden) <= MAX_UNITS
}

/// Estimates of ln Z from both ends.
#[derive(Debug)]
pub(super) struct Annealed {
    pub(super) forward: Estimate,
    /// None where there are neither data nor exact samples to start from.
    pub(super) reverse: Option<Estimate>,
    chains: usize,
    betas: usize,
    base: &'static str,
    reverse_start: Option<String>,
    /// Of both directions, Gibbs steps before the reverse one included.
    seconds: [f64; 2],
}

impl Serialize for Annealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Keys<'a> {
            ln_z_ais: f64,
            ln_z_ais_standard_error: f64,
            ln_z_ais_effective_sample_size: f64,
            #[serde(skip_serializing_if = "Option::is_none")]
            ln_z_reverse_ais: Option<f64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            ln_z_reverse_ais_standard_error: Option<f64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            ln_z_reverse_ais_effective_sample_size: Option<f64>,
            ais_chains: usize,
            ais_betas: usize,
            ais_base_rates: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            reverse_ais_start: Option<&'a str>,
            ais_seconds: f64,
            #[serde(skip_serializing_if = "Option::is_none")]
            reverse_ais_seconds: Option<f64>,
        }
        let reverse = self.reverse.as_ref();
        let keys = Keys {
            ln_z_ais: self.forward.ln_z,
            ln_z_ais_standard_error: self.forward.standard_error,
            ln_z_ais_effective_sample_size: self.forward.effective_sample_size,
            ln_z_reverse_ais: reverse.map(|reverse| reverse.ln_z),
            ln_z_reverse_ais_standard_error: reverse.map(|reverse| reverse.standard_error),
            ln_z_reverse_ais_effective_sample_size: reverse
                .map(|reverse| reverse.effective_sample_size),
            ais_chains: self.chains,
            ais_betas: self.betas,
            ais_base_rates: self.base,
            reverse_ais_start: self.reverse_start.as_deref(),
            ais_seconds: self.seconds[0],
            reverse_ais_seconds: reverse.map(|_| self.seconds[1]),
        };
        keys.serialize(serializer)
    }
}

impl Annealed {
    /// Lines for people.
    pub(super) fn lines(&self) -> String {
        let mut text = describe("AIS", &self.forward, self.betas, self.base);
        if let (Some(reverse), Some(start)) = (&self.reverse, &self.reverse_start) {
            text += &describe("reverse AIS", reverse, self.betas, start);
        }
        text
    }

    /// Says on standard error what should not be trusted.
    pub(super) fn warn(&self) {
        let reverse = self
            .reverse
            .as_ref()
            .map(|reverse| ("reverse AIS", reverse));
        for (name, estimate) in [("AIS", &self.forward)].into_iter().chain(reverse) {
            if !estimate.is_reliable() {
                console::warning(format_args!(
                    "{name}: an effective sample size of {:.1} of {} chains is too small for its standard error \
                     to be trusted; more --betas help most, then more --chains",
                    estimate.effective_sample_size, estimate.chains
                ));
            }
        }
    }
}

/// What an estimate is, and what it was made of.
fn describe(name: &str, estimate: &Estimate, betas: usize, start: &str) -> String {
    format!(
        "ln Z = {:.3} +- {:.3} ({name}, effective sample size {:.0} of {})\n  \
         {betas} temperatures from {start}\n",
        estimate.ln_z, estimate.standard_error, estimate.effective_sample_size, estimate.chains
    )
}

/// Anneals from both ends.
pub(super) fn anneal(
    options: &Eval,
    parameters: &RbmParameters,
    data: Option<&Packed>,
    threads: usize,
) -> Result<Annealed, CommandError> {
    let bad = |error: bitspin_core::Error| {
        CommandError::usage(format!("--ais: {}: {error}", shown(&options.model)))
    };
    let base = match data {
        Some(data) => BaseRate::of_data(&data.train),
        None => BaseRate::of_model(parameters),
    };
    let settings = AisSettings {
        chains: options.chains,
        betas: options.betas,
        seed: options.seed,
        threads,
    };
    let ais = Ais::new(parameters, &base, settings).map_err(bad)?;
    let exact = if is_enumerable(parameters) {
        Some(exact_samples(parameters, options.chains, options.seed).map_err(bad)?)
    } else {
        None
    };
    let start = match (&exact, data) {
        (Some(samples), _) => Some(ReverseStart::Exact(samples)),
        (None, Some(data)) => Some(ReverseStart::Data(&data.train, options.burn_in)),
        (None, None) => None,
    };
    let steps = ais.forward_steps() + start.map_or(0, |start| ais.reverse_steps(start));
    let progress = Progress::new(steps, "steps");
    let interrupt = Interrupt::install();
    let tell = |steps| progress.inc(steps);
    let begin = Instant::now();
    let forward = ais.forward(&interrupt, &tell).map_err(bad)?;
    let between = begin.elapsed();
    let reverse = match (forward, start) {
        (Some(_), Some(start)) => ais.reverse(start, &interrupt, &tell).map_err(bad)?,
        _ => None,
    };
    let seconds = [between, begin.elapsed() - between].map(|time| time.as_secs_f64());
    progress.finish();
    match (forward, reverse.is_some() || start.is_none()) {
        (Some(forward), true) => Ok(Annealed {
            forward,
            reverse,
            seconds,
            chains: options.chains,
            betas: options.betas,
            base: match data {
                Some(_) => "the training digits' base rates",
                None => "the model's visible biases",
            },
            reverse_start: start.map(|start| match start {
                ReverseStart::Exact(_) => "exact samples".to_string(),
                ReverseStart::Data(_, steps) => {
                    format!("training digits after {steps} Gibbs steps")
                }
            }),
        }),
        _ => Err(CommandError::Interrupted(
            "interrupted: ln Z by --ais is left out".to_string(),
        )),
    }
}
