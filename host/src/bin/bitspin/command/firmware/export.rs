//! `bitspin firmware export`.

mod ising;
mod labels;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::console;
use bitspin::display::{escaped, shown};
use bitspin::engine::engine;
use bitspin::firmware::golden::{RbmVectors, RecallVectors, threshold};
use bitspin::firmware::loss::{Measure, RbmLoss, Recalls, damaged, steps};
use bitspin::firmware::memory::keeps_patterns;
use bitspin::firmware::source::{Vectors, source};
use bitspin::firmware::{BlobFile, CouplingFormat, FirmwareMemory, network, rbm};
use bitspin::hopfield::{Memory, Rule};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmFile;
use bitspin::output::OutputFile;
use bitspin::report::progress::Progress;
use bitspin::sampling::Chains;
use bitspin_core::blob::Blob;
use bitspin_core::rbm::WeightFormat;
use serde_json::{Value, json};

use super::{
    CommandError, check_size, described, load_model, print, print_json, refuse_missing, value,
};
use crate::cli::{DataOptions, Export, HeldOutArguments, Source, TableArguments, Weights};
use crate::command::hopfield::{Stored, share};
use crate::command::load_labelled;
use crate::command::recorded::{Prepared, pixels};
use crate::command::rows::Rows;
use crate::command::written::Written;

/// Patterns stored without `--patterns`, of a data set.
const DEFAULT_PATTERNS: usize = 10;
/// Golden vectors of a kind.
const VECTORS: usize = 4;
/// Gibbs steps of a golden chain.
const STEPS: u32 = 100;
/// The most sweeps of a recall.
const SWEEPS: u32 = 100;
/// The most patterns that recall is measured on.
const MOST_RECALLS: usize = 1000;
/// Samples of a model that no data set fits, and the Gibbs steps that lead to them.
const SAMPLES: usize = 1000;
const SAMPLE_STEPS: usize = 1000;

/// Fraction of the images above the anomaly threshold.
const ANOMALIES: f64 = 0.01;

/// What is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Blob,
    Source,
}

/// A model for a board, and its loss.
struct Made {
    file: BlobFile,
    vectors: Vectors,
    /// The source of the model.
    origin: String,
    /// The loss in words, and as JSON.
    loss: (String, Value),
}

/// Makes the model, measures its loss, writes it and reports.
pub(super) fn run(options: &Export) -> Result<(), CommandError> {
    let form = form(&options.to)?;
    if !options.hopfield {
        refuse_hopfield_options(options)?;
    }
    let threads = options.run.threads();
    let output = OutputFile::create(&options.to, options.replace.force)?;
    let made = match &options.model {
        Some(path) => match ising::load(path, options.reading)? {
            Some(model) => ising::export(options, path, &model)?,
            None => {
                refuse_ising_options(options)?;
                match load_labelled(path)? {
                    Some(file) => labels::export(options, path, &file, threads)?,
                    None => export_rbm(options, path, threads)?,
                }
            }
        },
        None => {
            refuse_ising_options(options)?;
            export_memory(options)?
        }
    };
    output.commit(match form {
        Form::Blob => made.file.bytes().to_vec(),
        Form::Source => source(&made.file, &made.vectors, &made.origin).into_bytes(),
    })?;
    if options.run.json {
        let mut all = value(&made.file);
        all.insert("file".into(), json!(shown(&options.to)));
        all.insert("files".into(), json!([Written::named(&options.to)]));
        all.insert("loss".into(), made.loss.1);
        print_json(&all);
    } else {
        let path = shown(&options.to);
        print(&format!(
            "{path}: {}\n{}",
            described(&made.file),
            made.loss.0
        ));
    }
    Ok(())
}

/// Refuses the first given option of these; `expected` says when it applies.
fn refuse(given: &[(&str, bool)], expected: &str) -> Result<(), CommandError> {
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(CommandError::usage(format!(
            "{option}: expected {expected}"
        ))),
        None => Ok(()),
    }
}

