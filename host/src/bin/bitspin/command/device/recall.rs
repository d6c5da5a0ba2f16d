//! `bitspin device recall`.

use std::fmt::Write;

use bitspin::BitMatrix;
use bitspin::console::note;
use bitspin::data::{Binarisation, Pictures};
use bitspin::device::{Device as Board, Difference, exponential};
use bitspin::display::shown;
use bitspin::firmware::loss::damaged;
use bitspin::firmware::{BlobFile, network};
use bitspin::hopfield::equal_patterns;
use bitspin::interrupt::Interrupt;
use bitspin::report::progress::Progress;
use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::blob::Blob;
use bitspin_core::hopfield::{self, settle_synchronous};
use bitspin_core::network::Network;
use bitspin_core::rng::Purpose;
use bitspin_protocol::{self as protocol, MemoryInfo, Model};
use serde_json::json;

use super::{CommandError, expected, mean_ticks, memory, model, open, print, print_json};
use crate::cli::{Device, DeviceRecall, Kind};
use crate::command::hopfield::share;

/// Patterns recalled without `--patterns`.
const DEFAULT_PATTERNS: usize = 10;

/// Recall of one pattern by the board and this computer.
struct Row {
    overlap_before: f64,
    overlap_after: f64,
    outcome: protocol::Outcome,
    ticks: u32,
}

/// Recalls on the board and on this computer.
pub(super) fn run(options: &Device, recall: &DeviceRecall) -> Result<(), CommandError> {
    share("--noise", recall.noise)?;
    let named = expected(&recall.board)?;
    let pictures = own_pictures(recall)?;
    let mut device = open(options)?;
    let mut info = memory(options, &device)?;
    if let (true, Some(pictures)) = (recall.store, &pictures) {
        info = store(options, &mut device, info, pictures)?;
    }
    let file = model(options, &mut device, Model::Memory, info.crc, named)?;
    let patterns = match pictures {
        Some(pictures) => fitting(pictures, info)?,
        None => stored(options, &file)?,
    };
    let count = count(recall, &patterns)?;
    let rows = compare(options, recall, (&mut device, &file), &patterns, count)?;
    let unit = device.info().unit.clone();
    if recall.board.run.json {
        print_json(&report(recall, &patterns, &rows, &unit));
    } else {
        print(table(recall, &patterns, &rows, &unit).trim_end());
    }
    CommandError::unless_all(rows.len(), count, "patterns; the results cover only these")
}

fn own_pictures(recall: &DeviceRecall) -> Result<Option<BitMatrix>, CommandError> {
    if recall.pictures.is_empty() {
        return Ok(None);
    }
    let pictures = Pictures::read(&recall.pictures)?;
    pictures.notes.iter().for_each(note);
    let how = Binarisation::Threshold(0.5);
    // A threshold draws nothing, so any seed gives the same bits.
    let patterns = BitMatrix::binarise(&pictures.images, how, 0, Purpose::Evaluation);
    if let Some((first, second)) = equal_patterns(&patterns) {
        return Err(CommandError::usage(format!(
            "--pictures: expected different pictures, {} and {} are equal at a threshold of 0.5",
            shown(&pictures.paths[first]),
            shown(&pictures.paths[second])
        )));
    }
    Ok(Some(patterns))
}

/// Pictures, if they have as many pixels as the board's memory has units.
fn fitting(pictures: BitMatrix, info: MemoryInfo) -> Result<BitMatrix, CommandError> {
    let (pixels, units) = (pictures.units(), info.units);
    if pixels == units as usize {
        return Ok(pictures);
    }
    Err(CommandError::usage(format!(
        "--pictures: the board's memory has {units} units, but the pictures have {pixels} pixels"
    )))
}

/// Stores pictures on the board, and reads its memory information again.
fn store(
    options: &Device,
    device: &mut Board,
    info: MemoryInfo,
    pictures: &BitMatrix,
) -> Result<MemoryInfo, CommandError> {
    let pictures = fitting(pictures.clone(), info)?;
    for pattern in pictures.iter() {
        device.store(pictures.units(), pattern)?;
    }
    device.refresh()?;
    memory(options, device)
}

