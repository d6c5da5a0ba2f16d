//! `bitspin ising sample`: what it finds on lattices, what it writes, and how it refuses.

use std::fs;

use bitspin_tests::command::{refused, run};

/// 32 x 32 below the critical temperature is the infinite lattice to within its error bars: 4 of them, as the seed is fixed
/// and 4 comparisons are made.
#[test]
fn a_lattice_is_onsagers_within_its_error_bars() {
    let place = tempfile::tempdir().unwrap();
    let run = |sampler: &str, threads: &str| {
        let options = "ising sample --lattice 32x32 --betas 0.55..0.7 --points 2 --sweeps 500 --burn-in 100 --chains 4 --json";
        let more = ["--sampler", sampler, "--threads", threads];
        run(place.path(), options.split(' ').chain(more)).json()
    };
    let found = run("wolff", "1");
    for (point, exact) in [0, 1].map(|k| (&found["points"][k], &found["infinite_lattice"][k])) {
        for key in ["energy", "magnetisation"] {
            let (mean, error) = (&point[key]["mean"], &point[key]["error"]);
            let (mean, error) = (mean.as_f64().unwrap(), error.as_f64().unwrap());
            assert!(error > 0.0 && error < 0.002, "{key}: {error}");
            let exact = exact[key].as_f64().unwrap();
            assert!(
                (mean - exact).abs() < 4.0 * error,
                "{key}: {mean} +- {error}, {exact}"
            );
        }
        assert!(point["specific_heat"]["mean"].as_f64().unwrap() > 0.1);
        assert!(point["energy_convergence"]["r_hat"].as_f64().unwrap() < 1.02);
    }
    let mut again = run("wolff", "2");
    again["seconds"] = found["seconds"].clone();
    assert_eq!(again, found, "threads change nothing");
    assert_eq!(run("tempering", "1")["points"].as_array().unwrap().len(), 2);
}

#[test]
fn results_are_written_once_and_replaced_on_demand() {
    let place = tempfile::tempdir().unwrap();
    let options = "ising sample --lattice 8x6 --coupling -0.3 --field 0.1 --sampler glauber --betas 0.5..2 --points 3 --sweeps 50 --burn-in 10 --out out";
    let first = run(place.path(), options.split(' '));
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(first.stdout.contains("specific heat") && first.stdout.contains("Written to out"));
    let csv = fs::read_to_string(place.path().join("out/observables.csv")).unwrap();
    assert_eq!(csv.lines().count(), 4);
    assert!(csv.starts_with("beta,energy,energy_error,"));
    let svg = fs::read_to_string(place.path().join("out/temperature.svg")).unwrap();
    assert!(svg.contains("Susceptibility") && !svg.contains("Onsager"));
    assert!(
        fs::read(place.path().join("out/states.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    let options: Vec<_> = options.split(' ').collect();
    refused(place.path(), &options, &["observables.csv", "--force"]);
    let forced = run(place.path(), options.iter().chain(&["--force"]));
    assert_eq!(forced.code, Some(0));
}

#[test]
fn what_cannot_be_sampled_is_refused() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("graph.txt"), "3 2\n1 2 1\n2 3 x\n").unwrap();
    let cases: [(&str, &[&str]); 12] = [
        ("--lattice 1x5", &["--lattice", "sides of 2"]),
        ("--lattice 300x300", &["--lattice", "65536"]),
        ("--lattice 8", &["--lattice", "rows x columns"]),
        ("--lattice 8x8 --beta 0", &["--beta", "above 0"]),
        ("--lattice 8x8 --beta -1", &["--beta", "-1"]),
        ("--lattice 8x8 --beta inf", &["--beta", "inf"]),
        ("--lattice 8x8 --betas 0..1", &["--betas", "above 0"]),
        ("--lattice 8x8 --sampler tempering", &["ladder", "two"]),
        ("--lattice 8x8 --coupling nan", &["--coupling", "finite"]),
        ("--lattice 8x8 --sweeps 3", &["--sweeps"]),
        ("graph.txt", &["graph.txt", "3"]),
        ("missing.txt", &["missing.txt"]),
    ];
    for (options, words) in cases {
        let arguments: Vec<_> = ["ising", "sample"]
            .into_iter()
            .chain(options.split(' '))
            .collect();
        refused(place.path(), &arguments, words);
    }
}
