//! Enumeration against the reference's: ln Z, the pseudo-log-likelihood and free energies of float parameters.

use super::{Random, Row, report::Worst};
use crate::BitMatrix;
use crate::evaluate;
use crate::model_file::RbmParameters;
use crate::reference;

/// Shapes small enough for the reference: a larger layer on either side.
const SHAPES: [(usize, usize); 6] = [(1, 1), (3, 9), (9, 3), (11, 10), (10, 11), (70, 6)];

/// The largest magnitudes of parameters.
const SCALES: [f64; 3] = [0.1, 1.0, 8.0];

/// What is allowed of rounding, relative to the sum of magnitudes that was added up.
const RELATIVE: f64 = 1e-12;

/// ln Z, free energies and pseudo-log-likelihoods by the fast paths, against the reference's plain loops.
pub(super) fn likelihoods(random: &mut Random) -> Vec<Row> {
    let (mut ln_z, mut free, mut pseudo) = (Worst::default(), Worst::default(), Worst::default());
    for (visible, hidden) in SHAPES {
        for scale in SCALES {
            let mut numbers = |count| {
                random
                    .numbers(count, scale)
                    .iter()
                    .map(|&x| x as f32)
                    .collect::<Vec<_>>()
            };
            let (w, visible_bias, hidden_bias) =
                (numbers(visible * hidden), numbers(visible), numbers(hidden));
            let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
            let witness = reference::Rbm::new(wide(&w), wide(&visible_bias), wide(&hidden_bias));
            let total: f64 = [&w, &visible_bias, &hidden_bias]
                .into_iter()
                .flatten()
                .map(|&x| f64::from(x.abs()))
                .sum();
            let bound = RELATIVE * (total + (visible + hidden) as f64);
            let model = RbmParameters {
                visible,
                hidden,
                w,
                visible_bias,
                hidden_bias,
            };

            let exact = evaluate::ln_z(&model, 2).unwrap_or(f64::NAN);
            ln_z.add(exact - witness.ln_z(), bound);
            let bits = random.vectors(visible, 5);
            let data: Vec<_> = bits
                .chunks(visible.div_ceil(64))
                .map(|v| super::unpack(v, visible))
                .collect();
            let Ok(images) = BitMatrix::from_bits(visible, bits) else {
                continue;
            };
            let found = evaluate::free_energies(&model, &images, 2).unwrap_or_default();
            for (k, v) in data.iter().enumerate() {
                free.add(
                    found
                        .get(k)
                        .map_or(f64::NAN, |f| f - witness.free_energy(v)),
                    bound,
                );
            }
            let found = evaluate::pseudo_log_likelihood(&model, &images, 2).unwrap_or(f64::NAN);
            pseudo.add(
                found - witness.pseudo_log_likelihood(&data),
                bound * visible as f64,
            );
        }
    }
    vec![
        ln_z.row("ln Z by enumeration"),
        free.row("free energies, float"),
        pseudo.row("pseudo-log-likelihood"),
    ]
}
