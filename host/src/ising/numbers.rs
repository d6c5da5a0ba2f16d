//! Integer representation of a model.
//!
//! Couplings and fields of a model are integers times one power of 2, the step. The narrowest integers are taken that hold
//! the numbers exactly, or well: every number to 2^-20 of itself, but for those whose errors, summed over the field of a spin,
//! change no odds of a decision by more than 2^-10: 2 beta sum |error| <= 2^-10.

use bitspin_core::Error;
use bitspin_core::ising::{
    Dense, MAX_FRACTION_BITS, MAX_WIDE_FRACTION_BITS, Model, Sparse, Temperature, WideSparse,
};
use bitspin_core::network::Weight;
use serde::Serialize;

use super::Graph;
use super::file::Couplings;

/// A sparse model of 64 bits that owns its numbers.
pub type WideGraph = WideSparse<Vec<u32>, Vec<u32>, Vec<i64>>;

/// A relative error that is always small enough: 2^-20.
const RELATIVE: f64 = 1.0 / (1 << 20) as f64;

/// What the errors of a spin's field may come to in units of 2 kT: 2^-10.
const ABSOLUTE: f64 = 1.0 / (1 << 10) as f64;

/// What integers have room for: magnitudes up to, or sums below, these powers of 2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// The width of fields.
    bits: u32,
    /// The largest magnitude of a coupling.
    coupling: f64,
    /// Magnitudes of a spin's couplings and field sum to less.
    spin: f64,
    /// Magnitudes of all spins sum to less.
    all: f64,
}

impl Room {
    pub(crate) const I8: Self = Self::narrow(127.0);
    pub(crate) const I16: Self = Self::narrow(32_767.0);
    pub(crate) const I32: Self = Self::narrow(268_435_456.0);
    pub(crate) const I64: Self = Self {
        bits: 64,
        coupling: 1_152_921_504_606_846_976.0,
        spin: f64::INFINITY,
        all: 2_305_843_009_213_693_952.0,
    };

    /// Fields of 32 bits, of which vectors take 28.
    const fn narrow(coupling: f64) -> Self {
        Self {
            bits: 32,
            coupling,
            spin: 268_435_456.0,
            all: f64::INFINITY,
        }
    }
}

/// Integer representation of the numbers of a model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Numbers {
    /// Bits of the integers of fields.
    pub bits: u32,
    /// Couplings and fields are multiples of this, a power of 2.
    pub step: f64,
    /// The largest rounding error of a coupling or field; 0 if all are exact.
    pub largest_error: f64,
    /// Couplings and fields are rounded to multiples of 2^-places.
    #[serde(skip)]
    places: i32,
}

impl Numbers {
    /// How these integers hold a model exactly, or well at temperatures down to 1 / `beta`; `None` if they do not.
    pub(crate) fn hold(model: &Couplings, room: Room, beta: f64) -> Option<Self> {
        let (most, exact) = (most_places(model, room)?, exact_places(model));
        if exact <= most {
            // Whole numbers stay as they are where they fit.
            let places = if exact <= 0 && most >= 0 { 0 } else { exact };
            return Some(Self::new(room, places, 0.0));
        }
        let mut sums = vec![0.0; model.units()];
        let mut largest = 0.0_f64;
        let mut error = |value: f64| {
            let error = (rounded(value, most) - value).abs();
            largest = largest.max(error);
            if error > RELATIVE * value.abs() {
                error
            } else {
                0.0
            }
        };
        for (sum, &h) in sums.iter_mut().zip(&model.h) {
            *sum = error(h);
        }
        for &(i, j, w) in &model.edges {
            let error = error(w);
            sums[i as usize] += error;
            sums[j as usize] += error;
        }
        let worst = sums.into_iter().fold(0.0, f64::max);
        (2.0 * beta * worst <= ABSOLUTE).then(|| Self::new(room, most, largest))
    }

    fn new(room: Room, places: i32, largest_error: f64) -> Self {
        Self {
            bits: room.bits,
            step: libm::scalbn(1.0, -places),
            largest_error,
            places,
        }
    }

    /// Binary places of the integers, as the engine counts them.
    pub(crate) fn fraction_bits(&self) -> u32 {
        let most = match self.bits {
            64 => MAX_WIDE_FRACTION_BITS,
            _ => MAX_FRACTION_BITS,
        };
        self.places.clamp(0, most as i32) as u32
    }

