//! `bitspin rbm calibrate`.

use bitspin::data::Split;
use bitspin::display::shown;
use bitspin::evaluate::Logits;
use bitspin::evaluate::calibration::{
    best_temperature, expected_calibration_error, negative_log_likelihood, reliability,
};
use serde::Serialize;
use serde_json::json;

use super::{CommandError, TEMPERATURE, check_size, error_rate, labels, load, logits};
use crate::cli::Calibrate;
use crate::command::recorded::{Prepared, pixels};
use crate::command::rows::{self, Rows};
use crate::command::written::Form;
use crate::command::{print, print_json, refuse_missing};

/// How well calibrated the second half of the held-out digits is at a temperature.
#[derive(Clone, Copy, Debug, Serialize)]
struct Calibration {
    temperature: f64,
    ece: f64,
    nll: f64,
}

impl Calibration {
    fn of(logits: &Logits, labels: &[u8], temperature: f64) -> Self {
        let bins = reliability(logits, labels, temperature);
        Self {
            temperature,
            ece: expected_calibration_error(&bins),
            nll: negative_log_likelihood(logits, labels, temperature),
        }
    }
}

/// Fits the temperature on the first half of the held-out digits, and measures on the second.
pub(crate) fn run(options: &Calibrate) -> Result<(), CommandError> {
    let threads = options.run.threads();
    Form::check("--out", options.out.as_ref(), &[Form::Safetensors])?;
    let mut file = load(&options.model)?;
    let prepared = Prepared::new(&options.model, &file.metadata, &options.data)?;
    let options = &Calibrate {
        data: prepared.options.clone(),
        ..options.clone()
    };
    let data = prepared.load(options.labels.as_deref(), Rows::Measured)?;
    refuse_missing(&data)?;
    check_size(&options.model, &file, &data.name, &data.test.images)?;
    let mut first: Split = data.test.clone();
    let count = first.images.count();
    if count < 2 {
        return Err(CommandError::usage(format!(
            "{}: expected at least 2 held-out images, one to fit and one to measure, found {count}",
            data.name
        )));
    }
    let second = first.split_off(count / 2);
    let classes = file.parameters.classes;
    let [fitted, measured] = [
        labels(&data.name, &first, classes)?,
        labels(&data.name, &second, classes)?,
    ];
    if fitted.iter().all(|label| *label == fitted[0]) {
        return Err(CommandError::usage(format!(
            "{}: expected digits of two classes or more to fit a temperature to, found {} of class {}",
            data.name,
            fitted.len(),
            fitted[0]
        )));
    }
    let output = options.replace.file(options.out.as_deref())?;
    let of = |split: &Split| {
        let images = options.data.pack(&split.images, options.run.seed);
        logits(&options.model, &file, &images, threads)
    };
    let (to_fit, to_measure) = (of(&first)?, of(&second)?);
    let temperature = best_temperature(&to_fit, fitted);
    let before = Calibration::of(&to_measure, measured, 1.0);
    let after = Calibration::of(&to_measure, measured, temperature);
    let error = error_rate(&to_measure.predictions(), measured);
    if let Some(output) = output {
        file.metadata
            .insert(TEMPERATURE.into(), temperature.to_string());
        output.commit(file.to_bytes().map_err(CommandError::failed)?)?;
    }
    prepared.tell();
    if options.run.json {
        let mut told = json!({
            "data": data.name, "rows": rows::counts(&data), "fitted_on": fitted.len(),
            "measured_on": measured.len(), "temperature": temperature, "error": error, "before": before,
            "after": after, "out": options.out.as_deref().map(shown),
        });
        prepared.add_to(&mut told, options.run.seed);
        print_json(&told);
        return Ok(());
    }
    let row = |name: &str, c: Calibration| {
        format!(
            "{name:<10} {:>12.4} {:>11.2}% {:>14.4}\n",
            c.temperature,
            100.0 * c.ece,
            c.nll
        )
    };
    let mut text = format!(
        "{data}\n{}; fitted to {} held-out digits, measured on {} others\n\n{:<10} {:>12} {:>12} {:>14}\n{}{}\nError {:.2}% at any temperature: it changes how sure the model is, not what it says.",
        pixels(&options.data, options.run.seed),
        fitted.len(),
        measured.len(),
        "",
        "temperature",
        "ECE",
        "nats per digit",
        row("before", before),
        row("after", after),
        100.0 * error
    );
    if let Some(path) = &options.out {
        text += &format!("\n{}: the model with its temperature", shown(&path));
    }
    print(&text);
    Ok(())
}
