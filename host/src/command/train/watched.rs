//! What is looked at after every epoch, and the rows of a table whose entries are missing in part.

use bitspin::data::{Dataset, Images, PackedImages, Split};
use bitspin::train::Filling;
use bitspin_core::rng::Purpose;

use crate::cli::Train;

/// Digits that an epoch's evaluation looks at, of the training and of the held-out ones.
const EVALUATED: usize = 1000;

/// The digits that are looked at after every epoch, and where they come from.
pub(super) struct Evaluation {
    pub(super) train: PackedImages,
    pub(super) test: PackedImages,
}

impl Evaluation {
    pub(super) fn new(data: &Dataset, options: &Train) -> Self {
        let packed = |images: &Images| {
            let some = images.first(EVALUATED);
            PackedImages::new(
                &some,
                options.data.binarise(),
                options.seed,
                Purpose::Evaluation,
            )
        };
        Self {
            train: packed(&data.train.images),
            test: packed(&data.test.images),
        }
    }
}

/// Data with missing entries: all training rows, and those of either kind that are looked at after every epoch.
pub(super) struct Gaps {
    pub(super) all: Filling,
    pub(super) train: Filling,
    pub(super) test: Filling,
}

impl Gaps {
    pub(super) fn of(data: &Dataset, options: &Train) -> Option<Self> {
        let filling = |split: &Split, count: usize| {
            let images = split.images.first(count);
            let (how, seed) = (options.data.binarise(), options.seed);
            let start = PackedImages::new(&images, how, seed, Purpose::Evaluation);
            let known = split.known.as_ref()?;
            Some(Filling::new(
                start.clone(),
                known[..start.bits().len()].to_vec(),
                seed,
            ))
        };
        Some(Self {
            all: filling(&data.train, usize::MAX)?,
            train: filling(&data.train, EVALUATED)?,
            test: filling(&data.test, EVALUATED)?,
        })
    }
}
