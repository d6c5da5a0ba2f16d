//! Fields and draws of one chain.

use super::CompactRbm;
use super::rows::{Sums, add_set_codes, add_set_rows, halves};
use crate::Error;
use crate::bits::{Bits, WORD};
use crate::error::check_len;
use crate::fixed::decide;
use crate::rbm::energy;
use crate::rng::{ChainRng, UNITS_A_STEP};

impl<C: AsRef<[u8]>, B: AsRef<[i16]>> CompactRbm<C, B> {
    /// Numbers that a [`Chain`](super::Chain) needs for its fields: the units of the larger layer.
    #[must_use]
    pub fn fields_len(&self) -> usize {
        self.shape.fields_len()
    }

    /// The fields of the hidden units, c_j + sum_i W_ji v_i, in units of 2^-fraction_bits. O(set visible units x hidden)
    /// additions and one multiplication per hidden unit.
    ///
    /// # Errors
    /// [`Error::Length`] unless `visible` has as many units, and `fields` as many numbers, as the layers.
    pub fn hidden_fields<T: AsRef<[u64]>>(
        &self,
        visible: &Bits<T>,
        fields: &mut [i16],
    ) -> Result<(), Error> {
        check_len("visible", self.shape.visible, visible.len())?;
        check_len("fields", self.shape.hidden, fields.len())?;
        self.sum_hidden(visible.as_words(), fields);
        Ok(())
    }

    /// The fields of the visible units, b_i + sum_j W_ji h_j, in units of 2^-fraction_bits. O(set hidden units x visible)
    /// additions (codes of one or two bits: one or two population counts per 32 hidden units), and one multiplication per
    /// visible unit.
    ///
    /// # Errors
    /// [`Error::Length`] unless `hidden` has as many units, and `fields` as many numbers, as the layers.
    pub fn visible_fields<T: AsRef<[u64]>>(
        &self,
        hidden: &Bits<T>,
        fields: &mut [i16],
    ) -> Result<(), Error> {
        check_len("hidden", self.shape.hidden, hidden.len())?;
        check_len("fields", self.shape.visible, fields.len())?;
        self.sum_visible(hidden.as_words(), fields);
        Ok(())
    }

    /// F(v) = -b'v - sum_j ln(1 + exp(field_j)) in 2^-16 nat: the lower, the more likely v. `fields` is room for one number
    /// per hidden unit, and holds their fields afterwards.
    ///
    /// Integers only, without division; O(set visible units x hidden). The error is below one unit (1.5e-5 nat) per hidden
    /// unit, and the number is that of [`Rbm::free_energy_fixed`](crate::rbm::Rbm::free_energy_fixed).
    ///
    /// # Errors
    /// [`Error::Length`] unless `visible` has as many units, and `fields` as many numbers, as the layers.
    pub fn free_energy_fixed<T: AsRef<[u64]>>(
        &self,
        visible: &Bits<T>,
        fields: &mut [i16],
    ) -> Result<i64, Error> {
        check_len("visible", self.shape.visible, visible.len())?;
        check_len("fields", self.shape.hidden, fields.len())?;
        Ok(self.free_energy_of(visible.as_words(), fields))
    }

    /// [`free_energy_fixed`](Self::free_energy_fixed) of checked lengths.
    pub(super) fn free_energy_of(&self, visible: &[u64], fields: &mut [i16]) -> i64 {
        self.sum_hidden(visible, fields);
        let bias = self.buffers.visible_bias.as_ref();
        energy::free_energy_fixed(bias, self.format.fraction_bits, visible, fields)
    }

    /// [`hidden_fields`](Self::hidden_fields) of checked lengths.
    pub(super) fn sum_hidden(&self, visible: &[u64], fields: &mut [i16]) {
        let (bias, format) = (self.buffers.hidden_bias.as_ref(), self.format.weights);
        fields.fill(0);
        add_set_rows(format, self.codes(), self.row_len(), visible, fields);
        self.finish(bias, visible, fields);
    }

    /// [`visible_fields`](Self::visible_fields) of checked lengths.
    pub(super) fn sum_visible(&self, hidden: &[u64], fields: &mut [i16]) {
        let (bias, format) = (self.buffers.visible_bias.as_ref(), self.format.weights);
        fields.fill(0);
        add_set_codes(format, self.codes(), self.row_len(), hidden, fields);
        self.finish(bias, hidden, fields);
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