/// The patterns in the board's blob.
fn stored(options: &Device, file: &BlobFile) -> Result<BitMatrix, CommandError> {
    let (units, words) = match file.blob() {
        Blob::Patterns(memory) => (
            memory.patterns().units(),
            memory.patterns().as_words().to_vec(),
        ),
        Blob::Exponential(memory) => (
            memory.patterns().units(),
            memory.patterns().as_words().to_vec(),
        ),
        _ => {
            return Err(CommandError::usage(format!(
                "{}: the board's memory holds couplings, not patterns: expected --pictures",
                options.port
            )));
        }
    };
    BitMatrix::from_bits(units, words).map_err(CommandError::failed)
}

/// How many patterns to recall.
fn count(recall: &DeviceRecall, patterns: &BitMatrix) -> Result<usize, CommandError> {
    let most = patterns.count();
    match recall.patterns {
        Some(count) if (1..=most).contains(&count) => Ok(count),
        Some(count) => Err(CommandError::usage(format!(
            "--patterns: expected 1 to {most}, as many as there are, not {count}"
        ))),
        None if recall.pictures.is_empty() => Ok(DEFAULT_PATTERNS.min(most)),
        None => Ok(most),
    }
}

/// Damages patterns, recalls them on both sides, and compares the results.
fn compare(
    options: &Device,
    recall: &DeviceRecall,
    (device, file): (&mut Board, &BlobFile),
    patterns: &BitMatrix,
    count: usize,
) -> Result<Vec<Row>, CommandError> {
    let blob = file.blob();
    let dense = match (&blob, recall.network) {
        (Blob::Patterns(memory), Kind::Exponential) => {
            let patterns =
                hopfield::Patterns::new(memory.patterns().units(), memory.patterns().as_words());
            let dense = patterns.and_then(exponential);
            Some(dense.map_err(CommandError::failed)?)
        }
        _ => None,
    };
    let desktop: &dyn Network = match (&dense, network(&blob)) {
        (Some(dense), _) => dense,
        (None, Some(network)) => network,
        (None, None) => {
            let port = &options.port;
            return Err(CommandError::failed(format!(
                "{port}: expected the model of a Hopfield memory"
            )));
        }
    };
    let asked = match recall.network {
        Kind::Exponential => protocol::Network::Exponential,
        Kind::Pairs => protocol::Network::Pairs,
    };
    let interrupt = Interrupt::install();
    let progress = Progress::new(count as u64, "patterns");
    let mut rows = Vec::new();
    let starts = damaged(patterns, (recall.noise, recall.board.run.seed), count);
    for (at, (pattern, start)) in patterns.iter().zip(&starts).enumerate() {
        if interrupt.is_set() {
            break;
        }
        let board = device.recall(asked, patterns.units(), start, recall.sweeps)?;
        let (state, outcome) =
            settle(desktop, start, recall.sweeps).map_err(CommandError::failed)?;
        let port = &options.port;
        if let Some(difference) = Difference::between(&board.state, &state) {
            return Err(CommandError::failed(format!(
                "{port}: the recall of pattern {at} differs from this computer's: {difference}"
            )));
        }
        if board.outcome != outcome {
            return Err(CommandError::failed(format!(
                "{port}: pattern {at} was recalled in {}, on this computer in {}",
                words(&board.outcome),
                words(&outcome)
            )));
        }
        rows.push(Row {
            overlap_before: overlap(patterns.units(), pattern, start),
            overlap_after: overlap(patterns.units(), pattern, &state),
            outcome,
            ticks: board.ticks,
        });
        progress.inc(1);
    }
    progress.finish();
    Ok(rows)
}

