//! Rows added to rows: fields from set bits, sums of probabilities from the places of a minibatch.
//!
//! The loop runs over tiles of outputs, then samples, then set bits: a tile's accumulators stay in registers, and the
//! part of the weights that a tile reads stays in the cache for all samples.

use core::ops::Range;

use wide::i16x32;

use crate::bits::WORD;
use crate::kernel::{LANES, Rows, capacity};

/// The most vectors of [`LANES`] outputs that one pass over the rows accumulates in registers, at most 8.
const TILE: usize = if cfg!(target_feature = "avx512bw") {
    8
} else {
    4
};

/// Bytes of weights that a tile reads at the most, so that they stay in a second-level cache for all samples. A matrix of
/// more rows is taken a part of its rows at a time.
const TILE_CACHE: usize = 256 * 1024;

/// Input words of a part.
const PART_WORDS: usize = TILE_CACHE / (TILE * size_of::<[i16; LANES]>()) / WORD;

const _: () = assert!(PART_WORDS * WORD <= LIST, "a part fits a list");

/// Row numbers that are listed at a time.
const LIST: usize = 8192;

/// Row numbers of set bits, for as many samples as fit.
struct Lists {
    rows: [u32; LIST],
    len: usize,
}

impl Lists {
    /// Appends the positions of the set bits of `word`, each `(first + position) * stride`.
    #[inline(always)]
    fn push_word(&mut self, word: u64, first: usize, stride: usize) {
        let mut rest = word;
        let mut row = first as u32 * stride as u32;
        let stride = stride as u32;
        row = row.wrapping_sub(stride);
        while rest != 0 {
            let skip = rest.trailing_zeros();
            if let Some(slot) = self.rows.get_mut(self.len) {
                *slot = row.wrapping_add((skip + 1).wrapping_mul(stride));
            }
            self.len += 1;
            row = row.wrapping_add((skip + 1).wrapping_mul(stride));
            rest = (rest >> skip) >> 1;
        }
    }
}

/// Adds (or subtracts) the listed rows to the accumulators of one tile that starts `column` vectors into the rows.
#[inline(always)]
fn add_listed<const V: usize, const PLUS: bool>(
    acc: &mut [i16x32; V],
    weights: &[[i16; LANES]],
    column: usize,
    list: &[u32],
) {
    for &row in list {
        let at = row as usize + column;
        let Some(chunk) = weights
            .get(at..at + V)
            .and_then(|chunk| chunk.first_chunk::<V>())
        else {
            outside();
            continue;
        };
        for (acc, row) in acc.iter_mut().zip(chunk) {
            if PLUS {
                *acc += i16x32::new(*row);
            } else {
                *acc -= i16x32::new(*row);
            }
        }
    }
}

/// Tells the compiler that rows outside of the matrix are not what to be fast at.
#[cold]
fn outside() {}

/// One sample's row lists within [`Lists`].
#[derive(Clone, Copy, Default)]
struct Span {
    start: usize,
    middle: usize,
    end: usize,
}

/// Adds the listed rows of all samples of a group to one tile of their fields.
#[inline(always)]
fn add_tile<const V: usize>(
    weights: &[[i16; LANES]],
    column: usize,
    lists: &Lists,
    spans: &[Span],
    fields: &mut [[i16; LANES]],
    stride: usize,
) {
    for (span, fields) in spans.iter().zip(fields.chunks_exact_mut(stride)) {
        if span.start == span.end {
            continue;
        }
        let Some(tile) = fields
            .get_mut(column..column + V)
            .and_then(|tile| tile.first_chunk_mut::<V>())
        else {
            continue;
        };
        let mut acc = tile.map(i16x32::new);
        if let Some(list) = lists.rows.get(span.start..span.middle) {
            add_listed::<V, true>(&mut acc, weights, column, list);
        }
        if let Some(list) = lists.rows.get(span.middle..span.end) {
            add_listed::<V, false>(&mut acc, weights, column, list);
        }
        *tile = acc.map(i16x32::to_array);
    }
}

/// Samples whose spans are kept at a time.
const SPANS: usize = 128;

/// Both `add_*_rows`: `pair(sample, word)` gives the bits to add and the bits to subtract.
#[inline(always)]
fn add_rows(
    rows: &Rows<'_>,
    samples: usize,
    pair: impl Fn(usize, usize) -> (u64, u64),
    fields: &mut [i16],
) {
    let stride = rows.stride / LANES;
    if stride == 0 {
        return;
    }
    let (weights, _) = rows.weights.as_chunks::<LANES>();
    let (fields, _) = fields.as_chunks_mut::<LANES>();
    let words = rows.words();
    let parts = words.div_ceil(PART_WORDS);
    let mut lists = Lists {
        rows: [0; LIST],
        len: 0,
    };
    let mut spans = [Span::default(); SPANS];
    for part in 0..parts {
        let part = words * part / parts..words * (part + 1) / parts;
        let mut sample = 0;
        while sample < samples {
            let first = sample;
            let mut taken = 0;
            lists.len = 0;
            // A part never names more rows than a list holds, so that at least one sample is taken.
            while sample < samples
                && taken < SPANS
                && lists.len + listed(sample, part.clone(), &pair) <= LIST
            {
                spans[taken] = list_sample(&mut lists, sample, part.clone(), stride, &pair);
                taken += 1;
                sample += 1;
            }
            let Some(fields) = fields.get_mut(first * stride..) else {
                return;
            };
            add_tiles(weights, &lists, &spans[..taken], fields, stride);
        }
    }
}

