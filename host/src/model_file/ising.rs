//! Ising models and Boltzmann machines on disk.

use std::collections::BTreeMap;
use std::path::Path;

use super::read::{self, Tensor};
use super::{ModelFileError, ModelProblem, not_finite, write};

pub(super) const W: &str = "w";
const H: &str = "h";
const WANTED: &str = "an Ising model has w and, if there are fields, h";

/// An Ising model as a file holds it, E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i: `w` \[n, n\], symmetric with a zero
/// diagonal, and `h` \[n\], or none for no fields.
///
/// ```
/// use bitspin::model_file::IsingFile;
/// let file = IsingFile { w: vec![0.0, 0.5, 0.5, 0.0], h: vec![0.0, -1.0], metadata: Default::default() };
/// assert_eq!(IsingFile::from_bytes(&file.to_bytes()?, false)?, file);
/// # Ok::<(), bitspin::model_file::ModelProblem>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct IsingFile {
    /// Couplings, n x n, row by row.
    pub w: Vec<f32>,
    /// Fields.
    pub h: Vec<f32>,
    /// Settings, and whatever else a file says of itself.
    pub metadata: BTreeMap<String, String>,
}

impl IsingFile {
    /// Number of spins, n.
    #[must_use]
    pub fn units(&self) -> usize {
        self.h.len()
    }

    /// Reads a model. With `symmetrise`, couplings that differ in the two directions become their mean, which the energy
    /// cannot tell from them.
    ///
    /// # Errors
    /// [`ModelFileError`] names the file and what is wrong with it.
    pub fn load(path: impl AsRef<Path>, symmetrise: bool) -> Result<Self, ModelFileError> {
        let path = path.as_ref();
        read::bytes_of(path)
            .and_then(|bytes| Self::from_bytes(&bytes, symmetrise))
            .map_err(|problem| ModelFileError {
                path: path.to_owned(),
                problem,
            })
    }

    /// Reads a model from the bytes of a file; see [`load`](Self::load).
    ///
    /// # Errors
    /// [`ModelProblem`] if the bytes are no safetensors file or its tensors make no Ising model.
    pub fn from_bytes(bytes: &[u8], symmetrise: bool) -> Result<Self, ModelProblem> {
        let tensors = read::open(bytes)?;
        let couplings = Tensor::find(&tensors, W, WANTED)?;
        let units = match couplings.shape.as_slice() {
            &[rows, columns] if rows == columns && (2..=1 << 16).contains(&rows) => rows,
            other => {
                let found = other.to_vec();
                return Err(ModelProblem::NotSquare { found });
            }
        };
        let h = if tensors.names().contains(&H) {
            let fields = Tensor::find(&tensors, H, WANTED)?;
            if fields.shape.len() != 1 {
                return Err(fields.rank("[n]"));
            }
            fields.to_f32(units)?
        } else {
            vec![0.0; units]
        };
        let mut model = Self {
            w: couplings.to_f32(units)?,
            h,
            metadata: read::metadata(bytes)?,
        };
        model.check_finite()?;
        if symmetrise {
            model.symmetrise();
        }
        model.check()?;
        Ok(model)
    }

