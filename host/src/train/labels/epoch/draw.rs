//! What is worked out place by place: p(y|x), and the visible units of the chains.

use bitspin_core::kernel::{self, padded};
use bitspin_core::rbm::labels::{draw_label, set_label};

use super::super::block::Block;
use super::super::exchange::Part;
use super::super::softmax;
use super::{Run, Worker, read, write};

impl Worker<'_> {
    /// p(y|x) of the thread's places where it is `first` asked for, and the visible units of their chains.
    pub(super) fn draw(&mut self, batch: &[u32], bits: u32, first: bool) {
        let (run, (start, items)) = (self.run, self.places(batch));
        let (generative, discriminative) = run.settings.objective.weights();
        let visible = read(run.visible);
        let parts: Vec<_> = run.parts.iter().map(read).collect();
        let mut drawn = write(&run.drawn[self.thread]);
        if first && discriminative != 0.0 {
            drawn.weights.resize(items.len() * run.classes, 0);
            drawn.samples.clear();
            let mut logits = vec![0.0; run.classes];
            for (k, &item) in items.iter().enumerate() {
                let biases = visible.bias()[run.pixels..].iter();
                logits
                    .iter_mut()
                    .zip(biases)
                    .for_each(|(z, &d)| *z = f64::from(d));
                for part in &parts {
                    for sums in part.softplus.chunks_exact(batch.len() * run.classes) {
                        let sums = &sums[(start + k) * run.classes..];
                        logits.iter_mut().zip(sums).for_each(|(z, sum)| *z += sum);
                    }
                }
                let truth = usize::from(run.labels[item as usize]);
                let weights = &mut drawn.weights[k * run.classes..][..run.classes];
                let sample = softmax::weigh(&mut logits, truth, weights);
                drawn.samples.push(sample);
            }
        }
        if generative != 0.0 {
            let stride = padded(run.pixels + run.classes);
            let mut fields = vec![0; stride];
            drawn.chain.resize(items.len() * run.words, 0);
            let chains = drawn.chain.chunks_exact_mut(run.words);
            for (k, (chain, loader)) in chains.zip(self.loaders.iter_mut()).enumerate() {
                fields.copy_from_slice(visible.quantised());
                for part in &parts {
                    let part = part
                        .visible_fields
                        .get((start + k) * stride..)
                        .unwrap_or_default();
                    for (field, part) in fields.iter_mut().zip(part) {
                        *field = field.wrapping_add(*part);
                    }
                }
                let units = run.pixels + run.classes;
                kernel::sample(&fields, bits, units, &mut loader.rng, chain);
                let label = draw_label(&fields[run.pixels..units], bits, &mut loader.rng);
                set_label(chain, run.pixels, run.classes, label);
            }
        }
    }

    /// The chains from their first visible units to the last.
    pub(super) fn walk(&mut self, batch: &[u32], bits: u32) {
        let run = self.run;
        if run.settings.objective.weights().0 == 0.0 {
            return;
        }
        for step in 1..=run.steps {
            self.chain.clear();
            for drawn in &run.drawn {
                self.chain.extend_from_slice(&read(drawn).chain);
            }
            let last = step == run.steps;
            for block in self.blocks.iter_mut() {
                block.go_on(&self.chain, run.words, last, bits);
            }
            if !last {
                contribute(
                    self.blocks,
                    batch.len(),
                    run,
                    &mut write(&run.parts[self.thread]),
                );
                run.barrier.wait();
                self.draw(batch, bits, false);
                run.barrier.wait();
            }
        }
    }
}

/// What a thread's blocks give to the fields of visible units.
pub(super) fn contribute(blocks: &[Block], places: usize, run: &Run<'_>, part: &mut Part) {
    let length = places * padded(run.pixels + run.classes);
    part.visible_fields.clear();
    part.visible_fields.resize(length, 0);
    for block in blocks {
        block.contribute(&mut part.visible_fields);
    }
}
