//! Updates of the summed layer when an enumerated unit flips, and its sum of ln(1 + e^x).

use super::FIELD_LIMIT;

/// Summed units that are worked on side by side.
pub(super) const LANES: usize = 16;

/// The largest logarithm that a lane's product may reach before its exponent is taken out; e^709 is the end of float64.
const PRODUCT_LIMIT: f64 = 700.0;

/// How the fields of the summed layer are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// As e^x. `period` is how many factors 1 + e^x a product can take.
    Exponential { period: usize },
    /// As x.
    Linear,
}

impl Scale {
    /// The scale for fields of magnitudes up to `largest`.
    pub(super) fn of(largest: f64) -> Self {
        if largest > FIELD_LIMIT {
            return Self::Linear;
        }
        // A factor is at most 1 + e^largest <= 2 e^largest, and a product begins below 2.
        let factor = largest + core::f64::consts::LN_2;
        Self::Exponential {
            period: ((PRODUCT_LIMIT - 1.0) / factor) as usize,
        }
    }

    /// Turns fields into what is kept of them.
    pub(super) fn apply(self, fields: &mut [f64]) {
        if self != Self::Linear {
            fields.iter_mut().for_each(|x| *x = libm::exp(*x));
        }
    }

    /// Fills a row of the table from weights; units beyond them stay as they are when the row is applied.
    pub(super) fn fill_row(self, weights: impl Iterator<Item = f64>, sign: f64, row: &mut [f64]) {
        row.fill(0.0);
        for (entry, w) in row.iter_mut().zip(weights) {
            *entry = sign * w;
        }
        self.apply(row);
    }

    /// Applies a row of the table to the kept fields, and returns the sum of ln(1 + e^x) afterwards.
    #[inline]
    pub(super) fn flip(self, kept: &mut [f64], row: &[f64]) -> f64 {
        match self {
            Self::Exponential { period } => flip_exponentials(kept, row, period),
            Self::Linear => flip_fields(kept, row),
        }
    }

    /// Probability that a unit is set, sigmoid(x), from what is kept of its field.
    #[inline]
    pub(super) fn probability(self, kept: f64) -> f64 {
        match self {
            Self::Exponential { .. } => kept / (1.0 + kept),
            Self::Linear => 1.0 / (1.0 + libm::exp(-kept)),
        }
    }
}

/// A product in lanes, as numbers from 1 to 2 and powers of 2.
struct Product {
    mantissas: [f64; LANES],
    exponents: [i64; LANES],
}

impl Product {
    const ONE: Self = Self {
        mantissas: [1.0; LANES],
        exponents: [0; LANES],
    };

    /// Takes the exponents out of the mantissas, which are finite and at least 1.
    #[inline]
    fn normalise(&mut self) {
        const PLACES: u32 = f64::MANTISSA_DIGITS - 1;
        const FRACTION: u64 = (1 << PLACES) - 1;
        for (mantissa, exponent) in self.mantissas.iter_mut().zip(&mut self.exponents) {
            let bits = mantissa.to_bits();
            *exponent += (bits >> PLACES) as i64 - 1023;
            *mantissa = f64::from_bits(bits & FRACTION | 1023 << PLACES);
        }
    }

    /// The logarithm of all lanes together, once normalised.
    #[inline]
    fn ln(&self) -> f64 {
        let exponent: i64 = self.exponents.iter().sum();
        let mantissa: f64 = self.mantissas.iter().product();
        exponent as f64 * core::f64::consts::LN_2 + libm::log(mantissa)
    }
}

#[inline]
fn flip_exponentials(kept: &mut [f64], row: &[f64], period: usize) -> f64 {
    let (kept, _) = kept.as_chunks_mut::<LANES>();
    let (row, _) = row.as_chunks::<LANES>();
    let mut product = Product::ONE;
    for (kept, row) in kept.chunks_mut(period).zip(row.chunks(period)) {
        let mut mantissas = product.mantissas;
        for (kept, factor) in kept.iter_mut().zip(row) {
            for lane in 0..LANES {
                kept[lane] *= factor[lane];
                mantissas[lane] *= 1.0 + kept[lane];
            }
        }
        product.mantissas = mantissas;
        product.normalise();
    }
    product.ln()
}

fn flip_fields(kept: &mut [f64], row: &[f64]) -> f64 {
    let mut product = Product::ONE;
    let mut sum = 0.0;
    // A factor is at most 2.
    for (kept, row) in kept.chunks_mut(1000 * LANES).zip(row.chunks(1000 * LANES)) {
        for (at, (x, term)) in kept.iter_mut().zip(row).enumerate() {
            *x += term;
            sum += x.max(0.0);
            product.mantissas[at % LANES] *= 1.0 + libm::exp(-x.abs());
        }
        product.normalise();
    }
    sum + product.ln()
}
