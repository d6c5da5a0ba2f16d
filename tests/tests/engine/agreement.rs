//! The engine against the float64 reference and the exact results of `data/rbm_exact.json`.

use bitspin::validate::{Report, Row, Witnesses, run};
use bitspin_tests::RbmCase;

/// The largest error of a 16-bit probability; see `logistic16`.
const LOGISTIC: f64 = 2.8 / 65_536.0;

/// What rounding to float32 and fields of `1 + inputs` terms may add to half a quantisation step a term.
const SINGLE: f64 = 1e-6;

/// The cases of the file, quantised, with the engine's packed data.
fn cases() -> impl Iterator<Item = (RbmCase, Witnesses, Vec<Vec<u64>>)> {
    RbmCase::all().into_iter().map(|case| {
        let model = Witnesses::new(case.rbm()).expect("small parameters fit");
        let data = case.data.iter().map(|&v| vec![v as u64]).collect();
        (case, model, data)
    })
}

fn hidden_fields(model: &Witnesses, v: &[u64]) -> Vec<i16> {
    let mut fields = vec![0; model.shape().hidden_stride()];
    model.engine.hidden_fields(v, &mut fields).unwrap();
    fields
}

#[track_caller]
fn within(what: &str, found: f64, expected: f64, bound: f64) {
    let error = (found - expected).abs();
    assert!(
        error <= bound,
        "{what}: {found} is not {expected} within {bound:e}"
    );
}

#[test]
fn free_energies_are_those_of_the_file_within_quantisation() {
    for (case, model, data) in cases() {
        for (v, &expected) in data.iter().zip(&case.free_energy) {
            let found = model
                .engine
                .free_energy(v, &hidden_fields(&model, v))
                .unwrap();
            let set = f64::from(v[0].count_ones());
            let terms = set + case.hidden as f64 * (1.0 + set);
            let bound = terms * (model.half_step() + SINGLE);
            within("free energy", found, expected, bound);
            let sharp = model
                .quantised
                .free_energy(&bitspin::validate::unpack(v, case.visible));
            within("free energy, quantised", found, sharp, 1e-12);
        }
    }
}

#[test]
fn conditionals_are_those_of_the_file_within_quantisation() {
    for (case, model, data) in cases() {
        for (v, expected) in data.iter().zip(&case.p_hidden_given_data) {
            let mut p = vec![0; model.shape().hidden_stride()];
            model
                .engine
                .probabilities(&hidden_fields(&model, v), &mut p)
                .unwrap();
            let terms = 1.0 + f64::from(v[0].count_ones());
            // The logistic function is nowhere steeper than 1/4.
            let bound = LOGISTIC + terms * (model.half_step() + SINGLE) / 4.0;
            for (&p, &expected) in p.iter().zip(expected) {
                within("p(h|v)", f64::from(p) / 65_536.0, expected, bound);
            }
        }
    }
}

#[test]
fn energies_are_exact_for_the_quantised_machine() {
    for (case, model, data) in cases() {
        for (at, v) in data.iter().enumerate() {
            let h = vec![(at * 37 % (1 << case.hidden)) as u64];
            let found = model.engine.energy(v, &h).unwrap();
            let unpack = bitspin::validate::unpack;
            let (v, h) = (unpack(v, case.visible), unpack(&h, case.hidden));
            // Multiples of 2^-11 below 2^10: float64 sums of them are exact.
            assert_eq!(found, model.quantised.energy(&v, &h));
            let (set_v, set_h) = (v.iter().sum::<f64>(), h.iter().sum::<f64>());
            let terms = set_v * set_h + set_v + set_h;
            let expected = model.float.energy(&v, &h);
            within(
                "energy",
                found,
                expected,
                terms * (model.half_step() + SINGLE),
            );
        }
    }
}

#[test]
fn small_weights_keep_eleven_fraction_bits_and_large_ones_as_many_as_fit() {
    for (case, model, _) in cases() {
        let rbm = &model.float;
        let sum = |bias: &[f64], weight: &dyn Fn(usize, usize) -> f64, inputs: usize| {
            let sums = bias.iter().enumerate().map(|(unit, bias)| {
                bias.abs()
                    + (0..inputs)
                        .map(|input| weight(unit, input).abs())
                        .sum::<f64>()
            });
            sums.fold(0.0, f64::max)
        };
        let largest = sum(&rbm.hidden_bias, &|j, i| rbm.weight(j, i), case.visible).max(sum(
            &rbm.visible_bias,
            &|i, j| rbm.weight(j, i),
            case.hidden,
        ));
        let fits = |bits: u32| largest * f64::from(1 << bits) < 32_700.0;
        let bits = model.engine.fraction_bits();
        assert!(fits(bits), "{largest} has no room in {bits} fraction bits");
        assert!(bits == 11 || !fits(bits + 1), "{largest} at {bits}");
    }
}

/// Another seed than `bitspin validate` takes by default, on two threads at once: equal seeds give equal rows.
#[test]
fn validation_passes_and_depends_on_the_seed_alone() {
    let (rows, again) = std::thread::scope(|scope| {
        let again = scope.spawn(|| run(7));
        (run(7), again.join().unwrap())
    });
    assert_eq!(rows, again);
    let report = Report::from(rows.clone());
    assert!(report.passed, "{report}");
    for word in [
        "fields",
        "probabilities",
        "free energies",
        "energies",
        "CD-1",
        "Gibbs",
        "SIMD",
        "update",
        "decisions",
        "mean-field",
    ] {
        let found = rows.iter().any(|row: &Row| row.quantity.contains(word));
        assert!(found, "no row says {word}");
    }
}
