//! `bitspin ising exact`, `anneal` and `convert`: what they find, and how they refuse.

use std::fs;
use std::path::Path;

use bitspin::model_file::{IsingFile, RbmFile, RbmParameters};
use bitspin::reference::Rbm;
use bitspin_tests::command::{Outcome, refused, run};
use serde_json::Value;

fn ising(place: &Path, options: &[&str]) -> Outcome {
    run(place, [&["ising"], options].concat())
}

fn numbers(json: &Value) -> Vec<f64> {
    match json {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => vec![
            value
                .as_f64()
                .unwrap_or_else(|| panic!("{value} is no number")),
        ],
    }
}

#[track_caller]
fn near(found: &Value, expected: &Value, bound: f64) {
    let (found, expected) = (numbers(found), numbers(expected));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert!(
            (found - expected).abs() <= bound,
            "{found}, expected {expected}"
        );
    }
}

/// The file's models in float64, so that nothing is rounded on the way but to float32: 1e-7 of a coupling, of which some
/// dozens add up.
#[test]
fn enumeration_prints_the_results_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let json: Value = serde_json::from_str(include_str!("../../data/ising_exact.json")).unwrap();
    for case in json["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["n"] != 1)
    {
        let narrow = |values: &Value| numbers(values).iter().map(|&x| x as f32).collect();
        let file = IsingFile {
            w: narrow(&case["w"]),
            h: narrow(&case["h"]),
            metadata: Default::default(),
        };
        fs::write(place.join("model.safetensors"), file.to_bytes().unwrap()).unwrap();
        let beta = case["beta"].to_string();
        let found = ising(
            place,
            &["exact", "model.safetensors", "--beta", &beta, "--json"],
        )
        .json();
        for key in ["ln_z", "mean_energy", "entropy", "mean_spin", "correlation"] {
            near(&found[key], &case[key], 2e-5);
        }
    }
}

#[test]
fn annealing_finds_a_known_cut_and_its_state() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    // A ring of 40 with a chord that spoils nothing: all 40 edges of the ring and, between odd and even, the chord are cut.
    let ring: String = (0..40)
        .map(|i| format!("{} {} 1\n", i + 1, (i + 1) % 40 + 1))
        .collect();
    fs::write(place.join("ring.txt"), format!("40 41\n{ring}1 22 3\n")).unwrap();
    let anneal = |options: &[&str]| {
        ising(
            place,
            &[&["anneal", "ring.txt", "--json"], options].concat(),
        )
        .json()
    };
    let found = anneal(&["--sweeps", "2000", "--threads", "1", "--out", "state.txt"]);
    assert_eq!(
        (found["cut"].as_f64(), found["energy"].as_f64()),
        (Some(43.0), Some(-43.0))
    );
    let state = numbers(&found["state"]);
    assert!((0..40).all(|i| state[i] == -state[(i + 1) % 40]));
    let lines = fs::read_to_string(place.join("state.txt")).unwrap();
    assert!(
        lines
            .lines()
            .map(|line| line.parse::<f64>().unwrap())
            .eq(state)
    );
    let again = anneal(&["--sweeps", "2000", "--threads", "3"]);
    assert_eq!(
        (&again["state"], &again["energies"]),
        (&found["state"], &found["energies"])
    );
    let linear = anneal(&[
        "--schedule",
        "linear",
        "--betas",
        "0.1..5",
        "--sweeps",
        "2000",
    ]);
    assert_eq!(linear["energy"].as_f64(), Some(-43.0));
}

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

/// The two ground states of a glass of seven bonds share the probability at any large beta; what overflows is refused.
#[test]
fn a_cold_glass_has_the_entropy_of_its_ground_states() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let glass = "6 7\n1 2 1\n2 3 -1\n3 4 2\n4 5 1\n5 6 1\n1 6 -1\n2 5 1\n";
    fs::write(place.join("g.txt"), glass).unwrap();
    for beta in ["1e9", "1e16", "1e300"] {
        let found = ising(place, &["exact", "g.txt", "--beta", beta, "--json"]).json();
        near(
            &found["entropy"],
            &Value::from(std::f64::consts::LN_2),
            1e-12,
        );
        near(&found["mean_energy"], &Value::from(-6.0), 1e-12);
    }
    fs::write(place.join("big.txt"), "3 2\n1 2 1e308\n2 3 1e308\n").unwrap();
    for command in ["exact", "sample", "anneal"] {
        refused(
            place,
            &["ising", command, "big.txt"],
            &["big.txt", "finite"],
        );
    }
    let hot = ["ising", "exact", "g.txt", "--beta", "1e308"];
    refused(place, &hot, &["g.txt", "finite times beta"]);
}

