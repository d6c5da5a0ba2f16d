//! A minibatch that owns its buffers, and its statistics read from the tables of evidence in the plainest way.

use bitspin_core::bits::{WORD, words};
use bitspin_core::kernel::{GROUP, capacity, padded};
use bitspin_core::rbm::train::{
    Evidence, HiddenUnits, HiddenUnitsBuffers, Method, Places, PlacesBuffers, contrast,
};
use bitspin_core::rbm::{Shape, ShardWeights, Weights};
use bitspin_core::rng::ChainRng;

/// The places of a minibatch and all hidden units in them, as a whole or in parts.
#[derive(Clone, Debug)]
pub struct Minibatch {
    shape: Shape,
    /// The data, packed, a place after the other.
    pub data: Vec<u64>,
    /// The chains' visible units, likewise.
    pub chain: Vec<u64>,
    places: Vec<PlacesPart>,
    hidden: Vec<HiddenPart>,
}

/// What some places have of their own.
#[derive(Clone, Debug)]
struct PlacesPart {
    first: usize,
    fields: Vec<i16>,
    rngs: Vec<ChainRng>,
}

/// The buffers of some hidden units; see [`HiddenUnitsBuffers`].
#[derive(Clone, Debug)]
struct HiddenPart {
    first: usize,
    units: usize,
    data: Vec<u64>,
    chain: Vec<u64>,
    previous: Vec<u64>,
    hidden: Vec<u64>,
    fields: Vec<i16>,
    visible_fields: Vec<i16>,
    table: Vec<i16>,
    data_columns: Vec<u64>,
    chain_columns: Vec<u64>,
    rngs: Vec<ChainRng>,
}

impl Minibatch {
    /// So many places; data and chains all zeros. The generators are one a place, then one a word of hidden units.
    #[must_use]
    pub fn new(shape: Shape, places: usize, rngs: Vec<ChainRng>) -> Self {
        Self::split(shape, &[places], &[0], rngs)
    }

    /// The same in parts: of so many places each, and of the hidden units from each of `starts` on (multiples of 64,
    /// ascending from 0).
    #[must_use]
    pub fn split(shape: Shape, places: &[usize], starts: &[usize], rngs: Vec<ChainRng>) -> Self {
        let total: usize = places.iter().sum();
        let mut rngs = rngs.into_iter();
        let mut first = 0;
        let places = places.iter().map(|&count| {
            first += count;
            PlacesPart {
                first: first - count,
                fields: vec![0; shape.visible_stride()],
                rngs: rngs.by_ref().take(count).collect(),
            }
        });
        let places = places.collect();
        let ends = starts[1..].iter().copied().chain([shape.hidden()]);
        let hidden = starts.iter().zip(ends).map(|(&first, end)| {
            let rngs = rngs.by_ref().take(words(end - first)).collect();
            HiddenPart::new(shape, first, end - first, total, rngs)
        });
        Self {
            shape,
            data: vec![0; total * shape.visible_words()],
            chain: vec![0; total * shape.visible_words()],
            places,
            hidden: hidden.collect(),
        }
    }

    /// The number of places.
    #[must_use]
    pub fn count(&self) -> usize {
        self.data.len() / self.shape.visible_words()
    }

    /// Runs the chains of all places for `steps` Gibbs steps; see [`contrast`]. For minibatches that are whole.
    ///
    /// # Panics
    /// If the core asks for other lengths than it states.
    pub fn contrast(&mut self, weights: &Weights<'_>, method: Method, steps: usize) -> u64 {
        let count = self.count();
        let mut places = self.places[0].view(self.shape, &mut self.data, &mut self.chain);
        let mut hidden = self.hidden[0].view(self.shape, count);
        contrast(&mut places, &mut hidden, weights, method, steps, count)
    }

    /// The same for minibatches in parts, with the weights of each part's hidden units and the visible biases.
    ///
    /// # Panics
    /// If the core asks for other lengths than it states.
    pub fn contrast_parts(
        &mut self,
        shards: &[ShardWeights<'_>],
        visible_bias: &[i16],
        fraction_bits: u32,
        method: Method,
        steps: usize,
    ) -> u64 {
        let (shape, count, stride) = (self.shape, self.count(), self.shape.visible_stride());
        let bias = |part: usize| if part == 0 { visible_bias } else { &[] };
        for (at, (part, weights)) in self.hidden.iter_mut().zip(shards).enumerate() {
            let mut hidden = part.view(shape, count);
            hidden.take_data(0, &self.data);
            hidden.positive(weights, fraction_bits, method, count);
            hidden.contribute(weights, bias(at), count);
        }
        let mut error = 0;
        for step in 0..steps {
            for part in &mut self.places {
                let first = part.first * stride;
                let hidden = self.hidden.iter();
                let fields: Vec<&[i16]> = hidden
                    .map(|hidden| &hidden.visible_fields[first..])
                    .collect();
                let count = part.rngs.len();
                let mut places = part.view(shape, &mut self.data, &mut self.chain);
                error += places.draw_chains(&fields, fraction_bits, method, step, count);
            }
            for (at, (part, weights)) in self.hidden.iter_mut().zip(shards).enumerate() {
                let mut hidden = part.view(shape, count);
                hidden.take_chains(0, &self.chain);
                hidden.move_fields(weights, method, step, count);
                if step + 1 < steps {
                    hidden.draw(fraction_bits, count);
                    hidden.contribute(weights, bias(at), count);
                } else {
                    hidden.negative(fraction_bits, method, count);
                }
            }
        }
        error
    }

    /// The statistics of the hidden units of part `part`, a group of places at a time.
    pub fn evidence(&self, part: usize) -> impl Iterator<Item = Evidence<'_>> + Clone {
        let hidden = &self.hidden[part];
        Evidence::groups(
            self.shape,
            hidden.units,
            self.count(),
            &hidden.table,
            &hidden.data_columns,
            &hidden.chain_columns,
        )
    }

