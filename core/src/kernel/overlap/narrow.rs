//! The kernels for processors of 32 bits without SIMD and without a population count, equal to
//! [`scalar`](super::scalar) to the bit.
//!
//! Words are taken as halves. Differing bits are counted by a tree of full adders, a population count in software for
//! every eight halves. Fields are sums over nibbles: the bits that four patterns have at a unit look up what these four
//! count together, so that eight look-ups take 32 patterns in. Bits of eight patterns get beside each other by a transpose
//! of 8 x 8 bits, four at once. There is no 64-bit shift, no product and no division.
//!
//! For N units and P patterns that is some 9 N P / 32 instructions of a Cortex-M4 for the overlaps and 11 N P / 8 for the
//! signs, which include the transposes; coefficients that are zero cost nothing.

pub use super::scalar::{add_fields, add_signs, sum_of_set};
use crate::bits::tail_mask;

/// Patterns that one set of tables takes in.
const GROUP: usize = 32;
/// Bits of a half.
const HALF: usize = 32;
/// Patterns whose bits become one byte.
const BYTE: usize = 8;

/// The overlaps sum_i xi_i s_i, in `-units..=units`, of every pattern with `state`.
pub fn overlaps(patterns: &[u64], units: usize, state: &[u64], overlaps: &mut [i32]) {
    let state: &[u32] = bytemuck::cast_slice(state);
    let patterns: &[u32] = bytemuck::cast_slice(patterns);
    let rows = patterns.chunks_exact(state.len().max(1));
    for (pattern, overlap) in rows.zip(overlaps.iter_mut()) {
        *overlap = units as i32 - 2 * differing(pattern, state) as i32;
    }
}

/// The sum and the carry of three bits.
#[inline(always)]
fn full_add(a: u32, b: u32, c: u32) -> (u32, u32) {
    let odd = a ^ b;
    (odd ^ c, (a & b) | (odd & c))
}

/// Bits that differ. Harley and Seal's tree (Warren, *Hacker's Delight*, 5-1).
#[inline(always)]
fn differing(a: &[u32], b: &[u32]) -> u32 {
    let (mut ones, mut twos, mut fours, mut eights) = (0, 0, 0, 0);
    let (a, rest_a) = a.as_chunks::<8>();
    let (b, rest_b) = b.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        let x = |at: usize| a[at] ^ b[at];
        let (sum, first) = full_add(ones, x(0), x(1));
        let (sum, second) = full_add(sum, x(2), x(3));
        let (sum_of_twos, low) = full_add(twos, first, second);
        let (sum, first) = full_add(sum, x(4), x(5));
        let (sum, second) = full_add(sum, x(6), x(7));
        ones = sum;
        let (sum, high) = full_add(sum_of_twos, first, second);
        twos = sum;
        let (sum, carry) = full_add(fours, low, high);
        fours = sum;
        eights += carry.count_ones();
    }
    let rest = rest_a.iter().zip(rest_b);
    let rest: u32 = rest.map(|(a, b)| (a ^ b).count_ones()).sum();
    8 * eights + 4 * fours.count_ones() + 2 * twos.count_ones() + ones.count_ones() + rest
}

/// The signs of the fields f_i = sum_mu c_mu xi_mu,i + d s_i into `next`, where c_mu is `coefficient(mu)` and d is
/// `diagonal`; a zero field keeps the spin. The sum of the magnitudes |c_mu| and |d| is below 2^62.
pub fn signs(
    patterns: &[u64],
    units: usize,
    coefficient: impl Fn(usize) -> i64,
    diagonal: i64,
    state: &[u64],
    next: &mut [u64],
) {
    let count = patterns.len() / state.len().max(1);
    let magnitudes = (0..count).map(|mu| coefficient(mu).unsigned_abs());
    let sum = magnitudes.sum::<u64>() + diagonal.unsigned_abs();
    let network = Network {
        patterns: bytemuck::cast_slice(patterns),
        halves: 2 * state.len(),
        count,
        coefficient: &coefficient,
    };
    let halves: &[u32] = bytemuck::cast_slice(state);
    let into: &mut [u32] = bytemuck::cast_slice_mut(next);
    if sum < 1 << 30 {
        network.signs_of_32_bits(diagonal as i32, halves, into);
    } else {
        network.signs_of_64_bits(diagonal, halves, into);
    }
    if let Some(last) = next.get_mut(state.len().wrapping_sub(1)) {
        *last &= tail_mask(units);
    }
}

