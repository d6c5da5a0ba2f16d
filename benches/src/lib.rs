//! What the benchmarks share: realistic work for the kernels.

pub mod stages;
pub mod workload;
