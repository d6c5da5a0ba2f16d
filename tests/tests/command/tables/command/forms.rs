//! The forms of a table: what is taken without a word, with a note, by an option, or not at all.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use bitspin::npy;
use bitspin_tests::command::{bitspin, refused};

use super::{bit, good, model, rows, text};

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
