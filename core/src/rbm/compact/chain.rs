//! One Gibbs chain of a compact RBM.

use super::CompactRbm;
use super::gibbs::draw;
use crate::Error;
use crate::bits::{Bits, State, Storage, check_capacity, filled, words};
use crate::error::check_len;
use crate::rng::ChainRng;

/// One Gibbs chain of a [`CompactRbm`]: a visible and a hidden state, room for fields, and a generator.
///
/// The model is borrowed; the states' words `V` and `H` and the fields `F` are owned or borrowed, whichever storage they
/// come with. [`RbmChain`] owns them all. Lengths are checked once, by [`Chain::new`], and nothing fails after that.
///
/// ```
/// use bitspin_core::bits::Bits;
/// use bitspin_core::rbm::compact::{Buffers, Chain, CompactRbm, NumberFormat, WeightFormat};
/// use bitspin_core::rbm::Shape;
/// use bitspin_core::rng::{Purpose, Streams};
/// let format = NumberFormat { weights: WeightFormat::I8, weight_scale: 1, fraction_bits: 6 };
/// let buffers = Buffers { codes: [90, 90, 90, 90], visible_bias: [-90; 2], hidden_bias: [-90; 2] };
/// let model = CompactRbm::new(Shape::new(2, 2)?, format, buffers)?;
/// let (visible, hidden) = (Bits::new(2, [0b11])?, Bits::new(2, [0])?);
/// let rng = Streams::new(1, Purpose::Chains).next_chain();
/// let mut chain = Chain::new(&model, visible, hidden, [0; 2], rng)?;
/// chain.step();
/// assert_eq!((chain.visible().len(), chain.hidden().len()), (2, 2));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Chain<'m, V, H, F> {
    model: CompactRbm<&'m [u8], &'m [i16]>,
    visible: Bits<V>,
    hidden: Bits<H>,
    fields: F,
    rng: ChainRng,
}

/// A [`Chain`] that owns its buffers, without an allocator: room for a model whose layers have up to `UNITS` units each.
///
/// `WORDS` is [`words`]`(UNITS)`. Memory: `2 * UNITS + 16 * WORDS` bytes, and 128 bytes of generator. The value is copied when
/// it is made, which takes its stack twice; where that is too much, borrow the buffers by [`Chain::new`].
///
/// ```
/// use bitspin_core::bits::Bits;
/// use bitspin_core::rbm::compact::{Buffers, CompactRbm, NumberFormat, RbmChain, WeightFormat};
/// use bitspin_core::rbm::Shape;
/// use bitspin_core::rng::{Purpose, Streams};
/// // One hidden unit that is set where both visible units are.
/// static CODES: [u8; 2] = [127, 127];
/// let format = NumberFormat { weights: WeightFormat::I8, weight_scale: 1, fraction_bits: 4 };
/// let buffers = Buffers { codes: &CODES[..], visible_bias: &[-63, -63][..], hidden_bias: &[-190][..] };
/// let model = CompactRbm::new(Shape::new(2, 1)?, format, buffers)?;
/// let mut chain = RbmChain::<2, 1>::owned(&model, Streams::new(1, Purpose::Chains).next_chain())?;
/// chain.set_visible(&Bits::new(2, [0b11])?)?;
/// chain.step();
/// assert_eq!((chain.visible().count_ones(), chain.hidden().count_ones()), (2, 1));
/// assert!(RbmChain::<1, 1>::owned(&model, chain.rng().clone()).is_err());
/// # Ok::<(), bitspin_core::Error>(())
/// ```
///
/// Too few words for the units do not compile:
/// ```compile_fail,E0080
/// # use bitspin_core::rbm::compact::{Buffers, CompactRbm, NumberFormat, RbmChain, WeightFormat};
/// # use bitspin_core::rbm::Shape;
/// # use bitspin_core::rng::{Purpose, Streams};
/// # let format = NumberFormat { weights: WeightFormat::I8, weight_scale: 1, fraction_bits: 4 };
/// # let buffers = Buffers { codes: [1, 2], visible_bias: &[0, 0][..], hidden_bias: &[0][..] };
/// # let model = CompactRbm::new(Shape::new(2, 1).unwrap(), format, buffers).unwrap();
/// # let rng = Streams::new(1, Purpose::Chains).next_chain();
/// let chain = RbmChain::<65, 1>::owned(&model, rng);
/// ```
pub type RbmChain<'m, const UNITS: usize, const WORDS: usize> =
    Chain<'m, heapless::Vec<u64, WORDS>, heapless::Vec<u64, WORDS>, heapless::Vec<i16, UNITS>>;

