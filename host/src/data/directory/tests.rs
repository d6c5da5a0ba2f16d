//! Which files make a set, and what is said of files that do not.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::data::{Images, write_images, write_labels};

/// A directory with images of 1 x `columns`, pixel value = 255 less the index of the image, and labels.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn images(self, name: &str, count: u8, columns: usize) -> Self {
        let pixels = (0..count).flat_map(|i| vec![255 - i; columns]).collect();
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
    let [mnist, dotted, emnist, qmnist] = [
        STANDARD_NAMES,
        [
            "train-images.idx3-ubyte",
            "train-labels.idx1-ubyte",
            "t10k-images.idx3-ubyte",
            "t10k-labels.idx1-ubyte",
        ],
        [
            "emnist-letters-train-images-idx3-ubyte",
            "emnist-letters-train-labels-idx1-ubyte",
            "emnist-letters-test-images-idx3-ubyte",
            "emnist-letters-test-labels-idx1-ubyte",
        ],
        [
            "qmnist-train-images-idx3-ubyte",
            "qmnist-train-labels-idx2-int",
            "qmnist-test-images-idx3-ubyte",
            "qmnist-test-labels-idx2-int",
        ],
    ];
    for names in [mnist, dotted, emnist, qmnist] {
        for suffix in ["", ".gz"] {
            let name = |at: usize| format!("{}{suffix}", names[at]);
            let files = Files::new()
                .images(&name(0), 5, 4)
                .labels(&name(1), 5)
                .images(&name(2), 3, 4)
                .labels(&name(3), 3);
            let set = files.load().unwrap();
            assert_eq!((set.train.images.count(), set.test.images.count()), (5, 3));
            assert_eq!(set.pixels_per_image(), 4);
            assert_eq!(set.train.labels.as_deref(), Some(&[0, 1, 2, 3, 4][..]));
            assert_eq!(set.test.labels.as_deref(), Some(&[0, 1, 2][..]));
            let is_emnist = names == emnist;
            assert_eq!(set.notes.len(), usize::from(is_emnist), "{:?}", set.notes);
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
        let pixels = |range: std::ops::Range<u8>| range.map(|i| 255 - i).collect::<Vec<_>>();
        assert_eq!(train.images.pixels(), pixels(0..first));
        assert_eq!(test.images.pixels(), pixels(first..count));
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
    let files = files.images("t10k-labels.dat", 5, 1);
    let load = |name: &str| Dataset::load(Some(&files.0.path().join(name)));
    assert!(matches!(
        load("none").unwrap_err(),
        DataError::NoDirectory { .. }
    ));
    assert!(matches!(
        load("t10k-labels.dat").unwrap_err(),
        DataError::NotADirectory { .. }
    ));
    assert_eq!(
        load("train-images-idx3-ubyte").unwrap().train,
        files.load().unwrap().train
    );
    fs::create_dir(files.0.path().join("t10k-images-idx3-ubyte")).unwrap();
    assert_eq!(
        files.error(),
        "DIR/t10k-images-idx3-ubyte: expected a plain file, found a directory"
    );
}

impl Files {
    /// Bytes of any kind.
    fn bytes(self, name: &str, bytes: &[u8]) -> Self {
        fs::write(self.0.path().join(name), bytes).unwrap();
        self
    }

    /// Images of 1 x 2 with these grey levels.
    fn grey(self, name: &str, levels: &[u8]) -> Self {
        let images = Images::new(1, 2, levels.to_vec()).unwrap();
        write_images(&self.0.path().join(name), &images).unwrap();
        self
    }

    fn notes(&self) -> Vec<String> {
        let directory = self.0.path().to_string_lossy().into_owned();
        let notes = self.load().unwrap().notes;
        notes
            .iter()
            .map(|note| note.replace(&directory, "DIR"))
            .collect()
    }
}

#[test]
fn both_splits_are_scaled_by_the_range_of_all_images() {
    let files = Files::new()
        .grey("train-images-idx3-ubyte", &[0, 16, 4, 8])
        .grey("t10k-images-idx3-ubyte", &[0, 12]);
    let set = files.load().unwrap();
    assert_eq!(set.train.images.pixels(), [0, 255, 64, 128]);
    assert_eq!(set.test.images.pixels(), [0, 191]);
    assert_eq!(set.range.unwrap().to_string(), "0..16");
    assert_eq!(
        files.notes(),
        ["DIR: grey levels from 0 to 16: 0 is taken as black and 16 as white"]
    );
    // A range that is asked for comes before what the data hold.
    let range = |text: &str| {
        let levels = GreyLevels::In(text.parse().unwrap());
        super::load(files.0.path(), levels, Holdout::default())
    };
    assert_eq!(range("0..32").unwrap().test.images.pixels(), [0, 96]);
    let refused = range("0..8").unwrap_err().to_string();
    assert!(
        refused.contains("0..8, found levels from 0 to 16"),
        "{refused}"
    );
}

#[test]
fn masks_of_0_and_1_are_black_and_white() {
    let files = Files::new().grey("train-images-idx3-ubyte", &[0, 1, 1, 0, 1, 1]);
    let set = files.load().unwrap();
    assert_eq!(set.train.images.pixels(), [0, 255, 255, 0]);
    assert_eq!(set.test.images.pixels(), [255, 255]);
    assert_eq!(set.notes.len(), 1);
}

#[test]
fn splits_of_different_ranges_or_types_are_refused() {
    let train = || Files::new().grey("train-images-idx3-ubyte", &[0, 255, 9, 9]);
    assert_eq!(
        train().grey("t10k-images-idx3-ubyte", &[0, 1]).error(),
        "DIR/t10k-images-idx3-ubyte: expected the grey levels of the training set, which are from 0 to 255, \
         found 0 to 1"
    );
    // A split of black pictures holds no range of its own, and takes that of the other.
    let black = train().grey("t10k-images-idx3-ubyte", &[0, 0]);
    assert_eq!(black.load().unwrap().test.images.pixels(), [0, 0]);
    let mut floats = vec![0, 0, 0x0d, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2];
    floats.extend(
        [0.0_f32, 255.0]
            .iter()
            .flat_map(|level| level.to_be_bytes()),
    );
    assert_eq!(
        train().bytes("t10k-images-idx3-ubyte", &floats).error(),
        "DIR/t10k-images-idx3-ubyte: expected elements of type u8 like those of the training set, found f32"
    );
}

/// Twenty rows of eight integers, QMNIST's labels, under a name that the standard set does not have.
#[test]
fn integer_labels_are_read_and_other_label_files_named() {
    let mut labels = vec![0, 0, 0x0c, 2, 0, 0, 0, 20, 0, 0, 0, 8];
    for row in 0..20_i32 {
        for column in 0..8 {
            labels.extend((row % 10 * i32::from(column == 0)).to_be_bytes());
        }
    }
    let images = || Files::new().images("train-images-idx3-ubyte", 20, 1);
    let files = images().bytes("train-labels-idx2-int", &labels);
    let expected: Vec<u8> = (0..18).map(|row| row % 10).collect();
    assert_eq!(files.load().unwrap().train.labels.unwrap(), expected);
    assert_eq!(
        files.notes(),
        ["DIR: labels are the first of 8 columns, as in QMNIST"]
    );
    let files = images().bytes("train-labels.csv", b"1,2,3");
    assert!(files.load().unwrap().train.labels.is_none());
    let notes = files.notes();
    assert!(
        notes.len() == 1 && notes[0].starts_with("DIR: train-labels.csv is not read;"),
        "{notes:?}"
    );
    let both = images()
        .labels("train-labels-idx1-ubyte", 20)
        .bytes("train-labels-idx2-int", &labels);
    assert_eq!(
        both.notes(),
        ["DIR: train-labels-idx2-int is not read, train-labels-idx1-ubyte is"]
    );
}

/// Four gigabytes declared beside 20 images: refused by comparing counts, before anything is read.
#[test]
fn the_number_of_labels_is_compared_before_they_are_read() {
    let labels = [&[0, 0, 8, 1][..], &u32::MAX.to_be_bytes(), &[0; 20]].concat();
    let files = Files::new()
        .images("train-images-idx3-ubyte", 20, 1)
        .bytes("train-labels-idx1-ubyte", &labels);
    assert_eq!(
        files.error(),
        "DIR/train-labels-idx1-ubyte: expected 20 labels, one for each image of DIR/train-images-idx3-ubyte, found \
         4294967295"
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_an_error_and_not_an_absent_file() {
    for name in [
        "t10k-images-idx3-ubyte",
        "train-labels-idx1-ubyte.gz",
        "t10k-images.idx3-ubyte.gz",
    ] {
        let files = Files::new().images("train-images-idx3-ubyte", 20, 1);
        std::os::unix::fs::symlink("nowhere", files.0.path().join(name)).unwrap();
        assert_eq!(
            files.error(),
            format!("DIR/{name}: expected a file, found a link to a file that does not exist")
        );
    }
}

#[test]
fn several_sets_are_refused_and_one_can_be_named() {
    let files = Files::new()
        .images("emnist-letters-train-images-idx3-ubyte", 20, 1)
        .images("emnist-digits-train-images-idx3-ubyte.gz", 10, 1)
        .images("train-images-idx3-ubyte", 30, 1)
        .labels("emnist-digits-train-labels-idx1-ubyte", 10);
    assert_eq!(
        files.error(),
        "DIR: expected one data set, found 3: emnist-digits, emnist-letters, train-images-idx3-ubyte; choose one by \
         its path, such as DIR/emnist-digits"
    );
    for (name, count, labelled) in [
        ("emnist-digits", 9, true),
        ("emnist-letters", 18, false),
        ("train-images-idx3-ubyte", 27, false),
    ] {
        let set = Dataset::load(Some(&files.0.path().join(name))).unwrap();
        assert_eq!(set.train.images.count(), count, "{name}");
        assert_eq!(set.train.labels.is_some(), labelled, "{name}");
    }
}

#[test]
fn names_with_line_breaks_are_escaped() {
    let files = Files::new()
        .images("a\n\u{1b}-train-images-idx3-ubyte", 20, 1)
        .images("b-train-images-idx3-ubyte", 20, 1);
    let message = files.load().unwrap_err().to_string();
    assert!(message.contains(r"a\n\u{1b}, b;"), "{message}");
}
