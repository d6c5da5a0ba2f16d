//! Messages as frames, and frames in a stream of bytes.

use core::fmt;

use bitspin_core::blob::crc32;
use serde::{Deserialize, Serialize};

use crate::{MAX_CONTENT, MAX_FRAME};

/// Bytes of a frame's number.
const NUMBER: usize = 2;
/// Bytes of its checksum.
const CHECKSUM: usize = 4;
/// Bytes of a frame's code without zeros.
const MAX_CODE: usize = MAX_FRAME - 2;

/// A message does not fit [`MAX_CONTENT`](crate::MAX_CONTENT).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the message is longer than a frame")
    }
}

impl core::error::Error for TooLong {}

/// Makes a frame of a message in `buffer`, with a zero before and after, and returns it.
///
/// ```
/// use bitspin_protocol::{Answer, MAX_FRAME, Receiver, Request, encode};
/// let mut buffer = [0; MAX_FRAME];
/// let frame = encode(7, &Request::Info, &mut buffer)?;
/// let mut receiver = Receiver::default();
/// for &byte in frame {
///     if let Some(Ok(frame)) = receiver.push(byte) {
///         assert_eq!((frame.number(), frame.message()), (7, Some(Request::Info)));
///     }
/// }
/// # Ok::<(), bitspin_protocol::TooLong>(())
/// ```
///
/// # Errors
/// [`TooLong`] if the message and what frames it are more than [`MAX_CONTENT`](crate::MAX_CONTENT) bytes.
pub fn encode<'a>(
    number: u16,
    message: &impl Serialize,
    buffer: &'a mut [u8; MAX_FRAME],
) -> Result<&'a [u8], TooLong> {
    let mut content = [0; MAX_CONTENT];
    let (head, rest) = content.split_at_mut(NUMBER);
    head.copy_from_slice(&number.to_le_bytes());
    let room = rest.len() - CHECKSUM;
    let rest = rest.get_mut(..room).unwrap_or_default();
    let end = match postcard::to_slice(message, rest) {
        Ok(message) => NUMBER + message.len(),
        Err(_) => return Err(TooLong),
    };
    let crc = crc32(content.get(..end).unwrap_or_default()).to_le_bytes();
    let end = end + CHECKSUM;
    if let Some(place) = content.get_mut(end - CHECKSUM..end) {
        place.copy_from_slice(&crc);
    }
    let content = content.get(..end).unwrap_or_default();
    // Both zeros are there unless they are written over.
    buffer.fill(0);
    let code = buffer.get_mut(1..=MAX_CODE).unwrap_or_default();
    let len = cobs::try_encode(content, code).map_err(|_| TooLong)?;
    Ok(buffer.get(..len + 2).unwrap_or_default())
}

/// A frame that came whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    number: u16,
    message: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The sender's number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The message, unless the bytes are no such message, or more than one. Of the sender's version it is then another.
    #[must_use]
    pub fn message<T: Deserialize<'a>>(&self) -> Option<T> {
        match postcard::take_from_bytes(self.message) {
            Ok((message, [])) => Some(message),
            _ => None,
        }
    }

    /// Checks what was decoded.
    fn new(content: &'a [u8]) -> Result<Self, Damage> {
        let (content, stated) = content.split_last_chunk().ok_or(Damage::Frame)?;
        let (&number, message) = content.split_first_chunk().ok_or(Damage::Frame)?;
        if crc32(content) != u32::from_le_bytes(*stated) {
            return Err(Damage::Frame);
        }
        Ok(Self {
            number: u16::from_le_bytes(number),
            message,
        })
    }
}

/// What is wrong with bytes between two zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// They are not COBS, or too few, or have another checksum.
    Frame,
    /// They are more than a frame has. Reported once, where they end.
    TooLong,
}

/// Finds frames in bytes, whatever they are: it is in step again after the next zero.
#[derive(Clone, Debug)]
pub struct Receiver {
    code: [u8; MAX_CODE],
    /// Bytes since the last zero, those included that had no room.
    len: usize,
    /// Whether the frame in the buffer was handed out.
    done: bool,
}

impl Default for Receiver {
    fn default() -> Self {
        Self {
            code: [0; MAX_CODE],
            len: 0,
            done: false,
        }
    }
}

