//! Writing and reading through `embedded-io`.

use bitspin_core::blob::{self, Blob, Error, HEADER_LEN, ReadError, WriteError};
use embedded_io::{ErrorKind, ErrorType, Read, SliceWriteError, Write};
use proptest::prelude::*;

use super::{Bytes, blobs, run};

/// A line that hands over `most` bytes at a time, and breaks down once `left` bytes have passed.
struct Line<'a> {
    bytes: &'a [u8],
    most: usize,
    left: usize,
}

impl ErrorType for Line<'_> {
    type Error = ErrorKind;
}

impl Read for Line<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        if self.left == 0 {
            return Err(ErrorKind::TimedOut);
        }
        let len = self
            .most
            .min(buffer.len())
            .min(self.left)
            .min(self.bytes.len());
        let (now, later) = self.bytes.split_at(len);
        buffer[..len].copy_from_slice(now);
        self.bytes = later;
        self.left -= len;
        Ok(len)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_model_comes_back_from_its_bytes_and_from_a_line(
        units in 2_usize..150, others in 1_usize..40, seed: u64, most in 1_usize..50,
    ) {
        for bytes in blobs(units, others, seed) {
            let model = bytes.parse().unwrap();
            run(&model);
            prop_assert!(Bytes::of(&model).get() == bytes.get());
            let followed = [bytes.get(), b"next"].concat();
            let mut line = Line { bytes: &followed, most, left: usize::MAX };
            let mut buffer = vec![u64::MAX; bytes.len / 8 + 1];
            prop_assert_eq!(blob::read(&mut line, &mut buffer), Ok(model));
            prop_assert_eq!(line.bytes, b"next");
        }
    }
}

#[test]
fn a_line_that_breaks_down_or_ends_is_told_apart() {
    for bytes in blobs(20, 3, 5) {
        let mut buffer = vec![0; bytes.len / 8];
        for len in 0..bytes.len {
            let mut line = Line {
                bytes: bytes.get(),
                most: 7,
                left: len,
            };
            let broken = blob::read(&mut line, &mut buffer);
            assert_eq!(broken, Err(ReadError::Io(ErrorKind::TimedOut)));
            let ended = blob::read(&mut &bytes.get()[..len], &mut buffer);
            assert_eq!(ended, Err(ReadError::End));
        }
    }
}

#[test]
fn a_blob_that_the_buffer_cannot_hold_is_left_unread_behind_its_header() {
    for bytes in blobs(70, 9, 6) {
        let (needed, mut rest) = (bytes.len, bytes.get());
        let mut buffer = vec![0; needed / 8 - 1];
        let found = needed - 8;
        let read = blob::read(&mut rest, &mut buffer);
        assert_eq!(read, Err(ReadError::Buffer { needed, found }));
        assert_eq!(rest.len(), needed - HEADER_LEN);
    }
}

#[test]
fn what_is_no_blob_is_refused_by_its_header_alone() {
    let mut garbage = &[0x55; 100][..];
    let mut buffer = [0; 100];
    let read = blob::read(&mut garbage, &mut buffer);
    assert_eq!(
        read,
        Err(ReadError::Blob(bitspin_core::Error::Blob(Error::Magic)))
    );
    assert_eq!(garbage.len(), 100 - HEADER_LEN);
}

#[test]
fn a_writer_that_is_full_is_an_error() {
    for bytes in blobs(20, 3, 7) {
        let model = bytes.parse().unwrap();
        for len in 0..bytes.len {
            let mut place = vec![0; len];
            let written = model.write(&mut &mut place[..]);
            assert_eq!(written, Err(WriteError::Io(SliceWriteError::Full)));
            assert_eq!(place, bytes.get()[..len]);
        }
    }
}

#[test]
fn a_writer_that_takes_nothing_is_an_error() {
    struct Deaf;
    impl ErrorType for Deaf {
        type Error = ErrorKind;
    }
    impl Write for Deaf {
        fn write(&mut self, _: &[u8]) -> Result<usize, ErrorKind> {
            Ok(0)
        }
        fn flush(&mut self) -> Result<(), ErrorKind> {
            Ok(())
        }
    }
    let bytes = &blobs(20, 3, 8)[0];
    assert_eq!(
        bytes.parse().unwrap().write(&mut Deaf),
        Err(WriteError::End)
    );
}

#[test]
fn bytes_that_begin_elsewhere_are_refused_whatever_they_hold() {
    for bytes in blobs(20, 3, 9) {
        let mut moved = Bytes::from(&[bytes.get(), &[0; 8]].concat()[..]);
        for by in 1..8 {
            moved.get_mut()[by..by + bytes.len].copy_from_slice(bytes.get());
            let parsed = Blob::parse(&moved.get()[by..by + bytes.len]);
            assert_eq!(parsed, Err(bitspin_core::Error::Blob(Error::Alignment)));
        }
    }
}
