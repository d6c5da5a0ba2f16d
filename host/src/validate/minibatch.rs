//! A minibatch that owns its buffers, and its statistics read from the tables of evidence in the plainest way.

use bitspin_core::bits::WORD;
use bitspin_core::kernel::{GROUP, capacity};
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{Evidence, Places, PlacesBuffers};
use bitspin_core::rng::ChainRng;

/// The buffers of some places of a minibatch; see [`PlacesBuffers`].
#[derive(Clone, Debug)]
pub struct Minibatch {
    shape: Shape,
    /// The data, packed, a place after the other. Kept when the places are borrowed and given back.
    pub data: Vec<u64>,
    /// The chains' visible units, likewise.
    pub chain: Vec<u64>,
    previous: Vec<u64>,
    /// The hidden units that were drawn last.
    pub hidden: Vec<u64>,
    hidden_fields: Vec<i16>,
    visible_fields: Vec<i16>,
    probabilities: Vec<i16>,
    table: Vec<i16>,
    data_columns: Vec<u64>,
    chain_columns: Vec<u64>,
    rngs: Vec<ChainRng>,
}

impl Minibatch {
    /// One place for every generator; data and chains all zeros.
    #[must_use]
    pub fn new(shape: Shape, rngs: Vec<ChainRng>) -> Self {
        let places = rngs.len();
        let groups = places.div_ceil(GROUP);
        let rows = if groups == 1 { places } else { groups * GROUP };
        let (visible, hidden) = (
            vec![0; places * shape.visible_words()],
            vec![0; places * shape.hidden_words()],
        );
        let columns = vec![0; groups * WORD * shape.visible_words()];
        Self {
            shape,
            data: visible.clone(),
            chain: visible.clone(),
            previous: visible,
            hidden,
            hidden_fields: vec![0; places * shape.hidden_stride()],
            visible_fields: vec![0; places * shape.visible_stride()],
            probabilities: vec![0; shape.hidden_stride()],
            table: vec![0; 3 * rows * shape.hidden_stride()],
            data_columns: columns.clone(),
            chain_columns: columns,
            rngs,
        }
    }

    /// The number of places.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rngs.len()
    }

    /// The places, over these buffers.
    ///
    /// # Panics
    /// If the core asks for other lengths than it states.
    pub fn places(&mut self) -> Places<'_> {
        let buffers = PlacesBuffers {
            data: &mut self.data,
            chain: &mut self.chain,
            previous: &mut self.previous,
            hidden: &mut self.hidden,
            hidden_fields: &mut self.hidden_fields,
            visible_fields: &mut self.visible_fields,
            probabilities: &mut self.probabilities,
            table: &mut self.table,
            data_columns: &mut self.data_columns,
            chain_columns: &mut self.chain_columns,
            rngs: &mut self.rngs,
        };
        Places::new(self.shape, buffers.rngs.len(), buffers).expect("lengths as documented")
    }
}

/// The sum over places of `p_j v_i - p'_j v'_i`, in 1/256, `[visible][hidden]`: what the update of the weights takes.
#[must_use]
pub fn weight_statistics(shape: Shape, evidence: &[Evidence<'_>]) -> Vec<i64> {
    let stride = shape.hidden_stride();
    let mut sums = vec![0; shape.visible() * shape.hidden()];
    for group in evidence {
        let rows = capacity(group.table(), stride);
        let entry = |row: usize, j: usize| i64::from(group.table()[row * stride + j]);
        for (i, sums) in sums.chunks_exact_mut(shape.hidden()).enumerate() {
            let (data, chain) = group.columns(i);
            for k in 0..group.places() {
                let set = |column: u64| column >> k & 1 == 1;
                for (j, sum) in sums.iter_mut().enumerate() {
                    if set(data) {
                        *sum += entry(rows + k, j);
                    }
                    if set(chain) {
                        *sum += entry(2 * rows + k, j);
                    }
                }
            }
        }
    }
    sums
}

/// The sum over places of `p_j - p'_j`, in 1/256, `[hidden]`: what the update of the hidden biases takes.
#[must_use]
pub fn hidden_statistics(shape: Shape, evidence: &[Evidence<'_>]) -> Vec<i64> {
    let mut sums = vec![0; shape.hidden()];
    for group in evidence {
        let rows = group.table().chunks_exact(shape.hidden_stride());
        for row in rows.take(group.places()) {
            for (sum, difference) in sums.iter_mut().zip(row) {
                *sum += i64::from(*difference);
            }
        }
    }
    sums
}
