//! Completion of missing entries: known visible units are clamped, the others are sampled given them.
//!
//! A Gibbs step draws h given v and v given h, after which the known units are set to what they are: the chain's
//! distribution tends to p(missing, h | known). The probability of a missing unit is the mean of p(v_i = 1 | h) over the
//! steps after a burn-in, which has less variance than the mean of v_i itself (Rao and Blackwell).

use bitspin_core::Error;
use bitspin_core::rbm::Groups;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::control::{Control, whole};
use crate::engine::{Engine, FITS};
use crate::parallel;

/// Rows that a thread works on at once.
const BLOCK: usize = 64;

/// Settings of [`complete`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Burn-in steps.
    pub burn_in: usize,
    /// Steps that probabilities are averaged over; 0 where only a sample is wanted.
    pub steps: usize,
    /// The seed of the chains.
    pub seed: u64,
    /// Threads; the result does not depend on their number.
    pub threads: usize,
}

/// Completed rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// For every row and unit, the probability that it is set; 0 or 1 where it is known. All 0 without steps that count.
    pub probabilities: Vec<f32>,
    /// A sample: the chains at their end.
    pub sample: BitMatrix,
}

/// Fills in the units of `start` that `known` (packed like it) does not name; chains start from what `start` has there.
/// A categorical group of `groups` is known as a whole or not at all.
///
/// Row `k` draws from chain `k` of the seed's chains, whatever other rows there are, and the result does not depend on
/// the number of threads. O(rows x steps x visible x hidden) at the most.
///
/// # Errors
/// [`Error::Length`] if `start` has another number of units than the model, or `known` another length than `start`.
pub fn complete(
    engine: &Engine,
    groups: &Groups<'_>,
    start: &BitMatrix,
    known: &[u64],
    plan: Plan,
) -> Result<Completion, Error> {
    complete_with(engine, groups, start, known, plan, Control::new()).map(whole)
}

/// [`complete`] that reports rows; `None` if interrupted.
///
/// # Errors
/// As [`complete`].
pub fn complete_with(
    engine: &Engine,
    groups: &Groups<'_>,
    start: &BitMatrix,
    known: &[u64],
    plan: Plan,
    control: Control<'_>,
) -> Result<Option<Completion>, Error> {
    let (units, words) = (start.units(), start.words_per_row());
    for (what, expected, found) in [
        ("start", engine.shape().visible(), units),
        ("groups", engine.shape().visible(), groups.visible()),
        ("known", start.bits().len(), known.len()),
    ] {
        if expected != found {
            return Err(Error::Length {
                what,
                expected,
                found,
            });
        }
    }
    let mut streams = Streams::new(plan.seed, Purpose::Chains);
    let rngs: Vec<ChainRng> = (0..start.count()).map(|_| streams.next_chain()).collect();
    let blocks: Vec<_> = start
        .bits()
        .chunks(BLOCK * words)
        .zip(known.chunks(BLOCK * words))
        .zip(rngs.chunks(BLOCK))
        .collect();
    let of_blocks = parallel::map(
        blocks.len(),
        plan.threads,
        || (),
        |(), block| {
            let ((start, known), rngs) = blocks[block];
            let mut chains = Clamped::new(engine, start, known, rngs);
            for step in 0..plan.burn_in + plan.steps {
                if control.is_stopped() {
                    return None;
                }
                chains.step(engine, groups, step >= plan.burn_in);
            }
            control.advance(rngs.len());
            Some((chains.probabilities(plan.steps), chains.visible))
        },
    );
    let mut probabilities = Vec::with_capacity(start.count() * units);
    let mut bits = Vec::with_capacity(start.bits().len());
    for of_block in of_blocks {
        let Some((p, visible)) = of_block else {
            return Ok(None);
        };
        probabilities.extend(p);
        bits.extend(visible);
    }
    let sample = BitMatrix::from_bits(units, bits)?;
    Ok(Some(Completion {
        probabilities,
        sample,
    }))
}

