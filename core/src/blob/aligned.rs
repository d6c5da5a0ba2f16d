//! Bytes at the alignment of the widest number that a blob holds.

/// Bytes that begin at a multiple of 8, as [`Blob::parse`](super::Blob::parse) needs them.
///
/// ```
/// use bitspin_core::blob::Aligned;
/// static BYTES: &Aligned<[u8]> = &Aligned([1, 2, 3]);
/// assert!(BYTES.0.as_ptr().addr().is_multiple_of(8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Aligned<T: ?Sized>(pub T);

/// The bytes of a file as a `&'static [u8]` that begins at a multiple of 8, for [`Blob::parse`](crate::blob::Blob::parse).
///
/// The path is that of `include_bytes!`: relative to the source file. Usable where a constant is.
///
/// ```
/// use bitspin_core::blob::{Blob, Error};
/// // A model would be `include_blob!("digits.bsp")`; this file is there, but is none.
/// static BYTES: &[u8] = bitspin_core::include_blob!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
/// assert_eq!(Blob::parse(BYTES), Err(bitspin_core::Error::Blob(Error::Magic)));
/// ```
#[macro_export]
macro_rules! include_blob {
    ($path:expr $(,)?) => {{
        static BYTES: &$crate::blob::Aligned<[u8]> = &$crate::blob::Aligned(*include_bytes!($path));
        &BYTES.0 as &'static [u8]
    }};
}
