//! One thread's shard of hidden units: parameters, states in every place of the minibatch, generators.

use bitspin_core::Error;
use bitspin_core::bits::{WORD, words};
use bitspin_core::kernel::{GROUP, padded};
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{
    Centring, HiddenUnits, HiddenUnitsBuffers, LearningRate, Method, Shard, ShardBuffers,
};
use bitspin_core::rng::ChainRng;

use super::places::OwnedPlaces;
use crate::aligned::{AlignedF32, AlignedI16};
use crate::model_file::RbmParameters;

/// A shard and its hidden units' states.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) shard: Shard<AlignedF32, AlignedI16>,
    pub(super) hidden: OwnedHiddenUnits,
    /// The generators as they were before the positive phase, which may have to be repeated.
    before: Vec<ChainRng>,
    centring: OwnedCentring,
}

/// The buffers of a shard's [`Centring`].
#[derive(Debug)]
struct OwnedCentring {
    hidden_means: AlignedF32,
    offsets: AlignedI16,
    differences: AlignedF32,
    projections: AlignedF32,
}

impl OwnedCentring {
    fn new(units: usize) -> Self {
        let mut hidden_means = AlignedF32::zeros(padded(units));
        hidden_means.as_mut()[..units].fill(0.5);
        Self {
            differences: hidden_means.clone(),
            projections: hidden_means.clone(),
            hidden_means,
            offsets: AlignedI16::zeros(padded(units)),
        }
    }
}

impl Worker {
    /// The hidden units `range` of a machine that starts at `initial`, with that velocity where there is momentum, one
    /// generator for each word of them.
    pub(super) fn new(
        shape: Shape,
        initial: &RbmParameters,
        range: std::ops::Range<usize>,
        velocity: Option<&RbmParameters>,
        places: usize,
        rngs: Vec<ChainRng>,
    ) -> Result<Self, Error> {
        let shard = new_shard(shape, initial, range, velocity)?;
        let units = shard.units();
        let hidden = OwnedHiddenUnits::new(shape, units, places, rngs);
        Ok(Self {
            shard,
            hidden,
            before: Vec::new(),
            centring: OwnedCentring::new(units),
        })
    }

    /// The running means of the hidden units, for the centred gradient.
    pub(super) fn hidden_means(&self) -> &[f32] {
        self.centring.hidden_means.as_ref()
    }

    /// [`Self::hidden_means`], to be set.
    pub(super) fn hidden_means_mut(&mut self) -> &mut [f32] {
        self.centring.hidden_means.as_mut()
    }

    /// Copies the data of some places.
    pub(super) fn take_data(&mut self, places: &OwnedPlaces) {
        self.hidden.view().take_data(places.first, &places.data);
    }

    /// The positive phase of the first `count` places, and what their hidden units give to the visible fields; `bias` is
    /// the visible biases in one worker and empty in the others.
    pub(super) fn positive(
        &mut self,
        bias: &[i16],
        fraction_bits: u32,
        method: Method,
        count: usize,
    ) {
        self.before.clone_from(&self.hidden.rngs);
        let weights = self.shard.quantised();
        let mut hidden = self.hidden.view();
        hidden.positive(&weights, fraction_bits, method, count);
        hidden.contribute(&weights, bias, count);
    }

    /// Goes back to before [`Self::positive`], and takes another format.
    pub(super) fn requantise(&mut self, fraction_bits: u32) {
        self.hidden.rngs.clone_from(&self.before);
        self.shard.requantise(fraction_bits);
    }

    /// Places x visible stride: what the hidden units give to the visible fields.
    pub(super) fn visible_fields(&self) -> &[i16] {
        self.hidden.visible_fields.as_ref()
    }

    /// Copies the chains of some places.
    pub(super) fn take_chains(&mut self, places: &OwnedPlaces) {
        self.hidden.view().take_chains(places.first, &places.chain);
    }

    /// Gibbs step `step`, from 0, from the chains' visible units on, where it is not the last.
    pub(super) fn step(
        &mut self,
        bias: &[i16],
        fraction_bits: u32,
        method: Method,
        step: usize,
        count: usize,
    ) {
        let weights = self.shard.quantised();
        let mut hidden = self.hidden.view();
        hidden.move_fields(&weights, method, step, count);
        hidden.draw(fraction_bits, count);
        hidden.contribute(&weights, bias, count);
    }

