//! Rows added to rows: fields from set bits, sums of probabilities from the places of a minibatch.
//!
//! Everything here adds rows of weights to accumulators that stay in registers, a tile of outputs at a time, and is bound
//! by loading the rows: one vector loaded for each addition. Three things keep that cheap: rows are added a word of 64
//! inputs at a time, straight from the bits, without lists; where many samples read the same rows, a tile of them is
//! copied side by side into a buffer that the first-level cache holds; where few do, tiles are as wide as the registers
//! allow, so that a row's bookkeeping, and the loop over set bits whose end no predictor knows, come seldom.

use crate::bits::WORD;
use crate::kernel::vector::{Lanes, Simd};
use crate::kernel::{LANES, Rows, capacity};

/// The most vectors of a tile whose rows are copied side by side: 64 rows of them fit a first-level cache.
const PACKED: usize = 8;

/// Samples that share a copy.
const SAMPLES: usize = 256;

/// Rows of a word are copied where so many rows are added in all.
const WORTH_COPYING: u32 = 5 * WORD as u32;

/// Fewer samples have no such word.
const FEW: usize = WORTH_COPYING.div_ceil(WORD as u32) as usize;

/// The bits of one word of inputs, of many samples: rows to add and rows to subtract.
struct Bits {
    plus: [u64; SAMPLES],
    minus: [u64; SAMPLES],
    samples: usize,
}

/// Calls `$tile::<V>` for every tile of `$stride` vectors, at most `$most` each: as few tiles as possible, as equal as
/// possible.
macro_rules! for_tiles {
    ($stride:expr, $most:expr, |$column:ident| $tile:ident($($argument:expr),*)) => {
        for_tiles!(@ $stride, $most, $column, $tile, ($($argument),*),
            1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24)
    };
    (@ $stride:expr, $most:expr, $column:ident, $tile:ident, $arguments:tt, $($vectors:literal)*) => {{
        let stride: usize = $stride;
        let tiles = stride.div_ceil($most);
        for tile in 0..tiles {
            let $column = stride * tile / tiles;
            match stride * (tile + 1) / tiles - $column {
                $($vectors if $vectors <= $most => for_tiles!(@call $tile, $vectors, $arguments),)*
                _ => {}
            }
        }
    }};
    (@call $tile:ident, $vectors:literal, ($($argument:expr),*)) => { $tile::<S, $vectors>($($argument),*) };
}

/// A tile of outputs in registers.
#[inline(always)]
fn load<S: Simd, const V: usize>(tile: &[[i16; LANES]; V]) -> [S::I16x32; V] {
    let mut vectors = [S::I16x32::splat(0); V];
    for (vector, lanes) in vectors.iter_mut().zip(tile) {
        *vector = S::I16x32::new(*lanes);
    }
    vectors
}

/// Writes a tile of outputs back.
#[inline(always)]
fn store<S: Simd, const V: usize>(tile: &mut [[i16; LANES]; V], vectors: [S::I16x32; V]) {
    for (lanes, vector) in tile.iter_mut().zip(vectors) {
        *lanes = vector.to_array();
    }
}

/// Adds (or subtracts) the rows of the bits set in `word`.
#[inline(always)]
fn add_bits<S: Simd, const V: usize, const PLUS: bool>(
    acc: &mut [S::I16x32; V],
    word: u64,
    rows: &[[i16; LANES]],
    stride: usize,
    column: usize,
) {
    let mut rest = word;
    while rest != 0 {
        let at = rest.trailing_zeros() as usize * stride + column;
        rest &= rest - 1;
        let Some(row) = rows.get(at..at + V).and_then(|row| row.first_chunk::<V>()) else {
            outside();
            continue;
        };
        for (acc, row) in acc.iter_mut().zip(row) {
            if PLUS {
                *acc += S::I16x32::new(*row);
            } else {
                *acc -= S::I16x32::new(*row);
            }
        }
    }
}

/// Tells the compiler that rows outside of the matrix are not what to be fast at.
#[cold]
fn outside() {}

/// Adds the rows of a word of inputs to one tile of the fields of all samples.
#[inline(always)]
fn add_tile<S: Simd, const V: usize>(
    _: S,
    rows: &[[i16; LANES]],
    stride: usize,
    column: usize,
    bits: &Bits,
    fields: &mut [[i16; LANES]],
) {
    let words = bits.plus.iter().zip(&bits.minus).take(bits.samples);
    for ((&plus, &minus), fields) in words.zip(fields.chunks_exact_mut(stride)) {
        if plus | minus == 0 {
            continue;
        }
        let Some(tile) = fields
            .get_mut(column..column + V)
            .and_then(|tile| tile.first_chunk_mut::<V>())
        else {
            continue;
        };
        let mut acc = load::<S, V>(tile);
        add_bits::<S, V, true>(&mut acc, plus, rows, stride, column);
        add_bits::<S, V, false>(&mut acc, minus, rows, stride, column);
        store::<S, V>(tile, acc);
    }
}

