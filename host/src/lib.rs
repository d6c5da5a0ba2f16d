//! The host side of bitspin: data, training, measuring, drawing.

pub mod data;
pub mod interrupt;
pub mod model_file;
pub mod output;
pub mod reference;
pub mod report;
pub mod validate;