    /// What the engine's unit of energy is in units of the model: 1, unless its numbers are very small or very large.
    #[must_use]
    pub fn unit(&self) -> f64 {
        libm::scalbn(1.0, self.fraction_bits() as i32 - self.places)
    }

    /// The temperature of the engine's integers.
    ///
    /// # Errors
    /// As [`Temperature::new`].
    pub fn temperature(&self, beta: f64) -> Result<Temperature, Error> {
        let scaled = beta * self.unit();
        let scaled = if beta.is_finite() {
            scaled.min(f64::MAX)
        } else {
            scaled
        };
        Temperature::new(scaled, self.fraction_bits())
    }

    /// A number of the model as an integer, as a float.
    pub(crate) fn whole(&self, value: f64) -> f64 {
        libm::scalbn(value, self.places).round_ties_even()
    }

    /// In words, where numbers are rounded.
    #[must_use]
    pub fn rounding(&self) -> Option<String> {
        (self.largest_error > 0.0).then(|| {
            format!(
                "couplings and fields are held in {} bits, rounded to multiples of {:.3e}, by {:.3e} at most",
                self.bits, self.step, self.largest_error
            )
        })
    }
}

/// A model in compressed rows of the integers that it needs.
#[derive(Clone, Debug)]
pub enum Lists {
    /// Fields of 32 bits.
    Narrow(Graph),
    /// Fields of 64 bits.
    Wide(WideGraph),
}

/// A model that is ready to be sampled, and the representation of its numbers.
#[derive(Clone, Debug)]
pub struct Quantised {
    /// The couplings and fields.
    pub lists: Lists,
    /// How they are held.
    pub numbers: Numbers,
}

impl From<Graph> for Quantised {
    /// A model that is given in integers, which are what is meant.
    fn from(graph: Graph) -> Self {
        let places = graph.fraction_bits() as i32;
        Self {
            numbers: Numbers::new(Room::I32, places, 0.0),
            lists: Lists::Narrow(graph),
        }
    }
}

impl Quantised {
    /// Number of spins.
    #[must_use]
    pub fn units(&self) -> usize {
        use bitspin_core::network::Network;
        match &self.lists {
            Lists::Narrow(graph) => graph.units(),
            Lists::Wide(graph) => graph.units(),
        }
    }

    /// An energy of the engine in units of the model.
    #[must_use]
    pub fn real(&self, energy: i64) -> f64 {
        self.numbers.unit()
            * match &self.lists {
                Lists::Narrow(graph) => graph.real(energy),
                Lists::Wide(graph) => graph.real(energy),
            }
    }
}

impl Couplings {
    /// The model in compressed rows, in integers that hold it at temperatures down to 1 / `beta`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if 64 bits do not.
    pub fn quantised(&self, beta: f64) -> Result<Quantised, Error> {
        if let Some(numbers) = Numbers::hold(self, Room::I32, beta) {
            let lists = Lists::Narrow(self.narrow(&numbers)?);
            return Ok(Quantised { lists, numbers });
        }
        let numbers = self.wide_numbers(beta)?;
        let lists = Lists::Wide(self.wide(&numbers)?);
        Ok(Quantised { lists, numbers })
    }

    /// How 64 bits hold the model.
    pub(crate) fn wide_numbers(&self, beta: f64) -> Result<Numbers, Error> {
        Numbers::hold(self, Room::I64, beta).ok_or(Error::OutOfRange {
            what: "couplings and fields",
            expected: "numbers that 64 bits hold beside each other, or a higher temperature",
        })
    }

    fn narrow(&self, numbers: &Numbers) -> Result<Graph, Error> {
        let whole = |value| numbers.whole(value) as i32;
        let (offsets, neighbours, weights) = self.rows(whole);
        let fields = self.h.iter().map(|&h| whole(h)).collect();
        Sparse::new(
            offsets,
            neighbours,
            weights,
            fields,
            numbers.fraction_bits(),
        )
    }

    pub(crate) fn wide(&self, numbers: &Numbers) -> Result<WideGraph, Error> {
        let whole = |value| numbers.whole(value) as i64;
        let (offsets, neighbours, weights) = self.rows(whole);
        let fields = self.h.iter().map(|&h| whole(h)).collect();
        WideSparse::new(
            offsets,
            neighbours,
            weights,
            fields,
            numbers.fraction_bits(),
        )
    }