    /// The bytes of the file: the same for the same model, always.
    ///
    /// # Errors
    /// [`ModelProblem`] if the model could not be read back.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelProblem> {
        self.check()?;
        let n = self.units();
        let tensors = [(H, vec![n], &self.h[..]), (W, vec![n, n], &self.w[..])];
        write(&tensors, &self.metadata)
    }

    /// Checks that these are the numbers of an Ising model.
    ///
    /// # Errors
    /// [`ModelProblem`] naming the tensor and the place: a length, a number that is not finite, the diagonal, or the
    /// first pair that differs.
    pub fn check(&self) -> Result<(), ModelProblem> {
        let n = self.w.len().isqrt();
        if n * n != self.w.len() || n < 2 {
            let found = vec![self.w.len()];
            return Err(ModelProblem::NotSquare { found });
        }
        if self.h.len() != n {
            let (units, found) = (n, self.h.len());
            return Err(ModelProblem::Fields { units, found });
        }
        self.check_finite()?;
        for row in 0..n {
            let value = self.w[row * n + row];
            if value != 0.0 {
                return Err(ModelProblem::Diagonal { unit: row, value });
            }
            for column in row + 1..n {
                let (forth, back) = (self.w[row * n + column], self.w[column * n + row]);
                if forth != back {
                    return Err(ModelProblem::Asymmetric {
                        row,
                        column,
                        forth,
                        back,
                    });
                }
            }
        }
        Ok(())
    }

    fn check_finite(&self) -> Result<(), ModelProblem> {
        for (tensor, values) in [(W, &self.w), (H, &self.h)] {
            if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                let row = self.h.len().max(1);
                return Err(not_finite(tensor, at, row, values[at].into()));
            }
        }
        Ok(())
    }

    /// Takes the mean of the two directions.
    fn symmetrise(&mut self) {
        let n = self.w.len().isqrt();
        for row in 0..n {
            for column in row + 1..n {
                let mean = 0.5 * self.w[row * n + column] + 0.5 * self.w[column * n + row];
                self.w[row * n + column] = mean;
                self.w[column * n + row] = mean;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(w: Vec<f32>, h: Vec<f32>) -> IsingFile {
        let metadata = BTreeMap::new();
        IsingFile { w, h, metadata }
    }

    /// Bytes that `to_bytes` would refuse to write.
    fn unchecked(w: &[f32], shape: &[usize], h: Option<&[f32]>) -> Vec<u8> {
        let fields = h.into_iter().map(|h| (H, vec![h.len()], h));
        let tensors: Vec<_> = fields.chain([(W, shape.to_vec(), w)]).collect();
        write(&tensors, &BTreeMap::new()).unwrap()
    }

    #[test]
    fn what_makes_no_model_is_named() {
        let refused = |w: &[f32], shape: &[usize], h: Option<&[f32]>| {
            let bytes = unchecked(w, shape, h);
            IsingFile::from_bytes(&bytes, false)
                .unwrap_err()
                .to_string()
        };
        let pair = refused(&[0.0, 1.0, 2.0, 0.0], &[2, 2], None);
        assert!(
            pair.contains("1 at [0, 1] but 2 at [1, 0]") && pair.contains("--symmetrise"),
            "{pair}"
        );
        assert!(refused(&[0.0, 1.0, 1.0, 3.0], &[2, 2], None).contains("3 at [1, 1]"));
        assert!(refused(&[0.0, f32::NAN, 1.0, 0.0], &[2, 2], None).contains("NaN at [0, 1]"));
        assert!(refused(&[0.0; 4], &[2, 2], Some(&[0.0, f32::INFINITY])).contains("inf at [1]"));
        assert!(refused(&[0.0; 4], &[2, 2], Some(&[0.0; 3])).contains("3 elements"));
        assert!(refused(&[0.0; 4], &[4], None).contains("shape [4]"));
        assert!(refused(&[0.0], &[1, 1], None).contains("shape [1, 1]"));
        assert!(refused(&[], &[0, 0], None).contains("shape [0, 0]"));
        let bytes = write(&[(H, vec![1], &[0.0][..])], &BTreeMap::new()).unwrap();
        let missing = IsingFile::from_bytes(&bytes, false)
            .unwrap_err()
            .to_string();
        assert!(
            missing.contains("no tensor w") && missing.contains("an Ising model has"),
            "{missing}"
        );
    }

    #[test]
    fn directions_become_their_mean_and_fields_may_be_missing() {
        let bytes = unchecked(&[0.0, 1.0, 2.0, 0.0], &[2, 2], None);
        let model = IsingFile::from_bytes(&bytes, true).unwrap();
        assert_eq!(model, file(vec![0.0, 1.5, 1.5, 0.0], vec![0.0; 2]));
        assert!(
            file(vec![0.0, 1.0, 2.0, 0.0], vec![0.0; 2])
                .to_bytes()
                .is_err()
        );
    }
}
