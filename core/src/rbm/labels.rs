//! Label units: a classifier that is an energy.
//!
//! The last `classes` visible units of a model are its labels, of which exactly one is set: the energy of (x, y) is that
//! of the RBM with visible units (x, one-hot y). Then (Larochelle and Bengio 2008; Grathwohl et al. 2020)
//!
//! - logits(x)_y = -F(x, y), so p(y|x) is their softmax, without ln Z;
//! - E(x) = -ln sum_y exp(logits_y) is the free energy of x alone, ln p(x) = -E(x) - ln Z;
//! - p(x|y) is a restricted Boltzmann machine of its own, with the label's weights added to the hidden biases.
//!
//! Logits are integers in 2^-16 nat, from fields and softplus in fixed point, so that one model gives one answer on every
//! platform: the class is a comparison of integers, and E(x) an integer too ([`energy_fixed`]). [`CompactLabelled`] gives the
//! same answers on a microcontroller.

use core::ops::Range;

#[cfg(doc)]
use super::compact::CompactLabelled;
use super::{Rbm, Shape};
use crate::Error;
use crate::bits::{WORD, ones, words};
use crate::error::{check_len, check_lens};
use crate::fixed::{MAX_FRACTION_BITS, NAT_BITS, log_add, logistic32, softplus};
use crate::rng::ChainRng;

/// A model whose last visible units are labels.
///
/// ```
/// use bitspin_core::rbm::{Parameters, Quantised, Rbm, Shape, labels::Labelled, quantise};
/// // One pixel, two classes, one hidden unit that is set where the pixel and the second class are.
/// let shape = Shape::new(3, 1)?;
/// let floats = Parameters { shape, w: &[2.0, -2.0, 2.0], visible_bias: &[0.0; 3], hidden_bias: &[-1.0] };
/// let (mut to_hidden, mut to_visible, mut b, mut c) = ([0; 96], [0; 32], [0; 32], [0; 32]);
/// let bits = quantise(&floats, &mut Quantised {
///     to_hidden: &mut to_hidden, to_visible: &mut to_visible, visible_bias: &mut b, hidden_bias: &mut c,
/// })?;
/// let rbm = Rbm::new(shape, bits, Quantised {
///     to_hidden: &to_hidden[..], to_visible: &to_visible[..], visible_bias: &b[..], hidden_bias: &c[..],
/// })?;
/// let model = Labelled::new(&rbm, 2)?;
/// let (mut fields, mut logits) = ([0; 32], [0; 2]);
/// model.logits(&[1], &mut fields, &mut logits)?;
/// assert_eq!(model.class(&logits), 1);
/// assert!((model.nats(logits[1]) - (1.0 + 3_f64.exp()).ln()).abs() < 1e-4);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a, S> {
    rbm: &'a Rbm<S>,
    classes: usize,
}

impl<'a, S: AsRef<[i16]>> Labelled<'a, S> {
    /// Makes a classifier whose labels are the last `classes` visible units of `rbm`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there is at least one class and at least one other visible unit.
    pub fn new(rbm: &'a Rbm<S>, classes: usize) -> Result<Self, Error> {
        check_classes(rbm.shape(), classes)?;
        Ok(Self { rbm, classes })
    }

