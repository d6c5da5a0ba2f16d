//! `bitspin device classify`.

use bitspin::device::Classified;
use bitspin::firmware::BlobFile;
use bitspin::firmware::golden::Judge;
use bitspin::hopfield::random_patterns;
use bitspin::interrupt::Interrupt;
use bitspin::report::progress::Progress;
use bitspin_core::blob::Blob;
use bitspin_core::rbm::compact::CompactLabelled;
use bitspin_core::rbm::labels;
use bitspin_core::rng::{Purpose, Streams};
use bitspin_protocol::{ClassifierInfo, Model};
use serde_json::{Value, json};

use super::score::{check_trained, of_size, prepared};
use super::{CommandError, expected, mean_ticks, model, open, print, print_json};
use crate::cli::{Device, DeviceScore};
use crate::command::recorded::Prepared;

/// A classifier in its blob.
type BlobLabelled<'a> = CompactLabelled<&'a [u8], &'a [i16]>;

/// Classifies on the board and on this computer.
pub(super) fn run(options: &Device, score: &DeviceScore) -> Result<(), CommandError> {
    let named = expected(&score.board)?;
    let prepared = prepared(score)?;
    let data = prepared.load_full()?;
    let mut device = open(options)?;
    let info = classifier_info(options, &device)?;
    let file = model(options, &mut device, Model::Classifier, info.crc, named)?;
    let small = blob_labelled(options, &file)?;
    let pixels = small.pixels();
    check_trained(score, pixels)?;
    let images = of_size(&data, pixels)?.first(score.count);
    let digits = prepared.options.pack(&images, score.board.run.seed);
    let mut stream = Streams::new(score.board.run.seed, Purpose::Training).next_stream();
    let noise = random_patterns(pixels, digits.count(), &mut stream);
    let interrupt = Interrupt::install();
    let mut judge = Judge::new(&small).map_err(CommandError::failed)?;
    let total = digits.count() + noise.count();
    let progress = Progress::new(total as u64, "vectors");
    let mut found: [Vec<Classified>; 2] = [Vec::new(), Vec::new()];
    'all: for (vectors, found) in [&digits, &noise].into_iter().zip(&mut found) {
        for vector in vectors.iter() {
            if interrupt.is_set() {
                break 'all;
            }
            let board = device.classify(pixels, vector)?;
            let logits = judge.logits(vector).map_err(CommandError::failed)?;
            compare(options, found.len(), &board, logits, &info)?;
            found.push(board);
            progress.inc(1);
        }
    }
    progress.finish();
    let truth = data.test.labels.as_deref();
    prepared.tell();
    tell(
        (score, &prepared),
        &data.name,
        (&found, truth),
        info.threshold,
        &device.info().unit,
    );
    let done = found[0].len() + found[1].len();
    CommandError::unless_all(done, total, "vectors; the results cover only these")
}

/// The board's information on its classifier.
fn classifier_info(
    options: &Device,
    device: &bitspin::device::Device,
) -> Result<ClassifierInfo, CommandError> {
    let port = &options.port;
    let none = || CommandError::failed(format!("{port}: the board has no RBM with label units"));
    device.info().classifier.ok_or_else(none)
}

/// The classifier in a blob.
fn blob_labelled<'a>(
    options: &Device,
    file: &'a BlobFile,
) -> Result<BlobLabelled<'a>, CommandError> {
    match file.blob() {
        Blob::Labelled(model) => Ok(model),
        _ => Err(CommandError::failed(format!(
            "{}: expected the model of an RBM with label units",
            options.port
        ))),
    }
}

fn compare(
    options: &Device,
    at: usize,
    board: &Classified,
    logits: &[i64],
    info: &ClassifierInfo,
) -> Result<(), CommandError> {
    let fail = |what: String| {
        let port = &options.port;
        Err(CommandError::failed(format!("{port}: vector {at} {what}")))
    };
    if board.logits.len() != logits.len() {
        let (found, expected) = (board.logits.len(), logits.len());
        return fail(format!(
            "has {found} logits on the board, {expected} on this computer"
        ));
    }
    let mut pairs = board.logits.iter().zip(logits).enumerate();
    if let Some((class, (found, desktop))) = pairs.find(|(_, (a, b))| a != b) {
        return fail(format!(
            "has the logit {found} / 2^16 nats for class {class} on the board, {desktop} / 2^16 on this computer"
        ));
    }
    let (class, energy) = (labels::class(logits), labels::energy_fixed(logits));
    if board.class != class {
        let found = board.class;
        return fail(format!(
            "has class {found} on the board, {class} on this computer"
        ));
    }
    if (board.energy, board.anomaly) != (energy, energy > info.threshold) {
        let found = board.energy;
        return fail(format!(
            "has the energy {found} / 2^16 nats on the board, {energy} / 2^16 on this computer"
        ));
    }
    Ok(())
}

fn tell(
    (score, prepared): (&DeviceScore, &Prepared),
    name: &str,
    (found, truth): (&[Vec<Classified>; 2], Option<&[u8]>),
    threshold: i64,
    unit: &str,
) {
    let nats = |fixed: i64| fixed as f64 / 65_536.0;
    let mean = |found: &[Classified]| {
        let sum: f64 = found.iter().map(|one| nats(one.energy)).sum();
        sum / found.len().max(1) as f64
    };
    let anomalies = |found: &[Classified]| found.iter().filter(|one| one.anomaly).count();
    let wrong = truth.map(|truth| {
        let pairs = found[0].iter().zip(truth);
        pairs
            .filter(|(one, truth)| one.class != usize::from(**truth))
            .count()
    });
    let count = found.iter().map(Vec::len).sum::<usize>() as u64;
    let all = || found.iter().flatten();
    let ticks: u64 = all().map(|one| u64::from(one.ticks)).sum();
    if score.board.run.json {
        let rows = |found: &[Classified]| {
            let rows = found.iter().map(|one| {
                json!({
                    "class": one.class, "energy": nats(one.energy), "anomaly": one.anomaly, "ticks": one.ticks,
                })
            });
            rows.collect::<Vec<Value>>()
        };
        let mut told = json!({
            "data": name, "seed": score.board.run.seed, "equal": true, "wrong": wrong,
            "threshold_nats": nats(threshold), "images": rows(&found[0]), "noise": rows(&found[1]),
            "ticks_per_classification": ticks / count.max(1), "unit": unit,
        });
        prepared.add_to(&mut told, score.board.run.seed);
        print_json(&told);
        return;
    }
    print(&format!(
        "{count} vectors classified on the board, logits and energies identical to this computer's, bit for bit; an anomaly is above {:.3} nats",
        nats(threshold)
    ));
    if let Some(wrong) = wrong {
        print(&format!(
            "{name}: {wrong} of {} classified wrongly",
            found[0].len()
        ));
    }
    for (what, found) in [name, "noise"].iter().zip(found) {
        print(&format!(
            "{what}: {} of {} are anomalies, mean energy {:.3} nats",
            anomalies(found),
            found.len(),
            mean(found)
        ));
    }
    print(&mean_ticks(ticks, count, unit, "per classification"));
}
