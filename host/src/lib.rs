//! The host side of bitspin: data, training, measuring, drawing.
