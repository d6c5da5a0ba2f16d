//! Files of every format and convention: graphs, QUBOs, triangular matrices, and conversion between them.

use std::fs;

use bitspin::model_file::{IsingFile, RbmFile, RbmParameters};
use bitspin::reference::Rbm;
use bitspin_tests::command::run;
use serde_json::Value;

use super::{ising, near, numbers};

#[test]
fn conversion_keeps_the_model() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    fs::write(place.join("a.txt"), "3 2\n1 2 1.5\n3 2 -2\n").unwrap();
    assert_eq!(
        ising(place, &["convert", "a.txt", "a.safetensors"]).code,
        Some(0)
    );
    let there = IsingFile::load(place.join("a.safetensors"), false).unwrap();
    assert_eq!(there.w, [0.0, -1.5, 0.0, -1.5, 0.0, 2.0, 0.0, 2.0, 0.0]);
    assert_eq!(
        ising(place, &["convert", "a.safetensors", "b.txt"]).code,
        Some(0)
    );
    assert_eq!(
        fs::read_to_string(place.join("b.txt")).unwrap(),
        "3 2\n1 2 1.5\n2 3 -2\n"
    );
    assert_eq!(
        ising(place, &["convert", "a.txt", "b.txt"]).code,
        Some(2),
        "it is there already"
    );

    // An RBM and its spins have one distribution: mean spins are 2 <unit> - 1.
    let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let parameters = RbmParameters {
        visible: 3,
        hidden: 2,
        w: vec![0.5, -1.0, 2.0, 0.25, 1.5, -0.75],
        visible_bias: vec![0.5, -0.25, 0.0],
        hidden_bias: vec![1.0, -0.5],
    };
    let rbm = Rbm::new(
        wide(&parameters.w),
        wide(&parameters.visible_bias),
        wide(&parameters.hidden_bias),
    );
    let metadata = Default::default();
    let file = RbmFile {
        parameters,
        metadata,
    };
    fs::write(place.join("rbm.safetensors"), file.to_bytes().unwrap()).unwrap();
    assert_eq!(
        ising(place, &["convert", "rbm.safetensors", "spins.safetensors"]).code,
        Some(0)
    );
    let found = ising(place, &["exact", "spins.safetensors", "--json"]).json();
    let moments = rbm.moments();
    let units = moments.mean_visible.iter().chain(&moments.mean_hidden);
    let expected: Vec<f64> = units.map(|p| 2.0 * p - 1.0).collect();
    near(&found["mean_spin"], &Value::from(expected), 1e-6);
}

/// A triangle of equal weights as an edge list of mixed habits and in other formats: three edges of which a cut holds two, so
/// that ln Z = ln(2 e^-3 + 6 e) at beta 1.
#[test]
fn graphs_of_all_formats_are_read_and_told() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let edges = "1 2 1\n2 3 1\n1 3 1\n";
    let files = [
        ("bom.txt", format!("\u{feff}3 3\n{edges}"), "edge list"),
        (
            "comment.txt",
            format!("# a graph\n3 3\n{edges}"),
            "edge list",
        ),
        ("coo.txt", edges.into(), "COO list"),
        (
            "mm.mtx",
            "%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n2 1 1\n3 2 1\n3 1 1\n".into(),
            "MatrixMarket coordinate real symmetric",
        ),
        (
            "d.col",
            "c\np col 3 3\ne 1 2\ne 2 3\ne 1 3\n".into(),
            "DIMACS col",
        ),
    ];
    for (name, text, format) in files {
        fs::write(place.join(name), text).unwrap();
        let found = ising(place, &["exact", name, "--json"]).json();
        let e = std::f64::consts::E;
        near(
            &found["ln_z"],
            &Value::from((2.0 * e.powi(-3) + 6.0 * e).ln()),
            1e-12,
        );
        assert_eq!(found["format"].as_str(), Some(format));
        assert_eq!(found["convention"].as_str(), Some("maxcut"));
        let other = ising(place, &["exact", name, "--convention", "ising", "--json"]).json();
        near(
            &other["ln_z"],
            &Value::from((2.0 * e.powi(3) + 6.0 / e).ln()),
            1e-12,
        );
        assert_eq!(other["convention"].as_str(), Some("ising"));
        let text = ising(place, &["exact", name, "--convention", "ising"]);
        assert!(text.stdout.contains("ising: J = w"), "{text:?}");
        let cut = ising(place, &["anneal", name, "--json"]).json();
        assert_eq!(cut["cut"].as_f64(), Some(2.0));
        let cold = ising(place, &["anneal", name, "--convention", "ising", "--json"]).json();
        assert_eq!(
            (cold["energy"].as_f64(), cold["cut"].as_f64()),
            (Some(-3.0), None)
        );
    }
    let told = ising(place, &["exact", "coo.txt"]);
    assert!(
        told.stderr.contains("note: coo.txt: no heading: 3 spins"),
        "{told:?}"
    );
}