/// Refuses options of Ising models for other models.
fn refuse_ising_options(options: &Export) -> Result<(), CommandError> {
    let given = [
        ("--beta", options.beta.is_some()),
        ("--symmetrise", options.reading.symmetrise),
        ("--convention", options.reading.convention.is_some()),
    ];
    refuse(&given, "only for an Ising model")
}

/// Refuses options of Hopfield memories for other models.
fn refuse_hopfield_options(options: &Export) -> Result<(), CommandError> {
    let given = [
        ("--pictures", !options.pictures.is_empty()),
        ("--patterns", options.patterns.is_some()),
        ("--rule", options.rule.is_some()),
        ("--threshold", options.threshold.is_some()),
        ("--noise", options.noise.is_some()),
    ];
    refuse(&given, "only with --hopfield")
}

/// What the file's name asks for.
fn form(path: &Path) -> Result<Form, CommandError> {
    match path.extension().and_then(OsStr::to_str) {
        Some("bsp") => Ok(Form::Blob),
        Some("rs") => Ok(Form::Source),
        _ => {
            let path = shown(&path);
            Err(CommandError::usage(format!(
                "--to: expected a name that ends in .bsp or .rs, not {path}"
            )))
        }
    }
}

/// The weight format of an RBM.
fn weight_format(options: &Export) -> WeightFormat {
    options.weights.unwrap_or(Weights::I8).format()
}

/// An RBM of small weights.
fn export_rbm(options: &Export, path: &Path, threads: usize) -> Result<Made, CommandError> {
    let file = load_model(path)?;
    let bad = CommandError::at(path);
    let model = rbm::compact(&file.parameters, weight_format(options)).map_err(bad)?;
    let (images, name, prepared) = test_images(options, path, &file, threads)?;
    let small = rbm::parameters_of(&model);
    let interrupt = Interrupt::install();
    let progress = Progress::new(steps(&file.parameters), "steps");
    let tick = |steps| progress.inc(steps);
    let (seed, control) = (
        options.run.seed,
        Control::new().interrupt(&interrupt).progress(&tick),
    );
    let loss = RbmLoss::measure_with(&file.parameters, &small, &images, seed, threads, control)
        .map_err(bad)?;
    progress.finish();
    let interrupted = || CommandError::Interrupted("interrupted; nothing was written".into());
    let loss = loss.ok_or_else(interrupted)?;
    let model = model.as_borrowed();
    let starts = images.iter().take(VECTORS).map(<[u64]>::to_vec).collect();
    let mut vectors = RbmVectors::walk(&model, starts, options.run.seed, STEPS).map_err(bad)?;
    vectors.threshold = threshold(&model, &images, ANOMALIES).map_err(bad)?;
    let (mut text, mut told) = describe_rbm_loss(&loss, &name);
    let above = 100.0 * ANOMALIES;
    let nats = vectors.threshold as f64 / 65_536.0;
    text += &format!(
        "\nthreshold: {above}% of these have a free energy above {nats:.3} nats ({} in units of 2^-16 nats)",
        vectors.threshold
    );
    told["threshold_nats"] = json!(nats);
    told["threshold"] = json!(vectors.threshold);
    if let Some(prepared) = prepared {
        prepared.add_to(&mut told, options.run.seed);
    }
    Ok(Made {
        file: blob_file(path, &Blob::Rbm(model))?,
        vectors: Vectors::Rbm(vectors),
        origin: shown(&path).to_string(),
        loss: (text, told),
    })
}

/// How the data of an RBM are prepared.
fn prepared(
    options: &Export,
    path: &Path,
    metadata: &BTreeMap<String, String>,
) -> Result<Prepared, CommandError> {
    let given = DataOptions {
        data: options.data.clone(),
        binarise: options.binarise,
        halve: options.halve,
        grey_range: None,
        recorded_range: None,
        held_out: HeldOutArguments::default(),
        tables: TableArguments::default(),
    };
    Prepared::new(path, metadata, &given)
}

