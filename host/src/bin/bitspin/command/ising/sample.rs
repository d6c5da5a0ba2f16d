//! `bitspin ising sample`.

use std::fmt::Write;
use std::time::Instant;

use bitspin::Control;
use bitspin::display::shown;
use bitspin::evaluate::convergence::{Advice, Verdict, worst};
use bitspin::interrupt::Interrupt;
use bitspin::ising::file::Source;
use bitspin::ising::sampling::{Plan, Point, Sampler};
use bitspin::ising::{
    FasterSampler, Ladder, Quantised, faster_sampler, onsager, square_couplings, states_picture,
    temperature_plot,
};
use bitspin::output::OutputDirectory;
use bitspin::report::progress::Progress;
use bitspin_core::Error;
use serde_json::json;

use super::states::States;
use super::{CommandError, load, tell, weights};
use crate::cli::{IsingSample, IsingSampler};
use crate::command::written::Written;

const FILES: [&str; 3] = ["observables.csv", "temperature.svg", "states.png"];

const MOST_POINTS: usize = 100;

/// The most draws that are kept: two numbers each, of all chains and temperatures.
const MOST_DRAWS: usize = 200_000_000;

/// Samples, prints and draws.
pub(super) fn run(options: &IsingSample) -> Result<(), CommandError> {
    let source = source(options)?;
    let plan = plan(options, source.as_ref())?;
    let threads = options.run.threads();
    let size = picture_size(options, plan.model.units());
    let names = if size.is_some() {
        &FILES[..]
    } else {
        &FILES[..2]
    };
    let out = options.out.as_ref();
    let output = out.map(|path| OutputDirectory::create(path, names, options.replace.force));
    let output = output.transpose()?;
    if let (Some(path), Some(source)) = (&options.model, &source) {
        tell(path, source);
    }

    let states = States::new(options)?;
    let interrupt = Interrupt::install();
    let progress = Progress::new(plan.steps(), "sweeps");
    let start = Instant::now();
    let tick = |sweeps| progress.inc(sweeps);
    let control = Control::new().interrupt(&interrupt).progress(&tick);
    let points = plan.run_with(threads, control);
    let mut points = points.map_err(CommandError::failed)?;
    if let Some(source) = &source {
        let offset = source.couplings.problem.offset() / plan.model.units() as f64;
        for point in &mut points {
            point.energy.mean += offset;
            point.energy_convergence.mean += offset;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    progress.finish();

    if let (Some(mut output), false) = (output, points.is_empty()) {
        let exact = ferromagnet(options);
        let svg = temperature_plot(&title(options, &plan), &points, exact);
        output.add(FILES[0], csv(&points).into_bytes())?;
        output.add(FILES[1], svg.map_err(CommandError::failed)?.into_bytes())?;
        if let Some((rows, columns)) = size {
            let png = states_picture(&points, rows, columns).map_err(CommandError::failed)?;
            output.add(FILES[2], png)?;
        }
        output.commit()?;
    }
    let is_qubo = source
        .as_ref()
        .is_some_and(|source| source.couplings.problem.is_qubo());
    let written = match (states, points.is_empty()) {
        (Some(states), false) => {
            Some(states.write(options, &points, plan.model.units(), is_qubo)?)
        }
        _ => None,
    };
    let files = match (out, points.is_empty()) {
        (Some(out), false) => Written::in_directory(out, names),
        _ => vec![],
    };
    report(
        options,
        source.as_ref(),
        &plan,
        (&points, seconds),
        (files, written),
    );
    let (done, of) = (points.len(), plan.betas.len());
    CommandError::unless_all(done, of, "temperatures; the results cover only these")
}

/// The options as a plan.
fn plan(options: &IsingSample, source: Option<&Source>) -> Result<Plan, CommandError> {
    let betas = betas(options)?;
    let model = model(options, source, &betas)?;
    let sampler = match options.sampler {
        IsingSampler::Metropolis => Sampler::Metropolis,
        IsingSampler::Glauber => Sampler::Glauber,
        IsingSampler::Wolff => Sampler::Wolff,
        IsingSampler::Tempering => Sampler::Tempering,
    };
    let draws = options.sweeps.saturating_mul(options.chains * betas.len());
    if draws > MOST_DRAWS {
        return Err(CommandError::usage(format!(
            "--sweeps, --chains, --betas: {draws} draws in all, expected {MOST_DRAWS} at most"
        )));
    }
    if sampler == Sampler::Tempering && betas.len() < 2 {
        return Err(CommandError::usage(
            "--betas: expected a ladder of two temperatures or more for --sampler tempering, such as --betas 0.1..1",
        ));
    }
    for &beta in &betas {
        model.numbers.temperature(beta).map_err(|error| {
            CommandError::usage(format!("--beta, --betas: {beta} for this model: {error}"))
        })?;
    }
    Ok(Plan {
        model,
        betas,
        sampler,
        sweeps: options.sweeps,
        burn_in: options.burn_in,
        chains: options.chains,
        seed: options.run.seed,
    })
}

/// The model's file, if there is one.
fn source(options: &IsingSample) -> Result<Option<Source>, CommandError> {
    let reading = options.reading;
    if options.lattice.is_some() && (reading.symmetrise || reading.convention.is_some()) {
        return Err(CommandError::usage(
            "--symmetrise, --convention: expected only for a model from a file",
        ));
    }
    let path = options.model.as_ref();
    path.map(|path| load(path, reading)).transpose()
}

/// The model in the integers that it needs at the lowest temperature.
fn model(
    options: &IsingSample,
    source: Option<&Source>,
    betas: &[f64],
) -> Result<Quantised, CommandError> {
    let beta = betas.iter().copied().fold(0.0, f64::max);
    if let (Some(model), Some(source)) = (&options.model, source) {
        return source
            .couplings
            .quantised(beta)
            .map_err(CommandError::at(model));
    }
    let Some(size) = options.lattice else {
        return Err(CommandError::usage(
            "expected a model file or --lattice ROWSxCOLUMNS",
        ));
    };
    let (j, h) = (
        options.coupling.unwrap_or(1.0),
        options.field.unwrap_or(0.0),
    );
    let couplings = square_couplings(size.rows, size.columns, j, h);
    couplings
        .and_then(|couplings| couplings.quantised(beta))
        .map_err(|error| {
            CommandError::usage(match error {
                Error::OutOfRange {
                    what: "lattice", ..
                } => format!("--lattice: {error}"),
                error => format!("--coupling {j}, --field {h}: {error}"),
            })
        })
}

fn betas(options: &IsingSample) -> Result<Vec<f64>, CommandError> {
    let Some(range) = options.betas else {
        let beta = options.beta.unwrap_or(1.0);
        if beta > 0.0 && beta.is_finite() {
            return Ok(vec![beta]);
        }
        return Err(CommandError::usage(format!(
            "--beta: expected a finite number above 0, not {beta}"
        )));
    };
    let (low, high) = (range.first.min(range.last), range.first.max(range.last));
    if low == high {
        return Err(CommandError::usage(format!(
            "--betas: expected two different numbers, not {low} twice"
        )));
    }
    if !(2..=MOST_POINTS).contains(&options.points) {
        return Err(CommandError::usage(format!(
            "--points: expected 2 to {MOST_POINTS}, not {}",
            options.points
        )));
    }
    let last = (options.points - 1) as f64;
    let at = |k: usize| low + (high - low) * k as f64 / last;
    Ok((0..options.points).map(at).collect())
}

/// Rows and columns of states as pictures: of lattices only.
fn picture_size(options: &IsingSample, units: usize) -> Option<(usize, usize)> {
    let size = options.lattice?;
    (size.rows * size.columns == units).then_some((size.rows, size.columns))
}

/// J of a lattice that Onsager solved.
fn ferromagnet(options: &IsingSample) -> Option<f64> {
    options.lattice?;
    let coupling = options.coupling.unwrap_or(1.0);
    (coupling > 0.0 && options.field.unwrap_or(0.0) == 0.0).then_some(coupling)
}

fn title(options: &IsingSample, plan: &Plan) -> String {
    match (&options.lattice, &options.model) {
        (Some(size), _) => format!("Ising model, {} x {}", size.rows, size.columns),
        (None, Some(model)) => format!("Ising model {}", shown(&model)),
        _ => format!("Ising model of {} spins", plan.model.units()),
    }
}

fn csv(points: &[Point]) -> String {
    let mut text = String::from(
        "beta,energy,energy_error,magnetisation,magnetisation_error,specific_heat,specific_heat_error,susceptibility,susceptibility_error,r_hat,effective_samples\n",
    );
    for p in points {
        let _ = write!(text, "{}", p.beta);
        for value in [p.energy, p.magnetisation, p.specific_heat, p.susceptibility] {
            let _ = write!(text, ",{},{}", value.mean, value.error);
        }
        let found = p.energy_convergence;
        let _ = writeln!(text, ",{},{}", found.r_hat, found.effective_samples);
    }
    text
}

/// The convergence of the worst quantity of all temperatures, in words, and its beta.
fn sentence(plan: &Plan, points: &[Point]) -> Option<(f64, Verdict, String)> {
    let all: Vec<_> = points
        .iter()
        .flat_map(|p| [p.energy_convergence, p.magnetisation_convergence])
        .collect();
    let (at, found) = worst(&all)?;
    let faster = faster_sampler(&plan.model, plan.sampler, &plan.betas);
    let faster = faster.map(|faster| words(plan.sampler, faster));
    let advice = Advice {
        longer: "--sweeps",
        burn_in: "--burn-in",
        chains: "--chains",
        faster: faster.as_deref(),
    };
    Some((points[at / 2].beta, found.verdict, found.sentence(&advice)))
}

/// The options that choose a sampler in place of another.
fn words(now: Sampler, faster: FasterSampler) -> String {
    let name = match faster.sampler {
        _ if faster.sampler == now => None,
        Sampler::Glauber => Some("--sampler glauber"),
        Sampler::Metropolis => Some("--sampler metropolis"),
        Sampler::Wolff => Some("--sampler wolff"),
        Sampler::Tempering => Some("--sampler tempering"),
    };
    let ladder = faster
        .ladder
        .map(|Ladder { hot, cold, points }| format!("--betas {hot}..{cold} --points {points}"));
    let words = name.map(String::from).into_iter().chain(ladder);
    words.collect::<Vec<_>>().join(" ")
}

fn report(
    options: &IsingSample,
    source: Option<&Source>,
    plan: &Plan,
    (points, seconds): (&[Point], f64),
    (files, written): (Vec<Written>, Option<Written>),
) {
    let verdict = sentence(plan, points);
    if options.run.json {
        let exact = |beta: f64| {
            let coupling = ferromagnet(options)?;
            let k = coupling * beta;
            Some(json!({
                "energy": coupling * onsager::energy(k),
                "magnetisation": onsager::magnetisation(k),
            }))
        };
        let verdict = verdict.map(|(beta, verdict, sentence)| {
            json!({"beta": beta, "verdict": verdict, "sentence": sentence})
        });
        super::print_json(&json!({
            "spins": plan.model.units(), "format": source.map(|source| &source.format),
            "convention": source.map(|source| source.convention),
            "offset": source.filter(|source| source.couplings.problem.is_qubo()).map(|source| source.couplings.problem.offset()),
            "numbers": plan.model.numbers, "sampler": plan.sampler, "sweeps": plan.sweeps, "burn_in": plan.burn_in,
            "chains": plan.chains, "seed": plan.seed, "seconds": seconds, "out": options.out.as_deref().map(shown), "points": points,
            "files": files.iter().chain(&written).collect::<Vec<_>>(),
            "infinite_lattice": points.iter().map(|p| exact(p.beta)).collect::<Vec<_>>(), "convergence": verdict,
        }));
        return;
    }
    let mut text = format!(
        "{} spins, {} chains of {} sweeps after {} of burn-in, {seconds:.1} s\n\n{:>8} {:>18} {:>16} {:>16} {:>16}\n",
        plan.model.units(),
        plan.chains,
        plan.sweeps,
        plan.burn_in,
        "beta",
        "energy",
        "|M| / N",
        "specific heat",
        "susceptibility"
    );
    for p in points {
        let cell = |value: bitspin::ising::sampling::Estimate| {
            super::shown::estimate(value.mean, value.error)
        };
        let _ = writeln!(
            text,
            "{:>8} {:>18} {:>16} {:>16} {:>16}",
            super::shown::beta(p.beta),
            cell(p.energy),
            cell(p.magnetisation),
            cell(p.specific_heat),
            cell(p.susceptibility)
        );
    }
    if let Some(source) = source {
        let _ = write!(text, "\nWeights: {}", weights(source));
    }
    if let Some(rounding) = plan.model.numbers.rounding() {
        let _ = write!(text, "\nNumbers: {rounding}");
    }
    if let Some((beta, _, sentence)) = verdict {
        let _ = write!(
            text,
            "\nSlowest convergence, at beta {}: {sentence}",
            super::shown::beta(beta)
        );
    }
    if let (Some(out), false) = (&options.out, points.is_empty()) {
        let files = if options.lattice.is_some() {
            &FILES[..]
        } else {
            &FILES[..2]
        };
        let _ = write!(text, "\n\nWritten to {}: {}", shown(&out), files.join(", "));
    }
    if let Some(written) = written {
        let _ = write!(
            text,
            "\n\n{}",
            written.line("the last state of every chain")
        );
    }
    super::print(text.trim_end());
}
