//! Square lattices.

use std::collections::BTreeMap;

use bitspin_core::Error;
use bitspin_core::ising::Sparse;

use super::file::{Couplings, Problem};

/// A sparse model that owns its numbers.
pub type Graph = Sparse<i32, Vec<u32>, Vec<u32>, Vec<i32>, Vec<i32>>;

/// A square lattice of `rows` x `columns` spins with periodic ends: spin `r columns + c` is coupled with its four
/// neighbours by `coupling` and sees the external field `field`, both integers of `fraction_bits` binary places. Where a
/// side is 2 both neighbours on it are one spin, coupled twice as strongly.
///
/// # Errors
/// [`Error::OutOfRange`] for sides below 2 or more than 65,536 spins, and for numbers that [`Sparse::new`] refuses.
pub fn square(
    rows: usize,
    columns: usize,
    coupling: i32,
    field: i32,
    fraction_bits: u32,
) -> Result<Graph, Error> {
    let units = check(rows, columns)?;
    let (mut offsets, mut neighbours, mut weights) = (vec![0], vec![], vec![]);
    for i in 0..units {
        let mut around = around(rows, columns, i);
        around.sort_unstable();
        for same in around.chunk_by(|a, b| a == b) {
            neighbours.push(same[0] as u32);
            weights.push(coupling.saturating_mul(same.len() as i32));
        }
        offsets.push(neighbours.len() as u32);
    }
    Sparse::new(
        offsets,
        neighbours,
        weights,
        vec![field; units],
        fraction_bits,
    )
}

/// The same lattice of float numbers.
///
/// # Errors
/// [`Error::OutOfRange`] for sides below 2 or more than 65,536 spins, and for NaN and infinities.
pub fn square_couplings(
    rows: usize,
    columns: usize,
    coupling: f64,
    field: f64,
) -> Result<Couplings, Error> {
    let units = check(rows, columns)?;
    if !coupling.is_finite() || !field.is_finite() {
        return Err(Error::OutOfRange {
            what: "coupling and field",
            expected: "finite numbers",
        });
    }
    let mut pairs = BTreeMap::new();
    for i in 0..units {
        for j in around(rows, columns, i).into_iter().filter(|&j| j > i) {
            *pairs.entry((i as u32, j as u32)).or_insert(0.0) += coupling;
        }
    }
    let edges = pairs.into_iter().filter(|&(_, w)| w != 0.0);
    Ok(Couplings {
        h: vec![field; units],
        edges: edges.map(|((i, j), w)| (i, j, w)).collect(),
        problem: Problem::Ising,
    })
}

/// Number of spins.
fn check(rows: usize, columns: usize) -> Result<usize, Error> {
    let units = rows.checked_mul(columns).filter(|&units| units <= 1 << 16);
    units
        .filter(|_| rows >= 2 && columns >= 2)
        .ok_or(Error::OutOfRange {
            what: "lattice",
            expected: "sides of 2 or more, and 65536 spins at most",
        })
}

/// The neighbours of a spin.
fn around(rows: usize, columns: usize, unit: usize) -> [usize; 4] {
    let (row, column) = (unit / columns, unit % columns);
    [
        (row + rows - 1) % rows * columns + column,
        row * columns + (column + columns - 1) % columns,
        row * columns + (column + 1) % columns,
        (row + 1) % rows * columns + column,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitspin_core::ising::Model;
    use bitspin_core::network::Network;

    #[test]
    fn neighbours_wrap_round_and_short_sides_count_twice() {
        let lattice = square(3, 4, -5, 2, 1).unwrap();
        assert_eq!((lattice.units(), lattice.fraction_bits()), (12, 1));
        assert_eq!(lattice.row(0), (&[1, 3, 4, 8][..], &[-5; 4][..]));
        assert_eq!(lattice.row(7), (&[3, 4, 6, 11][..], &[-5; 4][..]));
        assert_eq!(lattice.external(11), 2);
        let narrow = square(2, 3, 1, 0, 0).unwrap();
        assert_eq!(narrow.row(0), (&[1, 2, 3][..], &[1, 1, 2][..]));
    }

    #[test]
    fn impossible_lattices_are_refused() {
        for (rows, columns) in [(0, 5), (1, 5), (5, 1), (257, 256), (usize::MAX, 2)] {
            assert!(
                square(rows, columns, 1, 0, 0).is_err(),
                "{rows} x {columns}"
            );
        }
        assert!(square(3, 3, i32::MAX, 0, 0).is_err());
        assert!(square(256, 256, 1, 0, 0).is_ok());
    }
}