/// The recall on this computer, in terms of the protocol.
fn settle(
    network: &dyn Network,
    start: &[u64],
    sweeps: u32,
) -> Result<(Vec<u64>, protocol::Outcome), Error> {
    let mut state = Bits::new(network.units(), start.to_vec())?;
    let mut cache = vec![0; network.synchronous_len()];
    let mut scratch = vec![0; 2 * start.len()];
    let recall = settle_synchronous(network, &mut state, &mut cache, &mut scratch, sweeps)?;
    let outcome = protocol::Outcome {
        stop: match recall.stop {
            hopfield::Stop::FixedPoint => protocol::Stop::FixedPoint,
            hopfield::Stop::TwoCycle => protocol::Stop::TwoCycle,
            hopfield::Stop::SweepLimit => protocol::Stop::SweepLimit,
        },
        sweeps: recall.sweeps,
        flips: recall.flips as u32,
    };
    Ok((state.as_words().to_vec(), outcome))
}

fn overlap(units: usize, a: &[u64], b: &[u64]) -> f64 {
    let differing: u32 = a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum();
    1.0 - 2.0 * f64::from(differing) / units as f64
}

fn stop(stop: protocol::Stop) -> &'static str {
    match stop {
        protocol::Stop::FixedPoint => "fixed point",
        protocol::Stop::TwoCycle => "two-cycle",
        protocol::Stop::SweepLimit => "sweep limit",
    }
}

fn words(outcome: &protocol::Outcome) -> String {
    let protocol::Outcome { sweeps, flips, .. } = outcome;
    format!(
        "{sweeps} sweeps and {flips} flips to a {}",
        stop(outcome.stop)
    )
}

fn exact(rows: &[Row]) -> usize {
    rows.iter().filter(|row| row.overlap_after == 1.0).count()
}

fn network_name(recall: &DeviceRecall) -> &'static str {
    match recall.network {
        Kind::Exponential => "exponential",
        Kind::Pairs => "pairs",
    }
}

fn ticks(rows: &[Row]) -> (u64, u64) {
    let ticks = rows.iter().map(|row| u64::from(row.ticks)).sum();
    let sweeps = rows.iter().map(|row| u64::from(row.outcome.sweeps)).sum();
    (ticks, sweeps)
}

fn report(
    recall: &DeviceRecall,
    patterns: &BitMatrix,
    rows: &[Row],
    unit: &str,
) -> serde_json::Value {
    let list: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(pattern, row)| {
            json!({
                "pattern": pattern, "overlap_before": row.overlap_before, "overlap_after": row.overlap_after,
                "sweeps": row.outcome.sweeps, "flips": row.outcome.flips,
                "stop": stop(row.outcome.stop).replace(' ', "-"), "ticks": row.ticks,
            })
        })
        .collect();
    let (ticks, sweeps) = ticks(rows);
    json!({
        "units": patterns.units(), "patterns": rows.len(), "network": network_name(recall), "noise": recall.noise,
        "seed": recall.board.run.seed, "equal": true, "exact": exact(rows), "recalls": list,
        "ticks_per_sweep": ticks / sweeps.max(1), "unit": unit,
    })
}

fn table(recall: &DeviceRecall, patterns: &BitMatrix, rows: &[Row], unit: &str) -> String {
    let mut text = format!(
        "{:>7}  {:>7}  {:>7}  {:>6}  {:11}  {:>10}\n",
        "pattern", "before", "after", "sweeps", "stop", unit
    );
    for (at, row) in rows.iter().enumerate() {
        let _ = writeln!(
            text,
            "{at:>7}  {:>7.4}  {:>7.4}  {:>6}  {:11}  {:>10}",
            row.overlap_before,
            row.overlap_after,
            row.outcome.sweeps,
            stop(row.outcome.stop),
            row.ticks
        );
    }
    let (ticks, sweeps) = ticks(rows);
    let (units, of, name) = (patterns.units(), rows.len(), network_name(recall));
    let _ = writeln!(
        text,
        "\n{of} recalls on the board ({units} units, network {name}), identical to this computer's in every unit
{} of {of} patterns recalled exactly with {}% of the units flipped
{}",
        exact(rows),
        100.0 * recall.noise,
        mean_ticks(ticks, sweeps, unit, "per sweep")
    );
    text
}
