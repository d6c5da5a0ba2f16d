//! `bitspin device score`.

use std::collections::BTreeMap;
use std::path::Path;

use bitspin::data::{Dataset, Images};
use bitspin::device::Scored;
use bitspin::display::shown;
use bitspin::firmware::golden::Walker;
use bitspin::firmware::rbm::desktop;
use bitspin::hopfield::random_patterns;
use bitspin::interrupt::Interrupt;
use bitspin::model_file::{DataRecord, LabelledFile, RbmFile};
use bitspin::report::progress::Progress;
use bitspin_core::rng::{Purpose, Streams};
use bitspin_protocol::Model;
use serde_json::json;

use super::{CommandError, blob_rbm, expected, mean_ticks, model, open, print, print_json, rbm};
use crate::cli::{DataOptions, Device, DeviceScore, HeldOutArguments, TableArguments};
use crate::command::model::Model as Trained;
use crate::command::recorded::Prepared;

/// Scores on the board and on this computer.
pub(super) fn run(options: &Device, score: &DeviceScore) -> Result<(), CommandError> {
    let named = expected(&score.board)?;
    let prepared = prepared(score)?;
    let data = prepared.load_full()?;
    let mut device = open(options)?;
    let info = rbm(options, &device)?;
    let file = model(options, &mut device, Model::Rbm, info.crc, named)?;
    let small = blob_rbm(options, &file)?;
    let units = small.shape().visible();
    check_trained(score, units)?;
    let images = of_size(&data, units)?.first(score.count);
    let digits = prepared.options.pack(&images, score.board.run.seed);
    let mut stream = Streams::new(score.board.run.seed, Purpose::Training).next_stream();
    let noise = random_patterns(units, digits.count(), &mut stream);
    let interrupt = Interrupt::install();

    let engine = desktop(&small).map_err(CommandError::failed)?;
    let rng = Streams::new(score.board.run.seed, Purpose::Chains).next_chain();
    let start = vec![0; units.div_ceil(64)];
    let mut chain = Walker::new(engine, start, rng.clone()).map_err(CommandError::failed)?;
    let total = digits.count() + noise.count();
    let progress = Progress::new(total as u64, "vectors");
    let mut scores: [Vec<Scored>; 2] = [Vec::new(), Vec::new()];
    'all: for (vectors, scores) in [&digits, &noise].into_iter().zip(&mut scores) {
        for vector in vectors.iter() {
            if interrupt.is_set() {
                break 'all;
            }
            let board = device.score(units, vector)?;
            chain = chain
                .restart(vector.to_vec(), rng.clone())
                .map_err(CommandError::failed)?;
            let desktop = chain.free_energy();
            if (board.free_energy, board.anomaly) != (desktop, desktop > info.threshold) {
                let (at, found) = (scores.len(), board.free_energy);
                return Err(CommandError::failed(format!(
                    "{}: vector {at} has the free energy {found} / 2^16 nats on the board, {desktop} / 2^16 on this computer",
                    options.port
                )));
            }
            scores.push(board);
            progress.inc(1);
        }
    }
    progress.finish();
    prepared.tell();
    tell(
        (score, &prepared),
        &data.name,
        &scores,
        info.threshold,
        &device.info().unit,
    );
    let done = scores[0].len() + scores[1].len();
    CommandError::unless_all(done, total, "vectors; the results cover only these")
}

/// How the data are prepared: as recorded in the model of --trained, if given.
pub(super) fn prepared(score: &DeviceScore) -> Result<Prepared, CommandError> {
    let metadata = match &score.trained {
        None => BTreeMap::new(),
        Some(path) => match LabelledFile::load(path)? {
            Some(file) => file.metadata,
            None => RbmFile::load(path)?.metadata,
        },
    };
    let record = DataRecord::read(&metadata).ok().flatten();
    let given = DataOptions {
        data: score.data.clone(),
        binarise: score.binarise,
        // Images that are too large are halved, whatever the record says.
        halve: Some(record.is_some_and(|record| record.halved == Some(true))),
        grey_range: None,
        recorded_range: None,
        held_out: HeldOutArguments::default(),
        tables: TableArguments::default(),
    };
    let model = score.trained.as_deref();
    Prepared::new(
        model.unwrap_or(Path::new("the board's model")),
        &metadata,
        &given,
    )
}

/// Refuses a model of --trained that sees another number of pixels than the board's.
pub(super) fn check_trained(score: &DeviceScore, pixels: usize) -> Result<(), CommandError> {
    let Some(path) = &score.trained else {
        return Ok(());
    };
    let trained = Trained::load(path)?;
    let found = trained.parameters().visible - trained.classes();
    if found == pixels {
        return Ok(());
    }
    Err(CommandError::usage(format!(
        "--trained: {} has {found} visible units, but the board's model {pixels}",
        shown(path)
    )))
}

/// The held-out images, halved if they then fit.
pub(super) fn of_size(data: &Dataset, units: usize) -> Result<Images, CommandError> {
    let images = &data.test.images;
    if images.pixels_per_image() == units {
        return Ok(images.clone());
    }
    if let Some(halved) = images
        .halved()
        .filter(|halved| halved.pixels_per_image() == units)
    {
        return Ok(halved);
    }
    let (pixels, name) = (images.pixels_per_image(), &data.name);
    Err(CommandError::usage(format!(
        "--data: the board's model has {units} visible units, but {name} has {pixels} pixels per image"
    )))
}

fn tell(
    (score, prepared): (&DeviceScore, &Prepared),
    name: &str,
    scores: &[Vec<Scored>; 2],
    threshold: i64,
    unit: &str,
) {
    let nats = |fixed: i64| fixed as f64 / 65_536.0;
    let mean = |scores: &[Scored]| {
        let sum: f64 = scores.iter().map(|score| nats(score.free_energy)).sum();
        sum / scores.len().max(1) as f64
    };
    let anomalies = |scores: &[Scored]| scores.iter().filter(|score| score.anomaly).count();
    let count = scores.iter().map(Vec::len).sum::<usize>() as u64;
    let ticks = scores
        .iter()
        .flatten()
        .map(|s| u64::from(s.ticks))
        .sum::<u64>();
    if score.board.run.json {
        let rows = |scores: &[Scored]| {
            let rows = scores.iter().map(|s| {
                json!({ "free_energy": nats(s.free_energy), "anomaly": s.anomaly, "ticks": s.ticks })
            });
            rows.collect::<Vec<_>>()
        };
        let mut told = json!({
            "data": name, "seed": score.board.run.seed, "equal": true,
            "threshold_nats": nats(threshold), "images": rows(&scores[0]), "noise": rows(&scores[1]),
            "ticks_per_score": ticks / count.max(1), "unit": unit,
        });
        prepared.add_to(&mut told, score.board.run.seed);
        print_json(&told);
        return;
    }
    print(&format!(
        "{count} free energies on the board, identical to this computer's, bit for bit; an anomaly is above {:.3} nats",
        nats(threshold)
    ));
    for (what, scores) in [name, "noise"].iter().zip(scores) {
        print(&format!(
            "{what}: {} of {} are anomalies, mean free energy {:.3} nats",
            anomalies(scores),
            scores.len(),
            mean(scores)
        ));
    }
    print(&mean_ticks(ticks, count, unit, "per score"));
}
