//! Pictures, plots, tables and progress bars.
//!
//! | module | what it makes |
//! | --- | --- |
//! | [`image`] | an image in memory, and its PNG |
//! | [`grid`] | many small images side by side, as the lecture's script draws digits |
//! | [`filters`] | the weights of hidden units as images |
//! | [`plot`] | lines and points with axes, as SVG |
//! | [`reliability`] | how far a classifier's confidence can be trusted, as SVG |
//! | [`table`] | figures as CSV |
//! | [`units`] | which columns of a table drive a hidden unit |
//! | [`progress`] | a bar on the terminal |
//!
//! Everything here returns bytes or text; [`crate::output`] writes them.

pub mod filters;
pub mod grid;
pub mod image;
pub mod plot;
pub mod progress;
pub mod reliability;
pub mod table;
pub mod units;
