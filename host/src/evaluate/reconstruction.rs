//! Reconstruction of data by one Gibbs step.

use bitspin_core::Error;
use bitspin_core::bits::ones;
use bitspin_core::kernel::softplus::{self, NEVER};
use bitspin_core::kernel::{self, LANES};
use bitspin_core::rbm::Rbm;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::{BLOCK, check_units};
use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::engine::FITS;
use crate::parallel;

/// Measures of one Gibbs step v -> h -> v' from each image, as means over images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reconstruction {
    /// The mean over pixels of (v - p(v = 1 | h))^2, with h drawn from p(h|v).
    pub reconstruction_mse: f64,
    /// The mean of F(v) - F(v'), in nats: the lecture's loss.
    pub free_energy_gap: f64,
}

/// Makes one Gibbs step from every image with the quantised model, which both free energies are of as well.
///
/// Image `k` draws from chain `k` of the seed's evaluation streams, whatever number of images there are, and from where
/// that chain goes on after its grey levels were drawn: with one seed for both, the step is independent of the image.
///
/// # Errors
/// [`Error::Length`] if images are of another number of units than the model.
pub fn reconstruction<S: AsRef<[i16]> + Sync>(
    model: &Rbm<S>,
    images: &BitMatrix,
    seed: u64,
    threads: usize,
) -> Result<Reconstruction, Error> {
    check_units(model.shape().visible(), images)?;
    let rngs = chains(images, seed);
    let blocks: Vec<(&[u64], &[ChainRng])> = images
        .bits()
        .chunks(BLOCK * images.words_per_row())
        .zip(rngs.chunks(BLOCK))
        .collect();
    let of_blocks = parallel::map(
        blocks.len(),
        threads,
        || Buffers::new(model),
        |buffers, block| buffers.step(model, blocks[block].0, blocks[block].1),
    );
    let (mut squares, mut gap) = (0, 0.0);
    for (of_block, gap_of_block) in of_blocks {
        squares += of_block;
        gap += gap_of_block;
    }
    let count = images.count() as f64;
    Ok(Reconstruction {
        reconstruction_mse: squares as f64 / f64::from(1 << 24) / count / images.units() as f64,
        free_energy_gap: gap / count,
    })
}

/// The generator of every image, moved past what [`BitMatrix::binarise`] draws from it.
fn chains(images: &BitMatrix, seed: u64) -> Vec<ChainRng> {
    let blank = vec![0; images.units()];
    let mut drawn = vec![0; images.words_per_row()];
    let mut streams = Streams::new(seed, Purpose::Evaluation);
    let chains = images.iter().map(|_| {
        let mut rng = streams.next_chain();
        kernel::binarise(&blank, &mut rng, &mut drawn);
        rng
    });
    chains.collect()
}

/// Room for a block of chains.
struct Buffers {
    hidden: Vec<u64>,
    after: Vec<u64>,
    hidden_fields: AlignedI16,
    visible_fields: AlignedI16,
}

impl Buffers {
    fn new<S: AsRef<[i16]>>(model: &Rbm<S>) -> Self {
        let shape = model.shape();
        Self {
            hidden: vec![0; BLOCK * shape.hidden_words()],
            after: vec![0; BLOCK * shape.visible_words()],
            hidden_fields: AlignedI16::zeros(BLOCK * shape.hidden_stride()),
            visible_fields: AlignedI16::zeros(BLOCK * shape.visible_stride()),
        }
    }

    /// The sums over a block of images of (v - p)^2, in 2^-24, and of F(v) - F(v').
    fn step<S: AsRef<[i16]>>(
        &mut self,
        model: &Rbm<S>,
        before: &[u64],
        rngs: &[ChainRng],
    ) -> (u64, f64) {
        let shape = model.shape();
        let (count, words) = (rngs.len(), shape.visible_words());
        let mut rngs = rngs.to_vec();
        let hidden = &mut self.hidden[..count * shape.hidden_words()];
        let after = &mut self.after[..count * words];
        let hidden_fields = &mut self.hidden_fields.as_mut()[..count * shape.hidden_stride()];
        let visible_fields = &mut self.visible_fields.as_mut()[..count * shape.visible_stride()];

        model
            .sample_hidden(before, hidden_fields, &mut rngs, hidden)
            .expect(FITS);
        let mut gap = free_energy(model, before, hidden_fields);
        model.visible_fields(hidden, visible_fields).expect(FITS);
        let mut squares = 0;
        let images = before
            .chunks_exact(words)
            .zip(after.chunks_exact_mut(words));
        let chains = visible_fields
            .chunks_exact(shape.visible_stride())
            .zip(&mut rngs);
        for ((target, bits), (fields, rng)) in images.zip(chains) {
            let places = model.fraction_bits();
            squares +=
                kernel::sample_with_error(fields, places, shape.visible(), rng, target, bits);
        }
        model.hidden_fields(after, hidden_fields).expect(FITS);
        gap -= free_energy(model, after, hidden_fields);
        (squares, gap)
    }
}

/// The sum of F(v) over packed vectors with these hidden fields.
fn free_energy<S: AsRef<[i16]>>(model: &Rbm<S>, visible: &[u64], fields: &[i16]) -> f64 {
    let shape = model.shape();
    let bias = model.buffers().visible_bias;
    let images = visible.chunks_exact(shape.visible_words());
    let linear: i64 = images.flat_map(ones).map(|i| i64::from(bias[i])).sum();
    let step = model.real(1);
    let mut sum = -model.real(linear);
    for fields in fields.chunks_exact(shape.hidden_stride()) {
        for fields in fields[..shape.hidden()].chunks(LANES) {
            sum -= softplus::sum(&std::array::from_fn::<f64, LANES, _>(|lane| {
                fields
                    .get(lane)
                    .map_or(NEVER, |&field| f64::from(field) * step)
            }));
        }
    }
    sum
}
