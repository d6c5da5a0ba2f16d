//! Tables on the command line: what is taken as what, which rows are held out, and that all of it is said.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use bitspin::npy;
use bitspin_tests::command::{Outcome, bitspin, refused, run};

/// Rows of 6 entries with two kinds of pattern, and their class.
fn rows(count: usize) -> Vec<([u8; 6], u8)> {
    let noise = |row: usize, at: usize| (row * 7 + at * 11 + row * row * at).is_multiple_of(9);
    let entry = |row: usize, at: usize| ((at < 3) == row.is_multiple_of(2)) != noise(row, at);
    let row = |row| {
        (
            std::array::from_fn(|at| u8::from(entry(row, at))),
            (row % 2) as u8,
        )
    };
    (0..count).map(row).collect()
}

/// A text of rows, `cell` of each entry, with names of the columns and the class last under `class`.
fn text(rows: &[([u8; 6], u8)], class: Option<&str>, cell: fn(u8) -> &'static str) -> String {
    let mut text = format!(
        "a,b,c,d,e,f{}\n",
        class.map_or(String::new(), |name| format!(",{name}"))
    );
    for (row, label) in rows {
        let cells: Vec<_> = row.iter().map(|&bit| cell(bit).to_string()).collect();
        let label = class.map_or(String::new(), |_| format!(",{label}"));
        text += &format!("{}{label}\n", cells.join(","));
    }
    text
}

fn bit(bit: u8) -> &'static str {
    ["0", "1"][usize::from(bit)]
}

fn good(place: &Path, arguments: &[&str]) -> Outcome {
    let outcome = run(place, arguments);
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
    outcome
}

fn model(place: &Path, run: &str) -> Vec<u8> {
    let file = fs::read(place.join(run).join("model.safetensors")).unwrap();
    // The metadata name the data; the weights follow the header.
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    file[8 + header..].to_vec()
}

/// Case 13: the default minibatch is no larger than the training set; a stated one is refused.
#[test]
fn small_data_train_with_the_default_minibatch() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    fs::write(place.join("toy.csv"), text(&rows(6), Some("label"), bit)).unwrap();
    for more in [
        &[][..],
        &["--preset", "quick", "--epochs", "2"],
        &["--labels", "--epochs", "2"],
    ] {
        let train = ["rbm", "train", "--data", "toy.csv", "--force"];
        let trained = good(place, &[&train[..], more].concat());
        assert!(trained.stdout.contains("batch 5,"), "{trained:?}");
        refused(
            place,
            &[&train[..], more, &["--batch", "16"]].concat(),
            &["--batch", "at most the 5 training images", "16"],
        );
    }
    let images = bitspin::data::Images::new(2, 2, (0..12).map(|k| 20 * k).collect()).unwrap();
    fs::create_dir(place.join("idx")).unwrap();
    let path = place.join("idx/train-images-idx3-ubyte");
    bitspin::data::write_images(&path, &images).unwrap();
    let trained = good(
        place,
        &[
            "rbm", "train", "--data", "idx", "--hidden", "3", "--out", "idx-run",
        ],
    );
    assert!(trained.stdout.contains("batch 2,"), "{trained:?}");
    good(
        place,
        &["boltzmann", "train", "--data", "toy.csv", "--epochs", "3"],
    );
}

