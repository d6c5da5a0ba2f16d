//! Golden vectors: the host's results with a blob's model, for a board to compare its own with.

mod ising;
mod labels;

pub use ising::IsingVectors;
pub use labels::{Judge, LabelVectors};

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::hopfield::settle_synchronous;
use bitspin_core::network::Network;
use bitspin_core::rbm::compact::CompactRbm;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::rbm;
use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::bit_matrix::check_units;
use crate::engine::{Engine, FITS};

/// FNV-1a, 64 bits (Fowler, Noll and Vo), over the bytes of words, the lowest byte of a word first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// Takes in words.
    pub fn add(&mut self, words: &[u64]) {
        for byte in words.iter().flat_map(|word| word.to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> u64 {
        self.0
    }
}

/// One chain of the host's engine.
#[derive(Clone, Debug)]
pub struct Walker {
    engine: Engine,
    visible: Vec<u64>,
    hidden: Vec<u64>,
    rng: [ChainRng; 1],
    hidden_fields: AlignedI16,
    visible_fields: AlignedI16,
}

impl Walker {
    /// A chain that starts at a packed visible vector, which has as many words as the model's visible layer needs.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::OutOfRange`] if the vector is not one of the visible layer.
    pub fn new(engine: Engine, visible: Vec<u64>, rng: ChainRng) -> Result<Self, Error> {
        let shape = engine.shape();
        Ok(Self {
            visible: Bits::new(shape.visible(), visible)?.as_words().to_vec(),
            hidden: vec![0; shape.hidden_words()],
            rng: [rng],
            hidden_fields: AlignedI16::zeros(shape.hidden_stride()),
            visible_fields: AlignedI16::zeros(shape.visible_stride()),
            engine,
        })
    }

    /// Starts another chain of the same model.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn restart(self, visible: Vec<u64>, rng: ChainRng) -> Result<Self, Error> {
        Self::new(self.engine, visible, rng)
    }

    /// One Gibbs step: h given v, then v given h.
    pub fn step(&mut self) {
        let fields = self.hidden_fields.as_mut();
        self.engine
            .sample_hidden(&self.visible, fields, &mut self.rng, &mut self.hidden)
            .expect(FITS);
        let fields = self.visible_fields.as_mut();
        self.engine
            .sample_visible(&self.hidden, fields, &mut self.rng, &mut self.visible)
            .expect(FITS);
    }

    /// The visible vector.
    #[must_use]
    pub fn visible(&self) -> &[u64] {
        &self.visible
    }

    /// The hidden vector that it was drawn from; all clear before the first step.
    #[must_use]
    pub fn hidden(&self) -> &[u64] {
        &self.hidden
    }

    /// F of the visible vector in 2^-16 nat.
    pub fn free_energy(&mut self) -> i64 {
        let fields = self.hidden_fields.as_mut();
        self.engine
            .hidden_fields(&self.visible, fields)
            .expect(FITS);
        self.engine
            .free_energy_fixed(&self.visible, fields)
            .expect(FITS)
    }
}

/// Gibbs chains: starts and results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RbmVectors {
    /// Chain k draws from chain k of this seed's streams.
    pub seed: u64,
    /// Gibbs steps per chain.
    pub steps: u32,
    /// A free energy above this, in 2^-16 nat, is an anomaly: [`threshold`] of some data. `i64::MAX` unless it is set.
    pub threshold: i64,
    /// Where chains start.
    pub starts: Vec<Vec<u64>>,
    /// F of the starts in 2^-16 nat.
    pub start_free_energies: Vec<i64>,
    /// The visible vectors after the last step.
    pub visible: Vec<Vec<u64>>,
    /// The hidden vectors that they were drawn from.
    pub hidden: Vec<Vec<u64>>,
    /// F of the last visible vectors.
    pub free_energies: Vec<i64>,
    /// Over all states of all chains: after every step the hidden vector, then the visible one.
    pub digest: u64,
}

