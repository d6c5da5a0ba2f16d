//! An epoch as one of its threads sees it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bitspin_core::rbm::train::{Evidence, LearningRate, Places};
use bitspin_core::rbm::{ShardWeights, Weights};

use super::Settings;
use super::barrier::Barrier;
use super::contribution::Contribution;
use super::places::OwnedPlaces;
use super::trainer::{Trainer, TrainingData};
use crate::interrupt::Interrupt;

/// Bytes that memory hands out at a time.
const CACHE_LINE: usize = 64;

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
        let mut batches = trainer.order.chunks(trainer.settings.batch).peekable();
        if let Some(batch) = batches.peek() {
            self.draw(thread, batch, |places, first, _| {
                self.load(places, first, batch)
            });
        }
        while let Some(batch) = batches.next() {
            let Some(bits) = self.fit(thread, fraction_bits) else {
                return part;
            };
            fraction_bits = bits;
            let next = batches.peek().copied().unwrap_or_default();
            part.error += self.sample(thread, batch, next, fraction_bits);
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

    /// Runs the chains of the minibatch and loads the data of the `next`; returns the squared error of the thread's places.
    fn sample(&self, thread: usize, batch: &[u32], next: &[u32], fraction_bits: u32) -> u64 {
        if self.trainer.settings.threads == 1 {
            return self.sample_alone(batch, next, fraction_bits);
        }
        let Settings { method, steps, .. } = self.trainer.settings;
        let mut error = 0;
        self.contribute(thread, Contribution::hidden_of_data);
        self.draw(thread, batch, |places, first, count| {
            self.gather_hidden(places.hidden_fields_mut(), first);
            places.begin(fraction_bits, method, count);
        });
        for step in 0..steps {
            self.contribute(thread, Contribution::visible_of_hidden);
            self.draw(thread, batch, |places, first, count| {
                for (shard, contribution) in
                    self.trainer.shards.iter().zip(&self.trainer.contributions)
                {
                    let shard = read(shard);
                    read(contribution).copy_visible(first, places.visible_fields_mut());
                    error += places.draw_visible(
                        shard.first(),
                        shard.units(),
                        fraction_bits,
                        method,
                        step,
                        count,
                    );
                }
            });
            self.contribute(thread, |part, shard, places| {
                part.hidden_of_chain(shard, places, method, step);
            });
            self.draw(thread, batch, |places, first, count| {
                self.gather_hidden(places.hidden_fields_mut(), first);
                if step + 1 < steps {
                    places.draw_hidden(fraction_bits, count);
                } else {
                    places.end(fraction_bits, method, count);
                    // The statistics have what they need of the data at hand.
                    self.load(places, first, next);
                }
            });
        }
        error
    }

    /// The same for a thread that has everything.
    fn sample_alone(&self, batch: &[u32], next: &[u32], fraction_bits: u32) -> u64 {
        let trainer = self.trainer;
        let shards: Vec<_> = trainer.shards.iter().map(read).collect();
        let views: Vec<ShardWeights<'_>> = shards.iter().map(|shard| shard.quantised()).collect();
        let hidden_bias = read(&trainer.hidden_bias);
        let weights = Weights::new(
            trainer.shape,
            fraction_bits,
            hidden_bias.quantised(),
            &views,
        )
        .expect("the shards were cut from this shape");
        let Settings { method, steps, .. } = trainer.settings;
        let places = trainer.places.iter();
        places
            .map(|places| {
                let mut owned = write(places);
                let (first, count) = (owned.first, owned.share(batch.len()));
                let mut places = owned.view();
                let error = places.contrast(&weights, method, steps, count);
                self.load(&mut places, first, next);
                error
            })
            .sum()
    }

    /// Lets the thread's shard give its part to the fields of all places, and waits for the others to have done so.
    fn contribute(
        &self,
        thread: usize,
        part: impl Fn(&mut Contribution, &ShardWeights<'_>, &OwnedPlaces),
    ) {
        let trainer = self.trainer;
        if let (Some(shard), Some(contribution)) = (
            trainer.shards.get(thread),
            trainer.contributions.get(thread),
        ) {
            let (shard, mut contribution) = (read(shard), write(contribution));
            for places in &trainer.places {
                part(&mut contribution, &shard.quantised(), &read(places));
            }
        }
        self.barrier.wait();
    }

    /// Lets `draw` loose on the thread's places (with the number of the first, and how many are in use), and waits for
    /// the others to have done so.
    fn draw(
        &self,
        thread: usize,
        batch: &[u32],
        mut draw: impl FnMut(&mut Places<'_>, usize, usize),
    ) {
        if let Some(places) = self.trainer.places.get(thread) {
            let mut owned = write(places);
            let (first, count) = (owned.first, owned.share(batch.len()));
            draw(&mut owned.view(), first, count);
        }
        self.barrier.wait();
    }

    /// The hidden fields of the places from `first` on: the biases and the parts of all shards.
    fn gather_hidden(&self, fields: &mut [i16], first: usize) {
        let bias = read(&self.trainer.hidden_bias);
        for fields in fields.chunks_exact_mut(self.trainer.shape.hidden_stride()) {
            fields.copy_from_slice(bias.quantised());
        }
        for contribution in &self.trainer.contributions {
            read(contribution).add_hidden(first, fields);
        }
    }

    /// Draws or copies the data of a minibatch, for the places from `first` on.
    fn load(&self, places: &mut Places<'_>, first: usize, batch: &[u32]) {
        let shape = self.trainer.shape;
        let items = batch.get(first..).unwrap_or_default();
        let items = &items[..items.len().min(places.len())];
        match self.data {
            TrainingData::Grey(pixels) => {
                let image =
                    |item: u32| &pixels[item as usize * shape.visible()..][..shape.visible()];
                // Images lie all over memory: to ask for all their cache lines first lets many be on their way at once.
                for line in items
                    .iter()
                    .flat_map(|&item| image(item).chunks(CACHE_LINE))
                {
                    std::hint::black_box(line[0]);
                }
                places.draw_data(items.len(), |k| image(items[k]));
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
