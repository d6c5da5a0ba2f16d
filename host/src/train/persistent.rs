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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Method, Settings, TrainerState, initial_parameters};

    fn rows(count: usize) -> BitMatrix {
        let bits = (0..count as u64).map(|k| (k * 0x9e37_79b9) & 0xf_ffff);
        BitMatrix::from_bits(20, bits.collect()).unwrap()
    }

    fn trainer(batch: usize, threads: usize) -> Trainer {
        let settings = Settings {
            batch,
            threads,
            method: Method::Persistent,
            ..Settings::default()
        };
        Trainer::new(&initial_parameters(20, 130, 1), 9, settings).unwrap()
    }

    #[test]
    fn training_goes_on_with_other_rows_at_any_number_of_threads_and_from_bytes() {
        let run = |threads: usize, by_bytes: bool| {
            let mut trainer = trainer(7, threads);
            trainer.epoch(&rows(9)).unwrap();
            if by_bytes {
                let bytes = trainer.state().to_bytes();
                let state = TrainerState::from_bytes(&bytes).unwrap();
                assert_eq!(state.rows(), 9);
                assert_eq!(TrainerState::from_bytes(&bytes[1..]), None);
                let settings = trainer.settings.clone();
                trainer = Trainer::resume(state, 9, settings).unwrap();
            }
            trainer.set_rows(4);
            assert_eq!(trainer.epoch(&rows(4)).unwrap().images, 4);
            assert!(trainer.epoch(&rows(9)).is_err());
            (trainer.parameters(), trainer.hidden_states())
        };
        let expected = run(1, false);
        assert_eq!(expected.1.count(), 7);
        for threads in 1..4 {
            assert_eq!(run(threads, false), expected);
            assert_eq!(run(threads, true), expected);
        }
    }

    #[test]
    fn a_minibatch_may_be_larger_than_the_data() {
        let mut trainer = trainer(1000, 3);
        assert_eq!(trainer.epoch(&rows(9)).unwrap().images, 9);
        let states = trainer.hidden_states();
        assert!(states.iter().take(9).all(|row| row.iter().any(|&w| w != 0)));
        assert!(states.iter().skip(9).flatten().all(|&word| word == 0));
    }

    #[test]
    fn chains_that_do_not_fit_are_refused() {
        let mut trainer = trainer(2, 1);
        let hidden = |units, count| BitMatrix::from_bits(units, vec![0; count]).unwrap();
        assert!(trainer.set_hidden_states(&hidden(129, 6)).is_err());
        assert!(trainer.set_hidden_states(&hidden(130, 9)).is_err());
        assert!(trainer.set_hidden_states(&hidden(130, 6)).is_ok());
    }
}