impl<'m, const UNITS: usize, const WORDS: usize> RbmChain<'m, UNITS, WORDS> {
    /// A chain in buffers of its own, in which all units are clear; see [`set_visible`](Chain::set_visible) and
    /// [`randomise`](Chain::randomise) for other beginnings.
    ///
    /// # Errors
    /// [`Error::Capacity`] if a layer of the model has more than `UNITS` units.
    pub fn owned<C: AsRef<[u8]>, B: AsRef<[i16]>>(
        model: &'m CompactRbm<C, B>,
        rng: ChainRng,
    ) -> Result<Self, Error> {
        const { assert!(words(UNITS) <= WORDS, "a chain needs words(UNITS) words") }
        let shape = model.shape();
        check_capacity("fields", model.fields_len(), UNITS)?;
        let visible = State::cleared(shape.visible())?;
        let hidden = State::cleared(shape.hidden())?;
        Self::new(model, visible, hidden, filled(model.fields_len()), rng)
    }
}

impl<'m, V: Storage<u64>, H: Storage<u64>, F: Storage<i16>> Chain<'m, V, H, F> {
    /// A chain that begins at `visible`. `hidden` and `fields`, which has
    /// [`fields_len`](CompactRbm::fields_len) numbers, may hold anything.
    ///
    /// # Errors
    /// [`Error::Length`] if a state has another number of units than the model's layer, or `fields` another length.
    pub fn new<C: AsRef<[u8]>, B: AsRef<[i16]>>(
        model: &'m CompactRbm<C, B>,
        visible: Bits<V>,
        hidden: Bits<H>,
        fields: F,
        rng: ChainRng,
    ) -> Result<Self, Error> {
        let shape = model.shape();
        check_len("visible", shape.visible(), visible.len())?;
        check_len("hidden", shape.hidden(), hidden.len())?;
        check_len("fields", model.fields_len(), fields.as_ref().len())?;
        Ok(Self {
            model: model.as_borrowed(),
            visible,
            hidden,
            fields,
            rng,
        })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> CompactRbm<&'m [u8], &'m [i16]> {
        self.model
    }

    /// The visible state.
    #[must_use]
    pub fn visible(&self) -> &Bits<V> {
        &self.visible
    }

    /// The hidden state that the visible one was drawn from; after [`sample_hidden`](Self::sample_hidden) the one that was
    /// drawn from it.
    #[must_use]
    pub fn hidden(&self) -> &Bits<H> {
        &self.hidden
    }

    /// The generator, for a checkpoint.
    #[must_use]
    pub fn rng(&self) -> &ChainRng {
        &self.rng
    }

    /// Replaces the visible state.
    ///
    /// # Errors
    /// [`Error::Length`] if it has another number of units.
    pub fn set_visible<T: AsRef<[u64]>>(&mut self, visible: &Bits<T>) -> Result<(), Error> {
        self.visible.copy_from(visible)
    }

    /// Draws a new visible state, every unit 0 or 1 with equal probability.
    pub fn randomise(&mut self) {
        self.fields.as_mut().fill(0);
        self.draw_visible();
    }

    /// One Gibbs step: h given v, then v given h. One addition per weight of a set unit, both ways, and one draw per unit.
    pub fn step(&mut self) {
        self.sample_hidden();
        self.sample_visible();
    }

    /// Draws h given v.
    pub fn sample_hidden(&mut self) {
        let shape = self.model.shape();
        let fields = self.fields.as_mut().get_mut(..shape.hidden());
        let fields = fields.unwrap_or_default();
        self.model.sum_hidden(self.visible.as_words(), fields);
        let bits = self.model.format().fraction_bits;
        draw(fields, bits, &mut self.rng, self.hidden.as_mut_words());
    }

    /// Draws v given h.
    pub fn sample_visible(&mut self) {
        let shape = self.model.shape();
        let fields = self.fields.as_mut().get_mut(..shape.visible());
        self.model
            .sum_visible(self.hidden.as_words(), fields.unwrap_or_default());
        self.draw_visible();
    }

    fn draw_visible(&mut self) {
        let fields = self.fields.as_ref().get(..self.model.shape().visible());
        let bits = self.model.format().fraction_bits;
        let words = self.visible.as_mut_words();
        draw(fields.unwrap_or_default(), bits, &mut self.rng, words);
    }

    /// The free energy of the visible state in 2^-16 nat; see
    /// [`CompactRbm::free_energy_fixed`]. O(set visible units x hidden).
    pub fn free_energy_fixed(&mut self) -> i64 {
        let fields = self.fields.as_mut().get_mut(..self.model.shape().hidden());
        self.model
            .free_energy_of(self.visible.as_words(), fields.unwrap_or_default())
    }

    /// The fields that were used last.
    #[cfg(test)]
    pub(super) fn fields(&self) -> &[i16] {
        self.fields.as_ref()
    }
}
