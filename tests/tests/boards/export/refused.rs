//! Bad input: one line, exit code 2, nothing written, nothing lost.

use std::fs;

use bitspin_tests::command::{refused, run};

use super::{parameters, workplace, write_model};

#[test]
fn options_without_a_meaning() {
    let place = workplace();
    let rbm = ["model.safetensors", "--to", "x.bsp", "--data", "data"];
    let memory = ["--hopfield", "--to", "x.bsp", "--data", "data"];
    let cases: &[(&[&str], &[&str], &[&str])] = &[
        (&rbm, &["--weights", "i2"], &["--weights", "i2", "ternary"]),
        (&rbm, &["--threads", "0"], &["--threads", "1 to"]),
        (&rbm, &["--seed", "-1"], &["-1"]),
        (&rbm, &["--binarise", "grey"], &["--binarise", "stochastic"]),
        (&rbm, &["--rule", "hebb"], &["--hopfield"]),
        (&rbm, &["--patterns", "3"], &["--hopfield"]),
        (&rbm, &["--noise", "0.1"], &["--hopfield"]),
        (&rbm, &["--threshold", "0.1"], &["--hopfield"]),
        (&rbm, &["--pictures", "p.png"], &["--pictures"]),
        (
            &rbm,
            &["--hopfield"],
            &["--hopfield", "cannot be used with"],
        ),
        (&memory, &["--binarise", "stochastic"], &["--binarise"]),
        (&rbm, &["--halve"], &["--halve", "8 x 9"]),
        (&memory, &["--halve"], &["--halve"]),
        (
            &memory,
            &["--patterns", "0"],
            &["--patterns", "1 to 30", "0"],
        ),
        (
            &memory,
            &["--patterns", "31"],
            &["--patterns", "1 to 30", "31"],
        ),
        (&memory, &["--noise", "1.5"], &["--noise", "0 to 1"]),
        (&memory, &["--noise", "nan"], &["--noise", "0 to 1"]),
        (&memory, &["--threshold", "-1"], &["--threshold", "0 to 1"]),
        (&memory, &["--rule", "magic"], &["--rule", "magic"]),
        (&memory, &["--rule", "dense:3"], &["--rule", "dense:3"]),
        (
            &memory,
            &["--weights", "i8"],
            &["--weights", "exponential", "none"],
        ),
        (
            &memory,
            &["--rule", "hebb", "--weights", "sign"],
            &["--weights", "hebb"],
        ),
        (
            &memory,
            &["--rule", "storkey", "--weights", "i4"],
            &["--weights", "i16, i8 or sign"],
        ),
        (
            &memory,
            &["--rule", "clipped", "--weights", "i8"],
            &["--weights", "sign"],
        ),
        (
            &memory,
            &[
                "--rule",
                "pseudo-inverse",
                "--patterns",
                "30",
                "--threshold",
                "0",
            ],
            &["different images", "--threshold"],
        ),
    ];
    for (fixed, options, words) in cases {
        let arguments: Vec<_> = ["firmware", "export"]
            .iter()
            .chain(*fixed)
            .chain(*options)
            .copied()
            .collect();
        refused(place.path(), &arguments, words);
    }
}

#[test]
fn unknown_formats_and_existing_files_are_refused() {
    let place = workplace();
    for to in ["x", "x.bin", "x.BSP", "data", ".rs", "x.bsp/"] {
        let words = match to {
            "x.bsp/" => &["x.bsp/"][..],
            _ => &["--to", ".bsp or .rs"],
        };
        refused(
            place.path(),
            &["firmware", "export", "odd.safetensors", "--to", to],
            words,
        );
    }
    fs::write(place.path().join("here.bsp"), "earlier").unwrap();
    let export = ["firmware", "export", "odd.safetensors", "--to", "here.bsp"];
    refused(place.path(), &export, &["here.bsp", "--force"]);
    refused(
        place.path(),
        &["firmware", "export", "odd.safetensors"],
        &["--to"],
    );
    refused(
        place.path(),
        &["firmware", "export", "--to", "x.bsp"],
        &["MODEL"],
    );
    assert_eq!(
        run(place.path(), export.iter().chain(&["--force"])).code,
        Some(0)
    );
    assert!(
        fs::read(place.path().join("here.bsp"))
            .unwrap()
            .starts_with(b"bitspin\0")
    );
}

#[test]
fn invalid_models_are_refused() {
    let place = workplace();
    let bytes = fs::read(place.path().join("model.safetensors")).unwrap();
    fs::write(
        place.path().join("cut.safetensors"),
        &bytes[..bytes.len() - 1],
    )
    .unwrap();
    let mut huge = parameters(72, 30);
    huge.w.fill(1e4);
    write_model(&place.path().join("huge.safetensors"), huge);
    let cases: &[(&str, &[&str])] = &[
        (
            "missing.safetensors",
            &["missing.safetensors", "cannot be read"],
        ),
        ("data", &["data", "expected a plain file"]),
        ("cut.safetensors", &["cut.safetensors", "cut short"]),
        ("huge.safetensors", &["huge.safetensors", "32767"]),
    ];
    for (model, words) in cases {
        let arguments = [
            "firmware", "export", model, "--to", "x.rs", "--data", "data",
        ];
        refused(place.path(), &arguments, words);
    }
    let other = [
        "firmware",
        "export",
        "odd.safetensors",
        "--to",
        "x.rs",
        "--data",
        "data",
    ];
    refused(
        place.path(),
        &other,
        &["odd.safetensors", "19 visible units", "72 pixels"],
    );
}

#[test]
fn invalid_blobs_are_refused() {
    let place = workplace();
    let at = |name: &str| place.path().join(name);
    let export = ["firmware", "export", "odd.safetensors", "--to", "odd.bsp"];
    assert_eq!(run(place.path(), export).code, Some(0));
    let bytes = fs::read(at("odd.bsp")).unwrap();
    let flipped = |bit: usize| {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    };
    fs::write(at("empty.bsp"), "").unwrap();
    fs::write(at("cut.bsp"), &bytes[..bytes.len() - 1]).unwrap();
    fs::write(at("long.bsp"), [&bytes[..], &[0; 8]].concat()).unwrap();
    fs::write(at("version.bsp"), flipped(8 * 8 + 1)).unwrap();
    fs::write(at("flipped.bsp"), flipped(8 * 40)).unwrap();
    let cases: &[(&str, &[&str])] = &[
        ("missing.bsp", &["cannot be read"]),
        ("data", &["expected a plain file"]),
        ("empty.bsp", &["0 bytes"]),
        ("cut.bsp", &["bytes by the header, found"]),
        ("long.bsp", &["bytes by the header, found"]),
        ("version.bsp", &["version"]),
        ("flipped.bsp", &["checksum"]),
        ("model.safetensors", &["not a bitspin blob"]),
    ];
    for (file, words) in cases {
        let words: Vec<_> = [*file].into_iter().chain(words.iter().copied()).collect();
        refused(place.path(), &["firmware", "info", file], &words);
    }
}
