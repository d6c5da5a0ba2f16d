//! The built-in digits, so that the first command works without a download.
//!
//! 10,000 of MNIST's training images in gzipped IDX, 1.6 MB in the program; `host/data/README.md` says where they come
//! from, how they were chosen, and under which licence (CC BY-SA 3.0) they are.

use std::path::Path;

use super::idx::{images_from_bytes, labels_from_bytes};
use super::{DataError, Dataset, GreyRange, HeldOut, Split};

/// The name of the built-in digits.
pub const DIGITS: &str = "built-in MNIST sample";

macro_rules! embedded {
    ($name:literal) => {
        (
            concat!("<built-in>/", $name),
            include_bytes!(concat!("../../data/mnist-sample/", $name)).as_slice(),
        )
    };
}

/// Unpacks the sample: 9,000 images of 28 x 28 to train, 1,000 held out, all labelled.
pub(super) fn load() -> Result<Dataset, DataError> {
    let train = split(
        embedded!("train-images-idx3-ubyte.gz"),
        embedded!("train-labels-idx1-ubyte.gz"),
    )?;
    let test = split(
        embedded!("t10k-images-idx3-ubyte.gz"),
        embedded!("t10k-labels-idx1-ubyte.gz"),
    )?;
    Ok(Dataset {
        name: DIGITS.to_owned(),
        train,
        test,
        held_out: HeldOut::Separate,
        columns: None,
        range: Some(GreyRange::BYTES),
        notes: Vec::new(),
    })
}

fn split(images: (&str, &[u8]), labels: (&str, &[u8])) -> Result<Split, DataError> {
    Ok(Split {
        images: images_from_bytes(images.1, Path::new(images.0))?,
        labels: Some(labels_from_bytes(labels.1, Path::new(labels.0))?),
        known: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(labels: &[u8]) -> [usize; 10] {
        let mut counts = [0; 10];
        for &label in labels {
            counts[usize::from(label)] += 1;
        }
        counts
    }

    /// The table in `host/data/README.md`.
    #[test]
    fn has_the_digits_its_readme_states() {
        let Dataset { train, test, .. } = load().unwrap();
        assert_eq!((train.images.count(), test.images.count()), (9000, 1000));
        assert_eq!((train.images.rows(), train.images.columns()), (28, 28));
        let trained = classes(train.labels.as_deref().unwrap());
        let held_out = classes(test.labels.as_deref().unwrap());
        assert_eq!(trained, [901, 1014, 892, 929, 882, 777, 912, 963, 850, 880]);
        assert_eq!(held_out, [100, 113, 99, 103, 98, 86, 102, 107, 94, 98]);
    }

    #[test]
    fn keeps_grey_levels_and_repeats_no_digit() {
        let Dataset { train, test, .. } = load().unwrap();
        let mut levels = [false; 256];
        train
            .images
            .pixels()
            .iter()
            .for_each(|&level| levels[usize::from(level)] = true);
        assert!(levels.iter().all(|&seen| seen));
        let all: std::collections::HashSet<_> = train.images.iter().chain(&test.images).collect();
        assert_eq!(all.len(), 10_000);
    }
}
