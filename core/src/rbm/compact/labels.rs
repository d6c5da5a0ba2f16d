//! Label units of a compact RBM.

use super::CompactRbm;
use crate::Error;
use crate::bits::{Bits, ones};
use crate::error::check_len;
use crate::fixed::{NAT_BITS, softplus};
use crate::rbm::labels::check_classes;

/// A compact RBM whose last `classes` visible units are labels, of which exactly one is set:
/// [`Labelled`](crate::rbm::labels::Labelled) for flash, with its logits to the bit.
///
/// ```
/// use bitspin_core::bits::Bits;
/// use bitspin_core::rbm::compact::{Buffers, CompactLabelled, CompactRbm, NumberFormat, WeightFormat};
/// use bitspin_core::rbm::{Shape, labels};
/// // One pixel, two classes, one hidden unit that is set where the pixel and the second class are; halves.
/// static CODES: [u8; 3] = [4, 0xfc, 4];
/// let format = NumberFormat { weights: WeightFormat::I8, weight_scale: 1, fraction_bits: 1 };
/// let buffers = Buffers { codes: CODES, visible_bias: &[0; 3][..], hidden_bias: &[-2][..] };
/// let model = CompactLabelled::new(CompactRbm::new(Shape::new(3, 1)?, format, buffers)?, 2)?;
/// let (mut fields, mut logits) = ([0], [0; 2]);
/// model.logits(&Bits::new(1, [1])?, &mut fields, &mut logits)?;
/// assert_eq!(labels::class(&logits), 1);
/// // E(x) = -ln(1 + e^-1 + 1 + e^3), 3.11144 nats
/// assert_eq!(labels::energy_fixed(&logits), -203_911);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactLabelled<C, B> {
    rbm: CompactRbm<C, B>,
    classes: usize,
}

impl<C: AsRef<[u8]>, B: AsRef<[i16]>> CompactLabelled<C, B> {
    /// Makes a classifier whose labels are the last `classes` visible units of `rbm`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there is at least one class and at least one other visible unit.
    pub fn new(rbm: CompactRbm<C, B>, classes: usize) -> Result<Self, Error> {
        check_classes(rbm.shape(), classes)?;
        Ok(Self { rbm, classes })
    }

    /// The model of pixels and labels.
    #[must_use]
    pub fn rbm(&self) -> &CompactRbm<C, B> {
        &self.rbm
    }

    /// The same model, borrowed.
    #[must_use]
    pub fn as_borrowed(&self) -> CompactLabelled<&[u8], &[i16]> {
        CompactLabelled {
            rbm: self.rbm.as_borrowed(),
            classes: self.classes,
        }
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

    /// -F(x, y) in 2^-16 nat for every class y: the numbers of [`Labelled::logits`](crate::rbm::labels::Labelled::logits)
    /// of the same weights. `fields` is room for one number per hidden unit, and holds the fields of x without a label
    /// afterwards; `logits` has one number per class.
    ///
    /// Integers only, without division: one addition per hidden unit and set pixel, and hidden x classes evaluations of
    /// [`softplus`].
    ///
    /// # Errors
    /// [`Error::Length`] unless `x` has [`pixels`](Self::pixels) units, and `fields` and `logits` have those lengths.
    pub fn logits<T: AsRef<[u64]>>(
        &self,
        x: &Bits<T>,
        fields: &mut [i16],
        logits: &mut [i64],
    ) -> Result<(), Error> {
        let (pixels, format) = (self.pixels(), self.rbm.format());
        check_len("pixels", pixels, x.len())?;
        check_len("fields", self.rbm.shape().hidden(), fields.len())?;
        check_len("logits", self.classes, logits.len())?;
        let (x, bits) = (x.as_words(), format.fraction_bits);
        self.rbm.sum_hidden(x, fields);
        let bias = self.rbm.buffers.visible_bias.as_ref();
        let bias = |i: usize| bias.get(i).map_or(0, |&b| i64::from(b));
        let linear: i64 = ones(x).map(bias).sum();
        for (y, logit) in logits.iter_mut().enumerate() {
            let row = self.rbm.row(pixels + y);
            let softplus: i64 = fields
                .iter()
                .enumerate()
                .map(|(j, field)| {
                    // As `weight` does; in range, since the field with this label set is.
                    let weight = format.weights.code(row, j);
                    let weight = weight.wrapping_mul(format.weight_scale as i16);
                    i64::from(softplus(field.wrapping_add(weight), bits))
                })
                .sum();
            *logit = ((linear + bias(pixels + y)) << (NAT_BITS - bits)) + softplus;
        }
        Ok(())
    }
}
