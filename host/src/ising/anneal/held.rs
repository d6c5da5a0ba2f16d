//! The integers that hold a model while it is annealed.

use bitspin_core::Error;
use bitspin_core::ising::Dense;

use crate::aligned::{AlignedI8, AlignedI16};
use crate::ising::file::Couplings;
use crate::ising::numbers::{Lists, Numbers, Quantised, Room, dense, dense_in};

/// The share of couplings from which a matrix is faster than lists of neighbours: one in so many.
const DENSE: usize = 8;

/// A model in the integers that are fastest of those that hold it.
pub(super) struct Held {
    pub(super) integers: Integers,
    pub(super) numbers: Numbers,
}

pub(super) enum Integers {
    I8(Dense<i8, AlignedI8, Vec<i32>>),
    I16(Dense<i16, AlignedI16, Vec<i32>>),
    I32(Dense<i32, Vec<i32>, Vec<i32>>),
    Lists(Lists),
}

impl Held {
    /// Chooses for temperatures down to 1 / `beta`.
    pub(super) fn new(model: &Couplings, beta: f64) -> Result<Self, Error> {
        let n = model.units();
        let hold = |room| Numbers::hold(model, room, beta);
        let integers = |integers, numbers| Ok(Self { integers, numbers });
        if model.edges.len() > n * n / (2 * DENSE) {
            if let Some(numbers) = hold(Room::I8).filter(|numbers| numbers.largest_error == 0.0) {
                let dense = dense_in(model, &numbers, AlignedI8::zeros(n * n))?;
                return integers(Integers::I8(dense), numbers);
            }
            if let Some(numbers) = hold(Room::I16) {
                let dense = dense_in(model, &numbers, AlignedI16::zeros(n * n))?;
                return integers(Integers::I16(dense), numbers);
            }
            if let Some(numbers) = hold(Room::I32) {
                let dense = dense(model, &numbers)?;
                return integers(Integers::I32(dense), numbers);
            }
        }
        let Quantised { lists, numbers } = model.quantised(beta)?;
        integers(Integers::Lists(lists), numbers)
    }
}