#[test]
fn probabilities_of_all_states_are_written() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    // Spin 0 is pushed up, spin 1 down, and they are not coupled with spin 2.
    fs::write(place.join("m.txt"), "1 1 0.5\n2 2 -1\n3 3 0\n").unwrap();
    let exact = |to: &str| {
        let options = [
            "exact",
            "m.txt",
            "--convention",
            "ising",
            "--beta",
            "2",
            "--probabilities",
            to,
        ];
        ising(place, &options)
    };
    assert_eq!(exact("p.csv").code, Some(0));
    let p = |number: usize| {
        let up = |i: usize, h: f64| {
            let s = if number >> i & 1 != 0 { 1.0 } else { -1.0 };
            1.0 / (1.0 + (-4.0 * h * s).exp())
        };
        up(0, 0.5) * up(1, -1.0) * 0.5
    };
    let text = fs::read_to_string(place.join("p.csv")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("number,state,probability", 9));
    assert!(lines[2].starts_with("1,+--,") && lines[5].starts_with("4,--+,"));
    for (number, line) in lines[1..].iter().enumerate() {
        let found: f64 = line.rsplit(',').next().unwrap().parse().unwrap();
        assert!((found - p(number)).abs() < 1e-15, "{line}");
    }
    assert_eq!(exact("p.npy").code, Some(0));
    let bytes = fs::read(place.join("p.npy")).unwrap();
    assert!(bytes.starts_with(b"\x93NUMPY"));
    let (numbers, _) = bytes[bytes.len() - 64..].as_chunks::<8>();
    for (number, bytes) in numbers.iter().enumerate() {
        assert!((f64::from_le_bytes(*bytes) - p(number)).abs() < 1e-15);
    }
    let exact = [
        "ising",
        "exact",
        "m.txt",
        "--convention",
        "ising",
        "--probabilities",
    ];
    refused(place, &[&exact[..], &["p.txt"]].concat(), &[".csv or .npy"]);
    refused(
        place,
        &[&exact[..], &["p.csv"]].concat(),
        &["p.csv", "--force"],
    );
}

/// Bonds of 0.001 to 0.02 beside one of 100,000, at a temperature of 0.01. With a fixed seed four comparisons of 4.5 standard
/// errors are made: false alarms 3 in 100,000.
#[test]
fn weak_couplings_beside_a_strong_one_are_sampled() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let weights = [
        -0.006538, -0.001296, 0.00784, 0.014934, -0.012591, 0.015139, 0.013459, 0.007813, 0.002645,
        -0.003139, 0.01458, 0.019603, 100_000.0,
    ];
    let lines = weights.iter().enumerate();
    let lines: String = lines
        .map(|(i, w)| format!("{} {} {w}\n", i + 1, i + 2))
        .collect();
    fs::write(place.join("sp.txt"), format!("14 13\n{lines}")).unwrap();
    let exact = ising(place, &["exact", "sp.txt", "--beta", "100", "--json"]).json();
    let exact = exact["mean_energy"].as_f64().unwrap();
    assert!((exact + 100_000.097).abs() < 5e-4, "{exact}");
    for sampler in ["glauber", "metropolis", "wolff", "tempering"] {
        let betas = if sampler == "tempering" {
            "--betas 50..100 --points 2"
        } else {
            "--beta 100"
        };
        let options = format!(
            "sample sp.txt {betas} --sampler {sampler} --sweeps 4000 --burn-in 500 --chains 4 --json"
        );
        let found = ising(place, &options.split(' ').collect::<Vec<_>>()).json();
        assert_eq!(found["numbers"]["bits"], 64);
        let points = found["points"].as_array().unwrap();
        let energy = &points.last().unwrap()["energy"];
        let (mean, error) = (
            energy["mean"].as_f64().unwrap(),
            energy["error"].as_f64().unwrap(),
        );
        assert!(error < 1e-4, "{sampler}: {error}");
        near(
            &Value::from(14.0 * mean),
            &Value::from(exact),
            4.5 * 14.0 * error,
        );
    }
    let text = ising(
        place,
        &[
            "sample",
            "sp.txt",
            "--beta",
            "100",
            "--sweeps",
            "10",
            "--burn-in",
            "0",
        ],
    );
    assert!(text.stdout.contains("held in 64 bits"), "{text:?}");
}