/// Numbers that sums are made of: as wide as they need to be.
trait Number: Copy {
    const ZERO: Self;
    fn of(number: i64) -> Self;
    fn plus(self, other: Self) -> Self;
    fn negative(self) -> Self;
    /// The sign's bit in the lowest place.
    fn sign(self) -> u32;
}

impl Number for i32 {
    const ZERO: Self = 0;
    #[inline(always)]
    fn of(number: i64) -> Self {
        number as i32
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn negative(self) -> Self {
        self.wrapping_neg()
    }
    #[inline(always)]
    fn sign(self) -> u32 {
        self as u32 >> 31
    }
}

impl Number for i64 {
    const ZERO: Self = 0;
    #[inline(always)]
    fn of(number: i64) -> Self {
        number
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn negative(self) -> Self {
        self.wrapping_neg()
    }
    #[inline(always)]
    fn sign(self) -> u32 {
        ((self >> 32) as i32).sign()
    }
}

/// Up to 32 patterns that count something, and what each four of them count together for every choice of their bits.
struct Group<T> {
    /// Where each pattern begins.
    rows: [u32; GROUP],
    len: usize,
    tables: [[[T; 16]; 2]; GROUP / BYTE],
}

impl<T: Number> Group<T> {
    /// Adds a pattern that counts `c`, twice, as all numbers here are.
    #[inline(always)]
    fn push(&mut self, row: usize, c: T) {
        if let Some(slot) = self.rows.get_mut(self.len) {
            *slot = row as u32;
        }
        let tables = self.tables.get_mut(self.len / BYTE);
        if let Some(table) = tables.and_then(|pair| pair.get_mut(self.len / 4 % 2)) {
            // Where there are k patterns, the lower 2^k places are filled: those without this one, and those with it.
            let half = 1 << (self.len % 4);
            let (below, above) = table.split_at_mut(half);
            let twice = c.plus(c);
            if half == 1 {
                below.fill(T::ZERO);
            }
            for (without, with) in below.iter_mut().zip(above) {
                *with = without.plus(twice);
                *without = without.plus(twice.negative());
            }
        }
        self.len += 1;
    }

    /// Repeats the last table's lower half in its upper, for bits of no pattern.
    fn finish(&mut self) {
        while !self.len.is_multiple_of(BYTE) {
            self.push(0, T::ZERO);
        }
    }
}

/// What the fields are sums of. Patterns are halves.
struct Network<'a> {
    patterns: &'a [u32],
    /// Halves of a state.
    halves: usize,
    count: usize,
    /// One function, so that the loops exist once whatever the network.
    coefficient: &'a dyn Fn(usize) -> i64,
}

impl Network<'_> {
    /// Makes a group of the patterns from `first` on, and returns where the next begins.
    #[inline(never)]
    fn group<T: Number>(&self, first: usize, group: &mut Group<T>) -> usize {
        group.len = 0;
        let mut mu = first;
        while mu < self.count && group.len < GROUP {
            let c = (self.coefficient)(mu);
            if c != 0 {
                group.push(mu * self.halves, T::of(c));
            }
            mu += 1;
        }
        group.finish();
        mu
    }

    // Functions without parameters of type, so that they are optimised as this crate is, whoever calls.
    #[inline(never)]
    fn signs_of_32_bits(&self, diagonal: i32, state: &[u32], next: &mut [u32]) {
        self.signs(diagonal, state, next);
    }

    #[inline(never)]
    fn signs_of_64_bits(&self, diagonal: i64, state: &[u32], next: &mut [u32]) {
        self.signs(diagonal, state, next);
    }

