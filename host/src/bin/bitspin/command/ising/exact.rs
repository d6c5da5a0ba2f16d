//! `bitspin ising exact`.

use std::path::Path;

use bitspin::display::shown;
use bitspin::output::OutputFile;
use bitspin_core::exact::{IsingEnumeration, MAX_UNITS, Partition};
use serde_json::json;

use super::probabilities::{Format, write};
use super::{CommandError, load, print, print_json, tell, weights};
use crate::cli::IsingExact;
use crate::command::written::Written;

/// Mean spins that are printed without `--json`.
const SHOWN: usize = 24;

/// Enumerates, prints and writes.
pub(super) fn run(options: &IsingExact) -> Result<(), CommandError> {
    let (beta, path) = (options.beta, &options.model.model);
    if !(beta > 0.0 && beta.is_finite()) {
        return Err(CommandError::usage(format!(
            "--beta: expected a finite number above 0, not {beta}"
        )));
    }
    let source = load(path, options.model.reading)?;
    let model = &source.couplings;
    let n = model.units();
    if n > MAX_UNITS {
        return Err(CommandError::usage(format!(
            "{}: {n} spins; enumeration takes at most {MAX_UNITS}",
            shown(path)
        )));
    }
    let probabilities = options.probabilities.as_deref();
    let output = probabilities.map(|to| prepare(to, n, options.force));
    let output = output.transpose()?;
    let (w, h, offset) = (model.matrix(), &model.h, model.problem.offset());
    let exact = IsingEnumeration::new(&w, h, beta).map_err(CommandError::at(path))?;
    tell(path, &source);
    let partition = exact.partition();
    let (mut spin, mut pair) = (vec![0.0; n], vec![0.0; n * n]);
    let means = exact.moments(&partition, &mut spin, &mut pair);
    let means = means.map_err(CommandError::failed)?;
    if let Some((output, format)) = output {
        let p = distribution(&exact, &partition)?;
        output.commit(write(format, n, &p, model.problem.is_qubo()))?;
    }
    let shape = [exact.states()];
    let written = probabilities.map(|to| Written::named(to).with_shape("float64", &shape));
    // Of a QUBO the energy has an offset, which changes no probability.
    let (energy, entropy) = (means.energy + offset, means.entropy);
    let ln_z = exact.ln_z_of(&partition) - beta * offset;
    if options.json {
        let correlation: Vec<&[f64]> = pair.chunks_exact(n).collect();
        print_json(&json!({
            "model": shown(&path), "format": source.format, "convention": source.convention,
            "offset": model.problem.is_qubo().then_some(offset), "n": n, "beta": beta, "ln_z": ln_z, "mean_energy": energy,
            "entropy": entropy, "mean_spin": spin, "correlation": correlation, "probabilities": probabilities,
            "files": written.iter().collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    let written = written.map_or(String::new(), |written| {
        format!("\n{}", written.line("the probabilities of all states"))
    });
    print(&format!(
        "{n} spins, beta {beta}\nweights      {}\nln Z         {ln_z:.9} nats\nmean energy  {energy:.9}\nentropy      {entropy:.9} nats\n\
         mean spins   {}\n(correlations: --json){written}",
        weights(&source),
        spin.iter()
            .take(SHOWN)
            .map(|&mean| super::shown::spin(mean))
            .collect::<Vec<_>>()
            .join(" ")
    ));
    Ok(())
}

/// The file of probabilities, before anything is computed.
fn prepare(to: &Path, units: usize, force: bool) -> Result<(OutputFile, Format), CommandError> {
    let format = Format::of(to, units)
        .map_err(|reason| CommandError::usage(format!("{}: {reason}", shown(to))))?;
    Ok((OutputFile::create(to, force)?, format))
}

fn distribution(
    exact: &IsingEnumeration<'_>,
    partition: &Partition,
) -> Result<Vec<f64>, CommandError> {
    let mut p = vec![0.0; exact.states()];
    let filled = exact.distribution(partition, &mut p);
    filled.map_err(CommandError::failed)?;
    Ok(p)
}
