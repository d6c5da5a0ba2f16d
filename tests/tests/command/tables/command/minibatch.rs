//! The minibatch of data that are smaller than the default.

use std::fs;

use bitspin_tests::command::refused;

use super::{bit, good, rows, text};

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
