//! Walking through states in Gray-code order (Gray 1953; state t is t ^ t >> 1).

use super::{Enumeration, PART_BITS};
use crate::bits::ones;

/// States after which fields are computed afresh.
pub const RESYNC: usize = 1024;

/// A state of the enumerated layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    /// Bit `k` is unit `k`.
    pub(super) number: usize,
    /// The unit that was flipped to come here; `None` in a part's first state.
    pub(super) flipped: Option<usize>,
    /// ln sum_u exp(-E(s, u)) over states u of the summed layer.
    pub(super) ln_weight: f64,
}

impl Enumeration<'_> {
    /// Calls `each` for every state of a part, with the kept fields of the summed layer, padded.
    #[inline]
    pub(super) fn walk(
        &self,
        part: usize,
        kept: &mut [f64],
        mut each: impl FnMut(State, &mut [f64]),
    ) {
        let low = self.view.units().saturating_sub(PART_BITS);
        let mut linear = 0.0;
        for t in 0..1_usize << low {
            let number = part << low | t ^ t >> 1;
            let flipped = (t > 0).then_some(t.trailing_zeros() as usize);
            let row = match flipped {
                Some(k) if !t.is_multiple_of(RESYNC) => {
                    let set = number >> k & 1 != 0;
                    let bias = f64::from(self.view.bias[k]);
                    linear += if set { bias } else { -bias };
                    2 * k + usize::from(!set)
                }
                _ => {
                    linear = self.enter(number, kept);
                    2 * self.view.units()
                }
            };
            let row = &self.table[row * self.view.stride..][..self.view.stride];
            let ln_weight = linear + self.scale.flip(kept, row);
            let state = State {
                number,
                flipped,
                ln_weight,
            };
            each(state, kept);
        }
    }

    /// Computes the fields of state `number` afresh. Returns the sum of its units' biases.
    fn enter(&self, number: usize, kept: &mut [f64]) -> f64 {
        // A unit of field minus infinity is never set: padding adds ln(1 + 0).
        kept.fill(f64::NEG_INFINITY);
        for (x, bias) in kept.iter_mut().zip(self.view.summed_bias) {
            *x = f64::from(*bias);
        }
        let mut linear = 0.0;
        for k in ones(&[number as u64]) {
            linear += f64::from(self.view.bias[k]);
            for (x, w) in kept.iter_mut().zip(self.view.weights(k)) {
                *x += w;
            }
        }
        self.scale.apply(kept);
        linear
    }
}
