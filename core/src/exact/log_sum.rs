//! Sums of exponentials by a running maximum.

/// ln sum_i exp(x_i) of numbers that come one at a time, without overflow.
///
/// ```
/// use bitspin_core::exact::LogSum;
/// let mut sum = LogSum::EMPTY;
/// sum.add(1000.0);
/// sum.add(1000.0);
/// assert_eq!(sum.value(), 1000.0 + std::f64::consts::LN_2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogSum {
    /// The largest number so far.
    top: f64,
    /// The sum of exp(x_i - top).
    sum: f64,
}

impl LogSum {
    /// The sum of nothing, whose logarithm is minus infinity.
    pub const EMPTY: Self = Self {
        top: f64::NEG_INFINITY,
        sum: 0.0,
    };

    /// Adds exp(`x`), for a finite `x`.
    #[inline]
    pub fn add(&mut self, x: f64) {
        self.merge(Self { top: x, sum: 1.0 });
    }

    /// Adds another sum. The last bits depend on the order of merging.
    #[inline]
    pub fn merge(&mut self, other: Self) {
        if other.top <= self.top {
            self.sum += other.sum * gap(other.top - self.top);
        } else {
            self.sum = other.sum + self.sum * gap(self.top - other.top);
            self.top = other.top;
        }
    }

    /// exp(`x`) as a share of the sum. It does not go by way of [`value`](Self::value), in which large `x` drown the
    /// logarithm of the number of terms.
    #[inline]
    #[must_use]
    pub fn share(self, x: f64) -> f64 {
        libm::exp(x - self.top) / self.sum
    }

    /// The logarithm of the sum, in nats.
    #[must_use]
    pub fn value(self) -> f64 {
        self.top + libm::log(self.sum)
    }
}

/// exp(`x`) for x <= 0, and 0 where it would not count beside 1 in any sum of 2^24 terms; so too for NaN, the gap
/// between two empty sums.
#[inline]
fn gap(x: f64) -> f64 {
    if x > -60.0 { libm::exp(x) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_merge_to_the_whole_whatever_is_empty_or_large() {
        let values = [-1e6, 3.0, 2.5, 700.0, 701.0, -40.0, 701.0];
        let exact = 701.0 + libm::log(2.0 + libm::exp(-1.0));
        for split in 0..=values.len() {
            let (mut a, mut b) = (LogSum::EMPTY, LogSum::EMPTY);
            values[..split].iter().for_each(|&x| a.add(x));
            values[split..].iter().for_each(|&x| b.add(x));
            a.merge(b);
            assert!((a.value() - exact).abs() < 1e-12, "split at {split}");
        }
        let mut none = LogSum::EMPTY;
        none.merge(LogSum::EMPTY);
        assert_eq!(none, LogSum::EMPTY);
        assert_eq!(none.value(), f64::NEG_INFINITY);
    }

    #[test]
    fn shares_sum_to_one_however_large_the_terms_are() {
        let values = [1e18, 1e18, 1e18, 0.0];
        let mut sum = LogSum::EMPTY;
        values.iter().for_each(|&x| sum.add(x));
        let shares: f64 = values.iter().map(|&x| sum.share(x)).sum();
        assert!((shares - 1.0).abs() < 1e-15);
    }
}
