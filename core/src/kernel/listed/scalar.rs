//! The kernel in plain loops.

pub use crate::kernel::rows::scalar::add_changed_rows;
