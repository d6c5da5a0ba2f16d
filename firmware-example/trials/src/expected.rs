//! What a desktop makes of the trials.
//!
//! Written by `cargo run -p bitspin-tests --bin firmware-models`; a test holds it to what that writes.

/// The free energy that 99 in 100 training digits are below, in 2^-16 nat.
pub const THRESHOLD: i64 = -3974655;
/// The energy E(x) that 99 in 100 training digits are below, in 2^-16 nat.
pub const ENERGY_THRESHOLD: i64 = -3145354;
/// What the digits that no model has seen are.
#[rustfmt::skip]
pub static TRUTH: [u8; 64] = [3, 2, 3, 0, 0, 0, 5, 4, 9, 7, 2, 0, 6, 5, 3, 1, 3, 3, 0, 1, 7, 7, 7, 7, 4, 3, 7, 1, 5, 3, 0, 1, 1, 6, 7, 8, 8, 8, 3, 7, 4, 7, 8, 9, 2, 1, 0, 6, 9, 9, 6, 8, 0, 9, 2, 9, 2, 0, 9, 6, 8, 1, 4, 3];
/// The digest of `classify`.
pub const CLASSIFY: u64 = 0x53361a0b71bb7ee8;
/// The digest of `dream`.
pub const DREAM: u64 = 0xf85ff407edd70209;
/// The digest of `ising`.
pub const ISING: u64 = 0xe1dc9f55da81ec3a;
/// The digest of `score`.
pub const SCORE: u64 = 0xb5471a4e44cfe621;
/// The digest of `learn`'s memory.
pub const STORE: u64 = 0x8a8b49b52a652f68;
/// The digest of `learn`'s RBM.
pub const LEARN: u64 = 0xb3759236cb71f1eb;
/// exp(-2 beta k) in 31 binary places, beta = 1.
pub static EXPONENTIALS: [u32; 12] = [
    2147483648, 290630308, 39332535, 5323080, 720401, 97496, 13195, 1786, 242, 33, 4, 1,
];
