//! `bitspin hopfield classify`.

use std::time::Instant;

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::data::Dataset;
use bitspin::hopfield::classify::LabelMemory;
use bitspin::hopfield::{Memory, Rule};
use bitspin::interrupt::Interrupt;
use serde::Serialize;
use serde_json::json;

use super::{CommandError, Stored};
use crate::cli::{Classify, threads};

/// The memories that are compared without `--rule`.
const COMPARED: [Rule; 6] = [
    Rule::Hebb,
    Rule::Covariance,
    Rule::PseudoInverse,
    Rule::Dense(8),
    Rule::Dense(64),
    Rule::Exponential(1.0),
];

/// Default number of patterns for rules with pair couplings, close to their capacity. Other rules store all patterns.
const DEFAULT_CLASSICAL: usize = 100;

/// Results of one memory.
#[derive(Debug, Serialize)]
struct Row {
    rule: String,
    patterns: usize,
    test: usize,
    wrong: usize,
    error: f64,
    seconds: f64,
}

/// Stores, classifies, prints.
pub(crate) fn run(options: &Classify) -> Result<(), CommandError> {
    options.source.check()?;
    let threads = threads(options.threads);
    let data = options.source.load()?;
    let name = data.to_string();
    let (classes, test_labels) = labels(&data)?;
    let test = options.source.binarise(&data.test.images);
    let stored = Stored::load(&options.source, &[])?;
    let rules = options.rule.map_or(COMPARED.to_vec(), |rule| vec![rule]);
    let units = stored.images.pixels_per_image() + classes * options.repeat;
    let mut plans = Vec::new();
    for rule in rules {
        let default = match rule {
            Rule::Dense(3..) | Rule::Exponential(_) => usize::MAX,
            _ => DEFAULT_CLASSICAL,
        };
        let count = stored.count(options.patterns, default)?;
        let checked = Memory::check(rule, units, count);
        match checked {
            // Rules that were not named may be left out of the comparison.
            Err(_) if options.rule.is_none() => {}
            checked => plans.push(checked.map(|()| (rule, count))?),
        }
    }

    let interrupt = Interrupt::install();
    let mut rows = Vec::new();
    if !options.json {
        super::print(&format!("{name}\n\n{HEADING}"));
    }
    let wanted = plans.len();
    for (rule, count) in plans {
        let Some(row) = measure(
            options,
            rule,
            count,
            &stored,
            (&test, &test_labels),
            (classes, threads),
            &interrupt,
        )?
        else {
            break;
        };
        if !options.json {
            super::print(&line(&row));
        }
        rows.push(row);
    }
    if options.json {
        super::print_json(&json!({
            "data": name, "threshold": options.source.threshold, "repeat": options.repeat, "memories": rows,
        }));
    }
    CommandError::unless_all(rows.len(), wanted, "memories; the results cover only these")
}

/// The number of classes, and the labels of the held-out images.
fn labels(data: &Dataset) -> Result<(usize, Vec<u8>), CommandError> {
    let (Some(train), Some(test)) = (&data.train.labels, &data.test.labels) else {
        let name = &data.name;
        return Err(CommandError::usage(format!(
            "{name}: expected labels of the training and the test images"
        )));
    };
    let largest = train.iter().chain(test).max();
    let classes = largest.map_or(0, |&label| usize::from(label) + 1);
    Ok((classes, test.clone()))
}

/// Stores the first images and classifies those held out; none if interrupted.
fn measure(
    options: &Classify,
    rule: Rule,
    count: usize,
    stored: &Stored,
    (test, test_labels): (&BitMatrix, &[u8]),
    (classes, threads): (usize, usize),
    interrupt: &Interrupt,
) -> Result<Option<Row>, CommandError> {
    let start = Instant::now();
    let patterns = options.source.binarise(&stored.images.first(count));
    let labels = stored.labels.as_deref().unwrap_or_default();
    let memory = LabelMemory::store(rule, &patterns, labels, classes, options.repeat)?;
    let recalled = memory.classify_with(test, threads, Control::new().interrupt(interrupt));
    if recalled.len() < test_labels.len() {
        return Ok(None);
    }
    let wrong = recalled
        .iter()
        .zip(test_labels)
        .filter(|(recalled, label)| recalled != label)
        .count();
    Ok(Some(Row {
        rule: rule.to_string(),
        patterns: count,
        test: test_labels.len(),
        wrong,
        error: wrong as f64 / test_labels.len() as f64,
        seconds: start.elapsed().as_secs_f64(),
    }))
}

const HEADING: &str = "rule              patterns   wrong    error   seconds";

fn line(row: &Row) -> String {
    format!(
        "{:16}  {:>8}  {:>6}  {:>6.1}%  {:>8.2}",
        row.rule,
        row.patterns,
        row.wrong,
        100.0 * row.error,
        row.seconds
    )
}
