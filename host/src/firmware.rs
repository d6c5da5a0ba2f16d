//! Models for microcontrollers: quantised, compared with the original, and written as blobs or as Rust source.
//!
//! A blob is what [`bitspin_core::blob`] describes. [`rbm`], [`memory`] and [`ising`] make models that have one, [`loss`] says what the
//! small numbers cost, [`footprint`] what a board needs for them, and [`source`] writes one as a Rust file with golden
//! vectors ([`golden`]) by which a board can check itself.

mod blob_file;
pub mod footprint;
pub mod golden;
pub mod ising;
pub mod loss;
pub mod memory;
pub mod rbm;
pub mod source;

pub use blob_file::{BlobFile, BlobFileError, BlobProblem};
pub use footprint::Footprint;
pub use ising::FirmwareIsing;
pub use memory::{CouplingFormat, FirmwareMemory};
pub use rbm::OwnedRbm;

use bitspin_core::blob::Blob;
use bitspin_core::network::Network;

/// The Hopfield network that a blob holds, if it holds one.
#[must_use]
pub fn network<'b>(blob: &'b Blob<'_>) -> Option<&'b dyn Network> {
    match blob {
        Blob::Patterns(memory) => Some(memory),
        Blob::Exponential(memory) => Some(memory),
        Blob::CouplingsI16(couplings) => Some(couplings),
        Blob::CouplingsI8(couplings) => Some(couplings),
        Blob::CouplingsSign(couplings) => Some(couplings),
        _ => None,
    }
}
