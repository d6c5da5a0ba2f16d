//! Memory that a board needs for a model, besides the program's own code and stack.

use bitspin_core::bits::words;
use bitspin_core::blob::Blob;
use bitspin_core::network::Network;
use bitspin_core::rng::ChainRng;

use super::network;

/// Bytes that a model needs on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Flash: the blob, which is used where it lies.
    pub flash: usize,
    /// RAM of one run: a chain's Gibbs sampling, recall with all spins turning at once, annealing, or a
    /// classification.
    pub ram: usize,
    /// RAM of the lesser task: a free energy, recall with one spin turning after the other, a chain of single flips, or
    /// a classification but for the logits.
    pub ram_other: usize,
}

impl Footprint {
    /// Counts the buffers that `bitspin_core` asks its caller for. `flash` is the length of the blob.
    #[must_use]
    pub fn of(blob: &Blob<'_>, flash: usize) -> Self {
        let (ram, ram_other) = match (blob, network(blob)) {
            (Blob::Rbm(model), _) => {
                let shape = model.shape();
                let visible = 8 * words(shape.visible());
                let fields = |units: usize| size_of::<i16>() * units;
                (
                    visible
                        + 8 * words(shape.hidden())
                        + fields(model.fields_len())
                        + size_of::<ChainRng>(),
                    visible + fields(shape.hidden()),
                )
            }
            (Blob::Labelled(model), _) => {
                let shape = model.rbm().shape();
                let fields = 8 * words(model.pixels()) + size_of::<i16>() * shape.hidden();
                (fields + size_of::<i64>() * model.classes(), fields)
            }
            (Blob::Ising(model), _) => {
                let state = 8 * words(model.units());
                let chain = state + size_of::<i32>() * model.units() + size_of::<ChainRng>();
                // And the best state.
                (chain + state, chain)
            }
            (_, Some(network)) => {
                let state = 8 * words(network.units());
                let cache = |len: usize| size_of::<i32>() * len;
                (
                    // The state, the one before it and the next.
                    3 * state + cache(network.synchronous_len()),
                    state + cache(network.cache_len()),
                )
            }
            _ => (0, 0),
        };
        Self {
            flash,
            ram,
            ram_other,
        }
    }
}