    #[inline(always)]
    fn signs<T: Number>(&self, diagonal: T, state: &[u32], next: &mut [u32]) {
        let mut group = Group {
            rows: [0; GROUP],
            len: 0,
            tables: [[[T::ZERO; 16]; 2]; GROUP / BYTE],
        };
        // 2 f_i + s_i is never zero, and has the sign that s_i takes.
        let own = diagonal.plus(diagonal).plus(T::of(1));
        let own = [own.negative(), own];
        let behind = self.group(0, &mut group);
        for (at, (&spins, next)) in state.iter().zip(next).enumerate() {
            let mut sums = [T::ZERO; HALF];
            for (bit, sums) in sums.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let spins = spins >> bit;
                for (byte, sum) in sums.iter_mut().enumerate() {
                    *sum = own[(spins >> (8 * byte) & 1) as usize];
                }
            }
            let mut first = behind;
            loop {
                self.add(&group, at, &mut sums);
                if first >= self.count {
                    break;
                }
                first = self.group(first, &mut group);
            }
            if behind < self.count {
                self.group(0, &mut group);
            }
            *next = not_negative(&sums);
        }
    }

    /// Adds what a group counts to the sums of the units of half `at`: unit 8 k + j is number 4 j + k.
    #[inline(always)]
    fn add<T: Number>(&self, group: &Group<T>, at: usize, sums: &mut [T; HALF]) {
        let half = |row: u32| self.patterns.get(row as usize + at).copied().unwrap_or(0);
        let (rows, _) = group.rows.as_chunks::<BYTE>();
        let used = group.len.div_ceil(BYTE);
        for (rows, [low, high]) in rows.iter().zip(&group.tables).take(used) {
            let columns = transpose(rows.map(half));
            look_up(&columns, low, high, sums.as_chunks_mut().0);
        }
    }
}

/// Adds what columns of transposed bits count. Lengths are unknown here on purpose: unrolled, the loop is as large as a
/// small program and no faster.
#[inline(never)]
fn look_up<T: Number>(columns: &[u32], low: &[T; 16], high: &[T; 16], sums: &mut [[T; 4]]) {
    for (bits, sums) in columns.iter().zip(sums) {
        for (byte, sum) in sums.iter_mut().enumerate() {
            let (a, b) = (bits >> (8 * byte) & 15, bits >> (8 * byte + 4) & 15);
            *sum = sum.plus(low[a as usize]).plus(high[b as usize]);
        }
    }
}

/// The bits of numbers that are not negative, in the order of their units.
#[inline(always)]
fn not_negative<T: Number>(sums: &[T; HALF]) -> u32 {
    let mut negative = 0;
    for (bit, sums) in sums.as_chunks::<4>().0.iter().enumerate() {
        let mut bits = 0;
        for (byte, sum) in sums.iter().enumerate() {
            bits |= sum.sign() << (8 * byte);
        }
        negative |= bits << bit;
    }
    !negative
}

/// Of each byte, the 8 x 8 bits of eight words transposed: bit i of byte k of word j is bit j of byte k of word i.
#[inline(always)]
fn transpose(words: [u32; BYTE]) -> [u32; BYTE] {
    let [a, b, c, d, e, f, g, h] = words;
    let swap = |a: u32, b: u32, distance: u32, mask: u32| {
        let swapped = (a >> distance ^ b) & mask;
        (a ^ swapped << distance, b ^ swapped)
    };
    let fours = |a, b| swap(a, b, 4, 0x0f0f_0f0f);
    let ((a, e), (b, f), (c, g), (d, h)) = (fours(a, e), fours(b, f), fours(c, g), fours(d, h));
    let twos = |a, b| swap(a, b, 2, 0x3333_3333);
    let ((a, c), (b, d), (e, g), (f, h)) = (twos(a, c), twos(b, d), twos(e, g), twos(f, h));
    let ones = |a, b| swap(a, b, 1, 0x5555_5555);
    let ((a, b), (c, d), (e, f), (g, h)) = (ones(a, b), ones(c, d), ones(e, f), ones(g, h));
    [a, b, c, d, e, f, g, h]
}
