//! ln Z and test likelihoods by annealed importance sampling.

use std::cell::{Cell, RefCell};
use std::time::Instant;

use bitspin::Control;
use bitspin::display::shown;
use bitspin::evaluate::{
    Ais, AisSettings, BaseRate, Bracket, BracketSettings, Errs, Estimate, Raise, ReverseFrom,
    Stage, TemperingReport, drawn, free_energy,
};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::report::progress::Progress;
use bitspin_core::exact::MAX_UNITS;
use serde::Serialize;

use super::Packed;
use crate::cli::{Eval, ReverseStart};
use crate::command::CommandError;
use crate::command::memory;

/// Refuses a single row for RAISE: a standard error takes two.
pub(super) fn check(options: &Eval) -> Result<(), CommandError> {
    match options.raise_rows {
        1 => Err(CommandError::usage(
            "--raise-rows: expected 0, or 2 or more, not 1",
        )),
        _ => Ok(()),
    }
}

/// Whether ln Z can be enumerated, and exact samples drawn.
pub(in crate::command) fn is_enumerable(parameters: &RbmParameters) -> bool {
    parameters.visible.min(parameters.hidden) <= MAX_UNITS
}

/// Results of `--ais`.
#[derive(Debug, Serialize)]
pub(super) struct Annealed {
    chains: usize,
    betas: usize,
    base_rates: &'static str,
    pub(super) forward: Forward,
    pub(super) reverse: Reverse,
    /// Reverse ln Z less forward ln Z in combined standard errors; null where both errors are 0.
    standard_errors_apart: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) raise: Option<Conservative>,
    #[serde(skip)]
    doubts: Vec<String>,
}

/// The estimate from the base-rate model.
#[derive(Debug, Serialize)]
pub(super) struct Forward {
    #[serde(flatten)]
    pub(super) estimate: Estimate,
    ln_z_errs: Errs,
    likelihood_errs: Errs,
    seconds: f64,
}

/// The estimate from samples.
#[derive(Debug, Serialize)]
pub(super) struct Reverse {
    #[serde(flatten)]
    pub(super) estimate: Estimate,
    ln_z_errs: Errs,
    likelihood_errs: Errs,
    start: ReverseFrom,
    #[serde(skip_serializing_if = "Option::is_none")]
    burn_in: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tempering: Option<TemperingReport>,
    /// Of annealing, and of sampling before it.
    seconds: f64,
    sampling_seconds: f64,
}

/// The estimate from test rows.
#[derive(Debug, Serialize)]
pub(super) struct Conservative {
    rows: usize,
    test_rows: usize,
    chains_per_row: usize,
    /// The mean over these rows alone.
    rows_log_likelihood: f64,
    /// The mean over all test rows.
    pub(super) test_log_likelihood: f64,
    pub(super) standard_error: f64,
    /// Difference to the estimate by forward AIS, in nats. It is not a lower bound if this is significantly above 0.
    above_forward: f64,
    /// The standard deviation of a chain's ln-weight about its row's mean; null for one chain a row.
    ln_weight_deviation: f64,
    likelihood_errs: Errs,
    seconds: f64,
}

impl Annealed {
    /// Lines of the printed report.
    pub(super) fn lines(&self) -> String {
        let (forward, reverse) = (&self.forward, &self.reverse);
        let mut text = describe("forward AIS", &forward.estimate, forward.ln_z_errs);
        text += &format!(
            "  {} temperatures from {}, {:.1} s\n",
            self.betas, self.base_rates, forward.seconds
        );
        text += &describe("reverse AIS", &reverse.estimate, reverse.ln_z_errs);
        text += &match (reverse.start, &reverse.tempering) {
            (ReverseFrom::Tempering, Some(found)) => format!(
                "  from samples of the model by parallel tempering, {:.1} s, and {:.1} s for\n  \
                 {} ladders of {} temperatures, {} rounds: exchange rates from {:.2},\n  \
                 R-hat {:.3}, autocorrelation {:.0} rounds,\n  starts {:.1} standard errors apart\n",
                reverse.seconds,
                reverse.sampling_seconds,
                found.ladders,
                found.temperatures,
                found.rounds,
                found.least_exchange_rate,
                found.free_energy.r_hat.max(found.set_units.r_hat),
                found.autocorrelation_rounds,
                found.starts_apart
            ),
            (ReverseFrom::Data, _) => format!(
                "  from training rows after {} Gibbs steps, {:.1} s\n",
                reverse.burn_in.unwrap_or(0),
                reverse.seconds
            ),
            _ => format!(
                "  from exact samples of the model, {:.1} s\n",
                reverse.seconds
            ),
        };
        if let Some(raise) = &self.raise {
            text += &format!(
                "RAISE: {} chains for each of {} of {} test rows, {:.1} s\n",
                raise.chains_per_row, raise.rows, raise.test_rows, raise.seconds
            );
        }
        text
    }

