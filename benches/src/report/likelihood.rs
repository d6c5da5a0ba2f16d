//! The table of benches/README.md on estimates of likelihoods beside exact values.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The record of the binary `likelihood`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Likelihood {
    pub date: String,
    pub data: String,
    pub epochs: usize,
    pub chains: usize,
    pub betas: usize,
    pub tempering_rounds: usize,
    pub burn_in: usize,
    pub raise_rows: usize,
    pub raise_chains: usize,
    pub trials: Vec<Trial>,
}

/// One model, trained with one seed, and its estimates.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Trial {
    pub hidden: usize,
    pub method: String,
    pub learning_rate: f32,
    pub seed: u64,
    /// Exact mean ln p of the test rows.
    pub test_log_likelihood: f64,
    pub forward: Found,
    pub reverse_exact: Found,
    pub reverse_tempering: Found,
    pub reverse_data: Found,
    pub raise: Found,
}

/// An estimate of the mean test ln p.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Found {
    /// Estimate less exact value, in nats.
    pub error: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Whether the ends are warned of: this one with forward AIS, or, of forward AIS, with the exact start.
    pub warned: bool,
}

/// A column: its heading, and what it shows.
type Column = (&'static str, fn(&Trial) -> Found);

const COLUMNS: [Column; 5] = [
    ("forward AIS", |trial| trial.forward),
    ("reverse, exact", |trial| trial.reverse_exact),
    ("reverse, tempering", |trial| trial.reverse_tempering),
    ("reverse, data", |trial| trial.reverse_data),
    ("RAISE", |trial| trial.raise),
];

impl Likelihood {
    /// A row for each size, method and rate: the mean error of test ln p over seeds, and of how many seeds the interval of 95% holds
    /// the exact value.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::from("| hidden | training | exact ln p |");
        for (name, _) in COLUMNS {
            let _ = write!(text, " {name} |");
        }
        text += " warned: tempering, data |\n|---:|---|---:|---:|---:|---:|---:|---:|---:|\n";
        let mut begin = 0;
        while begin < self.trials.len() {
            let first = &self.trials[begin];
            let same = |trial: &&Trial| {
                trial.hidden == first.hidden
                    && trial.method == first.method
                    && trial.learning_rate == first.learning_rate
            };
            let rows: Vec<&Trial> = self.trials[begin..].iter().take_while(same).collect();
            begin += rows.len();
            let count = rows.len();
            let exact = rows.iter().map(|row| row.test_log_likelihood).sum::<f64>() / count as f64;
            let _ = write!(
                text,
                "| {} | {}, lr {} | {exact:.2} |",
                first.hidden, first.method, first.learning_rate
            );
            for (_, of) in COLUMNS {
                let found = rows.iter().map(|row| of(row));
                let mean = found.clone().map(|found| found.error).sum::<f64>() / count as f64;
                let held = found.filter(|found| found.error.abs() <= 1.96 * found.standard_error);
                let _ = write!(text, " {mean:+.3}, {} |", held.count());
            }
            let warned = |of: fn(&Trial) -> Found| rows.iter().filter(|row| of(row).warned).count();
            let _ = writeln!(
                text,
                " {}, {} |",
                warned(|row| row.reverse_tempering),
                warned(|row| row.reverse_data)
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_mean_errors_and_how_many_intervals_hold() {
        let found = |error, warned| Found {
            error,
            standard_error: 0.1,
            warned,
        };
        let trial = |learning_rate, error| Trial {
            hidden: 16,
            method: "CD-1".into(),
            learning_rate,
            seed: 1,
            test_log_likelihood: -100.0,
            forward: found(error, false),
            reverse_exact: found(-error, false),
            reverse_tempering: found(-error, true),
            reverse_data: found(2.0, true),
            raise: found(-1.0, false),
        };
        let record = Likelihood {
            date: "2026-01-01".into(),
            data: "digits".into(),
            epochs: 1,
            chains: 1,
            betas: 1,
            tempering_rounds: 1,
            burn_in: 1,
            raise_rows: 1,
            raise_chains: 1,
            trials: vec![trial(0.1, 0.1), trial(0.1, 0.3), trial(0.3, 0.0)],
        };
        let text = record.markdown();
        let rows: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(rows.len(), 2, "{text}");
        assert_eq!(
            rows[0],
            "| 16 | CD-1, lr 0.1 | -100.00 | +0.200, 1 | -0.200, 1 | -0.200, 1 | +2.000, 0 | -1.000, 0 | 2, 2 |"
        );
    }
}