/// Cases 06, 14 and 15: the same rows in every form give the same model, to the bit, and how they were taken is said.
#[test]
fn every_form_of_a_table_trains_the_same_model() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let rows = rows(60);
    let plain = text(&rows, None, bit);
    let numbers: Vec<u8> = rows.iter().flat_map(|(row, _)| *row).collect();
    let spins: Vec<u8> = numbers
        .iter()
        .map(|&bit| if bit == 1 { 1 } else { 255 })
        .collect();
    let signed = npy::Header::c_order(npy::Kind::Signed, 1, &[60, 6]).to_bytes();
    let levels: Vec<u8> = numbers.iter().map(|&bit| 255 * bit).collect();
    let write = |name: &str, bytes: &[u8]| fs::write(place.join(name), bytes).unwrap();
    write("plain.csv", plain.as_bytes());
    write("semi.csv", plain.replace(',', ";").as_bytes());
    write("tab.txt", plain.replace(',', "\t").as_bytes());
    write("comma.tsv", plain.as_bytes());
    write("trailing.csv", plain.replace('\n', ",\n").as_bytes());
    write(
        "marked.csv",
        format!("\u{feff}{}", plain.replace('\n', "\r\n")).as_bytes(),
    );
    write(
        "words.csv",
        text(&rows, None, |b| ["False", "True"][usize::from(b)]).as_bytes(),
    );
    write(
        "pm1.csv",
        text(&rows, None, |b| ["-1", "1"][usize::from(b)]).as_bytes(),
    );
    write("bits.npy", &npy::of_bytes(&[60, 6], &numbers));
    write("pm1.npy", &[signed, spins].concat());
    write("grey.npy", &npy::of_bytes(&[60, 6], &levels));
    let mut archive = zip::ZipWriter::new(fs::File::create(place.join("all.npz")).unwrap());
    for (name, numbers) in [("x.npy", &numbers), ("y.npy", &levels)] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive
            .write_all(&npy::of_bytes(&[60, 6], numbers))
            .unwrap();
    }
    archive.finish().unwrap();
    let train = |data: &str, run: &str| {
        let arguments = [
            "rbm", "train", "--epochs", "2", "--data", data, "--out", run,
        ];
        good(place, &arguments)
    };
    let first = train("plain.csv", "plain");
    assert_eq!(first.stderr, "note: plain.csv: names from line 1\n");
    assert!(
        first
            .stdout
            .contains("54 rows to train, the last 6 to test"),
        "{first:?}"
    );
    for (data, note) in [
        ("semi.csv", "names from line 1"),
        ("tab.txt", "names from line 1"),
        ("comma.tsv", "names from line 1"),
        ("trailing.csv", "the separator at the end of every line"),
        ("marked.csv", "names from line 1"),
        ("words.csv", "names from line 1"),
        ("pm1.csv", "-1 and +1 are taken as the bits 0 and 1"),
        ("bits.npy", ""),
        ("pm1.npy", "-1 and +1 are taken as the bits 0 and 1"),
        ("grey.npy", "grey levels from 0 to 255"),
        ("all.npz:x", ""),
    ] {
        let run = format!("run-{data}");
        let trained = train(data, &run);
        assert!(trained.stderr.contains(note), "{data}: {trained:?}");
        assert_eq!(model(place, &run), model(place, "plain"), "{data}");
    }
    let arguments = [
        "rbm", "train", "--epochs", "2", "--data", "-", "--out", "piped",
    ];
    let mut child = Command::new(bitspin())
        .args(arguments)
        .current_dir(place)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(plain.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(model(place, "piped"), model(place, "plain"));
    refused(
        place,
        &["rbm", "train", "--data", "all.npz"],
        &["x, y", "all.npz:NAME"],
    );
    refused(
        place,
        &["rbm", "train", "--data", "-", "--test", "-"],
        &["standard input"],
    );
    for name in ["pm1.csv", "plain.csv"] {
        let out = format!("boltzmann-{name}");
        good(
            place,
            &[
                "boltzmann",
                "train",
                "--data",
                name,
                "--epochs",
                "5",
                "--out",
                &out,
            ],
        );
    }
    assert_eq!(
        model(place, "boltzmann-pm1.csv"),
        model(place, "boltzmann-plain.csv")
    );
}

