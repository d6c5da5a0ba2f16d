//! `bitspin device`: compares a board with this computer.

mod classify;
mod info;
mod recall;
mod sample;
mod score;
mod spins;

use std::path::Path;
use std::time::Duration;

use bitspin::device::{DeviceError, DeviceProblem};
use bitspin::display::shown;
use bitspin::firmware::BlobFile;
use bitspin::report::progress::Progress;
use bitspin_core::blob::Blob;
use bitspin_core::rbm::compact::CompactRbm;
use bitspin_protocol::{MemoryInfo, Model, RbmInfo};

use super::{CommandError, at_least_one, print, print_json};
use crate::cli::{BoardOptions, Device, DeviceCommand};

/// An RBM in its blob.
type BlobRbm<'a> = CompactRbm<&'a [u8], &'a [i16]>;

/// Opens the port and runs a command.
pub(crate) fn run(options: &Device) -> Result<(), CommandError> {
    let timeout = options.timeout;
    if !(0.01..=3600.0).contains(&timeout) {
        return Err(CommandError::usage(format!(
            "--timeout: expected 0.01 to 3600, not {timeout}"
        )));
    }
    match &options.command {
        DeviceCommand::Info(info) => info::run(options, info),
        DeviceCommand::Recall(recall) => recall::run(options, recall),
        DeviceCommand::Sample(sample) if sample.ising => spins::run(options, sample),
        DeviceCommand::Sample(sample) => sample::run(options, sample),
        DeviceCommand::Classify(score) => classify::run(options, score),
        DeviceCommand::Score(score) => score::run(options, score),
    }
}

impl From<DeviceError> for CommandError {
    fn from(error: DeviceError) -> Self {
        match error.problem {
            DeviceProblem::Open(_) => Self::usage(format!("--port: {error}")),
            _ => Self::failed(error),
        }
    }
}

fn open(options: &Device) -> Result<bitspin::device::Device, CommandError> {
    let patience = Duration::from_secs_f64(options.timeout);
    Ok(bitspin::device::Device::open(
        &options.port,
        options.baud,
        patience,
    )?)
}

/// The model that the board should have, if a file was named.
fn expected(board: &BoardOptions) -> Result<Option<(&Path, BlobFile)>, CommandError> {
    let path = board.model.as_deref();
    Ok(path.zip(path.map(BlobFile::load).transpose()?))
}

/// The model that the board has: the file that was named, if the checksum is the board's, or what the board sends.
fn model(
    options: &Device,
    device: &mut bitspin::device::Device,
    which: Model,
    crc: u32,
    named: Option<(&Path, BlobFile)>,
) -> Result<BlobFile, CommandError> {
    let port = &options.port;
    let file = match named {
        Some((path, file)) if file.crc() != crc => {
            return Err(CommandError::failed(format!(
                "{port}: the board holds a different model than {}: checksum {crc:#010x}, not {:#010x}",
                shown(&path),
                file.crc()
            )));
        }
        Some((_, file)) => file,
        None => {
            let mut progress = None;
            let file = device.read(which, |done, total| {
                let progress = progress.get_or_insert_with(|| Progress::new(total, "bytes"));
                progress.set(done);
            })?;
            if let Some(progress) = progress {
                progress.finish();
            }
            file
        }
    };
    if file.crc() != crc {
        return Err(CommandError::failed(format!(
            "{port}: the board sent a model of checksum {:#010x} but says {crc:#010x}",
            file.crc()
        )));
    }
    Ok(file)
}

/// The board's information on its memory.
fn memory(options: &Device, device: &bitspin::device::Device) -> Result<MemoryInfo, CommandError> {
    let none = || {
        CommandError::failed(format!(
            "{}: the board has no Hopfield memory",
            options.port
        ))
    };
    device.info().memory.ok_or_else(none)
}

/// The board's information on its RBM.
fn rbm(options: &Device, device: &bitspin::device::Device) -> Result<RbmInfo, CommandError> {
    let none = || CommandError::failed(format!("{}: the board has no RBM", options.port));
    device.info().rbm.ok_or_else(none)
}

/// The RBM in a blob.
fn blob_rbm<'a>(options: &Device, file: &'a BlobFile) -> Result<BlobRbm<'a>, CommandError> {
    match file.blob() {
        Blob::Rbm(model) => Ok(model),
        _ => Err(CommandError::failed(format!(
            "{}: expected the model of an RBM",
            options.port
        ))),
    }
}

/// The mean of a measurement of the board, with its unit: `1234 instructions per sweep`.
fn mean_ticks(ticks: u64, count: u64, unit: &str, of: &str) -> String {
    format!("{} {unit} {of}", ticks / count.max(1))
}
