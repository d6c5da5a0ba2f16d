//! `bitspin device sample --ising`.

use bitspin::device::{Difference, Swept};
use bitspin::display::shown;
use bitspin::firmware::BlobFile;
use bitspin::interrupt::Interrupt;
use bitspin::report::progress::Progress;
use bitspin_core::bits::Bits;
use bitspin_core::blob::{Blob, Ising};
use bitspin_core::ising::{self, Chain, Temperature};
use bitspin_core::rng::{Purpose, Streams};
use bitspin_protocol::{IsingInfo, MAX_SWEEPS, Model, Rule};
use serde_json::json;

use super::sample::{draw, noise};
use super::{CommandError, at_least_one, expected, mean_ticks, model, open, print, print_json};
use crate::cli::{Device, DeviceSample, SpinRule};
use crate::command::written::{Form, Written};

/// Progress of a chain on the board and this computer.
struct Walk {
    sweeps: u64,
    ticks: u64,
    comparisons: u64,
    energy: f64,
    state: Vec<u64>,
}

/// Sweeps on the board and on this computer.
pub(super) fn run(options: &Device, sample: &DeviceSample) -> Result<(), CommandError> {
    Form::check("--out", sample.out.as_ref(), &[Form::Png])?;
    at_least_one("--every", sample.every as usize, MAX_SWEEPS as usize)?;
    let named = expected(&sample.board)?;
    let output = sample.replace.file(sample.out.as_deref())?;
    let mut device = open(options)?;
    let info = ising_info(options, &device)?;
    let file = model(options, &mut device, Model::Ising, info.crc, named)?;
    let model = blob_ising(options, &file)?;
    // The concrete model types have fast kernels on this computer; a board samples through one type for all.
    let walk = match &model {
        Ising::DenseI16(model) => walk(options, sample, &mut device, model),
        Ising::DenseI8(model) => walk(options, sample, &mut device, model),
        Ising::SparseI16(model) => walk(options, sample, &mut device, model),
        Ising::SparseI8(model) => walk(options, sample, &mut device, model),
        other => walk(options, sample, &mut device, other),
    }?;
    if let Some(output) = output {
        draw(&walk.state, info.units as usize, output)?;
    }
    tell(sample, &walk, &device.info().unit)
}

/// The board's information on its Ising model.
fn ising_info(
    options: &Device,
    device: &bitspin::device::Device,
) -> Result<IsingInfo, CommandError> {
    let none = || CommandError::failed(format!("{}: the board has no Ising model", options.port));
    device.info().ising.ok_or_else(none)
}

/// The Ising model in a blob.
fn blob_ising<'a>(options: &Device, file: &'a BlobFile) -> Result<Ising<'a>, CommandError> {
    match file.blob() {
        Blob::Ising(model) => Ok(model),
        _ => Err(CommandError::failed(format!(
            "{}: expected an Ising model",
            options.port
        ))),
    }
}

fn walk<M: ising::Model>(
    options: &Device,
    sample: &DeviceSample,
    device: &mut bitspin::device::Device,
    model: &M,
) -> Result<Walk, CommandError> {
    let beta = sample.beta.unwrap_or(1.0);
    let temperature = Temperature::new(beta, model.fraction_bits())
        .map_err(|error| CommandError::usage(format!("--beta {beta}: {error}")))?;
    let (asked, rule) = match sample.rule.unwrap_or(SpinRule::Glauber) {
        SpinRule::Glauber => (Rule::Glauber, ising::UpdateRule::Glauber),
        SpinRule::Metropolis => (Rule::Metropolis, ising::UpdateRule::Metropolis),
    };
    let units = model.units();
    let start = noise(units, sample.board.run.seed);
    let (mut state, mut fields) = (start.clone(), vec![0; units]);
    let bits = Bits::new(units, &mut state[..]).map_err(CommandError::failed)?;
    let rng = Streams::new(sample.board.run.seed, Purpose::Chains).next_chain();
    let mut chain = Chain::new(model, bits, &mut fields[..], rng).map_err(CommandError::failed)?;
    let mut walk = Walk {
        sweeps: 0,
        ticks: 0,
        comparisons: 0,
        energy: model.real(chain.energy()),
        state: start.clone(),
    };
    let interrupt = Interrupt::install();
    let progress = Progress::new(sample.steps, "sweeps");
    while walk.sweeps < sample.steps && !interrupt.is_set() {
        let sweeps = u64::from(sample.every).min(sample.steps - walk.sweeps) as u32;
        let how = (asked, beta);
        let board = match walk.sweeps {
            0 => device.start_sweeps(units, (sample.board.run.seed, &start), how, sweeps)?,
            before => device.continue_sweeps(units, before, how, sweeps)?,
        };
        for _ in 0..sweeps {
            chain.sweep(rule, temperature);
        }
        walk.sweeps += u64::from(sweeps);
        walk.ticks += u64::from(board.ticks);
        walk.comparisons += 1;
        walk.energy = model.real(chain.energy());
        compare(options, walk.sweeps, &board, &chain)?;
        walk.state = board.state;
        progress.inc(sweeps.into());
    }
    progress.finish();
    Ok(walk)
}

fn compare<M: ising::Model>(
    options: &Device,
    sweeps: u64,
    board: &Swept,
    chain: &Chain<'_, M>,
) -> Result<(), CommandError> {
    let port = &options.port;
    let fail = |what: String| Err(CommandError::failed(format!("{port}: {what}")));
    if board.sweeps != sweeps {
        let found = board.sweeps;
        return fail(format!(
            "the board's chain is at sweep {found}, this computer's at sweep {sweeps}"
        ));
    }
    if let Some(difference) = Difference::between(&board.state, chain.state().as_words()) {
        return fail(format!(
            "after {sweeps} sweeps the spins differ from this computer's: {difference}"
        ));
    }
    if board.energy != chain.energy() {
        let (found, desktop) = (board.energy, chain.energy());
        return fail(format!(
            "after {sweeps} sweeps the energy is {found} on the board, {desktop} on this computer, in units of the last fraction bit"
        ));
    }
    Ok(())
}

fn tell(sample: &DeviceSample, walk: &Walk, unit: &str) -> Result<(), CommandError> {
    let spins = walk.state.iter().map(|word| word.count_ones()).sum::<u32>();
    let beta = sample.beta.unwrap_or(1.0);
    if sample.board.run.json {
        print_json(&json!({
            "sweeps": walk.sweeps, "compared": walk.comparisons, "equal": true, "seed": sample.board.run.seed, "beta": beta,
            "energy": walk.energy, "spins_up": spins, "ticks_per_sweep": walk.ticks / walk.sweeps.max(1), "unit": unit,
            "picture": sample.out.as_deref().map(shown),
            "files": sample.out.iter().map(|path| Written::named(path)).collect::<Vec<_>>(),
        }));
    } else {
        print(&format!(
            "{} sweeps on the board at beta {beta}, identical to this computer's in every spin and in energy, compared {} times",
            walk.sweeps, walk.comparisons
        ));
        print(&format!(
            "energy {:.4}, {spins} spins are +1; {}",
            walk.energy,
            mean_ticks(walk.ticks, walk.sweeps, unit, "per sweep")
        ));
        if let Some(path) = &sample.out {
            print(&format!("{}: the board's last state", shown(&path)));
        }
    }
    let rest = "sweeps; the results cover only these";
    CommandError::unless_all(walk.sweeps as usize, sample.steps as usize, rest)
}
