//! `bitspin hopfield recall`.

use std::fmt::Write;

use bitspin::Control;
use bitspin::display::shown;
use bitspin::hopfield::recall::{Motion, Recalled, Trial};
use bitspin::hopfield::{Damage, Memory, Rule, recall_picture};
use bitspin::interrupt::Interrupt;
use bitspin::report::progress::Progress;
use bitspin_core::hopfield::{Outcome, Stop};
use serde_json::{Value, json};

use super::{CommandError, Stored, share};
use crate::cli::{self, Dynamics, Order, Recall};
use crate::command::written::{Form, Written};

/// Patterns stored without `--patterns`, of a data set.
const DEFAULT_PATTERNS: usize = 10;

/// The most rows of the table; JSON has all.
const MOST_ROWS: usize = 20;

/// Stores, damages, recalls, reports and draws.
pub(crate) fn run(options: &Recall) -> Result<(), CommandError> {
    Form::check("--out", options.out.as_ref(), &[Form::Png])?;
    let trial = plan(options)?;
    let stored = Stored::load(&options.source, &options.pictures)?;
    let count = stored.count(options.patterns, DEFAULT_PATTERNS)?;
    Memory::check(options.rule, stored.images.pixels_per_image(), count)?;
    let patterns = stored.patterns(&options.source, options.rule, count)?;
    let output = options.replace.file(options.out.as_deref())?;
    let memory = Memory::store(options.rule, &patterns)?;

    let interrupt = Interrupt::install();
    let progress = Progress::new(count as u64, "patterns");
    let shape = (stored.images.rows(), stored.images.columns());
    let threads = options.run.threads();
    let tick = |patterns| progress.inc(patterns);
    let control = Control::new().interrupt(&interrupt).progress(&tick);
    let all = trial.run_with(&memory, &patterns, shape, threads, control);
    let all = all.map_err(CommandError::failed)?;
    progress.finish();

    if let (Some(output), false) = (output, all.is_empty()) {
        let picture = recall_picture(&patterns, &all, shape).map_err(CommandError::failed)?;
        output.commit(picture.to_png().map_err(CommandError::failed)?)?;
    }
    if options.run.json {
        super::print_json(&report(options, &stored, &trial, count, &all));
    } else {
        super::print(table(options, &stored, &trial, count, &all).trim_end());
    }
    CommandError::unless_all(all.len(), count, "patterns; the results cover only these")
}

/// The options as a trial.
fn plan(options: &Recall) -> Result<Trial, CommandError> {
    options.source.check()?;
    if let Some(noise) = options.noise {
        share("--noise", noise)?;
    }
    let damage = match options.erase {
        Some(half) => Damage::Erase(half),
        None => Damage::Noise(options.noise.unwrap_or(0.2)),
    };
    Ok(Trial {
        damage,
        motion: motion(&options.motion, options.rule)?,
        sweeps: options.motion.sweeps,
        seed: options.run.seed,
    })
}

fn motion(options: &cli::Motion, rule: Rule) -> Result<Motion, CommandError> {
    let temperature = options.temperature;
    if !(0.0..=1e6).contains(&temperature) {
        return Err(CommandError::usage(format!(
            "--temperature: expected 0 to 1000000, not {temperature}"
        )));
    }
    let synchronous = options.dynamics == Dynamics::Synchronous;
    let refuse = |what: &str| Err(CommandError::usage(what));
    match (options.order, synchronous) {
        (Some(_), true) => refuse("--order: expected only with --dynamics asynchronous"),
        (_, true) if temperature > 0.0 => {
            refuse("--temperature: expected only with --dynamics asynchronous")
        }
        (Some(Order::Random | Order::Greedy), _) if temperature > 0.0 => {
            refuse("--order: expected ascending at a temperature")
        }
        _ if temperature > 0.0 && matches!(rule, Rule::Exponential(_)) => {
            refuse("--temperature: expected 0 with rule exponential, whose fields have no unit")
        }
        _ if temperature > 0.0 => Ok(Motion::Glauber(temperature)),
        (_, true) => Ok(Motion::Synchronous),
        (None | Some(Order::Ascending), _) => Ok(Motion::Ascending),
        (Some(Order::Random), _) => Ok(Motion::Random),
        (Some(Order::Greedy), _) => Ok(Motion::Greedy),
    }
}

fn stop(stop: Stop) -> &'static str {
    match stop {
        Stop::FixedPoint => "fixed point",
        Stop::TwoCycle => "two-cycle",
        Stop::SweepLimit => "sweep limit",
    }
}

