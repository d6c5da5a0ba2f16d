//! Advice on samplers that mix faster.

use bitspin_core::ising::{Field, Model};

use super::numbers::{Lists, Quantised};
use super::sampling::Sampler;

/// Smallest and largest number of temperatures of a ladder.
const POINTS: std::ops::RangeInclusive<f64> = 8.0..=100.0;

/// A sampler that mixes faster, and its temperatures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FasterSampler {
    /// The sampler.
    pub sampler: Sampler,
    /// Its ladder of temperatures; `None` if the present ones will do.
    pub ladder: Option<Ladder>,
}

/// Inverse temperatures with equal steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ladder {
    /// The least.
    pub hot: f64,
    /// The greatest.
    pub cold: f64,
    /// How many there are, both ends included.
    pub points: usize,
}

/// A sampler that moves where `sampler` did not at some of `betas`, an ascending list; `None` if longer runs are all that
/// is left.
///
/// - Without fields and conflicts clusters turn over as one at any temperature: Wolff's algorithm. Where they were tried,
///   couplings are weak and clusters small, and the heat bath moves all spins in a sweep.
/// - Else single flips at high temperatures, which reach low ones by exchanges: parallel tempering, on a ladder from where a
///   typical field is worth 0.3 kT, with steps in which energies of neighbours overlap.
#[must_use]
pub fn faster_sampler(model: &Quantised, sampler: Sampler, betas: &[f64]) -> Option<FasterSampler> {
    let unit = model.numbers.unit();
    match &model.lists {
        Lists::Narrow(graph) => faster(graph, unit, sampler, betas),
        Lists::Wide(graph) => faster(graph, unit, sampler, betas),
    }
}

/// The same of a model whose unit of energy is so much.
fn faster<F: Field>(
    graph: &impl Model<F>,
    unit_energy: f64,
    sampler: Sampler,
    betas: &[f64],
) -> Option<FasterSampler> {
    if is_free_of_conflicts(graph) {
        let sampler = match sampler {
            Sampler::Wolff => Sampler::Glauber,
            _ => Sampler::Wolff,
        };
        return Some(FasterSampler {
            sampler,
            ladder: None,
        });
    }
    let n = graph.units();
    let mut squares = 0.0;
    for unit in 0..n {
        let real = |w: F| unit_energy * graph.real(w.into());
        squares += real(graph.external(unit)).powi(2);
        graph.couplings(unit, |_, w| squares += real(w).powi(2));
    }
    let typical = (squares / n as f64).sqrt();
    let cold = betas.last().copied().filter(|&beta| beta > 0.0)?;
    let hot = two_digits((0.3 / typical).min(cold / 4.0));
    // Energies scatter by this much where it is hottest, counting each pair once.
    let scatter = (squares / 2.0).sqrt();
    let points = ((cold - hot) * scatter / 1.5 + 1.0).ceil();
    let points = points.clamp(*POINTS.start(), *POINTS.end());
    let first = betas.first().copied().unwrap_or(cold);
    let covered = sampler == Sampler::Tempering && first <= hot && betas.len() as f64 >= points;
    (!covered).then_some(FasterSampler {
        sampler: Sampler::Tempering,
        ladder: Some(Ladder {
            hot,
            cold,
            points: points as usize,
        }),
    })
}

/// Whether there are no fields, and signs for the spins that make every coupling positive.
fn is_free_of_conflicts<F: Field>(graph: &impl Model<F>) -> bool {
    let none = F::default();
    let n = graph.units();
    let mut signs = vec![0_i32; n];
    for first in 0..n {
        if graph.external(first) != none {
            return false;
        }
        if signs[first] != 0 {
            continue;
        }
        signs[first] = 1;
        let mut waiting = vec![first];
        while let Some(unit) = waiting.pop() {
            let mut free = true;
            graph.couplings(unit, |j, w| {
                let sign = if w > none { signs[unit] } else { -signs[unit] };
                if signs[j] == 0 && w != none {
                    signs[j] = sign;
                    waiting.push(j);
                }
                free &= w == none || signs[j] == sign;
            });
            if !free {
                return false;
            }
        }
    }
    true
}

/// A number rounded down to two digits.
fn two_digits(x: f64) -> f64 {
    let unit = 10_f64.powf(x.log10().floor() - 1.0);
    let digits = (x / unit).floor();
    // 1 / unit is a whole number for small numbers, which makes the decimal exact.
    if unit < 1.0 {
        digits / (1.0 / unit).round()
    } else {
        digits * unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::transition::Family;

    #[test]
    fn models_without_conflicts_get_clusters_and_others_a_ladder() {
        for family in Family::all() {
            let graph = family.sparse().unwrap();
            let advice = faster(&graph, 1.0, Sampler::Glauber, &[2.0]).unwrap();
            let even = ["ring of 3, J -4", "ring of 5, J -4", "glass", "fields"];
            let conflict = even.iter().any(|word| family.name.contains(word));
            let expected = match conflict {
                true => Sampler::Tempering,
                false => Sampler::Wolff,
            };
            assert_eq!(advice.sampler, expected, "{}", family.name);
            assert_eq!(advice.ladder.is_some(), conflict);
            if let Some(ladder) = advice.ladder {
                assert!(ladder.hot < 1.0 && ladder.cold == 2.0, "{ladder:?}");
                let ladder: Vec<f64> = (0..100).map(|k| 0.02 * f64::from(k + 1)).collect();
                assert_eq!(faster(&graph, 1.0, Sampler::Tempering, &ladder), None);
            }
        }
    }

    #[test]
    fn numbers_are_rounded_down_to_two_digits() {
        for (x, expected) in [
            (0.0678, "0.067"),
            (1.29, "1.2"),
            (340.0, "340"),
            (0.3, "0.3"),
            (12.7, "12"),
        ] {
            assert_eq!(two_digits(x).to_string(), expected);
        }
    }
}
