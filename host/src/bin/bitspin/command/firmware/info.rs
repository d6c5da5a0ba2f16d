//! `bitspin firmware info`.

use bitspin::firmware::BlobFile;
use bitspin_core::blob::Kind;

use super::{CommandError, described, print, print_json, value};
use crate::cli::FirmwareInfo;

/// Reads a blob and describes it.
pub(super) fn run(options: &FirmwareInfo) -> Result<(), CommandError> {
    let file = BlobFile::load(&options.file)?;
    if options.json {
        print_json(&value(&file));
        return Ok(());
    }
    print(&described(&file));
    match file.header().kind() {
        Kind::Rbm { format, .. } | Kind::Labelled { format, .. } => print(&format!(
            "weight code 1 = {} / 2^{}, bias code 1 = 1 / 2^{}",
            format.weight_scale, format.fraction_bits, format.fraction_bits
        )),
        Kind::Ising { fraction_bits, .. } => {
            print(&format!("coupling or field code 1 = 1 / 2^{fraction_bits}"))
        }
        _ => {}
    }
    print(&format!("CRC-32: {:#010x}, correct", file.crc()));
    Ok(())
}
