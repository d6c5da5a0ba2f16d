//! Both kernels side by side, and against float64.

use std::vec;
use std::vec::Vec;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

use super::{Panel, PanelSum, SUM_LANES, Scale, scalar};
use crate::kernel::simd::intermediate as simd;
use crate::kernel::tests::each_level;
use crate::kernel::{LANES, padded};

const UNITS: [usize; 8] = [1, 15, 16, 17, LANES - 1, LANES + 1, 500, 784];
const CANARY: i16 = 0x5a5a;

fn random(count: usize, bits: u32, seed: u64) -> Vec<i16> {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    (0..count)
        .map(|_| (rng.next_u32() as i16).max(-32_767) >> (16 - bits))
        .collect()
}

#[test]
fn scaled_fields_are_the_rounded_products_to_the_bit() {
    each_level(|| {
        for (case, units) in UNITS.into_iter().enumerate() {
            let fields = random(units, 16, case as u64);
            for base in [vec![], random(units, 14, 99), random(units / 2, 16, 98)] {
                for (factor, shift) in [(0, 1), (65_536, 16), (65_536, 14), (1, 9), (40_000, 12)] {
                    let expected = (0..units).map(|i| {
                        let exact = f64::from(fields[i]) * f64::from(factor) / 2_f64.powi(shift);
                        let base = base.get(i).map_or(0.0, |&base| f64::from(base));
                        (libm::floor(exact + 0.5) + base).clamp(-32_768.0, 32_767.0) as i16
                    });
                    let scale = Scale {
                        factor,
                        shift: shift as u32,
                    };
                    for kernel in [scalar::scale_fields, simd::scale_fields] {
                        let mut target = vec![CANARY; units + 3];
                        kernel(&fields, scale, &base, &mut target[..units]);
                        assert!(expected.clone().eq(target[..units].iter().copied()));
                        assert_eq!(target[units..], [CANARY; 3]);
                    }
                }
            }
        }
    });
}

/// max(x, 0) and |x| e^-|x| ... in float64, for one panel of width d: the integral of x sigmoid(t x) divided by d.
fn mean_slope(x: f64, middle: f64, width: f64) -> f64 {
    let softplus = |y: f64| y.max(0.0) + libm::log1p(libm::exp(-y.abs()));
    (softplus((middle + width / 2.0) * x) - softplus((middle - width / 2.0) * x)) / width
}

fn panel(step: f64, middle: f64, width: f64) -> Panel {
    Panel {
        step: step as f32,
        middle: middle as f32,
        curvature: (width * width / 24.0) as f32,
    }
}

fn slope(sum: PanelSum, step: f64) -> f64 {
    sum.above as f64 * step - sum.below
}

#[test]
fn panel_sums_agree_to_the_bit() {
    each_level(|| {
        for (case, units) in UNITS.into_iter().enumerate() {
            let mut fields = random(padded(units), 16, case as u64);
            fields[units..].fill(0);
            for middle in [1e-6, 0.1, 0.73, 0.99999] {
                let panel = panel(1.0 / 256.0, middle, 1e-3);
                let (a, b) = (
                    scalar::panel_sum(&fields, &panel),
                    simd::panel_sum(&fields, &panel),
                );
                assert_eq!(a.above, b.above);
                assert_eq!(a.below.to_bits(), b.below.to_bits());
                // Padding adds nothing, so that a row's length does not matter.
                let shorter = units.next_multiple_of(SUM_LANES);
                assert_eq!(simd::panel_sum(&fields[..shorter], &panel), b);
            }
        }
    });
}

#[test]
fn a_panel_is_within_its_bound_at_every_field() {
    each_level(|| {
        for (bits, middle, width) in [
            (11, 0.5, 1e-4),
            (11, 0.5, 1e-2),
            (8, 0.002, 0.004),
            (8, 0.9, 2e-3),
            (4, 0.3, 1e-4),
        ] {
            let step = 1.0 / f64::from(1_u32 << bits);
            let panel = panel(step, middle, width);
            for field in (-32_767..=i16::MAX).step_by(7) {
                let x = f64::from(field) * step;
                let mut fields = [0; SUM_LANES];
                fields[5] = field;
                let found = slope(simd::panel_sum(&fields, &panel), step);
                // A difference of close numbers, in float64.
                let expected = mean_slope(x, middle, width);
                let below = x.max(0.0) - expected;
                let delta = width * x.abs();
                let bound =
                    1e-6 * below.abs() + 6.8e-5 * delta.powi(5) / width + 1e-14 * x.abs() / width;
                assert!(
                    (found - expected).abs() <= bound,
                    "{bits} bits, middle {middle}, field {field}: {found}, {expected}, bound {bound}"
                );
            }
        }
    });
}
