//! `bitspin ising exact`.

use bitspin::display::shown;
use bitspin_core::exact::{Ising, MAX_UNITS};
use serde_json::json;

use super::{CommandError, load, print, print_json, weights};
use crate::cli::IsingExact;

/// Mean spins that are printed without `--json`.
const SHOWN: usize = 24;

/// Enumerates, and prints.
pub(super) fn run(options: &IsingExact) -> Result<(), CommandError> {
    let beta = options.beta;
    if !(beta > 0.0 && beta.is_finite()) {
        return Err(CommandError::usage(format!(
            "--beta: expected a finite number above 0, not {beta}"
        )));
    }
    let source = load(&options.model.model, options.model.reading)?;
    let model = &source.couplings;
    let n = model.units();
    if n > MAX_UNITS {
        return Err(CommandError::usage(format!(
            "{}: {n} spins; enumeration takes at most {MAX_UNITS}",
            shown(&options.model.model)
        )));
    }
    let (w, h) = (model.matrix(), &model.h);
    let exact = Ising::new(&w, h, beta).map_err(CommandError::failed)?;
    let ln_z = exact.ln_z();
    let (mut spin, mut pair) = (vec![0.0; n], vec![0.0; n * n]);
    let energy = exact.moments(ln_z, &mut spin, &mut pair);
    let energy = energy.map_err(CommandError::failed)?;
    let entropy = beta * energy + ln_z;
    let offset = model.problem.offset();
    let (energy, ln_z) = (energy + offset, ln_z - beta * offset);
    if options.json {
        let correlation: Vec<&[f64]> = pair.chunks_exact(n).collect();
        print_json(&json!({
            "model": options.model.model, "format": source.format, "convention": source.convention,
            "offset": model.problem.is_qubo().then_some(offset), "n": n, "beta": beta, "ln_z": ln_z, "mean_energy": energy, "entropy": entropy,
            "mean_spin": spin, "correlation": correlation,
        }));
        return Ok(());
    }
    print(&format!(
        "{n} spins, beta {beta}\nweights      {}\nln Z         {ln_z:.9} nats\nmean energy  {energy:.9}\nentropy      {entropy:.9} nats\n\
         mean spins   {}\n(correlations: --json)",
        weights(&source),
        spin.iter()
            .take(SHOWN)
            .map(|s| format!("{s:.4}"))
            .collect::<Vec<_>>()
            .join(" ")
    ));
    Ok(())
}
