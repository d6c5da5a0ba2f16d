//! What the benchmarks share: realistic work for the kernels, and the tables that README.md shows of the records.

pub mod report;
pub mod stages;
pub mod workload;
