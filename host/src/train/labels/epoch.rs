//! An epoch as one of its threads sees it.
//!
//! A minibatch is four phases with a barrier after each: load pixels and settle the number of fraction bits; what the
//! blocks make of the pixels; p(y|x) of every place, and the chains' visible units; the update. Further Gibbs steps
//! repeat the middle two.

mod draw;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use bitspin_core::fixed::{MAX_FRACTION_BITS, scale};
use bitspin_core::kernel::classes::UNIT;
use bitspin_core::kernel::{self, Step};
use bitspin_core::rbm::labels::set_label;

use super::super::barrier::Barrier;
use super::super::{TrainError, TrainingData};
use super::block::{Block, Lesson};
use super::exchange::{Columns, Loader, Part};
use super::softmax::Sample;
use super::state::Begun;
use super::visible::VisibleUnits;
use super::{LabelSettings, LabelTrainer};
use crate::interrupt::Interrupt;

pub(super) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// What an epoch of training came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelEpoch {
    /// Wall-clock time.
    pub duration: Duration,
    /// Images that were trained on: fewer than there are if the epoch was interrupted.
    pub images: usize,
    /// Mean of -ln p(y|x) of the images as they came, in nats, and the share that was classified wrongly; `None` without
    /// a discriminative gradient.
    pub train: Option<(f64, f64)>,
    /// Whether the epoch was cut short by an interrupt.
    pub interrupted: bool,
}

/// What one thread's places come to.
#[derive(Default)]
struct Drawn {
    /// \[place\]\[words\]: pixels without label, and chains.
    pixels: Vec<u64>,
    chain: Vec<u64>,
    /// \[place\]\[class\] and \[place\].
    weights: Vec<i16>,
    samples: Vec<Sample>,
}

/// What all threads share.
struct Run<'a> {
    visible: &'a RwLock<VisibleUnits>,
    settings: &'a LabelSettings,
    order: &'a [u32],
    labels: &'a [u8],
    data: TrainingData<'a>,
    pixels: usize,
    classes: usize,
    words: usize,
    /// Places of a thread, but the last's.
    share: usize,
    epoch: usize,
    /// Where the epoch was interrupted, if it was.
    begun: Option<Begun>,
    /// Gibbs steps a minibatch.
    steps: usize,
    parts: Vec<RwLock<Part>>,
    drawn: Vec<RwLock<Drawn>>,
    fits: Vec<AtomicBool>,
    barrier: Barrier,
    stop: AtomicBool,
    interrupt: &'a Interrupt,
    progress: &'a (dyn Fn(usize) + Sync),
}

/// How one thread's epoch ended; the same for all but the sums, which are the first thread's.
struct End {
    fraction_bits: Option<u32>,
    images: usize,
    nll: f64,
    wrong: usize,
}

/// Runs an epoch.
pub(super) fn run(
    trainer: &mut LabelTrainer,
    data: TrainingData<'_>,
    labels: &[u8],
    interrupt: &Interrupt,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<LabelEpoch, TrainError> {
    let begin = Instant::now();
    let threads = trainer.settings.threads;
    let begun = trainer.begun.take();
    let before = begun
        .as_ref()
        .map_or(Duration::ZERO, |begun| begun.duration);
    let share = trainer.settings.batch.div_ceil(threads);
    let run = Run {
        visible: &trainer.visible,
        settings: &trainer.settings,
        order: &trainer.order,
        labels,
        data,
        pixels: trainer.shape.visible() - trainer.classes,
        classes: trainer.classes,
        words: trainer.shape.visible_words(),
        share,
        epoch: trainer.epoch,
        begun,
        steps: trainer.settings.plain().steps_in(trainer.epoch),
        parts: (0..threads).map(|_| RwLock::default()).collect(),
        drawn: (0..threads).map(|_| RwLock::default()).collect(),
        fits: (0..threads).map(|_| AtomicBool::new(true)).collect(),
        barrier: Barrier::new(threads),
        stop: AtomicBool::new(false),
        interrupt,
        progress,
    };
    let size = trainer.blocks.len().div_ceil(threads);
    let mut blocks = trainer.blocks.chunks_mut(size);
    let mut loaders = trainer.loaders.chunks_mut(share);
    let ends: Vec<End> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| Worker {
                run: &run,
                thread,
                blocks: blocks.next().unwrap_or_default(),
                loaders: loaders.next().unwrap_or_default(),
                pixels: Vec::new(),
                data: Vec::new(),
                chain: Vec::new(),
                weights: Vec::new(),
            })
            .map(|worker| scope.spawn(move || worker.work()))
            .collect();
        let ends = workers.into_iter().map(|worker| worker.join());
        ends.map(|end| end.expect("a worker does not panic"))
            .collect()
    });
    let end = &ends[0];
    let epoch = trainer.epoch + 1;
    let fraction_bits = end.fraction_bits.ok_or(TrainError::Diverged { epoch })?;
    trainer.fraction_bits = fraction_bits;
    let duration = before + begin.elapsed();
    let interrupted = end.images < trainer.order.len();
    if interrupted {
        trainer.begun = Some(Begun {
            minibatches: end.images / trainer.settings.batch,
            images: end.images,
            nll: end.nll,
            wrong: end.wrong,
            duration,
            fraction_bits,
        });
    } else {
        trainer.epoch = epoch;
    }
    let count = end.images as f64;
    let measured = trainer.settings.objective.weights().1 != 0.0 && end.images > 0;
    Ok(LabelEpoch {
        duration,
        images: end.images,
        train: measured.then_some((end.nll / count, end.wrong as f64 / count)),
        interrupted,
    })
}