/// Cases 07, 08 and 31, and other options that decide or are refused.
#[test]
fn what_is_not_certain_is_refused_and_an_option_decides() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let write = |name: &str, text: &str| fs::write(place.join(name), text).unwrap();
    write("bad-first.csv", "1,1,x,1\n0,0,1,0\n1,0,1,0\n");
    write("half.csv", "a,b\n0.5,1\n1,1\n0,1\n1,0\n");
    write("counted.csv", "id,a,b\n1,1,0\n2,0,1\n3,1,1\n4,0,0\n");
    write("twice.csv", "who,a,b\nann,1,0\nann,0,1\nbob,1,1\n");
    write("nul.npy", "\u{93}NUMPY");
    let mut nul =
        b"\x93NUMPY\x01\x00\x40\x00{'descr': '<i8', 'fortran_order': False, 'shape': (".to_vec();
    nul.resize(100, 0);
    fs::write(place.join("nul.npy"), nul).unwrap();
    for (data, more, words) in [
        (
            "bad-first.csv",
            &[][..],
            &["line 1, column 3", "'x'", "--header"][..],
        ),
        (
            "bad-first.csv",
            &["--no-header"],
            &["line 1, column 3", "'x'"],
        ),
        (
            "half.csv",
            &[],
            &["line 2, column 1", "'0.5'", "--grey-range 0..1"],
        ),
        (
            "counted.csv",
            &[],
            &["column 1 counts the rows", "--row-names"],
        ),
        (
            "counted.csv",
            &["--row-names", "none"],
            &["line 3, column 1", "'2'"],
        ),
        (
            "counted.csv",
            &["--row-names", "7"],
            &["--row-names", "1 to 3", "id, a, b"],
        ),
        (
            "twice.csv",
            &[],
            &["line 3, column 1", "'ann'", "--row-names 1"],
        ),
        (
            "nul.npy",
            &[],
            &["nul.npy: expected the size of an axis in the NumPy header"],
        ),
        ("half.csv", &["--holdout", "1"], &["--holdout", "below 1"]),
        (
            "half.csv",
            &["--header", "--no-header"],
            &["--header", "--no-header"],
        ),
        ("films", &["--labels", "nothing"], &["--labels", "nothing"]),
        ("films", &["--test", "half.csv"], &["half.csv"]),
    ] {
        let train = ["rbm", "train", "--data", data];
        refused(place, &[&train[..], more].concat(), words);
    }
    refused(
        place,
        &["rbm", "train", "--test", "half.csv"],
        &["--test", "table"],
    );
    for (data, more, note) in [
        (
            "half.csv",
            &["--grey-range", "0..1"][..],
            "names from line 1",
        ),
        (
            "counted.csv",
            &["--row-names", "id"],
            "row names from column 'id'",
        ),
        (
            "twice.csv",
            &["--row-names", "1"],
            "row names from column 'who'",
        ),
        ("bad-first.csv", &["--header"], "names from line 1"),
    ] {
        let train = ["rbm", "train", "--force", "--epochs", "2", "--data", data];
        let trained = good(place, &[&train[..], more].concat());
        assert!(trained.stderr.contains(note), "{trained:?}");
    }
}

/// Labels in a column or in a file train the same model, which then classifies and calibrates by default on the rows that
/// were held out.
#[test]
fn tables_with_labels_train_classify_and_calibrate() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let rows = rows(120);
    let classes: Vec<u8> = rows.iter().map(|(_, label)| *label).collect();
    fs::write(place.join("kinds.csv"), text(&rows, Some("kind"), bit)).unwrap();
    fs::write(place.join("plain.csv"), text(&rows, None, bit)).unwrap();
    fs::write(place.join("y.npy"), npy::of_bytes(&[120], &classes)).unwrap();
    fs::write(place.join("few.npy"), npy::of_bytes(&[119], &classes[1..])).unwrap();
    let train = |data: &str, labels: &str, run: &str| {
        let options = [
            "--labels", labels, "--epochs", "40", "--batch", "8", "--hidden", "8", "--out", run,
        ];
        let options = [
            &["rbm", "train", "--data", data, "--holdout", "0.25"],
            &options[..],
        ]
        .concat();
        good(place, &options)
    };
    let first = train("kinds.csv", "kind", "column");
    assert!(
        first.stderr.contains("labels from column 'kind'"),
        "{first:?}"
    );
    train("kinds.csv", "7", "number");
    train("plain.csv", "y.npy", "file");
    for run in ["number", "file"] {
        assert_eq!(model(place, run), model(place, "column"), "{run}");
    }
    for run in ["column", "file"] {
        let path = format!("{run}/model.safetensors");
        let found = good(place, &["rbm", "classify", &path, "--json"]);
        let json = found.json();
        assert_eq!(json["rows"]["measured"], 30, "{json}");
        assert!(
            found
                .stderr
                .contains("evaluating its last 30 rows, which were held out"),
            "{found:?}"
        );
        assert!(json["error"].as_f64().unwrap() < 0.2, "{json}");
        let json = good(place, &["rbm", "calibrate", &path, "--json"]).json();
        assert_eq!(
            (&json["fitted_on"], &json["measured_on"]),
            (&15.into(), &15.into())
        );
    }
    let named = [
        "--data",
        "plain.csv",
        "--labels",
        "y.npy",
        "--holdout",
        "none",
        "--json",
    ];
    let all = good(
        place,
        &[&["rbm", "classify", "column/model.safetensors"], &named[..]].concat(),
    );
    assert_eq!(all.json()["rows"]["measured"], 120);
    refused(
        place,
        &["rbm", "train", "--data", "plain.csv", "--labels", "few.npy"],
        &["few.npy", "expected 120 labels", "found 119"],
    );
    refused(
        place,
        &["rbm", "train", "--data", "plain.csv", "--labels"],
        &["plain.csv", "label"],
    );
}