/// A block of chains whose known units are clamped.
struct Clamped<'a> {
    known: &'a [u64],
    values: &'a [u64],
    visible: Vec<u64>,
    hidden: Vec<u64>,
    rngs: Vec<ChainRng>,
    hidden_fields: AlignedI16,
    visible_fields: AlignedI16,
    /// Room for a row of probabilities in 1/65,536.
    row: Vec<u16>,
    /// The sums of probabilities over steps.
    sums: Vec<u64>,
}

impl<'a> Clamped<'a> {
    fn new(engine: &Engine, values: &'a [u64], known: &'a [u64], rngs: &[ChainRng]) -> Self {
        let (shape, chains) = (engine.shape(), rngs.len());
        Self {
            known,
            values,
            visible: values.to_vec(),
            hidden: vec![0; chains * shape.hidden_words()],
            rngs: rngs.to_vec(),
            hidden_fields: AlignedI16::zeros(chains * shape.hidden_stride()),
            visible_fields: AlignedI16::zeros(chains * shape.visible_stride()),
            row: vec![0; shape.visible()],
            sums: vec![0; chains * shape.visible()],
        }
    }

    /// A Gibbs step, which counts or not.
    fn step(&mut self, engine: &Engine, groups: &Groups<'_>, counts: bool) {
        let shape = engine.shape();
        let (fields, rngs) = (self.hidden_fields.as_mut(), &mut self.rngs);
        engine
            .sample_hidden(&self.visible, fields, rngs, &mut self.hidden)
            .expect(FITS);
        let (fields, rngs) = (self.visible_fields.as_mut(), &mut self.rngs);
        engine
            .sample_groups(groups, &self.hidden, fields, rngs, &mut self.visible)
            .expect(FITS);
        let held = self.known.iter().zip(self.values);
        for (word, (known, value)) in self.visible.iter_mut().zip(held) {
            *word = *word & !known | value & known;
        }
        if counts {
            let fields = self.visible_fields.as_ref();
            let rows = fields.chunks_exact(shape.visible_stride());
            for (fields, sums) in rows.zip(self.sums.chunks_exact_mut(shape.visible())) {
                engine.probabilities(fields, &mut self.row).expect(FITS);
                for (sum, p) in sums.iter_mut().zip(&self.row) {
                    *sum += u64::from(*p);
                }
            }
        }
    }

    /// The mean probabilities over `steps` steps, with what is known in its place.
    fn probabilities(&self, steps: usize) -> Vec<f32> {
        let (units, scale) = (self.row.len(), 65_536.0 * steps.max(1) as f64);
        let words = units.div_ceil(64);
        let entry = |at: usize, sum: u64| {
            let (row, unit) = (at / units, at % units);
            let is_set = |bits: &[u64]| bits[row * words + unit / 64] >> (unit % 64) & 1 == 1;
            if is_set(self.known) {
                f32::from(u8::from(is_set(self.values)))
            } else {
                (sum as f64 / scale) as f32
            }
        };
        let sums = self.sums.iter().enumerate();
        sums.map(|(at, &sum)| entry(at, sum)).collect()
    }
}

/// Prediction errors of entries that were hidden: means over entries.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct EntryError {
    /// Entries.
    pub entries: usize,
    /// (v - p)^2.
    pub mse: f64,
    /// -ln of the probability of what the entry is, in nats.
    pub nll: f64,
    /// The share of entries on the wrong side of one half.
    pub wrong: f64,
}

impl EntryError {
    /// Compares probabilities with entries.
    pub fn of(pairs: impl Iterator<Item = (bool, f64)>) -> Self {
        let (mut entries, mut mse, mut nll, mut wrong) = (0, 0.0, 0.0, 0.0);
        for (set, p) in pairs {
            // A mean of finitely many steps may be 0 or 1 where the probability is not.
            let p = p.clamp(1e-6, 1.0 - 1e-6);
            let right = if set { p } else { 1.0 - p };
            entries += 1;
            mse += (1.0 - right).powi(2);
            nll -= right.ln();
            wrong += f64::from(u8::from(right < 0.5));
        }
        let count = entries.max(1) as f64;
        Self {
            entries,
            mse: mse / count,
            nll: nll / count,
            wrong: wrong / count,
        }
    }
}
