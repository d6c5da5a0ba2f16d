//! `bitspin ising convert`.

use std::path::Path;

use bitspin::display::shown;
use bitspin::ising::file::{Couplings, Problem, is_safetensors};
use bitspin::model_file::{IsingFile, RbmFile};
use bitspin::output::OutputFile;
use serde_json::json;

use super::{CommandError, load, note, print, print_json, tell, weights};
use crate::cli::IsingConvert;
use crate::command::written::Written;

/// Spins of a matrix that a file may hold: 2^28 numbers.
const MOST_DENSE: usize = 1 << 14;

/// Reads, and writes in the other format.
pub(super) fn run(options: &IsingConvert) -> Result<(), CommandError> {
    let input = &options.model.model;
    // Of an RBM the tensors have other names; if it is none, the error is that of an Ising model.
    let rbm = is_safetensors(input)
        .then(|| RbmFile::load(input).ok())
        .flatten();
    let (model, taken) = match &rbm {
        Some(rbm) => (of_rbm(rbm), None),
        None => {
            let source = load(input, options.model.reading)?;
            tell(input, &source);
            let taken = (weights(&source), source.convention, source.format.clone());
            (source.couplings, Some(taken))
        }
    };
    refuse_other_endings(&options.out)?;
    let output = OutputFile::create(&options.out, options.replace.force)?;
    let (n, edges) = (model.units(), model.edges.len());
    let bytes = if is_safetensors(&options.out) {
        if n > MOST_DENSE {
            return Err(CommandError::usage(format!(
                "{}: {n} spins; a matrix of at most {MOST_DENSE} is written",
                shown(&input)
            )));
        }
        let mut file = model
            .to_file()
            .map_err(|problem| CommandError::usage(format!("{}: {problem}", shown(&input))))?;
        for (key, value) in rbm.iter().flat_map(|rbm| &rbm.metadata) {
            file.metadata
                .entry(key.clone())
                .or_insert_with(|| value.clone());
        }
        tell_rounding(&options.out, &model, &file);
        file.to_bytes().map_err(CommandError::failed)?
    } else {
        let text = model.to_edge_list().map_err(|unit| {
            CommandError::usage(format!(
                "{}: spin {unit} has a field, which an edge list cannot hold; write a .safetensors file",
                shown(&input)
            ))
        })?;
        text.into_bytes()
    };
    output.commit(bytes)?;
    if options.json {
        let (convention, format) = taken
            .map(|(_, convention, format)| (convention, format))
            .unzip();
        print_json(&json!({
            "model": shown(&input), "n": n, "couplings": edges, "out": shown(&options.out), "format": format, "convention": convention,
            "files": [Written::named(&options.out)],
        }));
    } else {
        let out = shown(&options.out);
        let taken = taken.map_or(String::new(), |(words, ..)| format!("\nread as {words}"));
        let written = if is_safetensors(&options.out) {
            "couplings J"
        } else {
            "an edge list, J = -w"
        };
        print(&format!(
            "{n} spins, {edges} couplings, written to {out} as {written}{taken}"
        ));
    }
    Ok(())
}

/// An edge list under the name of another format would be read as that.
fn refuse_other_endings(out: &Path) -> Result<(), CommandError> {
    let ending = out.extension().unwrap_or_default().to_ascii_lowercase();
    let others = ["mtx", "qubo", "col", "npy", "npz", "csv", "json", "gz"];
    if !others.iter().any(|other| ending == *other) {
        return Ok(());
    }
    Err(CommandError::usage(format!(
        "{}: expected a name that ends in .safetensors, or in .txt for an edge list",
        shown(out)
    )))
}

/// Says what float32 changes.
fn tell_rounding(out: &Path, model: &Couplings, file: &IsingFile) {
    let n = model.units();
    let held = |i: u32, j: u32| f64::from(file.w[i as usize * n + j as usize]);
    let pairs = model.edges.iter().map(|&(i, j, w)| held(i, j) - w);
    let fields = model.h.iter().zip(&file.h);
    let fields = fields.map(|(h, &held)| f64::from(held) - h);
    let errors = pairs.chain(fields).map(f64::abs);
    let (count, largest) = errors
        .filter(|&error| error > 0.0)
        .fold((0_usize, 0.0_f64), |(count, top), error| {
            (count + 1, top.max(error))
        });
    if count > 0 {
        note(format_args!(
            "{}: float32 rounds {count} couplings and fields, by {largest:.3e} at most",
            shown(out)
        ));
    }
}

/// An RBM as an Ising model: its units are (1 + s) / 2, so that a weight W becomes a coupling W/4 and fields of W/4,
/// and a bias b a field b/2. What is left of the energy is a constant.
fn of_rbm(rbm: &RbmFile) -> Couplings {
    let p = &rbm.parameters;
    let biases = p.visible_bias.iter().chain(&p.hidden_bias);
    let mut h: Vec<f64> = biases.map(|&b| f64::from(b) / 2.0).collect();
    let mut edges = vec![];
    for i in 0..p.visible {
        for j in 0..p.hidden {
            let quarter = f64::from(p.w[j * p.visible + i]) / 4.0;
            h[i] += quarter;
            h[p.visible + j] += quarter;
            if quarter != 0.0 {
                edges.push((i as u32, (p.visible + j) as u32, quarter));
            }
        }
    }
    Couplings {
        h,
        edges,
        problem: Problem::Ising,
    }
}