    /// The hidden units that were drawn last, packed, a place after the other. For minibatches that are whole.
    #[must_use]
    pub fn hidden(&self) -> &[u64] {
        &self.hidden[0].hidden
    }

    /// The sum over places of `p_j v_i - p'_j v'_i`, in 1/256, `[visible][hidden]`: what the update of the weights takes.
    #[must_use]
    pub fn weight_statistics(&self) -> Vec<i64> {
        let mut sums = vec![0; self.shape.visible() * self.shape.hidden()];
        for (at, part) in self.hidden.iter().enumerate() {
            let stride = padded(part.units);
            for group in self.evidence(at) {
                let rows = capacity(group.table(), stride);
                let entry = |row: usize, j: usize| i64::from(group.table()[row * stride + j]);
                for (i, sums) in sums.chunks_exact_mut(self.shape.hidden()).enumerate() {
                    let (data, chain) = group.columns(i);
                    let set = |column: u64, k: usize| column >> k & 1 == 1;
                    for k in 0..group.places() {
                        for (j, sum) in sums[part.first..][..part.units].iter_mut().enumerate() {
                            if set(data, k) {
                                *sum += entry(rows + k, j);
                            }
                            if set(chain, k) {
                                *sum += entry(2 * rows + k, j);
                            }
                        }
                    }
                }
            }
        }
        sums
    }

    /// The sum over places of `p_j - p'_j`, in 1/256, `[hidden]`: what the update of the hidden biases takes.
    #[must_use]
    pub fn hidden_statistics(&self) -> Vec<i64> {
        let mut sums = vec![0; self.shape.hidden()];
        for (at, part) in self.hidden.iter().enumerate() {
            for group in self.evidence(at) {
                let rows = group.table().chunks_exact(padded(part.units));
                for row in rows.take(group.places()) {
                    let sums = sums[part.first..][..part.units].iter_mut();
                    sums.zip(row).for_each(|(sum, p)| *sum += i64::from(*p));
                }
            }
        }
        sums
    }

    /// The sum over places of `v_i - v'_i`, `[visible]`: what the update of the visible biases takes.
    #[must_use]
    pub fn visible_statistics(&self) -> Vec<i64> {
        let difference = |i: usize| {
            let groups = self.evidence(0);
            groups.map(|group| i64::from(group.difference(i))).sum()
        };
        (0..self.shape.visible()).map(difference).collect()
    }
}

impl PlacesPart {
    fn view<'a>(
        &'a mut self,
        shape: Shape,
        data: &'a mut [u64],
        chain: &'a mut [u64],
    ) -> Places<'a> {
        let (first, words) = (self.first * shape.visible_words(), shape.visible_words());
        let buffers = PlacesBuffers {
            data: &mut data[first..][..self.rngs.len() * words],
            chain: &mut chain[first..][..self.rngs.len() * words],
            fields: &mut self.fields,
            rngs: &mut self.rngs,
        };
        Places::new(shape, buffers).expect("lengths as documented")
    }
}

impl HiddenPart {
    fn new(shape: Shape, first: usize, units: usize, places: usize, rngs: Vec<ChainRng>) -> Self {
        let groups = places.div_ceil(GROUP);
        let rows = if groups == 1 { places } else { groups * GROUP };
        let vectors = vec![0; places * shape.visible_words()];
        let columns = vec![0; groups * WORD * shape.visible_words()];
        Self {
            first,
            units,
            data: vectors.clone(),
            chain: vectors.clone(),
            previous: vectors,
            hidden: vec![0; places * words(units)],
            fields: vec![0; places * padded(units)],
            visible_fields: vec![0; places * shape.visible_stride()],
            table: vec![0; 3 * rows * padded(units)],
            data_columns: columns.clone(),
            chain_columns: columns,
            rngs,
        }
    }

    fn view(&mut self, shape: Shape, places: usize) -> HiddenUnits<'_> {
        let buffers = HiddenUnitsBuffers {
            data: &mut self.data,
            chain: &mut self.chain,
            previous: &mut self.previous,
            hidden: &mut self.hidden,
            fields: &mut self.fields,
            visible_fields: &mut self.visible_fields,
            table: &mut self.table,
            data_columns: &mut self.data_columns,
            chain_columns: &mut self.chain_columns,
            rngs: &mut self.rngs,
        };
        HiddenUnits::new(shape, self.units, places, buffers).expect("lengths as documented")
    }
}
