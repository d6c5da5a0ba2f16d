//! One Markov chain of single flips.

use core::marker::PhantomData;

use super::temperature::decide;
use super::{Colouring, Field, Model, Temperature, UpdateRule};
use crate::Error;
use crate::bits::{Bits, State, Storage, WORD, check_capacity, filled, ones, spin, words};
use crate::error::check_len;
use crate::kernel::at_level;
use crate::rng::{ChainRng, UNITS_A_STEP};

/// One Markov chain of an Ising model: a state, its fields and its energy, which are kept up to date, and a generator.
///
/// The model is borrowed; the state's words `S` and the fields `B` are owned or borrowed, whichever storage they come with.
/// [`IsingChain`] owns both. Lengths are checked once, by [`Chain::new`].
///
/// One step of the generator serves 16 attempts in the order in which they are made, so that a chain's flips belong to
/// its seed alone, whatever runs beside it and on whatever platform.
#[derive(Debug)]
pub struct Chain<'a, M, F = i32, S = &'a mut [u64], B = &'a mut [F]> {
    pub(super) model: &'a M,
    pub(super) state: Bits<S>,
    pub(super) fields: B,
    number: PhantomData<F>,
    pub(super) rng: ChainRng,
    pub(super) energy: i64,
}

/// A [`Chain`] that owns its buffers, without an allocator: room for a model of up to `UNITS` spins.
///
/// `WORDS` is [`words`]`(UNITS)`. Memory: `4 * UNITS + 8 * WORDS` bytes, and 128 bytes of generator. The value is copied when
/// it is made, which takes its stack twice; where that is too much, borrow the buffers by [`Chain::new`].
///
/// ```
/// use bitspin_core::ising::{Dense, IsingChain, Temperature, UpdateRule};
/// use bitspin_core::rng::{Purpose, Streams};
/// // Three spins that pull each other the same way.
/// let model = Dense::new(3, [0_i8, 1, 1, 1, 0, 1, 1, 1, 0], [0; 3], 0)?;
/// let rng = Streams::new(1, Purpose::Chains).next_chain();
/// let mut chain = IsingChain::<_, 3, 1>::owned(&model, rng)?;
/// chain.randomise();
/// let cold = Temperature::new(4.0, 0)?;
/// (0..10).for_each(|_| _ = chain.sweep(UpdateRule::Glauber, cold));
/// assert_eq!((chain.energy(), chain.magnetisation().abs()), (-3, 3));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
///
/// Too few words for the spins do not compile:
/// ```compile_fail,E0080
/// use bitspin_core::ising::{Dense, IsingChain};
/// use bitspin_core::rng::{Purpose, Streams};
/// let model = Dense::new(2, [0_i8; 4], [0; 2], 0).unwrap();
/// let rng = Streams::new(1, Purpose::Chains).next_chain();
/// let chain = IsingChain::<_, 65, 1>::owned(&model, rng);
/// ```
pub type IsingChain<'a, M, const UNITS: usize, const WORDS: usize> =
    Chain<'a, M, i32, heapless::Vec<u64, WORDS>, heapless::Vec<i32, UNITS>>;

impl<'a, M: Model, const UNITS: usize, const WORDS: usize> IsingChain<'a, M, UNITS, WORDS> {
    /// A chain in buffers of its own that begins with all spins -1; see [`set_state`](Chain::set_state) and
    /// [`randomise`](Chain::randomise) for other beginnings. O(couplings).
    ///
    /// # Errors
    /// [`Error::Capacity`] if the model has more than `UNITS` spins.
    pub fn owned(model: &'a M, rng: ChainRng) -> Result<Self, Error> {
        const { assert!(words(UNITS) <= WORDS, "a chain needs words(UNITS) words") }
        let units = model.units();
        check_capacity("fields", units, UNITS)?;
        Self::new(model, State::cleared(units)?, filled(units), rng)
    }
}

impl<'a, F: Field, M: Model<F>, S: Storage<u64>, B: Storage<F>> Chain<'a, M, F, S, B> {
    /// A chain from this state. `fields` is one number per spin, of any content. O(couplings).
    ///
    /// # Errors
    /// [`Error::Length`] if the state or the fields have another length than the model has spins.
    pub fn new(model: &'a M, state: Bits<S>, fields: B, rng: ChainRng) -> Result<Self, Error> {
        check_len("state", model.units(), state.len())?;
        check_len("fields", model.units(), fields.as_ref().len())?;
        let mut chain = Self {
            model,
            state,
            fields,
            number: PhantomData,
            rng,
            energy: 0,
        };
        chain.resume();
        Ok(chain)
    }

