//! From the bytes of a file to checked parameters.

use std::collections::BTreeMap;
use std::path::Path;

use half::{bf16, f16};
use safetensors::tensor::{Dtype, Metadata, SafeTensorError, SafeTensors};

use super::names::{Layout, Names};
use super::{
    HIDDEN_BIAS, LABEL_BIAS, LABEL_WEIGHTS, MOST_HEADER_BYTES, ModelProblem, RbmFile,
    RbmParameters, VISIBLE_BIAS, W, not_finite,
};
use crate::input::{Format, Input};

/// The tensors of an RBM's file, in messages about missing ones.
const RBM: &str = "an RBM has W, v_bias and h_bias, or the names of scikit-learn or rbms";

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

/// A model, and notes on how it was read.
pub(super) type Noted<T> = (T, Vec<String>);

/// Reads an RBM.
pub(super) fn rbm(bytes: &[u8]) -> Result<Noted<RbmFile>, ModelProblem> {
    let tensors = open(bytes)?;
    let names = Names::of(&tensors)?;
    if tensors
        .tensor(&(names.prefix.clone() + LABEL_WEIGHTS))
        .is_ok()
    {
        return Err(ModelProblem::HasLabels);
    }
    plain(&tensors, &names, bytes)
}

/// A model of pixels, and the tensors of its labels.
pub(super) struct WithLabels {
    pub(super) file: RbmFile,
    pub(super) classes: usize,
    /// U, \[hidden\]\[class\], and the biases.
    pub(super) weights: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// The model and its labels, where the file holds any.
pub(super) fn labelled(bytes: &[u8]) -> Result<Option<Noted<WithLabels>>, ModelProblem> {
    let tensors = open(bytes)?;
    let names = Names::of(&tensors)?;
    let [u, d] = [LABEL_WEIGHTS, LABEL_BIAS].map(|name| names.prefix.clone() + name);
    if tensors.tensor(&u).is_err() {
        return Ok(None);
    }
    let (file, notes) = plain(&tensors, &names, bytes)?;
    let hidden = file.parameters.hidden;
    let weights = Tensor::stored_as(&tensors, &u, LABEL_WEIGHTS, RBM)?;
    let bias = Tensor::stored_as(&tensors, &d, LABEL_BIAS, RBM)?;
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
    let model = WithLabels {
        file,
        classes,
        weights,
        bias,
    };
    Ok(Some((model, notes)))
}

/// The RBM of these names. Problems of other names than the lecture's say which tensor is which.
fn plain(
    tensors: &SafeTensors<'_>,
    names: &Names,
    bytes: &[u8],
) -> Result<Noted<RbmFile>, ModelProblem> {
    let (parameters, notes) = parameters(tensors, names).map_err(|problem| match problem {
        problem if names.is_lecture() => problem,
        problem => ModelProblem::Renamed {
            problem: Box::new(problem),
            names: names.list(),
        },
    })?;
    let metadata = metadata(bytes)?;
    let file = RbmFile {
        parameters,
        metadata,
    };
    Ok((file, notes))
}

/// The parameters, whose sizes are compared before any number is looked at.
fn parameters(
    tensors: &SafeTensors<'_>,
    names: &Names,
) -> Result<Noted<RbmParameters>, ModelProblem> {
    let weights = Tensor::stored_as(tensors, &names.weights, W, RBM)?;
    let visible_bias = Tensor::stored_as(tensors, &names.visible_bias, VISIBLE_BIAS, RBM)?;
    let hidden_bias = Tensor::stored_as(tensors, &names.hidden_bias, HIDDEN_BIAS, RBM)?;
    let &[rows, columns] = weights.shape.as_slice() else {
        return Err(weights.rank("[hidden, visible]"));
    };
    let &[visible] = visible_bias.shape.as_slice() else {
        return Err(visible_bias.rank("[visible]"));
    };
    let &[hidden] = hidden_bias.shape.as_slice() else {
        return Err(hidden_bias.rank("[hidden]"));
    };
    if rows == 0 || columns == 0 {
        let (hidden, visible) = (rows, columns);
        return Err(ModelProblem::NoUnits { hidden, visible });
    }
    let Some(layout) = names.layout([rows, columns], visible, hidden)? else {
        let (tensor, expected, found) = match visible == columns {
            true => (HIDDEN_BIAS, rows, hidden),
            false => (VISIBLE_BIAS, columns, visible),
        };
        return Err(ModelProblem::Shape {
            tensor,
            expected,
            found,
            hidden: rows,
            visible: columns,
        });
    };
    let stored = weights.to_f32(columns)?;
    let w = match layout {
        Layout::HiddenFirst => stored,
        Layout::VisibleFirst => {
            let column = |j: usize| stored.iter().skip(j).step_by(hidden).copied();
            (0..hidden).flat_map(column).collect()
        }
    };
    let parameters = RbmParameters {
        visible,
        hidden,
        w,
        visible_bias: visible_bias.to_f32(visible)?,
        hidden_bias: hidden_bias.to_f32(visible)?,
    };
    parameters.check()?;
    let mut notes: Vec<_> = names.note(layout).into_iter().collect();
    if [&weights, &visible_bias, &hidden_bias]
        .iter()
        .any(|tensor| tensor.is_rounded())
    {
        notes.push("its float64 numbers are rounded to float32".into());
    }
    Ok((parameters, notes))
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
        Self::stored_as(tensors, name, name, wanted)
    }

    /// The tensor that the file calls `stored` and errors call `name`.
    fn stored_as(
        tensors: &SafeTensors<'a>,
        stored: &str,
        name: &'static str,
        wanted: &'static str,
    ) -> Result<Self, ModelProblem> {
        let Ok(view) = tensors.tensor(stored) else {
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

    /// Whether float64 numbers lose digits as float32.
    fn is_rounded(&self) -> bool {
        let (numbers, _) = self.data.as_chunks::<8>();
        let mut numbers = numbers.iter().map(|&n| f64::from_le_bytes(n));
        self.dtype == Dtype::F64 && numbers.any(|n| f64::from(n as f32) != n)
    }

    /// The numbers as float32: from float64 they are rounded to the nearest, the others are exact.
    pub(super) fn to_f32(&self, visible: usize) -> Result<Vec<f32>, ModelProblem> {
        match self.dtype {
            Dtype::F32 => {
                let (numbers, _) = self.data.as_chunks::<4>();
                Ok(numbers.iter().map(|&n| f32::from_le_bytes(n)).collect())
            }
            Dtype::F16 => {
                let (numbers, _) = self.data.as_chunks::<2>();
                Ok(numbers
                    .iter()
                    .map(|&n| f16::from_le_bytes(n).to_f32())
                    .collect())
            }
            Dtype::BF16 => {
                let (numbers, _) = self.data.as_chunks::<2>();
                Ok(numbers
                    .iter()
                    .map(|&n| bf16::from_le_bytes(n).to_f32())
                    .collect())
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
