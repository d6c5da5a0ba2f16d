//! A part of what is written.

use core::convert::Infallible;

use embedded_io::{ErrorType, Write};

/// Keeps, of all bytes that are written, those from an offset on that fit.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    /// Bytes yet to be passed over.
    skipped: usize,
    bytes: &'a mut [u8],
    len: usize,
}

impl<'a> Window<'a> {
    pub(crate) fn new(offset: usize, bytes: &'a mut [u8]) -> Self {
        Self {
            skipped: offset,
            bytes,
            len: 0,
        }
    }

    pub(crate) fn written(self) -> &'a [u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl ErrorType for Window<'_> {
    type Error = Infallible;
}

impl Write for Window<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let skipped = self.skipped.min(bytes.len());
        self.skipped -= skipped;
        let rest = bytes.get(skipped..).unwrap_or_default();
        let room = self.bytes.get_mut(self.len..).unwrap_or_default();
        let kept = rest.len().min(room.len());
        for (to, from) in room.iter_mut().zip(rest) {
            *to = *from;
        }
        self.len += kept;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
