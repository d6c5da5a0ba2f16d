//! Functions of visible units that are real numbers: hidden probabilities, free energies and what a flip changes, by the
//! formulas of binary units.

mod classes;

pub use classes::real_logits;

use bitspin_core::Error;
use bitspin_core::kernel::softplus::{self, sigmoids, single_sigmoids};

use super::BLOCK;
use super::fields::{FieldTable, TILE};
use crate::control::{Control, whole};
use crate::engine::parameters;
use crate::model_file::RbmParameters;
use crate::parallel;

/// Rows of finite real numbers.
pub trait RealRows: Sync {
    /// Number of rows.
    fn count(&self) -> usize;
    /// Numbers per row.
    fn units(&self) -> usize;
    /// Appends column and value of the numbers of a row that are not zero; columns are less than [`units`](Self::units).
    fn entries(&self, row: usize, found: &mut Vec<(u32, f64)>);
}

/// Rows of float64, each of the same length.
impl<R: AsRef<[f64]> + Sync> RealRows for [R] {
    fn count(&self) -> usize {
        self.len()
    }

    fn units(&self) -> usize {
        self.first().map_or(0, |row| row.as_ref().len())
    }

    fn entries(&self, row: usize, found: &mut Vec<(u32, f64)>) {
        let entries = self[row].as_ref().iter().enumerate();
        found.extend(
            entries
                .filter(|&(_, &x)| x != 0.0)
                .map(|(i, &x)| (i as u32, x)),
        );
    }
}

/// A model, prepared for many rows of real numbers. Arithmetic is float64, with the parameters in float32.
///
/// ```
/// use bitspin::{Control, evaluate::RealLayer, model_file::RbmParameters};
/// let (w, visible_bias, hidden_bias) = (vec![2.0, -1.0], vec![0.5, 0.25], vec![0.0]);
/// let model = RbmParameters { visible: 2, hidden: 1, w, visible_bias, hidden_bias };
/// let layer = RealLayer::new(&model)?;
/// let p = layer.probabilities(&[[0.5, 1.0]][..], 1)?;
/// assert!((p[0] - 0.5).abs() < 1e-15);
/// # Ok::<(), bitspin::Error>(())
/// ```
pub struct RealLayer<'a> {
    table: FieldTable,
    model: &'a RbmParameters,
}

/// The entries of a block of rows.
#[derive(Default)]
struct Block {
    entries: Vec<(u32, f64)>,
    ends: Vec<usize>,
}

impl Block {
    fn fill(&mut self, rows: &(impl RealRows + ?Sized), range: std::ops::Range<usize>) {
        self.entries.clear();
        self.ends.clear();
        for row in range {
            rows.entries(row, &mut self.entries);
            self.ends.push(self.entries.len());
        }
    }

    /// The entries of every row.
    fn rows(&self) -> impl Iterator<Item = &[(u32, f64)]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts
            .zip(&self.ends)
            .map(|(&start, &end)| &self.entries[start..end])
    }
}

impl<'a> RealLayer<'a> {
    /// Prepares a model. O(visible x hidden).
    ///
    /// # Errors
    /// [`Error`] if the model's shapes disagree or a parameter is not finite.
    pub fn new(model: &'a RbmParameters) -> Result<Self, Error> {
        parameters(model)?.check()?;
        let table = FieldTable::new(model);
        Ok(Self { table, model })
    }

    /// sigmoid(c + W v) of every row, \[row\]\[hidden\]. O(entries x hidden).
    ///
    /// # Errors
    /// [`Error::Length`] if rows are of another number of units than the model.
    pub fn probabilities(
        &self,
        rows: &(impl RealRows + ?Sized),
        threads: usize,
    ) -> Result<Vec<f64>, Error> {
        let mut found = vec![0.0; rows.count() * self.model.hidden];
        self.probabilities_into(rows, &mut found, threads, Control::new())
            .map(whole)?;
        Ok(found)
    }

    /// [`Self::probabilities`] that writes them to `found` and reports rows; `None` if interrupted.
    ///
    /// # Errors
    /// As [`Self::probabilities`]; [`Error::Length`] also if `found` has another length.
    pub fn probabilities_into(
        &self,
        rows: &(impl RealRows + ?Sized),
        found: &mut [f64],
        threads: usize,
        control: Control<'_>,
    ) -> Result<Option<()>, Error> {
        self.over_tiles(rows, found, threads, control, |tile, entries, found| {
            let mut p = [0.0; TILE];
            sigmoids(&self.fields(tile, entries), 1.0, &mut p);
            found.copy_from_slice(&p[..found.len()]);
        })
    }

