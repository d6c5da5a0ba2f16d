//! The file names of data sets in IDX.
//!
//! | set | names |
//! | --- | --- |
//! | MNIST and its like | `train-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`, also `train-images.idx3-ubyte` |
//! | EMNIST | `emnist-letters-train-images-idx3-ubyte`, `emnist-letters-test-labels-idx1-ubyte` |
//! | QMNIST | `qmnist-test-images-idx3-ubyte`, `qmnist-test-labels-idx2-int` |
//!
//! So a name is a set (which may be empty), a split, what the file holds, and `idx` with anything after it; `.gz` may
//! follow.

/// The part of a data set that a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    TrainImages,
    TrainLabels,
    TestImages,
    TestLabels,
}

impl Part {
    /// The name in the standard distribution, raw.
    pub(super) const fn standard(self) -> &'static str {
        match self {
            Self::TrainImages => "train-images-idx3-ubyte",
            Self::TrainLabels => "train-labels-idx1-ubyte",
            Self::TestImages => "t10k-images-idx3-ubyte",
            Self::TestLabels => "t10k-labels-idx1-ubyte",
        }
    }
}

/// A file name taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// The set: `emnist-letters`, `qmnist`, or nothing.
    pub(super) set: String,
    pub(super) part: Part,
    /// The name without `.gz`.
    pub(super) raw: String,
    /// The whole name.
    pub(super) file: String,
}

impl Name {
    /// Takes a file name apart; `None` of other files.
    pub(super) fn of(file: &str) -> Option<Self> {
        let lower = file.to_ascii_lowercase();
        let raw = lower.strip_suffix(".gz").unwrap_or(&lower);
        let (stem, images) = ["images", "labels"].into_iter().find_map(|content| {
            let at = raw.rfind(content)?;
            let rest = &raw[at + content.len()..];
            is_idx(rest.strip_prefix(SEPARATORS)?).then_some((&raw[..at], content == "images"))
        })?;
        let stem = stem.strip_suffix(SEPARATORS)?;
        let (set, train) = [("train", true), ("t10k", false), ("test", false)]
            .into_iter()
            .find_map(|(split, train)| Some((stem.strip_suffix(split)?, train)))?;
        let set = match set {
            "" => "",
            set => set.strip_suffix(SEPARATORS)?,
        };
        let part = match (train, images) {
            (true, true) => Part::TrainImages,
            (true, false) => Part::TrainLabels,
            (false, true) => Part::TestImages,
            (false, false) => Part::TestLabels,
        };
        Some(Self {
            set: file[..set.len()].to_owned(),
            part,
            raw: file[..raw.len()].to_owned(),
            file: file.to_owned(),
        })
    }

    /// The order in which names of one part are preferred: the standard one, others by name, raw before gzipped.
    pub(super) fn preference(&self) -> (bool, &str, usize) {
        let other = !self.raw.ends_with(self.part.standard());
        (other, &self.raw, self.file.len())
    }
}

/// Whether a name ends as those of IDX files do: `idx`, the number of axes, and perhaps the type.
fn is_idx(end: &str) -> bool {
    let Some(end) = end.strip_prefix("idx") else {
        return false;
    };
    let kind = end.trim_start_matches(|c: char| c.is_ascii_digit());
    let letters = |kind: &str| kind.chars().all(|c| c.is_ascii_alphanumeric());
    kind.len() < end.len()
        && (kind.is_empty() || kind.strip_prefix(SEPARATORS).is_some_and(letters))
}

const SEPARATORS: [char; 3] = ['-', '.', '_'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_known_sets_are_taken_apart() {
        for (file, set, part) in [
            ("train-images-idx3-ubyte", "", Part::TrainImages),
            ("train-labels.idx1-ubyte.gz", "", Part::TrainLabels),
            ("train-labels-idx2-int", "", Part::TrainLabels),
            ("t10k-images-idx3-ubyte", "", Part::TestImages),
            (
                "emnist-letters-train-images-idx3-ubyte.gz",
                "emnist-letters",
                Part::TrainImages,
            ),
            (
                "emnist-byclass-test-labels-idx1-ubyte",
                "emnist-byclass",
                Part::TestLabels,
            ),
            ("qmnist-test-labels-idx2-int.gz", "qmnist", Part::TestLabels),
            ("My_Train_Images_idx3", "My", Part::TrainImages),
        ] {
            let name = Name::of(file).unwrap_or_else(|| panic!("{file}"));
            assert_eq!((name.set.as_str(), name.part), (set, part), "{file}");
        }
        for other in [
            "",
            "train",
            "train-images",
            "images-idx3-ubyte",
            "constrain-images-idx3-ubyte",
            "train-images-idx3-ubyte.gz.part/labels",
            "train-images-idx3-ubyte.xz",
            "train-images-idx3-ubyte (1)",
            "train-labels.csv",
            "qmnist-test-labels.tsv.gz",
        ] {
            assert_eq!(Name::of(other), None, "{other}");
        }
    }

    #[test]
    fn standard_names_come_first_and_raw_ones_before_gzipped() {
        let mut names: Vec<_> = [
            "train-labels.idx1-ubyte",
            "train-labels-idx2-int",
            "train-labels-idx1-ubyte.gz",
            "train-labels-idx1-ubyte",
        ]
        .into_iter()
        .filter_map(Name::of)
        .collect();
        names.sort_by(|a, b| a.preference().cmp(&b.preference()));
        let files: Vec<_> = names.iter().map(|name| name.file.as_str()).collect();
        assert_eq!(
            files,
            [
                "train-labels-idx1-ubyte",
                "train-labels-idx1-ubyte.gz",
                "train-labels-idx2-int",
                "train-labels.idx1-ubyte"
            ]
        );
    }
}
