//! `bitspin hopfield capacity`.

use std::fmt::Write;
use std::time::Instant;

use bitspin::Control;
use bitspin::display::shown;
use bitspin::hopfield::capacity::{LoadPoint, Plan};
use bitspin::hopfield::{Loads, Memory, MemoryError, Rule, capacity_plot};
use bitspin::interrupt::Interrupt;
use bitspin::output::OutputDirectory;
use bitspin::report::progress::Progress;
use bitspin::report::table::csv;
use serde_json::json;

use super::CommandError;
use crate::cli::Capacity;
use crate::command::written::Written;

const FILES: [&str; 2] = ["capacity.svg", "capacity.csv"];

/// Measures, prints and draws.
pub(crate) fn run(options: &Capacity) -> Result<(), CommandError> {
    let plan = plan(options)?;
    let threads = options.run.threads();
    let out = options.out.as_ref();
    let output = out.map(|path| OutputDirectory::create(path, &FILES, options.replace.force));
    let output = output.transpose()?;

    let interrupt = Interrupt::install();
    let progress = Progress::new((plan.loads.len() * plan.trials) as u64, "networks");
    let start = Instant::now();
    let tick = |networks| progress.inc(networks);
    let control = Control::new().interrupt(&interrupt).progress(&tick);
    let points = plan.run_with(threads, control)?;
    let seconds = start.elapsed().as_secs_f64();
    progress.finish();

    if let (Some(mut output), false) = (output, points.is_empty()) {
        let svg = capacity_plot(&plan, &points).map_err(CommandError::failed)?;
        output.add(FILES[0], svg.into_bytes())?;
        output.add(FILES[1], csv(&points))?;
        output.commit()?;
    }
    if options.run.json {
        let written = out.filter(|_| !points.is_empty());
        let files = written.map_or(vec![], |out| Written::in_directory(out, &FILES));
        super::print_json(&json!({
            "neurons": plan.neurons, "rule": plan.rule.to_string(), "trials": plan.trials, "probes": plan.probes,
            "seed": plan.seed, "seconds": seconds, "out": options.out.as_deref().map(shown), "files": files, "loads": points,
        }));
    } else {
        super::print(table(options, &plan, &points, seconds).trim_end());
    }
    let (done, of) = (points.len(), plan.loads.len());
    CommandError::unless_all(done, of, "loads; the results cover only these")
}

/// The options as a plan.
fn plan(options: &Capacity) -> Result<Plan, CommandError> {
    let probes = 200_000 / options.neurons.max(1);
    let probes = options.probes.unwrap_or(probes.clamp(10, 100));
    let loads = options
        .loads
        .clone()
        .map_or_else(|| default_loads(options.rule), Ok)?;
    let plan = Plan {
        neurons: options.neurons,
        rule: options.rule,
        loads: loads.as_slice().to_vec(),
        trials: options.trials,
        probes,
        seed: options.run.seed,
    };
    let most = plan.loads.last().map_or(1, |&load| plan.patterns(load));
    Memory::check(plan.rule, plan.neurons, most).map_err(|error| {
        let option = match error {
            MemoryError::Units { .. } => "--neurons",
            _ => "--loads",
        };
        CommandError::usage(format!("{option}: {error}"))
    })?;
    Ok(plan)
}

/// Loads around the capacity of a rule.
fn default_loads(rule: Rule) -> Result<Loads, CommandError> {
    let loads = match rule {
        Rule::Hebb | Rule::Covariance => "0.02..0.2:0.02",
        Rule::Clipped => "0.02..0.16:0.02",
        Rule::PseudoInverse | Rule::Storkey | Rule::Dense(_) | Rule::Exponential(_) => {
            "0.1..0.7:0.1"
        }
    };
    loads.parse().map_err(CommandError::Failed)
}

fn table(options: &Capacity, plan: &Plan, points: &[LoadPoint], seconds: f64) -> String {
    let mut text = format!(
        "rule {}, N = {}, {} networks per load, {seconds:.1} s\n\n{:>8}  {:>8}  {:>7}  {:>8}  {:>8}  {:>8}  {:>7}  {:>8}\n",
        plan.rule,
        plan.neurons,
        plan.trials,
        "load",
        "patterns",
        "probes",
        "overlap",
        "+-",
        "theory",
        "exact",
        "+-"
    );
    let optional = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.4}"));
    for p in points {
        let _ = writeln!(
            text,
            "{:>8}  {:>8}  {:>7}  {:>8.4}  {:>8}  {:>8}  {:>7.4}  {:>8}",
            p.load,
            p.patterns,
            p.probes,
            p.overlap,
            optional(p.overlap_error),
            optional(p.theory_overlap),
            p.exact_recall,
            optional(p.exact_recall_error)
        );
    }
    if plan.rule.theory().is_some() {
        text.push_str("\nThe theory is for N to infinity: a finite network loses a few patterns before capacity.\n");
    }
    if let Some(out) = &options.out {
        let _ = writeln!(text, "\nWritten to {}: {}", shown(&out), FILES.join(", "));
    }
    text
}