    /// The model of pixels and labels.
    #[must_use]
    pub fn rbm(&self) -> &'a Rbm<S> {
        self.rbm
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of visible units that are not labels.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.rbm.shape().visible() - self.classes
    }

    /// \[hidden stride\]: what label `class` adds to the hidden fields.
    #[must_use]
    pub fn label_row(&self, class: usize) -> &'a [i16] {
        let stride = self.rbm.shape().hidden_stride();
        let rows = self.rbm.buffers().to_hidden.chunks_exact(stride);
        rows.skip(self.pixels()).nth(class).unwrap_or_default()
    }

    /// -F(x, y) in 2^-16 nat for every class y. `visible` is packed, all labels clear (or, if no bit follows the pixels in
    /// the last word, left out); `fields` is room for a hidden stride, and holds the fields of x without a label
    /// afterwards. Each logit is within 1 in 2^-16 a hidden unit of the quantised model's.
    ///
    /// One row addition per set pixel, and hidden x classes evaluations of softplus.
    ///
    /// # Errors
    /// [`Error::Length`] unless `visible` holds the pixels (with or without the labels behind them), `fields` one
    /// [`hidden_stride`](super::Shape::hidden_stride) and `logits` one number per class.
    pub fn logits(
        &self,
        visible: &[u64],
        fields: &mut [i16],
        logits: &mut [i64],
    ) -> Result<(), Error> {
        let all = self.rbm.shape().visible_words();
        let of_pixels = words(self.pixels());
        check_lens(&[
            (
                "visible",
                visible.len().clamp(of_pixels, all),
                visible.len(),
            ),
            ("fields", self.rbm.shape().hidden_stride(), fields.len()),
            ("logits", self.classes, logits.len()),
        ])?;
        let buffers = self.rbm.buffers();
        for (field, bias) in fields.iter_mut().zip(buffers.hidden_bias) {
            *field = *bias;
        }
        let stride = self.rbm.shape().hidden_stride();
        let (pixels, bits) = (self.pixels(), self.rbm.fraction_bits());
        let set = ones(visible).take_while(|&i| i < pixels);
        let mut linear = 0_i64;
        for i in set {
            linear += buffers.visible_bias.get(i).map_or(0, |&b| i64::from(b));
            let row = buffers.to_hidden.chunks_exact(stride).nth(i);
            for (field, weight) in fields.iter_mut().zip(row.unwrap_or_default()) {
                *field = field.wrapping_add(*weight);
            }
        }
        for (y, logit) in logits.iter_mut().enumerate().take(self.classes) {
            let bias = buffers.visible_bias.get(pixels + y);
            let linear = linear + bias.map_or(0, |&b| i64::from(b));
            *logit = (linear << (NAT_BITS - bits)) + self.softplus_of(y, fields);
        }
        Ok(())
    }

    /// The sum of softplus of the hidden fields with label `class` set, in 2^-16 nat.
    fn softplus_of(&self, class: usize, fields: &[i16]) -> i64 {
        let bits = self.rbm.fraction_bits();
        let fields = fields.iter().zip(self.label_row(class));
        fields
            .take(self.rbm.shape().hidden())
            .map(|(field, weight)| i64::from(softplus(field.wrapping_add(*weight), bits)))
            .sum()
    }

    /// The class of the largest logit, the first of several.
    #[must_use]
    pub fn class(&self, logits: &[i64]) -> usize {
        class(logits.get(..self.classes).unwrap_or(logits))
    }

    /// A logit in nats.
    #[must_use]
    pub fn nats(&self, logit: i64) -> f64 {
        logit as f64 / f64::from(1_u32 << NAT_BITS)
    }

    /// E(x) = -ln sum_y exp(logits_y) in nats: the lower, the more the model expects x.
    #[must_use]
    pub fn energy(&self, logits: &[i64]) -> f64 {
        let most = logits.iter().copied().max().unwrap_or(0);
        let sum: f64 = logits
            .iter()
            .map(|&logit| libm::exp(self.nats(logit - most)))
            .sum();
        -(self.nats(most) + libm::log(sum))
    }
}

/// Refuses a number of classes that leaves no label or no other unit.
pub(super) fn check_classes(shape: Shape, classes: usize) -> Result<(), Error> {
    if classes > 0 && classes < shape.visible() {
        return Ok(());
    }
    Err(Error::OutOfRange {
        what: "classes",
        expected: "at least one, and fewer than visible units",
    })
}

/// The class of the largest logit, the first of several; 0 if there are none.
#[must_use]
pub fn class(logits: &[i64]) -> usize {
    let better = |best: (usize, i64), next: (usize, i64)| if next.1 > best.1 { next } else { best };
    let logits = logits.iter().copied().enumerate();
    logits.reduce(better).map_or(0, |(class, _)| class)
}

/// E(x) = -ln sum_y exp(logits_y) in 2^-16 nat, of logits in 2^-16 nat: an integer that is the same on every platform, and
/// within 2 (K - 1) units of the sum's for K classes. 0 if there are none.
///
/// ```
/// use bitspin_core::rbm::labels::energy_fixed;
/// // Two equal logits: ln 2 more than one.
/// assert_eq!(energy_fixed(&[-65_536, -65_536]), 65_536 - 45_426);
/// ```
#[must_use]
pub fn energy_fixed(logits: &[i64]) -> i64 {
    -logits.iter().copied().reduce(log_add).unwrap_or(0)
}

/// Draws one class of a softmax over fields of `fraction_bits` binary places, by 32 random bits of one generator step,
/// in integers: each class's probability is within 1e-9 of the softmax's for up to 64 classes.
///
/// ```
/// use bitspin_core::{rbm::labels::draw_label, rng::{Purpose, Streams}};
/// let mut rng = Streams::new(1, Purpose::Chains).next_chain();
/// assert_eq!(draw_label(&[0, 9000, 0], 8, &mut rng), 1);
/// ```
#[must_use]
pub fn draw_label(fields: &[i16], fraction_bits: u32, rng: &mut ChainRng) -> usize {
    let draw = rng.step();
    let random = u32::from(draw.upper[0]) << 16 | u32::from(draw.lower[0]);
    let most = fields.iter().copied().max().unwrap_or(0);
    let weight = |field: i16| boltzmann_weight(most.abs_diff(field), fraction_bits);
    let total: u64 = fields.iter().map(|&field| weight(field)).sum();
    // random < 2^32 and total <= 65536 x 2^31: the product fits 79 bits.
    let mut rest = ((u128::from(random) * u128::from(total)) >> 32) as u64;
    for (class, &field) in fields.iter().enumerate() {
        match rest.checked_sub(weight(field)) {
            Some(left) => rest = left,
            None => return class,
        }
    }
    0
}