/// Minimum -2 at x = 1, 0, 1.
#[test]
fn a_qubo_is_told_in_its_own_units() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let text = "c test\np qubo 0 3 3 2\n0 0 -1\n1 1 -1\n2 2 -1\n0 1 2\n1 2 2\n";
    fs::write(place.join("q.qubo"), text).unwrap();
    let found = ising(place, &["anneal", "q.qubo", "--json", "--out", "x.txt"]).json();
    assert_eq!(
        (found["energy"].as_f64(), found["offset"].as_f64()),
        (Some(-2.0), Some(-0.5))
    );
    assert_eq!(numbers(&found["assignment"]), [1.0, 0.0, 1.0]);
    assert_eq!(
        fs::read_to_string(place.join("x.txt")).unwrap(),
        "1\n0\n1\n"
    );
    let text = ising(place, &["anneal", "q.qubo"]).stdout;
    assert!(
        text.contains("lowest energy  -2\n") && text.contains("state          101"),
        "{text}"
    );
    // All eight states: energies 0, -1, -1, 0, -1, -2, 0, 1.
    let z = 2.0 + 1.0 + 3.0 * 1_f64.exp() + 2_f64.exp() + (-1_f64).exp();
    let exact = ising(place, &["exact", "q.qubo", "--json"]).json();
    near(&exact["ln_z"], &Value::from(z.ln()), 1e-12);
    let mean = (-3.0 * 1_f64.exp() - 2.0 * 2_f64.exp() + (-1_f64).exp()) / z;
    near(&exact["mean_energy"], &Value::from(mean), 1e-12);
    let sampled = "sample q.qubo --beta 0.1 --sampler glauber --sweeps 400 --chains 4 --json";
    let sampled = ising(place, &sampled.split(' ').collect::<Vec<_>>()).json();
    let exact = ising(place, &["exact", "q.qubo", "--beta", "0.1", "--json"]).json();
    let energy = &sampled["points"][0]["energy"];
    // One comparison at a fixed seed, false alarms 1 in 10,000.
    let bound = 4.0 * energy["error"].as_f64().unwrap();
    let mean = exact["mean_energy"].as_f64().unwrap() / 3.0;
    near(&energy["mean"], &Value::from(mean), bound);
    // As a safetensors file it keeps its units.
    assert_eq!(
        ising(place, &["convert", "q.qubo", "q.safetensors"]).code,
        Some(0)
    );
    let found = ising(place, &["anneal", "q.safetensors", "--json"]).json();
    assert_eq!(
        (found["energy"].as_f64(), found["convention"].as_str()),
        (Some(-2.0), Some("qubo"))
    );
    assert_eq!(ising(place, &["convert", "q.qubo", "q.mtx"]).code, Some(2));
}

/// One direction only is the coupling of a pair: ln Z is that of the symmetric matrix, with the option as without it.
#[test]
fn a_triangular_matrix_is_not_halved() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let pairs = [(0, 1, 0.9), (0, 2, -1.2), (1, 2, 0.4), (2, 3, 0.7)];
    let mut w = vec![0.0_f32; 16];
    for (i, j, value) in pairs {
        (w[i * 4 + j], w[j * 4 + i]) = (value, value);
    }
    let h = vec![0.1, -0.6, 0.0, 0.3];
    let file = IsingFile {
        w,
        h,
        metadata: Default::default(),
    };
    let full = file.to_bytes().unwrap();
    fs::write(place.join("full.safetensors"), &full).unwrap();
    // Couplings are the last 16 numbers.
    let mut upper = full.clone();
    let start = upper.len() - 64;
    for (i, j, _) in pairs {
        upper[start + 4 * (j * 4 + i)..][..4].fill(0);
    }
    fs::write(place.join("upper.safetensors"), upper).unwrap();
    let expected = ising(place, &["exact", "full.safetensors", "--json"]).json();
    for more in [&["--json"][..], &["--json", "--symmetrise"]] {
        let found = ising(place, &[&["exact", "upper.safetensors"], more].concat());
        assert!(found.stderr.contains("triangular"), "{found:?}");
        assert_eq!(found.json()["ln_z"], expected["ln_z"]);
    }
    let exported = |model: &str| {
        let path = place.join(format!("{model}.bsp"));
        let to = path.to_str().unwrap();
        let model = format!("{model}.safetensors");
        let ended = run(
            place,
            ["firmware", "export", &model, "--weights", "i16", "--to", to],
        );
        assert_eq!(ended.code, Some(0), "{ended:?}");
        fs::read(path).unwrap()
    };
    assert_eq!(exported("upper"), exported("full"));
}
