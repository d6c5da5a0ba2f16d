//! Hopfield memories.
pub mod damage;
pub mod rule;
pub mod theory;
