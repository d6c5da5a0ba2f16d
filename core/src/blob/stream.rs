//! Blobs through `embedded-io`.

use embedded_io::{Read, ReadExactError, Write};

use super::{ALIGNMENT, Blob, Error, HEADER_LEN, Header, ReadError, WriteError, checksum};

impl Blob<'_> {
    /// Writes the model's blob without buffering, and returns its length in bytes. Does not flush the writer.
    ///
    /// # Errors
    /// [`WriteError::Blob`] before anything is written if the blob would be longer than 2^32 - 1 bytes;
    /// [`WriteError::Io`] or [`WriteError::End`] if the writer fails, after which part of the blob may be written.
    pub fn write<W: Write>(&self, writer: &mut W) -> Result<usize, WriteError<W::Error>> {
        let header = self.header().map_err(WriteError::Blob)?;
        let mut digest = checksum::begin();
        let mut put = |bytes: &[u8]| {
            digest.update(bytes);
            write_all(writer, bytes)
        };
        put(&header.encode())?;
        let mut end = HEADER_LEN;
        for (section, (begin, behind)) in self.sections().iter().zip(header.sections) {
            put(zeros(begin - end))?;
            put(section)?;
            end = behind;
        }
        put(zeros(header.blob_len() - checksum::LEN - end))?;
        write_all(writer, &digest.finalize().to_le_bytes())?;
        Ok(header.blob_len())
    }
}

/// Padding, which is always shorter than the alignment.
fn zeros(len: usize) -> &'static [u8] {
    const ZEROS: [u8; ALIGNMENT] = [0; ALIGNMENT];
    ZEROS.get(..len).unwrap_or_default()
}

/// `embedded_io::Write::write_all` panics where a writer accepts nothing; this returns an error.
fn write_all<W: Write>(writer: &mut W, bytes: &[u8]) -> Result<(), WriteError<W::Error>> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = writer.write(rest).map_err(WriteError::Io)?;
        rest = match rest.get(written..) {
            Some(behind) if written > 0 => behind,
            _ => return Err(WriteError::End),
        };
    }
    Ok(())
}

/// Reads one blob into a buffer and borrows the model from it. Reads the header first, then the rest if it fits, and nothing
/// beyond the blob.
///
/// # Errors
/// [`ReadError::Io`] or [`ReadError::End`] if the reader fails or ends early; [`ReadError::Buffer`] if the blob is longer
/// than the buffer; [`ReadError::Blob`] if the bytes are not a blob. The buffer then holds whatever came.
pub fn read<'a, R: Read>(
    reader: &mut R,
    buffer: &'a mut [u64],
) -> Result<Blob<'a>, ReadError<R::Error>> {
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(buffer);
    let found = bytes.len();
    let mut head = [0; HEADER_LEN];
    read_exact(reader, &mut head)?;
    let needed = Header::parse(&head).map_err(ReadError::Blob)?.blob_len();
    let Some(bytes) = bytes.get_mut(..needed) else {
        return Err(ReadError::Buffer { needed, found });
    };
    let Some((begin, rest)) = bytes.split_first_chunk_mut() else {
        return Err(ReadError::Blob(crate::Error::Blob(Error::Truncated {
            found: needed,
        })));
    };
    *begin = head;
    read_exact(reader, rest)?;
    Blob::parse(bytes).map_err(ReadError::Blob)
}

fn read_exact<R: Read>(reader: &mut R, bytes: &mut [u8]) -> Result<(), ReadError<R::Error>> {
    reader.read_exact(bytes).map_err(|error| match error {
        ReadExactError::UnexpectedEof => ReadError::End,
        ReadExactError::Other(error) => ReadError::Io(error),
    })
}
