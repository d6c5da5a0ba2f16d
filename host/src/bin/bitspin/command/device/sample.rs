//! `bitspin device sample`.

use bitspin::device::{Difference, Sampled};
use bitspin::display::shown;
use bitspin::firmware::golden::Walker;
use bitspin::firmware::rbm::desktop;
use bitspin::interrupt::Interrupt;
use bitspin::output::OutputFile;
use bitspin::report::grid::Grid;
use bitspin::report::progress::Progress;
use bitspin::sampling::{bits_to_grey, picture_size};
use bitspin_core::bits::tail_mask;
use bitspin_core::rng::{Purpose, Streams};
use bitspin_protocol::{MAX_STEPS, Model};
use rand_core::Rng;
use serde_json::json;

use super::{
    CommandError, at_least_one, blob_rbm, expected, mean_ticks, model, open, print, print_json, rbm,
};
use crate::cli::{Device, DeviceSample};
use crate::command::written::{Form, Written};

/// Progress of a chain on the board and this computer.
struct Walk {
    steps: u64,
    ticks: u64,
    comparisons: u64,
    visible: Vec<u64>,
}

/// Runs a chain on the board and on this computer.
pub(super) fn run(options: &Device, sample: &DeviceSample) -> Result<(), CommandError> {
    Form::check("--out", sample.out.as_ref(), &[Form::Png])?;
    at_least_one("--every", sample.every as usize, MAX_STEPS as usize)?;
    let named = expected(&sample.board)?;
    let output = sample.replace.file(sample.out.as_deref())?;
    let mut device = open(options)?;
    let info = rbm(options, &device)?;
    let file = model(options, &mut device, Model::Rbm, info.crc, named)?;
    let small = blob_rbm(options, &file)?;
    let shape = (small.shape().visible(), small.shape().hidden());
    let interrupt = Interrupt::install();

    let start = noise(shape.0, sample.board.run.seed);
    let rng = Streams::new(sample.board.run.seed, Purpose::Chains).next_chain();
    let engine = desktop(&small).map_err(CommandError::failed)?;
    let mut chain = Walker::new(engine, start.clone(), rng).map_err(CommandError::failed)?;
    let progress = Progress::new(sample.steps, "steps");
    let mut walk = Walk {
        steps: 0,
        ticks: 0,
        comparisons: 0,
        visible: start.clone(),
    };
    while walk.steps < sample.steps && !interrupt.is_set() {
        let steps = u64::from(sample.every).min(sample.steps - walk.steps) as u32;
        let board = match walk.steps {
            0 => device.start_chain(shape, sample.board.run.seed, &start, steps)?,
            before => device.continue_chain(shape, before, steps)?,
        };
        for _ in 0..steps {
            chain.step();
        }
        walk.steps += u64::from(steps);
        walk.ticks += u64::from(board.ticks);
        walk.comparisons += 1;
        compare(options, &walk, &board, &chain)?;
        walk.visible = board.visible;
        progress.inc(steps.into());
    }
    progress.finish();
    let unit = &device.info().unit;
    finish(sample, &walk, shape.0, unit, output)
}

/// A random state.
pub(super) fn noise(units: usize, seed: u64) -> Vec<u64> {
    let mut stream = Streams::new(seed, Purpose::Evaluation).next_stream();
    let mut state: Vec<u64> = (0..units.div_ceil(64)).map(|_| stream.next_u64()).collect();
    if let Some(last) = state.last_mut() {
        *last &= tail_mask(units);
    }
    state
}

fn compare(
    options: &Device,
    walk: &Walk,
    board: &Sampled,
    chain: &Walker,
) -> Result<(), CommandError> {
    let (port, steps) = (&options.port, walk.steps);
    let fail = |what: String| Err(CommandError::failed(format!("{port}: {what}")));
    if board.steps != steps {
        let found = board.steps;
        return fail(format!(
            "the board's chain is at step {found}, this computer's at step {steps}"
        ));
    }
    for (layer, board, desktop) in [
        ("visible", &board.visible, chain.visible()),
        ("hidden", &board.hidden, chain.hidden()),
    ] {
        if let Some(difference) = Difference::between(board, desktop) {
            return fail(format!(
                "after {steps} steps the {layer} layer differs from this computer's: {difference}"
            ));
        }
    }
    Ok(())
}

/// Draws a state.
pub(super) fn draw(state: &[u64], units: usize, output: OutputFile) -> Result<(), CommandError> {
    let (rows, columns) = picture_size(units);
    let grid = Grid::new(rows, columns).map_err(CommandError::failed)?;
    let tiles = bits_to_grey(state, units);
    let picture = grid.magnification(8).draw(&tiles);
    let picture = picture.map_err(CommandError::failed)?;
    Ok(output.commit(picture.to_png().map_err(CommandError::failed)?)?)
}

/// Draws the last state and reports.
fn finish(
    sample: &DeviceSample,
    walk: &Walk,
    units: usize,
    unit: &str,
    output: Option<OutputFile>,
) -> Result<(), CommandError> {
    if let Some(output) = output {
        draw(&walk.visible, units, output)?;
    }
    let ticks_per_step = walk.ticks / walk.steps.max(1);
    if sample.board.run.json {
        print_json(&json!({
            "steps": walk.steps, "compared": walk.comparisons, "equal": true, "seed": sample.board.run.seed,
            "ticks_per_step": ticks_per_step, "unit": unit, "picture": sample.out.as_deref().map(shown),
            "files": sample.out.iter().map(|path| Written::named(path)).collect::<Vec<_>>(),
        }));
    } else {
        print(&format!(
            "{} Gibbs steps on the board, identical to this computer's in every unit of both layers, compared {} times",
            walk.steps, walk.comparisons
        ));
        print(&mean_ticks(walk.ticks, walk.steps, unit, "per step"));
        if let Some(path) = &sample.out {
            print(&format!("{}: the board's last state", shown(&path)));
        }
    }
    let rest = "steps; the results cover only these";
    CommandError::unless_all(walk.steps as usize, sample.steps as usize, rest)
}
