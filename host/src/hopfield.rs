//! Hopfield memories: recall of damaged patterns, capacity compared with theory, digits
//! classified by recalling their labels.
//!
//! The memories themselves are in [`bitspin_core::hopfield`]; [`Memory`] makes one of patterns by a named [`Rule`].

pub mod capacity;
#[cfg(feature = "cli")]
mod capacity_plot;
pub mod classify;
mod damage;
mod distinct;
mod forgetting;
#[cfg(feature = "cli")]
mod forgetting_plot;
mod loads;
mod memory;
mod picture;
pub mod recall;
mod rule;
mod scan;
mod settling;
pub mod theory;
mod unit_major;

pub use capacity::random_patterns;
#[cfg(feature = "cli")]
pub use capacity_plot::capacity_plot;
pub use damage::{Damage, Half};
pub use distinct::{Complements, complements, equal_patterns};
pub use forgetting::{AddError, Adding, Addition};
#[cfg(feature = "cli")]
pub use forgetting_plot::forgetting_plot;
pub use loads::Loads;
pub(crate) use memory::float_couplings;
pub use memory::{Memory, MemoryError, WithEnergy};
pub use picture::recall_picture;
pub use rule::Rule;
pub use settling::{Settled, Settling, outcome};
pub use unit_major::{Centring, UnitMajorMemory};