/// The outcome of a recall, in words.
fn words(outcome: &Outcome) -> String {
    let but = |differing: u32| match differing {
        0 => String::new(),
        1 => ", 1 unit wrong".into(),
        _ => format!(", {differing} units wrong"),
    };
    match outcome {
        Outcome::Pattern { index, differing } => format!("pattern {index}{}", but(*differing)),
        Outcome::Inverse { index, differing } => format!("inverse of {index}{}", but(*differing)),
        Outcome::Mixture { parts, differing } => {
            let part = |&(index, inverse): &(usize, bool)| match inverse {
                true => format!("-{index}"),
                false => index.to_string(),
            };
            let parts: Vec<_> = parts.iter().map(part).collect();
            format!("mixture of {}{}", parts.join(", "), but(*differing))
        }
        Outcome::Spurious { nearest, overlap } => {
            format!("spurious, nearest {nearest} ({overlap:.3})")
        }
    }
}

/// The outcome of a recall, as JSON.
fn value(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Pattern { index, differing } => {
            json!({ "kind": "pattern", "pattern": index, "wrong_units": differing })
        }
        Outcome::Inverse { index, differing } => {
            json!({ "kind": "inverse", "pattern": index, "wrong_units": differing })
        }
        Outcome::Mixture { parts, differing } => {
            let parts: Vec<_> = parts
                .iter()
                .map(|(index, inverse)| json!({ "pattern": index, "inverse": inverse }))
                .collect();
            json!({ "kind": "mixture", "parts": parts, "wrong_units": differing })
        }
        Outcome::Spurious { nearest, overlap } => {
            json!({ "kind": "spurious", "nearest": nearest, "overlap": overlap })
        }
    }
}

fn mean(all: &[Recalled], value: fn(&Recalled) -> f64) -> f64 {
    all.iter().map(value).sum::<f64>() / all.len().max(1) as f64
}

fn exact(all: &[Recalled]) -> usize {
    all.iter().filter(|recalled| recalled.is_exact()).count()
}

fn report(
    options: &Recall,
    stored: &Stored,
    trial: &Trial,
    count: usize,
    all: &[Recalled],
) -> Value {
    let label = |index: usize| stored.labels.as_ref().map(|labels| labels[index]);
    let rows: Vec<_> = all
        .iter()
        .map(|r| {
            json!({
                "pattern": r.pattern, "label": label(r.pattern), "file": stored.files.get(r.pattern), "overlap_before": r.overlap_before,
                "overlap_after": r.overlap_after, "sweeps": r.sweeps, "stop": stop(r.stop).replace(' ', "-"),
                "exact": r.is_exact(), "recalled": value(&r.outcome),
            })
        })
        .collect();
    json!({
        "data": stored.name, "threshold": options.source.threshold, "units": stored.images.pixels_per_image(),
        "patterns": count, "rule": options.rule.to_string(), "damage": trial.damage.to_string(), "seed": options.run.seed,
        "exact": exact(all), "overlap_before": mean(all, |r| r.overlap_before),
        "overlap_after": mean(all, |r| r.overlap_after), "recalls": rows, "picture": options.out.as_deref().map(shown),
        "files": options.out.iter().filter(|_| !all.is_empty()).map(|path| Written::named(path)).collect::<Vec<_>>(),
    })
}

fn table(
    options: &Recall,
    stored: &Stored,
    trial: &Trial,
    count: usize,
    all: &[Recalled],
) -> String {
    let mut text = format!(
        "{}: {count} pattern{} of {} units, rule {}, {}\n\n{:>7}  {:>5}  {:>7}  {:>7}  {:>6}  {:11}  recalled\n",
        stored.name,
        if count == 1 { "" } else { "s" },
        stored.images.pixels_per_image(),
        options.rule,
        trial.damage,
        "pattern",
        "label",
        "before",
        "after",
        "sweeps",
        "stop"
    );
    for r in all.iter().take(MOST_ROWS) {
        let label = stored.labels.as_ref();
        let label = label.map_or("-".into(), |labels| labels[r.pattern].to_string());
        let _ = writeln!(
            text,
            "{:>7}  {label:>5}  {:>7.4}  {:>7.4}  {:>6}  {:11}  {}",
            r.pattern,
            r.overlap_before,
            r.overlap_after,
            r.sweeps,
            stop(r.stop),
            words(&r.outcome)
        );
    }
    if all.len() > MOST_ROWS {
        let more = all.len() - MOST_ROWS;
        let _ = writeln!(text, "    ... and {more} more; --json lists all");
    }
    let (before, after) = (
        mean(all, |r| r.overlap_before),
        mean(all, |r| r.overlap_after),
    );
    let (exact, of) = (exact(all), all.len());
    let _ = writeln!(
        text,
        "\n{exact} of {of} recalled exactly; mean overlap {before:.4} before, {after:.4} after"
    );
    if let Some(path) = &options.out {
        let path = shown(&path);
        let _ = writeln!(text, "{path}: rows of stored, damaged, recalled");
    }
    text
}
