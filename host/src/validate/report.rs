//! What a validation found: rows, and the table or JSON object that they make.

use serde::Serialize;
use std::fmt;

/// One quantity: how far the engine is from the reference, and how far it may be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What was compared.
    pub quantity: String,
    /// The largest error, of the case that came closest to its bound (or broke it by most).
    pub largest_error: f64,
    /// The bound of that case.
    pub bound: f64,
    /// Whether no case broke its bound.
    pub passed: bool,
}

/// The case closest to its bound, of those that were looked at so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Worst {
    case: Option<(f64, f64)>,
}

impl Worst {
    /// Looks at one more case.
    pub(super) fn add(&mut self, error: f64, bound: f64) {
        // Not a number breaks every bound, and is counted as the largest finite error so that JSON can say it.
        let error = if error.is_finite() {
            error.abs()
        } else {
            f64::MAX
        };
        let closer = |(e, b): (f64, f64)| match (error > bound, e > b) {
            (broken, other) if broken != other => broken,
            (_, _) => error * b > e * bound || (error * b == e * bound && error > e),
        };
        if self.case.is_none_or(closer) {
            self.case = Some((error, bound));
        }
    }

    /// The row. Where nothing was compared it fails: an empty check is a broken check.
    pub(super) fn row(self, quantity: &str) -> Row {
        let (largest_error, bound) = self.case.unwrap_or((f64::MAX, 0.0));
        Row {
            quantity: quantity.to_string(),
            largest_error,
            bound,
            passed: largest_error <= bound,
        }
    }
}

/// All rows, and whether every one passed: the JSON output. Its `Display` is the table, 80 columns wide.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Whether there are rows and every one passed.
    pub passed: bool,
    /// One a quantity.
    pub rows: Vec<Row>,
}

impl From<Vec<Row>> for Report {
    fn from(rows: Vec<Row>) -> Self {
        let passed = !rows.is_empty() && rows.iter().all(|row| row.passed);
        Self { passed, rows }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<46} {:>13} {:>11}  result",
            "quantity", "largest error", "bound"
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "{:<46} {:>13} {:>11}  {}",
                row.quantity,
                number(row.largest_error),
                number(row.bound),
                if row.passed { "pass" } else { "FAIL" }
            )?;
        }
        let failed = self.rows.iter().filter(|row| !row.passed).count();
        match failed {
            0 => writeln!(f, "all {} quantities within their bounds", self.rows.len()),
            _ => writeln!(
                f,
                "{failed} of {} quantities out of bounds",
                self.rows.len()
            ),
        }
    }
}

/// Three significant digits; exactly nothing as a plain 0.
fn number(value: f64) -> String {
    if value == 0.0 {
        "0".to_string()
    } else {
        format!("{value:.2e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cases: &[(f64, f64)]) -> Row {
        let mut worst = Worst::default();
        cases
            .iter()
            .for_each(|&(error, bound)| worst.add(error, bound));
        worst.row("fields")
    }

    #[test]
    fn the_case_nearest_its_bound_is_shown() {
        let shown = |cases: &[(f64, f64)]| {
            let row = row(cases);
            (row.largest_error, row.bound, row.passed)
        };
        assert_eq!(
            shown(&[(1.0, 4.0), (-0.5, 1.0), (2.0, 8.0)]),
            (0.5, 1.0, true)
        );
        assert_eq!(
            shown(&[(1.0, 1.0), (0.2, 0.1), (9.0, 10.0)]),
            (0.2, 0.1, false)
        );
        assert_eq!(
            shown(&[(0.0, 0.0), (1e-300, 0.0), (0.0, 0.0)]),
            (1e-300, 0.0, false)
        );
        assert_eq!(shown(&[(0.0, 0.0), (0.0, 0.0)]), (0.0, 0.0, true));
    }

    #[test]
    fn nothing_and_not_a_number_fail() {
        assert!(!row(&[]).passed);
        assert!(!row(&[(0.0, 1.0), (f64::NAN, 1.0), (0.5, 1.0)]).passed);
        assert!(!row(&[(f64::INFINITY, 1.0)]).passed);
        assert!(!Report::from(vec![]).passed);
    }

    #[test]
    fn the_table_fits_80_columns_and_the_object_has_the_stated_keys() {
        let rows = vec![row(&[(1.25e-5, 4.0e-5)]), row(&[(2.0, 1.0)])];
        let report = Report::from(rows);
        let table = report.to_string();
        assert!(
            table
                .lines()
                .all(|line| line.len() <= 80 && line.is_ascii())
        );
        assert!(table.contains("1.25e-5") && table.contains("FAIL"));
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            "{\"passed\":false,\"rows\":[\
             {\"quantity\":\"fields\",\"largest_error\":0.0000125,\"bound\":0.00004,\"passed\":true},\
             {\"quantity\":\"fields\",\"largest_error\":2.0,\"bound\":1.0,\"passed\":false}]}"
        );
    }
}
