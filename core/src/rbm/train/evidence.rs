//! What a minibatch says about the gradient.

use crate::bits::{WORD, transpose};
use crate::kernel::{GROUP, padded};
use crate::rbm::Shape;

/// What a group of 1 to 64 places says about the gradient of a shard.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    places: usize,
    data_columns: &'a [u64],
    chain_columns: &'a [u64],
    table: &'a [i16],
}

impl<'a> Evidence<'a> {
    /// The statistics of `units` hidden units in the first `count` places, a group at a time, from the buffers of a
    /// [`HiddenUnits`](super::HiddenUnits) whose [negative phase](super::HiddenUnits::negative) is over.
    pub fn groups(
        shape: Shape,
        units: usize,
        count: usize,
        table: &'a [i16],
        data_columns: &'a [u64],
        chain_columns: &'a [u64],
    ) -> impl Iterator<Item = Self> + Clone {
        let columns = WORD * shape.visible_words();
        let rows = table.len().min(3 * GROUP * padded(units)).max(1);
        let groups = table
            .chunks_exact(rows)
            .zip(data_columns.chunks_exact(columns));
        groups
            .zip(chain_columns.chunks_exact(columns))
            .enumerate()
            .map_while(move |(group, ((table, data_columns), chain_columns))| {
                let places = count.saturating_sub(group * GROUP).min(GROUP);
                (places > 0).then_some(Self {
                    places,
                    data_columns,
                    chain_columns,
                    table,
                })
            })
    }

    /// Number of places, 1 to 64.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places
    }

    /// The places whose datum has visible unit `unit` set, and those whose chain ended with it set: a bit each.
    #[must_use]
    pub fn columns(&self, unit: usize) -> (u64, u64) {
        let column = |columns: &[u64]| columns.get(unit).copied().unwrap_or(0);
        (column(self.data_columns), column(self.chain_columns))
    }

    /// The probabilities of the shard's hidden units; see [`kernel::capacity`](crate::kernel::capacity).
    #[must_use]
    pub fn table(&self) -> &'a [i16] {
        self.table
    }

    /// How many more places have visible unit `unit` set in their datum than at the end of their chain.
    #[must_use]
    pub fn difference(&self, unit: usize) -> i32 {
        let (data, chain) = self.columns(unit);
        data.count_ones() as i32 - chain.count_ones() as i32
    }
}

/// Rows that the tables of `places` places have: three a place in whole groups, or of one group that is part full.
pub(super) const fn table_rows(places: usize) -> usize {
    let groups = places.div_ceil(GROUP);
    if groups == 1 {
        3 * places
    } else {
        3 * GROUP * groups
    }
}

/// The table of place `k`'s group, and the place's number in it.
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
            transpose(&mut square);
            block.copy_from_slice(&square);
        }
    }
}
