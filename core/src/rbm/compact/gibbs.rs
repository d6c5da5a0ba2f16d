//! Conditionals and Gibbs steps of one chain.

use super::CompactRbm;
use super::rows::{Sums, add_set_codes, add_set_rows, halves};
use crate::bits::WORD;
use crate::fixed::decide;
use crate::rng::{ChainRng, UNITS_A_STEP};

impl<C: AsRef<[u8]>, B: AsRef<[i16]>> CompactRbm<C, B> {
    /// Numbers that `fields` has to have room for in any of the methods: those of the larger layer.
    #[must_use]
    pub fn fields_len(&self) -> usize {
        self.shape.visible.max(self.shape.hidden)
    }

    /// The hidden fields of a packed visible vector: the first `hidden` numbers of `fields`. One addition for each hidden
    /// unit and set visible unit, one multiplication a hidden unit.
    pub fn hidden_fields(&self, visible: &[u64], fields: &mut [i16]) {
        let bias = self.buffers.hidden_bias.as_ref();
        let fields = first(fields, self.shape.hidden);
        let format = self.format.weights;
        fields.fill(0);
        add_set_rows(format, self.codes(), self.row_len(), visible, fields);
        self.finish(bias, visible, fields);
    }

    /// The visible fields of a packed hidden vector: the first `visible` numbers of `fields`. One addition for each visible
    /// unit and set hidden unit (ternary codes and signs: two population counts or one for 32), one multiplication a
    /// visible unit.
    pub fn visible_fields(&self, hidden: &[u64], fields: &mut [i16]) {
        let bias = self.buffers.visible_bias.as_ref();
        let fields = first(fields, self.shape.visible);
        let format = self.format.weights;
        fields.fill(0);
        add_set_codes(format, self.codes(), self.row_len(), hidden, fields);
        self.finish(bias, hidden, fields);
    }

    /// Draws h given v. `fields` has room for the hidden units, and holds their fields afterwards.
    pub fn sample_hidden(
        &self,
        visible: &[u64],
        fields: &mut [i16],
        rng: &mut ChainRng,
        hidden: &mut [u64],
    ) {
        self.hidden_fields(visible, fields);
        let fields = first(fields, self.shape.hidden);
        draw(fields, self.format.fraction_bits, rng, hidden);
    }

    /// Draws v given h. `fields` has room for the visible units, and holds their fields afterwards.
    pub fn sample_visible(
        &self,
        hidden: &[u64],
        fields: &mut [i16],
        rng: &mut ChainRng,
        visible: &mut [u64],
    ) {
        self.visible_fields(hidden, fields);
        let fields = first(fields, self.shape.visible);
        draw(fields, self.format.fraction_bits, rng, visible);
    }

    /// One Gibbs step: h given v, then v given h. `fields` has room for [`fields_len`](Self::fields_len) numbers.
    pub fn gibbs_step(
        &self,
        visible: &mut [u64],
        fields: &mut [i16],
        rng: &mut ChainRng,
        hidden: &mut [u64],
    ) {
        self.sample_hidden(visible, fields, rng, hidden);
        self.sample_visible(hidden, fields, rng, visible);
    }

    /// Turns sums into fields.
    fn finish(&self, bias: &[i16], inputs: &[u64], sums: &mut [i16]) {
        let count = halves(inputs).map(u32::count_ones).sum();
        let scale = Sums::new(self.format.weights, self.format.weight_scale, count);
        for (sum, &bias) in sums.iter_mut().zip(bias) {
            *sum = scale.field(*sum, bias);
        }
    }
}

fn first(fields: &mut [i16], units: usize) -> &mut [i16] {
    let units = units.min(fields.len());
    &mut fields[..units]
}

/// Draws as many units as there are fields, with the numbers of [`kernel::sample`](crate::kernel::sample), which wants
/// its fields padded: two generator steps every 32 fields.
pub(super) fn draw(fields: &[i16], fraction_bits: u32, rng: &mut ChainRng, bits: &mut [u64]) {
    bits.fill(0);
    for (word, fields) in bits.iter_mut().zip(fields.chunks(WORD)) {
        let mut halves = fields.chunks(WORD / 2);
        let mut half = || {
            let fields = halves.next()?;
            Some(draw_half(fields, fraction_bits, rng))
        };
        let (low, high) = (half().unwrap_or(0), half().unwrap_or(0));
        *word = u64::from(low) | u64::from(high) << 32;
    }
}

/// Draws up to 32 units.
fn draw_half(fields: &[i16], fraction_bits: u32, rng: &mut ChainRng) -> u32 {
    let mut bits = 0;
    let mut bit = 1;
    let (first, second) = fields.split_at(fields.len().min(UNITS_A_STEP));
    for fields in [first, second] {
        let random = rng.step();
        for (&field, (&upper, &lower)) in fields.iter().zip(random.upper.iter().zip(&random.lower))
        {
            if decide(field, fraction_bits, upper, || lower) {
                bits |= bit;
            }
            bit <<= 1;
        }
    }
    bits
}
