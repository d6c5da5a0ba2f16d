//! The gradient of contrastive divergence as a source: statistics at the data less those at the ends of the chains.

#[cfg(doc)]
use super::HiddenUnits;
use super::source::Row;
use crate::bits::WORD;
use crate::kernel::{self, GROUP, bit_block, padded, widen_scaled};
use crate::rbm::Shape;

/// The contrastive gradient of a shard: for each sample, p(h|data) times the data less p(h|chain) times the chain.
///
/// Hidden probabilities are whole numbers of 1/256.
#[derive(Clone, Copy, Debug)]
pub struct Contrastive<'a> {
    samples: usize,
    /// Elements of a group's table, and words of a group's columns.
    rows: usize,
    columns: usize,
    table: &'a [i16],
    data_columns: &'a [u64],
    chain_columns: &'a [u64],
    scale: f32,
}

impl<'a> Contrastive<'a> {
    /// The gradient of `units` hidden units in the first `samples` samples, times `scale`, from the buffers of a
    /// [`HiddenUnits`] whose [negative phase](HiddenUnits::negative) is over.
    #[must_use]
    pub fn new(
        (shape, units): (Shape, usize),
        samples: usize,
        scale: f32,
        (table, data_columns, chain_columns): (&'a [i16], &'a [u64], &'a [u64]),
    ) -> Self {
        Self {
            samples,
            rows: table.len().min(3 * GROUP * padded(units)),
            columns: WORD * shape.visible_words(),
            table,
            data_columns,
            chain_columns,
            scale,
        }
    }

    /// What the gradient is multiplied by.
    #[must_use]
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The gradient in groups of up to 64 samples.
    pub fn groups(&self) -> impl Iterator<Item = ContrastiveGroup<'a>> + Clone + use<'a> {
        let all = *self;
        (0..self.samples.div_ceil(GROUP)).map(move |group| all.group(group))
    }

    fn group(&self, group: usize) -> ContrastiveGroup<'a> {
        let part = |columns: &'a [u64]| columns.get(group * self.columns..).unwrap_or_default();
        let table = self.table.get(group * self.rows..).unwrap_or_default();
        ContrastiveGroup {
            samples: (self.samples - group * GROUP).min(GROUP),
            table: &table[..self.rows.min(table.len())],
            data_columns: part(self.data_columns),
            chain_columns: part(self.chain_columns),
        }
    }

    /// The gradient of visible unit `unit`'s bias: how many more samples have it set in the data than in the chain.
    pub(super) fn difference(&self, unit: usize) -> i32 {
        self.groups().map(|group| group.difference(unit)).sum()
    }

    /// Adds the gradient of the biases of the visible units from `first`, a multiple of 64, on to `gradient`, which is of at
    /// most 64. Two population counts per unit and group, without a branch.
    pub(super) fn add_differences(&self, first: usize, gradient: &mut [f32]) {
        let mut differences = [0; WORD];
        for group in self.groups() {
            let data = group.data_columns.get(first..).unwrap_or_default();
            let chain = group.chain_columns.get(first..).unwrap_or_default();
            for (difference, (data, chain)) in differences.iter_mut().zip(data.iter().zip(chain)) {
                *difference += data.count_ones() as i32 - chain.count_ones() as i32;
            }
        }
        for (gradient, difference) in gradient.iter_mut().zip(differences) {
            *gradient += difference as f32 * self.scale;
        }
    }

    /// Adds the gradient of `row`, without the scale, to `sums`; whether there is any. At most 127 samples.
    pub(super) fn add_narrow(&self, row: Row, sums: &mut [i16]) -> bool {
        let mut touched = false;
        for group in self.groups() {
            let (data, chain) = group.columns(row.unit);
            if data | chain != 0 {
                touched = true;
                kernel::correlate(group.table, row.stride, row.column, data, chain, sums);
            }
        }
        touched
    }

    /// Adds the gradient of `row` in 1/256 to `wide`, and tells `share` integer sums that make it up. Whether there is any.
    pub(super) fn add(
        &self,
        row: Row,
        (sums, wide): (&mut [i16], &mut [f32]),
        mut share: impl FnMut(&[i16]),
    ) -> bool {
        let mut touched = false;
        for group in self.groups() {
            let (data, chain) = group.columns(row.unit);
            if data | chain == 0 {
                continue;
            }
            touched = true;
            sums.fill(0);
            kernel::correlate(group.table, row.stride, row.column, data, chain, sums);
            share(sums);
            widen_scaled(sums, self.scale, wide);
        }
        touched
    }

    /// Adds the sums over samples of p(h|data), less those of p(h|chain) if `negative`, to `wide`, in 1/256 and without the
    /// scale. `sums` is room for a row.
    pub(super) fn add_hidden(&self, negative: bool, sums: &mut [i16], wide: &mut [f32]) {
        let stride = sums.len();
        for group in self.groups() {
            let all = u64::MAX >> (WORD - group.samples);
            let after = if negative { all } else { 0 };
            sums.fill(0);
            kernel::correlate(group.table, stride, 0, all, after, sums);
            widen_scaled(sums, 1.0, wide);
        }
    }
}

/// What a group of 1 to 64 samples gives to the contrastive gradient.
#[derive(Clone, Copy, Debug)]
pub struct ContrastiveGroup<'a> {
    samples: usize,
    data_columns: &'a [u64],
    chain_columns: &'a [u64],
    table: &'a [i16],
}

impl<'a> ContrastiveGroup<'a> {
    /// Number of samples, 1 to 64.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// The samples whose datum has visible unit `unit` set, and those whose chain ended with it set: a bit each.
    #[must_use]
    pub fn columns(&self, unit: usize) -> (u64, u64) {
        let column = |columns: &[u64]| columns.get(unit).copied().unwrap_or(0);
        (column(self.data_columns), column(self.chain_columns))
    }

    /// The probabilities of the shard's hidden units; see [`kernel::capacity`].
    #[must_use]
    pub fn table(&self) -> &'a [i16] {
        self.table
    }

    /// How many more samples have visible unit `unit` set in their datum than at the end of their chain.
    #[must_use]
    pub fn difference(&self, unit: usize) -> i32 {
        let (data, chain) = self.columns(unit);
        data.count_ones() as i32 - chain.count_ones() as i32
    }
}

/// Rows that the tables of `samples` samples have: three per sample in whole groups, or of one group that is part full.
#[must_use]
pub const fn table_rows(samples: usize) -> usize {
    let groups = samples.div_ceil(GROUP);
    if groups == 1 {
        3 * samples
    } else {
        3 * GROUP * groups
    }
}

/// The table of sample `k`'s group, and the sample's number in it.
pub(super) fn group_table(table: &mut [i16], stride: usize, k: usize) -> (&mut [i16], usize) {
    let rows = table.len().min(3 * GROUP * stride);
    (&mut table[k / GROUP * rows..][..rows], k % GROUP)
}

/// Transposes packed vectors: word `i` of a group's columns has bit `k` set where vector `k` has bit `i` set.
pub(super) fn write_columns(vectors: &[u64], words: usize, columns: &mut [u64]) {
    let groups = vectors
        .chunks(GROUP * words)
        .zip(columns.chunks_exact_mut(WORD * words));
    for (vectors, columns) in groups {
        for (word, block) in columns.chunks_exact_mut(WORD).enumerate() {
            let mut square = [0; WORD];
            for (row, vector) in square.iter_mut().zip(vectors.chunks_exact(words)) {
                *row = vector[word];
            }
            bit_block::transpose(&mut square);
            block.copy_from_slice(&square);
        }
    }
}
