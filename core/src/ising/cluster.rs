//! Cluster moves, for temperatures at which single flips mix slowly.

use super::{Chain, Field, Model, Temperature};
use crate::Error;
use crate::bits::{Storage, WORD, ones, spin, words};
use crate::error::check_len;
use crate::rng::{ChainRng, UNITS_A_STEP};

/// Of 2^32 random words, those below this let a step of [Wolff's algorithm](Chain::wolff) turn a cluster over: 15/16.
pub const TURNING_THRESHOLD: u32 = 15 << 28;

/// Buffers of [`Chain::wolff`].
#[derive(Debug)]
pub struct ClusterBuffers<'a> {
    /// One number per spin, of any content.
    pub stack: &'a mut [u32],
    /// One bit per spin, [`words`](crate::bits::words)`(N)` words of any content.
    pub members: &'a mut [u64],
}

/// Random words one at a time. What is left of a step at the end of a cluster is not used.
struct Words<'a> {
    rng: &'a mut ChainRng,
    drawn: [u32; UNITS_A_STEP],
    at: usize,
}

impl Words<'_> {
    fn next(&mut self) -> u32 {
        if self.at == UNITS_A_STEP {
            self.drawn = self.rng.words();
            self.at = 0;
        }
        self.at += 1;
        self.drawn[self.at - 1]
    }
}

impl<F: Field, M: Model<F>, S: Storage<u64>, B: Storage<F>> Chain<'_, M, F, S, B> {
    /// One step of Wolff's algorithm (Wolff 1989): from a spin drawn at random a cluster grows over couplings that
    /// are satisfied, w_ij s_i s_j > 0, each with probability 1 - exp(-2 beta |w_ij|), and turns over as one. Returns
    /// how many spins turned.
    ///
    /// One step in 16 leaves the state as it is, which 0 says too. Without that the clusters of spins that are not coupled, or at
    /// beta = 0, are single spins that always turn, and the number of spins +1 is even in every second state.
    ///
    /// Fields act as couplings with a further spin, which is always +1 and never turns: a cluster that reaches it stays as
    /// it is, and 0 is returned. The distribution is exp(-beta E) / Z for any model; what is gained is gained for
    /// ferromagnets in weak fields, where clusters are as large as what is correlated, and lost where couplings are in
    /// conflict. O(couplings of the cluster).
    ///
    /// # Errors
    /// [`Error::Length`] if a buffer has another length.
    pub fn wolff(
        &mut self,
        temperature: Temperature,
        buffers: &mut ClusterBuffers<'_>,
    ) -> Result<usize, Error> {
        let units = self.model.units();
        check_len("stack", units, buffers.stack.len())?;
        check_len("members", words(units), buffers.members.len())?;
        buffers.members.fill(0);
        let size = self.grow(temperature, buffers);
        if size > 0 {
            for unit in ones(buffers.members) {
                self.turn(unit);
            }
        }
        Ok(size)
    }

    /// Marks the members of a cluster, and counts them; 0 if none is to turn, or if it reached the spin that stands for the
    /// fields.
    fn grow(&mut self, temperature: Temperature, buffers: &mut ClusterBuffers<'_>) -> usize {
        let (model, state) = (self.model, self.state.as_words());
        let (stack, members) = (&mut *buffers.stack, &mut *buffers.members);
        let mut words = Words {
            drawn: self.rng.words(),
            rng: &mut self.rng,
            at: 0,
        };
        if words.next() >= TURNING_THRESHOLD {
            return 0;
        }
        let first = ((u64::from(words.next()) * model.units() as u64) >> 32) as usize;
        members[first / WORD] |= 1 << (first % WORD);
        stack[0] = first as u32;
        let (mut waiting, mut size) = (1, 1);
        while waiting > 0 {
            waiting -= 1;
            let unit = stack[waiting] as usize;
            let own = i64::from(spin(state, unit));
            let along = own * model.external(unit).into();
            if along > 0 && temperature.joins(along, words.next()) {
                return 0;
            }
            model.couplings(unit, |j, w| {
                let satisfied = own * w.into() * i64::from(spin(state, j));
                let member = members[j / WORD] >> (j % WORD) & 1 != 0;
                if satisfied > 0 && !member && temperature.joins(satisfied, words.next()) {
                    members[j / WORD] |= 1 << (j % WORD);
                    stack[waiting] = j as u32;
                    waiting += 1;
                    size += 1;
                }
            });
        }
        size
    }
}
