//! Chains that continue from one set of rows to another.

use bitspin_core::bits::{WORD, words};

use super::lock::{read, write};
use super::{TrainError, Trainer};
use crate::BitMatrix;
use crate::bit_matrix::check_units;

impl Trainer {
    /// The hidden units of every chain, `[hidden words]` after `[hidden words]`: as many chains as the largest minibatch has
    /// rows. Those that no minibatch has used yet have all units off.
    pub(super) fn hidden_words(&self) -> Vec<u64> {
        let words = self.shape.hidden_words();
        let mut hidden = vec![0; self.settings.largest_batch() * words];
        for worker in &self.workers {
            let worker = read(worker);
            let (first, own) = (worker.shard.first() / WORD, worker.hidden.rngs.len());
            let rows = worker.hidden.hidden.chunks_exact(own);
            for (target, row) in hidden.chunks_exact_mut(words).zip(rows) {
                target[first..first + own].copy_from_slice(row);
            }
        }
        hidden
    }

    /// Sets the hidden units of the first chains.
    pub(super) fn set_hidden_words(&self, hidden: &[u64]) {
        for worker in &self.workers {
            let mut worker = write(worker);
            let (first, own) = (worker.shard.first() / WORD, worker.hidden.rngs.len());
            let rows = hidden.chunks_exact(self.shape.hidden_words());
            for (target, row) in worker.hidden.hidden.chunks_exact_mut(own).zip(rows) {
                target.copy_from_slice(&row[first..first + own]);
            }
        }
    }

    /// The hidden units of every chain, one row per row of the largest minibatch. With
    /// [`Method::Persistent`](super::Method::Persistent) they are where the next minibatch's chains start.
    #[must_use]
    pub fn hidden_states(&self) -> BitMatrix {
        BitMatrix::checked(self.shape.hidden(), self.hidden_words())
    }

    /// Sets the hidden units of the first chains; the others have all units off.
    ///
    /// # Errors
    /// [`TrainError::Model`] if the rows are of another number of units than the hidden layer, or more than the largest
    /// minibatch has.
    ///
    /// ```
    /// use bitspin::BitMatrix;
    /// use bitspin::train::{Method, Settings, Trainer, initial_parameters};
    ///
    /// let settings = Settings { batch: 3, method: Method::Persistent, ..Settings::default() };
    /// let mut trainer = Trainer::new(&initial_parameters(2, 2, 1), 4, settings)?;
    /// trainer.set_hidden_states(&BitMatrix::from_bits(2, vec![0b01, 0b10])?)?;
    /// assert_eq!(trainer.hidden_states().bits(), [0b01, 0b10, 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_hidden_states(&mut self, hidden: &BitMatrix) -> Result<(), TrainError> {
        check_units(self.shape.hidden(), hidden)?;
        let (most, found) = (self.settings.largest_batch(), hidden.count());
        if found > most {
            let what = "chains";
            return Err(TrainError::Model(bitspin_core::Error::Length {
                what,
                expected: most,
                found,
            }));
        }
        let mut all = hidden.bits().to_vec();
        all.resize(most * words(self.shape.hidden()), 0);
        self.set_hidden_words(&all);
        Ok(())
    }

    /// Trains on `rows` rows from the next epoch on. Chains, generators, velocities and means stay. The rest of an epoch
    /// that was interrupted is dropped.
    ///
    /// ```
    /// use bitspin::BitMatrix;
    /// use bitspin::train::{Settings, Trainer, initial_parameters};
    ///
    /// let mut trainer = Trainer::new(&initial_parameters(2, 2, 1), 3, Settings::default())?;
    /// trainer.epoch(&BitMatrix::from_bits(2, vec![0b11; 3])?)?;
    /// trainer.set_rows(5);
    /// assert_eq!(trainer.epoch(&BitMatrix::from_bits(2, vec![0b00; 5])?)?.images, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_rows(&mut self, rows: usize) {
        self.begun = None;
        if rows != self.order.len() {
            self.order = (0..rows as u32).collect();
        }
    }
}