    /// [`Self::probabilities_into`] in float32, two to three times as fast: the error of a field is at most 2^-23 (entries + 2)
    /// times the sum of the magnitudes of its terms, and that of a probability a quarter of it and 2^-22 of the probability, which
    /// is at least e^-87.
    ///
    /// # Errors
    /// As [`Self::probabilities_into`].
    pub fn single_probabilities_into(
        &self,
        rows: &(impl RealRows + ?Sized),
        found: &mut [f32],
        threads: usize,
        control: Control<'_>,
    ) -> Result<Option<()>, Error> {
        self.over_tiles(rows, found, threads, control, |tile, entries, found| {
            let p = single_sigmoids(&self.table.single_fields(tile, entries));
            found.copy_from_slice(&p[..found.len()]);
        })
    }

    /// `of_tile(tile, entries of a row, its results)` for all rows and tiles of hidden units.
    fn over_tiles<T: Send>(
        &self,
        rows: &(impl RealRows + ?Sized),
        found: &mut [T],
        threads: usize,
        control: Control<'_>,
        of_tile: impl Fn(usize, &[(u32, f64)], &mut [T]) + Sync,
    ) -> Result<Option<()>, Error> {
        let hidden = self.model.hidden;
        if found.len() != rows.count() * hidden {
            return Err(Error::Length {
                what: "the results",
                expected: rows.count() * hidden,
                found: found.len(),
            });
        }
        self.over_blocks(rows, found, threads, control, |_, block, found| {
            for tile in 0..self.table.tiles() {
                let units = tile * TILE..hidden.min((tile + 1) * TILE);
                let found = found.chunks_exact_mut(hidden);
                for (entries, found) in block.rows().zip(found) {
                    of_tile(tile, entries, &mut found[units.clone()]);
                }
            }
        })
    }

    /// F(v) = -b'v - sum_j ln(1 + exp(c_j + W_j v)) of every row, in nats. O(entries x hidden).
    ///
    /// # Errors
    /// As [`Self::probabilities`].
    pub fn free_energies(
        &self,
        rows: &(impl RealRows + ?Sized),
        threads: usize,
    ) -> Result<Vec<f64>, Error> {
        self.free_energies_with(rows, threads, Control::new())
            .map(whole)
    }

    /// [`Self::free_energies`] that reports rows; `None` if interrupted.
    ///
    /// # Errors
    /// As [`Self::probabilities`].
    pub fn free_energies_with(
        &self,
        rows: &(impl RealRows + ?Sized),
        threads: usize,
        control: Control<'_>,
    ) -> Result<Option<Vec<f64>>, Error> {
        let bias = &self.model.visible_bias;
        let mut found = vec![0.0; rows.count()];
        let done = self.over_blocks(rows, &mut found, threads, control, |_, block, found| {
            for (entries, found) in block.rows().zip(&mut *found) {
                let linear = entries
                    .iter()
                    .map(|&(i, x)| f64::from(bias[i as usize]) * x);
                *found = -linear.sum::<f64>();
            }
            for tile in 0..self.table.tiles() {
                for (entries, found) in block.rows().zip(&mut *found) {
                    *found -= softplus::sum(&self.fields(tile, entries));
                }
            }
        })?;
        Ok(done.map(|()| found))
    }

    /// F(v') - F(v) of every row, where v' has 1 - v_i at the unit i that `flipped` names for the row, in nats.
    /// O(entries x hidden).
    ///
    /// # Errors
    /// As [`Self::probabilities`]; [`Error::Length`] also unless there is a unit per row, [`Error::OutOfRange`] if there is no
    /// such unit.
    pub fn flips_with(
        &self,
        rows: &(impl RealRows + ?Sized),
        flipped: &[u32],
        threads: usize,
        control: Control<'_>,
    ) -> Result<Option<Vec<f64>>, Error> {
        if flipped.len() != rows.count() {
            return Err(Error::Length {
                what: "the units to flip",
                expected: rows.count(),
                found: flipped.len(),
            });
        }
        if flipped
            .iter()
            .any(|&unit| unit as usize >= self.model.visible)
        {
            return Err(Error::OutOfRange {
                what: "a unit to flip",
                expected: "less than the number of visible units",
            });
        }
        let bias = &self.model.visible_bias;
        let mut found = vec![0.0; rows.count()];
        let done =
            self.over_blocks(rows, &mut found, threads, control, |first, block, found| {
                let flipped = &flipped[first..];
                let changes: Vec<f64> = block
                    .rows()
                    .zip(flipped)
                    .map(|(entries, &unit)| {
                        let of_unit = entries.iter().filter(|&&(i, _)| i == unit);
                        1.0 - 2.0 * of_unit.map(|&(_, x)| x).sum::<f64>()
                    })
                    .collect();
                for ((found, change), &unit) in found.iter_mut().zip(&changes).zip(flipped) {
                    *found = -change * f64::from(bias[unit as usize]);
                }
                for tile in 0..self.table.tiles() {
                    let rows = block.rows().zip(flipped).zip(&changes);
                    for (((entries, &unit), &change), found) in rows.zip(&mut *found) {
                        let mut fields = self.fields(tile, entries);
                        let before = softplus::sum(&fields);
                        self.table.add(tile, &[(unit, change)], &mut fields);
                        *found -= softplus::sum(&fields) - before;
                    }
                }
            })?;
        Ok(done.map(|()| found))
    }