/// 2^31 exp(-y) of a difference of fields: s / (1 - s) where s = sigmoid(-y).
fn boltzmann_weight(difference: u16, fraction_bits: u32) -> u64 {
    let bits = fraction_bits.min(MAX_FRACTION_BITS);
    let y = u32::from(difference) << (MAX_FRACTION_BITS - bits);
    let s = u64::from(logistic32(y.min(u32::from(u16::MAX)) as u16));
    (s << 31) / ((1 << 32) - s)
}

/// Sets label `class` of a packed visible vector of `pixels` pixels and `classes` labels, and clears the others.
///
/// # Errors
/// [`Error::Length`] if the vector has another number of words, [`Error::OutOfRange`] if there is no such class.
pub fn set_label(
    visible: &mut [u64],
    pixels: usize,
    classes: usize,
    class: usize,
) -> Result<(), Error> {
    check_len("visible", words(pixels + classes), visible.len())?;
    if class >= classes {
        return Err(Error::OutOfRange {
            what: "class",
            expected: "below the number of classes",
        });
    }
    set_units(visible, pixels..pixels + classes, class);
    Ok(())
}

/// Sets the `chosen`-th of a range of units, and clears the others.
pub(super) fn set_units(visible: &mut [u64], units: Range<usize>, chosen: usize) {
    for (y, at) in units.enumerate() {
        if let Some(word) = visible.get_mut(at / WORD) {
            *word = *word & !(1 << (at % WORD)) | u64::from(y == chosen) << (at % WORD);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Streams};

    #[test]
    fn weights_of_differences_are_exponentials() {
        for difference in (0..=u16::MAX).step_by(113) {
            let exact = libm::exp(-f64::from(difference) / 512.0);
            let found = boltzmann_weight(difference, 9) as f64 / f64::from(1_u32 << 31);
            assert!((found - exact).abs() < 1.5e-9, "{difference}");
        }
        assert_eq!(boltzmann_weight(0, 3), 1 << 31);
    }

    /// Null: labels are drawn from the softmax. 100,000 draws; each frequency within five standard deviations:
    /// false alarm below 3e-6 for five classes.
    #[test]
    fn labels_are_drawn_from_the_softmax() {
        const DRAWS: usize = 100_000;
        let fields = [-300, 0, 200, 500, -32_000];
        let mut rng = Streams::new(7, Purpose::Chains).next_chain();
        let mut counts = [0_u32; 5];
        for _ in 0..DRAWS {
            counts[draw_label(&fields, 8, &mut rng)] += 1;
        }
        let weights = fields.map(|field| libm::exp(f64::from(field) / 256.0));
        let total: f64 = weights.iter().sum();
        for (count, weight) in counts.iter().zip(weights) {
            let (n, p) = (DRAWS as f64, weight / total);
            let spread = libm::sqrt(n * p * (1.0 - p));
            assert!(
                (f64::from(*count) - n * p).abs() <= 5.0 * spread,
                "{counts:?}"
            );
        }
    }

    /// The stated bound, for logits of every distance and up to 40 classes, the largest in any place.
    #[test]
    fn energies_in_integers_are_within_their_bound() {
        let mut random = Streams::new(3, Purpose::Evaluation).next_chain();
        for classes in 1..=40 {
            for spread in [1, 1 << 10, 1 << 16, 1 << 19, 1 << 30] {
                let mut logits = [0; 48];
                for group in logits.as_chunks_mut::<16>().0 {
                    for (logit, word) in group.iter_mut().zip(random.words()) {
                        *logit = ((i64::from(word) * spread) >> 32) - 77;
                    }
                }
                let logits = &logits[..classes];
                let most = logits.iter().copied().max().unwrap_or(0);
                let nats = |logit: i64| logit as f64 / 65_536.0;
                let sum: f64 = logits.iter().map(|&z| libm::exp(nats(z - most))).sum();
                let exact = -(most as f64 + 65_536.0 * libm::log(sum));
                let error = (energy_fixed(logits) as f64 - exact).abs();
                assert!(
                    error <= 2.0 * (classes - 1) as f64 + 1e-6,
                    "{logits:?}: {error}"
                );
                let best = class(logits);
                assert_eq!(logits.iter().position(|&z| z == most), Some(best));
            }
        }
        assert_eq!((class(&[]), energy_fixed(&[])), (0, 0));
    }

    #[test]
    fn one_label_is_set_across_a_word() {
        let mut visible = [u64::MAX, 0b111];
        set_label(&mut visible, 62, 4, 2).unwrap();
        assert_eq!(visible, [u64::MAX >> 2, 0b101]);
    }
}
