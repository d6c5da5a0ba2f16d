//! The rows that are looked at after every epoch, and the rows of a table whose entries are missing in part.

use bitspin::BitMatrix;
use bitspin::data::{Dataset, Images, Split};
use bitspin::train::Filling;
use bitspin_core::bits::words;
use bitspin_core::rbm::labels::set_label;
use bitspin_core::rng::Purpose;

use crate::cli::Train;
use crate::command::CommandError;
use crate::command::labels::labels;

/// Digits that an epoch's evaluation looks at, of the training and of the held-out ones.
const EVALUATED: usize = 1000;

/// The labels of a run that learns them.
#[derive(Clone, Copy)]
pub(super) struct Labels<'a> {
    pub(super) train: &'a [u8],
    pub(super) test: &'a [u8],
    pub(super) classes: usize,
}

impl<'a> Labels<'a> {
    /// The labels of a data set, which has to have them all.
    pub(super) fn of(data: &'a Dataset) -> Result<Self, CommandError> {
        let (train, test) = (
            labels(&data.name, &data.train, 256)?,
            labels(&data.name, &data.test, 256)?,
        );
        let classes = train.iter().max().map_or(1, |&most| usize::from(most) + 1);
        labels(&data.name, &data.test, classes)?;
        Ok(Self {
            train,
            test,
            classes,
        })
    }
}

/// The rows that are looked at after every epoch. With labels, the held-out rows are all that there are.
pub(super) struct Evaluation {
    pub(super) train: BitMatrix,
    pub(super) test: BitMatrix,
}

impl Evaluation {
    pub(super) fn new(data: &Dataset, options: &Train, labelled: bool) -> Self {
        let packed = |images: &Images, count: usize| {
            let (how, seed) = (options.data.binarise(), options.run.seed);
            BitMatrix::binarise(&images.first(count), how, seed, Purpose::Evaluation)
        };
        let held_out = if labelled { usize::MAX } else { EVALUATED };
        Self {
            train: packed(&data.train.images, EVALUATED),
            test: packed(&data.test.images, held_out),
        }
    }
}

/// Rows with the units of their labels behind their own.
pub(super) fn with_labels(rows: &BitMatrix, labels: &[u8], classes: usize) -> BitMatrix {
    let (pixels, units) = (rows.units(), rows.units() + classes);
    let mut bits = vec![0; rows.count() * words(units)];
    let joint = bits.chunks_exact_mut(words(units));
    for ((joint, row), &label) in joint.zip(rows.iter()).zip(labels) {
        joint[..row.len()].copy_from_slice(row);
        set_label(joint, pixels, classes, usize::from(label)).expect("labels were checked");
    }
    BitMatrix::from_bits(units, bits).expect("no bit is set behind the units")
}

/// The first `units` units of rows.
fn first_units(rows: &BitMatrix, units: usize) -> BitMatrix {
    let mut bits = Vec::with_capacity(rows.count() * words(units));
    for row in rows.iter() {
        bits.extend_from_slice(&row[..words(units)]);
        if let Some(last) = bits.last_mut()
            && !units.is_multiple_of(64)
        {
            *last &= u64::MAX >> (64 - units % 64);
        }
    }
    BitMatrix::from_bits(units, bits).expect("no bit is set behind the units")
}

/// Data with missing entries: all training rows, and those of either split that are evaluated after every epoch. `None` where
/// a split has no missing entry.
pub(super) struct Gaps {
    pub(super) all: Option<Gap>,
    pub(super) train: Option<Gap>,
    pub(super) test: Option<Gap>,
}

/// Rows with missing entries, whose units come before those of their labels.
pub(super) struct Gap {
    units: usize,
    filling: Filling,
}

impl Gap {
    /// Rows that start as `start` and whose entries in `known` stay. `labels` are the number of classes and, if the labels
    /// are given, the label of every row.
    fn new(
        mut start: BitMatrix,
        mut known: BitMatrix,
        labels: Option<(usize, Option<&[u8]>)>,
        seed: u64,
    ) -> Self {
        let units = start.units();
        let mut starts = Vec::new();
        if let Some((classes, given)) = labels {
            let zeros = vec![0; start.count()];
            start = with_labels(&start, given.unwrap_or(&zeros), classes);
            let mut bits = with_labels(&known, &zeros, classes).bits().to_vec();
            for row in bits.chunks_exact_mut(words(units + classes)) {
                for unit in units..units + classes {
                    let (word, bit) = (unit / 64, 1 << (unit % 64));
                    row[word] = row[word] & !bit | if given.is_some() { bit } else { 0 };
                }
            }
            known = BitMatrix::from_bits(units + classes, bits)
                .expect("no bit is set behind the units");
            starts.push(units);
        }
        let filling = Filling::new(start, known.bits().to_vec(), starts, seed);
        Self { units, filling }
    }

    /// The rows filled in by the model before epoch `epoch`; see [`Filling::rows`].
    pub(super) fn rows(
        &self,
        engine: &bitspin::engine::Engine,
        epoch: usize,
        threads: usize,
    ) -> Result<BitMatrix, CommandError> {
        let rows = self.filling.rows(engine, epoch, threads);
        rows.map(|rows| first_units(&rows, self.units))
            .map_err(CommandError::failed)
    }
}

impl Gaps {
    /// The gaps of a data set, or `None` if every entry is known.
    ///
    /// Training rows are filled in given their labels. The held-out ones are not: their labels are to be predicted.
    pub(super) fn of(data: &Dataset, options: &Train, labels: Option<Labels<'_>>) -> Option<Self> {
        if !data.has_missing() {
            return None;
        }
        let gap = |split: &Split, count: usize, given: Option<&[u8]>| {
            let known = split.known.as_ref()?;
            let images = split.images.first(count);
            let (how, seed) = (options.data.binarise(), options.run.seed);
            let start = BitMatrix::binarise(&images, how, seed, Purpose::Evaluation);
            let known = known[..start.bits().len()].to_vec();
            let known =
                BitMatrix::from_bits(start.units(), known).expect("no bit is set behind the units");
            let labels = labels.map(|labels| (labels.classes, given));
            Some(Gap::new(start, known, labels, seed))
        };
        let given = labels.map(|labels| labels.train);
        let held_out = if labels.is_some() {
            usize::MAX
        } else {
            EVALUATED
        };
        Some(Self {
            all: gap(&data.train, usize::MAX, given),
            train: gap(&data.train, EVALUATED, given),
            test: gap(&data.test, held_out, None),
        })
    }
}
