//! [`server::Server`]: server::Server
//! [`Request`]: Request
//! [`Answer`]: Answer
//! [`encode`]: encode
//! [`Receiver`]: Receiver
//! [`to_bytes`]: to_bytes
//! [`to_words`]: to_words
#![doc = include_str!("../README.md")]
//!
//! # Order of messages
//! The computer sends a [`Request`], the board one [`Answer`], always in this order: a board that computes does not listen,
//! so that a second request before the first is answered is lost. [`encode`] makes a frame of a message and [`Receiver`]
//! finds frames in whatever bytes arrive; both sides use both.
//!
//! The board's side is whole in [`server`], for any port with the traits of `embedded-io`.
//!
//! # Frames
//! | bytes | what |
//! | --- | --- |
//! | 2 | a number of the sender's, little-endian; an answer has that of its request |
//! | n | the message in [postcard](https://postcard.jamesmunns.com)'s encoding, version 1 |
//! | 4 | CRC-32 of what comes before, little-endian; that of a blob, [`crc32`](bitspin_core::blob::crc32) |
//!
//! All of it, at most [`MAX_CONTENT`] bytes, is encoded by COBS (Cheshire and Baker 1999), so that no byte is zero, and a
//! zero ends it. [`encode`] puts another zero before it, which ends whatever half a frame or noise the other side has heard.
//!
//! A frame that is damaged, too long or cut is not answered, since nobody knows whose it is; the board counts it
//! ([`Counters`]). A computer that hears nothing asks again. A message that comes whole is always answered, by
//! [`Answer::Refused`] if the board cannot do what it asks for, or does not know it.
//!
//! # States
//! Spins and units are packed bits in bytes: unit i is bit i % 8 of byte i / 8, [`state_len`] bytes for N units, and the
//! bits behind the last unit are zero. [`to_words`] and [`to_bytes`] turn them into the core's words and back.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod answer;
mod frame;
mod request;
pub mod server;
mod state;
mod window;

pub use answer::{
    Answer, ClassifierInfo, Counters, Info, IsingInfo, MemoryInfo, Outcome, RbmInfo, Refusal,
    Sizes, Stop, Weights,
};
pub use frame::{Damage, Frame, Receiver, TooLong, encode};
pub use request::{Model, Network, Request, Rule, Start};
pub use state::{state_len, to_bytes, to_words};

/// The version of this protocol, which [`Info`] names. Another version may not understand a word.
pub const VERSION: u16 = 2;

/// The most bytes that a state has in a message: those of 2,048 units. The two layers of a sample share them.
pub const MAX_STATE: usize = 256;

/// The most labels of a classifier: as many logits are a state's bytes.
pub const MAX_CLASSES: usize = MAX_STATE / 8;

/// The most bytes of a frame before it is encoded.
pub const MAX_CONTENT: usize = 320;

/// The most bytes that [`encode`] may need: COBS adds one byte in 254, a zero stands before and after.
pub const MAX_FRAME: usize = MAX_CONTENT + MAX_CONTENT.div_ceil(254) + 3;

/// The most sweeps of a recall, or of an Ising model's chain.
pub const MAX_SWEEPS: u32 = 1_000;

/// The most Gibbs steps of a request. A board of 16 MHz takes some 10 ms a step for 196 x 64 units.
pub const MAX_STEPS: u32 = 10_000;

/// The steepness beta of [`Network::Exponential`].
pub const BETA: f64 = 1.0;
