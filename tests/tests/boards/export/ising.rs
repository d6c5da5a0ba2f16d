//! Ising models on their way to a board.

use std::fs;

use bitspin::firmware::BlobFile;
use bitspin::ising::file::Couplings;
use bitspin_core::bits::Bits;
use bitspin_core::blob::{Blob, Ising, IsingWeights};
use bitspin_core::ising::{Chain, Model, Temperature, UpdateRule};
use bitspin_core::network::Network;
use bitspin_core::rng::{Purpose, Streams};
use bitspin_tests::command::{refused, run};

use super::{glass, workplace};

#[test]
fn models_come_back_from_their_blobs_within_half_a_unit_of_their_last_place() {
    let place = workplace();
    let original = Couplings::of_file(&glass());
    for (weights, kind) in [("i8", IsingWeights::I8), ("i16", IsingWeights::I16)] {
        let to = format!("{weights}.bsp");
        let fixed = ["firmware", "export", "glass.safetensors", "--json"];
        let own = ["--weights", weights, "--to", &to];
        let arguments = fixed.iter().chain(&own);
        let told = run(place.path(), arguments).json();
        let file = BlobFile::load(place.path().join(&to)).unwrap();
        let Blob::Ising(model) = file.blob() else {
            panic!("another kind");
        };
        assert_eq!((model.units(), model.weights()), (30, kind));
        assert_eq!(model.stored(), None);
        let bits = model.fraction_bits();
        assert_eq!(told["fraction_bits"], bits);
        let step = 1.0 / f64::from(1_u32 << bits);
        let matrix = original.matrix();
        for i in 0..30 {
            model.couplings(i, |j, w| {
                let error = f64::from(w) * step - matrix[30 * i + j];
                assert!(error.abs() <= 0.5 * step, "{weights}: [{i}, {j}]: {error}");
            });
            let error = f64::from(model.external(i)) * step - original.h[i];
            assert!(error.abs() <= 0.5 * step, "{weights}: [{i}]: {error}");
        }
        // More bits lose less; 435 couplings, each off by step / sqrt(12) or so.
        let deviation = told["loss"]["standard_deviation"].as_f64().unwrap();
        assert!(deviation > 0.0 && deviation < 2.0 * step * (465.0_f64 / 12.0).sqrt());
        let info = run(place.path(), ["firmware", "info", &to, "--json"]).json();
        for key in [
            "kind",
            "units",
            "weights",
            "layout",
            "fraction_bits",
            "crc",
            "flash",
            "ram",
        ] {
            assert_eq!(info[key], told[key], "{key}");
        }
    }
}

#[test]
fn graphs_are_stored_in_sparse_rows_and_lose_nothing() {
    let place = workplace();
    let arguments = [
        "firmware", "export", "ring.txt", "--to", "ring.bsp", "--json",
    ];
    let told = run(place.path(), arguments).json();
    assert_eq!(told["loss"]["exact"], true);
    assert_eq!(
        (&told["layout"], &told["couplings"]),
        (&"sparse".into(), &70.into())
    );
    let shown = run(place.path(), ["firmware", "info", "ring.bsp"]);
    let words = "Ising model of 70 spins, 70 couplings of 8 bits in sparse rows, 0 binary places";
    assert!(shown.stdout.contains(words), "{shown:?}");
    let file = BlobFile::load(place.path().join("ring.bsp")).unwrap();
    let Blob::Ising(Ising::SparseI8(model)) = file.blob() else {
        panic!("another kind");
    };
    // A cut earns its weight, so that couplings are minus the weights.
    assert_eq!(model.row(0), (&[1, 69][..], &[1, 1][..]));
    assert_eq!(model.row(2), (&[1, 3][..], &[1, -2][..]));
}

