//! The kernels on `wide`: 16-bit lanes, equal to [`scalar`](super::scalar) to the bit.

pub(super) mod rows;
pub(super) mod sample;
mod transpose;
mod update;

pub use super::scalar::{hamming, probabilities16, sum_rows};
pub use rows::{add_changed_rows, add_set_rows, correlate};
pub use sample::{binarise, probabilities, sample, sample_with_error, sample_with_probabilities};
pub use transpose::transpose_rows;
pub use update::{tabulate, update, update_wide, widen};