/// [`add_tile`] for rows to add alone, with the rows' tile copied to `copy` first.
#[inline(always)]
fn add_copied_tile<S: Simd, const V: usize>(
    _: S,
    rows: &[[i16; LANES]],
    stride: usize,
    column: usize,
    bits: &Bits,
    fields: &mut [[i16; LANES]],
    copy: &mut [S::I16x32; PACKED * WORD],
) {
    let Some(copy) = copy.as_chunks_mut::<V>().0.first_chunk_mut::<WORD>() else {
        return;
    };
    for (copy, row) in copy.iter_mut().zip(rows.chunks_exact(stride)) {
        if let Some(row) = row
            .get(column..column + V)
            .and_then(|row| row.first_chunk::<V>())
        {
            *copy = load::<S, V>(row);
        }
    }
    let words = bits.plus.iter().take(bits.samples);
    for (&word, fields) in words.zip(fields.chunks_exact_mut(stride)) {
        if word == 0 {
            continue;
        }
        let Some(tile) = fields
            .get_mut(column..column + V)
            .and_then(|tile| tile.first_chunk_mut::<V>())
        else {
            continue;
        };
        let mut acc = load::<S, V>(tile);
        let mut rest = word;
        while rest != 0 {
            let row = &copy[rest.trailing_zeros() as usize % WORD];
            rest &= rest - 1;
            for (acc, row) in acc.iter_mut().zip(row) {
                *acc += *row;
            }
        }
        store::<S, V>(tile, acc);
    }
}

/// Both `add_*_rows`: `pair(sample, word)` gives the bits to add and the bits to subtract.
#[inline(always)]
fn add_rows<S: Simd>(
    simd: S,
    rows: &Rows<'_>,
    samples: usize,
    pair: impl Fn(usize, usize) -> (u64, u64),
    fields: &mut [i16],
) {
    let stride = rows.stride / LANES;
    let width = rows.width.div_ceil(LANES).min(stride);
    if width == 0 {
        return;
    }
    let (weights, _) = rows.weights.as_chunks::<LANES>();
    let (fields, _) = fields.as_chunks_mut::<LANES>();
    let mut bits = Bits {
        plus: [0; SAMPLES],
        minus: [0; SAMPLES],
        samples: 0,
    };
    let mut storage;
    let mut copy = if samples >= FEW {
        storage = [S::I16x32::splat(0); PACKED * WORD];
        Some(&mut storage)
    } else {
        None
    };
    for first in (0..samples).step_by(SAMPLES) {
        let Some(fields) = fields.get_mut(first * stride..) else {
            return;
        };
        bits.samples = (samples - first).min(SAMPLES);
        for (at, rows) in weights.chunks(WORD * stride).enumerate() {
            let (mut added, mut subtracted) = (0, 0);
            let words = bits.plus.iter_mut().zip(&mut bits.minus);
            for (sample, (plus, minus)) in words.enumerate().take(bits.samples) {
                (*plus, *minus) = pair(first + sample, at);
                added += plus.count_ones();
                subtracted += minus.count_ones();
            }
            if let Some(copy) = &mut copy
                && subtracted == 0
                && added >= WORTH_COPYING
            {
                for_tiles!(width, S::PACKED, |column| add_copied_tile(
                    simd, rows, stride, column, &bits, fields, copy
                ));
            } else {
                for_tiles!(width, S::ACCUMULATORS, |column| add_tile(
                    simd, rows, stride, column, &bits, fields
                ));
            }
        }
    }
}

/// See [`scalar::add_set_rows`](super::scalar::add_set_rows). One load and one addition per set bit and 32 (or 16, or 8)
/// outputs.
#[inline(always)]
pub(crate) fn add_set_rows<S: Simd>(
    simd: S,
    rows: &Rows<'_>,
    words: usize,
    inputs: &[u64],
    fields: &mut [i16],
) {
    let samples = (inputs.len() / words.max(1)).min(fields.len() / rows.stride.max(1));
    let word = |sample: usize, at: usize| inputs.get(sample * words + at).copied().unwrap_or(0);
    add_rows(
        simd,
        rows,
        samples,
        |sample, at| (word(sample, at), 0),
        fields,
    );
}

