//! The host side of bitspin: data, training, measuring, drawing.

pub mod data;
pub mod reference;
