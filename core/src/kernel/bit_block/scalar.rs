//! The kernel in plain loops.

pub use crate::bits::transpose;
