//! From the bytes of a file to checked parameters.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata, SafeTensorError, SafeTensors};

use super::labels::{LABEL_BIAS, LABEL_WEIGHTS};
use super::{
    HIDDEN_BIAS, MOST_HEADER_BYTES, ModelProblem, RbmFile, RbmParameters, VISIBLE_BIAS, W,
    not_finite,
};
use crate::input::{Format, Input};

/// What a file of an RBM holds, for whoever misses it.
const RBM: &str = "an RBM has W, v_bias and h_bias";

/// Models of up to 16 GiB, as float32 of 65,536 units in each layer takes.
const FORMAT: Format = Format::new("safetensors file", 1 << 34);

/// Bytes before the header: its length, little-endian.
const LENGTH_BYTES: usize = 8;

/// The content of the file. Its first bytes are looked at before the rest is read, so that a large file of another
/// kind is not taken into memory.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>, ModelProblem> {
    let mut input = Input::open(path, &FORMAT).map_err(|error| error.problem)?;
    let start = input.read_up_to(LENGTH_BYTES as u64 + 1);
    let mut bytes = start.map_err(|error| error.problem)?;
    let length = input.length().unwrap_or(bytes.len() as u64);
    header_length(&bytes, length)?;
    bytes.extend(input.read_all().map_err(|error| error.problem)?);
    Ok(bytes)
}

/// The length of the header, which has been found to lie within a file of `length` bytes that begins with `start`.
fn header_length(start: &[u8], length: u64) -> Result<usize, ModelProblem> {
    if start.is_empty() {
        return Err(ModelProblem::Empty);
    }
    let Some((claimed, rest)) = start.split_first_chunk::<LENGTH_BYTES>() else {
        return Err(ModelProblem::CutShort {
            expected: LENGTH_BYTES as u64,
            found: length,
        });
    };
    let claimed = u64::from_le_bytes(*claimed);
    // Every header begins with a brace; where another byte stands there the length means nothing either.
    if claimed > MOST_HEADER_BYTES as u64 || rest.first().is_some_and(|&byte| byte != b'{') {
        return Err(ModelProblem::NotSafetensors(
            "it does not begin with a header".into(),
        ));
    }
    let expected = claimed + LENGTH_BYTES as u64;
    if expected > length {
        return Err(ModelProblem::CutShort {
            expected,
            found: length,
        });
    }
    Ok(claimed as usize)
}

/// Reads an RBM.
pub(super) fn rbm(bytes: &[u8]) -> Result<RbmFile, ModelProblem> {
    let tensors = open(bytes)?;
    if tensors.tensor(LABEL_WEIGHTS).is_ok() {
        return Err(ModelProblem::HasLabels);
    }
    plain(&tensors, bytes)
}

/// A machine of pixels, and the tensors of its labels.
pub(super) struct WithLabels {
    pub(super) file: RbmFile,
    pub(super) classes: usize,
    /// U, \[hidden\]\[class\], and the biases.
    pub(super) weights: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// The machine and its labels, where the file holds any.
pub(super) fn labelled(bytes: &[u8]) -> Result<Option<WithLabels>, ModelProblem> {
    let tensors = open(bytes)?;
    if tensors.tensor(LABEL_WEIGHTS).is_err() {
        return Ok(None);
    }
    let file = plain(&tensors, bytes)?;
    let hidden = file.parameters.hidden;
    let weights = Tensor::find(&tensors, LABEL_WEIGHTS, RBM)?;
    let bias = Tensor::find(&tensors, LABEL_BIAS, RBM)?;
    let classes = match weights.shape[..] {
        [rows, classes] if rows == hidden && (1..=256).contains(&classes) => classes,
        _ => {
            let found = weights.shape;
            return Err(ModelProblem::LabelShape { hidden, found });
        }
    };
    if bias.shape != [classes] {
        return Err(bias.rank("[classes], as many as U has columns,"));
    }
    let (weights, bias) = (weights.to_f32(classes)?, bias.to_f32(1)?);
    for (tensor, values) in [(LABEL_WEIGHTS, &weights), (LABEL_BIAS, &bias)] {
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(not_finite(tensor, at, classes, values[at].into()));
        }
    }
    Ok(Some(WithLabels {
        file,
        classes,
        weights,
        bias,
    }))
}

