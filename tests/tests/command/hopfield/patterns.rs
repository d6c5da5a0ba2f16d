//! Patterns from pictures: which are refused, which a rule cannot tell apart, and which files are left out.

use std::fs;

use bitspin_tests::command::{self, run};

use super::{hopfield, picture, refused, workplace, write_png};

#[test]
fn patterns_that_cannot_be_stored() {
    let place = workplace();
    let pictures = place.path().join("pictures");
    let recall = |more: &[&str], words: &[&str]| {
        refused(
            &place,
            &[&["recall", "--pictures", "pictures"], more].concat(),
            words,
        );
    };
    refused(
        &place,
        &["recall", "--data", "data", "--patterns", "0"],
        &["--patterns", "1 to 30"],
    );
    refused(
        &place,
        &["recall", "--data", "data", "--patterns", "31"],
        &["--patterns", "31"],
    );
    recall(&["--patterns", "4"], &["--patterns", "1 to 3", "4"]);
    fs::copy(pictures.join("0.png"), pictures.join("3.png")).unwrap();
    recall(
        &[],
        &[
            "patterns 0 (pictures/0.png) and 3 (pictures/3.png) are equal",
            "leave one out",
        ],
    );
    let inverse: Vec<u8> = picture(1, 0).iter().map(|grey| 255 - grey).collect();
    write_png(&pictures.join("3.png"), (9, 8), &inverse);
    recall(&[], &["pseudo-inverse", "patterns 1 and 3", "inverses"]);
    assert_eq!(
        hopfield(
            &place,
            &["recall", "--pictures", "pictures", "--rule", "hebb"]
        )
        .code,
        Some(0)
    );
    write_png(&pictures.join("3.png"), (8, 9), &picture(1, 1));
    recall(&[], &["3.png", "9 x 8", "8 x 9"]);
    fs::write(pictures.join("3.png"), "no picture").unwrap();
    recall(&[], &["3.png", "PNG"]);
    fs::remove_file(pictures.join("3.png")).unwrap();
    recall(&["nowhere.png"], &["nowhere.png"]);
    fs::create_dir(place.path().join("empty")).unwrap();
    refused(
        &place,
        &["recall", "--pictures", "empty"],
        &["empty", "PNG"],
    );
    write_png(&place.path().join("dot.png"), (1, 1), &[255]);
    refused(
        &place,
        &["recall", "--pictures", "dot.png"],
        &["units", "not 1"],
    );
}

/// Case 05: pictures whose pixels are 0 and 1, and red ones, are black at the default threshold.
#[test]
fn patterns_that_are_equal_are_refused_with_a_threshold_that_helps() {
    let place = workplace();
    let at = |name: &str| place.path().join(name);
    for (folder, ink) in [("masks", 1), ("red", 76)] {
        fs::create_dir(at(folder)).unwrap();
        for k in 0..3 {
            let shape = picture(k, 0);
            let dark: Vec<u8> = shape
                .iter()
                .map(|&p| if p > 99 { ink } else { 0 })
                .collect();
            write_png(&at(&format!("{folder}/{k}.png")), (9, 8), &dark);
        }
    }
    for (folder, helps) in [("masks", "0.001"), ("red", "0.14")] {
        let hint = format!("--threshold {helps} keeps all patterns distinct");
        let words = [
            &format!("patterns 0 ({folder}/0.png) and 1 ({folder}/1.png) are equal (all black)")[..],
            &hint,
        ];
        for rule in ["hebb", "pseudo-inverse", "exponential", "dense:3"] {
            let recall = [
                "hopfield",
                "recall",
                "--pictures",
                folder,
                "--rule",
                rule,
                "--out",
                "x.png",
            ];
            command::refused(place.path(), &recall, &words);
        }
        let export = [
            "firmware",
            "export",
            "--hopfield",
            "--pictures",
            folder,
            "--to",
            "x.bsp",
        ];
        command::refused(place.path(), &export, &words);
        let recall = [
            "hopfield",
            "recall",
            "--pictures",
            folder,
            "--threshold",
            helps,
            "--json",
        ];
        assert_eq!(run(place.path(), recall).json()["exact"], 3);
    }
    let twice = [
        "hopfield",
        "recall",
        "--pictures",
        "pictures/0.png",
        "pictures/0.png",
    ];
    command::refused(place.path(), &twice, &["leave one out"]);
}

#[test]
fn complements_are_said_where_a_rule_cannot_tell_them_apart() {
    let place = workplace();
    let inverse: Vec<u8> = picture(0, 0).iter().map(|&p| 255 - p).collect();
    write_png(&place.path().join("inverse.png"), (9, 8), &inverse);
    let said = |rule: &str| {
        let pictures = ["pictures/0.png", "inverse.png", "pictures/1.png"];
        let recall = ["hopfield", "recall", "--rule", rule, "--pictures"];
        let outcome = run(place.path(), recall.iter().chain(&pictures));
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome.stderr
    };
    let pair = "note: patterns 0 (pictures/0.png) and 1 (inverse.png) are complements of each other; rule ";
    assert_eq!(
        said("hebb"),
        format!("{pair}hebb stores them as one pattern\n")
    );
    assert_eq!(
        said("dense:3"),
        format!("{pair}dense:3 stores neither: they cancel each other\n")
    );
    assert_eq!(said("exponential"), "");
}

/// Case 21: what macOS and Windows put beside pictures.
#[test]
fn files_that_are_no_pictures_are_left_out_of_folders_and_counted() {
    let place = workplace();
    let folder = place.path().join("pictures");
    for hidden in ["._0.png", ".DS_Store"] {
        fs::write(folder.join(hidden), "x").unwrap();
    }
    let recall = ["hopfield", "recall", "--pictures", "pictures", "--json"];
    let outcome = run(place.path(), recall);
    assert_eq!(
        (outcome.json()["patterns"].as_u64(), &outcome.stderr[..]),
        (Some(3), "")
    );
    fs::write(folder.join("Thumbs.db"), "x").unwrap();
    let outcome = run(place.path(), recall);
    let note = "note: pictures: Thumbs.db, which is not a PNG or JPEG file, was left out\n";
    assert_eq!(
        (outcome.json()["patterns"].as_u64(), &outcome.stderr[..]),
        (Some(3), note)
    );
    fs::create_dir(folder.join("more")).unwrap();
    let outcome = run(place.path(), recall);
    let note = "note: pictures: 2 entries that are not PNG or JPEG files were left out, such as Thumbs.db\n";
    assert_eq!(
        (outcome.json()["patterns"].as_u64(), &outcome.stderr[..]),
        (Some(3), note)
    );
    // Named by the user, a file is a picture or an error.
    command::refused(
        place.path(),
        &["hopfield", "recall", "--pictures", "pictures/._0.png"],
        &["expected a PNG or JPEG picture"],
    );
}
