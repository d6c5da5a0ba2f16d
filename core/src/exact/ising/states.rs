//! All states of a part, one turned spin after the other.

use super::IsingEnumeration;
use crate::exact::grid::Whole;
use crate::exact::{MAX_UNITS, PART_BITS};

/// A state on the way through all of them.
pub(super) struct State<T> {
    pub(super) number: usize,
    /// The spin that turned to come here; `None` in a part's first state.
    pub(super) flipped: Option<usize>,
    pub(super) energy: T,
}

/// The parameters in units of the grid.
pub(super) struct Table<T> {
    units: usize,
    /// Twice the couplings, by which a turn changes fields.
    twice: [[T; MAX_UNITS]; MAX_UNITS],
    external: [T; MAX_UNITS],
}

impl<T: Whole> Table<T> {
    pub(super) fn new(model: &IsingEnumeration<'_>) -> Self {
        let mut table = Self {
            units: model.units,
            twice: [[T::ZERO; MAX_UNITS]; MAX_UNITS],
            external: [T::ZERO; MAX_UNITS],
        };
        let rows = model.w.chunks_exact(model.units);
        for (to, row) in table.twice.iter_mut().zip(rows) {
            for (to, &w) in to.iter_mut().zip(row) {
                let w: T = model.grid.whole(w);
                *to = w + w;
            }
        }
        for (to, &h) in table.external.iter_mut().zip(model.h) {
            *to = model.grid.whole(h);
        }
        table
    }

    /// Calls `each` for every state of a part.
    #[inline]
    pub(super) fn walk(&self, part: usize, mut each: impl FnMut(State<T>)) {
        let low = self.units.saturating_sub(PART_BITS);
        let mut fields = [T::ZERO; MAX_UNITS];
        let mut energy = self.enter(part << low, &mut fields);
        for t in 0..1_usize << low {
            let number = part << low | t ^ t >> 1;
            let flipped = (t > 0).then_some(t.trailing_zeros() as usize);
            if let Some(k) = flipped {
                let own = fields[k] + fields[k];
                let pairs = fields.iter_mut().zip(&self.twice[k]).take(self.units);
                if is_up(number, k) {
                    energy = energy - own;
                    pairs.for_each(|(field, &by)| *field = *field + by);
                } else {
                    energy = energy + own;
                    pairs.for_each(|(field, &by)| *field = *field - by);
                }
            }
            each(State {
                number,
                flipped,
                energy,
            });
        }
    }

    /// Computes the fields of a state afresh. Returns its energy.
    pub(super) fn enter(&self, number: usize, fields: &mut [T; MAX_UNITS]) -> T {
        // Twice the energy of pairs counts each of them in both rows.
        let (mut pairs, mut energy) = (T::ZERO, T::ZERO);
        for (i, field) in fields.iter_mut().enumerate().take(self.units) {
            let mut sum = T::ZERO;
            for (j, &twice) in self.twice[i].iter().enumerate().take(self.units) {
                sum = if is_up(number, j) {
                    sum + twice
                } else {
                    sum - twice
                };
            }
            let own = self.external[i];
            *field = sum.half() + own;
            if is_up(number, i) {
                (pairs, energy) = (pairs + sum.half(), energy - own);
            } else {
                (pairs, energy) = (pairs - sum.half(), energy + own);
            }
        }
        energy - pairs.half()
    }
}

/// Whether spin `k` of a state is +1.
#[inline]
pub(super) fn is_up(number: usize, k: usize) -> bool {
    number >> k & 1 != 0
}