/// See [`scalar::add_changed_rows`](super::scalar::add_changed_rows).
#[inline(always)]
pub(crate) fn add_changed_rows<S: Simd>(
    simd: S,
    rows: &Rows<'_>,
    words: usize,
    before: &[u64],
    after: &[u64],
    fields: &mut [i16],
) {
    let samples =
        (after.len().min(before.len()) / words.max(1)).min(fields.len() / rows.stride.max(1));
    let pair = |sample: usize, at: usize| {
        let at = sample * words + at;
        let (before, after) = (
            before.get(at).copied().unwrap_or(0),
            after.get(at).copied().unwrap_or(0),
        );
        (after & !before, before & !after)
    };
    add_rows(simd, rows, samples, pair, fields);
}

/// See [`scalar::correlate`](super::scalar::correlate). Samples in both `before` and `after` cost one row, not two.
#[inline(always)]
pub(crate) fn correlate<S: Simd>(
    simd: S,
    table: &[i16],
    stride: usize,
    first: usize,
    before: u64,
    after: u64,
    sums: &mut [i16],
) {
    let capacity = capacity(table, stride);
    let stride = stride / LANES;
    let ((table, _), (sums, _)) = (table.as_chunks::<LANES>(), sums.as_chunks_mut::<LANES>());
    let words = [
        (before & after, 0),
        (before & !after, capacity),
        (after & !before, 2 * capacity),
    ];
    for_tiles!(sums.len(), S::ACCUMULATORS, |column| add_table_tile(
        simd,
        table,
        stride,
        first / LANES + column,
        &words,
        sums.get_mut(column..).unwrap_or_default()
    ));
}

/// See [`classes::scalar::add_rows`](crate::kernel::classes::scalar::add_rows).
#[inline(always)]
pub(in crate::kernel) fn add_table_rows<S: Simd>(
    simd: S,
    table: &[i16],
    stride: usize,
    first: usize,
    samples: u64,
    sums: &mut [i16],
) {
    let stride = stride / LANES;
    let ((table, _), (sums, _)) = (table.as_chunks::<LANES>(), sums.as_chunks_mut::<LANES>());
    let words = [(samples, 0), (0, 0), (0, 0)];
    for_tiles!(sums.len(), S::ACCUMULATORS, |column| add_table_tile(
        simd,
        table,
        stride,
        first / LANES + column,
        &words,
        sums.get_mut(column..).unwrap_or_default()
    ));
}

/// Adds the table's rows of three words of samples to one tile of a row of sums.
#[inline(always)]
fn add_table_tile<S: Simd, const V: usize>(
    _: S,
    table: &[[i16; LANES]],
    stride: usize,
    column: usize,
    words: &[(u64, usize); 3],
    sums: &mut [[i16; LANES]],
) {
    let Some(tile) = sums.first_chunk_mut::<V>() else {
        return;
    };
    let mut acc = load::<S, V>(tile);
    for &(word, row) in words {
        let rows = table.get(row * stride..).unwrap_or_default();
        add_bits::<S, V, true>(&mut acc, word, rows, stride, column);
    }
    store::<S, V>(tile, acc);
}

/// See [`scalar::tabulate`](super::scalar::tabulate).
#[inline(always)]
pub(crate) fn tabulate<S: Simd>(
    _: S,
    chain: &[i16],
    stride: usize,
    first: usize,
    sample: usize,
    table: &mut [i16],
) {
    let capacity = capacity(table, stride);
    let (stride, first) = (stride / LANES, first / LANES);
    let ((chain, _), (table, _)) = (chain.as_chunks::<LANES>(), table.as_chunks_mut::<LANES>());
    for (at, q) in chain.iter().enumerate() {
        let q = S::I16x32::new(*q);
        let entry = |row: usize| row * stride + first + at;
        let p = table
            .get(entry(capacity + sample))
            .map_or(S::I16x32::splat(0), |p| S::I16x32::new(*p));
        for (row, value) in [
            (sample, p - q),
            (2 * capacity + sample, S::I16x32::splat(0) - q),
        ] {
            if let Some(slot) = table.get_mut(entry(row)) {
                *slot = value.to_array();
            }
        }
    }
}

/// See [`scalar::sum_rows`](super::scalar::sum_rows), whose loop compilers turn into vectors.
#[inline(always)]
pub(crate) fn sum_rows<'a, S: Simd>(_: S, rows: impl Iterator<Item = &'a [i16]>, sums: &mut [i16]) {
    super::scalar::sum_rows(rows, sums);
}

/// See [`scalar::widen_scaled`](super::scalar::widen_scaled), whose loop compilers turn into vectors.
#[inline(always)]
pub(crate) fn widen_scaled<S: Simd>(_: S, sums: &[i16], scale: f32, wide: &mut [f32]) {
    super::scalar::widen_scaled(sums, scale, wide);
}