/// Rows that a sample names.
#[inline(always)]
fn listed(sample: usize, words: Range<usize>, pair: &impl Fn(usize, usize) -> (u64, u64)) -> usize {
    let count = |(plus, minus): (u64, u64)| plus.count_ones() + minus.count_ones();
    words.map(|word| count(pair(sample, word)) as usize).sum()
}

/// Lists the rows that `sample` adds and subtracts among the words `range`.
#[inline(always)]
fn list_sample(
    lists: &mut Lists,
    sample: usize,
    range: Range<usize>,
    stride: usize,
    pair: &impl Fn(usize, usize) -> (u64, u64),
) -> Span {
    let start = lists.len;
    for word in range.clone() {
        lists.push_word(pair(sample, word).0, word * WORD, stride);
    }
    let middle = lists.len;
    for word in range {
        lists.push_word(pair(sample, word).1, word * WORD, stride);
    }
    Span {
        start,
        middle,
        end: lists.len,
    }
}

/// Calls `$tile::<V>` for every tile of `$stride` vectors, at most `$most` each: as few tiles as possible, as equal as
/// possible.
macro_rules! for_tiles {
    ($stride:expr, $most:expr, |$column:ident| $tile:ident($($argument:expr),*)) => {{
        let stride: usize = $stride;
        let tiles = stride.div_ceil($most);
        for tile in 0..tiles {
            let $column = stride * tile / tiles;
            match stride * (tile + 1) / tiles - $column {
                1 => $tile::<1>($($argument),*),
                2 => $tile::<2>($($argument),*),
                3 => $tile::<3>($($argument),*),
                4 => $tile::<4>($($argument),*),
                5 => $tile::<5>($($argument),*),
                6 => $tile::<6>($($argument),*),
                7 => $tile::<7>($($argument),*),
                _ => $tile::<8>($($argument),*),
            }
        }
    }};
}

/// Runs over all tiles of the outputs.
#[inline(always)]
fn add_tiles(
    weights: &[[i16; LANES]],
    lists: &Lists,
    spans: &[Span],
    fields: &mut [[i16; LANES]],
    stride: usize,
) {
    for_tiles!(stride, TILE, |column| add_tile(
        weights, column, lists, spans, fields, stride
    ));
}

/// See [`scalar::add_set_rows`](crate::kernel::scalar::add_set_rows). For every tile of 64 outputs (128 with AVX-512) one load
/// and one addition a set bit and 32 (or 16, or 8) outputs.
pub fn add_set_rows(rows: &Rows<'_>, words: usize, inputs: &[u64], fields: &mut [i16]) {
    let samples = (inputs.len() / words.max(1)).min(fields.len() / rows.stride.max(1));
    let word = |sample: usize, at: usize| {
        inputs
            .get(sample * words + rows.first_word + at)
            .copied()
            .unwrap_or(0)
    };
    add_rows(rows, samples, |sample, at| (word(sample, at), 0), fields);
}

/// See [`scalar::add_changed_rows`](crate::kernel::scalar::add_changed_rows).
pub fn add_changed_rows(
    rows: &Rows<'_>,
    words: usize,
    before: &[u64],
    after: &[u64],
    fields: &mut [i16],
) {
    let samples =
        (after.len().min(before.len()) / words.max(1)).min(fields.len() / rows.stride.max(1));
    let pair = |sample: usize, at: usize| {
        let at = sample * words + rows.first_word + at;
        let (before, after) = (
            before.get(at).copied().unwrap_or(0),
            after.get(at).copied().unwrap_or(0),
        );
        (after & !before, before & !after)
    };
    add_rows(rows, samples, pair, fields);
}

/// See [`scalar::correlate`](crate::kernel::scalar::correlate). Samples in both `before` and `after` cost one row, not two.
pub fn correlate(
    table: &[i16],
    stride: usize,
    first: usize,
    before: u64,
    after: u64,
    sums: &mut [i16],
) {
    let capacity = capacity(table, stride);
    let stride = stride / LANES;
    let mut lists = [0_u32; 128];
    let mut len = 0;
    for (word, block) in [
        (before & after, 0),
        (before & !after, capacity),
        (after & !before, 2 * capacity),
    ] {
        let mut rest = word;
        while rest != 0 {
            if let Some(slot) = lists.get_mut(len) {
                *slot = ((block + rest.trailing_zeros() as usize) * stride + first / LANES) as u32;
            }
            len += 1;
            rest &= rest - 1;
        }
    }
    let list = lists.get(..len).unwrap_or_default();
    let ((table, _), (sums, _)) = (table.as_chunks::<LANES>(), sums.as_chunks_mut::<LANES>());
    for_tiles!(sums.len(), TILE, |column| add_list(
        table, column, list, sums
    ));
}

/// Adds the listed rows to one tile of a row of sums.
#[inline(always)]
fn add_list<const V: usize>(
    weights: &[[i16; LANES]],
    column: usize,
    list: &[u32],
    sums: &mut [[i16; LANES]],
) {
    let Some(tile) = sums
        .get_mut(column..)
        .and_then(|rest| rest.first_chunk_mut::<V>())
    else {
        return;
    };
    let mut acc = tile.map(i16x32::new);
    add_listed::<V, true>(&mut acc, weights, column, list);
    *tile = acc.map(i16x32::to_array);
}