    /// The last Gibbs step, and the update by what the minibatch of `count` places says. With a `centre` it is the centred one.
    /// Returns the hidden units' view, for the statistics.
    pub(super) fn learn(
        &mut self,
        fraction_bits: u32,
        method: Method,
        step: usize,
        count: usize,
        rate: &LearningRate,
        centre: Option<Centre<'_>>,
    ) -> HiddenUnits<'_> {
        let mut hidden = self.hidden.view();
        hidden.move_fields(&self.shard.quantised(), method, step, count);
        hidden.negative(fraction_bits, method, count);
        let evidence = hidden.evidence(count);
        match centre {
            None => self.shard.update(evidence, count, rate, fraction_bits),
            Some(centre) => {
                let own = &mut self.centring;
                let mut centring = Centring {
                    visible_means: centre.visible_means,
                    hidden_means: own.hidden_means.as_mut(),
                    offsets: own.offsets.as_mut(),
                    differences: own.differences.as_mut(),
                    projections: own.projections.as_mut(),
                    shares: centre.shares,
                };
                self.shard
                    .update_centred(evidence, count, rate, fraction_bits, &mut centring)
                    .expect("the buffers were made for this shard");
            }
        }
        hidden
    }
}

/// What the centred gradient needs beside a worker's own means.
pub(super) struct Centre<'a> {
    /// \[visible\].
    pub(super) visible_means: &'a [f32],
    /// Room for [`Centring::shares`].
    pub(super) shares: &'a mut [i64],
}

/// The buffers of [`HiddenUnits`].
#[derive(Debug)]
pub(super) struct OwnedHiddenUnits {
    shape: Shape,
    units: usize,
    places: usize,
    data: Vec<u64>,
    chain: Vec<u64>,
    previous: Vec<u64>,
    pub(super) hidden: Vec<u64>,
    fields: AlignedI16,
    visible_fields: AlignedI16,
    table: AlignedI16,
    data_columns: Vec<u64>,
    chain_columns: Vec<u64>,
    pub(super) rngs: Vec<ChainRng>,
}

impl OwnedHiddenUnits {
    fn new(shape: Shape, units: usize, places: usize, rngs: Vec<ChainRng>) -> Self {
        let groups = places.div_ceil(GROUP);
        let table_rows = if groups == 1 {
            3 * places
        } else {
            3 * GROUP * groups
        };
        let vectors = || vec![0; places * shape.visible_words()];
        let columns = || vec![0; groups * WORD * shape.visible_words()];
        Self {
            shape,
            units,
            places,
            data: vectors(),
            chain: vectors(),
            previous: vectors(),
            hidden: vec![0; places * words(units)],
            fields: AlignedI16::zeros(places * padded(units)),
            visible_fields: AlignedI16::zeros(places * shape.visible_stride()),
            table: AlignedI16::zeros(table_rows * padded(units)),
            data_columns: columns(),
            chain_columns: columns(),
            rngs,
        }
    }

    fn view(&mut self) -> HiddenUnits<'_> {
        let buffers = HiddenUnitsBuffers {
            data: &mut self.data,
            chain: &mut self.chain,
            previous: &mut self.previous,
            hidden: &mut self.hidden,
            fields: self.fields.as_mut(),
            visible_fields: self.visible_fields.as_mut(),
            table: self.table.as_mut(),
            data_columns: &mut self.data_columns,
            chain_columns: &mut self.chain_columns,
            rngs: &mut self.rngs,
        };
        HiddenUnits::new(self.shape, self.units, self.places, buffers)
            .expect("the buffers were made for this shape")
    }
}

/// A shard of `range`'s hidden units that starts from `initial`, and moves with `velocity`.
fn new_shard(
    shape: Shape,
    initial: &RbmParameters,
    range: std::ops::Range<usize>,
    velocity: Option<&RbmParameters>,
) -> Result<Shard<AlignedF32, AlignedI16>, Error> {
    let (visible, units) = (shape.visible(), range.len());
    let stride = padded(units);
    let rows = visible * stride;
    let transposed = |w: &[f32]| {
        let mut weights = AlignedF32::zeros(rows);
        for (i, row) in weights.as_mut().chunks_exact_mut(stride).enumerate() {
            for (weight, j) in row.iter_mut().zip(range.clone()) {
                *weight = w[j * visible + i];
            }
        }
        weights
    };
    let part = |biases: &[f32]| {
        let mut bias = AlignedF32::zeros(units);
        bias.as_mut().copy_from_slice(&biases[range.clone()]);
        bias
    };
    let nothing = || AlignedF32::zeros(0);
    let buffers = ShardBuffers {
        weights: transposed(&initial.w),
        velocity: velocity.map_or_else(nothing, |velocity| transposed(&velocity.w)),
        bias: part(&initial.hidden_bias),
        bias_velocity: velocity.map_or_else(nothing, |velocity| part(&velocity.hidden_bias)),
        to_hidden: AlignedI16::zeros(rows),
        to_visible: AlignedI16::zeros(units * shape.visible_stride()),
        hidden_bias: AlignedI16::zeros(stride),
        hidden_norms: AlignedI16::zeros(stride),
        visible_norms: AlignedI16::zeros(visible),
        sums: AlignedI16::zeros(stride),
        wide_sums: AlignedF32::zeros(stride),
    };
    Shard::new(shape, range.start, units, buffers)
}
