//! What the cross-crate tests share: where the reference results and the command are.
