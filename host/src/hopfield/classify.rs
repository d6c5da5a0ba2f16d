//! Classes recalled: pictures stored with their label as extra units, which are free while the picture is held.
//!
//! A class is a group of `repeat` units, of which only that of the label is +1. To classify, the pixels are held and the
//! label units are undecided: their fields are summed over the state with all of them at -1 and that with all at +1, in
//! which what labels say to labels cancels (exactly so for couplings of pairs). The group with the largest field is
//! turned on, the others off; then, as in recall, groups turn towards their fields, one on at a time, until nothing
//! changes. Of equal fields the first class wins.

use std::cmp::Reverse;
use std::ops::Range;

use bitspin_core::bits::{WORD, words};
use bitspin_core::network::Network;

use super::{Memory, MemoryError, Rule};
use crate::BitMatrix;
use crate::control::Control;
use crate::parallel;

/// The most times that the label is chosen anew for a picture.
const MOST_ROUNDS: usize = 20;

/// A Hopfield memory of images with their labels.
#[derive(Clone, Debug)]
pub struct LabelMemory {
    memory: Memory,
    pixels: usize,
    classes: usize,
    repeat: usize,
}

impl LabelMemory {
    /// Stores pictures, each with its label, below `classes`, as `classes * repeat` more units.
    ///
    /// # Errors
    /// [`MemoryError`] if the patterns cannot be stored by this rule.
    ///
    /// # Panics
    /// If there are fewer labels than images, or one is not below `classes`.
    pub fn store(
        rule: Rule,
        images: &BitMatrix,
        labels: &[u8],
        classes: usize,
        repeat: usize,
    ) -> Result<Self, MemoryError> {
        let pixels = images.units();
        let units = pixels + classes * repeat;
        Memory::check(rule, units, images.count())?;
        let mut bits = vec![0; images.count() * words(units)];
        for ((pattern, image), &label) in bits
            .chunks_exact_mut(words(units))
            .zip(images.iter())
            .zip(labels)
        {
            assert!(usize::from(label) < classes, "label {label} of {classes}");
            pattern[..image.len()].copy_from_slice(image);
            for unit in group(pixels, usize::from(label), repeat) {
                pattern[unit / WORD] |= 1 << (unit % WORD);
            }
        }
        let patterns = BitMatrix::from_bits(units, bits)?;
        Ok(Self {
            memory: Memory::store(rule, &patterns)?,
            pixels,
            classes,
            repeat,
        })
    }

    /// Recalls the class of every picture, on `threads` threads.
    #[must_use]
    pub fn classify(&self, images: &BitMatrix, threads: usize) -> Vec<u8> {
        self.classify_with(images, threads, Control::new())
    }

    /// [`Self::classify`] that reports pictures; fewer classes than pictures if interrupted.
    #[must_use]
    pub fn classify_with(
        &self,
        images: &BitMatrix,
        threads: usize,
        control: Control<'_>,
    ) -> Vec<u8> {
        let pictures: Vec<_> = images.iter().collect();
        let classified = parallel::map_until(pictures.len(), threads, control, |index| {
            let class = self.recall(pictures[index]);
            control.advance(1);
            Ok::<_, std::convert::Infallible>(Some(class))
        });
        let Ok(classes) = classified;
        classes.into_iter().map_while(|class| class).collect()
    }

    /// The class of one picture.
    fn recall(&self, image: &[u64]) -> u8 {
        let mut state = vec![0; words(self.memory.units())];
        state[..image.len()].copy_from_slice(image);
        let mut cache = vec![0; self.memory.cache_len()];
        let labels = self.pixels..self.memory.units();
        flip(&mut state, labels.clone());
        self.memory.prepare(&state, &mut cache);
        let all_on = self.fields(&state, &cache);
        flip(&mut state, labels);
        self.memory.prepare(&state, &mut cache);
        let all_off = self.fields(&state, &cache);
        let mut class = strongest(all_on.iter().zip(all_off).map(|(on, off)| on + off));
        self.turn(class, &mut state, &mut cache);
        for _ in 0..MOST_ROUNDS {
            let next = strongest(self.fields(&state, &cache));
            if next == class {
                break;
            }
            self.turn(class, &mut state, &mut cache);
            self.turn(next, &mut state, &mut cache);
            class = next;
        }
        class as u8
    }

    /// The field of the first unit of every class; the others of its group have the same.
    fn fields(&self, state: &[u64], cache: &[i32]) -> Vec<i64> {
        (0..self.classes)
            .map(|class| self.memory.field(state, cache, self.group(class).start))
            .collect()
    }

    /// Turns the units of a class over.
    fn turn(&self, class: usize, state: &mut [u64], cache: &mut [i32]) {
        for unit in self.group(class) {
            flip(state, unit..unit + 1);
            self.memory.flipped(state, cache, unit);
        }
    }

    /// The label units of a class.
    fn group(&self, class: usize) -> Range<usize> {
        group(self.pixels, class, self.repeat)
    }
}

/// The class with the largest field, the first of equal ones.
fn strongest(fields: impl IntoIterator<Item = i64>) -> usize {
    let fields = fields.into_iter().enumerate();
    let best = fields.max_by_key(|&(class, field)| (field, Reverse(class)));
    best.map_or(0, |(class, _)| class)
}

fn flip(state: &mut [u64], units: Range<usize>) {
    for unit in units {
        state[unit / WORD] ^= 1 << (unit % WORD);
    }
}

/// The label units of a class.
fn group(pixels: usize, class: usize, repeat: usize) -> Range<usize> {
    pixels + class * repeat..pixels + (class + 1) * repeat
}

#[cfg(test)]
mod tests {
    use bitspin_core::rng::{Purpose, Streams};

    use super::*;
    use crate::hopfield::{Damage, random_patterns};
    use crate::interrupt::Interrupt;

    #[test]
    fn damaged_patterns_keep_their_class_under_every_rule() {
        let mut random = Streams::new(4, Purpose::Training).next_stream();
        let patterns = random_patterns(500, 12, &mut random);
        let labels: Vec<u8> = (0..12).map(|k| k % 4).collect();
        let mut damaged = patterns.bits().to_vec();
        for bits in damaged.chunks_exact_mut(8) {
            Damage::Noise(0.2).apply(bits, (20, 25), &mut random);
        }
        let damaged = BitMatrix::from_bits(500, damaged).unwrap();
        for rule in [
            Rule::Hebb,
            Rule::Covariance,
            Rule::PseudoInverse,
            Rule::Clipped,
            Rule::Dense(7),
            Rule::Exponential(0.1),
        ] {
            let memory = LabelMemory::store(rule, &patterns, &labels, 4, 3).unwrap();
            assert_eq!(memory.classify(&damaged, 1), labels, "{rule}");
            assert_eq!(memory.classify(&damaged, 3), labels, "{rule}");
            let stopped = Interrupt::manual();
            stopped.set();
            let control = Control::new().interrupt(&stopped);
            assert!(memory.classify_with(&damaged, 3, control).is_empty());
        }
    }
}