/// One type for all models beside the model inside, which for matrices holds changes back for 64 spins and adds them in SIMD.
#[test]
fn the_blobs_own_type_samples_as_the_model_inside_does() {
    let place = workplace();
    for (model, weights) in [
        ("glass.safetensors", "i16"),
        ("glass.safetensors", "i8"),
        ("ring.txt", "i8"),
    ] {
        let export = ["firmware", "export", model, "--to", "x.bsp", "--force"];
        let told = run(place.path(), export.iter().chain(&["--weights", weights]));
        assert_eq!(told.code, Some(0), "{told:?}");
        let file = BlobFile::load(place.path().join("x.bsp")).unwrap();
        let Blob::Ising(ising) = file.blob() else {
            panic!("another kind");
        };
        for rule in [UpdateRule::Glauber, UpdateRule::Metropolis] {
            let expected = match ising {
                Ising::DenseI16(inside) => walk(&inside, rule),
                Ising::DenseI8(inside) => walk(&inside, rule),
                Ising::SparseI16(inside) => walk(&inside, rule),
                Ising::SparseI8(inside) => walk(&inside, rule),
                _ => panic!("another model"),
            };
            assert_eq!(walk(&ising, rule), expected, "{model} {weights} {rule:?}");
        }
    }
}

/// States and energies of a chain that cools.
fn walk<M: Model>(model: &M, rule: UpdateRule) -> Vec<(Vec<u64>, i64)> {
    let units = model.units();
    let (mut state, mut fields) = (vec![0; units.div_ceil(64)], vec![0; units]);
    let bits = Bits::new(units, &mut state[..]).unwrap();
    let rng = Streams::new(4, Purpose::Chains).next_chain();
    let mut chain = Chain::new(model, bits, &mut fields, rng).unwrap();
    chain.randomise();
    (0..60)
        .map(|sweep| {
            let beta = 0.1 * f64::from(1 + sweep);
            let temperature = Temperature::new(beta, model.fraction_bits()).unwrap();
            chain.sweep(rule, temperature);
            (chain.state().as_words().to_vec(), chain.energy())
        })
        .collect()
}

#[test]
fn invalid_ising_models_and_options_are_refused() {
    let place = workplace();
    let at = |name: &str| place.path().join(name);
    let mut file = glass();
    file.h[3] = 1e9;
    fs::write(at("large.safetensors"), file.to_bytes().unwrap()).unwrap();
    fs::write(at("wide.txt"), "3 1\n1 2 300\n").unwrap();
    fs::write(at("bad.txt"), "3 2\n1 2 1\n2 9 1\n").unwrap();
    let bytes = glass().to_bytes().unwrap();
    fs::write(at("cut.safetensors"), &bytes[..bytes.len() - 4]).unwrap();
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "ring.txt",
            &["--weights", "i4"],
            &["--weights", "i16 or i8"],
        ),
        (
            "ring.txt",
            &["--weights", "sign"],
            &["--weights", "i16 or i8"],
        ),
        ("ring.txt", &["--data", "data"], &["--data", "Ising"]),
        ("ring.txt", &["--halve"], &["--halve", "Ising"]),
        (
            "ring.txt",
            &["--binarise", "stochastic"],
            &["--binarise", "Ising"],
        ),
        ("ring.txt", &["--rule", "hebb"], &["--rule", "--hopfield"]),
        (
            "ring.txt",
            &["--beta", "-2"],
            &["--beta -2", "finite number that is not negative"],
        ),
        (
            "ring.txt",
            &["--beta", "nan"],
            &["--beta NaN", "finite number that is not negative"],
        ),
        ("odd.safetensors", &["--beta", "1"], &["--beta", "Ising"]),
        (
            "odd.safetensors",
            &["--symmetrise"],
            &["--symmetrise", "Ising"],
        ),
        ("bad.txt", &[], &["bad.txt, line 3", "not 9"]),
        ("wide.txt", &[], &["wide.txt", "fit their integers"]),
        ("large.safetensors", &[], &["large.safetensors", "2^22"]),
        ("cut.safetensors", &[], &["cut.safetensors", "cut short"]),
    ];
    for (model, options, words) in cases {
        let arguments = ["firmware", "export", model, "--to", "x.bsp"];
        let arguments: Vec<_> = arguments.iter().chain(*options).copied().collect();
        refused(place.path(), &arguments, words);
        assert!(!at("x.bsp").exists(), "{model}");
    }
    let wide = [
        "firmware",
        "export",
        "wide.txt",
        "--to",
        "x.bsp",
        "--weights",
        "i16",
    ];
    assert_eq!(run(place.path(), wide).code, Some(0));
}