/// Held-out images if a data set is asked for, by the user or by the model's record, or the built-in one fits; else
/// samples of the model itself. Also returns a description.
fn test_images(
    options: &Export,
    path: &Path,
    file: &RbmFile,
    threads: usize,
) -> Result<(BitMatrix, String, Option<Prepared>), CommandError> {
    let prepared = prepared(options, path, &file.metadata)?;
    let data = prepared.load(None, Rows::Measured)?;
    let (visible, found) = (file.parameters.visible, data.pixels_per_image());
    let is_asked = prepared.options.data.is_some() || options.halve.is_some();
    if is_asked || found == visible {
        let images = &data.test.images;
        check_size(path, file, &data.name, images)?;
        refuse_missing(&data)?;
        prepared.tell();
        let packed = prepared.options.pack(images, options.run.seed);
        let (count, name) = (images.count(), escaped(&data.name));
        let pixels = pixels(&prepared.options, options.run.seed);
        let words = format!("{count} held-out images ({name}, {pixels})");
        return Ok((packed, words, Some(prepared)));
    }
    console::note(format_args!(
        "{} has {visible} visible units, but {} has {found} pixels per image; the loss is measured on samples of the model \
         (--data and --halve choose images)",
        shown(&path),
        data.name
    ));
    let bad = CommandError::at(path);
    let engine = engine(&file.parameters).map_err(bad)?;
    let mut chains = Chains::from_noise(&engine, SAMPLES, options.run.seed);
    chains.run(&engine, SAMPLE_STEPS, threads);
    let packed = BitMatrix::from_bits(visible, chains.visible().to_vec());
    Ok((
        packed.map_err(CommandError::failed)?,
        format!("{SAMPLES} samples of the model ({SAMPLE_STEPS} Gibbs steps each)"),
        None,
    ))
}

fn describe_rbm_loss(loss: &RbmLoss, on: &str) -> (String, Value) {
    let likelihood = loss.log_likelihood;
    let (error, how, name) = match loss.measure {
        Measure::Exact => (String::new(), String::from("exact"), "exact"),
        Measure::Ais { reliable } => {
            let reverse = loss.reverse.map_or(0.0, |reverse| reverse.nats());
            let doubt = match reliable {
                true => "",
                false => {
                    "; not reliable: the two estimates disagree, or the effective sample size is too small"
                }
            };
            (
                format!(" +- {:.4}", loss.standard_error),
                format!("by forward AIS, {reverse:.4} by reverse AIS{doubt}"),
                "ais",
            )
        }
    };
    let text = format!(
        "loss: {:.4}{error} nats per image of log-likelihood, {how} ({:.3} with float32 weights, {:.3} exported)
      {:.4} nats per image of pseudo-log-likelihood ({:.3}, {:.3} exported)
free energies: mean change {:+.4} nats, standard deviation {:.4}
measured on {on}",
        likelihood.nats(),
        likelihood.before,
        likelihood.after,
        loss.pseudo.nats(),
        loss.pseudo.before,
        loss.pseudo.after,
        loss.free_energy_shift,
        loss.free_energy_deviation
    );
    let reliable = loss.measure != Measure::Ais { reliable: false };
    let value = json!({
        "measure": format!("log_likelihood_{name}"), "nats": likelihood.nats(), "standard_error": loss.standard_error,
        "reliable": reliable, "before": likelihood.before, "after": likelihood.after,
        "reverse_before": loss.reverse.map(|reverse| reverse.before), "reverse_after": loss.reverse.map(|reverse| reverse.after),
        "pseudo_nats": loss.pseudo.nats(), "pseudo_before": loss.pseudo.before, "pseudo_after": loss.pseudo.after,
        "data": on, "free_energy_shift": loss.free_energy_shift, "free_energy_deviation": loss.free_energy_deviation,
    });
    (text, value)
}

