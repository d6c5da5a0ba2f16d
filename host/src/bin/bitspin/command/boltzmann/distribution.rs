//! `bitspin boltzmann distribution`.

use std::fmt::Write;

use bitspin::boltzmann::{Distribution, parse_energies};
use bitspin::display::{one_line, shown};
use bitspin::input::{Format, Input};

use serde_json::json;

use super::{CommandError, print, print_json};
use crate::cli::BoltzmannDistribution;

/// A list of energies: a million numbers of up to 25 characters, and comments.
const FORMAT: Format = Format::new("list of energies", 1 << 26).or_standard_input();

/// States that are printed; JSON has all.
const SHOWN: usize = 64;

/// Reads energies and prints their distribution.
pub(super) fn run(options: &BoltzmannDistribution) -> Result<(), CommandError> {
    let temperature = options.temperature;
    if !(temperature > 0.0 && temperature.is_finite()) {
        return Err(CommandError::usage(format!(
            "--temperature: expected a finite number above 0, not {temperature}"
        )));
    }
    let energies = energies(options)?;
    let distribution = Distribution::new(&energies, temperature);
    let distribution = distribution.map_err(|error| {
        CommandError::usage(format!("--energies: {}", one_line(&error.to_string())))
    })?;
    if options.json {
        let mut value = json!(distribution);
        value["softmax"] = value["p"].clone();
        print_json(&value);
    } else {
        print(table(&distribution).trim_end());
    }
    Ok(())
}

/// The energies of the list on the command line, or of the file that it names.
fn energies(options: &BoltzmannDistribution) -> Result<Vec<f64>, CommandError> {
    let inline = options
        .energies
        .to_str()
        .and_then(|text| parse_energies(text).ok());
    if let Some(energies) = inline {
        return Ok(energies);
    }
    let path = options.energies.as_path();
    let wrong =
        |reason: String| CommandError::usage(format!("--energies: {}: {reason}", shown(path)));
    if !path.exists() && !FORMAT.is_standard_input(path) {
        return Err(wrong(
            "expected numbers separated by commas, or a file of numbers".into(),
        ));
    }
    let bytes = Input::open(path, &FORMAT).and_then(Input::read_all);
    let bytes = bytes.map_err(|error| CommandError::usage(format!("--energies: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("expected text in UTF-8".into()))?;
    parse_energies(&text).map_err(wrong)
}

fn table(of: &Distribution) -> String {
    let mut text = format!(
        "{} states, T = {}\n\n{:>7}  {:>14}  {:>14}  {:>14}\n",
        of.p.len(),
        of.temperature,
        "state",
        "energy",
        "-E/T",
        "p"
    );
    let states = of.energies.iter().zip(&of.logits).zip(&of.p);
    for (state, ((energy, logit), p)) in states.take(SHOWN).enumerate() {
        let _ = writeln!(
            text,
            "{state:>7}  {:>14}  {:>14}  {:>14}",
            number(*energy),
            number(*logit),
            number(*p)
        );
    }
    if of.p.len() > SHOWN {
        let _ = writeln!(
            text,
            "    ... and {} more; --json lists all",
            of.p.len() - SHOWN
        );
    }
    let or = |value: Option<f64>| value.map_or("beyond float64".into(), number);
    let _ = writeln!(
        text,
        "\nZ            {}\nln Z         {} nats\nentropy      {} nats\nmean energy  {}\nfree energy  {}  (-T ln Z)\n\
         p is the softmax of -E/T",
        or(of.z),
        or(of.ln_z),
        number(of.entropy),
        number(of.mean_energy),
        or(of.free_energy)
    );
    text
}

/// A number in ten digits, without an exponent where it is of ordinary size.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if (1e-4..1e9).contains(&size) => format!("{value:.9}"),
        _ => format!("{value:.9e}"),
    }
}