fn plain(tensors: &SafeTensors<'_>, bytes: &[u8]) -> Result<RbmFile, ModelProblem> {
    let weights = Tensor::find(tensors, W, RBM)?;
    let visible_bias = Tensor::find(tensors, VISIBLE_BIAS, RBM)?;
    let hidden_bias = Tensor::find(tensors, HIDDEN_BIAS, RBM)?;
    let &[hidden, visible] = weights.shape.as_slice() else {
        return Err(weights.rank("[hidden, visible]"));
    };
    if visible_bias.shape.len() != 1 {
        return Err(visible_bias.rank("[visible]"));
    }
    if hidden_bias.shape.len() != 1 {
        return Err(hidden_bias.rank("[hidden]"));
    }
    let parameters = RbmParameters {
        visible,
        hidden,
        w: weights.to_f32(visible)?,
        visible_bias: visible_bias.to_f32(visible)?,
        hidden_bias: hidden_bias.to_f32(visible)?,
    };
    parameters.check()?;
    Ok(RbmFile {
        parameters,
        metadata: metadata(bytes)?,
    })
}

/// The settings that a file holds.
pub(super) fn metadata(bytes: &[u8]) -> Result<BTreeMap<String, String>, ModelProblem> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(in_words)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    Ok(metadata.into_iter().collect())
}

/// Reads the header and checks that it and the tensors it announces fill the file exactly.
pub(super) fn open(bytes: &[u8]) -> Result<SafeTensors<'_>, ModelProblem> {
    let header = header_length(bytes, bytes.len() as u64)?;
    SafeTensors::deserialize(bytes).map_err(|error| match error {
        SafeTensorError::MetadataIncompleteBuffer => wrong_length(bytes, header),
        other => in_words(other),
    })
}

/// How the length of the file differs from what its header asks for.
fn wrong_length(bytes: &[u8], header: usize) -> ModelProblem {
    let start = LENGTH_BYTES + header;
    let announced = bytes
        .get(LENGTH_BYTES..start)
        .and_then(|json| serde_json::from_slice::<Metadata>(json).ok())
        .map_or(0, |metadata| metadata.data_len());
    let expected = (start as u64).saturating_add(announced as u64);
    let found = bytes.len() as u64;
    if found < expected {
        ModelProblem::CutShort { expected, found }
    } else {
        ModelProblem::TooLong { expected, found }
    }
}

fn in_words(error: SafeTensorError) -> ModelProblem {
    // Names in the file may hold line breaks; the message must not.
    let words = error.to_string();
    ModelProblem::NotSafetensors(words.escape_debug().to_string())
}

/// One tensor of the file, its numbers not yet looked at.
pub(super) struct Tensor<'a> {
    name: &'static str,
    dtype: Dtype,
    pub(super) shape: Vec<usize>,
    data: &'a [u8],
}

impl<'a> Tensor<'a> {
    pub(super) fn find(
        tensors: &SafeTensors<'a>,
        name: &'static str,
        wanted: &'static str,
    ) -> Result<Self, ModelProblem> {
        let Ok(view) = tensors.tensor(name) else {
            return Err(ModelProblem::MissingTensor {
                wanted,
                tensor: name,
                found: listed(tensors.names()),
            });
        };
        Ok(Self {
            name,
            dtype: view.dtype(),
            shape: view.shape().to_vec(),
            data: view.data(),
        })
    }

    pub(super) fn rank(&self, expected: &'static str) -> ModelProblem {
        ModelProblem::Rank {
            tensor: self.name,
            expected,
            found: self.shape.clone(),
        }
    }

    /// The numbers as float32: from float64 they are rounded to the nearest.
    pub(super) fn to_f32(&self, visible: usize) -> Result<Vec<f32>, ModelProblem> {
        match self.dtype {
            Dtype::F32 => {
                let (numbers, _) = self.data.as_chunks::<4>();
                Ok(numbers.iter().map(|&n| f32::from_le_bytes(n)).collect())
            }
            Dtype::F64 => {
                let (numbers, _) = self.data.as_chunks::<8>();
                let narrow = |(at, &number): (usize, &[u8; 8])| {
                    let value = f64::from_le_bytes(number);
                    let narrowed = value as f32;
                    // What is too large for float32 becomes infinite here, and is named by the value it had.
                    if narrowed.is_finite() {
                        Ok(narrowed)
                    } else {
                        Err(not_finite(self.name, at, visible.max(1), value))
                    }
                };
                numbers.iter().enumerate().map(narrow).collect()
            }
            other => Err(ModelProblem::NumberType {
                tensor: self.name,
                found: other.to_string(),
            }),
        }
    }
}

/// Up to eight names, in order, in a form that fits one line.
fn listed(mut names: Vec<&str>) -> String {
    const SHOWN: usize = 8;
    if names.is_empty() {
        return "none".into();
    }
    names.sort_unstable();
    let shown = names.iter().take(SHOWN).map(|name| {
        let short: String = name.chars().take(40).collect();
        short.escape_debug().to_string()
    });
    let mut list = shown.collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        list.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    list
}
