//! Models for boards: their format, their export, and the serial protocol that drives them.

mod blob;
mod device;
mod documented;
mod export;
mod firmware;
mod serve;
