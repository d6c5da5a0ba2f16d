//! Files of the probabilities of all states.
//!
//! Bit i of a state's number is set where spin i is +1 (of a QUBO: where x_i is 1). A `.npy` file holds 2^N float64
//! numbers, the probability of a state at its number. A `.csv` file has a line per state: its number, the state with
//! spin 0 first (`+` and `-`; of a QUBO 1 and 0), and the probability.

use std::fmt::Write;
use std::path::Path;

use bitspin::npy::{Header, Kind};

/// The most spins of which a text file is written.
const MOST_TEXT: usize = 20;

/// The format of a file, by the ending of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Npy,
}

impl Format {
    /// The format of a name; else what was expected.
    pub(super) fn of(path: &Path, units: usize) -> Result<Self, String> {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        if ending == "npy" {
            Ok(Self::Npy)
        } else if ending != "csv" {
            Err("expected a name that ends in .csv or .npy".into())
        } else if units > MOST_TEXT {
            Err(format!(
                "expected a name that ends in .npy for more than {MOST_TEXT} spins"
            ))
        } else {
            Ok(Self::Csv)
        }
    }
}

/// The content of a file.
pub(super) fn write(format: Format, units: usize, p: &[f64], qubo: bool) -> Vec<u8> {
    if format == Format::Npy {
        let mut bytes = Header::c_order(Kind::Float, 8, &[p.len()]).to_bytes();
        bytes.extend(p.iter().flat_map(|p| p.to_le_bytes()));
        return bytes;
    }
    let (up, down) = if qubo { ('1', '0') } else { ('+', '-') };
    let mut text = String::from("number,state,probability\n");
    for (number, p) in p.iter().enumerate() {
        let _ = write!(text, "{number},");
        text.extend((0..units).map(|i| if number >> i & 1 != 0 { up } else { down }));
        let _ = writeln!(text, ",{p:?}");
    }
    text.into_bytes()
}