    fn resume(&mut self) {
        self.model
            .prepare(self.state.as_words(), self.fields.as_mut());
        self.energy = (self.model).energy(self.state.as_words(), self.fields.as_ref());
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &'a M {
        self.model
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> Bits<&[u64]> {
        self.state.as_bits()
    }

    /// The fields of all spins.
    #[must_use]
    pub fn fields(&self) -> &[F] {
        self.fields.as_ref()
    }

    /// The energy, exact, in units of 2^-fraction_bits; [`Model::real`] makes a float of it.
    #[must_use]
    pub fn energy(&self) -> i64 {
        self.energy
    }

    /// sum_i s_i: the number of spins +1 less that of spins -1. O(N / 64).
    #[must_use]
    pub fn magnetisation(&self) -> i64 {
        2 * i64::from(self.state.count_ones()) - self.state.len() as i64
    }

    /// The generator, for a checkpoint.
    #[must_use]
    pub fn rng(&self) -> &ChainRng {
        &self.rng
    }

    /// Replaces the state. O(couplings).
    ///
    /// # Errors
    /// [`Error::Length`] if it has another length.
    pub fn set_state(&mut self, state: Bits<&[u64]>) -> Result<(), Error> {
        check_len("state", self.state.len(), state.len())?;
        self.state.assign(state.as_words());
        self.resume();
        Ok(())
    }

    /// Draws a new state, every spin +1 or -1 with equal probability. O(couplings).
    pub fn randomise(&mut self) {
        for start in (0..self.state.len()).step_by(UNITS_A_STEP) {
            for (at, word) in self.rng.words().into_iter().enumerate() {
                // Past the end nothing changes.
                self.state.set(start + at, word >> 31 != 0);
            }
        }
        self.resume();
    }

    /// Exchanges states, fields and energies with a chain of the same model; generators stay. O(N).
    pub(super) fn exchange(&mut self, other: &mut Self) {
        self.state.swap(&mut other.state);
        (self.fields.as_mut()).swap_with_slice(other.fields.as_mut());
        core::mem::swap(&mut self.energy, &mut other.energy);
    }

    /// One attempt for every spin of a range in ascending order; others are held as they are, which samples the
    /// distribution of these given those. Returns the number of flips.
    pub fn sweep_range(
        &mut self,
        rule: UpdateRule,
        temperature: Temperature,
        units: core::ops::Range<usize>,
    ) -> u64 {
        at_level(
            #[inline(always)]
            || {
                let mut flips = 0;
                let end = units.end.min(self.state.len());
                let mut start = units.start;
                while start < end {
                    let count = (UNITS_A_STEP - start % UNITS_A_STEP).min(end - start);
                    let bounds = self.bounds(rule, temperature);
                    flips += self.attempt_block(rule, start, count, &bounds);
                    start += count;
                }
                flips
            },
        )
    }

    /// Bounds for the next 16 attempts.
    #[inline(always)]
    pub(super) fn bounds(
        &mut self,
        rule: UpdateRule,
        temperature: Temperature,
    ) -> [F; UNITS_A_STEP] {
        let mut bounds = [F::default(); UNITS_A_STEP];
        for (bound, word) in bounds.iter_mut().zip(self.rng.words()) {
            *bound = temperature.bound(rule, word);
        }
        bounds
    }

    /// Attempts for `count` spins from `start` on, all in one group of 16. Decides all of them at once and
    /// makes the first flip that is due, again and again: what follows a flip has not been decided before it.
    #[inline(always)]
    pub(super) fn attempt_block(
        &mut self,
        rule: UpdateRule,
        start: usize,
        count: usize,
        bounds: &[F; UNITS_A_STEP],
    ) -> u64 {
        let word = self.state.as_words().get(start / WORD).copied();
        let mut up = (word.unwrap_or(0) >> (start % WORD)) as u16;
        let mut pending = (((1_u32 << count) - 1) & 0xffff) as u16;
        let mut flips = 0;
        loop {
            let want = self.wanted(rule, start, count, up, bounds);
            let due = (want ^ up) & pending;
            if due == 0 {
                return flips;
            }
            let first = due.trailing_zeros();
            self.turn(start + first as usize);
            flips += 1;
            up ^= 1 << first;
            pending &= (!1_u16) << first;
        }
    }

    /// Which of the spins from `start` on are to be +1, as their fields are now.
    #[inline(always)]
    fn wanted(
        &self,
        rule: UpdateRule,
        start: usize,
        count: usize,
        up: u16,
        bounds: &[F; UNITS_A_STEP],
    ) -> u16 {
        let rest = self.fields().get(start..).unwrap_or_default();
        if let Some(fields) = rest.first_chunk() {
            return F::wanted(rule, fields, up, bounds);
        }
        let mut fields = [F::default(); UNITS_A_STEP];
        for (field, own) in fields.iter_mut().zip(rest.iter().take(count)) {
            *field = *own;
        }
        F::wanted(rule, &fields, up, bounds)
    }

    /// `attempts` attempts, each for a spin that is drawn anew: unit floor(u N) of 32 random bits u, so that
    /// spins are equally likely within 2^-32, which leaves the distribution as it is all the same. Returns the number
    /// of flips.
    pub fn random_sites(
        &mut self,
        rule: UpdateRule,
        temperature: Temperature,
        attempts: u64,
    ) -> u64 {
        let mut flips = 0;
        let mut left = attempts;
        while left > 0 {
            let (sites, bounds) = (self.rng.words(), self.bounds(rule, temperature));
            let count = UNITS_A_STEP.min(left.try_into().unwrap_or(UNITS_A_STEP));
            for (at, &bound) in bounds.iter().enumerate().take(count) {
                let scaled = u64::from(sites[at]) * self.state.len() as u64;
                flips += u64::from(self.attempt(rule, (scaled >> 32) as usize, bound));
            }
            left -= count as u64;
        }
        flips
    }

    /// One attempt for every spin, colour after colour. Spins of a colour do not see each other, so that 16 at a time are
    /// decided at once. Returns the number of flips.
    ///
    /// # Errors
    /// [`Error::Length`] if the colouring is of another number of spins.
    pub fn sweep_coloured(
        &mut self,
        rule: UpdateRule,
        temperature: Temperature,
        colouring: &Colouring<'_>,
    ) -> Result<u64, Error> {
        check_len("colouring", self.state.len(), colouring.units())?;
        Ok(at_level(
            #[inline(always)]
            || {
                let mut flips = 0;
                for class in colouring.classes() {
                    for units in class.chunks(UNITS_A_STEP) {
                        let bounds = self.bounds(rule, temperature);
                        flips += self.attempt_independent(rule, units, &bounds);
                    }
                }
                flips
            },
        ))
    }

    /// Attempts for up to 16 spins that do not see each other: all decisions, then all flips.
    #[inline(always)]
    fn attempt_independent(
        &mut self,
        rule: UpdateRule,
        units: &[u32],
        bounds: &[F; UNITS_A_STEP],
    ) -> u64 {
        let (mut fields, mut up) = ([F::default(); UNITS_A_STEP], 0);
        for (at, (field, &unit)) in fields.iter_mut().zip(units).enumerate() {
            *field = self
                .fields()
                .get(unit as usize)
                .copied()
                .unwrap_or_default();
            up |= u16::from(spin(self.state.as_words(), unit as usize) > 0) << at;
        }
        let valid = ((1_u32 << units.len()) - 1) as u16;
        let flips = (F::wanted(rule, &fields, up, bounds) ^ up) & valid;
        for at in ones(&[flips.into()]) {
            self.turn(units[at] as usize);
        }
        flips.count_ones().into()
    }

    #[inline]
    fn attempt(&mut self, rule: UpdateRule, unit: usize, bound: F) -> bool {
        let Some(&field) = self.fields().get(unit) else {
            return false;
        };
        let up = spin(self.state.as_words(), unit) > 0;
        let flips = decide(rule, field, up, bound) != up;
        if flips {
            self.turn(unit);
        }
        flips
    }

    /// Flips a spin.
    #[inline(always)]
    pub(super) fn turn(&mut self, unit: usize) {
        let field: i64 = self.fields().get(unit).copied().unwrap_or_default().into();
        self.energy += 2 * field * i64::from(spin(self.state.as_words(), unit));
        self.state.flip(unit);
        (self.model).flipped(self.state.as_words(), self.fields.as_mut(), unit);
    }

    /// The chain's next 32 random bits.
    pub(super) fn random(&mut self) -> u32 {
        self.rng.words()[0]
    }
}