impl RbmVectors {
    /// Walks the chains on the desktop.
    ///
    /// # Errors
    /// As [`Walker::new`].
    pub fn walk(
        model: &CompactRbm<&[u8], &[i16]>,
        starts: Vec<Vec<u64>>,
        seed: u64,
        steps: u32,
    ) -> Result<Self, Error> {
        let engine = rbm::desktop(model)?;
        let mut streams = Streams::new(seed, Purpose::Chains);
        let mut digest = Digest::default();
        let mut vectors = Self {
            seed,
            steps,
            threshold: i64::MAX,
            starts,
            start_free_energies: Vec::new(),
            visible: Vec::new(),
            hidden: Vec::new(),
            free_energies: Vec::new(),
            digest: 0,
        };
        for start in &vectors.starts {
            let mut chain = Walker::new(engine.clone(), start.clone(), streams.next_chain())?;
            vectors.start_free_energies.push(chain.free_energy());
            for _ in 0..steps {
                chain.step();
                digest.add(chain.hidden());
                digest.add(chain.visible());
            }
            vectors.visible.push(chain.visible().to_vec());
            vectors.hidden.push(chain.hidden().to_vec());
            vectors.free_energies.push(chain.free_energy());
        }
        vectors.digest = digest.value();
        Ok(vectors)
    }
}

/// The free energy, in 2^-16 nat, that a share of images is above (fewer, where some are equal): what tells data from
/// anomalies. O(visible x hidden) per image.
///
/// # Errors
/// [`Error::Length`] if images are of another number of units.
pub fn threshold(
    model: &CompactRbm<&[u8], &[i16]>,
    images: &BitMatrix,
    share: f64,
) -> Result<i64, Error> {
    let shape = model.shape();
    check_units(shape.visible(), images)?;
    let engine = rbm::desktop(model)?;
    let mut fields = AlignedI16::zeros(shape.hidden_stride());
    let energies = images.iter().map(|image| -> Result<i64, Error> {
        engine.hidden_fields(image, fields.as_mut())?;
        engine.free_energy_fixed(image, fields.as_ref())
    });
    Ok(above(energies.collect::<Result<_, _>>()?, share))
}

/// The number that a share of all is above.
fn above(mut energies: Vec<i64>, share: f64) -> i64 {
    energies.sort_unstable();
    let above = (share * energies.len() as f64) as usize;
    let at = energies.len().saturating_sub(above + 1);
    energies.get(at).copied().unwrap_or(i64::MAX)
}

/// Damaged states, and the states recalled from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecallVectors {
    /// The most sweeps.
    pub most_sweeps: u32,
    /// States to recall from.
    pub starts: Vec<Vec<u64>>,
    /// States that they settled in, all spins turning at once.
    pub states: Vec<Vec<u64>>,
    /// Sweeps that this took.
    pub sweeps: Vec<u32>,
    /// Over all settled states.
    pub digest: u64,
}

impl RecallVectors {
    /// Recalls on the desktop.
    ///
    /// # Errors
    /// [`Error`] if a state is not one of the network.
    pub fn recall(
        network: &dyn Network,
        starts: Vec<Vec<u64>>,
        most_sweeps: u32,
    ) -> Result<Self, Error> {
        let mut vectors = Self {
            most_sweeps,
            states: Vec::new(),
            sweeps: Vec::new(),
            digest: 0,
            starts,
        };
        let mut digest = Digest::default();
        for start in &vectors.starts {
            let mut cache = vec![0; network.synchronous_len()];
            let mut scratch = vec![0; 2 * start.len()];
            let mut state = Bits::new(network.units(), start.clone())?;
            let recall =
                settle_synchronous(network, &mut state, &mut cache, &mut scratch, most_sweeps)?;
            digest.add(state.as_words());
            vectors.sweeps.push(recall.sweeps);
            vectors.states.push(state.as_words().to_vec());
        }
        vectors.digest = digest.value();
        Ok(vectors)
    }
}
