//! An epoch as one of its threads sees it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{RwLockReadGuard, RwLockWriteGuard};

use bitspin_core::rbm::Groups;
use bitspin_core::rbm::train::{LearningRate, Source, class_logits, class_weights};

use crate::control::Control;
use crate::train::barrier::Barrier;
use crate::train::begun::{Begun, Losses, NAT};
use crate::train::data::{TrainingData, TrainingRows};
use crate::train::lock::{read, write};
use crate::train::minibatch::OwnedSamples;
use crate::train::trainer::{HostVisibleBias, Trainer};
use crate::train::worker::{Phase, Worker};

/// Why rows fit the layer: [`TrainingRows::count`] checked them.
const CHECKED: &str = "checked rows";

/// Bytes of a cache line.
const CACHE_LINE: usize = 64;

/// One thread's part of an epoch.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// Of the thread's samples.
    pub(super) losses: Losses,
    /// Rows of all threads, from the epoch's beginning on.
    pub(super) rows: usize,
    /// Binary places of the quantised weights at the end.
    pub(super) fraction_bits: u32,
    /// Whether the parameters outgrew all fraction bits.
    pub(super) diverged: bool,
}

/// What the threads of an epoch share.
pub(super) struct EpochRun<'a> {
    pub(super) trainer: &'a Trainer,
    pub(super) rows: TrainingRows<'a>,
    /// Rows of a minibatch.
    pub(super) batch: usize,
    /// Where the epoch was interrupted, if it was.
    pub(super) begun: Option<&'a Begun>,
    pub(super) barrier: Barrier,
    pub(super) stop: AtomicBool,
    pub(super) control: Control<'a>,
}

