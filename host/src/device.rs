//! A client of boards that run the firmware's `serve`, and comparison of their answers with the host's.
//!
//! [`Port`] is a serial port or a TCP socket (as QEMU makes of a board's serial port), [`Device`] speaks the protocol of
//! [`bitspin_protocol`] over it, and [`Difference`] says where two states part.

mod client;
mod compare;
mod error;
mod port;

pub use client::{Board, Classified, Device, Recalled, Sampled, Scored, Swept};
pub use compare::{Difference, exponential};
pub use error::{DeviceError, DeviceProblem};
pub use port::{Link, Port};
