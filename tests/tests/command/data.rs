//! Our IDX reader against the `mnist` crate on the standard set, which is all that the crate loads.

use std::path::Path;

use bitspin::data::{Dataset, Images, Split, write_images, write_labels};
use mnist::{Mnist, MnistBuilder};

const SPLITS: [(&str, usize); 2] = [("train", 60_000), ("t10k", 10_000)];

fn write(directory: &Path, prefix: &str, images: &Images, labels: &[u8]) {
    write_images(
        &directory.join(format!("{prefix}-images-idx3-ubyte")),
        images,
    )
    .unwrap();
    write_labels(
        &directory.join(format!("{prefix}-labels-idx1-ubyte")),
        labels,
    )
    .unwrap();
}

/// Both readers make the same of the raw standard set in `directory`.
fn assert_read_alike(directory: &Path) {
    let path = directory.to_str().expect("the crate takes only UTF-8");
    let Mnist {
        trn_img,
        trn_lbl,
        tst_img,
        tst_lbl,
        ..
    } = MnistBuilder::new().base_path(path).finalize();
    let ours = Dataset::load(Some(directory)).unwrap();
    for (split, images, labels) in [
        (&ours.train, trn_img, trn_lbl),
        (&ours.test, tst_img, tst_lbl),
    ] {
        assert_eq!((split.images.rows(), split.images.columns()), (28, 28));
        // Not assert_eq: its message would be all the pixels.
        assert!(split.images.pixels() == images, "{:?} differ", split.images);
        assert!(
            split.labels.as_ref() == Some(&labels),
            "labels of {:?} differ",
            split.images
        );
    }
}

#[test]
fn reads_a_standard_set_as_the_mnist_crate_does() {
    let directory = tempfile::tempdir().unwrap();
    // Bytes without a short period that a wrong offset could hide behind.
    let mut state = 1_u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for (prefix, count) in SPLITS {
        let images = Images::new(28, 28, (0..count * 784).map(|_| noise()).collect()).unwrap();
        let labels: Vec<u8> = (0..count).map(|_| noise() % 10).collect();
        write(directory.path(), prefix, &images, &labels);
    }
    assert_read_alike(directory.path());
}

/// The real MNIST, raw or gzipped, from the directory in `BITSPIN_MNIST_DIR`; nothing is asked without the variable.
#[test]
fn reads_the_real_mnist_as_the_mnist_crate_does() {
    let Some(real) = std::env::var_os("BITSPIN_MNIST_DIR") else {
        return;
    };
    let set = Dataset::load(Some(Path::new(&real))).unwrap();
    assert_eq!(
        (set.train.images.count(), set.test.images.count()),
        (60_000, 10_000)
    );
    // The digits that every first plot of MNIST shows.
    assert_eq!(
        set.train.labels.as_deref().unwrap()[..10],
        [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    );

    let raw = tempfile::tempdir().unwrap();
    for ((prefix, _), split) in SPLITS.into_iter().zip([&set.train, &set.test]) {
        write(
            raw.path(),
            prefix,
            &split.images,
            split.labels.as_deref().unwrap(),
        );
    }
    assert_read_alike(raw.path());

    // The sample is the first 10,000 of the training set in another order, as its README states.
    let sample = Dataset::load(None).unwrap();
    let mut ours = [labelled(&sample.train), labelled(&sample.test)].concat();
    let mut theirs = labelled(&set.train)[..10_000].to_vec();
    ours.sort_unstable();
    theirs.sort_unstable();
    assert!(
        ours == theirs,
        "the sample is not the first 10,000 training digits"
    );
}

fn labelled(split: &Split) -> Vec<(&[u8], u8)> {
    split
        .images
        .iter()
        .zip(split.labels.as_deref().unwrap().iter().copied())
        .collect()
}
