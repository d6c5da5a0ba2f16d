//! An epoch as one of its threads sees it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bitspin_core::rbm::train::{Evidence, LearningRate};
use bitspin_core::rbm::{ShardWeights, Weights};

use super::barrier::Barrier;
use super::places::OwnedPlaces;
use super::trainer::{Trainer, TrainingData};
use crate::interrupt::Interrupt;

pub(super) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// One thread's part of an epoch.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// Sum of squared reconstruction errors of the thread's places, in 2^-24.
    pub(super) error: u64,
    /// Images of all threads.
    pub(super) images: usize,
    /// Fraction bits at the end, or `None` if the parameters outgrew them all.
    pub(super) fraction_bits: Option<u32>,
}

/// What the threads of an epoch share.
pub(super) struct EpochRun<'a> {
    pub(super) trainer: &'a Trainer,
    pub(super) data: TrainingData<'a>,
    pub(super) rate: LearningRate,
    pub(super) barrier: Barrier,
    pub(super) stop: AtomicBool,
    pub(super) interrupt: &'a Interrupt,
    pub(super) progress: &'a (dyn Fn(usize) + Sync),
}

impl EpochRun<'_> {
    /// The whole epoch as thread `thread` sees it. All threads take every branch together, for they decide it by what
    /// all of them read after the same barrier.
    pub(super) fn work(&self, thread: usize) -> Part {
        let trainer = self.trainer;
        let mut part = Part {
            error: 0,
            images: 0,
            fraction_bits: None,
        };
        let mut fraction_bits = trainer.fraction_bits;
        for batch in trainer.order.chunks(trainer.settings.batch) {
            let Some(bits) = self.fit(thread, fraction_bits) else {
                return part;
            };
            fraction_bits = bits;
            if let Some(places) = trainer.places.get(thread) {
                part.error += self.sample(&mut write(places), batch, fraction_bits);
            }
            self.barrier.wait();
            self.update(thread, batch.len(), fraction_bits);
            part.images += batch.len();
            if thread == 0 {
                (self.progress)(batch.len());
                if self.interrupt.is_set() {
                    self.stop.store(true, Ordering::Relaxed);
                }
            }
            self.barrier.wait();
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        part.fraction_bits = self.fit(thread, fraction_bits);
        part
    }

    /// Takes fraction bits away until no field can overflow, and returns how many are left.
    fn fit(&self, thread: usize, mut fraction_bits: u32) -> Option<u32> {
        let trainer = self.trainer;
        loop {
            let shards: Vec<_> = trainer.shards.iter().map(read).collect();
            if trainer.fields_fit(&shards, &read(&trainer.hidden_bias)) {
                return Some(fraction_bits);
            }
            drop(shards);
            fraction_bits = fraction_bits.checked_sub(1)?;
            self.barrier.wait();
            if let Some(shard) = trainer.shards.get(thread) {
                write(shard).requantise(fraction_bits);
            }
            if thread == 0 {
                write(&trainer.hidden_bias).requantise(fraction_bits);
            }
            self.barrier.wait();
        }
    }

    /// Loads the thread's share of the minibatch and runs its chains; returns their squared error.
    fn sample(&self, owned: &mut OwnedPlaces, batch: &[u32], fraction_bits: u32) -> u64 {
        let trainer = self.trainer;
        let shape = trainer.shape;
        let count = owned.share(batch.len());
        let items = &batch[owned.first.min(batch.len())..][..count];
        let mut places = owned.view();
        match self.data {
            TrainingData::Grey(pixels) => {
                places.draw_data(count, |k| {
                    &pixels[items[k] as usize * shape.visible()..][..shape.visible()]
                });
            }
            TrainingData::Packed(words) => {
                let targets = places.data_mut().chunks_exact_mut(shape.visible_words());
                for (target, &item) in targets.zip(items) {
                    target.copy_from_slice(
                        &words[item as usize * shape.visible_words()..][..shape.visible_words()],
                    );
                }
            }
        }
        let shards: Vec<_> = trainer.shards.iter().map(read).collect();
        let views: Vec<ShardWeights<'_>> = shards.iter().map(|shard| shard.quantised()).collect();
        let hidden_bias = read(&trainer.hidden_bias);
        let weights = Weights::new(shape, fraction_bits, hidden_bias.quantised(), &views)
            .expect("the shards were cut from this shape");
        places.contrast(
            &weights,
            trainer.settings.method,
            trainer.settings.steps,
            count,
        )
    }

    /// Updates the thread's shard by the evidence of all places.
    fn update(&self, thread: usize, items: usize, fraction_bits: u32) {
        let trainer = self.trainer;
        let places: Vec<_> = trainer.places.iter().map(read).collect();
        let evidence: Vec<Evidence<'_>> = places
            .iter()
            .flat_map(|places| places.evidence(items))
            .collect();
        if let Some(shard) = trainer.shards.get(thread) {
            write(shard).update(&evidence, items, &self.rate, fraction_bits);
        }
        if thread == 0 {
            write(&trainer.hidden_bias).update(&evidence, items, &self.rate, fraction_bits);
        }
    }
}
