//! Ising models and Boltzmann machines on disk.

use std::collections::BTreeMap;
use std::path::Path;

use super::read::{self, Tensor};
use super::{COUPLINGS as W, ModelFileError, ModelProblem, not_finite, write};

const H: &str = "h";
const WANTED: &str = "an Ising model has w and, if there are fields, h";

/// How a triangular matrix is taken.
pub(crate) const ONE_DIRECTION: &str = "the matrix gives every pair in one direction only (triangular): each entry is taken as the coupling of its pair, \
     E = -sum_{i<j} w_ij s_i s_j";

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

    /// Reads a model. A `w` that gives every pair in one direction only, as a triangular matrix does, is taken as the
    /// couplings of its pairs, w + w'. With `symmetrise`, couplings of another matrix that differ in the two directions
    /// become their mean, which gives the same energy -1/2 s'ws.
    ///
    /// # Errors
    /// [`ModelFileError`] names the file and what is wrong with it.
    pub fn load(path: impl AsRef<Path>, symmetrise: bool) -> Result<Self, ModelFileError> {
        Ok(Self::load_noted(path.as_ref(), symmetrise)?.0)
    }

    /// Reads a model, and says in sentences how it was taken where that is not evident.
    pub(crate) fn load_noted(
        path: &Path,
        symmetrise: bool,
    ) -> Result<(Self, Vec<String>), ModelFileError> {
        read::bytes_of(path)
            .and_then(|bytes| Self::from_bytes_noted(&bytes, symmetrise))
            .map_err(|problem| problem.at(path))
    }

    /// Reads a model from the bytes of a file; see [`load`](Self::load).
    ///
    /// # Errors
    /// [`ModelProblem`] if the bytes are no safetensors file or its tensors make no Ising model.
    pub fn from_bytes(bytes: &[u8], symmetrise: bool) -> Result<Self, ModelProblem> {
        Ok(Self::from_bytes_noted(bytes, symmetrise)?.0)
    }

    fn from_bytes_noted(
        bytes: &[u8],
        symmetrise: bool,
    ) -> Result<(Self, Vec<String>), ModelProblem> {
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
        let mut notes = vec![];
        if model.is_in_one_direction() {
            notes.push(ONE_DIRECTION.into());
            model.combine(|forth, back| forth + back);
        } else if symmetrise {
            model.combine(|forth, back| 0.5 * forth + 0.5 * back);
        }
        model.check()?;
        Ok((model, notes))
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

    /// Whether no pair has couplings in both directions, and some pair has one.
    fn is_in_one_direction(&self) -> bool {
        let n = self.w.len().isqrt();
        let mut pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i * n + j, j * n + i)));
        let single = pairs.all(|(forth, back)| self.w[forth] == 0.0 || self.w[back] == 0.0);
        single && (0..n * n).any(|at| at / n != at % n && self.w[at] != 0.0)
    }

    /// Makes one number of the two directions of every pair.
    fn combine(&mut self, of: impl Fn(f32, f32) -> f32) {
        let n = self.w.len().isqrt();
        for row in 0..n {
            for column in row + 1..n {
                let both = of(self.w[row * n + column], self.w[column * n + row]);
                self.w[row * n + column] = both;
                self.w[column * n + row] = both;
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
            pair.contains("1 at [0, 1] but 2 at [1, 0]") && pair.contains("`symmetrise`"),
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

    /// E = -sum_{i<j} w_ij s_i s_j, with the option as without it: its mean would halve every coupling.
    #[test]
    fn a_triangular_matrix_is_taken_as_its_couplings() {
        let upper = [0.0, 1.0, -2.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0];
        let full = vec![0.0, 1.0, -2.0, 1.0, 0.0, 3.0, -2.0, 3.0, 0.0];
        let lower: Vec<f32> = (0..9).map(|at| upper[at % 3 * 3 + at / 3]).collect();
        for w in [&upper[..], &lower] {
            let bytes = unchecked(w, &[3, 3], None);
            for symmetrise in [false, true] {
                let (found, notes) = IsingFile::from_bytes_noted(&bytes, symmetrise).unwrap();
                assert_eq!(found.w, full);
                assert!(notes[0].contains("triangular"), "{notes:?}");
            }
        }
        let bytes = unchecked(&full, &[3, 3], None);
        assert_eq!(
            IsingFile::from_bytes_noted(&bytes, true).unwrap().1.len(),
            0
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
