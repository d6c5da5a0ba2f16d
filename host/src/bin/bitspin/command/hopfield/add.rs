//! `bitspin hopfield add`.

use std::fmt::Write;

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::display::shown;
use bitspin::hopfield::{AddError, Adding, Addition, Memory, forgetting_plot, random_patterns};
use bitspin::interrupt::Interrupt;
use bitspin::report::progress::Progress;
use bitspin_core::rng::{Purpose, Streams};
use serde_json::{Value, json};

use super::{CommandError, Stored, at_least_one, share};
use crate::cli::Add;
use crate::command::written::Written;

/// Patterns added without `--patterns`: of a data set, and at the most of random ones.
const DEFAULT_PATTERNS: usize = 20;
const MOST_RANDOM: usize = 60;

/// The most patterns: every addition recalls all that are stored.
const MOST_PATTERNS: usize = 2000;

/// Forgotten patterns that a line of the table lists; JSON has all.
const LISTED: usize = 6;

/// The patterns in the order in which they are added.
struct Sequence {
    name: String,
    patterns: BitMatrix,
    shape: (usize, usize),
    stored: Option<Stored>,
}

/// Adds, recalls, reports and draws.
pub(crate) fn run(options: &Add) -> Result<(), CommandError> {
    share("--noise", options.noise)?;
    let sequence = match options.random {
        Some(units) => random(options, units)?,
        None => pictures(options)?,
    };
    let output = options.replace.file(options.out.as_deref())?;
    let adding = Adding {
        rule: options.rule,
        noise: options.noise,
        sweeps: options.sweeps,
        seed: options.run.seed,
    };
    let count = sequence.patterns.count();
    let interrupt = Interrupt::install();
    let progress = Progress::new(count as u64, "patterns");
    let threads = options.run.threads();
    let tick = |patterns| progress.inc(patterns);
    let steps = adding.run_with(
        &sequence.patterns,
        sequence.shape,
        threads,
        Control::new().interrupt(&interrupt).progress(&tick),
    );
    let steps = steps.map_err(|error| match error {
        AddError::Memory(error) => error.into(),
        AddError::Core(error) => CommandError::failed(error),
    })?;
    progress.finish();
    if let (Some(output), false) = (output, steps.is_empty()) {
        let title = format!("{}, rule {}", sequence.name, options.rule);
        let svg = forgetting_plot(&title, &steps).map_err(CommandError::failed)?;
        output.commit(svg.into_bytes())?;
    }
    if options.run.json {
        super::print_json(&report(options, &sequence, &steps));
    } else {
        super::print(table(options, &sequence, &steps).trim_end());
    }
    CommandError::unless_all(steps.len(), count, "patterns; the results cover only these")
}

fn pictures(options: &Add) -> Result<Sequence, CommandError> {
    options.source.check()?;
    let stored = Stored::load(&options.source, &options.pictures)?;
    let count = stored.count(options.patterns, DEFAULT_PATTERNS)?;
    at_least_one("--patterns", count, MOST_PATTERNS)?;
    Memory::check(options.rule, stored.images.pixels_per_image(), count)?;
    Ok(Sequence {
        name: stored.name.clone(),
        patterns: stored.patterns(&options.source, options.rule, count)?,
        shape: (stored.images.rows(), stored.images.columns()),
        stored: Some(stored),
    })
}

fn random(options: &Add, units: usize) -> Result<Sequence, CommandError> {
    let default = (units / 4).clamp(2, MOST_RANDOM);
    let count = options.patterns.unwrap_or(default);
    at_least_one("--patterns", count, MOST_PATTERNS)?;
    Memory::check(options.rule, units, count)?;
    let mut stream = Streams::new(options.run.seed, Purpose::Training).next_stream();
    Ok(Sequence {
        name: "random patterns".into(),
        patterns: random_patterns(units, count, &mut stream),
        shape: (1, units),
        stored: None,
    })
}

impl Sequence {
    fn label(&self, index: usize) -> Option<u8> {
        let labels = self.stored.as_ref()?.labels.as_ref()?;
        labels.get(index).copied()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn report(options: &Add, sequence: &Sequence, steps: &[Addition]) -> Value {
    let file = |index: usize| sequence.stored.as_ref()?.files.get(index);
    let rows = steps.iter().enumerate().map(|(added, step)| {
        json!({
            "stored": added + 1, "added": added, "label": sequence.label(added), "file": file(added),
            "fixed_points": step.fixed_points(), "recalled": step.recalls(), "forgotten": step.forgotten,
            "fixed": step.fixed, "overlaps": step.overlaps, "overlap": mean(&step.overlaps),
            "recalled_overlaps": step.recalled_overlaps, "recalled_overlap": mean(&step.recalled_overlaps),
        })
    });
    let of_data = sequence.stored.is_some();
    json!({
        "data": sequence.name, "threshold": of_data.then_some(options.source.threshold),
        "units": sequence.patterns.units(), "patterns": sequence.patterns.count(), "rule": options.rule.to_string(),
        "noise": options.noise, "seed": options.run.seed, "steps": rows.collect::<Vec<_>>(), "plot": options.out,
        "files": options.out.iter().filter(|_| !steps.is_empty()).map(|path| Written::named(path)).collect::<Vec<_>>(),
    })
}

fn table(options: &Add, sequence: &Sequence, steps: &[Addition]) -> String {
    let (units, rule) = (sequence.patterns.units(), options.rule);
    let mut text = format!(
        "{}, {units} units, rule {rule}; after each addition every stored pattern is recalled, from itself and with {}% of \
         its units flipped\n\n{:>6}  {:>5}  {:>12}  {:>7}  {:>12}  {:>7}  forgotten\n",
        sequence.name,
        100.0 * options.noise,
        "stored",
        "label",
        "fixed points",
        "overlap",
        "from noise",
        "overlap"
    );
    for (added, step) in steps.iter().enumerate() {
        let stored = added + 1;
        let label = sequence
            .label(added)
            .map_or("-".into(), |label| label.to_string());
        let _ = writeln!(
            text,
            "{stored:>6}  {label:>5}  {:>12}  {:>7.4}  {:>12}  {:>7.4}  {}",
            step.fixed_points(),
            mean(&step.overlaps),
            step.recalls(),
            mean(&step.recalled_overlaps),
            listed(&step.forgotten)
        );
    }
    let best = steps
        .iter()
        .enumerate()
        .max_by_key(|(at, step)| (step.fixed_points(), usize::MAX - at));
    if let (Some((at, best)), Some(last)) = (best, steps.last()) {
        let _ = writeln!(
            text,
            "\nAt most {} patterns were fixed points, after {} additions; at the end {} of {} are",
            best.fixed_points(),
            at + 1,
            last.fixed_points(),
            steps.len()
        );
    }
    if let Some(path) = &options.out {
        let _ = writeln!(text, "Written to {}", shown(path));
    }
    text
}

/// Indices of patterns, as many as fit a line.
fn listed(indices: &[usize]) -> String {
    if indices.is_empty() {
        return "-".into();
    }
    let shown: Vec<_> = indices.iter().take(LISTED).map(usize::to_string).collect();
    let mut list = shown.join(", ");
    if indices.len() > LISTED {
        let _ = write!(list, " and {} more", indices.len() - LISTED);
    }
    list
}
