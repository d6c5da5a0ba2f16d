//! Images of any grey range and element type, as a user brings them: scaled and said, or refused.

use std::fs;
use std::path::Path;

use bitspin_tests::command::{Outcome, refused, run};
use tempfile::TempDir;

/// An IDX file of elements that are given as bytes.
fn idx(path: &Path, code: u8, sizes: &[u32], payload: &[u8]) {
    let mut bytes = vec![0, 0, code, sizes.len() as u8];
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(payload);
    fs::write(path, bytes).unwrap();
}

/// Two classes of 40 images of 4 x 4: the left or the right half is `ink`, with a spot of its own.
fn images(ink: u8) -> Vec<u8> {
    let pixel = |k: usize, i: usize| (i % 4 < 2) == k.is_multiple_of(2) && i != k % 16;
    (0..40 * 16)
        .map(|at| ink * u8::from(pixel(at / 16, at % 16)))
        .collect()
}

fn place(ink: u8) -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("train-images-idx3-ubyte");
    idx(&data, 8, &[40, 4, 4], &images(ink));
    place
}

fn train(place: &Path, options: &[&str]) -> Outcome {
    let always = [
        "rbm",
        "train",
        "--data",
        ".",
        "--hidden",
        "4",
        "--epochs",
        "2",
        "--batch",
        "4",
        "--threads",
        "1",
        "--json",
    ];
    run(place, always.iter().chain(options))
}

/// Case 04: masks of 0 and 1 were black pictures at a threshold, and nearly black ones by chance. They train as those of 0
/// and 255 do, to the bit, and the user is told.
#[test]
fn masks_of_0_and_1_are_trained_on_as_those_of_0_and_255() {
    let models = |ink: u8, how: &str| {
        let place = place(ink);
        let outcome = train(place.path(), &["--out", "run", "--binarise", how]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let said = outcome.stderr.lines().any(|line| {
            line == ".: grey levels from 0 to 1: 0 is taken as black and 1 as white"
                || line == "note: .: grey levels from 0 to 1: 0 is taken as black and 1 as white"
        });
        assert_eq!(said, ink == 1, "{outcome:?}");
        let file = bitspin::model_file::RbmFile::load(place.path().join("run/model.safetensors"));
        file.unwrap().parameters
    };
    for how in ["threshold", "stochastic"] {
        assert_eq!(models(1, how), models(255, how), "{how}");
    }
}

#[test]
fn data_that_become_one_picture_are_refused_with_what_helps() {
    let place = place(100);
    let data = place.path().join("train-images-idx3-ubyte");
    let mut dim = images(100);
    dim[39 * 16] = 255;
    idx(&data, 8, &[40, 4, 4], &dim);
    let arguments = [
        "rbm",
        "train",
        "--data",
        ".",
        "--binarise",
        "threshold",
        "--epochs",
        "1",
    ];
    refused(
        place.path(),
        &arguments,
        &[
            "all 36 training images become the same picture, all black, with threshold=0.5; --binarise threshold=0.19 distinguishes",
        ],
    );
    let memory = ["hopfield", "recall", "--data", "."];
    refused(
        place.path(),
        &memory,
        &["all black", "--threshold 0.19 distinguishes"],
    );
    idx(&data, 8, &[40, 4, 4], &[0; 640]);
    for how in ["threshold", "stochastic"] {
        let arguments = [
            "rbm",
            "train",
            "--data",
            ".",
            "--binarise",
            how,
            "--epochs",
            "1",
        ];
        refused(
            place.path(),
            &arguments,
            &["all 36 training images are equal"],
        );
    }
}

/// Case 19: labels of QMNIST's form, 8 integers an image.
#[test]
fn integer_labels_of_eight_columns_are_read() {
    let place = place(255);
    let rows =
        (0..40_i32).flat_map(|k| (0..8).map(move |column| if column == 0 { k % 2 } else { 99 }));
    let payload: Vec<u8> = rows.flat_map(i32::to_be_bytes).collect();
    idx(
        &place.path().join("train-labels-idx2-int"),
        0x0c,
        &[40, 8],
        &payload,
    );
    let outcome = run(
        place.path(),
        [
            "hopfield", "classify", "--data", ".", "--rule", "hebb", "--json",
        ],
    );
    assert_eq!(outcome.json()["memories"][0]["test"], 4, "{outcome:?}");
    // What is said on standard error is in the JSON too.
    let note = ".: labels are the first of 8 columns, as in QMNIST";
    assert!(
        outcome.stderr.contains(&format!("note: {note}\n")),
        "{outcome:?}"
    );
    let notes = outcome.json()["notes"].clone();
    assert!(notes.as_array().unwrap().contains(&note.into()), "{notes}");
}
