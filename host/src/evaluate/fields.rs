//! Hidden fields from float parameters: the rows of set pixels, added.

use bitspin_core::kernel::softplus::{NEVER, add_scaled_rows, add_set_rows, add_single_rows};

use crate::model_file::RbmParameters;

/// Hidden units of a tile, whose sums stay in registers while rows are added. A tile of 784 visible units, 100 KB,
/// stays in the cache while a block of images goes through it.
pub(super) const TILE: usize = 32;

/// Weights in tiles of hidden units.
pub(super) struct FieldTable {
    visible: usize,
    /// \[tile\]\[visible\]\[32\].
    rows: Vec<[f32; TILE]>,
    /// \[tile\]\[32\]; in the padding what makes a unit never set.
    bias: Vec<[f64; TILE]>,
}

impl FieldTable {
    /// The table of checked parameters. O(visible x hidden).
    pub(super) fn new(model: &RbmParameters) -> Self {
        let (visible, tiles) = (model.visible, model.hidden.div_ceil(TILE));
        let mut rows = vec![[0.0; TILE]; tiles * visible];
        let mut bias = vec![[NEVER; TILE]; tiles];
        let hidden = model.w.chunks_exact(visible).zip(&model.hidden_bias);
        for (j, (weights, c)) in hidden.enumerate() {
            let (tile, lane) = (j / TILE, j % TILE);
            bias[tile][lane] = f64::from(*c);
            for (row, w) in rows[tile * visible..].iter_mut().zip(weights) {
                row[lane] = *w;
            }
        }
        Self {
            visible,
            rows,
            bias,
        }
    }

    /// Number of tiles.
    pub(super) fn tiles(&self) -> usize {
        self.bias.len()
    }

    /// The fields c_j + sum_i w_ji v_i of a tile's hidden units. One row a set bit; sums in float64.
    #[inline]
    pub(super) fn fields(&self, tile: usize, image: &[u64]) -> [f64; TILE] {
        let rows = &self.rows[tile * self.visible..][..self.visible];
        let mut fields = self.bias[tile];
        add_set_rows(rows, image, &mut fields);
        fields
    }

    /// [`Self::fields`] of visible units that are real numbers, by the entries of a row that are not zero.
    #[inline]
    pub(super) fn real_fields(&self, tile: usize, entries: &[(u32, f64)]) -> [f64; TILE] {
        let mut fields = self.bias[tile];
        self.add(tile, entries, &mut fields);
        fields
    }

    /// [`Self::real_fields`] summed in float32.
    #[inline]
    pub(super) fn single_fields(&self, tile: usize, entries: &[(u32, f64)]) -> [f32; TILE] {
        let rows = &self.rows[tile * self.visible..][..self.visible];
        let mut fields = self.bias[tile].map(|bias| bias as f32);
        add_single_rows(rows, entries, &mut fields);
        fields
    }

    /// Adds what more entries contribute to the fields of a tile.
    #[inline]
    pub(super) fn add(&self, tile: usize, entries: &[(u32, f64)], fields: &mut [f64; TILE]) {
        let rows = &self.rows[tile * self.visible..][..self.visible];
        add_scaled_rows(rows, entries, fields);
    }
}
