//! Tables in NumPy's arrays.

use std::io::Read;

use super::cell::Place;
use super::encoding::{Numbers, Wanted};
use super::source::Source;
use super::{Filler, MOST_ENTRIES, Table, TableOptions, unfit};
use crate::data::DataError;
use crate::display::shown;
use crate::npy::{Header, tuple};

/// Bytes of elements that are read at a time: a multiple of every size.
const CHUNK: usize = 1 << 16;

/// Reads an array whose first bytes are `start`.
pub(super) fn read(
    source: &Source,
    start: &[u8],
    options: &TableOptions,
    wanted: Wanted,
) -> Result<Table, DataError> {
    for (field, is_given) in [
        ("options.header", options.header.is_some()),
        ("options.row_names", options.row_names.is_some()),
        ("options.separator", options.separator.is_some()),
    ] {
        if is_given {
            return Err(source.wrong(format!(
                "{field}: expected with a table in text, this is an array"
            )));
        }
    }
    let array = Array::of(source, start)?;
    let (rows, picture) = array.rows()?;
    let units = picture.0 * picture.1;
    let mut numbers = Numbers::default();
    let place = |at: usize| Place::Element {
        row: at / units,
        at: at % units,
    };
    array.each(|at, value| {
        if value.is_nan() {
            numbers.missing += 1;
        } else if value.is_infinite() {
            let place = place(at);
            return Err(source.wrong(format!("{place}: expected a finite number, found {value}")));
        } else {
            numbers.see(value, place(at));
        }
        Ok(())
    })?;
    let encoding = numbers.encoding(Wanted {
        picture: array.header.shape.len() > 2,
        ..wanted
    });
    let (encoding, note) = encoding.map_err(|found| source.wrong(unfit(&found, None)))?;
    let mut filler = Filler::new(rows, units, numbers.missing > 0);
    array.each(|at, value| {
        filler.set(at, (!value.is_nan()).then(|| encoding.level(value)));
        Ok(())
    })?;
    let body = filler
        .finish()
        .ok_or_else(|| source.wrong("changed while it was read"))?;
    Ok(Table {
        name: shown(&source.path).to_string(),
        columns: None,
        row_names: None,
        labels: None,
        picture,
        range: encoding.range(),
        encoding,
        notes: note.into_iter().collect(),
        body,
    })
}

/// An array in a source.
pub(super) struct Array<'a> {
    source: &'a Source,
    pub(super) header: Header,
    /// Bytes before the first element.
    before: u64,
}

impl<'a> Array<'a> {
    /// The array whose first bytes are `start`. The size of a file is compared with its header.
    pub(super) fn of(source: &'a Source, start: &[u8]) -> Result<Self, DataError> {
        let mut rest = start;
        let header = Header::read(&mut rest).map_err(|error| source.wrong(error.to_string()))?;
        let before = (start.len() - rest.len()) as u64;
        let (shape, count) = (tuple(&header.shape), header.count());
        if count == 0 || count > MOST_ENTRIES {
            return Err(source.wrong(format!(
                "expected 1 to {MOST_ENTRIES} entries, found shape {shape}"
            )));
        }
        let array = Self {
            source,
            header,
            before,
        };
        let length = source.read(|_, length| Ok(length))?;
        let expected = before + array.header.data_bytes() as u64;
        match length {
            Some(found) if found < expected => Err(array.cut_short()),
            Some(found) if found > expected => Err(array.too_long()),
            _ => Ok(array),
        }
    }

    fn cut_short(&self) -> DataError {
        let shape = tuple(&self.header.shape);
        let count = self.header.count();
        self.source.wrong(format!(
            "cut short: expected {count} numbers by its shape {shape}"
        ))
    }

    fn too_long(&self) -> DataError {
        let shape = tuple(&self.header.shape);
        let count = self.header.count();
        self.source.wrong(format!(
            "expected {count} numbers by its shape {shape}, found more"
        ))
    }

    /// The number of rows and what each of them is: `1 x columns` or a picture.
    fn rows(&self) -> Result<(usize, (usize, usize)), DataError> {
        match self.header.shape[..] {
            [rows, columns] => Ok((rows, (1, columns))),
            [rows, height, width] | [rows, height, width, 1] | [rows, 1, height, width] => {
                Ok((rows, (height, width)))
            }
            _ => Err(self.source.wrong(format!(
                "expected an array of 2 axes (or of pictures: N x height x width, N x height x width x 1), found shape {}",
                tuple(&self.header.shape)
            ))),
        }
    }

    /// Calls `work` with all elements, each with its number in C order, in the order in which they are stored.
    pub(super) fn each(
        &self,
        mut work: impl FnMut(usize, f64) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let header = &self.header;
        self.source.read(|reader, _| {
            let failed = |error| self.source.failed(error);
            let skipped = std::io::copy(&mut reader.take(self.before), &mut std::io::sink());
            skipped.map_err(failed)?;
            let mut chunk = vec![0; CHUNK];
            let mut at = 0;
            while at < header.count() {
                let wanted = CHUNK.min((header.count() - at) * header.size);
                let filled = crate::npy::fill(reader, &mut chunk[..wanted]).map_err(failed)?;
                if filled < wanted {
                    return Err(self.cut_short());
                }
                for bytes in chunk[..wanted].chunks_exact(header.size) {
                    work(self.place(at), header.value(bytes))?;
                    at += 1;
                }
            }
            match reader.fill_buf().map_err(failed)?.is_empty() {
                true => Ok(()),
                false => Err(self.too_long()),
            }
        })
    }

    /// The number in C order of the element that is stored as number `index`.
    fn place(&self, mut index: usize) -> usize {
        if !self.header.fortran_order {
            return index;
        }
        let mut stride = self.header.count();
        let mut place = 0;
        for &size in &self.header.shape {
            stride /= size;
            place += index % size * stride;
            index /= size;
        }
        place
    }
}