    /// Reasons to doubt the estimates, one line each.
    pub(super) fn doubts(&self) -> &[String] {
        &self.doubts
    }
}

/// An estimate and the direction of its error.
fn describe(name: &str, estimate: &Estimate, errs: Errs) -> String {
    let errs = match errs {
        Errs::Low => "on average too low",
        Errs::High => "on average too high",
        Errs::Unknown => "no bound",
    };
    format!(
        "ln Z = {:.3} +- {:.3} ({name}, {errs})\n  effective sample size {:.0} of {}\n",
        estimate.ln_z, estimate.standard_error, estimate.effective_sample_size, estimate.chains
    )
}

/// The opposite direction.
fn likelihood(errs: Errs) -> Errs {
    match errs {
        Errs::Low => Errs::High,
        Errs::High => Errs::Low,
        Errs::Unknown => Errs::Unknown,
    }
}

/// A progress bar over all stages, and the seconds of each.
pub(in crate::command) struct Stages {
    progress: Progress,
    begin: Cell<Instant>,
    stage: Cell<Option<Stage>>,
    seconds: RefCell<Vec<(Option<Stage>, f64)>>,
}

impl Stages {
    /// A bar of `steps` in all stages together.
    pub(in crate::command) fn new(steps: u64) -> Self {
        Self {
            progress: Progress::new(steps, "steps"),
            begin: Cell::new(Instant::now()),
            stage: Cell::new(None),
            seconds: RefCell::default(),
        }
    }

    /// Begins a stage; `None` is RAISE.
    pub(in crate::command) fn begin(&self, stage: Option<Stage>) {
        self.end();
        self.stage.set(stage);
    }

    /// Ends the stage that runs.
    pub(in crate::command) fn end(&self) {
        let seconds = self.begin.replace(Instant::now()).elapsed().as_secs_f64();
        self.seconds.borrow_mut().push((self.stage.get(), seconds));
    }

    pub(in crate::command) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn of(&self, stage: Option<Stage>) -> f64 {
        let seconds = self.seconds.borrow();
        let last = seconds.iter().rev().find(|(of, _)| *of == stage);
        last.map_or(0.0, |(_, seconds)| *seconds)
    }
}

