//! [`PatternMemory`]: hopfield::PatternMemory
//! [`Patterns`]: hopfield::Patterns
//! [`RecallChain`]: hopfield::RecallChain
//! [`ExponentialMemory`]: hopfield::ExponentialMemory
//! [`OwnedPatterns`]: hopfield::OwnedPatterns
//! [`Dynamics`]: hopfield::Dynamics
//! [`CompactRbm`]: rbm::CompactRbm
//! [`RbmChain`]: rbm::compact::RbmChain
//! [`compact::Chain`]: rbm::compact::Chain
//! [`CompactLabelled`]: rbm::compact::CompactLabelled
//! [`Learner`]: rbm::compact::Learner
//! [`Dense`]: ising::Dense
//! [`Sparse`]: ising::Sparse
//! [`IsingChain`]: ising::IsingChain
//! [`ising::Chain`]: ising::Chain
//! [`Schedule`]: ising::Schedule
//! [`include_blob!`]: include_blob
//! [`Blob`]: blob::Blob
//! [`Streams`]: rng::Streams
//! [`State`]: bits::State
//! [`Shape`]: rbm::Shape
//! [`Error`]: enum@Error
//! [`Error::Capacity`]: Error::Capacity
//! [`words`]: bits::words
//! [`bits`]: mod@bits
//! [`simd`]: mod@simd
//! [`hopfield`]: mod@hopfield
//! [`ising`]: mod@ising
//! [`rbm`]: mod@rbm
//! [`compact`]: mod@rbm::compact
//! [`blob`]: mod@blob
//! [`exact`]: mod@exact
//! [`softmax`]: mod@softmax
//! [`fixed`]: mod@fixed
//! [`rng`]: mod@rng
//! [`network`]: mod@network
//! [`error`]: mod@error
//! [table]: hopfield#memory
#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(not(target_arch = "x86_64"), forbid(unsafe_code))]
#![deny(unsafe_code)]

#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod bits;
#[cfg(target_endian = "little")]
pub mod blob;
pub mod error;
pub mod exact;
pub mod fixed;
pub mod hopfield;
pub mod ising;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod kernel;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, unused_imports)]
mod kernel;
pub mod network;
pub mod rbm;
pub mod rng;
pub mod simd;
pub mod softmax;

pub use bits::{Bits, State};
#[cfg(target_endian = "little")]
pub use blob::Blob;
pub use error::Error;
pub use hopfield::{
    Diagonal, Dynamics, ExponentialMemory, LearningRule, OwnedPatterns, PatternMemory, Patterns,
    Recall, RecallChain, Stop,
};
pub use ising::{Course, Dense, IsingChain, Schedule, Sparse, Temperature, UpdateRule};
pub use rbm::compact::{CompactLabelled, CompactRbm, Learner, RbmChain};
pub use rng::{ChainRng, Purpose, Streams};
