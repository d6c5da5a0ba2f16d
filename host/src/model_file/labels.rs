//! Models with label units: the tensors of an RBM, and `U` of shape `[hidden, classes]` and `y_bias` of `[classes]`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{
    HIDDEN_BIAS, LABEL_BIAS, LABEL_WEIGHTS, ModelFileError, ModelProblem, RbmParameters,
    VISIBLE_BIAS, W, read, write,
};

/// The parameters of a model with label units, E(x, y, h) = -x'W'h - b'x - c'h - d_y - U_y'h.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelledParameters {
    /// The model whose last visible units are the labels: their rows of W are U, their biases d.
    pub joint: RbmParameters,
    /// How many of its visible units are labels.
    pub classes: usize,
}

impl LabelledParameters {
    /// Adds `classes` label units, without weights and biases, to a model of pixels.
    ///
    /// ```
    /// use bitspin::model_file::{LabelledParameters, RbmParameters};
    /// let (w, visible_bias, hidden_bias) = (vec![0.5; 3], vec![0.0; 3], vec![-1.0]);
    /// let pixels = RbmParameters { visible: 3, hidden: 1, w, visible_bias, hidden_bias };
    /// let model = LabelledParameters::new(&pixels, 2);
    /// assert_eq!((model.pixels(), model.joint.visible), (3, 5));
    /// assert_eq!(model.joint.w, [0.5, 0.5, 0.5, 0.0, 0.0]);
    /// ```
    #[must_use]
    pub fn new(pixels: &RbmParameters, classes: usize) -> Self {
        let zeros = (vec![0.0; pixels.hidden * classes], vec![0.0; classes]);
        Self::of(pixels.clone(), classes, &zeros.0, &zeros.1)
    }

    /// Joins a model of pixels with label weights U, \[hidden\]\[class\], and label biases.
    fn of(pixels: RbmParameters, classes: usize, u: &[f32], d: &[f32]) -> Self {
        let rows = pixels.w.chunks_exact(pixels.visible);
        let joined = rows
            .zip(u.chunks_exact(classes))
            .flat_map(|(w, u)| w.iter().chain(u));
        let joint = RbmParameters {
            visible: pixels.visible + classes,
            hidden: pixels.hidden,
            w: joined.copied().collect(),
            visible_bias: [&pixels.visible_bias[..], d].concat(),
            hidden_bias: pixels.hidden_bias,
        };
        Self { joint, classes }
    }

    /// Visible units that are no labels.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.joint.visible - self.classes
    }

    /// The weights of the pixels, or those of the labels, \[hidden\]\[..\].
    fn part(&self, units: std::ops::Range<usize>) -> Vec<f32> {
        let rows = self.joint.w.chunks_exact(self.joint.visible);
        rows.flat_map(|row| row[units.clone()].to_vec()).collect()
    }

    /// The model of pixels alone that a label makes: p(x|y) = exp(-F(x)) / Z of it. Its hidden biases have the label's
    /// weights added; F of it is short of the label's own bias.
    ///
    /// # Panics
    /// If there is no such class.
    #[must_use]
    pub fn given(&self, class: usize) -> RbmParameters {
        assert!(class < self.classes, "class {class} of {}", self.classes);
        let label = self
            .joint
            .w
            .iter()
            .skip(self.pixels() + class)
            .step_by(self.joint.visible);
        let biases = self.joint.hidden_bias.iter().zip(label);
        RbmParameters {
            hidden_bias: biases.map(|(c, u)| c + u).collect(),
            ..self.pixels_alone()
        }
    }

    /// The parameters of the pixels and the hidden units, without the labels.
    #[must_use]
    pub fn pixels_alone(&self) -> RbmParameters {
        RbmParameters {
            visible: self.pixels(),
            hidden: self.joint.hidden,
            w: self.part(0..self.pixels()),
            visible_bias: self.joint.visible_bias[..self.pixels()].to_vec(),
            hidden_bias: self.joint.hidden_bias.clone(),
        }
    }

    /// The bias of a label.
    #[must_use]
    pub fn class_bias(&self, class: usize) -> f32 {
        self.joint.visible_bias[self.pixels() + class]
    }
}

/// A model with label units as a file holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledFile {
    /// The parameters.
    pub parameters: LabelledParameters,
    /// Settings, and whatever else a file says of itself.
    pub metadata: BTreeMap<String, String>,
}

impl LabelledFile {
    /// Reads a model; `None` if it is an RBM without label units.
    ///
    /// # Errors
    /// [`ModelFileError`] names the file and what is wrong with it.
    pub fn load(path: impl AsRef<Path>) -> Result<Option<Self>, ModelFileError> {
        Ok(Self::load_noted(path)?.map(|(file, _)| file))
    }

    /// Reads a model, and says what the user should know of how it was read; see
    /// [`RbmFile::load_noted`](super::RbmFile::load_noted).
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_noted(
        path: impl AsRef<Path>,
    ) -> Result<Option<(Self, Vec<String>)>, ModelFileError> {
        let path = path.as_ref();
        read::bytes_of(path)
            .and_then(|bytes| Self::from_bytes_noted(&bytes))
            .map_err(|problem| problem.at(path))
    }

    /// Reads a model from the bytes of a file; `None` if it has no tensor `U`.
    ///
    /// # Errors
    /// [`ModelProblem`] if the bytes are no safetensors file or its tensors make no such model.
    pub fn from_bytes(bytes: &[u8]) -> Result<Option<Self>, ModelProblem> {
        Ok(Self::from_bytes_noted(bytes)?.map(|(file, _)| file))
    }

    fn from_bytes_noted(bytes: &[u8]) -> Result<Option<(Self, Vec<String>)>, ModelProblem> {
        let Some((model, notes)) = read::labelled(bytes)? else {
            return Ok(None);
        };
        let read::WithLabels {
            file,
            classes,
            weights,
            bias,
        } = model;
        let file = Self {
            parameters: LabelledParameters::of(file.parameters, classes, &weights, &bias),
            metadata: file.metadata,
        };
        Ok(Some((file, notes)))
    }

    /// The bytes of the file: the same for the same model, always.
    ///
    /// # Errors
    /// [`ModelProblem`] if the parameters could not be read back, or if there is more metadata than the format allows.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelProblem> {
        let model = &self.parameters;
        model.joint.check()?;
        let (hidden, pixels, classes) = (model.joint.hidden, model.pixels(), model.classes);
        let (w, u) = (model.part(0..pixels), model.part(pixels..pixels + classes));
        let (b, d) = model.joint.visible_bias.split_at(pixels);
        let tensors = [
            (LABEL_WEIGHTS, vec![hidden, classes], &u[..]),
            (W, vec![hidden, pixels], &w),
            (HIDDEN_BIAS, vec![hidden], &model.joint.hidden_bias),
            (VISIBLE_BIAS, vec![pixels], b),
            (LABEL_BIAS, vec![classes], d),
        ];
        write(&tensors, &self.metadata)
    }
}
