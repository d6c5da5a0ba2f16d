//! `bitspin firmware`.

mod export;
mod info;

use bitspin::firmware::source::{Described, couplings_name, weights_name};
use bitspin::firmware::{BlobFile, Footprint};
use bitspin_core::blob::Kind;
use bitspin_core::hopfield::{Diagonal, LearningRule};
use serde_json::{Map, Value, json};

use super::{CommandError, check_size, load_model, print, print_json, refuse_missing};
use crate::cli::Firmware;

/// Runs a command.
pub(crate) fn run(command: &Firmware) -> Result<(), CommandError> {
    match command {
        Firmware::Export(options) => export::run(options),
        Firmware::Info(options) => info::run(options),
    }
}

/// The content and the memory of a blob in words: two lines.
fn described(file: &BlobFile) -> String {
    let footprint = Footprint::of(&file.blob(), file.bytes().len());
    let (task, other) = match file.header().kind() {
        Kind::Rbm { .. } => ("for a Gibbs chain", "for free energies only"),
        Kind::Labelled { .. } => ("for classification", "without logits"),
        Kind::Ising { .. } => ("for annealing", "for a chain only"),
        _ => ("for synchronous recall", "for asynchronous recall"),
    };
    format!(
        "{}\nflash: {} bytes; RAM: {} bytes {task}, {} {other}; without the program's code and stack",
        Described(&file.header()),
        footprint.flash,
        footprint.ram,
        footprint.ram_other
    )
}

/// The content and the memory of a blob, as JSON.
fn value(file: &BlobFile) -> Map<String, Value> {
    let footprint = Footprint::of(&file.blob(), file.bytes().len());
    let of_kind = match file.header().kind() {
        Kind::Patterns {
            units,
            count,
            rule,
            diagonal,
        } => json!({
            "kind": "patterns", "units": units, "patterns": count,
            "rule": match rule { LearningRule::Hebb => "hebb", LearningRule::Covariance => "covariance" },
            "diagonal": match diagonal { Diagonal::Zero => "zero", Diagonal::Kept => "kept" },
        }),
        Kind::Exponential {
            units,
            count,
            terms,
        } => json!({
            "kind": "patterns", "units": units, "patterns": count, "rule": "exponential", "terms": terms,
        }),
        Kind::CouplingsI16 { units } => {
            json!({ "kind": "couplings", "units": units, "weights": "i16" })
        }
        Kind::CouplingsI8 { units } => {
            json!({ "kind": "couplings", "units": units, "weights": "i8" })
        }
        Kind::CouplingsSign { units } => {
            json!({ "kind": "couplings", "units": units, "weights": "sign" })
        }
        Kind::Rbm { shape, format } => json!({
            "kind": "rbm", "visible": shape.visible(), "hidden": shape.hidden(),
            "weights": weights_name(format.weights), "weight_scale": format.weight_scale,
            "fraction_bits": format.fraction_bits,
        }),
        Kind::Labelled {
            shape,
            format,
            classes,
        } => json!({
            "kind": "labelled", "visible": shape.visible(), "pixels": shape.visible() - classes, "classes": classes,
            "hidden": shape.hidden(), "weights": weights_name(format.weights), "weight_scale": format.weight_scale,
            "fraction_bits": format.fraction_bits,
        }),
        Kind::Ising {
            units,
            stored,
            weights,
            fraction_bits,
        } => json!({
            "kind": "ising", "units": units, "weights": couplings_name(weights), "fraction_bits": fraction_bits,
            "layout": if stored.is_some() { "sparse" } else { "dense" }, "couplings": stored.map(|stored| stored / 2),
        }),
        _ => json!({ "kind": "other" }),
    };
    let sizes = json!({
        "blob_bytes": file.bytes().len(), "crc": format!("{:#010x}", file.crc()), "flash": footprint.flash,
        "ram": footprint.ram, "ram_other": footprint.ram_other,
    });
    let mut all = Map::new();
    for part in [of_kind, sizes] {
        if let Value::Object(part) = part {
            all.extend(part);
        }
    }
    all
}
