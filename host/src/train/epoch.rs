//! An epoch as one of its threads sees it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bitspin_core::rbm::train::{LearningRate, Places};

use super::barrier::Barrier;
use super::data::TrainingData;
use super::state::Begun;
use super::trainer::Trainer;
use super::worker::{Centre, Worker};
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
    /// Images of all threads, from the epoch's beginning on.
    pub(super) images: usize,
    /// Binary places of the quantised weights at the end.
    pub(super) fraction_bits: u32,
    /// Whether the parameters outgrew all fraction bits.
    pub(super) diverged: bool,
}

/// What the threads of an epoch share.
pub(super) struct EpochRun<'a> {
    pub(super) trainer: &'a Trainer,
    pub(super) data: TrainingData<'a>,
    /// Digits a minibatch.
    pub(super) batch: usize,
    /// Where the epoch was interrupted, if it was.
    pub(super) begun: Option<&'a Begun>,
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
        let steps = trainer.settings.steps_in(trainer.epoch);
        let mut part = Part {
            error: 0,
            images: 0,
            fraction_bits: trainer.fraction_bits,
            diverged: false,
        };
        let mut fraction_bits = trainer.fraction_bits;
        let mut batches = trainer.order.chunks(self.batch);
        let total = batches.len();
        let mut number = 0;
        if let Some(begun) = self.begun {
            // The data of the next minibatch have been drawn.
            number = begun.minibatches;
            part.images = begun.images;
            part.error = if thread == 0 { begun.error } else { 0 };
            batches = trainer.order[part.images..].chunks(self.batch);
        }
        let mut batches = batches.peekable();
        if self.begun.is_none() {
            self.load(thread, batches.peek().copied().unwrap_or_default());
        }
        self.barrier.wait();
        while let Some(batch) = batches.next() {
            let count = batch.len();
            self.take_data(thread);
            self.positive(thread, fraction_bits, count);
            self.barrier.wait();
            let Some(bits) = self.fit(thread, fraction_bits, count) else {
                part.diverged = true;
                return part;
            };
            fraction_bits = bits;
            for step in 0..steps {
                part.error += self.draw(thread, fraction_bits, step, count);
                if step + 1 < steps {
                    self.barrier.wait();
                    self.step(thread, fraction_bits, step, count);
                    self.barrier.wait();
                }
            }
            self.load(thread, batches.peek().copied().unwrap_or_default());
            if thread == 0 {
                (self.progress)(count);
                if self.interrupt.is_set() {
                    self.stop.store(true, Ordering::Relaxed);
                }
            }
            self.barrier.wait();
            let rate = self.rate(number, total);
            self.learn(thread, fraction_bits, steps - 1, count, &rate);
            number += 1;
            part.images += count;
            part.fraction_bits = fraction_bits;
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        part
    }

    /// How far minibatch `number` of `total` goes.
    fn rate(&self, number: usize, total: usize) -> LearningRate {
        let settings = &self.trainer.settings;
        LearningRate {
            rate: settings.rate(self.trainer.epoch, number, total),
            weight_decay: settings.weight_decay,
            momentum: settings.momentum,
            l1: settings.l1,
            sparsity: settings.sparsity,
        }
    }

    /// Calls `work` with the thread's worker, if it has one, and the visible biases where that is the first.
    fn with_worker(&self, thread: usize, work: impl FnOnce(&mut Worker, &[i16])) {
        if let Some(worker) = self.trainer.workers.get(thread) {
            let bias = (thread == 0).then(|| read(&self.trainer.visible_bias));
            let bias = bias.as_ref().map_or(&[][..], |bias| bias.quantised());
            work(&mut write(worker), bias);
        }
    }

    /// Copies the data of all places to the thread's worker.
    fn take_data(&self, thread: usize) {
        self.with_worker(thread, |worker, _| {
            for places in &self.trainer.places {
                worker.take_data(&read(places));
            }
        });
    }

    /// The positive phase of the thread's worker.
    fn positive(&self, thread: usize, fraction_bits: u32, count: usize) {
        let method = self.trainer.settings.method;
        self.with_worker(thread, |worker, bias| {
            worker.positive(bias, fraction_bits, method, count);
        });
    }

    /// Takes fraction bits away until no field can overflow, and returns how many are left. What the positive phase made
    /// of fields that could is made again.
    fn fit(&self, thread: usize, mut fraction_bits: u32, count: usize) -> Option<u32> {
        while !self.trainer.fields_fit() {
            self.barrier.wait();
            fraction_bits = fraction_bits.checked_sub(1)?;
            if thread == 0 {
                write(&self.trainer.visible_bias).requantise(fraction_bits);
            }
            self.with_worker(thread, |worker, _| worker.requantise(fraction_bits));
            self.positive(thread, fraction_bits, count);
            self.barrier.wait();
        }
        Some(fraction_bits)
    }

    /// Draws the visible units of the thread's places; returns their squared error.
    fn draw(&self, thread: usize, fraction_bits: u32, step: usize, count: usize) -> u64 {
        let Some(places) = self.trainer.places.get(thread) else {
            return 0;
        };
        let stride = self.trainer.shape.visible_stride();
        let mut places = write(places);
        let (first, count) = (places.first, places.share(count));
        let workers: Vec<_> = self.trainer.workers.iter().map(read).collect();
        let parts: Vec<&[i16]> = workers
            .iter()
            .map(|worker| &worker.visible_fields()[first * stride..])
            .collect();
        let method = self.trainer.settings.method;
        places
            .view()
            .draw_chains(&parts, fraction_bits, method, step, count)
    }

    /// Copies the chains of all places to the thread's worker, and lets it go on with the next Gibbs step.
    fn step(&self, thread: usize, fraction_bits: u32, step: usize, count: usize) {
        let method = self.trainer.settings.method;
        self.with_worker(thread, |worker, bias| {
            for places in &self.trainer.places {
                worker.take_chains(&read(places));
            }
            worker.step(bias, fraction_bits, method, step, count);
        });
    }

    /// Copies the chains of all places to the thread's worker, and lets it end the last Gibbs step and learn. The first
    /// updates the visible biases as well.
    fn learn(
        &self,
        thread: usize,
        fraction_bits: u32,
        step: usize,
        count: usize,
        rate: &LearningRate,
    ) {
        let Some(worker) = self.trainer.workers.get(thread) else {
            if self.trainer.settings.centred {
                self.barrier.wait();
            }
            return;
        };
        let mut worker = write(worker);
        for places in &self.trainer.places {
            worker.take_chains(&read(places));
        }
        let method = self.trainer.settings.method;
        if self.trainer.settings.centred {
            self.learn_centred(thread, worker, fraction_bits, (step, count), rate);
            return;
        }
        let hidden = worker.learn(fraction_bits, method, step, count, rate, None);
        if thread == 0 {
            let evidence = hidden.evidence(count);
            write(&self.trainer.visible_bias).update(evidence, count, rate, fraction_bits);
        }
    }

    /// [`Self::learn`] by the centred gradient. That of the visible biases takes what all workers have seen, and so
    /// another barrier.
    fn learn_centred(
        &self,
        thread: usize,
        mut worker: RwLockWriteGuard<'_, Worker>,
        fraction_bits: u32,
        (step, count): (usize, usize),
        rate: &LearningRate,
    ) {
        let trainer = self.trainer;
        let (method, means) = (trainer.settings.method, &trainer.visible_means);
        let hidden = {
            let mut shares = write(&trainer.shares[thread]);
            let centre = Centre {
                visible_means: means,
                shares: &mut shares,
            };
            worker.learn(fraction_bits, method, step, count, rate, Some(centre))
        };
        self.barrier.wait();
        if thread == 0 {
            let evidence = hidden.evidence(count);
            let shares: Vec<_> = trainer.shares.iter().map(read).collect();
            let shares = shares.iter().map(|shares| &shares[..]);
            write(&trainer.visible_bias).update_centred(
                evidence,
                count,
                rate,
                fraction_bits,
                means,
                shares,
            );
        }
    }

    /// Draws or copies the data of a minibatch to the thread's places.
    fn load(&self, thread: usize, batch: &[u32]) {
        if let Some(places) = self.trainer.places.get(thread) {
            let mut owned = write(places);
            let first = owned.first;
            self.load_places(&mut owned.view(), first, batch);
        }
    }

    /// Draws or copies the data of a minibatch to the places from `first` on.
    fn load_places(&self, places: &mut Places<'_>, first: usize, batch: &[u32]) {
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
}
