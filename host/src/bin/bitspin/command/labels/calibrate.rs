//! `bitspin rbm calibrate`.

use bitspin::console;
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
use crate::command::written::{Form, Written};
use crate::command::{print, print_json, refuse_missing};

/// Calibration on the second half of the held-out images at one temperature.
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

/// Fits the temperature on the first half of the held-out images, and evaluates it on the second.
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
            "{}: expected images of at least two classes to fit a temperature, found {} of class {}",
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
    let warning = worse(before, after);
    if options.run.json {
        let mut told = json!({
            "data": data.name, "rows": rows::counts(&data), "fitted_on": fitted.len(),
            "measured_on": measured.len(), "temperature": temperature, "error": error, "before": before,
            "after": after, "out": options.out.as_deref().map(shown),
            "files": options.out.iter().map(|path| Written::new(path, Form::Safetensors)).collect::<Vec<_>>(),
            "warnings": warning.iter().collect::<Vec<_>>(),
        });
        prepared.add_to(&mut told, options.run.seed);
        print_json(&told);
        warning.iter().for_each(console::warning);
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
        "{data}\n{}; fitted on {} held-out images, evaluated on {} others\n\n{:<10} {:>12} {:>12} {:>14}\n{}{}\nThe error is {:.2}% at any temperature: a temperature changes the confidence, not the predicted class.",
        pixels(&options.data, options.run.seed),
        fitted.len(),
        measured.len(),
        "",
        "temperature",
        "ECE",
        "nats per image",
        row("before", before),
        row("after", after),
        100.0 * error
    );
    if let Some(path) = &options.out {
        text += &format!("\n{}: the model with its temperature", shown(&path));
    }
    print(&text);
    warning.iter().for_each(console::warning);
    Ok(())
}

/// A warning if the fitted temperature raises the calibration error on the second half, by as much as the table shows.
fn worse(before: Calibration, after: Calibration) -> Option<String> {
    let shown = |calibration: Calibration| format!("{:.2}%", 100.0 * calibration.ece);
    let (from, to) = (shown(before), shown(after));
    (after.ece > before.ece && from != to).then(|| {
        let likelihood = match after.nll > before.nll {
            true => "-ln p(y|x) rises too",
            false => "-ln p(y|x), which the temperature is fitted to, falls",
        };
        format!(
            "the fitted temperature raises the ECE on the second half from {from} to {to}; {likelihood}. More held-out \
             images give a better fit; `rbm classify --temperature 1` ignores the fitted one"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temperature_that_makes_calibration_worse_is_reported() {
        let at = |ece, nll| Calibration {
            temperature: 1.0,
            ece,
            nll,
        };
        assert_eq!(worse(at(0.02, 0.15), at(0.01, 0.16)), None);
        assert_eq!(worse(at(0.02, 0.15), at(0.020_001, 0.14)), None);
        for (nll, words) in [(0.14, "is fitted to, falls"), (0.16, "rises too")] {
            let warning = worse(at(0.02, 0.15), at(0.025, nll)).unwrap();
            assert!(warning.contains("from 2.00% to 2.50%"), "{warning}");
            assert!(warning.contains(words), "{warning}");
        }
    }
}
