//! The kernel on vectors of outputs, with one list of the bits to add and one of those to subtract.

use crate::bits::WORD;
use crate::kernel::vector::{Lanes, Simd};
use crate::kernel::{LANES, Rows};

/// Words whose bits a list holds.
const WORDS: usize = 16;

/// Entries that are written for a word at once, of which those beyond its set bits are overwritten.
const ENTRIES: usize = 4;

/// Numbers of set bits.
struct List {
    entries: [u16; WORDS * WORD + ENTRIES],
    len: usize,
}

impl List {
    const fn new() -> Self {
        Self {
            entries: [0; WORDS * WORD + ENTRIES],
            len: 0,
        }
    }

    /// Appends the set bits of word `at`.
    #[inline(always)]
    fn push(&mut self, at: usize, word: u64) {
        let first = (at * WORD) as u16;
        let end = self.len + word.count_ones() as usize;
        let mut rest = word;
        let mut next = self.len;
        loop {
            let entries = self.entries.get_mut(next..next + ENTRIES);
            if let Some(entries) = entries.and_then(|e| e.first_chunk_mut::<ENTRIES>()) {
                for entry in entries {
                    *entry = first + rest.trailing_zeros() as u16;
                    rest &= rest.wrapping_sub(1);
                }
            }
            next += ENTRIES;
            if next >= end {
                break;
            }
        }
        self.len = end;
    }

    /// The rows of the listed bits, `V` vectors each.
    #[inline(always)]
    fn rows<'r, const V: usize>(
        &self,
        rows: &'r [[i16; LANES]],
        stride: usize,
    ) -> impl Iterator<Item = &'r [[i16; LANES]; V]> {
        let entries = self.entries.get(..self.len).unwrap_or_default();
        entries.iter().filter_map(move |&entry| {
            let at = usize::from(entry) * stride;
            rows.get(at..at + V).and_then(|row| row.first_chunk::<V>())
        })
    }
}

#[inline(always)]
fn add_changed<S: Simd, const V: usize>(
    rows: &Rows<'_>,
    words: usize,
    before: &[u64],
    after: &[u64],
    fields: &mut [i16],
) {
    let stride = rows.stride / LANES;
    let (weights, _) = rows.weights.as_chunks::<LANES>();
    let (fields, _) = fields.as_chunks_mut::<LANES>();
    let (mut plus, mut minus) = (List::new(), List::new());
    let inputs = before.chunks_exact(words).zip(after.chunks_exact(words));
    for ((before, after), fields) in inputs.zip(fields.chunks_exact_mut(stride)) {
        let Some(fields) = fields.first_chunk_mut::<V>() else {
            return;
        };
        let mut acc = [S::I16x32::splat(0); V];
        for (acc, field) in acc.iter_mut().zip(&*fields) {
            *acc = S::I16x32::new(*field);
        }
        let parts = before.chunks(WORDS).zip(after.chunks(WORDS));
        for ((before, after), rows) in parts.zip(weights.chunks(WORDS * WORD * stride)) {
            (plus.len, minus.len) = (0, 0);
            for (at, (before, after)) in before.iter().zip(after).enumerate() {
                plus.push(at, after & !before);
                minus.push(at, before & !after);
            }
            for row in plus.rows::<V>(rows, stride) {
                for (acc, row) in acc.iter_mut().zip(row) {
                    *acc += S::I16x32::new(*row);
                }
            }
            for row in minus.rows::<V>(rows, stride) {
                for (acc, row) in acc.iter_mut().zip(row) {
                    *acc -= S::I16x32::new(*row);
                }
            }
        }
        for (field, acc) in fields.iter_mut().zip(acc) {
            *field = acc.to_array();
        }
    }
}

/// See [`scalar::add_changed_rows`](super::scalar::add_changed_rows). At most [`WIDEST`](super::WIDEST) outputs; others take
/// [`rows`](crate::kernel::rows).
#[inline(always)]
pub(crate) fn add_changed_rows<S: Simd>(
    simd: S,
    rows: &Rows<'_>,
    words: usize,
    before: &[u64],
    after: &[u64],
    fields: &mut [i16],
) {
    match rows.width.div_ceil(LANES).min(rows.stride / LANES) {
        1 if words > 0 => add_changed::<S, 1>(rows, words, before, after, fields),
        2 if words > 0 => add_changed::<S, 2>(rows, words, before, after, fields),
        _ => crate::kernel::rows::simd::add_changed_rows(simd, rows, words, before, after, fields),
    }
}