impl EpochRun<'_> {
    /// The whole epoch as thread `thread` sees it. All threads take every branch together, because they decide it by what
    /// all of them read after the same barrier.
    pub(super) fn work(&self, thread: usize) -> Part {
        let trainer = self.trainer;
        let generative = trainer.settings.objective.weights().0 != 0.0;
        let steps = match generative {
            true => trainer.settings.steps_in(trainer.epoch),
            false => 0,
        };
        let mut part = Part {
            losses: Losses::default(),
            rows: 0,
            fraction_bits: trainer.fraction_bits,
            diverged: false,
        };
        let mut phase = Phase {
            fraction_bits: trainer.fraction_bits,
            method: trainer.settings.method,
            generative,
            count: 0,
        };
        let mut batches = trainer.order.chunks(self.batch);
        let total = batches.len();
        let mut number = 0;
        if let Some(begun) = self.begun {
            // The data of the next minibatch have been drawn.
            number = begun.minibatches;
            part.rows = begun.images;
            if thread == 0 {
                part.losses = begun.losses;
            }
            batches = trainer.order[part.rows..].chunks(self.batch);
        }
        let mut batches = batches.peekable();
        if self.begun.is_none() {
            self.load(thread, batches.peek().copied().unwrap_or_default());
        }
        self.barrier.wait();
        while let Some(batch) = batches.next() {
            phase.count = batch.len();
            self.take_data(thread);
            self.positive(thread, phase);
            self.barrier.wait();
            let Some(bits) = self.fit(thread, phase) else {
                part.diverged = true;
                return part;
            };
            phase.fraction_bits = bits;
            part.losses = part.losses.and(self.classify(thread, phase.count));
            for step in 0..steps {
                part.losses.error += self.draw(thread, phase, step);
                if step + 1 < steps {
                    self.barrier.wait();
                    self.step(thread, phase, step);
                    self.barrier.wait();
                }
            }
            self.load(thread, batches.peek().copied().unwrap_or_default());
            if thread == 0 {
                self.control.advance(phase.count);
                if self.control.is_stopped() {
                    self.stop.store(true, Ordering::Relaxed);
                }
            }
            self.barrier.wait();
            let rate = self.rate(number, total);
            self.learn(thread, phase, steps, &rate);
            number += 1;
            part.rows += phase.count;
            part.fraction_bits = phase.fraction_bits;
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

    /// Copies the data of all samples to the thread's worker.
    fn take_data(&self, thread: usize) {
        if let Some(mut worker) = self.worker(thread) {
            for samples in &self.trainer.samples {
                worker.take_data(&read(samples));
            }
        }
    }

    /// The thread's worker, if it has one.
    fn worker(&self, thread: usize) -> Option<RwLockWriteGuard<'_, Worker>> {
        self.trainer.workers.get(thread).map(write)
    }

    /// The positive phase of the thread's worker.
    fn positive(&self, thread: usize, phase: Phase) {
        if let Some(mut worker) = self.worker(thread) {
            let bias = self.sole_bias();
            worker.positive(bias.as_ref().map_or(&[], |bias| bias.quantised()), phase);
        }
    }

    /// The visible biases where one worker has all hidden units: its contributions begin from them. Elsewhere they are added
    /// where the visible units are drawn, so that no worker has more to do than the others.
    fn sole_bias(&self) -> Option<RwLockReadGuard<'_, HostVisibleBias>> {
        (self.trainer.workers.len() == 1).then(|| read(&self.trainer.visible_bias))
    }

    /// Takes fraction bits away until no field can overflow, and returns how many are left. The positive phase is repeated
    /// with them.
    fn fit(&self, thread: usize, mut phase: Phase) -> Option<u32> {
        while !self.trainer.fields_fit() {
            self.barrier.wait();
            phase.fraction_bits = phase.fraction_bits.checked_sub(1)?;
            if thread == 0 {
                write(&self.trainer.visible_bias).requantise(phase.fraction_bits);
            }
            if let Some(mut worker) = self.worker(thread) {
                worker.requantise(phase.fraction_bits);
            }
            self.positive(thread, phase);
            self.barrier.wait();
        }
        Some(phase.fraction_bits)
    }

    /// With a discriminative gradient: p(y|x) of the thread's samples, and from it what categories weigh.
    fn classify(&self, thread: usize, count: usize) -> Losses {
        let mut losses = Losses::default();
        let (Some(target), Some(samples)) =
            (self.trainer.target(), self.trainer.samples.get(thread))
        else {
            return losses;
        };
        let groups = self.trainer.groups();
        let classes = target.len();
        let bias = read(&self.trainer.visible_bias);
        let workers: Vec<_> = self.trainer.workers.iter().map(read).collect();
        let softplus = workers.iter().filter_map(|worker| worker.classes.as_ref());
        let mut samples = write(samples);
        let (first, count) = (samples.first, samples.share(count));
        let mut logits = vec![0.0; classes];
        let OwnedSamples {
            data,
            class_weights: weights,
            ..
        } = &mut *samples;
        let rows = data.chunks_exact(self.trainer.shape.visible_words());
        let rows = rows.zip(weights.chunks_exact_mut(classes)).take(count);
        for (k, (datum, weights)) in rows.enumerate() {
            let sums = softplus.clone().map(|classes| classes.softplus());
            let sums = sums.map(|sums| &sums[(first + k) * target.len()..]);
            class_logits(&bias.bias()[target.clone()], sums, &mut logits);
            let truth = groups.category(datum, 0).unwrap_or(usize::MAX);
            let loss = class_weights(&mut logits, truth, weights);
            losses.nll = losses.nll.saturating_add((loss.nll * NAT).round() as u64);
            losses.wrong += u64::from(loss.wrong);
        }
        losses
    }

    /// Draws the visible units of the thread's samples; returns their squared error.
    fn draw(&self, thread: usize, phase: Phase, step: usize) -> u64 {
        let Some(samples) = self.trainer.samples.get(thread) else {
            return 0;
        };
        let stride = self.trainer.shape.visible_stride();
        let mut samples = write(samples);
        let (first, count) = (samples.first, samples.share(phase.count));
        let workers: Vec<_> = self.trainer.workers.iter().map(read).collect();
        let parts: Vec<&[i16]> = workers
            .iter()
            .map(|worker| &worker.hidden.visible_fields.as_ref()[first * stride..])
            .collect();
        let (groups, bits) = (self.trainer.groups(), phase.fraction_bits);
        let bias = read(&self.trainer.visible_bias);
        let bias = match parts.len() {
            1 => &[][..],
            _ => bias.quantised(),
        };
        samples
            .view()
            .draw_chains((bias, &parts), &groups, bits, phase.method, step, count)
    }

    /// Copies the chains of all samples to the thread's worker, which continues with the next Gibbs step.
    fn step(&self, thread: usize, phase: Phase, step: usize) {
        if let Some(mut worker) = self.worker(thread) {
            for samples in &self.trainer.samples {
                worker.take_chains(&read(samples));
            }
            let bias = self.sole_bias();
            let bias = bias.as_ref().map_or(&[][..], |bias| bias.quantised());
            worker.step(bias, phase, step);
        }
    }

    /// Ends the last Gibbs step of the thread's worker, which learns from the minibatch. The last, which has the fewest
    /// hidden units, updates the visible biases as well; by the centred gradient these take what all workers have seen, and
    /// so another barrier.
    fn learn(&self, thread: usize, phase: Phase, steps: usize, rate: &LearningRate) {
        let trainer = self.trainer;
        let centred = trainer.settings.centred;
        let Some(mut worker) = self.worker(thread) else {
            if centred {
                self.barrier.wait();
            }
            return;
        };
        let (count, bits) = (phase.count, phase.fraction_bits);
        let (generative, discriminative) = trainer.settings.objective.weights();
        let Worker {
            shard,
            hidden,
            classes,
            centring,
            ..
        } = &mut *worker;
        let mut hidden = hidden.view();
        let mut classes = classes.as_mut().map(|classes| classes.view());
        for samples in &trainer.samples {
            let samples = read(samples);
            if phase.generative {
                hidden.take_chains(samples.first, &samples.chain);
            }
            if let Some(classes) = &mut classes {
                classes.take_weights(samples.first, &samples.class_weights);
            }
        }
        let mut sources = Vec::with_capacity(2);
        if phase.generative {
            hidden.move_fields(&shard.quantised(), phase.method, steps - 1, count);
            hidden.negative(bits, phase.method, count);
            sources.push(Source::Contrastive(hidden.gradient(count, generative)));
        } else {
            hidden.write_data_columns(count);
        }
        if let Some(classes) = &mut classes {
            let active = !phase.generative && (centred || trainer.settings.sparsity.cost != 0.0);
            classes.weigh(&shard.quantised(), bits, active, count);
            let gradient = classes.gradient(&hidden, count, discriminative);
            sources.push(Source::Discriminative(gradient));
        }
        let last = thread + 1 == trainer.workers.len();
        if !centred {
            shard.update(&sources, count, rate, bits);
            if last {
                write(&trainer.visible_bias).update(&sources, count, rate, bits);
            }
            return;
        }
        let means = &trainer.visible_means;
        shard
            .update_centred(
                &sources,
                count,
                rate,
                bits,
                &mut centring.view(means, &mut write(&trainer.shares[thread])),
            )
            .expect("the buffers were made for this shard");
        self.barrier.wait();
        if last {
            let shares: Vec<_> = trainer.shares.iter().map(read).collect();
            let shares = shares.iter().map(|shares| &shares[..]);
            write(&trainer.visible_bias).update_centred(&sources, count, rate, bits, means, shares);
        }
    }

    /// Draws or copies the data of a minibatch to the thread's samples.
    fn load(&self, thread: usize, batch: &[u32]) {
        let Some(samples) = self.trainer.samples.get(thread) else {
            return;
        };
        let groups = self.trainer.groups();
        let mut owned = write(samples);
        let items = batch.get(owned.first..).unwrap_or_default();
        let items = &items[..items.len().min(owned.rngs.len())];
        self.load_binary(&mut owned, &groups, items);
        let each = groups.categorical();
        let rows = owned
            .data
            .chunks_exact_mut(self.trainer.shape.visible_words());
        for (row, &item) in rows
            .zip(items)
            .take(if each == 0 { 0 } else { items.len() })
        {
            let categories = &self.rows.categories[item as usize * each..][..each];
            for (group, &category) in categories.iter().enumerate() {
                let set = groups.set(row, group, usize::from(category));
                set.expect(CHECKED);
            }
        }
    }

    /// Draws or copies the binary units of `items`, and clears the rest.
    fn load_binary(&self, samples: &mut OwnedSamples, groups: &Groups<'_>, items: &[u32]) {
        let units = groups.binary();
        match self.rows.binary {
            TrainingData::Grey(pixels) => {
                let image = |item: u32| &pixels[item as usize * units..][..units];
                // Images lie all over memory: to ask for all their cache lines first lets many be on their way at once. Nothing
                // but a sum waits for them.
                let seen = items.iter().map(|&item| {
                    let lines = image(item).iter().step_by(CACHE_LINE);
                    lines.fold(0, |seen, byte| seen | byte)
                });
                std::hint::black_box(seen.fold(0, |seen, byte| seen | byte));
                samples.view().draw_data(items.len(), |k| image(items[k]));
            }
            TrainingData::Packed(packed) => {
                let words = bitspin_core::bits::words(units);
                let rows = samples
                    .data
                    .chunks_exact_mut(self.trainer.shape.visible_words());
                for (row, &item) in rows.zip(items) {
                    let binary = &packed[item as usize * words..][..words];
                    groups.set_binary(row, binary).expect(CHECKED);
                }
            }
        }
    }
}
