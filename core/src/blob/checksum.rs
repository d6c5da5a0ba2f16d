//! The CRC-32 at the end of a blob.

use crc::{CRC_32_ISO_HDLC, Crc, Digest, Table};

use super::Error;

/// Bytes that the checksum takes.
pub(super) const LEN: usize = 4;

/// One table of 256 numbers, 1 KiB of flash: about six instructions per byte. Without a table it is about forty, which delays
/// the start of a board; the crate's default of sixteen tables takes 16 KiB.
static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// The checksum that a blob has, of any bytes: the CRC-32 of zlib and Ethernet.
///
/// ```
/// assert_eq!(bitspin_core::blob::crc32(b"123456789"), 0xcbf4_3926);
/// ```
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}

/// Starts a running checksum.
pub(super) fn begin() -> Digest<'static, u32, Table<1>> {
    CRC.digest()
}

/// Compares the last bytes of a blob with the checksum of the others.
pub(super) fn check(blob: &[u8]) -> Result<(), crate::Error> {
    let Some((content, stated)) = blob.split_last_chunk::<LEN>() else {
        let found = blob.len();
        return Err(crate::Error::Blob(Error::Truncated { found }));
    };
    let (expected, found) = (u32::from_le_bytes(*stated), crc32(content));
    if expected == found {
        Ok(())
    } else {
        Err(crate::Error::Blob(Error::Checksum { expected, found }))
    }
}
