//! Which files make a set, and what is said of files that do not.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::data::{Images, write_images, write_labels};

/// A directory with images of 1 x `columns`, pixel value = index of the image, and labels.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn images(self, name: &str, count: u8, columns: usize) -> Self {
        let pixels = (0..count).flat_map(|i| vec![i; columns]).collect();
        write_images(
            &self.0.path().join(name),
            &Images::new(1, columns, pixels).unwrap(),
        )
        .unwrap();
        self
    }

    fn labels(self, name: &str, count: u8) -> Self {
        write_labels(&self.0.path().join(name), &(0..count).collect::<Vec<_>>()).unwrap();
        self
    }

    fn load(&self) -> Result<Dataset, DataError> {
        Dataset::load(Some(self.0.path()))
    }

    /// The error's message, one line, with the directory written as `DIR`.
    fn error(&self) -> String {
        let message = self.load().unwrap_err().to_string();
        assert!(!message.contains('\n'), "{message:?} is more than one line");
        message
            .replace(&*self.0.path().to_string_lossy(), "DIR")
            .replace('\\', "/")
    }
}

#[test]
fn takes_every_spelling() {
    for suffix in ["", ".gz"] {
        for dotted in [false, true] {
            let name = |name: &Name| {
                format!(
                    "{}{suffix}",
                    if dotted { name.dotted } else { name.standard }
                )
            };
            let files = Files::new()
                .images(&name(&TRAIN_IMAGES), 5, 4)
                .labels(&name(&TRAIN_LABELS), 5)
                .images(&name(&TEST_IMAGES), 3, 4)
                .labels(&name(&TEST_LABELS), 3);
            let set = files.load().unwrap();
            assert_eq!((set.train.images.count(), set.test.images.count()), (5, 3));
            assert_eq!(set.pixels_per_image(), 4);
            assert_eq!(set.train.labels.as_deref(), Some(&[0, 1, 2, 3, 4][..]));
            assert_eq!(set.test.labels.as_deref(), Some(&[0, 1, 2][..]));
        }
    }
}

#[test]
fn prefers_raw_to_gzipped() {
    let files = Files::new()
        .images("train-images-idx3-ubyte.gz", 20, 1)
        .images("train-images-idx3-ubyte", 10, 1);
    assert_eq!(files.load().unwrap().train.images.count(), 9);
}

#[test]
fn believes_content_before_name() {
    let files = Files::new().images("train-images-idx3-ubyte.gz", 20, 1);
    let path = files.0.path().join("train-images-idx3-ubyte");
    fs::rename(path.with_extension("gz"), path).unwrap();
    assert_eq!(files.load().unwrap().train.images.count(), 18);
}

#[test]
fn labels_are_optional_in_each_split() {
    let files =
        Files::new()
            .images("train-images-idx3-ubyte", 5, 2)
            .images("t10k-images-idx3-ubyte", 5, 2);
    let set = files.load().unwrap();
    assert_eq!((&set.train.labels, &set.test.labels), (&None, &None));
    assert!(
        set.to_string()
            .ends_with(": 5 images to train, 5 to test, 1 x 2, not labelled")
    );
    let set = files.labels("t10k-labels-idx1-ubyte", 5).load().unwrap();
    assert!(set.to_string().ends_with("test images labelled"));
    assert!(set.train.labels.is_none() && set.test.labels.is_some());
}

#[test]
fn holds_out_the_last_tenth_without_a_test_set() {
    for (count, held_out) in [(2, 1), (9, 1), (10, 1), (20, 2), (199, 19), (200, 20)] {
        let files = Files::new()
            .images("train-images-idx3-ubyte", count, 1)
            .labels("train-labels-idx1-ubyte", count);
        let Dataset { train, test, .. } = files.load().unwrap();
        let first = count - held_out;
        assert_eq!(train.images.pixels(), (0..first).collect::<Vec<_>>());
        assert_eq!(test.images.pixels(), (first..count).collect::<Vec<_>>());
        assert_eq!(test.labels.unwrap(), (first..count).collect::<Vec<_>>());
    }
}

#[test]
fn says_what_is_wrong_with_a_directory() {
    let train = "train-images-idx3-ubyte";
    let one = |count| {
        Files::new()
            .images(train, count, 4)
            .labels("train-labels-idx1-ubyte", 5)
    };
    for (files, message) in [
        (
            Files::new(),
            "DIR: no train-images-idx3-ubyte here, raw or .gz",
        ),
        (
            Files::new().labels("train-labels-idx1-ubyte", 5),
            "DIR: no train-images-idx3-ubyte here, raw or .gz, only its labels",
        ),
        (
            one(5).labels("t10k-labels-idx1-ubyte.gz", 5),
            "DIR: no t10k-images-idx3-ubyte here, raw or .gz, only its labels",
        ),
        (
            one(6),
            "DIR/train-labels-idx1-ubyte: expected 6 labels, one for each image of DIR/train-images-idx3-ubyte, found 5",
        ),
        (
            one(5).images("t10k-images.idx3-ubyte", 5, 3),
            "DIR/t10k-images.idx3-ubyte: expected images of 1 x 4 like the training set's, found 1 x 3",
        ),
        (
            Files::new().images(train, 1, 4),
            "DIR/train-images-idx3-ubyte: expected a test set or at least 2 training images to hold one out, found 1",
        ),
    ] {
        assert_eq!(files.error(), message);
    }
}

#[test]
fn says_what_is_not_a_directory() {
    let files = Files::new().images("train-images-idx3-ubyte", 5, 1);
    let load = |name: &str| Dataset::load(Some(&files.0.path().join(name))).unwrap_err();
    assert!(matches!(load("none"), DataError::NoDirectory { .. }));
    assert!(matches!(
        load("train-images-idx3-ubyte"),
        DataError::NotADirectory { .. }
    ));
    fs::create_dir(files.0.path().join("t10k-images-idx3-ubyte")).unwrap();
    assert_eq!(
        files.error(),
        "DIR/t10k-images-idx3-ubyte: expected a file, found something else"
    );
}