/// Anneals in both directions, and from test rows.
pub(super) fn anneal(
    options: &Eval,
    parameters: &RbmParameters,
    data: Option<&Packed>,
    threads: usize,
) -> Result<Annealed, CommandError> {
    let bad = |error: bitspin_core::Error| {
        CommandError::usage(format!("--ais: {}: {error}", shown(&options.model)))
    };
    let interrupted =
        || CommandError::Interrupted("interrupted; the results of --ais are left out".to_string());
    let from = match options.reverse_from {
        None => ReverseFrom::sound(parameters),
        Some(ReverseStart::Exact) => ReverseFrom::Exact,
        Some(ReverseStart::Tempering) => ReverseFrom::Tempering,
        Some(ReverseStart::Data) => ReverseFrom::Data,
    };
    if from == ReverseFrom::Exact && !is_enumerable(parameters) {
        return Err(CommandError::usage(format!(
            "--reverse-from exact: expected at most {MAX_UNITS} units in the smaller layer, not {}",
            parameters.visible.min(parameters.hidden)
        )));
    }
    if from == ReverseFrom::Data && data.is_none() {
        return Err(CommandError::usage(format!(
            "--reverse-from data: expected data of {} units (--data)",
            parameters.visible
        )));
    }
    let units = parameters.visible + parameters.hidden;
    memory::ensure("the chains", options.chains, 4 * units)?;
    let base = match data {
        Some(data) => BaseRate::of_data(&data.train),
        None => BaseRate::of_model(parameters),
    };
    let settings = BracketSettings {
        ais: AisSettings {
            chains: options.chains,
            betas: options.betas,
            seed: options.run.seed,
            threads,
        },
        from,
        rounds: options.tempering_rounds,
        burn_in: options.burn_in,
    };
    let rows = data
        .filter(|_| options.raise_rows > 0)
        .map(|data| drawn(&data.test, options.raise_rows, options.run.seed))
        .filter(|rows| rows.count() >= 2);
    let ais = Ais::new(parameters, &base, settings.ais).map_err(bad)?;
    let raise_steps = (rows.as_ref()).map_or(0, |rows| {
        ais.raise_steps(rows.count(), options.raise_chains)
    });
    let stages = Stages::new(settings.steps() + raise_steps);
    let (progress, interrupt) = (stages.progress(), Interrupt::install());
    let tell = |steps| progress.inc(steps);
    let control = Control::new().interrupt(&interrupt).progress(&tell);
    let bracket = Bracket::new_with(
        parameters,
        &base,
        data.map(|data| &data.train),
        settings,
        &|stage, _| stages.begin(Some(stage)),
        control,
    );
    let bracket = bracket.map_err(bad)?.ok_or_else(interrupted)?;
    let mut raise = None;
    stages.begin(None);
    if let (Some(data), Some(rows)) = (data, rows) {
        let found = ais.raise_with(&rows, options.raise_chains, control);
        let found = found.map_err(bad)?.ok_or_else(interrupted)?;
        let mean = free_energy(parameters, &data.test, threads).map_err(bad)?;
        stages.end();
        raise = Some(conservative(
            &found,
            &bracket.forward,
            mean,
            data.test.count(),
            stages.of(None),
        ));
    }
    progress.finish();
    let mut doubts: Vec<String> = bracket.doubts().iter().map(ToString::to_string).collect();
    doubts.extend(raise.as_ref().and_then(Conservative::doubt));
    let reverse_errs = bracket.reverse_errs();
    Ok(Annealed {
        chains: options.chains,
        betas: options.betas,
        base_rates: match data {
            Some(_) => "the training rows' base rates",
            None => "the model's visible biases",
        },
        forward: Forward {
            estimate: bracket.forward,
            ln_z_errs: Errs::Low,
            likelihood_errs: Errs::High,
            seconds: stages.of(Some(Stage::Forward)),
        },
        reverse: Reverse {
            estimate: bracket.reverse,
            ln_z_errs: reverse_errs,
            likelihood_errs: likelihood(reverse_errs),
            start: from,
            burn_in: (from == ReverseFrom::Data).then_some(options.burn_in),
            tempering: bracket.tempering,
            seconds: stages.of(Some(Stage::Reverse)),
            sampling_seconds: stages.of(Some(Stage::Tempering)),
        },
        standard_errors_apart: bracket.standard_errors_apart(),
        raise,
        doubts,
    })
}

impl Conservative {
    /// Why it is not a lower bound here, if so.
    fn doubt(&self) -> Option<String> {
        (self.likelihood_errs != Errs::Low).then(|| {
            format!(
                "RAISE is {:.3} nats above forward AIS, so it is not a lower bound here: it bounds the likelihood of the model that \
                 annealing samples, which is higher on these rows than that of this model; more --betas bring the two together",
                self.above_forward
            )
        })
    }
}

fn conservative(
    found: &Raise,
    forward: &Estimate,
    free_energy: f64,
    test_rows: usize,
    seconds: f64,
) -> Conservative {
    let (found_mean, standard_error) = (found.log_likelihood(free_energy), found.standard_error());
    let above_forward = found_mean + free_energy + forward.ln_z;
    let certain = above_forward > 3.0 * standard_error.hypot(forward.standard_error);
    Conservative {
        rows: found.rows.len(),
        test_rows,
        chains_per_row: found.chains_a_row,
        rows_log_likelihood: found.mean(),
        test_log_likelihood: found_mean,
        standard_error,
        above_forward,
        ln_weight_deviation: found.deviation,
        likelihood_errs: if certain { Errs::Unknown } else { Errs::Low },
        seconds,
    }
}
