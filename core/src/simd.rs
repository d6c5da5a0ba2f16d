//! The instruction sets that kernels are compiled for, and the one that they use.
//!
//! On x86-64 every kernel is compiled for three [levels](Level), and a program uses the highest that its CPU has: it needs
//! no compiler flags, and one binary runs on every x86-64. On other CPUs kernels use what the program is compiled for.
//!
//! All levels give the same results to the bit. Choosing one is for tests, measurements and reports of faults:
//!
//! ```
//! use bitspin_core::simd::{self, Level};
//! for level in Level::available() {
//!     simd::set_level(level)?;
//!     assert_eq!(simd::level(), level);
//! }
//! assert_eq!(simd::level(), simd::detected());
//! # Ok::<(), bitspin_core::Error>(())
//! ```
//!
//! With the feature `std`, the environment variable `BITSPIN_SIMD` chooses for a whole process: `sse2`, `avx2` or
//! `avx512`.

pub use crate::kernel::{Level, detected, level, set_level};
#[cfg(feature = "std")]
pub use crate::kernel::{VARIABLE, requested};
