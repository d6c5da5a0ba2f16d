//! What kind of numbers rows hold, and packing them. NaN, infinity and numbers out of range are found on the way.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use super::source::{GREY_ROUNDING, Source};

/// Rows in the form that their values need.
pub(crate) enum Packed {
    /// All are 0 or 1.
    Bits(Vec<u64>),
    /// All are multiples of 1/255: \[row\]\[column\].
    Grey(Vec<u8>),
    /// They are other numbers from 0 to 1.
    Real,
}

/// A number that is no probability.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused {
    row: usize,
    column: usize,
    value: f64,
    clip: bool,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            row, column, value, ..
        } = self;
        write!(
            f,
            "X: expected numbers from 0 to 1, found {value} in row {row}, column {column}"
        )?;
        match value.is_finite() && !self.clip {
            true => f.write_str("; scale X, or set clip=True"),
            false => Ok(()),
        }
    }
}

/// A number as it counts: clipped if that is asked for and it is finite.
#[inline]
fn level(value: f64, clip: bool) -> f64 {
    if clip && value.is_finite() {
        value.clamp(0.0, 1.0)
    } else {
        value
    }
}

/// Packs rows. O(values), on several threads.
pub(crate) fn pack(source: &impl Source, clip: bool, threads: usize) -> Result<Packed, Refused> {
    if let Some(bits) = pack_bits(source, clip, threads) {
        return Ok(Packed::Bits(bits));
    }
    pack_grey(source, clip, threads)
}

/// Bits, if all values are 0 or 1.
fn pack_bits(source: &impl Source, clip: bool, threads: usize) -> Option<Vec<u64>> {
    let words = source.units().div_ceil(64);
    let mut bits = vec![0_u64; source.count() * words];
    let others = AtomicBool::new(false);
    each_part(&mut bits, words, threads, |first, part| {
        for (row, bits) in part.chunks_exact_mut(words).enumerate() {
            if others.load(Ordering::Relaxed) {
                return;
            }
            if source.pack_bits(first + row, bits) {
                continue;
            }
            let mut binary = true;
            bits.fill(0);
            source.visit(first + row, |column, value| {
                let value = level(value, clip);
                bits[column / 64] |= u64::from(value == 1.0) << (column % 64);
                binary &= value == 1.0 || value == 0.0;
            });
            if !binary {
                others.store(true, Ordering::Relaxed);
            }
        }
    });
    (!others.into_inner()).then_some(bits)
}

/// Bytes, if all values are multiples of 1/255.
fn pack_grey(source: &impl Source, clip: bool, threads: usize) -> Result<Packed, Refused> {
    let units = source.units();
    let mut bytes = vec![0_u8; source.count() * units];
    let others = AtomicBool::new(false);
    let refused = each_part(&mut bytes, units, threads, |first, part| {
        for (row, bytes) in part.chunks_exact_mut(units).enumerate() {
            if source.pack_grey(first + row, bytes) {
                continue;
            }
            bytes.fill(0);
            let (mut grey, mut refused) = (true, None);
            source.visit(first + row, |column, value| {
                let value = level(value, clip);
                if !(0.0..=1.0).contains(&value) && refused.is_none() {
                    let row = first + row;
                    refused = Some(Refused {
                        row,
                        column,
                        value,
                        clip,
                    });
                }
                let scaled = 255.0 * value;
                let byte = (scaled + 0.5) as u8;
                grey &= (scaled - f64::from(byte)).abs() <= f64::from(GREY_ROUNDING);
                bytes[column] = byte;
            });
            if refused.is_some() {
                return refused;
            }
            if !grey {
                others.store(true, Ordering::Relaxed);
            }
        }
        None
    });
    match refused.into_iter().flatten().next() {
        Some(refused) => Err(refused),
        None if others.into_inner() => Ok(Packed::Real),
        None => Ok(Packed::Grey(bytes)),
    }
}

/// `work(first row, its part)` of rows of `width` elements on several threads; the results are in order.
pub(super) fn each_part<T: Send, R: Send>(
    rows: &mut [T],
    width: usize,
    threads: usize,
    work: impl Fn(usize, &mut [T]) -> R + Sync,
) -> Vec<R> {
    let each = (rows.len() / width).div_ceil(threads.max(1)).max(1);
    let work = &work;
    let mut parts = rows.chunks_mut(each * width).enumerate();
    std::thread::scope(|scope| {
        let first = parts.next();
        let others: Vec<_> = parts
            .map(|(part, rows)| scope.spawn(move || work(part * each, rows)))
            .collect();
        let mut results: Vec<R> = first.map(|(_, rows)| work(0, rows)).into_iter().collect();
        for other in others {
            let joined = other.join();
            results.push(joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    })
}
