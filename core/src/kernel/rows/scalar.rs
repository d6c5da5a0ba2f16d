//! The kernels in plain loops.

use crate::bits::{WORD, ones};
use crate::kernel::{Rows, capacity};

/// For every sample, adds to its fields the rows of its set bits.
///
/// `inputs` holds `words` words per sample; `fields` holds `rows.stride` numbers per sample. Sums wrap.
pub fn add_set_rows(rows: &Rows<'_>, words: usize, inputs: &[u64], fields: &mut [i16]) {
    for (input, fields) in inputs
        .chunks_exact(words.max(1))
        .zip(fields.chunks_exact_mut(rows.stride.max(1)))
    {
        for (at, word) in input.iter().enumerate() {
            add_rows_of_word(rows, at, *word, 0, fields);
        }
    }
}

/// For every sample, adds to its fields the rows of the bits set in `after` alone and subtracts those of the bits set
/// in `before` alone: fields that belonged to `before` become those of `after`. Shapes as in [`add_set_rows`].
pub fn add_changed_rows(
    rows: &Rows<'_>,
    words: usize,
    before: &[u64],
    after: &[u64],
    fields: &mut [i16],
) {
    let inputs = before
        .chunks_exact(words.max(1))
        .zip(after.chunks_exact(words.max(1)));
    for ((before, after), fields) in inputs.zip(fields.chunks_exact_mut(rows.stride.max(1))) {
        for (at, (before, after)) in before.iter().zip(after).enumerate() {
            add_rows_of_word(rows, at, after & !before, before & !after, fields);
        }
    }
}

/// Adds the rows of word `at` of the matrix that `plus` names, and subtracts those that `minus` names.
fn add_rows_of_word(rows: &Rows<'_>, at: usize, plus: u64, minus: u64, fields: &mut [i16]) {
    let row = |bit: usize| {
        rows.weights
            .chunks_exact(rows.stride.max(1))
            .nth(at * WORD + bit)
            .and_then(|row| row.get(..rows.width))
            .unwrap_or_default()
    };
    for bit in ones(&[plus]) {
        for (field, weight) in fields.iter_mut().zip(row(bit)) {
            *field = field.wrapping_add(*weight);
        }
    }
    for bit in ones(&[minus]) {
        for (field, weight) in fields.iter_mut().zip(row(bit)) {
            *field = field.wrapping_sub(*weight);
        }
    }
}

/// Adds to `sums` the hidden probabilities at the data of the samples in `before`, and subtracts those at the end of
/// the chain of the samples in `after`: one visible unit's share of the gradient, in 1/256.
///
/// The rows of the [table of hidden probabilities](crate::kernel::capacity) are `stride` long; `sums` are of the hidden units from `first`
/// on, a multiple of [`LANES`](crate::kernel::LANES), as many as there are.
pub fn correlate(
    table: &[i16],
    stride: usize,
    first: usize,
    before: u64,
    after: u64,
    sums: &mut [i16],
) {
    let capacity = capacity(table, stride);
    let row = |at: usize| {
        table
            .get(at * stride + first..(at + 1) * stride)
            .unwrap_or_default()
    };
    for sample in ones(&[before]) {
        for (sum, p) in sums.iter_mut().zip(row(capacity + sample)) {
            *sum = sum.wrapping_add(*p);
        }
    }
    for sample in ones(&[after]) {
        for (sum, minus_p) in sums.iter_mut().zip(row(2 * capacity + sample)) {
            *sum = sum.wrapping_add(*minus_p);
        }
    }
}

/// Completes sample `sample`'s rows of a table of hidden probabilities, whose row of probabilities at the data is filled already,
/// by probabilities at the end of the chain: those of the hidden units from `first` on. Rows are `stride` long.
pub fn tabulate(chain: &[i16], stride: usize, first: usize, sample: usize, table: &mut [i16]) {
    let capacity = capacity(table, stride);
    for (at, q) in chain.iter().enumerate() {
        let entry = |row: usize| row * stride + first + at;
        let p = table.get(entry(capacity + sample)).copied().unwrap_or(0);
        for (row, value) in [(sample, p - *q), (2 * capacity + sample, -*q)] {
            if let Some(slot) = table.get_mut(entry(row)) {
                *slot = value;
            }
        }
    }
}

/// Sums rows element by element; sums wrap.
#[inline(always)]
pub fn sum_rows<'a>(mut rows: impl Iterator<Item = &'a [i16]>, sums: &mut [i16]) {
    let mut next = || rows.next().unwrap_or_default();
    let (first, second) = (next(), next());
    if first.len() == sums.len() && second.len() == sums.len() {
        // Two whole rows, which most sums begin with, need no zeros.
        for (sum, (x, y)) in sums.iter_mut().zip(first.iter().zip(second)) {
            *sum = x.wrapping_add(*y);
        }
    } else {
        sums.fill(0);
        add_row(first, sums);
        add_row(second, sums);
    }
    for row in rows {
        add_row(row, sums);
    }
}

fn add_row(row: &[i16], sums: &mut [i16]) {
    for (sum, x) in sums.iter_mut().zip(row) {
        *sum = sum.wrapping_add(*x);
    }
}

/// Adds `scale` times each sum to wider ones. With a scale of 1 these stay whole numbers, which are exact below 2^24.
#[inline(always)]
pub fn widen_scaled(sums: &[i16], scale: f32, wide: &mut [f32]) {
    for (wide, sum) in wide.iter_mut().zip(sums) {
        *wide += f32::from(*sum) * scale;
    }
}
