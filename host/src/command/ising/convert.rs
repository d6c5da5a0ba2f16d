//! `bitspin ising convert`.

use bitspin::display::shown;
use bitspin::ising::file::{Couplings, is_safetensors};
use bitspin::model_file::RbmFile;
use bitspin::output::OutputFile;
use serde_json::json;

use super::{CommandError, load, print, print_json};
use crate::cli::IsingConvert;

/// Spins of a matrix that a file may hold: 2^28 numbers.
const MOST_DENSE: usize = 1 << 14;

/// Reads, and writes in the other format.
pub(super) fn run(options: &IsingConvert) -> Result<(), CommandError> {
    let input = &options.model.model;
    // Of an RBM the tensors have other names; if it is none, the error is that of an Ising model.
    let rbm = is_safetensors(input)
        .then(|| RbmFile::load(input).ok())
        .flatten();
    let model = match &rbm {
        Some(rbm) => of_rbm(rbm),
        None => load(&options.model)?,
    };
    let output = OutputFile::create(&options.out, options.force)?;
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
        print_json(&json!({ "model": input, "n": n, "couplings": edges, "out": options.out }));
    } else {
        let out = shown(&options.out);
        print(&format!("{n} spins, {edges} couplings, written to {out}"));
    }
    Ok(())
}

/// An RBM as an Ising model: its units are (1 + s) / 2, so that a weight W becomes a coupling W/4 and fields of W/4, and a
/// bias b a field b/2. What is left of the energy is a constant.
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
        total_weight: None,
    }
}
