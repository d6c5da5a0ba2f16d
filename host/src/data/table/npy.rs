//! Tables in NumPy's `.npy` files.

use std::io::{BufRead, ErrorKind};
use std::path::Path;

use npyz::{Deserialize, NpyFile, NpyHeader};

use super::{MOST_ENTRIES, Table};
use crate::data::DataError;
use crate::display::shown;

/// Reads a table; [`Table::read`] says what is understood.
pub(super) fn parse(mut reader: impl BufRead, path: &Path) -> Result<Table, DataError> {
    let wrong = |reason: String| DataError::Table {
        path: path.to_owned(),
        reason,
    };
    let header = NpyHeader::from_reader(&mut reader)
        .map_err(|error| wrong(format!("expected a NumPy array: {}", one_line(&error))))?;
    let (rows, picture) = match header.shape() {
        &[rows, columns] => (rows, (1, columns)),
        &[rows, height, width] => (rows, (height, width)),
        other => {
            return Err(wrong(format!(
                "expected an array of 2 axes (or 3, of pictures), found shape {other:?}"
            )));
        }
    };
    let entries = rows.saturating_mul(picture.0).saturating_mul(picture.1);
    if entries == 0 || entries > MOST_ENTRIES as u64 {
        return Err(wrong(format!(
            "expected 1 to {MOST_ENTRIES} entries, found shape {:?}",
            header.shape()
        )));
    }
    let strides = header.strides().to_vec();
    let stored = values(NpyFile::with_header(header.clone(), &mut reader)).map_err(|error| {
        wrong(match error.kind() {
            ErrorKind::UnexpectedEof => {
                format!("cut short: expected {entries} numbers by its header")
            }
            _ => one_line(&error),
        })
    })?;
    if !reader.fill_buf().map_err(DataError::io(path))?.is_empty() {
        return Err(wrong(format!(
            "expected {entries} numbers by its header, found more"
        )));
    }
    let shape = header.shape().to_vec();
    let in_order = (0..entries).map(|index| stored[place(index, &shape, &strides) as usize]);
    let entries = in_order
        .enumerate()
        .map(|(index, value)| match value {
            0.0 => Ok(Some(false)),
            1.0 => Ok(Some(true)),
            value if value.is_nan() => Ok(None),
            value => {
                let row = index as u64 / (picture.0 * picture.1);
                Err(wrong(format!(
                    "row {row} (from 0): expected 0, 1 or NaN, found {value}"
                )))
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Table {
        name: shown(&path).to_string(),
        columns: None,
        row_names: None,
        labels: None,
        picture: (picture.0 as usize, picture.1 as usize),
        entries,
    })
}

/// Where the element that is number `index` in C order is stored.
fn place(mut index: u64, shape: &[u64], strides: &[u64]) -> u64 {
    let mut place = 0;
    for (size, stride) in shape.iter().zip(strides).rev() {
        place += index % size * stride;
        index /= size;
    }
    place
}

/// All numbers of an array of any plain type of number.
fn values(mut file: NpyFile<impl BufRead>) -> std::io::Result<Vec<f64>> {
    macro_rules! try_types {
        ($($number:ty => $convert:expr),*) => {
            $(file = match read::<$number, _>(file, $convert) {
                Ok(values) => return values,
                Err(file) => file,
            };)*
        };
    }
    try_types!(
        bool => |x| f64::from(u8::from(x)), u8 => f64::from, i8 => f64::from, u16 => f64::from, i16 => f64::from,
        u32 => f64::from, i32 => f64::from, f32 => f64::from, f64 => |x| x, i64 => |x| x as f64, u64 => |x| x as f64
    );
    let found = file.dtype().descr();
    Err(std::io::Error::other(format!(
        "expected booleans, whole numbers or floats, found type {found}"
    )))
}

/// The numbers of an array of type `T`, or the file back if it holds others.
fn read<T: Deserialize, R: BufRead>(
    file: NpyFile<R>,
    number: impl Fn(T) -> f64,
) -> Result<std::io::Result<Vec<f64>>, NpyFile<R>> {
    let data = file.try_data::<T>()?;
    Ok(data.map(|value| value.map(&number)).collect())
}

fn one_line(error: &std::io::Error) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(" ")
}
