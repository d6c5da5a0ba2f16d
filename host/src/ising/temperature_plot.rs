//! The plot of observables against temperature.

use super::onsager;
use super::sampling::{Estimate, Point};
use crate::report::plot::{Panel, PlotError, Series, render};

/// Points of an exact curve.
const CURVE: usize = 240;

/// Energy, magnetisation, specific heat and susceptibility against T = 1 / beta with their standard errors, as SVG. With a
/// coupling J > 0, that of a square lattice without field, beside what is exact for the infinite lattice.
///
/// # Errors
/// [`PlotError`] if the drawing library fails.
pub fn temperature_plot(
    title: &str,
    points: &[Point],
    coupling: Option<f64>,
) -> Result<String, PlotError> {
    let panel = |name: &str, of: fn(&Point) -> Estimate, exact: Option<&dyn Fn(f64) -> f64>| {
        let mut panel = Panel::new(name, "temperature T", "");
        if let (Some(coupling), Some(exact)) = (coupling, exact) {
            let curve = curve(points, coupling, exact);
            panel = panel.with(Series::dashed("Onsager, infinite lattice", curve).coloured(1));
        }
        let found = points.iter().map(|point| {
            let value = of(point);
            (1.0 / point.beta, value.mean, value.error)
        });
        panel.with(Series::points_with_errors("sampled", found).coloured(0))
    };
    let j = coupling.unwrap_or(1.0);
    let energy = |k: f64| j * onsager::energy(k);
    let panels = [
        panel("Energy per spin", |p| p.energy, Some(&energy)),
        panel(
            "Magnetisation |M| / N",
            |p| p.magnetisation,
            Some(&onsager::magnetisation),
        ),
        panel(
            "Specific heat per spin",
            |p| p.specific_heat,
            Some(&onsager::specific_heat),
        ),
        panel("Susceptibility per spin", |p| p.susceptibility, None),
    ];
    render(title, &panels)
}

/// An exact function of K = beta J over the temperatures of the points; finite values only.
fn curve(points: &[Point], coupling: f64, exact: &dyn Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let temperatures = points.iter().map(|point| 1.0 / point.beta);
    let low = temperatures.clone().fold(f64::INFINITY, f64::min);
    let high = temperatures.fold(0.0, f64::max);
    let at = |k: usize| low + (high - low) * k as f64 / CURVE as f64;
    let pairs = (0..=CURVE).map(|k| (at(k), exact(coupling / at(k))));
    pairs.filter(|(_, y)| y.is_finite()).collect()
}
