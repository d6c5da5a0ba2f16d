//! Pictures, plots, tables and progress bars.
//!
//! | module | what it makes |
//! | --- | --- |
//! | [`image`] | an image in memory, and its PNG |
//! | [`grid`] | many small images side by side, as the lecture's script draws digits |
//! | [`filters`] | the weights of hidden units as images |
//! | `plot` | lines and points with axes, as SVG (feature `cli`) |
//! | `reliability` | how far a classifier's confidence can be trusted, as SVG (feature `cli`) |
//! | [`table`] | figures as CSV |
//! | [`units`] | which columns of a table drive a hidden unit |
//! | `progress` | a bar on the terminal (feature `cli`) |
//!
//! Pictures are returned as bytes, plots and tables as text.

pub mod filters;
pub mod grid;
pub mod image;
#[cfg(feature = "cli")]
pub mod plot;
#[cfg(feature = "cli")]
pub mod progress;
#[cfg(feature = "cli")]
pub mod reliability;
pub mod table;
pub mod units;
