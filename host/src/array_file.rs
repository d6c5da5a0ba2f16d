//! Arrays of numbers as files that other programs read: NumPy's `.npy`, or CSV with a heading.
//!
//! Rows are appended to the bytes of the file as they are computed, so that no second copy of the array is held.
//!
//! ```
//! use bitspin::array_file::{ArrayFile, ArrayFormat};
//!
//! let mut file = ArrayFile::new::<u8>(ArrayFormat::Csv, &[2, 3], &["v1", "v2", "v3"]);
//! file.row(&[0_u8, 1, 1]);
//! file.row(&[1_u8, 0, 0]);
//! assert_eq!(file.into_bytes(), b"v1,v2,v3\n0,1,1\n1,0,0\n");
//! ```

use std::fmt::Display;
use std::io::Write;

use crate::npy::{Header, Kind};

/// How an array is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayFormat {
    /// NumPy's format, little-endian, in C order.
    Npy,
    /// Comma-separated values below a line of names.
    Csv,
}

/// A type of numbers that is written.
pub trait Element: Copy + Display {
    /// NumPy's name of it.
    const DTYPE: &'static str;
    /// Its kind.
    const KIND: Kind;
    /// Its bytes, little-endian.
    fn put(self, bytes: &mut Vec<u8>);
}

macro_rules! element {
    ($type:ty, $name:literal, $kind:ident) => {
        impl Element for $type {
            const DTYPE: &'static str = $name;
            const KIND: Kind = Kind::$kind;
            fn put(self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }
        }
    };
}

element!(u8, "uint8", Unsigned);
element!(i8, "int8", Signed);
element!(f32, "float32", Float);
element!(f64, "float64", Float);

/// An array of one type that becomes a file row by row. A row is what the last index of the shape goes through.
#[derive(Debug)]
pub struct ArrayFile {
    format: ArrayFormat,
    shape: Vec<usize>,
    dtype: &'static str,
    rows: usize,
    bytes: Vec<u8>,
}

impl ArrayFile {
    /// An array of `shape` whose rows are yet to come. `names` head the columns of a CSV file: as many as a row has
    /// numbers, after those of what [`named_row`](Self::named_row) puts before them.
    #[must_use]
    pub fn new<T: Element>(
        format: ArrayFormat,
        shape: &[usize],
        names: &[impl AsRef<str>],
    ) -> Self {
        let mut bytes = Vec::new();
        match format {
            ArrayFormat::Npy => {
                let header = Header::c_order(T::KIND, size_of::<T>(), shape);
                bytes.reserve_exact(header.to_bytes().len() + header.data_bytes());
                bytes.extend(header.to_bytes());
            }
            ArrayFormat::Csv => {
                let names: Vec<String> = names.iter().map(|name| cell(name.as_ref())).collect();
                bytes.extend(names.join(",").into_bytes());
                bytes.push(b'\n');
            }
        }
        Self {
            format,
            shape: shape.to_vec(),
            dtype: T::DTYPE,
            rows: 0,
            bytes,
        }
    }

    /// Appends a row.
    ///
    /// # Panics
    /// If it has another length than the last axis, or numbers of another type.
    pub fn row<T: Element>(&mut self, values: &[T]) {
        self.named_row("", values);
    }

    /// Appends a row, in CSV after `name`: cells that are no part of the array, with commas between them.
    ///
    /// # Panics
    /// As [`row`](Self::row).
    pub fn named_row<T: Element>(&mut self, name: &str, values: &[T]) {
        assert_eq!(self.dtype, T::DTYPE, "an array has one type");
        assert_eq!(
            Some(&values.len()),
            self.shape.last(),
            "rows are of one length"
        );
        self.rows += 1;
        if self.format == ArrayFormat::Npy {
            values.iter().for_each(|value| value.put(&mut self.bytes));
            return;
        }
        let mut comma = "";
        if !name.is_empty() {
            self.bytes.extend(name.bytes());
            comma = ",";
        }
        for value in values {
            // Writing to memory does not fail.
            let _ = write!(self.bytes, "{comma}{value}");
            comma = ",";
        }
        self.bytes.push(b'\n');
    }

    /// The shape of the array.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// NumPy's name of its type.
    #[must_use]
    pub fn dtype(&self) -> &'static str {
        self.dtype
    }

    /// The bytes of the file.
    ///
    /// # Panics
    /// If rows are missing, or there are too many.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        let rows: usize = self.shape[..self.shape.len() - 1].iter().product();
        assert_eq!(self.rows, rows, "the shape says how many rows there are");
        self.bytes
    }
}

/// The units of a packed vector as bytes, 0 or 1.
pub fn unpack(bits: &[u64], units: &mut [u8]) {
    for (word, units) in bits.iter().zip(units.chunks_mut(64)) {
        for (i, unit) in units.iter_mut().enumerate() {
            *unit = (word >> i & 1) as u8;
        }
    }
}

/// Text as a cell of a CSV file: in quotes where it needs them.
#[must_use]
pub fn cell(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_of_every_type_come_back() {
        let mut file = ArrayFile::new::<i8>(ArrayFormat::Npy, &[2, 1, 2], &["a"; 0]);
        file.row(&[1_i8, -1]);
        file.row(&[-1_i8, -1]);
        assert_eq!((file.dtype(), file.shape()), ("int8", &[2, 1, 2][..]));
        let bytes = file.into_bytes();
        let mut rest = bytes.as_slice();
        let header = Header::read(&mut rest).unwrap();
        assert_eq!(
            (header.shape.as_slice(), header.kind),
            (&[2, 1, 2][..], Kind::Signed)
        );
        assert_eq!(rest, [1, 255, 255, 255]);
        let mut file = ArrayFile::new::<f32>(ArrayFormat::Npy, &[1, 2], &["a"; 0]);
        file.row(&[0.5_f32, -2.0]);
        let bytes = file.into_bytes();
        assert!(bytes.ends_with(&[0, 0, 0, 0x3f, 0, 0, 0, 0xc0]));
    }

    #[test]
    fn cells_of_csv_are_quoted_where_they_must_be() {
        let mut file = ArrayFile::new::<f64>(ArrayFormat::Csv, &[1, 2], &["n", "a,b", "say \"x\""]);
        file.named_row("7", &[0.1, -1e-9]);
        let text = String::from_utf8(file.into_bytes()).unwrap();
        assert_eq!(text, "n,\"a,b\",\"say \"\"x\"\"\"\n7,0.1,-0.000000001\n");
    }

    #[test]
    fn packed_units_are_told_apart() {
        let mut units = [9; 66];
        unpack(&[1 << 63 | 1, 0b10], &mut units);
        let set: Vec<usize> = (0..66).filter(|&i| units[i] == 1).collect();
        assert_eq!(set, [0, 63, 65]);
        assert!(units.iter().all(|&unit| unit <= 1));
    }

    #[test]
    #[should_panic(expected = "how many rows")]
    fn missing_rows_are_noticed() {
        let _ = ArrayFile::new::<u8>(ArrayFormat::Npy, &[1, 2], &["a"; 0]).into_bytes();
    }
}
