//! Formatting of numbers of Ising models: no nonzero number is printed as 0, and 0 has no sign.

/// An inverse temperature: four decimals, or three significant digits for very small and very large values.
pub(super) fn beta(beta: f64) -> String {
    if beta == 0.0 || (0.001..1e6).contains(&beta) {
        format!("{beta:.4}")
    } else {
        format!("{beta:.2e}")
    }
}

/// A mean and its standard error, to four decimals; to the first digit of the error where that is smaller.
pub(super) fn estimate(mean: f64, error: f64) -> String {
    const LEAST: f64 = 0.00005;
    if error > 0.0 && error < LEAST {
        let decimals = (-error.log10()).ceil().clamp(5.0, 12.0) as usize;
        return format!("{mean:.decimals$} +- {error:.0e}");
    }
    format!("{mean:.4} +- {error:.4}")
}

/// The mean of a spin, to four decimals.
pub(super) fn spin(mean: f64) -> String {
    // Adding 0 takes the sign of -0 away.
    format!("{:.4}", (mean * 1e4).round() / 1e4 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_not_shown_as_none() {
        assert_eq!(
            [0.0, 0.0707, 7.07107].map(beta),
            ["0.0000", "0.0707", "7.0711"]
        );
        assert_eq!([3.21e-6, 1e9].map(beta), ["3.21e-6", "1.00e9"]);
        assert_eq!(estimate(-0.29131, 0.0014), "-0.2913 +- 0.0014");
        assert_eq!(estimate(-1.0, 0.0), "-1.0000 +- 0.0000");
        assert_eq!(estimate(-7142.86407, 0.000002), "-7142.864070 +- 2e-6");
        assert_eq!([-1e-9, -0.76189].map(spin), ["0.0000", "-0.7619"]);
    }
}
