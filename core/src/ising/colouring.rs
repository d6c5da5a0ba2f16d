//! Colourings: classes of spins that are not coupled with each other.

use super::{Field, Model};
use crate::Error;
use crate::error::check_len;

/// The most colours that a colouring uses.
pub const MAX_COLOURS: usize = 64;

/// Classes of spins, no two of a class coupled, so that all of a class may be decided at once: on a square lattice of
/// even sides the two colours of a chequerboard.
#[derive(Clone, Copy, Debug)]
pub struct Colouring<'a> {
    order: &'a [u32],
    ends: [u32; MAX_COLOURS],
    count: usize,
}

impl<'a> Colouring<'a> {
    /// Gives every spin in ascending order the first colour that no coupled spin has yet. `order` and `colours` are one
    /// number per spin, of any content; the former is kept. O(couplings).
    ///
    /// # Errors
    /// [`Error::Length`] for slices of another length; [`Error::OutOfRange`] if that takes more than [`MAX_COLOURS`].
    pub fn new<F: Field>(
        model: &impl Model<F>,
        order: &'a mut [u32],
        colours: &mut [u32],
    ) -> Result<Self, Error> {
        let units = model.units();
        check_len("order", units, order.len())?;
        check_len("colours", units, colours.len())?;
        let mut sizes = [0_u32; MAX_COLOURS];
        for unit in 0..units {
            let mut taken = 0_u64;
            model.couplings(unit, |j, w| {
                if w != F::default() && j < unit {
                    taken |= 1 << colours[j];
                }
            });
            let colour = taken.trailing_ones();
            let Some(size) = sizes.get_mut(colour as usize) else {
                return Err(Error::OutOfRange {
                    what: "couplings",
                    expected: "a graph that 64 colours are enough for",
                });
            };
            *size += 1;
            colours[unit] = colour;
        }
        let mut ends = [0; MAX_COLOURS];
        let mut sum = 0;
        for (end, size) in ends.iter_mut().zip(sizes) {
            *end = sum; // where the class starts, until it is filled
            sum += size;
        }
        for (unit, &colour) in colours.iter().enumerate() {
            let end = &mut ends[colour as usize];
            order[*end as usize] = unit as u32;
            *end += 1;
        }
        Ok(Self {
            order,
            ends,
            count: sizes.iter().take_while(|&&size| size > 0).count(),
        })
    }

    /// Number of spins.
    #[must_use]
    pub fn units(&self) -> usize {
        self.order.len()
    }

    /// The spins of each colour, ascending.
    pub fn classes(&self) -> impl Iterator<Item = &'a [u32]> + use<'a> {
        let (order, ends) = (self.order, self.ends);
        let mut start = 0;
        ends.into_iter().take(self.count).map(move |end| {
            let class = order.get(start..end as usize);
            start = end as usize;
            class.unwrap_or_default()
        })
    }
}