impl Receiver {
    /// Takes the next byte, and returns the frame that it ends. Zeros without a byte between them end nothing.
    pub fn push(&mut self, byte: u8) -> Option<Result<Frame<'_>, Damage>> {
        if self.done {
            (self.len, self.done) = (0, false);
        }
        if byte != 0 {
            if let Some(place) = self.code.get_mut(self.len) {
                *place = byte;
            }
            self.len = self.len.saturating_add(1);
            return None;
        }
        if self.len == 0 {
            return None;
        }
        self.done = true;
        let Some(code) = self.code.get_mut(..self.len) else {
            return Some(Err(Damage::TooLong));
        };
        let frame = match cobs::decode_in_place(code) {
            Ok(len) => Frame::new(code.get(..len).unwrap_or_default()),
            Err(_) => Err(Damage::Frame),
        };
        Some(frame)
    }

    /// Forgets what came since the last zero, where bytes are known to be lost.
    pub fn clear(&mut self) {
        (self.len, self.done) = (0, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answer, Model, Network, Outcome, Request, Start, Stop};
    use std::vec::Vec;

    fn framed(number: u16, message: &impl Serialize) -> Vec<u8> {
        encode(number, message, &mut [0; MAX_FRAME])
            .unwrap()
            .to_vec()
    }

    /// What a receiver says to bytes: the numbers of whole frames, and how many were damaged or too long.
    fn heard(receiver: &mut Receiver, bytes: &[u8]) -> (Vec<u16>, usize, usize) {
        let mut heard = (Vec::new(), 0, 0);
        for &byte in bytes {
            match receiver.push(byte) {
                Some(Ok(frame)) => heard.0.push(frame.number()),
                Some(Err(Damage::Frame)) => heard.1 += 1,
                Some(Err(Damage::TooLong)) => heard.2 += 1,
                None => {}
            }
        }
        heard
    }

    fn random(seed: u64) -> impl FnMut() -> u8 {
        let mut state = seed;
        move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        }
    }

    #[test]
    fn messages_come_back_as_they_were() {
        let state: Vec<u8> = (0..=255).collect();
        let start = Start {
            seed: u64::MAX,
            visible: &state,
        };
        let requests = [
            Request::Info,
            Request::Read {
                model: Model::Rbm,
                offset: u32::MAX,
            },
            Request::Store { state: &state },
            Request::Forget,
            Request::Recall {
                network: Network::Exponential,
                sweeps: 3,
                state: &state,
            },
            Request::Sample {
                start: Some(start),
                steps: 1000,
            },
            Request::Score { visible: &[0; 256] },
        ];
        let mut receiver = Receiver::default();
        for (number, request) in (65_500..).zip(requests) {
            let frame = framed(number, &request);
            assert!(frame.len() <= MAX_FRAME);
            let (last, others) = frame.split_last().unwrap();
            assert_eq!(heard(&mut receiver, others), (Vec::new(), 0, 0));
            let found = receiver.push(*last).unwrap().unwrap();
            assert_eq!((found.number(), found.message()), (number, Some(request)));
        }
        let answer = Answer::Recalled {
            outcome: Outcome {
                stop: Stop::TwoCycle,
                sweeps: 1,
                flips: u32::MAX,
            },
            ticks: 5,
            state: &state,
        };
        let frame = framed(1, &answer);
        let (last, others) = frame.split_last().unwrap();
        heard(&mut receiver, others);
        assert_eq!(
            receiver.push(*last).unwrap().unwrap().message(),
            Some(answer)
        );
    }

    #[test]
    fn a_message_of_another_version_or_with_more_behind_it_is_none() {
        for message in [&[200, 1][..], &[0, 0], &[]] {
            let mut content = [&[1, 0], message].concat();
            let crc = crc32(&content);
            content.extend(crc.to_le_bytes());
            assert!(
                Frame::new(&content)
                    .unwrap()
                    .message::<Request<'_>>()
                    .is_none()
            );
        }
    }

    #[test]
    fn every_bit_flipped_in_a_frame_is_noticed() {
        let message = Request::Score {
            visible: &[0x5a; 99],
        };
        let whole = framed(3, &message);
        for bit in 0..8 * whole.len() {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut receiver = Receiver::default();
            let (numbers, ..) = heard(&mut receiver, &bytes);
            // The zero before the frame is no part of it.
            let harmless = bit < 8;
            assert!(numbers.is_empty() || harmless, "bit {bit}");
            assert_eq!(heard(&mut receiver, &whole).0, [3], "bit {bit}");
        }
    }

    #[test]
    fn a_frame_after_half_a_frame_or_too_long_a_one_is_heard() {
        let mut receiver = Receiver::default();
        let whole = framed(9, &Request::Store { state: &[7; 98] });
        for len in 0..whole.len() - 1 {
            heard(&mut receiver, &whole[..len]);
            assert_eq!(heard(&mut receiver, &whole).0, [9], "cut at {len}");
        }
        let ones = [1; 100_000];
        assert_eq!(heard(&mut receiver, &ones[..MAX_CODE]), (Vec::new(), 0, 0));
        assert_eq!(heard(&mut receiver, &whole), ([9].to_vec(), 1, 0));
        assert_eq!(heard(&mut receiver, &ones[..=MAX_CODE]), (Vec::new(), 0, 0));
        assert_eq!(heard(&mut receiver, &whole), ([9].to_vec(), 0, 1));
        assert_eq!(heard(&mut receiver, &ones), (Vec::new(), 0, 0));
        assert_eq!(heard(&mut receiver, &whole), ([9].to_vec(), 0, 1));
        heard(&mut receiver, &ones);
        receiver.clear();
        assert_eq!(heard(&mut receiver, &whole), ([9].to_vec(), 0, 0));
    }

    #[test]
    fn a_million_random_bytes_are_no_frame() {
        let (mut receiver, mut next) = (Receiver::default(), random(1));
        let bytes: Vec<u8> = (0..1_000_000).map(|_| next()).collect();
        let (numbers, damaged, overlong) = heard(&mut receiver, &bytes);
        assert!(numbers.is_empty() && damaged > 1000 && overlong > 100);
        assert_eq!(heard(&mut receiver, &framed(2, &Request::Info)).0, [2]);
    }

    #[test]
    fn what_is_longer_than_a_frame_is_refused() {
        let mut buffer = [0; MAX_FRAME];
        let of = |len: usize| std::vec![1_u8; len];
        // One byte names the variant, two the length.
        let room = MAX_CONTENT - NUMBER - CHECKSUM - 3;
        for (len, fits) in [(room, true), (room + 1, false), (10_000, false)] {
            let state = of(len);
            let message = Request::Store { state: &state };
            let frame = encode(0, &message, &mut buffer);
            assert_eq!(frame.is_ok(), fits, "{len}");
            assert!(frame.map_or(true, |frame| frame.len() <= MAX_FRAME));
        }
    }
}