/// One thread.
struct Worker<'a> {
    run: &'a Run<'a>,
    thread: usize,
    blocks: &'a mut [Block],
    loaders: &'a mut [Loader],
    /// Of all places: pixels without labels, with labels, chains, weights of classes.
    pixels: Vec<u64>,
    data: Vec<u64>,
    chain: Vec<u64>,
    weights: Vec<i16>,
}

impl Worker<'_> {
    /// The whole epoch. All threads take every branch together, for they decide it by what all of them read after the same
    /// barrier.
    fn work(mut self) -> End {
        let run = self.run;
        let mut end = End {
            fraction_bits: None,
            images: 0,
            nll: 0.0,
            wrong: 0,
        };
        // Begun afresh every epoch: an epoch's result depends on the float parameters alone.
        let mut bits = MAX_FRACTION_BITS;
        let mut done = 0;
        if let Some(begun) = &run.begun {
            (bits, done) = (begun.fraction_bits, begun.minibatches);
            end.images = begun.images;
            (end.nll, end.wrong) = (begun.nll, begun.wrong);
        }
        self.requantise(bits);
        let (mut data_columns, mut chain_columns) = (Columns::default(), Columns::default());
        let batches = run.order.chunks(run.settings.batch);
        let (total, plain) = (batches.len(), run.settings.plain());
        for (number, batch) in batches.enumerate().skip(done) {
            self.load(batch);
            if self.thread == 0 {
                // What waited when the last call ended has been applied, and the velocity moves on once a minibatch.
                if number > done {
                    write(run.visible).apply();
                }
                write(run.visible).requantise(bits);
            }
            let Some(fitting) = self.fit(bits) else {
                return end;
            };
            bits = fitting;
            self.gather(batch);
            self.positive(batch, bits);
            run.barrier.wait();
            self.draw(batch, bits, true);
            run.barrier.wait();
            self.walk(batch, bits);
            let rate = plain.rate(run.epoch, number, total);
            self.learn(batch, bits, rate, (&mut data_columns, &mut chain_columns));
            end.images += batch.len();
            if self.thread == 0 {
                for drawn in &run.drawn {
                    for sample in &read(drawn).samples {
                        end.nll += sample.nll;
                        end.wrong += usize::from(sample.wrong);
                    }
                }
                (run.progress)(batch.len());
                if run.interrupt.is_set() {
                    run.stop.store(true, Ordering::Relaxed);
                }
            }
            run.barrier.wait();
            if run.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        if self.thread == 0 {
            write(run.visible).apply();
            write(run.visible).requantise(bits);
        }
        end.fraction_bits = self.fit(bits);
        end
    }

    /// The thread's places of a minibatch: the first, and the images.
    fn places<'b>(&self, batch: &'b [u32]) -> (usize, &'b [u32]) {
        let first = (self.thread * self.run.share).min(batch.len());
        (
            first,
            &batch[first..(first + self.run.share).min(batch.len())],
        )
    }

    fn load(&mut self, batch: &[u32]) {
        let (run, (_, items)) = (self.run, self.places(batch));
        let mut drawn = write(&run.drawn[self.thread]);
        drawn.pixels.resize(items.len() * run.words, 0);
        let rows = drawn.pixels.chunks_exact_mut(run.words);
        for ((loader, item), bits) in self.loaders.iter_mut().zip(items).zip(rows) {
            loader.load(run.data, run.pixels, *item as usize, bits);
        }
    }

    fn requantise(&mut self, bits: u32) {
        for block in self.blocks.iter_mut() {
            block.requantise(bits);
        }
        if self.thread == 0 {
            write(self.run.visible).requantise(bits);
        }
    }

    /// Takes fraction bits away until no field can overflow, and returns how many are left. Ends with a barrier.
    fn fit(&mut self, mut bits: u32) -> Option<u32> {
        let run = self.run;
        loop {
            let mut norms = vec![0; run.pixels + run.classes];
            for block in self.blocks.iter() {
                for (sum, norm) in norms.iter_mut().zip(&block.visible_norms) {
                    *sum += norm;
                }
            }
            write(&run.parts[self.thread]).norms = norms;
            let fits = self.blocks.iter().all(Block::fields_fit);
            run.fits[self.thread].store(fits, Ordering::Relaxed);
            run.barrier.wait();
            let mut sums = vec![0; run.pixels + run.classes];
            for part in &run.parts {
                for (sum, norm) in sums.iter_mut().zip(&read(part).norms) {
                    *sum += norm;
                }
            }
            let hidden = run.fits.iter().all(|fits| fits.load(Ordering::Relaxed));
            if hidden && read(run.visible).fit(&sums) {
                run.barrier.wait();
                return Some(bits);
            }
            run.barrier.wait();
            bits = bits.checked_sub(1)?;
            self.requantise(bits);
        }
    }

    /// Copies the pixels of all places, without and with their labels.
    fn gather(&mut self, batch: &[u32]) {
        let run = self.run;
        self.pixels.clear();
        for drawn in &run.drawn {
            self.pixels.extend_from_slice(&read(drawn).pixels);
        }
        self.data.clone_from(&self.pixels);
        for (bits, &item) in self.data.chunks_exact_mut(run.words).zip(batch) {
            let label = usize::from(run.labels[item as usize]);
            set_label(bits, run.pixels, run.classes, label);
        }
    }

    /// What the blocks make of the data.
    fn positive(&mut self, batch: &[u32], bits: u32) {
        let run = self.run;
        let places = batch.len();
        let (generative, discriminative) = run.settings.objective.weights();
        let mut part = write(&run.parts[self.thread]);
        for block in self.blocks.iter_mut() {
            block.see(&self.pixels, run.words);
        }
        if generative != 0.0 {
            for block in self.blocks.iter_mut() {
                let labels = batch
                    .iter()
                    .map(|&item| usize::from(run.labels[item as usize]));
                block.begin(labels, run.settings.method, bits);
            }
            draw::contribute(self.blocks, places, run, &mut part);
        }
        if discriminative != 0.0 {
            let size = places * run.classes;
            part.softplus.resize(size * self.blocks.len(), 0.0);
            for (block, sums) in self
                .blocks
                .iter_mut()
                .zip(part.softplus.chunks_exact_mut(size))
            {
                block.softplus(bits, sums);
            }
        }
    }

    /// Updates the thread's blocks, and notes the change of the visible biases.
    fn learn(
        &mut self,
        batch: &[u32],
        bits: u32,
        rate: f32,
        columns: (&mut Columns, &mut Columns),
    ) {
        let (run, places) = (self.run, batch.len());
        let mix = run.settings.objective.weights();
        self.weights.clear();
        for drawn in &run.drawn {
            self.weights.extend_from_slice(&read(drawn).weights);
        }
        if mix.1 != 0.0 {
            for block in self.blocks.iter_mut() {
                block.discriminate(&self.weights, bits);
            }
        }
        let lesson = Lesson {
            data: columns.0.of(&self.data, run.words),
            chain: columns.1.of(&self.chain, run.words),
            words: run.words,
            places,
            mix,
            step: Step {
                rate: rate / places as f32,
                keep: 1.0 - rate * run.settings.weight_decay,
                momentum: run.settings.momentum,
                scale: scale(bits),
            },
        };
        for block in self.blocks.iter_mut() {
            block.learn(&lesson, scale(bits));
        }
        if self.thread == 0 {
            self.note_biases(&lesson);
        }
    }

    /// Notes what the visible biases change by: counts of data and chains, and weights of classes.
    fn note_biases(&self, lesson: &Lesson<'_>) {
        let run = self.run;
        let (generative, discriminative) = lesson.mix;
        let mut visible = write(run.visible);
        for unit in 0..run.pixels + run.classes {
            let mut sum = 0.0;
            if generative != 0.0 {
                let count = |columns: &Columns| -> i32 {
                    let groups = 0..lesson.places.div_ceil(kernel::GROUP);
                    groups
                        .map(|g| columns.places(g, unit, run.words).count_ones() as i32)
                        .sum()
                };
                sum += (count(lesson.data) - count(lesson.chain)) as f32 * generative;
            }
            if discriminative != 0.0 && unit >= run.pixels {
                let weights = self.weights[unit - run.pixels..]
                    .iter()
                    .step_by(run.classes);
                let total: i32 = weights.map(|&weight| i32::from(weight)).sum();
                sum += total as f32 * (discriminative / f32::from(UNIT));
            }
            visible.note(unit, sum * lesson.step.rate);
        }
    }
}
