//! Models on disk: safetensors files that PyTorch reads, and reading those that PyTorch wrote.
//!
//! An RBM is three float32 tensors, named as in the lecture's PyTorch module so that `load_state_dict` takes them: `W`
//! of shape `[hidden, visible]`, `v_bias` of `[visible]`, `h_bias` of `[hidden]`. A model with label units has two more
//! ([`LabelledFile`]). Settings are string metadata. The same
//! model always gives the same bytes: metadata is written in the order of its keys. Tensors of other names are ignored.
//!
//! An Ising model or a Boltzmann machine ([`IsingFile`]) is `w` of `[n, n]` and `h` of `[n]`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use safetensors::tensor::{Dtype, TensorInfo};

mod data_record;
mod error;
mod ising;
mod labels;
mod names;
mod read;

pub use data_record::{DataRecord, DataRecordError};
pub use error::{ModelFileError, ModelProblem};
pub use ising::IsingFile;
pub(crate) use ising::ONE_DIRECTION;
pub use labels::{LabelledFile, LabelledParameters};

const W: &str = "W";
const VISIBLE_BIAS: &str = "v_bias";
const HIDDEN_BIAS: &str = "h_bias";
const LABEL_WEIGHTS: &str = "U";
const LABEL_BIAS: &str = "y_bias";
const COUPLINGS: &str = "w";
/// The format's own limit, which its reader enforces.
const MOST_HEADER_BYTES: usize = 100_000_000;

/// The float32 parameters of an RBM, E = -v'Wh - b'v - c'h.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RbmParameters {
    /// The number of visible units.
    pub visible: usize,
    /// The number of hidden units.
    pub hidden: usize,
    /// W, row-major `[hidden][visible]`.
    pub w: Vec<f32>,
    /// b, one per visible unit.
    pub visible_bias: Vec<f32>,
    /// c, one per hidden unit.
    pub hidden_bias: Vec<f32>,
}

impl RbmParameters {
    /// Checks what reading a file checks: at least one unit of each kind, lengths that agree, finite numbers.
    ///
    /// # Errors
    /// [`ModelProblem`] names the first tensor that is wrong, by its name in a file.
    pub fn check(&self) -> Result<(), ModelProblem> {
        let (hidden, visible) = (self.hidden, self.visible);
        if hidden == 0 || visible == 0 {
            return Err(ModelProblem::NoUnits { hidden, visible });
        }
        let tensors = [
            (W, &self.w, hidden.saturating_mul(visible)),
            (VISIBLE_BIAS, &self.visible_bias, visible),
            (HIDDEN_BIAS, &self.hidden_bias, hidden),
        ];
        for (tensor, values, expected) in tensors {
            if values.len() != expected {
                return Err(ModelProblem::Shape {
                    tensor,
                    expected,
                    found: values.len(),
                    hidden,
                    visible,
                });
            }
        }
        for (tensor, values, _) in tensors {
            if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                return Err(not_finite(tensor, at, visible, values[at].into()));
            }
        }
        Ok(())
    }
}

fn not_finite(tensor: &'static str, at: usize, visible: usize, value: f64) -> ModelProblem {
    let index = match tensor {
        W | COUPLINGS | LABEL_WEIGHTS => vec![at / visible, at % visible],
        _ => vec![at],
    };
    ModelProblem::NotFinite {
        tensor,
        index,
        value,
    }
}

/// An RBM as a file holds it: parameters and the settings that led to them.
///
/// ```
/// use bitspin::model_file::{RbmFile, RbmParameters};
///
/// let parameters = RbmParameters {
///     visible: 3,
///     hidden: 2,
///     w: vec![0.5; 6],
///     visible_bias: vec![0.0; 3],
///     hidden_bias: vec![-1.0; 2],
/// };
/// let metadata = [("seed".to_string(), "1".to_string())].into();
/// let file = RbmFile { parameters, metadata };
/// assert_eq!(RbmFile::from_bytes(&file.to_bytes()?)?, file);
/// # Ok::<(), bitspin::model_file::ModelProblem>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RbmFile {
    /// The parameters.
    pub parameters: RbmParameters,
    /// Settings, and whatever else a file says of itself.
    pub metadata: BTreeMap<String, String>,
}

