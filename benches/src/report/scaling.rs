//! The tables of how an epoch grows with one dimension at a time.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Machine, Versions, median, provenance, ratio, seconds, thousands};

/// The record of `benches/peers/scaling`.
#[derive(Clone, Debug, Deserialize)]
pub struct Scaling {
    /// Where it was made.
    pub machine: Machine,
    /// Day, as YYYY-MM-DD.
    pub date: String,
    /// Of what.
    pub versions: Versions,
    /// Digits an epoch.
    pub digits: usize,
    /// Every point of every dimension.
    pub points: Vec<Point>,
}

/// One value of one dimension, the others as the lecture has them.
#[derive(Clone, Debug, Deserialize)]
pub struct Point {
    /// `hidden`, `batch`, `k` or `threads`.
    pub dimension: String,
    /// Hidden units, digits a minibatch, Gibbs steps, threads.
    pub value: usize,
    /// Seconds of an epoch, run after run.
    pub seconds: Vec<f64>,
    /// How many times the cost of the dimension's reference point is ideal.
    pub ideal: f64,
    /// Whether it is that point.
    pub reference: bool,
}

/// The dimensions, and what is ideal.
const DIMENSIONS: [(&str, &str, &str); 4] = [
    ("hidden", "hidden units", "in proportion"),
    ("batch", "batch", "the same"),
    ("k", "k", "in proportion"),
    ("threads", "threads", "inversely"),
];

impl Scaling {
    /// A table a dimension: the seconds of an epoch, and how many times the ideal they are.
    ///
    /// # Errors
    /// A line, if a dimension has no reference point, or a point no time.
    pub fn markdown(&self) -> Result<String, String> {
        let digits = thousands(self.digits);
        let mut text = format!(
            "How an epoch of {digits} digits grows with one dimension at a time, from 784 x 500 units, batches of 64, \
             k = 1 and one thread; *of ideal* is the time beside the ideal one (1 at the reference point, less is \
             better).\n"
        );
        for (dimension, name, ideal) in DIMENSIONS {
            let points: Vec<_> = self
                .points
                .iter()
                .filter(|point| point.dimension == dimension)
                .collect();
            let reference = points.iter().find(|point| point.reference);
            let reference = reference.and_then(|point| median(&point.seconds));
            let reference =
                reference.ok_or_else(|| format!("scaling.json: no reference for {dimension}"))?;
            let mut rows = [
                format!("| {name} |"),
                "| --- |".to_owned(),
                "| seconds |".to_owned(),
                format!("| of ideal ({ideal}) |"),
            ];
            for point in points {
                let time = median(&point.seconds).ok_or_else(|| {
                    format!("scaling.json: no time of {dimension} {}", point.value)
                })?;
                let _ = write!(rows[0], " {} |", point.value);
                rows[1].push_str(" --- |");
                let _ = write!(rows[2], " {} |", seconds(time));
                let _ = write!(rows[3], " {} |", ratio(time / (reference * point.ideal)));
            }
            let _ = write!(text, "\n{}\n", rows.join("\n"));
        }
        let _ = writeln!(
            text,
            "\n{}",
            provenance(&self.machine, &self.versions, &self.date)
        );
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(dimension: &str, value: usize, seconds: &[f64], ideal: f64, reference: bool) -> Point {
        Point {
            dimension: dimension.into(),
            value,
            seconds: seconds.to_vec(),
            ideal,
            reference,
        }
    }

    fn record(points: Vec<Point>) -> Scaling {
        let (machine, versions, date) = crate::report::tests::somewhere();
        Scaling {
            machine,
            date,
            versions,
            digits: 60_000,
            points,
        }
    }

    fn complete() -> Vec<Point> {
        vec![
            point("hidden", 256, &[3.0, 9.0, 2.0], 0.5, false),
            point("hidden", 512, &[2.0], 1.0, true),
            point("batch", 16, &[3.0], 1.0, false),
            point("batch", 64, &[2.0], 1.0, true),
            point("k", 1, &[2.0], 1.0, true),
            point("threads", 1, &[2.0], 1.0, true),
            point("threads", 2, &[1.1], 0.5, false),
        ]
    }

    #[test]
    fn times_are_medians_beside_the_ideal_of_the_reference_point() {
        let text = record(complete()).markdown().unwrap();
        for row in [
            "| of ideal (in proportion) | 3.00 | 1.00 |",
            "| of ideal (the same) | 1.50 | 1.00 |",
            "| of ideal (inversely) | 1.00 | 1.10 |",
        ] {
            assert!(text.contains(row), "{row} in {text}");
        }
    }

    #[test]
    fn a_record_without_a_reference_point_is_refused() {
        let mut points = complete();
        points.retain(|point| point.dimension != "k");
        assert!(record(points).markdown().unwrap_err().contains(" k"));
    }
}
