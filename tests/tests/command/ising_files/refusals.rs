//! Bad models and options, which end in one line.

use std::fs;

use bitspin::model_file::IsingFile;

use super::{ising, near};

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
