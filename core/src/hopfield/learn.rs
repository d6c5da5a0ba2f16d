//! Learning rules, which write couplings into the caller's buffers.
//!
//! | rule | made by | exact | one more pattern | one less |
//! | --- | --- | --- | --- | --- |
//! | Hebb | [`hebb`] in integers | yes, up to 127 or 32,767 patterns | [`hebb_store`] | [`hebb_forget`] |
//! | covariance | [`covariance`] in integers, [`covariance_f64`] | P^2 C, while it fits | by Hebb sums, anew | the same |
//! | pseudo-inverse | [`project`] in float64, then [`quantise`] | to half a step | [`project_store`] | [`project_forget`] |
//! | Storkey | [`storkey_store`] in float64, then [`quantise`] | to half a step | [`storkey_store`] | no: it depends on the order |
//! | sign-clipped Hebb | [`clipped`] | yes | no: the sums are gone | no |
//!
//! Float64 matrices are N x N, row by row, symmetric.

mod hebb;
mod projection;
mod quantise;
mod storkey;

pub use hebb::{clipped, covariance, covariance_f64, hebb, hebb_forget, hebb_store};
pub use projection::{project, project_forget, project_store, project_while};
pub use quantise::quantise;
pub use storkey::storkey_store;
