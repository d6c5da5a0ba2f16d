//! Boltzmann learning: couplings and fields whose thermal state has the correlations of the data.
//!
//! A model has N spins: the first ones visible, shown the data, the others hidden. Everything couples with everything, and
//! beta is 1, since a model that learns finds its own scale. Its distribution of visible states is
//! p(v) = sum_h exp(-E(v, h)) / Z.
//!
//! Likelihood climbs by the difference of two averages, tau dw_ij/dt = `<s_i s_j>`_data - `<s_i s_j>`_thermal, and the same for
//! fields with `<s_i>`; with hidden spins the first average is over the model's own distribution of them given the data,
//! the clamped phase. [`BoltzmannMachine`] gives that one exactly. The thermal average is exact by
//! [`IsingEnumeration`](crate::exact::IsingEnumeration), or sampled by [`Chain`](super::Chain)s and [`Tempering`](super::Tempering).
//!
//! [`Objective`]s need no thermal average: they compare the weight of a state with those of its N neighbours at one flip, so
//! that Z cancels. All of them are least at the parameters that made the data, if there are such.
//!
//! [`Sums`] adds up what belongs to each coupling in integers, so that the order of data, chains and threads does not
//! matter; [`GradientStep`] then makes one multiplication and one addition of it.
//!
//! ```
//! use bitspin_core::ising::learn::{BoltzmannMachine, GradientStep, Objective, Sums};
//! // Two spins that are equal in three of four states.
//! let (data, mut w) = ([0b00_u64, 0b11, 0b11, 0b01], [0.0_f32; 4]);
//! let (mut spin, mut pair, mut velocity) = ([0; 2], [0; 4], [0.0; 4]);
//! let mut gradient = [0.0; 4];
//! for _ in 0..100 {
//!     let wide = w.map(f64::from);
//!     let model = BoltzmannMachine::new(&wide, &[0.0; 2], 2)?;
//!     let mut sums = Sums::new(&mut spin, &mut pair)?;
//!     sums.clear();
//!     for state in &data {
//!         model.add_gradient(Objective::PseudoLikelihood, &[*state], 1, &mut [], &mut sums)?;
//!     }
//!     sums.pair_means(4.0, &mut gradient)?;
//!     GradientStep { rate: 0.2, momentum: 0.0, decay: 0.0 }.ascend(&gradient, &mut velocity, &mut w)?;
//! }
//! // <s s'> = 1/2 = tanh w.
//! assert!((w[1] - 0.5_f32.atanh()).abs() < 1e-5);
//! # Ok::<(), bitspin_core::Error>(())
//! ```

mod boltzmann_machine;
mod objective;
mod step;
mod sums;

pub use boltzmann_machine::{BoltzmannMachine, MAX_HIDDEN};
pub use objective::Objective;
pub use step::GradientStep;
pub use sums::{FRACTION_BITS, Sums};
