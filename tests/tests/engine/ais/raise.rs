//! RAISE against the annealing model in float64.

use bitspin::BitMatrix;
use bitspin::evaluate::{Ais, AisSettings, BaseRate};
use bitspin::model_file::RbmParameters;
use bitspin::reference::states;
use bitspin_tests::RbmCase;

use super::{SETTINGS, narrow};

/// p_ann of every state: the base-rate model, and one Gibbs step at each of `betas` temperatures, in float64.
fn annealing_model(model: &RbmParameters, base: &[f64], betas: usize) -> Vec<f64> {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let product = |fields: &[f64], bits: usize| -> f64 {
        let units = fields.iter().enumerate();
        units
            .map(|(i, &x)| sigmoid(if bits >> i & 1 == 1 { x } else { -x }))
            .product()
    };
    let weight = |j: usize, i: usize| f64::from(model.w[j * model.visible + i]);
    let mut p: Vec<f64> = states(model.visible).map(|v| product(base, v)).collect();
    for beta in (1..=betas).map(|k| k as f64 / betas as f64) {
        let mut hidden = vec![0.0; 1 << model.hidden];
        for (v, p) in p.iter().enumerate() {
            let field = |j: usize| -> f64 {
                let set = (0..model.visible).filter(|i| v >> i & 1 == 1);
                beta * (f64::from(model.hidden_bias[j]) + set.map(|i| weight(j, i)).sum::<f64>())
            };
            let fields: Vec<f64> = (0..model.hidden).map(field).collect();
            for (h, sum) in hidden.iter_mut().enumerate() {
                *sum += p * product(&fields, h);
            }
        }
        p.fill(0.0);
        for (h, of_hidden) in hidden.iter().enumerate() {
            let field = |i: usize| -> f64 {
                let set = (0..model.hidden).filter(|j| h >> j & 1 == 1);
                let own = f64::from(model.visible_bias[i]) + set.map(|j| weight(j, i)).sum::<f64>();
                (1.0 - beta) * base[i] + beta * own
            };
            let fields: Vec<f64> = (0..model.visible).map(field).collect();
            for (v, p) in p.iter_mut().enumerate() {
                *p += of_hidden * product(&fields, v);
            }
        }
    }
    p
}

#[test]
fn raise_is_unbiased_for_the_annealing_model_and_its_logarithm_too_low() {
    let case = &RbmCase::all()[1];
    let model = narrow(case);
    let data = case.data.iter().map(|&v| v as u64).collect();
    let data = BitMatrix::from_bits(case.visible, data).unwrap();
    let base = BaseRate::of_data(&data);
    let real: Vec<f64> = base
        .biases()
        .iter()
        .map(|&a| f64::from(a) / 2048.0)
        .collect();
    let settings = AisSettings {
        betas: 3,
        ..SETTINGS
    };
    let ais = Ais::new(&model, &base, settings).unwrap();
    let exact = annealing_model(&model, &real, settings.betas);
    assert!((exact.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let rows = BitMatrix::from_bits(case.visible, (0..32).map(|k| 7 * k).collect()).unwrap();
    // 32 rows of 4,000 chains: 4.5 standard errors are exceeded once in 5,000.
    let many = ais.raise(&rows, 4000).unwrap();
    let exact_rows: Vec<f64> = rows
        .bits()
        .iter()
        .map(|&v| exact[v as usize].ln())
        .collect();
    for (found, exact) in many.rows.iter().zip(&exact_rows) {
        // Weights spread by `deviation` in their logarithm.
        let claimed = ((many.deviation.powi(2)).exp_m1() / 4000.0).sqrt();
        assert!(
            (found - exact).abs() < 4.5 * claimed,
            "{found}, {exact}, {claimed}"
        );
    }
    // With one chain a row the logarithm is too low by half the variance, about.
    let mut errors = vec![];
    for seed in 1..=20 {
        let ais = Ais::new(&model, &base, AisSettings { seed, ..settings }).unwrap();
        let one = ais.raise(&rows, 1).unwrap();
        assert!(one.deviation.is_nan());
        errors.extend(
            one.rows
                .iter()
                .zip(&exact_rows)
                .map(|(found, exact)| found - exact),
        );
    }
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let half = many.deviation.powi(2) / 2.0;
    assert!((-1.5 * half..-0.5 * half).contains(&mean), "{mean}, {half}");
}