/// A Hopfield memory.
fn export_memory(options: &Export) -> Result<Made, CommandError> {
    let source = Source {
        data: options.data.clone(),
        threshold: options.threshold.unwrap_or(0.5),
    };
    source.check()?;
    let noise = options.noise.unwrap_or(0.2);
    share("--noise", noise)?;
    let rule = options.rule.unwrap_or(Rule::Exponential(1.0));
    let format = coupling_format(rule, options.weights)?;
    let stored = Stored::load(&source, &options.pictures)?;
    let count = stored.count(options.patterns, DEFAULT_PATTERNS)?;
    Memory::check(rule, stored.images.pixels_per_image(), count)?;
    let patterns = stored.patterns(&source, rule, count)?;
    let failed = |error: bitspin_core::Error| CommandError::failed(error);
    let memory = FirmwareMemory::store(rule, format, &patterns)?;
    let model = memory.blob();
    let network = network(&model).ok_or_else(|| CommandError::failed("no Hopfield network"))?;
    let damage = (noise, options.run.seed);
    let small = Recalls::count(network, &patterns, damage, SWEEPS, MOST_RECALLS).map_err(failed)?;
    // The loss is compared only if the couplings were rounded.
    let full = match &memory {
        FirmwareMemory::CouplingsI8(_) | FirmwareMemory::CouplingsSign(_)
            if rule != Rule::Clipped =>
        {
            let full = FirmwareMemory::store(rule, CouplingFormat::I16, &patterns)?;
            let full = full.blob();
            let network = bitspin::firmware::network(&full);
            let network = network.ok_or_else(|| CommandError::failed("no Hopfield network"))?;
            let full = Recalls::count(network, &patterns, damage, SWEEPS, MOST_RECALLS);
            Some(full.map_err(failed)?)
        }
        _ => None,
    };
    let starts = damaged(&patterns, damage, VECTORS);
    let vectors = RecallVectors::recall(network, starts, SWEEPS).map_err(failed)?;
    Ok(Made {
        file: blob_file(&options.to, &model)?,
        vectors: Vectors::Recall(vectors),
        origin: format!("{count} patterns of {}, rule {rule}", stored.name),
        loss: describe_recall(small, full, noise),
    })
}

/// The format of couplings, for rules that have couplings.
fn coupling_format(rule: Rule, weights: Option<Weights>) -> Result<CouplingFormat, CommandError> {
    let refuse = |text: String| Err(CommandError::usage(text));
    match (keeps_patterns(rule), weights) {
        (None, _) => refuse(format!(
            "--rule: expected a rule that firmware supports, not {rule}"
        )),
        (Some(true), Some(_)) => refuse(format!(
            "--weights: expected none with rule {rule}, which stores the patterns, one bit per unit"
        )),
        (_, Some(Weights::I4 | Weights::Ternary)) => {
            refuse("--weights: expected i16, i8 or sign for a Hopfield memory".into())
        }
        (_, Some(Weights::I16 | Weights::I8)) if rule == Rule::Clipped => {
            refuse("--weights: expected sign with rule clipped, whose couplings are signs".into())
        }
        (_, Some(Weights::I16)) => Ok(CouplingFormat::I16),
        (_, Some(Weights::Sign)) => Ok(CouplingFormat::Sign),
        (_, Some(Weights::I8) | None) => Ok(CouplingFormat::I8),
    }
}

fn describe_recall(small: Recalls, full: Option<Recalls>, noise: f64) -> (String, Value) {
    let share = |recalls: Recalls| recalls.exact as f64 / recalls.of.max(1) as f64;
    let (exact, of) = (small.exact, small.of);
    let mut text = format!(
        "recall: {exact} of {of} patterns exactly, with {}% of the units flipped, by synchronous updates",
        100.0 * noise
    );
    text += &match full {
        Some(full) => format!(
            "\nloss: {:.3} of the patterns ({} of {} with 16-bit couplings)",
            share(full) - share(small),
            full.exact,
            full.of
        ),
        None => "\nloss: none; no number was rounded".into(),
    };
    let value = json!({
        "measure": "exact_recall", "noise": noise, "exact": exact, "of": of, "recall": share(small),
        "recall_before": share(full.unwrap_or(small)), "recall_loss": share(full.unwrap_or(small)) - share(small),
    });
    (text, value)
}

fn blob_file(path: &Path, model: &Blob<'_>) -> Result<BlobFile, CommandError> {
    BlobFile::new(model).map_err(CommandError::at(path))
}
