//! The plot of a capacity measurement, with the theory.

use super::capacity::{LoadPoint, Plan};
use super::theory::{capacity, retrieval_overlap};
use crate::report::plot::{Panel, PlotError, Series, render};

/// Points of the theory's curve.
const CURVE: usize = 160;

/// Draws overlap and exact recall against the load, with the theory's curve where there is one for the rule, as SVG.
///
/// # Errors
/// [`PlotError`] if the drawing library fails, which it has no reason to.
pub fn capacity_plot(plan: &Plan, points: &[LoadPoint]) -> Result<String, PlotError> {
    let load = |point: &LoadPoint| point.patterns as f64 / plan.neurons as f64;
    let measured = |value: fn(&LoadPoint) -> (f64, Option<f64>)| {
        let points = points.iter().map(move |point| {
            let (mean, error) = value(point);
            (load(point), mean, error.unwrap_or(0.0))
        });
        Series::points_with_errors(format!("measured, N = {}", plan.neurons), points).coloured(0)
    };
    let mut overlap = Panel::new(
        "Overlap of the fixed point with the pattern it started from",
        "load P/N",
        "overlap m",
    );
    if let Some(curve) = theory_curve(plan, points) {
        overlap = overlap.with(Series::dashed("theory, N to infinity", curve).coloured(1));
    }
    let overlap = overlap.with(measured(|p| (p.overlap, p.overlap_error)));
    let exact = Panel::new("Patterns recalled exactly", "load P/N", "share")
        .with(measured(|p| (p.exact_recall, p.exact_recall_error)));
    let title = format!("Capacity of a Hopfield memory, rule {}", plan.rule);
    render(&title, &[overlap, exact])
}

/// The theory from load 0 to the last one measured, with the fall at capacity.
fn theory_curve(plan: &Plan, points: &[LoadPoint]) -> Option<Vec<(f64, f64)>> {
    let couplings = plan.rule.theory()?;
    let last = points.last()?.patterns as f64 / plan.neurons as f64;
    let limit = capacity(couplings);
    // Close to capacity the overlap falls ever faster: points are denser there.
    let end = last.min(limit);
    let mut curve: Vec<_> = (0..=CURVE)
        .map(|k| 1.0 - k as f64 / CURVE as f64)
        .map(|left| end * (1.0 - left * left))
        .map(|load| (load, retrieval_overlap(load, couplings)))
        .collect();
    if last > limit {
        curve.extend([(limit, 0.0), (last, 0.0)]);
    }
    Some(curve)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hopfield::Rule;
    use crate::report::table::csv;

    fn points() -> Vec<LoadPoint> {
        [0.05, 0.1, 0.2]
            .map(|load| LoadPoint {
                load,
                patterns: (100.0 * load) as usize,
                probes: 5,
                overlap: 1.0 - load,
                overlap_error: Some(0.01),
                exact_recall: 0.5,
                exact_recall_error: None,
                theory_overlap: None,
                settled: 1.0,
            })
            .to_vec()
    }

    fn plan(rule: Rule) -> Plan {
        Plan {
            neurons: 100,
            rule,
            loads: vec![0.05, 0.1, 0.2],
            trials: 1,
            probes: 5,
            seed: 1,
        }
    }

    #[test]
    fn the_theory_is_drawn_where_there_is_one_and_falls_at_capacity() {
        let svg = capacity_plot(&plan(Rule::Hebb), &points()).unwrap();
        assert!(svg.contains("theory") && svg.contains("N = 100") && svg.contains("hebb"));
        assert!(
            !capacity_plot(&plan(Rule::Storkey), &points())
                .unwrap()
                .contains("theory")
        );
        let curve = theory_curve(&plan(Rule::Clipped), &points()).unwrap();
        assert_eq!((curve[0], curve.last()), ((0.0, 1.0), Some(&(0.2, 0.0))));
        assert!(
            curve
                .iter()
                .rfind(|(_, m)| *m > 0.0)
                .is_some_and(|(load, m)| *load < 0.103 && *m < 0.96)
        );
        capacity_plot(&plan(Rule::Hebb), &[]).unwrap();
    }

    #[test]
    fn the_table_has_a_line_a_load() {
        let table = String::from_utf8(csv(&points())).unwrap();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].starts_with("load,patterns,probes,overlap,overlap_error,exact_recall,"));
        assert_eq!(lines[1], "0.05,5,5,0.95,0.01,0.5,,,1.0");
    }
}
