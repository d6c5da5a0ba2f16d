//! Every kernel on vectors, at the level in use: one line each.

pub use requantise::*;
pub use rows::*;
pub use sampling::*;

/// See [`rows`](crate::kernel::rows).
pub mod rows {
    use crate::kernel::choose::vectorised;
    use crate::kernel::rows::{Rows, simd};

    vectorised! {
        /// See [`scalar::add_set_rows`](crate::kernel::rows::scalar::add_set_rows).
        fn add_set_rows(rows: &Rows<'_>, words: usize, inputs: &[u64], fields: &mut [i16])
            = simd::add_set_rows;
        /// See [`scalar::add_changed_rows`](crate::kernel::rows::scalar::add_changed_rows).
        fn add_changed_rows(rows: &Rows<'_>, words: usize, before: &[u64], after: &[u64], fields: &mut [i16])
            = simd::add_changed_rows;
        /// See [`scalar::correlate`](crate::kernel::rows::scalar::correlate).
        fn correlate(table: &[i16], stride: usize, first: usize, before: u64, after: u64, sums: &mut [i16])
            = simd::correlate;
        /// See [`scalar::tabulate`](crate::kernel::rows::scalar::tabulate).
        fn tabulate(chain: &[i16], stride: usize, first: usize, sample: usize, table: &mut [i16])
            = simd::tabulate;
        /// See [`scalar::sum_rows`](crate::kernel::rows::scalar::sum_rows).
        fn sum_rows['a](rows: impl Iterator<Item = &'a [i16]>, sums: &mut [i16])
            = simd::sum_rows;
        /// See [`scalar::widen_scaled`](crate::kernel::rows::scalar::widen_scaled).
        fn widen_scaled(sums: &[i16], scale: f32, wide: &mut [f32])
            = simd::widen_scaled;
    }
}

/// See [`sampling`](crate::kernel::sampling).
pub mod sampling {
    use crate::kernel::choose::vectorised;
    use crate::kernel::sampling::simd;
    use crate::rng::ChainRng;

    vectorised! {
        /// See [`scalar::sample`](crate::kernel::sampling::scalar::sample).
        fn sample(fields: &[i16], fraction_bits: u32, units: usize, rng: &mut ChainRng, bits: &mut [u64])
            = simd::sample;
        /// See [`scalar::sample_with_probabilities`](crate::kernel::sampling::scalar::sample_with_probabilities).
        fn sample_with_probabilities(fields: &[i16], fraction_bits: u32, units: usize, rng: &mut ChainRng, bits: &mut [u64], probabilities: &mut [i16])
            = simd::sample_with_probabilities;
        /// See [`scalar::sample_with_error`](crate::kernel::sampling::scalar::sample_with_error).
        fn sample_with_error(fields: &[i16], fraction_bits: u32, units: usize, rng: &mut ChainRng, target: &[u64], bits: &mut [u64]) -> u64
            = simd::sample_with_error;
        /// See [`scalar::probabilities`](crate::kernel::sampling::scalar::probabilities).
        fn probabilities(fields: &[i16], fraction_bits: u32, units: usize, rng: &mut ChainRng, probabilities: &mut [i16])
            = simd::probabilities;
        /// See [`scalar::probabilities16`](crate::kernel::sampling::scalar::probabilities16).
        fn probabilities16(fields: &[i16], fraction_bits: u32, probabilities: &mut [u16])
            = simd::probabilities16;
        /// See [`scalar::binarise`](crate::kernel::sampling::scalar::binarise).
        fn binarise(pixels: &[u8], rng: &mut ChainRng, bits: &mut [u64])
            = simd::binarise;
    }
}

/// See [`requantise`](crate::kernel::requantise).
pub mod requantise {
    use core::ops::Range;

    use crate::kernel::choose::vectorised;
    use crate::kernel::requantise::{Step, simd};

    vectorised! {
        /// See [`scalar::update`](crate::kernel::requantise::scalar::update).
        fn update(step: &Step, sums: &[i16], velocity: &mut [f32], weights: &mut [f32], quantised: &mut [i16], norms: &mut [i16]) -> i16
            = simd::update;
        /// See [`scalar::update_wide`](crate::kernel::requantise::scalar::update_wide).
        fn update_wide(step: &Step, sums: &[f32], velocity: &mut [f32], weights: &mut [f32], quantised: &mut [i16], norms: &mut [i16]) -> i16
            = simd::update_wide;
        /// See [`scalar::transpose_rows`](crate::kernel::requantise::scalar::transpose_rows).
        fn transpose_rows(
            rows: &[i16],
            stride: usize,
            part: Range<usize>,
            columns: &mut [i16],
            column_stride: usize,
            column: usize
        ) = simd::transpose_rows;
    }
}

/// See [`classes`](crate::kernel::classes).
pub mod classes {
    use crate::kernel::choose::vectorised;
    use crate::kernel::classes::simd;

    vectorised! {
        /// See [`scalar::softplus`](crate::kernel::classes::scalar::softplus).
        #[must_use]
        fn softplus(fields: &[i16], addend: &[i16], fraction_bits: u32, units: usize, sigmoids: &mut [i16]) -> f64
            = simd::softplus;
        /// See [`scalar::weigh`](crate::kernel::classes::scalar::weigh).
        fn weigh(sigmoids: &[i16], weight: i16, row: &mut [i16], sums: &mut [i32])
            = simd::weigh;
        /// See [`scalar::add_rows`](crate::kernel::classes::scalar::add_rows).
        fn add_rows(table: &[i16], stride: usize, first: usize, samples: u64, sums: &mut [i16])
            = simd::add_rows;
    }
}

/// See [`couplings`](crate::kernel::couplings).
pub mod couplings {
    use crate::bits::WORD;
    use crate::kernel::choose::vectorised;
    use crate::kernel::couplings::{Flips, simd};

    vectorised! {
        /// See [`scalar::add_rows_of_bytes`](crate::kernel::couplings::scalar::add_rows_of_bytes).
        fn add_rows_of_bytes[const V: usize](flips: &Flips<'_, i8>, tiles: &mut [[i32; WORD]; V])
            = simd::add_rows_of_bytes;
    }
}

/// See [`decide`](crate::kernel::decide).
pub mod decide {
    use crate::kernel::choose::vectorised;
    use crate::kernel::decide::{Approximation, Block, UpdateRule, simd};
    use crate::rng::UNITS_A_STEP;

    pub use simd::VECTORS;

    vectorised! {
        /// See [`scalar::decide`](crate::kernel::decide::scalar::decide).
        fn decide[const P: usize](block: &impl Block, approximations: &[Approximation; P], rule: UpdateRule, fields: &[[i32; UNITS_A_STEP]; P], up: [u16; P], random: &[[u32; UNITS_A_STEP]; P]) -> [Option<u16>; P]
            = simd::decide;
        /// See [`scalar::decide_exactly`](crate::kernel::decide::scalar::decide_exactly).
        fn decide_exactly(block: &impl Block, count: usize, rule: UpdateRule, fields: &[i32; UNITS_A_STEP], up: u16, bounds: &[i32; UNITS_A_STEP]) -> u16
            = simd::decide_exactly;
        /// The approximate logarithm.
        #[cfg(test)]
        fn logarithms(words: [u32; UNITS_A_STEP]) -> [f32; UNITS_A_STEP]
            = simd::logarithms;
        /// See [`scalar::wanted`](crate::kernel::decide::scalar::wanted).
        // Into loops of `at_level`, where it otherwise takes as long as what it calls.
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn wanted(rule: UpdateRule, fields: &[i32; UNITS_A_STEP], up: u16, bounds: &[i32; UNITS_A_STEP]) -> u16
            = simd::wanted;
    }
}

/// See [`intermediate`](crate::kernel::intermediate).
pub mod intermediate {
    use crate::kernel::choose::vectorised;
    use crate::kernel::intermediate::{Panel, PanelSum, Scale, simd};

    vectorised! {
        /// See [`scalar::scale_fields`](crate::kernel::intermediate::scalar::scale_fields).
        fn scale_fields(fields: &[i16], scale: Scale, base: &[i16], target: &mut [i16])
            = simd::scale_fields;
        /// See [`scalar::panel_sum`](crate::kernel::intermediate::scalar::panel_sum).
        #[must_use]
        fn panel_sum(fields: &[i16], panel: &Panel) -> PanelSum
            = simd::panel_sum;
    }
}

/// See [`overlap`](crate::kernel::overlap).
pub mod overlap {
    use crate::kernel::choose::vectorised;
    use crate::kernel::overlap::simd;

    vectorised! {
        /// See [`scalar::overlaps`](crate::kernel::overlap::scalar::overlaps).
        fn overlaps(patterns: &[u64], units: usize, state: &[u64], overlaps: &mut [i32])
            = simd::overlaps;
        /// See [`scalar::add_fields`](crate::kernel::overlap::scalar::add_fields).
        fn add_fields(patterns: &[u64], words: usize, coefficient: impl Fn(usize) -> i32, fields: &mut [i32])
            = simd::add_fields;
        /// See [`scalar::signs`](crate::kernel::overlap::scalar::signs).
        fn signs(patterns: &[u64], units: usize, coefficient: impl Fn(usize) -> i64, diagonal: i64, state: &[u64], next: &mut [u64])
            = simd::signs;
        /// See [`scalar::add_signs`](crate::kernel::overlap::scalar::add_signs).
        fn add_signs(bits: &[u64], by: i32, numbers: &mut [i32])
            = simd::add_signs;
        /// See [`scalar::sum_of_set`](crate::kernel::overlap::scalar::sum_of_set).
        #[must_use]
        fn sum_of_set(bits: &[u64], numbers: &[i32]) -> i64
            = simd::sum_of_set;
    }
}

/// See [`random`](crate::kernel::random).
pub mod random {
    use crate::kernel::choose::vectorised;
    use crate::kernel::random::simd;
    use crate::rng::{ChainRng, UNITS_A_STEP};

    vectorised! {
        /// See [`scalar::words`](crate::kernel::random::scalar::words).
        // Into loops of `at_level`, where it otherwise takes as long as what it calls.
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn words(rng: &mut ChainRng) -> [u32; UNITS_A_STEP]
            = simd::words;
    }
}

/// See [`replicas`](crate::kernel::replicas).
pub mod replicas {
    use crate::kernel::choose::vectorised;
    use crate::kernel::replicas::{Entries, TOGETHER, simd};
    use crate::rng::ChainRng;

    pub use simd::Planes;

    vectorised! {
        /// See [`scalar::draw`](crate::kernel::replicas::scalar::draw).
        fn draw(rngs: &mut [ChainRng]) -> Planes
            = simd::draw;
        /// See [`scalar::decide`](crate::kernel::replicas::scalar::decide).
        fn decide(planes: &Planes, entries: &Entries, own: [u64; TOGETHER], favours: &[[u64; TOGETHER]], q: usize) -> [u64; TOGETHER]
            = simd::decide;
    }
}

/// See [`softplus`](crate::kernel::softplus).
pub mod softplus {
    use crate::kernel::choose::vectorised;
    use crate::kernel::softplus::{Given, LANES, TILE, simd};

    vectorised! {
        /// See [`scalar::sum`](crate::kernel::softplus::scalar::sum).
        #[must_use]
        fn sum(x: &[f64]) -> f64
            = simd::sum;
        /// See [`scalar::probabilities`](crate::kernel::softplus::scalar::probabilities).
        #[must_use]
        fn probabilities(x: [f64; LANES]) -> ([f64; LANES], [f64; LANES])
            = simd::probabilities;
        /// See [`scalar::add_set_rows`](crate::kernel::softplus::scalar::add_set_rows).
        fn add_set_rows[const N: usize](rows: &[[f32; N]], bits: &[u64], sums: &mut [f64; N])
            = simd::add_set_rows;
        /// See [`scalar::add_scaled_rows`](crate::kernel::softplus::scalar::add_scaled_rows).
        fn add_scaled_rows[const N: usize](rows: &[[f32; N]], factors: &[(u32, f64)], sums: &mut [f64; N])
            = simd::add_scaled_rows;
        /// See [`scalar::add_single_rows`](crate::kernel::softplus::scalar::add_single_rows).
        fn add_single_rows[const N: usize](rows: &[[f32; N]], factors: &[(u32, f64)], sums: &mut [f32; N])
            = simd::add_single_rows;
        /// See [`scalar::single_sigmoids`](crate::kernel::softplus::scalar::single_sigmoids).
        #[must_use]
        fn single_sigmoids[const N: usize](x: &[f32; N]) -> [f32; N]
            = simd::single_sigmoids;
        /// See [`scalar::sigmoids`](crate::kernel::softplus::scalar::sigmoids).
        fn sigmoids[const N: usize](x: &[f64; N], share: f64, sums: &mut [f64; N])
            = simd::sigmoids;
        /// See [`scalar::exponentials`](crate::kernel::softplus::scalar::exponentials).
        #[must_use]
        fn exponentials(x: [f64; TILE]) -> [f64; TILE]
            = simd::exponentials;
        /// See [`scalar::ln_products`](crate::kernel::softplus::scalar::ln_products).
        #[must_use]
        fn ln_products(factors: &[[f64; TILE]], set: &[bool; TILE], hidden: &[Given], period: usize) -> [f64; TILE]
            = simd::ln_products;
    }
}

/// See [`bit_block`](crate::kernel::bit_block).
pub mod bit_block {
    use crate::bits::WORD;
    use crate::kernel::bit_block::simd;
    use crate::kernel::choose::vectorised;

    vectorised! {
        /// See [`scalar::transpose`](crate::kernel::bit_block::scalar::transpose).
        fn transpose(block: &mut [u64; WORD])
            = simd::transpose;
    }
}

/// See [`listed`](crate::kernel::listed).
pub mod listed {
    use crate::kernel::Rows;
    use crate::kernel::choose::vectorised;
    use crate::kernel::listed::simd;

    vectorised! {
        /// See [`scalar::add_changed_rows`](crate::kernel::listed::scalar::add_changed_rows).
        fn add_changed_rows(rows: &Rows<'_>, words: usize, before: &[u64], after: &[u64], fields: &mut [i16])
            = simd::add_changed_rows;
    }
}

/// See [`pairs`](crate::kernel::pairs).
pub mod pairs {
    use crate::kernel::choose::vectorised;
    use crate::kernel::pairs::simd;

    vectorised! {
        /// See [`scalar::add_pairs`](crate::kernel::pairs::scalar::add_pairs).
        fn add_pairs(patterns: &[u64], words: usize, unit: usize, by: (i32, i32), fields: &mut [i32])
            = simd::add_pairs;
        /// See [`scalar::subtract_own`](crate::kernel::pairs::scalar::subtract_own).
        fn subtract_own(patterns: &[u64], words: usize, state: &[u64], fields: &mut [i32])
            = simd::subtract_own;
    }
}

/// See [`stability`](crate::kernel::stability).
pub mod stability {
    use crate::kernel::choose::vectorised;
    use crate::kernel::stability::simd;

    vectorised! {
        /// See [`scalar::first_unstable`](crate::kernel::stability::scalar::first_unstable).
        #[must_use]
        fn first_unstable(fields: &[i32], state: &[u64], from: usize) -> Option<usize>
            = simd::first_unstable;
        /// See [`scalar::largest_gain`](crate::kernel::stability::scalar::largest_gain).
        #[must_use]
        fn largest_gain(fields: &[i32], state: &[u64]) -> Option<usize>
            = simd::largest_gain;
        /// See [`scalar::turn_towards`](crate::kernel::stability::scalar::turn_towards).
        fn turn_towards(fields: &[i32], state: &[u64], next: &mut [u64])
            = simd::turn_towards;
    }
}