/// The settings that a model's file holds, whatever the model is. The file is read whole.
///
/// # Errors
/// [`ModelFileError`] if it cannot be read, or is no safetensors file.
pub fn metadata(path: impl AsRef<Path>) -> Result<BTreeMap<String, String>, ModelFileError> {
    let path = path.as_ref();
    read::bytes_of(path)
        .and_then(|bytes| read::metadata(&bytes))
        .map_err(|problem| problem.at(path))
}

impl RbmFile {
    /// Reads a model.
    ///
    /// # Errors
    /// [`ModelFileError`] names the file and what is wrong with it.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ModelFileError> {
        Ok(Self::load_noted(path)?.0)
    }

    /// Reads a model, and says what the user should know of how it was read: names and layouts of other programs, and
    /// rounded numbers.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_noted(path: impl AsRef<Path>) -> Result<(Self, Vec<String>), ModelFileError> {
        let path = path.as_ref();
        read::bytes_of(path)
            .and_then(|bytes| Self::from_bytes_noted(&bytes))
            .map_err(|problem| problem.at(path))
    }

    /// Reads a model from the bytes of a file. Never allocates more than a small multiple of their length.
    ///
    /// # Errors
    /// [`ModelProblem`] if the bytes are no safetensors file or its tensors make no RBM.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelProblem> {
        Ok(Self::from_bytes_noted(bytes)?.0)
    }

    /// As [`from_bytes`](Self::from_bytes), with the notes of [`load_noted`](Self::load_noted).
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_bytes_noted(bytes: &[u8]) -> Result<(Self, Vec<String>), ModelProblem> {
        read::rbm(bytes)
    }

    /// The bytes of the file: the same for the same model, always.
    ///
    /// # Errors
    /// [`ModelProblem`] if the parameters could not be read back (see [`RbmParameters::check`]), or if there is more
    /// metadata than the format allows.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelProblem> {
        let RbmParameters {
            visible, hidden, ..
        } = self.parameters;
        self.parameters.check()?;
        // In the order in which the safetensors crate writes tensors of one type: by name.
        let tensors = [
            (W, vec![hidden, visible], &self.parameters.w[..]),
            (HIDDEN_BIAS, vec![hidden], &self.parameters.hidden_bias),
            (VISIBLE_BIAS, vec![visible], &self.parameters.visible_bias),
        ];
        write(&tensors, &self.metadata)
    }
}

/// The bytes of a file of float32 tensors.
fn write(
    tensors: &[(&'static str, Vec<usize>, &[f32])],
    metadata: &BTreeMap<String, String>,
) -> Result<Vec<u8>, ModelProblem> {
    let mut infos = Vec::new();
    let mut data = Vec::new();
    for &(name, ref shape, values) in tensors {
        let start = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let data_offsets = (start, data.len());
        infos.push((
            name,
            TensorInfo {
                dtype: Dtype::F32,
                shape: shape.clone(),
                data_offsets,
            },
        ));
    }
    let header = Header {
        metadata,
        tensors: &infos,
    };
    let mut header = serde_json::to_vec(&header)
        .map_err(|error| ModelProblem::NotSafetensors(error.to_string()))?;
    // Tensors begin at a multiple of eight bytes, as the format recommends.
    header.resize(header.len().next_multiple_of(8), b' ');
    if header.len() > MOST_HEADER_BYTES {
        return Err(ModelProblem::HeaderTooLarge {
            found: header.len(),
        });
    }
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header);
    bytes.extend(data);
    Ok(bytes)
}

/// The header of a safetensors file. The crate's own writer keeps metadata in a hash map, whose order changes from
/// run to run; this one is written in the order of its keys.
struct Header<'a> {
    metadata: &'a BTreeMap<String, String>,
    tensors: &'a [(&'static str, TensorInfo)],
}

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.metadata.is_empty() {
            map.serialize_entry("__metadata__", self.metadata)?;
        }
        for (name, info) in self.tensors {
            map.serialize_entry(name, info)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
