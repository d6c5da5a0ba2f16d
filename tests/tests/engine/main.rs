//! The engine against the float64 reference, known answers, exact distributions and itself.

mod agreement;
mod ais;
mod boltzmann_learning;
mod centring;
mod distributions;
mod evaluate;
mod exact;
mod hopfield;
mod ising;
mod labels;
mod reference;
mod softmax;
mod splits;
mod structure;
mod training;
