//! Errors of reading and writing models.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::display::shown;
use crate::input::InputProblem;

/// An error of reading a model file.
#[derive(Debug, Error)]
#[error("{}: {problem}", shown(path))]
pub struct ModelFileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: ModelProblem,
}

/// A problem of a model or of its file. Every message is one line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelProblem {
    /// The file cannot be read.
    #[error(transparent)]
    Input(#[from] InputProblem),
    /// The file holds nothing.
    #[error("empty, where a safetensors file was expected")]
    Empty,
    /// The file is of another format, or damaged beyond recognition.
    #[error("not a safetensors file: {0}")]
    NotSafetensors(String),
    /// The file ends too early.
    #[error("cut short: {expected} bytes were expected, {found} found")]
    CutShort {
        /// The length that the header asks for.
        expected: u64,
        /// The length of the file.
        found: u64,
    },
    /// The file goes on after its last tensor.
    #[error("too long: {expected} bytes were expected, {found} found")]
    TooLong {
        /// The length that the header asks for.
        expected: u64,
        /// The length of the file.
        found: u64,
    },
    /// A tensor that the model needs is not there.
    #[error("no tensor {tensor}; {wanted}, this file holds {found}")]
    MissingTensor {
        /// What such a model has.
        wanted: &'static str,
        /// The name of the missing tensor.
        tensor: &'static str,
        /// The names of those that are there.
        found: String,
    },
    /// The numbers of a tensor are of a kind that is not read.
    #[error("tensor {tensor} has numbers of type {found} where F32, F16, BF16 or F64 was expected")]
    NumberType {
        /// The tensor.
        tensor: &'static str,
        /// The type that was found.
        found: String,
    },
    /// A tensor has too many or too few axes.
    #[error("tensor {tensor} has shape {found:?} where {expected} was expected")]
    Rank {
        /// The tensor.
        tensor: &'static str,
        /// The shape in words.
        expected: &'static str,
        /// The shape that was found.
        found: Vec<usize>,
    },
    /// A model without visible or without hidden units.
    #[error(
        "tensor W has shape [{hidden}, {visible}]: a model needs at least one unit of each kind"
    )]
    NoUnits {
        /// The number of hidden units.
        hidden: usize,
        /// The number of visible units.
        visible: usize,
    },
    /// A tensor has another number of elements than the shape of `W` asks for.
    #[error(
        "tensor {tensor} has {found} elements where W [{hidden}, {visible}] asks for {expected}"
    )]
    Shape {
        /// The tensor.
        tensor: &'static str,
        /// The number of elements that were expected.
        expected: usize,
        /// The number that was found.
        found: usize,
        /// The number of hidden units.
        hidden: usize,
        /// The number of visible units.
        visible: usize,
    },
    /// A parameter is NaN, infinite, or (in a file of float64) too large for float32.
    #[error("tensor {tensor} holds {value} at {index:?}, where a finite float32 was expected")]
    NotFinite {
        /// The tensor.
        tensor: &'static str,
        /// The position of the first such number: row and column in `W`, one index in a bias.
        index: Vec<usize>,
        /// The number.
        value: f64,
    },
    /// The couplings of an Ising model are not N x N, of two spins or more.
    #[error("tensor w has shape {found:?} where [n, n], n from 2 to 65536, was expected")]
    NotSquare {
        /// The shape that was found.
        found: Vec<usize>,
    },
    /// An Ising model has another number of fields than spins.
    #[error("tensor h has {found} elements where w [{units}, {units}] asks for {units}")]
    Fields {
        /// The number of spins.
        units: usize,
        /// The number of fields.
        found: usize,
    },
    /// A spin of an Ising model is coupled with itself.
    #[error("tensor w holds {value} at [{unit}, {unit}], where the diagonal has to be 0")]
    Diagonal {
        /// The spin.
        unit: usize,
        /// The number.
        value: f32,
    },
    /// Two spins of an Ising model are coupled in one direction by another number than in the other.
    #[error(
        "tensor w holds {forth} at [{row}, {column}] but {back} at [{column}, {row}]; couplings have to be symmetric \
         (`symmetrise` takes their mean, which gives the same energy -1/2 s'ws)"
    )]
    Asymmetric {
        /// The first spin.
        row: usize,
        /// The second spin.
        column: usize,
        /// w at \[row\]\[column\].
        forth: f32,
        /// w at \[column\]\[row\].
        back: f32,
    },
    /// A model with label units where one without was expected.
    #[error("a model with label units, where one without was expected")]
    HasLabels,
    /// A model without classes, or a label tensor of another number of rows or columns.
    #[error(
        "tensor U has shape {found:?} where [{hidden}, classes] was expected, with 1 to 256 classes"
    )]
    LabelShape {
        /// The number of hidden units.
        hidden: usize,
        /// The shape that was found.
        found: Vec<usize>,
    },
    /// A problem of a file whose tensors have other names than the lecture's.
    #[error("{problem} ({names})")]
    Renamed {
        /// The problem, in the lecture's names.
        problem: Box<ModelProblem>,
        /// Which tensor of the file is which.
        names: String,
    },
    /// The file holds the tensors of several models.
    #[error("expected one model, found several: {first} and {second}")]
    SeveralModels {
        /// The weights of one.
        first: String,
        /// The weights of another.
        second: String,
    },
    /// Nothing says which axis of the weights is which.
    #[error(
        "tensor {tensor} has shape [{units}, {units}], and neither its name nor the biases say whether its rows are hidden \
         or visible units; expected W [hidden, visible] with v_bias and h_bias"
    )]
    Layout {
        /// The tensor.
        tensor: String,
        /// Visible units, and hidden ones.
        units: usize,
    },
    /// The metadata is larger than the format allows.
    #[error("the settings take {found} bytes, more than a safetensors header can hold")]
    HeaderTooLarge {
        /// The length of the header.
        found: usize,
    },
}

impl ModelProblem {
    /// Names the file that has the problem.
    pub(super) fn at(self, path: &Path) -> ModelFileError {
        ModelFileError {
            path: path.to_owned(),
            problem: self,
        }
    }
}