    /// The fields of a tile's hidden units.
    #[inline]
    fn fields(&self, tile: usize, entries: &[(u32, f64)]) -> [f64; TILE] {
        self.table.real_fields(tile, entries)
    }

    /// `work(first row, its entries, its results)` on blocks of rows, which have equal shares of `found`.
    fn over_blocks<T: Send>(
        &self,
        rows: &(impl RealRows + ?Sized),
        found: &mut [T],
        threads: usize,
        control: Control<'_>,
        work: impl Fn(usize, &Block, &mut [T]) + Sync,
    ) -> Result<Option<()>, Error> {
        if rows.units() != self.model.visible {
            return Err(Error::Length {
                what: "a row",
                expected: self.model.visible,
                found: rows.units(),
            });
        }
        let count = rows.count();
        if count == 0 {
            return Ok(Some(()));
        }
        let width = found.len() / count;
        let each = count.div_ceil(threads.max(1));
        let parts = found.chunks_mut(each * width).enumerate();
        parallel::each(parts, |(part, found)| {
            let mut block = Block::default();
            for (at, found) in found.chunks_mut(BLOCK * width).enumerate() {
                if control.is_stopped() {
                    return;
                }
                let (first, count) = (part * each + at * BLOCK, found.len() / width);
                block.fill(rows, first..first + count);
                work(first, &block, found);
                control.advance(count);
            }
        });
        Ok((!control.is_stopped()).then_some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::initial_parameters;

    #[test]
    fn results_are_those_of_the_formulas() {
        let mut model = initial_parameters(37, 45, 3);
        model.w.iter_mut().for_each(|w| *w *= 80.0);
        model
            .visible_bias
            .iter_mut()
            .zip(&model.w)
            .for_each(|(b, w)| *b = 2.0 * w);
        let rows: Vec<Vec<f64>> = (0..131)
            .map(|k| {
                let value = |i: usize| f64::from(((k * 37 + i * 11) % 7) as u32) / 3.0 - 0.7;
                (0..37)
                    .map(|i| if (i + k) % 3 == 0 { 0.0 } else { value(i) })
                    .collect()
            })
            .collect();
        let fields = |v: &[f64]| -> Vec<f64> {
            let weights = model.w.chunks_exact(37).zip(&model.hidden_bias);
            let dot = |w: &[f32]| w.iter().zip(v).map(|(w, v)| f64::from(*w) * v).sum::<f64>();
            weights.map(|(w, c)| dot(w) + f64::from(*c)).collect()
        };
        let free = |v: &[f64]| {
            let linear = model.visible_bias.iter().zip(v);
            let softplus: f64 = fields(v).iter().map(|x| x.exp().ln_1p()).sum();
            -linear.map(|(b, v)| f64::from(*b) * v).sum::<f64>() - softplus
        };
        let layer = RealLayer::new(&model).unwrap();
        let flipped: Vec<u32> = (0..131).map(|k| k * 5 % 37).collect();
        for threads in [1, 3] {
            let p = layer.probabilities(&rows[..], threads).unwrap();
            let mut single = vec![0.0; 131 * 45];
            let done =
                layer.single_probabilities_into(&rows[..], &mut single, threads, Control::new());
            assert_eq!(done, Ok(Some(())));
            let pairs = p.iter().zip(&single);
            assert!(pairs.clone().all(|(p, s)| (p - f64::from(*s)).abs() < 1e-5));
            let energies = layer.free_energies(&rows[..], threads).unwrap();
            let changes = layer.flips_with(&rows[..], &flipped, threads, Control::new());
            let changes = changes.unwrap().unwrap();
            for (k, row) in rows.iter().enumerate() {
                for (p, x) in p[k * 45..][..45].iter().zip(fields(row)) {
                    assert!((p - 1.0 / (1.0 + (-x).exp())).abs() < 1e-13);
                }
                assert!((energies[k] - free(row)).abs() < 1e-11);
                let mut other = row.clone();
                let unit = flipped[k] as usize;
                other[unit] = 1.0 - other[unit];
                assert!((changes[k] - (free(&other) - free(row))).abs() < 1e-10);
            }
        }
        let wrong = layer.free_energies(&[[0.0; 36]][..], 1);
        assert!(matches!(wrong, Err(Error::Length { .. })));
    }
}
