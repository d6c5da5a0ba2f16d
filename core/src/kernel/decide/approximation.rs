//! Bounds of fields at a temperature, approximately.

/// What the approximate logarithm of other numbers may be off by, from a real one and from the exact integer function.
pub(super) const LOGARITHM_ERROR: f64 = 1.0 / (1 << 18) as f64;

/// Magnitudes of fields, in units of 2^-shift, stay below this.
const FIELD_BITS: u32 = 28;

/// Bounds at a temperature in finer units than those of fields, approximately.
#[derive(Clone, Copy, Debug)]
pub struct Approximation {
    /// What 1 of log2 is in units of fields.
    pub(super) factor: f32,
    /// Fields are multiplied by 2^shift.
    pub(super) shift: u32,
    /// No approximate bound is further from the exact one.
    pub(super) margin: i32,
}

impl Approximation {
    /// For a temperature at which log2 of a half is `units` as a field, and fields of magnitudes up to `largest`. If these
    /// are too large to be told apart from bounds, nothing is sure.
    pub fn new(units: f64, largest: i32) -> Self {
        let Some(shift) = largest.leading_zeros().checked_sub(32 - FIELD_BITS) else {
            return Self {
                factor: 0.0,
                shift: 0,
                margin: i32::MAX,
            };
        };
        // Bounds are cut off where no field reaches, so that a larger factor than this changes nothing.
        let factor = (units * f64::from(1_u32 << shift)).min(1e15);
        // Two logarithms of up to 12, the factor and the product, each rounded, and a rounding to an integer.
        let margin = factor * (2.0 * LOGARITHM_ERROR + 1.0 / f64::from(1 << 18)) + 2.0;
        Self {
            factor: factor as f32,
            shift,
            margin: margin.min(2e9) as i32,
        }
    }
}
