//! Coefficients as digits -1, 0 and +1 of powers of two, listed by power.

/// Binary places that magnitudes below 2^62 may need: their digits reach one place higher.
pub(super) const PLACES: usize = 63;

/// A number as digits that are not adjacent (Reitwieser 1960): the places of the digits +1 and -1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) plus: u64,
    pub(super) minus: u64,
}

impl Digits {
    /// The digits of a number whose magnitude is below 2^62.
    #[inline(always)]
    pub(super) fn of(number: i64) -> Self {
        let magnitude = number.unsigned_abs();
        let half = magnitude >> 1;
        let sum = magnitude.wrapping_add(half);
        let places = half ^ sum;
        let (plus, minus) = (sum & places, half & places);
        match number < 0 {
            true => Self {
                plus: minus,
                minus: plus,
            },
            false => Self { plus, minus },
        }
    }
}

/// The digits of a run of patterns, by place: entries `2 (the pattern's first word) + (1 if the digit is -1)`.
pub(super) struct Lists<const LIST: usize> {
    entries: [u32; LIST],
    /// Where the entries of a place begin; those of place k end where those of k + 1 begin.
    starts: [u32; PLACES + 1],
    /// Places from here on have no entries.
    pub(super) places: usize,
}

impl<const LIST: usize> Lists<LIST> {
    pub(super) fn new() -> Self {
        Self {
            entries: [0; LIST],
            starts: [0; PLACES + 1],
            places: 0,
        }
    }

    /// Lists the digits of patterns of so many words from `first` on, as many as fit, and returns where to go on; `count` at the end.
    #[inline(always)]
    pub(super) fn fill(
        &mut self,
        first: usize,
        count: usize,
        words: usize,
        coefficient: &impl Fn(usize) -> i64,
    ) -> usize {
        let mut counts = [0_u32; PLACES + 1];
        let (mut total, mut end, mut all) = (0, first, 0);
        while end < count {
            let digits = Digits::of(coefficient(end));
            let places = digits.plus | digits.minus;
            total += places.count_ones() as usize;
            if total > LIST {
                break;
            }
            all |= places;
            let mut rest = places;
            while rest != 0 {
                counts[rest.trailing_zeros() as usize & 63] += 1;
                rest &= rest - 1;
            }
            end += 1;
        }
        self.places = (64 - all.leading_zeros() as usize).min(PLACES);
        let mut next = [0_u32; PLACES + 1];
        let mut start = 0;
        for place in 0..=PLACES {
            self.starts[place] = start;
            next[place] = start;
            start += counts[place];
        }
        for mu in first..end {
            let Digits { plus, minus } = Digits::of(coefficient(mu));
            let start = ((mu * words) as u32) << 1;
            let mut rest = plus | minus;
            while rest != 0 {
                let place = rest.trailing_zeros() as usize & 63;
                let negative = (minus >> place & 1) as u32;
                if let Some(slot) = self.entries.get_mut(next[place] as usize) {
                    *slot = start | negative;
                }
                next[place] += 1;
                rest &= rest - 1;
            }
        }
        end
    }

    /// The entries of a place.
    #[inline(always)]
    pub(super) fn at(&self, place: usize) -> &[u32] {
        match (self.starts.get(place), self.starts.get(place + 1)) {
            (Some(&start), Some(&end)) => self
                .entries
                .get(start as usize..end as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_add_up_and_are_not_adjacent() {
        let edge = (0..62).flat_map(|k| [(1 << k) - 1, 1_i64 << k, (1 << k) + 1]);
        for number in (-5000..5000).chain(edge.clone()).chain(edge.map(|x| -x)) {
            let Digits { plus, minus } = Digits::of(number);
            assert_eq!(i128::from(plus) - i128::from(minus), i128::from(number));
            assert_eq!(plus & minus, 0);
            let places = plus | minus;
            assert_eq!(places & places << 1, 0, "{number}");
            assert_eq!(places >> PLACES, 0);
        }
    }
}