    /// Rows of neighbours: where they begin, who they are, and by how much they are coupled.
    fn rows<T: Copy + Ord>(&self, whole: impl Fn(f64) -> T) -> (Vec<u32>, Vec<u32>, Vec<T>) {
        let mut rows = vec![vec![]; self.units()];
        for &(i, j, w) in &self.edges {
            rows[i as usize].push((j, whole(w)));
            rows[j as usize].push((i, whole(w)));
        }
        let (mut offsets, mut neighbours, mut weights) = (vec![0], vec![], vec![]);
        for row in &mut rows {
            row.sort_unstable();
            neighbours.extend(row.iter().map(|&(j, _)| j));
            weights.extend(row.iter().map(|&(_, w)| w));
            offsets.push(neighbours.len() as u32);
        }
        (offsets, neighbours, weights)
    }
}

/// A model as a matrix.
///
/// # Errors
/// Those of [`Dense::new`].
pub(crate) fn dense<W: Weight>(
    model: &Couplings,
    numbers: &Numbers,
) -> Result<Dense<W, Vec<W>, Vec<i32>>, Error> {
    let n = model.units();
    dense_in(model, numbers, vec![W::ZERO; n * n])
}

/// A model as a matrix in storage of zeros.
pub(crate) fn dense_in<W: Weight, S: AsRef<[W]> + AsMut<[W]>>(
    model: &Couplings,
    numbers: &Numbers,
    mut storage: S,
) -> Result<Dense<W, S, Vec<i32>>, Error> {
    let n = model.units();
    let weights = storage.as_mut();
    for &(i, j, w) in &model.edges {
        let (i, j) = (i as usize, j as usize);
        let w = W::from_i32(numbers.whole(w) as i32);
        (weights[i * n + j], weights[j * n + i]) = (w, w);
    }
    let fields = model.h.iter().map(|&h| numbers.whole(h) as i32).collect();
    Dense::new(n, storage, fields, numbers.fraction_bits())
}

fn rounded(value: f64, places: i32) -> f64 {
    libm::scalbn(libm::scalbn(value, places).round_ties_even(), -places)
}

/// The most places with which the numbers have room, rounding included; `None` where sums are not finite.
fn most_places(model: &Couplings, room: Room) -> Option<i32> {
    let mut sums: Vec<f64> = model.h.iter().map(|h| h.abs()).collect();
    let mut widest = 0.0_f64;
    for &(i, j, w) in &model.edges {
        widest = widest.max(w.abs());
        sums[i as usize] += w.abs();
        sums[j as usize] += w.abs();
    }
    let largest = sums.iter().copied().fold(0.0, f64::max);
    let total: f64 = sums.iter().sum();
    if !total.is_finite() {
        return None;
    }
    if total == 0.0 {
        return Some(0);
    }
    let count = (model.h.len() + 2 * model.edges.len()) as f64;
    let fits = |places: i32| {
        let scaled = |value: f64| libm::scalbn(value, places);
        scaled(widest) <= room.coupling
            && scaled(largest) + 0.5 * (model.units() + 1) as f64 <= room.spin - 1.0
            && scaled(total) + 0.5 * count < room.all
    };
    // Of a number below 2^exponent there is room for all places up to the bits less the exponent.
    let top = room.bits as i32 - libm::frexp(largest).1;
    (0..64).map(|less| top - less).find(|&places| fits(places))
}

/// The fewest places with which all numbers are integers.
fn exact_places(model: &Couplings) -> i32 {
    let pairs = model.edges.iter().map(|edge| edge.2);
    let values = pairs.chain(model.h.iter().copied());
    values.map(places).max().unwrap_or(i32::MIN)
}

/// The fewest places with which a number is an integer.
fn places(value: f64) -> i32 {
    const PLACES: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = value.to_bits();
    let exponent = (bits >> PLACES & 0x7ff) as i32;
    let fraction = bits & ((1 << PLACES) - 1);
    let mantissa = match exponent {
        0 => fraction,
        _ => fraction | 1 << PLACES,
    };
    if mantissa == 0 {
        return i32::MIN;
    }
    1075 - exponent.max(1) - mantissa.trailing_zeros() as i32
}