/// Dense models beyond 16 bits, of integers and of numbers that differ by twelve orders of magnitude.
#[test]
fn dense_models_of_large_numbers_are_annealed() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let mut random = bitspin::validate::Random::new(3);
    for (name, bits, betas) in [
        ("large.txt", 32, "1e-7..1e-3"),
        ("spread.txt", 64, "1e-7..1e7"),
    ] {
        let n = 12;
        let mut w = vec![0.0; n * n];
        let mut lines = String::new();
        for i in 0..n {
            for j in i + 1..n {
                let sign = random.number(1.0).signum();
                let value = match bits {
                    32 => sign * (random.number(2.0).abs() * 102_045.0).round(),
                    _ => sign * 10_f64.powf(random.number(6.0)),
                };
                (w[i * n + j], w[j * n + i]) = (-value, -value);
                lines.push_str(&format!("{} {} {value:?}\n", i + 1, j + 1));
            }
        }
        fs::write(
            place.join(name),
            format!("{n} {}\n{lines}", n * (n - 1) / 2),
        )
        .unwrap();
        let model = bitspin::reference::ising::Ising { w, h: vec![0.0; n] };
        let ground = model.energies().into_iter().fold(f64::INFINITY, f64::min);
        let found = ising(
            place,
            &[
                "anneal",
                name,
                "--betas",
                betas,
                "--sweeps",
                "2000",
                "--replicas",
                "32",
                "--json",
            ],
        )
        .json();
        assert_eq!(found["numbers"]["bits"], bits, "{name}");
        near(&found["energy"], &Value::from(ground), 1e-12 * ground.abs());
    }
}

#[test]
fn bad_models_end_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    fs::write(place.join("bad.txt"), "3 2\n1 2 1\n1 9 1\n").unwrap();
    fs::write(place.join("ring.txt"), "30 1\n1 2 1\n").unwrap();
    fs::write(place.join("pair.txt"), "2 1\n1 2 1\n").unwrap();
    fs::write(place.join("cut.safetensors"), [9, 0, 0]).unwrap();
    let file = IsingFile {
        w: vec![0.0, 1.0, 1.0, 0.0],
        h: vec![0.5, 0.0],
        metadata: Default::default(),
    };
    let good = file.to_bytes().unwrap();
    fs::write(place.join("fields.safetensors"), &good).unwrap();
    // The second coupling becomes 3 in place, or NaN: couplings are the last four numbers.
    for (name, value) in [("skew", 3.0_f32), ("nan", f32::NAN)] {
        let mut bytes = good.clone();
        let at = bytes.len() - 8;
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        fs::write(place.join(format!("{name}.safetensors")), bytes).unwrap();
    }
    let cases: [(&[&str], &str); 13] = [
        (&["exact", "missing.safetensors"], "missing.safetensors"),
        (&["exact", "missing.txt"], "missing.txt"),
        (&["exact", "cut.safetensors"], "cut short"),
        (
            &["exact", "skew.safetensors"],
            "1 at [0, 1] but 3 at [1, 0]",
        ),
        (
            &["exact", "nan.safetensors", "--symmetrise"],
            "NaN at [1, 0]",
        ),
        (
            &["exact", "ring.txt"],
            "30 spins; enumeration takes at most 24",
        ),
        (
            &["exact", "pair.txt", "--beta", "0"],
            "--beta: expected a finite number above 0, not 0",
        ),
        (&["exact", "pair.txt", "--beta", "-1"], "--beta"),
        (&["exact", "pair.txt", "--beta", "inf"], "--beta"),
        (
            &["anneal", "bad.txt"],
            "bad.txt, line 3: expected vertices 1 to 3, not 9",
        ),
        (&["anneal", "pair.txt", "--betas", "1..inf"], "FIRST..LAST"),
        (&["anneal", "pair.txt", "--replicas", "0"], "--replicas"),
        (
            &["convert", "fields.safetensors", "out.txt"],
            "spin 0 has a field",
        ),
    ];
    for (options, words) in cases {
        let ended = ising(place, options);
        assert_eq!(ended.code, Some(2), "{options:?}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{options:?}: {ended:?}");
        assert!(ended.stderr.contains(words), "{options:?}: {ended:?}");
    }
    assert!(!place.join("out.txt").exists());
    let mended = ising(
        place,
        &["exact", "skew.safetensors", "--symmetrise", "--json"],
    )
    .json();
    near(&mended["mean_energy"], &mended["mean_energy"], 0.0);
}