/// The rule: the rows held out in training where the data are those of the training, under any name; else all rows.
#[test]
fn the_rows_that_are_measured_are_chosen_by_a_rule_and_said() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let all = rows(100);
    fs::write(place.join("t.csv"), text(&all[..80], None, bit)).unwrap();
    fs::write(
        place.join("same.csv"),
        text(&all[..80], None, bit).replace(',', ";"),
    )
    .unwrap();
    fs::write(place.join("new.csv"), text(&all[80..], None, bit)).unwrap();
    good(
        place,
        &[
            "rbm",
            "train",
            "--data",
            "t.csv",
            "--epochs",
            "3",
            "--holdout",
            "0.2",
            "--out",
            "run",
        ],
    );
    let eval = |run: &str, more: &[&str]| {
        let path = format!("{run}/model.safetensors");
        let outcome = good(
            place,
            &[&["rbm", "eval", path.as_str(), "--exact", "--json"], more].concat(),
        );
        let json = outcome.json();
        (
            json["rows"].clone(),
            json["test_log_likelihood"].as_f64().unwrap(),
            outcome.stderr,
        )
    };
    let counts = |training: usize, measured: usize, held_out: &str| serde_json::json!({ "training": training, "measured": measured, "held_out": held_out });
    let (found, held_out, said) = eval("run", &[]);
    assert_eq!(found, counts(64, 16, "last"));
    assert!(
        said.contains("t.csv: evaluating its last 16 rows, which were held out"),
        "{said}"
    );
    let (found, same, said) = eval("run", &["--data", "same.csv"]);
    assert_eq!((found, same), (counts(64, 16, "last"), held_out), "{said}");
    let (found, fresh, said) = eval("run", &["--data", "new.csv"]);
    assert_eq!(found, counts(0, 20, "none"));
    assert!(said.contains("evaluating all 20 rows of new.csv"), "{said}");
    let (found, ..) = eval("run", &["--data", "new.csv", "--holdout", "0.5"]);
    assert_eq!(found, counts(10, 10, "last"));
    let (found, beside, _) = eval("run", &["--data", "t.csv", "--test", "new.csv"]);
    assert_eq!((found, beside), (counts(80, 20, "separate"), fresh));

    let with_test = [
        "--data", "t.csv", "--test", "new.csv", "--epochs", "3", "--out", "tested",
    ];
    let trained = good(place, &[&["rbm", "train"], &with_test[..]].concat());
    assert!(
        trained.stdout.contains("80 rows to train, 20 to test"),
        "{trained:?}"
    );
    assert_eq!(eval("tested", &[]).0, counts(80, 20, "separate"));
    let (found, _, said) = eval("tested", &["--data", "t.csv"]);
    assert_eq!(found, counts(0, 80, "none"));
    assert!(said.contains("no rows were held out"), "{said}");
    let none = [
        "--data",
        "t.csv",
        "--holdout",
        "none",
        "--epochs",
        "3",
        "--out",
        "none",
    ];
    let trained = good(place, &[&["rbm", "train"], &none[..]].concat());
    assert!(
        trained.stdout.contains("80 rows, none held out"),
        "{trained:?}"
    );
    assert_eq!(model(place, "none"), model(place, "tested"));
}

/// What says which rows are learned from is kept by `--resume`, and must not change.
#[test]
fn a_run_goes_on_with_the_rows_it_began_with() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let all = rows(100);
    fs::write(place.join("t.csv"), text(&all[..80], Some("y"), bit)).unwrap();
    fs::write(place.join("new.csv"), text(&all[80..], Some("y"), bit)).unwrap();
    for (name, options) in [
        ("holdout", &["--data", "t.csv", "--holdout", "0.3"][..]),
        ("test", &["--data", "t.csv", "--test", "new.csv"]),
        (
            "labels",
            &[
                "--data",
                "t.csv",
                "--labels",
                "y",
                "--header",
                "--row-names",
                "none",
            ],
        ),
    ] {
        let train = |epochs: &str, out: &str| {
            let rest = ["--epochs", epochs, "--hidden", "4", "--out", out];
            good(place, &[&["rbm", "train"], options, &rest[..]].concat());
        };
        let whole = format!("{name}-whole");
        train("4", &whole);
        train("2", name);
        refused(
            place,
            &[
                "rbm",
                "train",
                "--resume",
                name,
                "--holdout",
                "0.5",
                "--epochs",
                "4",
            ],
            &["--holdout"],
        );
        good(place, &["rbm", "train", "--resume", name, "--epochs", "4"]);
        assert_eq!(model(place, name), model(place, &whole), "{name}");
    }
}
